"""The process that records or plays: a driver that crashes or hangs takes nothing with it, and the window never waits for it.

Frames both ways are a letter, a length and bytes. In: the order (JSON), then ``D`` sound to play, ``C`` a command (JSON). Out: ``L``
how loud it is and how long, ``D`` pages of the recording, ``P`` where it plays (ms), ``S`` it began, ``E`` an error (JSON), ``Z`` the end.
"""

from __future__ import annotations

import array
import json
import math
import os
import queue
import struct
import sys
import threading
from typing import IO, Any

from assessor_app import i18n, isolate
from assessor_app.errors import AppError
from assessor_app.workflow import sound_codec, sound_device

FRAME = struct.Struct(">cI")
#: What an ``L`` holds: how loud (0 to 100), and how long until now (ms).
LEVEL = struct.Struct(">BI")
#: A microphone that gives nothing for so long is gone (seconds); some take a moment to begin.
_SILENT_S = 4.0
_TICK_S = 0.2


def write(pipe: IO[bytes], letter: bytes, data: bytes = b"") -> None:
    """Write one frame."""
    pipe.write(FRAME.pack(letter, len(data)) + data)
    pipe.flush()


def read(pipe: IO[bytes]) -> tuple[bytes, bytes]:
    """Read one frame. Raises EOFError at the end of the pipe."""
    head = pipe.read(FRAME.size)
    if len(head) != FRAME.size:
        raise EOFError
    letter, size = FRAME.unpack(head)
    data = pipe.read(size)
    if len(data) != size:
        raise EOFError
    return letter, data


def loudness(samples: bytes) -> int:
    """Return how loud samples are: 0 for 60 dB under the loudest that there is, 100 for that."""
    values = array.array("h", samples[:len(samples) // 2 * 2])
    peak = max(max(values), -min(values)) if values else 0
    return max(0, min(100, round(100 + 100 * 20 * math.log10(peak / 32768) / 60))) if peak else 0


def _commands(asked: IO[bytes], to: queue.Queue[dict[str, Any] | bytes]) -> None:
    """Hand on what the program asks for; without the program nothing goes on here."""
    try:
        while True:
            letter, data = read(asked)
            to.put(json.loads(data) if letter == b"C" else data)
    except EOFError:
        os._exit(0)


def _record(out: IO[bytes], commands: queue.Queue[Any]) -> None:
    samples: queue.Queue[bytes] = queue.Queue()
    gone = threading.Event()
    encoder = sound_codec.Encoder()
    device = sound_device.capture(sound_codec.RATE, samples.put, gone.set)
    write(out, b"S")
    silent, frames = 0.0, 0
    fault: AppError | None = None
    while commands.empty() and fault is None:
        try:
            part = samples.get(timeout=_TICK_S)
        except queue.Empty:
            silent += _TICK_S
            if gone.is_set() or silent >= _SILENT_S:
                fault = AppError(i18n.t("The microphone gives no sound any more."),
                                 hint=i18n.t("Plug it in again and record on; that becomes a second recording."),
                                 kept=i18n.t("What was recorded until then stands in the note."))
            continue
        silent = 0.0
        frames += len(part) // 2
        write(out, b"L", LEVEL.pack(loudness(part), frames * 1000 // sound_codec.RATE))
        pages = encoder.add(part)
        if pages:
            write(out, b"D", pages)
    device.close()
    while not samples.empty():
        write(out, b"D", encoder.add(samples.get()))
    write(out, b"D", encoder.end())
    if fault is not None:
        raise fault


def _play(out: IO[bytes], commands: queue.Queue[Any], data: bytes, at: float) -> None:
    sound = sound_codec.Decoder(data)
    lock = threading.Lock()
    sound.seek(at)
    played, ended = round(at * sound.rate), 0
    paused = False

    def give(frames: int) -> bytes:
        nonlocal played, ended
        if paused:
            return b""
        with lock:
            part = sound.read(frames)
            played += len(part) // 2 // sound.channels
        ended += not part
        return part

    device = sound_device.playback(sound.rate, sound.channels, give)
    write(out, b"S", json.dumps(sound.seconds()).encode())
    while ended < 5:  # what the device still holds is heard
        write(out, b"P", str(round(1000 * played / sound.rate)).encode())
        try:
            command = commands.get(timeout=_TICK_S)
        except queue.Empty:
            continue
        if "stop" in command:
            break
        paused = bool(command.get("paused", paused))
        if "seek" in command:
            with lock:
                sound.seek(command["seek"])
                played, ended = round(command["seek"] * sound.rate), 0
    device.close()


def main() -> int:
    """Do what the first frame orders: record, or play the sound that follows."""
    asked, out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not mix with the frames
    isolate.limit(2048)
    order = json.loads(read(asked)[1])
    i18n.set_language(order["language"])
    data = read(asked)[1] if order["do"] == "play" else b""
    commands: queue.Queue[Any] = queue.Queue()
    threading.Thread(target=_commands, args=(asked, commands), daemon=True).start()
    try:
        if order["do"] == "play":
            _play(out, commands, data, order["at"])
        else:
            _record(out, commands)
    except AppError as fault:
        write(out, b"E", json.dumps(isolate.told(fault)).encode())
    write(out, b"Z")
    os._exit(0)  # the thread that waits for commands, and drivers that will not end, end with it


if __name__ == "__main__":
    sys.exit(main())
