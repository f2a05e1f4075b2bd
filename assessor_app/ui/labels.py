"""The words of the field for the codes of the data: stages, states, roles, dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assessor_app.i18n import mark, t
from assessor_app.models.kinds import (
    DIMENSION_NAMES,
    AttachmentType,
    Consent,
    DocumentType,
    FindingType,
    Kind,
    Method,
    ProgrammeStatus,
    RevisionType,
    Role,
    SheetState,
    Stage,
)

_STAGES = {
    Stage.BIMTEK_1: mark("Workshop I"), Stage.BIMTEK_2: mark("Workshop II"), Stage.BIMTEK_3: mark("Workshop III"),
    Stage.BIMTEK_4: mark("Workshop IV"), Stage.EVALUATION: mark("Evaluation"), Stage.OTHER: mark("Other visit"),
}
_METHODS = {Method.ON_SITE: mark("On site"), Method.ONLINE: mark("Online"), Method.MIXED: mark("Partly online")}
_ROLES = {Role.OFFICIAL: mark("Official"), Role.RESPONDENT: mark("Respondent")}
_CONSENT = {Consent.NONE: mark("No consent yet"), Consent.GIVEN: mark("Consent given"),
            Consent.WITHDRAWN: mark("Consent withdrawn")}
_STATES = {
    SheetState.DRAFT: mark("Draft"), SheetState.READY: mark("Ready to sign"), SheetState.SIGNED: mark("Signed (locked)"),
    SheetState.COSIGNED: mark("Co-signed"), SheetState.STORED: mark("Arrived at the centre"),
    SheetState.APPROVED: mark("Approved"), SheetState.RETURNED: mark("Returned with remarks"),
}
_DOCUMENTS = {DocumentType.MINUTES: mark("Visit minutes"), DocumentType.EVALUATION_SHEET: mark("Evaluation sheet"),
              DocumentType.PANEL_REPORT: mark("Panel report"), DocumentType.SUMMARY: mark("Summary on one page"),
              "blank_sheet": mark("Blank sheet")}
_REVISIONS = {
    RevisionType.SIGNED: mark("Signed"), RevisionType.COSIGNED: mark("Co-signed"),
    RevisionType.TIMESTAMPED: mark("Timestamped"), RevisionType.WET_SCAN: mark("Wet-signed"),
}
_ATTACHMENTS = {
    AttachmentType.PHOTO: mark("Photo"), AttachmentType.AUDIO: mark("Recording"), AttachmentType.FILE: mark("File"),
    AttachmentType.CONSENT: mark("Consent form"), AttachmentType.INK: mark("Drawn signature"),
}
_FINDINGS = {FindingType.STRENGTH: mark("Strength"), FindingType.WEAKNESS: mark("Weakness"),
             FindingType.RECOMMENDATION: mark("Recommendation")}
_FINDING_GROUPS = {FindingType.STRENGTH: mark("Strengths"), FindingType.WEAKNESS: mark("Weaknesses"),
                   FindingType.RECOMMENDATION: mark("Recommendations")}
_PROGRAMMES = {
    ProgrammeStatus.PLANNED: mark("Planned"), ProgrammeStatus.RUNNING: mark("Running"), ProgrammeStatus.DELAYED: mark("Delayed"),
    ProgrammeStatus.DONE: mark("Done"), ProgrammeStatus.STOPPED: mark("Stopped"),
}
_ACTIONS = {"": mark("Open"), "open": mark("Open"), "running": mark("In progress"), "done": mark("Done"),
            "dropped": mark("Dropped")}
_KINDS = {
    Kind.ASSESSOR: mark("Assessor"), Kind.LETTERHEAD: mark("Letterhead"), Kind.PLAN: mark("Master plan"),
    Kind.PROGRAMME: mark("Programme"), Kind.PROGRAMME_YEAR: mark("Year of a programme"), Kind.ACTION: mark("Follow-up action"),
    Kind.PERSON: mark("Person"), Kind.VISIT: mark("Visit"), Kind.INTERVIEW: mark("Interview"),
    Kind.ATTACHMENT: mark("Attachment"), Kind.SHEET: mark("Evaluation sheet"), Kind.ANSWER: mark("Score"),
    Kind.FINDING: mark("Note on the evaluation"), Kind.DOCUMENT: mark("Document"), Kind.NUMBERS: mark("Block of numbers"),
    Kind.INSTRUMENT: mark("Instrument"), Kind.REVISION: mark("Signed document"), Kind.DIFFERENCE: mark("Difference"),
    Kind.KEY: mark("Key of a device"), Kind.PANEL: mark("Panel"), Kind.PANEL_REMARK: mark("Word of the panel"),
    Kind.SURVEY: mark("Impact survey"), Kind.BOOK: mark("Book"), Kind.MARK: mark("Mark in a book"),
    Kind.REQUEST: mark("Request of a person"), Kind.INNOVATION: mark("Example of another region"),
}
_FIELDS = {
    "name": mark("Name"), "title": mark("Title"), "body": mark("Text"), "place": mark("Place"), "held_at": mark("Held at"),
    "objective": mark("Objective"), "summary": mark("Summary"), "seen": mark("What was seen"), "starts_on": mark("First day"),
    "ends_on": mark("Last day"), "agency": mark("Agency"), "pic": mark("Person in charge"), "budget": mark("Budget"),
    "status": mark("Status"), "target": mark("Target"), "indicator": mark("Indicator"), "funding": mark("Funding"),
    "description": mark("Description"), "due": mark("Due"), "score": mark("Score"), "reason": mark("Reason"),
    "vision": mark("Vision"), "goals": mark("Goals"), "office": mark("Office"), "phone": mark("Telephone"),
    "method": mark("Method"), "stage": mark("Stage"), "number": mark("Number"), "caption": mark("Caption"),
    "dimension": mark("Dimension"), "sub_dimension": mark("Sub-dimension"), "remark": mark("Remark"),
    "first_year": mark("First year"), "last_year": mark("Last year"), "deleted": mark("Deleted"), "witness": mark("Witness"),
    "rank": mark("Rank"), "nip": mark("NIP"), "occupation": mark("Occupation"), "label": mark("Label"),
    "benefit": mark("Benefit"), "unit": mark("Unit"), "introduction": mark("Introduction"), "copies": mark("Copies"),
    "pic_phone": mark("Telephone"), "lines": mark("Letterhead lines"), "address": mark("Address"),
    "answered": mark("Answered on the visit"), "structure": mark("Structure"), "infrastructure": mark("Infrastructure"),
    "suprastructure": mark("Suprastructure"), "gap": mark("Gap analysis"), "strengths": mark("Strengths"),
    "weaknesses": mark("Weaknesses"), "opportunities": mark("Opportunities"), "threats": mark("Threats"),
    "council": mark("Smart City council"), "team": mark("Delivery team"), "forum": mark("Smart City forum"),
    "origin": mark("Copied from"), "problem": mark("Problem"), "contact": mark("Office to ask"), "source": mark("Source"),
    "email": mark("E-mail"), "path": mark("Order of the workshops' needs"), "benefit_months": mark("Months until the benefit"),
    "is_infrastructure": mark("Is it infrastructure?"),
    "interview": mark("Said in the interview"), "receiving_office": mark("Receiving office"),
}


def _of(table: Mapping[Any, str], code: str) -> str:
    text = {str(key): value for key, value in table.items()}.get(code)
    return t(text) if text else code


def stage(code: str) -> str:
    """Return the words for what a visit is for."""
    return _of(_STAGES, code)


def method(code: str) -> str:
    """Return the words for how a visit is held."""
    return _of(_METHODS, code)


def role(code: str) -> str:
    """Return the words for why a person is in the notebook."""
    return _of(_ROLES, code)


def consent(code: str) -> str:
    """Return the words for where a consent stands."""
    return _of(_CONSENT, code or Consent.NONE)


def state(code: str) -> str:
    """Return the words for the state of a score sheet or a document."""
    return _of(_STATES, code or SheetState.DRAFT)


def document(code: str) -> str:
    """Return the name of a type of document."""
    return _of(_DOCUMENTS, code)


def revision(code: str) -> str:
    """Return the words for what made a revision."""
    return _of(_REVISIONS, code)


def attachment(code: str) -> str:
    """Return the name of a type of attachment."""
    return _of(_ATTACHMENTS, code)


def finding(code: str) -> str:
    """Return the name of one note on the evaluation."""
    return _of(_FINDINGS, code)


def findings(code: str) -> str:
    """Return the heading over notes of one type."""
    return _of(_FINDING_GROUPS, code)


_BOOKS = {"strategic": mark("Book 1, Strategic Analysis"), "masterplan": mark("Book 2, Master Plan"),
          "summary": mark("Book 3, Executive Summary"), "quick_win": mark("Book 4, Quick Win"), "other": mark("Another book")}


def book(code: str) -> str:
    """Return which book of the plan it is."""
    return _of(_BOOKS, code)


def programme_status(code: str) -> str:
    """Return the words for how far a programme is."""
    return _of(_PROGRAMMES, code) if code else ""


def action_status(code: str) -> str:
    """Return the words for how far an agreed action is."""
    return _of(_ACTIONS, code)


def kind(code: str) -> str:
    """Return the name of a kind of record."""
    return _of(_KINDS, code)


def field(code: str) -> str:
    """Return the name of a field."""
    return _of(_FIELDS, code)


def dimension(code: str) -> str:
    """Return the name of a dimension or sub-dimension: names of the programme, the same in both languages."""
    return DIMENSION_NAMES.get(code, code)


def stages() -> list[tuple[str, str]]:
    """Return all stages with their words."""
    return [(code.value, stage(code.value)) for code in Stage]


def methods() -> list[tuple[str, str]]:
    """Return all methods with their words."""
    return [(code.value, method(code.value)) for code in Method]
