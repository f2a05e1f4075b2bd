"""Printing on a real queue: pages, copies, paper, grey; a printer that breaks off; nothing of a copy stays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from assessor_app import paths
from assessor_app.cli.main import main
from assessor_app.errors import AppError, BadInput
from assessor_app.identity import certificates
from assessor_app.identity.keys import new_key
from assessor_app.identity.signers import LocalKey
from assessor_app.reports import signing
from assessor_app.reports.stamps import Stamp
from assessor_app.workflow import printing
from assessor_app.workflow.printing import PrintWish, Progress, QueueJob, Watch
from tests import cups
from tests.reports import samples


@pytest.fixture(scope="module")
def queue() -> Iterator[cups.Queue]:
    with cups.running() as made:
        yield made


@pytest.fixture(autouse=True)
def _there(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "queue" in request.fixturenames:
        monkeypatch.setenv("CUPS_SERVER", str(request.getfixturevalue("queue").socket))


@pytest.fixture(scope="module")
def signed() -> bytes:
    key = new_key()
    signer = LocalKey(key, certificates.self_signed(key, certificates.Subject("Maria Tefa", "Uncen", "a1")))
    stamp = Stamp("Dr. Ir. Maria Tefa, M.Kom.", "3 Juli 2025, 14.32 WIT", strokes=(((0.0, 30.0), (10.0, 5.0), (60.0, 10.0)),))
    return signing.sign(signing.make(samples.sheet(2)), signer, "assessor", stamp)


def out(queue: cups.Queue, job: QueueJob) -> pypdfium2.PdfDocument:
    cups.until(lambda: printing.state_of(job).ended)
    assert printing.state_of(job).progress is Progress.PRINTED
    (made,) = queue.printed()
    return pypdfium2.PdfDocument(made)


def picture(page: pypdfium2.PdfPage, scale: float = 1.0):  # type: ignore[no-untyped-def]
    return page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")


def colourful(document: pypdfium2.PdfDocument) -> bool:
    return any(max(pixel) - min(pixel) > 24 for page in document for _, pixel in picture(page, 0.5).getcolors(1 << 20))


def test_a_signed_document_comes_out_whole_with_its_stamps(queue: cups.Queue, signed: bytes) -> None:
    before = hashlib.sha256(signed).hexdigest()
    assert printing.queues()[0] == "Uji"
    made = out(queue, printing.send(signed, "Lembar Evaluasi", "Uji", PrintWish()))
    own = pypdfium2.PdfDocument(signed)
    own.init_forms()
    assert len(made) == len(own)
    assert made.get_page_size(0) == pytest.approx(own.get_page_size(0), abs=1)
    assert colourful(made)
    # a page with its stamp looks the same on paper; without the stamp's ink it would not
    last = len(own) - 1
    mine, printed = picture(own[last], 0.5), picture(made[last], 0.5).resize(picture(own[last], 0.5).size)
    apart = sum(abs(a - b) > 90 for a, b in zip(mine.convert("L").tobytes(), printed.convert("L").tobytes(), strict=True))
    assert apart < 0.004 * mine.width * mine.height
    assert hashlib.sha256(signed).hexdigest() == before
    assert list(paths.copies().iterdir()) == []


def test_pages_copies_and_grey(queue: cups.Queue, signed: bytes) -> None:
    made = out(queue, printing.send(signed, "x", "Uji", PrintWish(copies=3, grey=True), [0, 2]))
    assert len(made) == 2  # this printer makes a file, once; how often a page was asked for stands in the queue's own log
    assert "total 6 " in queue.pages()[-1]
    assert not colourful(made)
    own = pypdfium2.PdfDocument(signed)
    assert made[1].get_textpage().get_text_bounded()[:40].split() == own[2].get_textpage().get_text_bounded()[:40].split()


@pytest.mark.parametrize("paper", ["A4", "F4"])
def test_another_paper(queue: cups.Queue, signed: bytes, paper: str) -> None:
    made = out(queue, printing.send(signed, "x", "Uji", PrintWish(paper=paper)))
    width, height = (side / 25.4 * 72 for side in printing.PAPERS[paper])
    assert made.get_page_size(0) == pytest.approx((width, height), abs=2)


def test_a_printer_that_breaks_off_holds_the_job_and_says_why(queue: cups.Queue, signed: bytes) -> None:
    with cups.breaking(queue, "Putus"):
        watch = Watch(printing.send(signed, "x", "Putus", PrintWish()))
        cups.until(lambda: watch.look().progress is Progress.HELD_UP)
        assert "Broken pipe" in watch.look().remark or "reset" in watch.look().remark
    printing.cancel(watch.job)
    cups.until(lambda: printing.state_of(watch.job).ended)
    assert printing.state_of(watch.job).progress is Progress.CANCELLED
    printing.cancel(watch.job)  # once more changes nothing


def test_a_printer_that_is_switched_off_is_said_and_prints_later(queue: cups.Queue, signed: bytes) -> None:
    queue.command("cupsdisable", "-r", "kertas habis", "Uji")
    job = printing.send(signed, "x", "Uji", PrintWish())
    state = printing.state_of(job)
    assert (state.progress, state.remark) == (Progress.HELD_UP, "kertas habis")
    queue.command("cupsenable", "Uji")
    assert len(out(queue, job)) == len(pypdfium2.PdfDocument(signed))


def test_who_is_no_printer_takes_nothing(queue: cups.Queue, signed: bytes) -> None:
    with pytest.raises(AppError, match="did not take the document") as refused:
        printing.send(signed, "x", "Tidak-ada", PrintWish())
    assert "Tidak-ada" in refused.value.message or refused.value.message
    assert list(paths.copies().iterdir()) == []


def test_by_command(queue: cups.Queue, signed: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str],
                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASESOR_LANGUAGE", "en")
    good, bad = tmp_path / "lembar.pdf", tmp_path / "rusak.pdf"
    good.write_bytes(signed)
    bad.write_bytes(b"%PDF-1.7 nothing")
    assert main(["print", str(good), "--pages", "1-2"]) == 0
    said = capsys.readouterr().out
    queue_name, number = said.strip().rpartition(" ")[2].rsplit("-", 1)
    assert len(out(queue, QueueJob(queue_name, number))) == 2
    assert main(["print", str(bad), str(good), "--pages", "999"]) == 1
    said = capsys.readouterr().err
    assert "rusak.pdf: The file is no PDF" in said
    assert "lembar.pdf: The document has no page 999." in said
    assert main(["print", str(good), "--printer", "Lain"]) == 1
    assert main(["print", str(good), "--copies", "0"]) == 1
    assert good.read_bytes() == signed
    assert queue.printed() == []


@pytest.mark.parametrize(("typed", "pages"), [
    ("", (0, 1, 2, 3, 4)), ("2", (1,)), ("1-3, 5", (0, 1, 2, 4)), ("5; 1", (4, 0)), (" 2 – 3 ", (1, 2)), ("1-2 2-3", (0, 1, 2))])
def test_pages_as_people_type_them(typed: str, pages: tuple[int, ...]) -> None:
    assert printing.pages_of(typed, 5) == pages


@pytest.mark.parametrize(("typed", "said"), [
    ("0", "cannot be read: 0"), ("3-1", "cannot be read: 3-1"), ("a", "cannot be read: a"), ("1,6", "no page 6"),
    ("1--2", "cannot be read"), ("999999", "cannot be read")])
def test_pages_that_are_none(typed: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        printing.pages_of(typed, 5)


def test_what_was_left_goes_at_the_next_start() -> None:
    left = printing.lay_copy(b"%PDF-1.7")
    other = paths.copies() / "not-ours.txt"
    other.write_text("x")
    assert left.stat().st_mode & 0o077 == 0
    assert printing.sweep_copies() == 1
    assert not left.exists()
    assert other.exists()
    assert printing.sweep_copies() == 0


def test_nothing_is_left_of_a_printed_copy() -> None:
    with printing.private_copy(b"%PDF-1.7") as copy:
        assert copy.read_bytes() == b"%PDF-1.7"
        assert copy.stat().st_mode & 0o077 == 0
    assert not copy.exists()
