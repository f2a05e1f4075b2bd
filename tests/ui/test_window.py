"""The window from the first start on: click and type, then read the screen and the notebook."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from assessor_app import clock, i18n
from assessor_app.models.catalogue import Assessor
from assessor_app.models.visits import Visit
from assessor_app.ui.context import AppContext
from assessor_app.ui.crash import report_text
from assessor_app.ui.dialogs.new_visit import NewVisit
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.first_start import FirstStart
from assessor_app.ui.pages.overview import OverviewPage
from assessor_app.ui.pages.unlock import Unlock
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.one_window import elsewhere
from assessor_app.workflow.visiting import create_visit
from tests.ui.conftest import FakeKeychain, settle


def test_first_start_in_three_steps(qtbot: QtBot, window: MainWindow, context: AppContext) -> None:
    window.begin()
    window.show()
    page = window.stack.currentWidget()
    assert isinstance(page, FirstStart)
    page.next.click()
    assert "Nama" in page._name_field.hint.text()
    qtbot.keyClicks(page.name, "Suharto")
    qtbot.keyClicks(page.nip, "123")
    page.next.click()
    assert "18" in page._nip_field.hint.text()
    page.nip.clear()
    page.next.click()
    assert page.steps.current == 1
    qtbot.keyClicks(page.pin.first, "2468")
    qtbot.keyClicks(page.pin.again, "2469")
    page.make.click()
    assert page.pin._repeat.hint.text()
    page.pin.again.clear()
    qtbot.keyClicks(page.pin.again, "2468")
    page.make.click()
    qtbot.waitUntil(lambda: page.steps.current == 2, timeout=10_000)
    assert not page.start.isEnabled()
    qtbot.keyClicks(page.code.typed, page.code._groups[page.code._asked].lower())
    assert page.start.isEnabled()
    page.start.click()
    qtbot.waitUntil(lambda: window.workspace is not None)
    settle(qtbot, context)
    with context.account.reading() as session:
        assert session.scalar(select(Assessor.name)) == "Suharto"
    assert context.account.slots.asks_for_pin
    assert elsewhere(context.account.folder) is not None  # what is made here is held by this window at once


def test_a_locked_keyring_is_left_alone_where_a_passphrase_was_typed(
        qtbot: QtBot, window: MainWindow, context: AppContext, keychain: FakeKeychain, monkeypatch: pytest.MonkeyPatch) -> None:
    def put(name: str, secret: bytes) -> None:
        raise AssertionError("the system would ask to unlock its keyring")

    monkeypatch.setattr(keychain, "locked", True)
    monkeypatch.setattr(keychain, "put", put)
    window.begin()
    window.show()
    page = window.stack.currentWidget()
    assert isinstance(page, FirstStart)
    settle(qtbot, context)
    qtbot.keyClicks(page.name, "Suharto")
    page.next.click()
    for line in (page.pin.first, page.pin.again):
        qtbot.keyClicks(line, "2468")
    qtbot.keyClicks(page.passphrase, "sungai digoel mengalir")
    page.make.click()
    qtbot.waitUntil(lambda: page.steps.current == 2, timeout=10_000)
    assert any("terkunci" in one.text() for one in page.steps.findChildren(QLabel) if one.isVisible())
    page._finish()
    settle(qtbot, context)
    folder = context.account.folder
    window.lock()
    unlock = window.stack.currentWidget()
    assert isinstance(unlock, Unlock)
    assert unlock.field.caption.text() == "Frasa sandi"
    unlock.secret.setText("sungai digoel mengalir")
    unlock.open.click()
    qtbot.waitUntil(lambda: context.unlocked, timeout=20_000)
    assert context.account.folder == folder


def test_locked_and_opened_again_with_what_was_typed(qtbot: QtBot, window: MainWindow, context: AppContext, account: Account) -> None:
    window.folder = account.folder
    visit = account.writer.run(lambda unit: create_visit(unit, "93.02"), purpose="visit.create")
    window.open_account(account)
    window.show()
    settle(qtbot, context)
    assert window.workspace is not None
    assert window.workspace.view is not None
    page = window.workspace.view.page_widget("overview")
    assert isinstance(page, OverviewPage)
    qtbot.keyClicks(page._texts["place"]._widget, "Tanah Merah")
    window.lock()
    assert not context.unlocked
    unlock = window.stack.currentWidget()
    assert isinstance(unlock, Unlock)
    unlock.open.click()
    assert unlock.field.hint.text() == "PIN belum diisi: ketik PIN Anda."
    assert unlock.open.isEnabled()  # nothing was tried
    unlock.field.say("")
    qtbot.keyClicks(unlock.secret, "1111")
    unlock.open.click()
    qtbot.waitUntil(lambda: "PIN" in unlock.field.hint.text(), timeout=10_000)
    unlock.secret.clear()
    qtbot.keyClicks(unlock.secret, "2468")
    unlock.open.click()
    qtbot.waitUntil(lambda: context.unlocked, timeout=10_000)
    settle(qtbot, context)
    with context.account.reading() as session:
        found = session.get(Visit, visit)
        assert found is not None
        assert found.place == "Tanah Merah"


def test_locks_when_nobody_is_there(qtbot: QtBot, window: MainWindow, context: AppContext, account: Account) -> None:
    window.folder = account.folder
    window.open_account(account)
    settle(qtbot, context)
    window._on_idle_checked()
    assert context.unlocked
    window._touched_at = clock.now_ms() - 11 * 60_000
    window._on_idle_checked()
    assert not context.unlocked


def test_a_new_visit_in_two_fields(qtbot: QtBot, context: AppContext) -> None:
    dialog = NewVisit(context)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.ok.isEnabled()
    qtbot.keyClicks(dialog.where, "boven")
    assert "Kab. Boven Digoel" in dialog.list.currentItem().text()
    qtbot.keyClick(dialog.where, Qt.Key.Key_Return)
    assert dialog.result() == NewVisit.DialogCode.Accepted
    region, stage, first, last = dialog.values()
    assert (region, stage) == ("93.02", "evaluation")
    assert first == last


def test_a_new_visit_begins_on_the_regions_date(qtbot: QtBot, context: AppContext) -> None:
    clock.set_source(lambda: datetime(2024, 7, 2, 15, 30, tzinfo=UTC))
    try:
        dialog = NewVisit(context)
        qtbot.addWidget(dialog)
        qtbot.keyClicks(dialog.where, "boven")
        assert dialog.values()[2:] == ("2024-07-03", "2024-07-03")
        dialog.first.set("2024-07-01")
        qtbot.keyClick(dialog.where, Qt.Key.Key_Backspace)
        assert dialog.values()[2] == "2024-07-01"
    finally:
        clock.set_source(None)


def test_the_same_name_twice_shows_type_and_code(qtbot: QtBot, context: AppContext) -> None:
    dialog = NewVisit(context)
    qtbot.addWidget(dialog)
    qtbot.keyClicks(dialog.where, "jayapura")
    shown = [dialog.list.item(at).text() for at in range(dialog.list.count())]
    assert any("Kab. Jayapura" in text and "91.03" in text for text in shown)
    assert any("Kota Jayapura" in text and "91.71" in text for text in shown)


def test_another_language_is_spoken_at_once(qtbot: QtBot, window: MainWindow, context: AppContext, account: Account) -> None:
    window.open_account(account)
    settle(qtbot, context)
    assert window.workspace is not None
    assert window.workspace.side.new.text() == "Kunjungan baru"
    context.settings.language = "en"
    context.settings_changed.emit()
    settle(qtbot, context)
    assert i18n.language() == "en"
    assert window.workspace.side.new.text() == "New visit"


def test_a_fault_report_holds_no_words_of_the_person() -> None:
    try:
        raise ValueError("rahasia-narasumber")
    except ValueError as fault:
        text = report_text(type(fault), fault.__traceback__)
    assert "ValueError" in text
    assert "rahasia" not in text
