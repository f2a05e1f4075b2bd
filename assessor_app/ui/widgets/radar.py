"""A radar of several values, this year over last year; the numbers stand beside it, so it adds and never replaces."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from assessor_app import formats
from assessor_app.i18n import t
from assessor_app.ui.theme import Theme

#: A name, this year's value and last year's; None where there is none.
Axis = tuple[str, float | None, float | None]


class Radar(QWidget):
    """Draws axes from 0 to ``top``; an axis without a value breaks the line."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._axes: tuple[Axis, ...] = ()
        self._top = 4.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(t("Radar chart"))

    def set_axes(self, axes: Sequence[Axis], top: float) -> None:
        """Show other values; fewer than three axes make no radar."""
        self._axes, self._top = tuple(axes), top or 4.0
        self.setVisible(len(self._axes) >= 3)
        self.setAccessibleDescription("; ".join(
            f"{name} {'–' if now is None else formats.number(now, 2)}"
            + (f" ({t('the year before')} {formats.number(last, 2)})" if last is not None else "") for name, now, last in self._axes))
        self.update()

    def sizeHint(self) -> QSize:
        """Return a figure as wide as a column and not taller than half a screen (Qt)."""
        return QSize(self._theme.em(17), self._theme.em(13.5))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it (Qt)."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font(0.85))
        line = QFontMetrics(painter.font()).height()
        radius = self.height() / 2 - line * 1.6
        centre = QPointF(self.width() / 2, self.height() / 2)
        steps = round(self._top) if self._top <= 10 else 5
        colours = self._theme.colours
        painter.setPen(QPen(QColor(colours.edge), 0.5))
        for step in range(steps, 0, -1):
            painter.setBrush(QColor(colours.sunken) if step == steps else Qt.BrushStyle.NoBrush)
            painter.drawPolygon(QPolygonF([self._at(n, centre, radius * step / steps) for n in range(len(self._axes))]))
        for n in range(len(self._axes)):
            painter.drawLine(centre, self._at(n, centre, radius))
        self._values(painter, centre, radius, 2, QPen(QColor(colours.muted), 1.5, Qt.PenStyle.DashLine), None)
        filled = QColor(colours.accent)
        filled.setAlpha(40)
        self._values(painter, centre, radius, 1, QPen(QColor(colours.accent), 2), filled)
        painter.setPen(QColor(colours.text))
        for n, (name, _, _) in enumerate(self._axes):
            self._label(painter, n, name, centre, radius + line * 0.5)

    def _at(self, n: int, centre: QPointF, length: float) -> QPointF:
        angle = 2 * math.pi * n / max(len(self._axes), 1) - math.pi / 2
        return QPointF(centre.x() + length * math.cos(angle), centre.y() + length * math.sin(angle))

    def _values(self, painter: QPainter, centre: QPointF, radius: float, column: int, pen: QPen, fill: QColor | None) -> None:
        values = [axis[1] if column == 1 else axis[2] for axis in self._axes]
        points = [None if value is None else self._at(n, centre, radius * value / self._top) for n, value in enumerate(values)]
        painter.setPen(pen)
        if fill is not None and all(point is not None for point in points):
            painter.setBrush(fill)
            painter.drawPolygon(QPolygonF([point for point in points if point is not None]))
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for n, point in enumerate(points):
            after = points[(n + 1) % len(points)]
            if point is not None and after is not None:
                painter.drawLine(point, after)
            elif point is not None:
                painter.drawEllipse(point, 2, 2)

    def _label(self, painter: QPainter, n: int, name: str, centre: QPointF, distance: float) -> None:
        at = self._at(n, centre, distance)
        metrics = QFontMetrics(painter.font())
        width, height = metrics.horizontalAdvance(name) + 2, metrics.height()
        left = at.x() - width / 2 if abs(at.x() - centre.x()) < 2 else at.x() - (width if at.x() < centre.x() else 0)
        top = at.y() - height / 2 if abs(at.x() - centre.x()) >= 2 else at.y() - (height if at.y() < centre.y() else 0)
        left = min(max(left, 0.0), max(self.width() - width, 0))
        painter.drawText(QRectF(left, top, width, height), Qt.AlignmentFlag.AlignCenter, name)
