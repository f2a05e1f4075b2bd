"""How a text is kept: as it travels, and in a field of one line without what nobody sees."""

from __future__ import annotations

import unicodedata
from typing import Final

from assessor_app.models.kinds import SPECS, Field, Kind, Merge
from assessor_app.oneline import one_line

#: What is held as it was found: contents that a hash stands for, words quoted from a book, the values of a difference, keys.
_AS_FOUND: Final = frozenset({(Kind.INSTRUMENT, "content"), (Kind.SURVEY, "content"), (Kind.MARK, "quote"), (Kind.MARK, "place")})
_KINDS_AS_FOUND: Final = frozenset({Kind.DIFFERENCE, Kind.KEY})


def normal_text(text: str) -> str:
    """Return the text as it travels: NFC, ``\\n`` at line ends, no NUL, no lone surrogate."""
    if text.isascii() and "\r" not in text and "\x00" not in text:
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))


def is_one_line(kind: Kind, field: Field) -> bool:
    """Tell whether a field is a name or another text of one line; what makes up a record's own id is never touched."""
    if field.type != "str" or field.merge is Merge.TEXT or kind in _KINDS_AS_FOUND or (kind, field.name) in _AS_FOUND:
        return False
    return not (field.merge is Merge.NEVER and SPECS[kind].natural)


def kept_text(kind: Kind, field: Field, text: str) -> str:
    """Return a text as a field of this notebook keeps it, whether it was typed, pasted or imported."""
    text = normal_text(text)
    return one_line(text) if is_one_line(kind, field) else text
