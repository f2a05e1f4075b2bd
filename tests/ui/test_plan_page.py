"""The plan in the window: a programme is edited in place, a sheet is shown as what it is taken for."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from assessor_app import paths
from assessor_app.models.plans import Programme
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.import_sheet import ImportDialog
from assessor_app.ui.pages.master_plan import MasterPlanPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.editors import Choice
from assessor_app.workflow import plan_import
from assessor_app.workflow.accounts import Account
from tests.ui.conftest import settle


def test_a_programme_is_edited_in_place(qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account) -> None:
    view.show_page("plan")
    settle(qtbot, context)
    page = view.page_widget("plan")
    assert isinstance(page, MasterPlanPage)
    assert page.model.rowCount() == 60
    record = page.model.rows[0].id
    index = page.model.find(record).siblingAtColumn(8)
    assert page.model.setData(index, "1,5 juta")
    settle(qtbot, context)
    with sample_account.reading() as session:
        row = session.get(Programme, record)
        assert row is not None
        assert row.budget == 1_500_000
    assert page.model.data(page.model.find(record).siblingAtColumn(8)) == "Rp 1.500.000"
    page.model.setData(index, "banyak")
    said = context.notify.last()
    assert said is not None
    assert "banyak" in said.title
    page.filter.dimension.set("living")
    page.full.refilter()
    assert page.model.rowCount() == sum(row.dimension == "living" for row in page.model.rows)


def test_the_dialog_shows_what_a_sheet_is_taken_for(qtbot: QtBot, context: AppContext, view: VisitView) -> None:
    sheet = paths.resources() / "sample" / "rencana-induk-boven-digoel.xlsx"
    dialog = ImportDialog(context, plan_import.propose(sheet.read_bytes(), sheet.name))
    qtbot.addWidget(dialog)
    assert len(dialog.proposal.rows) == 60
    at = next(n for n, c in enumerate(dialog.proposal.sheets[0].columns) if c.field == "name")
    choice = dialog.tables[0].cellWidget(at, 1)
    assert isinstance(choice, Choice)
    choice.set("")
    choice.chosen.emit("")
    assert len(dialog.proposal.rows) == 0
    assert not dialog.ok.isEnabled()
