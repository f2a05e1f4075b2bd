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
from assessor_app.models.permissions import may_read
from assessor_app.models.records import CREATED, default_for
from assessor_app.sync.protocol import Request, ScopeMark, State, digest
from assessor_app.sync.rows import place_of
from assessor_server import tables as tb
from assessor_server.accounts import Caller

#: How much one reply carries at about the most, in bytes before compression: the first while the line is not known.
FIRST, PAGE = 500_000, 4_000_000
#: How many records are read at once.
SLICE = 400


class Own:
    """What the asking device wrote itself just now."""

    def __init__(self, request: Request) -> None:
        self._single = {(intent.device, intent.counter) for intent in request.intents}
        self._runs = request.own

    def __bool__(self) -> bool:
        return bool(self._single or self._runs)

    @property
    def many(self) -> bool:
        """Tell whether the device wrote so much that most of what is new may be its own."""
        return len(self._single) + sum(last - first for _, first, last in self._runs) > SLICE

    def steps(self, connection: Connection, cursors: dict[str, int]) -> dict[str, int]:
        """Return how many steps of each scope, after where the device has read it, are these intents, applied just as they came."""
        runs = set(self._runs)
        for device, counter in sorted(self._single):
            before = next((run for run in runs if run[0] == device and run[2] + 1 == counter), None)
            runs.discard(before or ("", 0, 0))
            runs.add((device, before[1] if before else counter, counter))
        out: dict[str, int] = {}
        c = tb.intent.c
        for device, first, last in runs if len(runs) <= SLICE else ():
            for scope, step in connection.execute(select(c.scope, c.step).where(
                    c.device == device, c.counter.between(first, last), c.outcome == "applied", c.step.is_not(None))):
                if step > cursors.get(scope, 0):
                    out[scope] = out.get(scope, 0) + 1
        return out

    def wrote(self, version: str) -> bool:
        """Tell whether a version is of one of these intents, as it was sent."""
        place = place_of(version)
        if place is None or not place[2].isdigit():
            return False
        device, counter, _ = place
        return (device, counter) in self._single or any(device == d and first <= counter <= last for d, first, last in self._runs)


def granted(connection: Connection, caller: Caller) -> list[str]:
    """Return the scopes that a device pulls: and no others. Sheets are the person's own, and those that a closed panel opened."""
    actor = caller.actor
    scopes = [CATALOGUE, *(account_scope(one) for one in sorted(actor.ids)), *(region_scope(code) for code in sorted(actor.regions)),
              *(scope for scope in map(visit_scope, sorted(actor.visits)) if may_read(actor, scope))]
    owner = tb.record.c.fields["assessor"].as_string()
    sheets = connection.execute(select(tb.record.c.id).where(tb.record.c.kind == Kind.SHEET.value, owner.in_(actor.ids))).scalars()
    opened = (sheet for sheet in actor.sheets if may_read(actor, sheet_scope(sheet)))
    return scopes + [sheet_scope(sheet) for sheet in sorted({*sheets, *opened})]


def news(connection: Connection, scope: str, since: int, own: Own, room: int, base: int | None = None) -> tuple[list[State], ScopeMark]:
    """Return what changed in a scope after step ``since``, about ``room`` bytes of it, and how far that is.

    A step is never cut. A record comes at the step of its last change, with all that changed in it after ``base``: where a scope
    is read page by page, that is where the first page began. Fields whose value the asking device wrote itself in this request
    (``own`` intents) are not sent back.
    """
    last, digest = place(connection, scope)
    if since > last:
        since = base = 0  # the server was restored from an older copy: everything is offered again
    base = since if base is None else base
    states: list[State] = []
    reached = since
    while reached < last and room > 0:
        rows, edge = _slice(connection, scope, reached, own)
        reached = last if edge is None else edge
        for row in rows:
            state = _state(scope, row, base, own)
            if state is not None:
                states.append(state)
                room -= size(state)
    more = reached < last
    return states, ScopeMark(scope, reached, "" if more else digest, more)


def _slice(connection: Connection, scope: str, after: int, own: Own) -> tuple[list[Any], int | None]:
    """Return the records of the next whole steps, and the last of these steps where more may follow.

    Where the device wrote much itself, only what others wrote is read whole.
    """
    c = tb.record.c
    columns = (c.kind, c.id, c.seq, c.created, c.versions, c.seqs) if own.many else tuple(c)
    query = select(*columns).where(c.scope == scope).order_by(c.seq, c.kind, c.id)
    size = SLICE * (10 if own.many else 1)
    rows = list(connection.execute(query.where(c.seq > after).limit(size)))
    reached = None
    if len(rows) == size:
        reached = rows[-1].seq
        rows = [row for row in rows if row.seq < reached] + list(connection.execute(query.where(c.seq == reached)))
    if own.many:
        wanted = [row.id for row in rows if row.seqs or not own.wrote(row.versions[CREATED])]
        rows = [row for start in range(0, len(wanted), 500) for row in connection.execute(
            select(tb.record).where(c.scope == scope, c.id.in_(wanted[start:start + 500])).order_by(c.seq, c.kind, c.id))]
        rows = [row for row in rows if reached is None or row.seq <= reached]
    return rows, reached


def _state(scope: str, row: Any, since: int, own: Own) -> State | None:
    fresh = row.created > since
    if fresh and not row.seqs:  # nobody changed it since it was made
        if own and own.wrote(row.versions[CREATED]):
            return None
        return State(scope, row.kind, row.id, row.fields, row.versions, row.by, row.at)
    if fresh:
        names = set(row.fields) | set(row.versions) - {CREATED}
    else:
        names = {name for name, seq in row.seqs.items() if seq > since}
    if own:
        names = {name for name in names if not own.wrote(row.versions.get(name) or row.versions[CREATED])}
    if not names and not (fresh and not own.wrote(row.versions[CREATED])):
        return None
    kind = known(row.kind)
    fields: dict[str, Value] = {name: row.fields.get(name, default_for(kind, name) if kind else None) for name in sorted(names)}
    versions = {name: row.versions[name] for name in (*sorted(names), CREATED)
                if name in row.versions and (name != CREATED or fresh)}
    return State(scope, row.kind, row.id, fields, versions, row.by, row.at)


def size(state: State) -> int:
    """Return about how many bytes a state takes."""
    return 200 + sum(len(value) for value in state.fields.values() if isinstance(value, str))


def page_for(rate: int) -> int:
    """Return how much one reply carries through a line of so many bytes a second: about twenty seconds of it."""
    return min(PAGE, max(FIRST, rate * 80)) if rate else FIRST


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


def scope_digest(connection: Connection, scope: str) -> str:
    """Return the digest of a scope, computed anew from its records: what ``place`` keeps must equal it."""
    rows = connection.execute(select(tb.record.c.kind, tb.record.c.id, tb.record.c.versions).where(tb.record.c.scope == scope))
    return digest((kind, record, versions) for kind, record, versions in rows)


def erased(connection: Connection, scopes: list[str]) -> list[tuple[str, str]]:
    """Return the erasure marks of scopes."""
    rows = connection.execute(select(tb.erasure.c.kind, tb.erasure.c.id).where(tb.erasure.c.scope.in_(scopes)))
    return [(row.kind, row.id) for row in rows]
