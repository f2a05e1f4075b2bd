"""A book of 300 pages and 40 MB in the window: from the click to its first page, a page after a jump, and its text indexed beside."""

from __future__ import annotations

import io
import os
import random
import time
from collections.abc import Callable
from typing import Any

from benchmarks.figure import Figure, notebook, p95, text
from benchmarks.window import close

PAGES, SIZE = 300, 40_000_000
JUMPS = 40
_TICK_MS = 5


def _book() -> bytes:
    """Return a PDF as regions make them: a page of text over a photo that a scanner took."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    rng = random.Random(9)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    for number in range(1, PAGES + 1):
        picture = io.BytesIO()
        Image.effect_noise((480, 400), 60 + number % 30).convert("RGB").save(picture, "JPEG", quality=82)
        picture.seek(0)
        canvas.drawImage(ImageReader(picture), 60, 40, 470, 300)
        lines = canvas.beginText(60, 790)
        for line in (f"Halaman {number}", *text(rng, 2400).split(". ")):
            lines.textLine(line[:95])
        canvas.drawText(lines)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def measure() -> list[Figure]:
    """Measure in a real window, pictures painted."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from assessor_app.app import make_application, make_window
    from assessor_app.settings import Settings
    from assessor_app.workflow import books
    from assessor_app.workflow.visiting import create_visit

    application = make_application()
    data = _book()
    with notebook() as account:
        account.writer.run(lambda unit: create_visit(unit, "93.02"), purpose="visit.create")
        small = books.read_book(account.blobs, _small(), "Buku 1.pdf")
        large = books.read_book(account.blobs, data, "Buku 2.pdf")
        for new in (small, large):
            account.writer.run(lambda unit, new=new: books.add_book(unit, "93.02", new), purpose="book.add")  # type: ignore[misc]
        window = make_window(application, Settings(), account.folder)
        window.context.notify.quiet = True
        window.resize(1366, 768)
        window.show()
        window.open_account(account)
        _until(lambda: window.workspace is not None and window.workspace.view is not None)
        view = window.workspace.view  # type: ignore[union-attr]
        assert view is not None
        view.show_page("plan")
        page: Any = view.page_widget("plan")
        page.parts.setCurrentWidget(page.books)
        desk = page.books
        _until(lambda: _drawn(desk, 0) and desk.chooser.count() == 2)
        ends = time.monotonic() + 3
        _until(lambda: window.context.tasks.idle and time.monotonic() > ends)  # what a window does once after its start is over
        figures = _open(desk, len(data)) + _index(window, desk) + _jump(desk)
        close(window)
    return figures


def _small() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(60, 700, "Buku kecil")
    canvas.save()
    return out.getvalue()


def _open(desk: Any, size: int) -> list[Figure]:
    book = next(row for row in desk._rows if row.pages == PAGES)
    began = time.perf_counter()
    desk.chooser.chosen.emit(book.id)
    _until(lambda: desk.pages.page_count == PAGES and _drawn(desk, 0))
    took = time.perf_counter() - began
    return [Figure(f"book of {PAGES} pages, {size / 1e6:.0f} MB: first page", f"{took * 1000:.0f} ms", "500 ms", took / 0.5, 1.0)]


def _index(window: Any, desk: Any) -> list[Figure]:
    """How late the window's ticks come while all pages are read and indexed beside."""
    from assessor_app.workflow.queries.books import search_pages

    late: list[float] = []
    last = time.perf_counter()
    account = window.context.account

    def ended() -> bool:
        with account.reading() as session:
            return bool(search_pages(session, f"halaman {PAGES}", limit=1))

    from PySide6.QtWidgets import QApplication

    while len(late) < 20 or len(late) % 50 or not ended():
        QApplication.processEvents()
        now = time.perf_counter()
        late.append(max(now - last - _TICK_MS / 1000, 0))
        last = now
        time.sleep(_TICK_MS / 1000)
        if not len(late) % 50:
            last = time.perf_counter()
    worst = p95(late)
    return [Figure("its text indexed beside: the window's p95 to an event", f"{worst * 1000:.1f} ms", "16 ms", worst / 0.016, 1.0)]


def _jump(desk: Any) -> list[Figure]:
    rng = random.Random(4)
    times = []
    for page in rng.sample(range(1, PAGES + 1), JUMPS):
        began = time.perf_counter()
        desk.page.setValue(page)
        _until(lambda page=page: _drawn(desk, page - 1))  # type: ignore[misc]
        times.append(time.perf_counter() - began)
        _until(lambda: desk.pages._asked is None)
    worst = max(times)
    return [Figure(f"a page after a jump, the worst of {JUMPS}", f"{worst * 1000:.0f} ms", "100 ms", worst / 0.1, 1.0)]


def _drawn(desk: Any, at: int) -> bool:
    sheets = desk.pages._sheets
    return at < len(sheets) and not sheets[at].pixmap().isNull()


def _until(there: Callable[[], bool]) -> None:
    from PySide6.QtWidgets import QApplication

    ends = time.monotonic() + 60
    while not there():
        QApplication.processEvents()
        if time.monotonic() > ends:
            raise TimeoutError
        time.sleep(0.001)
    QApplication.processEvents()  # what came is painted
