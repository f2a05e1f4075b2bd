"""When to synchronise without being asked: at the start, when a line appears, after edits, and later after a fault."""

from __future__ import annotations

import math
import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from PySide6.QtCore import QObject, QTimer, Signal

#: Faults that only a person or the secretariat can mend: it is tried again, but seldom.
LASTING = frozenset({"revoked", "account", "credential", "profile", "protocol", "untrusted", "address", "password"})


class Step(StrEnum):
    """What is due."""

    SYNC = "sync"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait, in seconds."""

    probe: float = 60  # between two looks for the server while it is not there
    longest: float = 600  # after many looks in vain
    quiet: float = 30  # after the last edit
    busy: float = 300  # after the first unsent edit, however much is typed
    again: float = 300  # without any edit: others may have sent something


@dataclass(slots=True)
class Rhythm:
    """The rules alone; every time is in seconds of a clock that never goes back."""

    pace: Pace = field(default_factory=Pace)
    jitter: Callable[[], float] = random.random
    running: bool = False
    held: bool = False  # paused by the person, or switched off
    online: bool = True  # until the first try says otherwise
    _next: float = 0.0
    _edits: tuple[float, float] | None = None  # the first and the last one that no sync has begun after
    _faults: int = 0
    _asked: float = -math.inf  # until when the server asked to be left alone

    def due(self, now: float) -> Step | None:
        """Return what to do now, or nothing."""
        if self.running or self.held or now < self._asked:
            return None
        if not self.online:
            return Step.PROBE if now >= self._next else None
        edited = self._edits is not None and now >= min(self._edits[1] + self.pace.quiet, self._edits[0] + self.pace.busy)
        return Step.SYNC if now >= self._next or (edited and not self._faults) else None

    def begin(self) -> None:
        """Note that a sync or a look for the server begins."""
        self.running = True

    def sync_begun(self) -> None:
        """Note that a sync begins: what was edited before goes with it."""
        self.running, self._edits = True, None

    def edited(self, now: float) -> None:
        """Note an edit."""
        self._edits = (self._edits[0] if self._edits is not None else now, now)

    def reachable(self, now: float) -> None:
        """Note that the machine has a network again: look at once, unless the server asked to be left alone."""
        if not self.online:
            self._faults, self._next = 0, now

    def probed(self, now: float, *, found: bool) -> None:
        """Note whether the server's port answered."""
        self.running = False
        if found:
            self.online, self._next = True, now
        else:
            self._wait(now)

    def ended(self, now: float, code: str = "", retry_after: int = 0) -> None:
        """Note how a sync ended: well, or by a fault of that code."""
        self.running = False
        self._asked = now + retry_after if retry_after else -math.inf
        if not code:
            self.online, self._faults, self._next = True, 0, now + self.pace.again
        elif code == "cancelled":  # the person stopped it: not at once again
            self._next = now + self.pace.again
        elif code in LASTING:
            self._faults += 1
            self._next = now + self._scattered(self.pace.longest)
        else:
            self.online = False
            self._wait(now)

    def _wait(self, now: float) -> None:
        self.online = False
        self._faults += 1
        self._next = now + self._scattered(min(self.pace.longest, self.pace.probe * 2 ** (self._faults - 1)))

    def _scattered(self, seconds: float) -> float:
        """Return about that long: many laptops that lost one line do not come back in one second."""
        return seconds * (0.9 + 0.2 * self.jitter())


class AutoSync(QObject):
    """Watches line and edits, and asks for a sync when one is due.

    Signals:
        sync_due(): synchronise now, quietly.
    """

    sync_due = Signal()
    _probed = Signal(bool)

    def __init__(self, rhythm: Rhythm, place: Callable[[], tuple[str, int] | None], typing: Callable[[], bool],
                 parent: QObject | None = None, *, tick_ms: int = 2000) -> None:
        super().__init__(parent)
        self.rhythm = rhythm
        self._place = place
        self._typing = typing
        self._timer = QTimer(self, interval=tick_ms)
        self._timer.timeout.connect(self._on_tick)
        self._probed.connect(self._on_probed)

    def start(self) -> None:
        """Begin; the first sync is due at once."""
        self._timer.start()
        self._listen()
        self._on_tick()

    def _listen(self) -> None:
        """Hear from the system when a network comes, where it can tell."""
        from PySide6.QtNetwork import QNetworkInformation

        if not QNetworkInformation.loadBackendByFeatures(QNetworkInformation.Feature.Reachability):
            return
        told = QNetworkInformation.instance()
        if told is not None:
            told.reachabilityChanged.connect(self._on_reachability_changed)

    def _on_reachability_changed(self, reach: object) -> None:
        from PySide6.QtNetwork import QNetworkInformation

        if reach != QNetworkInformation.Reachability.Disconnected:
            self.rhythm.reachable(time.monotonic())
            self._on_tick()

    def _on_tick(self) -> None:
        step = self.rhythm.due(time.monotonic())
        if step is Step.SYNC and not self._typing():
            self.sync_due.emit()
        elif step is Step.PROBE:
            place = self._place()
            if place is not None:
                self.rhythm.begin()
                threading.Thread(target=self._probe, args=place, name="probe", daemon=True).start()

    def _probe(self, host: str, port: int) -> None:
        """Knock at the server's port and say nothing: the cheapest way to see a line."""
        try:
            socket.create_connection((host, port), timeout=10).close()
            found = True
        except OSError:
            found = False
        try:
            self._probed.emit(found)
        except RuntimeError:
            return  # the notebook was closed meanwhile

    def _on_probed(self, found: bool) -> None:
        self.rhythm.probed(time.monotonic(), found=found)
        self._on_tick()
