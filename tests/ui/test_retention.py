"""Agreed time that is over: the window asks by itself at the opening and once a day; one way leads to the receipt, one to a new consent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from assessor_app import clock
from assessor_app.models.visits import Person
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.person import PersonDialog
from assessor_app.ui.dialogs.retention import RetentionDialog
from assessor_app.ui.dialogs.rights import ReceiptDialog
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.visit_view import VisitView
from tests.factories import read, write
from tests.ui.conftest import settle


@pytest.fixture
def person(view: VisitView, context: AppContext) -> str:
    """Return a respondent whose agreed time was over yesterday."""
    with context.account.reading() as session:
        found = session.query(Person).filter_by(label="N-03").one().id
    write(context.account, Person, found, consent_until=(clock.today() - timedelta(days=1)).isoformat())
    return found


def asking(window: MainWindow) -> list[RetentionDialog]:
    return [dialog for dialog in window.findChildren(RetentionDialog) if dialog.isVisible()]


def asked(qtbot: QtBot, window: MainWindow, context: AppContext) -> RetentionDialog:
    qtbot.waitUntil(lambda: bool(asking(window)), timeout=20_000)
    settle(qtbot, context)
    return asking(window)[0]


def press(qtbot: QtBot, dialog: RetentionDialog, words: str) -> None:
    (found,) = [made for made in dialog.findChildren(QPushButton) if made.accessibleName() == words]
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


def test_it_asks_by_itself_and_one_button_leads_to_the_receipt(
        qtbot: QtBot, window: MainWindow, context: AppContext, person: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, said = read(context.account, Person, person, "name"), []
    dialog = asked(qtbot, window, context)  # 0.8 s after the notebook was opened
    assert [one.person.label for one in dialog.over] == ["N-03"]
    assert dialog.over[0].notes == 1
    assert dialog.over[0].files >= 1
    monkeypatch.setattr(ReceiptDialog, "exec", lambda made: said.append(made.text.toPlainText()))
    context.notify.answers.append(True)
    press(qtbot, dialog, "Musnahkan semua data N-03")
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    settle(qtbot, context)
    assert "Tanda terima" in said[0]
    assert name not in said[0]
    assert read(context.account, Person, person, "name") == ""
    assert not asking(window)  # nothing is left to ask


def test_put_off_it_asks_again_the_next_day_while_the_notebook_stays_open(
        qtbot: QtBot, window: MainWindow, context: AppContext, person: str) -> None:
    dialog = asked(qtbot, window, context)
    qtbot.mouseClick(dialog.later, Qt.MouseButton.LeftButton)
    settle(qtbot, context)
    assert window.actions_ is not None
    window.actions_.retention.look()
    settle(qtbot, context)
    assert not asking(window)  # not twice on one day
    tomorrow = clock.now() + timedelta(days=1)
    clock.set_source(lambda: tomorrow)
    window.actions_.retention.look()
    asked(qtbot, window, context).reject()


def test_a_new_consent_is_a_new_act_and_ends_the_asking(
        qtbot: QtBot, window: MainWindow, context: AppContext, person: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog, wrong = asked(qtbot, window, context), []

    def answer(made: PersonDialog) -> int:
        assert made.consent is not None
        assert made.consent.chosen() == []
        wrong.append(made.consent.wrong())
        made.consent.form.set("spoken")
        wrong.append(made.consent.wrong())
        made.consent.data["answers"].setChecked(True)
        kept = made.consent.until.value()
        made.consent.until.set("2020-01-01")
        wrong.append(made.consent.wrong())
        made.consent.until.set(kept)
        wrong.append(made.consent.wrong())
        return 1

    monkeypatch.setattr(PersonDialog, "exec", answer)
    press(qtbot, dialog, "Minta persetujuan baru dari N-03")
    qtbot.waitUntil(lambda: not asking(window), timeout=20_000)
    settle(qtbot, context)
    assert [bool(one) for one in wrong] == [True, True, True, False]
    assert read(context.account, Person, person, "consent_until") > clock.today().isoformat()
    assert read(context.account, Person, person, "consent_data") == ["answers"]
    assert read(context.account, Person, person, "consent_on") == clock.local("WIT").date().isoformat()
