"""Erasure of personal data: the one operation that rewrites history. Values go, ids stay, a mark remains."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, cast, delete, select, text, update
from sqlalchemy.orm import Session

from assessor_app.models import own_words
from assessor_app.models.base import Record
from assessor_app.models.documents import Difference
from assessor_app.models.kinds import Kind, Value
from assessor_app.models.records import DIFFERING, personal_fields, wiped_change
from assessor_app.models.tables import Erasure, Intent, IntentBefore, Pristine, SearchDirty, SearchEntry
from assessor_app.models.visits import Person

#: What the audit line shows in place of a value.
ERASED: Value = None


def entity(kind: Kind) -> type[Record]:
    """Return the entity class of a kind."""
    from assessor_app.models.entities import ENTITIES

    return ENTITIES[kind]


def searched(kind: Kind) -> tuple[str, ...]:
    """Return the fields of a kind that are searched."""
    from assessor_app.models.search import FIELDS

    return FIELDS.get(kind, ())


def wipe(session: Session, kind: Kind, record: str, at_ms: int) -> None:
    """Empty a record's personal values in row, journal, differences and search, and leave a mark."""
    cls = entity(kind)
    empty = personal_fields(kind)
    if kind is Kind.PERSON:
        own_words.forget(session, session.scalar(select(Person.name).where(Person.id == record)) or "")
    session.execute(update(cls).where(cls.id == record).values(**empty).execution_options(synchronize_session="fetch"))
    differences = differences_of(session, kind, record)
    for one in (record, *differences):
        for intent in session.scalars(select(Intent).where(cast(Intent.changes, Text).contains(one))):
            intent.changes = [wiped_change(change, kind, record, empty, differences) for change in intent.changes]
            intent.editing = ""  # an editor that is still open types into a new intent, and is refused
            before = session.get(IntentBefore, (intent.device, intent.counter))
            if before is not None:
                before.values = [
                    ERASED if _is_personal(change, kind, record, empty, differences) else value
                    for change, value in zip(intent.changes, before.values, strict=True)]
    session.execute(delete(Pristine).where(Pristine.kind == kind.value, Pristine.record == record, Pristine.field.in_(empty)))
    session.execute(delete(Pristine).where(
        Pristine.kind == Kind.DIFFERENCE.value, Pristine.record.in_(differences), Pristine.field.in_(DIFFERING)))
    session.execute(update(Difference).where(Difference.id.in_(differences)).values(dict.fromkeys(DIFFERING, ""))
                    .execution_options(synchronize_session="fetch"))
    if not set(searched(kind)).isdisjoint(empty):  # otherwise the index holds nothing personal, and goes on finding the record
        entry = session.scalar(select(SearchEntry).where(SearchEntry.record == record))
        if entry is not None:
            session.execute(text("DELETE FROM search_text WHERE rowid = :n"), {"n": entry.number})
            session.execute(text("INSERT INTO search_text(search_text) VALUES ('optimize')"))
            session.execute(delete(SearchEntry).where(SearchEntry.record == record))
        session.execute(delete(SearchDirty).where(SearchDirty.record == record))
    if session.get(Erasure, (kind.value, record)) is None:
        session.add(Erasure(kind=kind.value, record=record, at=at_ms))
    session.flush()


def differences_of(session: Session, kind: Kind, record: str) -> frozenset[str]:
    """Return the differences that hold personal values of a record."""
    return frozenset(session.scalars(select(Difference.id).where(
        Difference.record_kind == kind.value, Difference.record == record, Difference.field.in_(personal_fields(kind)))))


def _is_personal(change: list[Any], kind: Kind, record: str, empty: dict[str, Value], differences: frozenset[str]) -> bool:
    if change[1] == Kind.DIFFERENCE and change[2] in differences:
        return change[0] == "=" and change[3] in DIFFERING
    return change[1:3] == [kind.value, record] and change[0] == "=" and change[3] in empty

