"""The one write queue: every edit runs on one thread, in one transaction, and its journal entry with it (no Qt)."""

from __future__ import annotations

import itertools
import logging
import math
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from assessor_app.models import journal
from assessor_app.models.changes import ChangeSet, Origin, Written
from assessor_app.models.database import Notebook, fault
from assessor_app.models.journal import Unit
from assessor_app.models.permissions import Actor

T = TypeVar("T")
log = logging.getLogger(__name__)

#: How long the queue rests before idle work (indexing) begins, in seconds.
_IDLE_S = 0.3
#: How long after an edit somebody is taken to be typing, in seconds.
_TYPING_S = 5.0


@dataclass(slots=True)
class _Job:
    work: Callable[[Unit], Any]
    purpose: str
    editing: str
    origin: Origin
    durable: bool
    future: Future[Written[Any]]


class Writer:
    """Runs writes one after another; idle work runs between them and yields at once to the person's typing."""

    def __init__(self, notebook: Notebook, actor: Actor, author: str, device: str) -> None:
        self.notebook = notebook
        self.actor = actor
        self.author = author
        self.device = device
        self._queue: queue.PriorityQueue[tuple[int, int, _Job | None]] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._edited = -math.inf
        self._closed = False
        self._idle: list[Callable[[Session, bool], bool]] = []
        self._listeners: list[Callable[[ChangeSet], None]] = []
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def write(self, work: Callable[[Unit], T], *, purpose: str, editing: str = "", origin: Origin = "edit",
              durable: bool = True) -> Future[Written[T]]:
        """Queue one write; the future gives its result and ChangeSet once it is durable on the disk.

        What a person does goes before what a sync brings. A write that is not ``durable`` reaches the disk with the next
        one that is, and before it: for what can be fetched again.
        """
        if editing:
            self._edited = time.monotonic()
        future: Future[Written[T]] = Future()
        if self._closed:  # work beside the window that outlived the notebook: nobody would ever answer it
            future.cancel()
            return future
        self._put(_Job(work, purpose, editing, origin, durable, future), 0 if origin == "edit" else 1)
        return future

    def _put(self, job: _Job | None, priority: int) -> None:
        self._queue.put((priority, next(self._numbers), job))

    def run(self, work: Callable[[Unit], T], *, purpose: str, editing: str = "", origin: Origin = "edit", durable: bool = True) -> T:
        """Write and wait for the result."""
        return self.write(work, purpose=purpose, editing=editing, origin=origin, durable=durable).result().result

    def typing(self) -> bool:
        """Tell whether a person wrote something in the last seconds: whatever else writes should be brief then."""
        return time.monotonic() - self._edited < _TYPING_S

    def on_idle(self, work: Callable[[Session, bool], bool]) -> None:
        """Add work for quiet moments: it returns True while there is more, and is told to be brief while somebody types."""
        self._idle.append(work)

    def on_written(self, listener: Callable[[ChangeSet], None]) -> None:
        """Tell ``listener`` of each committed ChangeSet; it is called on the writer's thread."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Finish what is queued and stop; what comes later is cancelled."""
        self._closed = True
        self._put(None, 2)
        self._thread.join()
        while not self._queue.empty():
            job = self._queue.get()[2]
            if job is not None:
                job.future.cancel()

    def _run(self) -> None:
        resting = True
        while True:
            try:
                job = self._queue.get(timeout=None if resting else _IDLE_S)[2]
            except queue.Empty:
                resting = not self._work_idle()
                if resting:
                    self.notebook.fold()
                continue
            if job is None:
                return
            self._serve(job)
            resting = False

    def _serve(self, job: _Job) -> None:
        if not job.future.set_running_or_notify_cancel():
            return
        try:
            written = self._transaction(job)
        except DBAPIError as e:
            job.future.set_exception(fault(e, self.notebook.path))
        except BaseException as e:
            job.future.set_exception(e)
        else:
            for listener in self._listeners:
                listener(written.changes)
            job.future.set_result(written)

    def _transaction(self, job: _Job) -> Written[Any]:
        if job.durable:
            return self._commit(job)
        self.notebook.relax(True)
        try:
            return self._commit(job)
        finally:
            self.notebook.relax(False)

    def _commit(self, job: _Job) -> Written[Any]:
        with self.notebook.writing_session() as session, session.begin():
            unit = Unit(session, self.actor, self.author, self.device, job.purpose, editing=job.editing, origin=job.origin)
            journal.watch(session, unit)
            result = job.work(unit)
            session.flush()
            changes = unit.seal()
        return Written(result, changes, unit.id)

    def _work_idle(self) -> bool:
        """Do one slice of each idle work; True while any has more."""
        more = False
        for work in self._idle:
            try:
                with self.notebook.writing_session() as session, session.begin():
                    more = work(session, self.typing()) or more
            except DBAPIError as e:
                log.warning("idle work stopped: %s", type(e.orig).__name__)
        return more
