"""Penilaian: the person's own sheet as a form, a tree of its questions beside the chosen one; the panel beside it in its own tab."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QSplitter, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from assessor_app import i18n
from assessor_app.i18n import t
from assessor_app.models.changes import ChangeSet
from assessor_app.models.instrument import NOT_ASSESSED, Instrument
from assessor_app.models.kinds import Kind
from assessor_app.ui.context import AppContext
from assessor_app.ui.models.questions import FINDINGS, QuestionTree
from assessor_app.ui.pages.page import Page
from assessor_app.ui.widgets.basics import Empty, button, label
from assessor_app.ui.widgets.editors import Choice
from assessor_app.ui.widgets.findings import FindingsPanel
from assessor_app.ui.widgets.question import QuestionCard
from assessor_app.ui.widgets.scorebar import ScoreBar
from assessor_app.workflow.evaluating import answer, instrument_of, open_sheet
from assessor_app.workflow.queries.scoring import AnswerRow, SheetView, sheet_view
from assessor_app.workflow.queries.visits import VisitRow

#: The parts of the page; a record that begins with one of these names leads to it.
SHEET, PANEL = "sheet:", "panel:"
PARTS = (SHEET, PANEL)


class ScoringPage(Page):
    """The person's own score sheet of a visit, and its panel."""

    shows = frozenset({Kind.SHEET, Kind.ANSWER, Kind.FINDING, Kind.INTERVIEW, Kind.ATTACHMENT, Kind.PROGRAMME})

    def __init__(self, context: AppContext, visit: VisitRow) -> None:
        super().__init__(context, visit)
        self._view: SheetView | None = None
        self._instrument: Instrument | None = None
        self._answers: dict[str, AnswerRow] = {}
        self._wanted = ""
        self._begun = False
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.parts = QTabBar()
        self.parts.setAccessibleName(t("Parts of the scoring"))
        self.parts.setExpanding(False)
        self.parts.setDrawBase(False)
        for words in (t("My sheet"), t("Panel")):
            self.parts.addTab(words)
        outer.addWidget(self.parts)
        self._places = QStackedWidget()
        outer.addWidget(self._places, 1)
        self.stack = QStackedWidget()
        self._places.addWidget(self.stack)
        self._made: dict[str, Page] = {}
        self.parts.currentChanged.connect(lambda at: self._show_part(PARTS[at]))
        self._blank = QWidget()
        self.stack.addWidget(self._blank)
        self.choose = QWidget()
        self.stack.addWidget(self.choose)
        self.form = self._make_form()
        self.stack.addWidget(self.form)
        self.focus_target = self.tree

    # -- parts

    def part(self, code: str) -> Page:
        """Return another part than the sheet, made now where nobody opened it yet."""
        if code not in self._made:
            from assessor_app.ui.pages.panel import PanelPage

            made = PanelPage(self.context, self.visit)
            made.page_requested.connect(self.page_requested)
            self._made[code] = made
            self._places.addWidget(made)
        return self._made[code]

    def _show_part(self, code: str) -> None:
        self.context.flush_requested.emit()
        self._places.setCurrentWidget(self.stack if code == SHEET else self.part(code))

    def take(self, changes: ChangeSet) -> None:
        """Load again where a change is this page's, or a part's."""
        super().take(changes)
        for made in self._made.values():
            made.take(changes)

    def focus_main(self) -> None:
        """Give the keyboard to the main control of the part in front."""
        code = PARTS[self.parts.currentIndex()]
        if code == SHEET:
            super().focus_main()
        else:
            self.part(code).focus_main()

    # -- building

    def _make_form(self) -> QWidget:
        theme = self.theme
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.bar = ScoreBar(theme)
        column.addWidget(self.bar)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        left = QWidget()
        side = QVBoxLayout(left)
        side.setContentsMargins(theme.em(0.6), theme.em(0.4), theme.em(0.3), theme.em(0.4))
        self.only_open = QCheckBox(t("Only those not yet scored"))
        self.only_open.toggled.connect(self._show_only_open)
        side.addWidget(self.only_open)
        self.tree = QuestionTree(theme)
        self.tree.question_chosen.connect(self._on_chosen)
        self.tree.installEventFilter(self)
        side.addWidget(self.tree, 1)
        splitter.addWidget(left)
        self.right = QStackedWidget()
        self.card = QuestionCard(self.context, self.visit.id)
        self.card.score_chosen.connect(self._on_score)
        self.card.evidence_chosen.connect(lambda refs: self._write(evidence=refs))
        self.card.save_reason = self._save_reason
        self.card.step_requested.connect(self.tree.step)
        self.card.installEventFilter(self)
        for anchor in self.card.findChildren(QWidget):
            anchor.installEventFilter(self)
        self.right.addWidget(self.card)
        self.findings = FindingsPanel(self.context)
        self.right.addWidget(self.findings)
        splitter.addWidget(self.right)
        splitter.setStretchFactor(0, 2)
        splitter.setStretchFactor(1, 3)
        splitter.setSizes([theme.em(20), theme.em(34)])
        splitter.setChildrenCollapsible(False)
        column.addWidget(splitter, 1)
        return form

    def _show_choice(self, view: SheetView) -> None:
        """Ask which instrument this evaluation uses."""
        language = i18n.language()
        cards = {card.ref: card for card in view.choices}
        self.instrument_choice = Choice([
            (card.ref, (card.title_en if language == "en" else card.title_id)) for card in view.choices],
            view.choices[0].ref if view.choices else "")
        self.instrument_choice.setAccessibleName(t("Instrument"))
        self.instrument_choice.setMinimumWidth(self.theme.em(16))
        facts = label("", "muted")
        facts.setAlignment(Qt.AlignmentFlag.AlignCenter)

        def say() -> None:
            card = cards.get(self.instrument_choice.code())
            if card is not None:
                facts.setText(" · ".join((t("{0} questions").format(card.questions), t("version {0}").format(card.ref.rpartition("@")[2]),
                                          t("official") if card.official else t("our own example, not official"))))

        self.instrument_choice.chosen.connect(lambda _: say())
        say()
        self.begin = button(self.theme, t("Begin scoring"), self._begin, icon="scoring", part="main")
        self.begin.setEnabled(bool(view.choices))
        page = Empty(self.theme, "scoring", t("No scores yet"),
                     t("Choose the instrument. Your scores stay yours: nobody else sees this sheet before the panel is closed."))
        page.add(self.instrument_choice, wide=True)
        page.add(facts, wide=True)
        page.add(self.begin)
        at = self.stack.indexOf(self.choose)
        self.stack.removeWidget(self.choose)
        self.choose.deleteLater()
        self.choose = page
        self.stack.insertWidget(at, page)
        self.stack.setCurrentWidget(page)

    def _begin(self) -> None:
        ref, visit = self.instrument_choice.code(), self.visit.id
        self._begun = True
        self.begin.setEnabled(False)

        def write(unit: Any) -> str:
            return open_sheet(unit, visit, instrument_of(unit.session, ref))

        self.context.tasks.write(write, purpose="sheet.open", owner=self)

    # -- loading

    def main_control(self) -> QWidget | None:
        """Return the questions, or the choice of the instrument."""
        if self._view is not None and self._view.instrument is None:
            return self.instrument_choice if self.instrument_choice.isEnabled() else self.begin
        return self.tree

    def load(self) -> None:
        """Read the sheet anew."""
        self.read(sheet_view, self.visit.id, self.context.account.profile, done=self._show)

    def open_record(self, record: str) -> None:
        """Show a question by its id, the findings, or another part."""
        code = next((part for part in PARTS if record.startswith(part)), SHEET)
        self.parts.setCurrentIndex(PARTS.index(code))
        if code != SHEET:
            self.part(code).open_record(record.removeprefix(code))
            return
        self._wanted = record.removeprefix(SHEET)
        if self._instrument is not None:
            self._show_wanted()

    def _show(self, view: SheetView) -> None:
        if self.context.tasks.pending_writes:
            self.reload()  # a newer score is on its way to the disk: what was read may be older than the screen
            return
        self._view = view
        if view.instrument is None:
            self._instrument = None
            self._show_choice(view)
            return
        fresh = self._instrument is None or self._instrument.sha256 != view.instrument.sha256
        self._answers = dict(view.answers)
        if fresh:
            self._instrument = view.instrument
            self.tree.show_instrument(view.instrument, i18n.language())
        self.stack.setCurrentWidget(self.form)
        self.tree.show_answers(self._answers)
        self.findings.show_view(view)
        self._figures()
        if fresh:
            first = next((q.id for q in view.instrument.questions() if not self._score(q.id)), None)
            self.tree.choose(first or view.instrument.questions()[0].id)
        elif self.card.question is not None:
            self.card.load(self._row(self.card.question.id), locked=view.locked)
        self._show_wanted()
        if self._begun:
            self._begun = False
            QTimer.singleShot(0, self, self._focus_score)  # its buttons are shown only after this event

    def _focus_score(self) -> None:
        if self.card.buttons:
            self.card.buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_wanted(self) -> None:
        wanted, self._wanted = self._wanted, ""
        if wanted and self._instrument is not None:
            self.tree.choose(wanted if self._instrument.has(wanted) else FINDINGS)

    def _row(self, question: str) -> AnswerRow:
        return self._answers.get(question) or AnswerRow(question, "", "", ())

    def _score(self, question: str) -> str:
        return self._row(question).score

    def _show_only_open(self, on: bool) -> None:
        self.tree.show_only_open(on)

    def _figures(self) -> None:
        if self._instrument is not None:
            self.bar.show_figures(self._instrument, {q: row.score for q, row in self._answers.items()})

    # -- scoring

    def _on_chosen(self, question: str) -> None:
        if self._instrument is None or self._view is None:
            return
        self.card.flush()
        if question == FINDINGS:
            self.right.setCurrentWidget(self.findings)
        elif self._instrument.has(question):
            self.right.setCurrentWidget(self.card)
            scoring = any(made.hasFocus() for made in self.card.buttons)
            if scoring:
                self.tree.setFocus()  # the focused button may go with the last question: digits must not land elsewhere
            self.card.show_question(self._instrument, self._instrument.question(question), self._row(question),
                                    locked=self._view.locked)
            if scoring:
                QTimer.singleShot(0, self, self._focus_score)

    def _on_score(self, score: str) -> None:
        """Take a score at once, show what follows from it, and write it."""
        if self.card.question is None or self._view is None or self._view.locked:
            return
        row = replace(self._row(self.card.question.id), score=score)
        self._answers[row.question] = row
        self.card.show_score(score)
        self.tree.show_answers(self._answers)
        self._figures()
        self._write(score=score)
        if score == NOT_ASSESSED and not row.reason:
            self.card.reason.setFocus()

    def _save_reason(self, question: str, text: str) -> Future[Any]:
        sheet = self._view.sheet if self._view is not None else ""
        self._answers[question] = replace(self._row(question), reason=text)
        self.tree.show_answers(self._answers)
        return self.context.tasks.write(answer, sheet, question, reason=text, purpose="answer.reason", owner=self)

    def _write(self, **values: Any) -> None:
        if self._view is not None and self.card.question is not None:
            self.context.tasks.write(answer, self._view.sheet, self.card.question.id, purpose="answer.score", owner=self, **values)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Digits score from the tree and from the card, Ctrl and arrows go on, also out of the reason (Qt)."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.tree.step(1 if event.key() == Qt.Key.Key_Down else -1)
            return True
        typing = isinstance(watched, QPlainTextEdit) or isinstance(getattr(watched, "parent", lambda: None)(), QPlainTextEdit)
        question = self.card.question
        if typing or question is None or self.right.currentWidget() is not self.card:
            return False
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and (event.text() == NOT_ASSESSED or (event.text() and question.choice(event.text()) is not None)):
            self._on_score(event.text())
            return True
        if plain and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._on_score("")
            return True
        return False
