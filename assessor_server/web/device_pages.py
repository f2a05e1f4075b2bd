"""Devices: who has which, what each sent and has not sent yet, and revoking one."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from sqlalchemy import Connection, func, select

from assessor_app.i18n import t
from assessor_app.models.permissions import Action
from assessor_server import accounts, offices
from assessor_server import tables as tb
from assessor_server.web import queries, words
from assessor_server.web.overview import unsent
from assessor_server.web.page import Badge, Link, Missing, Page, Table, ago, moment
from assessor_server.web.routes import Routes

routes = Routes()


@routes.get("/perangkat", Action.SEE_DEVICES)
def everything(page: Page) -> Response:
    """Show all devices."""
    with page.store.transaction() as connection:
        rows = accounts.devices(connection)
        sent = {device: (count, last) for device, count, last in connection.execute(select(
            tb.intent.c.device, func.count(), func.max(tb.intent.c.received_at)).group_by(tb.intent.c.device))}
        receiving = offices.listed(connection)
    table = Table(t("Devices"), (t("Device"), t("Account"), t("Last seen"), t("Not sent yet"), t("Sent"), t("State"),
                                  t("Receiving office")), [
        (Link(row.id, f"/web/perangkat/{row.id}"), row.name, ago(row.seen_at), unsent(row), _sent(*sent.get(row.id, (0, None))),
         _state(row), receiving.get(row.id, "–"))
        for row in rows], t("No device has joined yet."))
    return page.show("list.html", title=t("Devices"), tables=[table], number=1, more=False, intro=[
        t("“Not sent yet” is what a device told at its last sync; nobody knows more while it is offline.")])


@routes.get("/perangkat/{device}", Action.SEE_DEVICES)
def one(page: Page) -> Response:
    """Show one device and what it sent, by visit."""
    with page.store.transaction() as connection:
        row = _device(connection, page.of("device"))
        if row is None:
            raise Missing
        sent = connection.execute(select(
            tb.intent.c.scope, func.count().label("intents"), func.max(tb.intent.c.received_at).label("last")).where(
            tb.intent.c.device == row.id).group_by(tb.intent.c.scope).order_by(func.max(tb.intent.c.received_at).desc())).all()
        refused = int(connection.execute(select(func.count()).where(
            tb.intent.c.device == row.id, tb.intent.c.outcome == "refused")).scalar_one())
        places = queries.scope_regions(connection, {one.scope for one in sent})
        office = offices.listed(connection).get(row.id, "")
    where = {"catalogue": t("Shared with everybody"), "account": t("Own settings"), "region": t("Region's dossier"), "visit": t("Visit"),
             "sheet": t("Evaluation sheet")}
    table = Table(t("What it sent"), (t("Where"), t("Region"), t("Changes"), t("Last arrived")), [
        (where.get(line.scope.partition(":")[0], line.scope), words.region(places.get(line.scope)), str(line.intents), moment(line.last))
        for line in sent], t("Nothing has arrived from this device."))
    facts = ((t("Account"), Link(row.name, f"/web/akun/{row.account}")), (t("State"), _state(row)), (t("Joined"), moment(row.enrolled_at)),
             (t("Last seen"), f"{moment(row.seen_at)} ({ago(row.seen_at)})"), (t("Not sent yet"), unsent(row)),
             (t("Changes that arrived"), str(sum(line.intents for line in sent))), (t("Refused"), str(refused)))
    return page.show("device.html", device=row, lines=facts, sent=table, office=office, usable=row.active and not row.revoked_at,
                     longest=offices.LONGEST)


@routes.post("/perangkat/{device}/kantor", Action.NAME_OFFICE)
def name_office(page: Page) -> Response:
    """Say in which office a device stands, so that every courier file is sealed for it too."""
    with page.store.transaction() as connection:
        office = offices.name(connection, page.session.account, page.of("device"), page.form.get("office", ""))
    return page.go(f"/web/perangkat/{page.of('device')}", t("{0} is a receiving office: devices seal courier files for it from their next "
                                                            "sync on.").format(office))


@routes.post("/perangkat/{device}/kantor/akhiri", Action.NAME_OFFICE)
def take_office_back(page: Page) -> Response:
    """Say that a device stands in no office any more."""
    with page.store.transaction() as connection:
        offices.take_back(connection, page.session.account, page.of("device"))
    return page.go(f"/web/perangkat/{page.of('device')}", t("No receiving office any more: devices seal for it no more from their next "
                                                            "sync on."))


@routes.get("/perangkat/{device}/cabut", Action.REVOKE)
def ask(page: Page) -> Response:
    """Ask whether a device is to be revoked."""
    with page.store.transaction() as connection:
        row = _device(connection, page.of("device"))
    if row is None or row.revoked_at:
        raise Missing
    return page.show("revoke.html", device=row, waiting=unsent(row))


@routes.post("/perangkat/{device}/cabut", Action.REVOKE)
def revoke(page: Page) -> Response:
    """Revoke a device, its tokens and its certificates."""
    with page.store.transaction() as connection:
        row = _device(connection, page.of("device"))
        if row is None:
            raise Missing
        offices.revoke(connection, row.id)
    return page.go(f"/web/perangkat/{row.id}", t("The device is revoked: it receives nothing more, and its certificate is on the list."))


def _sent(count: int, last: object) -> str:
    return t("{0}, last {1}").format(count, ago(last)) if count else "0"


def _device(connection: Connection, device: str) -> Any:
    return connection.execute(select(tb.device, tb.account.c.name, tb.account.c.active).join(
        tb.account, tb.account.c.id == tb.device.c.account).where(tb.device.c.id == device)).first()


def _state(row: Any) -> Badge:
    if row.revoked_at:
        return Badge(t("revoked {0}").format(moment(row.revoked_at)), "warn")
    if not row.active:
        return Badge(t("account closed"), "warn")
    return Badge(t("in use"), "good") if row.credential else Badge(t("earlier state of a notebook"))
