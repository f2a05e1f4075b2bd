"""Vector charts of a panel: bars with the gap to the top and last year's mark, and how far the assessors stand apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from reportlab.lib.units import mm

from assessor_app.i18n import t
from assessor_app.reports import text
from assessor_app.reports.charts import described, wrapped
from assessor_app.reports.content import AxisValue
from assessor_app.reports.fonts import REGULAR, SEMIBOLD, width
from assessor_app.reports.style import GRID, INK, MUTED, PALE, PRIMARY, WHITE
from assessor_app.reports.tagging import Figure

_SIZE: Final = 8.0
_LANE: Final = 7.8 * mm
_SCALE: Final = 11 * mm  # for the scale and the legend


class _Lanes(Figure):
    """A lane for each axis from 0 to ``top``, names on the left, figures on the right, the scale below."""

    def __init__(self, alt: str, names: Sequence[str], top: float, room: float, legend: Sequence[tuple[str, str]],
                 height: float = 0.0) -> None:
        super().__init__(alt)
        self.top, self.width = top or 4.0, room
        self._left, self._right = room * 0.34, room - 21 * mm
        self._names = [wrapped(name, self._left - 4 * mm, 2) for name in names]
        self._legend = legend
        self._lane = min(_LANE, (height - _SCALE) / max(len(names), 1)) if height else _LANE
        self.height = self._lane * len(names) + _SCALE

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:
        """Return the size in points."""
        return self.width, self.height

    def paint(self) -> None:
        """Draw on the canvas."""
        canvas: Any = self.canv
        bottom, upper = _SCALE, self.height
        steps = int(self.top) if self.top == int(self.top) and self.top <= 10 else 5
        canvas.setLineWidth(0.4)
        canvas.setStrokeColor(GRID)
        for step in range(steps + 1):
            x = self.at(self.top * step / steps)
            canvas.line(x, bottom - 1 * mm, x, upper)
            canvas.setFont(REGULAR, 7)
            canvas.setFillColor(MUTED)
            canvas.drawCentredString(x, bottom - 4 * mm, f"{self.top * step / steps:g}")
        for n, lines in enumerate(self._names):
            middle = upper - (n + 0.5) * self._lane
            canvas.setFillColor(INK)
            canvas.setFont(REGULAR, _SIZE)
            y = middle - 2.8 + (len(lines) - 1) * 4.6
            for line in lines:
                canvas.drawRightString(self._left - 2.5 * mm, y, line)
                y -= 9.2
            self.lane(canvas, n, middle)
        self._draw_legend(canvas)

    def lane(self, canvas: Any, n: int, middle: float) -> None:
        """Draw one lane."""
        raise NotImplementedError

    def at(self, value: float) -> float:
        """Return the place of a value in points."""
        return self._left + (self._right - self._left) * max(0.0, min(value, self.top)) / self.top

    def _draw_legend(self, canvas: Any) -> None:
        wide = sum(width(words, REGULAR, 7.5) + 10 * mm for _, words in self._legend)
        x = max(0.0, min(self._left, self.width - wide + 4 * mm))
        for kind, words in self._legend:
            self.sign(canvas, kind, x + 2 * mm, 2.6)
            canvas.setFillColor(INK)
            canvas.setFont(REGULAR, 7.5)
            canvas.drawString(x + 5 * mm, 0, words)
            x += width(words, REGULAR, 7.5) + 10 * mm

    def sign(self, canvas: Any, kind: str, x: float, y: float) -> None:
        """Draw one sign at a place, in a lane or in the legend."""
        match kind:
            case "bar":
                canvas.setFillColor(PRIMARY)
                canvas.rect(x - 2 * mm, y - 1.2 * mm, 4 * mm, 2.4 * mm, stroke=0, fill=1)
            case "gap":
                canvas.setFillColor(PALE)
                canvas.setStrokeColor(GRID)
                canvas.rect(x - 2 * mm, y - 1.2 * mm, 4 * mm, 2.4 * mm, stroke=1, fill=1)
            case "last":
                canvas.setStrokeColor(MUTED)
                canvas.setFillColor(WHITE)
                canvas.setLineWidth(1)
                path = canvas.beginPath()
                path.moveTo(x, y + 1.7 * mm)
                path.lineTo(x + 1.7 * mm, y)
                path.lineTo(x, y - 1.7 * mm)
                path.lineTo(x - 1.7 * mm, y)
                path.close()
                canvas.drawPath(path, stroke=1, fill=1)
                canvas.setLineWidth(0.4)
            case "one":
                canvas.setFillColor(WHITE)
                canvas.setStrokeColor(PRIMARY)
                canvas.setLineWidth(1)
                canvas.circle(x, y, 1.2 * mm, stroke=1, fill=1)
                canvas.setLineWidth(0.4)
            case "mean":
                canvas.setFillColor(PRIMARY)
                canvas.rect(x - 0.5 * mm, y - 2.2 * mm, 1 * mm, 4.4 * mm, stroke=0, fill=1)

    def figures(self, canvas: Any, middle: float, strong: str, weak: str) -> None:
        """Write the lane's figures at its right."""
        canvas.setFillColor(PRIMARY)
        canvas.setFont(SEMIBOLD, _SIZE)
        canvas.drawString(self._right + 2.5 * mm, middle - 2.8, strong)
        canvas.setFillColor(MUTED)
        canvas.setFont(REGULAR, 7)
        canvas.drawRightString(self.width, middle - 2.6, weak)


class GapBars(_Lanes):
    """Bars of this year, what is left to the top, and last year's mark."""

    def __init__(self, axes: Sequence[AxisValue], top: float, room: float, *, title: str, last: str,
                 height: float = 0.0) -> None:
        before = any(axis.previous is not None for axis in axes)
        legend = [("bar", t("this year")), ("gap", t("gap to the top"))] + ([("last", last)] if before else [])
        super().__init__(described(title, axes, top, last), [axis.name for axis in axes], top, room, legend, height)
        self._axes = tuple(axes)

    def lane(self, canvas: Any, n: int, middle: float) -> None:
        """Draw one bar, its gap and last year's mark."""
        axis, tall = self._axes[n], min(4.2 * mm, self._lane * 0.7)
        canvas.setFillColor(PALE)
        canvas.setStrokeColor(GRID)
        canvas.rect(self._left, middle - tall / 2, self._right - self._left, tall, stroke=1, fill=1)
        if axis.value is not None:
            canvas.setFillColor(PRIMARY)
            canvas.rect(self._left, middle - tall / 2, self.at(axis.value) - self._left, tall, stroke=0, fill=1)
        if axis.previous is not None:
            self.sign(canvas, "last", self.at(axis.previous), middle)
        gap = "" if axis.value is None else f"−{text.mean(self.top - axis.value)}"
        self.figures(canvas, middle, text.mean(axis.value), gap)


class Spread(_Lanes):
    """Each assessor's mean as a ring, the panel's as a bar: how far they stand apart."""

    def __init__(self, lanes: Sequence[tuple[str, Sequence[float | None], float | None]], top: float, room: float, *, title: str) -> None:
        said = []
        for name, means, mean in lanes:
            given = [value for value in means if value is not None]
            reach = t("{0} to {1}").format(text.mean(min(given)), text.mean(max(given))) if given else "–"
            said.append(f"{name} {reach} ({t('mean')} {text.mean(mean)})")
        alt = t("{0}, scale 0 to {1}: {2}.").format(title, f"{top:g}", "; ".join(said) or "–")
        super().__init__(alt, [name for name, _, _ in lanes], top, room,
                         [("one", t("mean of one assessor")), ("mean", t("mean of the panel"))])
        self._lanes = tuple(lanes)

    def lane(self, canvas: Any, n: int, middle: float) -> None:
        """Draw the assessors' rings, the line that joins them and the panel's mean."""
        _, means, mean = self._lanes[n]
        given = [value for value in means if value is not None]
        if given:
            canvas.setStrokeColor(PRIMARY)
            canvas.setLineWidth(1.6)
            canvas.line(self.at(min(given)), middle, self.at(max(given)), middle)
            canvas.setLineWidth(0.4)
        if mean is not None:
            self.sign(canvas, "mean", self.at(mean), middle)
        for value in given:
            self.sign(canvas, "one", self.at(value), middle)
        self.figures(canvas, middle, text.mean(mean), f"{text.mean(min(given))}–{text.mean(max(given))}" if given else "")
