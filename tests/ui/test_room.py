"""Nothing is cut: a list that pops up shows its longest choice, the list of documents its entries; what changed is said at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs import invitation
from assessor_app.ui.dialogs.settings import SERVER, SettingsDialog
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.documents import DocumentsPage
from assessor_app.ui.pages.interviews import InterviewsPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.editors import Choice
from assessor_app.workflow.accounts import put_settings
from tests.ui.conftest import built_anew, settle


def test_a_narrow_choice_pops_up_as_wide_as_its_longest_words(qtbot: QtBot, context: AppContext) -> None:
    words = "Hanya pengamatan, tanpa narasumber, di lapangan"
    place = QWidget()
    qtbot.addWidget(place)
    choice = Choice([("persons", "Ada narasumber yang didengar"), ("observation", words)])
    QVBoxLayout(place).addWidget(choice)
    choice.setFixedWidth(context.theme.em(8))
    place.show()
    choice.showPopup()
    rows = [choice.view().visualRect(choice.model().index(at, 0)) for at in range(2)]
    shown = choice.view().viewport()
    assert choice.fontMetrics().horizontalAdvance(words) < shown.width()
    assert rows[-1].bottom() <= shown.rect().bottom()
    choice.hidePopup()


@pytest.mark.parametrize("scale", [100, 150])
def test_an_opened_list_shows_each_of_its_choices_whole_whichever_is_chosen(qtbot: QtBot, view: VisitView, context: AppContext,
                                                                            window: MainWindow, scale: int) -> None:
    context.settings.text_scale = scale
    page = built_anew(qtbot, window, context, "interviews")
    assert isinstance(page, InterviewsPage)
    window.resize(1366, 768)
    assert window.workspace is not None
    dialog = SettingsDialog(context, window.workspace.view)
    qtbot.addWidget(dialog)
    dialog.show()
    settle(qtbot, context)
    lists = [page.beside_choice, *(one for one in dialog.findChildren(Choice) if one.isVisible())]
    assert len(lists) > 2
    for choice in lists:
        for chosen in range(choice.count()):
            choice.setCurrentIndex(chosen)
            choice.showPopup()
            shown, opened = choice.view().viewport(), choice.view().window()
            for at in range(choice.count()):
                row = choice.view().visualRect(choice.model().index(at, 0))
                assert shown.rect().contains(row), (choice.accessibleName(), chosen, at)
                assert opened.childAt(shown.mapTo(opened, row.center())) is shown  # and no arrow to scroll lies over it
            choice.hidePopup()


@pytest.mark.parametrize("scale", [100, 150])
def test_the_documents_are_listed_whole_and_the_chosen_one_stays_in_sight(
        qtbot: QtBot, view: VisitView, context: AppContext, window: MainWindow, scale: int) -> None:
    context.settings.text_scale = scale
    page = built_anew(qtbot, window, context, "documents")
    assert isinstance(page, DocumentsPage)
    entries = page.list
    assert entries.count() == 3
    last = entries.visualItemRect(entries.item(entries.count() - 1))
    assert last.bottom() <= entries.viewport().rect().bottom()
    assert not entries.verticalScrollBar().isVisible()
    assert entries.height() < page.height() / 2


def test_the_settings_tell_of_the_server_as_soon_as_it_is_joined(
        qtbot: QtBot, view: VisitView, context: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    def join(context: AppContext, parent: QWidget, then: Callable[[], object]) -> None:
        put_settings(context.account, server_url="https://pusat.example")
        then()

    begun: list[bool] = []
    monkeypatch.setattr(invitation, "import_invitation", join)
    context.server_joined.connect(lambda: begun.append(True))
    dialog = SettingsDialog(context, view, page=SERVER)
    qtbot.addWidget(dialog)
    dialog.show()
    settle(qtbot, context)
    assert "Belum ada server" in dialog.server.text()
    actions = view.window().actions_  # type: ignore[attr-defined]
    monkeypatch.setattr(actions.line, "sync", lambda: begun.append(True))
    monkeypatch.setattr(actions.line, "start", lambda: None)
    dialog._invite()
    settle(qtbot, context)
    assert dialog.server.text() == "Terhubung: https://pusat.example"
    assert len(begun) == 2  # and the window begins to synchronise
