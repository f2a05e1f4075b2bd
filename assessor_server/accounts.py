"""Accounts, invitations, devices and their short-lived tokens."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection, insert, select, update

from assessor_app import ids
from assessor_app.errors import AppError
from assessor_app.models.permissions import Actor, Role
from assessor_app.oneline import one_line
from assessor_server import authority, panels, tls
from assessor_server import tables as tb
from assessor_server.store import add_if_absent, now

#: When a device was last seen is noted this often, in ms: not at each request of one sync.
SEEN_MS = 10_000
TOKEN_MS = 12 * 3600 * 1000
INVITATION_MS = 30 * 24 * 3600 * 1000
#: The shortest password.
PASSWORD = 8
#: What the ids of the centre's own devices begin with; nobody enrols or adopts one.
CENTRE = "pusat"
_RESERVED = (CENTRE, "server")
_hasher = PasswordHasher()
_DUMMY = _hasher.hash("nobody")


class Denied(Exception):
    """The caller is not who he must be; ``code`` is stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated device and what its account may see."""

    account: str
    device: str
    actor: Actor


def add_account(connection: Connection, login: str, name: str, role: str, password: str) -> str:
    """Make an account and return its id."""
    account = ids.new_id()
    connection.execute(insert(tb.account).values(id=account, login=login, name=one_line(name).strip(), role=Role(role).value,
                                                 password=_hasher.hash(password), active=True, created_at=now()))
    connection.execute(insert(tb.alias).values(profile=account, account=account))
    return account


def account_of(connection: Connection, login: str) -> str | None:
    """Return the id of the account with that login, or None."""
    found: str | None = connection.execute(select(tb.account.c.id).where(tb.account.c.login == login)).scalar()
    return found


def account_named(connection: Connection, login: str) -> str:
    """Return the id of the account with that login. Raises AppError."""
    account = account_of(connection, login)
    if account is None:
        raise AppError(f"There is no account {login}.")
    return account


def assign(connection: Connection, account: str, region: str, year: int) -> None:
    """Assign a region of one year to an account."""
    add_if_absent(connection, tb.assignment, account=account, region=region, year=year, since=now())


def unassign(connection: Connection, account: str, region: str, year: int) -> bool:
    """Take an assignment back; what the devices hold already stays there. Returns whether there was one."""
    return bool(connection.execute(tb.assignment.delete().where(
        tb.assignment.c.account == account, tb.assignment.c.region == region, tb.assignment.c.year == year)).rowcount)


def set_password(connection: Connection, account: str, password: str) -> None:
    """Give an account a new password; who is signed in at the web pages is signed out."""
    connection.execute(update(tb.account).where(tb.account.c.id == account).values(password=_hasher.hash(password)))
    sign_out(connection, account)


def set_role(connection: Connection, account: str, role: Role) -> None:
    """Give an account another role; it signs in anew at the web pages."""
    connection.execute(update(tb.account).where(tb.account.c.id == account).values(role=role.value))
    sign_out(connection, account)


def set_active(connection: Connection, account: str, active: bool) -> None:
    """Close an account, or open it again; a closed one is answered nothing, from now on, and its invitations are void."""
    connection.execute(update(tb.account).where(tb.account.c.id == account).values(active=active))
    if not active:
        sign_out(connection, account)
        connection.execute(tb.token.delete().where(tb.token.c.account == account))
        connection.execute(tb.invitation.delete().where(tb.invitation.c.account == account, tb.invitation.c.used_at.is_(None)))


def sign_out(connection: Connection, account: str) -> None:
    """End all of an account's sessions at the web pages."""
    connection.execute(tb.web_session.delete().where(tb.web_session.c.account == account))


def revoke_device(connection: Connection, device: str) -> bool:
    """Revoke a device: its tokens die at once and its certificates are on the list of revoked ones. Returns whether it was in use."""
    done = connection.execute(update(tb.device).where(
        tb.device.c.id == device, tb.device.c.revoked_at.is_(None)).values(revoked_at=now())).rowcount
    connection.execute(tb.token.delete().where(tb.token.c.device == device))
    authority.revoke(connection, device)
    return bool(done)


def devices(connection: Connection, login: str | None = None) -> list[Any]:
    """Return all devices, or those of one account, with the account's login, name and whether it is open."""
    query = select(tb.device, tb.account.c.login, tb.account.c.name, tb.account.c.active).join(
        tb.account, tb.account.c.id == tb.device.c.account).order_by(tb.account.c.name, tb.device.c.enrolled_at, tb.device.c.id)
    return list(connection.execute(query if login is None else query.where(tb.account.c.login == login)).all())


def note_waiting(connection: Connection, device: str, count: int, since_ms: int | None, photos: int) -> None:
    """Keep what a device says that it has not sent yet: how many intents, since when (ms UTC, its clock), how many photos."""
    connection.execute(update(tb.device).where(tb.device.c.id == device).values(
        waiting_count=count, waiting_since=since_ms if count or photos else None, waiting_photos=photos, waiting_at=now()))


def invite(connection: Connection, account: str) -> str:
    """Return the secret of a new invitation."""
    secret = ids.token(160)
    connection.execute(insert(tb.invitation).values(token=_hash(secret), account=account, expires_at=now() + INVITATION_MS))
    return secret


def invitation_file(connection: Connection, folder: Path, account: str, url: str) -> str:
    """Return the text of a new invitation file; it pins the server's own certificate where ``url`` is reached by TLS."""
    login = connection.execute(select(tb.account.c.login).where(tb.account.c.id == account)).scalar_one()
    pinned = tls.fingerprint(folder) if url.startswith("https:") and tls.is_own(folder) else ""
    return json.dumps({"asesor": "invitation", "url": url, "fingerprint": pinned, "login": login,
                       "secret": invite(connection, account)}, indent=1) + "\n"


def by_password(connection: Connection, login: str, password: str) -> str:
    """Return the account of login and password; raise Denied."""
    row = connection.execute(select(tb.account).where(tb.account.c.login == login)).first()
    try:
        _hasher.verify(row.password if row else _DUMMY, password)
    except VerificationError:
        raise Denied("password") from None
    if row is None or not row.active:
        raise Denied("password")
    return str(row.id)


def by_invitation(connection: Connection, secret: str) -> str:
    """Return the account of an unused invitation and use it up; raise Denied."""
    row = connection.execute(select(tb.invitation).where(tb.invitation.c.token == _hash(secret))).first()
    if row is None or row.used_at or row.expires_at < now():
        raise Denied("invitation")
    connection.execute(update(tb.invitation).where(tb.invitation.c.token == row.token).values(used_at=now()))
    return str(row.account)


def enrol(connection: Connection, account: str, device: str, profile: str) -> str:
    """Bind a device, and the id its person began under, to an account; return the device's credential. Raises Denied."""
    owner = connection.execute(select(tb.alias.c.account).where(tb.alias.c.profile == profile)).scalar()
    if owner is not None and owner != account:
        raise Denied("profile")
    if device.startswith(_RESERVED):
        raise Denied("device")
    if owner is None:
        connection.execute(insert(tb.alias).values(profile=profile, account=account))
    row = connection.execute(select(tb.device).where(tb.device.c.id == device)).first()
    if row is not None and row.account != account:
        raise Denied("device")
    credential = secrets.token_urlsafe(32)
    if row is None:
        connection.execute(insert(tb.device).values(id=device, account=account, credential=_hash(credential),
                                                    enrolled_at=now(), seen_at=now()))
    else:
        connection.execute(update(tb.device).where(tb.device.c.id == device).values(credential=_hash(credential), seen_at=now()))
    return credential


def certified_name(registered: str, claimed: str) -> str:
    """Return the name that the centre vouches for: the claimed one with its titles where it holds the registered one."""
    words = {word for word in claimed.casefold().replace(",", " ").split() if word}
    return claimed if words.issuperset(registered.casefold().replace(",", " ").split()) else registered


def new_token(connection: Connection, device: str, credential: str) -> str:
    """Return a short-lived token for a device that shows its credential; raise Denied."""
    row = connection.execute(select(tb.device).where(tb.device.c.id == device)).first()
    if row is None or not secrets.compare_digest(row.credential, _hash(credential)):
        raise Denied("credential")
    if row.revoked_at:
        raise Denied("revoked")
    active = connection.execute(select(tb.account.c.active).where(tb.account.c.id == row.account)).scalar()
    if not active:
        raise Denied("account")
    return _issue(connection, row.account, device)


def refreshed(connection: Connection, caller: Caller, token: str) -> str:
    """Return a new token where the present one is past its half-life, otherwise nothing."""
    expires = connection.execute(select(tb.token.c.expires_at).where(tb.token.c.hash == _hash(token))).scalar() or 0
    return _issue(connection, caller.account, caller.device) if expires - now() < TOKEN_MS // 2 else ""


def note_mark(connection: Connection, device: str, mark: str, cursors: dict[str, int], bases: dict[str, int]) -> None:
    """Keep where a reply left a device, and where the one before did: a reply may be lost."""
    kept = connection.execute(select(tb.device.c.marks).where(tb.device.c.id == device)).scalar() or []
    marks = [*[one for one in kept if one[0] != mark][-1:], [mark, cursors, bases]]
    connection.execute(update(tb.device).where(tb.device.c.id == device).values(marks=marks))


def marked(connection: Connection, device: str, mark: str) -> tuple[dict[str, int], dict[str, int]] | None:
    """Return where a mark left a device, scope by scope, and where the reading of unfinished scopes began; None where it is not known."""
    kept = connection.execute(select(tb.device.c.marks).where(tb.device.c.id == device)).scalar() or []
    return next(((cursors, bases) for name, cursors, *more in kept if name == mark for bases in (more or [{}])), None)


def _issue(connection: Connection, account: str, device: str) -> str:
    token = secrets.token_urlsafe(32)
    connection.execute(tb.token.delete().where(tb.token.c.expires_at < now()))
    connection.execute(insert(tb.token).values(hash=_hash(token), device=device, account=account, expires_at=now() + TOKEN_MS))
    return token


def caller_of(connection: Connection, token: str) -> Caller:
    """Return whose token this is; raise Denied."""
    row = connection.execute(select(tb.token).where(tb.token.c.hash == _hash(token))).first()
    if row is None or row.expires_at < now():
        raise Denied("token")
    device = connection.execute(select(tb.device.c.revoked_at, tb.device.c.seen_at).where(tb.device.c.id == row.device)).first()
    if device is None or device.revoked_at:
        raise Denied("revoked")
    account = connection.execute(select(tb.account.c.active).where(tb.account.c.id == row.account)).scalar()
    if not account:
        raise Denied("account")
    if abs(now() - device.seen_at) >= SEEN_MS:
        connection.execute(update(tb.device).where(tb.device.c.id == row.device).values(seen_at=now()))
    return Caller(row.account, row.device, actor_of(connection, row.account))


def actor_of(connection: Connection, account: str) -> Actor:
    """Return an account as the rules of permissions see it: its ids, role, regions and visits."""
    role = Role(str(connection.execute(select(tb.account.c.role).where(tb.account.c.id == account)).scalar_one()))
    ids_ = frozenset(connection.execute(select(tb.alias.c.profile).where(tb.alias.c.account == account)).scalars())
    assigned = [(row.region, row.year) for row in connection.execute(select(tb.assignment).where(tb.assignment.c.account == account))]
    visits: set[str] = set()
    if assigned:
        regions = {region for region, _ in assigned}
        region_of, year_of = tb.record.c.fields["region"].as_string(), tb.record.c.fields["year"].as_integer()
        visited = select(tb.record.c.id, region_of, year_of).where(tb.record.c.kind == "visit", region_of.in_(regions))
        visits = {visit for visit, region, year in connection.execute(visited) if not {(region, year), (region, 0)}.isdisjoint(assigned)}
    sheets = panels.opened(connection, ids_, visits) if role is not Role.COORDINATOR else frozenset()
    return Actor(ids_, role, frozenset(region for region, _ in assigned), frozenset(visits), sheets=sheets)


def author_of(connection: Connection, account: str) -> str:
    """Return the id by which others know an account's person: the one under which they began, if they did so offline."""
    profiles = connection.execute(select(tb.alias.c.profile).where(tb.alias.c.account == account).order_by(tb.alias.c.profile)).scalars()
    return next((profile for profile in profiles if profile != account), account)


def owners_of(connection: Connection, devices: set[str]) -> dict[str, str]:
    """Return the account of each device that is enrolled."""
    rows = connection.execute(select(tb.device.c.id, tb.device.c.account).where(tb.device.c.id.in_(devices)))
    return {row.id: row.account for row in rows}


def adopt(connection: Connection, caller: Caller, device: str) -> None:
    """Take an earlier incarnation of the caller's notebook, never enrolled by itself, as the caller's device; raise Denied."""
    if device.startswith(_RESERVED):
        raise Denied("device")
    add_if_absent(connection, tb.device, id=device, account=caller.account, credential="", enrolled_at=now(), seen_at=now())


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
