"""Penilaian: the person's own sheet as a form, a tree of its questions beside the chosen one; the panel beside it in its own tab."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from assessor_app import i18n
from assessor_app.i18n import nt, t
from assessor_app.models.changes import ChangeSet
from assessor_app.models.instrument import NOT_ASSESSED, Instrument, Question
from assessor_app.models.kinds import Kind
from assessor_app.ui.context import AppContext
from assessor_app.ui.models.questions import FINDINGS
from assessor_app.ui.pages.names import INTERVIEWS, PLAN
from assessor_app.ui.pages.page import Page, agree
from assessor_app.ui.widgets.instrument_choice import InstrumentChoice
from assessor_app.ui.widgets.question_list import REASON
from assessor_app.ui.widgets.sheet_form import SheetForm, answers_over, slot_of
from assessor_app.workflow.evaluating import answer, instrument_of, open_sheet, wants_evidence
from assessor_app.workflow.queries.panel import last_scores
from assessor_app.workflow.queries.scoring import AnswerRow, SheetView, sheet_view
from assessor_app.workflow.queries.visits import VisitRow

#: The parts of the page; a record that begins with one of these names leads to it.
SHEET, PANEL, SURVEYS = "sheet:", "panel:", "survey:"
PARTS = (SHEET, SURVEYS, PANEL)


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
        self._before: dict[str, Fraction] = {}
        self._before_read = False
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.parts = QTabBar()
        self.parts.setAccessibleName(t("Parts of the scoring"))
        self.parts.setExpanding(False)
        self.parts.setDrawBase(False)
        for words in (t("My sheet"), t("Impact surveys"), t("Panel")):
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
            from assessor_app.ui.pages.surveys import SurveysPage

            made: Page = (PanelPage if code == PANEL else SurveysPage)(self.context, self.visit)
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

    def _make_form(self) -> SheetForm:
        form = SheetForm(self.context, self.visit)
        self.bar, self.tree, self.card, self.list = form.bar, form.tree, form.card, form.list
        self.findings, self.right, self.beside = form.findings, form.right, form.beside
        self.only_open, self.as_list, self.wanting = form.only_open, form.as_list, form.wanting
        self.only_open.toggled.connect(self._show_only_open)
        self.as_list.toggled.connect(self._show_as_list)
        self.tree.question_chosen.connect(self._on_chosen)
        self.card.score_chosen.connect(self._on_score)
        self.card.evidence_chosen.connect(self._on_evidence)
        self.card.evidence_opened.connect(self._open_evidence)
        self.card.page_wanted.connect(self._take_page)
        self.card.save_reason = self._save_reason
        self.card.reason_slot = lambda question: self._slot(question, "reason")
        self.card.step_requested.connect(self.tree.step)
        for watched in (self.tree, self.card, *self.card.findChildren(QWidget)):
            watched.installEventFilter(self)
        self.beside.closed.connect(form.close_evidence)
        self.beside.record_requested.connect(self._go_to_evidence)
        self.findings.action_wanted.connect(partial(agree, self))
        self.list.score_chosen.connect(self._on_list_score)
        self.list.question_opened.connect(self._open_alone)
        self.list.save_reason = self._save_reason
        return form

    def _show_choice(self, view: SheetView) -> None:
        """Ask which instrument this evaluation uses."""
        page = InstrumentChoice(self.theme, view.choices)
        page.begun.connect(self._begin)
        self.instrument_choice, self.begin = page.choice, page.begin
        at = self.stack.indexOf(self.choose)
        self.stack.removeWidget(self.choose)
        self.choose.deleteLater()
        self.choose = page
        self.stack.insertWidget(at, page)
        self.stack.setCurrentWidget(page)

    def _begin(self, ref: str) -> None:
        visit = self.visit.id
        self._begun = True

        def write(unit: Any) -> str:
            return open_sheet(unit, visit, instrument_of(unit.session, ref))

        self.context.tasks.write(write, purpose="sheet.open", owner=self)

    # -- loading

    def main_control(self) -> QWidget | None:
        """Return the questions, or the choice of the instrument."""
        if self._view is not None and self._view.instrument is None:
            return self.instrument_choice if self.instrument_choice.isEnabled() else self.begin
        return self.list.table if self.as_list.isChecked() else self.tree

    def load(self) -> None:
        """Read the sheet anew."""
        self.read(sheet_view, self.visit.id, self.context.account.profile, done=self._show)
        if not self._before_read:
            self._before_read = True
            self.context.tasks.read(last_scores, self.visit.id, done=self._show_before, owner=self)

    def _show_before(self, before: dict[str, Fraction]) -> None:
        """Show last year's panel scores, which are read from its signed report and may come a moment later."""
        self._before = before
        if before and self._instrument is not None and self.card.question is not None:
            self._show_card(self.card.question.id)
            self._show_answers()

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
        self._answers = answers_over(self.context.unsaved, view)
        if fresh:
            self._instrument = view.instrument
            self.tree.show_instrument(view.instrument, i18n.language())
        self.stack.setCurrentWidget(self.form)
        self._show_answers()
        self.findings.show_view(view)
        self.form.show_newer(view)
        self._figures()
        if fresh:
            first = next((q.id for q in view.instrument.questions() if not self._score(q.id)), None)
            self.tree.choose(first or view.instrument.questions()[0].id)
        elif self.card.question is not None:
            self.card.load(self._row(self.card.question.id), locked=view.locked)
            self.card.history.load()
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
        self.list.show_only_open(on)

    def _show_as_list(self, on: bool) -> None:
        self.context.flush_requested.emit()
        self.form.show_as_list(on)
        if on:
            self._show_answers()
            self.list.choose(self.tree.current())
            self.list.table.setFocus()
        else:
            self._open_alone(self.list.table.current_id())

    def _open_alone(self, question: str) -> None:
        self.as_list.setChecked(False)
        self.tree.choose(question)
        self.tree.setFocus()

    def _is_open(self, question: Question) -> bool:
        row = self._row(question.id)
        return not row.score or (row.score == NOT_ASSESSED and not row.reason.strip()) or wants_evidence(question, row.score, row.evidence)

    def _show_answers(self) -> None:
        """Show the answers in tree or list, and how many lack required evidence."""
        if self._instrument is None or self._view is None:
            return
        self.tree.show_answers(self._answers, {q.id for q in self._instrument.questions() if self._is_open(q)})
        wanting = [q.code for q in self._instrument.questions() if wants_evidence(q, self._row(q.id).score, self._row(q.id).evidence)]
        some = ", ".join(wanting[:4]) + (" …" if len(wanting) > 4 else "")
        self.wanting.setText(nt("{n} score without required evidence", "{n} scores without required evidence", len(wanting))
                             + f": {some}" if wanting else "")
        if self.as_list.isChecked():
            self.list.show_rows(self._instrument, self._answers, self._before, self._is_open, locked=self._view.locked)

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
            self._show_card(question)
            if scoring:
                QTimer.singleShot(0, self, self._focus_score)

    def _show_card(self, question: str) -> None:
        if self._instrument is not None and self._view is not None:
            self.card.show_question(self._instrument, self._instrument.question(question), self._row(question),
                                    locked=self._view.locked, sheet=self._view.sheet, before=self._before.get(question))
            if self.beside.isVisible():
                self._open_evidence(self.card.evidence.first())

    def _on_score(self, score: str) -> None:
        """Take a score at once, show what follows from it, and write it."""
        if self.card.question is not None and self._take_score(self.card.question.id, score):
            self.card.show_score(score)
            if score == NOT_ASSESSED and not self._row(self.card.question.id).reason:
                self.card.reason.setFocus()

    def _on_list_score(self, question: str, score: str) -> None:
        if self._take_score(question, score) and score == NOT_ASSESSED and not self._row(question).reason:
            index = self.list.table.currentIndex().siblingAtColumn(REASON)
            self.list.table.setCurrentIndex(index)
            self.list.table.edit(index)

    def _take_score(self, question: str, score: str) -> bool:
        if self._view is None or self._view.locked:
            return False
        self._answers[question] = replace(self._row(question), score=score)
        self._show_answers()
        self._figures()
        self._write(question, score=score)
        return True

    def _save_reason(self, question: str, text: str) -> Future[Any]:
        sheet = self._view.sheet if self._view is not None else ""
        self._answers[question] = replace(self._row(question), reason=text)
        self._show_answers()
        return self.context.tasks.write(answer, sheet, question, reason=text, purpose="answer.reason", owner=self,
                                        slot=self._slot(question, "reason"))

    def _write(self, question: str, **values: Any) -> None:
        if self._view is not None:
            self.context.tasks.write(answer, self._view.sheet, question, purpose="answer.score", owner=self,
                                     slot=self._slot(question, ",".join(values)), **values)

    def _slot(self, question: str, name: str) -> str:
        return slot_of(self._view.sheet, question, name) if self._view is not None else ""

    # -- evidence

    def _on_evidence(self, refs: list[str]) -> None:
        if self.card.question is not None:
            question = self.card.question.id
            self._answers[question] = replace(self._row(question), evidence=tuple(refs))
            self._show_answers()
            self._write(question, evidence=refs)

    def _open_evidence(self, ref: str) -> None:
        if not ref:
            self.form.close_evidence()
            return
        self.form.open_evidence(ref)

    def _toggle_evidence(self) -> None:
        if self.beside.isVisible():
            self.form.close_evidence()
        else:
            self._open_evidence(self.card.evidence.first())

    def _go_to_evidence(self, ref: str) -> None:
        if ref.startswith(SURVEYS):
            self.open_record(ref)
            return
        kind, _, record = ref.partition(":")
        page = {Kind.INTERVIEW.value: INTERVIEWS, Kind.PROGRAMME.value: PLAN, Kind.MARK.value: PLAN}.get(kind)
        if page is not None:
            self.page_requested.emit(page, ref if kind == Kind.MARK else record)

    def _take_page(self) -> None:
        from assessor_app.ui.dialogs.plan_page import attach_plan_page

        question = self.card.question
        if question is None or self._view is None or self._view.locked:
            return

        def linked(record: str) -> None:
            refs = [*self._row(question.id).evidence, f"{Kind.ATTACHMENT}:{record}"]
            self._answers[question.id] = replace(self._row(question.id), evidence=tuple(refs))
            self._write(question.id, evidence=refs)

        attach_plan_page(self.context, self, self.visit.id, linked)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Digits score from tree and card; Ctrl and arrows go on, Ctrl+E opens the evidence, also out of the reason (Qt)."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.tree.step(1 if event.key() == Qt.Key.Key_Down else -1)
            return True
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.key() == Qt.Key.Key_E:
            self._toggle_evidence()
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
