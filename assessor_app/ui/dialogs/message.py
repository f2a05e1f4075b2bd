"""The two boxes that stop the person: an error, and a question with a safe default."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.ui.dialogs.base import Dialog, theme_of
from assessor_app.ui.said import Message
from assessor_app.ui.widgets.basics import button, label


class MessageDialog(Dialog):
    """Says what could not be done, what to do now, and what was not lost."""

    def __init__(self, message: Message, parent: QWidget | None) -> None:
        super().__init__(theme_of(parent), message.title, parent)
        row = QHBoxLayout()
        mark = QLabel()
        mark.setPixmap(self.theme.pixmap("error", self.theme.em(1.8), self.theme.colours.bad))
        mark.setAlignment(Qt.AlignmentFlag.AlignTop)
        row.addWidget(mark)
        row.setSpacing(self.theme.em(0.7))
        column = QVBoxLayout()
        column.addWidget(label(message.title, "lead"))
        for text in (message.text, message.hint):
            if text:
                column.addWidget(label(text))
        if message.faults:
            faults = QPlainTextEdit("\n".join(message.faults))
            faults.setReadOnly(True)
            faults.setTabChangesFocus(True)
            faults.setAccessibleName(t("What is wrong, one fault a line"))
            faults.setMinimumHeight(self.theme.em(7))
            column.addWidget(faults)
        if message.kept:
            column.addWidget(label(message.kept, "good"))
        row.addLayout(column, 1)
        self.body.addLayout(row)
        if message.faults:
            copied = "\n".join((message.title, *message.faults))
            self.footer(button(self.theme, t("Copy the list"), lambda: QApplication.clipboard().setText(copied), icon="document"))
        self.footer(button(self.theme, t("Close"), self.accept, part="main"))


class QuestionDialog(Dialog):
    """Asks; Escape and the default are the answer that changes nothing."""

    def __init__(self, title: str, text: str, yes: str, no: str, danger: bool, parent: QWidget | None) -> None:
        super().__init__(theme_of(parent), title, parent)
        self.body.addWidget(label(title, "lead"))
        if text:
            self.body.addWidget(label(text))
        keep = button(self.theme, no, self.reject)
        self.footer(keep)
        self.footer(button(self.theme, yes, self.accept, part="danger" if danger else "main"))
        if danger:
            keep.setFocus()

    def ask(self) -> bool:
        """Return the answer."""
        return bool(self.exec())
