"""A table model over frozen rows, described by its columns; rows are replaced as a whole and what is chosen stays chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

R = TypeVar("R")
Index = QModelIndex | QPersistentModelIndex

#: The record's id, and what a column sorts by.
IdRole = Qt.ItemDataRole.UserRole + 1
SortRole = Qt.ItemDataRole.UserRole + 2
RowRole = Qt.ItemDataRole.UserRole + 3


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column: what it shows, what it sorts by, and how a person edits it in place.

    ``edit(row, text)`` returns what is wrong with the text, or an empty text after it started the write.
    """

    title: str
    show: Callable[[R], str]
    sort: Callable[[R], Any] | None = None
    value: Callable[[R], str] | None = None  # what the editor begins with, default: what is shown
    edit: Callable[[R, str], str] | None = None
    choices: tuple[tuple[str, str], ...] = ()  # (code, words): the editor is a list then
    number: bool = False
    width: float = 8.0  # in em
    tip: Callable[[R], str] | None = None
    icon: Callable[[R], QIcon | None] | None = None


class RowsModel(QAbstractTableModel, Generic[R]):
    """Shows ``rows`` by ``columns``; ``id_of`` names a row's record."""

    def __init__(
        self, columns: Sequence[Column[R]], id_of: Callable[[R], str], rows: Sequence[R] = (),
        *, wrong: Callable[[str], None] | None = None, parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._id_of = id_of
        self._rows: tuple[R, ...] = tuple(rows)
        self._wrong = wrong
        self.locked = False

    @property
    def rows(self) -> tuple[R, ...]:
        """The rows as they are shown, before any sorting by a view."""
        return self._rows

    def set_rows(self, rows: Sequence[R]) -> None:
        """Show other rows; where only contents changed the view keeps its place, choice and open editor."""
        new = tuple(rows)
        if [self._id_of(row) for row in new] == [self._id_of(row) for row in self._rows]:
            changed = [at for at, (old, row) in enumerate(zip(self._rows, new, strict=True)) if old != row]
            self._rows = new
            for at in changed:
                self.dataChanged.emit(self.index(at, 0), self.index(at, len(self.columns) - 1))
            return
        self.beginResetModel()
        self._rows = new
        self.endResetModel()

    def row(self, index: Index) -> R | None:
        """Return the row behind an index of this model."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def find(self, record: str) -> QModelIndex:
        """Return the index of a record, invalid where it is not shown."""
        for at, row in enumerate(self._rows):
            if self._id_of(row) == record:
                return self.index(at, 0)
        return QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of rows (Qt)."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of columns (Qt)."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return one property of one cell (Qt)."""
        row = self.row(index)
        if row is None:
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.show(row)
        if role == Qt.ItemDataRole.EditRole:
            return column.value(row) if column.value is not None else column.show(row)
        if role == Qt.ItemDataRole.TextAlignmentRole and column.number:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title}: {column.show(row)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tip(row) if column.tip is not None else None
        if role == Qt.ItemDataRole.DecorationRole:
            return column.icon(row) if column.icon is not None else None
        if role == IdRole:
            return self._id_of(row)
        if role == SortRole:
            return column.sort(row) if column.sort is not None else column.show(row).casefold()
        if role == RowRole:
            return row
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the title of a column (Qt)."""
        if orientation == Qt.Orientation.Horizontal and 0 <= section < len(self.columns):
            if role == Qt.ItemDataRole.DisplayRole:
                return self.columns[section].title
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter  # the arrow of the order stands at the right
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return what may be done with a cell (Qt)."""
        flags = super().flags(index)
        if index.isValid() and self.columns[index.column()].edit is not None and not self.locked:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was typed into a cell (Qt); the notebook's answer comes back as a new row."""
        row = self.row(index)
        if row is None or role != Qt.ItemDataRole.EditRole or self.locked:
            return False
        column = self.columns[index.column()]
        text = str(value).strip()
        before = column.value(row) if column.value is not None else column.show(row)
        if column.edit is None or text == before:
            return False
        wrong = column.edit(row, text)
        if wrong and self._wrong is not None:
            self._wrong(wrong)
        return not wrong
