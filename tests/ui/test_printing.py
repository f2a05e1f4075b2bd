"""Printing in the window: what comes out is seen first, the queue is real, a printer that breaks off is said; Qt's own drawing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from assessor_app.errors import AppError
from assessor_app.ui import printing
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs import print as dialogs
from assessor_app.ui.dialogs.print import BatchDialog, PrintDialog
from assessor_app.ui.printing import Target, Way
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow.printing import PrintWish
from tests import cups
from tests.reports import samples
from tests.ui.conftest import settle


@pytest.fixture(scope="module")
def pdf() -> bytes:
    from assessor_app.reports import signing

    return signing.make(samples.sheet(2))


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[cups.Queue]:
    with cups.running() as made:
        monkeypatch.setenv("CUPS_SERVER", str(made.socket))
        yield made


def accepted(monkeypatch: pytest.MonkeyPatch, kind: type, fill: object) -> None:
    """Let a dialog be filled in and accepted as soon as it opens."""
    def run(dialog: object) -> int:
        fill(dialog)  # type: ignore[operator]
        dialog.accept()  # type: ignore[attr-defined]
        return int(dialog.result())  # type: ignore[attr-defined]

    monkeypatch.setattr(kind, "exec", run)


def test_pages_and_grey_are_seen_before_they_are_printed(qtbot: QtBot, context: AppContext, pdf: bytes) -> None:
    dialog = PrintDialog(context, "Lembar Evaluasi", pdf, [Target("Uji", Way.QUEUE)])
    qtbot.addWidget(dialog)
    dialog.show()
    settle(qtbot, context)
    every = len(dialog.preview._sheets)
    assert every == len(pypdfium2.PdfDocument(pdf)) > 2
    qtbot.keyClicks(dialog.form.pages, "2-3")
    qtbot.waitUntil(lambda: len(dialog.preview._sheets) == 2)
    settle(qtbot, context)
    assert dialog.preview._sheets[0].accessibleName() == f"Halaman 2 dari {every}"
    dialog.form.grey.setChecked(True)
    settle(qtbot, context)
    image = dialog.preview._sheets[0].pixmap().toImage()
    assert all(image.pixelColor(x, y).saturation() == 0 for x in range(0, image.width(), 7) for y in range(0, image.height(), 7))
    qtbot.keyClicks(dialog.form.pages, "-99")
    qtbot.waitUntil(lambda: not dialog.print.isEnabled())
    assert "2-3-99" in dialog.form._pages.hint.text()
    dialog.accept()
    assert dialog.isVisible()  # nothing is printed that cannot be read


def test_a_document_is_printed_and_its_end_is_said(qtbot: QtBot, view: VisitView, context: AppContext, queue: cups.Queue, pdf: bytes,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(dialog: PrintDialog) -> None:
        assert dialog.form.chosen() == Target("Uji", Way.QUEUE)
        dialog.form.pages.setText("1-2")

    accepted(monkeypatch, PrintDialog, fill)
    monkeypatch.setattr(dialogs, "LOOK_MS", 50)
    dialogs.print_document(context, view, pdf, "Lembar Evaluasi 7")
    qtbot.waitUntil(lambda: any(m.title == "Tercetak: Lembar Evaluasi 7." for m in context.notify.history), timeout=30_000)
    assert any(m.title == "Dikirim ke printer Uji." for m in context.notify.history)
    (made,) = queue.printed()
    assert len(pypdfium2.PdfDocument(made)) == 2


def test_a_printer_that_vanishes_is_said_and_the_job_taken_back(qtbot: QtBot, view: VisitView, context: AppContext, queue: cups.Queue,
                                                                pdf: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogs, "LOOK_MS", 50)
    monkeypatch.setattr(dialogs, "LOOK_HELD_MS", 50)
    with cups.breaking(queue, "Putus"):
        accepted(monkeypatch, PrintDialog, lambda dialog: dialog.form.target.setCurrentIndex(1))
        dialogs.print_document(context, view, pdf, "Berita Acara 3")
        said = "Printer Putus belum menerima dokumen: Berita Acara 3"
        qtbot.waitUntil(lambda: any(m.title == said for m in context.notify.history), timeout=30_000)
    message = next(m for m in context.notify.history if m.title == said)
    assert "dicetak setelah printer siap" in message.text
    assert message.act is not None
    message.act()
    qtbot.waitUntil(lambda: context.notify.history[-1].title == "Dikeluarkan dari antrean: Berita Acara 3.", timeout=30_000)
    settle(qtbot, context)
    assert sum(m.title == said for m in context.notify.history) == 1  # said once, however long it waits
    assert not any(m.title.startswith("Tercetak") for m in context.notify.history)


def test_several_in_one_go_and_one_that_is_gone(qtbot: QtBot, view: VisitView, context: AppContext, queue: cups.Queue, pdf: bytes,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> bytes:
        raise AppError("Berkasnya belum ada di perangkat ini.")

    accepted(monkeypatch, BatchDialog, lambda dialog: dialog.boxes[1].setChecked(False))
    dialogs.print_several(context, view, [("Satu", lambda: pdf), ("Dua", lambda: pdf), ("Tiga", gone), ("Empat", lambda: pdf)])
    qtbot.waitUntil(lambda: any("2 dari 3 dokumen" in m.title for m in context.notify.history), timeout=30_000)
    message = next(m for m in context.notify.history if "2 dari 3 dokumen" in m.title)
    assert message.faults == ("Tiga: Berkasnya belum ada di perangkat ini.",)
    made: list[bytes] = []

    def both() -> bool:
        made.extend(queue.printed())
        return len(made) == 2

    cups.until(both)


def test_no_printer_is_said(qtbot: QtBot, view: VisitView, context: AppContext, pdf: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "targets", list)
    dialogs.print_document(context, view, pdf, "x")
    settle(qtbot, context)
    assert context.notify.history[-1].title == "Belum ada printer di komputer ini."


@pytest.mark.parametrize(("paper", "size"), [("", (595, 842)), ("F4", (609, 935))])
def test_pages_drawn_by_qt(qapp: QApplication, tmp_path: Path, pdf: bytes, paper: str, size: tuple[int, int]) -> None:
    printer = QPrinter(QPrinter.PrinterMode.ScreenResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "out.pdf"))
    printing.draw(printer, pdf, "x", PrintWish(paper=paper, grey=True), [0, 2])
    made = pypdfium2.PdfDocument(tmp_path / "out.pdf")
    own = pypdfium2.PdfDocument(pdf)
    assert len(made) == 2
    assert made.get_page_size(1) == pytest.approx(size, abs=2)
    drawn = made[1].render(scale=1).to_pil().convert("L")
    wanted = own[2].render(scale=1).to_pil().convert("L")
    dark = [sum(value < 128 for value in image.tobytes()) / image.width / image.height for image in (drawn, wanted)]
    assert dark[0] == pytest.approx(dark[1], rel=0.25)
    assert dark[1] > 0.01


def test_a_drawing_that_is_cancelled_stops(qapp: QApplication, tmp_path: Path, pdf: bytes) -> None:
    printer = QPrinter(QPrinter.PrinterMode.ScreenResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "out.pdf"))
    seen: list[int] = []

    def report(done: int, total: int) -> None:
        seen.append(done)
        if done == 1:
            raise KeyError

    with pytest.raises(KeyError):
        printing.draw(printer, pdf, "x", PrintWish(), None, report)
    assert seen == [0, 1]


@pytest.mark.qt_log_ignore("QPainter::begin")
def test_a_printer_of_qts_that_is_gone_takes_nothing(qapp: QApplication, tmp_path: Path, pdf: bytes) -> None:
    printer = QPrinter(QPrinter.PrinterMode.ScreenResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "no" / "folder" / "out.pdf"))
    with pytest.raises(AppError, match="Printer tidak menerima dokumen"):
        printing.draw(printer, pdf, "x", PrintWish(), None)
