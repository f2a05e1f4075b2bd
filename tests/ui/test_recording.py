"""Recording and playing in the note: one key, a red state, a consent that is asked for, nothing lost when the notebook is closed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from pytestqt.qtbot import QtBot
from shiboken6 import isValid
from sqlalchemy import select

from assessor_app.models.attachments import Attachment
from assessor_app.models.interviews import Interview
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs import files
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.interviews import InterviewsPage
from assessor_app.ui.recordings import Recordings
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.sounds import SoundLine
from assessor_app.workflow import accounts, recording, sound_child
from assessor_app.workflow.sounding import Heard, Sound
from tests.sound import HAS_PULSE, no_sound, opus, pulse, tone
from tests.ui.conftest import FakeKeychain, settle
from tests.ui.test_beside import note_page
from tests.workflow.test_recording import Microphone as _Microphone


class Microphone(_Microphone):
    """Ends when it is told to, as the real one does."""

    data = opus(3)

    def stop(self) -> None:
        super().stop()
        self.end()

    def speak(self, ms: int = 3000, level: int = 70) -> None:
        self.heard(b"S", b"")
        self.give(self.data)
        self.heard(b"L", sound_child.LEVEL.pack(level, ms))


@pytest.fixture
def microphones(context: AppContext) -> list[Microphone]:
    made: list[Microphone] = []

    def begin(heard: Heard) -> Sound:
        made.append(Microphone(heard))
        return made[-1]  # type: ignore[return-value]

    Recordings.of(context).begin = begin
    return made


@pytest.fixture
def page(qtbot: QtBot, view: VisitView, context: AppContext) -> InterviewsPage:
    return note_page(qtbot, view, context, "Bappeda")


def press(page: InterviewsPage) -> None:
    for shortcut in page.findChildren(QShortcut):
        if shortcut.key() == QKeySequence("Ctrl+Shift+R"):
            shortcut.activated.emit()


def attached(context: AppContext) -> list[Attachment]:
    with context.account.reading() as session:
        return list(session.scalars(select(Attachment).where(Attachment.type == "audio", Attachment.deleted.is_(False))))


def begin(qtbot: QtBot, page: InterviewsPage, context: AppContext, microphones: list[Microphone]) -> Microphone:
    press(page)
    qtbot.waitUntil(lambda: bool(microphones) and Recordings.of(context)._recorder is not None)
    microphones[-1].speak()
    qtbot.waitUntil(lambda: "0:00:03" in page.form.recorder.state.text())
    return microphones[-1]


def test_a_key_begins_and_ends_a_recording_that_then_stands_in_the_note(
        qtbot: QtBot, page: InterviewsPage, context: AppContext, microphones: list[Microphone]) -> None:
    bar = page.form.recorder
    assert bar.button.text() == "Rekam suara"
    assert bar.state.isHidden()
    begin(qtbot, page, context, microphones)
    assert bar.button.text() == "Hentikan rekaman"
    assert bar.state.text() == "● Merekam 0:00:03"
    assert bar.property("role") == "recording"
    assert bar.meter._level == 70
    settle(qtbot, context)
    bar.refresh()
    assert "bebas" in bar.room.text()
    assert context.occupied
    press(page)
    settle(qtbot, context)
    assert bar.button.text() == "Rekam suara"
    assert bar.property("role") == ""
    assert not context.occupied
    (row,) = attached(context)
    assert row.interview == page._current
    line = page.form.sounds.lines[row.id]
    assert line.time.text() == "0:00:03"
    assert row.id not in page.photos._tiles


def test_a_muted_microphone_is_noticed(qtbot: QtBot, page: InterviewsPage, context: AppContext, microphones: list[Microphone]) -> None:
    microphone = begin(qtbot, page, context, microphones)
    room = page.form.recorder.room
    microphone.heard(b"L", sound_child.LEVEL.pack(0, 9_200))
    qtbot.waitUntil(lambda: "Tidak terdengar" in room.text())
    microphone.heard(b"L", sound_child.LEVEL.pack(40, 9_300))
    qtbot.waitUntil(lambda: "Tidak terdengar" not in room.text())
    press(page)
    settle(qtbot, context)


def test_another_note_says_where_the_recording_goes_on(
        qtbot: QtBot, page: InterviewsPage, context: AppContext, microphones: list[Microphone]) -> None:
    recorded, title = page._current, page.form.title.text()
    microphone = begin(qtbot, page, context, microphones)
    page.new_note()
    settle(qtbot, context)
    assert page._current != recorded
    assert title in page.form.recorder.room.text()
    press(page)
    settle(qtbot, context)
    assert microphone.stopped == 1
    assert [row.interview for row in attached(context)] == [recorded]
    assert not page.form.sounds.lines


def test_a_respondent_without_that_consent_is_asked_for_it(
        qtbot: QtBot, view: VisitView, context: AppContext, microphones: list[Microphone]) -> None:
    with context.account.reading() as session:
        note = next(n for n in session.scalars(select(Interview)) if recording.lacking(session, n.id))
        who = recording.lacking(session, note.id)[0]
    view.show_page("interviews", note.id)
    settle(qtbot, context)
    page = view.page_widget("interviews")
    assert isinstance(page, InterviewsPage)
    context.notify.answers.append(False)
    press(page)
    settle(qtbot, context)
    assert not microphones
    assert context.notify.last().title.startswith(who)  # type: ignore[union-attr]
    context.notify.answers.append(True)
    begin(qtbot, page, context, microphones)
    press(page)
    settle(qtbot, context)
    assert who in page.form.sounds.held.text()
    assert page.form.sounds.held.isVisible()


def test_locking_ends_the_recording_and_keeps_it(
        qtbot: QtBot, page: InterviewsPage, window: MainWindow, context: AppContext, microphones: list[Microphone],
        keychain: FakeKeychain) -> None:
    begin(qtbot, page, context, microphones)
    folder = context.account.folder
    window._touched_at = 0
    window._on_idle_checked()
    assert context.unlocked  # a person who listens is there
    window.lock()
    assert not context.unlocked
    again = accounts.open_account(folder, pin="2468", keychain=keychain)
    context.set_account(again)
    assert len(attached(context)) == 1
    assert recording.recover(again) == []


def test_a_fault_of_the_microphone_is_said_once_and_what_was_heard_is_kept(
        qtbot: QtBot, page: InterviewsPage, context: AppContext, microphones: list[Microphone]) -> None:
    import json

    from assessor_app import isolate
    from assessor_app.errors import AppError

    microphone = begin(qtbot, page, context, microphones)
    microphone.heard(b"E", json.dumps(isolate.told(AppError("Mikrofon dicabut."))).encode())
    microphone.end()
    settle(qtbot, context)
    assert context.notify.last().title == "Mikrofon dicabut."  # type: ignore[union-attr]
    assert len(attached(context)) == 1
    assert page.form.recorder.button.text() == "Rekam suara"


def test_a_full_disk_is_said_while_the_recording_goes_on(
        qtbot: QtBot, page: InterviewsPage, context: AppContext, microphones: list[Microphone], monkeypatch: pytest.MonkeyPatch) -> None:
    from assessor_app.errors import NotebookError
    from assessor_app.models.blobs import BlobStore

    real = BlobStore.append

    def full(*_: Any) -> int:
        raise NotebookError("Diska penuh.")

    monkeypatch.setattr(BlobStore, "append", full)
    begin(qtbot, page, context, microphones)
    press(page)
    settle(qtbot, context)
    bar = page.form.recorder
    assert bar.button.text() == "Coba simpan lagi"
    assert "Diska penuh." in bar.room.text()
    assert not attached(context)
    monkeypatch.setattr(BlobStore, "append", real)
    press(page)
    settle(qtbot, context)
    assert len(attached(context)) == 1
    assert bar.button.text() == "Rekam suara"


def test_a_sound_file_is_dropped_in_captioned_copied_out_and_deleted(
        qtbot: QtBot, page: InterviewsPage, context: AppContext, tmp_path: Path) -> None:
    good, memo = tmp_path / "wawancara.opus", tmp_path / "memo.m4a"
    good.write_bytes(opus(2))
    memo.write_bytes(b"\0\0\0\x20ftypM4A " + bytes(500))
    page.form._attach([good, memo])
    settle(qtbot, context)
    lines = {line.row.name: line for line in page.form.sounds.lines.values()}
    assert set(lines) == {"wawancara.opus", "memo.m4a"}
    assert lines["wawancara.opus"].time.text() == "0:00:02"
    assert lines["memo.m4a"].time.text() == "panjang tidak diketahui"
    line = lines["wawancara.opus"]
    qtbot.keyClicks(line.caption, "tentang sagu")
    context.flush()
    settle(qtbot, context)
    assert {row.name: row.caption for row in attached(context)} == {"wawancara.opus": "tentang sagu", "memo.m4a": ""}
    files.chosen.append(tmp_path / "salinan.opus")
    context.notify.answers.append(True)
    line._save_copy()
    settle(qtbot, context)
    assert (tmp_path / "salinan.opus").read_bytes() == good.read_bytes()
    line._delete()
    settle(qtbot, context)
    assert [one.row.name for one in page.form.sounds.lines.values()] == ["memo.m4a"]


@pytest.fixture
def loudspeaker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not HAS_PULSE:
        pytest.skip("needs pulseaudio and pulseaudio-utils")
    with pulse(tmp_path / "pulse") as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield


def attach(qtbot: QtBot, page: InterviewsPage, context: AppContext, file: Path) -> SoundLine:
    page.form._attach([file])
    settle(qtbot, context)
    return next(iter(page.form.sounds.lines.values()))


def playing(qtbot: QtBot, page: InterviewsPage, context: AppContext, file: Path, seconds: int) -> SoundLine:
    """Attach a sound of so many seconds and let it play."""
    file.write_bytes(opus(seconds))
    line = attach(qtbot, page, context, file)
    qtbot.mouseClick(line.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.form.sounds.player.ms > 300, timeout=20_000)
    return line


def test_a_recording_plays_in_place_with_pause_and_jumps(
        qtbot: QtBot, page: InterviewsPage, context: AppContext, tmp_path: Path, loudspeaker: None) -> None:
    line = playing(qtbot, page, context, tmp_path / "a.opus", 40)
    player = page.form.sounds.player
    assert line.play.accessibleName() == "Jeda a.opus"
    line.place.setValue(30_000)
    qtbot.waitUntil(lambda: player.ms > 30_200, timeout=20_000)
    assert line.time.text().startswith("0:00:30")
    qtbot.mouseClick(line.play, Qt.MouseButton.LeftButton)
    assert player.paused
    assert line.play.accessibleName() == "Putar a.opus"
    line.place.setValue(39_500)
    qtbot.mouseClick(line.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: player.record == "", timeout=20_000)  # it came to its end
    assert line.play.accessibleName() == "Putar a.opus"


def test_what_plays_ends_with_its_page(
        qtbot: QtBot, page: InterviewsPage, context: AppContext, tmp_path: Path, loudspeaker: None) -> None:
    playing(qtbot, page, context, tmp_path / "a.opus", 60)
    player = page.form.sounds.player
    (sound,) = player._open
    page.form.sounds.setParent(None)
    page.form.sounds.deleteLater()  # another visit is opened
    qtbot.waitUntil(lambda: not isValid(player), timeout=5000)
    assert sound.wait(20)


def test_without_a_loudspeaker_one_sentence_says_so(
        qtbot: QtBot, page: InterviewsPage, context: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_sound(monkeypatch, tmp_path)
    file = tmp_path / "a.wav"
    samples = tone(1)
    file.write_bytes(b"RIFF" + (36 + len(samples)).to_bytes(4, "little") + b"WAVEfmt \x10\0\0\0\x01\0\x01\0"
                     + b"\xc0\x5d\0\0\x80\xbb\0\0\x02\0\x10\0data" + len(samples).to_bytes(4, "little") + samples)
    line = attach(qtbot, page, context, file)
    assert line.time.text() == "0:00:01"
    before = len(context.notify.history)
    qtbot.mouseClick(line.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(context.notify.history) > before, timeout=30_000)
    assert context.notify.last().title in {  # type: ignore[union-attr]  # said by the child, which speaks as its catalogue does
        "There is no way to play sound on this computer.", "Komputer ini tidak dapat memutar suara."}
    assert page.form.sounds.player.record == ""


def test_a_recording_that_was_cut_off_stands_in_the_note_at_the_next_opening(
        qtbot: QtBot, page: InterviewsPage, window: MainWindow, context: AppContext) -> None:
    account = context.account
    under_way = recording.begin(account, page.visit.id, page._current)
    account.blobs.append(f"recording:{under_way.id}", 0, opus(7)[:-300])
    account.recordings.clear()  # the program that recorded is gone
    assert window.actions_ is not None
    window.actions_.after_opening()
    settle(qtbot, context)
    (line,) = page.form.sounds.lines.values()
    assert line.row.seconds in (5, 6, 7)
    assert any("terputus" in message.title for message in context.notify.history)
