"""Who is signed in at the pages: a random cookie, its hash in the database, an end after idleness and after a working day."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from assessor_app.models.permissions import Actor
from assessor_server import accounts
from assessor_server import tables as tb
from assessor_server.store import now

COOKIE = "asesor_web"
LONGEST_MS = 10 * 3600 * 1000
IDLE_MS = 60 * 60 * 1000
_NOTED_MS = 60_000


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in; ``csrf`` must stand in every form they send."""

    hash: str
    csrf: str
    account: str
    login: str
    name: str
    actor: Actor


def begin(connection: Connection, account: str) -> str:
    """Begin a session and return its secret, for the cookie."""
    secret = secrets.token_urlsafe(32)
    connection.execute(tb.web_session.delete().where(tb.web_session.c.created_at < now() - LONGEST_MS))
    connection.execute(insert(tb.web_session).values(
        hash=_hash(secret), account=account, csrf=secrets.token_urlsafe(32), created_at=now(), seen_at=now(), notice=""))
    return secret


def find(connection: Connection, secret: str) -> Session | None:
    """Return the session of a cookie, or None where it ended or its account was closed."""
    row = connection.execute(select(tb.web_session, tb.account.c.login, tb.account.c.name, tb.account.c.active).join(
        tb.account, tb.account.c.id == tb.web_session.c.account).where(tb.web_session.c.hash == _hash(secret))).first()
    if row is None or not row.active or row.created_at < now() - LONGEST_MS or row.seen_at < now() - IDLE_MS:
        return None
    if row.seen_at < now() - _NOTED_MS:
        connection.execute(update(tb.web_session).where(tb.web_session.c.hash == row.hash).values(seen_at=now()))
    return Session(row.hash, row.csrf, row.account, row.login, row.name, accounts.actor_of(connection, row.account))


def end(connection: Connection, session: Session) -> None:
    """End a session."""
    connection.execute(tb.web_session.delete().where(tb.web_session.c.hash == session.hash))


def tell(connection: Connection, session: Session, notice: str) -> None:
    """Keep what the next page tells once."""
    connection.execute(update(tb.web_session).where(tb.web_session.c.hash == session.hash).values(notice=notice))


def told(connection: Connection, session: Session) -> str:
    """Return what is to be told, and forget it."""
    notice = str(connection.execute(select(tb.web_session.c.notice).where(tb.web_session.c.hash == session.hash)).scalar() or "")
    if notice:
        tell(connection, session, "")
    return notice


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
