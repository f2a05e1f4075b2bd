"""All questions in one list: a digit scores the row, arrows move, the reason is typed in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QVBoxLayout, QWidget

from assessor_app import formats, i18n
from assessor_app.i18n import t
from assessor_app.models.instrument import NOT_ASSESSED, Instrument, Question
from assessor_app.ui.models.rows import Column, RowsModel
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import label
from assessor_app.ui.widgets.tables import Table
from assessor_app.workflow.queries.scoring import AnswerRow

#: The columns of what a score says and of its reason.
ANCHOR, REASON = 4, 5


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """One question with its answer."""

    id: str
    place: int
    code: str
    text: str
    aspect: str
    score: str
    anchor: str
    reason: str
    evidence: str
    before: Fraction | None
    open: bool


class _Table(Table):
    """A table in which what would begin typing may be a score.

    Signals:
        key_pressed(QKeyEvent): a key, before the table takes it; accept it to keep it from the table.
    """

    key_pressed = Signal(object)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Offer the key first (Qt)."""
        event.ignore()
        self.key_pressed.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)


class QuestionList(QWidget):
    """Shows the questions as rows.

    Signals:
        score_chosen(str, str): a question and its score.
        question_chosen(str): the current row's question.
        question_opened(str): show a question alone.
    """

    score_chosen = Signal(str, str)
    question_chosen = Signal(str)
    question_opened = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._instrument: Instrument | None = None
        self._only_open = False
        self._locked = False
        self.save_reason: Callable[[str, str], object] = lambda question, text: None
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.em(0.6), theme.em(0.2), theme.em(0.6), theme.em(0.4))
        columns = (
            Column[QuestionLine](t("No."), lambda r: r.code, sort=lambda r: r.place, width=3.8, tip=lambda r: r.aspect),
            Column[QuestionLine](t("Question"), lambda r: r.text, width=16, tip=lambda r: r.text),
            Column[QuestionLine](t("The year before"), lambda r: "–" if r.before is None else formats.number(r.before, 2),
                                 sort=lambda r: -1 if r.before is None else r.before, number=True, width=5),
            Column[QuestionLine](t("Score"), lambda r: {"": "○", NOT_ASSESSED: "–"}.get(r.score, r.score), number=True, width=3),
            Column[QuestionLine](t("What it says"), lambda r: r.anchor, width=9, tip=lambda r: r.anchor),
            Column[QuestionLine](t("Reason"), lambda r: r.reason.replace("\n", " "), value=lambda r: r.reason, edit=self._edit_reason,
                                 width=12, tip=lambda r: r.reason),
            Column[QuestionLine](t("Evidence"), lambda r: r.evidence, width=6),
        )
        self.rows = RowsModel[QuestionLine](columns, lambda r: r.id, parent=self)
        self.table = _Table(theme, self.rows, t("All questions"), accept=lambda r: r.open or not self._only_open)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        header = self.table.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(REASON, QHeaderView.ResizeMode.Stretch)
        self.table.row_chosen.connect(self._on_chosen)
        self.table.row_opened.connect(self.question_opened)
        self.table.key_pressed.connect(self._on_key)
        self._theme = theme
        self.table.setMinimumHeight(theme.em(4))
        column.addWidget(self.table, 1)
        self.question = label("", "lead")
        self.anchors = label("", "muted")
        keys = t("Keys: a digit scores, “-” is not assessed, Delete clears, arrows move, Enter shows the question alone.")
        self.keys = label(keys, "small")
        for words in (self.question, self.anchors, self.keys):
            words.hide()
            column.addWidget(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the room to the rows where there is little of it (Qt)."""
        super().resizeEvent(event)
        self.table.setColumnHidden(ANCHOR, event.size().width() < self._theme.em(50))
        lines = event.size().height() / self._theme.em()
        for words, least in ((self.anchors, 14), (self.question, 17), (self.keys, 20)):
            words.setVisible(lines >= least)

    def show_rows(self, instrument: Instrument, answers: Mapping[str, AnswerRow], before: Mapping[str, Fraction],
                  is_open: Callable[[Question], bool], *, locked: bool) -> None:
        """Show the answers as they stand."""
        language = i18n.language()
        self._instrument, self._locked = instrument, locked
        self.rows.locked = locked
        lines = []
        for place, q in enumerate(instrument.questions()):
            row = answers.get(q.id)
            score, evidence = (row.score, len(row.evidence)) if row is not None else ("", 0)
            choice = q.choice(score)
            wanting = q.evidence_required and not evidence
            lines.append(QuestionLine(
                q.id, place, q.code, q.label.get(language), instrument.aspect(q.aspect).label.get(language), score,
                choice.label.get(language) if choice is not None else t("not assessed") if score == NOT_ASSESSED else "",
                row.reason if row is not None else "", t("required") if wanting else str(evidence or "–"), before.get(q.id), is_open(q)))
        self.rows.set_rows(lines)
        if not self.table.current_id() and lines:
            self.table.choose(next((line.id for line in lines if line.open), lines[0].id))

    def choose(self, question: str) -> None:
        """Make a question's row the current one."""
        self.table.choose(question)

    def show_only_open(self, on: bool) -> None:
        """Hide what is done."""
        self._only_open = on
        self.table.refilter()

    def _on_chosen(self, question: str) -> None:
        if self._instrument is None or not self._instrument.has(question):
            return
        asked, language = self._instrument.question(question), i18n.language()
        self.question.setText(f"{asked.code}  {asked.label.get(language)}")
        self.anchors.setText("   ".join(f"{c.score}: {c.label.get(language)}" for c in sorted(asked.choices, key=lambda c: c.value)))
        self.question_chosen.emit(question)

    def _on_key(self, event: QKeyEvent) -> None:
        question = self.table.current_id()
        if self._instrument is None or not question or self._locked:
            return
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.score_chosen.emit(question, "")
        elif plain and event.text() and (event.text() == NOT_ASSESSED or self._instrument.question(question).choice(event.text())):
            self.score_chosen.emit(question, event.text())
        elif plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.table.currentIndex().column() != REASON:
            self.question_opened.emit(question)
        else:
            return
        event.accept()

    def _edit_reason(self, row: QuestionLine, text: str) -> str:
        self.save_reason(row.id, text)
        return ""
