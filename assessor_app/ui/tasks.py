"""Work beside the window: writes through the notebook's one writer, reads and slow work in a small pool of threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, Qt, QTimer, Signal
from shiboken6 import isValid

from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.ui.unsaved import Unsaved

if TYPE_CHECKING:
    from assessor_app.workflow.accounts import Account

log = logging.getLogger(__name__)
T = TypeVar("T")
#: Work that takes longer than this shows its progress and can be cancelled (milliseconds).
SHOWN_AFTER_MS = 1000


def only(name: str, value: Any) -> dict[str, Any]:
    """Return one named value for a write whose field is chosen at run time."""
    return {name: value}


class Cancelled(Exception):
    """The person stopped the work; raised by ``Job.check`` inside it."""


class Job:
    """One piece of slow work as its worker sees it: say how far it is, ask whether to go on."""

    def __init__(self, title: str, *, cancellable: bool = True) -> None:
        self.title = title
        self.cancellable = cancellable
        self._stop = threading.Event()
        self._report: Callable[[Job, int, int, str], None] | None = None
        self.on_cancel: Callable[[], None] = lambda: None  # what ends the work sooner than its next look

    @property
    def cancelled(self) -> bool:
        """Whether the person asked to stop."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Ask the work to stop at its next safe place."""
        self._stop.set()
        self.on_cancel()

    def check(self) -> None:
        """Raise ``Cancelled`` where the person asked to stop."""
        if self.cancelled:
            raise Cancelled

    def report(self, done: int, total: int, text: str = "") -> None:
        """Say how far the work is; ``total`` 0 where nobody knows."""
        self.check()
        if self._report is not None:
            self._report(self, done, total, text)


class Tasks(QObject):
    """Runs all work that must not hold up the window and brings each result back to it.

    A result for a widget that is gone meanwhile is dropped; a later read under the same key replaces an earlier one.

    Signals:
        changed(ChangeSet): a write or a sync is in the notebook.
        saved(): the last pending write is safely on the disk.
        pending_changed(int): how many writes are on their way.
        job_started(Job), job_progressed(Job, int, int, str), job_finished(Job): work worth showing.
        failed(Exception): nobody took this error: the notifier says it.
    """

    changed = Signal(object)
    saved = Signal()
    pending_changed = Signal(int)
    job_started = Signal(object)
    job_progressed = Signal(object, int, int, str)
    job_finished = Signal(object)
    failed = Signal(object)
    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.account: Account | None = None
        self.unsaved = Unsaved(self)
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="beside")
        self._slow = ThreadPoolExecutor(2, thread_name_prefix="slow")
        self._turn = ThreadPoolExecutor(1, thread_name_prefix="turn")
        self._closed = False
        self._pending_writes = 0
        self._open = 0
        self._turns: dict[str, int] = {}
        self._jobs: set[Job] = set()
        self._writes: set[Future[Any]] = set()
        self._heard: Account | None = None
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return self._open == 0

    @property
    def pending_writes(self) -> int:
        """How many writes are not yet on the disk."""
        return self._pending_writes

    def write(
        self, function: Callable[..., Any], *args: Any, purpose: str, editing: str = "", slot: str = "", progress: str = "",
        owner: QObject | None = None, done: Callable[[Any], object] | None = None,
        failed: Callable[[Exception], None] | None = None, **named: Any,
    ) -> Future[Any]:
        """Run ``function(unit, *args, **named)`` in one transaction on the writer's thread.

        ``editing`` names the editing session of a text whose unsent edits may coalesce. ``slot`` names the field that is
        entered (that of ``editing`` where it is not given): where the write fails, ``unsaved`` holds it and writes it again.
        ``progress`` is what the window shows of a large write that takes more than a second; no field of a record has that name.
        ``done`` gets what the function returned, after ``changed`` was told. Returns the writer's future.
        """
        account = self._account()
        slot = slot or editing

        def again() -> None:
            self.write(function, *args, purpose=purpose, editing=editing, slot=slot, progress=progress, owner=owner, done=done,
                       failed=failed, **named)

        if slot:
            self.unsaved.go_before(slot)
        begun = self.unsaved.begin(account.folder, slot, again, named) if slot else None
        self._pending_writes += 1
        self.pending_changed.emit(self._pending_writes)
        future: Future[Any] = account.writer.write(lambda unit: function(unit, *args, **named), purpose=purpose, editing=editing)
        self._writes.add(future)
        job = self._show_later(Job(progress, cancellable=False)) if progress else None

        def deliver(written: Any, error: BaseException | None) -> None:
            self._writes.discard(future)
            if job is not None:
                self._end(job)
            self._pending_writes -= 1
            self.pending_changed.emit(self._pending_writes)
            held = begun is not None and self.unsaved.end(*begun, error)
            if error is None:
                if self._heard is not account:
                    self.changed.emit(written.changes)
                if self._pending_writes == 0:
                    self.saved.emit()
            if error is None or not held:
                self._settle(owner, getattr(written, "result", None), error, done, failed)

        self._follow(future, deliver)
        return future

    def write_later(self, function: Callable[..., Any], *args: Any, purpose: str, **named: Any) -> None:
        """Start a write from a worker's thread; its outcome reaches the window like any other's."""
        self._arrived.emit(lambda: self.write(function, *args, purpose=purpose, **named))

    def listen(self, account: Account) -> None:
        """Hear of every write of a notebook, also a sync's and those inside longer work, such as a signature."""
        def heard(changes: Any) -> None:
            if changes and isValid(self):
                self._arrived.emit(lambda: self.changed.emit(changes))

        if self._heard is not account:
            self._heard = account
            account.on_changes(heard)

    def under_way(self, future: Future[Any] | None) -> bool:
        """Tell whether a write's outcome has not reached the window yet: what is read meanwhile may be older than it."""
        return future in self._writes

    def read(
        self, query: Callable[..., T], *args: Any, done: Callable[[T], None], key: str = "",
        owner: QObject | None = None, failed: Callable[[Exception], None] | None = None, **named: Any,
    ) -> None:
        """Run ``query(session, *args, **named)`` on a read-only session and hand its rows to ``done``.

        Nothing is read for a screen that is going away because the notebook was locked.
        """
        account = self.account
        if account is None:
            return

        def work() -> T:
            with account.notebook.reading() as session:
                return query(session, *args, **named)

        self.call(work, done=done, key=key, owner=owner, failed=failed)

    def call(
        self, work: Callable[[], T], *, done: Callable[[T], None] | None = None, key: str = "",
        owner: QObject | None = None, failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Run ``work()`` in the pool; with a ``key`` only the newest result of that key arrives."""
        turn = self._turns[key] = self._turns.get(key, 0) + 1

        def deliver(result: T, error: BaseException | None) -> None:
            if isinstance(error, CancelledError):  # it was never begun: the window closed before
                return
            if not key or self._turns[key] == turn:
                self._settle(owner, result, error, done, failed)

        self._follow(self._pool.submit(work), deliver)

    def in_turn(self, work: Callable[[], T], *, done: Callable[[T], None], owner: QObject | None = None) -> None:
        """Run small pieces of ``work()`` one after another on one thread, for what bears only one; nothing waits for them.

        Once the threads are stopped nothing is begun any more.
        """
        if self._closed:
            return

        def deliver(result: T, error: BaseException | None) -> None:
            if not isinstance(error, CancelledError):
                self._settle(owner, result, error, done, None)

        self._follow(self._turn.submit(work), deliver, awaited=False)

    def run(
        self, work: Callable[[Job], T], *, title: str, done: Callable[[T], object] | None = None,
        failed: Callable[[Exception], None] | None = None, owner: QObject | None = None, cancellable: bool = True,
        cancelled: Callable[[], None] | None = None, awaited: bool = True,
    ) -> Job:
        """Run slow ``work(job)``; after a second the window shows its title, progress and a way to cancel it.

        What is not ``awaited`` holds up neither saving nor closing: a sync may last as long as the line is bad.
        """
        job = Job(title, cancellable=cancellable)
        job._report = lambda *said: self._arrived.emit(lambda: self.job_progressed.emit(*said))
        self._show_later(job)

        def deliver(result: T, error: BaseException | None) -> None:
            self._end(job)
            if isinstance(error, (Cancelled, CancelledError)):
                if cancelled is not None and (owner is None or isValid(owner)):
                    cancelled()
                return
            self._settle(owner, result, error, done, failed)

        self._follow(self._slow.submit(work, job), deliver, awaited=awaited)
        return job

    def _show_later(self, job: Job) -> Job:
        self._jobs.add(job)
        QTimer.singleShot(SHOWN_AFTER_MS, self, lambda: self.job_started.emit(job) if job in self._jobs else None)
        return job

    def _end(self, job: Job) -> None:
        self._jobs.discard(job)
        self.job_finished.emit(job)

    def cancel_all(self) -> None:
        """Ask every running job to stop."""
        for job in tuple(self._jobs):
            job.cancel()

    def settle(self, timeout_ms: int = 10_000) -> bool:
        """Process events until nothing is under way (closing, locking, tests); False when time ran out."""
        if self.idle:
            return True
        loop = QEventLoop()
        watch = QTimer(interval=5)
        watch.timeout.connect(lambda: loop.quit() if self.idle else None)
        limit = QTimer(singleShot=True, interval=timeout_ms)
        limit.timeout.connect(loop.quit)
        watch.start()
        limit.start()
        loop.exec()
        watch.stop()
        QCoreApplication.sendPostedEvents()
        return self.idle

    def close(self) -> None:
        """Stop the threads after what they have begun."""
        self._closed = True
        self.cancel_all()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._slow.shutdown(wait=True, cancel_futures=True)
        self._turn.shutdown(wait=True, cancel_futures=True)

    def _account(self) -> Account:
        if self.account is None:
            raise AppError(t("The notebook is locked."), hint=t("Unlock it with your PIN and try again."))
        return self.account

    def _follow(self, future: Future[Any], deliver: Callable[[Any, BaseException | None], None], *, awaited: bool = True) -> None:
        self._open += awaited

        def finished(ended: Future[Any]) -> None:
            error: BaseException | None
            try:
                error = ended.exception()
            except BaseException as stopped:  # a cancelled future raises instead of returning
                error = stopped
            result = None if error is not None else ended.result()

            def arrive() -> None:
                self._open -= awaited
                deliver(result, error)

            if isValid(self):
                self._arrived.emit(arrive)

        future.add_done_callback(finished)

    def _on_arrived(self, arrive: Callable[[], None]) -> None:
        arrive()

    def _settle(
        self, owner: QObject | None, result: Any, error: BaseException | None,
        done: Callable[[Any], object] | None, failed: Callable[[Exception], None] | None,
    ) -> None:
        if owner is not None and not isValid(owner):
            return
        if error is None:
            if done is not None:
                done(result)
        elif isinstance(error, Exception):
            if failed is not None:
                failed(error)
            else:
                self.failed.emit(error)
