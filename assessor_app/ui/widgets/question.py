"""One question: its words, its scores with what earns each, the reason, the evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from fractions import Fraction
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from assessor_app import formats, i18n
from assessor_app.i18n import t
from assessor_app.models.instrument import NOT_ASSESSED, Group, Instrument, Note, Question
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.pick import Option
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import Card, Field, Flow, Scroller, button, clear, label, set_chip
from assessor_app.ui.widgets.editors import Autosave, NoteEdit
from assessor_app.ui.widgets.evidence import EvidenceField
from assessor_app.ui.widgets.history import History
from assessor_app.workflow.evaluating import wants_evidence
from assessor_app.workflow.queries.evidence import Evidence, evidence_options
from assessor_app.workflow.queries.scoring import AnswerRow


class AnchorButton(QPushButton):
    """A score and what earns it, as a button whose words go on in the next line."""

    def __init__(self, theme: Theme, score: str, shown: str, anchor: str) -> None:
        super().__init__()
        self.score = score
        self.setProperty("role", "anchor")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setAccessibleName(f"{shown}: {anchor}")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.em(0.6), theme.em(0.3), theme.em(0.6), theme.em(0.3))
        row.setSpacing(theme.em(0.6))
        number = QLabel(shown)
        number.setFont(theme.font(1.2, bold=True))
        number.setMinimumWidth(theme.em(1.0))
        number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text = label(anchor)
        row.addWidget(number)
        row.addWidget(text, 1)
        self._mark = QLabel()
        self._mark.setPixmap(theme.pixmap("check", theme.em(1), theme.colours.accent))
        policy = self._mark.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._mark.setSizePolicy(policy)
        self._mark.hide()
        row.addWidget(self._mark)
        for part in (number, text, self._mark):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.toggled.connect(self._mark.setVisible)
        sizes = self.sizePolicy()
        sizes.setHeightForWidth(True)
        self.setSizePolicy(sizes)

    def sizeHint(self) -> QSize:
        """Return the size of its words (Qt)."""
        layout = self.layout()
        return layout.sizeHint() if layout is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the least size (Qt)."""
        layout = self.layout()
        return layout.minimumSize() if layout is not None else super().minimumSizeHint()

    def hasHeightForWidth(self) -> bool:
        """Say that the height follows from the width (Qt)."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the words at that width (Qt)."""
        layout = self.layout()
        return layout.totalHeightForWidth(width) if layout is not None else super().heightForWidth(width)


class QuestionCard(Scroller):
    """Shows one question at a time; the same widgets serve all of them.

    Signals:
        score_chosen(str): a score, ``-`` or empty.
        evidence_chosen(list): refs of the evidence.
        step_requested(int): the next (1) or the last (-1) question.
        evidence_opened(str): show a piece of evidence beside, by its ref.
        page_wanted(): take a page of the plan's book as evidence.
    """

    score_chosen = Signal(str)
    evidence_chosen = Signal(list)
    step_requested = Signal(int)
    evidence_opened = Signal(str)
    page_wanted = Signal()

    def __init__(self, context: AppContext, visit: str, zone: str) -> None:
        super().__init__(context.theme, t("Question"), margin=0.6)
        self._context = context
        self._visit = visit
        self._language = i18n.language()
        self._known: dict[str, Evidence] = {}
        self._locked = False
        self._score = ""
        self._refs: tuple[str, ...] = ()
        self.question: Question | None = None
        self.save_reason: Callable[[str, str], Future[Any] | None] = lambda question, text: None
        self.reason_slot: Callable[[str], str] = lambda question: ""
        theme = context.theme
        self.card = self.add(Card(theme))
        self.where = self.card.add(label("", "small"))
        self.text = self.card.add(label("", "lead"))
        self.hint = self.card.add(label("", "muted"))
        chips = QWidget()
        flow = Flow(theme.em(0.3))
        chips.setLayout(flow)
        self._dimension, self.required, self.before = label("", "chip"), label("", "chip"), label("", "chip")
        for chip in (self._dimension, self.required, self.before):
            flow.addWidget(chip)
        self.card.add(chips)
        self._anchors = QVBoxLayout()
        self._anchors.setSpacing(theme.em(0.25))
        self.card.body.addLayout(self._anchors)
        self.buttons: list[AnchorButton] = []
        self.reason = NoteEdit(theme, 3, 12)
        self._reason_field = self.card.add(Field(theme, t("Reason"), self.reason))
        self.saver = Autosave(context, self.reason, self._save, slot=lambda: self.reason_slot(self.question.id) if self.question else "")
        self.evidence = EvidenceField(theme)
        self.evidence.opened.connect(self.evidence_opened)
        self.evidence.page_wanted.connect(self.page_wanted)
        self.evidence.options = self._evidence_options
        self.evidence.changed.connect(self._on_evidence)
        self.card.add(Field(theme, t("Evidence"), self.evidence))
        steps = QWidget()
        row = Flow(theme.em(0.4))
        steps.setLayout(row)
        row.addWidget(button(theme, t("Previous"), lambda: self.step_requested.emit(-1), icon="left", tip="Ctrl+↑"))
        row.addWidget(button(theme, t("Next"), lambda: self.step_requested.emit(1), icon="right", tip="Ctrl+↓"))
        self.clear_button = button(theme, t("Clear the score"), lambda: self.score_chosen.emit(""), part="quiet")
        row.addWidget(self.clear_button)
        self.card.add(steps)
        self.card.add(label(t("Keys: a digit scores, “-” is not assessed, Delete clears, Ctrl and arrows go on, "
                              "Ctrl+E opens the evidence beside."), "small"))
        self.history = self.card.add(History(context, zone))
        self.column.addStretch(1)

    def flush(self) -> None:
        """Save the reason now."""
        self.saver.flush()

    def show_question(self, instrument: Instrument, question: Question, row: AnswerRow, *, locked: bool, sheet: str = "",
                      before: Fraction | None = None) -> None:
        """Show another question with its answer; ``before`` is last year's panel score."""
        language = self._language
        same_list = self.question is not None and self.question.choices == question.choices
        self.question = question
        path, notes = _path(instrument.aspect(question.aspect), question, language)
        self.where.setText(" › ".join(path))
        self.text.setText(f"{question.code}  {question.label.get(language)}")
        self.hint.setText("\n".join((*notes, *([question.hint.get(language)] if question.hint else ()))))
        self.hint.setVisible(bool(self.hint.text()))
        set_chip(self._dimension, labels.dimension(question.sub_dimension or question.dimension))
        set_chip(self.before, t("Last year's panel: {0}").format(formats.number(before, 2)) if before is not None else "")
        self.history.show_of(sheet, question.id)
        if not same_list:
            self._make_anchors(question)
        self.saver.reset(row.reason)
        self.load(row, locked=locked)
        self.verticalScrollBar().setValue(0)

    def load(self, row: AnswerRow, *, locked: bool) -> None:
        """Show the answer as the notebook holds it; what is typed stays."""
        self._locked = locked
        self.saver.load(row.reason)
        self.reason.setReadOnly(locked)
        self.evidence.button.setEnabled(not locked)
        self.evidence.page.setEnabled(not locked)
        self.clear_button.setEnabled(not locked)
        for made in self.buttons:
            made.setEnabled(not locked)
        self.show_score(row.score)
        self._show_evidence(row.evidence)

    def show_score(self, score: str) -> None:
        """Mark the chosen score."""
        for made in self.buttons:
            made.setChecked(bool(score) and made.score == score)
        self._score = score
        self._say_required()
        wanting = score == NOT_ASSESSED and not self.reason.toPlainText().strip()
        self._reason_field.say(t("“Not assessed” needs its reason.") if wanting else "", wrong=wanting)

    def _say_required(self) -> None:
        """Say whether evidence is required, and whether it is there."""
        question = self.question
        if question is None or not question.evidence_required:
            set_chip(self.required, "")
        elif wants_evidence(question, self._score, self._refs):
            set_chip(self.required, t("Required evidence is missing"), "bad")
        else:
            set_chip(self.required, t("Evidence required"), "good" if self._refs else "warn")

    def _make_anchors(self, question: Question) -> None:
        clear(self._anchors)
        self.buttons = [AnchorButton(self._context.theme, choice.score, choice.score, choice.label.get(self._language))
                        for choice in sorted(question.choices, key=lambda c: c.value)]
        self.buttons.append(AnchorButton(self._context.theme, NOT_ASSESSED, "–", t("Not assessed (with a reason; counts nowhere)")))
        for made in self.buttons:
            made.clicked.connect(lambda _=False, score=made.score: self.score_chosen.emit(score))
            for watcher in self._watchers():
                made.installEventFilter(watcher)
            self._anchors.addWidget(made)

    def _watchers(self) -> list[Any]:
        from assessor_app.ui.pages.page import Page

        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, Page):
            parent = parent.parentWidget()
        return [parent] if parent is not None else []

    def _save(self, text: str) -> Future[Any] | None:
        return self.save_reason(self.question.id, text) if self.question is not None else None

    def _evidence_options(self, use: Callable[[Sequence[Option]], None]) -> None:
        def show(found: tuple[Evidence, ...]) -> None:
            self._known = {one.ref: one for one in found}
            use([Option(one.ref, one.text, one.detail) for one in found])

        self._context.tasks.read(evidence_options, self._visit, done=show, owner=self)

    def _on_evidence(self, refs: list[str]) -> None:
        self._show_evidence(refs)
        self.evidence_chosen.emit(refs)

    def _show_evidence(self, refs: Sequence[str]) -> None:
        self._refs = tuple(refs)
        self._say_required()
        missing = [ref for ref in refs if ref not in self._known]
        if missing:
            def show(found: tuple[Evidence, ...]) -> None:
                self._known = {one.ref: one for one in found}
                self._show_known(refs)

            self._context.tasks.read(evidence_options, self._visit, done=show, owner=self, key=f"evidence-{id(self)}")
        self._show_known(refs)

    def _show_known(self, refs: Sequence[str]) -> None:
        self.evidence.show_options([Option(ref, self._known[ref].text if ref in self._known else t("(not on this device yet)"))
                                    for ref in refs])


def _path(group: Group, question: Question, language: str) -> tuple[list[str], list[str]]:
    """Return the headings over a question and the guidance notes that stand before it."""
    path, notes = [group.label.get(language)], [item.label.get(language) for item in group.items if isinstance(item, Note)]
    for item in group.items:
        if isinstance(item, Group) and any(q.id == question.id for q in item.questions()):
            deeper, more = _path(item, question, language)
            return path + deeper, notes + more
    return path, notes
