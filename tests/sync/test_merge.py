"""The merge, as tables of before and after, and as properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor_app.models.kinds import Field, Merge
from assessor_app.sync.merge import Outcome, merge_field, merge_set, merge_text, splice

TEXTS = [
    # both append a paragraph at different ends
    ("b\n", "a\nb\n", "b\nc\n", "a\nb\nc\n"),
    # different words of one line
    ("Kader datang setiap bulan.", "Tiga kader datang setiap bulan.", "Kader datang setiap minggu.", "Tiga kader datang setiap minggu."),
    # the same word on both sides: a person decides
    ("air bersih", "air keruh", "air asin", None),
    # both type at the same place: a person decides
    ("", "satu", "dua", None),
    # one deletes a paragraph that the other left alone
    ("a\n\nb\n\nc", "a\n\nc", "a\n\nb\n\nc!", "a\n\nc!"),
    # both made the same change
    ("x", "y", "y", "y"),
]


@pytest.mark.parametrize(("base", "one", "two", "merged"), TEXTS)
def test_text_merges_by_lines_then_words(base: str, one: str, two: str, merged: str | None) -> None:
    assert merge_text(base, one, two) == merged
    assert merge_text(base, two, one) == merged


def test_set_keeps_additions_and_removals_of_both() -> None:
    assert merge_set(["a", "b"], ["b", "c"], ["a", "b", "d"]) == ["b", "c", "d"]


SCALAR, TEXT, SET = Field("x"), Field("x", merge=Merge.TEXT), Field("x", "refs", Merge.SET)


@pytest.mark.parametrize(("field", "base", "present", "incoming", "outcome"), [
    (SCALAR, "a", "b", "c", Outcome.DIFFERENT),
    (SCALAR, "a", "b", "b", Outcome.APPLIED),  # equal values are no difference
    (TEXT, "a b c", "A b c", "a b C", Outcome.MERGED),
    (TEXT, None, "A b c", "a b C", Outcome.DIFFERENT),  # an unknown base is never guessed
    (SET, ["a"], ["a", "b"], ["a", "c"], Outcome.MERGED),
])
def test_field_rules(field: Field, base: object, present: object, incoming: object, outcome: Outcome) -> None:
    merged = merge_field(field, base, present, incoming)  # type: ignore[arg-type]
    assert merged.outcome is outcome
    if outcome is Outcome.DIFFERENT:
        assert merged.value == present


_text = st.text(alphabet="ab \n.", max_size=40)


@given(_text, _text, _text)
def test_merge_is_symmetric_and_loses_no_inserted_word(base: str, one: str, two: str) -> None:
    merged = merge_text(base, one, two)
    assert merged == merge_text(base, two, one)
    assert merge_text(base, one, base) == one
    assert merge_text(base, base, two) == two


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_splice_turns_the_base_into_the_new_text(base: str, new: str) -> None:
    cut = splice(base, new)
    assert cut.apply(base) == new
    assert len(cut.inserted) <= len(new)


def test_a_splice_of_a_long_note_is_one_word_long() -> None:
    body = "kata " * 12_000
    assert splice(body, body[:30_000] + "baru " + body[30_000:]).inserted.strip() == "baru"
