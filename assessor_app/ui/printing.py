"""Printing through the system's queue, with a copy that is deleted afterwards; Qt draws the pages where there is no queue."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_app.errors import AppError
from assessor_app.i18n import t

if TYPE_CHECKING:
    from PySide6.QtGui import QImage
    from PySide6.QtPrintSupport import QPrinter
    from PySide6.QtWidgets import QWidget

log = logging.getLogger(__name__)
#: Resolution of pages that Qt has to draw itself, in dots an inch.
_DPI = 200


def queues() -> list[str]:
    """Return the printers of the system's queue, the default one first; none where there is no queue."""
    if sys.platform == "win32" or shutil.which("lpstat") is None:
        return []
    try:
        known = subprocess.run(["lpstat", "-e"], capture_output=True, text=True, timeout=5, check=False).stdout.split()
        default = subprocess.run(["lpstat", "-d"], capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return []
    first = default.rpartition(":")[2].strip()
    return sorted(known, key=lambda name: name != first)


def print_pdf(pdf: bytes, title: str, queue: str = "", copies: int = 1) -> None:
    """Send a PDF, byte for byte, to a queue of the system. Blocking; raises AppError where it refuses."""
    with private_copy(pdf) as copy:
        command = ["lp", *(["-d", queue] if queue else []), "-n", str(copies), "-t", title, "--", str(copy)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        except (OSError, subprocess.TimeoutExpired) as fault:
            raise _refused() from fault
        if done.returncode != 0:  # lp copies the file before it returns, so the copy can go
            raise _refused()


def _refused() -> AppError:
    return AppError(t("The printer did not take the document."), hint=t("Check that the printer is on and connected, then try again."),
                    kept=t("The document itself is safe in the notebook."))


class private_copy:
    """A readable-by-nobody-else copy of a document that is gone after the block."""

    def __init__(self, data: bytes, suffix: str = ".pdf") -> None:
        self._data, self._suffix = data, suffix
        self._path: Path | None = None

    def __enter__(self) -> Path:
        handle, name = tempfile.mkstemp(suffix=self._suffix, prefix="asesor-")
        self._path = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(self._data)
        return self._path

    def __exit__(self, *_: object) -> None:
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def print_drawn(pdf: bytes, title: str, parent: QWidget) -> bool:
    """Draw the pages through Qt's own print box, where the system has no queue for PDFs (Windows). True when printed."""
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(title.replace("/", "-"))  # Qt makes a file name of it
    if QPrintDialog(printer, parent).exec():
        _draw(pdf, printer)
        return True
    return False


def _draw(pdf: bytes, printer: QPrinter) -> None:
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QImage, QPainter

    from assessor_app.ui.widgets.preview import draw_pages, page_sizes

    painter = QPainter(printer)
    for at in range(len(page_sizes(pdf))):  # one at a time: a page is 15 MB of pixels
        if at:
            printer.newPage()
        page = draw_pages(pdf, round(8.27 * _DPI), at)[0]
        image: QImage = QImage(page.pixels, page.width, page.height, page.stride, QImage.Format.Format_RGB32)
        painter.drawImage(QRectF(printer.pageRect(QPrinter.Unit.DevicePixel)), image)
    painter.end()


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
