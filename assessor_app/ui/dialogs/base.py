"""What all dialogs share: a scrolled body, a row of buttons at the end, sizes that fit the screen, closing on lock."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QCloseEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import Scroller, label


def theme_of(widget: QWidget | None) -> Theme:
    """Return the theme that dresses the application."""
    application = QApplication.instance()
    found = application.findChild(Theme) if application is not None else None
    if found is None:
        raise RuntimeError("no theme")
    return found


class Dialog(QDialog):
    """A dialog whose body scrolls where it is too tall, with its buttons always in sight."""

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None, *, width: float = 26, height: float = 0) -> None:
        super().__init__(parent)
        self.theme = theme
        self._wish = (theme.em(width), theme.em(height) if height else 0)
        self.setWindowTitle(title)
        self.setModal(True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.scroller = Scroller(theme, title, margin=1.0)
        self.body: QVBoxLayout = self.scroller.column
        outer.addWidget(self.scroller, 1)
        self.wrong = label("", "bad")  # beside the buttons, never out of sight in the body
        self.wrong.setContentsMargins(theme.em(1), theme.em(0.3), theme.em(1), 0)
        self.wrong.hide()
        outer.addWidget(self.wrong)
        self._buttons = QHBoxLayout()
        pad = theme.em(0.7)
        self._buttons.setContentsMargins(theme.em(1), pad, theme.em(1), pad)
        self._buttons.setSpacing(theme.em(0.5))
        self._buttons.addStretch(1)
        outer.addLayout(self._buttons)

    def footer(self, made: QPushButton, *, left: bool = False) -> QPushButton:
        """Put a button into the last row."""
        if left:
            self._buttons.insertWidget(0, made)
        else:
            self._buttons.addWidget(made)
        if made.property("role") == "main":
            made.setDefault(True)
        return made

    def sizeHint(self) -> QSize:
        """Return the size that shows the whole body, at most nine tenths of the screen (Qt)."""
        screen = self.screen().availableGeometry()
        width = min(self._wish[0], int(screen.width() * 0.95))
        inner = self.scroller.widget()
        wanted = 0
        if inner is not None:
            wanted = inner.heightForWidth(width) if inner.hasHeightForWidth() else inner.sizeHint().height()
        foot = self._buttons.sizeHint().height() + (self.wrong.heightForWidth(width) if self.wrong.text() else 0)
        height = max(self._wish[1], wanted + foot + self.theme.em(0.4))
        return QSize(width, min(height, int(screen.height() * 0.92)))

    def showEvent(self, event: QShowEvent) -> None:
        """Take the size that fits (Qt)."""
        if not event.spontaneous():
            self.resize(self.sizeHint())
        super().showEvent(event)

    def complain(self, text: str) -> bool:
        """Say over the buttons what is missing or wrong; an empty text takes it back. Return whether anything is."""
        self.wrong.setText(text)
        self.wrong.setVisible(bool(text))
        if text:
            QAccessible.updateAccessibility(QAccessibleEvent(self.wrong, QAccessible.Event.Alert))
            self.adjust()
        return bool(text)

    def adjust(self) -> None:
        """Grow where something more is said than there is room for."""
        inner = self.scroller.widget()
        layout = inner.layout() if inner is not None else None
        if layout is not None:
            layout.activate()
        self.resize(self.size().expandedTo(self.sizeHint()))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing is the answer that changes nothing (Qt)."""
        self.reject()
        event.accept()


class WorkDialog(Dialog):
    """A dialog that starts work beside the window: its buttons wait while it runs."""

    def set_busy(self, busy: bool) -> None:
        """Hold the buttons while work is under way."""
        self.scroller.setEnabled(not busy)
        for at in range(self._buttons.count()):
            item = self._buttons.itemAt(at)
            widget = item.widget() if item is not None else None
            if widget is not None and widget.property("stays") is None:
                widget.setEnabled(not busy)
        if busy:
            self.setCursor(Qt.CursorShape.BusyCursor)
        else:
            self.unsetCursor()


def cancel_button(dialog: Dialog) -> QPushButton:
    """Return the button that changes nothing."""
    from assessor_app.ui.widgets.basics import button

    made = button(dialog.theme, t("Cancel"), dialog.reject)
    made.setProperty("stays", True)
    return made
