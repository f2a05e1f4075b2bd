"""The instrument as a tree: aspects, groups and questions with the score that each has."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHeaderView, QTreeView

from assessor_app.i18n import t
from assessor_app.models.instrument import NOT_ASSESSED, Group, Instrument, Question
from assessor_app.ui.models.rows import IdRole
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import quiet_table
from assessor_app.workflow.queries.scoring import AnswerRow

#: The entry that leads to strengths, weaknesses and recommendations.
FINDINGS = "findings:"
#: The mark of a question without a score: an empty circle, not to be taken for the dash of "not assessed".
OPEN = "○"


class QuestionTree(QTreeView):
    """Shows the questions in their groups.

    Signals:
        question_chosen(str): a question, or ``FINDINGS``.
    """

    question_chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._only_open = False
        self._items: dict[str, tuple[QStandardItem, QStandardItem]] = {}
        self._groups: list[tuple[QStandardItem, QStandardItem, tuple[str, ...]]] = []
        self._order: list[str] = []
        self._still_open: Collection[str] = ()
        self._model = QStandardItemModel(0, 2, self)
        self.setModel(self._model)
        self.setAccessibleName(t("Questions"))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(theme.em(0.8))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        quiet_table(self)
        self.setMinimumWidth(theme.em(10))
        self.selectionModel().currentChanged.connect(self._on_current_changed)

    def show_instrument(self, instrument: Instrument, language: str) -> None:
        """Build the tree of an instrument, once."""
        self._model.clear()
        self._model.setColumnCount(2)
        self._items.clear()
        self._groups.clear()
        self._order = [question.id for question in instrument.questions()]
        for aspect in instrument.aspects:
            self._add_group(self._model.invisibleRootItem(), aspect, language, top=True)
        findings, blank = QStandardItem(t("Strengths, weaknesses, recommendations")), QStandardItem("")
        for item in (findings, blank):
            item.setEditable(False)
            item.setFont(self._theme.font(bold=True))
        findings.setData(FINDINGS, IdRole)
        self._model.appendRow([findings, blank])
        self._items[FINDINGS] = (findings, blank)
        self._order.append(FINDINGS)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        self.setColumnWidth(1, self._theme.em(3.4))
        self.expandAll()

    def show_answers(self, answers: Mapping[str, AnswerRow], still_open: Collection[str]) -> None:
        """Show the scores, and how many of each group are there; ``still_open`` are the questions that want something yet."""
        self._still_open = still_open
        for question, (item, score) in self._items.items():
            if question == FINDINGS:
                continue
            row = answers.get(question)
            given = row.score if row is not None else ""
            text = {"": OPEN, NOT_ASSESSED: "–"}.get(given, given)
            if score.text() != text:
                score.setText(text)
                spoken = {"": t("not yet scored"), NOT_ASSESSED: t("not assessed")}.get(given, t("score {0}").format(given))
                item.setData(f"{item.text()}, {spoken}", Qt.ItemDataRole.AccessibleTextRole)
                score.setData(spoken, Qt.ItemDataRole.AccessibleTextRole)
                score.setToolTip(spoken)
        for _, count, questions in self._groups:
            done = sum(bool(answers.get(q) and answers[q].score) for q in questions)
            count.setText(f"{done}/{len(questions)}")
        if self._only_open:
            self._filter()

    def choose(self, question: str) -> None:
        """Make a question the current one."""
        if question in self._items:
            index = self._items[question][0].index()
            self.selectionModel().setCurrentIndex(
                index, QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows)
            self.scrollTo(index)

    def current(self) -> str:
        """Return the chosen question, empty for a group."""
        return str(self.currentIndex().siblingAtColumn(0).data(IdRole) or "")

    def step(self, by: int) -> None:
        """Go to the next or the last question that is shown."""
        shown = [q for q in self._order if not self._is_hidden(q)] or self._order
        now = self.current()
        at = shown.index(now) + by if now in shown else 0
        self.choose(shown[min(max(at, 0), len(shown) - 1)])

    def show_only_open(self, on: bool) -> None:
        """Hide what wants nothing any more."""
        self._only_open = on
        self._filter()

    def _filter(self) -> None:
        current = self.current()
        for question, (item, _) in self._items.items():
            hide = self._only_open and question not in (FINDINGS, current) and question not in self._still_open
            self.setRowHidden(item.row(), self._parent_index(item), hide)
        for item, _, questions in reversed(self._groups):
            self.setRowHidden(item.row(), self._parent_index(item), all(self._is_hidden(q) for q in questions))

    def _is_hidden(self, question: str) -> bool:
        item = self._items[question][0]
        return self.isRowHidden(item.row(), self._parent_index(item))

    def _parent_index(self, item: QStandardItem) -> QModelIndex:
        parent = item.parent()
        return parent.index() if parent is not None else QModelIndex()

    def _add_group(self, parent: QStandardItem, group: Group, language: str, *, top: bool = False) -> None:
        item, count = QStandardItem(group.label.get(language)), QStandardItem("")
        for each in (item, count):
            each.setEditable(False)
            each.setFont(self._theme.font(1.0 if top else 0.95, bold=True))
        if top and group.weight is not None:
            item.setText(f"{group.label.get(language)} ({t('weight {0}').format(group.weight)})")
        count.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setToolTip(group.label.get(language))
        parent.appendRow([item, count])
        self._groups.append((item, count, tuple(q.id for q in group.questions())))
        for child in group.items:
            if isinstance(child, Group):
                self._add_group(item, child, language)
            elif isinstance(child, Question):
                self._add_question(item, child, language)

    def _add_question(self, parent: QStandardItem, question: Question, language: str) -> None:
        item, score = QStandardItem(f"{question.code}  {question.label.get(language)}"), QStandardItem("")
        item.setData(question.id, IdRole)
        item.setToolTip(question.label.get(language))
        score.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        score.setFont(self._theme.font(bold=True))
        for each in (item, score):
            each.setEditable(False)
        parent.appendRow([item, score])
        self._items[question.id] = (item, score)

    def _on_current_changed(self, now: QModelIndex, before: QModelIndex) -> None:
        question = str(now.siblingAtColumn(0).data(IdRole) or "")
        if question:
            self.question_chosen.emit(question)
