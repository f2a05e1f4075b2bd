"""What lies beside the note: a book, programmes, questions; and what a passage of the note is made into."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QStyle, QStyleOptionComboBox
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import Kind
from assessor_app.models.plans import Action, Programme, ProgrammeYear
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.pick import PickDialog
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.interviews import InterviewsPage
from assessor_app.ui.pages.master_plan import MasterPlanPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.beside import ACTIONS, BOOKS, PROGRAMMES, QUESTIONS, LookList
from assessor_app.ui.widgets.book_desk import BookDesk
from assessor_app.ui.widgets.passage import ActionDialog
from assessor_app.workflow import evaluating
from tests.ui.conftest import built_anew, settle


def note_page(qtbot: QtBot, view: VisitView, context: AppContext, title: str) -> InterviewsPage:
    with context.account.reading() as session:
        note = session.scalar(select(Interview.id).where(Interview.title.contains(title)))
    assert note
    view.show_page("interviews", note)
    page = view.page_widget("interviews")
    assert isinstance(page, InterviewsPage)
    settle(qtbot, context)
    assert page._current == note
    return page


def select_words(page: InterviewsPage, words: str) -> None:
    text = page.body.toPlainText()
    cursor = page.body.textCursor()
    cursor.setPosition(text.index(words))
    cursor.setPosition(text.index(words) + len(words), QTextCursor.MoveMode.KeepAnchor)
    page.body.setTextCursor(cursor)


def look(page: InterviewsPage, what: str) -> LookList:
    part = page.beside.parts[what]
    assert isinstance(part, LookList)
    return part


def test_a_book_lies_beside_the_note_and_is_there_again(qtbot: QtBot, view: VisitView, window: MainWindow, context: AppContext) -> None:
    page = note_page(qtbot, view, context, "sagu")
    assert not page.beside.isVisible()
    window.resize(1366, 768)
    page.show_beside(BOOKS)
    settle(qtbot, context)
    desk = page.beside.parts[BOOKS]
    assert isinstance(desk, BookDesk)
    assert desk.pages.page == 1
    assert page.splitter.sizes()[1] > 0.3 * page.width()  # the note keeps room to be written in
    assert page.splitter.sizes()[2] >= context.theme.em(15)
    page.body.setFocus()
    qtbot.keyClicks(page.body, "Lihat halaman lima. ")
    desk.page.setValue(5)
    context.flush()
    settle(qtbot, context)
    assert page.body.toPlainText().startswith("Lihat halaman lima. ")
    assert window.workspace is not None
    assert window.workspace.view is not None
    again = InterviewsPage(context, view.visit)
    qtbot.addWidget(again)
    again.resize(1200, 700)
    again.show()
    again.load()
    settle(qtbot, context)
    assert again.beside.what == BOOKS
    assert again.beside_choice.code() == BOOKS


def test_from_a_programme_one_sees_what_was_said_and_links_the_note(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    page = note_page(qtbot, view, context, "sagu")
    page.show_beside(PROGRAMMES)
    settle(qtbot, context)
    part = look(page, PROGRAMMES)
    qtbot.keyClicks(part.finder, "tepung sagu")
    assert part.list.count() == 1
    part.list.setCurrentRow(0)
    settle(qtbot, context)
    assert part._links.count() == 1
    assert "Rumah produksi sagu" in part._links.itemAt(0).widget().text()
    part.finder.setText("karet rakyat")
    part.list.setCurrentRow(0)
    settle(qtbot, context)
    qtbot.mouseClick(part.link, Qt.MouseButton.LeftButton)
    settle(qtbot, context)
    with context.account.reading() as session:
        note = session.get(Interview, page._current)
        names = [session.get(Programme, one).name for one in note.programmes]  # type: ignore[union-attr]
    assert "Mutu karet rakyat" in names
    assert part._links.count() == 1  # said about this one too, from now on
    part.note_requested.emit(page._current, view.visit.id)
    assert view.page == "interviews"


def test_questions_and_agreed_actions_lie_beside(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    page = note_page(qtbot, view, context, "sagu")
    page.show_beside(QUESTIONS)
    settle(qtbot, context)
    part = look(page, QUESTIONS)
    assert part.list.count() > 50
    part.list.setCurrentRow(0)
    assert "4: " in part.body.text()
    page.show_beside(ACTIONS)
    settle(qtbot, context)
    assert look(page, ACTIONS).list.count() >= 3
    page.show_beside("")
    assert not page.beside.isVisible()


def test_a_passage_becomes_evidence_a_remark_and_an_action(
        qtbot: QtBot, view: VisitView, context: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    page = note_page(qtbot, view, context, "Rumah produksi sagu")
    assert not page.passage.isVisible()
    words = page.body.toPlainText()[:60]
    select_words(page, words)
    assert page.passage.isVisible()

    def choose(dialog: PickDialog) -> int:
        dialog.list.item(2).setCheckState(Qt.CheckState.Checked)
        return 1

    monkeypatch.setattr(PickDialog, "exec", choose)
    page.passage.evidence.click()
    settle(qtbot, context)
    page.passage.remark.click()
    settle(qtbot, context)

    def fill(dialog: ActionDialog) -> int:
        dialog.accept()
        assert dialog.wrong.text() == "Sebutkan OPD-nya."
        dialog.agency.setText("Dinas Pertanian dan Pangan")
        dialog.due.set("2024-12-01")
        dialog.accept()
        return dialog.result()

    monkeypatch.setattr(ActionDialog, "exec", fill)
    page.passage.action.click()
    settle(qtbot, context)
    with context.account.reading() as session:
        ref = f"{Kind.INTERVIEW}:{page._current}"
        assert evaluating.evidenced_by(session, view.visit.id, context.account.profile, ref)
        remark = session.scalars(select(ProgrammeYear).where(ProgrammeYear.remark.contains(words.strip()))).one()
        assert (remark.year, remark.remark.endswith("(3 Juli 2024)")) == (2024, True)
        action = session.scalars(select(Action).where(Action.agency == "Dinas Pertanian dan Pangan", Action.due == "2024-12-01")).one()
        assert action.body == words.strip()


def test_a_note_that_stays_here_lends_no_passage(
        qtbot: QtBot, view: VisitView, context: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    page = note_page(qtbot, view, context, "orang tua siswa")
    select_words(page, "N-06 sedang menunggu anaknya.")
    monkeypatch.setattr(ActionDialog, "exec", lambda dialog: (dialog.agency.setText("Dinas Pendidikan"), 1)[1])
    page.passage.action.click()
    settle(qtbot, context)
    message = context.notify.history[-1]
    assert message.title == "Catatan ini tetap di perangkat ini: N-06"
    with context.account.reading() as session:
        assert not session.scalars(select(Action).where(Action.body.contains("menunggu anaknya"))).all()


def test_the_search_finds_pages_of_books_and_marks_and_is_narrowed(
        qtbot: QtBot, view: VisitView, window: MainWindow, context: AppContext) -> None:
    space = window.workspace
    assert space is not None
    space.side.search.setText("flashdisk")
    qtbot.waitUntil(lambda: bool(space.search._hits))
    kinds = [hit.kind for hit in space.search._hits]
    assert {"programme", "book", "mark"} <= set(kinds)
    before = space.search._hits
    space.search.filter.set("book")
    space.search.filter.chosen.emit("book")
    qtbot.waitUntil(lambda: space.search._hits is not before)
    assert {hit.kind for hit in space.search._hits} == {"book", "mark"}
    hit = next(hit for hit in space.search._hits if hit.kind == "book")
    space.search.hit_opened.emit(hit.kind, hit.record, hit.scope)
    settle(qtbot, context)
    assert space.view is not None
    plan = space.view.page_widget("plan")
    assert isinstance(plan, MasterPlanPage)
    assert plan.parts.currentWidget() is plan.books
    assert plan.books.page.value() == int(hit.record.split(":")[2])


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_lies_beside_is_named_in_full(
        qtbot: QtBot, view: VisitView, window: MainWindow, context: AppContext, language: str) -> None:
    context.settings.language = language
    page = built_anew(qtbot, window, context, "interviews")
    assert isinstance(page, InterviewsPage)
    choice = page.beside_choice
    for at in range(choice.count()):
        page.show_beside(str(choice.itemData(at)))
        settle(qtbot, context)
        option = QStyleOptionComboBox()
        choice.initStyleOption(option)
        room = choice.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, choice)
        assert choice.fontMetrics().horizontalAdvance(choice.itemText(at)) <= room.width(), choice.itemText(at)
