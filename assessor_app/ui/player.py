"""Plays one sound of the notebook at a time: its bytes go from the encrypted store to the process that has the loudspeaker."""

from __future__ import annotations

import json
from functools import partial

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from assessor_app import isolate
from assessor_app.ui.context import AppContext
from assessor_app.workflow.sounding import Sound


class Player(QObject):
    """Plays sounds.

    Signals:
        changed(): another sound plays, it was paused, or it ended.
        moved(): where it plays.
    """

    changed = Signal()
    moved = Signal()
    _told = Signal(object, str, bytes)

    def __init__(self, context: AppContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._sound: Sound | None = None
        self._open: list[Sound] = []
        self.record = ""  # what plays, by its attachment
        self.paused = False
        self.ms = self.length = 0
        self._told.connect(self._on_told)
        context.closing.connect(self.stop)
        self.destroyed.connect(partial(_end, self._open))  # the page that played was closed

    def play(self, record: str, sha256: str, at_ms: int = 0) -> None:
        """Play a stored sound from a place on; the one before ends."""
        self.stop()
        self.record, self.paused, self.ms = record, False, at_ms
        blobs = self._context.account.blobs

        def begin(data: bytes) -> None:
            if self.record != record:
                return
            made: list[Sound] = []
            def tell(letter: bytes, part: bytes) -> None:
                if isValid(self):
                    self._told.emit(made[0] if made else None, letter.decode(), part)

            made.append(Sound.play(data, tell, at_ms / 1000))
            self._sound = made[0]
            self._open[:] = made

        self._context.tasks.call(lambda: blobs.get(sha256), done=begin, owner=self, failed=self._failed)
        self.changed.emit()

    def pause(self, paused: bool) -> None:
        """Pause, or go on."""
        self.paused = paused
        if self._sound is not None:
            self._sound.ask(paused=paused)
        self.changed.emit()

    def seek(self, ms: int) -> None:
        """Go to a place of what plays."""
        self.ms = ms
        if self._sound is not None:
            self._sound.ask(seek=ms / 1000)

    def stop(self) -> None:
        """End what plays."""
        if self._sound is not None:
            self._sound.kill()
        if self.record:
            self._sound, self.record = None, ""
            self.changed.emit()

    def _failed(self, fault: Exception) -> None:
        self.stop()
        self._context.notify.error(fault)

    def _on_told(self, of: Sound | None, letter: str, part: bytes) -> None:
        if of is not None and of is not self._sound:
            return  # of what ended before
        if letter == "S":
            self.length = round(1000 * json.loads(part))
        elif letter == "P":
            self.ms = int(part)
            self.moved.emit()
        elif letter == "E":
            self._failed(isolate.raised(json.loads(part)))
        else:
            self.stop()


def _end(sounds: list[Sound], *_: object) -> None:
    for sound in sounds:
        sound.kill()
