"""What a damaged or hostile file may do to the process that reads it."""

from __future__ import annotations

import os
import signal
import time


def eats_memory() -> int:
    """Take memory without end."""
    kept = []
    while True:
        kept.append(bytearray(50 << 20))


def sleeps() -> None:
    time.sleep(60)


def dies() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def talks() -> str:
    """Print to standard output, as libraries do."""
    os.write(1, b"libjpeg: a warning\n")
    return "answer"


def raises(text: str) -> None:
    raise RuntimeError(text)


def sees(data: bytes) -> int:
    return len(data)
