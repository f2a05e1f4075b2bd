"""The state of a job in the system's queue, asked of CUPS's own library: its commands do not say whether an ended job was printed."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

from assessor_app.errors import AppError
from assessor_app.i18n import t


class _Job(ctypes.Structure):
    _fields_ = (("id", ctypes.c_int), ("dest", ctypes.c_char_p), ("title", ctypes.c_char_p), ("user", ctypes.c_char_p),
                ("format", ctypes.c_char_p), ("state", ctypes.c_int), ("size", ctypes.c_int), ("priority", ctypes.c_int),
                ("completed", ctypes.c_long), ("creation", ctypes.c_long), ("processing", ctypes.c_long))


@cache
def _library() -> Any:
    return ctypes.CDLL("libcups.2.dylib" if sys.platform == "darwin" else "libcups.so.2")


def state(queue: str, number: int) -> int:
    """Return the IPP state of a job (RFC 8011, 5.3.7); 0 where the queue no longer knows it.

    Raises AppError where the queue does not answer.
    """
    try:
        cups = _library()
    except OSError as e:
        raise _silent() from e
    cups.cupsSetServer(None)  # the default of this moment
    jobs = ctypes.POINTER(_Job)()
    count = cups.cupsGetJobs(ctypes.byref(jobs), queue.encode(), 0, -1)
    if count < 0:
        raise _silent()
    try:
        return next((int(jobs[at].state) for at in range(count) if jobs[at].id == number), 0)
    finally:
        cups.cupsFreeJobs(count, jobs)


def _silent() -> AppError:
    return AppError(t("The system's print queue does not answer."), hint=t("Look into the printer settings of this computer."),
                    kept=t("The document itself is safe in the notebook."))
