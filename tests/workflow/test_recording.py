"""A recording in its note: written as it comes, kept through a kill, a full disk and an unplugged device, and held back without consent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assessor_app.errors import NotebookError
from assessor_app.models.attachments import Attachment
from assessor_app.models.blobs import BlobStore
from assessor_app.models.consent import leaving, media_hold
from assessor_app.models.interviews import Interview
from assessor_app.models.tables import Setting
from assessor_app.sync import blobs as sync_blobs
from assessor_app.workflow import backup, erasing, interviewing, ogg, recorder, recording, rights
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.exporting import folder
from assessor_app.workflow.recorder import Recorder, Word
from assessor_app.workflow.sounding import Heard, Sound
from tests.factories import make_account, make_note, make_visit, reopen
from tests.sound import opus, pitch, samples_of
from tests.sync.loopback import Loopback, make_joined


class Microphone:
    """Stands for the process with the device: gives what a test says."""

    def __init__(self, heard: Heard) -> None:
        self.heard = heard
        self.stopped = 0

    def give(self, data: bytes) -> None:
        for at in range(0, len(data), 1500):
            self.heard(b"D", data[at:at + 1500])

    def stop(self) -> None:
        self.stopped += 1

    def end(self) -> None:
        self.heard(b"Z", b"")

    def wait(self, timeout_s: float) -> bool:
        return True


def begin(account: Account, visit: str, note: str) -> recording.UnderWay:
    return recording.begin(account, visit, note)


def start(account: Account, visit: str, note: str) -> tuple[Recorder, Microphone, list[tuple[Word, Any]]]:
    told: list[tuple[Word, Any]] = []
    microphones: list[Microphone] = []

    def open_one(heard: Heard) -> Sound:
        microphones.append(Microphone(heard))
        return microphones[0]  # type: ignore[return-value]

    made = Recorder(account, begin(account, visit, note), lambda word, value: told.append((word, value)), open_one)
    return made, microphones[0], told


def attached(account: Account) -> list[Attachment]:
    with account.reading() as session:
        return list(session.scalars(select(Attachment).where(Attachment.type == "audio", Attachment.deleted.is_(False))))


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return make_account(tmp_path / "a")


@pytest.fixture
def clockwork(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Give a clock that a test moves."""
    now = [0.0]
    monkeypatch.setattr("assessor_app.workflow.recorder.time.monotonic", lambda: now[0])
    return lambda seconds: now.__setitem__(0, now[0] + seconds)


def test_a_recording_becomes_an_attachment_of_its_note(account: Account) -> None:
    visit = make_visit(account)
    note = make_note(account, visit)
    _, microphone, told = start(account, visit, note)
    microphone.give(opus(3))
    assert attached(account) == []
    microphone.end()
    (row,) = attached(account)
    assert told[-1] == (Word.KEPT, row.id)
    assert (row.interview, row.media_type, row.seconds, row.name) == (note, "audio/ogg", 3, "rekaman-01.opus")
    assert row.taken_at
    assert pitch(samples_of(account.blobs.get(row.sha256)), 24_000) == pytest.approx(440, rel=0.05)
    assert account.blobs.unfinished("recording:") == set()
    with account.reading() as session:
        assert session.scalars(select(Setting.name).where(Setting.name.startswith("recording:"))).all() == []
    backup.sweep(account)
    assert account.blobs.has(row.sha256)
    assert backup.check(account) == []
    account.close()


def test_what_came_is_on_the_disk_within_five_seconds_and_encrypted(account: Account, clockwork: Callable[[float], None]) -> None:
    visit = make_visit(account)
    made, microphone, _ = start(account, visit, make_note(account, visit))
    data = opus(8)
    name = f"recording:{made.under_way.id}"
    microphone.give(data[:5000])
    assert account.blobs.begun(name) == b""
    clockwork(4.1)
    microphone.give(data[5000:9000])
    assert len(account.blobs.begun(name)) > 5000
    clockwork(4.1)
    microphone.give(data[9000:])
    there = account.blobs.begun(name)
    assert data.startswith(there)
    assert len(there) > 9000
    for file in account.folder.rglob("*"):
        assert not file.is_file() or b"OpusHead" not in file.read_bytes(), file
    assert recording.recover(account) == []  # it goes on
    account = reopen(account)
    assert len(recording.recover(account)) == 1
    account.close()


def test_a_recording_cut_off_at_any_step_stands_in_the_note_once(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = make_visit(account)
    note = make_note(account, visit)
    made, microphone, _ = start(account, visit, note)
    microphone.give(opus(6)[:-900])
    made._tape.write()
    real, cuts = BlobStore.drop, [0]

    def drop(store: BlobStore, digest: str) -> None:
        cuts[0] += 1
        raise RuntimeError("the power went")

    monkeypatch.setattr(BlobStore, "drop", drop)  # attached, and then the power goes
    with pytest.raises(RuntimeError):
        recording.keep(account, made.under_way)
    monkeypatch.setattr(BlobStore, "drop", real)
    account = reopen(account)
    assert recording.recover(account) == []
    assert cuts == [1]
    (row,) = attached(account)
    assert row.seconds in (4, 5, 6)
    assert account.blobs.unfinished("recording:") == set()
    recording.recover(account)
    assert len(attached(account)) == 1
    account.close()


def test_a_recording_without_sound_leaves_nothing(account: Account) -> None:
    visit = make_visit(account)
    _, microphone, told = start(account, visit, make_note(account, visit))
    microphone.give(opus(1)[:90])
    microphone.end()
    assert told == [(Word.KEPT, None)]
    assert attached(account) == []
    assert account.blobs.unfinished("recording:") == set()
    account.close()


def test_a_full_disk_stops_no_recording(account: Account, monkeypatch: pytest.MonkeyPatch, clockwork: Callable[[float], None]) -> None:
    visit = make_visit(account)
    made, microphone, told = start(account, visit, make_note(account, visit))
    data = opus(9)
    real = BlobStore.append

    def full(*_: Any) -> int:
        raise NotebookError("The disk is full.", kept="Everything saved before is safe.")

    microphone.give(data[:6000])
    clockwork(5)
    microphone.give(data[6000:7500])
    monkeypatch.setattr(BlobStore, "append", full)
    clockwork(5)
    microphone.give(data[7500:15000])
    assert [word for word, _ in told] == [Word.TROUBLE]
    microphone.give(data[15000:])
    microphone.end()
    assert told[-1][0] == Word.WAITS
    assert attached(account) == []
    monkeypatch.setattr(BlobStore, "append", real)  # somebody made room
    made.finish()
    (row,) = attached(account)
    assert told[-1] == (Word.KEPT, row.id)
    assert account.blobs.get(row.sha256) == ogg.mended(data)  # not a second is missing
    account.close()


def test_what_waits_for_room_is_tried_once_more_at_the_end(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = make_visit(account)
    made, microphone, told = start(account, visit, make_note(account, visit))
    real = BlobStore.append

    def full(*_: Any) -> int:
        raise NotebookError("The disk is full.")

    monkeypatch.setattr(BlobStore, "append", full)
    microphone.give(opus(2))
    microphone.end()
    assert not made.close()
    assert attached(account) == []
    monkeypatch.setattr(BlobStore, "append", real)
    assert made.close()
    assert told[-1][0] == Word.KEPT
    assert len(attached(account)) == 1
    account.close()


def test_a_really_full_disk(tmp_path: Path) -> None:
    """The store's own file cannot grow: the recording waits, and is whole once there is room."""
    account = make_account(tmp_path / "a")
    visit = make_visit(account)
    made, microphone, told = start(account, visit, make_note(account, visit))
    data = opus(20)
    pages = account.blobs._connection.execute("PRAGMA page_count").fetchone()[0]
    account.blobs._connection.execute(f"PRAGMA max_page_count={pages + 1}").fetchone()
    microphone.give(data)
    microphone.end()
    (word, fault), = told
    assert word == Word.WAITS
    assert "disk is full" in str(fault)
    account.blobs._connection.execute("PRAGMA max_page_count=1000000").fetchone()
    made.finish()
    assert account.blobs.get(attached(account)[0].sha256) == ogg.mended(data)
    account.close()


def test_a_recording_ends_before_it_is_too_large_to_travel(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MOST", 9000)
    visit = make_visit(account)
    _, microphone, _ = start(account, visit, make_note(account, visit))
    data = opus(6)
    microphone.give(data[:8000])
    assert microphone.stopped == 0
    microphone.give(data[8000:])
    assert microphone.stopped
    account.close()


def test_recordings_leave_only_with_a_consent_to_recordings(account: Account) -> None:
    visit = make_visit(account)
    person = account.writer.run(lambda u: interviewing.add_respondent(u, visit, name="Didengar"), purpose="x")
    note = make_note(account, visit, "isi", observation=False, persons=[person])
    _, microphone, _ = start(account, visit, note)
    microphone.give(opus(2))
    microphone.end()
    (row,) = attached(account)
    hold = media_hold(row.type, row.interview, row.person)

    def agrees(*data: str) -> None:
        account.writer.run(lambda u: interviewing.give_consent(u, person, form="spoken", purpose="p", data=list(data), until="2099-01-01"),
                           purpose="x")

    def free() -> tuple[bool, bool]:
        with account.reading() as session:
            told = leaving(session, {hold, note, ""})
            return told[note], told[hold]

    assert free() == (False, False)
    agrees("answers", "photo")
    assert free() == (True, False)
    with account.reading() as session:
        assert recording.lacking(session, note) == ("N-01",)
        assert row.sha256 not in [item.sha256 for item in sync_blobs.named(session)]
    folder.write(account, visit, account.folder.parent / "tanpa")
    assert not (account.folder.parent / "tanpa" / "rekaman").exists()
    agrees("answers", "audio")
    assert free() == (True, True)
    folder.write(account, visit, account.folder.parent / "dengan")
    (copy,) = (account.folder.parent / "dengan" / "rekaman").iterdir()
    assert copy.name == "01-rekaman-01.opus"
    assert copy.read_bytes() == account.blobs.get(row.sha256)
    with account.reading() as session:
        assert recording.lacking(session, note) == ()
    account.close()


def test_an_erased_voice_goes_also_from_a_note_with_others(account: Account) -> None:
    visit = make_visit(account)
    one = account.writer.run(lambda u: interviewing.add_respondent(u, visit, name="A"), purpose="x")
    two = account.writer.run(lambda u: interviewing.add_respondent(u, visit, name="B"), purpose="x")
    note = make_note(account, visit, "isi", observation=False, persons=[one, two])
    _, microphone, _ = start(account, visit, note)
    microphone.give(opus(2))
    microphone.end()
    (row,) = attached(account)
    with account.reading() as session:
        assert [file.name for file in rights.held(session, one).files] == [row.name]
    rights.erase(account, one)
    assert attached(account) == []
    assert not account.blobs.has(row.sha256)
    account.close()


def test_what_is_recorded_for_a_note_that_is_erased_meanwhile_is_not_kept(account: Account) -> None:
    visit = make_visit(account)
    person = account.writer.run(lambda u: interviewing.add_respondent(u, visit, name="Pergi"), purpose="x")
    note = make_note(account, visit, "isi", observation=False, persons=[person])
    _, microphone, told = start(account, visit, note)
    microphone.give(opus(2))
    rights.erase(account, person)
    microphone.end()
    assert told[-1] == (Word.KEPT, None)
    assert attached(account) == []
    erasing.clear_away(account)
    with account.reading() as session:
        assert session.scalars(select(Setting.name).where(Setting.name.startswith("recording:"))).all() == []
    assert account.blobs._connection.execute("SELECT count(*) FROM chunk").fetchone()[0] == 0
    account.close()


def test_a_recording_reaches_a_colleague_only_with_that_consent_and_plays_there(tmp_path: Path) -> None:
    server = Loopback(tmp_path / "server")
    a, b = (make_joined(server, tmp_path / name, name) for name in "ab")
    visit = make_visit(a)
    person = a.writer.run(lambda u: interviewing.add_respondent(u, visit, name="Didengar"), purpose="x")
    a.writer.run(lambda u: interviewing.give_consent(u, person, form="spoken", purpose="p", data=["answers"], until="2099-01-01"),
                 purpose="x")
    note = make_note(a, visit, "isi", observation=False, persons=[person])
    _, microphone, _ = start(a, visit, note)
    microphone.give(opus(2))
    microphone.end()
    (row,) = attached(a)
    server.sync(a)
    server.sync(b)
    with b.reading() as session:
        assert session.get(Interview, note) is not None  # the note came, its recording did not
    assert attached(b) == []
    assert server.blobs.size(row.sha256) is None
    a.writer.run(lambda u: interviewing.give_consent(u, person, form="spoken", purpose="p", data=["answers", "audio"], until="2099-01-01"),
                 purpose="x")
    server.sync(a)
    server.sync(b)
    (there,) = attached(b)
    assert (there.seconds, there.interview) == (2, note)
    assert len(samples_of(b.blobs.get(there.sha256))) == pytest.approx(2 * 24_000, rel=0.05)
    rights.erase(a, person)
    server.sync(a)
    server.sync(b)
    erasing.clear_away(b)
    assert attached(b) == []
    assert not b.blobs.has(row.sha256)
    assert server.blobs.size(row.sha256) is None
