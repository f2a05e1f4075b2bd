"""The books of a plan as files: adding PDFs, what each is called, taking one out."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from assessor_app import formats, given
from assessor_app.errors import AppError, BadInput
from assessor_app.i18n import nt, t
from assessor_app.models.kinds import BookType, Kind
from assessor_app.refusals import why
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.dialogs.files import open_files
from assessor_app.ui.tasks import Job
from assessor_app.ui.widgets.basics import Field, button, label
from assessor_app.ui.widgets.editors import Choice, LineEdit
from assessor_app.workflow import books
from assessor_app.workflow.editing import delete, edit
from assessor_app.workflow.queries.books import BookRow


class BookDialog(Dialog):
    """Edits a book's kind and title; ``removed`` tells that it is to be taken out."""

    def __init__(self, context: AppContext, row: BookRow, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Book of the plan"), parent, width=28)
        self.removed = False
        self.body.addWidget(label(" · ".join((row.name, nt("{n} page", "{n} pages", row.pages), formats.size(row.size))), "muted"))
        self.type = Choice([(code.value, labels.book(code)) for code in BookType], row.type)
        self.body.addWidget(Field(context.theme, t("Which book"), self.type))
        self.title = LineEdit()
        self.title.setText(row.title)
        self.body.addWidget(Field(context.theme, t("Title"), self.title))
        self.footer(button(context.theme, t("Take out…"), self._remove, icon="trash", part="danger"), left=True)
        self.footer(cancel_button(self))
        self.footer(button(context.theme, t("Keep"), self.accept, part="main"))

    def _remove(self) -> None:
        self.removed = True
        self.reject()


def edit_book(context: AppContext, parent: QWidget, row: BookRow) -> None:
    """Ask what a book is called, or take it out."""
    dialog = BookDialog(context, row, parent)
    kept = dialog.exec()
    if dialog.removed:
        context.tasks.write(delete, Kind.BOOK, row.id, purpose="book.delete", owner=parent)
        context.notify.info(t("The book was taken out of the plan."), t("Undo brings it back."))
    elif kept:
        context.tasks.write(edit, Kind.BOOK, row.id, purpose="book.edit", owner=parent, type=dialog.type.code(),
                            title=dialog.title.text().strip(), slot=f"{row.id}.book")


def add_books(context: AppContext, parent: QWidget, region: str) -> None:
    """Ask for PDFs and add them; one that is no book does not keep the others out."""
    files = open_files(parent, t("Add books"), f"{t('Books')} (*.pdf);;{t('All files')} (*)")
    account = context.account

    def work(job: Job) -> tuple[list[books.NewBook], list[str]]:
        made: list[books.NewBook] = []
        faults: list[str] = []
        for number, file in enumerate(files):
            job.report(number, len(files), file.name)
            try:
                made.append(books.read_book(account.blobs, given.read(file), file.name))
            except AppError as e:
                faults.append(f"{file.name}: " + " ".join(part for part in (e.title, e.hint) if part))
            except OSError as e:
                faults.append(f"{file.name}: {t('The file cannot be read.')} {why(e)}")
        return made, faults

    def read(found: tuple[list[books.NewBook], list[str]]) -> None:
        made, faults = found
        for new in made:
            context.tasks.write(books.add_book, region, new, purpose="book.create", owner=parent)
        added = nt("{n} book was added.", "{n} books were added.", len(made))
        if faults:
            context.notify.error(BadInput(nt("{n} file was not added.", "{n} files were not added.", len(faults)), tuple(faults),
                                          kept=added if made else t("Nothing in the notebook changed.")))
        elif made:
            context.notify.good(added)

    if files:
        context.tasks.run(work, title=t("Reading the books…"), done=read, owner=parent)
