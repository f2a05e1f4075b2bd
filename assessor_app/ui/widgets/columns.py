"""Two columns of cards that stand below each other where the window is narrow or the text is large."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from assessor_app.ui.theme import Theme


class Columns(QWidget):
    """Arranges two columns by the width that there is."""

    def __init__(self, theme: Theme, *, narrow: float = 46, stretch: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        self._narrow = theme.em(narrow)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(theme.em(0.6))
        self.first, self.second = QVBoxLayout(), QVBoxLayout()
        for column, share in zip((self.first, self.second), stretch, strict=True):
            column.setSpacing(theme.em(0.6))
            column.setAlignment(Qt.AlignmentFlag.AlignTop)
            self._box.addLayout(column, share)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose beside or below (Qt)."""
        narrow = event.size().width() < self._narrow
        wanted = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._box.direction() != wanted:
            self._box.setDirection(wanted)
        super().resizeEvent(event)
