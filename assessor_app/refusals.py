"""Why the system refused a file, in a sentence of ours: its own words are English and for programmers."""

from __future__ import annotations

import errno
from typing import Final

from assessor_app.i18n import mark, t

_WORDS: Final = {
    errno.ENOENT: mark("There is no such file or folder."),
    errno.ENOTDIR: mark("There is no such file or folder."),
    errno.ENODEV: mark("There is no such file or folder."),
    errno.ENXIO: mark("There is no such file or folder."),
    errno.EISDIR: mark("This is a folder, not a file."),
    errno.EACCES: mark("This computer does not permit it."),
    errno.EPERM: mark("This computer does not permit it."),
    errno.EROFS: mark("The disk is write-protected."),
    errno.ENOSPC: mark("The disk is full."),
    errno.EDQUOT: mark("The disk is full."),
    errno.EFBIG: mark("The file is too large for this disk."),
    errno.ENAMETOOLONG: mark("The name is too long."),
    errno.EINVAL: mark("The disk does not take this name."),
    errno.EBUSY: mark("Another program is using it."),
    errno.ETXTBSY: mark("Another program is using it."),
    errno.EEXIST: mark("Something of that name is there already."),
    errno.EIO: mark("The disk could not be read or written; perhaps it was pulled out or is damaged."),
}


def why(error: OSError) -> str:
    """Return the cause as a whole sentence in the person's language."""
    number = error.errno
    return t(_WORDS[number]) if number in _WORDS else t("The system refused it (code {0}).").format(number if number is not None else "–")
