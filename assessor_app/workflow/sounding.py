"""The process that records or plays, as the program sees it: orders go in, what happens comes back on a thread of its own."""

from __future__ import annotations

import json
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

    def __init__(self, order: str, heard: Heard, data: bytes = b"") -> None:
        self._heard = heard
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            isolate.command("--sound", "assessor_app.workflow.sound_child"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0), env=isolate.environment())
        self._order = {"do": order, "language": i18n.language()}
        self._thread = threading.Thread(target=self._listen, args=(data,), name="sound", daemon=True)
        self._thread.start()

    @classmethod
    def record(cls, heard: Heard) -> Sound:
        """Begin to record from the system's microphone."""
        return cls("record", heard)

    @classmethod
    def play(cls, data: bytes, heard: Heard) -> Sound:
        """Begin to play a sound file."""
        return cls("play", heard, data)

    def ask(self, **command: Any) -> None:
        """Ask for something: ``stop``, ``paused``, ``seek`` (seconds). What has ended hears nothing."""
        with self._lock, suppress(OSError, ValueError):
            assert self._process.stdin is not None
            sound_child.write(self._process.stdin, b"C", json.dumps(command).encode())

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

    def _listen(self, data: bytes) -> None:
        ended = False
        try:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            with self._lock:
                sound_child.write(self._process.stdin, b"C", json.dumps(self._order).encode())
                if self._order["do"] == "play":
                    sound_child.write(self._process.stdin, b"D", data)
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
            with self._lock:
                for pipe in (self._process.stdin, self._process.stdout):
                    if pipe is not None:
                        with suppress(OSError):
                            pipe.close()
            self._heard(b"Z", b"")
