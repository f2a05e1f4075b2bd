"""What is typed is saved by itself, and what comes in from elsewhere does not disturb it."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from assessor_app.ui.context import AppContext
from assessor_app.ui.widgets.basics import Scroller
from assessor_app.ui.widgets.editors import Autosave, LineEdit, NoteEdit


@pytest.fixture
def note(qtbot: QtBot, context: AppContext) -> NoteEdit:
    made = NoteEdit(context.theme, 4)
    qtbot.addWidget(made)
    made.show()
    return made


def saver(context: AppContext, widget: NoteEdit | LineEdit, text: str = "") -> tuple[Autosave, list[str]]:
    saved: list[str] = []

    def save(typed: str) -> Future[Any] | None:
        saved.append(typed)
        return None

    return Autosave(context, widget, save, text=text), saved


def test_saved_within_a_second_of_the_last_key(qtbot: QtBot, context: AppContext, note: NoteEdit) -> None:
    _, saved = saver(context, note)
    qtbot.keyClicks(note, "sagu")
    assert saved == []
    qtbot.waitUntil(lambda: saved == ["sagu"], timeout=1000)


def test_a_stored_text_is_shown_and_never_saved_over_with_nothing(qtbot: QtBot, context: AppContext, note: NoteEdit) -> None:
    made, saved = saver(context, note, "sudah ada")
    assert note.toPlainText() == "sudah ada"
    made.load("sudah ada")
    made.flush()
    assert saved == []


def test_saved_at_once_when_asked(qtbot: QtBot, context: AppContext, note: NoteEdit) -> None:
    _, saved = saver(context, note)
    qtbot.keyClicks(note, "x")
    context.flush_requested.emit()
    assert saved == ["x"]


def test_what_comes_in_keeps_caret_and_undo(qtbot: QtBot, context: AppContext, note: NoteEdit) -> None:
    made, saved = saver(context, note, "satu dua tiga")
    note.moveCursor(QTextCursor.MoveOperation.End)
    made.load("satu dan dua tiga")
    assert note.textCursor().position() == len("satu dan dua tiga")
    note.undo()
    assert note.toPlainText() == "satu dua tiga"
    made.flush()
    assert saved == ["satu dua tiga"]


def test_both_changes_of_a_text_stand(qtbot: QtBot, context: AppContext, note: NoteEdit) -> None:
    made, saved = saver(context, note, "baris satu\nbaris dua\n")
    note.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(note, "punya saya")
    made.load("baris SATU\nbaris dua\n")
    assert note.toPlainText() == "baris SATU\nbaris dua\npunya saya"
    made.flush()
    assert saved[-1] == "baris SATU\nbaris dua\npunya saya"


def test_emoji_and_arabic_are_patched_whole(qtbot: QtBot, context: AppContext, note: NoteEdit) -> None:
    made, _ = saver(context, note, "a😀b عربي")
    made.load("a😁b عربي!")
    assert note.toPlainText() == "a😁b عربي!"


def test_a_text_whose_write_failed_is_written_again(qtbot: QtBot, context: AppContext, note: NoteEdit) -> None:
    tries: list[str] = []

    def save(typed: str) -> Future[Any]:
        tries.append(typed)
        future: Future[Any] = Future()
        if len(tries) == 1:
            future.set_exception(OSError())
        else:
            future.set_result(None)
        return future

    made = Autosave(context, note, save)
    qtbot.keyClicks(note, "penuh")
    made.flush()
    assert made.dirty
    made.flush()
    assert tries == ["penuh", "penuh"]
    assert not made.dirty


def test_the_page_follows_the_caret_of_a_growing_text(qtbot: QtBot, context: AppContext) -> None:
    page = Scroller(context.theme, "Catatan")
    note = page.add(NoteEdit(context.theme, 3, 200))
    page.column.addStretch(1)
    qtbot.addWidget(page)
    page.resize(400, 220)
    page.show()
    page.activateWindow()
    note.setFocus()
    qtbot.waitUntil(note.hasFocus)

    def caret_in_sight() -> bool:
        caret = note.cursorRect()
        at = note.viewport().mapTo(page.viewport(), caret.topLeft()).y()
        return at >= 0 and at + caret.height() <= page.viewport().height()

    note.insertPlainText("baris\n" * 60)
    qtbot.waitUntil(caret_in_sight, timeout=1000)
    assert page.verticalScrollBar().value() > 0
    note.moveCursor(QTextCursor.MoveOperation.Start)
    qtbot.waitUntil(caret_in_sight, timeout=1000)
    note.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.waitUntil(caret_in_sight, timeout=1000)
    for _ in range(20):
        qtbot.keyClick(note, Qt.Key.Key_Return)
    qtbot.waitUntil(caret_in_sight, timeout=1000)
