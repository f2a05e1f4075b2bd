"""A scope read anew from its beginning: what the server names is all there is, and what a restored one lacks is offered again."""

from __future__ import annotations

from sqlalchemy import Text, cast, delete, select
from sqlalchemy.orm import Session

from assessor_app.models.base import Record
from assessor_app.models.entities import ENTITIES
from assessor_app.models.journal import PENDING, State, Unit, raw_writes
from assessor_app.models.kinds import Kind, Value
from assessor_app.models.records import CREATED, default_for
from assessor_app.models.tables import Device, Intent, Pristine, Scope, Setting, Transfer
from assessor_app.sync.merge import Outcome
from assessor_app.sync.rows import place_of


def waits(session: Session, version: str) -> bool:
    """Tell whether a version is of an intent of which the server has not said what became."""
    place = place_of(version)
    intent = session.get(Intent, place[:2]) if place else None
    return intent is not None and intent.state in PENDING


def as_there(session: Session, entity: Record, fields: dict[str, Value]) -> dict[str, Value]:
    """Return the fields of a record read anew, and the default of those that the server does not name though somebody's value stands here.

    That value was refused or met another one (it stays in the list of refused ones, or in the difference), or a restored server does
    not know it: whoever wrote it offers it again.
    """
    out = dict(fields)
    for name, version in entity.versions.items():
        if not name or name in fields or place_of(version) is None:
            continue
        under = session.get(Pristine, (entity.kind.value, entity.id, name)) if waits(session, version) else None
        settles = entity.kind is Kind.DIFFERENCE  # a settlement that the server took while it had not made the difference anew
        if _not_there(session, under.version if under is not None else version, own=settles or name == "deleted"):
            out[name] = default_for(entity.kind, name)
    return out


def _not_there(session: Session, version: str, *, own: bool = False) -> bool:
    """Tell whether a version that a server read anew does not name is neither there nor on its way.

    The news leave out what this device wrote in the same sync: what it wrote itself counts only with ``own``.
    """
    place = place_of(version)
    intent = session.get(Intent, place[:2]) if place else None
    if place is None or intent is None:
        return place is not None
    if intent.state in PENDING:
        return False
    return own or intent.state == State.REFUSED or intent.reason == Outcome.DIFFERENT or session.get(
        Device, intent.device) is None


#: Kinds of which the server alone makes records.
MADE_THERE = (Kind.DIFFERENCE, Kind.NUMBERS)


def drop_stale(unit: Unit, scope: str, there: set[str]) -> None:
    """Compare with a scope that was read anew from the beginning, of which the server named the records ``there``.

    What the server alone makes (differences, blocks of numbers) is forgotten where it no longer has it: after a restore it may apply the
    offered intents in another order, and the values that a difference named stand in the journal. Another person's record that it does
    not have stays here, and is not counted among what it has until its author has offered it again.
    """
    session = unit.session
    with raw_writes(session):
        for kind, entity in ENTITIES.items():
            missing = [record for (record,) in session.execute(select(entity.id).where(entity.scope == scope)) if record not in there]
            for row in (session.get_one(entity, record) for record in missing):
                made = row.versions.get(CREATED, "")
                if kind is Kind.DIFFERENCE and not _journaled(session, made) and _settled_here(session, row.id):
                    _mark_missing(session, row)
                    row.deleted = True  # it is kept for this alone: who erases its record must find what was chosen
                    unit.touched(kind, row.id)
                elif kind in MADE_THERE and not _journaled(session, made):
                    session.execute(delete(Pristine).where(Pristine.kind == kind.value, Pristine.record == row.id))
                    session.delete(row)
                    unit.touched(kind, row.id)
                elif kind not in MADE_THERE and _not_there(session, made):
                    _mark_missing(session, row)
        session.flush()


def _mark_missing(session: Session, row: Record) -> None:
    """Note that the server does not have a record: it is not counted in digests until it comes from there."""
    if session.get(Pristine, (row.kind.value, row.id, CREATED)) is None:
        session.add(Pristine(kind=row.kind.value, record=row.id, field=CREATED, value=None, version=""))


def _settled_here(session: Session, difference: str) -> bool:
    return session.scalars(select(Intent.counter).where(cast(Intent.changes, Text).contains(difference)).limit(1)).first() is not None


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


#: Why an intent is frozen that was stored already.
AGAIN = "again"


def offer_again(session: Session) -> None:
    """The server was restored from an older copy: offer again all that it may have lost, under the same ids."""
    for scope in session.scalars(select(Scope)):
        scope.cursor = 0
    own = select(Device.id)  # what came on sticks its authors offer again
    for intent in session.scalars(select(Intent).where(Intent.state == State.STORED, Intent.device.in_(own))):
        intent.state, intent.reason = State.FROZEN, AGAIN
    for transfer in session.scalars(select(Transfer).where(Transfer.done)):
        transfer.done = False  # the server is asked for it before a byte is sent again
