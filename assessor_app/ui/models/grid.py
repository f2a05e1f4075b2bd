"""A table model of thousands of frozen rows: it sorts and filters them itself, and changes as a whole instead of row by row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QIcon

from assessor_app.ui.models.rows import IdRole, RowRole, SortRole

R = TypeVar("R")
Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CHOSEN = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
_EDITABLE = _CHOSEN | Qt.ItemFlag.ItemIsEditable
_DISPLAY, _EDIT = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole


@dataclass(frozen=True)
class GridColumn(Generic[R]):
    """One column: the field that it shows, in words; what it sorts by; how it leaves by the clipboard; how it is edited."""

    field: str
    title: str
    show: Callable[[R], str]
    sort: Callable[[R], Any] | None = None
    value: Callable[[R], str] | None = None  # what the editor begins with, default: what is shown
    copy: Callable[[R], str] | None = None  # default: what is shown
    choices: tuple[tuple[str, str], ...] = ()  # (code, words): the editor is a list then
    editable: bool = True
    number: bool = False
    long: bool = False  # several lines
    width: float = 8.0  # in em
    tip: Callable[[R], str] | None = None
    icon: Callable[[R], QIcon | None] | None = None

    def text(self, row: R) -> str:
        """Return the cell as the clipboard takes it."""
        return self.copy(row) if self.copy is not None else self.show(row)


class GridModel(QAbstractTableModel, Generic[R]):
    """Rows in the order that was asked for last: an edited row stays where it is until somebody sorts or filters again.

    Signals:
        typed(str, str, str): a person typed into a cell: the record, the field, the text.
        shown_changed(): other rows are shown now.
    """

    typed = Signal(str, str, str)
    shown_changed = Signal()

    def __init__(self, columns: Sequence[GridColumn[R]], id_of: Callable[[R], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.locked = False
        self.accept: Callable[[R], bool] | None = None
        self.title_of: Callable[[R], str] | None = None  # what a row is called where the column that says so is out of sight
        self.order: tuple[str, bool] = (self.columns[0].field, False) if self.columns else ("", False)  # field, falling
        self._id_of = id_of
        self._all: dict[str, R] = {}
        self._shown: list[str] = []

    # -- rows

    @property
    def rows(self) -> tuple[R, ...]:
        """Every row, also those that are not shown."""
        return tuple(self._all.values())

    @property
    def shown(self) -> list[R]:
        """The rows as they are shown."""
        return [self._all[record] for record in self._shown]

    def set_columns(self, columns: Sequence[GridColumn[R]]) -> None:
        """Show other columns."""
        self.beginResetModel()
        self.columns = tuple(columns)
        self.endResetModel()

    def set_rows(self, rows: Iterable[R]) -> None:
        """Show other rows; where only contents changed the view keeps its place, choice and open editor."""
        new = {self._id_of(row): row for row in rows}
        if new.keys() == self._all.keys():
            self._all = new
            self._tell()
        else:
            self._all = new
            self.arrange()

    def put(self, rows: Iterable[R], gone: Collection[str] = ()) -> None:
        """Show some rows anew; new ones come at the end, those in ``gone`` leave. Nothing is sorted or filtered."""
        fresh = []
        for row in rows:
            record = self._id_of(row)
            if record not in self._all:
                fresh.append(record)
            self._all[record] = row
        left = [record for record in gone if self._all.pop(record, None) is not None]
        if fresh or left:
            leaving = set(left)
            self.beginResetModel()
            self._shown = [record for record in self._shown if record not in leaving] + fresh
            self.endResetModel()
            self.shown_changed.emit()
        else:
            self._tell()

    def arrange(self) -> None:
        """Filter and sort anew."""
        rows = list(self._all.values()) if self.accept is None else [row for row in self._all.values() if self.accept(row)]
        column = next((one for one in self.columns if one.field == self.order[0]), None)
        if column is not None:
            rows.sort(key=column.sort or (lambda row: column.show(row).casefold()), reverse=self.order[1])
        shown = [self._id_of(row) for row in rows]
        if shown == self._shown:
            self._tell()
            return
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()
        self.shown_changed.emit()

    def sort_by(self, field: str, *, falling: bool = False) -> None:
        """Sort by a column."""
        self.order = (field, falling)
        self.arrange()

    def _tell(self) -> None:
        if self._shown:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, len(self.columns) - 1))
        self.shown_changed.emit()

    def row(self, index: Index) -> R | None:
        """Return the row behind an index."""
        return self._all[self._shown[index.row()]] if index.isValid() and index.row() < len(self._shown) else None

    def records(self, first: int, last: int) -> list[str]:
        """Return the records of the rows shown from ``first`` to ``last``."""
        return self._shown[first:last + 1]

    def of(self, record: str) -> R | None:
        """Return the row of a record, shown or not."""
        return self._all.get(record)

    def find(self, record: str) -> QModelIndex:
        """Return the index of a record, invalid where it is not shown."""
        return self.index(self._shown.index(record), 0) if record in self._all and record in self._shown else QModelIndex()

    def column_of(self, field: str) -> int:
        """Return where the column of a field stands, -1 where it is not shown."""
        return next((at for at, column in enumerate(self.columns) if column.field == field), -1)

    # -- Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of rows (Qt)."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of columns (Qt)."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        """Return one property of one cell (Qt)."""
        row = self.row(index)
        if row is None:
            return None
        column = self.columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                text = column.show(row)
                return text.replace("\n", " ") if column.long else text
            case Qt.ItemDataRole.EditRole:
                return column.value(row) if column.value is not None else column.show(row)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if column.number else None
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{column.title}: {column.show(row)}"
            case Qt.ItemDataRole.DecorationRole:
                return column.icon(row) if column.icon is not None else None
            case Qt.ItemDataRole.ToolTipRole:
                return column.tip(row) if column.tip is not None else None
        if role == IdRole:
            return self._shown[index.row()]
        if role == SortRole:
            return column.sort(row) if column.sort is not None else column.show(row).casefold()
        return row if role == RowRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Return the title of a column, or of a row (Qt)."""
        if orientation == Qt.Orientation.Vertical:
            named = self.title_of if role in (_DISPLAY, Qt.ItemDataRole.ToolTipRole) else None
            return named(self._all[self._shown[section]]) if named is not None and 0 <= section < len(self._shown) else None
        if orientation == Qt.Orientation.Horizontal and 0 <= section < len(self.columns):
            if role == _DISPLAY:
                return self.columns[section].title
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _LEFT  # the arrow of the order stands at the right
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return what may be done with a cell (Qt)."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return _EDITABLE if self.columns[index.column()].editable and not self.locked else _CHOSEN

    def setData(self, index: Index, value: Any, role: int = _EDIT) -> bool:
        """Take what was typed into a cell (Qt); whoever listens reads it and shows the outcome."""
        row = self.row(index)
        column = self.columns[index.column()] if row is not None else None
        if row is None or column is None or role != _EDIT or self.locked or not column.editable:
            return False
        text = str(value if value is not None else "").strip()
        if text == (column.value(row) if column.value is not None else column.show(row)):
            return False
        self.typed.emit(self._id_of(row), column.field, text)
        return True
