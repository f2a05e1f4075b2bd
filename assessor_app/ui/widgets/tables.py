"""A table that is edited in place by keyboard or mouse, with its columns as wide as the text needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from assessor_app.i18n import t
from assessor_app.ui.models.rows import IdRole, RowsModel, SortRole
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import quiet_table

Index = QModelIndex | QPersistentModelIndex


class _Delegate(QStyledItemDelegate):
    """Edits a cell by a line, or by a list where its column has choices."""

    def __init__(self, source: RowsModel[Any], parent: QWidget) -> None:
        super().__init__(parent)
        self._source = source

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Make the editor of a cell (Qt)."""
        column = self._source.columns[index.column()]
        if not column.choices:
            editor = super().createEditor(parent, option, index)
            editor.setAccessibleName(column.title)
            return editor
        box = QComboBox(parent)
        box.setAccessibleName(column.title)
        for code, text in column.choices:
            box.addItem(text, code)
        box.activated.connect(lambda _: self._take(box))
        return box

    def _take(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Fill the editor (Qt)."""
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(max(editor.findData(index.data(Qt.ItemDataRole.EditRole)), 0))
        else:
            super().setEditorData(editor, index)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Take the editor's text (Qt)."""
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentData())
        else:
            super().setModelData(editor, model, index)


class Table(QTableView):
    """A table of rows.

    Signals:
        row_chosen(str): the current row's record, empty for none.
        row_opened(str): Enter or a double click on a row that is not edited in place.
        delete_requested(str): Delete was pressed on a row.
    """

    row_chosen = Signal(str)
    row_opened = Signal(str)
    delete_requested = Signal(str)

    def __init__(self, theme: Theme, model: RowsModel[Any], name: str, *, accept: Callable[[Any], bool] | None = None) -> None:
        super().__init__()
        self._theme = theme
        self.source = model
        self.proxy = _Filter(self)
        self.proxy.accept = accept
        self.proxy.setSourceModel(model)
        self.proxy.setSortRole(SortRole)
        self.setModel(self.proxy)
        self.setAccessibleName(name)
        quiet_table(self)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setItemDelegate(_Delegate(model, self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
                             | QAbstractItemView.EditTrigger.AnyKeyPressed)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.em(1.75))
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setAccessibleName(t("Column headings"))
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setMinimumSectionSize(theme.em(2))
        metrics = QFontMetrics(theme.font(bold=True))
        for at, column in enumerate(model.columns):  # the title and the arrow of the order stand side by side
            self.setColumnWidth(at, max(theme.em(column.width), metrics.horizontalAdvance(column.title) + theme.em(1.6)))
        self.selectionModel().currentRowChanged.connect(lambda now, _: self.row_chosen.emit(str(now.data(IdRole) or "")))
        self.doubleClicked.connect(self._on_activated)

    def current_id(self) -> str:
        """Return the record of the current row, empty for none."""
        return str(self.currentIndex().data(IdRole) or "")

    def choose(self, record: str, column: int = 0) -> None:
        """Make a record's row the current one."""
        index = self.source.find(record)
        if index.isValid():
            at = self.proxy.mapFromSource(index)
            self.setCurrentIndex(at.siblingAtColumn(column))
            self.scrollTo(at)

    def refilter(self) -> None:
        """Ask again which rows to show."""
        self.proxy.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open by Enter, delete by Delete, edit by F2 or typing (Qt)."""
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            if index.flags() & Qt.ItemFlag.ItemIsEditable:
                self.edit(index)
            else:
                self._on_activated(index)
            return
        if event.key() == Qt.Key.Key_Delete and self.current_id():
            self.delete_requested.emit(self.current_id())
            return
        super().keyPressEvent(event)

    def _on_activated(self, index: QModelIndex) -> None:
        if not index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.row_opened.emit(str(index.data(IdRole) or ""))


class _Filter(QSortFilterProxyModel):
    """Shows the rows that a function accepts."""

    accept: Callable[[Any], bool] | None = None

    def refresh(self) -> None:
        """Ask again for each row."""
        self.beginFilterChange()
        self.endFilterChange()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Tell whether a row is shown (Qt)."""
        source = self.sourceModel()
        return self.accept is None or not isinstance(source, RowsModel) or self.accept(source.rows[row])
