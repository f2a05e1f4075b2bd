"""Wrong PINs are counted on disk, and after five of them each further one costs a longer wait."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from assessor_app import clock
from assessor_app.errors import WrongKey
from assessor_app.i18n import nt, t
from assessor_app.identity.wrapping import write_durably

FREE: Final = 5
_FIRST_WAIT: Final = timedelta(seconds=30)
_LONGEST_WAIT: Final = timedelta(hours=1)


class TooManyAttempts(WrongKey):
    """Too many wrong PINs: ``seconds`` is how long to wait before the next one is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            t("Too many wrong PINs."),
            nt("Wait {n} second, then try again.", "Wait {n} seconds, then try again.", seconds),
            t("The passphrase and the recovery code open the notebook at once."),
            t("Nothing is lost."),
        )
        self.seconds = seconds


class PinGuard:
    """Counts the wrong PINs of one data folder; opening and signing share it.

    Whoever can write to the folder can also reset the count: it slows down a person at the keyboard. A thief of the
    files is stopped by the secret in the system's keyring, without which no PIN can be tried at all.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "attempts.json"

    def state(self) -> tuple[int, datetime]:
        """Return the wrong PINs since the last right one, and the time of the latest."""
        try:
            raw = json.loads(self._path.read_text())
            return max(0, int(raw["wrong"])), datetime.fromtimestamp(int(raw["at"]), UTC)
        except (OSError, ValueError, KeyError, TypeError, OverflowError):
            return 0, datetime.fromtimestamp(0, UTC)

    def seconds_to_wait(self) -> int:
        """Return the seconds until a PIN is looked at again, 0 for at once."""
        wrong, at = self.state()
        if wrong < FREE:
            return 0
        wait = min(_FIRST_WAIT * 2 ** min(wrong - FREE, 12), _LONGEST_WAIT)
        passed = clock.now() - at
        if passed < timedelta(0):  # the clock was set back: wait the whole time from now, no longer
            self._write(wrong, clock.now())
            passed = timedelta(0)
        return max(0, -int((passed - wait).total_seconds() // 1))

    def begin(self) -> None:
        """Count an attempt before it is looked at, so that stopping the program does not save it.

        Raises:
            TooManyAttempts: while the wait lasts.
        """
        seconds = self.seconds_to_wait()
        if seconds:
            raise TooManyAttempts(seconds)
        self._write(self.state()[0] + 1, clock.now())

    def succeed(self) -> None:
        """Forget the wrong PINs: this one was right."""
        self._path.unlink(missing_ok=True)

    def _write(self, wrong: int, at: datetime) -> None:
        write_durably(self._path, json.dumps({"wrong": wrong, "at": int(at.timestamp())}).encode())
