"""What a book of the plan is: its kind and title; taking it out of the plan."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from assessor_app import formats
from assessor_app.i18n import nt, t
from assessor_app.models.kinds import BookType
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.widgets.basics import Field, button, label
from assessor_app.ui.widgets.editors import Choice, LineEdit
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
