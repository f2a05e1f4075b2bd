"""Choosing the questions that something is evidence for."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from sqlalchemy.orm import Session

from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.pick import Option, PickDialog
from assessor_app.workflow.evaluating import add_evidence, evidenced_by
from assessor_app.workflow.queries.interviews import Link, question_links


def choose_questions(context: AppContext, parent: QWidget, visit: str, ref: str) -> None:
    """Ask which questions of the person's own sheet ``ref`` (``kind:id``) is evidence for, and write just these."""
    assessor = context.account.profile

    def query(session: Session) -> tuple[tuple[Link, ...], tuple[str, ...]]:
        return question_links(session, visit, assessor), evidenced_by(session, visit, assessor, ref)

    def ask(read: tuple[tuple[Link, ...], tuple[str, ...]]) -> None:
        links, before = read
        if not links:
            context.notify.info(t("There is no evaluation on this visit yet."), t("Choose an instrument on the page Scoring first."))
            return
        dialog = PickDialog(context.theme, t("Evidence for which questions?"), [Option(link.id, link.text) for link in links], list(before),
                            parent)
        if not dialog.exec() or set(dialog.chosen()) == set(before):
            return
        said = t("The passage is linked as evidence.") if dialog.chosen() else t("The passage is no longer evidence.")
        context.tasks.write(add_evidence, visit, ref, tuple(dialog.chosen()), purpose="answer.evidence", owner=parent,
                            done=lambda _: context.notify.good(said))

    context.tasks.read(query, done=ask, owner=parent)
