"""Contrast is worked out, not judged by eye; text grows as asked."""

from __future__ import annotations

import pytest

from assessor_app.ui.theme import DARK, LIGHT, Colours, Theme, contrast
from assessor_app.ui.widgets.basics import label

TEXT_PAIRS = [
    ("text", "ground"), ("text", "surface"), ("text", "sunken"), ("muted", "ground"), ("muted", "surface"), ("muted", "sunken"),
    ("accent", "surface"), ("accent", "ground"), ("on_action", "action"), ("on_action", "action_over"), ("on_chosen", "chosen"),
    ("good", "surface"), ("good", "good_ground"), ("warn", "surface"), ("warn", "warn_ground"), ("bad", "surface"), ("bad", "bad_ground"),
    ("text", "good_ground"), ("text", "warn_ground"), ("text", "bad_ground"), ("surface", "accent"),
]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_is_readable(palette: Colours, text: str, ground: str) -> None:
    assert contrast(getattr(palette, text), getattr(palette, ground)) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["ground", "surface", "sunken"])
def test_outlines_and_focus_are_seen(palette: Colours, ground: str) -> None:
    assert contrast(palette.edge, getattr(palette, ground)) >= 3
    assert contrast(palette.accent, getattr(palette, ground)) >= 3


def test_the_ratio_is_wcags() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_all_text_grows_with_the_setting(theme: Theme) -> None:
    theme.apply("light", 100)
    small = label("Wawancara").sizeHint().height()
    theme.apply("light", 150)
    assert label("Wawancara").sizeHint().height() >= small * 1.35
    theme.apply("light", 100)
