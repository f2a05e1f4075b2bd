"""A program that records into a note until it is killed, telling how many milliseconds it has heard."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

from assessor_app.identity.keychain import NoKeychain
from assessor_app.workflow import accounts, recording
from assessor_app.workflow.recorder import Recorder, Word
from assessor_app.workflow.sounding import Heard, Sound
from tests.factories import PASSPHRASE


class Announced(Sound):
    """Tells its process before anything is heard."""

    def __init__(self, order: str, heard: Heard) -> None:
        super().__init__(order, heard)
        sys.stdout.write(f"{self._process.pid}\n")
        sys.stdout.flush()


def main(folder: str, visit: str, note: str) -> None:
    account = accounts.open_account(Path(folder), passphrase=PASSPHRASE, keychain=NoKeychain())

    def tell(word: Word, value: Any) -> None:
        if word is Word.LEVEL:
            sys.stdout.write(f"{value[1]}\n")
            sys.stdout.flush()

    under_way = recording.begin(account, visit, note)
    made = Recorder(account, under_way, tell, lambda heard: Announced("record", heard))
    assert made.under_way == under_way
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
