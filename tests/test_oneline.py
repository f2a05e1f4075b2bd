"""Names stand on one line and hide nothing: typed, pasted, imported, and as names of files."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from assessor_app.models.books import Book
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import Kind
from assessor_app.models.plans import Plan, Programme
from assessor_app.models.visits import Person, Visit
from assessor_app.oneline import file_name, one_line
from assessor_app.workflow import books, editing, interviewing, plan_cells, plan_import, planning
from assessor_app.workflow.plan_rows import ImportRow
from tests.factories import make_account, make_note, make_visit, read

#: Shows as “laporanexe.pdf” where the mark is obeyed.
_TURNED = "laporan\u202efdp.exe"


@pytest.mark.parametrize(("given", "kept"), [
    ("Dinas Kominfo", "Dinas Kominfo"), (_TURNED, "laporanfdp.exe"), ("a\u2066b\u2069c\u200bd\ufeff", "abcd"),
    ("baris\r\nkedua\tkolom\u2028akhir", "baris kedua kolom akhir"), ("nol\x00, lonceng\x07, \x1b[31mmerah\x9b", "nol, lonceng, [31mmerah"),
    ("ꦲꦏ\u200cꦱꦫ dan 👩\u200d🏫", "ꦲꦏ\u200cꦱꦫ dan 👩\u200d🏫"), ("  spasi\u00a0keras ", "  spasi\u00a0keras ")])
def test_a_line_without_what_nobody_sees(given: str, kept: str) -> None:
    assert one_line(given) == kept


@pytest.mark.parametrize(("given", "kept"), [
    (f"{_TURNED}.pdf", "laporanfdp.exe.pdf"), ("Kunjungan 1/2: a\\b?.docx", "Kunjungan 1-2- a-b-.docx"),
    ("Kab. Boven Digoel", "Kab. Boven Digoel"),
    ("ü" * 300 + ".pdf", "ü" * 98 + ".pdf"), ("tajuk. .pdf", "tajuk.pdf"), ("..", ""), ("akhir.", "akhir"),
    ("/tmp/keluar", "tmp-keluar"), ("--rf", "rf"), (" .tersembunyi", "tersembunyi"), ("-.-", ""), ("/", "")])
def test_a_files_name(given: str, kept: str) -> None:
    assert file_name(given) == kept


def test_names_in_the_notebook_hide_nothing_but_long_notes_keep_what_they_hold(tmp_path: Path) -> None:
    account = make_account(tmp_path / "a")
    visit = make_visit(account)
    note = make_note(account, visit, f"Ia menulis {_TURNED}\nbaris kedua", title=_TURNED)

    def fill(unit) -> tuple[str, str]:  # type: ignore[no-untyped-def]
        person = interviewing.add_respondent(unit, visit, name=f"Mama\u200b {_TURNED}", occupation="kader\nposyandu")
        editing.edit(unit, Kind.VISIT, visit, place=_TURNED)
        return person, books.add_book(unit, "93.02", books.NewBook(
            _TURNED + ".pdf", "0" * 64, 1, 1, f"Buku {_TURNED}", "other"))

    person, book = account.writer.run(fill, purpose="x")
    assert read(account, Interview, note, "title") == "laporanfdp.exe"
    assert read(account, Interview, note, "body") == f"Ia menulis {_TURNED}\nbaris kedua"
    assert read(account, Person, person, "name") == "Mama laporanfdp.exe"
    assert read(account, Person, person, "occupation") == "kader posyandu"
    assert read(account, Visit, visit, "place") == "laporanfdp.exe"
    assert read(account, Book, book, "name") == "laporanfdp.exe.pdf"
    assert read(account, Book, book, "title") == "Buku laporanfdp.exe"
    # one key after another, in the short way
    for typed in ("Kantor \u202e", "Kantor \u202ebupati"):
        wish = partial(editing.edit, kind=Kind.VISIT, record=visit, place=typed)
        account.writer.run(wish, purpose="visit.edit", editing=f"{visit}.place")
    assert read(account, Visit, visit, "place") == "Kantor bupati"
    account.close()


def test_a_programme_reads_the_same_typed_pasted_and_imported(tmp_path: Path) -> None:
    account = make_account(tmp_path / "a")
    row = ImportRow("Program", 5, _TURNED, {"name": _TURNED, "agency": "Dinas\u200b Kominfo", "description": "a\u202eb"}, {})
    plan = account.writer.run(lambda u: planning.ensure_plan(u, "93.02"), purpose="x")
    made = account.writer.run(lambda u: plan_import.apply_import(u, "93.02", plan, [row]), purpose="x")
    record = made.programmes[0]
    assert read(account, Programme, record, "name") == "laporanfdp.exe"
    assert read(account, Programme, record, "agency") == "Dinas Kominfo"
    assert read(account, Programme, record, "description") == "a\u202eb"
    assert plan_cells.value_of("agency", "Dinas\u202e\tKominfo") == {"agency": "Dinas Kominfo"}
    assert plan_cells.value_of("name", _TURNED) == {"name": "laporanfdp.exe"}
    again = account.writer.run(lambda u: plan_import.apply_import(u, "93.02", plan, [ImportRow(
        "Program", 5, "laporanfdp.exe", {"name": "laporanfdp.exe", "agency": "Dinas Kominfo"}, {})]), purpose="x")
    assert (again.created, again.skipped) == (0, 1)
    with account.reading() as session:
        assert session.get(Plan, plan) is not None
    account.close()
