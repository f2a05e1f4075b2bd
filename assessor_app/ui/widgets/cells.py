"""What edits one cell of a grid: a line, several lines, or a list of choices."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QComboBox,
    QCompleter,
    QLineEdit,
    QPlainTextEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from assessor_app.ui.models.grid import GridModel
from assessor_app.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
#: Columns in which the same words come again and again: what was typed before is offered.
_OFFERED = frozenset({"agency", "pic", "funding", "unit"})


class CellDelegate(QStyledItemDelegate):
    """Makes the editors of a ``GridModel``'s columns."""

    def __init__(self, theme: Theme, source: GridModel[Any], parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._source = source

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Make the editor of a cell (Qt)."""
        column = self._source.columns[index.column()]
        editor: QWidget
        if column.choices:
            editor = self._choice(parent, column.choices)
        elif column.long:
            editor = QPlainTextEdit(parent)
            editor.setTabChangesFocus(True)
        else:
            line = QLineEdit(parent)
            line.setFrame(False)
            if column.field in _OFFERED:
                words = sorted({column.show(row) for row in self._source.rows} - {""}, key=str.casefold)
                offered = QCompleter(words, line)
                offered.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
                offered.setFilterMode(Qt.MatchFlag.MatchContains)
                line.setCompleter(offered)
            editor = line
        editor.setProperty("cell", True)
        editor.setAccessibleName(column.title)
        return editor

    def _choice(self, parent: QWidget, choices: tuple[tuple[str, str], ...]) -> QComboBox:
        box = QComboBox(parent)
        for code, text in choices:
            box.addItem(text, code)
        box.setMaxVisibleItems(18)
        box.activated.connect(lambda _: self._take(box))
        QTimer.singleShot(0, box, box.showPopup)
        return box

    def _take(self, editor: QWidget) -> None:
        self.commitData.emit(editor)
        self.closeEditor.emit(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Give a text of several lines the room to be read (Qt)."""
        if isinstance(editor, QPlainTextEdit):
            box = option.rect
            box.setWidth(max(box.width(), self._theme.em(24)))
            box.setHeight(self._theme.em(8))
            over = editor.parentWidget()
            if over is not None and box.bottom() > over.height():
                box.moveBottom(max(over.height(), box.height()))
            if over is not None and box.right() > over.width():
                box.moveRight(max(over.width(), box.width()))
            editor.setGeometry(box)
        else:
            super().updateEditorGeometry(editor, option, index)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Fill the editor (Qt)."""
        value = index.data(Qt.ItemDataRole.EditRole)
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(max(editor.findData(value), 0))
        elif isinstance(editor, QPlainTextEdit):
            if not editor.document().isModified():  # a change from elsewhere leaves alone what is being typed
                editor.setPlainText(str(value))
                editor.selectAll()
        elif isinstance(editor, QLineEdit) and not editor.isModified():
            editor.setText(str(value))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Take the editor's text (Qt)."""
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentData())
        elif isinstance(editor, QPlainTextEdit):
            model.setData(index, editor.toPlainText())
        elif isinstance(editor, QLineEdit):
            model.setData(index, editor.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Enter end a text of several lines, and Shift or Alt with Enter begin its next line (Qt)."""
        if (isinstance(watched, QPlainTextEdit) and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
                and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)):
            if event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier):
                watched.insertPlainText("\n")
            else:
                self.commitData.emit(watched)
                self.closeEditor.emit(watched, QAbstractItemDelegate.EndEditHint.SubmitModelCache)
            return True
        return bool(super().eventFilter(watched, event))
