"""Labels and buttons that never ask for more room than a window has, whatever somebody typed as a name."""

from __future__ import annotations

import re

from PySide6.QtCore import QSize, Qt, QTextBoundaryFinder
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QStyle, QStyleOptionButton, QStyleOptionFrame, QWidget

from assessor_app.i18n import t

#: A place where a line may end and nothing is seen.
_MAY_BREAK = "\u200b"
#: Longer than any word of the languages spoken here: an address, or a name without blanks.
_LONG_RUN = re.compile(r"\S{25,}")
#: The least room for a line that does not wrap, and the most for the words of a button, in heights of a line.
_LINE, _BUTTON = 12, 20


def breakable(text: str) -> str:
    """Return the text with places to break at in runs that are longer than a word."""
    return _LONG_RUN.sub(lambda run: _apart(run[0]), text)


def _apart(run: str) -> str:
    """Return a run with a place to break at after every character as a person counts them."""
    units = run.encode("utf-16-le")  # Qt counts in these
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Grapheme, run)
    parts, before = [], 0
    while (at := finder.toNextBoundary()) >= 0:
        parts.append(units[2 * before : 2 * at].decode("utf-16-le", "replace"))
        before = at
    return _MAY_BREAK.join(parts)


def tell(widget: QWidget, before: str, tip: str) -> str:
    """Give a widget another tip than the one that it was given ``before``, and return it; one that came from elsewhere stays."""
    if tip == before or widget.toolTip() != before:
        return before
    widget.setToolTip(tip)
    return tip


class Label(QLabel):
    """Shows words of any length: runs without blanks are broken, one line is elided; what is read or copied is the original."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._whole = self._said = self._tip = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show a text (Qt)."""
        self._whole = text
        shown = breakable(text) if self.wordWrap() else text
        super().setText(shown)
        if self.accessibleName() == self._said:  # nobody gave it another name: the screen reader says the original
            self._said = text if shown != text else ""
            self.setAccessibleName(self._said)
        self._tip = tell(self, self._tip, text if self.elided else "")

    def text(self) -> str:
        """Return the text as it was given (Qt)."""
        return self._whole

    def clear(self) -> None:
        """Show nothing (Qt)."""
        self.setText("")

    def selectedText(self) -> str:
        """Return what is selected, as it was given (Qt)."""
        chosen = super().selectedText()
        return chosen.replace(_MAY_BREAK, "") if self._said or _MAY_BREAK not in self._whole else chosen

    def setWordWrap(self, on: bool) -> None:
        """Wrap or elide (Qt)."""
        if on != self.wordWrap():
            super().setWordWrap(on)
            self.setText(self._whole)

    def minimumSizeHint(self) -> QSize:
        """Ask for no more than some words' width where the line can be elided (Qt)."""
        hint = super().minimumSizeHint()
        if not self._one_line:
            return hint
        return QSize(min(hint.width(), self.fontMetrics().height() * _LINE), hint.height())

    @property
    def _one_line(self) -> bool:
        return bool(self._whole) and not self.wordWrap() and "\n" not in self._whole

    @property
    def elided(self) -> bool:
        """Whether the end of the line is not seen."""
        return self._one_line and self.fontMetrics().horizontalAdvance(self._whole) > self.contentsRect().width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words, or their beginning (Qt)."""
        if not self.elided:
            super().paintEvent(event)
            return
        painter, option, room = QPainter(self), QStyleOptionFrame(), self.contentsRect()
        self.initStyleOption(option)
        self.style().drawControl(QStyle.ControlElement.CE_ShapedFrame, option, painter, self)
        words = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, room.width())
        self.style().drawItemText(painter, room, int(self.alignment()), self.palette(), self.isEnabled(), words, self.foregroundRole())
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say the whole in a tip where its end is not seen (Qt)."""
        super().resizeEvent(event)
        self._tip = tell(self, self._tip, self._whole if self.elided else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy what is selected as it was given (Qt)."""
        if event.matches(QKeySequence.StandardKey.Copy) and self.hasSelectedText():
            self.copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to copy where there are places to break in the text (Qt)."""
        if not self._said or not self.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse:
            super().contextMenuEvent(event)
            return
        menu = QMenu(self)
        menu.addAction(t("Copy"), self.copy).setEnabled(self.hasSelectedText())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def copy(self) -> None:
        """Put what is selected on the clipboard."""
        QApplication.clipboard().setText(self.selectedText())


class Button(QPushButton):
    """A button whose words are elided where they are longer than a line has room for."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self._tip = ""

    @property
    def _most(self) -> int:
        return self.fontMetrics().height() * _BUTTON

    def sizeHint(self) -> QSize:
        """Return the room for its words, at most some words' width (Qt)."""
        hint = super().sizeHint()
        return QSize(min(hint.width(), self._most), hint.height())

    def minimumSizeHint(self) -> QSize:
        """Return the same (Qt)."""
        return self.sizeHint()

    @property
    def elided(self) -> bool:
        """Whether the end of its words is not seen."""
        option = QStyleOptionButton()
        super().initStyleOption(option)
        return self.fontMetrics().horizontalAdvance(self.text()) > self._room(option)

    def _room(self, option: QStyleOptionButton) -> int:
        inside = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self).width()
        return inside - (option.iconSize.width() + 4 if not option.icon.isNull() else 0)  # 4: Qt's gap between icon and words

    def initStyleOption(self, option: QStyleOptionButton) -> None:
        """Give the style the words that there is room for (Qt)."""
        super().initStyleOption(option)
        metrics, room = self.fontMetrics(), self._room(option)
        if metrics.horizontalAdvance(self.text()) > room:
            option.text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, max(room, metrics.height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say the whole in a tip where its end is not seen (Qt)."""
        super().resizeEvent(event)
        self._tip = tell(self, self._tip, self.text() if self.elided else "")
