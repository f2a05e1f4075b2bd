"""Rows of a list shown whole: as high as their words need at the list's width, box and icon counted in."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QTextLayout, QTextOption
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

_HIGH = 10_000
_BREAK = "\u2028"


@dataclass(frozen=True, slots=True)
class _Laid:
    """The words of a row in its lines, and the height of the whole row."""

    text: str
    height: int


class WholeRows(QStyledItemDelegate):
    """Measures rows as the style paints them: Qt's own measure leaves the box out, and the last words with it.

    The style breaks lines at blanks alone and cuts off what is longer than a line; it is given lines that are broken already, an address
    or a name without blanks anywhere.
    """

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view
        view.setWordWrap(True)
        view.setResizeMode(QListView.ResizeMode.Adjust)
        view.setTextElideMode(Qt.TextElideMode.ElideNone)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setItemDelegate(self)

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Give the style the words in lines that fit (Qt)."""
        super().initStyleOption(option, index)
        option.features |= QStyleOptionViewItem.ViewItemFeature.WrapText
        option.text = self._lay(option).text

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the width that there is and the height that the words need at it (Qt)."""
        own = QStyleOptionViewItem(option)
        super().initStyleOption(own, index)
        own.features |= QStyleOptionViewItem.ViewItemFeature.WrapText
        return QSize(self._view.viewport().width(), self._lay(own).height)

    def _lay(self, option: QStyleOptionViewItem) -> _Laid:
        own = QStyleOptionViewItem(option)
        own.rect = QRect(0, 0, self._view.viewport().width(), _HIGH)
        style = self._view.style()
        room = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, own, self._view)
        inside = room.width() - 2 * (style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, own, self._view) + 1)
        text = str(own.text).replace("\n", _BREAK)
        units = text.encode("utf-16-le")  # Qt counts in these
        layout = QTextLayout(text, own.font)
        wrap = QTextOption()
        wrap.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(wrap)
        layout.beginLayout()
        height, lines = 0.0, []
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, inside - 1))  # Qt lets a line be a part of a pixel wider
            height += line.height()
            start, length = line.textStart(), line.textLength()
            lines.append(units[2 * start : 2 * (start + length)].decode("utf-16-le", "replace").rstrip(f" {_BREAK}"))
        layout.endLayout()
        return _Laid(_BREAK.join(lines), math.ceil(height) + _HIGH - room.height())
