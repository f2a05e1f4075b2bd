"""The panel's questions: each assessor's score, how far apart they are, and the word that the panel owes where it is two or more."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QHeaderView

from assessor_app import formats, i18n
from assessor_app.i18n import nt, t
from assessor_app.models.instrument import NOT_ASSESSED
from assessor_app.models.panel import PanelResult
from assessor_app.ui.context import AppContext
from assessor_app.ui.models.rows import Column, RowsModel
from assessor_app.ui.widgets.basics import Card, Field, label, set_chip
from assessor_app.ui.widgets.editors import Autosave, NoteEdit
from assessor_app.ui.widgets.panel_result import figure
from assessor_app.ui.widgets.tables import Table


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question as the table shows it."""

    id: str
    code: str
    text: str
    place: int
    scores: tuple[str | None, ...]
    mean: Fraction | None
    spread: Fraction | None
    apart: bool
    remark: str

    @property
    def owed(self) -> bool:
        """Tell whether the panel still owes its word."""
        return self.apart and not self.remark.strip()


def shown(score: str | None) -> str:
    """Return a score as the table shows it."""
    return "○" if not score else "–" if score == NOT_ASSESSED else score


class PanelQuestions(Card):
    """Shows the questions and takes the panel's words."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context.theme, t("Question by question"))
        theme = self._theme = context.theme
        self._context = context
        self._result: PanelResult | None = None
        self._names: tuple[str, ...] = ()
        self._current = ""
        self.save_remark: Callable[[str, str], Future[Any] | None] = lambda question, text: None
        self.remark_slot: Callable[[str], str] = lambda question: ""
        self.chip = label("", "chip")
        self.head.addWidget(self.chip)
        choice = QHBoxLayout()
        self.only_apart = QCheckBox(t("Only where assessors are 2 or more apart"))
        self.only_apart.toggled.connect(lambda _: self._refilter())
        choice.addWidget(self.only_apart)
        choice.addStretch(1)
        self.body.addLayout(choice)
        self.table: Table | None = None
        self._place = QHBoxLayout()
        self.body.addLayout(self._place)
        self.names = self.add(label("", "small"))
        self.question = self.add(label("", "lead"))
        self.said = self.add(label("", "muted"))
        self.remark = NoteEdit(theme, 2, 10)
        self._field = Field(theme, t("The panel's word"), self.remark, t("Printed in the report beside the scores."))
        self.add(self._field)
        self.saver = Autosave(context, self.remark, self._save, slot=lambda: self.remark_slot(self._current) if self._current else "")
        self.remark.installEventFilter(self)

    def flush(self) -> None:
        """Save the word now."""
        self.saver.flush()

    def show_result(self, result: PanelResult) -> None:
        """Show the questions of a result; the chosen one stays."""
        names = tuple(sheet.name for sheet in result.sheets)
        if self.table is None or names != self._names:
            self._make_table(names)
        first = self._result is None
        self._result = result
        language = i18n.language()
        asked = [result.instrument.question(q.question) for q in result.questions]
        rows = [QuestionRow(q.question, one.code, one.label.get(language), place, q.scores, q.mean, q.spread, q.apart, q.remark)
                for place, (q, one) in enumerate(zip(result.questions, asked, strict=True))]
        apart, owed = sum(row.apart for row in rows), sum(row.owed for row in rows)
        set_chip(self.chip, nt("{n} word owed", "{n} words owed", owed) if owed else t("Nothing owed"), "warn" if owed else "good")
        self.only_apart.setEnabled(apart > 0)
        if first:
            self.only_apart.blockSignals(True)
            self.only_apart.setChecked(apart > 0)
            self.only_apart.blockSignals(False)
        self.names.setText(names_of(result))
        assert self.table is not None
        self.table.source.set_rows(rows)
        self._refilter()
        if self._current not in {row.id for row in rows}:
            self._choose(next((row.id for row in rows if row.owed), rows[0].id if rows else ""))
        self._show_current()

    def _choose(self, question: str) -> None:
        assert self.table is not None
        self.table.choose(question)
        self._on_chosen(question)

    def _make_table(self, names: tuple[str, ...]) -> None:
        if self.table is not None:
            self.table.hide()
            self.table.deleteLater()
        self._names = names

        def score_of(n: int) -> Column[QuestionRow]:
            return Column(str(n + 1), lambda r: shown(r.scores[n]), number=True, width=1.6, tip=lambda r: names[n])

        columns = (
            Column[QuestionRow](t("No."), lambda r: r.code, sort=lambda r: r.place, width=3.6),
            Column[QuestionRow](t("Question"), lambda r: r.text, width=10, tip=lambda r: r.text),
            *(score_of(n) for n in range(len(names))),
            Column[QuestionRow](t("Mean"), lambda r: figure(r.mean), sort=lambda r: r.mean if r.mean is not None else -1, number=True,
                                width=3.2),
            Column[QuestionRow](t("Apart"), lambda r: "–" if r.spread is None else formats.number(r.spread),
                                sort=lambda r: r.spread if r.spread is not None else -1, number=True, width=3.2),
            Column[QuestionRow](t("Word"), lambda r: t("owed") if r.owed else r.remark.replace("\n", " "), width=6, tip=lambda r: r.remark),
        )
        model = RowsModel[QuestionRow](columns, lambda r: r.id, parent=self)
        self.table = Table(self._theme, model, t("Question by question"), accept=self._accepts)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.table.setFixedHeight(self._theme.em(13))
        header = self.table.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.row_chosen.connect(self._on_chosen)
        self.table.row_opened.connect(lambda _: self.remark.setFocus(Qt.FocusReason.OtherFocusReason))
        self._place.addWidget(self.table)

    def _accepts(self, row: QuestionRow) -> bool:
        return not self.only_apart.isChecked() or row.apart

    def _refilter(self) -> None:
        if self.table is not None:
            self.table.refilter()

    def _on_chosen(self, question: str) -> None:
        if question and question != self._current:
            self.flush()
            self._current = question
            row = self._row()
            self.saver.reset(row.remark if row is not None else "")
            self._show_current()

    def _row(self) -> QuestionRow | None:
        rows = self.table.source.rows if self.table is not None else ()
        return next((row for row in rows if row.id == self._current), None)

    def _show_current(self) -> None:
        row, result = self._row(), self._result
        for widget in (self.question, self.said, self._field):
            widget.setVisible(row is not None)
        if row is None or result is None:
            return
        asked, language = result.instrument.question(row.id), i18n.language()
        self.question.setText(f"{row.code}  {row.text}")
        lines = []
        for n, sheet in enumerate(result.sheets, 1):
            choice = asked.choice(row.scores[n - 1])
            words = choice.label.get(language) if choice is not None else (
                t("not assessed") if row.scores[n - 1] == NOT_ASSESSED else t("not yet scored"))
            reason = sheet.reasons.get(row.id, "")
            lines.append(f"{n}. {sheet.name}: {shown(row.scores[n - 1])} ({words})" + (f"\n    {reason}" if reason else ""))
        self.said.setText("\n".join(lines))
        self.saver.load(row.remark)
        self._field.say(t("The assessors are {0} points apart: say in a word how the panel sees it.").format(
            formats.number(row.spread or 0)) if row.owed else t("Printed in the report beside the scores."))

    def _save(self, text: str) -> Future[Any] | None:
        return self.save_remark(self._current, text) if self._current else None

    def step(self, by: int) -> None:
        """Go to the next or the last question that is shown."""
        if self.table is None:
            return
        at = self.table.currentIndex().row() + by
        if 0 <= at < self.table.proxy.rowCount():
            self.table.setCurrentIndex(self.table.proxy.index(at, 0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ctrl and arrows go on to the next question, out of its word (Qt)."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and (
                event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up)):
            self.step(1 if event.key() == Qt.Key.Key_Down else -1)
            return True
        return False


def names_of(result: PanelResult) -> str:
    """Return who stands behind the numbered columns."""
    return " · ".join(f"{n}. {sheet.name}" for n, sheet in enumerate(result.sheets, 1))
