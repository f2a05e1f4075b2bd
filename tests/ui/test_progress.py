"""A year's plan beside the year before in the window, and a status said in the note that is being written."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from assessor_app.models.interviews import Interview
from assessor_app.ui.context import AppContext
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.interviews import InterviewsPage
from assessor_app.ui.pages.master_plan import MasterPlanPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.beside import PROGRAMMES, LookList
from assessor_app.ui.widgets.said_status import SaidStatus
from assessor_app.workflow.progressing import year_said
from tests.factories import read
from tests.ui.conftest import settle


@pytest.fixture
def page(qtbot: QtBot, view: VisitView, context: AppContext) -> MasterPlanPage:
    view.show_page("plan")
    settle(qtbot, context)
    page = view.page_widget("plan")
    assert isinstance(page, MasterPlanPage)
    page.parts.setCurrentWidget(page.progress)
    settle(qtbot, context)
    return page


def test_the_year_stands_beside_the_one_before(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    said = page.progress
    assert said.year.currentText() == "2024 terhadap 2023"
    titles = [column.title for column in said.model.columns]
    assert titles[:6] == ["No.", "Program", "Kelanjutannya", "Status 2023", "Status 2024", "Sumber status 2024"]
    cards = next(row for row in said.model.shown if row.programme.number == 47)
    at = said.model.find(cards.id)
    assert [at.siblingAtColumn(n).data() for n in range(2, 5)] == ["Terlambat", "", "Terlambat"]
    assert "Sekolah berasrama" in at.siblingAtColumn(5).data()
    assert said.model.index(0, 2).data() == "Terlambat"  # what needs attention comes first
    assert "Rp 19,4 miliar" in said.money.text()
    assert "Rp 27,9 miliar" in said.money.text()
    said.turn.set("stopped")
    said.turn.chosen.emit("stopped")
    assert [said.model.index(at, 2).data() for at in range(said.model.rowCount())] == ["Dihentikan"]
    said.turn.set("")
    said.year.set("2025")
    said.year.chosen.emit("2025")
    assert "Anggaran 2025" in [column.title for column in said.model.columns]


def test_a_status_is_set_in_the_comparison_and_undone(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    said = page.progress
    at = said.model.find(next(row.id for row in said.model.shown if not row.now.status))
    index = at.siblingAtColumn(said.model.column_of("status:2024"))
    record = said.model.shown[index.row()].id
    assert index.data().startswith("(") or index.data() == ""  # not said for this year
    assert said.model.setData(index, "done")
    assert said.model.of(record).now.status == "done"
    settle(qtbot, context)
    with context.account.reading() as session:
        assert year_said(session, record, 2024).year.status == "done"
    assert said.model.of(record).turn == "done"
    said.table.setFocus()
    qtbot.keyClick(said.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, context)
    assert said.model.of(record).now.status == ""


def test_statuses_are_pasted_into_the_comparison_and_make_no_programmes(qtbot: QtBot, page: MasterPlanPage, context: AppContext) -> None:
    said = page.progress
    last = said.model.rowCount() - 1
    said.table.go(said.model.index(last, said.model.column_of("status:2024")))
    record = said.model.shown[last].id
    QApplication.clipboard().setText("Selesai\nBerjalan")
    qtbot.keyClick(said.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, context)
    assert page.model.of(record).years[2024].status == "done"
    assert len(page.model.rows) == 60


def test_the_source_of_a_status_opens_its_note(
        qtbot: QtBot, page: MasterPlanPage, window: MainWindow, view: VisitView, context: AppContext) -> None:
    said = page.progress
    row = next(row for row in said.model.shown if row.now.interview)
    column = said.model.column_of("interview:2024")
    index = said.model.find(row.id).siblingAtColumn(column)
    assert index.data()
    said.table.go(index)
    said.table.setFocus()
    qtbot.keyClick(said.table, Qt.Key.Key_Return)
    settle(qtbot, context)
    assert view.page == "interviews"
    notes = view.page_widget("interviews")
    assert isinstance(notes, InterviewsPage)
    assert notes._current == row.now.interview


def test_the_open_note_becomes_the_source_of_a_status(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    view.show_page("interviews")
    settle(qtbot, context)
    page = view.page_widget("interviews")
    assert isinstance(page, InterviewsPage)
    page.show_beside(PROGRAMMES)
    settle(qtbot, context)
    part = page.beside.parts[PROGRAMMES]
    assert isinstance(part, LookList)
    part.list.setCurrentRow(12)
    settle(qtbot, context)
    programme = part._rows[12].id
    status = part.findChild(SaidStatus)
    assert isinstance(status, SaidStatus)
    status.status.set("delayed")
    status.status.chosen.emit("delayed")
    settle(qtbot, context)
    assert status.source.text() == "Dikatakan dalam catatan ini"
    with context.account.reading() as session:
        known = year_said(session, programme, 2024)
    assert (known.year.status, known.year.interview) == ("delayed", page._current)
    assert programme in read(context.account, Interview, page._current, "programmes")
