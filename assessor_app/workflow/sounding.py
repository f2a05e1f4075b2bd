"""The process that records or plays, as the program sees it: orders go in, what happens comes back on a thread of its own."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from assessor_app import i18n, isolate
from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.workflow import sound_child

#: What comes back: a letter of ``sound_child``, and its bytes.
Heard = Callable[[bytes, bytes], None]


class Sound:
    """One recording or playing under way. ``heard`` is called on its thread; the last letter is always ``Z``."""

    def __init__(self, order: str, heard: Heard, data: bytes = b"", **told: Any) -> None:
        self._heard = heard
        self._said: queue.SimpleQueue[tuple[bytes, bytes] | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            isolate.command("--sound", "assessor_app.workflow.sound_child"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0), env=isolate.environment())
        self._said.put((b"C", json.dumps({"do": order, "language": i18n.language(), **told}).encode()))
        if order == "play":
            self._said.put((b"D", data))
        self._speaker = threading.Thread(target=self._speak, name="sound-out", daemon=True)
        self._thread = threading.Thread(target=self._listen, name="sound", daemon=True)
        self._speaker.start()
        self._thread.start()

    @classmethod
    def record(cls, heard: Heard) -> Sound:
        """Begin to record from the system's microphone."""
        return cls("record", heard)

    @classmethod
    def play(cls, data: bytes, heard: Heard, at: float = 0) -> Sound:
        """Begin to play a sound file, from a place on (seconds)."""
        return cls("play", heard, data, at=at)

    def ask(self, **command: Any) -> None:
        """Ask for something: ``stop``, ``paused``, ``seek`` (seconds). Never waits; what has ended hears nothing."""
        self._said.put((b"C", json.dumps(command).encode()))

    def stop(self) -> None:
        """Ask for the end; what was recorded until now still comes."""
        self.ask(stop=True)

    def kill(self) -> None:
        """End at once."""
        self._process.kill()

    def wait(self, timeout_s: float) -> bool:
        """Wait until all was heard; False where that takes longer."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _speak(self) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):  # it has ended: the listener says so
            while said := self._said.get():
                sound_child.write(self._process.stdin, *said)
        with suppress(OSError):
            self._process.stdin.close()

    def _listen(self) -> None:
        ended = False
        try:
            assert self._process.stdout is not None
            while not ended:
                letter, part = sound_child.read(self._process.stdout)
                ended = letter == b"Z"
                if not ended:
                    self._heard(letter, part)
        except (OSError, EOFError):
            fault = AppError(t("The sound stopped: the part of the program that holds the device has ended."), hint=t("Begin again."),
                             kept=t("What was recorded until then stands in the note."))
            self._heard(b"E", json.dumps(isolate.told(fault)).encode())
        finally:
            self._process.kill()
            self._process.wait()
            self._said.put(None)
            self._speaker.join()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._heard(b"Z", b"")
