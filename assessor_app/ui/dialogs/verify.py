"""Verifying any document: who signed, whether a byte changed, whether it is the recorded revision, whether it is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog
from assessor_app.ui.dialogs.files import open_file
from assessor_app.ui.widgets.basics import Card, button, label

if TYPE_CHECKING:
    from assessor_app.workflow.verdicts import Finding


class VerifyDialog(Dialog):
    """Shows the answers apart, and their sum last."""

    def __init__(self, context: AppContext, name: str, result: dict[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Verify a document"), parent, width=36)
        from assessor_app.workflow import verdicts

        self.body.addWidget(label(name, "lead"))
        self.answers: list[str] = []
        card = Card(self.theme, t("Signatures"))
        for finding in verdicts.signature_findings(result):
            self._answer(card, finding)
        for stamp in result["timestamps"]:
            told = "" if stamp["trusted"] else f" ({t('not trusted here')})"
            self._answer(card, verdicts.Finding(True if stamp["trusted"] else None, t("Timestamp over all: {0}").format(
                verdicts.when(stamp["time"])), f"{stamp['authority']}{told}"))
        self.body.addWidget(card)
        if result["signatures"]:  # nothing signed: there is nothing to ask of the rest
            facts = Card(self.theme, t("The file"))
            for finding in verdicts.answers(result):
                self._answer(facts, finding)
            self.body.addWidget(facts)
        for code in result["problems"]:
            self.body.addWidget(label(verdicts.problem_text(code), "bad"))
        for code in result["remarks"]:
            self.body.addWidget(label(verdicts.remark_text(code), "warn"))
        whole = label(verdicts.verdict_text(result), "title")
        self.body.addWidget(whole)
        self.answers.append(whole.text())
        self.footer(button(self.theme, t("Close"), self.accept, part="main"))

    def _answer(self, card: Card, finding: Finding) -> None:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        mark = QLabel()
        colours, good = self.theme.colours, finding.good
        icon, colour = ("info", colours.muted) if good is None else ("check", colours.good) if good else ("error", colours.bad)
        mark.setPixmap(self.theme.pixmap(icon, self.theme.em(1.2), colour))
        row.addWidget(mark)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(finding.title))
        if finding.detail:
            words.addWidget(label(finding.detail, "small"))
        row.addLayout(words, 1)
        card.add(line)
        self.answers.append(f"{finding.title}: {finding.detail}")


def verify_bytes(context: AppContext, parent: QWidget, pdf: bytes, name: str) -> None:
    """Verify a document in a process of its own and show the answers."""
    from assessor_app.workflow.verifying import verify_file

    account = context.account if context.unlocked else None
    context.tasks.run(lambda job: verify_file(account, pdf), title=t("Verifying…"), owner=parent,
                      done=lambda result: VerifyDialog(context, name, result, parent).exec())


def verify_any(context: AppContext, parent: QWidget) -> None:
    """Ask for any PDF and verify it."""
    from assessor_app.workflow.verifying import read_file, verify_file

    file = open_file(parent, t("Verify a document"), f"PDF (*.pdf);;{t('All files')} (*)")
    if file is not None:
        account = context.account if context.unlocked else None
        context.tasks.run(lambda job: verify_file(account, read_file(file)), title=t("Verifying…"), owner=parent,
                          done=lambda result: VerifyDialog(context, file.name, result, parent).exec())
