"""Which words are looked up, and the person's own words: kept on this device, and gone with an erased person."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor_app.workflow import interviewing, spelling, visiting
from assessor_app.workflow.accounts import Account
from tests.factories import make_account, make_visit
from tests.sync.loopback import Loopback, make_joined


def looked_up(text: str, *mentions: str) -> list[str]:
    return [word.text for word in spelling.words_in(text, mentions)]


@pytest.mark.parametrize(("text", "words"), [
    ("# Warga kampung\n- lapor (\"cepat\").", ["Warga", "kampung", "lapor", "cepat"]),
    ("#stuntting dan (#tagg) dan @N-03 datang", ["dan", "dan", "datang"]),
    ("lihat https://x.go.id/masyarkat, www.salahh.id, kominfo@boven.go.id, laporan.pdf, S.Kom.", ["lihat"]),
    ("tahun 2023 seluas 12ha, butir 3a, x_y", ["tahun", "seluas", "butir"]),
    ("APBD, APBDes, RPJMD dan WhatsApp", ["dan"]),  # two capitals make an abbreviation or a name
    ("di-update, OPD-nya, se-Papua, anak-anak", ["update", "Papua", "anak", "anak"]),
    ("hadir/absen – Jum’at, don't", ["hadir", "absen", "Jum’at", "don't"]),
    ("ya a 😀 кот 家 مرحبا", ["ya"]),  # other scripts are for other dictionaries
    ("x" * 41, []),
])
def test_only_prose_is_looked_up(text: str, words: list[str]) -> None:
    assert looked_up(text) == words


def test_a_mention_of_several_words_is_passed_over_whole() -> None:
    text = "kata @Kepala Dinas Komimfo di @Kepala Dinas hari ini"
    assert looked_up(text, "Kepala Dinas", "Kepala Dinas Komimfo") == ["kata", "di", "hari", "ini"]


def test_places_are_in_code_points_also_behind_an_emoji() -> None:
    text = "😀 @Sekretaris Daerah lama salahh"
    assert [text[word.start : word.end] for word in spelling.words_in(text, ["Sekretaris Daerah"])] == ["lama", "salahh"]


@pytest.mark.parametrize(("word", "right"), [
    ("kampung", True), ("kampungnya", True), ("salahh", False), ("salahhnya", False), ("nya", False),
    ("Digoel", True), ("digoelnya", False),  # a region's name takes no ending
    ("asesornya", True), ("Bimtek", True), ("Yosefina", True), ("yosefina", True), ("Jum’at", True),
    ("Masing", True), ("sing", False),  # the half of a word that stands only twice
])
def test_a_word_is_right_by_dictionary_own_words_regions_or_the_programme(word: str, right: bool) -> None:
    assert spelling.is_known(word, {"kampung", "Jum'at", "masing-masing"}.__contains__, {"yosefina"}) is right


def test_what_two_dictionaries_offer_is_ranked_by_likeness() -> None:
    assert spelling.likest("kesehtan", ["antheses", "keseran", "kesehatan", "kesehatan"]) == ["kesehatan", "keseran"]
    assert spelling.likest("xq", ["abc", "x"]) == ["x", "abc"]  # nothing is near


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return make_account(tmp_path / "account")


def words_of(account: Account) -> tuple[str, ...]:
    with account.reading() as session:
        return spelling.my_words(session)


def test_own_words_are_kept_each_once_and_can_be_taken_away(account: Account) -> None:
    for word in ("Yosefina", "sagu", "yosefina", "Qur’an"):
        account.writer.run(lambda u, word=word: spelling.add_word(u, word), purpose="setting")  # type: ignore[misc]
    assert words_of(account) == ("Qur'an", "sagu", "yosefina")
    account.writer.run(lambda u: spelling.set_words(u, [" sagu ", ""]), purpose="setting")
    assert words_of(account) == ("sagu",)
    account.close()


def test_own_words_are_never_sent_and_lose_the_name_of_who_is_erased(tmp_path: Path) -> None:
    server = Loopback(tmp_path / "server")
    a, b = (make_joined(server, tmp_path / name, name) for name in "ab")
    visit = make_visit(a)
    person = a.writer.run(lambda u: interviewing.add_respondent(u, visit, name="Yosefina Kambu"), purpose="x")
    a.writer.run(lambda u: interviewing.give_consent(u, person, form="spoken", purpose="p", data=["name"], until="2099-01-01"), purpose="x")
    a.writer.run(lambda u: spelling.set_words(u, ["Yosefina", "sagu"]), purpose="setting")
    server.sync(a)
    server.sync(b)
    assert words_of(b) == ()
    b.writer.run(lambda u: spelling.set_words(u, ["kambu", "Qur'an"]), purpose="setting")
    a.writer.run(lambda u: visiting.erase_person(u, person), purpose="erase")
    assert words_of(a) == ("sagu",)
    server.sync(a)
    server.sync(b)
    assert words_of(b) == ("Qur'an",)
    for account in (a, b):
        account.close()
