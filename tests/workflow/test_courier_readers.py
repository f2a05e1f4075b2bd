"""Who can open a courier file: colleagues whose keys are known, and nobody whose device was revoked; what is merged of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from assessor_app import ids
from assessor_app.errors import AppError
from assessor_app.identity.couriers import seal
from assessor_app.models.catalogue import DeviceKey
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import Kind
from assessor_app.models.visits import Visit
from assessor_app.sync import envelope
from assessor_app.sync.intents import WireIntent
from assessor_app.workflow import courier, courier_keys, ready
from assessor_app.workflow.accounts import Account
from assessor_server import accounts as server_accounts
from assessor_server import courier as centre
from assessor_server import offices
from assessor_server import tables as tb
from tests.factories import make_account, make_note, make_visit, read, write
from tests.server.scenes import add
from tests.sync.loopback import Loopback, cheap_secrets, make_joined
from tests.workflow.test_offices import CANARY, OFFICE, check_of, readers_of, said_anywhere


def test_a_colleague_without_a_key_is_named_beside_the_offices_that_can_open_it(two: tuple[Loopback, Account, Account, str],
                                                                                tmp_path: Path) -> None:
    server, a, b, visit = two
    late = make_joined(server, tmp_path / "c", "c")
    late.close()
    write(a, Visit, visit, team=[a.profile, b.profile, late.profile])
    add(server.store, "sri", "secretariat")
    with server.store.transaction() as connection:
        sri = server_accounts.account_named(connection, "sri")
        offices.name(connection, sri, b.device, OFFICE)
    server.sync(a)
    state, said = check_of(a, visit)
    assert state is ready.State.WARN
    assert said.endswith("or pair by code. 1 receiving office can open it.")


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Loopback, Account, Account, str]]:
    """Two colleagues of one visit who know each other's keys."""
    server = Loopback(tmp_path / "server")
    a, b = (make_joined(server, tmp_path / name, name) for name in "ab")
    for one in (a, b):
        courier_keys.keys(one)
    visit = make_visit(a)
    write(a, Visit, visit, team=[a.profile, b.profile])
    for one in (a, b, a):
        server.sync(one)
    yield server, a, b, visit
    a.close()
    b.close()
    server.close()


def test_a_revoked_colleague_reads_no_courier_file_either_paired_or_not(two: tuple[Loopback, Account, Account, str],
                                                                       tmp_path: Path) -> None:
    server, a, b, visit = two
    courier.pair(a, courier.pairing_code(b))
    make_note(a, visit, "Satu.")
    assert courier.pack(a, tmp_path / "1.titipan").colleagues == 1
    with server.store.transaction() as connection:
        assert offices.revoke(connection, b.device)
    server.sync(a)
    make_note(a, visit, "Dua.")
    packed = courier.pack(a, tmp_path / "2.titipan")
    assert (packed.colleagues, b.device in packed.recipients) == (0, False)
    assert courier.take_in(b, tmp_path / "2.titipan").sealed
    make_note(b, visit, "Dari yang dicabut.")
    courier.pack(b, tmp_path / "b.titipan")
    assert courier.take_in(a, tmp_path / "b.titipan").merged == 0, "what the centre will refuse is not shown"


def test_nobody_makes_the_own_device_an_office_by_line_or_by_stick(two: tuple[Loopback, Account, Account, str], tmp_path: Path) -> None:
    server, a, b, _visit = two
    mine = ids.natural_id(Kind.KEY, a.profile, a.device)
    base = read(a, DeviceKey, mine, "versions")[""]
    claims = [["=", "key", mine, "receiving_office", base, "Kantor palsu"],
              ["+", "key", ids.natural_id(Kind.KEY, a.profile, "lain0001"), {
                  "assessor": a.profile, "device": "lain0001", "signing": "00", "recipient": "age1x", "receiving_office": "Kantor palsu"}]]
    own = courier_keys.keys(a)
    made = envelope.pack(a.device, [WireIntent(a.device, 900 + n, 1, "x", "catalogue", [one]) for n, one in enumerate(claims)], own.sign)
    with server.store.transaction() as connection:
        key = centre.keys(connection).recipient
    parcel = envelope.pack_parcel(envelope.Parcel(server=key, by=a.device, envelopes=[made]))
    (tmp_path / "x.titipan").write_bytes(seal(parcel, [key, courier_keys.keys(b).recipient]))
    brought = courier.take_in(b, tmp_path / "x.titipan")
    assert (brought.merged, brought.waiting) == (0, 2)
    assert not [one for one in readers_of(b) if one.office]
    outcome = server.sync(b)
    assert outcome.complete
    with server.store.transaction() as connection:
        verdicts = connection.execute(select(tb.intent.c.outcome, tb.intent.c.reason).where(
            tb.intent.c.device == a.device, tb.intent.c.counter >= 900)).all()
        assert {tuple(one) for one in verdicts} == {("refused", "permission")}
        assert offices.listed(connection) == {}

    def claim(unit: Unit) -> None:
        unit.get(DeviceKey, mine).receiving_office = "Kantor palsu"

    a.writer.run(claim, purpose="x")
    server.sync(a)
    with server.store.transaction() as connection:
        assert offices.listed(connection) == {}
    assert not [one for one in readers_of(a) if one.office], "the notebook follows the centre's word"


def test_a_visit_made_far_away_is_merged_by_whom_it_names(two: tuple[Loopback, Account, Account, str], tmp_path: Path) -> None:
    """There was no line to grant it: the visit itself says who belongs to it; another one is carried unread."""
    server, a, b, _visit = two
    with_b, without = make_visit(a), make_visit(a)
    write(a, Visit, with_b, team=[a.profile, b.profile])
    notes = make_note(a, with_b, "Untuk Beni."), make_note(a, without, f"Bukan untuk Beni: {CANARY}.")
    courier.pack(a, tmp_path / "a.titipan")
    brought = courier.take_in(b, tmp_path / "a.titipan")
    assert brought.merged
    assert brought.carried
    assert [read(b, Interview, one, "body") for one in notes] == ["Untuk Beni.", None]
    assert said_anywhere(b, CANARY) == []
    for one in (b, a, b):
        assert server.sync(one).complete
    assert read(b, Interview, notes[1], "body") == f"Bukan untuk Beni: {CANARY}.", "his region is assigned to him: the centre sends it"


def test_a_notebook_that_knows_nobody_says_so_before_it_writes(tmp_path: Path) -> None:
    with cheap_secrets():
        alone = make_account(tmp_path / "a")
    make_visit(alone)
    with pytest.raises(AppError, match="Nobody is known yet") as told:
        courier.pack(alone, tmp_path / "a.titipan")
    assert told.value.hint
    assert not (tmp_path / "a.titipan").exists()
    alone.close()
