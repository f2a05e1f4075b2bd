"""Rows of a list shown whole: as high as their words need at the list's width, box and icon counted in."""

from __future__ import annotations

import math

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QTextLayout, QTextOption
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

_HIGH = 10_000


class WholeRows(QStyledItemDelegate):
    """Measures rows as the style paints them: Qt's own measure leaves the box out, and the last words with it."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view
        view.setWordWrap(True)
        view.setResizeMode(QListView.ResizeMode.Adjust)
        view.setTextElideMode(Qt.TextElideMode.ElideNone)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setItemDelegate(self)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the width that there is and the height that the words need at it (Qt)."""
        own = QStyleOptionViewItem(option)
        self.initStyleOption(own, index)
        width = self._view.viewport().width()
        own.rect = QRect(0, 0, width, _HIGH)
        own.features |= QStyleOptionViewItem.ViewItemFeature.WrapText
        style = self._view.style()
        room = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, own, self._view)
        inside = room.width() - 2 * (style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, own, self._view) + 1)
        layout = QTextLayout(str(own.text).replace("\n", "\u2028"), own.font)
        wrap = QTextOption()
        wrap.setWrapMode(QTextOption.WrapMode.WordWrap)
        layout.setTextOption(wrap)
        layout.beginLayout()
        height = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, inside))
            height += line.height()
        layout.endLayout()
        return QSize(width, math.ceil(height) + _HIGH - room.height())
