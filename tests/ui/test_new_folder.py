"""A visit is taken out into a new folder: one that is there already is named, and another name is offered."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs import files
from assessor_app.ui.dialogs.export import FOLDER, ExportDialog, export_visit
from assessor_app.ui.dialogs.new_folder import NewFolderDialog
from assessor_app.ui.visit_view import VisitView
from tests.ui.conftest import settle


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(files, "_places", [str(tmp_path)])
    return tmp_path


def test_a_name_that_is_there_is_said_and_another_offered(qtbot: QtBot, context: AppContext, place: Path) -> None:
    (place / "Kunjungan").mkdir()
    (place / "Kunjungan (2)").mkdir()
    dialog = NewFolderDialog(context.theme, "Ambil keluar", "Kunjungan\u202e")
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.name.text() == "Kunjungan (3)"  # the proposal is free
    assert dialog.ok.isEnabled()
    assert not dialog.offer.isVisible()
    dialog.name.selectAll()
    qtbot.keyClicks(dialog.name, "Kunjungan")
    assert "“Kunjungan” sudah ada" in dialog.name_field.hint.text()
    assert not dialog.ok.isEnabled()
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    assert dialog.isVisible()  # neither stepped into nor written over
    assert dialog.offer.text() == "Pakai “Kunjungan (3)”"
    qtbot.mouseClick(dialog.offer, Qt.MouseButton.LeftButton)
    assert dialog.target() == place / "Kunjungan (3)"
    dialog.name.clear()
    assert not dialog.ok.isEnabled()
    qtbot.keyClicks(dialog.name, "a/b")
    assert dialog.target() == place / "a-b"
    assert "“a-b”" in dialog.name_field.hint.text()  # it is said what the name becomes
    dialog.name.selectAll()
    qtbot.keyClicks(dialog.name, "/tmp/keluar")
    assert dialog.target() == place / "tmp-keluar"  # neither an option of a command nor hidden
    assert "bukan jalur" in dialog.name_field.hint.text()
    assert "“tmp-keluar”" in dialog.name_field.hint.text()
    assert dialog.ok.isEnabled()
    dialog.name.setText("keluar")
    assert not dialog.name_field.hint.isVisible()


def test_a_visit_goes_into_the_new_folder_at_another_place(
        qtbot: QtBot, context: AppContext, view: VisitView, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "lain").mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(place / "lain"))

    def want(dialog: ExportDialog) -> int:
        dialog.choices[FOLDER].setChecked(True)
        return 1

    def name(dialog: NewFolderDialog) -> int:
        dialog.show()
        dialog._choose()
        assert dialog.where.text() == str(place / "lain")
        dialog.name.setText("keluar")
        dialog.accept()
        return dialog.result()

    monkeypatch.setattr(ExportDialog, "exec", want)
    monkeypatch.setattr(NewFolderDialog, "exec", name)
    export_visit(context, view, view.visit)
    settle(qtbot, context)
    assert (place / "lain" / "keluar" / "data.json").exists()
    assert files.place() == str(place / "lain")
