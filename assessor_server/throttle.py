"""Slows down who guesses passwords (after five wrong ones an account answers nobody for a growing while) and who asks too often."""

from __future__ import annotations

import threading

from assessor_server.accounts import Denied
from assessor_server.store import now

FREE = 5
FIRST_MS = 30_000
LONGEST_MS = 3_600_000


class Throttle:
    """Counts wrong passwords an account name; in memory, so a restart forgives."""

    def __init__(self) -> None:
        self._wrong: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def check(self, login: str) -> None:
        """Raise Denied (``throttled``) while the name must wait."""
        with self._lock:
            if now() < self._wrong.get(login, (0, 0))[1]:
                raise Denied("throttled")

    def failed(self, login: str) -> None:
        """Count a wrong password."""
        with self._lock:
            if len(self._wrong) > 10_000:
                self._wrong.clear()
            count = self._wrong.get(login, (0, 0))[0] + 1
            pause = min(FIRST_MS << max(0, count - FREE), LONGEST_MS) if count >= FREE else 0
            self._wrong[login] = (count, now() + pause)

    def succeeded(self, login: str) -> None:
        """Forget what came before a right password."""
        with self._lock:
            self._wrong.pop(login, None)


class Pace:
    """Lets each asker through so many times a minute; in memory, so a restart forgives."""

    def __init__(self, a_minute: int) -> None:
        self.a_minute = a_minute
        self._asked: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def wait(self, asker: str) -> int:
        """Count a request; return 0 where it may pass, otherwise after how many seconds to come again."""
        minute, of = divmod(now(), 60_000)
        with self._lock:
            if len(self._asked) > 10_000:
                self._asked.clear()
            begun, count = self._asked.get(asker, (minute, 0))
            count = count + 1 if begun == minute else 1
            self._asked[asker] = (minute, count)
        return 0 if count <= self.a_minute else max(1, (60_000 - of) // 1000)
