"""The line under a table of programmes: what is warned of in the chosen row, with the way to the path, and what it was copied from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from assessor_app.i18n import t
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import button, label
from assessor_app.workflow import plan_path_words
from assessor_app.workflow.plan_path import Remark


class RowWarnings(QWidget):
    """Says a programme's warnings and its origin; hidden where there is neither.

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
        self.said = label("")
        row.addWidget(self.said, 1)
        self.go = button(theme, t("Show on the path"), lambda: self.path_requested.emit(self._programme), icon="right")
        row.addWidget(self.go)
        self.hide()

    def show_row(self, programme: str, found: Sequence[tuple[str, Remark]], origin: str) -> None:
        """Show the path's warnings of a programme, and the example that it was copied from."""
        self._programme = programme
        copied = t("Copied from: {0}").format(origin) if origin else ""
        self.said.setText("\n".join(filter(None, (sentence(found), copied))))
        self._sign.setVisible(bool(found))
        self.go.setVisible(bool(found))
        self.setVisible(bool(found or origin))


def sentence(found: Sequence[tuple[str, Remark]]) -> str:
    """Return a programme's warnings as one sentence."""
    text = ", ".join(plan_path_words.said(remark) for _, remark in found)
    return t("Warnings: {0}").format(text) if text else ""
