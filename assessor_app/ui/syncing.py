"""The sync of an open notebook: started by itself or by the person, watched, paused, stopped, and its questions asked."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assessor_app.errors import LineError
from assessor_app.i18n import nt, t
from assessor_app.models.changes import ChangeSet
from assessor_app.models.kinds import Kind
from assessor_app.ui.autosync import AutoSync, Rhythm
from assessor_app.ui.context import AppContext

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from assessor_app.sync.outcome import Progress, Shrinkage, SyncOutcome
    from assessor_app.ui.tasks import Job

_MEGA = 1_000_000
#: How long locking and closing wait for a sync that was stopped to let go of the notebook, in seconds.
_GRACE_S = 3.0


class SyncControl(QObject):
    """One sync at a time, whoever asks for it.

    Signals:
        begun(): a sync is on its way.
        progressed(Progress): how far it is.
        ended(object): the SyncOutcome of a sync, or the error that kept it from beginning.
        paused_changed(bool): whether syncs begin by themselves.
        differences_requested(): the person wants to settle what two people changed.
    """

    begun = Signal()
    progressed = Signal(object)
    ended = Signal(object)
    paused_changed = Signal(bool)
    differences_requested = Signal()

    def __init__(self, context: AppContext, parent: QObject, rhythm: Rhythm | None = None, *, tick_ms: int = 2000) -> None:
        super().__init__(parent)
        self.context = context
        self.rhythm = rhythm or Rhythm()
        self.rhythm.held = not context.settings.sync_auto
        self.came: Counter[Kind] = Counter()  # records that the last sync brought or changed here
        self.fault: Exception | None = None
        self.began = 0.0  # when the sync began, on the clock that never goes back
        self._seen: set[tuple[Kind, str]] = set()
        self._job: Job | None = None
        self._over = Event()
        self._over.set()
        self._tick_ms = tick_ms
        self._auto: AutoSync | None = None
        context.tasks.changed.connect(self._on_changed)
        context.sync_switched.connect(self._on_switched)

    @property
    def running(self) -> bool:
        """Whether a sync is on its way."""
        return self._job is not None

    @property
    def paused(self) -> bool:
        """Whether syncs do not begin by themselves."""
        return self.rhythm.held

    def start(self) -> None:
        """Begin to synchronise by itself; there is a server."""
        from assessor_app.workflow.syncing import server_place

        if self._auto is not None:
            return
        account = self.context.account

        def place() -> tuple[str, int] | None:
            with account.reading() as session:
                return server_place(session)

        self._auto = AutoSync(self.rhythm, place, account.writer.typing, self, tick_ms=self._tick_ms)
        self._auto.sync_due.connect(lambda: self.sync(quiet=True))
        self._auto.start()

    def _on_switched(self, on: bool) -> None:
        self.set_paused(not on)

    def set_paused(self, paused: bool) -> None:
        """Let no sync begin by itself, or let them again; one that runs is stopped."""
        if paused:
            self.stop()
        self.rhythm.held = paused
        self.paused_changed.emit(paused)

    def stop(self) -> None:
        """Stop the sync that runs, at once: it goes on later where it stopped."""
        if self._job is not None:
            self._job.cancel()

    def leave(self) -> None:
        """Stop, and wait a little until the notebook is free."""
        self.stop()
        self._over.wait(_GRACE_S)

    def sync(self, *, quiet: bool = False, accepted: frozenset[str] = frozenset(), then: Callable[[], None] | None = None) -> None:
        """Send and fetch; ``quiet`` opens no box and says nothing where there is no line."""
        if self.running or not self.context.unlocked:
            return
        self.context.flush_requested.emit()
        account, settings = self.context.account, self.context.settings
        self.came.clear()
        self._seen.clear()
        self.rhythm.sync_begun()
        self.began = time.monotonic()
        self._over.clear()

        def work(job: Job) -> SyncOutcome:
            from assessor_app.sync.outcome import Wishes
            from assessor_app.workflow.syncing import synchronise

            try:
                wishes = Wishes(settings.sync_photos, settings.sync_budget_mb * _MEGA, accepted)
                return synchronise(account, wishes=wishes, cancelled=lambda: job.cancelled, opened=lambda cut: self._on_opened(job, cut),
                                   watch=lambda progress: self._on_progress(job, progress))
            finally:
                self._over.set()

        def failed(error: Exception) -> None:
            self._end(error, "failed", 0)
            if not quiet:
                self.context.notify.error(error)

        def done(outcome: SyncOutcome) -> None:
            fault = outcome.fault
            code = fault.code if isinstance(fault, LineError) else "failed" if fault is not None else ""
            self._end(outcome, code, fault.retry_after if isinstance(fault, LineError) else 0)
            self._tell(outcome, quiet=quiet)
            if then is not None:
                then()

        self._job = self.context.tasks.run(work, title=t("Synchronising…"), done=done, failed=failed, owner=self, awaited=False,
                                           cancelled=lambda: self._end(None, "cancelled", 0))
        self.begun.emit()

    @staticmethod
    def _on_opened(job: Job, cut: Callable[[], None]) -> None:
        job.on_cancel = cut

    def _on_progress(self, job: Job, progress: Progress) -> None:
        """Pass on what the sync says of itself (on its thread)."""
        if not job.cancelled:
            job.report(progress.done, progress.total)
            self.progressed.emit(progress)

    def _end(self, outcome: object, code: str, retry_after: int) -> None:
        self._job = None
        self.rhythm.ended(time.monotonic(), code, retry_after)
        fault = getattr(outcome, "fault", None)
        self.fault = outcome if isinstance(outcome, Exception) else fault
        self.ended.emit(outcome)

    def _on_changed(self, changes: ChangeSet) -> None:
        if changes.origin != "sync":
            self.rhythm.edited(time.monotonic())
            return
        for kind, ids in changes.kinds.items():
            fresh = {(kind, one) for one in ids} - self._seen
            self._seen |= fresh
            self.came[kind] += len(fresh)

    # -- afterwards

    def _tell(self, outcome: SyncOutcome, *, quiet: bool) -> None:
        """Say what a sync did: what arrived, what stays here and why, what a person must settle."""
        notify, fault = self.context.notify, outcome.fault
        if isinstance(fault, LineError) and fault.code == "cancelled":
            return
        if fault is not None:
            if not quiet:
                notify.warn(fault.title, " ".join(p for p in (fault.message, fault.hint, fault.kept) if p))
            return
        text = ", ".join(numbers_in_words(outcome)) + "."
        if outcome.shrinkages:
            if quiet:
                notify.warn(t("Much was deleted at the centre; it was not taken in."),
                            t("Nothing is lost here. Look at it before you take it."), action=t("Look…"),
                            act=lambda: self._ask(outcome.shrinkages))
            else:
                self._ask(outcome.shrinkages)
        elif outcome.refused:
            notify.warn(t("Synchronised, but not everything was taken."), " ".join((
                text, nt("{n} change was refused.", "{n} changes were refused.", outcome.refused),
                t("It is kept on this device; ask the secretariat."))))
        elif outcome.mismatched:
            notify.warn(t("Synchronised, but not everything reads the same here and at the centre."), " ".join((
                text, t("Nothing is lost. The next sync compares again; where it stays so, ask the secretariat."))))
        elif outcome.open_differences and (not quiet or outcome.different):
            notify.info(nt("{n} difference waits for you.", "{n} differences wait for you.", outcome.open_differences), text,
                        action=t("Settle…"), act=self.differences_requested.emit)
        elif not quiet and outcome.photos_missing:
            notify.warn(t("Synchronised, but not all photos and documents passed."), " ".join((
                text, t("The next sync tries them again."))))
        elif not quiet:
            notify.good(t("Synchronised."), text)

    def _ask(self, shrinkages: list[Shrinkage]) -> None:
        """Ask of each scope that suddenly lost much whether its loss is taken; then synchronise with the answers."""
        def named(session: Session) -> list[tuple[Shrinkage, str]]:
            from assessor_app.workflow.queries.outbox import place_of

            return [(one, place_of(session, one.scope)) for one in shrinkages]

        def ask(rows: list[tuple[Shrinkage, str]]) -> None:
            accepted = frozenset(one.scope for one, place in rows if self.context.notify.ask(
                t("Take the deletion of {0} of {1} records?").format(one.lost, one.records),
                " ".join((t("{0}: so many were deleted or emptied at the centre since the last sync.").format(place),
                          t("Ask the colleague or the secretariat first where you did not expect it."),
                          t("Until you agree all of them stay here."))),
                yes=t("Take the deletion"), no=t("Keep them here"), danger=True))
            if accepted:
                self.sync(accepted=accepted)

        self.context.tasks.read(named, done=ask, owner=self)


def numbers_in_words(outcome: SyncOutcome) -> list[str]:
    """Return what a sync did, part by part."""
    parts = [nt("{n} change sent", "{n} changes sent", outcome.sent), nt("{n} record received", "{n} records received", outcome.received)]
    if outcome.photos_sent or outcome.photos_received:
        parts.append(t("photos and documents: {0} sent, {1} received").format(outcome.photos_sent, outcome.photos_received))
    if outcome.photos_waiting:
        parts.append(nt("{n} photo waits, as you wished", "{n} photos wait, as you wished", outcome.photos_waiting))
    if outcome.photos_missing:
        parts.append(nt("{n} photo did not pass", "{n} photos did not pass", outcome.photos_missing))
    if outcome.held:
        parts.append(nt("{n} waits for what others have not sent yet", "{n} wait for what others have not sent yet", outcome.held))
    if outcome.kept_back:
        parts.append(nt("{n} waits for a consent and stays here", "{n} wait for a consent and stay here", outcome.kept_back))
    return parts
