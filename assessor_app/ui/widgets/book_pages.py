"""The pages of a book: drawn by the process that holds it, passages selected with the mouse, marks and hits shown on them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel

from assessor_app.i18n import t
from assessor_app.isolated_file import HeldFile
from assessor_app.ui.context import AppContext
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.preview import Page, Preview
from assessor_app.workflow.book_reader import unpack_page

Boxes = tuple[tuple[float, ...], ...]


@dataclass(slots=True, eq=False)
class HeldBook:
    """A book that a process of its own holds."""

    held: HeldFile
    _sizes: list[tuple[float, float]] = field(default_factory=list)

    def sizes(self) -> list[tuple[float, float]]:
        """Return width and height of each page, in points. Blocking."""
        if not self._sizes:
            self._sizes = [(float(width), float(height)) for width, height in self.held.ask("sizes")]
        return self._sizes

    def draw(self, width: int, wanted: Sequence[int], grey: bool = False) -> list[Page]:
        """Return pages (from 0) drawn ``width`` pixels wide. Blocking; raises BadInput."""
        out = []
        for at in wanted:
            wide, high, stride, pixels = unpack_page(self.held.ask("draw", at, width))
            out.append(Page(pixels, wide, high, stride))
        return out


class Sheet(QLabel):
    """A page with what is marked on it.

    Signals:
        dragged(int, QPointF, QPointF, bool): from where to where the mouse was dragged, in points of the page; whether it was let go.
    """

    dragged = Signal(int, QPointF, QPointF, bool)

    def __init__(self, theme: Theme, at: int, width: float) -> None:
        super().__init__()
        self._at, self._points = at, width
        self._from: QPoint | None = None
        self._tints = {"mark": QColor(255, 214, 10, 90), "hit": QColor(theme.colours.accent), "chosen": QColor(theme.colours.accent)}
        self._tints["hit"].setAlpha(70)
        self._tints["chosen"].setAlpha(110)
        self._boxes: dict[str, Boxes] = {}
        self.setCursor(Qt.CursorShape.IBeamCursor)

    def show_boxes(self, what: str, boxes: Boxes) -> None:
        """Show boxes (in points) as ``mark``, ``hit`` or ``chosen``."""
        if self._boxes.get(what, ()) != boxes:
            self._boxes[what] = boxes
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the page, and the boxes over it (Qt)."""
        super().paintEvent(event)
        if not any(self._boxes.values()):
            return
        painter = QPainter(self)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        scale, edge = self._scale(), self.frameWidth()
        for what, boxes in self._boxes.items():
            for x0, y0, x1, y1 in boxes:
                painter.fillRect(QRectF(edge + x0 * scale, edge + y0 * scale, (x1 - x0) * scale, (y1 - y0) * scale), self._tints[what])
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a selection (Qt)."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell how far the selection is (Qt)."""
        if self._from is not None:
            self.dragged.emit(self._at, self._point(self._from), self._point(event.position().toPoint()), False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the selection (Qt)."""
        if self._from is not None:
            begin, self._from = self._from, None
            end = event.position().toPoint()
            if (end - begin).manhattanLength() > 4:
                self.dragged.emit(self._at, self._point(begin), self._point(end), True)

    def _scale(self) -> float:
        return (self.width() - 2 * self.frameWidth()) / max(self._points, 1)

    def _point(self, at: QPoint) -> QPointF:
        edge = self.frameWidth()
        return QPointF((at.x() - edge) / self._scale(), (at.y() - edge) / self._scale())


class BookPages(Preview):
    """Shows a book, page below page.

    Signals:
        page_changed(int): the page (from 1) at the top of the view.
        passage_selected(int, str, object): page (from 1), its words, their boxes in points.
    """

    page_changed = Signal(int)
    passage_selected = Signal(int, str, object)

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._book: HeldBook | None = None
        self._widths: list[float] = []
        self._wanted: tuple[int, Boxes] | None = None
        self._marked: dict[int, Boxes] = {}
        self._top = 0
        self.area.setAccessibleName(t("Pages of the book"))
        self._aim: int | None = None  # where the view is to be, while the layout comes to its size
        bar = self.area.verticalScrollBar()
        bar.valueChanged.connect(lambda _: self._tell_page())
        bar.rangeChanged.connect(lambda *_: bar.setValue(self._aim) if self._aim is not None else None)
        bar.actionTriggered.connect(lambda _: setattr(self, "_aim", None))  # the person scrolls

    @property
    def page(self) -> int:
        """The page (from 1) at the top of the view; 0 without a book."""
        return self._top

    def show_book(self, book: HeldBook | None, sizes: list[tuple[float, float]]) -> None:
        """Show a book whose pages' sizes are known; none clears the view."""
        self._book, self._top = book, 0
        self._widths = [width for width, _ in sizes]
        self._numbers = []  # another book's sheets are of another width
        self.show_source(book)

    def go_to(self, page: int, boxes: Boxes = ()) -> None:
        """Bring a page (from 1) into view, at its first box where there is one; the boxes are shown as found."""
        self._wanted = (page, boxes)
        if self._sheets and self._numbers:
            self._go()

    def show_marks(self, marked: dict[int, Boxes]) -> None:
        """Show the marks: boxes by page (from 1)."""
        self._marked = marked
        for at, sheet in enumerate(self._sheets):
            if isinstance(sheet, Sheet):
                sheet.show_boxes("mark", marked.get(at + 1, ()))

    def clear_selection(self) -> None:
        """Take the selected passage back."""
        for sheet in self._sheets:
            if isinstance(sheet, Sheet):
                sheet.show_boxes("chosen", ())

    def _make_sheet(self, at: int) -> QLabel:
        made = Sheet(self._context.theme, at, self._widths[at] if at < len(self._widths) else 595)
        made.dragged.connect(self._on_dragged)
        return made

    def _lay_out(self) -> None:
        top, shown = self._top, bool(self._sheets) and self._top > 0
        super()._lay_out()
        self.show_marks(self._marked)
        if self._wanted is None and shown:
            self._wanted = (top, ())
        if self._sheets:
            self._column.activate()
            self._go()
            self._tell_page()

    def _go(self) -> None:
        if self._wanted is None:
            return
        (page, boxes), self._wanted = self._wanted, None
        at = min(max(page - 1, 0), len(self._sheets) - 1)
        for number, sheet in enumerate(self._sheets):
            if isinstance(sheet, Sheet):
                sheet.show_boxes("hit", boxes if number == at else ())
        sheet = self._sheets[at]
        y = self._tops[at]
        if boxes:
            y += round(boxes[0][1] * sheet.width() / max(self._widths[at], 1)) - self.area.viewport().height() // 4
        self._aim = max(y, 0)
        self.area.verticalScrollBar().setValue(self._aim)
        self._draw_seen()

    def _tell_page(self) -> None:
        if len(self._tops) != len(self._sheets) + 1 or not self._sheets or not self._book:
            return
        at = max(self.area.verticalScrollBar().value(), self._aim or 0)  # the last pages cannot come to the top of a high view
        top = at + self.area.viewport().height() // 3
        at = min(max(bisect_right(self._tops, top) - 1, 0), len(self._sheets) - 1)
        if at + 1 != self._top:
            self._top = at + 1
            self.page_changed.emit(self._top)

    def _on_dragged(self, at: int, begin: QPointF, end: QPointF, ended: bool) -> None:
        book = self._book
        if book is None:
            return

        def show(found: dict[str, Any]) -> None:
            boxes: Boxes = tuple(tuple(box) for box in found["boxes"])
            self.clear_selection()
            sheet = self._sheets[at] if at < len(self._sheets) else None
            if isinstance(sheet, Sheet):
                sheet.show_boxes("chosen", boxes)
            if ended:
                self.passage_selected.emit(at + 1, str(found["quote"]), boxes)

        self._context.tasks.call(lambda: book.held.ask("select", at, begin.x(), begin.y(), end.x(), end.y()), done=show, owner=self,
                                 key=f"select-{id(self)}")
