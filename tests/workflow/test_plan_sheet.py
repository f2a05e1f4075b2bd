"""Plan sheets of every shape are read as a person would read them, or refused with what is missing."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest
from openpyxl import Workbook

from assessor_app import paths
from assessor_app.errors import BadInput
from assessor_app.workflow import plan_columns, plan_values
from assessor_app.workflow.plan_import import Proposal, proposal_of, propose
from assessor_app.workflow.plan_sheet import read_plan_sheet

Rows = list[list[Any]]


def book(*sheets: tuple[str, Rows], merge: dict[str, list[str]] | None = None) -> bytes:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets:
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for area in (merge or {}).get(name, []):
            sheet.merge_cells(area)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def read(*sheets: tuple[str, Rows], merge: dict[str, list[str]] | None = None) -> Proposal:
    return proposal_of(read_plan_sheet(book(*sheets, merge=merge), "rencana.xlsx"))


def test_the_sample_plan_is_read_whole() -> None:
    data = (paths.resources() / "sample" / "rencana-induk-boven-digoel.xlsx").read_bytes()
    proposal = propose(data, "rencana-induk-boven-digoel.xlsx")  # in a process of its own
    assert len(proposal.rows) == 60
    assert proposal.faults == ()
    assert len({row.values["sub_dimension"] for row in proposal.rows}) == 18
    assert [row.values["number"] for row in proposal.rows] == list(range(1, 61))
    first = proposal.rows[0]
    assert first.values["budget"] == 2_280_000_000
    assert {year: said["budget"] for year, said in first.years.items()}[2024] == 450_000_000
    assert first.values["quick_win"] is True
    assert proposal.skipped == ("Keterangan",)


def test_two_line_heading_with_merged_cells_years_and_sections() -> None:
    proposal = read(("Rencana", [
        ["RENCANA INDUK (dalam juta rupiah)"], [],
        ["No", "Dimensi", "Program", "OPD", "Anggaran", None, None, "Ket"],
        [None, None, None, None, 2023, 2024, 2025, None],
        [1, 2, 3, 4, 5, 6, 7, 8],
        [1, "Smart Governance", "E-office", "Diskominfo", 100, 150.5, None, None],
        [2, None, "Satu data", "Bappeda", None, 75, 25, None],
        ["SMART LIVING"],
        [3, None, "Rekam medis", "Dinkes", 10, None, None, None],
        [None, None, "JUMLAH", None, 110, 225.5, 25, None],
    ]), merge={"Rencana": ["E3:G3", "B6:B7", "A1:H1"]})
    assert [(r.name, r.values["dimension"], r.values.get("budget")) for r in proposal.rows] == [
        ("E-office", "governance", 250_500_000), ("Satu data", "governance", 100_000_000),
        ("Rekam medis", "living", 10_000_000)]
    assert proposal.rows[1].years == {2024: {"budget": 75_000_000}, 2025: {"budget": 25_000_000}}
    assert (proposal.rows[1].values["first_year"], proposal.rows[1].values["last_year"]) == (2024, 2025)
    assert proposal.faults == ()


def test_a_sheet_for_each_dimension_counts_on() -> None:
    heading: list[Any] = ["No.", "Sub Dimensi", "Nama Kegiatan", "Perangkat Daerah", "2024", "2025"]
    proposal = read(
        ("Smart Economy", [heading, [1, "Industri yang Berdaya Saing", "Sagu", "Dinas Pertanian", "√", "√"]]),
        ("Smart Society", [heading, [1, "Pendidikan", "Asrama", "Dinas Pendidikan", None, "v"],
                           [2, "Keamanan", "Pos jaga", "Satpol PP", "v", None]]),
        ("Catatan", [["halo"], ["apa kabar"]]))
    assert [(r.values["number"], r.values["dimension"], r.values["sub_dimension"]) for r in proposal.rows] == [
        (1, "economy", "industri"), (2, "society", "pendidikan"), (3, "society", "keamanan")]
    assert proposal.rows[0].values["last_year"] == 2025
    assert "budget" not in proposal.rows[0].values
    assert proposal.skipped == ("Catatan",)
    without = proposal.with_sheet(0, used=False)
    assert [r.name for r in without.rows] == ["Asrama", "Pos jaga"]


def test_text_in_number_cells_is_read_or_named_with_its_cell() -> None:
    proposal = read(("Program", [
        ["No", "Nama Program", "OPD", "Anggaran 2024", "Total Anggaran", "Tahun Mulai", "Status", "Quick Win",
         "Sub Dimensi"],
        [1, "A", "x", "Rp 1.500.000", "Rp1.500.000,-", "2024", "Sedang berjalan", "Ya", "Energi"],
        [2, "B", "x", "1,5 M", None, "tahun depan", "entah", "mungkin", "Antah berantah"],
        [3, "C", "x", "250 juta", 300000000, 2024, "selesai", "-", "energi"],
        [4, None, "x", 1000, None, None, None, None, None],
        [5, "E", "x", -5, None, None, None, None, None],
    ]))
    first, second, third, last = proposal.rows
    assert (first.values["budget"], first.values["status"], first.values["quick_win"]) == (1_500_000, "running", True)
    assert (first.values["dimension"], first.values["sub_dimension"]) == ("environment", "energi")
    assert "budget" not in second.values
    assert third.values["budget"] == 300_000_000
    assert last.name == "E"
    cells = {fault.cell for fault in proposal.faults}
    assert cells == {"D3", "F3", "G3", "H3", "I3", "E4", "B5", "D6"}
    assert all("Program" in str(fault) and fault.cell in str(fault) for fault in proposal.faults)


def test_a_formula_without_its_result_is_named() -> None:
    proposal = read(("P", [["Nama Program", "OPD", "Anggaran 2024"], ["A", "x", "=1+1"]]))
    assert [fault.cell for fault in proposal.faults] == ["C2"]
    assert proposal.rows[0].name == "A"


def test_a_programme_merged_over_several_rows_is_one() -> None:
    proposal = read(("P", [["Nama Program", "OPD", "Anggaran 2024"], ["A", "x", 5], [None, "y", 6], ["B", "z", 7]]),
                    merge={"P": ["A2:A3"]})
    assert [r.name for r in proposal.rows] == ["A", "B"]
    assert [fault.cell for fault in proposal.faults] == ["A3"]


def test_strange_cells_do_not_stop_the_reading() -> None:
    proposal = read(("P", [
        ["No", "Nama Program", "OPD", "Anggaran 2024"],
        ["²", "<b>A</b> & B", True, "9" * 6000], [None, "مركز", None, "1" * 400], ["", "🌞" * 500, None, None, None, "jauh"],
        [None] * 6]), merge={"P": ["F4:F5", "Z1:Z9"]})
    assert [r.name[:8] for r in proposal.rows] == ["<b>A</b>", "مركز", "🌞" * 8]
    assert [fault.cell for fault in proposal.faults] == ["D2", "D3"]
    assert max(len(str(fault)) for fault in proposal.faults) < 200


def test_the_person_can_change_what_a_column_means() -> None:
    proposal = read(("P", [["Nama Program", "OPD", "Catatan bebas"], ["A", "x", "hemat waktu"]]))
    assert "benefit" not in proposal.rows[0].values
    changed = proposal.with_field(0, 2, "benefit")
    assert changed.rows[0].values["benefit"] == "hemat waktu"
    moved = changed.with_field(0, 1, "benefit")
    assert [c.field for c in moved.sheets[0].columns] == ["name", "benefit", ""]
    assert changed.sheets[0].samples(2) == ["hemat waktu"]
    nameless = proposal.with_field(0, 0, "")
    assert nameless.rows == ()
    assert len(nameless.faults) == 1


def test_ten_thousand_rows_are_read() -> None:
    rows: Rows = [["No", "Nama Program", "OPD", "Anggaran 2024"]]
    rows += [[n, f"Program {n}", "Dinas", n * 1000] for n in range(1, 10_001)]
    data = book(("Program", rows))
    started = time.perf_counter()
    proposal = propose(data, "besar.xlsx")
    assert len(proposal.rows) == 10_000
    assert proposal.rows[-1].values["budget"] == 10_000_000
    assert time.perf_counter() - started < 60


@pytest.mark.parametrize("data", [
    b"", b"bukan berkas excel", b"PK\x03\x04rusak", b"No;Nama Program;OPD\n1;A;x\n",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600])
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        propose(data, "x.xlsx")
    assert refused.value.kept


def test_without_a_heading_it_says_what_is_missing_of_each_sheet() -> None:
    with pytest.raises(BadInput) as refused:
        read(("Satu", [[1, "E-office", "Diskominfo", 5], [2, "Satu data", "Bappeda", 6]]), ("Dua", []),
             ("Tiga", [["Nama Program", "OPD"]]))
    assert len(refused.value.faults) == 3
    for name, fault in zip(("Satu", "Dua", "Tiga"), refused.value.faults, strict=True):
        assert f"“{name}”" in fault


@pytest.mark.parametrize(("text", "amount"), [
    (1500000, 1_500_000), (1500000.4, 1_500_000), ("1.500.000", 1_500_000), ("Rp. 2.000.000,-", 2_000_000),
    ("Rp 1.500.000,00", 1_500_000), ("1,500,000", 1_500_000), ("1,500,000.00", 1_500_000),
    ("1,5 miliar", 1_500_000_000), ("2 Jt", 2_000_000), ("1.250 juta", None),
    ("-", None), ("", None), ("  ", None), ("1500", 1500), ("0", 0),
    ("IDR 75.000", 75_000), ("750 ribu", 750_000),
])
def test_rupiah(text: Any, amount: int | None) -> None:
    if text == "1.250 juta":  # 1.25 or 1,250 million?
        with pytest.raises(plan_values.Doubt):
            plan_values.rupiah(text)
    else:
        assert plan_values.rupiah(text) == amount


@pytest.mark.parametrize("text", ["1,5 M", "2M", "1,500", "banyak", "Rp", "1.5.0", "12 kg", "-500", True,
                                  float("nan"), 1e16, "9" * 26])
def test_money_in_doubt_is_never_guessed(text: Any) -> None:
    with pytest.raises(plan_values.Doubt):
        plan_values.rupiah(text)


@pytest.mark.parametrize(("heading", "field"), [
    ("NAMA PROGRAM / KEGIATAN", "name"), ("Program Smart City", "name"), ("OPD Penanggung Jawab", "agency"),
    ("Penanggung Jawab", "pic"), ("No. HP PIC", "pic_phone"), ("Sumber Anggaran", "funding"),
    ("Anggaran (Rp)", "budget"),
    ("Anggaran Tahun 2024 (Rp)", "budget:2024"), ("2025", "budget:2025"), ("Target 2024", "target:2024"),
    ("Target Output", "target"), ("Indikator Output", "indicator"), ("Sub-Dimensi", "sub_dimension"),
    ("Quick-Win", "quick_win"),
    ("Realisasi 2023", ""), ("Tahun Pelaksanaan 2023", "budget:2023"), ("Tahun 2023-2027", "period"), ("Warna", ""),
])
def test_headings(heading: str, field: str) -> None:
    assert plan_columns.assign([heading]) == [field]
