"""The power cut: take back, in a folder that ``shim.c`` watched, whatever was not fsynced."""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

_HEAD = struct.Struct("<7scQqqQQ")
SHIM = Path(__file__).with_name("shim.c")


def compile_shim(folder: Path) -> Path:
    """Return the compiled shim; skip where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if os.name != "posix" or not os.path.isdir("/proc/self/fd"):
        pytest.skip("the shim needs Linux")
    if compiler is None:
        pytest.skip("no C compiler (cc) on this machine: the power-cut shim cannot be built")
    out = folder / "shim.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(out), str(SHIM), "-ldl", "-lpthread"], check=True)
    return out


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the undo log."""

    type: str  # Write Truncate Created Unlinked Renamed, Synced Directory-synced
    ino: int
    offset: int
    size: int
    a: bytes
    b: bytes


def entries(log: Path) -> list[Entry]:
    """Read the log; what was cut off at its end had not happened yet."""
    data = log.read_bytes() if log.exists() else b""
    out = []
    at = 0
    while at + _HEAD.size <= len(data):
        mark, type_, ino, offset, size, na, nb = _HEAD.unpack_from(data, at)
        assert mark == b"power1\x00", at
        at += _HEAD.size
        if at + na + nb > len(data):
            break
        out.append(Entry(type_.decode(), ino, offset, size, data[at:at + na], data[at + na:at + na + nb]))
        at += na + nb
    return out


def cut(folder: Path, log: Path, *, some: random.Random | None = None) -> int:
    """Cut the power: return how many changes were lost.

    Without ``some`` all that was not fsynced is lost. With it a random part of the writes had reached the disk, in any order,
    and the folder's names stand as they were at some moment after their last fsync: what disks and file systems do.
    """
    found = entries(log)
    graves = Path(f"{log}.d")
    files = {p.stat().st_ino: p for root in (graves, folder) for p in root.rglob("*") if p.is_file()}
    synced: dict[int, int] = {}
    named: dict[bytes, int] = {}
    for number, e in enumerate(found):
        if e.type == "S":
            synced[e.ino] = number
        elif e.type == "D":
            named[e.a] = number
    writes = [e for n, e in enumerate(found) if e.type in "WT" and n > synced.get(e.ino, -1) and e.ino in files]
    kept = [e for e in writes if some is not None and some.random() < 0.5]
    for e in reversed(writes):
        with files[e.ino].open("r+b") as f:
            if e.a:
                f.seek(e.offset)
                f.write(e.a)
            f.truncate(e.size)
    for e in kept:
        with files[e.ino].open("r+b") as f:
            if e.type == "T":
                f.truncate(e.offset)
            else:
                f.seek(e.offset)
                f.write(e.b)
    names = [e for n, e in enumerate(found) if e.type in "CUR" and n > named.get(os.path.dirname(e.b if e.type == "R" else e.a), -1)]
    gone = names[some.randrange(len(names) + 1):] if some is not None else names
    places = dict(files)
    for e in reversed(gone):
        path = Path(os.fsdecode(e.a))
        if e.type == "C":
            path.unlink(missing_ok=True)
        elif e.type == "U":
            _link(places[e.ino], path)
        else:
            target = Path(os.fsdecode(e.b))
            if target.exists() and target.stat().st_ino == e.ino:
                os.rename(target, path)
            if e.offset:
                _link(places[e.offset], target)
    log.unlink(missing_ok=True)
    shutil.rmtree(graves, ignore_errors=True)
    for memory in folder.rglob("*-shm"):
        memory.unlink()
    return len(writes) - len(kept) + len(gone)


def _link(source: Path, target: Path) -> None:
    if not target.exists() and source.exists():
        os.link(source, target)
