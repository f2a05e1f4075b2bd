"""Bring the server's verdicts and news into the notebook, below the person's own pending changes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Text, cast, select
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
from assessor_app.models.kinds import SPECS, Field, Kind, Value, default_of, fields_of, known
from assessor_app.models.records import CREATED, DIFFERING, default_for, personal_fields
from assessor_app.models.tables import (
    Device,
    Erasure,
    Held,
    Intent,
    IntentBefore,
    Pristine,
    Scope,
)
from assessor_app.sync.anew import as_there, waits
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
        take(unit, state, named=True)


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


def take(unit: Unit, state: Wire, *, named: bool = False) -> None:
    """Bring one record's fields to the server's state, rebasing what is pending on them.

    A record that is told from its making on is told whole, but for a verdict's states: they say only what its intent ``named``.
    """
    session = unit.session
    kind = known(state.kind)
    if kind is None:
        _hold(session, state)
        return
    entity = session.get(ENTITIES[kind], state.id)
    fields = dict(state.fields)
    if session.get(Erasure, (kind.value, state.id)) is not None:
        fields |= {name: value for name, value in personal_fields(kind).items() if name in fields}
    elif kind is Kind.DIFFERENCE and _of_erased(session, entity, fields):
        fields |= {name: "" for name in DIFFERING if name in fields}
    if entity is None:
        if CREATED not in state.versions:
            return  # a correction of a record that is not here; a later snapshot brings it whole
        entity = ENTITIES[kind](id=state.id, scope=state.scope, **{n: v for n, v in fields.items() if SPECS[kind].field(n)})
        entity.versions = dict(state.versions)
        entity.extra = {n: v for n, v in fields.items() if not SPECS[kind].field(n)}
        session.add(entity)
    else:
        whole = not named and CREATED in state.versions
        missing = session.get(Pristine, (kind.value, state.id, CREATED)) if whole else None
        if missing is not None:
            session.delete(missing)
            if kind is Kind.DIFFERENCE:  # made anew there: what was settled of the one before is not of this one
                fields = {f.name: default_of(f) for f in fields_of(kind)} | fields
                entity.versions = {}
        _bring(session, entity, fields, state.versions, whole=whole)
    entity.changed_by, entity.changed_at = state.by, state.at
    unit.touched(kind, state.id)
    if kind in SEARCHED:
        mark_for_search(session, kind, state.id)


def _of_erased(session: Session, entity: Record | None, fields: dict[str, Value]) -> bool:
    """Tell whether a difference is of a personal field of an erased record: a restored server may not have heard of the erasure yet."""
    kind, record, field = (str(fields.get(name) or getattr(entity, name, "")) for name in ("record_kind", "record", "field"))
    of = known(kind)
    return of is not None and field in personal_fields(of) and session.get(Erasure, (kind, record)) is not None


def _bring(session: Session, entity: Record, fields: dict[str, Value], fresh: dict[str, str], *, whole: bool) -> None:
    versions = dict(entity.versions)
    if CREATED in fresh:
        versions[CREATED] = fresh[CREATED]
    if whole:
        fields = as_there(session, entity, fields)
    for name, value in fields.items():
        field = SPECS[entity.kind].field(name)
        if field is None:
            entity.extra = {**entity.extra, name: value}
        else:
            pristine = session.get(Pristine, (entity.kind.value, entity.id, name))
            beside = _beside(session, entity, name, fresh[name]) if pristine and fresh.get(name) == entity.version_of(name) else ""
            if pristine is not None and beside:
                pristine.value, pristine.version, versions[name] = value, fresh[name], beside
                continue
            if pristine is not None and (fresh.get(name) == entity.version_of(name) or not waits(session, entity.version_of(name))):
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


def _beside(session: Session, entity: Record, name: str, version: str) -> str:
    """Return the version of what waits here beside a version that came on a stick, both merged in one field; empty where nothing does."""
    place = place_of(version)
    if place is None or session.get(Device, place[0]) is not None:
        return ""
    out = ""
    holding = select(Intent).where(Intent.state.in_(PENDING), cast(Intent.changes, Text).contains(entity.id)).order_by(Intent.at)
    for intent in session.scalars(holding):
        for index, change in enumerate(intent.changes):
            if change[:4] == ["=", entity.kind.value, entity.id, name] and (intent.device, intent.counter) != place[:2]:
                out = f"{intent.device}.{intent.counter}.{index}"
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
        kind = known(change[1])
        entity = session.get(ENTITIES[kind], change[2]) if kind and change[0] in {"+", "="} else None
        if kind is None or entity is None:
            continue
        version, stored = f"{intent.device}.{intent.counter}.{index}", intent.state == State.STORED
        if change[0] == "=":
            _let_go(session, entity, change[3], version, change[5], base=change[4], stored=stored)
            continue
        for name in [name for name in entity.versions if name]:
            _let_go(session, entity, name, version, change[3].get(name, default_for(kind, name)), base=None, stored=stored)


def _let_go(session: Session, entity: Record, name: str, version: str, value: Value, *, base: str | None, stored: bool) -> None:
    """Let go of what stood under one field; a ``stored`` value is what stands at the server now, under later edits."""
    pristine = session.get(Pristine, (entity.kind.value, entity.id, name))
    beside = _beside(session, entity, name, version) if pristine is not None and entity.version_of(name) == version else ""
    if beside:
        entity.versions = {**entity.versions, name: beside}
    elif pristine is not None and entity.version_of(name) == version:
        session.delete(pristine)
        return
    if stored and pristine is None and waits(session, entity.version_of(name)):
        session.add(Pristine(kind=entity.kind.value, record=entity.id, field=name, value=value, version=version))  # it was offered again
    elif stored and pristine is not None and pristine.version == base:  # otherwise what others built on it is here already
        pristine.value, pristine.version = value, version


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
