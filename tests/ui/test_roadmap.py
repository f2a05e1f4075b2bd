"""The plan as a picture: rupiah by dimension and year add up, and a programme opens from the road map."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from assessor_app.models.plans import Programme
from assessor_app.ui.context import AppContext
from assessor_app.ui.pages.master_plan import MasterPlanPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow.queries.plan_figures import plan_figures
from tests.factories import write
from tests.ui.conftest import settle


def page_of(qtbot: QtBot, view: VisitView, context: AppContext) -> MasterPlanPage:
    view.show_page("plan")
    page = view.page_widget("plan")
    assert isinstance(page, MasterPlanPage)
    page.parts.setCurrentWidget(page.picture)
    settle(qtbot, context)
    return page


def test_rupiah_by_dimension_and_year_add_up(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    page = page_of(qtbot, view, context)
    table = page.picture.table
    assert [table.horizontalHeaderItem(n).text() for n in range(table.columnCount())] == ["2023", "2024", "2025", "2026", "2027", "Jumlah"]
    assert table.verticalHeaderItem(0).text() == "Smart Governance"
    assert table.rowCount() == 7
    with context.account.reading() as session:
        figures = plan_figures(session, "93.02")
    assert table.item(6, 5).text() == "Rp 119.365.000.000"
    assert figures.total() == sum(figures.total(one) for one in figures.dimensions)
    assert figures.total() == sum(figures.total("", year) for year in figures.years)
    assert figures.total("governance", 2023) == figures.totals["governance", 2023]
    assert len(figures.stretches) == 60


def test_a_programme_opens_from_the_road_map_by_key(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    page = page_of(qtbot, view, context)
    road = page.picture.map
    qtbot.keyClick(road, Qt.Key.Key_Down)
    assert "Loket layanan kampung" in road.accessibleDescription()
    assert "2023: Rp" in road.accessibleDescription()
    qtbot.keyClick(road, Qt.Key.Key_Return)
    settle(qtbot, context)
    assert page.parts.currentWidget() is page.stack
    assert page.table.current_id()
    assert page.model.rows[0].id == page.table.current_id()


def test_what_has_no_years_or_rupiah_is_counted(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    page = page_of(qtbot, view, context)
    record = page.model.rows[0].id
    write(context.account, Programme, record, first_year=None, last_year=None)
    settle(qtbot, context)
    with context.account.reading() as session:
        assert len(plan_figures(session, "93.02").stretches) == 60  # the years of its rupiah tell
    write(context.account, Programme, record, first_year=2030, last_year=2023)
    with context.account.reading() as session:
        figures = plan_figures(session, "93.02")
    assert len(figures.stretches) == 59
    assert max(figures.years) == 2027


def test_a_newer_sheet_says_what_it_would_change_before_it_does(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    from assessor_app.ui.dialogs.import_sheet import ImportDialog
    from assessor_app.workflow import plan_import
    from tests.workflow.test_plan_changes import newer

    dialog = ImportDialog(context, plan_import.propose(newer(), "baru.xlsx"), view, region="93.02")
    qtbot.addWidget(dialog)
    dialog.show()
    settle(qtbot, context)
    said = dialog.changes.toPlainText().split("\n")
    assert said[0] == "Baru: 1 · berubah: 2 · tidak lagi di lembar, dibiarkan: 2"
    assert "+ Program baru sama sekali" in said
    assert any("Anggaran 2024: Rp 60.000.000 → Rp 77.000.000" in line for line in said)
    assert any("Status: Direncanakan → Berjalan" in line for line in said)
    assert "− Surat keterangan kampung secara luring" in said
