"""The line under a note: what the selected passage can be made into."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from assessor_app import ids
from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.dialogs.pick import Option, PickDialog
from assessor_app.ui.widgets.basics import Field, FlowRow, button, label
from assessor_app.ui.widgets.dates import DateField
from assessor_app.ui.widgets.editors import LineEdit, NoteEdit
from assessor_app.workflow import passages
from assessor_app.workflow.queries.interviews import Link, programme_links, question_links


class PassageBar(QFrame):
    """Offers what to do with the passage that is selected in an editor."""

    def __init__(self, context: AppContext, visit: str, editor: NoteEdit, note: Callable[[], str]) -> None:
        super().__init__()
        self._context, self._visit, self._editor, self._note = context, visit, editor, note
        self.setProperty("role", "banner")
        theme = context.theme
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.em(0.5), theme.em(0.3), theme.em(0.5), theme.em(0.3))
        column.addWidget(label(t("The selected passage:"), "small"))
        self.evidence = button(theme, t("Evidence for a question…"), self._evidence, icon="clip")
        self.remark = button(theme, t("Remark on a programme…"), self._remark, icon="plan")
        self.action = button(theme, t("Action for an agency…"), self._action, icon="check")
        column.addWidget(FlowRow(theme, self.evidence, self.remark, self.action))
        self.hide()
        editor.selectionChanged.connect(self._on_selected)

    def passage(self) -> str:
        """Return the selected passage."""
        return self._editor.textCursor().selectedText().replace("\u2029", "\n").strip()

    def _on_selected(self) -> None:
        self.setVisible(bool(self.passage()))

    def _pick(self, title: str, links: Sequence[Link]) -> tuple[str, ...]:
        dialog = PickDialog(self._context.theme, title, [Option(link.id, link.text, link.detail) for link in links], (), self)
        return tuple(dialog.chosen()) if dialog.exec() else ()

    def _write(self, work: Callable[..., Any], *args: Any, purpose: str, said: str) -> None:
        self._context.flush_requested.emit()
        self._context.tasks.write(work, self._note(), *args, purpose=purpose, owner=self, slot=f"{ids.new_id()}.passage",
                                  done=lambda _: self._context.notify.good(said))

    def _evidence(self) -> None:
        assessor = self._context.account.profile

        def ask(links: tuple[Link, ...]) -> None:
            if not links:
                self._context.notify.info(t("There is no evaluation on this visit yet."),
                                          t("Choose an instrument on the page Scoring first."))
                return
            questions = self._pick(t("Evidence for which questions?"), links)
            if questions:
                self._write(passages.as_evidence, questions, purpose="answer.evidence", said=t("The note is linked as evidence."))

        def query(session: Session) -> tuple[Link, ...]:
            return question_links(session, self._visit, assessor)

        self._context.tasks.read(query, done=ask, owner=self)

    def _remark(self) -> None:
        passage = self.passage()

        def ask(links: tuple[Link, ...]) -> None:
            for programme in self._pick(t("Remark on which programme?"), links):
                self._write(passages.as_remark, programme, passage, purpose="programme.remark",
                            said=t("The passage stands with this year of the programme."))

        self._context.tasks.read(programme_links, self._visit, done=ask, owner=self)

    def _action(self) -> None:
        dialog = ActionDialog(self._context, self.passage(), self)
        if dialog.exec():
            self._write(passages.as_action, dialog.body_field.toPlainText(), dialog.agency.text().strip(), dialog.due.value(),
                        purpose="action.create", said=t("The action is on the list of the visit."))


class ActionDialog(Dialog):
    """Asks who shall do what by when."""

    def __init__(self, context: AppContext, passage: str, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Action for an agency"), parent, width=30)
        self.body_field = NoteEdit(context.theme, 4, 10)
        self.body_field.setPlainText(passage)
        self.body_field.check_spelling(context)
        self.agency = LineEdit()
        self.due = DateField(context.theme, t("By when"))
        self.body.addWidget(Field(context.theme, t("What is to be done"), self.body_field))
        self.body.addWidget(Field(context.theme, t("Agency"), self.agency))
        self.body.addWidget(Field(context.theme, t("By when"), self.due))
        self.footer(cancel_button(self))
        self.footer(button(context.theme, t("Keep"), self.accept, part="main"))

    def accept(self) -> None:
        """Take it, once it says what and who (Qt)."""
        missing = [] if self.body_field.toPlainText().strip() else [t("What is to be done is missing.")]
        missing += [] if self.agency.text().strip() else [t("Name the agency.")]
        if not self.complain(" ".join(missing)):
            super().accept()
