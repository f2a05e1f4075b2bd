"""Finding a document by its printed code: a scanner types it and presses Enter, a person types the id or the digits."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from assessor_app.i18n import t
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog
from assessor_app.ui.widgets.basics import Field, button, label, quiet_table
from assessor_app.ui.widgets.editors import LineEdit
from assessor_app.ui.widgets.whole_rows import WholeRows
from assessor_app.workflow import codes
from assessor_app.workflow.codes import CodeHit

#: So many documents are in sight at once.
_SHOWN = 3


class FindCodeDialog(Dialog):
    """Shows what a printed code leads to in this notebook.

    Signals:
        document_chosen(str, str): visit and document to show.
    """

    document_chosen = Signal(str, str)

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Find by printed code"), parent, width=32)
        self._context = context
        self.hits: list[CodeHit] = []
        self.body.addWidget(label(t("Scan the code of a print, or type its address, the id at its end, the digits beside it, or the "
                                    "document's number. It is looked up in this notebook, without a line.")))
        self.code = LineEdit()
        self.field = Field(context.theme, t("Code, id, digits or number"), self.code)
        self.body.addWidget(self.field)
        self.list = QListWidget()
        self.list.setAccessibleName(t("What was found"))
        WholeRows(self.list)
        quiet_table(self.list)
        self.list.itemActivated.connect(lambda _: self._open())
        self.list.hide()
        self.body.addWidget(self.list)
        self.body.addStretch(1)
        self.footer(button(context.theme, t("Close"), self.reject))
        self.show_it = self.footer(button(context.theme, t("Open the document"), self._open, icon="document"))
        self.show_it.setEnabled(False)
        self.look = self.footer(button(context.theme, t("Find"), self.look_up, icon="search", part="main"))
        self.code.setFocus()

    def look_up(self) -> None:
        """Look the code up; the newest question wins."""
        text = self.code.text()
        self._context.tasks.read(codes.find, text, done=self._show, key="code", owner=self)

    def _show(self, hits: list[CodeHit]) -> None:
        self.hits = hits
        self.list.clear()
        for hit in hits:
            name = " ".join(part for part in (labels.document(hit.type), hit.number) if part)
            lines = [name, " · ".join(part for part in (hit.region, labels.state(hit.state)) if part)]
            if hit.digits_match is not None:
                lines.append(t("The printed digits are those on record.") if hit.digits_match else
                             t("The printed digits are NOT those on record: the print belongs to another document, or was changed."))
            if not hit.here:
                lines.append(t("The document's file is not on this device yet."))
            item = QListWidgetItem(self.theme.icon("document" if hit.digits_match is not False else "error", self.theme.colours.muted),
                                   "\n".join(lines))
            self.list.addItem(item)
        self.list.setVisible(bool(hits))
        self.list.setFixedHeight(self.theme.em(1))
        self.adjust()  # its width, and with it its lines, are known now
        self.list.setFixedHeight(sum(self.list.sizeHintForRow(at) for at in range(min(len(hits), _SHOWN))) + 2 * self.list.frameWidth() + 2)
        self.show_it.setEnabled(bool(hits))
        nothing = t("No document in this notebook has this code. Ask the centre: the printed address leads to its page.")
        self.field.say("" if hits else nothing, wrong=not hits)
        if hits:
            self.list.setCurrentRow(0)
        else:
            self.code.selectAll()
        self.adjust()

    def _open(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self.hits):
            self.accept()
            self.document_chosen.emit(self.hits[row].visit, self.hits[row].document)
