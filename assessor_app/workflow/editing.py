"""What all edits of records share: set named fields, mark deleted, undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.models import making
from assessor_app.models.entities import ENTITIES
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import SPECS, Kind, Merge
from assessor_app.models.making import is_plain
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
    newest = select(Intent.unit, Intent.purpose, Intent.at).where(Intent.device.in_(own)).order_by(
        Intent.at.desc(), Intent.counter.desc()).limit(400)
    for intent in session.execute(newest):
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
    by_kind: dict[Kind, list[_Back]] = {}
    for intent in intents:
        before = unit.session.get(IntentBefore, (intent.device, intent.counter))
        values = before.values if before else []
        for index in reversed(range(len(intent.changes))):
            change = intent.changes[index]
            if change[0] != "!":  # an erasure is never undone
                by_kind.setdefault(Kind(change[1]), []).append(
                    _Back(change, values[index], f"{intent.device}.{intent.counter}.{index}"))
    for kind, changes in by_kind.items():
        if is_plain(kind):
            _take_back_many(unit, kind, changes, force)
        else:
            for one in changes:
                entity = unit.session.get(ENTITIES[kind], one.change[2])
                if entity is not None:
                    setattr(entity, *_taken_back(one, kind, entity.versions, entity.version_of, partial(getattr, entity), force))
    unit.session.flush()


@dataclass(frozen=True, slots=True)
class _Back:
    """A change to be taken back: what stood before it, and its id."""

    change: list[Any]
    before: Any
    version: str


def _take_back_many(unit: Unit, kind: Kind, changes: Sequence[_Back], force: bool) -> None:
    """Take changes back by few statements: a paste or an import is thousands of records."""
    held = making.load(unit.session, ENTITIES[kind], {one.change[2] for one in changes})
    wanted: dict[str, dict[str, Any]] = {}
    for one in changes:
        row = held.get(one.change[2])
        if row is not None:
            name, value = _taken_back(one, kind, row.versions, row.version_of, row.values.get, force)
            wanted.setdefault(one.change[2], {})[name] = value
    making.change(unit, ENTITIES[kind], held, wanted)


def _taken_back(one: _Back, kind: Kind, versions: Mapping[str, str], version_of: Callable[[str], str], value_of: Callable[..., Any],
                force: bool) -> tuple[str, Any]:
    """Return which field gets which value. Raises AppError where something was changed since."""
    if one.change[0] == "+":
        made: dict[str, Any] = one.change[3]
        changed = any(version != one.version and value_of(name, None) != made.get(name, default_for(kind, name))
                      for name, version in versions.items() if name != CREATED)
        if changed and not force:
            raise _changed_since()
        return "deleted", True
    name = one.change[3]
    left = bool(one.change[5]) if name == "deleted" else one.change[5]
    if version_of(name) != one.version and value_of(name, None) != left and not force:
        raise _changed_since()  # a later step that was itself taken back left the same value, and is no hindrance
    return name, one.before


def _changed_since() -> AppError:
    return AppError(t("This was changed again since."), t("Taking it back would also take back what came after."),
                    t("Look at the present value first."), t("Nothing was changed."))
