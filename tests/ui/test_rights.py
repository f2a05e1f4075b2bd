"""Everything about a person in the window: what is held, what was asked for and by when, and the receipt of an erasure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from assessor_app.models.visits import Person
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs import files
from assessor_app.ui.dialogs.rights import ReceiptDialog, RightsDialog, due, due_text
from assessor_app.ui.visit_view import VisitView
from tests.ui.conftest import settle


@pytest.fixture
def dialog(qtbot: QtBot, view: VisitView, context: AppContext) -> RightsDialog:
    with context.account.reading() as session:
        person = session.query(Person).filter_by(label="N-03").one().id
    made = RightsDialog(context, view.visit.id, view.visit.zone, person, lambda row: None, view)
    qtbot.addWidget(made)
    made.show()
    settle(qtbot, context)
    return made


def texts(dialog: RightsDialog, name: str) -> list[str]:
    lines = dialog._lines[name]
    return [lines.itemAt(at).widget().text() for at in range(lines.count())]


def test_what_is_held_and_asked_is_said(qtbot: QtBot, dialog: RightsDialog, context: AppContext) -> None:
    assert dialog.who.text()
    assert "Persetujuan" in dialog.facts.text()
    assert any("Rumah produksi sagu" in line and "ikut terhapus" in line for line in texts(dialog, "notes"))
    assert len(texts(dialog, "files")) >= 1
    assert texts(dialog, "documents") == ["tidak ada"]
    assert dialog.requests.text() == "Belum ada permintaan."
    assert not dialog.all_done.isVisible()
    assert dialog.type.code() == "access"
    dialog.type.set("correct")
    qtbot.mouseClick(dialog.ask, Qt.MouseButton.LeftButton)
    settle(qtbot, context)
    assert "Meminta memperbaiki datanya" in dialog.requests.text()
    assert "paling lambat" in dialog.requests.text()
    with context.account.reading() as session:
        assert "1 permintaan orang menunggu" in due_text(due(session))
    qtbot.mouseClick(dialog.all_done, Qt.MouseButton.LeftButton)
    settle(qtbot, context)
    assert "selesai" in dialog.requests.text()
    with context.account.reading() as session:
        assert due_text(due(session)) == ""


def test_the_data_are_handed_over_after_a_warning(qtbot: QtBot, dialog: RightsDialog, context: AppContext, tmp_path: Path) -> None:
    dialog._hand_over()
    assert not list(tmp_path.glob("*.json"))  # asked, and not answered yes
    context.notify.answers.append(True)
    files.chosen.append(tmp_path / "data.json")
    dialog._hand_over()
    settle(qtbot, context)
    assert json.loads((tmp_path / "data.json").read_text())["Nama"] == dialog.who.text()


def test_erasing_shows_a_receipt_and_nothing_is_held_any_more(
        qtbot: QtBot, dialog: RightsDialog, context: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    name, said = dialog.who.text(), []
    monkeypatch.setattr(ReceiptDialog, "exec", lambda made: said.append(made.text.toPlainText()))
    context.notify.answers.append(True)
    qtbot.mouseClick(dialog.erase, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    settle(qtbot, context)
    assert "Tanda terima" in said[0]
    assert name not in said[0]
    assert dialog.who.text() == "Data dimusnahkan"
    assert not dialog.erase.isEnabled()


def test_of_an_official_it_is_said_what_stays_and_why(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    with context.account.reading() as session:
        person = session.query(Person).filter_by(role="official").first()
        assert person is not None
        record = person.id
    dialog = RightsDialog(context, view.visit.id, view.visit.zone, record, lambda row: None, view)
    qtbot.addWidget(dialog)
    dialog.show()
    settle(qtbot, context)
    assert not dialog.erase.isVisible()
    assert dialog.stays.isVisible()
    assert "UU 27/2022, Pasal 20" in dialog.stays.text()
    assert all("terhapus" not in line for line in texts(dialog, "notes"))
    assert dialog.correct.isEnabled()
    assert dialog.export.isVisible()


def test_a_respondent_sees_nothing_of_public_duty(dialog: RightsDialog) -> None:
    assert not dialog.stays.isVisible()
