"""Printing: what will come out is seen beside its printer, pages, copies, paper and grey; then the job is followed to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from assessor_app.errors import AppError, BadInput
from assessor_app.i18n import t
from assessor_app.ui import printing
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.printing import Target, Way
from assessor_app.ui.tasks import Job
from assessor_app.ui.widgets.basics import Field, button, label
from assessor_app.ui.widgets.editors import Choice, LineEdit, Number
from assessor_app.ui.widgets.preview import Preview, page_sizes
from assessor_app.workflow.printing import MOST_COPIES, JobState, PrintWish, Progress, QueueJob, Watch, cancel, pages_of

#: How often a queue is asked about a job that is under way, and about one that is held up, in milliseconds.
LOOK_MS, LOOK_HELD_MS = 1000, 10_000
_TYPED_MS = 300


class PrintForm(QWidget):
    """The printer and how it shall print."""

    def __init__(self, context: AppContext, targets: list[Target], *, pages: bool = True) -> None:
        super().__init__()
        self._targets = targets
        theme = context.theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.em(0.6))
        self.target = Choice([(str(at), one.label) for at, one in enumerate(targets)], "0")
        column.addWidget(Field(theme, t("Printer"), self.target))
        self.pages = LineEdit()
        self.pages.setPlaceholderText(t("all"))
        self._pages = Field(theme, t("Pages"), self.pages, t("Such as 1-3, 5; empty for all"))
        self._pages.setVisible(pages)
        column.addWidget(self._pages)
        self.copies = Number(theme, 1, MOST_COPIES, 1)
        column.addWidget(Field(theme, t("Copies"), self.copies))
        self.paper = Choice([("", t("as the document is")), ("A4", t("A4 (210 × 297 mm)")), ("F4", t("F4 (215 × 330 mm)"))])
        column.addWidget(Field(theme, t("Paper"), self.paper))
        self.grey = QCheckBox(t("In shades of grey"))
        column.addWidget(self.grey)
        self.hint = label("", "small")
        column.addWidget(self.hint)
        self.target.currentIndexChanged.connect(lambda _: self._on_target())
        self._on_target()

    def chosen(self) -> Target:
        """Return the chosen printer."""
        return self._targets[int(self.target.code() or 0)]

    def wish(self) -> PrintWish:
        """Return what is wanted; where another program prints, that program asks."""
        if self.chosen().way is Way.HANDLER:
            return PrintWish()
        return PrintWish(self.pages.text(), self.copies.value(), self.paper.code(), self.grey.isChecked())

    def say_pages(self, text: str) -> None:
        """Say what is wrong with the pages."""
        self._pages.say(text or t("Such as 1-3, 5; empty for all"), wrong=bool(text))

    def _on_target(self) -> None:
        way = self.chosen().way
        for control in (self.pages, self.copies, self.paper, self.grey):
            control.setEnabled(way is not Way.HANDLER)
        self.hint.setText({Way.HANDLER: t("The program prints on the default printer, all pages, once."),
                           Way.DRAWN: t("The pages are sent as pictures.")}.get(way, ""))
        self.hint.setVisible(bool(self.hint.text()))


class PrintDialog(Dialog):
    """Shows a document as it will be printed, and asks how."""

    def __init__(self, context: AppContext, title: str, pdf: bytes, targets: list[Target], parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Print"), parent, width=48, height=34)
        self._pdf, self._count = pdf, len(page_sizes(pdf))
        theme = context.theme
        self.body.addWidget(label(title, "lead"))
        row = QHBoxLayout()
        row.setSpacing(theme.em(1))
        self.preview = Preview(context)
        row.addWidget(self.preview, 3)
        side = QVBoxLayout()
        self.form = PrintForm(context, targets)
        self.form.setFixedWidth(theme.em(15))
        side.addWidget(self.form)
        side.addWidget(label(t("A printout cannot be verified by itself: its code leads back to the file."), "small"))
        side.addStretch(1)
        row.addLayout(side)
        self.body.addLayout(row, 1)
        self.footer(cancel_button(self))
        self.print = self.footer(button(theme, t("Print"), self.accept, icon="print", part="main"))
        self._typed = QTimer(self, singleShot=True, interval=_TYPED_MS)
        self._typed.timeout.connect(self.refresh)
        self.form.pages.textChanged.connect(lambda _: self._typed.start())
        self.form.grey.toggled.connect(lambda _: self.refresh())
        self.form.target.currentIndexChanged.connect(lambda _: self.refresh())
        self.refresh()

    def pages(self) -> tuple[int, ...] | None:
        """Return the wanted pages, from 0; None for all. Raise BadInput."""
        wish = self.form.wish()
        return pages_of(wish.pages, self._count) if wish.pages.strip() else None

    def refresh(self) -> None:
        """Show what would be printed now."""
        try:
            wanted = self.pages()
        except BadInput as wrong:
            self.form.say_pages(f"{wrong.title} {wrong.hint}")
            self.print.setEnabled(False)
            return
        self.form.say_pages("")
        self.print.setEnabled(True)
        self.preview.show_pdf(self._pdf, wanted, grey=self.form.wish().grey)

    def accept(self) -> None:
        """Take it, unless the pages cannot be read (Qt)."""
        self.refresh()
        if self.print.isEnabled():
            super().accept()


class BatchDialog(Dialog):
    """Asks which documents are printed in one go, and how."""

    def __init__(self, context: AppContext, names: list[str], targets: list[Target], parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Print several documents"), parent, width=30)
        self.body.addWidget(label(t("Each document is sent by itself, in this order."), "muted"))
        self.boxes: list[QCheckBox] = []
        for name in names:
            box = QCheckBox(name)
            box.setChecked(True)
            box.toggled.connect(lambda _: self._on_ticked())
            self.body.addWidget(box)
            self.boxes.append(box)
        self.form = PrintForm(context, [one for one in targets if one.way is not Way.HANDLER] or targets, pages=False)
        self.body.addWidget(self.form)
        self.footer(cancel_button(self))
        self.print = self.footer(button(context.theme, t("Print"), self.accept, icon="print", part="main"))

    def chosen(self) -> list[int]:
        """Return which documents are ticked."""
        return [at for at, box in enumerate(self.boxes) if box.isChecked()]

    def _on_ticked(self) -> None:
        self.print.setEnabled(bool(self.chosen()))


class Follower(QObject):
    """Asks the queue about a job until it has ended, and says what the person must know."""

    def __init__(self, context: AppContext, parent: QWidget, job: QueueJob, title: str) -> None:
        super().__init__(parent.window())
        self._context, self._watch, self._title = context, Watch(job), title
        self._held = False
        self._timer = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Ask once."""
        self._context.tasks.call(self._watch.look, done=self._hear, owner=self, failed=lambda _: self.deleteLater())

    def _hear(self, state: JobState) -> None:
        notify, name = self._context.notify, self._watch.job.queue
        if state.progress is Progress.PRINTED:
            notify.good(t("Printed: {0}.").format(self._title))
        elif state.progress is Progress.FAILED:
            notify.error(AppError(t("The printer {0} gave the document up: {1}").format(name, self._title), state.remark,
                                  t("Check that the printer is on and connected, then try again."),
                                  t("The document itself is safe in the notebook.")))
        elif state.progress is Progress.HELD_UP and not self._held:
            self._held = True
            notify.warn(t("The printer {0} does not take the document: {1}").format(name, self._title),
                        " ".join((state.remark, t("It waits in the queue and is printed when the printer is ready."))).strip(),
                        action=t("Take it out of the queue"), act=self._cancel)
        if state.ended:
            self._timer.stop()
            self.deleteLater()
        else:
            self._timer.start(LOOK_HELD_MS if self._held else LOOK_MS)

    def _cancel(self) -> None:
        job = self._watch.job
        self._context.tasks.call(lambda: cancel(job), owner=self,
                                 done=lambda _: self._context.notify.good(t("Taken out of the queue: {0}.").format(self._title)))


def print_document(context: AppContext, parent: QWidget, pdf: bytes, title: str, sent: Callable[[], None] | None = None) -> None:
    """Print a document; says when it was sent, or why not; ``sent`` is called only when it was."""
    def ask(targets: list[Target]) -> None:
        if not _some(context, targets):
            return
        dialog = PrintDialog(context, title, pdf, targets, parent)
        if dialog.exec() == PrintDialog.DialogCode.Accepted:
            target, wish, pages = dialog.form.chosen(), dialog.form.wish(), dialog.pages()
            context.tasks.run(
                lambda job: printing.print_on(target, pdf, title, wish, pages, lambda done, total: job.report(done, total)),
                title=t("Printing…"), owner=parent, cancellable=target.way is Way.DRAWN, done=lambda job: heard(target, job))

    def heard(target: Target, job: QueueJob | None) -> None:
        context.notify.good(t("Sent to the printer {0}.").format(target.label))
        if job is not None:
            Follower(context, parent, job, title)
        if sent is not None:
            sent()

    context.tasks.call(printing.targets, done=ask, owner=parent)


def print_several(context: AppContext, parent: QWidget, documents: list[tuple[str, Callable[[], bytes]]]) -> None:
    """Print documents (name, how to read it) in one go; one that fails does not keep the others from the printer."""
    def ask(targets: list[Target]) -> None:
        if not _some(context, targets):
            return
        dialog = BatchDialog(context, [name for name, _ in documents], targets, parent)
        if dialog.exec() == BatchDialog.DialogCode.Accepted:
            target, wish = dialog.form.chosen(), replace(dialog.form.wish(), pages="")
            chosen = [documents[at] for at in dialog.chosen()]
            context.tasks.run(lambda job: work(job, target, wish, chosen), title=t("Printing…"), owner=parent,
                              done=lambda ends: heard(target, ends))

    def work(job: Job, target: Target, wish: PrintWish,
             chosen: list[tuple[str, Callable[[], bytes]]]) -> list[tuple[str, QueueJob | AppError | None]]:
        out: list[tuple[str, QueueJob | AppError | None]] = []
        for number, (name, read) in enumerate(chosen):
            job.report(number, len(chosen), name)
            try:
                out.append((name, printing.print_on(target, read(), name, wish, None)))
            except AppError as e:
                out.append((name, e))
        return out

    def heard(target: Target, ends: list[tuple[str, QueueJob | AppError | None]]) -> None:
        failed = [(name, end) for name, end in ends if isinstance(end, AppError)]
        for name, end in ends:
            if isinstance(end, QueueJob):
                Follower(context, parent, end, name)
        said = t("{0} of {1} documents were sent to the printer {2}.").format(len(ends) - len(failed), len(ends), target.label)
        if failed:
            context.notify.error(BadInput(said, tuple(f"{name}: {end.title} {end.message}".strip() for name, end in failed),
                                          hint=t("Check that the printer is on and connected, then try again."),
                                          kept=t("The documents themselves are safe in the notebook.")))
        else:
            context.notify.good(said)

    context.tasks.call(printing.targets, done=ask, owner=parent)


def _some(context: AppContext, targets: list[Target]) -> bool:
    if not targets:
        context.notify.error(AppError(t("No printer is set up on this computer."),
                                      hint=t("Set one up, or save a copy and print it elsewhere."),
                                      kept=t("The document itself is safe in the notebook.")))
    return bool(targets)
