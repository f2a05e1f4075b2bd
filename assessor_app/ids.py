"""Identifiers: UUIDv7 where a person creates a thing, UUIDv5 where nature gives the key."""

from __future__ import annotations

import secrets
import uuid

from assessor_app import clock

_NATURE = uuid.UUID("6e1f6a52-0d6b-5a0e-9a75-1d5e9b2c7f01")


def new_id() -> str:
    """Return a fresh UUIDv7 (48 bits of device time in ms, 74 random bits) as 36 characters."""
    ms = clock.now_ms() & ((1 << 48) - 1)
    value = (ms << 80) | (0x7 << 76) | (secrets.randbits(12) << 64) | (0b10 << 62) | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def natural_id(kind: str, *parents: str) -> str:
    """Return the UUIDv5 that every device gives to the same child of the same parents."""
    return str(uuid.uuid5(_NATURE, "\x1f".join((kind, *parents))))


def token(bits: int = 80) -> str:
    """Return an unguessable token of at least ``bits`` bits in lower-case base 32 (no 0, 1, l, o)."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
    return "".join(secrets.choice(alphabet) for _ in range((bits + 4) // 5))
