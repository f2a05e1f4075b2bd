"""A PDF as it will be printed: its pages drawn beside the window, one below the other."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.widgets.basics import clear, icon_button, label

#: PDFium draws for one thread at a time.
_PDFIUM = threading.Lock()


@dataclass(frozen=True, slots=True)
class Page:
    """One drawn page: 32-bit pixels and its size."""

    pixels: bytes
    width: int
    height: int
    stride: int


def draw_pages(pdf: bytes, width: int, first: int = 0, count: int = 40) -> tuple[int, list[Page]]:
    """Return the number of pages and some of them drawn ``width`` pixels wide, signatures and stamps included."""
    import pypdfium2  # type: ignore[import-untyped]

    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            document.init_forms()
            pages = []
            for at in range(first, min(len(document), first + count)):
                page = document[at]
                picture = page.render(scale=width / page.get_width(), may_draw_forms=True, prefer_bgrx=True)
                pages.append(Page(bytes(picture.buffer), picture.width, picture.height, picture.stride))
            return len(document), pages
        finally:
            document.close()


class Preview(QWidget):
    """Shows the pages of a PDF with a zoom."""

    ZOOMS = (60, 80, 100, 130, 170)

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self._pdf = b""
        self._zoom = 100
        theme = context.theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.em(0.2))
        bar = QHBoxLayout()
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
        column.addWidget(self.area, 1)
        self.page_count = 0

    def show_pdf(self, pdf: bytes) -> None:
        """Show a document; an empty one clears the view."""
        self._pdf = pdf
        clear(self._column)
        self.page_count = 0
        self._pages_label.setText("")
        if pdf:
            self._draw()

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

    def _step(self, by: int) -> None:
        at = self.ZOOMS.index(self._zoom) + by
        self._zoom = self.ZOOMS[min(max(at, 0), len(self.ZOOMS) - 1)]
        if self._pdf:
            self._draw()

    def _draw(self) -> None:
        pdf, ratio = self._pdf, self.devicePixelRatioF()
        fit = max(self.area.viewport().width() - self._context.theme.em(2), self._context.theme.em(14))
        width = int(fit * self._zoom / 100 * ratio)
        self._context.tasks.call(lambda: draw_pages(pdf, width), done=lambda drawn: self._show(pdf, ratio, *drawn),
                                 key=f"preview-{id(self)}", owner=self)

    def _show(self, pdf: bytes, ratio: float, count: int, pages: list[Page]) -> None:
        if pdf is not self._pdf:
            return
        clear(self._column)
        self.page_count = count
        self._pages_label.setText(t("{0} pages").format(count))
        for number, page in enumerate(pages, 1):
            image = QImage(page.pixels, page.width, page.height, page.stride, QImage.Format.Format_RGB32)
            pixmap = QPixmap.fromImage(image)
            pixmap.setDevicePixelRatio(ratio)
            sheet = QLabel()
            sheet.setPixmap(pixmap)
            sheet.setAccessibleName(t("Page {0} of {1}").format(number, count))
            sheet.setFrameShape(QLabel.Shape.Box)
            edge = 2 * sheet.frameWidth()
            sheet.setFixedSize(pixmap.deviceIndependentSize().toSize() + QSize(edge, edge))  # never squeezed: a page is seen whole
            self._column.addWidget(sheet, 0, Qt.AlignmentFlag.AlignHCenter)
