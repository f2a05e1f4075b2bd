"""The line under a table of programmes: what is warned of in the chosen row, with the way to the path, and what it was copied from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from assessor_app.i18n import t
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import button
from assessor_app.workflow import plan_path_words
from assessor_app.workflow.plan_path import Remark

_WRAPPED = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextWordWrap)


class RowWarnings(QWidget):
    """Says a programme's warnings and its origin; hidden where there is neither.

    Its room is always kept: a table that shrank while a cell is clicked would have another row under the mouse.

    Signals:
        path_requested(str): show the warnings of this programme on the path.
    """

    path_requested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._programme = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.em(0.4))
        self._sign = QLabel()
        self._sign.setPixmap(theme.pixmap("warn", theme.em(1.1), theme.colours.warn))
        row.addWidget(self._sign)
        self.said = _TwoLines()
        row.addWidget(self.said, 1)
        self.go = button(theme, t("Show on the path"), lambda: self.path_requested.emit(self._programme), icon="right")
        row.addWidget(self.go)
        two = QFontMetrics(theme.font()).boundingRect(QRect(0, 0, 10_000, 10_000), _WRAPPED, "X\nX").height()
        self.setFixedHeight(max(self.go.sizeHint().height(), two))
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.hide()

    def show_row(self, programme: str, found: Sequence[tuple[str, Remark]], origin: str) -> None:
        """Show the path's warnings of a programme, and the example that it was copied from."""
        self._programme = programme
        copied = t("Copied from: {0}").format(origin) if origin else ""
        self.said.setText("\n".join(filter(None, (sentence(found), copied))))
        self.said.setToolTip(self.said.text())
        self._sign.setVisible(bool(found))
        self.go.setVisible(bool(found))
        self.setVisible(bool(found or origin))


class _TwoLines(QLabel):
    """A text that never takes more than the room it is given: what is beyond it stands in the tool tip."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(1)

    def fitting(self) -> str:
        """Return as much of the text as can be seen."""
        text, metrics = self.text(), self.fontMetrics()

        def fits(shown: str) -> bool:
            room = metrics.boundingRect(QRect(0, 0, self.width(), 10_000), _WRAPPED, shown)
            return room.height() <= max(self.height(), metrics.lineSpacing()) and room.width() <= self.width()

        if not fits(text) and fits(text.replace("\n", " · ")):
            return text.replace("\n", " · ")
        words = text.replace("\n", " · ").split(" ")
        while not fits(text) and len(words) > 1:
            words.pop()
            text = " ".join(words) + " …"
        return text

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it (Qt)."""
        painter = QPainter(self)
        painter.drawText(self.rect(), _WRAPPED, self.fitting())
        painter.end()


def sentence(found: Sequence[tuple[str, Remark]]) -> str:
    """Return a programme's warnings as one sentence."""
    text = ", ".join(plan_path_words.said(remark) for _, remark in found)
    return t("Warnings: {0}").format(text) if text else ""
