"""The plan's books: others' PDFs in a process of their own, pages, outline, words in them, marks as evidence, the line."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from assessor_app.errors import BadInput, NotebookError
from assessor_app.isolated_file import HeldFile
from assessor_app.models.blobs import CHUNK
from assessor_app.models.books import Book, Mark
from assessor_app.models.evaluations import Answer
from assessor_app.models.kinds import BookType, Kind
from assessor_app.workflow import backup, books, evaluating, sample
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.book_reader import unpack_page
from assessor_app.workflow.editing import delete, last_undoable, undo
from assessor_app.workflow.queries.books import books_of, marks_of, search_pages
from tests.factories import make_account, make_visit, read, reopen
from tests.sync.loopback import Loopback, make_joined


def pdf(pages: list[str], title: str = "") -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(300, 400))
    canvas.setTitle(title)
    for text in pages:
        for number, line in enumerate(text.split("\n")):
            canvas.drawString(20, 360 - 20 * number, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    made = make_account(tmp_path / "a", "Ratna Prameswari")
    yield made
    made.close()


def add(account: Account, data: bytes, name: str = "Buku 2.pdf", region: str = "93.02") -> str:
    new = books.read_book(account.blobs, data, name)
    return str(account.writer.run(lambda unit: books.add_book(unit, region, new), purpose="book.create"))


def test_a_book_is_read_shown_and_searched_without_a_copy_on_the_disk(account: Account) -> None:
    book = add(account, (sample.folder() / "buku-2-masterplan-boven-digoel.pdf").read_bytes(), "Buku 2 final_rev3.pdf")
    assert read(account, Book, book, "type") == BookType.MASTERPLAN
    assert read(account, Book, book, "title").startswith("Masterplan Smart City")
    with books.open_book(account, read(account, Book, book, "sha256")) as held:
        sizes = held.ask("sizes")
        outline = held.ask("outline")
        assert len(sizes) == read(account, Book, book, "pages")
        assert ["Visi", 0] in [[title, level] for level, title, _ in outline]
        page = next(at for _, title, at in outline if title == "Smart Economy")
        width, height, stride, pixels = unpack_page(held.ask("draw", page, 400))
        assert (width, stride) == (400, 1600)
        assert height == pytest.approx(400 * sizes[page][1] / sizes[page][0], abs=2)
        assert len(pixels) == stride * height
        assert len(set(pixels[:200_000])) > 20  # a page with words on it
        boxes = held.ask("find", page, "smart economy")
        assert len(boxes) == 1
        x0, y0, x1, y1 = boxes[0]
        assert held.ask("select", page, x0 + 1, (y0 + y1) / 2, x1 - 1, (y0 + y1) / 2)["quote"] == "Smart Economy"
    assert books.index_books(account) == len(sizes)
    assert books.index_books(account) == 0
    with account.reading() as session:
        (hit,) = search_pages(session, "tepung sagu ker")
        assert (hit.book, hit.page) == (book, page + 1)
        assert [hit.sentence[at:at + length].lower() for at, length in hit.marks][:1] == ["tepung"]
        assert search_pages(session, "tepung sagu", region="11.72") == ()
        assert search_pages(session, "tepung sagu", scopes=lambda scope: False) == ()
        assert search_pages(session, "kereta api") == ()
    plain = [file for file in account.folder.rglob("*") if file.is_file() and b"%PDF-" in file.read_bytes()]
    assert plain == []


def test_the_same_file_is_there_once_and_comes_back_after_deleting(account: Account) -> None:
    data = pdf(["Satu"])
    book = add(account, data)
    assert add(account, data, "nama lain.pdf") == book
    account.writer.run(lambda unit: delete(unit, Kind.BOOK, book), purpose="book.delete")
    with account.reading() as session:
        assert books_of(session, "93.02", account.blobs.has) == ()
    assert add(account, data) == book
    assert backup.sweep(account) == 0  # a book's bytes are no orphans
    with account.reading() as session:
        assert [row.here for row in books_of(session, "93.02", account.blobs.has)] == [True]


def test_what_was_stored_a_moment_ago_outlives_the_sweep_until_its_row_is_written(account: Account) -> None:
    new = books.read_book(account.blobs, pdf(["Baru"]), "Buku 3.pdf")
    assert backup.sweep(account) == 0  # the sweep after opening runs beside the person's first acts
    assert account.blobs.has(new.sha256)
    again = reopen(account)
    assert again.blobs.put(again.blobs.get(new.sha256)) == new.sha256  # stored once more, as after a power cut
    assert backup.sweep(again) == 0
    last = reopen(again)
    assert backup.sweep(last) == 1
    assert not last.blobs.has(new.sha256)
    last.close()


@pytest.mark.parametrize(("name", "type"), [
    ("BUKU_1 Analisis.pdf", "strategic"), ("Buku-3.pdf", "summary"), ("Ringkasan Eksekutif.pdf", "summary"), ("roadmap.pdf", "quick_win"),
    ("Rencana Induk.pdf", "masterplan"), ("lampiran.pdf", "other")])
def test_which_book_it_is_follows_from_its_name(name: str, type: str) -> None:
    assert books.guess(name) == type


def locked_pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(["Rahasia"]))) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="pemilik", user="kata sandi"))
    return out.getvalue()


@pytest.mark.parametrize(("data", "said"), [
    (b"", "empty"), (b"PK\x03\x04 not a pdf", "not a PDF"), (pdf(["x"])[:300], "damaged"), (locked_pdf(), "locked with a password"),
    (b"%PDF-1.7\n" + b"\0" * 5000, "damaged")])
def test_what_is_no_book_is_refused_with_its_reason(account: Account, data: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        books.read_book(account.blobs, data, "Buku 1.pdf")
    assert refused.value.kept
    with account.reading() as session:
        assert books_of(session, "93.02", account.blobs.has) == ()


class Dying:
    """A file that breaks its reader."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def die(self) -> None:
        import os
        import signal

        os.kill(os.getpid(), signal.SIGKILL)

    def hang(self) -> None:
        time.sleep(600)

    def swell(self) -> int:
        return len(bytearray(4 << 30))


@pytest.mark.parametrize("way", ["die", "hang", "swell"])
def test_a_reader_that_dies_hangs_or_swells_leaves_the_program_alive(way: str) -> None:
    held = HeldFile("tests.workflow.test_books:Dying", b"x", memory_mb=512, timeout_s=8 if way == "hang" else 60)
    with pytest.raises(BadInput, match="could not be read"):
        held.ask(way)
    with pytest.raises(BadInput):
        held.ask("die")
    held.close()


def test_a_mark_is_kept_undone_and_linked_as_evidence(account: Account) -> None:
    book = add(account, pdf(["Air bersih untuk Kouh\nmulai 2024", "Halaman dua"]))
    visit = make_visit(account)
    with books.open_book(account, read(account, Book, book, "sha256")) as held:
        found = held.ask("select", 0, 20, 42, 60, 62)
    assert found["quote"].startswith("Air bersih")
    assert len(found["boxes"]) == 2
    mark = account.writer.run(lambda u: books.add_mark(u, visit, book, 1, found["quote"], found["boxes"], "Cek."), purpose="mark.create")
    instrument = evaluating.shipped(evaluating.shipped_files()[0])
    first, second = [q.id for q in instrument.questions()][:2]
    account.writer.run(lambda u: evaluating.open_sheet(u, visit, instrument), purpose="sheet.open")
    ref = f"{Kind.MARK}:{mark}"
    account.writer.run(lambda u: evaluating.add_evidence(u, visit, ref, (first, second)), purpose="answer.evidence")
    account.writer.run(lambda u: evaluating.add_evidence(u, visit, ref, (second,)), purpose="answer.evidence")
    with account.reading() as session:
        assert evaluating.evidenced_by(session, visit, account.profile, ref) == (second,)
        sheet = evaluating.sheet_id(visit, account.profile)
        assert session.get(Answer, evaluating.answer_id(sheet, first)).evidence == []  # type: ignore[union-attr]
        (row,) = marks_of(session, visit)
        assert (row.page, row.note, row.boxes) == (1, "Cek.", tuple(tuple(box) for box in found["boxes"]))
    account.writer.run(lambda u: delete(u, Kind.MARK, mark), purpose="mark.delete")
    with account.reading() as session:
        assert marks_of(session, visit) == ()
    with account.reading() as session:
        step = last_undoable(session)
    assert step is not None
    account.writer.run(lambda u: undo(u, step.unit), purpose="undo")
    assert read(account, Mark, mark, "deleted") is False


def test_books_and_marks_reach_the_colleague_by_the_line(tmp_path: Path) -> None:
    server = Loopback(tmp_path / "server")
    ana, budi = make_joined(server, tmp_path / "a", "ana"), make_joined(server, tmp_path / "b", "budi")
    book = add(ana, pdf(["Halaman satu", "Sekolah berasrama"]))
    visit = make_visit(ana)
    ana.writer.run(lambda u: books.add_mark(u, visit, book, 2, "Sekolah", [(20, 20, 80, 34)], "Lihat."), purpose="mark.create")
    server.sync(ana)
    server.sync(budi)
    with budi.reading() as session:
        (row,) = books_of(session, "93.02", budi.blobs.has)
        assert row.here
        assert marks_of(session, visit)[0].note == "Lihat."
    assert books.index_books(budi) == 2
    with budi.reading() as session:
        assert search_pages(session, "berasrama")[0].page == 2
    for one in (ana, budi):
        one.close()
    server.close()


def test_every_page_of_pypdfium2s_picture_is_upright() -> None:
    data = pdf(["Atas"])
    document = pypdfium2.PdfDocument(data)
    with HeldFile(books.READER, data) as held:
        *_, pixels = unpack_page(held.ask("draw", 0, 300))
    assert bytes(document[0].render(scale=1, prefer_bgrx=True).buffer) == pixels


def test_pieces_of_a_blob_are_its_bytes_and_a_missing_one_is_said(account: Account) -> None:
    data = random.Random(3).randbytes(CHUNK * 37 + 1234)
    digest = account.blobs.put(data)
    size, pieces = account.blobs.pieces(digest)
    assert (size, b"".join(pieces)) == (len(data), data)
    with pytest.raises(NotebookError):
        account.blobs.pieces("0" * 64)
    account.blobs._connection.execute("DELETE FROM chunk WHERE sha256 = (SELECT chunk FROM part WHERE blob = ? AND number = 20)", (digest,))
    _, pieces = account.blobs.pieces(digest)
    with pytest.raises(NotebookError):
        b"".join(pieces)
    with pytest.raises(NotebookError):
        HeldFile("tests.workflow.test_books:Dying", account.blobs.pieces(digest))
