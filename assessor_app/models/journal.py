"""The journal: each committed edit writes, in its own transaction, one intent that says what it changed and on what base.

A change is a JSON array. Its id is ``device.counter.index``; the author follows from the device's enrolment.

- ``["+", kind, id, {field: value}]``          a record was made; fields at their default do not travel
- ``["=", kind, id, field, base, value]``      a field was set; ``base`` is the id of the change that it builds on
- ``["!", kind, id]``                          the personal data of a record are erased, here and everywhere
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import event, func, inspect, select
from sqlalchemy.orm import Session

from assessor_app import clock, ids
from assessor_app.errors import NotAllowed
from assessor_app.i18n import t
from assessor_app.models import erasing, keystrokes, lifecycle, whole
from assessor_app.models.base import Record
from assessor_app.models.changes import ChangeSet, Origin
from assessor_app.models.consent import media_hold
from assessor_app.models.database import WritingSession
from assessor_app.models.evaluations import Sheet
from assessor_app.models.kinds import SPECS, Consent, Field, Kind, Merge, Value, default_of, fields_of, scope_of
from assessor_app.models.permissions import Action, Actor, Facts, may
from assessor_app.models.records import CREATED, seen_digest
from assessor_app.models.tables import Erasure, Intent, IntentBefore, Pristine
from assessor_app.models.texts import kept_text

R = TypeVar("R", bound=Record)

#: Kinds whose text is searched.
SEARCHED = frozenset({Kind.INTERVIEW, Kind.PROGRAMME, Kind.PERSON, Kind.FINDING, Kind.ACTION, Kind.MARK, Kind.INNOVATION, Kind.ANSWER,
                      Kind.PANEL_REMARK, Kind.PLAN})
#: Fields that one keystroke after another changes; scores, reasons and states never coalesce.
_APART = frozenset({(Kind.ANSWER, "score"), (Kind.ANSWER, "reason"), (Kind.SHEET, "state"), (Kind.DOCUMENT, "state")})


class State(StrEnum):
    """Where an intent stands."""

    OPEN = "open"  # may still coalesce
    FROZEN = "frozen"  # its bytes may have left; never changes again
    STORED = "stored"  # the server has durably stored its outcome
    HELD = "held"  # the server waits for what it builds on
    REFUSED = "refused"


PENDING = (State.OPEN, State.FROZEN, State.HELD)


@dataclass(slots=True)
class _Envelope:
    """The intent that one transaction writes for one scope (and one note's consent)."""

    counter: int
    changes: list[Any] = field(default_factory=list)
    before: list[Any] = field(default_factory=list)

    def take(self, device: str, change: list[Any], before: Value) -> str:
        """Take a change in and return its id."""
        self.changes.append(change)
        self.before.append(before)
        return f"{device}.{self.counter}.{len(self.changes) - 1}"


class Unit:
    """One transaction: entities changed through it are journaled, whatever workflow function changes them."""

    def __init__(self, session: Session, actor: Actor, author: str, device: str, purpose: str, *, editing: str = "",
                 origin: Origin = "edit") -> None:
        self.session = session
        self.actor = actor
        self.author = author
        self.device = device
        self.purpose = purpose
        self.editing = editing
        self.origin: Origin = origin
        self.id = ids.new_id()
        self.now_ms = clock.now_ms()
        self._envelopes: dict[tuple[str, str], _Envelope] = {}
        self._places: dict[tuple[Kind, str, str], list[Any]] = {}  # (kind, id, field or "") → the change of this unit
        self._touched: dict[Kind, set[str]] = {}
        self._allowed: set[str] = set()  # scopes in which ``made`` and ``set`` may write
        self._waiting: dict[tuple[str, int], bool] = {}  # whether an intent is still on its way
        self._pristine: dict[tuple[str, str], set[str]] = {}  # the fields of a record whose pristine value is kept

    # What workflow functions use

    def add(self, entity: R) -> R:
        """Add a new record and return it; its id is made here where nature gave none."""
        if not entity.id:
            entity.id = ids.new_id()
        entity.scope = entity.scope if entity.kind is Kind.DIFFERENCE else scope_of(entity.kind, entity.id, entity.values())
        self.session.add(entity)
        return entity

    def get(self, entity: type[R], record: str) -> R:
        """Return a record, or raise NotAllowed where this notebook holds none of that id."""
        found = self.session.get(entity, record)
        if found is None:
            raise NotAllowed(t("This record is not in the notebook."), kept=t("Nothing was changed."))
        return found

    def retype(self, kind: Kind, record: str, name: str, value: str) -> bool:
        """Write a typed field the short way, where this editing session has an open intent for it; False where not."""
        f = SPECS[kind].field(name)
        if not self.editing or f is None or f.merge is Merge.NEVER or not keystrokes.coalesces(kind, f, _APART):
            return False
        connection = self.session.connection()
        kept = kept_text(kind, f, value)
        if not keystrokes.retype(connection, self.device, self.author, self.now_ms, self.editing, kind, record, f, kept):
            return False
        self._touched.setdefault(kind, set()).add(record)
        if kind in SEARCHED:
            keystrokes.mark_dirty(connection, kind, record)
        return True

    def erase(self, kind: Kind, record: str) -> None:
        """Erase a record's personal data: from its row, the journal, differences and the search index."""
        entity = self.session.get(erasing.entity(kind), record)
        if entity is None:
            return
        self._allow(entity)
        self.session.flush()
        self._envelope(entity.scope, "").changes.append(["!", kind.value, record])
        self._envelope(entity.scope, "").before.append(None)
        self._touched.setdefault(kind, set()).add(record)
        with raw_writes(self.session):
            erasing.wipe(self.session, kind, record, self.now_ms)

    def made(self, kind: Kind, record: str, values: dict[str, Any]) -> tuple[str, str]:
        """Journal a record of a region that is written without an entity (``making``); return its scope and version."""
        scope = scope_of(kind, record, values)
        self._allow_scope(kind, scope, record)
        whole.fit(*values.values())
        self._touched.setdefault(kind, set()).add(record)
        return scope, self._envelope(scope, "").take(self.device, ["+", kind.value, record, values], None)

    def set(self, kind: Kind, record: str, scope: str, f: Field, base: str, after: Value, before: Value) -> str:
        """Journal a field of a record of a region that is set without an entity (``making``); return its version."""
        self._allow_scope(kind, scope, record)
        whole.fit(after)
        self._touched.setdefault(kind, set()).add(record)
        return self._envelope(scope, "").take(self.device, ["=", kind.value, record, f.name, base, after], before)

    # What the session's events call

    def created(self, entity: Record) -> None:
        """Journal a new record."""
        for f in fields_of(entity.kind):
            _normalise(entity, f)
        self._allow(entity)
        values = entity.values()
        change = ["+", entity.kind.value, entity.id, values]
        entity.versions = {CREATED: self._append(entity, change, None)}
        self._places[entity.kind, entity.id, CREATED] = change
        self._mark(entity)

    def changed(self, entity: Record) -> None:
        """Journal what an edit changed in a record."""
        state = inspect(entity)
        versions: dict[str, Any] | None = None
        for f in fields_of(entity.kind):
            if f.name not in state.committed_state:  # not set since it was read
                continue
            history = state.attrs[f.name].history
            if not history.has_changes():
                continue
            _normalise(entity, f)
            before = history.deleted[0] if history.deleted else self._stored(entity, f)
            after = getattr(entity, f.name)
            if before == after:
                continue
            if f.merge is Merge.NEVER:
                raise RuntimeError(f"{entity.kind}.{f.name} never changes")
            self._allow(entity)
            if f.personal and after != default_of(f):
                self._not_erased(entity)
            version = self._set(entity, f, before, after)
            if version:
                versions = versions if versions is not None else dict(entity.versions)
                versions[f.name] = version
        if versions is not None:
            entity.versions = versions
        self._mark(entity)

    def seal(self) -> ChangeSet:
        """Write the intents of this transaction; call after the last flush."""
        for (scope, hold), envelope in self._envelopes.items():
            self.session.add(Intent(
                device=self.device, counter=envelope.counter, unit=self.id, at=self.now_ms, purpose=self.purpose, scope=scope,
                hold=hold, editing=self.editing, state=State.OPEN, reason="", changes=envelope.changes))
            self.session.add(IntentBefore(device=self.device, counter=envelope.counter, values=envelope.before))
        self.session.flush()
        return ChangeSet({kind: frozenset(records) for kind, records in self._touched.items()}, self.origin)

    def touched(self, kind: Kind, *records: str) -> None:
        """Note that records changed by other means than an entity (a sync's apply)."""
        self._touched.setdefault(kind, set()).update(records)

    # Inside

    def _stored(self, entity: Record, f: Field) -> Value:
        with self.session.no_autoflush:
            column = getattr(type(entity), f.name)
            found: Value = self.session.scalar(select(column).where(type(entity).id == entity.id))
            return found

    def _set(self, entity: Record, f: Field, before: Value, after: Value) -> str | None:
        """Journal one field; return its new version, or None where an earlier change took the value in."""
        creation = self._places.get((entity.kind, entity.id, CREATED))
        if creation is not None:
            _into_creation(creation, f, after)
            return None
        change = self._places.get((entity.kind, entity.id, f.name))
        if change is not None:
            change[5] = after
            return None
        if self._coalesce(entity, f, after):
            return None
        base = entity.version_of(f.name)
        if not self.pending(base):
            self._keep_pristine(entity, f, before, base)
        if f.name == "deleted" and after:
            after = seen_digest(entity.versions)  # what the one who deletes has seen: an unseen edit beats the delete
        change = ["=", entity.kind.value, entity.id, f.name, base, after]
        self._places[entity.kind, entity.id, f.name] = change
        return self._append(entity, change, before)

    def _append(self, entity: Record, change: list[Any], before: Value) -> str:
        hold = hold_of(entity)
        if hold and _withdraws(entity, change) and not self.pending(change[4]) and not self.pending(entity.version_of(CREATED)):
            hold = ""  # whoever has the data must hear of it
        return self._envelope(entity.scope, hold).take(self.device, change, before)

    def _envelope(self, scope: str, hold: str) -> _Envelope:
        if (scope, hold) not in self._envelopes:
            with self.session.no_autoflush:
                last = self.session.scalar(select(func.max(Intent.counter)).where(Intent.device == self.device)) or 0
            self._envelopes[scope, hold] = _Envelope(last + 1 + len(self._envelopes))
        return self._envelopes[scope, hold]

    def _coalesce(self, entity: Record, f: Field, after: Value) -> bool:
        """Take a keystroke into the open intent of the same editing session; True where one did."""
        if not self.editing or not isinstance(after, str) or not keystrokes.coalesces(entity.kind, f, _APART):
            return False
        return keystrokes.take_in(
            self.session.connection(), self.device, self.editing, entity.kind, entity.id, f, entity.version_of(f.name),
            f.name not in entity.versions, after, default_of(f))

    def pending(self, version: str) -> bool:
        """Tell whether a change is still on its way to the server."""
        device, counter = (*version.split("."), "")[:2]
        if not counter.isdigit() or version.endswith("m"):
            return False
        if device == self.device and any(e.counter == int(counter) for e in self._envelopes.values()):
            return True
        key = (device, int(counter))
        if key not in self._waiting:  # asked once: a block changes thousands of fields that one import gave their values
            with self.session.no_autoflush:
                state = self.session.scalar(select(Intent.state).where(Intent.device == key[0], Intent.counter == key[1]))
            self._waiting[key] = state in PENDING
        return self._waiting[key]

    def _keep_pristine(self, entity: Record, f: Field, value: Value, version: str) -> None:
        record = (entity.kind.value, entity.id)
        if record not in self._pristine:
            with self.session.no_autoflush:
                self._pristine[record] = set(self.session.scalars(
                    select(Pristine.field).where(Pristine.kind == record[0], Pristine.record == record[1])))
        if f.name not in self._pristine[record]:
            self._pristine[record].add(f.name)
            self.session.add(Pristine(kind=record[0], record=record[1], field=f.name, value=value, version=version))

    def _allow_scope(self, kind: Kind, scope: str, record: str) -> None:
        if scope not in self._allowed:
            if not may(self.actor, Action.WRITE, kind, scope, record, Facts()):
                raise NotAllowed(t("You may not change this record."), kept=t("Nothing was changed."))
            self._allowed.add(scope)

    def _allow(self, entity: Record) -> None:
        facts = Facts()
        if entity.scope.startswith("sheet:"):
            with self.session.no_autoflush:
                sheet = entity if isinstance(entity, Sheet) else self.session.get(Sheet, entity.scope.partition(":")[2])
            if sheet is not None:
                facts = Facts(owner=sheet.assessor, locked=lifecycle.locked(sheet.state))
        if not may(self.actor, Action.WRITE, entity.kind, entity.scope, entity.id, facts):
            if facts.locked and facts.owner in self.actor.ids:
                raise NotAllowed(t("This score sheet is signed and cannot be changed."),
                                 hint=t("Make a new version that names this one."), kept=t("The signed sheet is as it was."))
            raise NotAllowed(t("You may not change this record."), kept=t("Nothing was changed."))

    def _not_erased(self, entity: Record) -> None:
        """Stop personal data from coming back into a record whose personal data were erased: they would never travel."""
        with self.session.no_autoflush:
            erased = self.session.get(Erasure, (entity.kind.value, entity.id))
        if erased is not None:
            raise NotAllowed(t("The personal data of this entry were erased."), hint=t("Make a new entry."), kept=t("Nothing was changed."))

    def _mark(self, entity: Record) -> None:
        entity.changed_by = self.author
        entity.changed_at = self.now_ms
        self._touched.setdefault(entity.kind, set()).add(entity.id)
        if entity.kind in SEARCHED:
            mark_for_search(self.session, entity.kind, entity.id)


def mark_for_search(session: Session, kind: Kind, record: str) -> None:
    """Note that a record's text is newer than its index entry."""
    keystrokes.mark_dirty(session.connection(), kind, record)


def _withdraws(entity: Record, change: list[Any]) -> bool:
    """Tell whether a change takes a respondent's consent back."""
    return entity.kind is Kind.PERSON and change[3] == "consent" and change[5] != Consent.GIVEN


def hold_of(entity: Record) -> str:
    """Return the note or respondent whose consent decides whether changes to this record may leave; empty for none."""
    if entity.kind is Kind.INTERVIEW:
        return entity.id
    if entity.kind is Kind.PERSON:
        return entity.id if getattr(entity, "role", "") == "respondent" else ""
    if entity.kind is Kind.ATTACHMENT:
        return media_hold(*(str(getattr(entity, name, "")) for name in ("type", "interview", "person")))
    return ""


def _into_creation(change: list[Any], f: Field, value: Value) -> None:
    """Fold a later value into the change that made the record: a default does not travel."""
    if value == default_of(f):
        change[3].pop(f.name, None)
    else:
        change[3][f.name] = value


def _normalise(entity: Record, f: Field) -> None:
    value = getattr(entity, f.name)
    if isinstance(value, str):
        if (clean := kept_text(entity.kind, f, value)) != value:
            setattr(entity, f.name, clean)
    elif f.type == "refs":
        if (ordered := sorted(set(value or []))) != value:
            setattr(entity, f.name, ordered)
    else:
        whole.fit(value)


@contextmanager
def raw_writes(session: Session) -> Iterator[None]:
    """Let ``sync.apply``, erasure and the journal itself write journaled tables directly."""
    info = session.connection().info
    info["journaling"] = session.info["applying"] = True
    try:
        yield
    finally:
        info.pop("journaling", None)
        session.info.pop("applying", None)


def _before_flush(session: Session, context: Any, instances: Any) -> None:
    records = [e for e in session.new if isinstance(e, Record)]
    changed = [e for e in session.dirty if isinstance(e, Record) and session.is_modified(e)]
    gone = [e for e in session.deleted if isinstance(e, Record)]
    if not records and not changed and not gone:
        return
    unit: Unit | None = session.info.get("unit")
    if session.info.get("applying"):  # sync.apply and erasure write what was journaled already
        return
    if unit is None or gone:
        raise RuntimeError("records change inside a Unit, and are marked deleted, never removed")
    for entity in records:
        unit.created(entity)
    for entity in changed:
        unit.changed(entity)
    session.connection().info["journaling"] = True


def _after_flush(session: Session, context: Any) -> None:
    if not session.info.get("applying"):
        session.connection().info.pop("journaling", None)


def watch(session: Session, unit: Unit) -> None:
    """Make a writing session journal everything that changes in it."""
    session.info["unit"] = unit
    session.connection().info.pop("journaling", None)  # an earlier transaction may have failed half-way


event.listen(WritingSession, "before_flush", _before_flush)
event.listen(WritingSession, "after_flush", _after_flush)
