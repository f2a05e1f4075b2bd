"""The guide beside the note: its questions go into the text by one key, in one's own order; headings and lists by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut, QTextCursor
from PySide6.QtWidgets import QStyle, QStyleOptionFrame, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from assessor_app.models.interviews import Interview
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs import files
from assessor_app.ui.dialogs.pick import Option, PickDialog
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.interviews import InterviewsPage
from assessor_app.ui.theme import Theme
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.beside import GUIDE
from assessor_app.ui.widgets.editors import NoteEdit
from assessor_app.ui.widgets.guide_desk import GuideDesk
from assessor_app.ui.widgets.note_keys import NoteKeys
from assessor_app.ui.widgets.whole_rows import WholeRows
from tests.factories import read
from tests.models.test_guide_workbook import book
from tests.ui.conftest import settle
from tests.ui.test_beside import note_page


@pytest.fixture
def page(qtbot: QtBot, view: VisitView, context: AppContext) -> InterviewsPage:
    made = note_page(qtbot, view, context, "sagu")
    made.show_beside(GUIDE)
    settle(qtbot, context)
    return made


def desk_of(page: InterviewsPage) -> GuideDesk:
    found = page.beside.parts[GUIDE]
    assert isinstance(found, GuideDesk)
    return found


def rows(desk: GuideDesk) -> list[str]:
    return [desk.list.item(at).text() for at in range(desk.list.count())]


def press(page: InterviewsPage, keys: str) -> None:
    for shortcut in page.findChildren(QShortcut):
        if shortcut.key() == QKeySequence(keys):
            shortcut.activated.emit()


def test_the_next_question_goes_into_the_note_by_one_key(qtbot: QtBot, page: InterviewsPage, context: AppContext) -> None:
    desk = desk_of(page)
    assert desk.guide.code() == "panduan-evaluasi@1"  # the visit is an evaluation
    first, second = rows(desk)[:2]
    page.body.moveCursor(QTextCursor.MoveOperation.End)
    press(page, "Ctrl+J")
    qtbot.keyClicks(page.body, "Air lebih bersih.")
    settle(qtbot, context)
    press(page, "Ctrl+J")
    qtbot.keyClicks(page.body, "Separuh.")
    context.flush()
    settle(qtbot, context)
    body = read(context.account, Interview, page._current, "body")
    assert body.endswith(f"\n\n# {first}\nAir lebih bersih.\n\n# {second}\nSeparuh.")
    assert desk.view is not None
    assert [one.id for one in desk.view.questions[:2]] == sorted(desk.view.asked, key=lambda one: one != desk.view.questions[0].id)
    assert desk.list.currentRow() == 2
    role = Qt.ItemDataRole.AccessibleTextRole
    assert [("sudah" in desk.list.item(at).data(role)) for at in range(3)] == [True, True, False]


def test_questions_are_reordered_and_marked_by_keyboard_and_that_is_remembered(
        qtbot: QtBot, view: VisitView, page: InterviewsPage, context: AppContext) -> None:
    desk = desk_of(page)
    before = rows(desk)
    desk.list.setCurrentRow(0)
    qtbot.keyClick(desk.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(desk.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(desk.list, Qt.Key.Key_Space)
    settle(qtbot, context)
    turned = [before[1], before[2], before[0], *before[3:]]
    assert rows(desk) == turned
    assert desk.asked.text() == "Lepas tanda"  # what the button does now
    again = GuideDesk(context, view.visit)
    qtbot.addWidget(again)
    again.load()
    settle(qtbot, context)
    assert rows(again) == turned
    assert len(again.view.asked) == 1  # type: ignore[union-attr]
    qtbot.mouseClick(again.back, Qt.MouseButton.LeftButton)
    settle(qtbot, context)
    assert rows(again) == before


def test_a_dimension_leaves_its_questions_and_moving_among_them_keeps_the_rest(
        qtbot: QtBot, page: InterviewsPage, context: AppContext) -> None:
    desk = desk_of(page)
    desk.guide.chosen.emit("panduan-bimtek-2@1")
    settle(qtbot, context)
    everything = rows(desk)
    desk.dimension.setCurrentIndex(desk.dimension.findData("living"))
    desk.dimension.chosen.emit("living")
    few = rows(desk)
    assert 1 < len(few) < len(everything)
    desk.list.setCurrentRow(0)
    qtbot.keyClick(desk.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    settle(qtbot, context)
    assert rows(desk) == [few[1], few[0], *few[2:]]
    desk.dimension.setCurrentIndex(0)
    desk.dimension.chosen.emit("")
    assert [one for one in rows(desk) if one not in few] == [one for one in everything if one not in few]
    assert [one for one in rows(desk) if one in few] == [few[1], few[0], *few[2:]]


def test_a_guide_of_ones_own_is_imported_and_a_faulty_one_is_not(
        qtbot: QtBot, page: InterviewsPage, window: MainWindow, context: AppContext, tmp_path: Path) -> None:
    file, bad = tmp_path / "panduan.xlsx", tmp_path / "rusak.xlsx"
    file.write_bytes(book([["text", "q1", "Pertanyaan saya?", "My question?"]], {"stage": "evaluation", "form_title": "A milik sendiri"}))
    bad.write_bytes(book([["barcode", "q1", "Satu?", "One?"], ["text", None, "Dua?", "Two?"]]))
    assert window.actions_ is not None
    files.chosen.append(bad)
    window.actions_.import_guide()
    settle(qtbot, context)
    told = context.notify.last()
    assert told is not None
    assert "barcode" in str(told)
    files.chosen.append(file)
    window.actions_.import_guide()
    settle(qtbot, context)
    desk = desk_of(page)
    desk.load()
    settle(qtbot, context)
    desk.guide.chosen.emit("panduan-saya@1")
    settle(qtbot, context)
    assert rows(desk) == ["Pertanyaan saya?"]


def test_a_note_begins_by_one_key_from_any_page_and_fills_itself(
        qtbot: QtBot, view: VisitView, window: MainWindow, context: AppContext) -> None:
    view.show_page("overview")
    settle(qtbot, context)
    action = next(one for one in window.findChildren(QAction) if one.shortcut() == QKeySequence("Ctrl+Shift+N"))
    action.trigger()
    settle(qtbot, context)
    page = view.page_widget("interviews")
    assert isinstance(page, InterviewsPage)
    assert view.page == "interviews"
    assert window.focusWidget() is page.title
    shown = page.form.view
    assert shown is not None
    assert (shown.title, shown.place, shown.mine) == ("", "Tanah Merah dan Kouh", True)
    assert page.form.time.value()
    assert page.form.day.value()


@pytest.fixture
def note(qtbot: QtBot, context: AppContext) -> NoteEdit:
    made = NoteEdit(context.theme, 4)
    made.keys = NoteKeys(made)  # type: ignore[attr-defined]
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_list_goes_on_and_ends_by_itself(qtbot: QtBot, note: NoteEdit) -> None:
    qtbot.keyClicks(note, "- sagu")
    qtbot.keyClick(note, Qt.Key.Key_Return)
    qtbot.keyClicks(note, "karet")
    qtbot.keyClick(note, Qt.Key.Key_Return)
    qtbot.keyClick(note, Qt.Key.Key_Return)
    qtbot.keyClicks(note, "9. satu")
    qtbot.keyClick(note, Qt.Key.Key_Return)
    qtbot.keyClicks(note, "dua")
    assert note.toPlainText() == "- sagu\n- karet\n9. satu\n10. dua"
    note.moveCursor(QTextCursor.MoveOperation.StartOfBlock)
    qtbot.keyClick(note, Qt.Key.Key_Return)  # before the mark a line is a line
    assert note.toPlainText().endswith("9. satu\n\n10. dua")


def test_one_key_makes_a_line_a_heading_or_a_list_and_back(qtbot: QtBot, note: NoteEdit) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClicks(note, "Air bersih")
    qtbot.keyClick(note, Qt.Key.Key_H, control)
    assert note.toPlainText() == "# Air bersih"
    qtbot.keyClick(note, Qt.Key.Key_U, control)
    assert note.toPlainText() == "- Air bersih"
    qtbot.keyClick(note, Qt.Key.Key_U, control)
    assert note.toPlainText() == "Air bersih"
    note.undo()
    assert note.toPlainText() == "- Air bersih"


@pytest.mark.parametrize(("before", "after"), [
    ("", "# Tanya?\nya"), ("Satu.", "Satu.\n\n# Tanya?\nya"), ("Satu.\n", "Satu.\n# Tanya?\nya"), ("Satu.\n   ", "Satu.\n# Tanya?\nya"),
])
def test_a_question_stands_on_a_line_of_its_own(qtbot: QtBot, note: NoteEdit, before: str, after: str) -> None:
    note.setPlainText(before)
    note.moveCursor(QTextCursor.MoveOperation.End)
    note.keys.put_heading("Tanya?")  # type: ignore[attr-defined]
    qtbot.keyClicks(note, "ya")
    assert note.toPlainText() == after


def test_long_questions_stand_whole_in_the_guide_and_in_the_picker(
        qtbot: QtBot, page: InterviewsPage, context: AppContext, theme: Theme) -> None:
    page.window().resize(1366, 700)
    settle(qtbot, context)
    words = "Program Percepatan Penyediaan Layanan Administrasi Kependudukan Berbasis Kampung di Seluruh Distrik Terpencil"
    dialog = PickDialog(theme, "Program", [Option("a", words, "Dinas Kependudukan"), Option("b", f"{words}, {words}")], ())
    qtbot.addWidget(dialog)
    dialog.show()
    for shown in (desk_of(page).list, dialog.list):
        assert shown.horizontalScrollBar().maximum() == 0
        for at in range(shown.count()):
            item, option, rows = shown.item(at), QStyleOptionViewItem(), shown.itemDelegate()
            assert isinstance(rows, WholeRows)
            shown.initViewItemOption(option)
            rows.initStyleOption(option, shown.indexFromItem(item))
            option.rect = shown.visualItemRect(item)
            option.features |= QStyleOptionViewItem.ViewItemFeature.WrapText
            room = shown.style().subElementRect(QStyle.SubElement.SE_ItemViewItemText, option, shown)
            inside = room.width() - 2 * (shown.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, option, shown) + 1)
            needed = shown.fontMetrics().boundingRect(QRect(0, 0, inside, 10_000), Qt.TextFlag.TextWordWrap, item.text())
            assert needed.height() <= room.height() < needed.height() + shown.fontMetrics().height()  # nothing cut, no empty line
            assert needed.width() <= inside


def test_the_longest_date_is_whole_in_the_narrow_form(qtbot: QtBot, page: InterviewsPage, context: AppContext) -> None:
    page.window().resize(1024, 700)
    settle(qtbot, context)
    page.form.day.set("2026-11-29")
    line = page.form.day.line
    assert line.text() == "29 November 2026"
    assert line.cursorPosition() == 0
    option = QStyleOptionFrame()
    line.initStyleOption(option)
    inside = line.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, line).width()
    assert line.fontMetrics().horizontalAdvance(line.text()) + 4 <= inside
