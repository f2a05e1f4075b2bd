"""``#`` types a tag, ``@`` a person: a small list at the caret while one writes, used by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QListWidget, QListWidgetItem
from shiboken6 import isValid

from assessor_app.i18n import mark, t
from assessor_app.models.changes import ChangeSet
from assessor_app.models.kinds import Kind
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.person import edit_official, edit_respondent
from assessor_app.ui.widgets.basics import label
from assessor_app.workflow.mentions import known_tags, labels_in, mention, retag, tags_in
from assessor_app.workflow.queries.people import PersonRow, people_of, person_of

if TYPE_CHECKING:
    from assessor_app.ui.widgets.editors import Autosave, NoteEdit

#: What stands between the sign and the caret: a tag is one word, a person may be looked for by several.
_TAG = re.compile(r"(?:^|(?<=[^\w#@&/]))#([\w-]*)$")
_PERSON = re.compile(r"(?:^|(?<=[^\w#@.]))@((?:[^\s@#][^@#\n]{0,30})?)$")
_BACK = 48  # characters before the caret that are looked at
_ROWS = 8
#: Persons who are not known yet, by the dialogs that ask for them.
_NEW = ((mark("New respondent…"), edit_respondent), (mark("New official…"), edit_official))


class MentionList(QListWidget):
    """The list at the caret; the keyboard stays in the text."""

    def __init__(self, editor: NoteEdit) -> None:
        super().__init__(editor.window())
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setUniformItemSizes(True)
        self.setProperty("role", "choices")

    def show_at(self, editor: NoteEdit, em: Callable[[float], int]) -> None:
        """Stand below the caret's line, or above it where there is no room below."""
        high = self.sizeHintForRow(0) * self.count() + 2 * self.frameWidth() + 2
        wide = min(em(22), self.window().width() - em(1))
        caret = editor.cursorRect()
        below = editor.viewport().mapTo(self.window(), caret.bottomLeft() + QPoint(0, 2))
        if below.y() + high > self.window().height() - em(2.2):  # the status bar stays in sight
            below.setY(editor.viewport().mapTo(self.window(), caret.topLeft()).y() - high - 2)
        below.setX(max(0, min(below.x(), self.window().width() - wide)))
        self.setGeometry(below.x(), below.y(), wide, high)
        self.show()
        self.raise_()


class Mentions(QObject):
    """Offers tags and people while a note is written, and keeps the note's tags as its text has them.

    Signals:
        person_mentioned(str): the text names this person.
    """

    person_mentioned = Signal(str)

    def __init__(self, context: AppContext, editor: NoteEdit, saver: Autosave, visit: str) -> None:
        super().__init__(editor)
        self._context, self._editor, self._saver, self._visit = context, editor, saver, visit
        self._note = ""
        self._mentioned: frozenset[str] = frozenset()
        self._labels: frozenset[str] = frozenset()
        self._tags: tuple[str, ...] = ()
        self._people: tuple[PersonRow, ...] = ()
        self._choices: list[Callable[[], None] | None] = []
        self._left = -1  # where the sign stands whose list was put away with Esc
        self.list: MentionList | None = None
        self._moved = QTimer(self, singleShot=True, interval=60)  # the page follows the caret a moment later
        self._moved.timeout.connect(self._follow)
        self.line = label("", "small")
        self.line.hide()
        editor.installEventFilter(self)
        editor.cursorPositionChanged.connect(self._look)
        editor.textChanged.connect(self._look)
        saver.saved.connect(self._tag)
        if editor.spelling is not None:
            editor.spelling.mentions = lambda: [mention(person) for person in self._people]

    def show_note(self, note: str, tags: tuple[str, ...], *, fresh: bool) -> None:
        """Hear which note the editor shows, and what tags it has; read who can be named."""
        if fresh:
            self._note = note
            body = self._editor.text_now()
            self._mentioned, self._labels = tags_in(body), labels_in(body)
            self._put_away()
            self._read_people()
            self._context.tasks.read(known_tags, done=lambda found: setattr(self, "_tags", found), owner=self, key=f"tags-{id(self)}")
        words = t("Tags: {0}").format("  ".join(f"#{tag}" for tag in tags)) if tags else ""
        if words != self.line.text():
            self.line.setText(words)
            self.line.setVisible(bool(words))

    def take(self, changes: ChangeSet) -> None:
        """Read anew who can be named, where people changed."""
        if changes.touches(Kind.PERSON):
            self._read_people()

    def _read_people(self) -> None:
        self._context.tasks.read(people_of, self._visit, done=lambda rows: setattr(self, "_people", rows), owner=self,
                                 key=f"named-{id(self)}")

    @property
    def choosing(self) -> bool:
        """Whether the list is at the caret."""
        return self.list is not None and self.list.isVisible()

    def settle(self) -> None:
        """Give the note the tags of its text as it stands, also of the word at the caret."""
        self._tag(self._editor.text_now(), whole=True)

    # -- the note's tags

    def _tag(self, body: str, *, whole: bool = False) -> None:
        """Write the tags that are new and take away those whose last mention is gone."""
        labels = labels_in(body)
        for person in self._people:
            if person.label and person.label in labels - self._labels:
                self.person_mentioned.emit(person.id)  # typed out in full
        self._labels = labels
        found = tags_in(body)
        if not whole and self._editor.hasFocus():
            begun = self._token()
            if begun is not None and begun[0] == "#":
                found -= {begun[1]} - self._mentioned  # half a word is no tag
        if not self._note or found == self._mentioned:
            return
        added, gone = sorted(found - self._mentioned), sorted(self._mentioned - found)
        self._mentioned = found
        self._context.tasks.write(retag, self._note, added, gone, purpose="interview.tags", owner=self)

    # -- the list at the caret

    def _token(self) -> tuple[str, str, int] | None:
        """Return the sign before the caret, what was typed after it, and where the sign stands; None where there is none."""
        cursor = self._editor.textCursor()
        if cursor.hasSelection():
            return None
        inside = cursor.positionInBlock()
        before = cursor.block().text()[max(0, inside - _BACK):inside]
        if "#" not in before and "@" not in before:
            return None
        found = _TAG.search(before)
        if found is not None:
            typed, sign = found.group(1), "#"
            if not typed and inside == 1:
                return None  # a heading may follow
        else:
            found = _PERSON.search(before)
            if found is None:
                return None
            typed, sign = found.group(1), "@"
        return sign, typed, cursor.position() - len(typed.encode("utf-16-le")) // 2 - 1

    def _look(self) -> None:
        if not isValid(self._editor):
            return
        token = self._token() if self._editor.hasFocus() and not self._editor.isReadOnly() and self._note else None
        if token is None or token[2] == self._left:
            if token is None:
                self._left = -1
            self._put_away()
            return
        sign, typed, at = token
        rows = self._tag_rows(typed, at) if sign == "#" else self._person_rows(typed, at)
        if not rows:
            self._put_away()
            return
        if not self.choosing and sign == "@":
            self._saver.flush()  # what was typed before is on the disk; the word that is looked for waits
        self._saver.waits = sign == "@"
        if self.list is None or self.list.parentWidget() is not self._editor.window():
            self.list = MentionList(self._editor)
            self.list.itemClicked.connect(lambda item: self._take(self.list.row(item)) if self.list is not None else None)
        self.list.setAccessibleName(t("Tags") if sign == "#" else t("People"))
        self.list.clear()
        self._choices = []
        for words, tip, choice in rows:
            item = QListWidgetItem(words)
            item.setToolTip(tip)
            if choice is None:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
            self._choices.append(choice)
        if typed and self._choices[0] is not None and (sign == "#" or len(rows) > len(_NEW)):
            self.list.setCurrentRow(0)
        self.list.show_at(self._editor, self._context.theme.em)
        self._moved.start()

    def _follow(self) -> None:
        if self.choosing and self.list is not None:
            self.list.show_at(self._editor, self._context.theme.em)

    def _tag_rows(self, typed: str, at: int) -> list[tuple[str, str, Callable[[], None] | None]]:
        word = typed.casefold()
        known = {tag.casefold(): tag for tag in (*sorted(self._mentioned), *self._tags)}
        first = [tag for low, tag in known.items() if low.startswith(word)]
        then = [tag for low, tag in known.items() if word in low and not low.startswith(word)] if word else []
        first.sort(key=lambda tag: tag.casefold() != word)
        rows: list[tuple[str, str, Callable[[], None] | None]] = [
            (f"#{tag}", "", lambda tag=tag: self._insert(at, f"#{tag} ")) for tag in (first + then)[:_ROWS]]  # type: ignore[misc]
        if typed and not first and any(letter.isalpha() for letter in typed):
            rows.append((t("New tag: type on"), "", None))
        return rows

    def _person_rows(self, typed: str, at: int) -> list[tuple[str, str, Callable[[], None] | None]]:
        words = typed.casefold().split()
        found = [one for one in self._people if all(word in f"{one.full_name} {one.detail} {one.agency}".casefold() for word in words)]
        if not found and (" " in typed or not all(letter.isalpha() or letter in "'.-" for letter in typed)):
            return []  # it is text
        rows: list[tuple[str, str, Callable[[], None] | None]] = [
            (" · ".join(filter(None, (one.full_name, one.detail))), one.detail,
             lambda one=one: self._name(one, at)) for one in found[:_ROWS]]  # type: ignore[misc]
        for words_of, ask in _NEW:
            rows.append((t(words_of), "", lambda ask=ask: self._ask(ask, typed, at)))  # type: ignore[misc]
        return rows

    def _name(self, person: PersonRow, at: int) -> None:
        self._insert(at, f"@{mention(person)} ")
        self.person_mentioned.emit(person.id)

    def _ask(self, ask: Callable[..., None], typed: str, at: int) -> None:
        note, place = self._note, self._place(at)

        def made(person: str) -> None:
            def name(row: PersonRow | None) -> None:
                if row is not None and self._note == note:
                    place.insertText(f"@{mention(row)} ")
                    self.person_mentioned.emit(row.id)
                    self._editor.setFocus()

            self._context.tasks.read(person_of, person, done=name, owner=self)

        self._put_away()
        ask(self._context, self._editor.window(), self._visit, "", made, name=typed.strip())

    def _place(self, at: int) -> QTextCursor:
        """Return a cursor over the sign and what was typed after it; it stays there while the text around it changes."""
        place = QTextCursor(self._editor.textCursor())
        place.setPosition(at, QTextCursor.MoveMode.KeepAnchor)
        return place

    def _insert(self, at: int, words: str) -> None:
        self._place(at).insertText(words)
        self._put_away()

    def _take(self, at: int) -> None:
        choice = self._choices[at] if 0 <= at < len(self._choices) else None
        if choice is not None:
            choice()

    def _put_away(self) -> None:
        self._saver.waits = False
        if self.list is not None:
            self.list.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Use the keys of the list while it stands there (Qt)."""
        if not isValid(self._editor):  # the page goes away: losing the keyboard is the last that it hears
            return False
        if event.type() == QEvent.Type.FocusOut:
            self._put_away()
            self.settle()
        elif event.type() == QEvent.Type.Hide:
            self._put_away()
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self.choosing and self.list is not None:
            return self._key(event, self.list)
        return False

    def _key(self, event: QKeyEvent, shown: MentionList) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        key, row = Qt.Key(event.key()), shown.currentRow()
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if key in steps:
            usable = [at for at, choice in enumerate(self._choices) if choice is not None]
            at = usable.index(row) + steps[key] if row in usable else (0 if steps[key] > 0 else -1)
            if usable:
                shown.setCurrentRow(usable[at % len(usable)])
            return bool(usable)
        if key == Qt.Key.Key_Escape:
            token = self._token()
            self._left = token[2] if token is not None else -1
            self._put_away()
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab) and row >= 0:
            self._take(row)
            return True
        return False
