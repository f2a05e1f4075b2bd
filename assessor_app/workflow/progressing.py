"""How far a programme is in a year, said by somebody in an interview."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit
from assessor_app.models.plans import Programme
from assessor_app.workflow.plan_cells import followed, write_cells
from assessor_app.workflow.queries.master_plan import Source, YearRow, plan_part


@dataclass(frozen=True, slots=True)
class YearSaid:
    """What is known of a programme's year, and the note in which its status was said, where one is named."""

    year: YearRow
    source: Source | None


def year_said(session: Session, programme: str, year: int) -> YearSaid:
    """Return what is known of a programme's year."""
    part = plan_part(session, (programme,), ())
    row = part.rows[0].years.get(year, YearRow()) if part.rows else YearRow()
    return YearSaid(row, part.sources.get(row.interview))


def say_status(unit: Unit, programme: str, year: int, status: str, interview: str = "") -> None:
    """Set a programme's status of a year; the note becomes its source and is linked to the programme.

    Only the note's id travels with the plan, never its words; so a note that stays on this device may be named.
    """
    home = unit.get(Programme, programme)
    (row,) = plan_part(unit.session, (programme,), ()).rows
    values = followed(row, {f"status:{year}": status, f"interview:{year}": interview if status else ""})
    write_cells(unit, home.region, home.plan, {programme: values})
    if interview and status:
        note = unit.get(Interview, interview)
        if programme not in note.programmes:
            note.programmes = [*note.programmes, programme]
