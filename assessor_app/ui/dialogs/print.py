"""Printing a document: to a queue of the system, with its number of copies; drawn by Qt where there is no queue."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QSpinBox, QWidget

from assessor_app.i18n import t
from assessor_app.ui import printing
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.widgets.basics import Field, button, label
from assessor_app.ui.widgets.editors import Choice


class PrintDialog(Dialog):
    """Asks for the printer and the copies."""

    def __init__(self, context: AppContext, title: str, queues: list[str], parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Print"), parent, width=24)
        self.body.addWidget(label(title, "lead"))
        self.queue = Choice([(name, name) for name in queues], queues[0])
        self.body.addWidget(Field(context.theme, t("Printer"), self.queue))
        self.copies = QSpinBox()
        self.copies.setRange(1, 20)
        self.copies.setAccessibleName(t("Copies"))
        self.body.addWidget(Field(context.theme, t("Copies"), self.copies))
        self.body.addWidget(label(t("A printout cannot be verified by itself: its code leads back to the file."), "small"))
        self.footer(cancel_button(self))
        self.footer(button(context.theme, t("Print"), self.accept, icon="print", part="main"))


def print_document(context: AppContext, parent: QWidget, pdf: bytes, title: str, sent: Callable[[], None] | None = None) -> None:
    """Print a document; says when it was sent, or why not; ``sent`` is called only when it was."""
    def said(text: str) -> None:
        context.notify.good(text)
        if sent is not None:
            sent()

    def ask(queues: list[str]) -> None:
        if not queues:
            if printing.print_drawn(pdf, title, parent):
                said(t("Sent to the printer."))
            return
        dialog = PrintDialog(context, title, queues, parent)
        if dialog.exec():
            queue, copies = dialog.queue.code(), dialog.copies.value()
            context.tasks.run(lambda job: printing.print_pdf(pdf, title, queue, copies), title=t("Printing…"), owner=parent,
                              cancellable=False, done=lambda _: said(t("Sent to the printer {0}.").format(queue)))

    context.tasks.call(printing.queues, done=ask, owner=parent)
