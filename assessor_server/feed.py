"""What a device may read, and what is new in it since it last looked."""

from __future__ import annotations

from typing import Any

import orjson
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
from assessor_app.sync.digests import digest
from assessor_app.sync.protocol import Request, ScopeMark
from assessor_app.sync.rows import place_of
from assessor_app.sync.states import Made, State
from assessor_server import tables as tb
from assessor_server.accounts import Caller

#: How much one reply carries at about the most, in bytes before compression: the first while the line is not known.
FIRST, PAGE = 300_000, 3_000_000
#: How many records are read at once.
SLICE = 1000


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
    sheets = connection.execute(select(tb.record.c.id).where(tb.record.c.kind == Kind.SHEET.value, owner.in_(actor.ids))).scalars().all()
    opened = (sheet for sheet in actor.sheets if may_read(actor, sheet_scope(sheet)))
    return scopes + [sheet_scope(sheet) for sheet in sorted({*sheets, *opened})]


def news(connection: Connection, scope: str, since: int, own: Own, room: int, base: int | None = None,
         at: tuple[int, str] | None = None) -> tuple[list[State], int, ScopeMark]:
    """Return what changed in a scope after step ``since``, about ``room`` bytes of it, how many they are, and how far that is.

    A step is never cut. A record comes at the step of its last change, with all that changed in it after ``base``: where a scope
    is read page by page, that is where the first page began. Fields whose value the asking device wrote itself in this request
    (``own`` intents) are not sent back. ``at`` is the scope's place, where it was read already.
    """
    last, digest = at or place(connection, scope)
    if since > last:
        since = base = 0  # the server was restored from an older copy: everything is offered again
    base = since if base is None else base
    states: list[State] = []
    size, reached = 0, since
    while reached < last and size < room:
        rows, edge = (_slice_beside(connection, scope, reached, own) if own.many else _slice(connection, scope, reached))
        for row in rows:
            if size >= room and row[2] != reached:
                break
            reached = row[2]
            state = _state(scope, row, base, own)
            if state is not None:
                states.append(state)
                size += _size(state)
        else:
            reached = last if edge is None else edge
    more = reached < last
    return states, size, ScopeMark(scope, reached, "" if more else digest, more)


_COLUMNS = ("kind", "id", "seq", "created", "fields", "versions", "seqs", "by", "at")
#: A record as it is read for the feed, in the order of these columns; its JSON as text.
Found = tuple[str, str, int, int, str, str, str, str, int]


def _query(connection: Connection, condition: str, values: tuple[Any, ...], limit: int = -1) -> list[Found]:
    postgresql = connection.dialect.name == "postgresql"
    names = ", ".join(f'"{name}"' + ("::text" if postgresql and name in {"fields", "versions", "seqs"} else "") for name in _COLUMNS)
    text = f"SELECT {names} FROM record WHERE {condition} ORDER BY seq" + (f" LIMIT {limit}" if limit >= 0 else "")
    found = connection.exec_driver_sql(text.replace("?", "%s") if postgresql else text, values)
    return [tuple(row) for row in found.all()]


def _slice(connection: Connection, scope: str, after: int) -> tuple[list[Found], int | None]:
    """Return the records of the next whole steps, and the last of these steps where more may follow."""
    rows = _query(connection, "scope = ? AND seq > ?", (scope, after), SLICE)
    if len(rows) < SLICE:
        return rows, None
    edge = rows[-1][2]
    if rows[0][2] == edge:
        return _query(connection, "scope = ? AND seq = ?", (scope, edge)), edge
    rows = [row for row in rows if row[2] < edge]
    return rows, rows[-1][2]


def _slice_beside(connection: Connection, scope: str, after: int, own: Own) -> tuple[list[Found], int | None]:
    """Return the same, where the device wrote much itself: only what others wrote is read whole."""
    c = tb.record.c
    query = select(c.id, c.seq, c.versions, c.seqs).where(c.scope == scope).order_by(c.seq)
    rows = list(connection.execute(query.where(c.seq > after).limit(10 * SLICE)))
    reached = None
    if len(rows) == 10 * SLICE:
        reached = rows[-1].seq
        rows = [row for row in rows if row.seq < reached] + list(connection.execute(query.where(c.seq == reached)))
    wanted = [row.id for row in rows if row.seqs or not own.wrote(row.versions[CREATED])]
    found = [row for start in range(0, len(wanted), 500) for part in [wanted[start:start + 500]]
             for row in _query(connection, f"scope = ? AND id IN ({', '.join('?' * len(part))})", (scope, *part))]
    return sorted((row for row in found if reached is None or row[2] <= reached), key=lambda row: row[2]), reached


def _state(scope: str, row: Found, since: int, own: Own) -> State | None:
    kind_, record, _, created, fields_, versions_, seqs_, by, at = row
    versions: dict[str, str] = orjson.loads(versions_)
    fresh = created > since
    if fresh and seqs_ == "{}":  # nobody changed it since it was made
        return None if own and own.wrote(versions[CREATED]) else Made(scope, kind_, record, fields_, versions[CREATED], by, at)
    fields, seqs = orjson.loads(fields_), orjson.loads(seqs_)
    if fresh:
        names = set(fields) | set(versions) - {CREATED}
    else:
        names = {name for name, seq in seqs.items() if seq > since}
    if own:
        names = {name for name in names if not own.wrote(versions.get(name) or versions[CREATED])}
    if not names and not (fresh and not own.wrote(versions[CREATED])):
        return None
    kind = known(kind_)
    sent: dict[str, Value] = {name: fields.get(name, default_for(kind, name) if kind else None) for name in sorted(names)}
    told = {name: versions[name] for name in (*sorted(names), CREATED) if name in versions and (name != CREATED or fresh)}
    return State(scope, kind_, record, sent, told, by, at)


def _size(state: State) -> int:
    """Return about how many bytes a state takes."""
    if isinstance(state, Made):
        return 200 + len(state.text)
    return 200 + sum(len(value) for value in state.fields.values() if isinstance(value, str))


def page_for(rate: int) -> int:
    """Return how much one reply carries through a line of so many bytes a second: about twenty seconds of it."""
    return min(PAGE, max(2 * FIRST, rate * 80)) if rate else FIRST


def place(connection: Connection, scope: str) -> tuple[int, str]:
    """Return a scope's last step, and its digest there."""
    return places(connection, [scope])[scope]


def places(connection: Connection, scopes: list[str]) -> dict[str, tuple[int, str]]:
    """Return the last step of each scope, and its digest there."""
    out = dict.fromkeys(scopes, (0, "0" * 32))
    for start in range(0, len(scopes), 500):
        part = tuple(scopes[start:start + 500])
        marks = ", ".join(["%s" if connection.dialect.name == "postgresql" else "?"] * len(part))
        rows = connection.exec_driver_sql(f"SELECT name, seq, digest FROM scope WHERE name IN ({marks})", part).all()
        out.update((name, (seq, digest or "0" * 32)) for name, seq, digest in rows)
    return out


def scope_digest(connection: Connection, scope: str) -> str:
    """Return the digest of a scope, computed anew from its records: what ``place`` keeps must equal it."""
    rows = connection.execute(select(tb.record.c.kind, tb.record.c.id, tb.record.c.versions).where(tb.record.c.scope == scope))
    return digest((kind, record, versions) for kind, record, versions in rows)


def erased(connection: Connection, scopes: list[str]) -> list[tuple[str, str]]:
    """Return the erasure marks of scopes."""
    rows = connection.execute(select(tb.erasure.c.kind, tb.erasure.c.id).where(tb.erasure.c.scope.in_(scopes)))
    return [(row.kind, row.id) for row in rows]
