"""One window at a time on a notebook: the system's own lock on a file beside it, which a crash cannot leave behind.

Commands beside an open window are no window: the database's locks keep their writes apart.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assessor_app import clock, formats
from assessor_app.errors import NotebookError
from assessor_app.i18n import t

if TYPE_CHECKING:
    from assessor_app.identity.keychain import Keychain
    from assessor_app.workflow.accounts import Account

#: Who holds the notebook, for the sentence that a second window says. What is in it proves nothing: the lock does.
FILE: Final = "window.lock"
#: Written to by a second window: the first one comes to the front.
CALL: Final = "window.call"
#: The locked byte lies far behind the words: Windows lets nobody else read a byte that is locked.
_BYTE: Final = 1 << 30

if sys.platform == "win32":
    import msvcrt

    def _locked(handle: int) -> bool:
        os.lseek(handle, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(handle, 0, os.SEEK_SET)
        return True
else:
    import fcntl

    def _locked(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a disk that knows no locks: nobody is kept out of the own notebook for that
            return True
        return True


class OpenElsewhere(NotebookError):
    """Another window holds the notebook."""


class WindowLock:
    """Holds a notebook for one window until it is released or the process ends, however it ends."""

    def __init__(self, handle: int | None) -> None:
        self._handle = handle

    @classmethod
    def take(cls, folder: Path) -> WindowLock:
        """Hold a notebook's folder for this window. Raises OpenElsewhere."""
        try:
            handle = os.open(folder / FILE, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return cls(None)  # a folder that cannot be written: opening it says so
        if not _locked(handle):
            os.close(handle)
            raise _elsewhere(folder)
        told = {"host": platform.node(), "process": os.getpid(), "since": clock.now_ms()}
        with suppress(OSError):
            os.ftruncate(handle, 0)
            os.write(handle, json.dumps(told).encode())
        with suppress(OSError):
            (folder / CALL).touch()
        return cls(handle)

    def release(self) -> None:
        """Let another window have it."""
        if self._handle is not None:
            os.close(self._handle)  # the lock goes with it
            self._handle = None


def elsewhere(folder: Path) -> OpenElsewhere | None:
    """Return what to say where another window holds a notebook now, or None."""
    if not (folder / FILE).exists():
        return None
    try:
        WindowLock.take(folder).release()
    except OpenElsewhere as e:
        return e
    return None


def call(folder: Path) -> None:
    """Ask the window that holds a notebook to come to the front."""
    with suppress(OSError):
        (folder / CALL).write_text(str(clock.now_ms()))


def open_for_window(folder: Path, *, pin: str | None = None, passphrase: str | None = None, code: str | None = None,
                    keychain: Keychain | None = None) -> Account:
    """Open a notebook for a window that holds it until it is closed. Raises OpenElsewhere, and what opening raises."""
    from assessor_app.workflow.accounts import open_account

    lock = WindowLock.take(folder)
    try:
        account = open_account(folder, pin=pin, passphrase=passphrase, code=code, keychain=keychain)
    except BaseException:
        lock.release()
        raise
    account.at_close(lock.release)
    return account


def hold(account: Account) -> None:
    """Hold a notebook that a window has just made. Raises OpenElsewhere."""
    account.at_close(WindowLock.take(account.folder).release)


def _elsewhere(folder: Path) -> OpenElsewhere:
    told = _told(folder)
    where = ""
    if told:
        words = t("It was opened on {0} on the computer {2} (process {1}).")
        if told["host"] == platform.node():
            words = t("It was opened on {0} on this computer (process {1}).")
        where = words.format(_moment(told["since"]), told["process"], told["host"])
    return OpenElsewhere(
        t("This notebook is open in another window."), where,
        t("Go on in that window, or close it there and try again. Where no window is to be seen, end that process or restart the "
          "computer."),
        t("Nothing was changed."))


def _told(folder: Path) -> dict[str, Any]:
    """Return what the holder wrote about itself; nothing where that cannot be read."""
    try:
        raw = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return {"host": str(raw["host"]), "process": int(raw["process"]), "since": int(raw["since"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _moment(ms: int) -> str:
    local = datetime.fromtimestamp(ms / 1000, UTC).astimezone().replace(tzinfo=None)
    return formats.date_time(local, "")
