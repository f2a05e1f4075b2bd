"""The list of visits as a Qt model, and how one is drawn: region, code, dates, state, what waits to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from assessor_app import formats
from assessor_app.i18n import nt
from assessor_app.ui import labels
from assessor_app.ui.models.rows import IdRole, RowRole
from assessor_app.ui.theme import Theme
from assessor_app.workflow.queries.visits import VisitRow

Index = QModelIndex | QPersistentModelIndex


class VisitsModel(QAbstractListModel):
    """Shows visits, the latest first."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[VisitRow, ...] = ()

    def set_rows(self, rows: Sequence[VisitRow]) -> None:
        """Show other rows."""
        new = tuple(rows)
        if [row.id for row in new] == [row.id for row in self._rows]:
            self._rows = new
            if new:
                self.dataChanged.emit(self.index(0), self.index(len(new) - 1))
            return
        self.beginResetModel()
        self._rows = new
        self.endResetModel()

    def find(self, visit: str) -> QModelIndex:
        """Return the index of a visit, invalid where there is none."""
        for at, row in enumerate(self._rows):
            if row.id == visit:
                return self.index(at)
        return QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of visits (Qt)."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one property of one visit (Qt)."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return "\n".join((f"{row.title} ({row.region}), {row.province}", second_line(row), third_line(row)))
        if role == IdRole:
            return row.id
        if role == RowRole:
            return row
        return None


def second_line(row: VisitRow) -> str:
    """Return stage and dates."""
    return f"{labels.stage(row.stage)} · {formats.date_range(row.starts_on, row.ends_on)}"


def third_line(row: VisitRow) -> str:
    """Return the state, and how much is not sent yet."""
    waiting = nt("{n} not sent yet", "{n} not sent yet", row.waiting) if row.waiting else ""
    return " · ".join(part for part in (labels.state(row.state), waiting) if part)


def second_lines(row: VisitRow) -> tuple[str, ...]:
    """Return the second line, and shorter ones for a narrow list."""
    return second_line(row), formats.date_range(row.starts_on, row.ends_on)


def third_lines(row: VisitRow) -> tuple[str, ...]:
    """Return the third line, and shorter ones for a narrow list: what is not sent is said to the last."""
    if not row.waiting:
        return (third_line(row), labels.state(row.state).partition(" (")[0])
    state = labels.state(row.state).partition(" (")[0]
    waiting = nt("{n} not sent yet", "{n} not sent yet", row.waiting)
    return third_line(row), f"{state} · {waiting}", f"{state} · ↑{row.waiting}", waiting, f"↑{row.waiting}"


def fitting(lines: Sequence[str], metrics: QFontMetrics, width: int) -> str:
    """Return the first of the lines that fits, else the last one."""
    return next((line for line in lines if metrics.horizontalAdvance(line) <= width), lines[-1])


class VisitDelegate(QStyledItemDelegate):
    """Draws a visit in three lines that are never wider than the list."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of three lines (Qt)."""
        return QSize(self._theme.em(8), self._theme.em(4.3))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a visit (Qt)."""
        row: VisitRow | None = index.data(RowRole)
        if row is None:
            return
        theme, colours = self._theme, self._theme.colours
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        box = option.rect.adjusted(theme.em(0.2), theme.em(0.1), -theme.em(0.2), -theme.em(0.1))
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.chosen))
            painter.drawRoundedRect(box, theme.em(0.35), theme.em(0.35))
            painter.fillRect(QRect(box.left(), box.top() + theme.em(0.4), theme.em(0.2), box.height() - theme.em(0.8)),
                             QColor(colours.accent))
        inner = box.adjusted(theme.em(0.6), theme.em(0.35), -theme.em(0.4), 0)
        text = QColor(colours.on_chosen if chosen else colours.text)
        muted = QColor(colours.on_chosen if chosen else colours.muted)
        code = theme.font(0.9)
        code_width = QFontMetrics(code).horizontalAdvance(row.region) + theme.em(0.3)
        title = theme.font(bold=True)
        self._line(painter, inner.adjusted(0, 0, -code_width, 0), title, text, (row.title,))
        painter.setFont(code)
        painter.setPen(muted)
        painter.drawText(QRect(inner.left(), inner.top(), inner.width(), QFontMetrics(title).height()),
                         Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, row.region)
        step = QFontMetrics(title).height() + theme.em(0.08)
        self._line(painter, inner.adjusted(0, step, 0, 0), theme.font(0.9), muted, second_lines(row))
        self._line(painter, inner.adjusted(0, round(step * 1.95), 0, 0), theme.font(0.9),
                   QColor(colours.warn) if row.waiting and not chosen else muted, third_lines(row))
        painter.restore()

    @staticmethod
    def _line(painter: QPainter, box: QRect, font: Any, colour: QColor, lines: Sequence[str]) -> None:
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(QRect(box.left(), box.top(), box.width(), metrics.height()), Qt.AlignmentFlag.AlignVCenter,
                         metrics.elidedText(fitting(lines, metrics, box.width()), Qt.TextElideMode.ElideRight, box.width()))
