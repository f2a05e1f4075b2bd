"""Cases of a long life: instruments withdrawn, servers set back or emptied, assignments and accounts gone, other versions, big batches."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from assessor_app.errors import LineError
from assessor_app.models.catalogue import Instrument
from assessor_app.models.evaluations import Answer
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import State, Unit
from assessor_app.models.kinds import Kind, visit_scope
from assessor_app.models.permissions import Role
from assessor_app.models.tables import Held, Intent, Setting
from assessor_app.models.visits import Person
from assessor_app.sync import codec, protocol
from assessor_app.sync.digests import digest_line
from assessor_app.sync.intents import WireIntent
from assessor_app.sync.merge import Outcome
from assessor_app.sync.outcome import Wishes
from assessor_app.sync.protocol import Request
from assessor_app.workflow import courier, editing, evaluating, interviewing, syncing, visiting
from assessor_app.workflow.accounts import Account
from assessor_server import accounts, centre
from assessor_server import tables as tb
from assessor_server.store import lock_scopes, set_places
from tests.factories import make_note, make_visit, read, sync, write
from tests.sync.cases.conftest import Town, bodies, home, states, through
from tests.sync.cases.gate import Changed, gate

pytestmark = pytest.mark.xdist_group("cases-life")
Pair = tuple[Account, Account, str]
SOAK = int(os.environ.get("SOAK", "0") or 0)


@pytest.fixture
def village(tmp_path: Path, town: Town) -> Iterator[Town]:
    """Another server, and a town of its own."""
    made = Town(tmp_path / "village", home=town.home)
    yield made
    made.close()


def fault_of(account: Account) -> LineError:
    outcome = syncing.synchronise(account)
    assert isinstance(outcome.fault, LineError), outcome
    assert not outcome.complete
    return outcome.fault


# Instruments

def test_an_instrument_is_withdrawn_with_drafts_open(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    with a.reading() as session:
        shipped = evaluating.instrument_of(session, evaluating.instruments(session)[0].ref)
    published = replace(shipped, form_id="instrumen-pusat").sealed()
    store = town.server.store()
    with store.transaction() as connection:
        secretary = accounts.add_account(connection, "sekretaris", "Sekretaris", Role.SECRETARIAT, "rahasia sekali")
        centre.publish(connection, secretary, published)
    town.agree(a, b)
    with a.reading() as session:
        record = session.scalars(select(Instrument.id).where(Instrument.form_id == "instrumen-pusat")).one()
        card = next(c for c in evaluating.instruments(session) if evaluating.instrument_of(session, c.ref).form_id == "instrumen-pusat")
        instrument = evaluating.instrument_of(session, card.ref)
    question = instrument.questions()[0]
    sheet = a.writer.run(lambda u: evaluating.open_sheet(u, visit, instrument), purpose="x")
    a.writer.run(lambda u: evaluating.answer(u, sheet, question.id, score=question.choices[-1].score), purpose="x")
    with store.transaction() as connection:
        centre.withdraw(connection, secretary, record)
    store.close()
    town.agree(a, b)
    for account in (a, b):
        with account.reading() as session:
            assert card.ref not in [c.ref for c in evaluating.instruments(session)], "not offered for a new sheet"
    with a.reading() as session:
        assert evaluating.instrument_of(session, card.ref).questions()[0].id == question.id, "the draft stays on it"
    a.writer.run(lambda u: evaluating.answer(u, sheet, question.id, reason="ditulis sesudah ditarik"), purpose="x")
    town.agree(a, b)
    with a.reading() as session:
        assert session.scalars(select(Answer.reason).where(Answer.sheet == sheet)).all() == ["ditulis sesudah ditarik"]
    assert "ditulis sesudah ditarik" in town.dump()


# Servers

def test_a_client_attached_to_an_empty_server_wipes_nothing(town: Town, village: Town) -> None:
    a, b = town.join("ani"), town.join("budi")
    visit = make_visit(a)
    make_note(a, visit, "dari a")
    town.agree(a, b)
    theirs = make_note(b, visit, "dari b")
    town.agree(a, b)
    make_note(a, visit, "belum terkirim")
    with through(a, village.server.url):
        assert fault_of(a).code == "credential", "it does not know this device, and is told nothing"
        assert bodies(a, visit) == ["belum terkirim", "dari a", "dari b"]
    for login in ("ani", "budi"):
        village.server.add(login)
    with home(town.home):
        syncing.join(a, village.server.invitation("ani"))
        syncing.synchronise(a)
        assert bodies(a, visit) == ["belum terkirim", "dari a", "dari b"], "nothing goes because the server has it not"
        syncing.join(b, village.server.invitation("budi"))
        for account in (b, a, b):
            outcome = syncing.synchronise(account)
            assert set(outcome.mismatched) <= {"catalogue"}, "the cards of those who have not come there yet: it says so"
    for account in (a, b):
        assert bodies(account, visit) == ["belum terkirim", "dari a", "dari b"]
    assert village.rows(select(tb.record.c.by).where(tb.record.c.id == theirs))[0][0] == b.profile


def test_a_server_restored_from_a_backup_brings_no_erased_person_back(village: Town, tmp_path: Path) -> None:
    town = village
    a, b = town.join(), town.join()
    visit = make_visit(a)
    person = a.writer.run(lambda u: interviewing.add_respondent(u, visit, name="Hapus Saya", occupation="guru"), purpose="x")
    a.writer.run(lambda u: interviewing.give_consent(u, person, form="spoken", purpose="p", data=["nama"], until="2099-01-01"), purpose="x")
    note = make_note(a, visit, "Kata Hapus Saya", observation=False, persons=[person])
    town.agree(a, b)
    town.server.stop()
    shutil.copytree(town.server.folder, tmp_path / "older")
    town.server.start()
    a.writer.run(lambda u: visiting.erase_person(u, person), purpose="erase")
    make_note(b, visit, "sesudah cadangan")
    town.agree(a, b)
    town.server.stop()
    shutil.rmtree(town.server.folder)
    shutil.copytree(tmp_path / "older", town.server.folder)
    with sqlite3.connect(town.server.folder / "server.db") as connection:
        connection.execute("UPDATE meta SET value = 'restored' WHERE name = 'epoch'")
    connection.close()
    town.server.start()
    assert "Hapus Saya" in town.dump()
    for account in (b, a, b):  # b first: he has nothing of that person to tell, and hears nothing back
        syncing.synchronise(account)
        assert read(account, Person, person, "name") == ""
        assert read(account, Interview, note, "body") == ""
    town.agree(a, b)
    assert "Hapus Saya" not in town.dump()
    assert "sesudah cadangan" in bodies(a, visit)


# People

def test_an_assignment_is_moved_away_with_unsent_work(town: Town) -> None:
    a, b = town.join("pindah"), town.join()
    visit = make_visit(b)
    town.agree(b, a)
    shared = make_note(a, visit, "terkirim")
    town.agree(a, b)
    make_note(a, visit, "belum terkirim")
    write(a, Interview, shared, title="belum terkirim")
    store = town.server.store()
    with store.transaction() as connection:
        account = accounts.account_of(connection, "pindah") or ""
        assert accounts.unassign(connection, account, "93.02", 0)
    outcome = syncing.synchronise(a)
    assert outcome.fault is None
    assert outcome.refused == 2
    with a.reading() as session:
        refused = session.scalars(select(Intent).where(Intent.state == State.REFUSED)).all()
        assert {intent.reason for intent in refused} == {"permission"}
        assert "belum terkirim" in str([intent.changes for intent in refused]), "it can be looked at and exported"
    assert bodies(a, visit) == ["belum terkirim", "terkirim"], "leaving a visit loses nothing"
    sync(b)
    assert bodies(b, visit) == ["terkirim"]
    with store.transaction() as connection:
        accounts.assign(connection, account, "93.02", 0)
    store.close()
    write(b, Interview, shared, place="sesudah kembali")
    sync(b)
    assert syncing.synchronise(a).fault is None
    assert read(a, Interview, shared, "place") == "sesudah kembali"
    make_note(a, visit, "boleh lagi")
    sync(a)
    sync(b)
    assert bodies(b, visit) == ["boleh lagi", "terkirim"]


def test_an_account_is_disabled_with_unsent_work(town: Town, tmp_path: Path) -> None:
    a, b = town.join("tutup"), town.join()
    visit = make_visit(a)
    town.agree(a, b)
    make_note(a, visit, "belum terkirim")
    store = town.server.store()

    def active(yes: bool) -> None:
        with store.transaction() as connection:
            accounts.set_active(connection, accounts.account_of(connection, "tutup") or "", yes)

    active(False)
    fault = fault_of(a)
    assert fault.code == "account"
    assert fault.hint, "it says what to do"
    assert bodies(a, visit) == ["belum terkirim"]
    assert courier.pack(a, tmp_path / "a.titipan").intents == 1, "the stick still works"
    active(True)
    store.close()
    town.agree(a, b)
    assert bodies(b, visit) == ["belum terkirim"]


def test_signing_out_and_a_reinstall_lose_no_unsent_work(town: Town, tmp_path: Path) -> None:
    a, b, visit = town.two()
    make_note(a, visit, "sebelum keluar")
    device, key, folder = a.device, a.notebook.key, a.folder
    a.close()
    again = town.open(folder, key)
    assert again.device == device
    make_note(again, visit, "sesudah masuk")
    again.close()
    other = Town.__new__(Town)
    other.home, other.people = tmp_path / "reinstalled", town.people
    fresh = other.open(folder, key)  # the program was installed anew, on a new Windows; the folder survived
    assert fresh.device != device, "an incarnation of its own, for the old one may go on elsewhere"
    make_note(fresh, visit, "sesudah dipasang ulang")
    town.agree(fresh, b)
    assert bodies(b, visit) == ["sebelum keluar", "sesudah dipasang ulang", "sesudah masuk"]
    devices = {row.device for row in town.rows(select(tb.intent.c.device).where(tb.intent.c.scope == visit_scope(visit)))}
    assert {device, fresh.device} <= devices, "what waited keeps its ids"


def test_a_sudden_mass_deletion_stops_and_asks(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    notes = [make_note(a, visit, f"catatan {number:02}") for number in range(30)]
    town.agree(a, b)

    def wipe(unit: Unit) -> None:
        for note in notes[:25]:
            editing.delete(unit, Kind.INTERVIEW, note)

    b.writer.run(wipe, purpose="x")
    sync(b)
    mine = make_note(a, visit, "tetap terkirim")
    for _ in range(2):
        outcome = syncing.synchronise(a)
        assert outcome.fault is None
        assert not outcome.complete, "it does not say done"
        (loss,) = outcome.shrinkages
        assert (loss.scope, loss.lost) == (visit_scope(visit), 25)
        assert loss.records >= 31
        assert len(bodies(a, visit)) == 31, "and nothing is gone"
    sync(b)
    assert read(b, Interview, mine, "body") == "tetap terkirim", "its own work went out all the same"
    outcome = syncing.synchronise(a, wishes=Wishes(accepted=frozenset({visit_scope(visit)})))
    assert outcome.complete, outcome
    assert bodies(a, visit) == ["catatan 25", "catatan 26", "catatan 27", "catatan 28", "catatan 29", "tetap terkirim"]
    town.agree(a, b)


# Versions

def _asked(account: Account, head: dict[str, Any], *lines: Any) -> protocol.Reply:
    """Send a request whose lines are as given; return the reply."""
    made = {"v": protocol.VERSION, "cap": list(protocol.CAPABILITIES), "device": account.device, "epoch": "", "cursors": {}, **head}
    transport = syncing.transport_of(account)
    try:
        return transport.sync(codec.pack([codec.dumps(made), *map(codec.dumps, lines)]))
    finally:
        transport.close()


def test_a_client_one_version_older(town: Town, pair: Pair) -> None:
    """It knows neither marks nor dense lines: it is answered in the words that it knows, and told the same."""
    a, b, visit = pair
    make_note(a, visit, "isi")
    sync(a)
    today, before = _asked(b, {}), _asked(b, {"cap": ["splice", "erasure", "epoch"]})
    assert today.news == before.news
    assert [(m.scope, m.digest) for m in today.marks] == [(m.scope, m.digest) for m in before.marks]
    assert any(state.fields.get("body") == "isi" for state in before.news)
    transport = syncing.transport_of(b)
    response = transport._authorized("POST", "/v1/sync", data=protocol.pack_request(Request(b.device, "", {}, capabilities=())), headers={})
    transport.close()
    kinds = {line[0] for line in codec.unpack(response.content)[1:]}
    assert kinds <= {"v", "n", "c", "end"}, "no line that an older program cannot read"


def test_a_client_one_version_newer(town: Town, pair: Pair) -> None:
    """What it says beyond our words is passed over; a field of tomorrow is kept and forwarded, a kind of tomorrow waits."""
    a, b, visit = pair
    note = make_note(a, visit, "isi")
    town.agree(a, b)
    with a.reading() as session:
        version = session.get(Interview, note).versions[""]  # type: ignore[union-attr]
    head = {"cap": [*protocol.CAPABILITIES, "hologram"], "mood": "good", "devices": ["masadepan1"], "scopes": [visit_scope(visit)]}
    reply = _asked(a, head,
                   [0, 1, 5, "x", 0, [["=", "interview", note, "cuaca", version, "hujan"]], "a column of tomorrow"],
                   ["blob", "a line of tomorrow"],
                   [0, 2, 5, "x", 0, [["+", "hologram", "h1", {"visit": visit}]]])
    assert [(v.outcome, v.reason) for v in reply.verdicts] == [(Outcome.APPLIED, ""), (Outcome.HELD, "kind")]
    town.agree(b, a)
    with b.reading() as session:
        assert session.get(Interview, note).extra == {"cuaca": "hujan"}  # type: ignore[union-attr]
    write(b, Interview, note, body="isi, ditambah")
    town.agree(b, a)
    with a.reading() as session:
        assert session.get(Interview, note).extra == {"cuaca": "hujan"}  # type: ignore[union-attr]
    with pytest.raises(LineError) as told:
        _asked(a, {"v": 2})
    assert told.value.code == "protocol"
    assert "Update" in (told.value.hint or "")


def test_a_server_one_version_newer(town: Town, pair: Pair) -> None:
    """Head keys and lines of tomorrow are passed over; a record of a kind of tomorrow is held, and counts in the digest."""
    a, b, visit = pair
    make_note(a, visit, "isi")
    sync(a)
    scope = visit_scope(visit)
    store = town.server.store()
    with store.transaction() as connection:
        seq, digest = lock_scopes(connection, [scope])[scope]
        versions = {"": "masadepan2.1.0"}
        connection.execute(insert(tb.record).values(kind="hologram", id="h2", scope=scope, seq=seq + 1, created=seq + 1, versions=versions,
                                                    fields={"warna": "biru"}, seqs={}, by="", at=1))
        set_places(connection, {scope: (seq + 1, digest + digest_line("hologram", "h2", versions))})
    store.close()

    def tomorrow(data: bytes) -> bytes:
        head, *lines = codec.unpack(data)
        return codec.pack(map(codec.dumps, [{**head, "advice": ["update"], "cap": ["hologram"]}, ["w", "a line of tomorrow"], *lines]))

    with gate(town.server.url, Changed(tomorrow), Changed(tomorrow)) as line, through(b, line.url):
        sync(b)
    with b.reading() as session:
        assert session.get(Held, ("hologram", "h2")).content["fields"] == {"warna": "biru"}  # type: ignore[union-attr]
    assert bodies(b, visit) == ["isi"]
    town.agree(a, b)


def test_a_server_one_version_older(town: Town, pair: Pair) -> None:
    """It knows no marks: its reply names none, and the device says its cursors, scope by scope."""
    a, b, visit = pair

    def yesterday(data: bytes) -> bytes:
        head, *lines = codec.unpack(data)
        return codec.pack(map(codec.dumps, [{k: v for k, v in head.items() if k not in {"mark", "gone", "taken"}}, *lines]))

    b.writer.run(lambda u: u.session.merge(Setting(name="mark", value="")) and None, purpose="x")
    with gate(town.server.url, *[Changed(yesterday)] * 9) as line, through(b, line.url):
        for number in range(3):
            make_note(a, visit, f"isi {number}")
            make_note(b, visit, f"lain {number}")
            sync(a)
            outcome = sync(b)
            assert outcome.received < 5, "only what is new"
    town.agree(a, b)
    assert len(bodies(a, visit)) == 6


# Much at once

def test_a_batch_of_100_mb(town: Town) -> None:
    """A device sends any amount in batches; one request of 100 MB is refused, packed small or large, and the server lives on."""
    a, b, visit = town.two()
    text = " ".join(f"{number * 7919:x}" for number in range(220_000))
    count = 60 if SOAK else 4
    for number in range(count):
        make_note(a, visit, f"{number} {text}")
    with gate(town.server.url) as line, through(a, line.url):
        outcome = sync(a)
        assert outcome.sent == count
        assert line.count("/v1/sync") >= count * len(text) // 2_500_000
    sync(b)
    assert len(bodies(b, visit)) == count
    transport = syncing.transport_of(a)
    bomb = codec.pack([b'{"v":1}', b"0" * 100_000_000], level=1)
    for body, codes in ((bomb, {"protocol"}), (bytes(100_000_000), {"size", "offline"})):
        with pytest.raises(LineError) as told:
            transport._authorized("POST", "/v1/sync", data=body, headers={"Content-Type": protocol.MEDIA_TYPE})
        assert told.value.code in codes
    transport.close()
    assert town.server.process is not None
    assert town.server.process.poll() is None
    make_note(a, visit, "sesudahnya")
    town.agree(a, b)


def test_an_id_that_another_copy_of_the_notebook_used(town: Town) -> None:
    """A folder set back in place numbers anew: the server tells the two apart, loudly, and both stay."""
    a, b, visit = town.two()
    a.close()
    kept = town.root / "set-back"
    shutil.copytree(a.folder, kept)
    first = town.open(a.folder, a.notebook.key)
    make_note(first, visit, "yang pertama")
    sync(first)
    first.close()
    shutil.rmtree(a.folder)
    shutil.copytree(kept, a.folder)
    again = town.open(a.folder, a.notebook.key)
    assert again.device == a.device
    make_note(again, visit, "nomor yang sama")
    with again.reading() as session:
        ((device, counter),) = session.execute(select(Intent.device, Intent.counter).where(Intent.state == State.OPEN))
    held = town.rows(select(tb.intent.c.hash).where(tb.intent.c.device == device, tb.intent.c.counter == counter))
    town.agree(again, b)
    for account in (again, b):
        assert bodies(account, visit) == ["nomor yang sama", "yang pertama"]
    assert held == town.rows(select(tb.intent.c.hash).where(tb.intent.c.device == device, tb.intent.c.counter == counter))
    assert set(states(again)) == {State.STORED}


def test_a_forged_number_in_an_intent_is_no_fault_of_the_server(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    for counter in (1 << 62, 1 << 70, -1, 0):
        transport = syncing.transport_of(a)
        with pytest.raises(LineError) as told:
            transport.sync(protocol.pack_request(Request(a.device, "", {}, [
                WireIntent("nomor-besar", counter % (1 << 63), 1, "x", visit_scope(visit), [])])))
        assert told.value.code == "protocol"
        transport.close()
    sync(b)
