"""The panel's report, its one-page summary, blank sheets, and reading a document's data back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app import isolate
from assessor_app.errors import AppError, BadInput
from assessor_app.i18n import speaking, t
from assessor_app.models.documents import Document
from assessor_app.models.evaluations import Sheet
from assessor_app.models.kinds import DocumentType
from assessor_app.models.visits import Visit
from assessor_app.workflow import contents_panel, documents, evaluating, outside
from assessor_app.workflow.accounts import Account

if TYPE_CHECKING:
    from assessor_app.reports.content import Frame
    from assessor_app.reports.content_panel import PanelContent
    from assessor_app.workflow.contents import Wish


def member_field(session: Session, account: Account, document: str) -> str:
    """Return the empty field in which this account signs a panel's report as a member, or nothing where there is none."""
    import io

    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import enumerate_sig_fields

    try:
        pdf = documents.document_bytes(session, document)
        raw = _inside(pdf)
        ids = [str(one) for one in raw.get("member_ids", ())]
        own = {f"member_{n}" for n, one in enumerate(ids, 1) if one in account.actor.ids}
        reader = PdfFileReader(io.BytesIO(pdf))
        return next((name for name, _, _ in enumerate_sig_fields(reader, filled_status=False) if name in own), "")
    except (AppError, PdfError, ValueError, KeyError):
        return ""


def sign_as_member(account: Account, document: str, pin: str, *, drawn: documents.Stroke | None = None) -> None:
    """Sign a panel's report as a member of the panel, with this device's key. Raises WrongKey, AppError."""
    with account.reading() as session:
        field = member_field(session, account, document)
    if not field:
        raise AppError(t("This report has no place for your signature."), kept=t("Nothing was signed."))
    documents.cosign(account, document, account.signer(pin), drawn=drawn, field=field)


def summary(account: Account, visit: str, wanted: Wish) -> bytes:
    """Return the one-page summary as a PDF: of the newest signed report of the visit, else of the panel as it stands. Raises AppError."""
    from assessor_app.reports import finishing

    with account.reading() as session, speaking(wanted.language):
        signed = session.scalars(select(Document).where(
            Document.visit == visit, Document.type == DocumentType.PANEL_REPORT, Document.deleted.is_(False))
            .order_by(Document.id.desc())).first()
        report = _read_report(session, signed.id) if signed is not None else None
        if report is None:
            report = contents_panel.report_content(session, account, visit, wanted)
        return finishing.make(contents_panel.summary(report, wanted, report.address))


def _read_report(session: Session, document: str) -> PanelContent | None:
    from assessor_app.reports.content_panel import PanelContent
    from assessor_app.reports.reading import from_json

    try:
        read = from_json(_inside(documents.document_bytes(session, document)))
    except AppError:
        return None
    return read if isinstance(read, PanelContent) else None


def blank(account: Account | None, what: str, *, language: str = "id", paper: str = "A4") -> bytes:
    """Return a blank sheet as a PDF: of a visit (its id), with the instrument chosen there, or of a named instrument. Raises AppError."""
    from assessor_app.reports import finishing

    with speaking(language):
        if account is None:
            return finishing.make(contents_panel.blank(contents_panel.instrument_named(None, what), language, paper))
        with account.reading() as session:
            if session.get(Visit, what) is None:
                made = contents_panel.instrument_named(session, what)
                return finishing.make(contents_panel.blank(made, language, paper, session=session, assessor=account.profile))
            sheet = session.get(Sheet, evaluating.sheet_id(what, account.profile))
            if sheet is None or not sheet.instrument:
                raise AppError(t("This visit has no score sheet of yours yet."), hint=t("Open the page Scoring and choose an instrument."))
            return finishing.make(contents_panel.blank(evaluating.instrument_of(session, sheet.instrument), language, paper,
                                                       session=session, visit=what, assessor=account.profile))


def read_back(pdf: bytes) -> Frame:
    """Return the content inside anybody's document of ours, read in a process of its own. Raises BadInput."""
    from assessor_app.reports.reading import from_json

    return from_json(_inside(pdf))


def inside(pdf: bytes) -> dict[str, Any]:
    """Return the data inside anybody's document of ours as JSON, read in a process of its own. Raises BadInput."""
    raw: dict[str, Any] = isolate.call("assessor_app.reports.reading:read_pdf", pdf, memory_mb=2048)
    return raw


def _inside(pdf: bytes) -> dict[str, Any]:
    """Do the same with a document of this notebook, whose bytes are known."""
    from assessor_app.reports.reading import read_pdf

    return read_pdf(pdf)


def visits_with_panel(session: Session) -> list[Visit]:
    """Return the visits whose panel is closed, by region."""
    from assessor_app.models.kinds import PanelState
    from assessor_app.models.panels import Panel

    closed = set(session.scalars(select(Panel.visit).where(Panel.state == PanelState.CLOSED, Panel.deleted.is_(False))))
    every = session.scalars(select(Visit).where(Visit.deleted.is_(False)).order_by(Visit.region, Visit.id))
    return [one for one in every if one.id in closed]


def report_all(account: Account, folder: Path, *, language: str = "id", paper: str = "A4", processes: int = 2,
               force: bool = False) -> Iterator[tuple[str, str]]:
    """Write the report of every closed panel into a folder, unsigned; yield each file's name and, where it failed, why.

    Raises BadInput where files of these names are there and ``force`` does not say to write over them.

    The pages are laid out in processes of their own, so that the window stays live and the memory flat.
    """
    from assessor_app.reports import batch

    outside.insist(folder)
    with account.reading() as session, speaking(language):
        names = {one.id: f"{re.sub(r'[^0-9A-Za-z.]', '-', one.region)}-{one.id[:8]}.pdf" for one in visits_with_panel(session)}
    there = tuple(name for name in names.values() if (folder / name).exists())
    if there and not force:
        raise BadInput(t("Reports of these names are in the folder already."), there, message=str(folder),
                       hint=t("Choose another folder, or add --force to write over them."), kept=t("Nothing was written."))
    folder.mkdir(parents=True, exist_ok=True)
    faults: list[tuple[str, str]] = []

    def jobs() -> Iterator[tuple[str, Frame]]:
        for visit, name in names.items():
            try:
                with account.reading() as session, speaking(language):
                    yield name, contents_panel.report_content(session, account, visit, documents.wish(language=language, paper=paper))
            except (AppError, BadInput) as e:
                faults.append((name, e.title))

    for name, pdf in batch.run(jobs(), processes):
        (folder / name).write_bytes(pdf)
        yield name, ""
    yield from faults
