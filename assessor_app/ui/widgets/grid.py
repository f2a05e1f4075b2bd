"""A table that works as a spreadsheet does: cells are chosen, typed over, copied, pasted and emptied in blocks, all by keyboard."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QItemSelectionRange, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QFontMetrics, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QApplication, QMenu, QTableView, QWidget

from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.ui.models.grid import GridModel
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import quiet_table
from assessor_app.ui.widgets.cells import CellDelegate
from assessor_app.workflow.plan_block import cells_of, text_of, tiled

#: Keys of the table; the same acts stand in its menu. Redo is not the platform's own: where that is Ctrl+Shift+Z, it would take away
#: "Undo the last change".
_KEYS = ((QKeySequence.StandardKey.Copy, "copy"), (QKeySequence.StandardKey.Cut, "cut"), (QKeySequence.StandardKey.Paste, "paste"),
         (QKeySequence("Ctrl+Z"), "undo_requested"), (QKeySequence("Ctrl+Y"), "redo_requested"))
#: Where the arrows lead: rows down, columns to the right.
_ARROWS = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}
_ENDS = (Qt.Key.Key_Home, Qt.Key.Key_End)


def _act_of(event: QKeyEvent) -> str:
    """Return what a key of the table does, nothing for any other key."""
    pressed = QKeySequence(event.keyCombination())
    return next((name for key, name in _KEYS if (pressed == key if isinstance(key, QKeySequence) else event.matches(key))), "")


class Grid(QTableView):
    """The view of a ``GridModel``.

    Signals:
        row_chosen(str): the current row's record, empty for none.
        row_opened(str): Enter or a double click on a cell that is not edited in place.
        pasted(list, int, int): cells to lay over the table, from that row and column on.
        cleared(list, list): the records and fields of cells to empty.
        delete_requested(list): records to delete.
        undo_requested(), redo_requested(): take the last step back, or do it again.
        left(): Escape was pressed: the keyboard goes elsewhere.
        editor_closed(): nothing is typed in a cell any more.
        refused(AppError): the clipboard holds nothing that can be pasted.
    """

    row_chosen = Signal(str)
    row_opened = Signal(str)
    pasted = Signal(list, int, int)
    cleared = Signal(list, list)
    delete_requested = Signal(list)
    undo_requested = Signal()
    redo_requested = Signal()
    left = Signal()
    editor_closed = Signal()
    refused = Signal(object)

    def __init__(self, theme: Theme, model: GridModel[Any], name: str) -> None:
        super().__init__()
        self._theme = theme
        self.source = model
        self._widths: dict[str, int] = {}
        self._kept: tuple[str, str] = ("", "")
        self.setModel(model)
        self.setAccessibleName(name)
        self.setAccessibleDescription(t("Tab and Enter move on, F2 edits, Delete empties, Ctrl+Delete deletes the programme, "
                                        "Escape leaves the table."))
        quiet_table(self)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setItemDelegate(CellDelegate(theme, model, self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
                             | QAbstractItemView.EditTrigger.AnyKeyPressed)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setAlternatingRowColors(True)
        side = self.verticalHeader()
        side.setDefaultSectionSize(theme.em(1.75 if theme.scale <= 115 else 1.45))
        side.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        side.setFont(theme.font(bold=True))  # as the style draws it: the dots come where the text ends
        side.setTextElideMode(Qt.TextElideMode.ElideRight)
        side.setHighlightSections(False)
        side.setFixedWidth(theme.em(13))
        side.setAccessibleName(t("Names of the rows"))
        side.hide()
        self.horizontalScrollBar().valueChanged.connect(lambda _: self._name_rows())
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setAccessibleName(t("Column headings"))
        head.setMinimumSectionSize(theme.em(2))
        head.setSectionsClickable(True)
        head.setSortIndicatorShown(True)
        head.sectionClicked.connect(self._on_heading)
        head.sectionResized.connect(self._on_resized)
        model.modelAboutToBeReset.connect(self._keep)
        model.modelReset.connect(self._restore)
        self.selectionModel().currentChanged.connect(lambda now, _: self.row_chosen.emit(self.current_id()))
        self.doubleClicked.connect(self._on_activated)
        self._dress()

    # -- where one is

    @property
    def editing(self) -> bool:
        """Whether something is typed in a cell just now."""
        return self.state() == QAbstractItemView.State.EditingState

    def current_id(self) -> str:
        """Return the record of the current row, empty for none."""
        index = self.currentIndex()
        return self.source.records(index.row(), index.row())[0] if index.isValid() else ""

    def chosen_ids(self) -> list[str]:
        """Return the records of all rows in which a cell is chosen."""
        rows = {at for part in self._parts() for at in range(part.top(), part.bottom() + 1)}
        return [one for at in sorted(rows) for one in self.source.records(at, at)] or [one for one in (self.current_id(),) if one]

    def choose(self, record: str, column: int = 0) -> None:
        """Make a record's row the current one."""
        index = self.source.find(record)
        if index.isValid():
            self.go(index.siblingAtColumn(column))

    def go(self, index: QModelIndex) -> None:
        """Make a cell the current one, alone chosen, whatever keys are held down."""
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.scrollTo(index)

    def _parts(self) -> list[QItemSelectionRange]:
        chosen = self.selectionModel().selection()
        return [chosen.at(n) for n in range(chosen.count())]

    def _block(self) -> tuple[int, int, int, int]:
        """Return top, left, bottom and right of what is chosen, or of the current cell."""
        parts, at = self._parts(), self.currentIndex()
        if not parts:
            return at.row(), at.column(), at.row(), at.column()
        return (min(p.top() for p in parts), min(p.left() for p in parts), max(p.bottom() for p in parts), max(p.right() for p in parts))

    # -- the clipboard

    def copy(self) -> None:
        """Put the chosen block on the clipboard as a spreadsheet takes it."""
        top, left, bottom, right = self._block()
        if top >= 0:
            columns = self.source.columns[left:right + 1]
            QApplication.clipboard().setText(text_of([column.text(row) for column in columns] for row in self.source.shown[top:bottom + 1]))

    def cut(self) -> None:
        """Copy the chosen block, then empty it."""
        self.copy()
        self.clear_cells()

    def paste(self) -> None:
        """Lay what is on the clipboard over the table, from the chosen block's corner on."""
        text = QApplication.clipboard().text()
        if not text:
            return
        try:
            block = cells_of(text)
        except AppError as error:
            self.refused.emit(error)
            return
        top, left, bottom, right = self._block()
        if top < 0:
            top, left, bottom, right = self.source.rowCount(), 0, self.source.rowCount(), 0
        self.pasted.emit(tiled(block, bottom - top + 1, right - left + 1), top, left)

    def choose_block(self, top: int, left: int, tall: int, wide: int) -> None:
        """Choose a block of cells, as after a paste."""
        last = self.source.index(min(top + tall, self.source.rowCount()) - 1, min(left + wide, len(self.source.columns)) - 1)
        first = self.source.index(top, left)
        if first.isValid() and last.isValid():
            model = self.selectionModel()
            model.setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)
            model.select(QItemSelection(first, last), QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(last.siblingAtColumn(left))
            self.scrollTo(first)

    def _extend(self, key: Qt.Key) -> None:
        """Choose up to the next cell in an arrow's direction, or to the table's first or last one."""
        at, last = self.currentIndex(), (self.source.rowCount() - 1, len(self.source.columns) - 1)
        down, right = _ARROWS.get(key, (0, 0))
        row, column = at.row() + down, at.column() + right
        while right and self.isColumnHidden(column) and 0 <= column <= last[1]:
            column += right
        to = {Qt.Key.Key_Home: (0, 0), Qt.Key.Key_End: last}.get(key, (row, column))
        if self.source.index(*to).isValid():
            self._stretch(self.source.index(*to))

    def _stretch(self, to: QModelIndex) -> None:
        """Choose all from where the block was begun to a cell, which becomes the current one.

        Qt itself begins where the mouse was pressed last, also where the keyboard or a paste went elsewhere since.
        """
        (top, left, bottom, right), at = self._block(), self.currentIndex()
        begun = self.source.index(bottom if at.row() == top else top, right if at.column() == left else left)
        model = self.selectionModel()
        model.setCurrentIndex(to, QItemSelectionModel.SelectionFlag.NoUpdate)
        model.select(QItemSelection(begun, to), QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.scrollTo(to)

    def clear_cells(self) -> None:
        """Empty the chosen cells."""
        top, left, bottom, right = self._block()
        if top >= 0:
            fields = [column.field for column in self.source.columns[left:right + 1] if column.editable]
            self.cleared.emit(self.source.records(top, bottom), fields)

    # -- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, edit, copy, paste, empty, delete, undo (Qt)."""
        if self.editing:  # a key that the editor had no use for
            super().keyPressEvent(event)
            return
        if name := _act_of(event):
            act = getattr(self, name)
            (act.emit if name.endswith("requested") else act)()
            return
        index, key = self.currentIndex(), event.key()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift, alt = (bool(event.modifiers() & one) for one in (Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier))
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            if index.flags() & Qt.ItemFlag.ItemIsEditable and not control:
                self.edit(index)
            else:
                self.row_opened.emit(self.current_id())
        elif key == Qt.Key.Key_Delete and control:
            self.delete_requested.emit(self.chosen_ids())
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear_cells()
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) and not control:
            if not self._step(1 if key == Qt.Key.Key_Tab else -1):
                event.ignore()
        elif index.isValid() and shift and key in (_ENDS if control else _ARROWS) and not alt:
            self._extend(Qt.Key(key))
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and alt:
            self._sort(index.column(), falling=key == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def event(self, event: Any) -> bool:
        """Keep Tab in the table until its last cell (Qt)."""
        if event.type() == event.Type.ShortcutOverride and _act_of(event):
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the cell that becomes the current one, also where the table moved as others heard of it (Qt)."""
        super().mousePressEvent(event)
        at, model = self.currentIndex(), self.selectionModel()
        if event.modifiers() == Qt.KeyboardModifier.NoModifier and at.isValid() and not model.isSelected(at):
            model.select(at, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the current row in sight when the table gets lower (Qt)."""
        super().resizeEvent(event)
        bottom = self.visualRect(self.currentIndex()).bottom() if self.currentIndex().isValid() else -1
        if event.size().height() <= bottom < event.oldSize().height():
            self.scrollTo(self.currentIndex())

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Move to the next cell; past the last one the keyboard goes on (Qt)."""
        return self._step(1 if forward else -1) or super().focusNextPrevChild(forward)

    def _step(self, by: int) -> bool:
        at, wide = self.currentIndex(), len(self.source.columns)
        place = at.row() * wide + at.column() + by
        if not at.isValid() or not 0 <= place < self.source.rowCount() * wide:
            return False
        self.go(self.source.index(place // wide, place % wide))
        return True

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Go right after Tab and down after Enter, as a spreadsheet does (Qt)."""
        at = self.currentIndex()
        super().closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)
        if hint == QAbstractItemDelegate.EndEditHint.EditNextItem:
            self._step(1)
        elif hint == QAbstractItemDelegate.EndEditHint.EditPreviousItem:
            self._step(-1)
        elif hint == QAbstractItemDelegate.EndEditHint.SubmitModelCache and at.row() + 1 < self.source.rowCount():
            self.go(at.siblingAtRow(at.row() + 1))
        QTimer.singleShot(0, self, self.editor_closed.emit)

    def _on_activated(self, index: QModelIndex) -> None:
        if not index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.row_opened.emit(self.current_id())

    # -- the menu of a cell

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer everything that the keys do (Qt)."""
        menu = self.make_menu()
        at = event.globalPos() if event.reason() == QContextMenuEvent.Reason.Mouse else self.viewport().mapToGlobal(
            self.visualRect(self.currentIndex()).bottomLeft() + QPoint(4, 0))
        menu.exec(at)
        menu.deleteLater()

    def make_menu(self) -> QMenu:
        """Return the menu of the current cell."""
        menu = QMenu(self)
        column = self.currentIndex().column()
        can = self.currentIndex().isValid()
        for text, keys, act in (
                (t("Copy"), "Ctrl+C", self.copy), (t("Cut"), "Ctrl+X", self.cut), (t("Paste"), "Ctrl+V", self.paste),
                (t("Empty the cells"), "Del", self.clear_cells), ("", "", None),
                (t("Sort rising"), "Alt+Up", lambda: self._sort(column, falling=False)),
                (t("Sort falling"), "Alt+Down", lambda: self._sort(column, falling=True)), ("", "", None),
                (t("Undo"), "Ctrl+Z", self.undo_requested.emit), (t("Redo"), "Ctrl+Y", self.redo_requested.emit), ("", "", None),
                (t("Delete the programmes"), "Ctrl+Del", lambda: self.delete_requested.emit(self.chosen_ids()))):
            if act is None:
                menu.addSeparator()
                continue
            action = QAction(f"{text}\t{keys}", menu)
            action.setEnabled(can or act == self.paste)
            action.triggered.connect(lambda _=False, act=act: act())
            menu.addAction(action)
        return menu

    # -- columns

    def _on_heading(self, section: int) -> None:
        field, falling = self.source.order
        self._sort(section, falling=self.source.columns[section].field == field and not falling)

    def _sort(self, section: int, *, falling: bool) -> None:
        if 0 <= section < len(self.source.columns):
            self.source.sort_by(self.source.columns[section].field, falling=falling)
            self._point()

    def _point(self) -> None:
        order = Qt.SortOrder.DescendingOrder if self.source.order[1] else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(self.source.column_of(self.source.order[0]), order)

    def _on_resized(self, section: int, before: int, after: int) -> None:
        if QApplication.mouseButtons() and section < len(self.source.columns):  # by hand
            self._widths[self.source.columns[section].field] = after

    def _dress(self) -> None:
        """Give each column the width of its text, or what the person gave it."""
        metrics = QFontMetrics(self._theme.font(bold=True))
        for at, column in enumerate(self.source.columns):  # the title and the arrow of the order stand side by side
            least = metrics.horizontalAdvance(column.title) + self._theme.em(1.6)
            wide = self._widths.get(column.field) or max(self._theme.em(column.width), least)
            if self.columnWidth(at) != wide:
                self.setColumnWidth(at, wide)
        self._point()
        self._name_rows()

    def _name_rows(self) -> None:
        """Say at the left what each row is once the column that says so is scrolled out of sight."""
        at, head = self.source.column_of("name"), self.horizontalHeader()
        away = (at >= 0 and self.source.title_of is not None
                and self.horizontalScrollBar().value() > head.sectionPosition(at) + head.sectionSize(at) // 2)
        if self.verticalHeader().isHidden() == away:
            self.verticalHeader().setVisible(away)

    def _keep(self) -> None:
        at = self.currentIndex()
        if at.isValid():
            self._kept = (self.current_id(), self.source.columns[at.column()].field)

    def _restore(self) -> None:
        self._dress()
        record, field = self._kept
        at = self.source.find(record) if record else QModelIndex()
        if at.isValid():
            self.go(at.siblingAtColumn(max(self.source.column_of(field), 0)))
