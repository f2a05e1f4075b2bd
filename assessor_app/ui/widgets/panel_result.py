"""The figures of a closed panel: index, change over last year, aspects and dimensions."""

from __future__ import annotations

from fractions import Fraction

from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QVBoxLayout, QWidget

from assessor_app import formats, i18n
from assessor_app.i18n import t
from assessor_app.models.panel import PanelResult
from assessor_app.ui import labels
from assessor_app.ui.models.rows import Column, RowsModel
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import Card, label, set_chip
from assessor_app.ui.widgets.radar import Radar
from assessor_app.ui.widgets.tables import Table
from assessor_app.workflow.queries.panel import AspectRow, PanelView


def figure(value: Fraction | None) -> str:
    """Return a mean as it is printed."""
    return "–" if value is None else formats.number(value, 2)


def change(value: Fraction | None) -> str:
    """Return a change with its sign."""
    if value is None:
        return "–"
    text = formats.number(abs(value), 2)
    return text if not value else ("+" if value > 0 else "−") + text


class PanelFigures(Card):
    """Shows index, improvement, aspects and dimensions of a closed panel."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, t("Result of the panel"))
        self._theme = theme
        self.chip = label("", "chip")
        self.head.addWidget(self.chip)
        row = QHBoxLayout()
        row.setSpacing(theme.em(1.5))
        self.index, self.before, self.improvement = (label("–", "display", wrap=False) for _ in range(3))
        self._captions = []
        for text, value in ((t("Index"), self.index), (t("The year before"), self.before), (t("Improvement"), self.improvement)):
            column = QVBoxLayout()
            column.setSpacing(0)
            caption = label(text, "field")
            self._captions.append(caption)
            column.addWidget(caption)
            column.addWidget(value)
            row.addLayout(column)
        row.addStretch(1)
        self.body.addLayout(row)
        self.counted = self.add(label("", "warn"))
        both = QHBoxLayout()
        both.setSpacing(theme.em(0.6))
        columns = (
            Column[AspectRow](t("Aspect"), lambda r: r.name_en if i18n.language() == "en" else r.name_id, width=8),
            Column[AspectRow](t("Weight"), lambda r: formats.number(r.weight), number=True, width=3.2),
            Column[AspectRow](t("Mean"), lambda r: figure(r.mean), number=True, width=3.4),
            Column[AspectRow](t("The year before"), lambda r: figure(r.before), number=True, width=4.4),
            Column[AspectRow](t("Improvement"), lambda r: change(None if r.mean is None or r.before is None else r.mean - r.before),
                              number=True, width=4),
        )
        self.aspects = RowsModel[AspectRow](columns, lambda r: r.id, parent=self)
        self.table = Table(theme, self.aspects, t("Means of the aspects"))
        self.table.horizontalHeader().setStretchLastSection(False)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.add(self.table)
        self._dimensions = QWidget()
        self._dimensions.setLayout(both)
        both.setContentsMargins(0, 0, 0, 0)
        self.radar = Radar(theme)
        both.addWidget(self.radar, 3)
        self.values = label("", "")
        both.addWidget(self.values, 2)
        self.add(self._dimensions)
        self.legend = self.add(label("", "small"))

    def show_result(self, view: PanelView, result: PanelResult) -> None:
        """Show the figures."""
        found, before = result.evaluation, result.before
        self.index.setText(figure(found.index))
        self.before.setText(figure(before.index if before else None))
        self._captions[1].setText(t("Index {0}").format(before.year) if before and before.year else t("The year before"))
        self.improvement.setText(change(result.improvement))
        for caption, value in zip(self._captions, (self.index, self.before, self.improvement), strict=True):
            value.setAccessibleName(f"{caption.text()} {value.text()}")
        band = result.instrument.band(found.index).get(i18n.language())
        state = t("Provisional") if found.provisional else t("Complete")
        set_chip(self.chip, f"{band} · {state}" if band else state, "warn" if found.provisional else "good")
        partly = t("The index is over {0} of {1} weight: an aspect without any score counts nowhere.")
        self.counted.setText("" if found.whole else partly.format(
            formats.number(found.weight_counted), formats.number(found.weight_total)))
        self.counted.setVisible(bool(self.counted.text()))
        self.aspects.set_rows(view.aspects)
        rows = max(len(view.aspects), 1)
        self.table.setFixedHeight(self._theme.em(1.75) * rows + self.table.horizontalHeader().sizeHint().height() + self._theme.em(0.3))
        axes = [(labels.dimension(code), None if value is None else float(value),
                 float(before.dimensions[code]) if before and code in before.dimensions else None)
                for code, value in found.dimensions.items()]
        self.radar.set_axes(axes, float(result.instrument.max_score))
        self.values.setText("\n".join(
            f"{name}: {'–' if now is None else formats.number(now, 2)}"
            + (f" ({formats.number(last, 2)})" if last is not None else "") for name, now, last in axes))
        self._dimensions.setVisible(bool(axes))
        compared = any(last is not None for _, _, last in axes)
        self.legend.setText(t("Solid line: this year. Dashed line, and figures in brackets: last year.") if compared
                            else t("The panel's mean of each dimension."))
        self.legend.setVisible(bool(axes))
