"""Search: newest first, what was just typed included, accents and beginnings of words; and nothing of what was erased."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from assessor_app.models import search
from assessor_app.models.database import NOTEBOOK, connect
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import Kind
from assessor_app.models.plans import Action
from assessor_app.workflow import editing, interviewing, visiting
from assessor_app.workflow.accounts import Account
from tests.factories import make_account, make_note, make_visit, write
from tests.sync.loopback import cheap_secrets


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with cheap_secrets():
        made = make_account(tmp_path / "a")
    made.writer._idle.clear()  # the tests say when it is quiet
    yield made
    made.close()


def index(account: Account) -> None:
    while account.writer.run(lambda u: search.index_some(u.session), purpose="index"):
        pass


def hits(account: Account, query: str, limit: int = 10) -> list[str]:
    with account.reading() as session:
        return [hit.record for hit in search.search(session, query, limit=limit)]


@pytest.mark.parametrize("seed", range(6))
def test_hits_are_what_a_plain_scan_finds_newest_first(account: Account, seed: int) -> None:
    """Against a model: a list of notes, the one typed last in front; half of them indexed, half not yet."""
    rng = random.Random(seed)
    words = ["puskesmas", "pasar", "Pasar", "jalan", "sungai", "dermaga", "sekolah", "pasaraya", "énergi", "energi"]
    visit = make_visit(account)
    order: list[str] = []
    texts: dict[str, str] = {}
    for _ in range(60):
        body = " ".join(rng.choices(words, k=3))
        if order and rng.random() < 0.3:
            note = rng.choice(order)
            write(account, Interview, note, body=texts[note] + " " + body)
            body = texts[note] + " " + body
            order.remove(note)
        else:
            note = make_note(account, visit, body)
        order.insert(0, note)
        texts[note] = body
        if rng.random() < 0.15:
            index(account)
        if rng.random() < 0.05:
            gone = rng.choice(order)
            account.writer.run(lambda u, gone=gone: editing.delete(u, Kind.INTERVIEW, gone), purpose="x")  # type: ignore[misc]
            order.remove(gone)
    for query in ("pasar", "pas", "ENERGI", "pasar jal", "jalan pasar", "sungai dermaga seko", "tidakada"):
        wanted = search.words_of(query)
        expected = []
        for note in order:
            tokens = search.words_of(texts[note])
            if all(w in tokens for w in wanted[:-1]) and any(token.startswith(wanted[-1]) for token in tokens):
                expected.append(note)
        assert hits(account, query, limit=5) == expected[:5], query
        assert hits(account, query, limit=100) == expected, query


def test_what_was_just_typed_is_found_and_the_old_text_is_not(account: Account) -> None:
    note = make_note(account, make_visit(account), "Dermaga rusak berat.")
    index(account)
    write(account, Interview, note, body="Jembatan baru.")
    assert hits(account, "jembatan") == [note]
    assert hits(account, "dermaga") == []
    index(account)
    assert hits(account, "jembatan") == [note]
    assert hits(account, "dermaga") == []


def test_accents_capitals_and_any_script(account: Account) -> None:
    note = make_note(account, make_visit(account), "Café di Kampung Été; صوت الناس; 数字城市; e\u0301lan")
    for indexed in (False, True):
        if indexed:
            index(account)
        for query in ("cafe", "CAFÉ", "ete", "صوت", "elan", "kampung"):
            assert hits(account, query) == [note], (query, indexed)


@pytest.mark.parametrize("query", ['"', "' OR 1=1 --", "*", "a*b", "NEAR(", "AND OR NOT", "^x", "{body}:x", "", "   ", "\x00", "(" * 50,
                                   "x" * 5000])
def test_any_query_is_only_words(account: Account, query: str) -> None:
    make_note(account, make_visit(account), "biasa")
    index(account)
    hits(account, query)


def test_the_hit_shows_its_sentence_and_marks_the_words(account: Account) -> None:
    body = "Kalimat pertama. Di sini <b>pasar</b> ikan & sayur ramai sekali. Kalimat ketiga. " + "kata " * 3000
    make_note(account, make_visit(account), body, title="Kunjungan pasar")
    with account.reading() as session:
        (hit,) = search.search(session, "ikan ramai")
    assert hit.title == "Kunjungan pasar"
    assert hit.sentence == "Di sini <b>pasar</b> ikan & sayur ramai sekali."
    assert [hit.sentence[start:start + length] for start, length in hit.marks] == ["ikan", "ramai"]
    with account.reading() as session:
        (far,) = search.search(session, "kata")
    assert len(far.sentence) < 260


def test_only_granted_scopes_are_searched_dirty_or_indexed(account: Account) -> None:
    first, second = make_visit(account), make_visit(account)
    here, there = make_note(account, first, "pasar"), make_note(account, second, "pasar")
    for indexed in (False, True):
        if indexed:
            index(account)
        with account.reading() as session:
            found = [hit.record for hit in search.search(session, "pasar", scopes=lambda scope: scope == f"visit:{first}")]
        assert found == [here]
        assert there not in found


@pytest.mark.parametrize("indexed", [False, True])
def test_what_was_erased_is_found_nowhere_not_even_in_the_decrypted_file(account: Account, tmp_path: Path, indexed: bool) -> None:
    visit = make_visit(account)
    person = account.writer.run(lambda u: interviewing.add_respondent(u, visit, name="KENARINAMA", occupation="guru"), purpose="x")
    notes = [make_note(account, visit, f"KENARIISI nomor {n} " + "panjang " * 900, observation=False, persons=[person]) for n in range(3)]
    other = make_note(account, visit, "MERPATI tetap di sini")
    for n in range(4):
        write(account, Interview, notes[0], editing="t", body=f"KENARIISI ditulis lagi {n} " + "panjang " * (900 + n))
    if indexed:
        index(account)
    assert len(hits(account, "kenariisi")) == 3
    account.writer.run(lambda u: visiting.erase_person(u, person), purpose="erase")
    assert hits(account, "kenariisi") == []
    assert hits(account, "kenarinama") == []
    assert hits(account, "merpati") == [other]
    plain = _decrypted(account, tmp_path / "plain.db", vacuum=False)
    assert b"MERPATI" in plain
    for canary in (b"KENARIISI", b"KENARINAMA", b"kenariisi", b"kenarinama"):
        assert canary not in plain


def _decrypted(account: Account, target: Path, *, vacuum: bool) -> bytes:
    """Return the notebook's pages decrypted one by one: free pages and old cells too, which an export would leave out."""
    def fold(unit: Unit) -> None:
        assert unit

    account.writer.run(fold, purpose="x")
    key = account.notebook.key
    account.notebook.writing_engine.dispose()
    raw = connect(account.folder / NOTEBOOK, key)
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.execute("ATTACH DATABASE ? AS plain KEY ''", (str(target),))
    raw.execute("SELECT sqlcipher_export('plain')")
    raw.close()
    return target.read_bytes() + _pages(account.folder / NOTEBOOK, key)


def _pages(file: Path, key: bytes) -> bytes:
    """Decrypt SQLCipher 4 pages by hand (AES-256-CBC; 4096 bytes, of them 80 reserved: IV and HMAC)."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    data = file.read_bytes()
    out = []
    for start in range(0, len(data), 4096):
        page = data[start:start + 4096]
        body = page[16:4016] if start == 0 else page[:4016]
        decryptor = Cipher(algorithms.AES(key), modes.CBC(page[4016:4032])).decryptor()
        out.append(decryptor.update(body) + decryptor.finalize())
    joined = b"".join(out)
    assert b"CREATE TABLE" in joined, "the pages were not decrypted"
    return joined


def test_words_of_one_root_are_found_before_and_after_indexing_and_marked(account: Account) -> None:
    visit = make_visit(account)
    found = [make_note(account, visit, body) for body in (
        "Warga dilayani di balai desa.", "Pelayanan tutup pukul dua.", "Petugas melayani dengan sabar.")]
    make_note(account, visit, "Layang-layang di lapangan.")
    for _ in range(2):  # first what is not indexed yet, then what is
        with account.reading() as session:
            hits_ = search.search(session, "layanan")
        assert [hit.record for hit in hits_] == found[::-1]
        shown = {hit.sentence[start:start + length] for hit in hits_ for start, length in hit.marks}
        assert shown == {"dilayani", "Pelayanan", "melayani"}
        index(account)
    assert hits(account, "melayani sabar") == [found[2]]
    assert hits(account, "layang") != found


def test_hits_of_one_kind_are_found_however_many_of_others_are_newer(account: Account) -> None:
    visit = make_visit(account)
    action = account.writer.run(lambda u: u.add(Action(region="93.02", visit=visit, number=1, body="Dermaga diperbaiki")).id, purpose="x")
    for n in range(80):
        make_note(account, visit, f"Dermaga {n}")
    index(account)
    with account.reading() as session:
        assert [hit.record for hit in search.search(session, "dermaga", kinds=(Kind.ACTION,))] == [action]
