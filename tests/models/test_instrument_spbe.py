"""SPBE's shape: 47 weighted indicators with levels 1 to 5, its index, and the bands by which it is called."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from pyxform.xls2xform import convert

from assessor_app import paths
from assessor_app.models.instrument import Instrument
from assessor_app.models.instrument_workbook import faults, read_workbook
from assessor_app.models.scoring import Given, evaluate
from tests.models.test_instrument_workbook import book

FILE = paths.resources() / "instruments" / "spbe-47.xlsx"


def spbe() -> Instrument:
    return Instrument.from_json(FILE.with_suffix(".json").read_text(encoding="utf-8"))


def test_the_workbook_has_the_shape_of_the_real_one_and_says_that_it_is_not() -> None:
    made = read_workbook(FILE)
    assert made == spbe()
    assert {a.id: (float(a.weight or 0), len(list(a.questions()))) for a in made.aspects} == {
        "kebijakan": (13, 10), "tata_kelola": (25, 10), "manajemen": (16.5, 11), "layanan": (45.5, 16)}
    assert sum(len(a.items) for a in made.aspects) == 8
    assert [c.score for c in made.questions()[0].choices] == ["1", "2", "3", "4", "5"]
    assert not made.official
    assert "bukan instrumen resmi" in made.publisher
    for language in ("id", "en"):
        assert len({q.label.get(language) for q in made.questions()}) == 47
    assert convert(FILE, validate=False).warnings == []


def test_the_index_is_the_sum_of_weight_times_level() -> None:
    made, rng = spbe(), random.Random(59)
    for _ in range(20):
        levels = {q.id: rng.randint(1, 5) for q in made.questions()}
        result = evaluate(made, [Given(q, "me", str(level)) for q, level in levels.items()])
        assert result.index == sum((q.weight * levels[q.id] for q in made.questions()), Fraction(0)) / 100
        assert not result.provisional


@pytest.mark.parametrize(("index", "called"), [
    ("5", "Memuaskan"), ("4.2", "Memuaskan"), ("4.1999", "Sangat Baik"), ("3.5", "Sangat Baik"), ("2.6", "Baik"), ("1.8", "Cukup"),
    ("1.79", "Kurang"), ("1", "Kurang")])
def test_an_index_is_called_by_its_band(index: str, called: str) -> None:
    assert spbe().band(Fraction(index)).get("id") == called


def test_without_an_index_or_bands_nothing_is_called_anything() -> None:
    assert not spbe().band(None)
    assert not read_workbook(book()).band(Fraction(4))


def test_bands_are_part_of_the_hash_and_their_faults_are_named() -> None:
    head = ["from", "label::Bahasa Indonesia (id)", "label::English (en)"]
    made = read_workbook(book(extra={"bands": [head, [2, "Cukup", "Fair"], [3.5, "Baik", "Good"]]}))
    assert [start for start, _ in made.bands] == [Fraction(7, 2), 2]
    assert made.sha256 != read_workbook(book()).sha256
    assert Instrument.from_json(made.to_json()) == made
    assert read_workbook(book(extra={"bands": [head]})) == read_workbook(book())
    said = list(faults(book(extra={"bands": [head, ["tinggi", "A", "A"], [2, "B", None], [2, "C", "C"]]})))
    assert said == [
        "Sheet “bands”, row 2: “tinggi” is no figure from which a band begins", "Sheet “bands”, row 3: label is missing in English (en)",
        "Sheet “bands”, row 4: a band from 2 stands twice"]
