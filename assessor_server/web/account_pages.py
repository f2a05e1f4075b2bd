"""Accounts: who there is, their roles, passwords, invitations and assignments."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import Response
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from assessor_app import clock
from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.models import regions
from assessor_app.models.permissions import Action, Role
from assessor_server import accounts
from assessor_server import tables as tb
from assessor_server.store import get_meta, put_meta
from assessor_server.web import words
from assessor_server.web.page import Badge, Link, Missing, Page, Post, Table, attachment
from assessor_server.web.routes import Routes

routes = Routes()
_NAMES = ("!", "/", "\\", '"', "<", ">", " ", "\n")


@routes.get("/akun", Action.MANAGE_ACCOUNTS)
def everybody(page: Page) -> Response:
    """Show all accounts."""
    with page.store.transaction() as connection:
        rows = connection.execute(select(tb.account).order_by(tb.account.c.name)).all()
        given: dict[str, list[str]] = {}
        for row in connection.execute(select(tb.assignment).order_by(tb.assignment.c.region, tb.assignment.c.year)):
            given.setdefault(row.account, []).append(f"{words.region(row.region)}, {words.year(row.year)}")
    table = Table(t("Accounts"), (t("Name"), t("Login"), t("Role"), t("Assignments"), t("State")), [
        (Link(row.name, f"/web/akun/{row.id}"), row.login, words.role(row.role), "; ".join(given.get(row.id, [])) or "–",
         Badge(t("open"), "good") if row.active else Badge(t("closed"), "warn")) for row in rows], t("There is no account yet."))
    return page.show("accounts.html", accounts=table, roles=_roles())


@routes.post("/akun", Action.MANAGE_ACCOUNTS)
def add(page: Page) -> Response:
    """Add an account; without a password it is joined by invitation alone."""
    login, name, password = page.sent("login", 60), page.sent("name", 200), page.form.get("password", "")
    role = _role(page)
    if not login or not name or any(one in login for one in _NAMES):
        raise AppError(t("Give a name, and a login without spaces or special characters."), kept=t("Nothing was changed."))
    if role is not Role.ASSESSOR and not password:
        raise AppError(t("This role signs in here: give it a password."), kept=t("Nothing was changed."))
    if password:
        _check(password)
    try:
        with page.store.transaction() as connection:
            account = accounts.add_account(connection, login, name, role.value, password or secrets.token_urlsafe(32))
    except IntegrityError:
        raise AppError(t("There is an account with the login {0} already.").format(login), kept=t("Nothing was changed.")) from None
    return page.go(f"/web/akun/{account}", t("{0} was added. Assign a region, then hand over the invitation.").format(name))


@routes.get("/akun/{account}", Action.MANAGE_ACCOUNTS)
def one(page: Page) -> Response:
    """Show one account, its assignments and devices."""
    query = page.asked("cari")
    with page.store.transaction() as connection:
        row = _account(connection, page.of("account"))
        if row is None:
            raise Missing
        given = connection.execute(select(tb.assignment).where(tb.assignment.c.account == row.id).order_by(
            tb.assignment.c.region, tb.assignment.c.year)).all()
        devices = connection.execute(select(tb.device.c.id).where(tb.device.c.account == row.id).order_by(tb.device.c.id)).scalars().all()
        url = get_meta(connection, "web-url") or f"{page.request.url.scheme}://{page.request.url.netloc}"
    table = Table(t("Assignments"), (t("Region"), t("Year"), t("End")), [
        (words.region(a.region), words.year(a.year), Post(t("End"), f"/web/akun/{row.id}/tugas/akhiri", {
            "region": a.region, "year": str(a.year)}, t("End the assignment {0}, {1}").format(words.region(a.region), words.year(a.year))))
        for a in given], t("No region is assigned."))
    found = [(r.code, f"{r.title} ({r.code}), {r.province}") for r in regions.find(query, 12)] if query else []
    return page.show("account.html", account=row, role=words.role(row.role), roles=_roles(), assignments=table, query=query, found=found,
                     devices=devices, url=url, this_year=clock.today("WIB").year, own=row.id == page.session.account)


@routes.post("/akun/{account}/peran", Action.MANAGE_ACCOUNTS)
def change_role(page: Page) -> Response:
    """Give an account another role."""
    with page.store.transaction() as connection:
        account = _other(page, connection)
        accounts.set_role(connection, account, _role(page))
    return page.go(f"/web/akun/{account}", t("The role was changed."))


@routes.post("/akun/{account}/sandi", Action.MANAGE_ACCOUNTS)
def change_password(page: Page) -> Response:
    """Give an account a new password."""
    password = page.form.get("password", "")
    _check(password)
    with page.store.transaction() as connection:
        row = _account(connection, page.of("account"))
        if row is None:
            raise Missing
        accounts.set_password(connection, row.id, password)
    if row.id == page.session.account:
        return page.go("/web/masuk")
    return page.go(f"/web/akun/{row.id}", t("The password was changed. Devices that joined go on as before."))


@routes.post("/akun/{account}/tutup", Action.MANAGE_ACCOUNTS)
def close(page: Page) -> Response:
    """Close an account."""
    with page.store.transaction() as connection:
        account = _other(page, connection)
        accounts.set_active(connection, account, False)
    return page.go(f"/web/akun/{account}", t("The account is closed: its devices receive nothing more."))


@routes.post("/akun/{account}/buka", Action.MANAGE_ACCOUNTS)
def reopen(page: Page) -> Response:
    """Open a closed account again."""
    with page.store.transaction() as connection:
        account = _other(page, connection)
        accounts.set_active(connection, account, True)
    return page.go(f"/web/akun/{account}", t("The account is open again."))


@routes.post("/akun/{account}/tugas", Action.MANAGE_ACCOUNTS)
def assign(page: Page) -> Response:
    """Assign a region for a year."""
    region, year = regions.region(page.sent("region", 10)), page.sent("year", 4)
    if region is None:
        raise AppError(t("Choose a region."), kept=t("Nothing was changed."))
    if not (year.isascii() and year.isdigit()) or not (int(year) == 0 or 2017 <= int(year) <= 2099):
        raise AppError(t("Give the year of the visits, such as {0}; 0 means every year.").format(clock.today("WIB").year),
                       kept=t("Nothing was changed."))
    with page.store.transaction() as connection:
        row = _account(connection, page.of("account"))
        if row is None:
            raise Missing
        accounts.assign(connection, row.id, region.code, int(year))
    return page.go(f"/web/akun/{row.id}", t("{0} is assigned, {1}.").format(words.region(region.code), words.year(int(year))))


@routes.post("/akun/{account}/tugas/akhiri", Action.MANAGE_ACCOUNTS)
def unassign(page: Page) -> Response:
    """Take an assignment back."""
    year = page.sent("year", 4)
    with page.store.transaction() as connection:
        row = _account(connection, page.of("account"))
        if row is None or not (year.isascii() and year.isdigit()):
            raise Missing
        accounts.unassign(connection, row.id, page.sent("region", 10), int(year))
    return page.go(f"/web/akun/{row.id}", t("The assignment ended. What the devices hold already stays there."))


@routes.post("/akun/{account}/undangan", Action.MANAGE_ACCOUNTS)
def invitation(page: Page) -> Response:
    """Return a new invitation as a file."""
    url = page.sent("url", 200).rstrip("/")
    if not url.startswith(("https://", "http://")) or any(one.isspace() for one in url):
        raise AppError(t("Give the server's address as devices reach it, beginning with https://."), kept=t("Nothing was changed."))
    with page.store.transaction() as connection:
        row = _account(connection, page.of("account"))
        if row is None:
            raise Missing
        if not row.active:
            raise AppError(t("The account is closed: open it first."), kept=t("Nothing was changed."))
        put_meta(connection, "web-url", url)
        text = accounts.invitation_file(connection, page.store.folder, row.id, url)
    name = "".join(ch for ch in row.login if ch.isascii() and (ch.isalnum() or ch in "-_.")) or "undangan"
    return attachment(text, f"{name}.asesor-invite", "application/octet-stream")


def _account(connection: Connection, account: str) -> Any:
    return connection.execute(select(tb.account).where(tb.account.c.id == account)).first()


def _other(page: Page, connection: Connection) -> str:
    """Return the account of the address; nobody shuts himself out. Raises AppError."""
    account = page.of("account")
    if account == page.session.account:
        raise AppError(t("Nobody changes the own role or closes the own account: ask another of the secretariat."),
                       kept=t("Nothing was changed."))
    if _account(connection, account) is None:
        raise AppError(t("This is not here, or no longer."))
    return account


def _role(page: Page) -> Role:
    try:
        return Role(page.sent("role", 20))
    except ValueError:
        raise AppError(t("Choose a role."), kept=t("Nothing was changed.")) from None


def _roles() -> list[tuple[str, str]]:
    return [(role.value, words.role(role.value)) for role in Role]


def _check(password: str) -> None:
    if not accounts.PASSWORD <= len(password) <= 500:
        raise AppError(t("The password needs at least {0} characters.").format(accounts.PASSWORD), kept=t("Nothing was changed."))
