"""Asks for a folder that is made anew: where, and by what name; one that is there already is never stepped into or written over."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from assessor_app.i18n import t
from assessor_app.oneline import file_name
from assessor_app.ui.dialogs import files
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import Field, button, label
from assessor_app.ui.widgets.editors import LineEdit


class NewFolderDialog(Dialog):
    """Asks for the name of a new folder and the place where it is made."""

    def __init__(self, theme: Theme, title: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, title, parent, width=30)
        self._place = Path(files.place())
        self.name = LineEdit()
        self.name_field = Field(theme, t("Name of the new folder"), self.name)
        self.body.addWidget(self.name_field)
        self.offer = button(theme, "", self._take_offer, icon="check")
        self.body.addWidget(self.offer, 0, Qt.AlignmentFlag.AlignLeft)
        self.where = label("")
        self.where_field = Field(theme, t("It is made in"), self.where)
        self.body.addWidget(self.where_field)
        self.body.addWidget(button(theme, t("Another place…"), self._choose), 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)
        self.footer(cancel_button(self))
        self.ok = self.footer(button(theme, t("Make the folder"), self.accept, icon="out", part="main"))
        self.name.textChanged.connect(lambda _: self._look())
        self._show_place()
        self.name.setText(self._free(file_name(name)))
        self.name.selectAll()
        self.name.setFocus()

    def target(self) -> Path:
        """Return the folder that is to be made."""
        return self._place / self._typed()

    def accept(self) -> None:
        """Go on where nothing is there by that name yet: it may have come meanwhile (Qt)."""
        self._look()
        if self.ok.isEnabled():
            files.keep(str(self.target()))
            super().accept()

    def _typed(self) -> str:
        return file_name(self.name.text())

    def _free(self, name: str) -> str:
        """Return the name, or the first with a number behind it that nothing bears yet."""
        found, number = name, 1
        while (self._place / found).exists():
            number += 1
            found = f"{name} ({number})"
        return found

    def _look(self) -> None:
        name, typed = self._typed(), self.name.text().strip()
        there = bool(name) and self.target().exists()
        said = "" if name == typed else t("A name is wanted here, not a path or signs that a system does not take. The folder will be "
                                          "called “{0}”.").format(name)
        if not name:
            said = t("The folder needs a name.")
        elif there:
            said = t("“{0}” is there already; nothing is written over it. Type another name.").format(name)
        self.name_field.say(said, wrong=there or not name)
        self.offer.setText(t("Take “{0}”").format(self._free(name)) if there else "")
        self.offer.setVisible(there)
        self.ok.setEnabled(bool(name) and not there)
        self.adjust()

    def _take_offer(self) -> None:
        self.name.setText(self._free(self._typed()))
        self.name.setFocus()

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, t("It is made in"), str(self._place))
        if chosen:
            self._place = Path(chosen)
            self._show_place()
            self._look()

    def _show_place(self) -> None:
        self.where.setText(str(self._place))


def new_folder(theme: Theme, parent: QWidget, title: str, name: str) -> Path | None:
    """Return a folder that is not there yet, or None; the next question begins at its place."""
    if files.chosen:
        return files.chosen.popleft()
    dialog = NewFolderDialog(theme, title, name, parent)
    return dialog.target() if dialog.exec() else None
