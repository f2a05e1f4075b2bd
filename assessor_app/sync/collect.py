"""Gather what is to be sent: frozen intents, and nothing whose consent is missing."""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from assessor_app.models.consent import leaving
from assessor_app.models.journal import PENDING, State, Unit
from assessor_app.models.kinds import SPECS
from assessor_app.sync.anew import AGAIN
from assessor_app.sync.intents import as_splice, unnamed
from assessor_app.sync.protocol import RequestLines

#: How many intents are read at once.
_SLICE = 500
#: Where a batch begins: at which of this notebook's incarnations, oldest first, and after which of its intents.
Position = tuple[int, int]
START: Position = (0, 0)

_STATES = ", ".join(f"'{state}'" for state in PENDING)
#: The next numbers of one state, from the index alone.
_NUMBERS = f"SELECT counter FROM intent WHERE state = ? AND device = ? AND counter > ? ORDER BY counter LIMIT {_SLICE}"
_NEXT = (f"SELECT counter, at, purpose, scope, hold, state, reason, changes FROM intent WHERE device = ? AND counter BETWEEN ? AND ? "
         f"AND state IN ({_STATES}) ORDER BY counter")
_FREEZE = f"UPDATE intent SET state = '{State.FROZEN}' WHERE device = ? AND counter = ? AND state = '{State.OPEN}'"
_NATURAL = tuple(kind.value for kind, spec in SPECS.items() if spec.parents)
_BEFORE = 'SELECT "values" FROM intent_before WHERE device = ? AND counter = ?'


@dataclass(slots=True)
class Batch:
    """Frozen intents as they travel, where the next batch begins, and whether anything is left for it."""

    lines: RequestLines = field(default_factory=RequestLines)
    ids: list[tuple[str, int]] = field(default_factory=list)
    #: Those that only make records: nothing pristine stands under them.
    plain: set[tuple[str, int]] = field(default_factory=set)
    position: Position = START
    more: bool = False
    packed: bytes = b""  # the whole request, where it is ready before its turn
    #: Intents met on the way that may not leave yet, and since when (ms UTC) the oldest waits.
    held: int = 0
    since: int = 0


def freeze(unit: Unit, whole: set[tuple[str, int]], after: Position, room: int, *, slow: bool = True) -> Batch:
    """Freeze the next intents after a position, about ``room`` bytes of them, and return them as they travel.

    ``whole`` names intents whose texts the server wants whole; on a ``slow`` line ids that follow from others are left out.
    The caller's transaction commits before a byte leaves.
    """
    connection = unit.session.connection()
    batch = Batch(position=after)
    holds: dict[str, bool] = {}
    opened: list[tuple[str, int]] = []
    devices = [device for (device,) in connection.exec_driver_sql("SELECT id FROM device ORDER BY created_at").all()]
    while batch.position[0] < len(devices) and not batch.more:
        device = devices[batch.position[0]]
        numbers = sorted(number for state in PENDING for (number,) in
                         connection.exec_driver_sql(_NUMBERS, (state.value, device, batch.position[1])))[:_SLICE]
        rows = connection.exec_driver_sql(_NEXT, (device, numbers[0], numbers[-1])).all() if numbers else []
        holds |= leaving(unit.session, {row[4] for row in rows} - holds.keys())
        for counter, at, purpose, scope, hold, state, reason, changes in rows:
            if batch.lines.size > room:
                batch.more = True
                break
            batch.position = (batch.position[0], counter)
            if not holds[hold]:
                batch.held, batch.since = batch.held + 1, min(at, batch.since or at)
                continue
            if state == State.OPEN:
                opened.append((device, counter))
            sets = '["=",' in changes or '["=", ' in changes
            if not sets and reason != AGAIN:  # what was typed on one that is offered again has nothing pristine under it yet
                batch.plain.add((device, counter))
            if sets and (device, counter) not in whole:
                changes = _spliced(connection, device, counter, changes)
            if slow and any(f'["+","{kind}"' in changes for kind in _NATURAL):
                changes = orjson.dumps(unnamed(orjson.loads(changes))).decode()
            batch.lines.add(device, counter, at, purpose, scope, changes.encode())
            batch.ids.append((device, counter))
        if len(rows) < _SLICE and not batch.more:
            batch.position = (batch.position[0] + 1, 0)
    if opened:
        connection.exec_driver_sql(_FREEZE, opened)
    return batch


def _spliced(connection: Connection, device: str, counter: int, changes: str) -> str:
    """Return changes with each longer text as a splice of what stood before."""
    found = connection.exec_driver_sql(_BEFORE, (device, counter)).scalar()
    if found is None:
        return changes
    pairs = zip(orjson.loads(changes), orjson.loads(found), strict=True)
    return orjson.dumps([as_splice(change, value) for change, value in pairs]).decode()


@dataclass(frozen=True, slots=True)
class Unsent:
    """What waits here: intents that may leave, since when (ms UTC) the oldest waits, and those that need a consent first."""

    sendable: int
    since: int
    held: int


def waiting(session: Session) -> Unsent:
    """Return what waits to be sent."""
    rows = session.connection().exec_driver_sql(
        f"SELECT hold, count(*), min(at) FROM intent WHERE state IN ({_STATES}) GROUP BY hold").all()
    leave = leaving(session, {hold for hold, _, _ in rows})
    return Unsent(sum(count for hold, count, _ in rows if leave[hold]), min((at for hold, _, at in rows if leave[hold]), default=0),
                  sum(count for hold, count, _ in rows if not leave[hold]))
