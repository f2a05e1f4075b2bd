"""The two shipped instruments have the shapes of the real ones, and other people's tools accept them."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from pyxform.xls2xform import convert

from assessor_app import paths
from assessor_app.models.instrument import Instrument
from assessor_app.models.instrument_workbook import read_workbook
from assessor_app.models.kinds import DIMENSIONS

SHAPES = {
    "smart-city-2022-baru": {"baseline": (10, 5), "output": (20, 7), "outcome": (30, 31), "impact": (10, 4),
                             "quickwin": (30, 12)},
    "smart-city-2023-wisata": {"baseline": (10, 5), "output": (20, 7), "outcome": (20, 33), "impact": (20, 54),
                               "quickwin": (20, 12), "kolaborasi": (10, 6)},
}


@cache
def shipped(name: str) -> Instrument:
    return read_workbook(paths.resources() / "instruments" / f"{name}.xlsx")


@pytest.mark.parametrize("name", SHAPES)
def test_the_shape_is_that_of_the_real_one(name: str) -> None:
    instrument = shipped(name)
    assert {a.id: (int(a.weight or 0), len(list(a.questions()))) for a in instrument.aspects} == SHAPES[name]
    assert not instrument.official
    assert "bukan instrumen resmi" in instrument.publisher
    assert instrument.max_score == 4
    assert Instrument.from_json(instrument.to_json()) == instrument


@pytest.mark.parametrize("name", SHAPES)
def test_pyxform_converts_it(name: str) -> None:
    result = convert(paths.resources() / "instruments" / f"{name}.xlsx", validate=False)
    assert result.warnings == []
    assert "<h:title>" in result.xform


@pytest.mark.parametrize("name", SHAPES)
def test_every_question_has_its_own_words_and_five_anchors(name: str) -> None:
    questions = shipped(name).questions()
    for language in ("id", "en"):
        assert max(Counter(q.label.get(language) for q in questions).values()) == 1
    for question in questions:
        assert [c.score for c in question.choices] == ["0", "1", "2", "3", "4"]
        assert all(c.label.id and c.label.en and c.label.id != c.label.en for c in question.choices)
    assert len({q.code for q in questions}) == len(questions)


def test_every_dimension_has_its_programme_progress_and_2023_asks_each_sub_dimension_three_times() -> None:
    for name in SHAPES:
        assert set(shipped(name).dimensions()) == set(DIMENSIONS)
    impact = shipped("smart-city-2023-wisata").aspect("impact")
    asked = Counter((q.dimension, q.sub_dimension) for q in impact.questions())
    assert asked == {(d, sub): 3 for d, subs in DIMENSIONS.items() for sub in subs}
    partners = shipped("smart-city-2023-wisata").aspect("kolaborasi")
    assert [q.dimension for q in partners.questions()] == list(DIMENSIONS)
