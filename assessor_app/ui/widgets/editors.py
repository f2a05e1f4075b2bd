"""Editors that save by themselves: a text is written 0.4 s after the last key, when it loses the focus, and on demand.

A text that comes in from elsewhere while one is typing is merged in and applied as a patch: caret and undo stay.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from math import ceil
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QPaintEvent, QResizeEvent, QShowEvent, QTextCursor
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QScrollArea, QSpinBox

from assessor_app.ui.context import AppContext
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.spelling import Spelling

#: How long after the last key a text is written, in milliseconds.
DEBOUNCE_MS = 400


class LineEdit(QLineEdit):
    """One line of text."""

    def text_now(self) -> str:
        """Return the text as it stands."""
        return self.text()

    def patch(self, text: str) -> None:
        """Show another text without moving the caret more than the change does."""
        if text != self.text():
            at = self.cursorPosition()
            self.setText(text)
            self.setCursorPosition(min(at, len(text)))


class Number(QSpinBox):
    """A whole number; the wheel does not change it by accident."""

    def __init__(self, theme: Theme, low: int, high: int, value: int = 0, suffix: str = "") -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setRange(low, high)
        self.setSuffix(suffix)
        self.setValue(value)
        self.lineEdit().setTextMargins(theme.em(0.35), 0, 0, 0)  # the style's padding does not reach it

    def wheelEvent(self, event: QEvent) -> None:
        """Leave the wheel to the page (Qt)."""
        event.ignore()


class NoteEdit(QPlainTextEdit):
    """A plain text of any length that grows with its content up to ``rows`` lines; Tab leaves it."""

    def __init__(self, theme: Theme, rows: int = 4, most: int = 0) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self._theme = theme
        self._rows, self._most = rows, max(most, rows)
        self.spelling: Spelling | None = None
        self._follow = QTimer(self, singleShot=True, interval=0)  # the page knows its new height only after this event
        self._follow.timeout.connect(self._show_caret)
        self._tries = 0
        self.cursorPositionChanged.connect(self._follow_caret)
        self._fit()
        if self._most > self._rows:
            self.document().documentLayout().documentSizeChanged.connect(lambda _: self._fit())

    def check_spelling(self, context: AppContext) -> None:
        """Underline the words that the system's dictionaries do not know."""
        self.spelling = Spelling(context, self)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer better words, too (Qt)."""
        if self.spelling is None:
            super().contextMenuEvent(event)
        else:
            self.spelling.show_menu(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text and over it the underlines (Qt)."""
        super().paintEvent(event)
        if self.spelling is not None:
            self.spelling.paint(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the spelling once the lines are seen (Qt)."""
        super().showEvent(event)
        if self.spelling is not None:
            self.spelling.look_soon()

    def _fit(self) -> None:
        line = self.fontMetrics().lineSpacing()
        height, block = 0.0, self.document().firstBlock()
        while self._most > self._rows and block.isValid() and height < line * self._most:
            height += self.blockBoundingRect(block).height()  # a line may be taller than its font says
            block = block.next()
        self.setFixedHeight(min(max(line * self._rows, ceil(height)), line * self._most) + self._theme.em(1.3))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the lines need at this width (Qt)."""
        super().resizeEvent(event)
        self._fit()
        self._follow_caret()
        if self.spelling is not None:
            self.spelling.look_soon()

    def _follow_caret(self) -> None:
        self._tries = 4
        self._follow.start()

    def _show_caret(self) -> None:
        """Scroll the page around to where one types: the text itself never scrolls while it grows."""
        if not self.hasFocus():
            return
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        column = area.widget() if area is not None else None
        if area is None or column is None:
            return
        caret = self.cursorRect()
        at = self.viewport().mapTo(column, QPoint(0, caret.center().y()))
        area.ensureVisible(0, at.y(), 0, caret.height() + self._theme.em(0.5))
        self._tries -= 1
        if self._tries > 0 and not area.viewport().rect().contains(area.viewport().rect().center().x(),
                                                                   column.mapTo(area.viewport(), at).y() + caret.height() // 2):
            self._follow.start()  # the layouts around it have not all heard of the new height yet

    def text_now(self) -> str:
        """Return the text as it stands."""
        return self.toPlainText()

    def patch(self, text: str) -> None:
        """Change only what differs, as one step that can be undone; the caret stays where it was in the words."""
        old = self.toPlainText().encode("utf-16-le")
        new = text.encode("utf-16-le")
        if old == new:
            return
        if not old:
            self.setPlainText(text)
            return
        units, news = len(old) // 2, len(new) // 2
        start = 0
        while start < min(units, news) and old[2 * start : 2 * start + 2] == new[2 * start : 2 * start + 2]:
            start += 1
        if start and 0xD8 <= old[2 * start - 1] <= 0xDB:
            start -= 1  # never between the halves of one character
        end = 0
        while (end < min(units, news) - start
               and old[2 * (units - end - 1) : 2 * (units - end)] == new[2 * (news - end - 1) : 2 * (news - end)]):
            end += 1
        if end and 0xDC <= old[2 * (units - end) + 1] <= 0xDF:
            end -= 1
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        cursor.setPosition(start)
        cursor.setPosition(units - end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(new[2 * start : 2 * (news - end)].decode("utf-16-le", "replace"))
        cursor.endEditBlock()


class Autosave(QObject):
    """Saves one text field by itself; the spelling of a long one is looked at.

    Signals:
        typed(): the person changed the text.
        saved(str): this text is on its way to the notebook.
    """

    typed = Signal()
    saved = Signal(str)

    def __init__(
        self, context: AppContext, widget: LineEdit | NoteEdit, save: Callable[[str], Future[Any] | None], *, text: str = "",
        check: Callable[[str], str] | None = None, slot: Callable[[], str] | None = None,
    ) -> None:
        """Save the text of ``widget``; ``slot`` names the field as its write does, so that what could not be written is shown."""
        super().__init__(widget)
        self._widget = widget
        self._save = save
        self._check = check
        self._slot = slot or (lambda: "")
        self._stored = self._sent = ""  # in the notebook for sure; handed to the writer
        self._tasks, self._account = context.tasks, context.tasks.account
        self._future: Future[Any] | None = None
        self._loading = False
        self.waits = False  # a word is being chosen: it is saved once it is
        self._timer = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._timer.timeout.connect(self._on_time)
        widget.installEventFilter(self)
        widget.textChanged.connect(self._on_text_changed)
        if isinstance(widget, NoteEdit):
            widget.check_spelling(context)
        context.flush_requested.connect(self.flush)
        if text:
            self.reset(text)

    @property
    def dirty(self) -> bool:
        """Whether something typed is not on its way to the notebook yet."""
        if self._tasks.under_way(self._future):
            return self._widget.text_now() != self._sent
        self._hear()
        return self._widget.text_now() != self._stored or self._tasks.unsaved.holds(self._slot())

    def load(self, text: str) -> None:
        """Show what the notebook holds now; what is typed but not yet saved is merged into it."""
        if self._tasks.under_way(self._future):
            return  # a newer text is on its way; its own change loads again
        self._hear()
        shown = self._widget.text_now()
        kept = self._tasks.unsaved.text(self._slot())
        if kept is not None and shown == self._stored and not self._timer.isActive():
            self.reset(text)  # a page that was built anew: what could not be written is shown again
            return
        if shown == text:
            self._stored = text
            return
        merged = text
        if shown != self._stored:
            merged = _merged(self._stored, shown, text)
        self._loading = True
        self._widget.patch(merged)
        self._loading = False
        self._stored = text
        if merged != text:
            self._timer.start()

    def reset(self, text: str) -> None:
        """Show the text of another record: what was typed for the one before is saved first by its owner.

        What was typed there earlier and could not be written stands in place of what the notebook holds.
        """
        self._timer.stop()
        self._stored = text
        self._future = None
        kept = self._tasks.unsaved.text(self._slot())
        text = text if kept is None else kept
        self._loading = True
        if isinstance(self._widget, NoteEdit):
            self._widget.setPlainText(text)
        else:
            self._widget.setText(text)
            self._widget.setCursorPosition(0)
        self._loading = False

    def flush(self) -> None:
        """Save now what is typed."""
        self._timer.stop()
        text = self._widget.text_now()
        if self._tasks.account is not self._account:
            return  # its notebook is closed: what could not be written waits in ``unsaved``
        if not self.dirty or self._widget.isReadOnly():
            return
        if self._check is not None and self._check(text):
            return
        self._sent = text
        self._future = self._save(text)
        if self._future is None:  # there is nothing to save it in
            self._stored = text
        self._tasks.unsaved.remember(self._slot(), text)
        self.saved.emit(text)

    def _on_time(self) -> None:
        if self.waits:
            self._timer.start()
        else:
            self.flush()

    def _hear(self) -> None:
        """Take what was handed over as stored, unless its write failed: then it is written again at the next occasion."""
        future, self._future = self._future, None
        if future is not None and not future.cancelled() and future.exception() is None:
            self._stored = self._sent

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Save when the field is left (Qt)."""
        if event.type() in (QEvent.Type.FocusOut, QEvent.Type.Hide):
            self.flush()
        return False

    def _on_text_changed(self) -> None:
        if not self._loading:
            self._timer.start()
            self.typed.emit()


def _merged(base: str, mine: str, theirs: str) -> str:
    """Return both changes of a text; where they cannot stand together, the typed one (the other stays a difference)."""
    from assessor_app.sync.merge import merge_text

    merged = merge_text(base, mine, theirs)
    return mine if merged is None else merged


class Choice(QComboBox):
    """A choice of codes shown by their labels; the wheel does not change it by accident.

    Signals:
        chosen(str): the person chose this code.
    """

    chosen = Signal(str)

    def __init__(self, choices: list[tuple[str, str]], value: str = "") -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for code, text in choices:
            self.addItem(text, code)
        self.setMinimumContentsLength(min(max((len(text) for _, text in choices), default=8), 20))
        self.set(value)
        self.activated.connect(lambda at: self.chosen.emit(str(self.itemData(at) or "")))

    def offer(self, choices: list[tuple[str, str]], value: str) -> None:
        """Show other choices."""
        if choices != [(str(self.itemData(at)), self.itemText(at)) for at in range(self.count())]:
            self.clear()
            for code, text in choices:
                self.addItem(text, code)
        self.set(value)

    def set(self, code: str) -> None:
        """Show a code without telling."""
        self.setCurrentIndex(max(self.findData(code), 0) if self.findData(code) >= 0 or self.count() == 0 else -1)

    def code(self) -> str:
        """Return the chosen code."""
        return str(self.currentData() or "")

    def showPopup(self) -> None:
        """Open a list that is as wide as its longest choice, at most as the screen (Qt)."""
        metrics = self.fontMetrics()
        longest = max((metrics.horizontalAdvance(self.itemText(at)) for at in range(self.count())), default=0)
        wanted = longest + 3 * metrics.height()  # what the style puts around a choice, and a bar to scroll
        self.view().setMinimumWidth(min(wanted, self.screen().availableGeometry().width()))
        super().showPopup()

    def wheelEvent(self, event: QEvent) -> None:
        """Leave the wheel to the page (Qt)."""
        event.ignore()
