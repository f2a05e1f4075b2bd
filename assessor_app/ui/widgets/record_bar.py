"""The line that records: one button, a clear red state, how loud and how long it is, and how much room the disk has."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from assessor_app import formats
from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.recordings import Recordings, span
from assessor_app.ui.theme import Theme, role
from assessor_app.ui.widgets.basics import FlowRow, button, label
from assessor_app.workflow.recording import RATE, lacking

KEY = "Ctrl+Shift+R"
#: Room for less than this many seconds is named as little.
_LITTLE_S = 3600


class Meter(QWidget):
    """How loud it is: bars that fill from quiet to loud, red where it is cut off."""

    _BARS = 16

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._level = theme, 0
        self.setAccessibleName(t("How loud it is"))
        self.setFixedWidth(theme.em(6))

    def show_level(self, level: int) -> None:
        """Show a level from 0 to 100."""
        if level != self._level:
            self._level = level
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars (Qt)."""
        colours, painter = self._theme.colours, QPainter(self)
        wide = self.width() / self._BARS
        for at in range(self._BARS):
            on = self._level >= (at + 1) * 100 / self._BARS or (at == 0 and self._level > 0)
            tone = colours.bad if at >= self._BARS - 1 else colours.warn if at >= self._BARS - 3 else colours.good
            painter.fillRect(round(at * wide), round(self.height() * 0.3), max(2, round(wide * 0.65)), round(self.height() * 0.4),
                             QColor(tone if on else colours.edge))
        painter.end()


class RecordBar(QFrame):
    """Records into the note that is shown; says where else a recording goes on."""

    def __init__(self, context: AppContext, visit: str, note: Callable[[], tuple[str, str]]) -> None:
        super().__init__()
        self._context, self._visit, self._note = context, visit, note
        self._recordings = Recordings.of(context)
        self._shown: tuple[bool, bool, bool] | None = None
        theme = context.theme
        column = QVBoxLayout(self)
        pad = theme.em(0.3)
        column.setContentsMargins(pad, pad, pad, pad)
        column.setSpacing(theme.em(0.2))
        row = FlowRow(theme, gap=0.5)
        column.addWidget(row)
        self.button = button(theme, "", self.toggle, tip=KEY)
        row.add(self.button)
        self.state = label("", "bad", wrap=False)
        row.add(self.state)
        self.meter = Meter(theme)
        row.add(self.meter)
        self.hint = label(t("or drop a sound file here"), "small", wrap=False)
        row.add(self.hint)
        for part in (self.state, self.meter, self.hint):
            part.setFixedHeight(self.button.sizeHint().height())  # one line with the button
        self.room = label("", "small")
        column.addWidget(self.room)
        self._recordings.changed.connect(self.refresh)
        self._recordings.heard.connect(self._on_heard)
        self.refresh()

    def toggle(self) -> None:
        """Begin or end."""
        if self._recordings.going is not None:
            self._recordings.stop()
            return
        note, title = self._note()
        if note:
            self._context.flush_requested.emit()
            self._context.tasks.read(lacking, note, owner=self, done=lambda who: self._begin(note, title, who))

    def _begin(self, note: str, title: str, without: tuple[str, ...]) -> None:
        if without and not self._context.notify.ask(
                t("{0} has not agreed to recordings.").format(", ".join(without)),
                t("Ask first. The consent may be spoken at the beginning of the recording; enter it with the person, with “Recordings” "
                  "among the kinds of data. Until then the recording stays on this device."), yes=t("Record the consent")):
            return
        self._recordings.start(self._visit, note, title)

    def refresh(self) -> None:
        """Show what goes on."""
        self._on_heard()
        going, theme = self._recordings.going, self._context.theme
        shown = going is None, going is not None and going.ending, going is not None and bool(going.trouble)
        if shown == self._shown:
            return  # dressing it anew would lay out the page at each keystroke that is saved
        self._shown = shown
        words = t("Record sound") if going is None else t("Try again to keep it") if going.ending and going.trouble else t("Stop recording")
        self.button.setText(words)
        self.button.setIcon(theme.icon("record" if going is None else "stop", theme.colours.bad))
        self.button.setEnabled(going is None or not going.ending or bool(going.trouble))
        role(self.button, "" if going is None else "danger")
        role(self, "" if going is None else "recording")
        for part in (self.state, self.meter, self.room):
            part.setVisible(going is not None)
        self.hint.setVisible(going is None)

    def _on_heard(self) -> None:
        going = self._recordings.going
        if going is None:
            return
        elsewhere = going.interview != self._note()[0]
        words = t("Keeping the recording…") if going.ending else t("Recording {0}").format(span(going.ms)) if going.open \
            else t("Opening the microphone…")
        self.state.setText(f"● {words}")
        self.meter.show_level(going.level)
        room = t("{0} free, room for {1} h").format(formats.size(going.free), going.free // RATE // 3600) if going.free else ""
        if going.free and going.free // RATE < _LITTLE_S:
            room = t("The disk is nearly full: room for {0} min").format(going.free // RATE // 60)
        if going.silent:
            room = t("Nothing is heard: is the microphone muted, or its use not allowed?")
        title = t("in “{0}”").format(going.title or t("(no title)")) if elsewhere else ""
        self.room.setText(" · ".join(filter(None, (title, going.trouble or room))))
