"""Where a document can be printed, and the pages that Qt draws itself where the system has no queue for PDFs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.ui import platform_print
from assessor_app.workflow import printing
from assessor_app.workflow.printing import PAPERS, PrintWish

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

#: Resolution of pages that Qt draws itself, in dots an inch.
_DPI: Final = 300


class Way(Enum):
    """How a document gets to a printer."""

    QUEUE = 0  # byte for byte to the system's queue
    HANDLER = 1  # a copy to the program that this computer opens PDFs with (Windows)
    DRAWN = 2  # page by page as pictures: the last resort


@dataclass(frozen=True, slots=True)
class Target:
    """Something to print on."""

    name: str
    way: Way

    @property
    def label(self) -> str:
        """Return how the person knows it."""
        if self.way is Way.HANDLER:
            return t("The PDF program of this computer")
        return self.name


def targets() -> list[Target]:
    """Return everything that a document can be printed on, the best one first. Blocking."""
    queues = [Target(name, Way.QUEUE) for name in printing.queues()]
    if queues:
        return queues
    from PySide6.QtPrintSupport import QPrinterInfo

    default = QPrinterInfo.defaultPrinterName()
    drawn = [Target(name, Way.DRAWN) for name in sorted(QPrinterInfo.availablePrinterNames(), key=lambda name: name != default)]
    return [*([Target("", Way.HANDLER)] if platform_print.HAS_HANDLER and drawn else []), *drawn]


def print_on(target: Target, pdf: bytes, title: str, wish: PrintWish, pages: Sequence[int] | None,
             report: Callable[[int, int], None] = lambda done, total: None) -> printing.QueueJob | None:
    """Print a document; ``pages`` (from 0) where not all are wanted. Blocking.

    Returns the job where there is a queue to follow it in. Raises AppError where the printer does not take it; what
    ``report`` raises between two pages ends the drawing.
    """
    if target.way is Way.QUEUE:
        return printing.send(pdf, title, target.name, wish, pages)
    if target.way is Way.HANDLER:
        platform_print.hand_over(printing.lay_copy(pdf))
        return None
    from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

    printer = QPrinter(QPrinterInfo.printerInfo(target.name), QPrinter.PrinterMode.HighResolution)
    draw(printer, pdf, title, wish, pages, report)
    return None


def draw(printer: QPrinter, pdf: bytes, title: str, wish: PrintWish, pages: Sequence[int] | None,
         report: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Draw pages on a printer of Qt's, one at a time: a page is 35 MB of pixels. Raises AppError where the printer stops."""
    from PySide6.QtCore import QMarginsF, QRectF, QSizeF
    from PySide6.QtGui import QPageLayout, QPageSize, QPainter
    from PySide6.QtPrintSupport import QPrinter

    from assessor_app.ui.widgets.preview import draw_pages, image_of, page_sizes

    sizes = page_sizes(pdf)
    numbers = list(range(len(sizes)) if pages is None else pages)
    width, height = PAPERS[wish.paper] if wish.paper else (round(side / 72 * 25.4) for side in sizes[0])
    paper = QPageSize(QSizeF(width, height), QPageSize.Unit.Millimeter, wish.paper, QPageSize.SizeMatchPolicy.ExactMatch)
    printer.setPageLayout(QPageLayout(paper, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    printer.setFullPage(True)
    printer.setDocName(title.replace("/", "-"))  # Qt makes a file name of it
    printer.setColorMode(QPrinter.ColorMode.GrayScale if wish.grey else QPrinter.ColorMode.Color)
    printer.setCopyCount(wish.copies)
    repeated = 1 if printer.supportsMultipleCopies() else wish.copies
    numbers = numbers * repeated
    painter = QPainter()
    if not painter.begin(printer):
        raise _stopped(0)
    try:
        for done, at in enumerate(numbers):
            report(done, len(numbers))
            if done and not printer.newPage():
                raise _stopped(done)
            whole = QRectF(printer.paperRect(QPrinter.Unit.DevicePixel))
            page = draw_pages(pdf, round(sizes[at][0] / 72 * _DPI), [at], grey=wish.grey)[0]
            scale = min(whole.width() / page.width, whole.height() / page.height)
            place = QRectF(0, 0, page.width * scale, page.height * scale)
            place.moveCenter(whole.center())
            painter.drawImage(place, image_of(page))
            if printer.printerState() == QPrinter.PrinterState.Error:
                raise _stopped(done)
    except BaseException:
        printer.abort()
        raise
    finally:
        painter.end()


def _stopped(done: int) -> AppError:
    return AppError(t("The printer stopped at page {0}.").format(done + 1) if done else t("The printer did not take the document."),
                    hint=t("Check that the printer is on and connected, then print the pages that are missing."),
                    kept=t("The document itself is safe in the notebook."))


def text_as_pdf(html: str) -> bytes:
    """Return a simple page as PDF (the recovery code): never written to the disk in plain."""
    from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QSizeF
    from PySide6.QtGui import QFont, QPageLayout, QPageSize, QPdfWriter, QTextDocument

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setResolution(300)
    writer.setPageMargins(QMarginsF(12, 12, 12, 12), QPageLayout.Unit.Millimeter)
    document = QTextDocument()
    font = QFont(document.defaultFont())
    font.setPointSizeF(10)  # paper has its own size, whatever the window's text is
    document.setDefaultFont(font)
    document.documentLayout().setPaintDevice(writer)
    document.setHtml(html)
    document.setPageSize(QSizeF(writer.width(), writer.height()))
    document.print_(writer)
    del writer
    return bytes(buffer.data().data())
