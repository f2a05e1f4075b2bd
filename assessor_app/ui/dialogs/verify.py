"""Verifying any document: who signed, whether a byte changed, whether it is the recorded revision, whether it is whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assessor_app import formats
from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog
from assessor_app.ui.dialogs.files import open_file
from assessor_app.ui.widgets.basics import Card, button, label


class VerifyDialog(Dialog):
    """Shows the answers apart, and their sum last."""

    def __init__(self, context: AppContext, name: str, result: dict[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Verify a document"), parent, width=36)
        from assessor_app.workflow.verdicts import problem_text, trust_text, verdict_text

        self.body.addWidget(label(name, "lead"))
        self.answers: list[str] = []
        signatures = result["signatures"]
        card = Card(self.theme, t("Signatures"))
        for signature in signatures:
            moment = datetime.fromisoformat(signature["claimed_time"]).astimezone() if signature["claimed_time"] else None
            when = formats.date_time(moment, moment.tzname() or "") if moment else "–"
            good = signature["intact"] and signature["valid"]
            self._answer(card, good, signature["signer"], " · ".join((
                t("unchanged since the signature") if good else t("CHANGED since the signature, or not valid"),
                trust_text(signature["trust"]), t("time claimed by the device: {0}").format(when),
                t("timestamped") if signature["timestamp"] else t("no timestamp"))))
        if not signatures:
            self._answer(card, False, t("No signature"), "")
        self.body.addWidget(card)
        facts = Card(self.theme, t("The file"))
        intact = bool(signatures) and all(s["intact"] and s["valid"] for s in signatures)
        trusted = bool(signatures) and all(s["trusted"] for s in signatures)
        named = bool(signatures) and all(s["trusted"] or s["trust"] == "named" for s in signatures)
        self._answer(facts, intact, t("Unchanged under the signatures"), t("yes") if intact else t("no"))
        self._answer(facts, True if trusted else None if named else False, t("Signers known"), t("yes") if trusted
                     else t("the assessor; the official only through the minutes that the assessor signed") if named
                     else t("nobody we trust vouches for a signer"))
        self._answer(facts, result["covers_whole_file"], t("Whole file covered"), t("yes") if result["covers_whole_file"] else t("no"))
        recorded = result["as_recorded"]
        self._answer(facts, recorded, t("The revision on record"),
                     t("no record at hand") if recorded is None else t("yes") if recorded else t("no, another one"))
        if signatures:
            self.body.addWidget(facts)
        else:
            facts.deleteLater()  # nothing signed: there is nothing to ask of the rest
        for code in result["problems"]:
            self.body.addWidget(label(problem_text(code), "bad"))
        whole = label(verdict_text(result), "title")
        self.body.addWidget(whole)
        self.answers.append(whole.text())
        self.footer(button(self.theme, t("Close"), self.accept, part="main"))

    def _answer(self, card: Card, good: bool | None, text: str, detail: str) -> None:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        mark = QLabel()
        colours = self.theme.colours
        icon, colour = ("info", colours.muted) if good is None else ("check", colours.good) if good else ("error", colours.bad)
        mark.setPixmap(self.theme.pixmap(icon, self.theme.em(1.2), colour))
        row.addWidget(mark)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(text))
        if detail:
            words.addWidget(label(detail, "small"))
        row.addLayout(words, 1)
        card.add(line)
        self.answers.append(f"{text}: {detail}")


def verify_bytes(context: AppContext, parent: QWidget, pdf: bytes, name: str) -> None:
    """Verify a document in a process of its own and show the answers."""
    from assessor_app.workflow.documents import verify_file

    account = context.account if context.unlocked else None
    context.tasks.run(lambda job: verify_file(account, pdf), title=t("Verifying…"), owner=parent,
                      done=lambda result: VerifyDialog(context, name, result, parent).exec())


def verify_any(context: AppContext, parent: QWidget) -> None:
    """Ask for any PDF and verify it."""
    file = open_file(parent, t("Verify a document"), f"PDF (*.pdf);;{t('All files')} (*)")
    if file is not None:
        try:
            data = file.read_bytes()
        except OSError as fault:
            context.notify.error(fault)
            return
        verify_bytes(context, parent, data, file.name)
