"""One recording from its first to its last second: what the device gives goes into the encrypted store, whatever happens to either."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from enum import StrEnum
from typing import Any

from assessor_app import isolate
from assessor_app.errors import AppError
from assessor_app.workflow import sound_child
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.recording import MOST, WRITE_S, Tape, UnderWay, keep
from assessor_app.workflow.sounding import Heard, Sound

log = logging.getLogger(__name__)


class Word(StrEnum):
    """What a recorder tells."""

    BEGAN = "began"  # the microphone is open
    LEVEL = "level"  # how loud it is (0 to 100), and how long the recording is (ms)
    TROUBLE = "trouble"  # what was recorded cannot be written just now (AppError); None once it can again
    FAULT = "fault"  # why it ended by itself (AppError)
    KEPT = "kept"  # it ended, and is the attachment of this id; None where nothing was recorded
    WAITS = "waits"  # it ended, and is not in the note yet (AppError): ``finish`` tries again


class Recorder:
    """Records into a note. ``tell`` hears each ``Word`` with its value, on a thread of the sound's."""

    def __init__(self, account: Account, under_way: UnderWay, tell: Callable[[Word, Any], None],
                 begin: Callable[[Heard], Sound] = Sound.record) -> None:
        self.under_way = under_way
        self._account, self._tell = account, tell
        self._tape = Tape(account, under_way)
        self._written_at = time.monotonic()
        self._troubled = self._waits = False
        self._sound = begin(self._heard)

    def stop(self) -> None:
        """End the recording; ``KEPT`` follows."""
        self._sound.stop()

    def close(self, timeout_s: float = 5.0) -> bool:
        """End it and wait until it stands in the note; what a device that hangs did not give until then comes with the next opening."""
        self._sound.stop()
        if not self._sound.wait(timeout_s):
            self._sound.kill()
            if not self._sound.wait(timeout_s):
                return False
        if self._waits:
            self.finish()
        return not self._waits

    def finish(self) -> None:
        """Write what is left and put the recording into its note."""
        try:
            self._tape.write()
            kept = keep(self._account, self.under_way)
        except AppError as fault:
            self._waits = True
            self._tell(Word.WAITS, fault)
        except CancelledError:
            log.warning("the notebook was closed before its recording: it is kept at the next opening")
        else:
            self._waits = False
            self._tell(Word.KEPT, kept)

    def _heard(self, letter: bytes, part: bytes) -> None:
        match letter:
            case b"S":
                self._written_at = time.monotonic()
                self._tell(Word.BEGAN, None)
            case b"L":
                self._tell(Word.LEVEL, sound_child.LEVEL.unpack(part))
            case b"D":
                self._tape.add(part)
                if time.monotonic() - self._written_at >= WRITE_S:
                    self._write()
                if self._tape.size >= MOST:
                    self._sound.stop()
            case b"E":
                self._tell(Word.FAULT, isolate.raised(json.loads(part)))
            case _:
                self.finish()

    def _write(self) -> None:
        """Write what came; where the disk is full it waits in memory, and the recording goes on."""
        self._written_at = time.monotonic()
        try:
            self._tape.write()
        except AppError as fault:
            self._troubled = True
            self._tell(Word.TROUBLE, fault)
        else:
            if self._troubled:
                self._troubled = False
                self._tell(Word.TROUBLE, None)
