"""Gather what is to be sent: frozen intents, and nothing whose consent is missing."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models.consent import may_leave
from assessor_app.models.journal import PENDING, State, Unit
from assessor_app.models.tables import Device, Intent, IntentBefore
from assessor_app.sync.protocol import WireIntent, as_splice

#: What one request carries at the most: intents, and characters of their changes.
MOST = 1000
LARGEST = 2_000_000


def freeze(unit: Unit, whole: set[tuple[str, int]]) -> tuple[list[WireIntent], bool]:
    """Freeze the next batch and return it as it travels, and whether more waits.

    ``whole`` names intents whose texts the server wants whole. The caller's transaction commits before a byte leaves.
    """
    session = unit.session
    order = {device: number for number, device in enumerate(session.scalars(select(Device.id).order_by(Device.created_at)))}
    waiting = sorted(session.scalars(select(Intent).where(Intent.state.in_(PENDING))), key=lambda i: (order.get(i.device, -1), i.counter))
    out: list[WireIntent] = []
    size = 0
    holds: dict[str, bool] = {}
    for intent in waiting:
        if intent.hold not in holds:
            holds[intent.hold] = may_leave(session, intent.hold)
        if not holds[intent.hold]:
            continue
        if len(out) >= MOST or size > LARGEST:
            return out, True
        if intent.state == State.OPEN:
            intent.state = State.FROZEN
        changes = intent.changes
        if (intent.device, intent.counter) not in whole:
            before = session.get(IntentBefore, (intent.device, intent.counter))
            if before is not None:
                changes = [as_splice(change, value) for change, value in zip(changes, before.values, strict=True)]
        out.append(WireIntent(intent.device, intent.counter, intent.at, intent.purpose, intent.scope, changes))
        size += sum(len(part) for change in changes for part in change if isinstance(part, str))
    return out, False


def waiting(session: Session) -> tuple[int, int]:
    """Return how many intents wait to be sent, and how many of them wait for a consent."""
    holds: dict[str, bool] = {}
    sendable = held = 0
    for hold in session.scalars(select(Intent.hold).where(Intent.state.in_(PENDING))):
        if hold not in holds:
            holds[hold] = may_leave(session, hold)
        if holds[hold]:
            sendable += 1
        else:
            held += 1
    return sendable, held
