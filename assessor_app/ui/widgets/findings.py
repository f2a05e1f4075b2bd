"""Strengths, weaknesses and recommendations, and what the sheet says of aims and method."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.models.kinds import DIMENSIONS, FindingType, Kind
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.tasks import only
from assessor_app.ui.widgets.basics import Card, Field, Scroller, button, icon_button
from assessor_app.ui.widgets.editors import Autosave, Choice, NoteEdit
from assessor_app.workflow.editing import delete, edit
from assessor_app.workflow.evaluating import add_finding
from assessor_app.workflow.queries.scoring import FindingRow, SheetView


class FindingsPanel(Scroller):
    """Edits the notes on the evaluation.

    Signals:
        action_wanted(str): make an agreed action of a recommendation, by its words.
    """

    action_wanted = Signal(str)

    def __init__(self, context: AppContext) -> None:
        super().__init__(context.theme, t("Notes on the evaluation"), margin=0.6)
        self._context = context
        self._sheet = ""
        self._locked = False
        self._editors: dict[str, tuple[QWidget, NoteEdit, Autosave, Choice]] = {}
        self._lists: dict[str, QVBoxLayout] = {}
        self._adders = []
        self._new = ""
        theme = context.theme
        for code in FindingType:
            card = self.add(Card(theme, labels.findings(code)))
            column = QVBoxLayout()
            column.setSpacing(theme.em(0.4))
            card.body.addLayout(column)
            self._lists[code.value] = column
            adder = button(theme, t("Add: {0}").format(labels.finding(code)), partial(self._add, code.value), icon="plus")
            self._adders.append(adder)
            card.body.addWidget(adder, 0, Qt.AlignmentFlag.AlignLeft)
        words = self.add(Card(theme, t("Introduction and method")))
        self._texts: dict[str, tuple[NoteEdit, Autosave]] = {}
        for name, title in (("introduction", t("Introduction")), ("method", t("Method"))):
            widget = NoteEdit(theme, 3, 14)
            self._texts[name] = (widget, Autosave(
                context, widget, self._sheet_saver(name), slot=partial(self._slot, name)))
            words.add(Field(theme, title, widget))
        self.column.addStretch(1)

    def show_view(self, view: SheetView) -> None:
        """Show the notes of a sheet; editors that are open stay."""
        self._sheet, self._locked = view.sheet, view.locked
        for name, (widget, saver) in self._texts.items():
            saver.load(str(getattr(view, name)))
            widget.setReadOnly(view.locked)
        for adder in self._adders:
            adder.setEnabled(not view.locked)
        there = {row.id for row in view.findings}
        for gone in [record for record in self._editors if record not in there]:
            self._editors.pop(gone)[0].deleteLater()
        for row in view.findings:
            if row.id not in self._editors:
                self._make(row)
            _, widget, saver, dimension = self._editors[row.id]
            saver.load(row.body)
            dimension.set(self._context.unsaved.over(row, row.id).dimension)
            widget.setReadOnly(view.locked)
        if self._new in self._editors:
            self._editors[self._new][1].setFocus()
            self._new = ""

    def _make(self, row: FindingRow) -> None:
        theme = self._context.theme
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.em(0.2))
        name = t("{0} {1}").format(labels.finding(row.type), row.number)
        widget = NoteEdit(theme, 2, 12)
        widget.setAccessibleName(name)
        saver = Autosave(self._context, widget, self._saver(row.id), text=row.body, slot=lambda: f"{row.id}.body")
        column.addWidget(widget)
        line = QHBoxLayout()
        dimension = Choice([("", t("All dimensions")), *((code, labels.dimension(code)) for code in DIMENSIONS)], row.dimension)
        dimension.setAccessibleName(t("Dimension of {0}").format(name))
        dimension.chosen.connect(lambda code: self._context.tasks.write(
            edit, Kind.FINDING, row.id, dimension=code, purpose="finding.edit", owner=self, slot=f"{row.id}.dimension"))
        line.addWidget(dimension)
        line.addStretch(1)
        if row.type == FindingType.RECOMMENDATION:
            agree = button(theme, t("Agree on it…"), lambda: self.action_wanted.emit(widget.toPlainText()), icon="check", part="quiet",
                           tip=t("Make an agreed action of it, with an owner and a date"))
            agree.setAccessibleName(t("Make an agreed action of {0}").format(name))
            line.addWidget(agree)
        line.addWidget(icon_button(theme, "trash", t("Delete {0}").format(name), lambda: self._context.tasks.write(
            delete, Kind.FINDING, row.id, purpose="finding.delete", owner=self)))
        column.addLayout(line)
        self._lists[row.type].addWidget(box)
        self._editors[row.id] = (box, widget, saver, dimension)

    def _slot(self, name: str) -> str:
        return f"{self._sheet}.{name}"

    def _saver(self, record: str) -> Callable[[str], Future[Any]]:
        return lambda text: self._context.tasks.write(
            edit, Kind.FINDING, record, body=text, purpose="finding.edit", editing=f"{record}.body", owner=self)

    def _sheet_saver(self, name: str) -> Callable[[str], Future[Any]]:
        return lambda text: self._context.tasks.write(
            edit, Kind.SHEET, self._sheet, purpose="sheet.edit", editing=self._slot(name), owner=self, **only(name, text))

    def _add(self, code: str) -> None:
        def made(record: str) -> None:
            self._new = record

        self._context.tasks.write(add_finding, self._sheet, code, purpose="finding.create", done=made, owner=self)
