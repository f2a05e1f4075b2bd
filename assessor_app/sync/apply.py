"""Bring the server's verdicts and news into the notebook, below the person's own pending changes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assessor_app.models import erasing
from assessor_app.models.base import Record
from assessor_app.models.entities import ENTITIES
from assessor_app.models.journal import (
    PENDING,
    SEARCHED,
    State,
    Unit,
    mark_for_search,
    raw_writes,
)
from assessor_app.models.kinds import SPECS, Field, Kind, Value, known
from assessor_app.models.records import CREATED, default_for, personal_fields
from assessor_app.models.tables import (
    Device,
    Erasure,
    Held,
    Intent,
    IntentBefore,
    Pristine,
    Scope,
    Setting,
    Transfer,
)
from assessor_app.sync.landing import land
from assessor_app.sync.merge import Outcome, merge_field
from assessor_app.sync.protocol import ScopeMark, Verdict
from assessor_app.sync.rows import place_of
from assessor_app.sync.states import State as Wire


def verdicts(unit: Unit, items: list[Verdict], plain: Collection[tuple[str, int]] = ()) -> None:
    """Take in what became of sent intents; under ``plain`` ones, which only made records, nothing is pristine."""
    with raw_writes(unit.session):
        slow = []
        runs: list[list[Any]] = []
        for verdict in items:
            if verdict.outcome is not Outcome.APPLIED or verdict.states or (verdict.device, verdict.counter) not in plain:
                slow.append(verdict)
            elif runs and runs[-1][0] == verdict.device and runs[-1][2] + 1 == verdict.counter:
                runs[-1][2] = verdict.counter
            else:
                runs.append([verdict.device, verdict.counter, verdict.counter])
        if runs:
            unit.session.connection().exec_driver_sql(_STORED, [tuple(run) for run in runs])
        for verdict in slow:
            _verdict(unit, verdict)
        unit.session.flush()


_STORED = (f"UPDATE intent SET state = '{State.STORED}', reason = '{Outcome.APPLIED}' "
           "WHERE device = ? AND counter BETWEEN ? AND ? AND state != 'stored'")


def _verdict(unit: Unit, verdict: Verdict) -> None:
    intent = unit.session.get(Intent, (verdict.device, verdict.counter))
    if intent is None:
        return
    match verdict.outcome:
        case Outcome.APPLIED | Outcome.MERGED | Outcome.DIFFERENT:
            intent.state, intent.reason = State.STORED, verdict.outcome.value
            _release(unit.session, intent)
        case Outcome.REFUSED if verdict.reason == "exists" and all(change[1] == Kind.KEY for change in intent.changes):
            intent.state, intent.reason = State.STORED, verdict.reason  # another copy of this notebook published first: its keys count
        case Outcome.REFUSED:
            intent.state, intent.reason = State.REFUSED, verdict.reason
            _release(unit.session, intent)
        case Outcome.HELD:
            intent.state, intent.reason = State.HELD, verdict.reason
        case Outcome.CONFLICT if unit.session.get(Device, intent.device) is not None:
            _renumber(unit, intent)
        case Outcome.CONFLICT:  # it came on a stick: its author gives it another id
            intent.state, intent.reason = State.REFUSED, "conflict"
            _release(unit.session, intent)
        case Outcome.WHOLE:
            pass
    unit.session.flush()
    for state in verdict.states:
        take(unit, state)


def news(unit: Unit, items: list[Wire]) -> None:
    """Take in records and fields that others changed."""
    with raw_writes(unit.session):
        for state in land(unit, items):
            take(unit, state)
        unit.session.flush()


def erasures(unit: Unit, items: list[tuple[str, str]]) -> list[str]:
    """Erase here what was erased elsewhere; return the digests of blobs that must go."""
    gone = []
    with raw_writes(unit.session):
        for name, record in items:
            kind = known(name)
            if kind is None or unit.session.get(Erasure, (name, record)) is not None:
                continue
            entity = unit.session.get(ENTITIES[kind], record)
            if kind is Kind.ATTACHMENT and entity is not None:
                gone.append(str(getattr(entity, "sha256")))  # noqa: B009
            erasing.wipe(unit.session, kind, record, unit.now_ms)
            unit.touched(kind, record)
        unit.session.flush()
    return gone


_MARK = ("INSERT INTO scope (name, cursor, granted) VALUES (?, ?, TRUE) "
         "ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor, granted = TRUE")


def marks(unit: Unit, items: list[ScopeMark], gone: Collection[str] = ()) -> None:
    """Record how far scopes were read; scopes that are no longer granted keep what they hold."""
    session = unit.session
    if items:
        session.connection().exec_driver_sql(_MARK, [(mark.scope, mark.cursor) for mark in items])
    for name in gone:
        scope = session.get(Scope, name)
        if scope is not None:
            scope.granted, scope.cursor = False, 0  # granted again, it is read from its beginning


def take(unit: Unit, state: Wire) -> None:
    """Bring one record's fields to the server's state, rebasing what is pending on them."""
    session = unit.session
    kind = known(state.kind)
    if kind is None:
        _hold(session, state)
        return
    entity = session.get(ENTITIES[kind], state.id)
    fields = dict(state.fields)
    if session.get(Erasure, (kind.value, state.id)) is not None:
        fields |= {name: value for name, value in personal_fields(kind).items() if name in fields}
    if entity is None:
        if CREATED not in state.versions:
            return  # a correction of a record that is not here; a later snapshot brings it whole
        entity = ENTITIES[kind](id=state.id, scope=state.scope, **{n: v for n, v in fields.items() if SPECS[kind].field(n)})
        entity.versions = dict(state.versions)
        entity.extra = {n: v for n, v in fields.items() if not SPECS[kind].field(n)}
        session.add(entity)
    else:
        _prove(session, state)
        _bring(session, entity, fields, state.versions)
    entity.changed_by, entity.changed_at = state.by, state.at
    unit.touched(kind, state.id)
    if kind in SEARCHED:
        mark_for_search(session, kind, state.id)


def _prove(session: Session, state: Wire) -> None:
    """Take a value that the server gives under an intent's id for the proof that it holds the intent.

    After a restore all is offered again, but what lacks its consent by now does not leave, and gets no verdict; nor does what came
    on a stick and is not offered just now, nor what waits in a copy whose first notebook sent it.
    """
    for name, version in state.versions.items():
        place = place_of(version)
        number = place[2].removesuffix("m") if place else ""
        intent = session.get(Intent, place[:2]) if place and number.isdigit() else None
        if intent is None or intent.state not in PENDING:
            continue
        if intent.state == State.OPEN and not _alike(state, intent.changes):
            continue  # it grew since the notebook was copied, perhaps: only what is the same through and through is proved
        change = intent.changes[int(number)] if int(number) < len(intent.changes) else []
        made = name == CREATED and change[:3] == ["+", state.kind, state.id]
        same = change[:4] == ["=", state.kind, state.id, name] and (
            change[5] == state.fields.get(name) or (intent.state != State.OPEN and session.get(Device, intent.device) is None))
        if made or same:
            intent.state, intent.reason = State.STORED, Outcome.APPLIED.value
            _release(session, intent)


def _alike(state: Wire, changes: list[Any]) -> bool:
    """Tell whether an intent is one change whose every value stands at the server as it gave it."""
    if len(changes) != 1 or changes[0][2] != state.id:
        return False
    if changes[0][0] == "+":
        return all(name not in state.versions and state.fields.get(name) == value for name, value in changes[0][3].items())
    return bool(changes[0][0] == "=")


def _bring(session: Session, entity: Record, fields: dict[str, Value], fresh: dict[str, str]) -> None:
    versions = dict(entity.versions)
    if CREATED in fresh:
        versions[CREATED] = fresh[CREATED]
        fields = _as_there(session, entity, fields)
    for name, value in fields.items():
        field = SPECS[entity.kind].field(name)
        if field is None:
            entity.extra = {**entity.extra, name: value}
        else:
            pristine = session.get(Pristine, (entity.kind.value, entity.id, name))
            if pristine is not None and (fresh.get(name) == entity.version_of(name) or not _waits(session, entity.version_of(name))):
                session.delete(pristine)  # what came here first, on a stick, has arrived at the server
            elif pristine is not None:
                _rebase(session, entity, field, pristine, value, fresh.get(name) or versions.get(CREATED, ""))
                continue
            setattr(entity, name, bool(value) if field.type == "bool" else value)
        if name in fresh:
            versions[name] = fresh[name]
        elif versions.get(name):
            versions.pop(name)
    entity.versions = {**versions, **{n: v for n, v in entity.versions.items() if n not in versions and n not in fields}}


def _waits(session: Session, version: str) -> bool:
    """Tell whether a version is of an intent of which the server has not said what became."""
    place = place_of(version)
    intent = session.get(Intent, place[:2]) if place else None
    return intent is not None and intent.state in PENDING


def _as_there(session: Session, entity: Record, fields: dict[str, Value]) -> dict[str, Value]:
    """Return the fields of a record read anew, and the default of those that the server does not name, where they stand here as an
    intent left them that was refused or met another value there. The values stay in the list of refused ones, or in the difference.
    """
    out = dict(fields)
    for name, version in entity.versions.items():
        place = place_of(version) if name and name not in fields else None
        intent = session.get(Intent, place[:2]) if place else None
        if place is not None and name == "deleted" and (intent is None or intent.state not in PENDING):
            out[name] = default_for(entity.kind, name)  # a restored server does not know of it: whoever deleted it offers that again
            continue
        if intent is not None and (intent.state == State.REFUSED or intent.reason == Outcome.DIFFERENT):
            out[name] = default_for(entity.kind, name)
    return out


def _rebase(session: Session, entity: Record, field: Field, pristine: Pristine, value: Value, version: str) -> None:
    """Put the server's value under a pending one; merge them here where nothing of the pending one has left yet."""
    base, pristine.value, pristine.version = pristine.value, value, version
    mine = getattr(entity, field.name)
    merged = merge_field(field, base, value, mine)
    if merged.outcome is Outcome.DIFFERENT:
        return  # the server will meet both values and make a difference of them
    changes = [(intent, index) for intent in session.scalars(select(Intent).where(Intent.state.in_(PENDING)))
               for index, change in enumerate(intent.changes)
               if change[0] == "=" and change[1:4] == [entity.kind.value, entity.id, field.name]]
    if len(changes) != 1 or changes[0][0].state != State.OPEN:
        return
    intent, index = changes[0]
    changed = [*intent.changes[index][:4], version, merged.value]
    intent.changes = [*intent.changes[:index], changed, *intent.changes[index + 1:]]
    before = session.get(IntentBefore, (intent.device, intent.counter))
    if before is not None:
        before.values = [*before.values[:index], value, *before.values[index + 1:]]
    setattr(entity, field.name, merged.value)


def _release(session: Session, intent: Intent) -> None:
    """Let go of the pristine values under an intent whose outcome is durable at the server."""
    for index, change in enumerate(intent.changes):
        if change[0] != "=":
            continue
        pristine = session.get(Pristine, (change[1], change[2], change[3]))
        kind = known(change[1])
        entity = session.get(ENTITIES[kind], change[2]) if kind else None
        if pristine is None or entity is None:
            continue
        own = f"{intent.device}.{intent.counter}.{index}"
        if entity.version_of(change[3]) == own:
            session.delete(pristine)
        elif intent.state == State.STORED:
            pristine.value, pristine.version = change[5], own


def _renumber(unit: Unit, intent: Intent) -> None:
    """Give an intent a new id: another copy of this notebook used its number for other content."""
    session = unit.session
    current = session.scalars(select(Device).where(Device.current)).one()
    last = max(session.scalars(select(Intent.counter).where(Intent.device == current.id)), default=0)
    old, new = f"{intent.device}.{intent.counter}.", f"{current.id}.{last + 1}."
    before = session.get(IntentBefore, (intent.device, intent.counter))
    session.add(Intent(device=current.id, counter=last + 1, unit=intent.unit, at=intent.at, purpose=intent.purpose, scope=intent.scope,
                       hold=intent.hold, editing="", state=State.OPEN, reason="", changes=intent.changes))
    if before is not None:
        session.add(IntentBefore(device=current.id, counter=last + 1, values=before.values))
        session.delete(before)
    for change in intent.changes:
        kind = known(change[1])
        entity = session.get(ENTITIES[kind], change[2]) if kind else None
        if entity is not None:
            entity.versions = {n: v.replace(old, new, 1) if v.startswith(old) else v for n, v in entity.versions.items()}
    session.flush()
    session.delete(intent)
    for later in session.scalars(select(Intent).where(Intent.state.in_(PENDING))):
        if any(change[0] == "=" and change[4].startswith(old) for change in later.changes):
            later.changes = [[*c[:4], c[4].replace(old, new, 1), *c[5:]] if c[0] == "=" and c[4].startswith(old) else c
                             for c in later.changes]
    session.flush()


def _hold(session: Session, state: Wire) -> None:
    held = session.get(Held, (state.kind, state.id))
    content: dict[str, Any] = dict(held.content) if held else {"fields": {}, "versions": {}}
    content = {"fields": {**content["fields"], **state.fields}, "versions": {**content["versions"], **state.versions}}
    if held is None:
        session.add(Held(kind=state.kind, record=state.id, scope=state.scope, content=content))
    else:
        held.content = content


#: Kinds of which the server alone makes records.
MADE_THERE = (Kind.DIFFERENCE, Kind.NUMBERS)


def drop_stale(unit: Unit, scope: str, there: set[str]) -> None:
    """Forget what the server alone makes, and, read anew from the beginning, no longer has: differences and blocks of numbers.

    After a restore it may apply the offered intents in another order; the values that a difference named stand in the journal.
    """
    session = unit.session
    with raw_writes(session):
        for kind in MADE_THERE:
            entity = ENTITIES[kind]
            for row in session.scalars(select(entity).where(entity.scope == scope)):
                if row.id in there or _journaled(session, row.versions.get(CREATED, "")):
                    continue
                session.execute(delete(Pristine).where(Pristine.kind == kind.value, Pristine.record == row.id))
                session.delete(row)
                unit.touched(kind, row.id)
        session.flush()


def _journaled(session: Session, version: str) -> bool:
    """Tell whether a version is of an intent of this notebook: a difference is of the server, whatever intent it came from."""
    place = place_of(version)
    return place is not None and not place[2].endswith("d") and session.get(Intent, place[:2]) is not None


def rewind(session: Session, scope: str) -> None:
    """Read a scope from its beginning at the next step: its digest did not match."""
    row = session.get(Scope, scope)
    if row is not None:
        row.cursor = 0
    session.execute(delete(Setting).where(Setting.name == "mark"))  # it names a place beyond


def offer_again(session: Session) -> None:
    """The server was restored from an older copy: offer again all that it may have lost, under the same ids."""
    for scope in session.scalars(select(Scope)):
        scope.cursor = 0
    own = select(Device.id)  # what came on sticks its authors offer again
    for intent in session.scalars(select(Intent).where(Intent.state == State.STORED, Intent.device.in_(own))):
        intent.state = State.FROZEN
    for transfer in session.scalars(select(Transfer).where(Transfer.done)):
        transfer.done = False  # the server is asked for it before a byte is sent again
