"""Examples from other regions in the window: found by problem and dimension, read with the office to ask, copied as a draft."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from assessor_app.models.innovation_table import record_of
from assessor_app.models.plans import Programme
from assessor_app.ui.context import AppContext
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.master_plan import MasterPlanPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow.editing import last_undoable, undo
from tests.factories import read
from tests.ui.conftest import settle

HEALTH = record_of({"region": "65.03", "year": 2023, "code": "2"})


def page_of(qtbot: QtBot, view: VisitView, context: AppContext) -> MasterPlanPage:
    view.show_page("plan")
    page = view.page_widget("plan")
    assert isinstance(page, MasterPlanPage)
    page.parts.setCurrentWidget(page.examples)
    settle(qtbot, context)
    return page


def names(page: MasterPlanPage) -> list[str]:
    return [page.examples.list.item(at).text().split("\n")[0] for at in range(page.examples.list.count())]


def test_examples_are_found_by_problem_and_by_dimension(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    page = page_of(qtbot, view, context)
    desk = page.examples
    assert desk.said.text() == "9 contoh"
    qtbot.keyClicks(desk.finder, "balita sinya")  # two words of the problem, the last one begun
    settle(qtbot, context)
    assert names(page) == ["Posyandu perbatasan tanpa sinyal (contoh)"]
    assert desk.list.item(0).text().split("\n")[1:] == ["Kab. Nunukan (65.03) · 2023", "Prasarana Kesehatan"]
    desk.finder.clear()
    desk.dimension.set("environment")
    desk.dimension.activated.emit(desk.dimension.currentIndex())
    settle(qtbot, context)
    assert len(names(page)) == 3
    desk.dimension.set("energi")
    desk.dimension.activated.emit(desk.dimension.currentIndex())
    settle(qtbot, context)
    assert names(page) == ["Lampu jalan surya yang dirawat pemuda (contoh)"]


def test_a_copy_is_a_draft_that_names_its_origin_and_can_be_taken_back(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    page = page_of(qtbot, view, context)
    desk = page.examples
    desk.show_example(HEALTH)
    settle(qtbot, context)
    head, office = desk.detail._parts["office"]
    assert head.text() == "Kantor yang dapat dihubungi"
    assert office.text() == "Bidang Kesehatan Masyarakat (contoh)\n(000) 000002\nkesmas@nunukan.example"
    qtbot.keyClick(desk.list, Qt.Key.Key_Return)
    assert page.window().focusWidget() is desk.detail.copy
    qtbot.keyClick(desk.detail.copy, Qt.Key.Key_Space)
    settle(qtbot, context)
    assert page.parts.currentWidget() is page.stack
    made = page.table.current_id()
    row = page.model.row(page.model.find(made))
    assert row is not None
    assert (row.number, row.name, row.sub_dimension) == (61, "Posyandu perbatasan tanpa sinyal (contoh)", "kesehatan")
    assert (row.agency, row.budget, row.target) == ("", None, "")  # another region's office and money are none of this one's
    origin = "Kab. Nunukan (65.03), “Posyandu perbatasan tanpa sinyal (contoh)”, 2023"
    assert read(context.account, Programme, made, "origin") == origin
    assert page.warnings.said.text() == f"Peringatan: tanpa OPD, tanpa anggaran, tanpa target\nDisalin dari: {origin}"
    with context.account.reading() as session:
        step = last_undoable(session)
    assert step is not None
    context.account.writer.run(lambda unit: undo(unit, step.unit), purpose="undo")
    settle(qtbot, context)
    assert not page.model.find(made).isValid()


def test_an_empty_sub_dimension_leads_to_what_others_did_there(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    page = page_of(qtbot, view, context)
    page.path.examples_wanted.emit("proteksi")
    settle(qtbot, context)
    assert page.parts.currentWidget() is page.examples
    assert names(page) == ["Peringatan banjir gang demi gang (contoh)"]


def test_the_search_of_the_window_leads_to_an_example(qtbot: QtBot, window: MainWindow, view: VisitView, context: AppContext) -> None:
    space = window.workspace
    assert space is not None
    space.side.search.setText("balita pulau")
    settle(qtbot, context)
    qtbot.waitUntil(lambda: space.search.list.count() > 0)
    assert "Contoh daerah lain: Posyandu perbatasan" in space.search.list.item(0).text()
    space.search.list.itemActivated.emit(space.search.list.item(0))
    settle(qtbot, context)
    page = view.page_widget("plan")
    assert isinstance(page, MasterPlanPage)
    assert page.parts.currentWidget() is page.examples
    assert page.examples.detail.title.text() == "Posyandu perbatasan tanpa sinyal (contoh)"
