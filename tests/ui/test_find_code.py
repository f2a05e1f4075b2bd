"""Finding a document by its printed code in the window: a scanner types and presses Enter, and the page opens."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.find_code import FindCodeDialog
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.documents import DocumentsPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow import documents
from assessor_app.workflow.accounts import Account
from tests.ui.conftest import settle


def test_a_scanned_code_opens_its_document(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView,
                                           sample_account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    from assessor_app.reports.content import code, data_sha256

    prepared = documents.prepare(sample_account, "minutes", view.visit.id, documents.wish(language="id", number="9"))
    document = documents.sign(sample_account, prepared, "2468")
    scanned = code(prepared.content, data_sha256(prepared.content))
    settle(qtbot, context)

    def use(dialog: FindCodeDialog) -> int:
        dialog.show()
        assert dialog.code.hasFocus() or dialog.focusWidget() is dialog.code
        qtbot.keyClicks(dialog.code, "tidak ada")
        qtbot.keyClick(dialog.code, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: "Tidak ada dokumen" in dialog.field.hint.text())
        assert not dialog.show_it.isEnabled()
        dialog.code.clear()
        qtbot.keyClicks(dialog.code, scanned)
        qtbot.keyClick(dialog.code, Qt.Key.Key_Return)  # as a scanner ends
        qtbot.waitUntil(lambda: dialog.list.isVisible())
        assert dialog.list.count() == 1
        text = dialog.list.item(0).text()
        assert "Kab. Boven Digoel" in text
        assert "sama dengan yang tercatat" in text
        dialog.show_it.click()
        return 1

    monkeypatch.setattr(FindCodeDialog, "exec", use)
    assert window.actions_ is not None
    window.actions_.find_code()
    settle(qtbot, context)
    assert window.workspace is not None
    assert window.workspace.view is not None
    page = window.workspace.view.page_widget("documents")
    assert isinstance(page, DocumentsPage)
    assert page._current == document


def other_digits(qtbot: QtBot, context: AppContext, view: VisitView, account: Account) -> FindCodeDialog:
    """Return what is found for the code of a signed document with digits that are not its own."""
    prepared = documents.prepare(account, "minutes", view.visit.id, documents.wish(language="id", number="10"))
    documents.sign(account, prepared, "2468")
    dialog = FindCodeDialog(context)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.code.setText(prepared.content.address + "#" + "0" * 16)
    dialog.look_up()
    qtbot.waitUntil(lambda: dialog.list.count() == 1)
    return dialog


def test_a_print_with_other_digits_is_told(qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account) -> None:
    dialog = other_digits(qtbot, context, view, sample_account)
    assert "TIDAK sama" in dialog.list.item(0).text()
