"""What a device may read, and what is new in it since it last looked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

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

#: How much one reply carries at about the most, in bytes before compression.
PAGE = 4_000_000
#: How many records are read at once.
SLICE = 400


def granted(connection: Connection, caller: Caller) -> list[str]:
    """Return the scopes that a device pulls: and no others."""
    actor = caller.actor
    scopes = [CATALOGUE, *(account_scope(one) for one in sorted(actor.ids)), *(region_scope(code) for code in sorted(actor.regions)),
              *(visit_scope(visit) for visit in sorted(actor.visits))]
    owner = tb.record.c.fields["assessor"].as_string()
    sheets = connection.execute(select(tb.record.c.id).where(tb.record.c.kind == Kind.SHEET.value, owner.in_(actor.ids))).scalars()
    return scopes + [sheet_scope(sheet) for sheet in sorted(sheets)]


def news(connection: Connection, scope: str, since: int, own: set[tuple[str, int]], room: int) -> tuple[list[State], ScopeMark]:
    """Return what changed in a scope after step ``since``, about ``room`` bytes of it, and how far that is.

    A step is never cut. Fields whose value the asking device wrote itself in this request (``own`` intents) are not sent back.
    """
    last, digest = place(connection, scope)
    if since > last:
        since = 0  # the server was restored from an older copy: everything is offered again
    states: list[State] = []
    reached = since
    while reached < last and room > 0:
        rows = _slice(connection, scope, reached)
        reached = rows[-1].seq if len(rows) >= SLICE else last
        for row in rows:
            state = _state(scope, row, since, own)
            if state is not None:
                states.append(state)
                room -= size(state)
    more = reached < last
    return states, ScopeMark(scope, reached, "" if more else digest, more)


def _slice(connection: Connection, scope: str, after: int) -> list[Any]:
    """Return the records of the next whole steps, at least ``SLICE`` of them where there are so many."""
    query = select(tb.record).where(tb.record.c.scope == scope).order_by(tb.record.c.seq, tb.record.c.kind, tb.record.c.id)
    rows = list(connection.execute(query.where(tb.record.c.seq > after).limit(SLICE)))
    if len(rows) == SLICE:
        edge = rows[-1].seq
        rows = [row for row in rows if row.seq < edge] + list(connection.execute(query.where(tb.record.c.seq == edge)))
    return rows


def _state(scope: str, row: Any, since: int, own: set[tuple[str, int]]) -> State | None:
    fresh = row.created > since
    if fresh and not row.seqs:  # nobody changed it since it was made
        if own and _is_own(row.versions[CREATED], own):
            return None
        return State(scope, row.kind, row.id, row.fields, row.versions, row.by, row.at)
    if fresh:
        names = set(row.fields) | set(row.versions) - {CREATED}
    else:
        names = {name for name, seq in row.seqs.items() if seq > since}
    if own:
        names = {name for name in names if not _is_own(row.versions.get(name) or row.versions[CREATED], own)}
    if not names and not (fresh and not _is_own(row.versions[CREATED], own)):
        return None
    kind = known(row.kind)
    fields: dict[str, Value] = {name: row.fields.get(name, default_for(kind, name) if kind else None) for name in sorted(names)}
    versions = {name: row.versions[name] for name in (*sorted(names), CREATED)
                if name in row.versions and (name != CREATED or fresh)}
    return State(scope, row.kind, row.id, fields, versions, row.by, row.at)


def size(state: State) -> int:
    """Return about how many bytes a state takes."""
    return 200 + sum(len(value) for value in state.fields.values() if isinstance(value, str))


def place(connection: Connection, scope: str) -> tuple[int, str]:
    """Return a scope's last step, and its digest there."""
    row = connection.execute(select(tb.scope.c.seq, tb.scope.c.digest).where(tb.scope.c.name == scope)).first()
    return (int(row.seq), str(row.digest or "0" * 32)) if row is not None else (0, "0" * 32)


def last_steps(connection: Connection, scopes: list[str]) -> dict[str, int]:
    """Return the last step of each scope that has any."""
    out: dict[str, int] = {}
    for start in range(0, len(scopes), 500):
        rows = connection.execute(select(tb.scope.c.name, tb.scope.c.seq).where(tb.scope.c.name.in_(scopes[start:start + 500])))
        out.update((row.name, int(row.seq)) for row in rows)
    return out


def _is_own(version: str, own: set[tuple[str, int]]) -> bool:
    device, _, rest = version.partition(".")
    counter, _, index = rest.partition(".")
    return index.isdigit() and counter.isdigit() and (device, int(counter)) in own


def scope_digest(connection: Connection, scope: str) -> str:
    """Return the digest of a scope, computed anew from its records: what ``place`` keeps must equal it."""
    rows = connection.execute(select(tb.record.c.kind, tb.record.c.id, tb.record.c.versions).where(tb.record.c.scope == scope))
    return digest((kind, record, versions) for kind, record, versions in rows)


def erased(connection: Connection, scopes: list[str]) -> list[tuple[str, str]]:
    """Return the erasure marks of scopes."""
    rows = connection.execute(select(tb.erasure.c.kind, tb.erasure.c.id).where(tb.erasure.c.scope.in_(scopes)))
    return [(row.kind, row.id) for row in rows]
