"""Unknown words are underlined and better ones offered, by the system's real dictionaries; without one all stays quiet."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QImage, QTextCursor
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from assessor_app.ui import platform_spelling
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.settings import SettingsDialog
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.editors import Autosave, NoteEdit
from assessor_app.ui.widgets.spelling import Spelling
from assessor_app.workflow import accounts, spelling
from tests.ui.conftest import settle
from tests.ui.test_beside import note_page

needs_dictionaries = pytest.mark.skipif(
    any(platform_spelling.open_dictionary(code) is None for code in spelling.LANGUAGES), reason="needs hunspell-id and hunspell-en-us")


class Few:
    """A dictionary of a few words; counts what it was asked."""

    def __init__(self, *words: str) -> None:
        self.words, self.asked = set(words), 0

    def knows(self, word: str) -> bool:
        self.asked += 1
        return word in self.words

    def suggestions(self, word: str) -> list[str]:
        return sorted(self.words)


@pytest.fixture
def editor(qtbot: QtBot, context: AppContext) -> NoteEdit:
    made = NoteEdit(context.theme, 6)
    qtbot.addWidget(made)
    Autosave(context, made, lambda text: None)
    made.resize(700, 200)
    made.show()
    made.activateWindow()
    made.setFocus()
    qtbot.waitUntil(made.hasFocus)
    return made


def of(editor: NoteEdit) -> Spelling:
    assert editor.spelling is not None
    return editor.spelling


def quiet(qtbot: QtBot, context: AppContext, editor: NoteEdit) -> None:
    """Wait until the lines that are seen were looked at and every answer has come."""
    of(editor).look_soon()
    answered: list[object] = []

    def looked() -> bool:
        if of(editor)._soon.isActive():
            answered.clear()
            return False
        if not answered:
            answered.append(None)
            context.tasks.in_turn(lambda: None, done=answered.append)
        return len(answered) > 1 and not of(editor)._soon.isActive()

    qtbot.waitUntil(looked)


def place(editor: NoteEdit, word: str) -> None:
    cursor = editor.textCursor()
    cursor.setPosition(editor.toPlainText().index(word) + 1)
    editor.setTextCursor(cursor)


def menu_of(qtbot: QtBot, editor: NoteEdit) -> QMenu:
    qtbot.waitUntil(lambda: of(editor).menu is not None and isValid(of(editor).menu) and of(editor).menu.isVisible())
    menu = of(editor).menu
    assert menu is not None
    return menu


def choose(menu: QMenu, text: str) -> None:
    action = next(one for one in menu.actions() if one.text() == text)
    action.trigger()
    menu.close()


@needs_dictionaries
def test_words_of_neither_language_are_underlined(qtbot: QtBot, context: AppContext, editor: NoteEdit) -> None:
    editor.setPlainText("😀 Warga kampung menyebut #masyarkat, masyarkat dan the district's Boven Digoel officer, Distrct 2023.")
    quiet(qtbot, context, editor)
    assert of(editor).marked == ["masyarkat", "Distrct"]
    image: QImage = editor.viewport().grab().toImage()
    red = [x for y in range(image.height()) for x in range(image.width())
           if (colour := image.pixelColor(x, y)).red() > colour.green() + 60]
    assert red
    before = editor.fontMetrics().horizontalAdvance("😀 Warga kampung menyebut #masyarkat,")
    assert min(red) >= before  # neither what is right nor the tag


@needs_dictionaries
def test_the_menu_offers_what_was_meant(qtbot: QtBot, context: AppContext, editor: NoteEdit) -> None:
    editor.setPlainText("Kata masyarkat di kampung")
    quiet(qtbot, context, editor)
    place(editor, "masyarkat")
    at = editor.cursorRect().center()
    QApplication.sendEvent(editor.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, editor.viewport().mapToGlobal(at)))
    menu = menu_of(qtbot, editor)
    assert menu.actions()[0].text() == "masyarakat"
    assert {"Tambahkan ke kata saya", "Abaikan sampai buku catatan ditutup"} <= {one.text() for one in menu.actions()}
    choose(menu, "masyarakat")
    assert editor.toPlainText() == "Kata masyarakat di kampung"
    quiet(qtbot, context, editor)
    assert of(editor).marked == []
    editor.undo()
    assert editor.toPlainText() == "Kata masyarkat di kampung"


@needs_dictionaries
def test_by_keyboard_alone(qtbot: QtBot, context: AppContext, editor: NoteEdit) -> None:
    editor.setPlainText("Kampung masyarkat.\n" * 40 + "😀 Layanan kesehtan")
    editor.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(editor, ".")
    for _ in range(2):
        editor.moveCursor(QTextCursor.MoveOperation.Left)
    qtbot.keyClick(editor, Qt.Key.Key_F7)
    assert menu_of(qtbot, editor).actions()[0].text() == "kesehatan"
    assert editor.textCursor().selectedText() == "kesehtan"
    qtbot.keyClick(menu_of(qtbot, editor), Qt.Key.Key_Return)
    assert editor.toPlainText().endswith("Layanan kesehatan.")
    qtbot.keyClick(editor, Qt.Key.Key_F7)  # goes on at the beginning
    qtbot.waitUntil(lambda: editor.textCursor().selectedText() == "masyarkat")
    assert editor.textCursor().blockNumber() == 0
    menu_of(qtbot, editor).close()
    quiet(qtbot, context, editor)
    qtbot.keyClick(editor, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert menu_of(qtbot, editor).actions()[0].text() == "masyarakat"
    menu_of(qtbot, editor).close()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Few:
    made = Few("warga", "kampung", "datang")
    monkeypatch.setattr(platform_spelling, "open_dictionary", lambda code: made if code == "id" else None)
    return made


def test_the_word_that_is_being_typed_is_let_be(qtbot: QtBot, context: AppContext, editor: NoteEdit, few: Few) -> None:
    qtbot.keyClicks(editor, "warga kampng")
    quiet(qtbot, context, editor)
    assert of(editor).marked == []
    qtbot.keyClick(editor, Qt.Key.Key_Space)
    quiet(qtbot, context, editor)
    assert of(editor).marked == ["kampng"]
    qtbot.keyClick(editor, Qt.Key.Key_Backspace)
    assert of(editor).marked == []  # at once: it is being mended
    editor.moveCursor(QTextCursor.MoveOperation.Start)
    quiet(qtbot, context, editor)
    assert of(editor).marked == ["kampng"]


def test_a_word_is_asked_once(qtbot: QtBot, context: AppContext, editor: NoteEdit, few: Few) -> None:
    editor.setPlainText("warga kampung datang " * 30)
    quiet(qtbot, context, editor)
    assert few.asked == 3
    qtbot.keyClicks(editor, "warga ")
    quiet(qtbot, context, editor)
    assert few.asked == 3


def test_my_words_and_ignored_ones(qtbot: QtBot, context: AppContext, account: accounts.Account, editor: NoteEdit, few: Few) -> None:
    editor.setPlainText("warga Yosefina datang, tobelo")
    quiet(qtbot, context, editor)
    assert of(editor).marked == ["Yosefina", "tobelo"]
    place(editor, "Yosefina")
    qtbot.keyClick(editor, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    choose(menu_of(qtbot, editor), "Tambahkan ke kata saya")
    settle(qtbot, context)
    place(editor, "tobelo")
    qtbot.keyClick(editor, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    choose(menu_of(qtbot, editor), "Abaikan sampai buku catatan ditutup")
    quiet(qtbot, context, editor)
    assert of(editor).marked == []
    with account.reading() as session:
        assert spelling.my_words(session) == ("Yosefina",)
    context.set_account(account)  # the window is built anew in another language
    settle(qtbot, context)
    quiet(qtbot, context, editor)
    assert of(editor).marked == []
    context.set_account(None)
    context.set_account(account)  # locked and opened again
    settle(qtbot, context)
    quiet(qtbot, context, editor)
    assert of(editor).marked == ["tobelo"]


def test_settings_switch_it_off_choose_languages_and_show_my_words(
        qtbot: QtBot, context: AppContext, account: accounts.Account, editor: NoteEdit, monkeypatch: pytest.MonkeyPatch) -> None:
    each = {"id": Few("warga"), "en": Few("people")}
    monkeypatch.setattr(platform_spelling, "open_dictionary", each.__getitem__)
    account.writer.run(lambda unit: spelling.set_words(unit, ["sagu"]), purpose="setting")
    editor.setPlainText("warga people sagu xyz")
    quiet(qtbot, context, editor)

    def change(act: Callable[[SettingsDialog], None]) -> list[str]:
        dialog = SettingsDialog(context)
        qtbot.addWidget(dialog)
        settle(qtbot, context)
        act(dialog)
        dialog._keep()
        settle(qtbot, context)
        quiet(qtbot, context, editor)
        return of(editor).marked

    def add(dialog: SettingsDialog) -> None:
        assert dialog.spelling.words.toPlainText() == "sagu"
        dialog.spelling.words.setPlainText("sagu\nxyz")

    assert change(lambda dialog: dialog.spelling.languages["en"].click()) == ["people", "sagu", "xyz"]
    assert change(add) == ["people"]
    assert change(lambda dialog: dialog.spelling.words.setPlainText("xyz")) == ["people", "sagu"]
    assert change(lambda dialog: dialog.spelling.on.click()) == []
    editor.activateWindow()
    editor.setFocus()
    qtbot.waitUntil(editor.hasFocus)
    qtbot.keyClick(editor, Qt.Key.Key_F7)
    assert context.notify.last().title == "Pemeriksaan ejaan dimatikan."


def test_without_a_dictionary_nothing_is_underlined_and_the_settings_say_how_to_get_one(
        qtbot: QtBot, context: AppContext, account: accounts.Account, editor: NoteEdit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_spelling, "_enchant", lambda: None)
    monkeypatch.setattr(platform_spelling, "ON_WINDOWS", False)
    editor.setPlainText("Sesuatu yang salahh")
    quiet(qtbot, context, editor)
    assert of(editor).marked == []
    dialog = SettingsDialog(context)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.spelling.missing.isVisible)
    assert dialog.spelling.missing.text() == (
        "Komputer ini belum punya kamus untuk: Bahasa Indonesia + Bahasa Inggris. Di Debian atau Ubuntu, "
        "pasang libenchant-2-2 hunspell-id hunspell-en-us.")
    settle(qtbot, context)


def test_a_dictionary_that_is_installed_meanwhile_is_used_once_the_settings_were_opened(
        qtbot: QtBot, context: AppContext, account: accounts.Account, editor: NoteEdit, monkeypatch: pytest.MonkeyPatch) -> None:
    there: dict[str, Few] = {}
    monkeypatch.setattr(platform_spelling, "open_dictionary", there.get)
    editor.setPlainText("warga salahh")
    quiet(qtbot, context, editor)
    assert of(editor).marked == []
    there["id"] = Few("warga")
    dialog = SettingsDialog(context)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: "Bahasa Inggris" in dialog.spelling.missing.text())
    assert "Bahasa Indonesia" not in dialog.spelling.missing.text()
    settle(qtbot, context)
    dialog.close()
    quiet(qtbot, context, editor)
    assert of(editor).marked == ["salahh"]


def test_a_look_that_comes_after_the_end_begins_nothing(qtbot: QtBot, context: AppContext, editor: NoteEdit, few: Few) -> None:
    editor.setPlainText("warga salahh")
    context.tasks.close()
    of(editor)._look()
    assert of(editor).marked == []
    assert few.asked == 0


def test_what_cannot_be_written_is_not_underlined(qtbot: QtBot, context: AppContext, editor: NoteEdit, few: Few) -> None:
    editor.setReadOnly(True)
    editor.setPlainText("warga salahh")
    quiet(qtbot, context, editor)
    assert of(editor).marked == []


@needs_dictionaries
@pytest.mark.parametrize("between", [" ", "\n"])
def test_a_long_note_shows_at_once_and_only_what_is_seen_is_looked_at(
        qtbot: QtBot, context: AppContext, editor: NoteEdit, between: str) -> None:
    body = between.join(f"kampung {'salahh' if n % 9 == 0 else 'warga'} datang{'x' * (n % 4)}" for n in range(3400))
    assert len(body) > 60_000
    saved: list[int] = []
    editor.textChanged.connect(lambda: saved.append(1))
    editor.setPlainText(body)
    assert of(editor).marked == []  # the text is there before its underlines
    quiet(qtbot, context, editor)
    first = of(editor).marked
    assert "salahh" in first
    assert len(first) < 200
    editor.moveCursor(QTextCursor.MoveOperation.End)
    quiet(qtbot, context, editor)
    last = of(editor)._marks[-1].selectionEnd()
    assert last > 0.99 * len(body)
    assert len(of(editor).marked) < 200
    assert saved == [1]  # underlining changes no text


def test_a_mention_of_an_office_is_no_fault(qtbot: QtBot, view: VisitView, context: AppContext, few: Few) -> None:
    page = note_page(qtbot, view, context, "sagu")
    people = page.form.mentions._people
    office = next(person.office for person in people if person.official and " " in person.office)
    page.body.setPlainText(f"@{office} salahh")
    quiet(qtbot, context, page.body)
    assert of(page.body).marked == ["salahh"]


def test_a_menu_does_not_wait_for_a_dictionary_that_hangs(
        qtbot: QtBot, context: AppContext, editor: NoteEdit, few: Few, monkeypatch: pytest.MonkeyPatch) -> None:
    editor.setPlainText("warga salahh")
    quiet(qtbot, context, editor)
    go_on = threading.Event()

    def slow(word: str) -> list[str]:
        go_on.wait()
        return ["kampung"]

    monkeypatch.setattr(few, "suggestions", slow)
    try:
        place(editor, "salahh")
        qtbot.keyClick(editor, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
        menu = menu_of(qtbot, editor)
        assert menu.actions()[0].text() == "Mencari kata yang lebih tepat…"
    finally:
        go_on.set()
    qtbot.waitUntil(lambda: menu.actions()[0].text() == "kampung")
    menu.close()


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("key", [Qt.Key.Key_F7, Qt.Key.Key_F10])
@pytest.mark.parametrize("down", [0.0, 0.35, 0.6, 0.9])
def test_the_menu_leaves_the_word_in_sight(qtbot: QtBot, context: AppContext, editor: NoteEdit, few: Few, monkeypatch: pytest.MonkeyPatch,
                                           down: float, key: Qt.Key, late: bool) -> None:
    few.words |= {f"kata{n}" for n in range(6)}
    go_on = threading.Event()
    monkeypatch.setattr(few, "suggestions", lambda word: (go_on.wait(), sorted(few.words))[1])
    screen = editor.screen().availableGeometry()
    editor.move(screen.left() + 20, round(screen.top() + down * screen.height()))
    editor.setPlainText("masyarkat")
    quiet(qtbot, context, editor)
    if not late:
        go_on.set()
    cursor = editor.textCursor()
    cursor.setPosition(0 if key == Qt.Key.Key_F7 else 3)
    editor.setTextCursor(cursor)
    qtbot.keyClick(editor, key, Qt.KeyboardModifier.NoModifier if key == Qt.Key.Key_F7 else Qt.KeyboardModifier.ShiftModifier)
    try:
        menu = menu_of(qtbot, editor)
    finally:
        go_on.set()
    qtbot.waitUntil(lambda: "kata0" in [one.text() for one in menu.actions()])
    cursor.setPosition(0)
    begin = editor.cursorRect(cursor)
    cursor.setPosition(9)
    word = begin.united(editor.cursorRect(cursor))
    word.moveTopLeft(editor.viewport().mapToGlobal(word.topLeft()))
    assert not menu.geometry().intersects(word)
    assert screen.contains(menu.geometry())
    menu.close()
