"""What a passage of a note is made into: evidence for a question, a remark on a programme, an action for an agency."""

from __future__ import annotations

from collections.abc import Sequence

from assessor_app import formats, ids
from assessor_app.errors import NotAllowed
from assessor_app.i18n import t
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import Kind
from assessor_app.models.plans import Programme, ProgrammeYear
from assessor_app.models.visits import Visit
from assessor_app.workflow.evaluating import add_evidence, evidenced_by
from assessor_app.workflow.interviewing import ground_of
from assessor_app.workflow.visiting import add_action


def as_evidence(unit: Unit, interview: str, questions: Sequence[str]) -> None:
    """Make a note evidence of questions of the person's own sheet, and link the questions to the note."""
    note = unit.get(Interview, interview)
    ref = f"{Kind.INTERVIEW}:{interview}"
    before = evidenced_by(unit.session, note.visit, unit.author, ref)
    add_evidence(unit, note.visit, ref, (*before, *questions))
    note.questions = list(dict.fromkeys((*note.questions, *questions)))


def as_remark(unit: Unit, interview: str, programme: str, passage: str) -> str:
    """Write a passage as a remark on this visit's year of a programme; return the id of that year's record.

    Raises NotAllowed where the note may not leave the device: the region's dossier travels.
    """
    note = _free(unit, interview)
    at = unit.get(Visit, note.visit)
    row = unit.get(Programme, programme)
    year = at.year or int((note.held_at or "0")[:4])
    record = ids.natural_id(Kind.PROGRAMME_YEAR, programme, str(year))
    found = unit.session.get(ProgrammeYear, record)
    if found is None:
        found = unit.add(ProgrammeYear(id=record, region=row.region, programme=programme, year=year))
    said = f"{passage.strip()} ({formats.date(note.held_at[:10])})"
    found.deleted = False
    found.remark = f"{found.remark}\n{said}" if found.remark else said
    if programme not in note.programmes:
        note.programmes = [*note.programmes, programme]
    return record


def as_action(unit: Unit, interview: str, passage: str, agency: str, due: str = "") -> str:
    """Make a passage an action that an agency is asked for (``due`` an ISO date); return the action's id.

    Raises NotAllowed where the note may not leave the device.
    """
    note = _free(unit, interview)
    return add_action(unit, note.visit, passage.strip(), agency=agency, due=due)


def _free(unit: Unit, interview: str) -> Interview:
    note = unit.get(Interview, interview)
    ground = ground_of(unit.session, note)
    if not ground.may_leave:
        raise NotAllowed(t("This note stays on this device: {0}").format(", ".join(ground.missing) or t("nobody is named")),
                         hint=t("What is written into the plan or the actions reaches the centre. Write it in your own words, "
                                "or get consent."),
                         kept=t("The note is untouched."))
    return note
