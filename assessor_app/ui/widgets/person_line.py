"""A person of a note in a line: who it is, whether the consent stands, and what can be done."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import icon_button, label, set_chip
from assessor_app.workflow.queries.people import PersonRow


class PersonLine(QWidget):
    """Shows an official or a respondent.

    Signals:
        opened(PersonRow): the details are wanted.
        rights_requested(PersonRow): everything held about the person is wanted.
        erase_requested(PersonRow): everything about the person is to be erased.
    """

    opened = Signal(object)
    rights_requested = Signal(object)
    erase_requested = Signal(object)

    def __init__(self, theme: Theme, person: PersonRow) -> None:
        super().__init__()
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.em(0.1))
        row.setSpacing(theme.em(0.3))
        erased = not person.official and not person.name  # no dialog keeps a person without a name
        named = f"{person.full_name} ({person.detail})" if person.detail else person.full_name
        row.addWidget(label(person.detail if erased else named), 1)
        column.addLayout(row)
        if not person.official:
            chip = label("", "chip")
            if erased:
                set_chip(chip, t("Data erased"))
            else:
                set_chip(chip, t("Consent given") if person.may_leave else t("No valid consent"), "good" if person.may_leave else "warn")
            column.addWidget(chip, 0, Qt.AlignmentFlag.AlignLeft)  # below, so that large text does not ask for a wide line
        if erased:
            return
        name = t("Change {0}").format(person.name) if person.official else t("Details and consent of {0}").format(person.name)
        row.addWidget(icon_button(theme, "settings", name, lambda: self.opened.emit(person)))
        everything = t("Everything held about {0}").format(person.name)
        row.addWidget(icon_button(theme, "info", everything, lambda: self.rights_requested.emit(person)))
        if not person.official:
            erase = t("Erase everything about {0}").format(person.name)
            row.addWidget(icon_button(theme, "trash", erase, lambda: self.erase_requested.emit(person)))
