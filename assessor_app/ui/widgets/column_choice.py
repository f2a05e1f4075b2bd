"""What each column of somebody's table is taken for: its heading, a choice of fields, and its first rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from assessor_app.i18n import t
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.editors import Choice

#: How many of the first rows stand beside the proposed meaning.
SAMPLES = 3


class SheetColumn(NamedTuple):
    """A column as the sheet has it: its letter and heading, the field that it is taken for, and its first cells."""

    letter: str
    heading: str
    field: str
    samples: Sequence[str]
    label: str = ""  # the field's name, where it is this column's alone


class ColumnChoice(QTableWidget):
    """Lets a person correct what the columns of the sheet ``name`` are taken for; ``words`` are the fields with their names."""

    field_chosen = Signal(int, str)

    def __init__(self, theme: Theme, name: str, words: list[tuple[str, str]], columns: Sequence[SheetColumn], *,
                 wide: tuple[int, int], most: int) -> None:
        super().__init__(len(columns), 2 + SAMPLES)
        self.setAccessibleName(t("Columns of sheet {0}").format(name))
        self.setHorizontalHeaderLabels([t("Column"), t("Taken for"), *(t("Row {0}").format(n + 1) for n in range(SAMPLES))])
        self.verticalHeader().hide()
        self.horizontalHeader().setAccessibleName(t("Column headings"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)  # a cell in one line, cut at its end and not at its first word
        for line, column in enumerate(columns):
            self.setItem(line, 0, QTableWidgetItem(f"{column.letter}  {column.heading}"))
            choice = Choice(words if column.field in dict(words) else [*words, (column.field, column.label)], column.field)
            choice.setAccessibleName(t("Column {0} is taken for").format(column.letter))
            choice.chosen.connect(partial(self.field_chosen.emit, line))
            self.setCellWidget(line, 1, choice)
            for n, sample in enumerate(column.samples):
                item = QTableWidgetItem(sample)
                item.setToolTip(sample)
                self.setItem(line, 2 + n, item)
        height = theme.em(2.1)
        self.verticalHeader().setDefaultSectionSize(height)
        for at, width in enumerate(wide):
            self.setColumnWidth(at, theme.em(width))
        for at in range(2, 2 + SAMPLES):
            self.horizontalHeader().setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)
        self.setFixedHeight(min(len(columns), most) * height + theme.em(2.4))

    def show_fields(self, fields: Sequence[str]) -> None:
        """Show what the columns are taken for now."""
        for line, field in enumerate(fields):
            choice = self.cellWidget(line, 1)
            if isinstance(choice, Choice) and choice.code() != field:
                choice.set(field)
