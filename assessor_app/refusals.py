"""Why the system refused a file, in a sentence of ours: its own words are English and for programmers."""

from __future__ import annotations

import errno
from typing import Final

from assessor_app.i18n import mark, t

#: Not every system has every one of them.
_WORDS: Final = {getattr(errno, name): words for name, words in {
    "ENOENT": mark("There is no such file or folder."),
    "ENOTDIR": mark("There is no such file or folder."),
    "ENODEV": mark("There is no such file or folder."),
    "ENXIO": mark("There is no such file or folder."),
    "EISDIR": mark("This is a folder, not a file."),
    "EACCES": mark("This computer does not permit it."),
    "EPERM": mark("This computer does not permit it."),
    "EROFS": mark("The disk is write-protected."),
    "ENOSPC": mark("The disk is full."),
    "EDQUOT": mark("The disk is full."),
    "EFBIG": mark("The file is too large for this disk."),
    "ENAMETOOLONG": mark("The name is too long."),
    "EINVAL": mark("The disk does not take this name."),
    "EBUSY": mark("Another program is using it."),
    "ETXTBSY": mark("Another program is using it."),
    "EEXIST": mark("Something of that name is there already."),
    "EIO": mark("The disk could not be read or written; perhaps it was pulled out or is damaged."),
}.items() if hasattr(errno, name)}


def why(error: OSError) -> str:
    """Return the cause as a whole sentence in the person's language."""
    number = error.errno
    return t(_WORDS[number]) if number in _WORDS else t("The system refused it (code {0}).").format(number if number is not None else "–")
