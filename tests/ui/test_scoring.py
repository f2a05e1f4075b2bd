"""The form of scores: one question or all in a list, what is open, the evidence beside it, the history of an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from assessor_app.models.evaluations import Answer, Sheet
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.move_sheet import MoveDialog
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.interviews import InterviewsPage
from assessor_app.ui.pages.scoring import ScoringPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow import evaluating, sample_panel
from assessor_app.workflow.accounts import Account
from tests.ui.conftest import settle


@pytest.fixture
def page(qtbot: QtBot, context: AppContext, view: VisitView) -> ScoringPage:
    view.show_page("scoring")
    settle(qtbot, context)
    made = view.page_widget("scoring")
    assert isinstance(made, ScoringPage)
    return made


def stored(account: Account, question: str) -> Answer:
    with account.reading() as session:
        return session.scalars(select(Answer).where(Answer.question == question)).one()


def test_all_questions_are_scored_in_a_list_by_keys_alone(
        qtbot: QtBot, context: AppContext, page: ScoringPage, sample_account: Account) -> None:
    page.as_list.click()
    settle(qtbot, context)
    table = page.list.table
    assert table.isVisible()
    assert table.proxy.rowCount() == 59
    first = table.current_id()
    before = page.bar.index.text()
    qtbot.keyClick(table, Qt.Key.Key_0)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    second = table.current_id()
    assert second != first
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    settle(qtbot, context)
    assert page.bar.index.text() != before
    assert stored(sample_account, first).score == "0"
    assert stored(sample_account, second).score == ""
    row = next(line for line in page.list.rows.rows if line.id == first)
    assert (row.score, row.anchor) == ("0", "Tidak ada bukti.")
    page.only_open.setChecked(True)
    assert [table.proxy.index(at, 0).data() for at in range(table.proxy.rowCount())] == [
        line.code for line in page.list.rows.rows if line.open]
    page.only_open.setChecked(False)
    page.list.choose(second)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert not page.list.isVisible()
    assert page.tree.current() == second


def test_the_evidence_opens_beside_the_question_and_on_its_own_page(
        qtbot: QtBot, context: AppContext, view: VisitView, page: ScoringPage) -> None:
    assert not page.beside.isVisible()
    qtbot.keyClick(page.tree, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, context)
    assert page.beside.isVisible()
    assert page.beside.title.text() == "Bappeda: dasar hukum, Dewan, dan anggaran rencana induk"
    assert "Kantor Bappeda" in page.beside.facts.text()
    assert "Rencana induk 2023" in page.beside.body.text()
    photo = next(ref for row in page._answers.values() for ref in row.evidence if ref.startswith("attachment:"))
    page.card.evidence.opened.emit(photo)
    settle(qtbot, context)
    assert page.beside.picture.isVisible()
    assert not page.beside.picture.pixmap().isNull()
    page._open_evidence(page.card.evidence.first())
    settle(qtbot, context)
    note = page.beside.ref.removeprefix("interview:")
    page.beside.open_page.click()
    settle(qtbot, context)
    assert view.page == "interviews"
    notes = view.page_widget("interviews")
    assert isinstance(notes, InterviewsPage)
    assert note in page.beside.ref


def test_what_lacks_required_evidence_is_open_and_named(
        qtbot: QtBot, context: AppContext, page: ScoringPage, sample_account: Account) -> None:
    question = page.tree.current()
    assert page.wanting.text() == ""
    assert page.card.required.text() == "Bukti dukung wajib"
    page.card.evidence.changed.emit([])
    settle(qtbot, context)
    assert stored(sample_account, question).evidence == []
    assert page.card.required.text() == "Bukti dukung wajib belum ada"
    assert page.wanting.text() == "1 nilai tanpa bukti dukung wajib: 1.1"
    page.only_open.setChecked(True)
    page.tree.step(1)
    assert not page.tree._is_hidden(question)


def test_the_history_of_an_answer_is_told_on_request(
        qtbot: QtBot, window: MainWindow, context: AppContext, page: ScoringPage) -> None:
    page.card.history.toggle.click()
    settle(qtbot, context)
    qtbot.keyClick(page.tree, Qt.Key.Key_1)
    settle(qtbot, context)
    newest = page.card.history.texts()[0]
    assert "nilai 4 → 1" in newest
    assert "Ratna Prameswari" in newest
    assert "WIT" in newest
    assert window.actions_ is not None
    window.actions_.undo()
    settle(qtbot, context)
    assert "nilai 1 → 4 (diurungkan)" in page.card.history.texts()[0]


def test_last_years_panel_score_stands_beside_the_question(
        qtbot: QtBot, context: AppContext, sample_account: Account, window: MainWindow) -> None:
    sample_panel.load(sample_account, "2468")
    window.folder = sample_account.folder
    window.open_account(sample_account)
    window.show()
    settle(qtbot, context)
    assert window.workspace is not None
    assert window.workspace.view is not None
    window.workspace.view.show_page("scoring")
    settle(qtbot, context)
    page = window.workspace.view.page_widget("scoring")
    assert isinstance(page, ScoringPage)
    assert page.card.before.text() == "Panel tahun lalu: 1,33"
    page.as_list.click()
    settle(qtbot, context)
    assert page.list.rows.index(0, 2).data() == "1,33"


def test_a_newer_version_is_offered_and_the_draft_is_moved_only_by_an_answer(
        qtbot: QtBot, window: MainWindow, context: AppContext, page: ScoringPage, sample_account: Account,
        monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = evaluating.shipped(next(file for file in evaluating.shipped_files() if file.stem == "smart-city-2022-baru"))
    first = shipped.aspects[0]
    fewer = replace(first, items=tuple(item for item in first.items if item.id != page.tree.current()))
    newer = replace(shipped, version="2", aspects=(fewer, *shipped.aspects[1:])).sealed()
    assert not page.form.newer.isVisible()
    sample_account.writer.run(lambda unit: evaluating.keep_instrument(unit, newer), purpose="instrument.keep")
    page.reload()
    settle(qtbot, context)
    assert page.form.newer.text() == "Versi 2 tersedia…"
    shown: list[MoveDialog] = []
    answers = [0, 1]

    def answer(dialog: MoveDialog) -> int:
        shown.append(dialog)
        return answers.pop(0)

    monkeypatch.setattr(MoveDialog, "exec", answer)
    page.form.newer.click()
    settle(qtbot, context)
    assert "pertanyaannya sudah tidak ada" in shown[0].said.toPlainText()
    assert "Peraturan bupati bertanda tangan" in shown[0].said.toPlainText()
    assert page.list.rows.rowCount() in (0, 59)
    with sample_account.reading() as session:
        assert session.scalars(select(Sheet.instrument)).one() == "smart-city-2022-baru@1"
    page.form.newer.click()
    settle(qtbot, context)
    with sample_account.reading() as session:
        assert session.scalars(select(Sheet.instrument)).one() == "smart-city-2022-baru@2"
    assert not page.form.newer.isVisible()
    assert page._instrument is not None
    assert len(page._instrument.questions()) == 58
    assert window.actions_ is not None
    window.actions_.undo()
    settle(qtbot, context)
    assert len(page._instrument.questions()) == 59
    assert page.form.newer.isVisible()
