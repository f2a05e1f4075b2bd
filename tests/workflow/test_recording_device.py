"""Recording from a real sound server: what is heard, a device that is pulled out, none at all, and a program that is killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assessor_app import isolate
from assessor_app.errors import AppError
from assessor_app.workflow import recording
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.recorder import Recorder, Word
from assessor_app.workflow.sounding import Heard, Sound
from tests.factories import make_account, make_note, make_visit, reopen
from tests.sound import HAS_PULSE, Pulse, no_sound, pitch, pulse, samples_of
from tests.workflow.test_recording import attached, begin

needs_pulse = pytest.mark.skipif(not HAS_PULSE, reason="needs pulseaudio and pulseaudio-utils")


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return make_account(tmp_path / "a")


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    with pulse(tmp_path / "pulse") as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that a device does; the test's own time limit ends it."""
    while not condition():
        time.sleep(0.02)


@needs_pulse
def test_the_microphone_is_recorded_and_a_pulled_device_loses_nothing(account: Account, device: Pulse, tmp_path: Path) -> None:
    visit = make_visit(account)
    singer = device.sing(tmp_path / "tone.raw", 660)
    told: list[tuple[Word, Any]] = []
    ended = threading.Event()

    def tell(word: Word, value: Any) -> None:
        told.append((word, value))
        if word in (Word.KEPT, Word.WAITS):
            ended.set()

    Recorder(account, begin(account, visit, make_note(account, visit)), tell)
    until(lambda: any(word is Word.LEVEL and value[0] > 50 and value[1] > 2500 for word, value in told))
    device.stop()
    singer.wait()
    ended.wait()
    faults = [value for word, value in told if word is Word.FAULT]
    assert len(faults) == 1
    assert "no sound any more" in faults[0].title
    (row,) = attached(account)
    samples = samples_of(account.blobs.get(row.sha256))
    longest = max(value[1] for word, value in told if word is Word.LEVEL)
    assert len(samples) / 24 == pytest.approx(longest, abs=150)
    assert pitch(samples[-24_000:], 24_000) == pytest.approx(660, rel=0.03)
    account.close()


def test_no_microphone_is_one_sentence(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_sound(monkeypatch, tmp_path)
    visit = make_visit(account)
    told: list[tuple[Word, Any]] = []
    made = Recorder(account, begin(account, visit, make_note(account, visit)), lambda *said: told.append(said))
    assert made._sound.wait(60)
    assert [word for word, _ in told] == [Word.FAULT, Word.KEPT]
    assert isinstance(told[0][1], AppError)
    assert told[0][1].title == "No microphone was found."
    assert told[1][1] is None
    account.close()


@needs_pulse
def test_kill_9_while_recording_loses_less_than_five_seconds(account: Account, device: Pulse, tmp_path: Path) -> None:
    visit = make_visit(account)
    note = make_note(account, visit)
    folder = account.folder
    account.close()
    singer = device.sing(tmp_path / "tone.raw", 550)
    program = subprocess.Popen([sys.executable, "-m", "tests.workflow.recording_child", str(folder), visit, note],
                               stdout=subprocess.PIPE, env=isolate.environment(), text=True)
    assert program.stdout
    heard, child = 0, int(program.stdout.readline())
    for line in program.stdout:  # one line a moment that was heard
        heard = int(json.loads(line))
        if heard > 9500:
            break
    program.send_signal(signal.SIGKILL)
    program.wait()
    program.stdout.close()
    singer.kill()
    singer.wait()
    again = reopen(account)
    assert recording.recover(again) == [note]
    (row,) = attached(again)
    assert row.interview == note
    samples = samples_of(again.blobs.get(row.sha256))
    assert len(samples) / 24 >= heard - 5000
    assert pitch(samples[-24_000:], 24_000) == pytest.approx(550, rel=0.03)
    again.close()
    until(lambda: not Path(f"/proc/{child}").exists())  # the process with the microphone has ended too


def test_a_child_that_dies_ends_the_recording_in_words(account: Account) -> None:
    visit = make_visit(account)
    told: list[tuple[Word, Any]] = []

    def crashes(heard: Heard) -> Sound:
        made = Sound("record", heard)
        made.kill()
        return made

    made = Recorder(account, begin(account, visit, make_note(account, visit)), lambda *said: told.append(said), crashes)
    assert made._sound.wait(60)
    assert [word for word, _ in told] == [Word.FAULT, Word.KEPT]
    assert "has ended" in told[0][1].title
    account.close()
