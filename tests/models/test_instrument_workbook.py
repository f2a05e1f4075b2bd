"""An instrument is read from its workbook as written, or refused with every fault named by sheet and row."""

from __future__ import annotations

import io
import zipfile
from fractions import Fraction
from typing import Any

import pytest
from openpyxl import Workbook

from assessor_app.errors import BadInput
from assessor_app.models.instrument import Group, Instrument, Note, Question
from assessor_app.models.instrument_workbook import faults, read_workbook, read_workbook_json

SURVEY = ["type", "name", "label::Bahasa Indonesia (id)", "label::English (en)", "hint::Bahasa Indonesia (id)",
          "hint::English (en)", "weight", "dimension", "sub_dimension", "evidence"]
CHOICES = ["list_name", "name", "label::Bahasa Indonesia (id)", "label::English (en)"]
SETTINGS = ["form_title", "form_id", "version", "default_language", "year", "cohort", "publisher", "official"]

Rows = list[list[Any]]
#: Entities that unfold to ten thousand million characters.
BILLION = '<!ENTITY b "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {name} "{f"&{below};" * 10}">' for below, name in zip("bcdefghij", "cdefghija", strict=True))
GOOD: Rows = [
    ["note", None, "Baca dahulu", "Read first"],
    ["begin_group", "base", "Dasar", "Baseline", None, None, 40],
    ["select_one scale", "law", "Dasar hukum", "Legal basis", "Lihat arsip", "See the files", None, None, None,
     "required"],
    ["end_group", "base"],
    ["begin group", "impact", "Dampak", "Impact", None, None, 60],
    ["begin_group", "impact_gov", "Tata kelola", "Governance", None, None, None, "Smart Governance"],
    ["select one levels", "q_service", "Layanan", "Services", None, None, 2.5, None, "layanan_publik"],
    ["select_one scale", "q_free", "Bebas", "Free"],
    [None],
    ["end_group"],
    ["end_group"],
]
LISTS: Rows = [["scale", n, f"Nilai {n}", f"Score {n}"] for n in (4, 0, 1, 2, 3)] + [
    ["levels", str(n), f"Tingkat {n}", f"Level {n}"] for n in range(1, 6)]
ABOUT: Rows = [["Contoh", "example", "2022.1", "Bahasa Indonesia (id)", 2022, "baru", "Asesor", "no"]]


def book(survey: Rows = GOOD, choices: Rows = LISTS, settings: Rows = ABOUT, *, columns: list[str] | None = None,
         drop: str = "", extra: dict[str, Rows] | None = None) -> bytes:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    sheets = {"survey": [columns or SURVEY, *survey], "choices": [CHOICES, *choices], "settings": [SETTINGS, *settings]}
    for name, rows in {**sheets, **(extra or {})}.items():
        if name != drop:
            sheet = workbook.create_sheet(name)
            for row in rows:
                sheet.append(row)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def refusal(data: bytes) -> tuple[str, ...]:
    with pytest.raises(BadInput) as refused:
        read_workbook(data)
    assert refused.value.kept
    return refused.value.faults


def test_it_is_read_as_written() -> None:
    instrument = read_workbook(book())
    assert (instrument.ref, instrument.year, instrument.official) == ("example@2022.1", 2022, False)
    assert {a.id: str(a.weight) for a in instrument.aspects} == {"base": "40", "impact": "60"}
    assert [(q.id, q.code, q.aspect) for q in instrument.questions()] == [
        ("law", "1.1", "base"), ("q_service", "2.1.1", "impact"), ("q_free", "2.1.2", "impact")]
    first = instrument.aspects[0].items
    assert isinstance(first[0], Note)
    assert first[0].label.get("en") == "Read first"
    law, service, free = instrument.questions()
    assert [c.score for c in law.choices] == ["0", "1", "2", "3", "4"]
    assert law.evidence_required
    assert law.hint.get("id") == "Lihat arsip"
    assert not service.evidence_required
    assert service.weight == Fraction(5, 2)
    assert [c.score for c in service.choices] == ["1", "2", "3", "4", "5"]
    assert instrument.max_score == 5
    # A group's dimension holds for its questions.
    assert (service.dimension, service.sub_dimension) == ("governance", "layanan_publik")
    assert (free.dimension, free.sub_dimension) == ("governance", "")


def test_json_brings_the_same_instrument_back_and_betrays_a_change() -> None:
    text = read_workbook_json(book())
    again = Instrument.from_json(text)
    assert again == read_workbook(book())
    assert again.to_json() == text
    for damaged in (text.replace("Dasar hukum", "Dasar hukum!"), text[:-40], "{}", "[]", '"x"'):
        with pytest.raises(ValueError):
            Instrument.from_json(damaged)


def test_the_hash_is_of_the_content_not_of_the_file() -> None:
    plain = read_workbook(book())
    order = [3, 1, 0, 2, 4, 5, 6, 7, 8, 9]
    shuffled = [[row[i] if i < len(row) else None for i in order] for row in GOOD]
    moved = book(shuffled, LISTS[::-1], columns=[SURVEY[i] for i in order], extra={"catatan": [["milik penyusun"]]})
    assert read_workbook(moved).sha256 == plain.sha256
    assert len(plain.sha256) == 64
    other = [row[:] for row in GOOD]
    other[2][2] = "Dasar hukum rencana"
    assert read_workbook(book(other)).sha256 != plain.sha256


def test_every_fault_is_told_at_once_with_sheet_and_row() -> None:
    survey: Rows = [
        ["begin_group", "a", "A", "A", None, None, 40],
        ["select_one scale", "q", "Q", None],                                      # 3 no English
        ["select_one nowhere", "q2", "Q", "Q"],                                    # 4 unknown list
        ["select_one scale", "q", "Q", "Q"],                                       # 5 repeated
        ["text", "t", "T", "T"],                                                   # 6 type
        ["select_one scale", "1q", "Q", "Q", None, None, "banyak"],                # 7 name, weight
        ["select_one scale", "q3", "Q", "Q", "hanya ini", None, None, None, None, "maybe"],  # 8 hint, evidence
        ["begin_group", "n", "N", "N", None, None, 5],                             # 9 nested weight, empty
        ["end_group", "other"],                                                    # 10
        ["end_group"],
        ["end_group"],                                                             # 12 too many
        ["select_one scale", "out", "Q", "Q"],                                     # 13 outside
        ["begin_group", "b", "B", "B", None, None, 50],                            # 14 not closed
        ["select_one scale", "q5", "Q ${q}", "Q", None, None, None, "governance", "energi"],  # 15 reference, dimension
    ]
    choices: Rows = [["scale", 1, "a", "a"], ["scale", "tinggi", "b", "b"], ["scale", 1.0, "c", "c"],
                     ["scale", 2, "d", None], [None, 3, "e", "e"], ["scale", -1, "f", "f"]]
    settings: Rows = [["T", "a b", None, "Français (fr)", "dulu", "", "", "mungkin"]]
    told = refusal(book(survey, choices, settings))
    text = "\n".join(told)
    for row in (3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15):
        assert any("“survey”" in f and f" {row}:" in f for f in told), (row, text)
    for row in (3, 4, 5, 6, 7):
        assert any("“choices”" in f and f" {row}:" in f for f in told), (row, text)
    assert sum("“settings”" in f for f in told) == 5
    assert len(told) >= 24


def test_weights_must_add_up_to_100() -> None:
    survey = [row[:] for row in GOOD]
    survey[1][6] = 39.9
    assert any("99.9" in fault for fault in refusal(book(survey)))
    thirds: Rows = []
    for n in range(6):
        thirds += [["begin_group", f"a{n}", "A", "A", None, None, 16.6666666666667],
                   ["select_one scale", f"q{n}", "Q", "Q"], ["end_group"]]
    assert len(read_workbook(book(thirds)).aspects) == 6


@pytest.mark.parametrize("column", ["relevant", "required", "calculation", "label::Français (fr)", "media::image"])
def test_what_xlsform_can_do_but_an_instrument_cannot_is_refused(column: str) -> None:
    survey = [row[:] + [None] * (10 - len(row)) for row in GOOD]
    assert read_workbook(book(survey, columns=[*SURVEY, column])).ref  # an empty column says nothing
    survey[2].append("yes")
    told = refusal(book(survey, columns=[*SURVEY, column]))
    assert any(" 4:" in fault and column in fault for fault in told)


@pytest.mark.parametrize("sheet", ["survey", "choices", "settings"])
def test_a_missing_sheet_is_named(sheet: str) -> None:
    assert any(f"“{sheet}”" in fault for fault in refusal(book(drop=sheet)))


def test_missing_columns_are_named() -> None:
    told = refusal(book([["begin_group", "a", "A"]], columns=["type", "name", "label::Bahasa Indonesia (id)"]))
    assert any("label::English (en)" in fault for fault in told)


def test_a_formula_is_read_by_its_stored_result_or_refused() -> None:
    survey = [row[:] for row in GOOD]
    survey[1][6] = "=20*2"  # openpyxl stores no result
    assert any("“survey”" in fault and " 3:" in fault for fault in refusal(book(survey)))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 not a zip", b"%PDF-1.7", b"type,name\n", b"\xd0\xcf\x11\xe0" * 200])
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_workbook(data)


def test_a_zip_that_is_no_workbook_and_a_bomb_are_refused() -> None:
    content = "[Content_Types].xml"
    for name, body in (("hello.txt", b"hi"), (content, b"<x>"), (content, b"0" * (401 * 2**20))):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as parts:
            parts.writestr(name, body)
        with pytest.raises(BadInput):
            read_workbook(out.getvalue())


@pytest.mark.parametrize("entity", ['<!ENTITY a SYSTEM "file:///etc/hostname">', BILLION])
def test_entities_are_not_followed(entity: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book())) as parts, zipfile.ZipFile(out, "w") as hostile:
        for name in parts.namelist():
            body = parts.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                body = body.replace("<worksheet", f"<!DOCTYPE x [{entity}]><worksheet", 1).replace("Dasar hukum", "&a;", 1)
                assert "&a;" in body
            hostile.writestr(name, body)
    with pytest.raises(BadInput):
        read_workbook(out.getvalue())


def test_a_damaged_workbook_is_refused() -> None:
    data = book()
    for cut in range(100, len(data), 997):
        with pytest.raises(BadInput):
            read_workbook(data[:cut])
        flipped = bytearray(data)
        flipped[cut] ^= 0xFF
        list(faults(bytes(flipped)))  # read or refused; never another exception


def test_thousands_of_rows_are_refused_with_a_list_that_can_be_read() -> None:
    told = refusal(book([["text", f"t{n}", "T", "T"] for n in range(6000)]))
    assert len(told) == 201


def test_groups_and_questions_are_what_they_are() -> None:
    instrument = read_workbook(book())
    nested = instrument.aspects[1].items[0]
    assert isinstance(nested, Group)
    assert nested.weight is None
    assert all(isinstance(item, Question) for item in nested.items)
    assert instrument.question("law").code == "1.1"
    with pytest.raises(KeyError):
        instrument.question("nowhere")
