"""A PDF as it will be printed: its pages one below the other, each drawn beside the window when it comes into view."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from assessor_app.i18n import nt, t
from assessor_app.ui.context import AppContext
from assessor_app.ui.widgets.basics import clear, icon_button, label

#: How many pages beyond those in view keep their pictures.
KEPT = 6
#: PDFium draws for one thread at a time.
_PDFIUM = threading.Lock()


@dataclass(frozen=True, slots=True)
class Page:
    """One drawn page: 32-bit pixels and its size."""

    pixels: bytes
    width: int
    height: int
    stride: int


def page_sizes(pdf: bytes) -> list[tuple[float, float]]:
    """Return width and height of each page, in points."""
    import pypdfium2  # type: ignore[import-untyped]

    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return [document.get_page_size(at) for at in range(len(document))]
        finally:
            document.close()


def draw_pages(pdf: bytes, width: int, wanted: Sequence[int], *, grey: bool = False) -> list[Page]:
    """Return pages (from 0) drawn ``width`` pixels wide, signatures and stamps included; ``grey`` has one byte a pixel."""
    import pypdfium2

    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            document.init_forms()
            pages = []
            for at in wanted:
                page = document[at]
                picture = page.render(scale=width / page.get_width(), may_draw_forms=True, prefer_bgrx=True, grayscale=grey)
                pages.append(Page(bytes(picture.buffer), picture.width, picture.height, picture.stride))
            return pages
        finally:
            document.close()


def image_of(page: Page) -> QImage:
    """Return a drawn page as Qt's image, on the page's own pixels."""
    colour = QImage.Format.Format_RGB32 if page.stride >= 4 * page.width else QImage.Format.Format_Grayscale8
    return QImage(page.pixels, page.width, page.height, page.stride, colour)


class Source(Protocol):
    """Where pages come from; both are called beside the window."""

    def sizes(self) -> list[tuple[float, float]]:
        """Return width and height of each page, in points."""

    def draw(self, width: int, wanted: Sequence[int], grey: bool) -> list[Page]:
        """Return pages (from 0) drawn ``width`` pixels wide."""


@dataclass(frozen=True, slots=True, eq=False)
class OwnPdf:
    """A PDF that this program made itself."""

    pdf: bytes

    def sizes(self) -> list[tuple[float, float]]:
        """Return width and height of each page, in points."""
        return page_sizes(self.pdf)

    def draw(self, width: int, wanted: Sequence[int], grey: bool) -> list[Page]:
        """Return pages (from 0) drawn ``width`` pixels wide."""
        return draw_pages(self.pdf, width, wanted, grey=grey)


class Preview(QWidget):
    """Shows the pages of a PDF with a zoom."""

    ZOOMS = (60, 80, 100, 130, 170)

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self._source: Source | None = None
        self._zoom = 100
        self._width = 0  # of a page, in device pixels
        self._ratio = 1.0
        self._only: tuple[int, ...] | None = None  # the pages that are shown; None for all
        self._grey = False
        self._numbers: list[int] = []
        self._sizes: list[tuple[float, float]] = []
        self._sheets: list[QLabel] = []
        self._tops: list[int] = []  # where each page begins, and where the last ends with its gap
        self._drawn: set[int] = set()
        self._asked: tuple[int, int, int, int] | None = None  # what is being drawn: the last show, width, first page, pages
        self._shows = 0
        theme = context.theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.em(0.2))
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.em(0.5), 0, 0, 0)
        self._pages_label = label("", "small", wrap=False)
        bar.addWidget(self._pages_label, 1)
        bar.addWidget(icon_button(theme, "plus", t("Larger"), lambda: self._step(1)))
        bar.addWidget(icon_button(theme, "minus", t("Smaller"), lambda: self._step(-1)))
        column.addLayout(bar)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setAccessibleName(t("Pages of the document"))
        self.area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._column.setSpacing(theme.em(0.6))
        self._column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetMinimumSize)
        self.area.setWidget(self._body)
        self.area.verticalScrollBar().valueChanged.connect(lambda _: self._draw_seen())
        self.area.verticalScrollBar().rangeChanged.connect(lambda *_: self._draw_seen())
        column.addWidget(self.area, 1)
        self.page_count = 0

    def show_pdf(self, pdf: bytes, only: tuple[int, ...] | None = None, *, grey: bool = False) -> None:
        """Show a document, or some of its pages (from 0); an empty one clears the view."""
        self.show_source(OwnPdf(pdf) if pdf else None, only, grey=grey)

    def show_source(self, source: Source | None, only: tuple[int, ...] | None = None, *, grey: bool = False) -> None:
        """Show pages from elsewhere; none clears the view."""
        self._source, self._only, self._grey = source, only, grey
        if source is not None:
            self._context.tasks.call(source.sizes, done=lambda sizes: self._show(source, sizes),
                                     key=f"preview-sizes-{id(self)}", owner=self)
        else:
            self._show(source, [])

    def sizeHint(self) -> QSize:
        """Return a comfortable size (Qt)."""
        return QSize(self._context.theme.em(26), self._context.theme.em(24))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom by plus and minus (Qt)."""
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._step(1)
        elif event.key() == Qt.Key.Key_Minus:
            self._step(-1)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the pages into the new width; more of them may be in view now (Qt)."""
        super().resizeEvent(event)
        if self._sizes and event.size().width() != event.oldSize().width():
            self._lay_out()
        else:
            self._draw_seen()

    def _step(self, by: int) -> None:
        at = self.ZOOMS.index(self._zoom) + by
        self._zoom = self.ZOOMS[min(max(at, 0), len(self.ZOOMS) - 1)]
        self._lay_out()

    def _make_sheet(self, at: int) -> QLabel:
        """Return the place of a page (from 0)."""
        return QLabel()

    def _show(self, source: Source | None, sizes: list[tuple[float, float]]) -> None:
        if source is not self._source:
            return
        numbers = [at for at in (range(len(sizes)) if self._only is None else self._only) if at < len(sizes)]
        if numbers != self._numbers or len(sizes) != self.page_count:
            clear(self._column)
            self._sheets = []
            for number in (at + 1 for at in numbers):
                sheet = self._make_sheet(number - 1)
                sheet.setScaledContents(True)  # after a zoom the old picture stands until the new one is drawn
                sheet.setAccessibleName(t("Page {0} of {1}").format(number, len(sizes)))
                sheet.setFrameShape(QLabel.Shape.Box)
                self._sheets.append(sheet)
                self._column.addWidget(sheet, 0, Qt.AlignmentFlag.AlignHCenter)
        seen = self._seen()
        for at, sheet in enumerate(self._sheets):
            if at not in seen:
                sheet.clear()  # of another document, or of this one before it changed
        self._shows += 1
        self._numbers = numbers
        self._sizes = [sizes[at] for at in numbers]
        self.page_count = len(sizes)
        self._pages_label.setText(nt("{n} page", "{n} pages", len(numbers)) if sizes else "")
        self._lay_out()

    def _lay_out(self) -> None:
        """Give each page its place; what is seen is drawn anew."""
        self._ratio = self.devicePixelRatioF()
        fit = max(self.area.viewport().width() - self._context.theme.em(2), self._context.theme.em(10))
        wide = int(fit * self._zoom / 100)
        self._width = int(wide * self._ratio)
        self._drawn.clear()
        self._tops, y = [], self._column.contentsMargins().top()
        self._column.setEnabled(False)  # places are worked out once, when all sizes are set
        for sheet, (width, height) in zip(self._sheets, self._sizes, strict=True):
            edge = 2 * sheet.frameWidth()
            high = round(wide * height / max(width, 1)) + edge
            sheet.setFixedSize(QSize(wide + edge, high))  # never squeezed: a page is seen whole
            self._tops.append(y)
            y += high + self._column.spacing()
        self._tops.append(y)
        self._column.setEnabled(True)
        self._column.invalidate()
        self._draw_seen()

    def _seen(self, around: float = 0.5) -> list[int]:
        """Return the pages in view and those within ``around`` of a screen below and above."""
        top, height = self.area.verticalScrollBar().value(), self.area.viewport().height()
        if len(self._tops) != len(self._sheets) + 1:  # nothing is laid out yet
            return []
        first = min(max(bisect_right(self._tops, top - height * around) - 1, 0), len(self._sheets) - 1)
        if self._tops[first + 1] - self._column.spacing() <= top - height * around:
            first += 1  # only the gap below it is in view
        last = bisect_left(self._tops, top + (1 + around) * height)
        return list(range(first, min(last, len(self._sheets))))

    def _draw_seen(self) -> None:
        """Draw what is in view and not drawn yet; forget the pictures of pages far away."""
        seen = self._seen()
        for at in list(self._drawn):
            if seen and not seen[0] - KEPT <= at <= seen[-1] + KEPT:
                self._drawn.discard(at)
                self._sheets[at].clear()
        # what one looks at comes first, its neighbours after it
        wanted = [at for at in self._seen(0) if at not in self._drawn] or [at for at in seen if at not in self._drawn]
        if not wanted:
            return
        source, width, first, count = self._source, self._width, wanted[0], wanted[-1] - wanted[0] + 1
        if source is None:
            return
        if self._asked == (self._shows, width, first, count):
            return
        self._asked = self._shows, width, first, count
        numbers, grey, shows = self._numbers[first:first + count], self._grey, self._shows
        self._context.tasks.call(lambda: source.draw(width, numbers, grey), owner=self, key=f"preview-{id(self)}",
                                 done=lambda pages: self._take(shows, width, first, pages))

    def _take(self, shows: int, width: int, first: int, pages: list[Page]) -> None:
        if shows != self._shows or width != self._width:
            return
        self._asked = None
        for at, page in enumerate(pages, first):
            image = image_of(page)
            pixmap = QPixmap.fromImage(image)
            pixmap.setDevicePixelRatio(self._ratio)
            self._sheets[at].setPixmap(pixmap)
            self._drawn.add(at)
        if pages:
            self._draw_seen()
