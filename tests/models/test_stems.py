"""Words of one Indonesian root find each other; others do not."""

from __future__ import annotations

from itertools import combinations

import pytest

from assessor_app.models.stems import beginnings, kin

FAMILIES = [
    "layanan pelayanan melayani dilayani pelayan terlayani",
    "bangun pembangunan membangun dibangun bangunan",
    "tulis menulis ditulis tulisan penulis",
    "kirim mengirim pengiriman dikirim",
    "sehat kesehatan menyehatkan",
    "didik pendidikan mendidik pendidik",
    "kelola mengelola dikelola pengelolaan",
    "keluh keluhan mengeluh",
    "sampah persampahan",
    "aman keamanan pengamanan mengamankan",
    "pukul memukul dipukul pemukul",
    "program programnya memprogramkan",
    "desa pedesaan perdesaan",
]


@pytest.mark.parametrize("family", FAMILIES)
def test_words_of_one_root_are_kin_and_begin_as_foreseen(family: str) -> None:
    for a, b in combinations(family.split(), 2):
        assert kin(a, b), (a, b)
        assert b.startswith(beginnings(a)), (a, b)
        assert a.startswith(beginnings(b)), (b, a)


def test_words_of_different_roots_are_not_kin() -> None:
    firsts = [family.split()[-1] for family in FAMILIES]
    for a, b in combinations(firsts, 2):
        assert not kin(a, b), (a, b)
    assert not kin("layanan", "layang")
    assert not kin("jalan", "jala")


def test_a_beginning_of_a_word_is_taken_as_it_is() -> None:
    assert beginnings("pel") == ()
    assert beginnings("a") == ()
