"""Regions are complete and found the way a person types them."""

from __future__ import annotations

from collections import Counter

import pytest

from assessor_app.models import regions


def test_the_list_is_complete() -> None:
    everything = regions.all_regions()
    assert len(everything) == 514 == len({r.code for r in everything})
    assert Counter(r.type for r in everything) == {"kabupaten": 416, "kota": 98}
    assert len({r.province_code for r in everything}) == 38
    assert {r.zone for r in everything} == {"WIB", "WITA", "WIT"}
    assert all(r.code.startswith(r.province_code) for r in everything)


def test_26_names_are_shared_and_titles_tell_them_apart() -> None:
    everything = regions.all_regions()
    assert sum(1 for n in Counter(r.name for r in everything).values() if n > 1) == 26
    assert len({r.title for r in everything}) == 514


@pytest.mark.parametrize(("code", "title", "province", "zone"), [
    ("93.02", "Kab. Boven Digoel", "Papua Selatan", "WIT"),
    ("11.72", "Kota Sabang", "Aceh", "WIB"),
    ("65.03", "Kab. Nunukan", "Kalimantan Utara", "WITA"),
    ("91.03", "Kab. Jayapura", "Papua", "WIT"),
    ("91.71", "Kota Jayapura", "Papua", "WIT"),
    ("53.11", "Kab. Sumba Timur", "Nusa Tenggara Timur", "WITA"),
])
def test_known_regions(code: str, title: str, province: str, zone: str) -> None:
    found = regions.region(code)
    assert found is not None
    assert (found.title, found.province, found.zone) == (title, province, zone)


@pytest.mark.parametrize(("typed", "first"), [
    ("93.02", "93.02"), ("9302", "93.02"), ("boven", "93.02"), ("DIGOEL", "93.02"), ("Kab. Boven Digoel", "93.02"),
    ("kota jayapura", "91.71"), ("kab jayapura", "91.03"), ("jayapura kota", "91.71"), ("sabáng", "11.72"),
    ("kepulauan seribu", "31.01"), ("toli toli", "72.04"), ("sumba tim", "53.11"), ("lima puluh kota", "13.07"),
    ("digoel boven", "93.02"),
])
def test_the_first_hit_is_what_was_meant(typed: str, first: str) -> None:
    assert regions.find(typed)[0].code == first


def test_a_shared_name_shows_both_and_a_province_its_regions() -> None:
    assert {r.code for r in regions.find("jayapura")} == {"91.03", "91.71"}
    assert {r.name for r in regions.find("papua selatan")} == {"Merauke", "Boven Digoel", "Mappi", "Asmat"}
    assert [r.code for r in regions.find("93")] == ["93.01", "93.02", "93.03", "93.04"]


def test_nothing_and_nonsense_find_nothing() -> None:
    assert regions.find("  ") == []
    assert regions.find("qqqq") == []
    assert len(regions.find("kota")) == 20
    assert regions.region("99.99") is None
