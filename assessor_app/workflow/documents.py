"""Making, signing and keeping documents: bytes under a signature never change, each revision has its own SHA-256."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app import clock, formats, ids
from assessor_app.errors import AppError, BadInput
from assessor_app.i18n import speaking, t
from assessor_app.models import files, regions
from assessor_app.models.attachments import Attachment
from assessor_app.models.documents import Document
from assessor_app.models.evaluations import Sheet
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import AttachmentType, DocumentType, RevisionType, SheetState
from assessor_app.models.visits import Visit
from assessor_app.workflow import evaluating, timestamping
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.clocks import check_clock
from assessor_app.workflow.revisions import document_bytes as document_bytes
from assessor_app.workflow.revisions import latest as latest
from assessor_app.workflow.revisions import record, write_whole

if TYPE_CHECKING:
    from assessor_app.identity.signers import Signer
    from assessor_app.reports.content import Content
    from assessor_app.workflow.contents import Wish

@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as it would be signed: its wish, content and unsigned bytes."""

    type: str
    visit: str
    sheet: str
    wish: Wish
    content: Content
    pdf: bytes


@dataclass(frozen=True, slots=True)
class Stroke:
    """What the official or assessor drew: strokes of points from left and top, or a picture (PNG, JPEG)."""

    strokes: tuple[tuple[tuple[float, float], ...], ...] = ()
    picture: bytes = b""


def wish(**values: Any) -> Wish:
    """Return the wish for a new document, with an id and an unguessable address of its own."""
    from assessor_app.workflow.contents import Wish

    return Wish(document=ids.new_id(), token=ids.token(100), **values)


def prepare(account: Account, type: str, visit: str, wanted: Wish) -> Prepared:
    """Build a document from the notebook, unsigned: what the preview shows. Takes up to some seconds."""
    from assessor_app.reports import signing

    with account.reading() as session, speaking(wanted.language):
        if not wanted.supersedes:
            wanted = replace(wanted, supersedes=returned(session, account, type, visit))
        content, sheet = _content(session, account, type, visit, wanted)
        return Prepared(type, visit, sheet, wanted, content, signing.make(content))


def _content(session: Session, account: Account, type: str, visit: str, wanted: Wish) -> tuple[Content, str]:
    from assessor_app.workflow import contents

    if type == DocumentType.MINUTES:
        return contents.minutes(session, visit, wanted, account.profile), ""
    if type == DocumentType.PANEL_REPORT:
        from assessor_app.workflow.contents_panel import report_content

        return report_content(session, account, visit, wanted), ""
    sheet = evaluating.sheet_id(visit, account.profile)
    return contents.evaluation_sheet(session, account.blobs, sheet, wanted), sheet


def returned(session: Session, account: Account, type: str, visit: str) -> str:
    """Return the id of the document that the centre returned and that no newer one replaces yet: the next version names it."""
    own = evaluating.sheet_id(visit, account.profile) if type == DocumentType.EVALUATION_SHEET else ""
    there = session.scalars(select(Document).where(
        Document.visit == visit, Document.type == type, Document.sheet == own, Document.deleted.is_(False)).order_by(Document.id)).all()
    replaced = {one.supersedes for one in there}
    return next((one.id for one in reversed(there) if one.state == SheetState.RETURNED and one.id not in replaced), "")


def missing_for_signature(session: Session, account: Account, type: str, visit: str) -> list[str]:
    """Return what still keeps a document from being signed, each as a sentence; nothing when it is ready."""
    out = []
    at = session.get(Visit, visit)
    if type == DocumentType.EVALUATION_SHEET:
        sheet = session.get(Sheet, evaluating.sheet_id(visit, account.profile))
        if sheet is None:
            return [t("No instrument was chosen yet.")]
        open_ = evaluating.open_points(session, sheet.id)
        if open_:
            instrument = evaluating.instrument_of(session, sheet.instrument)
            codes = ", ".join(instrument.question(q).code for q in open_[:8]) + (" …" if len(open_) > 8 else "")
            out.append(t("Questions without a score, or not assessed without a reason: {0} ({1}).").format(len(open_), codes))
        if sheet.state not in (SheetState.DRAFT, SheetState.READY, ""):
            out.append(t("This sheet is signed already."))
    elif type == DocumentType.PANEL_REPORT:
        from assessor_app.workflow.contents_panel import missing_for_report

        out += missing_for_report(session, account, visit)
    elif at is not None and not at.seen.strip() and not at.summary.strip():
        out.append(t("Nothing is written yet of what was seen on the visit."))
    return out


def sign(account: Account, prepared: Prepared, pin: str, *, drawn: Stroke | None = None, signer: Signer | None = None) -> str:
    """Sign a prepared document, with the device's key or another ``signer``; the PIN is asked each time. Returns the document's id.

    Where there is a line the signature is timestamped at once. PDF, revision with its SHA-256, and new state are one transaction.
    Raises WrongKey, or AppError where something is missing, changed since the preview, or the clock is wrong.
    """
    with account.reading() as session:
        check_clock(session)
        missing = missing_for_signature(session, account, prepared.type, prepared.visit)
    if missing:
        raise BadInput(t("The document is not ready to be signed."), tuple(missing), kept=t("Nothing was signed."))
    own = account.signer(pin)  # the PIN says that it is this person, whatever key signs
    pdf = _signed(account, prepared, signer or own, "assessor", drawn)

    def work(unit: Unit) -> str:
        _unchanged(unit, account, prepared)
        wanted, content = prepared.wish, prepared.content
        # a panel's report lies in the region's dossier: next year's assessor finds it there
        region = content.region.code if prepared.type == DocumentType.PANEL_REPORT else ""
        row = unit.add(Document(
            id=wanted.document, region=region, visit=prepared.visit, sheet=prepared.sheet, type=prepared.type, language=wanted.language,
            paper=wanted.paper, address=content.address, data_sha256=_data_sha256(content), number=content.number,
            title=content.title, state=SheetState.SIGNED, supersedes=wanted.supersedes))
        if prepared.sheet:
            unit.get(Sheet, prepared.sheet).state = SheetState.SIGNED
        record(unit, row, 1, pdf, RevisionType.SIGNED, account.profile)
        return wanted.document

    return account.writer.run(work, purpose="document.sign")


def _signed(account: Account, prepared: Prepared, signer: Signer, field: str, drawn: Stroke | None) -> bytes:
    from assessor_app.reports import signing

    content = prepared.content
    return signing.sign(prepared.pdf, signer, field, _stamp(signer, drawn, content.visit.zone, content.language),
                        reason=_reason(prepared.type, content.language), place=content.place, asked=timestamping.asked(account))


def _stamp(signer: Signer, drawn: Stroke | None, zone: str, language: str) -> Any:
    from assessor_app.identity import certificates
    from assessor_app.identity.signers import LocalKey, name_of
    from assessor_app.reports.stamps import Stamp

    with speaking(language):
        moment = formats.date_time(clock.local(zone).replace(tzinfo=None), zone)
    ink = drawn or Stroke()
    issuer = "" if isinstance(signer, LocalKey) or certificates.is_self_signed(signer.certificate) else \
        certificates.issuer_of(signer.certificate)
    return Stamp(name_of(signer), moment, strokes=ink.strokes, picture=ink.picture, issuer=issuer, language=language)


def _reason(type: str, language: str) -> str:
    with speaking(language):
        return {DocumentType.MINUTES: t("Minutes of the visit"), DocumentType.PANEL_REPORT: t("Panel report")}.get(
            DocumentType(type), t("Evaluation sheet"))


def _data_sha256(content: Content) -> str:
    from assessor_app.reports.content import data_sha256

    return data_sha256(content)


def _unchanged(unit: Unit, account: Account, prepared: Prepared) -> None:
    """Refuse where the notebook changed between preview and signature: one signs what one saw."""
    from assessor_app.reports.content import MinutesContent

    with speaking(prepared.wish.language):
        content, _ = _content(unit.session, account, prepared.type, prepared.visit, prepared.wish)
    content = replace(content, date=prepared.content.date)  # midnight may pass between preview and PIN
    if isinstance(content, MinutesContent) and isinstance(prepared.content, MinutesContent):
        content = replace(content, time=prepared.content.time)  # the hour of the preview is the one that is signed
    if _data_sha256(content) != _data_sha256(prepared.content):
        raise AppError(t("Something changed since the preview."), hint=t("Look at the document again, then sign."),
                       kept=t("Nothing was signed."))


def cosign(account: Account, document: str, signer: Signer, *, drawn: Stroke | None = None, field: str = "official") -> None:
    """Add a further signature, the official's or (``member_1`` …) a panel member's, as one more revision. Raises AppError."""
    from assessor_app.reports import signing

    with account.reading() as session:
        check_clock(session)
        row = session.get(Document, document)
        if row is None:
            raise AppError(t("This document is not in the notebook."))
        before = latest(session, document)
        pdf = files.get(session, before.sha256)
        at = session.get(Visit, row.visit)
        place = at.place if at else ""
        where = regions.region(at.region) if at else None
        if where is None and row.region:
            where = regions.region(row.region)
        language, type = row.language, row.type
    signed = signing.sign(pdf, signer, field, _stamp(signer, drawn, where.zone if where else "WIB", language),
                          reason=_reason(type, language), place=place, asked=timestamping.asked(account))

    def work(unit: Unit) -> None:
        if latest(unit.session, document).sha256 != before.sha256:
            raise AppError(t("The document has a newer revision."), hint=t("Look at it, then sign again."), kept=t("Nothing was signed."))
        from assessor_app.identity.signers import name_of

        row = unit.get(Document, document)
        row.state = SheetState.COSIGNED
        record(unit, row, (before.number or 0) + 1, signed, RevisionType.COSIGNED, name_of(signer))

    account.writer.run(work, purpose="document.cosign")


def attach_scan(account: Account, document: str, data: bytes, name: str) -> str:
    """Attach a scan of the print that was signed by pen; the document then shows as wet-signed. Returns the attachment's id.

    A picture is read as a photo; a PDF is kept as it is. Raises BadInput.
    """
    if data.startswith(b"%PDF-"):
        kept, media_type, width, height = data, "application/pdf", None, None
    else:
        from assessor_app.workflow.interviewing import read_photo

        photo = read_photo(data, reduce=False)  # a page that is proof keeps every stroke
        kept, media_type, width, height = photo.data, "image/jpeg", photo.width, photo.height
    digest = account.blobs.put(kept)

    def work(unit: Unit) -> str:
        row = unit.get(Document, document)
        return unit.add(Attachment(visit=row.visit, type=AttachmentType.FILE, name=name, media_type=media_type, size=len(kept),
                                   sha256=digest, width=width, height=height, caption=scan_mark(document))).id

    return account.writer.run(work, purpose="document.scan")


def scan_mark(document: str) -> str:
    """Return the caption by which a scan names its document."""
    return f"scan:{document}"


def scans_of(session: Session, document: str) -> list[Attachment]:
    """Return the scans of a document's wet-signed print."""
    return list(session.scalars(select(Attachment).where(Attachment.caption == scan_mark(document), Attachment.deleted.is_(False))))


def save_copy(session: Session, document: str, target: Path) -> None:
    """Write the newest revision to a file outside the notebook, whole or not at all."""
    write_whole(target, document_bytes(session, document))
