"""The formula reproduces the published kind of figure, and holds its laws for any scores."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor_app.errors import BadInput
from assessor_app.models.answers import read_answers
from assessor_app.models.instrument import Choice, Group, Instrument, Question, Text
from assessor_app.models.scoring import Evaluation, Given, evaluate, improvement, printed

SCALE = tuple(Choice(str(n), Text(str(n), str(n))) for n in range(5))


def question(name: str, aspect: str, weight: int = 1, dimension: str = "") -> Question:
    label = Text(name, name)
    return Question(name, name, label, Text(), SCALE, "scale", Fraction(weight), dimension, "", False, aspect)


def build(*aspects: tuple[str, int, list[Question]]) -> Instrument:
    groups = tuple(Group(name, name, Text(name, name), Text(), Fraction(weight), tuple(questions))
                   for name, weight, questions in aspects)
    return Instrument("test", "1", Text("T", "T"), 2022, "", "", False, "", groups).sealed()


def shape(*aspects: tuple[str, int, int]) -> Instrument:
    """Build an instrument of (aspect, weight, number of questions)."""
    return build(*((name, weight, [question(f"{name}{n}", name) for n in range(count)])
                   for name, weight, count in aspects))


NEW_2022 = shape(("baseline", 10, 5), ("output", 20, 7), ("outcome", 30, 31), ("impact", 10, 4), ("quickwin", 30, 12))


def one(instrument: Instrument, scores: dict[str, str | None], assessor: str = "A") -> Evaluation:
    return evaluate(instrument, [Given(q, assessor, score) for q, score in scores.items()])


def test_zero_is_a_score() -> None:
    # A published mean of 0.60 over five questions is possible only if the zeros count.
    result = one(shape(("baseline", 100, 5)), {"baseline0": "3", **{f"baseline{n}": "0" for n in range(1, 5)}})
    assert result.aspects[0].score == Fraction(3, 5)
    assert printed(result.index) == "0,60"
    assert not result.provisional


def test_a_whole_sheet_of_the_2022_shape() -> None:
    sums = {"baseline": 14, "output": 22, "outcome": 87, "impact": 12, "quickwin": 41}
    scores: dict[str, str | None] = {}
    for group in NEW_2022.aspects:
        left = sums[group.id]
        questions = list(group.questions())
        for n, q in enumerate(questions):
            score = min(4, -(-left // (len(questions) - n)))
            scores[q.id] = str(score)
            left -= score
    result = one(NEW_2022, scores)
    assert [printed(a.score) for a in result.aspects] == ["2,80", "3,14", "2,81", "3,00", "3,42"]
    # 0.1·14/5 + 0.2·22/7 + 0.3·87/31 + 0.1·12/4 + 0.3·41/12, by hand
    assert result.index == Fraction(14, 50) + Fraction(44, 70) + Fraction(261, 310) + Fraction(3, 10) + Fraction(41, 40)
    assert printed(result.index) == "3,08"
    assert (result.open, result.provisional, result.whole) == (0, False, True)


def test_a_panel_is_the_mean_over_those_who_gave_a_score() -> None:
    instrument = shape(("a", 100, 2))
    result = evaluate(instrument, [
        Given("a0", "A", "4"), Given("a0", "B", "3"), Given("a0", "C", "-"),
        Given("a1", "A", "1"), Given("a1", "B", "-"), Given("a1", "C", "-")])
    assert result.questions == {"a0": Fraction(7, 2), "a1": Fraction(1)}
    assert result.index == Fraction(9, 4)
    assert not result.provisional


def test_a_blank_makes_it_provisional_and_counts_nowhere() -> None:
    result = one(shape(("a", 60, 2), ("b", 40, 1)), {"a0": "4", "a1": None, "b0": "2"})
    assert result.index == Fraction(32, 10)
    assert result.provisional
    assert (result.aspects[0].answered, result.aspects[0].open, result.aspects[0].not_assessed) == (1, 1, 0)


def test_a_missing_row_of_one_assessor_is_a_blank() -> None:
    instrument = shape(("a", 100, 2))
    result = evaluate(instrument, [Given("a0", "A", "4"), Given("a1", "A", "4"), Given("a0", "B", "2")])
    assert result.provisional
    assert result.open == 1
    assert result.index == Fraction(7, 2)


def test_not_assessed_counts_nowhere_and_may_be_signed() -> None:
    result = one(shape(("a", 100, 3)), {"a0": "4", "a1": "-", "a2": "0"})
    assert result.index == 2
    assert not result.provisional
    assert (result.aspects[0].answered, result.aspects[0].not_assessed) == (2, 1)


def test_an_aspect_without_a_score_counts_nowhere_and_shows_it() -> None:
    result = one(shape(("a", 90, 1), ("b", 10, 1)), {"a0": "3", "b0": "-"})
    assert result.aspects[1].score is None
    assert result.index == 3
    assert result.weight_counted == 90
    assert (result.whole, result.provisional) == (False, False)


def test_nothing_given_has_no_index() -> None:
    result = evaluate(NEW_2022, [])
    assert result.index is None
    assert result.provisional
    assert result.open == 59
    assert printed(result.index) == "–"


def test_weighted_questions_of_spbe_shape() -> None:
    instrument = build(("policy", 13, [question("i1", "policy", 10), question("i2", "policy", 3)]),
                       ("services", 87, [question("i3", "services")]))
    result = one(instrument, {"i1": "4", "i2": "1", "i3": "2"})
    assert result.aspects[0].score == Fraction(43, 13)
    # Σ weight × level ÷ 100, as SPBE computes it over indicators
    assert result.index == Fraction(10 * 4 + 3 * 1 + 87 * 2, 100)


def test_dimensions_gather_their_questions_across_aspects() -> None:
    instrument = build(("a", 50, [question("x", "a", dimension="living"), question("y", "a")]),
                       ("b", 50, [question("z", "b", dimension="living"), question("e", "b", dimension="economy")]))
    result = one(instrument, {"x": "1", "y": "4", "z": "2", "e": "-"})
    assert result.dimensions == {"living": Fraction(3, 2), "economy": None}


def test_an_answer_of_another_instrument_counts_nowhere_and_a_wrong_score_is_refused() -> None:
    instrument = shape(("a", 100, 1))
    assert evaluate(instrument, [Given("other", "Z", "1"), Given("a0", "A", "4")]).index == 4
    with pytest.raises(ValueError, match="no score '5'"):
        one(instrument, {"a0": "5"})


@pytest.mark.parametrize(("value", "text"), [
    (Fraction(321, 100), "3,21"), (Fraction(3205, 1000), "3,21"), (Fraction(3204999, 1000000), "3,20"),
    (Fraction(0), "0,00"), (Fraction(4), "4,00"), (Fraction(-1, 8), "-0,13"), (Fraction(-1, 1000), "0,00"),
    (Fraction(1, 200), "0,01"), (Fraction(19999, 10000), "2,00"),
])
def test_half_up_and_only_when_printed(value: Fraction, text: str) -> None:
    assert printed(value) == text


def test_improvement_is_this_year_less_last() -> None:
    assert improvement(Fraction(3), Fraction(13, 4)) == Fraction(-1, 4)
    assert improvement(Fraction(3), None) is None


SCORES = st.sampled_from(["0", "1", "2", "3", "4", "-"])
SMALL = shape(("a", 30, 2), ("b", 70, 3))
SHEETS = st.lists(st.fixed_dictionaries({q.id: SCORES for q in SMALL.questions()}), min_size=1, max_size=4)


def gather(sheets: list[dict[str, str]]) -> list[Given]:
    return [Given(q, str(n), score) for n, sheet in enumerate(sheets) for q, score in sheet.items()]


@given(SHEETS)
def test_laws_of_the_mean(sheets: list[dict[str, str]]) -> None:
    result = evaluate(SMALL, gather(sheets))
    numbers = [int(s) for sheet in sheets for s in sheet.values() if s != "-"]
    assert not result.provisional
    if numbers:
        assert result.index is not None
        assert min(numbers) <= result.index <= max(numbers)
    else:
        assert result.index is None
    # The order of rows, and an assessor who judged nothing, change nothing.
    assert evaluate(SMALL, gather(sheets)[::-1]) == result
    absent = [Given(q.id, "absent", "-") for q in SMALL.questions()]
    assert evaluate(SMALL, gather(sheets) + absent) == result
    # A blank changes no figure; it only makes the result provisional.
    blank = evaluate(SMALL, [*gather(sheets), *(Given(q.id, "late", None) for q in SMALL.questions())])
    assert (blank.index, blank.questions) == (result.index, result.questions)
    assert blank.provisional


@given(SHEETS)
def test_raising_a_score_never_lowers_the_index(sheets: list[dict[str, str]]) -> None:
    before = evaluate(SMALL, gather(sheets)).index
    raised = [{q: {"0": "1", "1": "2", "2": "3", "3": "4"}.get(s, s) for q, s in sheet.items()} for sheet in sheets]
    after = evaluate(SMALL, gather(raised)).index
    assert before is None or (after is not None and after >= before)


def test_answers_are_read_as_written() -> None:
    rows = "\ufeffquestion,assessor,score\r\na0,Rina,3.0\r\na1,Rina,-\r\n\r\na0,Budi,\r\na1,Budi,0\r\n"
    assert read_answers(rows.encode(), shape(("a", 100, 2))) == [
        Given("a0", "Rina", "3"), Given("a1", "Rina", "-"), Given("a0", "Budi", None), Given("a1", "Budi", "0")]


def test_answers_saved_by_an_indonesian_excel() -> None:
    assert read_answers(b"question;assessor;score\na0;R;4\n", shape(("a", 100, 1))) == [Given("a0", "R", "4")]


def test_all_faults_of_the_answers_at_once() -> None:
    rows = b"question,assessor,score\na0,R,5\nzz,R,1\na0,R,1\na0,,1\na0,S,three\na0,T\n"
    with pytest.raises(BadInput) as refused:
        read_answers(rows, shape(("a", 100, 1)))
    text = refused.value.faults
    assert len(text) == 6
    for row, fault in zip((2, 3, 4, 5, 6, 7), text, strict=True):
        assert f" {row}:" in fault


@pytest.mark.parametrize("data", [b"", b"question,score\na0,1\n",
                                  "question,assessor,score\na0,\u00fc,1".encode("latin-1"),
                                  b'question,assessor,score\n"a0,R,1\n'])
def test_what_is_no_answer_file_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_answers(data, shape(("a", 100, 1)))
