"""The figures of a score sheet as they stand: the index, and each aspect's mean with its bar."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from assessor_app import formats, i18n
from assessor_app.i18n import nt, t
from assessor_app.models.instrument import Instrument
from assessor_app.models.scoring import Given, evaluate
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import Flow, label, set_chip


class _Bar(QWidget):
    """A bar from nothing to the highest score; the number beside it says the same."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._part = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set(self, part: float) -> None:
        """Fill a part, 0 to 1."""
        self._part = part
        self.update()

    def sizeHint(self) -> QSize:
        """Return a slim bar (Qt)."""
        return QSize(self._theme.em(6), self._theme.em(0.35))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it (Qt)."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        radius = self.height() / 2
        painter.setBrush(QColor(self._theme.colours.line))
        painter.drawRoundedRect(self.rect(), radius, radius)
        if self._part > 0:
            painter.setBrush(QColor(self._theme.colours.accent))
            painter.drawRoundedRect(0, 0, max(self.height(), round(self.width() * self._part)), self.height(), radius, radius)


class ScoreBar(QFrame):
    """Shows index and means; they follow each score at once."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("role", "bar")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.em(0.9), theme.em(0.4), theme.em(0.9), theme.em(0.4))
        row.setSpacing(theme.em(1))
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(label(t("Index"), "field"))
        line = QHBoxLayout()
        line.setSpacing(theme.em(0.5))
        self.index = label("–", "display", wrap=False)
        line.addWidget(self.index)
        self.chip = label("", "chip")
        line.addWidget(self.chip, 0, Qt.AlignmentFlag.AlignVCenter)
        left.addLayout(line)
        self.open = label("", "small", wrap=False)
        left.addWidget(self.open)
        row.addLayout(left)
        self._aspects = QWidget()
        self._flow = Flow(theme.em(0.7))
        self._aspects.setLayout(self._flow)
        policy = self._aspects.sizePolicy()
        policy.setHeightForWidth(True)
        self._aspects.setSizePolicy(policy)
        row.addWidget(self._aspects, 1)
        self._parts: dict[str, tuple[QWidget, object, _Bar]] = {}
        self.means: dict[str, str] = {}

    def show_figures(self, instrument: Instrument, scores: Mapping[str, str]) -> None:
        """Work out and show the figures of one assessor's scores, exactly as the sheet will print them."""
        result = evaluate(instrument, [Given(q, "me", score or None) for q, score in scores.items()])
        top = float(instrument.max_score) or 1.0
        self.index.setText("–" if result.index is None else formats.number(result.index, 2))
        self.index.setAccessibleName(f"{t('Index')} {self.index.text()}")
        band = instrument.band(result.index).get(i18n.language())
        state = t("Provisional") if result.provisional else t("Complete")
        set_chip(self.chip, f"{band} · {state}" if band else state, "warn" if result.provisional else "good")
        left = result.open if scores else len(instrument.questions())
        self.open.setText(nt("{n} not yet scored", "{n} not yet scored", left) if left else t("All scored"))
        for aspect in result.aspects:
            if aspect.id not in self._parts:
                self._add(aspect.id, aspect.name.get(i18n.language()))
            box, words, bar = self._parts[aspect.id]
            mean = "–" if aspect.score is None else formats.number(aspect.score, 2)
            if self.means.get(aspect.id) == mean:
                continue
            self.means[aspect.id] = mean
            name = aspect.name.get(i18n.language())
            words.setText(f"{name}  {mean}")  # type: ignore[attr-defined]
            box.setAccessibleName(t("{0}: mean {1}, weight {2}").format(name, mean, aspect.weight))
            box.setToolTip(box.accessibleName())
            bar.set(0.0 if aspect.score is None else float(aspect.score) / top)
            self._flow.invalidate()

    def _add(self, aspect: str, name: str) -> None:
        box = QWidget()
        box.setMinimumWidth(self._theme.em(8))
        box.setMaximumWidth(self._theme.em(11))
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._theme.em(0.1))
        words = label(name, wrap=False)
        column.addWidget(words)
        bar = _Bar(self._theme)
        column.addWidget(bar)
        self._flow.addWidget(box)
        self._parts[aspect] = (box, words, bar)
