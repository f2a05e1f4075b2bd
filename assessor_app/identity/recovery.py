"""The recovery code: 130 random bits as seven printed groups of four, read back however a person types them."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from assessor_app.errors import WrongKey
from assessor_app.i18n import t

#: Crockford's base 32: no I, L, O, U, so that what looks alike means the same.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKS_LIKE: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V", "|": "1"})
_DATA: Final = 26
_CHECK: Final = 2


class MistypedCode(WrongKey):
    """The recovery code has a typing mistake: it fits no notebook at all."""


def new_code() -> str:
    """Return a fresh recovery code, ``XXXX-XXXX-…`` (7 groups: 26 random letters, 2 that check them)."""
    data = "".join(secrets.choice(_ALPHABET) for _ in range(_DATA))
    return grouped(data + _checksum(data))


def grouped(letters: str) -> str:
    """Return the letters in groups of four for printing."""
    return "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))


def read_code(typed: str) -> str:
    """Return the 26 letters that count: case, spaces, dashes, and O/0, I/L/1, U/V do not matter.

    Raises:
        MistypedCode: where letters are missing, too many, foreign, or do not add up.
    """
    letters = "".join(c for c in typed.upper() if c.isalnum() or c == "|").translate(_LOOKS_LIKE)
    foreign = sorted({c for c in letters if c not in _ALPHABET})
    if foreign or len(letters) != _DATA + _CHECK:
        raise _mistyped(t("The code has {0} letters and digits in groups of four; {1} were typed.").format(
            _DATA + _CHECK, len(letters)))
    data, check = letters[:_DATA], letters[_DATA:]
    if _checksum(data) != check:
        raise _mistyped(t("The letters do not add up. Often confused: 5 and S, 8 and B, 2 and Z."))
    return data


def _checksum(data: str) -> str:
    number = int.from_bytes(hashlib.sha256(b"asesor recovery code " + data.encode()).digest()[:2], "big")
    return _ALPHABET[number >> 5 & 31] + _ALPHABET[number & 31]


def _mistyped(message: str) -> MistypedCode:
    return MistypedCode(t("The recovery code has a typing mistake."), message, t("Compare it with the printed page."),
                        t("Nothing is lost."))
