"""Pending intents that the server may hold all the same: another copy of this notebook, or their author, gave it them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models.consent import leaving
from assessor_app.models.journal import PENDING, Unit
from assessor_app.models.tables import Carried, Device, Erasure, Intent
from assessor_app.sync import apply
from assessor_app.sync.intents import WireIntent, content_hash
from assessor_app.sync.merge import Outcome
from assessor_app.sync.protocol import HASH, Stored, Verdict

#: Device, first and last counter.
Run = tuple[str, int, int]


def doubtful(session: Session, *, set_back: bool = False) -> list[Run]:
    """Return runs of pending intents that are not offered just now and that the server may hold.

    They are of this notebook's earlier incarnations, or they came on a stick and need not be carried on; where the notebook or the server
    was ``set_back``, every one that may not leave, or that is carried.
    """
    own = set(session.scalars(select(Device.id)))
    asked = select(Intent.device, Intent.counter, Intent.hold).where(Intent.state.in_(PENDING)).order_by(Intent.device, Intent.counter)
    if not set_back:
        waiting = select(Carried.device).where(Carried.arrived.is_(False))
        asked = asked.where(Intent.device.not_in(select(Device.id).where(Device.current)), Intent.device.not_in(waiting))
    found = session.execute(asked).all()
    leave = leaving(session, {hold for device, _, hold in found if device in own})
    runs: list[Run] = []
    for device, counter, hold in found:
        if device in own and leave[hold]:
            continue  # it is offered, and gets its verdict so
        if runs and runs[-1][0] == device and runs[-1][2] + 1 == counter:
            runs[-1] = (device, runs[-1][1], counter)
        else:
            runs.append((device, counter, counter))
    return runs


def resolve(unit: Unit, stored: list[Stored]) -> None:
    """Take what the server holds of doubtful intents for their verdicts; one that is another there gets a new id."""
    session = unit.session
    erased = {(kind, record) for kind, record in session.execute(select(Erasure.kind, Erasure.record))}
    out = []
    for one in stored:
        intent = session.get(Intent, (one.device, one.counter))
        if intent is None or intent.state not in PENDING:
            continue
        here = WireIntent(intent.device, intent.counter, intent.at, intent.purpose, intent.scope, intent.changes)
        same = content_hash(here)[:HASH] == one.hash or any((change[1], change[2]) in erased for change in intent.changes)
        out.append(Verdict(one.device, one.counter, one.outcome if same else Outcome.CONFLICT, one.reason))
    apply.verdicts(unit, out)


