"""Names and other texts of one line without what nobody sees: a mark that turns the reading round can disguise a name, or a file's kind."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: Breaks of a line, and the tab: a blank on one line.
_BREAKS: Final = re.compile("[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
#: What steers the direction of reading, or stands there unseen. The joiners (U+200C, U+200D) stay: scripts and emoji need them.
_UNSEEN: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
#: What no system, or not every one, takes in a file's name.
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*]+')
#: Bytes of a file's name: the systems take 255, and ``.part`` or a number is put behind it.
_LONGEST: Final = 200


def one_line(text: str) -> str:
    """Return the text on one line, without control characters and what cannot be seen; blanks at its ends stay."""
    if text.isprintable():
        return text
    text = _UNSEEN.sub("", _BREAKS.sub(" ", text))
    return "".join(c for c in text if unicodedata.category(c) != "Cc")


def file_name(text: str) -> str:
    """Return a file's name that every system takes, from names that people gave; its ending stays when it is shortened."""
    name = _FORBIDDEN.sub("-", one_line(text)).lstrip(" .-").rstrip()  # a dot hides it, a dash reads as an option of a command
    stem, dot, ending = name.rpartition(".")
    if not ending or len(ending) > 12:
        stem, dot, ending = name, "", ""
    room = _LONGEST - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(" .") + dot + ending
