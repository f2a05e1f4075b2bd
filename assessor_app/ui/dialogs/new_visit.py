"""A new visit in two fields: where, and what for; the dates are today's until somebody changes them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QListWidget, QListWidgetItem, QWidget

from assessor_app import clock
from assessor_app.i18n import t
from assessor_app.models import regions
from assessor_app.models.kinds import Stage
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.widgets.basics import Field, button, quiet_table
from assessor_app.ui.widgets.dates import DateField
from assessor_app.ui.widgets.editors import Choice, LineEdit


class _RegionLine(LineEdit):
    """A line whose arrow keys move in the list below it."""

    def __init__(self, below: QListWidget) -> None:
        super().__init__()
        self._below = below

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move in the list (Qt)."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self._below.count():
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self._below.setCurrentRow(min(max(self._below.currentRow() + step, 0), self._below.count() - 1))
        else:
            super().keyPressEvent(event)


class NewVisit(Dialog):
    """Asks for the region and the stage."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("New visit"), parent, width=30)
        theme = context.theme
        self.list = QListWidget()
        self.list.setAccessibleName(t("Regions found"))
        quiet_table(self.list)
        self.list.setFixedHeight(theme.em(10))
        self.list.currentItemChanged.connect(lambda *_: self._check())
        self.list.itemDoubleClicked.connect(lambda _: self._accept())
        self.where = _RegionLine(self.list)
        self.where.setPlaceholderText(t("Part of the name or code, e.g. boven or 93.02"))
        self.where.textChanged.connect(self._find)
        self._field = Field(theme, t("Region"), self.where)
        self.body.addWidget(self._field)
        self.body.addWidget(self.list)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.em(0.6))
        self.stage = Choice(labels.stages(), Stage.EVALUATION)
        grid.addWidget(Field(theme, t("Stage"), self.stage), 0, 0, 1, 2)
        self._today = clock.today().isoformat()
        self.first = DateField(theme, t("First day"), self._today)
        self.last = DateField(theme, t("Last day"), self._today)
        grid.addWidget(Field(theme, t("First day"), self.first), 1, 0)
        grid.addWidget(Field(theme, t("Last day"), self.last), 1, 1)
        self.body.addLayout(grid)
        self.footer(cancel_button(self))
        self.ok = self.footer(button(theme, t("Begin the visit"), self._accept, part="main"))
        self.where.returnPressed.connect(self._accept)
        self._check()
        self.where.setFocus()

    def region(self) -> str:
        """Return the chosen region's code, empty for none."""
        item = self.list.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""

    def values(self) -> tuple[str, str, str, str]:
        """Return region, stage, first and last day."""
        first, last = self.first.value(), self.last.value()
        return self.region(), self.stage.code(), first, max(first, last)

    def _find(self, text: str) -> None:
        self.list.clear()
        for region in regions.find(text, 30):
            item = QListWidgetItem(f"{region.title}   {region.code}   {region.province} · {region.zone}")
            item.setData(Qt.ItemDataRole.UserRole, region.code)
            self.list.addItem(item)
        if self.list.count():
            self.list.setCurrentRow(0)
        none = bool(text.strip()) and not self.list.count()
        self._field.say(t("No region is called that.") if none else "", wrong=none)
        self._check()

    def _check(self) -> None:
        if hasattr(self, "ok"):
            self.ok.setEnabled(bool(self.region()))
            self._show_today()

    def _show_today(self) -> None:
        """Propose the date that it is in the region, where nobody chose another one."""
        where = regions.region(self.region()) if self.region() else None
        if where is None:
            return
        before, self._today = self._today, clock.today(where.zone).isoformat()
        for field in (self.first, self.last):
            if field.value() == before:
                field.set(self._today)

    def _accept(self) -> None:
        if self.region():
            self.accept()
