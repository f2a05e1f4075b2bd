"""The history of one answer: who set it when, from what to what, and with which reason; read from the journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from assessor_app.models.catalogue import Assessor
from assessor_app.models.evaluations import Answer, Sheet
from assessor_app.models.kinds import Kind, sheet_scope
from assessor_app.models.tables import Device, Intent, IntentBefore
from assessor_app.workflow.evaluating import answer_id

_FIELDS = ("score", "reason", "evidence")


@dataclass(frozen=True, slots=True)
class Change:
    """One change: ``field`` score, reason or evidence; ``why`` is the reason that stood beside a score; ``at`` ms UTC, 0 unknown."""

    at: int
    who: str
    field: str
    before: str
    after: str
    why: str = ""
    undone: bool = False  # this took an earlier change back
    elsewhere: bool = False  # on another device of the same person: what stood before is not here


def answer_history(session: Session, sheet: str, question: str) -> tuple[Change, ...]:
    """Return the changes of an answer, the newest first."""
    record = answer_id(sheet, question)
    row, of = session.get(Answer, record), session.get(Sheet, sheet)
    if row is None or of is None:
        return ()
    author = session.get(Assessor, of.assessor)
    who = author.name if author is not None else ""
    intents = session.scalars(select(Intent).where(
        Intent.scope == sheet_scope(sheet), cast(Intent.changes, Text).contains(record)).order_by(Intent.at, Intent.device, Intent.counter))
    found = [replace(one, who=who) for intent in intents for one in _of(session, intent, record)]
    own = set(session.scalars(select(Device.id)))
    for field in ("score", "reason"):
        version = row.version_of(field)
        if version and version.partition(".")[0] not in own and (getattr(row, field) or field in row.versions):
            found.append(Change(row.changed_at, who, field, "", str(getattr(row, field)), elsewhere=True))
    return tuple(reversed(_reasoned(sorted(found, key=lambda one: one.at))))


def _of(session: Session, intent: Intent, record: str) -> Iterator[Change]:
    kept = session.get(IntentBefore, (intent.device, intent.counter))
    before: list[Any] = kept.values if kept is not None else []
    undone = intent.purpose.startswith("undo:")
    for index, change in enumerate(intent.changes):
        if change[1:3] != [Kind.ANSWER.value, record]:
            continue
        if change[0] == "+":
            for field in _FIELDS:
                if change[3].get(field):
                    yield Change(intent.at, "", field, "", _text(change[3][field]), undone=undone)
        elif change[0] == "=" and change[3] in _FIELDS:
            yield Change(intent.at, "", change[3], _text(before[index]) if index < len(before) else "", _text(change[5]), undone=undone)


def _text(value: Any) -> str:
    return str(len(value)) if isinstance(value, list) else str(value or "")


def _reasoned(changes: list[Change]) -> list[Change]:
    """Give each score the reason that was written with it: the last one before the next score."""
    out: list[Change] = []
    reason = ""
    for at, one in enumerate(changes):
        if one.field == "reason":
            reason = one.after
        if one.field == "score":
            said = reason
            for later in changes[at + 1:]:
                if later.field == "score":
                    break
                if later.field == "reason":
                    said = later.after
            one = replace(one, why=said)
        out.append(one)
    return out
