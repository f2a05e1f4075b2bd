"""Published examples of regions: a list is taken in as the centre's own intents, so that it travels as news."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from assessor_app import isolate
from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.models.innovation_table import record_of, values_of
from assessor_app.models.kinds import CATALOGUE, SPECS, Kind, Merge, Value
from assessor_app.models.records import default_for
from assessor_app.sync.rows import Row
from assessor_server import centre
from assessor_server.history import load_row
from assessor_server.store import lock_scopes

#: How many examples one intent holds: a step of the feed is never cut, and a line may be slow.
_PART: Final = 50
KIND: Final = Kind.INNOVATION


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a list: ``back`` were withdrawn and are there again; ``passed_over`` are headings of columns not taken."""

    new: int
    changed: int
    same: int
    back: int
    passed_over: tuple[str, ...]


def read(data: bytes, filename: str) -> dict[str, Any]:
    """Read a list in a process of its own. Raises BadInput."""
    found: dict[str, Any] = isolate.call("assessor_app.models.innovation_table:read_innovations", data, filename, timeout_s=60,
                                         memory_mb=1024)
    return found


def publish(connection: Connection, account: str, said: dict[str, Any]) -> Taken:
    """Publish a list: new ones are made, others brought to what the list says; what it does not name stays. Raises AppError, NotAllowed."""
    lock_scopes(connection, [CATALOGUE])
    counts = {"new": 0, "changed": 0, "same": 0, "back": 0}
    changes: list[list[list[Any]]] = []
    for row in said["rows"]:
        record = record_of(row)
        there = load_row(connection, KIND, record)
        if there is None:
            counts["new"] += 1
            changes.append([["+", KIND.value, record, values_of(row)]])
            continue
        sets = _sets(there, row)
        back = bool(there.fields.get("deleted"))
        counts["back" if back else "changed" if sets else "same"] += 1
        if back:
            sets.insert(0, ["=", KIND.value, record, "deleted", there.version("deleted"), False])
        if sets:
            changes.append(sets)
    for start in range(0, len(changes), _PART):
        part = [change for one in changes[start:start + _PART] for change in one]
        centre.write(connection, account, CATALOGUE, "innovation.publish", lambda _, part=part: part)  # type: ignore[misc]
    return Taken(**counts, passed_over=tuple(said["passed_over"]))


def _sets(there: Row, row: dict[str, Any]) -> list[list[Any]]:
    out: list[list[Any]] = []
    for name, value in row.items():
        field = SPECS[KIND].field(name)
        if field is None or field.merge is Merge.NEVER:
            continue
        present: Value = there.fields.get(name, default_for(KIND, name))
        if present != value:
            out.append(["=", KIND.value, there.id, name, there.version(name), value])
    return out


def withdraw(connection: Connection, account: str, record: str) -> None:
    """Withdraw an example: nobody finds it any more; copies in plans stay. Raises AppError, NotAllowed."""
    centre.withdraw(connection, account, record, KIND)


def erase_contact(connection: Connection, account: str, record: str) -> None:
    """Empty an example's contact here, in the journal and on every device, for good. Raises AppError, NotAllowed."""
    lock_scopes(connection, [CATALOGUE])
    row = centre.there(load_row(connection, KIND, record))
    if not any(row.fields.get(name) for name in ("contact", "phone", "email")):
        raise AppError(t("This example has no contact."), kept=t("Nothing was changed."))
    centre.write(connection, account, CATALOGUE, "innovation.erase", lambda _: [["!", KIND.value, record]])


def told(taken: Taken) -> str:
    """Return in words what became of a list."""
    text = t("{0} new, {1} changed, {2} as they were, {3} there again.").format(taken.new, taken.changed, taken.same, taken.back)
    return f"{text} {t('Columns passed over: {0}.').format(', '.join(taken.passed_over))}" if taken.passed_over else text
