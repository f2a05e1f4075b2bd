"""The last chance: a fault nobody caught is written down without what was typed, and the work is brought to safety."""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from assessor_app import __version__, clock, paths
from assessor_app.i18n import t

log = logging.getLogger(__name__)


def report_text(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Return the report: places in the program, never the values or the words of the error."""
    lines = [
        f"Asesor {__version__}", f"Python {platform.python_version()} on {platform.system()} {platform.release()}",
        f"time {clock.now().isoformat(timespec='seconds')}", f"fault {kind.__module__}.{kind.__name__}", "",
    ]
    for frame in traceback.extract_tb(trace):
        lines.append(f"{Path(frame.filename).parent.name}/{Path(frame.filename).name}:{frame.lineno} {frame.name}")
    return "\n".join(lines) + "\n"


def write_report(kind: type[BaseException], trace: TracebackType | None) -> Path | None:
    """Write the report beside the accounts; None where even that is impossible."""
    folder = paths.data_root() / "reports"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"fault-{clock.here():%Y%m%d-%H%M%S}.txt"
        file.write_text(report_text(kind, trace), encoding="utf-8")
    except OSError:
        return None
    return file


class LastChance:
    """Catches what nobody caught; ``flush`` brings open editors to the disk, ``offer_backup`` offers a copy."""

    def __init__(self, flush: Callable[[], None], offer_backup: Callable[[Path | None], None]) -> None:
        self._flush = flush
        self._offer_backup = offer_backup
        self._handling = False

    def install(self) -> None:
        """Take over the hooks of uncaught errors in this and in every other thread."""
        sys.excepthook = self.handle
        threading.excepthook = lambda args: self._note(args.exc_type, args.exc_traceback)

    def handle(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Write the report, save what is open, and tell the person; a fault inside this is only noted."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        file = self._note(kind, trace)
        if self._handling:
            return
        self._handling = True
        try:
            self._flush()
            self._offer_backup(file)
        except Exception as second:
            self._note(type(second), second.__traceback__)
        finally:
            self._handling = False

    def _note(self, kind: type[BaseException], trace: TracebackType | None) -> Path | None:
        log.error("fault %s", kind.__name__)
        if sys.stderr is not None:  # a window without a terminal has none
            sys.stderr.write(report_text(kind, trace))
        return write_report(kind, trace)


def crash_text(file: Path | None) -> str:
    """Return the sentence that tells where the report lies."""
    if file is None:
        return t("A report could not be written.")
    return t("A report without anything you typed was written: {0}").format(file)
