"""Files from others are parsed in a process of their own, with limits of memory and time: when it dies, the notebook lives."""

from __future__ import annotations

import importlib
import json
import os
import struct
import subprocess
import sys
from typing import Any

from assessor_app import i18n
from assessor_app.errors import AppError, BadInput
from assessor_app.i18n import t


def call(target: str, *args: Any, timeout_s: float = 60, memory_mb: int = 1024) -> Any:
    """Call ``package.module:function`` with ``args`` in a child process and return its result.

    Arguments and result are what JSON holds, plus bytes. AppError and BadInput cross over as themselves; a crash, a
    time-out or a result that is none become BadInput.
    """
    request = _packed({"target": target, "args": list(args), "memory_mb": memory_mb, "language": i18n.language()})
    try:
        done = subprocess.run(
            command(), input=request, capture_output=True, timeout=timeout_s, check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0), env=environment())
    except subprocess.TimeoutExpired:
        raise BadInput(t("The file took too long to read and was set aside."), kept=t("Nothing in the notebook changed.")) from None
    try:
        reply = _unpacked(done.stdout)
    except (ValueError, struct.error, LookupError):
        raise BadInput(t("The file could not be read: it is damaged or needs more memory than it may use."),
                       kept=t("Nothing in the notebook changed.")) from None
    if "error" in reply:
        raise raised(reply["error"])
    return reply["result"]


def command(bundled: str = "--isolated-child", module: str = "assessor_app.isolate") -> list[str]:
    """Return how a child is started: the bundle is its own interpreter."""
    if getattr(sys, "frozen", False):
        return [sys.executable, bundled]
    return [sys.executable, "-m", module]


def told(error: AppError) -> dict[str, Any]:
    """Return an error as it crosses over from a child."""
    kind, faults = ("bad_input", error.faults) if isinstance(error, BadInput) else ("app", ())
    return {"kind": kind, "title": error.title, "faults": faults, "message": error.message, "hint": error.hint, "kept": error.kept}


def raised(error: dict[str, Any]) -> AppError:
    """Return the error that a child told."""
    if error["kind"] == "bad_input":
        return BadInput(error["title"], tuple(error["faults"]), message=error["message"], hint=error["hint"], kept=error["kept"])
    return AppError(error["title"], error["message"], error["hint"], error["kept"])


def environment() -> dict[str, str]:
    """Return the environment in which a child finds this program."""
    own = dict(os.environ)
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    own["PYTHONPATH"] = os.pathsep.join(filter(None, [root, own.get("PYTHONPATH", "")]))
    return own


def _packed(value: Any) -> bytes:
    """Return a value as JSON with its bytes after it as they are: a photo in letters would keep the window's thread waiting."""
    parts: list[bytes] = []

    def pack(one: Any) -> Any:
        if isinstance(one, bytes):
            parts.append(one)
            return {"__bytes__": len(parts) - 1}
        if isinstance(one, dict):
            return {key: pack(item) for key, item in one.items()}
        return [pack(item) for item in one] if isinstance(one, (list, tuple)) else one

    head = json.dumps(pack(value)).encode()
    sizes = struct.pack(f">{len(parts) + 2}Q", len(head), len(parts), *(len(part) for part in parts))
    return b"".join([sizes, head, *parts])


def _unpacked(data: bytes) -> Any:
    """Return what ``_packed`` made; raises ValueError, LookupError or struct.error for anything else."""
    length, count = struct.unpack_from(">2Q", data)
    sizes = struct.unpack_from(f">{count}Q", data, 16)
    at = 16 + 8 * count
    head = json.loads(data[at:at + length])
    at += length
    parts = []
    for size in sizes:
        parts.append(data[at:at + size])
        at += size
    if at != len(data):
        raise ValueError("cut off")

    def unpack(one: Any) -> Any:
        if isinstance(one, dict):
            return parts[one["__bytes__"]] if set(one) == {"__bytes__"} else {key: unpack(item) for key, item in one.items()}
        return [unpack(item) for item in one] if isinstance(one, list) else one

    return unpack(head)


def limit(memory_mb: int) -> None:
    """Bound the address space where the system can (POSIX); on Windows the time-out alone bounds the child."""
    try:
        import resource
    except ImportError:
        return
    limit = memory_mb << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def child_main() -> int:
    """Serve one call from standard input: the other half of :func:`call`."""
    request = _unpacked(sys.stdin.buffer.read())
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not mix with the reply
    i18n.set_language(request["language"])
    limit(request["memory_mb"])
    module, _, name = request["target"].partition(":")
    reply: dict[str, Any]
    try:
        if not module.startswith(("assessor_app.", "tests.")):
            raise ValueError(module)
        result = getattr(importlib.import_module(module), name)(*request["args"])
        reply = {"result": result}
    except AppError as e:
        reply = {"error": told(e)}
    out.write(_packed(reply))
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(child_main())
