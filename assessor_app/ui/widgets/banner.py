"""The banner below the page: what went well or needs attention, with its mark, its words and one thing to do."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from assessor_app.i18n import t
from assessor_app.ui.notify import Notifier
from assessor_app.ui.said import Message, Tone
from assessor_app.ui.theme import Theme, role
from assessor_app.ui.widgets.basics import button, icon_button, label

ICONS = {Tone.INFO: "info", Tone.GOOD: "check", Tone.WARN: "warn", Tone.BAD: "error"}
#: How long good news stays, in milliseconds; everything else stays until it is closed.
GOOD_NEWS_MS = 6000


class Banner(QFrame):
    """Shows the last message of the notifier."""

    def __init__(self, theme: Theme, notifier: Notifier) -> None:
        super().__init__()
        self._theme = theme
        self._message: Message | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.em(0.6), theme.em(0.3), theme.em(0.3), theme.em(0.3))
        row.setSpacing(theme.em(0.5))
        self._mark = QLabel()
        row.addWidget(self._mark)
        column = QVBoxLayout()
        column.setSpacing(0)
        self._title = label("", "")
        self._title.setFont(theme.font(bold=True))
        self._text = label("")
        column.addWidget(self._title)
        column.addWidget(self._text)
        row.addLayout(column, 1)
        self._action = button(theme, "", self._act)
        row.addWidget(self._action)
        row.addWidget(icon_button(theme, "close", t("Close this message"), self.hide))
        self._timer = QTimer(self, singleShot=True, interval=GOOD_NEWS_MS)
        self._timer.timeout.connect(self.hide)
        self.hide()
        notifier.said.connect(self.show_message)

    def show_message(self, message: Message) -> None:
        """Show a message in place of the one before."""
        self._message = message
        colours = self._theme.colours
        tint = {Tone.GOOD: colours.good, Tone.WARN: colours.warn, Tone.BAD: colours.bad}.get(message.tone, colours.text)
        self._mark.setPixmap(self._theme.pixmap(ICONS[message.tone], self._theme.em(1.2), tint))
        self._title.setText(message.title)
        self._text.setText(" ".join(part for part in (message.text, message.hint, message.kept) if part))
        self._text.setVisible(bool(self._text.text()))
        self._action.setText(message.action)
        self._action.setVisible(bool(message.action))
        role(self, {Tone.INFO: "banner"}.get(message.tone, f"banner-{message.tone}"))
        self.setAccessibleName(message.title)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
        if message.tone is Tone.GOOD and not message.action:
            self._timer.start()
        else:
            self._timer.stop()

    def _act(self) -> None:
        self.hide()
        if self._message is not None and self._message.act is not None:
            self._message.act()
