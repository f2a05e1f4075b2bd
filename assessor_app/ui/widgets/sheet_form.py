"""The widgets of a score sheet: figures, tools, the tree beside one question, its evidence, and the list of all."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.models.kinds import SheetState
from assessor_app.ui.context import AppContext
from assessor_app.ui.models.questions import QuestionTree
from assessor_app.ui.unsaved import Unsaved
from assessor_app.ui.widgets.basics import button, label
from assessor_app.ui.widgets.evidence import EvidencePane
from assessor_app.ui.widgets.findings import FindingsPanel
from assessor_app.ui.widgets.question import QuestionCard
from assessor_app.ui.widgets.question_list import QuestionList
from assessor_app.ui.widgets.scorebar import ScoreBar
from assessor_app.workflow.evaluating import answer_id, begin_again
from assessor_app.workflow.queries.scoring import AnswerRow, SheetView
from assessor_app.workflow.queries.visits import VisitRow


class SheetForm(QWidget):
    """Arranges the form; the page of scores says what its parts do."""

    def __init__(self, context: AppContext, visit: VisitRow) -> None:
        super().__init__()
        theme = context.theme
        self._context, self._sheet = context, ("", "")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.bar = ScoreBar(theme)
        column.addWidget(self.bar)
        tools = QHBoxLayout()
        tools.setContentsMargins(theme.em(0.6), theme.em(0.4), theme.em(0.6), 0)
        self.only_open = QCheckBox(t("Only what is open"))
        self.only_open.setToolTip(t("Not yet scored, not assessed without a reason, or without required evidence."))
        tools.addWidget(self.only_open)
        self.wanting = label("", "warn", wrap=False)
        tools.addWidget(self.wanting)
        tools.addStretch(1)
        self.newer = button(theme, "", self._move, icon="up", part="quiet")
        self.again = button(theme, t("Returned: begin the next version"), self._begin_again, icon="undo", part="main")
        for made in (self.newer, self.again):
            made.hide()
            tools.addWidget(made)
        self.as_list = button(theme, t("All in a list"), icon="menu", tip="Ctrl+Shift+L")
        self.as_list.setCheckable(True)
        self.as_list.setShortcut("Ctrl+Shift+L")
        tools.addWidget(self.as_list)
        column.addLayout(tools)
        self.ways = QStackedWidget()
        column.addWidget(self.ways, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.tree = QuestionTree(theme)
        self._left = left = QWidget()
        side = QVBoxLayout(left)
        side.setContentsMargins(theme.em(0.6), theme.em(0.4), theme.em(0.3), theme.em(0.4))
        side.addWidget(self.tree, 1)
        self.splitter.addWidget(left)
        self.right = QStackedWidget()
        self.card = QuestionCard(context, visit.id, visit.zone)
        self.right.addWidget(self.card)
        self.findings = FindingsPanel(context)
        self.right.addWidget(self.findings)
        self.splitter.addWidget(self.right)
        self.beside = EvidencePane(context)
        self.beside.hide()
        self.splitter.addWidget(self.beside)
        for at, share in enumerate((2, 3, 2)):
            self.splitter.setStretchFactor(at, share)
        self.splitter.setSizes([theme.em(20), theme.em(34), theme.em(18)])
        self.splitter.setChildrenCollapsible(False)
        self.ways.addWidget(self.splitter)
        self.list = QuestionList(theme)
        self.ways.addWidget(self.list)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the tree out where three columns would be too narrow (Qt)."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Make room for the evidence: beside it the tree stands only where the window is wide enough."""
        self._left.setVisible(self.beside.isHidden() or self.width() >= self._context.theme.em(50))

    def open_evidence(self, ref: str) -> None:
        """Show a piece of evidence beside the question."""
        self.beside.show()
        self.fit()
        self.beside.show_ref(ref)

    def close_evidence(self) -> None:
        """Give its room back."""
        self.beside.hide()
        self.fit()

    def show_newer(self, view: SheetView) -> None:
        """Offer the next version of a returned sheet, or a later version of the instrument; nothing moves by itself."""
        self.again.setVisible(view.state == SheetState.RETURNED)
        self.newer.setVisible(bool(view.newer))
        self._sheet = (view.sheet, "")
        if view.newer:
            self._sheet = (view.sheet, view.newer[0].ref)
            self.newer.setText(t("Version {0} is here…").format(view.newer[0].ref.partition("@")[2]))

    def _begin_again(self) -> None:
        self._context.tasks.write(begin_again, self._sheet[0], purpose="sheet.again", owner=self)

    def _move(self) -> None:
        from assessor_app.ui.dialogs.move_sheet import offer_move

        offer_move(self._context, self, *self._sheet)

    def show_as_list(self, on: bool) -> None:
        """Show all questions in a list, or one beside the tree."""
        self.ways.setCurrentWidget(self.list if on else self.splitter)


def slot_of(sheet: str, question: str, name: str) -> str:
    """Return the name of a field of an answer, for what of it could not be written."""
    return f"{answer_id(sheet, question)}.{name}"


def answers_over(unsaved: Unsaved, view: SheetView) -> dict[str, AnswerRow]:
    """Return the answers of a sheet as the person left them: with what could not be written yet."""
    answers = dict(view.answers)
    for question in view.instrument.questions() if view.instrument is not None else ():
        kept = unsaved.values(answer_id(view.sheet, question.id))
        if kept:
            row = answers.get(question.id) or AnswerRow(question.id, "", "", ())
            answers[question.id] = replace(row, **{**kept, "evidence": tuple(kept.get("evidence", row.evidence))})
    return answers
