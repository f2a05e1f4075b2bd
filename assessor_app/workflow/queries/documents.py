"""Rows of a visit's documents with their revisions, and what a new one could be."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models.catalogue import Assessor
from assessor_app.models.documents import Document, Revision
from assessor_app.models.files import has
from assessor_app.models.kinds import DocumentType, RevisionType, SheetState
from assessor_app.models.lifecycle import locked
from assessor_app.models.visits import Visit
from assessor_app.workflow import timestamping
from assessor_app.workflow.documents import scans_of
from assessor_app.workflow.evaluating import sheet_id
from assessor_app.workflow.queries.people import PersonRow, person_row


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One recorded revision; ``made_at`` in ms UTC."""

    number: int
    type: str
    signer: str
    made_at: int
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One signed document; ``here`` tells whether its bytes have arrived, ``scans`` counts wet-signed prints; ``timestamped`` that an
    authority's timestamp covers its newest revision, ``awaits_timestamp`` that this notebook will ask for one."""

    id: str
    type: str
    number: str
    title: str
    state: str
    language: str
    made_at: int
    here: bool
    scans: int
    revisions: tuple[RevisionRow, ...]
    timestamped: bool = False
    awaits_timestamp: bool = False
    remark: str = ""  # the centre's, where it returned the document


@dataclass(frozen=True, slots=True)
class DocumentsView:
    """What the page shows: documents, newest first, and the officials who can sign the minutes."""

    documents: tuple[DocumentRow, ...]
    officials: tuple[PersonRow, ...]
    has_sheet: bool
    panel_closed: bool = False
    sheet_locked: bool = False

    def may_begin(self, type: str) -> bool:
        """Tell whether a document of a type can be begun: there is none yet, or the centre returned the newest."""
        newest = self.newest(type)
        return newest is None or (newest.state == SheetState.RETURNED and (type != DocumentType.EVALUATION_SHEET or not self.sheet_locked))

    def newest(self, type: str) -> DocumentRow | None:
        """Return the newest document of a type."""
        return next((row for row in self.documents if row.type == type), None)


def documents_view(session: Session, visit: str, assessor: str) -> DocumentsView:
    """Return a visit's documents as one assessor sees them."""
    from assessor_app.models.evaluations import Sheet
    from assessor_app.models.panels import Panel
    from assessor_app.models.visits import Person
    from assessor_app.workflow.panel import is_closed, panel_id

    own = sheet_id(visit, assessor)
    waiting = set(timestamping.pending(session))
    rows = []
    for document in session.scalars(
            select(Document).where(Document.visit == visit, Document.deleted.is_(False)).order_by(Document.id.desc())):
        if document.type == DocumentType.EVALUATION_SHEET and document.sheet != own:
            continue
        revisions = tuple(
            RevisionRow(r.number or 0, r.type, _signer(session, r.signer), r.made_at or 0, r.sha256, r.size or 0)
            for r in session.scalars(select(Revision).where(
                Revision.document == document.id, Revision.deleted.is_(False)).order_by(Revision.number)))
        last = next((r for r in reversed(revisions) if r.type != RevisionType.WET_SCAN), None)
        rows.append(DocumentRow(document.id, document.type, document.number, document.title, document.state, document.language,
                                revisions[0].made_at if revisions else 0, last is not None and has(session, last.sha256),
                                len(scans_of(session, document.id)), revisions,
                                last is not None and last.type == RevisionType.TIMESTAMPED, document.id in waiting, document.remark))
    at = session.get(Visit, visit)
    officials = [session.get(Person, person) for person in at.officials] if at is not None else []
    sheet = session.get(Sheet, own)
    return DocumentsView(tuple(rows), tuple(person_row(p) for p in officials if p is not None and not p.deleted),
                         sheet is not None and bool(sheet.instrument), is_closed(session.get(Panel, panel_id(visit))),
                         sheet is not None and locked(sheet.state))


def _signer(session: Session, signer: str) -> str:
    assessor = session.get(Assessor, signer)
    return assessor.name if assessor is not None else signer
