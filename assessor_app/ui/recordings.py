"""The recording that goes on, whichever page is open: one at a time, ended and kept before the notebook is locked or closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from assessor_app import clock
from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.workflow import recording
from assessor_app.workflow.recorder import Recorder, Word
from assessor_app.workflow.sounding import Sound

#: From which level on something is heard, and how long nothing may be (ms).
_LOUD, _SILENT_MS = 12, 6000


@dataclass(slots=True)
class Going:
    """What goes on: the note, its title, how long until now (ms), how loud (0 to 100), and what is wrong with the disk."""

    interview: str
    title: str
    open: bool = False  # the microphone gives sound
    ending: bool = False
    ms: int = 0
    level: int = 0
    free: int = 0  # bytes on the disk
    trouble: str = ""
    heard_ms: int = 0  # when something was loud enough last

    @property
    def silent(self) -> bool:
        """Whether nothing was heard for so long that the microphone may be muted."""
        return self.open and not self.ending and self.ms - self.heard_ms > _SILENT_MS


class Recordings(QObject):
    """Records sound into notes.

    Signals:
        changed(): something began, ended or is in trouble.
        heard(): how loud and how long it is now.
    """

    changed = Signal()
    heard = Signal()
    _told = Signal(int, str, object)

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._context = context
        self._recorder: Recorder | None = None
        self._turn = 0
        self.going: Going | None = None
        self.begin = Sound.record  # tests put a microphone of their own here
        self._told.connect(self._on_told)
        context.closing.connect(self.close)

    @classmethod
    def of(cls, context: AppContext) -> Recordings:
        """Return the window's only one."""
        found = context.findChild(cls)
        return found if found is not None else cls(context)

    def start(self, visit: str, interview: str, title: str) -> None:
        """Begin to record into a note; one recording at a time."""
        if self.going is not None:
            return
        self.going = Going(interview, title)
        self._context.occupied = True
        self._turn += 1
        account, turn, microphone = self._context.account, self._turn, self.begin

        def failed(fault: Exception) -> None:
            self._over()
            self._context.notify.error(fault)

        def begin() -> Recorder:
            under_way = recording.begin(account, visit, interview)
            return Recorder(account, under_way, lambda word, value: self._told.emit(turn, word, value), microphone)

        def begun(made: Recorder) -> None:
            if self.going is None or turn != self._turn:
                made.close()  # the notebook was closed meanwhile
            else:
                self._recorder = made

        self._context.tasks.call(begin, owner=self, done=begun, failed=failed)
        self._look_at_disk()
        self.changed.emit()

    def stop(self) -> None:
        """End the recording; where the disk was full at its end, try again to keep it."""
        if self._recorder is None or self.going is None:
            return
        if self.going.ending:
            self._context.tasks.call(self._recorder.finish, owner=self)
        else:
            self.going.ending = True
            self._recorder.stop()
        self.changed.emit()

    def close(self) -> None:
        """End it and wait until it is kept: the notebook is being closed."""
        if self._recorder is not None:
            self._recorder.close()
        self._over()

    def _on_told(self, turn: int, word: str, value: Any) -> None:
        going = self.going
        if going is None or turn != self._turn:
            return  # of one that ended before
        match word:
            case Word.BEGAN:
                going.open = True
            case Word.LEVEL:
                going.level, before = value[0], going.ms
                going.ms = value[1]
                if going.level >= _LOUD:
                    going.heard_ms = going.ms
                if before // 5000 != going.ms // 5000:
                    self._look_at_disk()
                self.heard.emit()
                return
            case Word.TROUBLE:
                going.trouble = "" if value is None else value.title
            case Word.FAULT:
                going.ending = True
                self._context.notify.error(value)
            case Word.WAITS:
                going.trouble = value.title
                self._context.occupied = False
                self._context.notify.error(AppError(
                    t("The recording is not in the note yet: {0}").format(value.title), value.message,
                    t("Free some space, then press the button again."), t("What has reached the disk is kept in any case.")))
            case Word.KEPT:
                self._over()
        self.changed.emit()

    def _look_at_disk(self) -> None:
        def show(free: int) -> None:
            if self.going is not None:
                self.going.free = free

        account = self._context.account
        self._context.tasks.call(lambda: recording.free_bytes(account), done=show, owner=self, key="disk-free")

    def _over(self) -> None:
        self._recorder = self.going = None
        self._context.occupied = False
        self.changed.emit()


def span(ms: int) -> str:
    """Return a length as hours, minutes and seconds: 0:03:07."""
    seconds = ms // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def taken_name(taken_at: str) -> str:
    """Return a name for a file of that time."""
    return (taken_at or clock.here().isoformat()[:16]).replace("T", " ").replace(":", ".")
