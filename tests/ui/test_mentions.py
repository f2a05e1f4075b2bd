"""Typing ``#`` and ``@`` in a note: the list at the caret, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from assessor_app.models.interviews import Interview
from assessor_app.models.visits import Person
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.person import PersonDialog
from assessor_app.ui.pages.interviews import InterviewsPage
from assessor_app.ui.visit_view import VisitView
from tests.factories import read
from tests.ui.conftest import settle
from tests.ui.test_beside import note_page


@pytest.fixture
def page(qtbot: QtBot, view: VisitView, context: AppContext) -> InterviewsPage:
    made = note_page(qtbot, view, context, "sagu")
    made.window().activateWindow()
    made.body.setFocus()
    qtbot.waitUntil(made.body.hasFocus)
    made.body.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(made.body, " ")
    return made


def shown(page: InterviewsPage) -> list[str]:
    found = page.form.mentions.list
    return [found.item(at).text() for at in range(found.count())] if found is not None and found.isVisible() else []


def stored(page: InterviewsPage, name: str) -> list[str]:
    found: list[str] = read(page.context.account, Interview, page._current, name)
    return found


@pytest.fixture
def done(qtbot: QtBot, context: AppContext) -> Callable[[], None]:
    def flush() -> None:
        context.flush()
        settle(qtbot, context)

    return flush


def test_a_known_tag_is_completed_and_stands_with_the_note(qtbot: QtBot, page: InterviewsPage, done: Callable[[], None]) -> None:
    before = stored(page, "tags")
    qtbot.keyClicks(page.body, "#ang")
    assert shown(page) == ["#anggaran"]
    qtbot.keyClick(page.body, Qt.Key.Key_Return)
    assert page.body.toPlainText().endswith(" #anggaran ")
    assert not shown(page)
    qtbot.keyClicks(page.body, "kurang.")
    done()
    assert stored(page, "tags") == sorted([*before, "anggaran"])
    assert "#anggaran" in page.form.mentions.line.text()
    qtbot.waitUntil(lambda: page.form.mentions.line.isVisible())


def test_a_new_tag_is_typed_on_and_goes_with_its_last_mention(qtbot: QtBot, page: InterviewsPage, done: Callable[[], None]) -> None:
    before = stored(page, "tags")
    qtbot.keyClicks(page.body, "#baru-sekali")
    assert shown(page) == ["Tanda baru: ketik terus"]
    qtbot.waitUntil(lambda: not page.form.body_saver.dirty)  # saved half-typed: no tag yet
    assert stored(page, "tags") == before
    qtbot.keyClick(page.body, Qt.Key.Key_Return)  # nothing is chosen: a new line
    assert page.body.toPlainText().endswith("#baru-sekali\n")
    qtbot.keyClicks(page.body, "Lagi #baru-sekali.")
    done()
    assert stored(page, "tags") == sorted([*before, "baru-sekali"])
    for _ in range(len("Lagi #baru-sekali.")):
        qtbot.keyClick(page.body, Qt.Key.Key_Backspace)
    done()
    assert "baru-sekali" in stored(page, "tags")
    for _ in range(len("#baru-sekali\n")):
        qtbot.keyClick(page.body, Qt.Key.Key_Backspace)
    done()
    assert stored(page, "tags") == before


def test_escape_leaves_the_text_and_headings_are_not_in_the_way(qtbot: QtBot, page: InterviewsPage) -> None:
    qtbot.keyClicks(page.body, "#ang")
    assert shown(page)
    qtbot.keyClick(page.body, Qt.Key.Key_Escape)
    assert not shown(page)
    qtbot.keyClicks(page.body, "g")
    assert not shown(page)  # put away for this word
    assert page.body.toPlainText().endswith("#angg")
    qtbot.keyClick(page.body, Qt.Key.Key_Return)
    qtbot.keyClicks(page.body, "#")
    assert not shown(page)
    qtbot.keyClicks(page.body, "# Bagian")
    qtbot.keyClick(page.body, Qt.Key.Key_Return)
    assert not shown(page)
    assert page.body.toPlainText().endswith("\n## Bagian\n")
    qtbot.keyClicks(page.body, "kata #")
    assert len(shown(page)) > 1  # all that is known
    qtbot.keyClick(page.body, Qt.Key.Key_Return)  # none is chosen yet
    assert page.body.toPlainText().endswith("kata #\n")


def test_a_respondent_is_found_by_name_and_named_by_label(qtbot: QtBot, page: InterviewsPage, done: Callable[[], None]) -> None:
    people = page.form.mentions._people
    respondent = next(p for p in people if not p.official and p.id not in stored(page, "persons"))
    qtbot.keyClicks(page.body, f"Menurut @{respondent.name.lower()[:5]}")
    row = next(at for at, words in enumerate(shown(page)) if respondent.name in words)
    for _ in range(row):
        qtbot.keyClick(page.body, Qt.Key.Key_Down)
    qtbot.keyClick(page.body, Qt.Key.Key_Tab)
    assert page.body.toPlainText().endswith(f"Menurut @{respondent.label} ")
    assert page.body.hasFocus()
    done()
    assert respondent.id in stored(page, "persons")
    assert respondent.name not in read(page.context.account, Interview, page._current, "body")
    for _ in range(len(f"@{respondent.label} ")):
        qtbot.keyClick(page.body, Qt.Key.Key_Backspace)
    done()
    assert respondent.id in stored(page, "persons")  # who was heard stays until a hand takes the person out


def test_a_new_person_comes_through_the_dialog(
        qtbot: QtBot, page: InterviewsPage, context: AppContext, monkeypatch: pytest.MonkeyPatch, done: Callable[[], None]) -> None:
    asked: list[str] = []

    def answer(dialog: PersonDialog) -> int:
        asked.append(dialog.name_field.text())
        dialog._accept()
        return dialog.result()

    monkeypatch.setattr(PersonDialog, "exec", answer)
    qtbot.keyClicks(page.body, "Hadir @Zakarias")
    assert shown(page) == ["Narasumber baru…", "Pejabat baru…"]
    qtbot.keyClick(page.body, Qt.Key.Key_Down)
    qtbot.keyClick(page.body, Qt.Key.Key_Return)
    settle(qtbot, context)
    assert asked == ["Zakarias"]
    done()
    made = [one for one in stored(page, "persons") if read(context.account, Person, one, "name") == "Zakarias"]
    assert len(made) == 1
    label = read(context.account, Person, made[0], "label")
    assert page.body.toPlainText().endswith(f"Hadir @{label} ")
    assert "Zakarias" not in read(context.account, Interview, page._current, "body")


def test_a_label_that_is_typed_out_names_the_respondent_too(qtbot: QtBot, page: InterviewsPage, done: Callable[[], None]) -> None:
    respondent = next(p for p in page.form.mentions._people if not p.official and p.id not in stored(page, "persons"))
    qtbot.keyClicks(page.body, f"Kata @{respondent.label}, ya.")
    done()
    assert respondent.id in stored(page, "persons")


def test_an_address_is_no_mention(qtbot: QtBot, page: InterviewsPage) -> None:
    qtbot.keyClicks(page.body, "surel pusat@contoh")
    assert not shown(page)
    qtbot.keyClicks(page.body, ", dan @bukan siapa-siapa di sini, ")
    assert not shown(page)


def test_a_name_that_is_looked_for_is_not_written_meanwhile(qtbot: QtBot, page: InterviewsPage, context: AppContext) -> None:
    qtbot.keyClicks(page.body, "Kata @Yoh")
    assert shown(page)
    settle(qtbot, context)
    assert page.form.body_saver.waits
    qtbot.waitUntil(lambda: not page.form.body_saver._timer.isActive() or page.form.body_saver.waits)
    assert "@Yoh" not in read(context.account, Interview, page._current, "body")
    qtbot.keyClick(page.body, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: "Kata @Yoh" in read(context.account, Interview, page._current, "body"))
