"""Follow-up: a recommendation becomes an agreed action; the next visit to the region asks what became of each."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.models.journal import Unit
from assessor_app.models.plans import Action
from assessor_app.models.visits import Visit
from assessor_app.workflow.visiting import add_action

#: What may have become of an action.
STATUSES = ("done", "running", "open", "dropped")
#: States in which an action is asked about again.
_UNFINISHED = ("", "open", "planned", "running")


def from_recommendation(unit: Unit, visit: str, body: str, *, agency: str = "", due: str = "") -> str:
    """Make an agreed action of a recommendation's words; owner and date follow. Returns its id. Raises BadInput for no words."""
    if not body.strip():
        raise BadInput(t("The recommendation has no words yet."), kept=t("Nothing was changed."))
    return add_action(unit, visit, body.strip(), agency=agency, due=due)


def answer_action(unit: Unit, visit: str, action: str, *, status: str | None = None, remark: str | None = None) -> None:
    """Say on a visit what became of an action of an earlier one. Raises BadInput for a state that there is not."""
    row = unit.get(Action, action)
    if status is not None:
        if status not in STATUSES:
            raise BadInput(t("An action has no state of this name: {0}").format(status), kept=t("Nothing was changed."))
        row.status = status
    if remark is not None:
        row.remark = remark
    row.answered = visit


def earlier(session: Session, visit: str) -> list[Action]:
    """Return the actions of the region's earlier visits that this one asks about or has answered, the oldest due first."""
    at = session.get(Visit, visit)
    if at is None:
        return []
    begun = {row.id: row.starts_on for row in session.scalars(select(Visit).where(Visit.region == at.region))}
    rows = session.scalars(select(Action).where(
        Action.region == at.region, Action.visit != visit, Action.deleted.is_(False)))
    asked = [row for row in rows if row.body.strip() and _before(begun.get(row.visit, ""), at.starts_on)
             and (row.answered == visit or row.status in _UNFINISHED)]
    return sorted(asked, key=lambda row: (not row.due, row.due, begun.get(row.visit, ""), row.number or 0, row.id))


def _before(other: str, own: str) -> bool:
    """Tell whether a visit was earlier; one that this notebook does not have (another assessor's) counts as earlier."""
    return not other or not own or other < own
