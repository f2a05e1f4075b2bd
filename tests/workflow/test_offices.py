"""Receiving offices: every courier file is sealed for them too, and an office's desktop shows what its account may see and no more."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, text

from assessor_app.cli.main import main
from assessor_app.errors import BadInput
from assessor_app.models.attachments import Attachment
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import PENDING, Unit
from assessor_app.models.search import index_some
from assessor_app.models.tables import Carried, Intent
from assessor_app.models.visits import Visit
from assessor_app.sync import envelope, relay
from assessor_app.workflow import accounts, courier, courier_keys, evaluating, interviewing, planning, ready, recipients, syncing
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.queries.finding import found
from assessor_server import accounts as server_accounts
from assessor_server import tables as tb
from tests.factories import PASSPHRASE, ServerProcess, make_note, make_visit, read, sync, write
from tests.server.scenes import add
from tests.sync.loopback import cheap_secrets

OFFICE = "Diskominfo Boven Digoel, Tanah Merah"
#: A word that stands in everything that the visit holds.
CANARY = "kenari"


@dataclass
class Field:
    """A server process, an assessor far from any line, and an office's desktop whose account has no visit."""

    server: ServerProcess
    ana: Account
    office: Account

    def name(self, device: str, office: str = OFFICE) -> None:
        self.server.command("office", "add", device, office, "--by", "sri")

    def records(self) -> dict[str, Any]:
        store = self.server.store()
        with store.transaction() as connection:
            rows = {row.id: row for row in connection.execute(select(tb.record))}
        store.close()
        return rows


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    server = ServerProcess(tmp_path / "server").prepare("ana").start()
    store = server.store()
    add(store, "sri", "secretariat")
    add(store, "kantor")
    store.close()
    with cheap_secrets():
        made = Field(server, server.join(tmp_path / "ana", "ana"), server.join(tmp_path / "kantor", "kantor"))
    for one in (made.ana, made.office, made.ana):
        sync(one)
    yield made
    made.ana.close()
    made.office.close()
    server.stop()


def _photo() -> interviewing.Photo:
    out = io.BytesIO()
    Image.effect_noise((64, 64), 90).save(out, "JPEG")
    return interviewing.Photo(out.getvalue(), 64, 64, "", None, None)


def _a_visit_full_of_work(account: Account) -> tuple[str, str, str]:
    """Return a visit, a note of it and an unsigned sheet; all of it says the canary's word."""
    visit = make_visit(account)
    write(account, Visit, visit, place=f"Balai {CANARY}", summary=f"Ringkas {CANARY}")
    note = make_note(account, visit, f"Pasar {CANARY} belum dipakai.", title=f"Pasar {CANARY}")
    photo = _photo()
    account.blobs.put(photo.data)
    account.writer.run(lambda u: interviewing.attach_photo(u, visit, photo, interview=note, caption=CANARY), purpose="x")
    account.writer.run(lambda u: planning.add_programme(u, planning.ensure_plan(u, "93.02"), name=f"Air {CANARY}"), purpose="x")
    with account.reading() as session:
        instrument = evaluating.instrument_of(session, evaluating.instruments(session)[0].ref)

    def score(unit: Unit) -> str:
        sheet = evaluating.open_sheet(unit, visit, instrument)
        evaluating.answer(unit, sheet, instrument.questions()[0].id, score="2", reason=f"Sebab {CANARY}")
        return sheet

    return visit, note, account.writer.run(score, purpose="x")


def said_anywhere(account: Account, word: str) -> list[str]:
    """Return the tables of a notebook in which a word stands, in any column of any row."""
    told = []
    with account.reading() as session:
        for (table,) in session.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all():
            rows = session.execute(text(f'SELECT * FROM "{table}"')).all()
            if any(word in (one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one)) for row in rows for one in row):
                told.append(str(table))
    return told


def test_an_office_without_a_grant_carries_everything_and_shows_nothing(field: Field, tmp_path: Path) -> None:
    server, ana, office = field.server, field.ana, field.office
    field.name(office.device)
    sync(ana)
    visit, note, sheet = _a_visit_full_of_work(ana)
    stick = tmp_path / "ana.titipan"
    packed = courier.pack(ana, stick)
    assert packed.offices == [OFFICE]
    assert set(packed.recipients) == {courier.SERVER, ana.device, office.device}
    assert packed.readers() == f"the centre · {OFFICE} · your own devices"
    assert packed.photos == 1

    brought = courier.take_in(office, stick)
    assert not brought.sealed, "the office opens it"
    assert (brought.merged, brought.waiting, brought.photos) == (0, 0, 0)
    assert brought.carried
    while office.writer.run(lambda u: index_some(u.session, brief=False), purpose="x", origin="sync"):
        pass
    assert {"interview", "visit", "answer", "programme"} <= set(said_anywhere(ana, CANARY)), "looking everywhere finds it where it is"
    assert said_anywhere(office, CANARY) == []
    with office.reading() as session:
        assert found(session, CANARY, limit=10) == []
        assert session.get(Visit, visit) is None
        assert {i.device for i in session.scalars(select(Intent))} == {office.device}
        waiting = session.scalars(select(Carried).where(Carried.arrived.is_(False))).all()
        kept = [row.data for row in waiting]
    assert kept
    assert all(envelope.is_sealed(one) and courier_keys.opened(office, one) is None for one in kept), "also the sheet: for the server alone"
    assert not office.blobs.has(envelope.digest_of(_bytes_of_photo(ana)))

    # What the office itself puts on a stick tells its own readers nothing of the visit either.
    onward = tmp_path / "kantor.titipan"
    courier.pack(office, onward)
    inside = courier_keys.opened(office, onward.read_bytes())
    assert inside is not None
    assert {envelope.unpack(one).device for one in envelope.unpack_parcel(inside).envelopes} <= {office.device}

    # Twice is once; then it arrives, under its author's name.
    courier.take_in(office, stick)
    with office.reading() as session:
        assert [row.data for row in session.scalars(select(Carried).where(Carried.arrived.is_(False)))] == kept
    assert note not in field.records()
    sync(office)
    there = field.records()
    assert {there[one].by for one in (visit, note, sheet)} == {ana.profile}
    assert any(row.kind == "answer" and row.fields["reason"] == f"Sebab {CANARY}" for row in there.values())
    with office.reading() as session:
        assert not session.scalars(select(Carried).where(Carried.arrived.is_(False))).all()
    assert said_anywhere(office, CANARY) == [], "the server sends it nothing of the visit"
    assert len(list((server.folder / "blobs").rglob(envelope.digest_of(_bytes_of_photo(ana))))) == 1, "the photo came along"

    # The reply brings the receipts back.
    done = server.command("courier", "take", str(stick), "--reply", str(tmp_path / "balasan.titipan"))
    assert "applied" in done.stdout
    assert courier.take_in(ana, tmp_path / "balasan.titipan").receipts == packed.intents
    with ana.reading() as session:
        assert not session.scalars(select(Intent).where(Intent.state.in_(PENDING))).all()
    sync(ana)


def test_what_an_unknown_device_wrote_is_carried_unread_too(field: Field, tmp_path: Path) -> None:
    """The office has not heard of its key: nobody can tell here who wrote it, only that nothing of it is for this account."""
    ana, office = field.ana, field.office
    field.name(office.device)
    sync(ana)
    accounts.new_incarnation(ana)
    _a_visit_full_of_work(ana)
    courier.pack(ana, tmp_path / "a.titipan")
    brought = courier.take_in(office, tmp_path / "a.titipan")
    assert (brought.merged, brought.waiting, brought.forged) == (0, 0, 0)
    assert brought.carried
    assert said_anywhere(office, CANARY) == []
    with office.reading() as session:
        kept = session.scalars(select(Carried.data).where(Carried.arrived.is_(False))).all()
    assert kept
    assert all(envelope.is_sealed(one) and courier_keys.opened(office, one) is None for one in kept)


def _bytes_of_photo(account: Account) -> bytes:
    with account.reading() as session:
        return account.blobs.get(session.scalars(select(Attachment.sha256)).one())


def test_an_office_whose_account_may_see_the_visit_shows_it(field: Field, tmp_path: Path) -> None:
    server, ana, office = field.server, field.ana, field.office
    visit = make_visit(ana)
    sync(ana)
    assert check_of(ana, visit) == (ready.State.OK, "The centre; no receiving office is named"), "no office is no fault"
    server.command("assign", "kantor", "93.02", "--year", "0")
    field.name(office.device)
    for one in (office, ana):
        sync(one)
    note = make_note(ana, visit, "Pasar belum dipakai.")
    assert check_of(ana, visit) == (ready.State.OK, "The centre; 1 receiving office")
    courier.pack(ana, tmp_path / "a.titipan")
    brought = courier.take_in(office, tmp_path / "a.titipan")
    assert (brought.merged, brought.carried) == (1, 0)
    assert read(office, Interview, note, "body") == "Pasar belum dipakai."


def check_of(account: Account, visit: str) -> tuple[ready.State, str]:
    with account.reading() as session:
        check = next(one for one in ready.checks(session, account, visit) if one.code == "recipients")
    return check.state, check.said


def readers_of(account: Account) -> list[Any]:
    with account.reading() as session:
        return recipients.readers(session, account, "")


def test_the_command_says_who_can_open_the_file(field: Field, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    field.name(field.office.device)
    sync(field.ana)
    make_visit(field.ana)
    monkeypatch.setenv("ASESOR_PASSPHRASE", PASSPHRASE)
    words = ["courier", "pack", str(tmp_path / "a.titipan"), "--data", str(field.ana.folder)]
    for language, said in (("en", f"It can be opened by: the centre · {OFFICE} · your own devices."),
                           ("id", f"Dapat dibuka oleh: pusat · {OFFICE} · perangkat Anda sendiri.")):
        monkeypatch.setenv("ASESOR_LANGUAGE", language)
        assert main([*words, "--force"]) == 0
        assert said in capsys.readouterr().out


def test_an_office_that_was_taken_back_or_revoked_opens_nothing_from_the_next_sync_on(field: Field, tmp_path: Path) -> None:
    server, ana, office = field.server, field.ana, field.office
    field.name(office.device)
    field.name(office.device, "Bappeda Boven Digoel")
    sync(ana)
    visit = make_visit(ana)
    assert courier.pack(ana, tmp_path / "1.titipan").offices == ["Bappeda Boven Digoel"]
    server.command("office", "remove", office.device, "--by", "sri")
    assert courier.pack(ana, tmp_path / "2.titipan").offices == ["Bappeda Boven Digoel"], "a device learns it at its next sync"
    sync(ana)
    make_note(ana, visit, "Satu.")
    packed = courier.pack(ana, tmp_path / "3.titipan")
    assert (packed.offices, office.device in packed.recipients) == ([], False)
    assert courier.take_in(office, tmp_path / "3.titipan").sealed

    field.name(office.device)
    sync(ana)
    make_note(ana, visit, "Dua.")
    assert courier.pack(ana, tmp_path / "4.titipan").offices == [OFFICE]
    server.command("device", "revoke", office.device)
    sync(ana)
    make_note(ana, visit, "Tiga.")
    packed = courier.pack(ana, tmp_path / "5.titipan")
    assert (packed.offices, office.device in packed.recipients) == ([], False)
    assert courier.take_in(office, tmp_path / "5.titipan").sealed
    assert getattr(syncing.synchronise(office).fault, "code", "") == "revoked"


def test_the_key_of_a_device_that_an_older_server_revoked_is_withdrawn_when_this_one_starts(field: Field, tmp_path: Path) -> None:
    server, ana, office = field.server, field.ana, field.office
    field.name(office.device)
    sync(ana)
    store = server.store()
    with store.transaction() as connection:
        server_accounts.revoke_device(connection, office.device)
    store.close()
    make_visit(ana)
    assert office.device in courier.pack(ana, tmp_path / "1.titipan").recipients
    server.stop()
    server.start()
    sync(ana)
    make_visit(ana)
    assert office.device not in courier.pack(ana, tmp_path / "2.titipan").recipients
    before = field.records()
    server.stop()
    server.start()
    assert field.records() == before, "once is enough"


def test_what_is_too_large_to_be_carried_on_stays_on_the_stick_and_is_said(field: Field, tmp_path: Path,
                                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    """One request holds only so much: a sync that could never end would carry nothing at all."""
    ana, office = field.ana, field.office
    field.name(office.device)
    sync(ana)
    _a_visit_full_of_work(ana)
    courier.pack(ana, tmp_path / "a.titipan")
    monkeypatch.setattr(relay, "LARGEST_FILE", 100)
    brought = courier.take_in(office, tmp_path / "a.titipan")
    assert brought.left == 1
    assert "1 file is too large" in brought.stays()
    sync(office)

    field.server.command("office", "remove", office.device, "--by", "sri")
    sync(ana)
    make_note(ana, make_visit(ana), "Satu.")
    courier.pack(ana, tmp_path / "b.titipan")
    monkeypatch.setattr(relay, "LARGEST_SEALED", 100)
    with pytest.raises(BadInput, match="too large to be carried on") as told:
        courier.take_in(office, tmp_path / "b.titipan")
    assert "centre" in told.value.hint
    with office.reading() as session:
        assert not session.scalars(select(Carried).where(Carried.arrived.is_(False))).all()
