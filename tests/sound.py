"""Sound for tests: tones as samples, and a real PulseAudio server whose sink without a loudspeaker is heard by a microphone."""

from __future__ import annotations

import array
import itertools
import math
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assessor_app.workflow.sound_codec import RATE, Decoder, Encoder

#: Whether the machine has what ``pulse`` needs (see resources/make/system.sh).
HAS_PULSE = shutil.which("pulseaudio") is not None and shutil.which("pactl") is not None


def tone(seconds: float, hertz: float = 440.0, rate: int = RATE) -> bytes:
    """Return a tone as 16-bit samples, mono."""
    return array.array("h", (round(12_000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(round(seconds * rate)))).tobytes()


def opus(seconds: float, hertz: float = 440.0) -> bytes:
    """Return a tone as the program records it."""
    encoder, data = Encoder(), b""
    part = tone(0.1, hertz)
    for _ in range(round(seconds * 10)):
        data += encoder.add(part)
    return data + encoder.end()


def samples_of(data: bytes) -> array.array[int]:
    """Return the samples of a mono sound file."""
    decoder = Decoder(data)
    out = array.array("h")
    while part := decoder.read(4800):
        out.frombytes(part)
    return out


def pitch(samples: array.array[int], rate: int) -> float:
    """Return about how high a tone is, by how often it crosses zero upwards."""
    crossings = sum(1 for a, b in itertools.pairwise(samples) if a < 0 <= b)
    return crossings * rate / max(1, len(samples))


class Pulse:
    """A sound server of our own, with a sink called ``ruang``."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True)
        self.address = f"unix:{folder}/pulse.sock"
        self.environment = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "PULSE_SERVER": self.address}
        self._process = subprocess.Popen(
            ["pulseaudio", "-n", "--exit-idle-time=-1", "--disable-shm=yes", "--use-pid-file=no", "-L", "module-null-sink sink_name=ruang",
             "-L", f"module-native-protocol-unix socket={folder}/pulse.sock auth-anonymous=1"],
            env=os.environ | self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            if self.control("info").returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError("PulseAudio does not start")

    def control(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Ask something of the server."""
        return subprocess.run(["pactl", *words], env=os.environ | self.environment, capture_output=True, text=True, check=False)

    def sing(self, file: Path, hertz: float, seconds: float = 60) -> subprocess.Popen[bytes]:
        """Play a tone into the sink."""
        file.write_bytes(tone(seconds, hertz))
        return subprocess.Popen(["paplay", "--raw", f"--rate={RATE}", "--channels=1", "--format=s16le", "--latency-msec=100", str(file)],
                                env=os.environ | self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        """Take the server away, as an unplugged device."""
        self._process.kill()
        self._process.wait()


@contextmanager
def pulse(folder: Path) -> Iterator[Pulse]:
    """Give a sound server for a while."""
    made = Pulse(folder)
    try:
        yield made
    finally:
        made.stop()


def no_sound(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Take microphone and loudspeaker away from the processes of a test, also on a machine that has them."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{folder}/nothing")
    monkeypatch.setenv("ALSA_CONFIG_PATH", os.devnull)
