"""Moving a draft to a newer version of its instrument: what is lost is shown before anything happens."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from assessor_app import i18n
from assessor_app.i18n import nt, t
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.widgets.basics import button, label
from assessor_app.workflow.moving import Move, move, what_changes


class MoveDialog(Dialog):
    """Shows what a move changes."""

    def __init__(self, context: AppContext, change: Move, parent: QWidget | None = None) -> None:
        version = change.ref.partition("@")[2]
        super().__init__(context.theme, t("Move to version {0}").format(version), parent, width=38)
        self.body.addWidget(label(nt("{n} answer stays", "{n} answers stay", change.kept), "lead"))
        lines = []
        for one in change.lost:
            words = one.text_en if i18n.language() == "en" else one.text_id
            why = t("the question is gone") if one.gone else t("score {0} is not in the new list").format(one.score)
            lines.append(f"{one.code}  {words}: {why}" + (f"\n    {one.reason}" if one.reason.strip() else ""))
        lost = nt("{n} answer is lost", "{n} answers are lost", len(change.lost)) if change.lost else t("No answer is lost")
        self.body.addWidget(label(lost, "warn" if change.lost else "good"))
        self.said = QPlainTextEdit("\n".join(lines))
        self.said.setReadOnly(True)
        self.said.setTabChangesFocus(True)
        self.said.setAccessibleName(t("What is lost"))
        self.said.setFixedHeight(context.theme.em(9))
        self.said.setVisible(bool(lines))
        self.body.addWidget(self.said)
        for words, codes in ((t("New questions"), change.new), (t("Questions whose words or anchors changed"), change.reworded)):
            if codes:
                self.body.addWidget(label(f"{words}: " + ", ".join(codes)))
        self.body.addWidget(label(t("Undo takes the whole move back. Without it this sheet stays on its version."), "muted"))
        self.footer(cancel_button(self))
        self.footer(button(context.theme, t("Move to version {0}").format(version), self.accept, part="main"))


def offer_move(context: AppContext, parent: QWidget, sheet: str, ref: str) -> None:
    """Show what a move to another version changes, and make it where the person says so."""
    def ask(change: Move) -> None:
        if MoveDialog(context, change, parent).exec():
            context.tasks.write(move, sheet, ref, purpose="sheet.move", owner=parent, done=lambda _: context.notify.good(
                t("The sheet is on version {0} now.").format(ref.partition("@")[2])))

    context.tasks.read(what_changes, sheet, ref, done=ask, owner=parent)
