"""A list of published innovations: read whole with any order of columns, or refused with every fault and its cell."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from assessor_app.errors import BadInput
from assessor_app.models.innovation_table import read_innovations, record_of

HEAD = "Tahun;Daerah;Nama inovasi;Sub-dimensi;Masalah;OPD;Kontak kantor;Telepon;Surel"
GOOD = "2023;Kab. Sleman;Bank sampah pasar;Sampah dan Limbah;Sampah pasar menumpuk;DLH;Bidang Persampahan;(0274) 000000;dlh@contoh.example"


def csv(*lines: str) -> bytes:
    return "\n".join([HEAD, *lines]).encode()


def faults_of(data: bytes) -> tuple[str, ...]:
    with pytest.raises(BadInput) as caught:
        read_innovations(data, "daftar.csv")
    assert caught.value.kept == "Nothing was imported and nothing was changed."
    return caught.value.faults


def test_a_list_is_read_with_codes_and_dimensions() -> None:
    read = read_innovations(csv(GOOD, GOOD.replace("Kab. Sleman", "34.04").replace("Bank sampah", "Kompos")), "daftar.csv")
    first = read["rows"][0]
    assert (first["region"], first["year"], first["dimension"], first["sub_dimension"]) == ("34.04", 2023, "environment", "sampah")
    assert (first["contact"], first["phone"], first["email"]) == ("Bidang Persampahan", "(0274) 000000", "dlh@contoh.example")
    assert record_of(first) != record_of(read["rows"][1])


def test_an_excel_sheet_below_a_title_in_another_order_is_the_same() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Inovasi yang dipublikasikan"])
    sheet.append(["Judul", "Nama PIC", "Kabupaten/Kota", "Tahun", "Dimensi"])
    sheet.append(["Bank Sampah  Pasar", "Budi", "Kabupaten Sleman", 2023, "Smart Environment"])
    out = io.BytesIO()
    book.save(out)
    read = read_innovations(out.getvalue(), "daftar.xlsx")
    assert read["passed_over"] == ["Nama PIC"]  # who is in charge is a person: never taken
    assert "Budi" not in str(read["rows"])
    assert record_of(read["rows"][0]) == record_of(read_innovations(csv(GOOD), "x.csv")["rows"][0])


def test_a_code_that_a_spreadsheet_took_for_a_number_is_still_that_region() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Judul", "Kode daerah", "Tahun", "Dimensi"])
    sheet.append(["A", 32.1, 2023, "Smart Living"])
    out = io.BytesIO()
    book.save(out)
    assert read_innovations(out.getvalue(), "x.xlsx")["rows"][0]["region"] == "32.10"


def test_a_title_with_commas_above_the_headings_does_not_choose_the_mark() -> None:
    read = read_innovations(b"Daftar, tahun 2023, semua daerah, contoh\n" + csv(GOOD), "x.csv")
    assert read["rows"][0]["region"] == "34.04"


@pytest.mark.parametrize("data", [
    HEAD.encode() + b"\n2023;Kab. Sleman;" + b"x" * 200_000,  # a cell longer than any CSV reader takes
    HEAD.encode() + b'\n"2023;Kab. Sleman;never closed',
    HEAD.encode() + b"\n" + b"2023;Kab. Sleman;A\n" * 6_000,
])
def test_a_list_that_is_too_large_or_damaged_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        read_innovations(data, "x.csv")
    assert caught.value.kept


def test_every_fault_is_named_with_its_cell() -> None:
    faults = faults_of(csv(
        "23;Kab. Antah;;Sampah;x;DLH;Ibu Ani NIP 19000101 200001 2 001;hubungi saja;bukan surel",
        "2023;Jayapura;Air bersih;Langit;x;;;;",
        GOOD, GOOD.upper()))
    assert faults == (
        "daftar.csv, cell B2: “Kab. Antah” is no kabupaten or kota, and no code of one such as 93.02",
        "daftar.csv, cell A2: “23” is no year such as 2024",
        "daftar.csv, cell C2: the name of the innovation is missing",
        "daftar.csv, cell G2: this holds a personal number (NIK or NIP); only an office may be published",
        "daftar.csv, cell I2: “bukan surel” is no e-mail address",
        "daftar.csv, cell H2: “hubungi saja” is no telephone number of an office",
        "daftar.csv, cell B3: “Jayapura” is a kabupaten and a kota; write the type before the name, or the code",
        "daftar.csv, cell D3: “Langit” is no sub-dimension",
        "daftar.csv, cell A3: the dimension is missing",
        "daftar.csv, cell C5: the same innovation stands in row 4 too")


@pytest.mark.parametrize("number", ["9302010101900001", "19000101 200001 2 001", "93.02.01.010190.0001", "1900-0101-2000-0120-01"])
def test_a_personal_number_never_gets_in(number: str) -> None:
    assert "personal number" in faults_of(csv(GOOD.replace("(0274) 000000", number)))[0]


def test_what_is_no_list_says_which_columns_are_missing() -> None:
    assert faults_of(b"nama,umur\nBudi,40\n") == ("There is no column for the region.", "There is no column for the year.")
    for data in (b"\xff\xfe\x00", b"", HEAD.encode(), b"PK\x03\x04rest"):
        with pytest.raises(BadInput):
            read_innovations(data, "x.csv")


def test_a_formula_without_result_is_named() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Judul", "Daerah", "Tahun", "Dimensi", "Uraian"])
    sheet.append(["A", "34.04", 2023, "Smart Living", "=B2"])
    out = io.BytesIO()
    book.save(out)
    assert "Sheet, cell E2: a formula without a stored result" in faults_of(out.getvalue())[0]
