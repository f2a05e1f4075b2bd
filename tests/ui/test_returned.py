"""What the centre returned is corrected as a new version that names the old, from the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from sqlalchemy import select, update

from assessor_app.models.documents import Document
from assessor_app.models.evaluations import Sheet
from assessor_app.models.journal import Unit, raw_writes
from assessor_app.models.kinds import DocumentType
from assessor_app.ui.context import AppContext
from assessor_app.ui.pages.documents import DocumentsPage
from assessor_app.ui.pages.scoring import ScoringPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow import documents
from assessor_app.workflow.accounts import Account
from tests.ui.conftest import settle
from tests.workflow.test_reporting import words

PIN = "2468"


def sign_and_return(account: Account, type: str, visit: str, number: str) -> str:
    """Sign a document, then have the centre return it, as a sync would bring it."""
    made = documents.sign(account, documents.prepare(account, type, visit, documents.wish(number=number, date="2024-07-04")), PIN)

    def give_back(unit: Unit) -> None:
        with raw_writes(unit.session):
            unit.session.execute(update(Document).where(Document.id == made).values(state="returned", remark="Sebutkan buktinya."))
            if type == DocumentType.EVALUATION_SHEET:
                unit.session.execute(update(Sheet).values(state="returned"))

    account.writer.run(give_back, purpose="x")
    return made


@pytest.fixture
def page(qtbot: QtBot, context: AppContext, view: VisitView) -> DocumentsPage:
    made = view.page_widget("documents")
    assert isinstance(made, DocumentsPage)
    return made


def said(page: DocumentsPage) -> str:
    return "\n".join(label.text() for label in page.card.findChildren(QLabel) if label.isVisibleTo(page.card))


def test_a_returned_sheet_is_opened_corrected_and_signed_as_the_next_version(
        qtbot: QtBot, context: AppContext, view: VisitView, page: DocumentsPage, sample_account: Account) -> None:
    old = sign_and_return(sample_account, DocumentType.EVALUATION_SHEET, view.visit.id, "LE-7")
    page.open_record(old)
    view.show_page("documents")
    settle(qtbot, context)
    assert "Dikembalikan dengan catatan" in said(page)
    assert "Catatan pusat: Sebutkan buktinya." in said(page)
    assert [page.list.item(at).text() for at in range(page.list.count())][:2] == [
        "Berita Acara Kunjungan\nDraf, belum ditandatangani", "Lembar Evaluasi LE-7\nDikembalikan dengan catatan"]
    assert page.again.isVisible()
    page.again.click()
    settle(qtbot, context)
    assert view.page == "scoring"
    scoring = view.page_widget("scoring")
    assert isinstance(scoring, ScoringPage)
    qtbot.keyClick(scoring.tree, Qt.Key.Key_1)
    settle(qtbot, context)
    view.show_page("documents")
    settle(qtbot, context)
    assert page.list.item(1).text() == "Lembar Evaluasi\nVersi berikutnya, belum ditandatangani"
    prepared = documents.prepare(sample_account, DocumentType.EVALUATION_SHEET, view.visit.id, documents.wish(number="LE-8", language="id"))
    assert "Menggantikan nomor LE-7" in words(prepared.pdf)
    new = documents.sign(sample_account, prepared, PIN)
    page.reload()
    settle(qtbot, context)
    with sample_account.reading() as session:
        rows = {row.id: (row.state, row.supersedes) for row in session.scalars(select(Document))}
        assert session.scalars(select(Sheet.state)).one() == "signed"
    assert rows == {old: ("returned", ""), new: ("signed", old)}
    page.open_record(old)
    settle(qtbot, context)
    assert not page.again.isVisible()  # there is a newer one


def test_returned_minutes_are_made_anew_and_name_the_old(
        qtbot: QtBot, context: AppContext, view: VisitView, page: DocumentsPage, sample_account: Account) -> None:
    old = sign_and_return(sample_account, DocumentType.MINUTES, view.visit.id, "BA-3")
    view.show_page("documents", old)
    settle(qtbot, context)
    page.open_record(old)
    assert page.again.isVisible()
    page.again.click()
    settle(qtbot, context)
    assert page.name.text() == "Berita Acara Kunjungan"
    assert page.sign.isVisible()
    prepared = documents.prepare(sample_account, DocumentType.MINUTES, view.visit.id, documents.wish(number="BA-4", language="id"))
    assert "Menggantikan nomor BA-3" in words(prepared.pdf)


def test_the_form_of_a_returned_sheet_offers_to_begin_again(
        qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account) -> None:
    sign_and_return(sample_account, DocumentType.EVALUATION_SHEET, view.visit.id, "LE-7")
    view.show_page("scoring")
    settle(qtbot, context)
    scoring = view.page_widget("scoring")
    assert isinstance(scoring, ScoringPage)
    assert scoring._view is not None
    assert scoring._view.locked
    scoring.form.again.click()
    settle(qtbot, context)
    assert not scoring._view.locked
    assert not scoring.form.again.isVisible()
