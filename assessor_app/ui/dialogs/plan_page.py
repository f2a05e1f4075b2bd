"""Taking pages of the plan's book as evidence: which book, which pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from assessor_app import given
from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.dialogs.files import open_file
from assessor_app.ui.widgets.basics import Field, button, label
from assessor_app.ui.widgets.editors import LineEdit
from assessor_app.workflow.plan_pages import attach_pages, read_range


class PlanPageDialog(Dialog):
    """Asks for the pages and what the book is called."""

    def __init__(self, context: AppContext, file: Path, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Page of the plan"), parent, width=28)
        self.body.addWidget(label(file.name, "lead"))
        self.body.addWidget(label(t("Only these pages are kept, as a file of their own."), "muted"))
        self.title = LineEdit()
        self.title.setText(file.stem)
        self.body.addWidget(Field(context.theme, t("Book"), self.title))
        self.pages = LineEdit()
        self.pages.setPlaceholderText("37-39")
        self.body.addWidget(Field(context.theme, t("Pages"), self.pages))
        self.footer(cancel_button(self))
        self.footer(button(context.theme, t("Attach"), self._take, part="main"))
        self.pages.setFocus()

    def _take(self) -> None:
        try:
            read_range(self.pages.text())
        except BadInput as e:
            self.complain(e.title)
            return
        self.accept()


def attach_plan_page(context: AppContext, parent: QWidget, visit: str, done: Callable[[str], None]) -> None:
    """Ask for a book and its pages, attach them to a visit and tell the attachment's id."""
    file = open_file(parent, t("Page of the plan"), f"PDF (*.pdf);;{t('All files')} (*)")
    if file is None:
        return
    dialog = PlanPageDialog(context, file, parent)
    if not dialog.exec():
        return
    account, pages, title = context.account, dialog.pages.text(), dialog.title.text()
    context.tasks.run(lambda job: attach_pages(account, visit, given.read(file), file.name, pages, title), title=t("Reading the book…"),
                      done=done, owner=parent, cancellable=False)
