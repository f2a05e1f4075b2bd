"""Headings and lists by keyboard: a list goes on with the next line, and one key makes a line a heading or a list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor

if TYPE_CHECKING:
    from assessor_app.ui.widgets.editors import NoteEdit

_ITEM = re.compile(r"(\s*)([-*•]|\d{1,3}[.)])( +)")
_HEAD = re.compile(r"#{1,6} +")
#: The keys that turn the caret's line, and what it then begins with.
_TURNS = {Qt.Key.Key_H: "# ", Qt.Key.Key_U: "- "}


class NoteKeys(QObject):
    """Watches the keys of a note."""

    def __init__(self, editor: NoteEdit) -> None:
        super().__init__(editor)
        self._editor = editor
        editor.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys of headings and lists (Qt)."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent) or self._editor.isReadOnly():
            return False
        key, held = Qt.Key(event.key()), event.modifiers()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not held & ~Qt.KeyboardModifier.KeypadModifier:
            return self._go_on()
        if held == Qt.KeyboardModifier.ControlModifier and key in _TURNS:
            self._turn(_TURNS[key])
            return True
        return False

    def put_heading(self, words: str) -> None:
        """Put a heading at the caret, on a line of its own, and go on below it."""
        cursor = self._editor.textCursor()
        cursor.beginEditBlock()
        cursor.clearSelection()
        if cursor.block().text().strip():
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
            cursor.insertText("\n\n")
        elif cursor.block().text():
            cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
        cursor.insertText(f"# {' '.join(words.split())}\n")
        cursor.endEditBlock()
        self._editor.setTextCursor(cursor)
        self._editor.setFocus()

    def _go_on(self) -> bool:
        """Begin the next item of a list, or end the list where the item is empty."""
        cursor = self._editor.textCursor()
        line = cursor.block().text()
        found = _ITEM.match(line)
        if found is None or cursor.hasSelection() or cursor.positionInBlock() < found.end():
            return False
        if not line[found.end():].strip():
            cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            return True
        mark = found[2]
        if mark[:-1].isdigit():
            mark = f"{int(mark[:-1]) + 1}{mark[-1]}"
        cursor.insertText(f"\n{found[1]}{mark}{found[3]}")
        self._editor.setTextCursor(cursor)
        return True

    def _turn(self, begin: str) -> None:
        """Give the caret's line this beginning, or take it away."""
        cursor = QTextCursor(self._editor.textCursor().block())
        line = cursor.block().text()
        found = _HEAD.match(line) or _ITEM.match(line)
        cursor.beginEditBlock()
        if found is not None:
            cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor, found.end())
            cursor.removeSelectedText()
        if found is None or found[0].strip()[0] != begin[0]:
            cursor.insertText(begin)
        cursor.endEditBlock()
