"""Courier files: between a device without a line, its colleagues, and the centre."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from assessor_app import ids
from assessor_app.errors import AppError, BadInput
from assessor_app.models.evaluations import Answer, Sheet
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit, raw_writes
from assessor_app.models.kinds import Kind
from assessor_app.models.tables import Carried, Intent
from assessor_app.models.visits import Visit
from assessor_app.sync import envelope, local_digests
from assessor_app.workflow import accounts, courier, courier_keys, editing, evaluating
from assessor_app.workflow.accounts import Account
from assessor_server import courier as centre
from assessor_server import feed, syncing
from assessor_server import tables as tb
from tests.factories import make_account, make_note, make_visit, read, write
from tests.sync.loopback import Loopback, cheap_secrets, make_joined

Three = tuple[Loopback, Account, Account, Account, str]


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Three]:
    """Three joined devices, all of which have one visit and know each other's keys."""
    server = Loopback(tmp_path / "server")
    people = [make_joined(server, tmp_path / name, name) for name in "abc"]
    for one in people:
        courier_keys.keys(one)
    visit = make_visit(people[0])
    write(people[0], Visit, visit, team=[one.profile for one in people])
    for one in (*people, *people):
        server.sync(one)
    yield server, people[0], people[1], people[2], visit
    for one in people:
        one.close()
    server.close()


def _agree(server: Loopback, *people: Account) -> None:
    for one in (*people, *people):
        outcome = server.sync(one)
        assert outcome.complete, outcome
    with server.store.transaction() as connection:
        for scope in ("catalogue", *(f"visit:{v}" for v in connection.execute(
                select(tb.record.c.id).where(tb.record.c.kind == "visit")).scalars())):
            digest = feed.scope_digest(connection, scope)
            assert feed.place(connection, scope)[1] == digest
            for one in people:
                with one.reading() as session:
                    assert local_digests.local_digest(session, scope) == digest, scope


def test_a_colleague_reads_what_came_on_the_stick_and_takes_it_to_the_centre(three: Three, tmp_path: Path) -> None:
    server, a, b, c, visit = three
    note = make_note(a, visit, "Pasar baru belum dipakai.", title="Pasar")
    packed = courier.pack(a, tmp_path / "a.titipan")
    assert packed.recipients[0] == courier.SERVER
    assert set(packed.recipients[1:]) == {a.device, b.device, c.device}
    assert courier.take_in(b, tmp_path / "a.titipan").merged == packed.intents
    assert read(b, Interview, note, "body") == "Pasar baru belum dipakai."
    server.sync(b)
    with server.store.transaction() as connection:
        row = connection.execute(select(tb.record).where(tb.record.c.id == note)).one()
        assert row.by == a.profile, "the relay keeps the first author"
    server.sync(c)
    assert read(c, Interview, note, "body") == "Pasar baru belum dipakai."
    _agree(server, a, b, c)
    with b.reading() as session:
        assert all(row.arrived and not row.data for row in session.scalars(select(Carried)))


def test_twice_and_in_any_order_it_is_the_same(three: Three, tmp_path: Path) -> None:
    server, a, b, c, visit = three
    note = make_note(a, visit, "Satu.")
    courier.pack(a, tmp_path / "1.titipan")
    write(a, Interview, note, body="Satu. Dua.")
    courier.pack(a, tmp_path / "2.titipan")
    assert courier.take_in(b, tmp_path / "2.titipan").merged
    assert courier.take_in(b, tmp_path / "1.titipan").merged == 0
    assert courier.take_in(b, tmp_path / "2.titipan").merged == 0
    assert read(b, Interview, note, "body") == "Satu. Dua."
    courier.take_in(c, tmp_path / "1.titipan")
    server.sync(c)
    server.sync(a)
    server.sync(b)
    _agree(server, a, b, c)
    with server.store.transaction() as connection:
        assert connection.execute(select(tb.record.c.id).where(tb.record.c.kind == "difference")).first() is None


def test_a_gap_is_held_until_the_middle_comes(three: Three, tmp_path: Path) -> None:
    server, a, b, c, visit = three
    note = make_note(a, visit, "Satu.")
    courier.pack(a, tmp_path / "1.titipan")
    server.sync(a)
    write(a, Interview, note, body="Satu. Dua.")
    courier.pack(a, tmp_path / "2.titipan")
    brought = courier.take_in(b, tmp_path / "2.titipan")
    assert brought.waiting == 1
    assert read(b, Interview, note, "body") is None
    assert courier.take_in(b, tmp_path / "1.titipan").merged
    assert read(b, Interview, note, "body") == "Satu. Dua."
    _agree(server, b, a, c)


def test_both_wrote_the_same_note_without_a_line(three: Three, tmp_path: Path) -> None:
    server, a, b, c, visit = three
    note = make_note(a, visit, "Baris satu.\nBaris dua.\nBaris tiga.")
    for one in (a, b, c):
        server.sync(one)
    write(a, Interview, note, body="Baris SATU.\nBaris dua.\nBaris tiga.")
    write(b, Interview, note, body="Baris satu.\nBaris dua.\nBaris TIGA.")
    courier.pack(a, tmp_path / "a.titipan")
    courier.take_in(b, tmp_path / "a.titipan")
    assert read(b, Interview, note, "body") == "Baris SATU.\nBaris dua.\nBaris TIGA."
    _agree(server, b, a, c)
    assert {read(one, Interview, note, "body") for one in (a, b, c)} == {"Baris SATU.\nBaris dua.\nBaris TIGA."}


def test_an_unsigned_sheet_travels_for_the_server_alone(three: Three, tmp_path: Path) -> None:
    server, a, b, c, visit = three
    with a.reading() as session:
        instrument = evaluating.instrument_of(session, evaluating.instruments(session)[0].ref)
    sheet = a.writer.run(lambda u: evaluating.open_sheet(u, visit, instrument), purpose="x")
    question = instrument.questions()[0].id
    a.writer.run(lambda u: evaluating.answer(u, sheet, question, score="2"), purpose="x")
    courier.pack(a, tmp_path / "a.titipan")
    brought = courier.take_in(b, tmp_path / "a.titipan")
    assert brought.carried
    with b.reading() as session:
        assert session.scalars(select(Sheet)).all() == []
        assert session.scalars(select(Answer)).all() == []
        kept = b"".join(session.scalars(select(Carried.data)))
    opened = courier_keys.keys(b)
    assert all(opened.open(one) is None for one in [kept] if envelope.is_sealed(one))
    server.sync(b)
    with server.store.transaction() as connection:
        assert connection.execute(select(tb.record.c.by).where(tb.record.c.id == sheet)).scalar() == a.profile
    _agree(server, a, b, c)
    with b.reading() as session:
        assert session.scalars(select(Sheet)).all() == []


def test_who_has_no_key_carries_it_unread(three: Three, tmp_path: Path) -> None:
    server, a, _b, _c, visit = three
    note = make_note(a, visit, "Untuk pusat.")
    courier.pack(a, tmp_path / "a.titipan")
    d = make_joined(server, tmp_path / "d", "d")
    brought = courier.take_in(d, tmp_path / "a.titipan")
    assert brought.sealed
    assert brought.carried == 1
    assert brought.merged == 0
    assert read(d, Interview, note, "body") is None
    server.sync(d)
    with server.store.transaction() as connection:
        assert connection.execute(select(tb.record.c.by).where(tb.record.c.id == note)).scalar() == a.profile
    d.close()


def test_the_reply_brings_the_receipts_back(three: Three, tmp_path: Path) -> None:
    server, a, b, c, visit = three
    make_note(a, visit, "Untuk pusat.")
    packed = courier.pack(a, tmp_path / "a.titipan")
    verdicts, taken, _ = syncing.take_carried(server.store, server.blobs, [(tmp_path / "a.titipan").read_bytes()])
    assert len(taken) == 1
    assert len(verdicts) == packed.intents
    with server.store.transaction() as connection:
        (tmp_path / "balasan.titipan").write_bytes(centre.reply(connection, verdicts))
    assert courier.take_in(a, tmp_path / "balasan.titipan").receipts == packed.intents
    with a.reading() as session:
        assert {i.state for i in session.scalars(select(Intent))} == {"stored"}
    assert courier.take_in(a, tmp_path / "balasan.titipan").receipts == packed.intents
    with pytest.raises(AppError, match=r"nothing to carry|Tidak ada"):
        courier.pack(a, tmp_path / "b.titipan")
    _agree(server, a, b, c)


def test_a_note_without_consent_stays_off_the_stick(three: Three, tmp_path: Path) -> None:
    _server, a, b, _c, visit = three
    note = make_note(a, visit, "Rahasia seorang ibu.", observation=False)
    make_note(a, visit, "Yang boleh.")
    courier.pack(a, tmp_path / "a.titipan")
    courier.take_in(b, tmp_path / "a.titipan")
    assert read(b, Interview, note, "body") is None


def test_photos_go_with_the_stick(three: Three, tmp_path: Path) -> None:
    server, a, b, _c, visit = three
    from assessor_app.models.attachments import Attachment

    data = b"\xff\xd8\xff" + b"x" * 5000
    digest = a.blobs.put(data)
    a.writer.run(lambda u: u.add(Attachment(visit=visit, type="file", name="../../etc/passwd", media_type="image/jpeg", size=len(data),
                                            sha256=digest)), purpose="x")
    assert courier.pack(a, tmp_path / "a.titipan").photos == 1
    assert courier.take_in(b, tmp_path / "a.titipan").photos == 1
    assert b.blobs.get(digest) == data
    server.sync(b)
    assert server.blobs.size(digest) == len(data)


def test_a_pairing_code_opens_the_way_without_the_server(tmp_path: Path) -> None:
    with cheap_secrets():
        a, b = make_account(tmp_path / "a", "Ana"), make_account(tmp_path / "b", "Beni")
    visit = make_visit(a)
    courier.pair(a, courier.pairing_code(b))
    courier.pair(b, courier.pairing_code(a))
    courier.pack(a, tmp_path / "a.titipan")
    assert courier.take_in(b, tmp_path / "a.titipan").merged
    assert read(b, Visit, visit, "region") == "93.02"
    with pytest.raises(BadInput):
        courier.pair(a, "ASESOR-PASANGAN:xx")
    a.close()
    b.close()


def test_a_deletion_on_a_stick_does_not_undo_what_the_centre_revived(three: Three, tmp_path: Path) -> None:
    server, a, b, _c, visit = three
    note = make_note(a, visit, "Satu.")
    for one in (a, b):
        server.sync(one)
    a.writer.run(lambda u: editing.delete(u, Kind.INTERVIEW, note), purpose="x")
    courier.pack(a, tmp_path / "a.titipan")

    def revived(unit: Unit) -> None:
        with raw_writes(unit.session):
            row = unit.session.get(Interview, note)
            assert row is not None
            row.versions = {**row.versions, "deleted": "lain.7.0r"}

    b.writer.run(revived, purpose="x", origin="sync")
    told = courier.take_in(b, tmp_path / "a.titipan")
    assert (told.merged, told.waiting) == (0, 1)
    assert not read(b, Interview, note, "deleted")


def test_what_a_notebook_wrote_before_it_was_set_back_is_read_from_the_stick(three: Three, tmp_path: Path) -> None:
    """It goes on as another device with keys of its own; what waited is still the first device's, and signed so."""
    server, a, b, c, visit = three
    before = make_note(a, visit, "Sebelum.")
    accounts.new_incarnation(a)
    after = make_note(a, visit, "Sesudah.")
    told = courier.pack(a, tmp_path / "x.titipan")
    assert told.left == 0
    brought = courier.take_in(b, tmp_path / "x.titipan")
    assert read(b, Interview, before, "body") == "Sebelum."
    assert brought.carried, "the new device's keys are not known here yet"
    for one in (a, b, c):
        server.sync(one)
    _agree(server, a, b, c)
    assert read(c, Interview, after, "body") == "Sesudah."
    courier.pack(b, tmp_path / "y.titipan", visit=visit)
    assert not courier.take_in(a, tmp_path / "y.titipan").sealed, "what was sealed for the first device is opened too"


@pytest.mark.parametrize("spoil", ["cut", "flip", "empty", "foreign"])
def test_a_damaged_file_changes_nothing(three: Three, tmp_path: Path, spoil: str) -> None:
    _server, a, b, _c, visit = three
    make_note(a, visit, "Satu.")
    file = tmp_path / "a.titipan"
    courier.pack(a, file)
    data = file.read_bytes()
    flipped = data[:-40] + bytes([data[-40] ^ 1]) + data[-39:]
    file.write_bytes({"cut": data[:-9], "flip": flipped, "empty": b"", "foreign": b"PK\3\4"}[spoil])
    stood = file.read_bytes()
    with pytest.raises(BadInput) as told:
        courier.take_in(b, file)
    assert told.value.hint
    assert told.value.kept
    assert file.read_bytes() == stood
    with b.reading() as session:
        assert session.scalars(select(Carried)).all() == []


def test_a_forged_envelope_is_refused(three: Three, tmp_path: Path) -> None:
    """A colleague writes in another's name, under his own signature."""
    server, a, b, c, visit = three
    from assessor_app.identity.couriers import seal
    from assessor_app.sync.envelope import Parcel
    from assessor_app.sync.intents import WireIntent

    forged = envelope.pack(a.device, [WireIntent(a.device, 900, 1, "x", f"visit:{visit}", [["=", "visit", visit, "place", "", "Palsu"]])],
                           courier_keys.keys(b).sign)
    with server.store.transaction() as connection:
        key = centre.keys(connection).recipient
    data = seal(envelope.pack_parcel(Parcel(server=key, by=b.device, envelopes=[forged])), [key, courier_keys.keys(c).recipient])
    (tmp_path / "x.titipan").write_bytes(data)
    with pytest.raises(BadInput):
        courier.take_in(c, tmp_path / "x.titipan")
    verdicts, taken, _ = syncing.take_carried(server.store, server.blobs, [data])
    assert verdicts == []
    assert taken == []
    change = ["+", "action", ids.new_id(), {"region": "93.02", "visit": visit, "number": 7, "body": "Benar"}]
    honest = envelope.pack(b.device, [WireIntent(b.device, 901, 1, "x", "region:93.02", [change])], courier_keys.keys(b).sign)
    data = seal(envelope.pack_parcel(Parcel(server=key, by=b.device, envelopes=[forged, honest])), [key, courier_keys.keys(c).recipient])
    (tmp_path / "y.titipan").write_bytes(data)
    told = courier.take_in(c, tmp_path / "y.titipan")
    assert (told.forged, told.merged) == (1, 1), "the rest passes"
    assert read(c, Visit, visit, "place") != "Palsu"


def test_a_revoked_devices_stick_is_refused_loudly(three: Three, tmp_path: Path) -> None:
    server, a, _b, _c, visit = three
    make_note(a, visit, "Satu.")
    courier.pack(a, tmp_path / "a.titipan")
    with server.store.transaction() as connection:
        connection.execute(tb.device.update().where(tb.device.c.id == a.device).values(revoked_at=1))
    verdicts, taken, _ = syncing.take_carried(server.store, server.blobs, [(tmp_path / "a.titipan").read_bytes()])
    assert {v.outcome.value for v in verdicts} == {"refused"}
    assert len(taken) == 1


def test_a_bomb_is_not_opened(three: Three) -> None:
    import zstandard

    server, a, _b, _c, _visit = three
    bomb = courier_keys.keys(a).sign(b"ASE1" + zstandard.compress(b"0" * (64 << 20))) + b"ASE1" + zstandard.compress(b"0" * (64 << 20))
    with pytest.raises(envelope.EnvelopeError):
        envelope.unpack(bomb)
    verdicts, taken, _ = syncing.take_carried(server.store, server.blobs, [bomb])
    assert (verdicts, taken) == ([], [])


def test_deleting_by_stick_and_undo(three: Three, tmp_path: Path) -> None:
    server, a, b, c, visit = three
    note = make_note(a, visit, "Satu.")
    for one in (a, b, c):
        server.sync(one)
    a.writer.run(lambda u: editing.delete(u, Kind.INTERVIEW, note), purpose="interview.delete")
    courier.pack(a, tmp_path / "a.titipan")
    courier.take_in(b, tmp_path / "a.titipan")
    assert read(b, Interview, note, "deleted") is True
    with b.reading() as session:
        step = editing.last_undoable(session)
    assert step is None or step.purpose != "interview.delete", "another's work is not undone here"
    _agree(server, b, c, a)


def test_by_command_to_a_real_server_and_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from assessor_app.cli.main import main
    from tests.factories import PASSPHRASE, ServerProcess, sync

    server = ServerProcess(tmp_path / "server").prepare("ana").start()
    ana = server.join(tmp_path / "ana", "ana")
    visit = make_visit(ana)
    sync(ana)
    server.stop()
    make_note(ana, visit, "Tanpa saluran.")
    ana.close()
    (tmp_path / "p").write_text(PASSPHRASE)
    data = ["--data", str(tmp_path / "ana"), "--passphrase-file", str(tmp_path / "p")]
    assert main([*data, "courier", "pack", str(tmp_path / "a.titipan"), "--json"]) == 0
    done = server.command("courier", "take", str(tmp_path / "a.titipan"), "--reply", str(tmp_path / "balasan.titipan"))
    assert "applied" in done.stdout
    assert server.command("courier", "take", str(tmp_path / "p"), check=False).returncode == 1
    assert main([*data, "courier", "take", str(tmp_path / "balasan.titipan"), "--json"]) == 0
    assert '"receipts": 0' not in capsys.readouterr().out.splitlines()[-1]
    assert main([*data, "courier", "pack", str(tmp_path / "b.titipan")]) == 1
    assert not (tmp_path / "b.titipan").exists()
