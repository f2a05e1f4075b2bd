"""What this program is, and its keys."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from assessor_app import __version__
from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog
from assessor_app.ui.widgets.basics import button, label


class AboutDialog(Dialog):
    """Names the program, its version and what it is made of."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("About Asesor"), parent, width=26)
        mark = QLabel()
        mark.setPixmap(context.theme.pixmap("asesor", context.theme.em(4)))
        self.body.addWidget(mark)
        self.body.addWidget(label(f"Asesor {__version__}", "title"))
        self.body.addWidget(label(t("Field assessment of smart cities: noted offline, scored, signed, synchronised.")))
        made_of = t("Apache-2.0. Regions: idn-area-data (ODbL). Typeface: Source Sans 3 (OFL). Made with Qt for Python (LGPL).")
        self.body.addWidget(label(made_of, "small"))
        self.footer(button(context.theme, t("Close"), self.accept, part="main"))


class KeysDialog(Dialog):
    """Lists the keys."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Keyboard"), parent, width=30)
        grid = QGridLayout()
        grid.setHorizontalSpacing(context.theme.em(1))
        for row, (keys, text) in enumerate((
            ("Ctrl+N", t("New visit")), ("Ctrl+Shift+N", t("New note")), ("Ctrl+F", t("Find")),
            ("Alt+1 … Alt+5", t("The five pages of a visit")),
            ("Ctrl+B", t("Show or hide the visits")), ("0 … 9", t("Score the question")), ("-", t("Not assessed")),
            ("Delete", t("Clear the score, or delete the row")), ("Ctrl+↑  Ctrl+↓", t("Previous and next question")),
            ("F2, Enter", t("Edit a cell of a table")), ("Ctrl+C  Ctrl+X  Ctrl+V", t("Copy, cut and paste cells of the programmes")),
            ("Alt+↑  Alt+↓", t("Sort by the column")), ("Ctrl+Delete", t("Delete the chosen programmes")),
            ("Ctrl+Z  Ctrl+Y", t("Undo while typing; undo and redo in the programmes")),
            ("Ctrl+Shift+Z", t("Undo the last change")), ("F5", t("Synchronise")), ("Shift+F5", t("Pause, or go on")),
            ("F6", t("What goes, what came, what waits")), ("Ctrl+T", t("Courier file")), ("Ctrl+R", t("Ready to leave?")),
            ("Ctrl+D", t("Differences")), ("Ctrl+Shift+R", t("Record, or end the recording")),
            ("Ctrl+Shift+G", t("Interview guide beside the note")), ("Ctrl+J", t("The guide's next question into the note")),
            ("Ctrl+H  Ctrl+U", t("Heading, list")), ("#  @", t("Tag, person")), ("F7", t("Next unknown word")),
            ("Ctrl+K", t("Verify a document")), ("Ctrl+Shift+K", t("Find by printed code")),
            ("Ctrl+L", t("Lock")), ("Ctrl++  Ctrl+-", t("Larger and smaller text")),
        )):
            key = label(keys, wrap=False)
            key.setFont(context.theme.font(bold=True))
            grid.addWidget(key, row, 0)
            grid.addWidget(label(text), row, 1)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        self.footer(button(context.theme, t("Close"), self.accept, part="main"))
