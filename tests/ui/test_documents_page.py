"""Documents in the window: signed with the PIN, and copies that cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from assessor_app.identity.attempts import TooManyAttempts
from assessor_app.models.documents import Document, Revision
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs import files
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.models.rows import RowRole
from assessor_app.ui.pages.documents import DocumentsPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.queries.documents import DocumentRow
from tests.ui.conftest import settle


def test_minutes_are_signed_with_the_pin(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView,
                                         sample_account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    from assessor_app.ui.dialogs import sign

    view.show_page("documents")
    settle(qtbot, context)
    page = view.page_widget("documents")
    assert isinstance(page, DocumentsPage)
    qtbot.waitUntil(lambda: page.preview.page_count > 0, timeout=20_000)
    pins = iter(["1111", "2468"])

    def typed(dialog: sign.PinDialog) -> int:
        dialog.show()
        for pin in pins:
            dialog.pin.setText(pin)
            dialog._accept()
            settle(qtbot, context)
            if pin == "1111":
                assert "PIN" in dialog.field.hint.text()
                dialog._failed(TooManyAttempts(30))
                assert "30" in dialog.field.hint.text()
                assert "pemulihan" not in dialog.field.hint.text()
                qtbot.waitUntil(lambda: dialog.field.hint.height() >= dialog.field.hint.heightForWidth(dialog.field.hint.width()))
                qtbot.waitUntil(lambda: not dialog.scroller.verticalScrollBar().isVisible())
        return dialog.result()

    monkeypatch.setattr(sign.SignOptions, "exec", lambda self: 1)
    monkeypatch.setattr(sign.PinDialog, "exec", typed)
    page.sign.click()
    settle(qtbot, context)
    qtbot.waitUntil(lambda: page._row() is not None, timeout=20_000)
    with sample_account.reading() as session:
        document = session.scalar(select(Document))
        assert document is not None
        assert document.state == "signed"
        assert session.scalar(select(Revision.type)) == "signed"
    assert "Ditandatangani" in page.state.text()
    assert "Ditandatangani" in view.chip.text()
    assert window.workspace is not None
    assert window.workspace.side.model.index(0).data(RowRole).state == "signed"
    assert not page.sign.isVisible()


def test_a_copy_into_a_folder_that_is_gone_is_said(qtbot: QtBot, context: AppContext, view: VisitView, tmp_path: Path,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    view.show_page("documents")
    settle(qtbot, context)
    page = view.page_widget("documents")
    assert isinstance(page, DocumentsPage)
    row = DocumentRow("d", "minutes", "", "", "signed", "id", 0, True, 0, ())
    monkeypatch.setattr(page, "_row", lambda: row)
    context.notify.answers.append(True)
    files.chosen.append(tmp_path / "tidak ada" / "salinan.pdf")
    page._save()
    settle(qtbot, context)
    said = context.notify.last()
    assert said is not None
    assert "Salinan" in said.title
    assert said.kept
