"""The books of the plan in the window: added, opened, searched, marked with the mouse and by key, and used as evidence."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from assessor_app.models.kinds import Kind
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs import files
from assessor_app.ui.dialogs.book import BookDialog
from assessor_app.ui.dialogs.pick import PickDialog
from assessor_app.ui.pages.master_plan import MasterPlanPage
from assessor_app.ui.pages.scoring import ScoringPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.book_desk import BookDesk
from assessor_app.ui.widgets.book_pages import Sheet
from assessor_app.workflow import evaluating, sample
from assessor_app.workflow.queries.books import marks_of
from tests.ui.conftest import settle
from tests.workflow.test_books import locked_pdf, pdf


def desk_of(qtbot: QtBot, view: VisitView, context: AppContext) -> BookDesk:
    view.show_page("plan")
    page = view.page_widget("plan")
    assert isinstance(page, MasterPlanPage)
    page.parts.setCurrentWidget(page.books)
    settle(qtbot, context)
    return page.books


def at(sheet: Sheet, x: float, y: float) -> QPoint:
    scale = sheet._scale()
    return QPoint(round(x * scale) + sheet.frameWidth(), round(y * scale) + sheet.frameWidth())


def test_a_book_opens_with_contents_and_small_pages_and_goes_to_a_page(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    desk = desk_of(qtbot, view, context)
    assert desk.chooser.currentText().startswith("Buku 2, Masterplan")
    assert desk.of.text() == "dari 8"
    titles = [desk.outline.topLevelItem(n).text(0) for n in range(desk.outline.topLevelItemCount())]
    assert titles[:3] == ["Visi", "Sasaran", "Smart Governance"]
    desk.outline.setCurrentItem(desk.outline.topLevelItem(titles.index("Smart Economy")))
    settle(qtbot, context)
    assert desk.page.value() == 5
    shown = desk.pages._sheets[4]
    assert not shown.pixmap().isNull()
    desk.page.setValue(7)
    settle(qtbot, context)
    assert desk.pages.page == 7
    desk.lists.setCurrentIndex(1)
    settle(qtbot, context)
    assert desk.small.currentRow() == 6
    desk.small.setCurrentRow(1)
    settle(qtbot, context)
    assert desk.page.value() == 2


def test_the_keyboard_stays_where_it_is_put_while_another_window_is_in_front(
        qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    desk = desk_of(qtbot, view, context)
    page = view.page_widget("plan")
    assert isinstance(page, MasterPlanPage)
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not desk.window().isActiveWindow())
    desk.pages.area.hide()
    page.focus_main()  # as soon as the pages are there
    desk.finder.setFocus()
    desk.pages.area.show()
    page.reload()
    settle(qtbot, context)
    assert desk.window().focusWidget() is desk.finder


def test_words_are_found_in_all_books_and_shown_on_their_page(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    desk = desk_of(qtbot, view, context)
    qtbot.keyClicks(desk.finder, "tepung sag")
    settle(qtbot, context)
    qtbot.waitUntil(lambda: desk.hits.count() == 1)
    assert "halaman 5" in desk.hits.item(0).text()
    qtbot.keyClick(desk.finder, Qt.Key.Key_Return)
    settle(qtbot, context)
    sheet = desk.pages._sheets[4]
    assert isinstance(sheet, Sheet)
    assert desk.page.value() == 5
    assert sheet._boxes["hit"]
    desk.finder.clear()
    qtbot.waitUntil(lambda: desk.hits.count() == 0)


def test_a_passage_is_marked_with_the_mouse_noted_and_used_as_evidence(
        qtbot: QtBot, view: VisitView, context: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = desk_of(qtbot, view, context)
    desk.page.setValue(2)
    settle(qtbot, context)
    sheet = desk.pages._sheets[1]
    assert isinstance(sheet, Sheet)
    assert desk._book is not None
    (first, *_) = desk._book.held.ask("find", 1, "Layanan dasar menjangkau")
    begin, end = at(sheet, first[0] + 1, (first[1] + first[3]) / 2), at(sheet, first[2] - 1, (first[1] + first[3]) / 2)
    qtbot.mousePress(sheet, Qt.MouseButton.LeftButton, pos=begin)
    qtbot.mouseMove(sheet, end)
    qtbot.mouseRelease(sheet, Qt.MouseButton.LeftButton, pos=end)
    settle(qtbot, context)
    assert desk.passage.isVisible()
    assert "Layanan dasar menjangkau" in desk.quote.text()
    qtbot.mouseClick(desk.mark, Qt.MouseButton.LeftButton)
    settle(qtbot, context)
    assert not desk.passage.isVisible()
    qtbot.waitUntil(lambda: desk.window().focusWidget() is desk.marks.note)  # the marks are read anew first
    qtbot.keyClicks(desk.marks.note, "Benar di Kouh.")
    context.flush()
    settle(qtbot, context)
    with context.account.reading() as session:
        mark = next(m for m in marks_of(session, view.visit.id) if m.page == 2)
    assert (mark.quote, mark.note) == ("Layanan dasar menjangkau", "Benar di Kouh.")
    assert sheet._boxes["mark"]

    def choose(dialog: PickDialog) -> int:
        dialog.list.item(0).setCheckState(Qt.CheckState.Checked)
        return 1

    monkeypatch.setattr(PickDialog, "exec", choose)
    desk.marks._evidence()
    settle(qtbot, context)
    with context.account.reading() as session:
        questions = evaluating.evidenced_by(session, view.visit.id, context.account.profile, f"{Kind.MARK}:{mark.id}")
    assert len(questions) == 1

    # From the question one sees the passage, and goes to it.
    view.show_page("scoring")
    scoring = view.page_widget("scoring")
    assert isinstance(scoring, ScoringPage)
    settle(qtbot, context)
    scoring.beside.show()
    scoring.beside.show_ref(f"{Kind.MARK}:{mark.id}")
    settle(qtbot, context)
    assert "halaman 2" in scoring.beside.title.text()
    assert scoring.beside.pages is not None
    assert scoring.beside.pages.page == 2
    desk.page.setValue(8)
    scoring.beside.record_requested.emit(f"{Kind.MARK}:{mark.id}")
    settle(qtbot, context)
    assert view.page == "plan"
    assert desk.page.value() == 2


def test_a_page_is_marked_by_key_and_the_mark_taken_back(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    desk = desk_of(qtbot, view, context)
    desk.page.setValue(4)
    settle(qtbot, context)
    before = desk.marks.list.count()
    desk.mark_page()
    settle(qtbot, context)
    assert desk.marks.list.count() == before + 1
    desk.marks._delete()
    settle(qtbot, context)
    assert desk.marks.list.count() == before


def test_books_are_added_and_what_is_none_is_named(qtbot: QtBot, view: VisitView, context: AppContext, tmp_path: Path) -> None:
    desk = desk_of(qtbot, view, context)
    (tmp_path / "Buku 3.pdf").write_bytes(pdf(["Ringkasan", "Kampung cermai"]))
    (tmp_path / "kunci.pdf").write_bytes(locked_pdf())
    (tmp_path / "foto.pdf").write_bytes(b"\xff\xd8\xff not a pdf")
    files.chosen.extend([tmp_path / "Buku 3.pdf", tmp_path / "kunci.pdf", tmp_path / "foto.pdf"])
    desk.add()
    settle(qtbot, context)
    message = context.notify.history[-1]
    assert message.title == "2 berkas tidak ditambahkan."
    assert any("kunci.pdf" in line and "kata sandi" in line for line in message.faults)
    assert any("foto.pdf" in line and "bukan PDF" in line for line in message.faults)
    assert [desk.chooser.itemText(n)[:6] for n in range(desk.chooser.count())] == ["Buku 2", "Buku 3"]
    desk.finder.setText("cermai")
    qtbot.waitUntil(lambda: desk.hits.count() == 1 and "Buku 3" in desk.hits.item(0).text(), timeout=30_000)
    desk.hits.setCurrentRow(0)
    settle(qtbot, context)
    assert desk.chooser.currentText().startswith("Buku 3")
    assert desk.page.value() == 2


def test_a_book_is_renamed_and_taken_out(qtbot: QtBot, view: VisitView, context: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = desk_of(qtbot, view, context)

    def rename(dialog: BookDialog) -> int:
        dialog.title.setText("Rencana Induk 2023–2027")
        return 1

    monkeypatch.setattr(BookDialog, "exec", rename)
    desk.about()
    settle(qtbot, context)
    assert desk.chooser.currentText() == "Buku 2, Masterplan: Rencana Induk 2023–2027"

    def remove(dialog: BookDialog) -> int:
        dialog._remove()
        return 0

    monkeypatch.setattr(BookDialog, "exec", remove)
    desk.about()
    settle(qtbot, context)
    assert desk.empty.isVisible()


def test_every_control_has_a_name(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    desk = desk_of(qtbot, view, context)
    for widget in (desk.chooser, desk.page, desk.finder, desk.outline, desk.small, desk.marks.list, desk.marks.note, desk.hits,
                   desk.pages.area):
        assert widget.accessibleName(), type(widget)
    page = view.page_widget("plan")
    assert all(tabs.accessibleName() for tabs in page.findChildren(QTabWidget))
    assert sample.folder().is_dir()
