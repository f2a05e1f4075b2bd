"""Underlines words that the system's dictionaries do not know, and offers better ones.

Only the lines that are seen are looked at, a moment after a change. The marks are cursors, which follow the text, and are painted over it:
they touch neither it nor its layout. (As ``ExtraSelection`` each has its whole line drawn once more: 40 ms for a page of unknown words.)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPixmapCache,
    QShortcut,
    QTextBlock,
    QTextCursor,
    QTextLine,
)
from PySide6.QtWidgets import QMenu
from shiboken6 import isValid

from assessor_app.i18n import t
from assessor_app.workflow.spelling import Word, words_in

if TYPE_CHECKING:
    from assessor_app.ui.context import AppContext
    from assessor_app.ui.widgets.editors import NoteEdit

#: How long after the last key, and after anything else that shows other words, the lines are looked at (milliseconds).
LOOK_MS = 200
#: How long a menu waits for its suggestions before it shows without them (milliseconds).
_PATIENCE_MS = 400
#: How far before the first seen character of a long paragraph a tag or a mention may begin.
_BACK = 80
NEXT_KEY = "F7"
#: How high the wavy line is, in pixels; a turn is twice as long.
_WAVE = 3


class Spelling(QObject):
    """Watches the spelling of one editor."""

    def __init__(self, context: AppContext, editor: NoteEdit) -> None:
        super().__init__(editor)
        self._context, self._speller, self._editor = context, context.spelling, editor
        self.mentions: Callable[[], Collection[str]] = tuple  # what may follow an ``@``
        self.menu: QMenu | None = None
        self._marks: list[QTextCursor] = []
        self._typing, self._revision, self._at = False, -1, -1
        self._soon = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._soon.timeout.connect(self._look)
        editor.textChanged.connect(self._on_text_changed)
        editor.cursorPositionChanged.connect(self._on_caret_moved)
        editor.verticalScrollBar().valueChanged.connect(self.look_soon)
        editor.verticalScrollBar().rangeChanged.connect(self.look_soon)
        self._speller.learned.connect(self.look_soon)
        for keys, act in ((NEXT_KEY, self.go_to_next), ("Shift+F10", self._menu_at_caret)):  # the menu key Qt hears by itself
            QShortcut(QKeySequence(keys), editor, act, context=Qt.ShortcutContext.WidgetShortcut)

    @property
    def marked(self) -> list[str]:
        """The words that are underlined now."""
        return [mark.selectedText() for mark in self._marks]

    # -- the underlines

    def look_soon(self) -> None:
        """Look at the lines that are seen, in a moment."""
        if not self._soon.isActive():
            self._soon.start()

    def _on_text_changed(self) -> None:
        cursor = self._editor.textCursor()
        self._revision, self._at = self._editor.document().revision(), cursor.position()
        if self._editor.hasFocus():
            self._typing = True
            kept = [mark for mark in self._marks if not _touches(mark, self._at)]
            if len(kept) < len(self._marks):
                self._show(kept)  # a word that is being mended is not wrong yet
        self._soon.start()  # anew with each key: no key waits for a look

    def _on_caret_moved(self) -> None:
        moved = self._editor.document().revision() == self._revision and self._editor.textCursor().position() != self._at
        if self._typing and moved:
            self._typing = False
            self.look_soon()

    def _look(self) -> None:
        if not self._editor.isVisible():
            return  # looked at when it shows
        if self._editor.isReadOnly() or not self._speller.languages:
            spans = []
        else:
            words = [(word, *_span(block, shift, word)) for block, shift, word in self._seen_words()]
            wrong = self._speller.wrong(word.text for word, _, _ in words)
            caret = self._editor.textCursor().position() if self._typing and self._editor.hasFocus() else -1
            spans = [(start, end) for word, start, end in words if word.text in wrong and not start <= caret <= end]
        if spans != [_ends(mark) for mark in self._marks]:
            self._show([self._cursor(start, end) for start, end in spans])

    def _show(self, marks: list[QTextCursor]) -> None:
        self._marks = marks
        self._editor.viewport().update()

    def paint(self, event: QPaintEvent) -> None:
        """Draw the underlines over the text that was just painted."""
        if not self._marks:
            return
        tops = self._seen_blocks(event.rect())
        wave = self._wave()
        painter = QPainter(self._editor.viewport())
        left = self._editor.contentOffset().x()
        for mark in self._marks:
            block = self._editor.document().findBlock(mark.selectionStart())
            top = tops.get(block.blockNumber())
            if top is None:
                continue
            start = mark.selectionStart() - block.position()
            line = block.layout().lineForTextPosition(start)
            if not line.isValid():
                continue
            end = min(mark.selectionEnd() - block.position(), line.textStart() + line.textLength())
            ends = sorted((_x(line, start), _x(line, end)))
            painter.drawTiledPixmap(QRectF(left + ends[0], top + line.y() + line.ascent() + 1, ends[1] - ends[0], _WAVE), wave)
        painter.end()

    def _seen_blocks(self, rect: QRect) -> dict[int, float]:
        """Return the upper edge of each paragraph that a part of the view shows, by its number."""
        editor, out = self._editor, {}
        block = editor.firstVisibleBlock()
        top = editor.blockBoundingGeometry(block).translated(editor.contentOffset()).top()
        while block.isValid() and top <= rect.bottom():
            bottom = top + editor.blockBoundingRect(block).height()
            if bottom >= rect.top():
                out[block.blockNumber()] = top
            block, top = block.next(), bottom
        return out

    def _wave(self) -> QPixmap:
        """Return one turn of the wavy line."""
        ratio, colour = self._editor.devicePixelRatioF(), self._context.theme.colours.bad
        key = f"wave-{colour}-{ratio}"
        made = QPixmap()
        if not QPixmapCache.find(key, made):
            made = QPixmap(round(2 * _WAVE * ratio), round(_WAVE * ratio))
            made.setDevicePixelRatio(ratio)
            made.fill(Qt.GlobalColor.transparent)
            painter = QPainter(made)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(colour), 1))
            painter.drawPolyline([QPointF(x, y) for x, y in ((-1, 1.5), (0, 2.5), (2, 0.5), (4, 2.5), (6, 0.5), (7, 1.5))])
            painter.end()
            QPixmapCache.insert(key, made)
        return made

    def _cursor(self, start: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self._editor.document())
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _seen_words(self) -> Iterator[tuple[QTextBlock, int, Word]]:
        """Yield the words of the lines that are seen with their paragraph and where in it the looked-at text begins."""
        view = self._editor.viewport().rect()
        first = self._editor.cursorForPosition(view.topLeft()).position()
        last = self._editor.cursorForPosition(view.bottomRight()).position()
        mentions = self.mentions()
        block = self._editor.document().findBlock(first)
        while block.isValid() and block.position() <= last:
            text, shift = block.text(), 0
            if len(text) == block.length() - 1:  # otherwise a character counts for two: such a paragraph is taken whole
                begin, end = max(0, first - block.position() - _BACK), last - block.position()
                while begin and not text[begin - 1].isspace():
                    begin -= 1
                while end < len(text) and not text[end].isspace():
                    end += 1
                text, shift = text[begin:end], begin
            for word in words_in(text, mentions):
                yield block, shift, word
            block = block.next()

    # -- the next one

    def go_to_next(self) -> None:
        """Choose the next wrong word after the caret and offer better ones; say where there is none."""
        if self._editor.isReadOnly():
            return
        if not self._speller.languages:
            self._context.notify.info(t("Spelling is switched off."), t("It is switched on in the settings, under General."))
            return
        document, text = self._editor.document(), self._editor.toPlainText()
        revision, caret = document.revision(), self._editor.textCursor().selectionEnd()

        def use(found: tuple[int, int] | None) -> None:
            if revision != document.revision():
                return  # it is another text by now
            if found is None:
                self._speller.missing(self._speller.languages, self._say_none, owner=self)
                return
            cursor = self._cursor(*(_units(text, at) for at in found))
            self._editor.setTextCursor(cursor)
            self._editor.ensureCursorVisible()
            QTimer.singleShot(0, self, lambda: self._offer(cursor, self._place_of(cursor)))  # the page follows the caret first

        self._speller.next_wrong(text, _points(text, caret), self.mentions(), use, owner=self)

    def _say_none(self, missing: str) -> None:
        self._context.notify.info(t("No unknown word was found."), missing)

    # -- the menu

    def show_menu(self, event: QContextMenuEvent) -> None:
        """Offer better words for the one that was clicked or holds the caret, and what any text offers."""
        if event.reason() != QContextMenuEvent.Reason.Mouse:
            self._menu_at_caret()
            return
        cursor = self._editor.cursorForPosition(event.pos())
        self._offer(self._wrong_at(cursor), QRect(event.globalPos(), QSize(1, 1)))

    def _menu_at_caret(self) -> None:
        cursor = self._editor.textCursor()
        wrong = self._wrong_at(cursor)
        self._offer(wrong, self._place_of(wrong or cursor))

    def _place_of(self, cursor: QTextCursor) -> QRect:
        """Return where what is chosen stands on the screen, with its underline."""
        begin, end = QTextCursor(cursor), QTextCursor(cursor)
        begin.setPosition(cursor.selectionStart())
        end.setPosition(cursor.selectionEnd())
        seen = self._editor.cursorRect(begin).united(self._editor.cursorRect(end)).adjusted(0, 0, 0, _WAVE)
        return QRect(self._editor.viewport().mapToGlobal(seen.topLeft()), seen.size())

    def _wrong_at(self, cursor: QTextCursor) -> QTextCursor | None:
        if self._editor.isReadOnly() or not self._speller.languages:
            return None
        block = cursor.block()
        for word in words_in(block.text(), self.mentions()):
            start, end = _span(block, 0, word)
            if start <= cursor.position() <= end and self._speller.wrong([word.text]):
                return self._cursor(start, end)
        return None

    def _offer(self, wrong: QTextCursor | None, place: QRect) -> None:
        if self.menu is not None and isValid(self.menu):
            if self.menu.isVisible():
                return  # the same key, heard twice
            self.menu.deleteLater()
        self.menu = menu = self._editor.createStandardContextMenu()
        menu.aboutToHide.connect(lambda: QTimer.singleShot(0, menu, menu.deleteLater))
        if not self._editor.isReadOnly() and self._speller.languages:
            menu.addSeparator()
            menu.addAction(f"{t('Next unknown word')}\t{NEXT_KEY}", self.go_to_next)
        if wrong is None:
            menu.popup(_beside(menu, place))
            return
        word, below = wrong.selectedText(), menu.actions()[0]
        looking = QAction(t("Looking for better words…"), menu)
        looking.setEnabled(False)
        add, ignore = QAction(t("Add to my words"), menu), QAction(t("Ignore until the notebook is closed"), menu)
        add.triggered.connect(lambda: self._speller.add(word))
        ignore.triggered.connect(lambda: self._speller.ignore(word))
        for action in (looking, None, add, ignore, None):
            menu.insertSeparator(below) if action is None else menu.insertAction(below, action)
        QTimer.singleShot(_PATIENCE_MS, menu, lambda: None if menu.isVisible() else menu.popup(_beside(menu, place)))

        def use(words: list[str]) -> None:
            if not isValid(menu):
                return
            if not words:
                looking.setText(t("No better word is known"))
            for better in words:
                action = QAction(better.replace("&", "&&"), menu)
                font = action.font()
                font.setBold(True)
                action.setFont(font)
                action.triggered.connect(lambda _=False, better=better: wrong.insertText(better))
                menu.insertAction(looking, action)
            if words:
                menu.removeAction(looking)
            if menu.isVisible():
                menu.move(_beside(menu, place))  # it grew
            else:
                menu.popup(_beside(menu, place))
            menu.setActiveAction(next(action for action in menu.actions() if action.isEnabled()))

        self._speller.suggest(word, use, owner=self)


def _beside(menu: QMenu, place: QRect) -> QPoint:
    """Return where a menu covers nothing of a place: below it, above it where there is more room, or at its side."""
    menu.ensurePolished()
    screen, size = (QGuiApplication.screenAt(place.center()) or menu.screen()).availableGeometry(), menu.sizeHint()
    x = max(screen.left(), min(place.left(), screen.right() + 1 - size.width()))
    if place.bottom() + size.height() <= screen.bottom():
        return QPoint(x, place.bottom() + 1)
    if place.top() - size.height() >= screen.top():
        return QPoint(x, place.top() - size.height())
    y = max(screen.top(), screen.bottom() + 1 - size.height())
    right = place.right() + 1
    return QPoint(right if right + size.width() <= screen.right() + 1 else max(screen.left(), place.left() - size.width()), y)


def _ends(mark: QTextCursor) -> tuple[int, int]:
    return mark.selectionStart(), mark.selectionEnd()


def _touches(mark: QTextCursor, at: int) -> bool:
    return mark.selectionStart() <= at <= mark.selectionEnd()


def _x(line: QTextLine, at: int) -> float:
    """Return where a line has a place of its paragraph (Qt gives the place along with it)."""
    found: Any = line.cursorToX(at)
    return float(found[0] if isinstance(found, tuple) else found)


def _span(block: QTextBlock, shift: int, word: Word) -> tuple[int, int]:
    """Return where a word stands in the document, in Qt's units."""
    start, end = shift + word.start, shift + word.end
    if len(text := block.text()) != block.length() - 1:
        start, end = _units(text, start), _units(text, end)
    return block.position() + start, block.position() + end


def _units(text: str, at: int) -> int:
    """Return a place in code points in Qt's units, of which an emoji takes two."""
    return len(text[:at].encode("utf-16-le", "surrogatepass")) // 2


def _points(text: str, at: int) -> int:
    """Return a place in Qt's units in code points."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * at].decode("utf-16-le", "ignore"))
