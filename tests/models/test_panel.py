"""The panel reproduces the published kind of figures from signed sheets, in whatever order they come."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor_app.models import panel
from assessor_app.models.instrument import Choice, Group, Instrument, Question, Text
from assessor_app.models.panel import Before, SheetData
from assessor_app.models.scoring import printed

SCALE = tuple(Choice(str(n), Text(str(n), str(n))) for n in range(5))
LEVELS = tuple(Choice(str(n), Text(str(n), str(n))) for n in range(1, 6))
NAMES = ("Ani", "Budi", "Citra", "Dewi", "Eko")
DIMENSIONS = ("governance", "branding", "economy", "living", "society", "environment")


def build(*aspects: tuple[str, int, list[int]], choices: tuple[Choice, ...] = SCALE) -> Instrument:
    """Build an instrument of (aspect, weight, weights of its questions)."""
    groups, count = [], 0
    for name, weight, weights in aspects:
        questions = []
        for n, of in enumerate(weights):
            text = Text(f"{name}{n}", f"{name}{n}")
            questions.append(Question(f"{name}{n}", "1", text, Text(), choices, "s", Fraction(of), DIMENSIONS[count % 6], "", False, name))
            count += 1
        groups.append(Group(name, name, Text(name, name), Text(), Fraction(weight), tuple(questions)))
    return Instrument("test", "1", Text("T", "T"), 2023, "", "", False, "", tuple(groups)).sealed()


def sheet(instrument: Instrument, n: int, scores: dict[str, str | None], **values: Any) -> SheetData:
    name = NAMES[n]
    made = SheetData(f"doc-{name}", f"sheet-{name}", "visit", "93.02", f"id-{name}", name, "Universitas Contoh", instrument.ref,
                     instrument.sha256, f"00{n}", "2023-11-07", scores, {}, (), "d", "f")
    return replace(made, **values)


#: Aspect → weight and number of questions, in the five published sets (weights 2022 new and older, Sleman, 2023; and SPBE's kind below).
PUBLISHED = {
    "2022, new cohort": ((10, 5), (20, 7), (30, 31), (10, 4), (30, 12)),
    "2022, older cohort": ((10, 5), (20, 7), (30, 31), (20, 4), (20, 12)),
    "Sleman": ((10, 5), (20, 7), (30, 31), (30, 4), (10, 12)),
    "2023, tourism and capital": ((10, 5), (20, 7), (20, 33), (20, 54), (20, 12), (10, 6)),
    "a province's own": ((25, 3), (75, 9)),
}


@pytest.mark.parametrize("name", list(PUBLISHED))
@pytest.mark.parametrize("assessors", [3, 4, 5])
def test_the_published_formula_by_hand(name: str, assessors: int) -> None:
    shape = PUBLISHED[name]
    instrument = build(*((f"a{n}", weight, [1] * count) for n, (weight, count) in enumerate(shape)))
    rng = random.Random(assessors)
    given_ = [{q.id: str(rng.randrange(5)) for q in instrument.questions()} for _ in range(assessors)]
    result = panel.together(instrument, [sheet(instrument, n, scores) for n, scores in enumerate(given_)], {}, None)
    # By hand: mean over assessors, plain mean over an aspect's questions, Σ weight × aspect ÷ 100, in floating point.
    index = 0.0
    for n, (weight, count) in enumerate(shape):
        means = [sum(int(scores[f"a{n}{q}"] or 0) for scores in given_) / assessors for q in range(count)]
        index += weight * (sum(means) / count) / 100
        assert float(result.evaluation.aspects[n].score or 0) == pytest.approx(sum(means) / count)
    assert float(result.evaluation.index or 0) == pytest.approx(index)
    assert printed(result.evaluation.index) == f"{index:.2f}".replace(".", ",")
    assert sum(weight for weight, _ in shape) == 100
    assert not result.evaluation.provisional
    assert set(result.evaluation.dimensions) == set(DIMENSIONS)


def test_zero_counts_not_assessed_nowhere_and_a_blank_is_provisional() -> None:
    instrument = build(("baseline", 100, [1] * 5))
    zeros = {f"baseline{n}": "0" for n in range(5)}
    three = {**zeros, "baseline0": "3"}
    both = panel.together(instrument, [sheet(instrument, 0, three), sheet(instrument, 1, three), sheet(instrument, 2, three)], {}, None)
    assert printed(both.evaluation.index) == "0,60"
    left = {**three, "baseline0": "-"}
    result = panel.together(instrument, [sheet(instrument, 0, three), sheet(instrument, 1, left)], {}, None)
    assert result.questions[0].mean == 3
    assert result.questions[0].spread is None
    assert not result.evaluation.provisional
    blank = panel.together(instrument, [sheet(instrument, 0, three), sheet(instrument, 1, {**three, "baseline4": None})], {}, None)
    assert blank.evaluation.provisional
    assert blank.evaluation.index == Fraction(3, 5)


def test_spbe_shape_weighted_indicators_and_levels_one_to_five() -> None:
    instrument = build(("kebijakan", 13, [13] * 10), ("tata_kelola", 25, [15, 10, 25, 25, 25]), ("layanan", 62, [275, 300, 45]),
                       choices=LEVELS)
    ones = {q.id: "1" for q in instrument.questions()}
    fives = {q.id: "5" for q in instrument.questions()}
    mixed = {**ones, "layanan0": "5"}
    low = panel.together(instrument, [sheet(instrument, n, ones) for n in range(3)], {}, None)
    assert low.evaluation.index == Fraction(1)
    assert printed(low.evaluation.index) == "1,00"
    result = panel.together(instrument, [sheet(instrument, 0, mixed), sheet(instrument, 1, mixed), sheet(instrument, 2, fives)], {}, None)
    layanan = (Fraction(5) * 275 + Fraction(7, 3) * 345) / 620
    index = (13 * Fraction(7, 3) + 25 * Fraction(7, 3) + 62 * layanan) / 100
    assert result.evaluation.index == index
    assert "layanan0" not in result.owed
    assert "layanan1" in result.owed  # 1, 1 and 5


def test_assessors_two_apart_owe_a_word() -> None:
    instrument = build(("a", 100, [1, 1, 1]))
    sheets = [sheet(instrument, 0, {"a0": "1", "a1": "2", "a2": "4"}), sheet(instrument, 1, {"a0": "3", "a1": "3", "a2": "-"}),
              sheet(instrument, 2, {"a0": "2", "a1": "2", "a2": "2"})]
    result = panel.together(instrument, sheets, {"a2": "  "}, None)
    assert [q.spread for q in result.questions] == [Fraction(2), Fraction(1), Fraction(2)]
    assert [q.apart for q in result.questions] == [True, False, True]
    assert result.owed == ("a0", "a2")
    word = panel.together(instrument, sheets, {"a0": "Buktinya dilihat berbeda.", "a2": "Sudah dibahas."}, None)
    assert word.owed == ()
    assert word.questions[0].remark == "Buktinya dilihat berbeda."


def test_improvement_over_last_year() -> None:
    instrument = build(("a", 100, [1]))
    sheets = [sheet(instrument, n, {"a0": "3"}) for n in range(3)]
    assert panel.together(instrument, sheets, {}, None).improvement is None
    assert panel.together(instrument, sheets, {}, panel.typed_before(2022, 2.4)).improvement == Fraction(3, 5)
    assert panel.together(instrument, sheets, {}, Before(2022, Fraction(7, 2), {}, {}, {})).improvement == Fraction(-1, 2)
    assert panel.typed_before(2022, None) is None


@given(st.data(), st.integers(1, 5))
def test_the_order_of_sheets_assessors_and_words_changes_nothing(data: st.DataObject, count: int) -> None:
    instrument = build(("a", 40, [1, 2, 1]), ("b", 60, [1, 1]))
    score = st.sampled_from([None, "-", "0", "1", "2", "3", "4"])
    sheets = [sheet(instrument, n, {q.id: data.draw(score) for q in instrument.questions()}) for n in range(count)]
    remarks = {q.id: q.id for q in instrument.questions() if data.draw(st.booleans())}
    expected = panel.together(instrument, sheets, remarks, None)
    turned = data.draw(st.permutations(sheets))
    again = [replace(one, scores=dict(data.draw(st.permutations(list(one.scores.items()))))) for one in turned]
    words = dict(data.draw(st.permutations(list(remarks.items()))))
    assert panel.together(instrument, again, words, None) == expected
    assert panel.newest(turned) == (expected.sheets, ())


def test_what_cannot_be_counted_together_is_refused() -> None:
    instrument, other = build(("a", 100, [1])), build(("b", 100, [1]))
    for sheets in ([sheet(instrument, 0, {}), sheet(other, 1, {})], [sheet(instrument, 0, {}), sheet(instrument, 0, {}, document="x")],
                   [sheet(instrument, 0, {"a0": "7"})]):
        with pytest.raises(ValueError):
            panel.together(instrument, sheets, {}, None)


def test_of_one_assessor_the_sheet_that_replaces_the_other_counts() -> None:
    instrument = build(("a", 100, [1]))
    first, other = sheet(instrument, 0, {"a0": "1"}), sheet(instrument, 1, {"a0": "2"})
    second = replace(first, document="doc-2", number="010", supersedes=first.number, scores={"a0": "3"})
    third = replace(second, document="doc-3", number="", supersedes="doc-2")
    assert panel.newest([second, other, first]) == ((second, other), ())
    assert panel.newest([third, first, other, second]) == ((third, other), ())
    stray = replace(second, supersedes="")
    assert panel.newest([first, stray, other]) == ((other,), panel.in_order((first, stray)))


def data_of(**values: Any) -> dict[str, Any]:
    return {"type": "evaluation_sheet", "document": "d", "sheet": "s", "visit_id": "v", "region": {"code": "93.02"}, "assessor_id": "a",
            "assessor": {"name": "Ani", "title_before": "Dr.", "title_after": "M.Kom.", "institution": "U"},
            "instrument": {"form_id": "f", "version": "1", "sha256": "x"}, "number": "1", "date": "2023-11-07", "supersedes": "",
            "aspects": [{"rows": [{"id": "q1", "score": "3", "reason": "r"}, {"id": "q2", "score": None, "reason": ""}]}],
            "strengths": [{"body": "b", "dimension": "Smart Living"}], "weaknesses": [], "recommendations": [], **values}


def test_a_sheet_is_read_from_its_signed_data() -> None:
    read = panel.read_sheet(data_of(), "file", "data")
    assert (read.name, read.scores, read.reasons) == ("Dr. Ani, M.Kom.", {"q1": "3", "q2": None}, {"q1": "r"})
    assert read.findings == (("strength", "Smart Living", "b"),)
    assert (read.instrument, read.file_sha256, read.data_sha256) == ("f@1", "file", "data")


@pytest.mark.parametrize("wrong", [
    {"type": "minutes"}, {"aspects": [{"rows": [{"id": "", "score": "3", "reason": ""}]}]}, {"visit_id": ""}, {"assessor": None},
    {"aspects": [{"rows": [{"id": "q", "score": 3, "reason": ""}]}]}, {"aspects": 4},
    {"aspects": [{"rows": [{"id": "q", "score": "3", "reason": ""}] * 2}]}])
def test_what_is_no_sheet_is_not_read_as_one(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        panel.read_sheet(data_of(**wrong), "file")


def test_last_year_is_read_from_the_signed_report() -> None:
    report = {"type": "panel_report", "visit": {"starts_on": "2022-10-01"}, "index": 2.5,
              "aspects": [{"id": "a", "mean": 2.0, "rows": [{"id": "q", "mean": 3.5}, {"id": "r", "mean": None}]}],
              "dimensions": [{"name": "Smart Living", "value": 1.5}, {"name": "Smart Society", "value": None}]}
    before = panel.read_before(report)
    assert (before.year, before.index, before.aspects, before.questions) == (
        2022, Fraction(5, 2), {"a": Fraction(2)}, {"q": Fraction(7, 2)})
    assert before.dimensions == {"living": Fraction(3, 2)}
    for wrong in ({}, {**report, "type": "minutes"}, {**report, "index": "3"}, {**report, "aspects": None}):
        with pytest.raises(ValueError):
            panel.read_before(wrong)
