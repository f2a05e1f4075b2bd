"""How the pages call states, kinds, roles and reasons, in the person's language."""

from __future__ import annotations

from assessor_app.i18n import mark, t
from assessor_app.models import regions
from assessor_app.models.kinds import Kind
from assessor_server.web.page import Badge

_ROLES = {"assessor": mark("Assessor"), "coordinator": mark("Coordinator"), "secretariat": mark("Secretariat")}
_STATES = {
    "draft": mark("Draft"), "ready": mark("Ready to sign"), "signed": mark("Signed (locked)"), "cosigned": mark("Co-signed"),
    "stored": mark("Arrived at the centre"), "approved": mark("Approved"), "returned": mark("Returned with remarks")}
_TYPES = {"minutes": mark("Visit minutes"), "evaluation_sheet": mark("Evaluation sheet"), "panel_report": mark("Panel report")}
_REVISIONS = {"signed": mark("Signed"), "cosigned": mark("Co-signed"), "timestamped": mark("Timestamped"), "wet_scan": mark("Wet-signed")}
_STAGES = {
    "bimtek_1": mark("Workshop I"), "bimtek_2": mark("Workshop II"), "bimtek_3": mark("Workshop III"), "bimtek_4": mark("Workshop IV"),
    "evaluation": mark("Evaluation"), "other": mark("Other visit")}
_KINDS = {
    Kind.ASSESSOR: mark("Assessor"), Kind.LETTERHEAD: mark("Letterhead"), Kind.NUMBERS: mark("Document numbers"),
    Kind.INSTRUMENT: mark("Instrument"), Kind.PLAN: mark("Master plan"), Kind.PROGRAMME: mark("Programme"),
    Kind.PROGRAMME_YEAR: mark("Year of a programme"), Kind.ACTION: mark("Follow-up action"), Kind.PERSON: mark("Person"),
    Kind.VISIT: mark("Visit"), Kind.INTERVIEW: mark("Interview"), Kind.ATTACHMENT: mark("Attachment"),
    Kind.SHEET: mark("Evaluation sheet"), Kind.ANSWER: mark("Score"), Kind.FINDING: mark("Note on the evaluation"),
    Kind.DOCUMENT: mark("Document"), Kind.REVISION: mark("Document's file"), Kind.DIFFERENCE: mark("Difference"),
    Kind.PANEL: mark("Panel"), Kind.PANEL_REMARK: mark("Word of the panel"), Kind.SURVEY: mark("Impact survey"), Kind.BOOK: mark("Book"),
    Kind.MARK: mark("Mark in a book"), Kind.REQUEST: mark("Request of a person"),
    Kind.INNOVATION: mark("Example of another region")}
_REASONS = {
    "permission": mark("The account may not write there: a region or visit that is not assigned to it, or another's sheet."),
    "signed": mark("The score sheet is signed: its content never changes again."),
    "scope": mark("The change named a record of another place."),
    "state": mark("The document or sheet has moved on; this step may not follow."),
    "never": mark("A value that is written once was to be written again."),
    "exists": mark("There is such a record already, with other content."),
    "type": mark("A value is not of the kind that its field takes."),
    "size": mark("A text is longer than a field takes."),
    "empty": mark("The change was empty."),
    "kind": mark("Nobody may make such a record."),
    "device": mark("The device belongs to another account.")}
_FAULTS = {
    "not_a_pdf": mark("This is no PDF file."), "unreadable": mark("The file is damaged and cannot be read."),
    "encrypted": mark("The file is encrypted and cannot be verified."), "no_signature": mark("The file carries no signature."),
    "not_ours": mark("The file is not a document of this program."),
    "missing_signature": mark("A signature that the document expects is missing."),
    "changed": mark("The document was changed after it was signed."),
    "not_trusted": mark("Nobody we trust vouches for a signer."),
    "revoked": mark("A signer's key was revoked before this arrived: it waits for the secretariat's word."),
    "too_large": mark("The file is larger than any document of this program; it was not looked into."),
    "more_after": mark("Something was added after the last signature, or the file was cut."),
    "title_changed": mark("Title or author were changed after the signature."),
    "padding": mark("Bytes inside a signature's padding were changed."), "not_as_recorded": mark("This is not the revision on record."),
    "other_document": mark("The file says another document or region than its record.")}
_ACCESS = {
    "interview": mark("Interview note"), "person": mark("Person"), "document": mark("Signed document"), "respondent": mark("Respondent")}
_ALARMS = {
    "result": mark("Result of a signed sheet"), "panel_result": mark("Result of a panel"), "record": mark("Record"),
    "innovation": mark("Published example"),
    "scope": mark("All records of a place")}


def alarm(what: str) -> str:
    """Return what an alarm is about."""
    return t(_ALARMS[what]) if what in _ALARMS else what


def role(code: str) -> str:
    """Return what a role is called."""
    return t(_ROLES[code]) if code in _ROLES else code


def state(code: object) -> Badge:
    """Return the state of a document or sheet."""
    tone = {"approved": "good", "returned": "warn"}.get(str(code), "")
    return Badge(t(_STATES[str(code)]) if code in _STATES else str(code or ""), tone)


def document(code: object) -> str:
    """Return what a type of document is called."""
    return t(_TYPES[str(code)]) if code in _TYPES else t("Document")


def revision(code: object) -> str:
    """Return what made a revision."""
    return t(_REVISIONS[str(code)]) if code in _REVISIONS else str(code)


def stage(code: object) -> str:
    """Return what a visit was for."""
    return t(_STAGES[str(code)]) if code in _STAGES else t("Visit")


def kind(code: str) -> str:
    """Return what a kind of record is called."""
    return t(_KINDS[Kind(code)]) if code in set(Kind) else code


def reason(code: str) -> str:
    """Return why a change was refused."""
    return t(_REASONS[code]) if code in _REASONS else code


def fault(code: str) -> str:
    """Return why a file was not read as a result."""
    return t(_FAULTS[code]) if code in _FAULTS else code


def access(code: str) -> str:
    """Return what somebody looked at."""
    return t(_ACCESS[code]) if code in _ACCESS else code


def region(code: object) -> str:
    """Return a region with its type and code, for names are shared."""
    found = regions.region(str(code or ""))
    return f"{found.title} ({found.code})" if found else str(code or "–")


def year(number: object) -> str:
    """Return a year of assignment; 0 is every year."""
    return t("every year") if number == 0 else str(number if number is not None else "–")
