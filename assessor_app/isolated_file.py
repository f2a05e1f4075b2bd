"""A file from somebody else, held open by a process of its own that answers questions about it: when it dies, the notebook lives."""

from __future__ import annotations

import importlib
import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Iterable
from typing import IO, Any

from assessor_app import i18n, isolate
from assessor_app.errors import AppError, BadInput
from assessor_app.i18n import t

_HEAD = struct.Struct(">II")
#: How many bytes there are, and they themselves, as they come.
Pieces = tuple[int, Iterable[bytes]]


class HeldFile:
    """The file's keeper: ``target`` (``package.module:Class``) is made of the bytes in a child process and asked there.

    Answers are what JSON holds, or bytes; AppError and BadInput cross over as themselves. Safe to use from several threads:
    questions wait for each other.
    """

    def __init__(self, target: str, data: bytes | Pieces, *, memory_mb: int = 1024, timeout_s: float = 30) -> None:
        self._timeout = timeout_s
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            isolate.command("--isolated-file", "assessor_app.isolated_file"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0), env=isolate.environment())
        try:
            self._ask({"target": target, "memory_mb": memory_mb, "language": i18n.language()}, data)
        except BaseException:
            self.close()
            raise

    def ask(self, question: str, *args: Any) -> Any:
        """Call a method of the target. Blocking; raises BadInput where the process died or took too long."""
        return self._ask({"ask": question, "args": list(args), "language": i18n.language()}, b"")

    def close(self) -> None:
        """End the process; no question comes after it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    pass  # what was on its way has nobody to go to any more

    def release(self, *_: object) -> None:
        """Do the same, as the slot of a signal."""
        self.close()

    def __enter__(self) -> HeldFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, head: dict[str, Any], data: bytes | Pieces) -> Any:
        with self._lock:
            watch = threading.Timer(self._timeout, self._process.kill)
            watch.daemon = True
            watch.start()
            try:
                assert self._process.stdin is not None
                assert self._process.stdout is not None
                _write(self._process.stdin, head, data)
                reply, answer = _read(self._process.stdout)
            except AppError:  # what was to be given could not be read: the process still waits for it
                self._process.kill()
                raise
            except (OSError, EOFError, ValueError):
                raise BadInput(t("The file could not be read: it is damaged or needs more memory than it may use."),
                               kept=t("Nothing in the notebook changed.")) from None
            finally:
                watch.cancel()
        if "error" in reply:
            raise isolate.raised(reply["error"])
        return answer if reply.get("bytes") else reply["result"]


def _write(pipe: IO[bytes], head: dict[str, Any], data: bytes | Pieces) -> None:
    words = json.dumps(head).encode()
    size, pieces = (len(data), (data,)) if isinstance(data, bytes) else data
    pipe.write(_HEAD.pack(len(words), size))
    pipe.write(words)
    for piece in pieces:
        pipe.write(piece)
    pipe.flush()


def _read(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    def exactly(count: int) -> bytes:
        data = pipe.read(count)
        if len(data) != count:
            raise EOFError
        return data

    words, size = _HEAD.unpack(exactly(_HEAD.size))
    head: dict[str, Any] = json.loads(exactly(words))
    return head, exactly(size)


def child_main() -> int:
    """Hold one file and answer until nobody asks any more: the other half of :class:`HeldFile`."""
    asked, out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not mix with the answers
    target: Any = None
    while True:
        try:
            head, data = _read(asked)
        except EOFError:
            return 0
        i18n.set_language(head["language"])
        answer: Any = None
        reply: dict[str, Any] = {"result": None}
        try:
            if target is None:
                isolate.limit(head["memory_mb"])
                module, _, name = head["target"].partition(":")
                if not module.startswith(("assessor_app.", "tests.")):
                    raise ValueError(module)
                target = getattr(importlib.import_module(module), name)(data)
            else:
                answer = getattr(target, head["ask"])(*head["args"])
        except AppError as e:
            reply = {"error": isolate.told(e)}
        if isinstance(answer, bytes):
            _write(out, {"bytes": True}, answer)
        else:
            _write(out, reply if "error" in reply else {"result": answer}, b"")


if __name__ == "__main__":
    sys.exit(child_main())
