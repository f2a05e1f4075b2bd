"""Printing through the system's queue (CUPS): which pages and how, a job followed to its end, copies that do not stay."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from assessor_app import paths
from assessor_app.errors import AppError, BadInput
from assessor_app.i18n import t
from assessor_app.workflow import cups_jobs

log = logging.getLogger(__name__)
#: Papers by their names, as width and height in millimetres. F4 is Indonesia's folio.
PAPERS: Final = {"A4": (210, 297), "F4": (215, 330)}
MOST_COPIES: Final = 99
#: What a queue says of a job that it holds up.
_HELD: Final = frozenset({"resources-are-not-ready", "job-stopped", "printer-stopped", "printer-stopped-partly",
                          "job-hold-until-specified"})
#: After so many looks at an unchanged remark of the printer, the remark is what holds it up.
_PATIENCE: Final = 4


@dataclass(frozen=True, slots=True)
class PrintWish:
    """How a document is to be printed; ``pages`` as typed (``1-3, 5``; empty for all), ``paper`` empty for the document's own."""

    pages: str = ""
    copies: int = 1
    paper: str = ""
    grey: bool = False


@dataclass(frozen=True, slots=True)
class QueueJob:
    """A document in a queue, by the number that the queue gave it."""

    queue: str
    id: str


class Progress(StrEnum):
    """How far a job is."""

    UNDER_WAY = "under_way"
    HELD_UP = "held_up"  # it waits in its queue for the printer
    PRINTED = "printed"
    CANCELLED = "cancelled"
    FAILED = "failed"


#: A job's last states in IPP (RFC 8011, 5.3.7); one that the queue no longer knows went the way of all that were printed.
_ENDS: Final = {0: Progress.PRINTED, 7: Progress.CANCELLED, 8: Progress.FAILED, 9: Progress.PRINTED}


@dataclass(frozen=True, slots=True)
class JobState:
    """What the queue says of a job; ``remark`` in the printer's own words."""

    progress: Progress
    remark: str = ""

    @property
    def ended(self) -> bool:
        """Tell whether nothing more will come."""
        return self.progress in {Progress.PRINTED, Progress.CANCELLED, Progress.FAILED}


def pages_of(typed: str, count: int) -> tuple[int, ...]:
    """Return the pages that ``1-3, 5`` names, from 0, in their order; all where nothing is typed. Raise BadInput."""
    if not typed.strip():
        return tuple(range(count))
    out: list[int] = []
    for part in re.split(r"[,;\s]+", re.sub(r"\s*[-–]\s*", "-", typed.strip())):
        found = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not found or not 1 <= first <= last:
            raise BadInput(t("These pages cannot be read: {0}").format(part), hint=t("Write them like 1-3, 5."),
                           kept=t("Nothing was printed."))
        if last > count:
            raise BadInput(t("The document has no page {0}.").format(last), hint=t("Its last page is {0}.").format(count),
                           kept=t("Nothing was printed."))
        out += range(first - 1, last)
    return tuple(dict.fromkeys(out))


def queues() -> list[str]:
    """Return the printers of the system's queue, the default one first; none where there is no queue."""
    if sys.platform == "win32" or shutil.which("lpstat") is None:
        return []
    try:
        known, default = _asked("lpstat", "-e").split(), _asked("lpstat", "-d")
    except AppError:
        return []
    first = default.rpartition(":")[2].strip()
    return sorted(known, key=lambda name: name != first)


def send(pdf: bytes, title: str, queue: str, wish: PrintWish, pages: Sequence[int] | None = None) -> QueueJob:
    """Send a PDF, byte for byte, to a queue; ``pages`` (from 0) where not all are wanted. Blocking.

    The queue keeps its own copy; ours is gone when this returns. Raises AppError where the queue does not take it.
    """
    options = ["-n", str(wish.copies), "-t", title.replace("\n", " ")[:120]]
    if pages is not None:
        options += ["-P", ",".join(str(page + 1) for page in pages)]
    if wish.paper:
        width, height = PAPERS[wish.paper]
        media = wish.paper if wish.paper == "A4" else f"Custom.{width}x{height}mm"
        options += ["-o", f"media={media}", "-o", "fit-to-page"]
    if wish.grey:
        options += ["-o", "print-color-mode=monochrome", "-o", "ColorModel=Gray"]
    with private_copy(pdf) as copy:
        said = _asked("lp", *(["-d", queue] if queue else []), *options, "--", str(copy))
    found = re.search(r"request id is (\S+)-(\d+) ", said)
    if found is None:
        raise _refused("")
    return QueueJob(found[1], found[2])


def state_of(job: QueueJob) -> JobState:
    """Return how far a job is. Blocking; raises AppError where the queue does not answer."""
    ended = _ENDS.get(cups_jobs.state(job.queue, int(job.id)))
    alerts, remark = _entry(job, "completed" if ended else "not-completed") or ("", "")
    if ended:
        return JobState(ended, remark)
    stopped = re.search(r"^printer \S+ disabled .*-\s*\n\s*(.*)$", _asked("lpstat", "-p", job.queue), re.MULTILINE)
    if stopped:
        return JobState(Progress.HELD_UP, remark or stopped[1])
    return JobState(Progress.HELD_UP if _HELD.intersection(alerts.split()) else Progress.UNDER_WAY, remark)


class Watch:
    """Looks at a job again and again: a remark of the printer that does not change holds the job up."""

    def __init__(self, job: QueueJob) -> None:
        self.job = job
        self._remark, self._looks = "", 0

    def look(self) -> JobState:
        """Return how far the job is. Blocking; raises AppError where the queue does not answer."""
        state = state_of(self.job)
        self._looks = self._looks + 1 if state.remark and state.remark == self._remark else 0
        self._remark = state.remark
        if state.progress is Progress.UNDER_WAY and self._looks >= _PATIENCE:
            return JobState(Progress.HELD_UP, state.remark)
        return state


def cancel(job: QueueJob) -> None:
    """Take a job out of its queue; one that has ended meanwhile stays as it is."""
    try:
        _asked("cancel", f"{job.queue}-{job.id}")
    except AppError:
        if not state_of(job).ended:
            raise


class private_copy:
    """A copy of a document that nobody else can read and that is gone after the block."""

    def __init__(self, data: bytes, suffix: str = ".pdf") -> None:
        self._data, self._suffix = data, suffix
        self._path: Path | None = None

    def __enter__(self) -> Path:
        self._path = lay_copy(self._data, self._suffix)
        return self._path

    def __exit__(self, *_: object) -> None:
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def lay_copy(data: bytes, suffix: str = ".pdf") -> Path:
    """Write a copy for another program into the folder that is emptied at the next start."""
    folder = paths.copies()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(suffix=suffix, prefix="asesor-", dir=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    return Path(name)


def sweep_copies() -> int:
    """Delete the copies that were left (a job cut off, another program that read them); return how many."""
    gone = 0
    for file in paths.copies().glob("asesor-*") if paths.copies().is_dir() else ():
        try:
            file.unlink()
            gone += 1
        except OSError as e:  # still open in another program: the next start tries again
            log.warning("copy not deleted: %s", type(e).__name__)
    return gone


def _entry(job: QueueJob, which: str) -> tuple[str, str] | None:
    """Return the alerts and the remark of a job in the queue's list, or None where it is not there."""
    lines = _asked("lpstat", "-l", "-W", which, "-o", job.queue).splitlines()
    for at, line in enumerate(lines):
        if line.split(" ", 1)[0] == f"{job.queue}-{job.id}":
            facts = {}
            for more in lines[at + 1:]:
                if not more.startswith("\t"):
                    break
                name, _, said = more.strip().partition(":")
                facts[name] = said.strip()
            return facts.get("Alerts", ""), facts.get("Status", "")
    return None


def _asked(*command: str) -> str:
    """Run one of CUPS's commands and return what it says."""
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise _refused("") from fault
    if done.returncode != 0:
        raise _refused(done.stderr.strip().removeprefix(f"{command[0]}: "))
    return done.stdout


def _refused(said: str) -> AppError:
    return AppError(t("The printer did not take the document."), said[:200],
                    hint=t("Check that the printer is on and connected, then try again."),
                    kept=t("The document itself is safe in the notebook."))
