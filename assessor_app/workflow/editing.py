"""What all edits of records share: set named fields, mark deleted, undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.models.base import Record
from assessor_app.models.entities import ENTITIES
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import SPECS, Kind, Merge
from assessor_app.models.records import CREATED, default_for
from assessor_app.models.tables import Device, Intent, IntentBefore


def edit(unit: Unit, kind: Kind, record: str, **values: Any) -> None:
    """Set fields of a record by their wire names. Raises NotAllowed, or KeyError for a field that the kind lacks."""
    if len(values) == 1:
        ((name, value),) = values.items()
        if isinstance(value, str) and unit.retype(kind, record, name, value):
            return
    entity = unit.get(ENTITIES[kind], record)
    for name, value in values.items():
        field = SPECS[kind].field(name)
        if field is None or field.merge is Merge.NEVER:
            raise KeyError(name)
        setattr(entity, name, value)


def delete(unit: Unit, kind: Kind, record: str) -> None:
    """Mark a record deleted; it can be undone, and an edit made elsewhere revives it."""
    unit.get(ENTITIES[kind], record).deleted = True


#: How the purposes of an undo and a redo begin; the unit that they answer follows.
UNDO, REDO = "undo:", "redo:"
#: What undo passes over: it has left this notebook, was signed, or showed what cannot be unseen.
_LASTING = ("profile.create", "document.", "erase", "courier.", "panel.close", "panel.take")


@dataclass(frozen=True, slots=True)
class UndoStep:
    """What the next undo would take back."""

    unit: str
    purpose: str
    at: int  # ms UTC


def last_undoable(session: Session) -> UndoStep | None:
    """Return the newest write of this notebook that was not undone yet, or None."""
    own = select(Device.id)
    undone: set[str] = set()
    newest = select(Intent).where(Intent.device.in_(own)).order_by(Intent.at.desc(), Intent.counter.desc()).limit(400)
    for intent in session.scalars(newest):
        if intent.purpose.startswith(UNDO):
            undone.add(intent.purpose.removeprefix(UNDO))
        elif intent.unit not in undone and not intent.purpose.startswith(_LASTING):
            return UndoStep(intent.unit, intent.purpose, intent.at)
    return None


def undo(unit: Unit, step: str, *, force: bool = False) -> None:
    """Append the inverse of an earlier write, where its values still stand.

    Raises AppError where a value was changed since; ``force`` takes those back too (the person was asked).
    """
    _invert(unit, f"{UNDO}{step}", step, force)


def redo(unit: Unit, undone: str, *, force: bool = False) -> None:
    """Do again what an undo took back, as a step of its own; raises AppError as ``undo`` does."""
    _invert(unit, f"{REDO}{undone}", undone, force)


def _invert(unit: Unit, purpose: str, step: str, force: bool) -> None:
    unit.purpose = purpose
    unit.origin = "undo"
    intents = unit.session.scalars(select(Intent).where(Intent.unit == step).order_by(Intent.counter.desc())).all()
    held = _load(unit.session, intents)  # a paste or an import is thousands of records: one by one they would be as many questions
    for intent in intents:
        before = unit.session.get(IntentBefore, (intent.device, intent.counter))
        values = before.values if before else []
        for index in reversed(range(len(intent.changes))):
            _take_back(unit, intent.changes[index], values[index], f"{intent.device}.{intent.counter}.{index}", force)
    unit.session.flush()
    held.clear()


def _load(session: Session, intents: Sequence[Intent]) -> list[Record]:
    """Return the records that some intents changed; as long as they are held the session asks for none of them again."""
    named: dict[str, set[str]] = {}
    for intent in intents:
        for change in intent.changes:
            named.setdefault(change[1], set()).add(change[2])
    held: list[Record] = []
    for kind, records in named.items():
        entity, every = ENTITIES[Kind(kind)], sorted(records)
        for at in range(0, len(every), 900):
            held += session.scalars(select(entity).where(entity.id.in_(every[at:at + 900])))
    return held


def _take_back(unit: Unit, change: list[Any], before: Any, version: str, force: bool) -> None:
    if change[0] == "!":
        return  # an erasure is never undone
    entity: Record | None = unit.session.get(ENTITIES[Kind(change[1])], change[2])
    if entity is None:
        return
    if change[0] == "+":
        made: dict[str, Any] = change[3]
        changed = any(value != version and getattr(entity, name, None) != made.get(name, default_for(entity.kind, name))
                      for name, value in entity.versions.items() if name != CREATED)
        if changed and not force:
            raise _changed_since()
        entity.deleted = True
        return
    left = bool(change[5]) if change[3] == "deleted" else change[5]
    if entity.version_of(change[3]) != version and getattr(entity, change[3]) != left and not force:
        raise _changed_since()  # a later step that was itself taken back left the same value, and is no hindrance
    setattr(entity, change[3], before)


def _changed_since() -> AppError:
    return AppError(t("This was changed again since."), t("Taking it back would also take back what came after."),
                    t("Look at the present value first."), t("Nothing was changed."))
