"""Amounts at a glance, in both languages."""

from __future__ import annotations

import pytest

from assessor_app import formats, i18n


@pytest.mark.parametrize(("amount", "indonesian", "english"), [
    (0, "Rp 0", "Rp 0"), (999_999, "Rp 999.999", "Rp 999,999"), (1_000_000, "Rp 1 juta", "Rp 1 million"),
    (1_549_000_000, "Rp 1,5 miliar", "Rp 1.5 billion"), (19_350_000_000, "Rp 19,4 miliar", "Rp 19.4 billion"),
    (2_000_000_000_000, "Rp 2 triliun", "Rp 2 trillion")])
def test_rupiah_at_a_glance(amount: int, indonesian: str, english: str) -> None:
    i18n.set_language("id")
    assert formats.rupiah_short(amount) == indonesian
    i18n.set_language("en")
    assert formats.rupiah_short(amount) == english
