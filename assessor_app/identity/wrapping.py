"""Wrapping of secrets: Argon2id for what a person types, HKDF for what a machine keeps, AES-256-GCM around both."""

from __future__ import annotations

import os
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

KEY_BYTES: Final = 32
_NONCE: Final = 12


@dataclass(frozen=True, slots=True)
class Stretching:
    """How hard a typed secret is stretched: memory in KiB, passes, lanes (RFC 9106)."""

    memory: int = 65536
    passes: int = 3
    lanes: int = 4

    def to_json(self) -> dict[str, int]:
        """Return the wire form."""
        return {"memory": self.memory, "passes": self.passes, "lanes": self.lanes}

    @staticmethod
    def from_json(raw: Any) -> Stretching:
        """Read the wire form; a file must not make the machine take gigabytes. Raise ValueError."""
        value = Stretching(int(raw["memory"]), int(raw["passes"]), int(raw["lanes"]))
        if not (8192 <= value.memory <= 1 << 20 and 1 <= value.passes <= 16 and 1 <= value.lanes <= 16):
            raise ValueError("stretching")
        return value


def stretch(typed: str, salt: bytes, how: Stretching) -> bytes:
    """Return 32 bytes for a typed PIN or passphrase: NFKC, outer spaces dropped, Argon2id."""
    from argon2.low_level import Type, hash_secret_raw

    text = unicodedata.normalize("NFKC", typed.strip())
    return hash_secret_raw(text.encode(), salt, how.passes, how.memory, how.lanes, KEY_BYTES, Type.ID)


def derive(secret: bytes, purpose: str, salt: bytes = b"") -> bytes:
    """Return 32 bytes derived from strong secrets for one purpose (HKDF-SHA-256)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), KEY_BYTES, salt or None, purpose.encode()).derive(secret)


def seal(key: bytes, secret: bytes, bound_to: str) -> bytes:
    """Return nonce and ciphertext of ``secret``, valid only in the place that ``bound_to`` names."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, secret, bound_to.encode())


def unseal(key: bytes, sealed: bytes, bound_to: str) -> bytes | None:
    """Return the secret, or None where the key is not the right one or a byte was changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(sealed) < _NONCE + 16:
        return None
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to.encode())
    except InvalidTag:
        return None


def write_durably(path: Path, data: bytes) -> None:
    """Replace a small file at once: readers find the old bytes or the new ones, also after a power cut."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
