"""Small parts that every page is made of: labels, buttons, cards, fields, scrolled bodies, lines that wrap."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from assessor_app.ui.theme import Theme, role
from assessor_app.ui.widgets.words import Button, Label

W = TypeVar("W", bound=QWidget)


def named(widget: W, name: str, description: str = "") -> W:
    """Give a control the name that a screen reader says, and a tip with the same words."""
    widget.setAccessibleName(name)
    if description:
        widget.setAccessibleDescription(description)
        widget.setToolTip(description)
    return widget


def label(text: str = "", part: str = "", *, wrap: bool = True) -> Label:
    """Return a label of plain text: what people typed is never markup, and never wider than its place."""
    made = Label(text)
    made.setWordWrap(wrap)
    if part:
        made.setProperty("role", part)
    return made


def button(
    theme: Theme, text: str, on: Callable[[], object] | None = None, *, icon: str = "", part: str = "", tip: str = "",
) -> Button:
    """Return a button with words and, where it helps, an icon."""
    made = Button(text)
    if part:
        made.setProperty("role", part)
    if icon:
        colour = theme.colours.on_action if part == "main" else theme.colours.bad if part == "danger" else ""
        made.setIcon(theme.icon(icon, colour))
        made.setIconSize(QSize(theme.em(0.95), theme.em(0.95)))
    made.setAutoDefault(False)
    if tip:
        made.setToolTip(tip)
    if on is not None:
        made.clicked.connect(lambda: on())
    return made


def icon_button(theme: Theme, icon: str, name: str, on: Callable[[], object]) -> QPushButton:
    """Return a button that shows only an icon; its name is said and shown as a tip."""
    made = button(theme, "", on, icon=icon, part="quiet", tip=name)
    made.setAccessibleName(name)
    return made


def set_chip(chip: QLabel, text: str, tone: str = "", *, long: bool = False) -> None:
    """Show a short state in a chip; ``tone`` good, warn or bad only adds to the word; a ``long`` one goes on below."""
    as_shown = f"{tone} {long} {text}"
    if chip.parentWidget() is not None or not text:  # without a parent it would show as a window of its own, and take the keyboard
        chip.setVisible(bool(text))
    if chip.property("shown") == as_shown:
        return  # dressing it anew would lay out the whole page at each keystroke
    chip.setProperty("shown", as_shown)
    chip.setText(text)
    chip.setWordWrap(long)
    line = chip.fontMetrics()  # a wrapped label asks for less than a line where there is room for the whole
    chip.setMinimumWidth(min(line.horizontalAdvance(text) + line.height() * 2, line.height() * 15) if long else 0)
    wide = QSizePolicy.Policy.Preferred if long else QSizePolicy.Policy.Maximum
    chip.setSizePolicy(wide, QSizePolicy.Policy.Minimum if long else QSizePolicy.Policy.Fixed)
    role(chip, f"chip-{tone}" if tone else "chip")


def rule() -> QFrame:
    """Return a hairline."""
    made = QFrame()
    made.setProperty("role", "rule")
    return made


class Card(QFrame):
    """A white sheet with a heading and a column of contents."""

    def __init__(self, theme: Theme, title: str = "") -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.body = QVBoxLayout(self)
        pad = theme.em(0.75)
        self.body.setContentsMargins(pad, pad, pad, pad)
        self.body.setSpacing(theme.em(0.45))
        self.head = QHBoxLayout()
        self.head.setSpacing(theme.em(0.4))
        self.title = label(title, "lead")
        self.head.addWidget(self.title, 1)
        if title:
            self.body.addLayout(self.head)

    def add(self, widget: W, stretch: int = 0) -> W:
        """Put a widget at the end of the column."""
        self.body.addWidget(widget, stretch)
        return widget


class Field(QWidget):
    """A control under its name; the name is its buddy, so Alt+letter and screen readers find it."""

    def __init__(self, theme: Theme, text: str, control: QWidget, hint: str = "") -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.em(0.15))
        self.caption = label(text, "field")
        self.caption.setBuddy(control)
        self.control = control
        if not control.accessibleName():
            control.setAccessibleName(text)
        column.addWidget(self.caption)
        column.addWidget(control)
        self.hint = label(hint, "small")
        self.hint.setVisible(bool(hint))
        self._said = (hint, False)
        column.addWidget(self.hint)

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Say something under the control: a hint, or what is wrong with its content."""
        if self._said == (text, wrong):
            return
        self._said = (text, wrong)
        self.hint.setText(text)
        self.hint.setVisible(bool(text))
        role(self.hint, "bad" if wrong else "small")
        self.control.setProperty("wrong", wrong)
        self.control.style().unpolish(self.control)
        self.control.style().polish(self.control)


class Scroller(QScrollArea):
    """A column that scrolls up and down when the window is small or the text is large; never sideways."""

    def __init__(self, theme: Theme, name: str, *, margin: float = 0.9) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QWidget()
        body.setObjectName("body")
        self.column = QVBoxLayout(body)
        pad = theme.em(margin)
        self.column.setContentsMargins(pad, pad, pad, pad)
        self.column.setSpacing(theme.em(0.6))
        self.setWidget(body)

    def minimumSizeHint(self) -> QSize:
        """Be as wide as what stands in it: it never scrolls sideways (Qt)."""
        hint, body = super().minimumSizeHint(), self.widget()
        wide = body.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width() if body is not None else 0
        return QSize(max(hint.width(), wide), hint.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Pass it on when what stands in it needs another width (Qt)."""
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self.updateGeometry()
        return bool(super().eventFilter(watched, event))

    def add(self, widget: W, stretch: int = 0) -> W:
        """Put a widget at the end of the column."""
        self.column.addWidget(widget, stretch)
        return widget


class FlowRow(QWidget):
    """A row of controls that goes on in the next line where it is too long."""

    def __init__(self, theme: Theme, *controls: QWidget, gap: float = 0.4) -> None:
        super().__init__()
        self._flow = Flow(theme.em(gap))
        self.setLayout(self._flow)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        for one in controls:
            self.add(one)

    def add(self, control: QWidget) -> None:
        """Add a control at the end."""
        self._flow.addWidget(control)


class Flow(QLayout):
    """A row that goes on in the next line where it is too long, so that large text is never cut."""

    def __init__(self, spacing: int = 6) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap = spacing
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Take an item (Qt)."""
        self._items.append(item)

    def count(self) -> int:
        """Return the number of items (Qt)."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item (Qt)."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take an item away (Qt)."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Take no more than it needs (Qt)."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Say that the height follows from the width (Qt)."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at that width (Qt)."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        """Place the items (Qt)."""
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        """Return what suits (Qt)."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Return the least: the widest item (Qt)."""
        size = QSize()
        for item in self._items:
            if not item.isEmpty():
                size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        x, y, height = rect.x(), rect.y(), 0
        for item in self._items:
            if item.isEmpty():
                continue
            wish = item.sizeHint()
            width = min(wish.width(), rect.width()) if rect.width() > 0 else wish.width()
            if x > rect.x() and x + width > rect.right() + 1:
                x, y, height = rect.x(), y + height + self._gap, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), QSize(width, wish.height())))
            x += width + self._gap
            height = max(height, wish.height())
        return y + height - rect.y()


class Steps(QWidget):
    """Shows one of several pages, as tall as that page needs (a QStackedWidget is as tall as its tallest)."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._pages: list[QWidget] = []
        self._current = 0

    def add(self, page: QWidget) -> None:
        """Put a page at the end."""
        page.setVisible(not self._pages)
        self._pages.append(page)
        self._column.addWidget(page)

    @property
    def current(self) -> int:
        """The page that is shown."""
        return self._current

    def show_step(self, at: int) -> None:
        """Show a page."""
        self._current = at
        for number, page in enumerate(self._pages):
            page.setVisible(number == at)


class Empty(QWidget):
    """What a page says while it has nothing to show: why, and what to do first."""

    def __init__(self, theme: Theme, icon: str, title: str, text: str, *actions: QWidget) -> None:
        super().__init__()
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        inner = QWidget()
        inner.setMaximumWidth(theme.em(24))
        self._column = QVBoxLayout(inner)
        self._column.setSpacing(theme.em(0.5))
        self._column.addStretch(1)
        picture = QLabel()
        picture.setPixmap(theme.pixmap(icon, theme.em(2.4), theme.colours.accent))
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column.addWidget(picture)
        for words, part in ((title, "title"), (text, "muted")):
            line = label(words, part)
            line.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._column.addWidget(line)
        self._column.addStretch(1)
        outer.addWidget(inner, 100)  # all the room up to its width; the rest stands on both sides
        outer.addStretch(1)
        for action in actions:
            self.add(action)

    def add(self, widget: W, *, wide: bool = False) -> W:
        """Put a control below the words, as wide as it needs or as the column."""
        at = self._column.count() - 1
        if wide:
            self._column.insertWidget(at, widget)
        else:
            self._column.insertWidget(at, widget, 0, Qt.AlignmentFlag.AlignHCenter)
        return widget


def clear(layout: QLayout) -> None:
    """Remove everything from a layout."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            clear(inner)


def quiet_table(view: QAbstractItemView) -> None:
    """Set what all lists and tables share: rows chosen whole, smooth scrolling, no drag."""
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setDragEnabled(False)
