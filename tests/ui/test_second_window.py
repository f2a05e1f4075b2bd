"""A second window on a notebook: it says who has it, brings the first one to the front, and opens once that one is closed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from assessor_app.settings import Settings
from assessor_app.ui.context import AppContext
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.notify import Notifier
from assessor_app.ui.pages.unlock import Unlock
from assessor_app.ui.tasks import Tasks
from assessor_app.workflow.accounts import Account
from tests.ui.conftest import FakeKeychain, settle


def test_the_second_window_is_told_and_the_first_comes_to_the_front(
        qtbot: QtBot, window: MainWindow, context: AppContext, account: Account, keychain: FakeKeychain,
        monkeypatch: pytest.MonkeyPatch) -> None:
    folder = account.folder
    context.set_account(None)
    account.close()

    def open_here(at: MainWindow) -> None:
        page = at.stack.currentWidget()
        assert isinstance(page, Unlock)
        page.secret.setText("2468")
        qtbot.mouseClick(page.open, Qt.MouseButton.LeftButton)

    window.folder = folder
    window.begin()
    window.show()
    open_here(window)
    qtbot.waitUntil(lambda: context.unlocked, timeout=20_000)
    settle(qtbot, context)
    came: list[bool] = []
    monkeypatch.setattr(window, "raise_", lambda: came.append(True))
    window.showMinimized()

    other = AppContext(Settings(), context.theme, Tasks(), Notifier())
    other.notify.quiet = True
    second = MainWindow(other, Path(folder))
    qtbot.addWidget(second)
    second.begin()
    second.show()
    page = second.stack.currentWidget()
    assert isinstance(page, Unlock)
    assert any("sedang dibuka di jendela lain" in one.text() for one in page.card.findChildren(type(page.field.caption)))
    qtbot.waitUntil(lambda: bool(came) and not window.isMinimized(), timeout=20_000)
    open_here(second)
    qtbot.waitUntil(lambda: bool(other.notify.history), timeout=20_000)
    said = other.notify.history[-1]
    assert said.title == "Buku catatan ini sedang dibuka di jendela lain."
    assert "di komputer ini (proses" in said.text
    assert not other.unlocked
    assert context.unlocked

    window.lock()  # a locked window holds nothing
    qtbot.waitUntil(lambda: page.open.isEnabled(), timeout=20_000)
    open_here(second)
    qtbot.waitUntil(lambda: other.unlocked, timeout=20_000)
    settle(qtbot, other)
    second.close()
    other.tasks.close()
