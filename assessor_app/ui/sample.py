"""The window on the sample visit, in a notebook that is thrown away at the end."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_app.i18n import t

if TYPE_CHECKING:
    from assessor_app.ui.main_window import MainWindow
    from assessor_app.ui.tasks import Job
    from assessor_app.workflow.accounts import Account

#: The PIN of the sample's signing key.
SAMPLE_PIN = "2468"
#: How a sample's folder begins; the number of its process follows.
PREFIX = "asesor-sample-"


class MemoryKeychain:
    """A keyring for the sample alone: nothing of it reaches this computer's own."""

    available = True
    locked = False

    def __init__(self) -> None:
        self._secrets: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        """Return a secret, or None."""
        return self._secrets.get(name)

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret."""
        self._secrets[name] = secret

    def delete(self, name: str) -> None:
        """Forget a secret."""
        self._secrets.pop(name, None)


def make_sample(folder: Path, keychain: MemoryKeychain | None = None) -> Account:
    """Make an account with the sample visit in it. Takes some seconds."""
    from assessor_app.workflow import accounts, sample, sample_panel

    account, _ = accounts.create_account(folder, sample.profile(), SAMPLE_PIN, keychain=keychain or MemoryKeychain())
    sample.load(account)
    sample_panel.load(account, SAMPLE_PIN)
    return account


def sweep() -> None:
    """Remove the samples of programs that were killed: their process is gone."""
    for place in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        number = place.name.removeprefix(PREFIX).partition("-")[0]
        if place.is_dir() and not place.is_symlink() and not (number.isdigit() and _runs(int(number))):
            shutil.rmtree(place, ignore_errors=True)


def _runs(process: int) -> bool:
    if sys.platform == "win32":
        return True  # nothing there tells it cheaply, and the system empties its own folder
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


def open_sample(window: MainWindow) -> None:
    """Make the sample beside the window and show it."""
    from assessor_app.ui.widgets.basics import Empty

    sweep()
    place = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    window.folder = place / "account"
    keychain = window.keychain = MemoryKeychain()
    window.stack.addWidget(Empty(window.context.theme, "pin", t("One moment…"), t("Preparing the sample visit.")))
    window.menuBar().hide()

    def work(job: Job) -> Account:
        return make_sample(place / "account", keychain)

    def done(account: Account) -> None:
        window.open_account(account)
        window.context.notify.info(t("This is the sample visit."), t("Everything in it is invented; its PIN is {0}.").format(SAMPLE_PIN))

    window.context.tasks.run(work, title=t("Preparing the sample visit."), done=done, owner=window, cancellable=False)
