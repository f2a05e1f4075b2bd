"""The programmes' table as a spreadsheet: pasted, copied, emptied, sorted, filtered, undone, by keys; nothing entered is lost."""

from __future__ import annotations

from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from assessor_app.errors import NotebookError
from assessor_app.models.plans import Programme
from assessor_app.ui.context import AppContext
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.models.grid import GridColumn, GridModel
from assessor_app.ui.pages.master_plan import MasterPlanPage
from assessor_app.ui.pages.names import INTERVIEWS
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow import plan_cells
from assessor_app.workflow.queries.master_plan import plan_view
from tests.factories import make_visit, write
from tests.ui.conftest import settle

E = TypeVar("E", bound=QWidget)
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def page(plan_page: MasterPlanPage) -> MasterPlanPage:
    return plan_page


def go(page: MasterPlanPage, row: int, field: str) -> None:
    page.table.go(page.model.index(row, page.model.column_of(field)))


def editor_of(page: MasterPlanPage, kind: type[E]) -> E:
    """Return the editor of the cell that is being edited."""
    assert page.table.editing
    return page.table.viewport().findChildren(kind)[-1]


def paste(qtbot: QtBot, page: MasterPlanPage, text: str) -> None:
    QApplication.clipboard().setText(text)
    qtbot.keyClick(page.table, Qt.Key.Key_V, CONTROL)


def stored(page: MasterPlanPage) -> list[str]:
    with page.context.account.reading() as session:
        return [row.name for row in plan_view(session, "93.02").programmes]


def test_the_grid_model(qtmodeltester: ModelTester) -> None:
    model = GridModel[tuple[str, str]]([GridColumn("id", "Id", lambda r: r[0]), GridColumn("name", "Nama", lambda r: r[1])], lambda r: r[0])
    model.set_rows([("2", "b"), ("1", "c"), ("3", "a")])
    qtmodeltester.check(model)
    assert [row[0] for row in model.shown] == ["1", "2", "3"]
    model.sort_by("name", falling=True)
    assert [row[1] for row in model.shown] == ["c", "b", "a"]
    model.put([("3", "z"), ("4", "y")], ["1"])  # what is edited stays in its place, what is new comes last
    assert [row[1] for row in model.shown] == ["b", "z", "y"]
    model.accept = lambda row: row[1] != "z"
    model.arrange()
    assert [row[1] for row in model.shown] == ["y", "b"]
    assert [row[1] for row in model.rows] == ["b", "z", "y"]
    qtmodeltester.check(model)


def test_a_block_is_pasted_shown_at_once_and_undone_as_one_step(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    before = stored(page)
    go(page, 58, "name")
    paste(qtbot, page, "Nama satu\tOPD satu\nNama dua\tOPD dua\nNama tiga\tOPD tiga\n")
    assert [row.name for row in page.model.shown[-3:]] == ["Nama satu", "Nama dua", "Nama tiga"]  # before anything is written
    assert len(page.table.selectionModel().selectedIndexes()) == 6
    settle(qtbot, context)
    assert stored(page)[-3:] == ["Nama satu", "Nama dua", "Nama tiga"]
    assert len(stored(page)) == 61
    said = context.notify.last()
    assert said is not None
    assert said.title == "6 sel ditempelkan"
    assert "1 program baru" in said.text
    qtbot.keyClick(page.table, Qt.Key.Key_Z, CONTROL)
    settle(qtbot, context)
    assert stored(page) == before
    assert [row.name for row in page.model.shown] == before
    qtbot.keyClick(page.table, Qt.Key.Key_Y, CONTROL)
    settle(qtbot, context)
    assert stored(page)[-1] == "Nama tiga"


def test_cells_that_cannot_be_read_are_listed_and_the_rest_goes_in(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    go(page, 0, "budget")
    paste(qtbot, page, "Rp 1,5 M\tAPBN\nbanyak\tCSR")
    settle(qtbot, context)
    said = context.notify.last()
    assert said is not None
    assert said.title == "1 sel tidak dapat dibaca"
    assert len(said.faults) == 1
    assert "Anggaran" in said.faults[0]
    assert page.model.shown[1].name in said.faults[0]
    assert (page.model.shown[0].budget, page.model.shown[0].funding, page.model.shown[1].funding) == (1_500_000_000, "APBN", "CSR")


def test_a_block_is_copied_and_pasted_elsewhere_unchanged(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    page.table.choose_block(0, page.model.column_of("dimension"), 2, 14)
    qtbot.keyClick(page.table, Qt.Key.Key_C, CONTROL)
    text = QApplication.clipboard().text()
    first = page.model.shown[0]
    assert text.split("\n")[0].split("\t")[:4] == ["Smart Governance", "Layanan Publik", first.name, first.agency]
    assert str(first.budget) in text
    go(page, 10, "dimension")
    paste(qtbot, page, text)
    settle(qtbot, context)
    for there, here in ((0, 10), (1, 11)):
        a, b = page.model.shown[there], page.model.shown[here]
        assert (a.name, a.agency, a.pic, a.budget, a.status, a.quick_win, a.sub_dimension, a.first_year) == (
            b.name, b.agency, b.pic, b.budget, b.status, b.quick_win, b.sub_dimension, b.first_year)


def test_one_value_fills_what_is_chosen_and_delete_empties_it(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    page.table.choose_block(2, page.model.column_of("agency"), 3, 1)
    paste(qtbot, page, "Bappeda")
    settle(qtbot, context)
    assert [row.agency for row in page.model.shown[2:5]] == ["Bappeda"] * 3
    page.table.choose_block(2, page.model.column_of("agency"), 3, 1)
    qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    settle(qtbot, context)
    assert [row.agency for row in page.model.shown[2:5]] == [""] * 3
    assert len(stored(page)) == 60


def test_programmes_are_deleted_by_key_and_come_back(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    before = stored(page)
    page.table.choose_block(0, 0, 2, 1)
    qtbot.keyClick(page.table, Qt.Key.Key_Delete, CONTROL)
    assert page.model.rowCount() == 58
    settle(qtbot, context)
    assert stored(page) == before[2:]
    qtbot.keyClick(page.table, Qt.Key.Key_Z, CONTROL)
    settle(qtbot, context)
    assert [row.name for row in page.model.shown] == before


def test_cells_are_edited_and_left_by_keys(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    go(page, 3, "name")
    qtbot.keyClick(page.table, Qt.Key.Key_F2)
    editor = editor_of(page, QLineEdit)
    editor.setText("Nama lain")
    editor.setModified(True)
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    settle(qtbot, context)
    assert page.model.shown[3].name == "Nama lain"
    at = page.table.currentIndex()
    assert (at.row(), page.model.columns[at.column()].field) == (3, "agency")
    qtbot.keyClicks(page.table, "B")
    editor = editor_of(page, QLineEdit)
    editor.setText("BPBD")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    settle(qtbot, context)
    assert page.model.shown[3].agency == "BPBD"
    assert page.table.currentIndex().row() == 4
    qtbot.keyClick(page.table, Qt.Key.Key_Backtab)
    assert page.model.columns[page.table.currentIndex().column()].field == "name"
    go(page, 59, page.model.columns[-1].field)
    qtbot.keyClick(page.table, Qt.Key.Key_Tab)
    assert page.table.currentIndex().row() == 59  # past the last cell Tab leaves the table
    with qtbot.waitSignal(page.table.left):  # Escape gives the keyboard to the filter
        qtbot.keyClick(page.table, Qt.Key.Key_Escape)


def test_a_long_text_is_edited_on_several_lines(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    page.full.sets.set("all")
    page.full._show_columns()
    go(page, 0, "benefit")
    page.table.edit(page.table.currentIndex())
    editor = editor_of(page, QPlainTextEdit)
    editor.setPlainText("Baris satu")
    editor.moveCursor(editor.textCursor().MoveOperation.End)
    qtbot.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(editor, "baris dua")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    settle(qtbot, context)
    assert page.model.shown[0].benefit == "Baris satu\nbaris dua"
    assert page.model.index(0, page.model.column_of("benefit")).data() == "Baris satu baris dua"


def test_a_status_is_chosen_from_a_list(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    page.full.sets.set("states")
    page.full._show_columns()
    go(page, 0, "status:2024")
    page.table.edit(page.table.currentIndex())
    box = editor_of(page, QComboBox)
    assert [box.itemText(at) for at in range(box.count())] == ["", "Direncanakan", "Berjalan", "Terlambat", "Selesai", "Dihentikan"]
    box.setCurrentIndex(3)
    box.activated.emit(3)
    settle(qtbot, context)
    assert page.model.shown[0].years[2024].status == "delayed"


def test_a_budget_of_a_year_moves_the_total(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    page.full.sets.set("budgets")
    page.full._show_columns()
    row = page.model.shown[0]
    assert row.budget == row.summed
    go(page, 0, "budget:2024")
    assert page.model.setData(page.table.currentIndex(), "1 miliar")
    settle(qtbot, context)
    after = page.model.shown[0]
    assert after.years[2024].budget == 10**9
    assert after.budget == after.summed == (row.budget or 0) - (row.years[2024].budget or 0) + 10**9


def test_sorting_by_a_heading_and_by_key(qtbot: QtBot, page: MasterPlanPage) -> None:
    head = page.table.horizontalHeader()
    at = page.model.column_of("budget")
    head.sectionClicked.emit(at)
    budgets = [row.budget or 0 for row in page.model.shown]
    assert budgets == sorted(budgets)
    head.sectionClicked.emit(at)
    assert [row.budget or 0 for row in page.model.shown] == sorted(budgets, reverse=True)
    chosen = page.model.shown[5].id
    page.table.choose(chosen, page.model.column_of("agency"))
    qtbot.keyClick(page.table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    names = [row.agency.casefold() for row in page.model.shown]
    assert names == sorted(names)
    assert page.table.current_id() == chosen  # what was chosen stays so


def test_the_filter_says_how_many_and_is_cleared_at_once_and_totals_follow(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    assert page.filter.count.text() == "60 dari 60 program"
    assert not page.filter.clear.isVisible()
    every = page.full.totals.text()
    page.filter.dimension.set("living")
    page.filter.year.set("2024")
    page.filter.changed.emit()
    shown = page.model.shown
    assert 0 < len(shown) < 60
    assert all(row.dimension == "living" and row.runs_in(2024) for row in shown)
    assert page.filter.count.text() == f"{len(shown)} dari 60 program"
    assert page.full.totals.text() != every
    page.parts.setCurrentWidget(page.picture)
    settle(qtbot, context)
    assert page.picture.table.rowCount() == 2  # the dimension, and the sum
    assert page.filter.count.text() in page.picture.narrowed.text()
    page.parts.setCurrentWidget(page.stack)
    page.filter.clear.click()
    assert page.model.rowCount() == 60
    assert page.full.totals.text() == every
    qtbot.keyClicks(page.filter.finder, "sagu")
    qtbot.keyClick(page.filter.finder, Qt.Key.Key_Return)
    assert 0 < page.model.rowCount() < 60


def test_a_new_programme_is_what_the_filter_shows_and_is_named_at_once(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    page.filter.dimension.set("society")
    page.full.refilter()
    page.full.add()
    editor = editor_of(page, QLineEdit)
    editor.setText("Program baru")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    settle(qtbot, context)
    row = page.model.shown[-1]
    assert (row.name, row.dimension, row.number) == ("Program baru", "society", 61)
    assert stored(page)[-1] == "Program baru"


def test_what_comes_from_elsewhere_waits_while_one_types(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    go(page, 0, "name")
    page.table.edit(page.table.currentIndex())
    editor = editor_of(page, QLineEdit)
    qtbot.keyClicks(editor, "Setengah")
    write(context.account, Programme, page.model.shown[1].id, agency="Dari tempat lain")
    settle(qtbot, context)
    assert editor.text().endswith("Setengah")
    assert page.model.shown[1].agency != "Dari tempat lain"
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    settle(qtbot, context)
    assert page.model.shown[1].agency == "Dari tempat lain"


def test_what_could_not_be_written_stays_and_is_saved_again(
        qtbot: QtBot, page: MasterPlanPage, view: VisitView, window: MainWindow, context: AppContext,
        monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: object, **named: object) -> None:
        raise NotebookError("Disk penuh.")

    monkeypatch.setattr(plan_cells, "write_cells", full)
    go(page, 0, "name")
    paste(qtbot, page, "Tidak boleh hilang")
    settle(qtbot, context)
    said = context.notify.last()
    assert said is not None
    assert "belum tersimpan" in said.title
    assert "Disk penuh." in said.text
    assert page.model.shown[0].name == "Tidak boleh hilang"
    assert "Tidak boleh hilang" not in stored(page)
    write(context.account, Programme, page.model.shown[3].id, agency="Dari tempat lain")  # a reload does not take it away
    settle(qtbot, context)
    assert page.model.shown[0].name == "Tidak boleh hilang"
    assert not context.flush()
    context.notify.answers.append(False)
    assert not window.close()  # the window asks before it closes over it
    asked = context.notify.last()
    assert asked is not None
    assert "tidak dapat disimpan" in asked.title
    assert context.unlocked
    view.show_page(INTERVIEWS)
    assert window.workspace is not None
    other = make_visit(context.account, "11.72")
    settle(qtbot, context)
    window.workspace.open_visit(other)  # nor is it lost with its page
    settle(qtbot, context)
    window.workspace.open_visit(view.visit.id, "plan")
    settle(qtbot, context)
    assert window.workspace.view is not None
    again = window.workspace.view.page_widget("plan")
    assert isinstance(again, MasterPlanPage)
    assert again.model.shown[0].name == "Tidak boleh hilang"
    page = again
    monkeypatch.undo()
    assert said.act is not None
    said.act()
    settle(qtbot, context)
    assert stored(page)[0] == "Tidak boleh hilang"
    assert page.model.shown[3].agency == "Dari tempat lain"
    assert context.flush()


def test_what_could_not_be_written_never_comes_over_what_is_newer(
        qtbot: QtBot, page: MasterPlanPage, context: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(plan_cells, "write_cells", lambda *given, **named: (_ for _ in ()).throw(NotebookError("Disk penuh.")))
        go(page, 0, "name")
        paste(qtbot, page, "Lama\tOPD lama")
        settle(qtbot, context)
    go(page, 0, "name")
    paste(qtbot, page, "Baru")
    settle(qtbot, context)
    assert stored(page)[0] == "Baru"
    assert context.flush()
    settle(qtbot, context)
    assert (stored(page)[0], page.model.shown[0].name, page.model.shown[0].agency) == ("Baru", "Baru", "OPD lama")


def test_an_empty_plan_is_filled_from_the_clipboard(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView,
                                                    page: MasterPlanPage) -> None:
    page.table.selectAll()
    page.full.delete([row.id for row in page.model.rows])
    settle(qtbot, context)
    assert page.stack.currentWidget() is page.empty
    QApplication.clipboard().setText("\t\t\tProgram tempel\tBappeda")
    page._paste_first()
    settle(qtbot, context)
    assert page.stack.currentWidget() is page.full
    assert stored(page) == ["Program tempel"]
    assert page.parts.count() >= 3
    view.show_page(INTERVIEWS)


def test_the_menu_of_a_cell_offers_what_the_keys_do(page: MasterPlanPage) -> None:
    go(page, 0, "name")
    said = [action.text() for action in page.table.make_menu().actions() if not action.isSeparator()]
    assert len(said) == 9
    assert "Salin\tCtrl+C" in said
    assert "Tempel\tCtrl+V" in said


def test_the_names_stay_in_sight_when_one_scrolls_to_the_years(qtbot: QtBot, page: MasterPlanPage) -> None:
    page.full.sets.set("all")
    page.full._show_columns()
    side = page.table.verticalHeader()
    assert side.isHidden()
    page.table.horizontalScrollBar().setValue(page.table.horizontalScrollBar().maximum())
    assert side.isVisible()
    assert page.model.headerData(0, Qt.Orientation.Vertical) == "1. Loket layanan kampung keliling lewat sungai"
    page.table.horizontalScrollBar().setValue(0)
    assert side.isHidden()


def test_every_column_can_be_edited_and_says_its_own(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    page.full.sets.set("all")
    page.full._show_columns()
    fields = [column.field for column in page.model.columns if column.editable]
    assert {"description", "pic_phone", "unit", "benefit", "benefit_months", "is_infrastructure", "budget:2027", "target:2027",
            "status:2027", "remark:2027"} <= set(fields)
    for field, text, shown in (("benefit_months", "9", "9"), ("is_infrastructure", "yes", "ya"), ("dimension", "economy", "Smart Economy"),
                               ("remark:2024", "Kapal rusak", "Kapal rusak"), ("target:2024", "5 titik", "5 titik")):
        index = page.model.index(0, page.model.column_of(field))
        assert page.model.setData(index, text), field
        assert page.model.index(0, page.model.column_of(field)).data() == shown
        settle(qtbot, context)
        assert page.model.index(0, page.model.column_of(field)).data() == shown
    row = page.model.shown[0]
    assert (row.dimension, row.sub_dimension, row.is_infrastructure) == ("economy", "", "yes")
