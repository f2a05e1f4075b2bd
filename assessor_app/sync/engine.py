"""One sync, a phase a function: offer, take in, check, then the blobs. Returns what happened, in numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from sqlalchemy import func, select

from assessor_app.errors import AppError, LineError
from assessor_app.models.blobs import BlobStore
from assessor_app.models.documents import Difference
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import Kind
from assessor_app.models.tables import Intent, Scope, Setting, Transfer
from assessor_app.models.writer import Writer
from assessor_app.sync import apply, blobs, collect, protocol
from assessor_app.sync.merge import Outcome
from assessor_app.sync.transport import Transport

T = TypeVar("T")
#: How often a scope whose digest differs is read anew before that is reported.
_REPAIRS = 1
_ROUNDS = 400


@dataclass(slots=True)
class SyncOutcome:
    """What a sync did, in numbers: intents unless said otherwise. ``complete`` only when nothing is missing."""

    complete: bool = False
    sent: int = 0
    merged: int = 0
    different: int = 0
    held: int = 0
    refused: int = 0
    kept_back: int = 0  # wait for a consent
    received: int = 0  # records
    photos_sent: int = 0
    photos_received: int = 0
    photos_missing: int = 0
    open_differences: int = 0
    mismatched: list[str] = field(default_factory=list)  # scopes whose digest differs even after reading them anew
    bytes_up: int = 0
    bytes_down: int = 0
    server_time: int = 0
    rolled_back: bool = False  # the notebook was set back: it must go on as a new device
    fault: AppError | None = None


@dataclass(slots=True)
class Progress:
    """What is going on, for whoever watches: a phase and how far it is."""

    phase: str
    done: int = 0
    total: int = 0


@dataclass(slots=True)
class Engine:
    """Everything that one sync needs."""

    writer: Writer
    store: BlobStore
    transport: Transport
    watch: Callable[[Progress], None] = lambda progress: None
    cancelled: Callable[[], bool] = lambda: False
    outcome: SyncOutcome = field(default_factory=SyncOutcome)
    _whole: set[tuple[str, int]] = field(default_factory=set)
    _repaired: dict[str, int] = field(default_factory=dict)
    _anew: dict[str, set[str]] = field(default_factory=dict)  # scope read from its beginning → differences met on the way

    def run(self) -> SyncOutcome:
        """Synchronise until nothing is left to do, the line breaks or somebody cancels; never raises a LineError."""
        try:
            self._records()
            self._blobs()
            self.outcome.complete = not self.outcome.mismatched and not self.outcome.photos_missing and not self.outcome.held
        except AppError as fault:
            self.outcome.fault = fault
        self.outcome.bytes_up, self.outcome.bytes_down = self.transport.sent, self.transport.received
        with self.writer.notebook.reading() as session:
            self.outcome.kept_back = collect.waiting(session)[1]
            self.outcome.open_differences = session.scalar(
                select(func.count()).select_from(Difference).where(Difference.state == "open", Difference.deleted.is_(False))) or 0
        return self.outcome

    def _records(self) -> None:
        """Offer and take in until both sides have everything of each other."""
        held_before = -1
        for _ in range(_ROUNDS):
            self._check()
            intents, more = self._write(lambda unit: collect.freeze(unit, self._whole), "sync.freeze")
            request = self._request(intents)
            reply = self.transport.sync(protocol.pack_request(request))
            self._take(reply, intents)
            self._forget(request, reply)
            self.watch(Progress("records", self.outcome.sent, self.outcome.sent + (1 if more else 0)))
            again = more or any(mark.more for mark in reply.marks) or self._mismatch(reply)
            again = again or any(v.outcome in {Outcome.WHOLE, Outcome.CONFLICT} for v in reply.verdicts)
            held = sum(v.outcome is Outcome.HELD for v in reply.verdicts)
            self.outcome.held = held
            if held and held != held_before:
                again, held_before = True, held
            if not again:
                return
        raise LineError("endless", "sync did not come to an end")

    def _request(self, intents: list[protocol.WireIntent]) -> protocol.Request:
        with self.writer.notebook.reading() as session:
            epoch = session.scalar(select(Setting.value).where(Setting.name == "epoch")) or ""
            cursors = {scope.name: scope.cursor for scope in session.scalars(select(Scope))}
        return protocol.Request(self.writer.device, str(epoch), cursors, intents)

    def _take(self, reply: protocol.Reply, intents: list[protocol.WireIntent]) -> None:
        """Take the reply in: verdicts first, then news, marks and epoch, each write short, cursors with the last."""
        self._count(reply)
        self._whole |= {(v.device, v.counter) for v in reply.verdicts if v.outcome is Outcome.WHOLE}
        answered = {(v.device, v.counter) for v in reply.verdicts}
        if {(i.device, i.counter) for i in intents} - answered:
            raise LineError("cut", "a verdict is missing")
        if reply.verdicts:
            self._write(lambda unit: apply.verdicts(unit, reply.verdicts), "sync.verdicts")
        for start in range(0, len(reply.news), 100):
            part = reply.news[start:start + 100]
            self._write(lambda unit, part=part: apply.news(unit, part), "sync.news")  # type: ignore[misc]
            self.watch(Progress("news", start + len(part), len(reply.news)))
            self._check()
        gone = self._write(lambda unit: apply.erasures(unit, reply.erased), "sync.erased") if reply.erased else []
        for digest in gone:
            self.store.drop(digest)
        self._write(lambda unit: self._mark(unit, reply), "sync.marks")
        self.outcome.rolled_back = reply.known.get(self.writer.device, 0) > self._last_counter()

    def _forget(self, request: protocol.Request, reply: protocol.Reply) -> None:
        """Once a scope was read from its beginning to its end, forget the differences that the server did not name."""
        for mark in reply.marks:
            if reply.epoch != request.epoch or not request.cursors.get(mark.scope):
                self._anew[mark.scope] = set()
            if mark.scope not in self._anew:
                continue
            self._anew[mark.scope] |= {s.id for s in reply.news if s.scope == mark.scope and s.kind == Kind.DIFFERENCE}
            if not mark.more:
                there = self._anew.pop(mark.scope)
                self._write(lambda unit, scope=mark.scope, there=there: apply.drop_stale(unit, scope, there), "sync.stale")  # type: ignore[misc]

    def _mark(self, unit: Unit, reply: protocol.Reply) -> None:
        epoch = unit.session.get(Setting, "epoch")
        if epoch is not None and epoch.value != reply.epoch:
            apply.marks(unit, [replace(mark, cursor=0) for mark in reply.marks])
            apply.offer_again(unit.session)
            self._repaired.clear()
        else:
            apply.marks(unit, reply.marks)
        unit.session.merge(Setting(name="epoch", value=reply.epoch))
        unit.session.merge(Setting(name="token", value=self.transport.token))
        unit.session.merge(Setting(name="clock_skew_ms", value=reply.time - unit.now_ms))
        unit.session.merge(Setting(name="synced_at", value=unit.now_ms))
        self.outcome.server_time = reply.time

    def _mismatch(self, reply: protocol.Reply) -> bool:
        """Compare digests; a scope that differs is read anew once, then reported."""
        differing = []
        with self.writer.notebook.reading() as session:
            pending = session.scalar(select(Setting.value).where(Setting.name == "epoch")) != reply.epoch
            for mark in reply.marks:
                if mark.digest and not pending and apply.local_digest(session, mark.scope) != mark.digest:
                    differing.append(mark.scope)
        again = [scope for scope in differing if self._repaired.get(scope, 0) < _REPAIRS]
        for scope in again:
            self._repaired[scope] = self._repaired.get(scope, 0) + 1
            self._write(lambda unit, scope=scope: apply.rewind(unit.session, scope), "sync.repair")  # type: ignore[misc]
        self.outcome.mismatched = [] if again else differing
        return bool(again)

    def _blobs(self) -> None:
        """Send what the server lacks, then fetch what this device lacks; one that fails does not stop the others."""
        with self.writer.notebook.reading() as session:
            items = blobs.named(session)
            done = set(session.scalars(select(Transfer.sha256).where(Transfer.done)))
            here = {item.sha256 for item in items if blobs.has(session, self.store, item)}
        up = [item for item in items if item.sha256 in here and item.sha256 not in done]
        down = [item for item in items if item.sha256 not in here]
        for number, item in enumerate(up):
            self.watch(Progress("photos_up", number, len(up)))
            self._check()
            with self.writer.notebook.reading() as session:
                data = blobs.bytes_of(session, self.store, item)
            if data is None:
                self.outcome.photos_missing += 1
                continue
            self._one(lambda item=item, data=data: blobs.send(self.transport, self.writer, item, data, "", self._check), "photos_sent")  # type: ignore[misc]
        for number, item in enumerate(down):
            self.watch(Progress("photos_down", number, len(down)))
            self._check()
            self._one(lambda item=item: blobs.fetch(self.transport, self.writer, self.store, item, self._check), "photos_received")  # type: ignore[misc]

    def _one(self, work: Callable[[], bool | None], counter: str) -> None:
        try:
            good = work() is not False
        except LineError as e:
            if e.code in {"offline", "timeout", "portal", "server", "untrusted", "cancelled", "revoked", "account"}:
                raise
            good = False
        if good:
            setattr(self.outcome, counter, getattr(self.outcome, counter) + 1)
        else:
            self.outcome.photos_missing += 1

    def _count(self, reply: protocol.Reply) -> None:
        for verdict in reply.verdicts:
            match verdict.outcome:
                case Outcome.APPLIED | Outcome.MERGED | Outcome.DIFFERENT:
                    self.outcome.sent += 1
                case Outcome.REFUSED:
                    self.outcome.refused += 1
            self.outcome.merged += verdict.outcome is Outcome.MERGED
            self.outcome.different += verdict.outcome is Outcome.DIFFERENT
        self.outcome.received += len(reply.news)

    def _last_counter(self) -> int:
        with self.writer.notebook.reading() as session:
            return session.scalar(select(func.max(Intent.counter)).where(Intent.device == self.writer.device)) or 0

    def _write(self, work: Callable[[Unit], T], purpose: str) -> T:
        return self.writer.run(work, purpose=purpose, origin="sync")

    def _check(self) -> None:
        if self.cancelled():
            raise LineError("cancelled", "cancelled")
