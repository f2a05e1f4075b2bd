"""The programmes' table: keys with one meaning each, what is chosen, what a row warns of, and where a new row stands."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from assessor_app import formats
from assessor_app.models.plans import Programme
from assessor_app.ui.context import AppContext
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.master_plan import MasterPlanPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow.plan_path import Remark
from tests.factories import write
from tests.ui.conftest import built_anew, settle
from tests.ui.test_programmes import editor_of, go, paste

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def page(plan_page: MasterPlanPage) -> MasterPlanPage:
    return plan_page


def test_one_key_does_again_and_another_takes_back_the_last_change(qtbot: QtBot, page: MasterPlanPage) -> None:
    go(page, 0, "name")
    asked: list[str] = []
    page.table.redo_requested.connect(lambda: asked.append("redo"))
    page.table.undo_requested.connect(lambda: asked.append("undo"))
    qtbot.keyClick(page.table, Qt.Key.Key_Y, CONTROL)
    assert asked == ["redo"]
    qtbot.keyClick(page.table, Qt.Key.Key_Z, CONTROL)
    assert asked == ["redo", "undo"]
    taken = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, CONTROL | SHIFT)
    taken.ignore()
    QApplication.sendEvent(page.table, taken)
    assert not taken.isAccepted()  # the menu has it
    qtbot.keyClick(page.table, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert asked == ["redo", "undo"]


def test_the_choice_is_extended_to_the_last_and_the_first_cell(qtbot: QtBot, page: MasterPlanPage) -> None:
    def chosen() -> tuple[int, int, int, int]:
        cells = page.table.selectionModel().selectedIndexes()
        rows, columns = {one.row() for one in cells}, {one.column() for one in cells}
        assert len(cells) == len(rows) * len(columns)
        return min(rows), min(columns), max(rows), max(columns)

    go(page, 3, "name")
    at = page.model.column_of("name")
    qtbot.keyClick(page.table, Qt.Key.Key_End, CONTROL | SHIFT)
    assert chosen() == (3, at, page.model.rowCount() - 1, page.model.columnCount() - 1)
    qtbot.keyClick(page.table, Qt.Key.Key_Home, CONTROL | SHIFT)
    assert chosen() == (0, 0, 3, at)
    page.table.go(page.model.index(5, at))
    qtbot.keyClick(page.table, Qt.Key.Key_Down, SHIFT)
    assert chosen() == (5, at, 6, at)
    qtbot.keyClick(page.table, Qt.Key.Key_End, CONTROL | SHIFT)
    assert chosen() == (5, at, page.model.rowCount() - 1, page.model.columnCount() - 1)
    qtbot.keyClick(page.table, Qt.Key.Key_Up, SHIFT)
    assert chosen() == (5, at, page.model.rowCount() - 2, page.model.columnCount() - 1)
    # The mouse was pressed in one cell, the keyboard went on to another: the choice begins there.
    page.table.scrollToTop()
    place = page.table.visualRect(page.model.index(1, at)).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    page.table.go(page.model.index(4, at))
    qtbot.keyClick(page.table, Qt.Key.Key_Down, SHIFT)
    assert chosen() == (4, at, 5, at)
    qtbot.keyClick(page.table, Qt.Key.Key_Up, SHIFT)
    qtbot.keyClick(page.table, Qt.Key.Key_Up, SHIFT)
    assert chosen() == (3, at, 4, at)


def test_a_total_that_is_not_the_sum_of_its_years_is_warned_of(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    at = next(n for n, row in enumerate(page.model.shown) if row.summed)
    before, years = page.model.shown[at], dict(page.model.shown[at].years)
    assert before.summed is not None
    go(page, at, "budget")
    paste(qtbot, page, str(before.summed + 250_000_000))
    first, second = formats.rupiah(before.summed + 250_000_000), formats.rupiah(before.summed)
    wrong = f"total bukan jumlah anggaran tahunannya: {first} dibanding {second}"
    assert wrong in page.warnings.said.text()  # before anything is written
    settle(qtbot, context)
    assert page.warnings.isVisible()
    assert wrong in page.warnings.said.text()
    number = page.model.index(at, page.model.column_of("number"))
    assert wrong in number.data(Qt.ItemDataRole.ToolTipRole)
    assert number.data(Qt.ItemDataRole.DecorationRole) is not None
    assert "belum dibagi per tahun Rp 250 juta" in page.full.totals.text()
    assert dict(page.model.shown[at].years) == years
    paste(qtbot, page, str(before.summed))
    assert wrong not in page.warnings.said.text()
    assert "belum dibagi" not in page.full.totals.text()


@pytest.mark.parametrize("field", ["name", "budget"])
def test_a_new_programme_is_scrolled_into_view_in_a_table_sorted_otherwise(qtbot: QtBot, page: MasterPlanPage, context: AppContext,
                                                                           field: str) -> None:
    page.table._sort(page.model.column_of(field), falling=True)
    go(page, 0, field)
    page.full.add()
    settle(qtbot, context)
    qtbot.keyClick(editor_of(page, QLineEdit), Qt.Key.Key_Escape)
    settle(qtbot, context)
    assert in_sight(page)
    page.parts.setCurrentWidget(page.examples)
    settle(qtbot, context)
    go(page, 0, field)
    page.examples.list.setCurrentRow(0)
    settle(qtbot, context)
    page.examples.detail.copy.click()
    settle(qtbot, context)
    assert page.parts.currentWidget() is page.stack
    made = page.model.of(page.table.current_id())
    assert made is not None
    assert made.number == 62
    assert in_sight(page)


def in_sight(page: MasterPlanPage) -> bool:
    """Tell whether the current row is seen whole."""
    QApplication.processEvents()
    seen = page.table.visualRect(page.table.currentIndex())
    return page.table.viewport().rect().top() <= seen.top() and seen.bottom() <= page.table.viewport().rect().bottom()


def test_the_clicked_cell_is_the_one_that_is_emptied_where_its_warning_shows(qtbot: QtBot, page: MasterPlanPage,
                                                                             context: AppContext) -> None:
    table, budget = page.table, page.model.column_of("budget")
    settle(qtbot, context)
    shown = page.model.shown
    first = next(n for n, row in enumerate(shown) if not page.full._warnings_of(row))
    quiet, low = shown[first].id, shown[first + 4]
    write(context.account, Programme, low.id, budget=1, agency="", target="", last_year=2031)
    settle(qtbot, context)
    table.choose(quiet, budget)
    table.scrollTo(page.model.find(low.id), QAbstractItemView.ScrollHint.PositionAtBottom)
    QApplication.processEvents()
    assert not page.warnings.isVisible()
    cell, kept = page.model.find(low.id).siblingAtColumn(budget), page.model.of(quiet)
    at, tall = table.visualRect(cell).center(), table.height()
    qtbot.mousePress(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QApplication.processEvents()
    assert table.indexAt(at) == cell  # nothing moved under the mouse
    qtbot.mouseMove(table.viewport(), at + QPoint(1, 0))
    qtbot.mouseRelease(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QApplication.processEvents()
    assert page.warnings.isVisible()
    assert table.height() == tall
    assert table.currentIndex() == cell
    assert table.selectionModel().selectedIndexes() == [cell]
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    settle(qtbot, context)
    emptied = page.model.of(low.id)
    assert emptied is not None
    assert emptied.given is None
    assert page.model.of(quiet) == kept


@pytest.mark.parametrize("scale", [100, 150])
def test_many_warnings_take_two_lines_and_the_rest_is_in_the_tool_tip(qtbot: QtBot, window: MainWindow, view: VisitView,
                                                                     context: AppContext, scale: int) -> None:
    context.settings.text_scale = scale
    page = built_anew(qtbot, window, context, "plan")
    assert isinstance(page, MasterPlanPage)
    window.resize(1366, 768)
    said, many = page.warnings.said, [("agency", Remark("no_agency")), ("target", Remark("no_target")), ("years", Remark("no_years"))]
    page.warnings.show_row("", many, "Kab. Boven Digoel")
    QApplication.processEvents()
    assert said.fitting() == said.text()
    tall = page.warnings.height()
    page.warnings.show_row("", many * 9, "Kab. Boven Digoel")
    QApplication.processEvents()
    assert page.warnings.height() == tall
    assert said.fitting().endswith(" …")
    assert said.fontMetrics().horizontalAdvance(said.fitting()) > said.width()  # more than one line is used
    assert said.toolTip().endswith("Disalin dari: Kab. Boven Digoel")


def test_a_click_chooses_the_cell_also_where_the_table_moves_as_it_becomes_current(qtbot: QtBot, page: MasterPlanPage) -> None:
    table = page.table
    go(page, 2, "name")
    cell = page.model.index(6, page.model.column_of("agency"))
    at = table.visualRect(cell).center()
    table.row_chosen.connect(lambda _: table.verticalScrollBar().setValue(table.verticalScrollBar().value() + 3 * table.rowHeight(0)))
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert table.currentIndex() == cell
    assert table.selectionModel().selectedIndexes() == [cell]


def test_what_is_pasted_below_the_last_row_is_scrolled_into_view(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    last = page.model.rowCount() - 1
    go(page, last, "name")
    page.table.scrollToTop()
    paste(qtbot, page, "Satu\nDua\nTiga\nEmpat")
    settle(qtbot, context)
    assert page.table.currentIndex().row() == last
    assert in_sight(page)
    for row in range(last, last + 4):
        assert page.table.viewport().rect().contains(page.table.visualRect(page.model.index(row, page.model.column_of("name"))).center())


def test_what_is_pasted_with_no_cell_chosen_is_current_and_seen(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    last = page.model.rowCount()
    page.table.setCurrentIndex(QModelIndex())
    page.table.clearSelection()
    at = page.model.column_of("name")
    paste(qtbot, page, "\n".join("\t" * at + name for name in ("Satu", "Dua", "Tiga")))
    settle(qtbot, context)
    assert page.table.currentIndex().row() == last
    assert page.model.rowCount() == last + 3
    assert in_sight(page)
