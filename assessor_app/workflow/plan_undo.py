"""Undo and redo of what was done to a region's plan, one step after another; each is a new write, so the journal is the list."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models.journal import Unit
from assessor_app.models.kinds import region_scope
from assessor_app.models.tables import Device, Intent
from assessor_app.workflow.editing import REDO, UNDO, UndoStep, redo, undo

_MOST = 400
_OURS = ("programme.", "plan.")


@dataclass(frozen=True, slots=True)
class PlanSteps:
    """What undo would take back and what redo would do again; None where there is nothing."""

    undo: UndoStep | None
    redo: UndoStep | None


def plan_steps(session: Session, region: str) -> PlanSteps:
    """Return the steps of this notebook on a region's plan that come next, either way."""
    newest = session.execute(select(Intent.unit, Intent.purpose, Intent.at).where(
        Intent.device.in_(select(Device.id)), Intent.scope == region_scope(region)).order_by(
        Intent.at.desc(), Intent.counter.desc()).limit(_MOST)).all()
    done: list[UndoStep] = []
    undone: list[UndoStep] = []
    for unit, purpose, at in reversed(newest):
        step = UndoStep(unit, purpose, at)
        if purpose.startswith(UNDO):
            back = purpose.removeprefix(UNDO)
            if any(one.unit == back for one in done):
                done = [one for one in done if one.unit != back]
                undone.append(step)
        elif purpose.startswith(REDO):
            undone = [one for one in undone if one.unit != purpose.removeprefix(REDO)]
            done.append(step)
        elif purpose.startswith(_OURS):
            done.append(step)
            undone.clear()
    return PlanSteps(done[-1] if done else None, undone[-1] if undone else None)


def step_back(unit: Unit, region: str, *, again: bool = False, force: bool = False) -> bool:
    """Take the last step on a region's plan back, or do ``again`` what was taken back last; False where there is none.

    It runs on the writer, behind whatever is still being written. Raises AppError where a value was changed since.
    """
    steps = plan_steps(unit.session, region)
    step = steps.redo if again else steps.undo
    if step is None:
        return False
    (redo if again else undo)(unit, step.unit, force=force)
    return True
