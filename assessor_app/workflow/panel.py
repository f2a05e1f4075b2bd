"""The panel of a visit: closing it, its words where assessors saw things differently, and its result from signed sheets alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app import formats, ids
from assessor_app.errors import AppError, BadInput, NotAllowed
from assessor_app.i18n import nt, t
from assessor_app.models import panel
from assessor_app.models.attachments import Attachment
from assessor_app.models.catalogue import Assessor
from assessor_app.models.evaluations import Sheet
from assessor_app.models.instrument import Instrument
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import AttachmentType, Kind, PanelState
from assessor_app.models.lifecycle import locked
from assessor_app.models.panel import PanelResult, SheetData, SheetFault
from assessor_app.models.panels import Panel, PanelRemark
from assessor_app.models.permissions import closers
from assessor_app.models.plans import Action
from assessor_app.models.visits import Visit
from assessor_app.workflow import evaluating, verdicts
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.panel_sheets import File, anchors_of, files_of, last_year, read_sheets
from assessor_app.workflow.syncing import joined


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that somebody handed over: whose sheet it is, or why it cannot be taken (stable codes). No score of it is told."""

    source: str
    assessor: str = ""
    name: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the panel, as the report prints them."""

    assessor: str
    name: str  # with academic titles
    institution: str


@dataclass(frozen=True, slots=True)
class AgreedAction:
    """What was agreed on the visit: by whom, by when (ISO date), how far."""

    id: str
    body: str
    agency: str
    due: str
    status: str


@dataclass(frozen=True, slots=True)
class PanelFacts:
    """Everything that a panel report says; letterhead, region and visit are ``workflow.contents``'."""

    visit: str
    region: str  # Kemendagri code
    year: int | None
    result: PanelResult
    closed_by: str  # assessor id
    closed_at: int | None  # ms UTC
    members: tuple[Member, ...]
    awaited: tuple[str, ...]  # names of members whose sheet is not counted (yet)
    introduction: str
    method: str
    conclusion: str
    actions: tuple[AgreedAction, ...]


def panel_id(visit: str) -> str:
    """Return the id of a visit's panel: the same on every device."""
    return ids.natural_id(Kind.PANEL, visit)


def team_of(at: Visit) -> tuple[str, ...]:
    """Return the ids of those who score on a visit, the lead first."""
    return tuple(dict.fromkeys(one for one in (at.lead, *at.team) if one))


def fault_text(code: str) -> str:
    """Return why a sheet is not counted."""
    return {
        panel.NOT_A_SHEET: t("This is no evaluation sheet that a panel can count."),
        panel.OTHER_VISIT: t("This sheet is of another visit."),
        panel.OTHER_INSTRUMENT: t("This sheet uses another instrument, or another version of it."),
        panel.NOT_A_MEMBER: t("Its assessor does not belong to this panel."),
        panel.OTHER_SIGNER: t("It was signed by somebody else than the assessor whom it names."),
        panel.TWO_SHEETS: t("There are two sheets of this assessor, and none says that it replaces the other."),
        panel.NOT_HERE: t("Its file is not on this device yet."),
        panel.BAD_SCORE: t("It holds a score that its question does not have."),
    }.get(code) or verdicts.problem_text(code)


def faults_text(fault: SheetFault) -> str:
    """Return one sentence on a sheet that is not counted: which, whose, why."""
    who = f" ({fault.name})" if fault.name else ""
    return f"{fault.source}{who}: " + " ".join(fault_text(code) for code in fault.codes)


# Closing

def offers(account: Account, visit: str, given: Sequence[tuple[str, bytes]]) -> tuple[Offer, ...]:
    """Say of files (name and bytes) whose sheets they are and which cannot be taken. Nothing of them is kept or told.

    Takes about a second. Raises AppError where the person has not signed their own sheet.
    """
    with account.reading() as session:
        own = _own(session, account, visit)
        return _offers(session, visit, own, given)


def close(account: Account, visit: str, given: Sequence[tuple[str, bytes]] = (), *, by_line: bool = False,
          without: frozenset[str] = frozenset()) -> None:
    """Close the panel, in one transaction: from files that were handed over, or (``by_line``) for the centre to exchange the sheets.

    Of files, those of all others of the team must be there but for ``without``, who then do not belong to the panel. Raises
    NotAllowed, or BadInput with everything that is missing or wrong; nothing is kept then.
    """
    with account.reading() as session:
        _check_lead(session, account, visit)
        _check_open(session.get(Panel, panel_id(visit)))
        own = _own(session, account, visit)
        team = [one for one in team_of(_visit(session, visit)) if one not in without]
        found = _offers(session, visit, own, given)
        faults = [faults_text(SheetFault(offer.source, offer.name, offer.codes)) for offer in found if offer.codes]
        there = {account.profile, *(offer.assessor for offer in found if not offer.codes)}
        if not by_line:
            faults += [t("{0}: the signed sheet is missing.").format(name_of(session, one)) for one in team
                       if one not in there and one not in account.actor.ids]
        elif not joined(session):
            faults.append(t("This notebook belongs to no server: only files can close the panel."))
        members = sorted({account.profile, *team} if by_line else there)
        mine = [(f"{own.number or own.document}.pdf".replace("/", "-"), file.data) for file in files_of(session, account, visit)
                if file.data is not None and hashlib.sha256(file.data).hexdigest() == own.file_sha256][:1]
    if faults:
        raise BadInput(t("The panel cannot be closed yet."), tuple(faults), kept=t("Nothing was taken in, and no score was shown."))
    keep = (*mine, *given) if given else ()
    for _, data in keep:
        account.blobs.put(data)

    def work(unit: Unit) -> None:
        row = unit.session.get(Panel, panel_id(visit))
        _check_open(row)
        if row is None:
            row = unit.add(Panel(id=panel_id(visit), visit=visit))
        row.deleted = False
        row.state, row.closed_by, row.closed_at, row.members = PanelState.CLOSED, account.profile, unit.now_ms, members
        _attach(unit, visit, keep)

    account.writer.run(work, purpose="panel.close")


def take_in(account: Account, visit: str, given: Sequence[tuple[str, bytes]]) -> None:
    """Take in signed sheets that came after the panel was closed; their assessors then belong to it. Raises NotAllowed, BadInput."""
    with account.reading() as session:
        row = session.get(Panel, panel_id(visit))
        if not is_closed(row):
            raise BadInput(t("The panel is not closed yet."), hint=t("Close it with these files."), kept=t("Nothing was taken in."))
        _check_lead(session, account, visit)
        found = _offers(session, visit, _own(session, account, visit), given)
        faults = [faults_text(SheetFault(offer.source, offer.name, offer.codes)) for offer in found if offer.codes]
    if faults:
        raise BadInput(t("These files cannot be taken in."), tuple(faults), kept=t("Nothing was taken in."))
    for _, data in given:
        account.blobs.put(data)

    def work(unit: Unit) -> None:
        at = unit.get(Panel, panel_id(visit))
        at.members = sorted({*at.members, *(offer.assessor for offer in found)})
        _attach(unit, visit, given)

    account.writer.run(work, purpose="panel.take")


def _attach(unit: Unit, visit: str, given: Sequence[tuple[str, bytes]]) -> None:
    there = set(unit.session.scalars(select(Attachment.sha256).where(
        Attachment.visit == visit, Attachment.type == AttachmentType.SIGNED_SHEET, Attachment.deleted.is_(False))))
    for name, data in given:
        digest = hashlib.sha256(data).hexdigest()
        if digest not in there:
            there.add(digest)
            unit.add(Attachment(visit=visit, type=AttachmentType.SIGNED_SHEET, name=name, media_type="application/pdf", size=len(data),
                                sha256=digest))


def _offers(session: Session, visit: str, own: SheetData, given: Sequence[tuple[str, bytes]]) -> tuple[Offer, ...]:
    team = set(team_of(_visit(session, visit)))
    read, faults = read_sheets(session, [File(name, data) for name, data in given], anchors_of(session))
    doubtful = {sheet.document for sheet in panel.newest(sheet for _, sheet in read)[1]}
    out = [Offer(fault.source, "", fault.name, fault.codes) for fault in faults]
    for source, sheet in read:
        code = (panel.OTHER_VISIT if sheet.visit != visit else panel.NOT_A_MEMBER if sheet.assessor not in team
                else panel.OTHER_INSTRUMENT if sheet.instrument_sha256 != own.instrument_sha256
                else panel.TWO_SHEETS if sheet.document in doubtful else "")
        out.append(Offer(source, sheet.assessor, sheet.name, (code,) if code else ()))
    place = {name: n for n, (name, _) in enumerate(given)}
    return tuple(sorted(out, key=lambda offer: place.get(offer.source, 0)))


def _own(session: Session, account: Account, visit: str) -> SheetData:
    """Return the person's own signed sheet, verified. Raises AppError."""
    read, faults = read_sheets(session, files_of(session, account, visit), anchors_of(session))
    kept, _ = panel.newest(sheet for _, sheet in read if sheet.assessor in account.actor.ids and sheet.visit == visit)
    signed = session.get(Sheet, evaluating.sheet_id(visit, account.profile))
    if signed is None or not locked(signed.state):
        raise BadInput(t("Sign your own evaluation sheet first."),
                       message=t("Each assessor scores alone: who has not signed sees no other sheet."),
                       kept=t("Nothing was changed."))
    if not kept:
        raise BadInput(t("Your own signed sheet cannot be counted."), tuple(faults_text(fault) for fault in faults),
                       hint=t("A sheet counts once the centre vouches for its key: synchronise, or join by invitation."),
                       kept=t("Nothing was changed."))
    return kept[0]


def is_closed(row: Panel | None) -> bool:
    """Tell whether a panel is closed."""
    return row is not None and row.state == PanelState.CLOSED and not row.deleted


def _check_open(row: Panel | None) -> None:
    if is_closed(row):
        raise AppError(t("The panel is closed already."), kept=t("Nothing was changed."))


def _visit(session: Session, visit: str) -> Visit:
    found = session.get(Visit, visit)
    if found is None:
        raise AppError(t("This visit is not in the notebook."))
    return found


def _check_lead(session: Session, account: Account, visit: str) -> None:
    at = _visit(session, visit)
    if not account.actor.ids & closers(at.lead, at.team):
        raise NotAllowed(t("Only the lead of the visit closes its panel: {0}.").format(name_of(session, at.lead)),
                         kept=t("Nothing was changed."))


def name_of(session: Session, assessor: str) -> str:
    """Return an assessor's name with titles, or words for one that this device does not know."""
    row = session.get(Assessor, assessor)
    if row is None or not row.name:
        return t("an assessor not known here")
    return formats.full_name(row.name, row.title_before, row.title_after)


# Words and texts

def remark(unit: Unit, visit: str, question: str, body: str) -> str:
    """Write the panel's word on a question; return its id. Raises BadInput while the panel is not closed."""
    if not is_closed(unit.session.get(Panel, panel_id(visit))):
        raise BadInput(t("The panel is not closed yet."), kept=t("Nothing was changed."))
    record = ids.natural_id(Kind.PANEL_REMARK, visit, question)
    said = unit.session.get(PanelRemark, record)
    if said is None:
        said = unit.add(PanelRemark(id=record, visit=visit, question=question))
    said.body = body
    return record


def set_texts(unit: Unit, visit: str, **values: str | float | None) -> str:
    """Set ``introduction``, ``method``, ``conclusion`` or ``previous_index`` of a visit's panel, made where there is none yet."""
    if set(values) - {"introduction", "method", "conclusion", "previous_index"}:
        raise KeyError(sorted(values))
    row = unit.session.get(Panel, panel_id(visit))
    if row is None:
        row = unit.add(Panel(id=panel_id(visit), visit=visit))
    row.deleted = False
    for name, value in values.items():
        setattr(row, name, value)
    return row.id


# The result

def result(account: Account, visit: str) -> PanelResult:
    """Return the panel's result from the data inside signed sheets that verify; the others are named in ``faults``.

    Before the panel is closed only the person's own sheet is in it. Takes about a second the first time. Raises AppError
    where there is no sheet, or the instrument is not on this device.
    """
    with account.reading() as session:
        return _result(session, account, visit)


def _result(session: Session, account: Account, visit: str) -> PanelResult:
    at, row = _visit(session, visit), session.get(Panel, panel_id(visit))
    closed = is_closed(row)
    anchors = anchors_of(session)
    read, faults = read_sheets(session, files_of(session, account, visit), anchors)
    if not closed:
        read = [(source, sheet) for source, sheet in read if sheet.assessor in account.actor.ids]
    members = set(row.members) if row is not None and closed else account.actor.ids
    words = {said.question: said.body for said in session.scalars(select(PanelRemark).where(
        PanelRemark.visit == visit, PanelRemark.deleted.is_(False)))}
    before = last_year(session, at, row.previous_index if row is not None else None, anchors)
    try:
        found, named = panel.compute(read, visit, members, row.closed_by if row is not None else "",
                                     lambda sheet: _instrument(session, sheet), words, before, faults)
    except LookupError as missing:
        raise AppError(t("The instrument {0} is not on this device.").format(str(missing.args[0])),
                       hint=t("Synchronise, or import its workbook.")) from missing
    if found is not None:
        return found
    own = session.get(Sheet, evaluating.sheet_id(visit, account.profile))
    if own is None or not own.instrument:
        raise AppError(t("There is no signed sheet of this visit yet."))
    instrument = evaluating.instrument_of(session, own.instrument)
    return panel.together(instrument, (), {}, before, named)


def _instrument(session: Session, sheet: SheetData) -> Instrument | None:
    """Return the instrument of a sheet where this device has just that content."""
    try:
        found = evaluating.instrument_of(session, sheet.instrument)
    except AppError:
        return None
    return found if found.sha256 == sheet.instrument_sha256 else None


def report_facts(account: Account, visit: str) -> PanelFacts:
    """Return everything that a panel report says. Raises AppError while the panel is not closed."""
    with account.reading() as session:
        at, row = _visit(session, visit), session.get(Panel, panel_id(visit))
        if row is None or not is_closed(row):
            raise AppError(t("The panel is not closed yet."), hint=t("Its lead closes it on the page Scoring, under Panel."))
        found = _result(session, account, visit)
        members = tuple(Member(sheet.assessor, sheet.name, sheet.institution) for sheet in found.sheets)
        actions = tuple(AgreedAction(a.id, a.body, a.agency, a.due, a.status) for a in session.scalars(
            select(Action).where(Action.visit == visit, Action.deleted.is_(False)).order_by(Action.number, Action.id)) if a.body.strip())
        counted = {sheet.assessor for sheet in found.sheets}
        awaited = tuple(name_of(session, one) for one in row.members if one not in counted)
        return PanelFacts(visit, at.region, at.year, found, row.closed_by, row.closed_at, members, awaited, row.introduction, row.method,
                          row.conclusion, actions)


def missing_for_report(facts: PanelFacts) -> list[str]:
    """Return what still keeps the panel's report from being signed, each as a sentence; nothing when it is ready."""
    found = facts.result
    out = [t("{0}: the signed sheet is missing.").format(name) for name in facts.awaited]
    if found.evaluation.provisional:
        out.append(t("The index is provisional: not every sheet scores every question."))
    if found.owed:
        codes = ", ".join(found.instrument.question(q).code for q in found.owed[:8]) + (" …" if len(found.owed) > 8 else "")
        out.append(nt("{n} question on which assessors are 2 points or more apart has no word of the panel yet",
                      "{n} questions on which assessors are 2 points or more apart have no word of the panel yet",
                      len(found.owed)) + f" ({codes}).")
    return out
