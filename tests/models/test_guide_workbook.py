"""Interview guides as workbooks: the shipped ones, and every fault of somebody's own at once with its sheet and row."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import Workbook
from pyxform.xls2xform import convert

from assessor_app import paths
from assessor_app.errors import BadInput
from assessor_app.models.guide import Guide, is_guide
from assessor_app.models.guide_workbook import read_either_json, read_guide
from assessor_app.models.instrument import Instrument
from assessor_app.models.kinds import Stage

FOLDER = paths.resources() / "guides"
SHIPPED = sorted(FOLDER.glob("*.xlsx"))
ID, EN = "label::Bahasa Indonesia (id)", "label::English (en)"


def book(survey: list[list[object]], settings: dict[str, object] | None = None, choices: list[list[object]] | None = None,
         header: tuple[str, ...] = ("type", "name", ID, EN, "dimension")) -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "settings"
    told = {"form_title": "Panduan", "title_en": "Guide", "form_id": "panduan-saya", "version": "1", **(settings or {})}
    sheet.append(list(told))
    sheet.append(list(told.values()))
    rows = made.create_sheet("survey")
    rows.append(list(header))
    for row in survey:
        rows.append(row)
    if choices is not None:
        lists = made.create_sheet("choices")
        lists.append(["list_name", "name", ID, EN])
        for row in choices:
            lists.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_there_is_one_for_each_workshop_and_for_the_evaluation() -> None:
    assert {read_guide(file).stage for file in SHIPPED} == set(Stage) - {Stage.OTHER}
    assert len(SHIPPED) == 5


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_guide_is_whole_and_other_tools_take_it(file: Path) -> None:
    guide = read_guide(file)
    assert Guide.from_json(file.with_suffix(".json").read_text(encoding="utf-8")) == guide  # the compiled form is not stale
    assert len(guide.questions) >= 8
    assert not guide.official
    assert "bukan panduan resmi" in guide.publisher
    for question in guide.questions:
        assert question.label.id
        assert question.label.en
        assert question.label.id != question.label.en
        assert question.group.id
        assert bool(question.choices) == question.type.startswith("select")
    assert len({question.label.id for question in guide.questions}) == len(guide.questions)
    result = convert(file, validate=False)
    assert result.warnings == []
    assert "<h:title>" in result.xform


def test_a_guide_may_hold_what_an_instrument_may_not() -> None:
    guide = read_guide(book(
        [["begin_group", "a", "Bagian", "Part", "living"], ["note", None, "Dengarkan.", "Listen."], ["text", "q1", "Satu?", "One?"],
         ["select_multiple pilihan", "q2", "Dua?", "Two?"], ["end_group"], ["date", "q3", "Tiga?", "Three?", "Smart Environment"]],
        {"stage": "bimtek_2", "year": 2025, "cohort": "2024"}, [["pilihan", "x", "X", "Ex"], ["pilihan", "y", "Y", "Why"]]))
    assert guide.stage == "bimtek_2"
    assert (guide.year, guide.cohort) == (2025, "2024")
    one, two, three = guide.questions
    assert (one.code, one.dimension, one.hint.id, one.group.en) == ("1.1", "living", "Dengarkan.", "Part")
    assert [choice.en for choice in two.choices] == ["Ex", "Why"]
    assert (three.code, three.dimension) == ("2", "environment")
    again = Guide.from_json(guide.to_json())
    assert again == guide
    with pytest.raises(ValueError, match="not what was hashed"):
        Guide.from_json(guide.to_json().replace("Satu?", "Situ?"))
    with pytest.raises(ValueError, match="not the content of a guide"):
        Guide.from_json('{"kind": "guide"}')


def test_all_faults_are_told_at_once_with_sheet_row_and_reason() -> None:
    with pytest.raises(BadInput) as refused:
        read_guide(book(
            [["begin_group", "a", "Bagian", "Part", "living"], ["end_group"], ["geopoint", "di_mana", "Di mana?", "Where?"],
             ["text", "q1", "Satu?", None], ["text", "q1", "Dua?", "Two?"], ["select_one lain", "q3", "Tiga?", "Three?"],
             ["text", "q4", "Empat?", "Four?", None, 10], ["text saja", "q5", "Lima?", "Five?"], ["note", None, "Akhir.", "End."]],
            {"stage": "bimtek_9", "form_id": "ada spasi"}, [["ada", "ya sekali", "Ya", "Yes"], ["ada", "b", "B", "B"],
             ["ada", "b", "C", "C"]],
            (*("type", "name", ID, EN, "dimension"), "weight")))
    told = refused.value.faults
    for part in ('“settings”, row 2: “bimtek_9” is no stage', "“settings”, row 2: form_id", "“survey”, row 2: group “a” has no question",
                 "“survey”, row 4: type “geopoint” is not used in a guide", "“survey”, row 5: label is missing in English",
                 "“survey”, row 6: the name “q1” stands already in row 5", "“survey”, row 7: list “lain” is not in sheet “choices”",
                 "“survey”, row 8: a guide has no weights", "“survey”, row 9: type “text saja”",
                 "“survey”, row 10: a note must stand before",
                 "“choices”, row 2: the name “ya sekali” must not hold a space", "“choices”, row 4: “b” stands twice in list “ada”"):
        assert any(part in fault for fault in told), (part, told)
    assert refused.value.title == "The interview guide has 12 faults"
    assert "Nothing was imported" in refused.value.kept


@pytest.mark.parametrize("column", ["relevant", "calculation"])
def test_a_column_that_would_change_what_is_asked_is_refused(column: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_guide(book([["text", "q1", "Satu?", "One?", "x"]], header=("type", "name", ID, EN, column)))
    assert column in refused.value.faults[0]


def test_the_centre_tells_guides_from_instruments_by_their_weights() -> None:
    guide = read_either_json(book([["text", "q1", "Satu?", "One?"]]))
    assert is_guide(guide)
    instrument = read_either_json((paths.resources() / "instruments" / "spbe-47.xlsx").read_bytes())
    assert not is_guide(instrument)
    assert Instrument.from_json(instrument).form_id == "spbe-47"
    with pytest.raises(ValueError, match="not the content"):
        Instrument.from_json(guide)  # an older program passes it over
