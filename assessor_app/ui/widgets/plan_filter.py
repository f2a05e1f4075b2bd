"""The line over the programmes that says which of them are shown, how many of how many, and is cleared at once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox

from assessor_app.i18n import t
from assessor_app.models.kinds import DIMENSIONS, ProgrammeStatus
from assessor_app.ui import labels
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import FlowRow, icon_button, label
from assessor_app.ui.widgets.editors import Choice, LineEdit
from assessor_app.workflow.plan_filter import Filter


class FilterBar(FlowRow):
    """Choices that narrow a table.

    Signals:
        changed(): other programmes are asked for.
    """

    changed = Signal()

    def __init__(self, theme: Theme, tools: FlowRow | None = None) -> None:
        """Stand on one line; what looks for words goes to the ``tools`` where large text leaves no room for it."""
        super().__init__(theme, gap=0.35)
        row = self if tools is None else tools
        self.dimension = Choice([("", t("All dimensions")), *((code, labels.dimension(code)) for code in DIMENSIONS)])
        self.agency = Choice([("", t("All agencies"))])
        self.year = Choice([("", t("All years"))])
        self.status = Choice([("", t("Any status")), *((code.value, labels.programme_status(code.value)) for code in ProgrammeStatus)])
        for box, name, wide in ((self.dimension, t("Show the programmes of"), 8.6 if tools is None else 8),
                                (self.agency, t("Show the programmes of the agency"), 8.2 if tools is None else 7.2),
                                (self.year, t("Show the programmes of the year"), 6.2),
                                (self.status, t("Show the programmes with the status"), 7.2 if tools is None else 7)):
            box.setAccessibleName(name)
            box.setToolTip(name)
            box.setFixedWidth(theme.em(wide))
            box.view().setMinimumWidth(theme.em(max(wide, 11)))
            box.chosen.connect(lambda _: self.changed.emit())
            self.add(box)
        self.quick_win = QCheckBox(t("Quick wins"))
        self.quick_win.toggled.connect(lambda _: self.changed.emit())
        self.add(self.quick_win)
        self.finder = LineEdit()
        self.finder.setPlaceholderText(t("Find in the programmes"))
        self.finder.setAccessibleName(t("Find in the programmes"))
        self.finder.setFixedWidth(theme.em(9 if tools is None else 7.5))
        self.finder.textChanged.connect(lambda _: self.changed.emit())
        row.add(self.finder)
        self.count = label("", "muted", wrap=False)
        self.count.setFixedHeight(self.dimension.sizeHint().height())
        row.add(self.count)
        self.clear = icon_button(theme, "close", t("Show all programmes again"), self.reset)
        self.clear.hide()
        row.add(self.clear)

    def asked(self) -> Filter:
        """Return what is asked for."""
        return Filter(self.dimension.code(), self.agency.code(), int(self.year.code() or 0), self.status.code(),
                      self.quick_win.isChecked(), self.finder.text().strip())

    def reset(self) -> None:
        """Ask for everything."""
        blocked = self.blockSignals(True)
        for box in (self.dimension, self.agency, self.year, self.status):
            box.set("")
        self.quick_win.setChecked(False)
        self.finder.clear()
        self.blockSignals(blocked)
        self.changed.emit()

    def offer(self, agencies: Sequence[str], years: Sequence[int]) -> None:
        """Offer the agencies and years that there are; what is chosen stays chosen."""
        chosen, year = self.agency.code(), self.year.code()
        if chosen and chosen not in agencies:
            agencies = (*agencies, chosen)
        self.agency.offer([("", t("All agencies")), *((name, name) for name in agencies)], chosen)
        self.year.offer([("", t("All years")), *((str(each), str(each)) for each in years)], year)

    def say(self, shown: int, of: int) -> None:
        """Say how many of how many are shown."""
        self.count.setText(t("{0} of {1} programmes").format(shown, of))
        self.clear.setVisible(bool(self.asked()))
