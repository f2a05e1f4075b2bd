"""An interview guide beside the note: its questions in one's own order, each put into the note by one key, and marked as asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from assessor_app import i18n
from assessor_app.i18n import t
from assessor_app.models.guide import GuideQuestion
from assessor_app.models.kinds import DIMENSION_NAMES
from assessor_app.ui.context import AppContext
from assessor_app.ui.widgets.basics import FlowRow, Scroller, button, icon_button, label, quiet_table
from assessor_app.ui.widgets.editors import Choice
from assessor_app.ui.widgets.whole_rows import WholeRows
from assessor_app.workflow import guides
from assessor_app.workflow.guides import GuideView
from assessor_app.workflow.queries.visits import VisitRow

_ID = Qt.ItemDataRole.UserRole


class QuestionList(QListWidget):
    """The questions; Enter puts one into the note, Space marks it, Alt and arrows move it, as the mouse does.

    Signals:
        put_requested(), mark_requested(), move_requested(int): what a key asks for.
        dropped(): the mouse moved a question.
    """

    put_requested = Signal()
    mark_requested = Signal()
    move_requested = Signal(int)
    dropped = Signal()

    def __init__(self) -> None:
        super().__init__()
        WholeRows(self)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        quiet_table(self)
        self.model().rowsMoved.connect(lambda *_: self.dropped.emit())
        self.itemDoubleClicked.connect(lambda _: self.put_requested.emit())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys of a question (Qt)."""
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.put_requested.emit()
        elif event.key() == Qt.Key.Key_Space:
            self.mark_requested.emit()
        elif alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.move_requested.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)


class GuideDesk(QWidget):
    """One guide, as this visit uses it.

    Signals:
        question_chosen(str): put these words into the note as a heading.
    """

    question_chosen = Signal(str)

    def __init__(self, context: AppContext, visit: VisitRow) -> None:
        super().__init__()
        self._context, self._visit = context, visit
        self.view: GuideView | None = None
        self._questions: dict[str, GuideQuestion] = {}
        theme = context.theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.em(0.4))
        self.guide = Choice([])
        self.guide.setAccessibleName(t("Interview guide"))
        self.guide.chosen.connect(lambda ref: self._write(guides.choose, ref))
        column.addWidget(self.guide)
        self.dimension = Choice([])
        self.dimension.setAccessibleName(t("Dimension"))
        self.dimension.chosen.connect(lambda _: self._show_rows())
        column.addWidget(self.dimension)
        self.list = QuestionList()
        self.list.setAccessibleName(t("Questions of the guide"))
        self.list.put_requested.connect(self.put)
        self.list.mark_requested.connect(self.mark)
        self.list.move_requested.connect(self.move_by)
        self.list.dropped.connect(self._keep_order)
        self.list.currentItemChanged.connect(lambda *_: self._show_detail())
        column.addWidget(self.list, 3)
        self._detail = Scroller(theme, t("Details"), margin=0.3)
        self.facts = self._detail.add(label("", "muted"))
        self.hint = self._detail.add(label())
        self._detail.column.addStretch(1)
        column.addWidget(self._detail, 1)
        row = FlowRow(theme, gap=0.3)
        self.into = button(theme, t("Into the note"), self.put, icon="left", part="main", tip=t("Enter; Ctrl+J while you write"))
        self.asked = button(theme, t("Tick"), self.mark, icon="check", tip=t("Space"))
        self.up = icon_button(theme, "up", t("Earlier (Alt+↑)"), lambda: self.move_by(-1))
        self.down = icon_button(theme, "down", t("Later (Alt+↓)"), lambda: self.move_by(1))
        self.back = icon_button(theme, "undo", t("The guide's own order"), lambda: self._write(guides.reorder, self._ref, []))
        for made in (self.into, self.asked, self.up, self.down, self.back):
            row.add(made)
        column.addWidget(row)

    @property
    def _ref(self) -> str:
        return self.view.ref if self.view is not None else ""

    def load(self) -> None:
        """Read the guides anew, and how this visit uses them."""
        self._context.tasks.read(guides.view, self._visit.id, self._visit.stage, done=self._show, owner=self, key=f"guide-{id(self)}")

    def put(self) -> None:
        """Put the chosen question into the note, mark it, and go to the next one that was not asked."""
        question = self._current()
        if question is None or self.view is None:
            return
        self.question_chosen.emit(question.label.get(i18n.language()))
        asked = self.view.asked | {question.id}
        self._mark(question.id, True)
        after = [self.list.item(at) for at in range(self.list.currentRow() + 1, self.list.count())]
        rest = next((item for item in after if item.data(_ID) not in asked), None)
        if rest is not None:
            self.list.setCurrentItem(rest)

    def mark(self) -> None:
        """Mark the chosen question as asked, or take the mark back."""
        question = self._current()
        if question is not None and self.view is not None:
            self._mark(question.id, question.id not in self.view.asked)

    def move_by(self, step: int) -> None:
        """Move the chosen question up or down."""
        row, to = self.list.currentRow(), self.list.currentRow() + step
        if row >= 0 and 0 <= to < self.list.count():
            item = self.list.takeItem(row)
            self.list.insertItem(to, item)
            self.list.setCurrentRow(to)
            self._keep_order()

    def _current(self) -> GuideQuestion | None:
        item = self.list.currentItem()
        return self._questions.get(str(item.data(_ID))) if item is not None else None

    def _mark(self, question: str, asked: bool) -> None:
        self._write(guides.mark_asked, self._ref, question, asked)

    def _keep_order(self) -> None:
        """Keep the order as it is shown; what the filter hides keeps its place among the rest."""
        shown = [str(self.list.item(at).data(_ID)) for at in range(self.list.count())]
        turn = iter(shown)
        order = [next(turn) if one.id in shown else one.id for one in self.view.questions] if self.view is not None else shown
        self._write(guides.reorder, self._ref, order)

    def _write(self, work: Callable[..., Any], ref: str, *told: Any) -> None:
        if ref:
            self._context.tasks.write(work, self._visit.id, ref, *told, purpose="setting", owner=self, done=lambda _: self.load())

    def _show(self, view: GuideView) -> None:
        language = i18n.language()
        other = self.view is None or self.view.ref != view.ref
        self.view = view
        self._questions = {one.id: one for one in view.questions}
        self.guide.offer([(one.ref, one.title.get(language)) for one in view.offered], view.ref)
        there = dict.fromkeys(one.dimension for one in view.questions if one.dimension)
        chosen = "" if other else self.dimension.code()
        self.dimension.offer([("", t("All dimensions")), *((code, DIMENSION_NAMES.get(code, code)) for code in there)], chosen)
        self.dimension.setVisible(bool(there))
        self.back.setEnabled(view.reordered)
        self._show_rows()

    def _show_rows(self) -> None:
        if self.view is None:
            return
        current, wanted, language = self._current(), self.dimension.code(), i18n.language()
        self.list.blockSignals(True)
        self.list.clear()
        for one in self.view.questions:
            if wanted and one.dimension != wanted:
                continue
            item = QListWidgetItem(one.label.get(language))
            item.setData(_ID, one.id)
            asked = one.id in self.view.asked
            item.setIcon(self._context.theme.icon("check" if asked else "interview",
                                                  self._context.theme.colours.good if asked else self._context.theme.colours.muted))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.text()} ({t('asked') if asked else t('not asked yet')})")
            self.list.addItem(item)
        rows = [str(self.list.item(at).data(_ID)) for at in range(self.list.count())]
        at = rows.index(current.id) if current is not None and current.id in rows else \
            next((at for at, one in enumerate(rows) if one not in self.view.asked), 0)
        self.list.setCurrentRow(at if rows else -1)
        self.list.blockSignals(False)
        self._show_detail()

    def _show_detail(self) -> None:
        question, language = self._current(), i18n.language()
        for control in (self.into, self.asked, self.up, self.down):
            control.setEnabled(question is not None)
        if question is None or self.view is None:
            self.facts.setText("")
            self.hint.setText("")
            return
        asked = question.id in self.view.asked
        self.asked.setText(t("Untick") if asked else t("Tick"))
        self.facts.setText(" · ".join(filter(None, (
            question.group.get(language), DIMENSION_NAMES.get(question.sub_dimension or question.dimension, ""), _kind(question.type)))))
        choices = "\n".join(f"– {choice.get(language)}" for choice in question.choices)
        self.hint.setText("\n".join(filter(None, (question.hint.get(language), choices))))


def _kind(kind: str) -> str:
    return {"integer": t("a whole number"), "decimal": t("a number"), "date": t("a date"), "select_one": t("one of these"),
            "select_multiple": t("any of these")}.get(kind, "")
