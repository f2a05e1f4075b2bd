"""What goes over all pages: the search leads to a note, the last change is taken back, a difference is settled."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from assessor_app import ids
from assessor_app.models.documents import Difference
from assessor_app.models.journal import Unit
from assessor_app.models.visits import Visit
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.differences import DifferencesDialog
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.names import PAGES
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow.accounts import Account
from tests.ui.conftest import settle


def test_search_leads_to_the_note(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView) -> None:
    assert window.workspace is not None
    window.workspace.focus_search()
    qtbot.keyClicks(window.workspace.side.search, "sagu")
    found = window.workspace.search
    qtbot.waitUntil(lambda: found.list.count() > 0, timeout=3000)
    found._on_activated(found.list.item(0))
    settle(qtbot, context)
    assert window.workspace.view is not None
    assert window.workspace.view.page in PAGES
    assert window.workspace.side.search.text() == ""


def test_the_last_change_is_taken_back(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView,
                                       sample_account: Account) -> None:
    from assessor_app.models.kinds import Kind
    from assessor_app.workflow.editing import edit

    context.tasks.write(edit, Kind.VISIT, view.visit.id, place="Salah", purpose="visit.edit")
    settle(qtbot, context)
    assert window.actions_ is not None
    window.actions_.undo()
    settle(qtbot, context)
    with sample_account.reading() as session:
        row = session.get(Visit, view.visit.id)
        assert row is not None
        assert row.place == "Tanah Merah dan Kouh"


def test_a_difference_is_settled_with_a_third_value(qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account) -> None:
    def differ(unit: Unit) -> str:
        visit = unit.get(Visit, view.visit.id)
        return unit.add(Difference(
            id=ids.natural_id("difference", visit.id, "place"), scope=visit.scope, record_kind="visit", record=visit.id, field="place",
            version_a="a.1.0", version_b="b.1.0", value_a='"Tanah Merah di hulu"', value_b='"Tanah Merah di hilir"', by_a=unit.author,
            by_b="lain", at_a=1_720_000_000_000, at_b=1_720_000_100_000, state="open")).id

    record = sample_account.writer.run(differ, purpose="sync.apply", origin="sync")
    dialog = DifferencesDialog(context)
    qtbot.addWidget(dialog)
    dialog.show()
    settle(qtbot, context)
    assert dialog.list.count() == 1
    assert "hulu" in dialog.a.text.toPlainText()
    assert "hilir" in dialog.b.text.toPlainText()
    dialog.third.setPlainText("Tanah Merah")
    dialog.take_third.click()
    settle(qtbot, context)
    with sample_account.reading() as session:
        difference, visit = session.get(Difference, record), session.get(Visit, view.visit.id)
        assert difference is not None
        assert visit is not None
        assert (difference.state, visit.place) == ("settled", "Tanah Merah")
    assert dialog.list.count() == 0
