"""Digests by which both ends see whether they hold the same: of ids and versions, never of values. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def digest_line(kind: str, record: str, versions: dict[str, str]) -> int:
    """Return one record's part of its scope's digest: of kind, id and versions, never of values."""
    if len(versions) == 1 and "" in versions:
        return digest_made(kind, record, versions[""])
    line = f"{kind}\n{record}\n" + "\n".join(f"{name}={versions[name]}" for name in sorted(versions))
    return int.from_bytes(hashlib.sha256(line.encode()).digest(), "big")


def digest_made(kind: str, record: str, version: str) -> int:
    """Return the same of a record that nobody changed since it was made."""
    return int.from_bytes(hashlib.sha256(f"{kind}\n{record}\n={version}".encode()).digest(), "big")


def digest(records: Iterable[tuple[str, str, dict[str, str]]]) -> str:
    """Return the digest of a scope, 32 hex digits: the sum of its records' parts modulo 2¹²⁸; order plays no part."""
    total = sum(digest_line(kind, record, versions) for kind, record, versions in records) % (1 << 128)
    return f"{total:032x}"


def mark_of(epoch: str, cursors: dict[str, int], bases: dict[str, int]) -> str:
    """Return the name of a place in all granted scopes; ``bases`` are of those that are read page by page."""
    text = epoch + "\n" + "\n".join(f"{scope}={cursors[scope]}" + (f"/{bases[scope]}" if scope in bases else "")
                                    for scope in sorted(cursors))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
