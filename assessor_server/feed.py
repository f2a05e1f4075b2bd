"""What a device may read, and what is new in it since it last looked."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select

from assessor_app.models.kinds import (
    CATALOGUE,
    Kind,
    Value,
    account_scope,
    known,
    region_scope,
    sheet_scope,
    visit_scope,
)
from assessor_app.models.records import CREATED, default_for
from assessor_app.sync.protocol import ScopeMark, State, digest
from assessor_server import tables as tb
from assessor_server.accounts import Caller

#: How many records one reply carries at the most.
PAGE = 2000


def granted(connection: Connection, caller: Caller) -> list[str]:
    """Return the scopes that a device pulls: and no others."""
    actor = caller.actor
    scopes = [CATALOGUE, *(account_scope(one) for one in sorted(actor.ids)), *(region_scope(code) for code in sorted(actor.regions)),
              *(visit_scope(visit) for visit in sorted(actor.visits))]
    owner = tb.record.c.fields["assessor"].as_string()
    sheets = connection.execute(select(tb.record.c.id).where(tb.record.c.kind == Kind.SHEET.value, owner.in_(actor.ids))).scalars()
    return scopes + [sheet_scope(sheet) for sheet in sorted(sheets)]


def news(connection: Connection, scope: str, since: int, own: set[tuple[str, int]], room: int) -> tuple[list[State], ScopeMark]:
    """Return what changed in a scope after step ``since``, at most ``room`` records, and how far that is.

    Fields whose value the asking device wrote itself in this request (``own`` intents) are not sent back.
    """
    last = connection.execute(select(tb.scope.c.seq).where(tb.scope.c.name == scope)).scalar() or 0
    if since > last:
        since = 0  # the server was restored from an older copy: everything is offered again
    rows = connection.execute(select(tb.record).where(tb.record.c.scope == scope, tb.record.c.seq > since)
                              .order_by(tb.record.c.seq, tb.record.c.kind, tb.record.c.id).limit(room + 1)).all()
    more = len(rows) > room
    if more:
        edge = rows[room].seq
        rows = [row for row in rows[:room] if row.seq < edge] or _whole_step(connection, scope, edge)
    states = []
    for row in rows:
        fresh = row.created > since
        if fresh:
            names = set(row.fields) | set(row.versions) - {CREATED}
        else:
            names = {name for name, seq in row.seqs.items() if seq > since}
        names = {name for name in names if not _is_own(row.versions.get(name) or row.versions[CREATED], own)}
        if not names and not (fresh and not _is_own(row.versions[CREATED], own)):
            continue
        kind = known(row.kind)
        fields: dict[str, Value] = {name: row.fields.get(name, default_for(kind, name) if kind else None) for name in sorted(names)}
        versions = {name: row.versions[name] for name in (*sorted(names), CREATED)
                    if name in row.versions and (name != CREATED or fresh)}
        states.append(State(scope, row.kind, row.id, fields, versions, row.by, row.at))
    cursor = rows[-1].seq if more else last
    return states, ScopeMark(scope, cursor, "" if more else scope_digest(connection, scope, last), more)


def _whole_step(connection: Connection, scope: str, seq: int) -> list:  # type: ignore[type-arg]
    """Return all records of one step: it is never cut."""
    return list(connection.execute(select(tb.record).where(tb.record.c.scope == scope, tb.record.c.seq == seq)
                                   .order_by(tb.record.c.kind, tb.record.c.id)).all())


def _is_own(version: str, own: set[tuple[str, int]]) -> bool:
    device, _, rest = version.partition(".")
    counter, _, index = rest.partition(".")
    return index.isdigit() and counter.isdigit() and (device, int(counter)) in own


#: Digests by database and scope, each with the step that it is of.
_digests: WeakKeyDictionary[Engine, dict[str, tuple[int, str]]] = WeakKeyDictionary()


def scope_digest(connection: Connection, scope: str, seq: int) -> str:
    """Return the digest of a scope at its present step; kept until the scope moves on."""
    cache = _digests.setdefault(connection.engine, {})
    kept = cache.get(scope)
    if kept is not None and kept[0] == seq:
        return kept[1]
    rows = connection.execute(select(tb.record.c.kind, tb.record.c.id, tb.record.c.versions).where(tb.record.c.scope == scope))
    value = digest((row.kind, row.id, row.versions) for row in rows)
    cache[scope] = (seq, value)
    return value


def erased(connection: Connection, scopes: list[str]) -> list[tuple[str, str]]:
    """Return the erasure marks of scopes."""
    rows = connection.execute(select(tb.erasure.c.kind, tb.erasure.c.id).where(tb.erasure.c.scope.in_(scopes)))
    return [(row.kind, row.id) for row in rows]
