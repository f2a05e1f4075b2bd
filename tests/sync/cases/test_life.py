"""Cases of a long life: instruments withdrawn, servers set back or emptied, assignments and accounts gone."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from assessor_app.errors import LineError
from assessor_app.models.catalogue import Instrument
from assessor_app.models.evaluations import Answer
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import State, Unit
from assessor_app.models.kinds import Kind, visit_scope
from assessor_app.models.permissions import Role
from assessor_app.models.tables import Intent
from assessor_app.models.visits import Person
from assessor_app.sync.outcome import Wishes
from assessor_app.workflow import courier, editing, evaluating, interviewing, syncing, visiting
from assessor_app.workflow.accounts import Account
from assessor_server import accounts, centre
from assessor_server import tables as tb
from tests.factories import make_note, make_visit, read, sync, write
from tests.sync.cases.conftest import Town, bodies, home, through

pytestmark = pytest.mark.xdist_group("cases-life")
Pair = tuple[Account, Account, str]


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
