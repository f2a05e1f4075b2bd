"""What became of the actions of earlier visits: a short list that the next visit opens with, answered in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assessor_app import clock, formats
from assessor_app.i18n import nt, t
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.widgets.basics import Card, label, rule, set_chip
from assessor_app.ui.widgets.editors import Autosave, Choice, NoteEdit
from assessor_app.workflow.following_up import STATUSES, answer_action
from assessor_app.workflow.queries.overview import EarlierAction


class FollowUp(Card):
    """Asks what became of each action; each answer is saved by itself."""

    def __init__(self, context: AppContext, visit: str) -> None:
        super().__init__(context.theme, t("From earlier visits: what became of it?"))
        self._context, self._visit = context, visit
        self._lines: dict[str, _Line] = {}
        self.chip = label("", "chip")
        self.head.addWidget(self.chip)
        self._column = QVBoxLayout()
        self._column.setSpacing(context.theme.em(0.5))
        self.body.addLayout(self._column)
        self.hide()

    def show_rows(self, rows: Sequence[EarlierAction]) -> None:
        """Show the actions; editors that are open stay."""
        self.setVisible(bool(rows))
        there = {row.id for row in rows}
        for gone in [record for record in self._lines if record not in there]:
            line = self._lines.pop(gone)
            line.hide()
            line.deleteLater()
        for row in rows:
            if row.id not in self._lines:
                self._lines[row.id] = _Line(self._context, self._visit, row, first=not self._lines)
                self._column.addWidget(self._lines[row.id])
            self._lines[row.id].load(row)
        left = sum(not row.answered for row in rows)
        set_chip(self.chip, nt("{n} to answer", "{n} to answer", left) if left else t("All answered"), "warn" if left else "good")

    def line(self, action: str) -> _Line:
        """Return the line of an action."""
        return self._lines[action]


class _Line(QWidget):
    """One action with its answer."""

    def __init__(self, context: AppContext, visit: str, row: EarlierAction, *, first: bool) -> None:
        super().__init__()
        theme = context.theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.em(0.25))
        if not first:
            column.addWidget(rule())
        self.text = label("")
        column.addWidget(self.text)
        self.facts = label("", "small")
        column.addWidget(self.facts)
        answer = QHBoxLayout()
        answer.setSpacing(theme.em(0.5))
        self.status = Choice([("", t("(not answered yet)")), *((code, labels.action_status(code)) for code in STATUSES)])
        self.status.chosen.connect(self._take)
        answer.addWidget(self.status, 0, Qt.AlignmentFlag.AlignTop)
        self.remark = NoteEdit(theme, 1, 6)
        self.remark.setPlaceholderText(t("In a word: what became of it"))
        answer.addWidget(self.remark, 1)
        column.addLayout(answer)
        self._record = row.id
        self._write: Callable[..., Future[Any]] = partial(
            context.tasks.write, answer_action, visit, row.id, purpose="action.answer", owner=self)
        self._saver = Autosave(context, self.remark, lambda text: self._write(remark=text, editing=f"{row.id}.remark"),
                               slot=lambda: f"{row.id}.remark")

    def load(self, row: EarlierAction) -> None:
        """Show the action as the notebook holds it."""
        self.text.setText(row.body)
        late = bool(row.due) and row.due < clock.today().isoformat() and row.status not in ("done", "dropped")
        due = (t("due {0}, overdue") if late else t("due {0}")).format(formats.date(row.due)) if row.due else ""
        self.facts.setText(" · ".join(filter(None, (row.agency, due, t("agreed on the visit of {0}").format(
            formats.date(row.agreed)) if row.agreed else ""))))
        self.status.set(row.status or "open" if row.answered else "")
        self.status.setAccessibleName(t("What became of: {0}").format(row.body))
        self.remark.setAccessibleName(t("In a word on: {0}").format(row.body))
        self._saver.load(row.remark)

    def _take(self, code: str) -> None:
        if code:
            self._write(status=code, slot=f"{self._record}.status")
