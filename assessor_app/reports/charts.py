"""Vector radars of aspects and of dimensions, this year over last; bars where there are fewer than three axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from reportlab.lib.units import mm

from assessor_app.i18n import t
from assessor_app.reports import text
from assessor_app.reports.content import AxisValue
from assessor_app.reports.fonts import REGULAR, SEMIBOLD, fitted, printable, width
from assessor_app.reports.style import GRID, INK, MUTED, PALE, PRIMARY
from assessor_app.reports.tagging import Figure

_SIZE: Final = 8.0


class Radar(Figure):
    """A radar of at least three axes from 0 to ``top``; an axis without a value breaks the line."""

    def __init__(self, axes: Sequence[AxisValue], top: float, room: float, height: float = 72 * mm, *,
                 this: str, last: str, title: str = "") -> None:
        super().__init__(described(title or t("Radar chart"), axes, top, last))
        self.axes, self.top, self.width, self.height = tuple(axes), top or 4.0, room, height
        self._this, self._last = this, last

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:
        """Return the size in points."""
        return self.width, self.height

    def paint(self) -> None:
        """Draw on the canvas."""
        canvas = self.canv
        legend = 6 * mm
        x, y = self.width / 2, legend + (self.height - legend) / 2
        radius = min((self.height - legend) / 2 - 10 * mm, self.width / 2 - 17.5 * mm)
        steps = int(self.top) if self.top == int(self.top) and self.top <= 10 else 5
        canvas.saveState()
        canvas.setLineWidth(0.4)
        canvas.setStrokeColor(GRID)
        for step in range(steps, 0, -1):
            if step == steps:
                canvas.setFillColor(PALE)
            self._outline(canvas, x, y, [radius * step / steps] * len(self.axes), fill=int(step == steps), stroke=1)
        for i in range(len(self.axes)):
            canvas.line(x, y, *self._point(i, x, y, radius))
        if any(axis.previous is not None for axis in self.axes):
            self._values(canvas, x, y, radius, previous=True)
        self._values(canvas, x, y, radius, previous=False)
        canvas.setFillColor(MUTED)
        canvas.setFont(REGULAR, 6.5)
        for step in range(steps + 1):
            canvas.drawRightString(x - 1.2 * mm, y + radius * step / steps - 2, f"{self.top * step / steps:g}")
        for i, axis in enumerate(self.axes):
            self._label(canvas, i, axis, x, y, radius)
        self._legend(canvas, x)
        canvas.restoreState()

    def _point(self, i: int, x: float, y: float, radius: float) -> tuple[float, float]:
        angle = math.pi / 2 - 2 * math.pi * i / len(self.axes)
        return x + radius * math.cos(angle), y + radius * math.sin(angle)

    def _outline(self, canvas: Any, x: float, y: float, radii: Sequence[float | None], *, fill: int, stroke: int) -> None:
        path = canvas.beginPath()
        pen_up, whole = True, None not in radii
        for i in (*range(len(radii)), 0):
            radius = radii[i]
            if radius is None:
                pen_up = True
                continue
            point = self._point(i, x, y, radius)
            if pen_up:
                path.moveTo(*point)
                pen_up = False
            else:
                path.lineTo(*point)
        if whole:
            path.close()
        canvas.drawPath(path, fill=fill if whole else 0, stroke=stroke)

    def _values(self, canvas: Any, x: float, y: float, radius: float, *, previous: bool) -> None:
        values = [axis.previous if previous else axis.value for axis in self.axes]
        radii = [None if value is None else radius * max(0.0, min(value, self.top)) / self.top for value in values]
        if all(r is None for r in radii):
            return
        canvas.saveState()
        if previous:
            canvas.setDash(2.5, 2)
            canvas.setStrokeColor(MUTED)
            canvas.setLineWidth(1)
            self._outline(canvas, x, y, radii, fill=0, stroke=1)
        else:
            canvas.setStrokeColor(PRIMARY)
            canvas.setFillColor(PRIMARY)
            canvas.setLineWidth(1.4)
            canvas.setFillAlpha(0.16)
            self._outline(canvas, x, y, radii, fill=1, stroke=1)
            canvas.setFillAlpha(1)
            for i, r in enumerate(radii):
                if r is not None:
                    canvas.circle(*self._point(i, x, y, r), 1.5, stroke=0, fill=1)
        canvas.restoreState()

    def _label(self, canvas: Any, i: int, axis: AxisValue, x: float, y: float, radius: float) -> None:
        px, py = self._point(i, x, y, radius + 3 * mm)
        beside = abs(px - x) > 2 * mm
        room = (self.width / 2 - abs(px - x)) if beside else self.width / 2
        lines = wrapped(axis.name, room)
        if beside:
            py += (len(lines) + 1) * 4.6 - 7
        elif py > y:
            py += len(lines) * 9.2 + 1
        else:
            py -= 7
        draw = canvas.drawString if px > x and beside else canvas.drawRightString if beside else canvas.drawCentredString
        canvas.setFillColor(INK)
        for line in lines:
            canvas.setFont(REGULAR, _SIZE)
            draw(px, py, line)
            py -= 9.2
        canvas.setFont(SEMIBOLD, _SIZE)
        canvas.setFillColor(PRIMARY)
        draw(px, py, text.mean(axis.value))

    def _legend(self, canvas: Any, x: float) -> None:
        entries = [(self._this, False)]
        if any(axis.previous is not None for axis in self.axes):
            entries.append((self._last, True))
        spans = [width(name, REGULAR, _SIZE) + 12 * mm for name, _ in entries]
        left = x - sum(spans) / 2
        for (name, dashed), span in zip(entries, spans, strict=True):
            canvas.saveState()
            canvas.setStrokeColor(MUTED if dashed else PRIMARY)
            canvas.setLineWidth(1 if dashed else 1.4)
            if dashed:
                canvas.setDash(2.5, 2)
            canvas.line(left, 2.6, left + 6 * mm, 2.6)
            canvas.restoreState()
            canvas.setFillColor(INK)
            canvas.setFont(REGULAR, _SIZE)
            canvas.drawString(left + 7.5 * mm, 0, name)
            left += span


class Bars(Figure):
    """Horizontal bars, for one or two axes, where a radar would be a line."""

    def __init__(self, axes: Sequence[AxisValue], top: float, room: float, title: str = "") -> None:
        super().__init__(described(title or t("Bar chart"), axes, top, ""))
        self.axes, self.top, self.width, self.height = tuple(axes), top or 4.0, room, len(axes) * 9 * mm

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:
        """Return the size in points."""
        return self.width, self.height

    def paint(self) -> None:
        """Draw on the canvas."""
        canvas, left = self.canv, self.width * 0.34
        for i, axis in enumerate(self.axes):
            y = self.height - (i + 1) * 9 * mm + 2.5 * mm
            canvas.setFont(REGULAR, _SIZE)
            canvas.setFillColor(INK)
            canvas.drawRightString(left - 2 * mm, y + 3, fitted(axis.name, REGULAR, _SIZE, left - 4 * mm))
            room = self.width - left - 12 * mm
            canvas.setFillColor(PALE)
            canvas.rect(left, y, room, 4 * mm, stroke=0, fill=1)
            if axis.value is not None:
                canvas.setFillColor(PRIMARY)
                canvas.rect(left, y, room * max(0.0, min(axis.value, self.top)) / self.top, 4 * mm, stroke=0, fill=1)
            canvas.setFont(SEMIBOLD, _SIZE)
            canvas.drawString(left + room + 2 * mm, y + 3, text.mean(axis.value))


def chart(axes: Sequence[AxisValue], top: float, room: float, *, year: int | None, previous_year: int | None,
          title: str = "", height: float = 72 * mm) -> Figure:
    """Return the drawing that suits the number of axes."""
    if len(axes) < 3:
        return Bars(axes, top, room, title)
    this = str(year) if year else t("This year")
    return Radar(axes, top, room, height, this=this, last=str(previous_year) if previous_year else t("The year before"), title=title)


def described(title: str, axes: Sequence[AxisValue], top: float, last: str) -> str:
    """Return what a chart shows, in words: for whoever hears the page."""
    parts = []
    for axis in axes:
        before = f" ({last}: {text.mean(axis.previous)})" if last and axis.previous is not None else ""
        parts.append(f"{axis.name} {text.mean(axis.value)}{before}")
    return t("{0}, scale 0 to {1}: {2}.").format(title, f"{top:g}", "; ".join(parts) or "–")


def wrapped(name: str, room: float, most: int = 3) -> list[str]:
    """Return a label's lines, as many as may be, cut only where nothing else helps."""
    lines: list[str] = []
    for word in printable(name).split():
        if lines and width(f"{lines[-1]} {word}", REGULAR, _SIZE) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [fitted(line, REGULAR, _SIZE, room) for line in lines] or [""]
