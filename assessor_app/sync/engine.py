"""One sync, a phase a function: offer, take in, check, then the blobs. Returns what happened, in numbers."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from queue import Queue
from threading import Event
from typing import Any, TypeVar

import orjson
from sqlalchemy import func, select

from assessor_app.errors import AppError, LineError
from assessor_app.models.blobs import BlobStore
from assessor_app.models.documents import Difference
from assessor_app.models.journal import Unit
from assessor_app.models.tables import Intent, Setting
from assessor_app.models.writer import Writer
from assessor_app.sync import anew, apply, collect, doubts, local_digests, protocol, relay
from assessor_app.sync.envelope import digest_of
from assessor_app.sync.files import Files
from assessor_app.sync.merge import Outcome
from assessor_app.sync.outcome import Progress, SyncOutcome, Wishes
from assessor_app.sync.paging import Page, fetch_on
from assessor_app.sync.pull import Pull, bases_of, cursors_of
from assessor_app.sync.transport import Transport

T = TypeVar("T")
#: How often a scope whose digest differs is read anew before that is reported.
_REPAIRS = 1
_ROUNDS = 4000
#: What one request carries at about the most, in bytes before compression: the first one while the line is not known.
_FIRST, _ROOM = 300_000, 2_000_000
#: From how many bytes a second on a line is quick, so that work costs more time than bytes.
_QUICK = 1_000_000
#: A batch takes at most about this long on its way, in seconds.
_WAY_S = 20
#: How long this thread keeps the interpreter from the person's typing, in seconds.
_YIELD_S = 0.0005
#: How many pages are fetched before they can be taken in.
_AHEAD = 2
#: Of how many new objects garbage is looked for: a page of records is tens of thousands, and none of them a ring.
_GARBAGE = 100_000
_AGAIN = {Outcome.WHOLE, Outcome.CONFLICT}


@dataclass(slots=True)
class Engine:
    """Everything that one sync needs."""

    writer: Writer
    store: BlobStore
    transport: Transport
    watch: Callable[[Progress], None] = lambda progress: None
    cancelled: Callable[[], bool] = lambda: False
    wishes: Wishes = field(default_factory=Wishes)
    outcome: SyncOutcome = field(default_factory=SyncOutcome)
    _whole: set[tuple[str, int]] = field(default_factory=set)
    _repaired: dict[str, int] = field(default_factory=dict)
    _epoch: str = ""
    _mark: str = ""  # the name of where the last reply left this device
    _rate: int = 0  # bytes a second
    _own: list[tuple[str, int, int]] = field(default_factory=list)  # runs of intents sent in earlier requests of this sync
    _waiting: protocol.Waiting = field(default_factory=protocol.Waiting)  # what may not leave yet, as met while gathering
    _hearing: Future[Any] | None = None
    _foreseen: Future[dict[str, str]] | None = None
    _offered: set[str] = field(default_factory=set)  # envelopes that the server saw in this sync
    _set_back: str = ""  # the epoch in which this notebook, or the server, was found to be older than the other, or to differ
    _pull: Pull = field(init=False)

    def run(self) -> SyncOutcome:
        """Synchronise until nothing is left to do, the line breaks or somebody cancels; never raises a LineError."""
        self._pull = Pull(self.writer, self.store, self.outcome, self.wishes, self._check,
                          lambda done, total: self._tell("news", done, total))
        self.transport.check = self._check
        patience = sys.getswitchinterval()
        sys.setswitchinterval(_YIELD_S)
        garbage = gc.get_threshold()
        gc.freeze()  # what stands here already is not searched for garbage again and again while pages come in
        gc.set_threshold(_GARBAGE, *garbage[1:])
        try:
            self._begin()
            try:
                with ThreadPoolExecutor(1, "sync") as ahead:
                    self._records(ahead)
            finally:
                self._heard()
            Files(self.writer, self.store, self.transport, self.outcome, self.wishes, self._check, self._tell).move()
            missing = self.outcome.photos_missing or self.outcome.photos_waiting or self.outcome.held
            self.outcome.complete = not (self.outcome.mismatched or self.outcome.shrinkages or missing)
        except AppError as fault:
            self.outcome.fault = fault
        finally:
            sys.setswitchinterval(patience)
            gc.set_threshold(*garbage)
            gc.unfreeze()
            self._pull.staging.close()
        self.outcome.bytes_up, self.outcome.bytes_down = self.transport.sent, self.transport.received
        with self.writer.notebook.reading() as session:
            self.outcome.kept_back = collect.waiting(session).held
            self.outcome.open_differences = session.scalar(
                select(func.count()).select_from(Difference).where(Difference.state == "open", Difference.deleted.is_(False))) or 0
        return self.outcome

    def _begin(self) -> None:
        with self.writer.notebook.reading() as session:
            rows = session.scalars(select(Setting).where(Setting.name.in_(["epoch", "mark", "line_rate"])))
            known = {row.name: row.value for row in rows}
        self._epoch, self._mark, self._rate = str(known.get("epoch") or ""), str(known.get("mark") or ""), int(known.get("line_rate") or 0)

    def _records(self, ahead: ThreadPoolExecutor) -> None:
        """Offer and take in until both sides have everything of each other."""
        before = (0, 0)
        for _ in range(_ROUNDS):
            again = self._offer(ahead)
            if self._take_in(ahead):
                again = True
            now = self.outcome.held, self.outcome.sent
            if self.outcome.held and now != before:  # what they build on may have come with this round, after them
                again, before = True, now
            if not again:
                return
        raise LineError("endless", "sync did not come to an end")

    # Out

    def _offer(self, ahead: ThreadPoolExecutor) -> bool:
        """Send everything that may leave, batch by batch, the next one being gathered while the last is on its way.

        The last batch's reply also brings the first news. Return whether something must be sent again.
        """
        again = False
        self.outcome.held = 0
        self._waiting = protocol.Waiting()
        touched: set[str] = set()
        plain = True  # everything that is sent only makes records
        coming: Future[collect.Batch] = ahead.submit(self._gather, collect.START)
        while True:
            self._check()
            batch = coming.result()
            since = min(filter(None, (self._waiting.since, batch.since)), default=0)
            self._waiting = protocol.Waiting(self._waiting.count + batch.held, since)
            if batch.more:
                coming = ahead.submit(self._gather, batch.position)
            request = self._request(more=batch.more)
            touched.update(batch.lines.scopes)
            plain = plain and len(batch.plain) == len(batch.ids)
            if touched and plain and not batch.more:
                self._foreseen = ahead.submit(self._foresee, sorted(touched))
            reply = self._exchange(request, batch.lines, batch.packed)
            self._heard()
            if request.envelopes:
                self._offered |= {digest_of(one) for one in request.envelopes}
                self._write(lambda unit, names=reply.taken: relay.arrived(unit, names), "sync.carried")  # type: ignore[misc]
                if reply.unread:
                    self._write(lambda unit, names=reply.unread: relay.put_off(unit, names), "sync.carried")  # type: ignore[misc]
                again = True
            if reply.lost:
                self._mark = ""
            again = self._again(request, reply, batch) or again
            self._hear(reply, batch)
            if not batch.more:
                self._heard()
                self._resolve(reply)
                self._news = (request, reply)
                return again or reply.lost

    def _gather(self, after: collect.Position) -> collect.Batch:
        room = min(_ROOM, max(_FIRST, self._rate * _WAY_S * 4)) if self._rate else _FIRST
        batch = self._write(lambda unit: collect.freeze(unit, self._whole, after, room, slow=self._rate < _QUICK), "sync.freeze")
        if batch.more and self._rate:  # its request says nothing but this: it is packed while another is on its way
            batch.packed = batch.lines.pack(self._request(more=True))
        return batch

    def _resolve(self, reply: protocol.Reply) -> None:
        """Hear of pending intents that the server holds all the same, before news are laid under what is pending here."""
        self._take_stored(reply)
        known = reply.known.get(self.writer.device, 0)
        older = (known > 0 and known > self._last_counter()) or (bool(self._epoch) and reply.epoch != self._epoch)
        if older and self._set_back != reply.epoch:
            self._set_back = reply.epoch
            asked = self._doubts()
            if asked:
                request = protocol.Request(self.writer.device, reply.epoch, rate=self._rate, more=True, asked=asked)
                self._take_stored(self._exchange(request, protocol.RequestLines()))

    def _doubts(self) -> list[doubts.Run]:
        with self.writer.notebook.reading() as session:
            return doubts.doubtful(session, set_back=bool(self._set_back))

    def _take_stored(self, reply: protocol.Reply) -> None:
        if reply.stored:
            self._write(lambda unit: doubts.resolve(unit, reply.stored), "sync.verdicts")

    def _foresee(self, scopes: list[str]) -> dict[str, str]:
        """Return the digests that scopes have once all that was sent is applied; looked through while the server does so."""
        with self.writer.notebook.reading() as session:
            return local_digests.local_digests(session, scopes, sent=True)

    def _request(self, *, more: bool) -> protocol.Request:
        cursors = {} if self._mark or more else cursors_of(self.writer, self._epoch, self._pull.staging)
        if more:
            return protocol.Request(self.writer.device, self._epoch, rate=self._rate, more=True, mark=self._mark)
        bases = {} if self._mark else bases_of(self.writer, self._epoch, self._pull.staging)
        return protocol.Request(self.writer.device, self._epoch, cursors, mark=self._mark, rate=self._rate, waiting=self._waiting,
                                own=self._own, envelopes=self._carried(), bases=bases, asked=self._doubts())

    def _carried(self) -> list[bytes]:
        """Return what came on sticks for the server and is not there yet; what it could not take is offered once a sync."""
        with self.writer.notebook.reading() as session:
            return relay.outgoing(session, _ROOM, self._offered)

    def _sent(self, intents: list[tuple[str, int]]) -> None:
        for device, counter in intents:
            if self._own and self._own[-1][0] == device and self._own[-1][2] + 1 == counter:
                self._own[-1] = (device, self._own[-1][1], counter)
            else:
                self._own.append((device, counter, counter))

    def _exchange(self, request: protocol.Request, lines: protocol.RequestLines, packed: bytes = b"") -> protocol.Reply:
        reply = self.transport.sync(packed or lines.pack(request))
        self._rate = int(self.transport.rate) or self._rate
        return reply

    def _again(self, request: protocol.Request, reply: protocol.Reply, batch: collect.Batch) -> bool:
        """Count verdicts; return whether any asks for its intent again."""
        self._count(relay.arrived_of(reply.verdicts, batch.ids, request.envelopes, reply.taken) if request.envelopes else reply.verdicts)
        self._sent(batch.ids if batch.more else [])
        self._whole |= {(v.device, v.counter) for v in reply.verdicts if v.outcome is Outcome.WHOLE}
        if set(batch.ids) - {(v.device, v.counter) for v in reply.verdicts}:
            raise LineError("cut", "a verdict is missing")
        self._tell("records", self.outcome.sent, self.outcome.sent + (1 if batch.more else 0))
        return any(v.outcome in _AGAIN for v in reply.verdicts)

    def _hear(self, reply: protocol.Reply, batch: collect.Batch) -> None:
        """Take verdicts in, while the next batch is on its way."""
        if reply.verdicts:
            self._hearing = self.writer.write(lambda unit: apply.verdicts(unit, reply.verdicts, batch.plain), purpose="sync.verdicts",
                                              origin="sync")

    def _heard(self) -> None:
        """Wait until the last verdicts are durable."""
        hearing, self._hearing = self._hearing, None
        if hearing is not None:
            hearing.result()

    # In

    _news: tuple[protocol.Request, protocol.Reply] = field(init=False)

    def _take_in(self, ahead: ThreadPoolExecutor) -> bool:
        """Take news in, the next pages being fetched meanwhile; return whether something must be read anew."""
        again = False
        pages: Queue[Page | BaseException] = Queue(_AHEAD)
        first = (*self._news, self._asked(*self._news))
        page: Page | BaseException = first
        ended = Event()
        ahead.submit(fetch_on, self.transport, first, self._epoch, self._mark, self._rate, self._own, pages, ended)
        try:
            while isinstance(page, tuple):
                reply = page[1]
                more = any(mark.more for mark in reply.marks)
                last = not more or reply.epoch != (self._epoch or reply.epoch)
                again = self._swap(reply, page[2], last=last) or again
                if last:
                    break
                page = pages.get()
            else:
                self._pull.flush()  # what came before the line broke stays
                self._pull.settle()
                raise page
        finally:
            ended.set()
        if again:
            self._mark = ""
        return again or more

    def _asked(self, request: protocol.Request, reply: protocol.Reply) -> dict[str, int]:
        """Return from where each scope was asked."""
        if reply.epoch != request.epoch:
            return {}
        return request.cursors or cursors_of(self.writer, self._epoch, self._pull.staging)

    def _swap(self, reply: protocol.Reply, cursors: dict[str, int], *, last: bool) -> bool:
        """Bring one reply into the notebook: news, erasures, then how far that was; return whether to go on asking."""
        taken = self._pull.take(reply, cursors)
        self.outcome.received += len(reply.news)
        restored = bool(self._epoch) and self._epoch != reply.epoch

        told = replace(reply, news=[], verdicts=[], packed=b"")  # the note may wait for several pages: it must not hold them

        def note(unit: Unit) -> None:
            self._note(unit, told, taken, restored=restored, last=last)

        if last or restored:
            self._pull.flush()
            self._write(note, "sync.marks")
            self._pull.settle()
        else:
            self._pull.note(note)
        known = reply.known.get(self.writer.device, 0)
        self.outcome.rolled_back = self.outcome.rolled_back or (known > 0 and known > self._last_counter())
        if restored:
            self._mark, self._epoch = "", reply.epoch
            self._repaired.clear()
            self._pull.anew.clear()
            self._pull.staging.forget()
            return True
        self._epoch = reply.epoch
        if last and not self.outcome.shrinkages:
            self._mark = reply.mark or self._mark
        return self._mismatch(taken)

    def _note(self, unit: Unit, reply: protocol.Reply, taken: list[protocol.ScopeMark], *, restored: bool, last: bool) -> None:
        """Keep how far everything was read; after a restore of the server offer again what it may have lost."""
        if restored:
            apply.marks(unit, [replace(mark, cursor=0) for mark in taken])
            anew.offer_again(unit.session)
        else:
            apply.marks(unit, taken, reply.gone)
        place = "" if restored or not last or self.outcome.shrinkages else reply.mark or self._mark
        connection = unit.session.connection()
        for name, value in (("epoch", reply.epoch), ("mark", place), ("token", self.transport.token), ("line_rate", self._rate),
                            ("clock_skew_ms", reply.time - unit.now_ms), ("synced_at", unit.now_ms)):
            connection.exec_driver_sql("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (name, orjson.dumps(value).decode()))
        self.outcome.server_time, self.outcome.revoked = reply.time, reply.revoked

    def _mismatch(self, taken: list[protocol.ScopeMark]) -> bool:
        """Compare digests; a scope that differs is read anew once, then reported."""
        foreseen, self._foreseen = self._foreseen.result() if self._foreseen else {}, None
        unsure = [mark for mark in taken if mark.scope not in self._pull.verified and foreseen.get(mark.scope) != mark.digest]
        if not unsure:
            return False
        self._pull.flush()
        with self.writer.notebook.reading() as session:
            here = local_digests.local_digests(session, [mark.scope for mark in unsure])
        differing = [mark.scope for mark in unsure if here[mark.scope] != mark.digest]
        again = [scope for scope in differing if self._repaired.get(scope, 0) < _REPAIRS]
        for scope in again:
            self._repaired[scope] = self._repaired.get(scope, 0) + 1
            self._write(lambda unit, scope=scope: anew.rewind(unit.session, scope), "sync.repair")  # type: ignore[misc]
        reported = set(self.outcome.mismatched) - {mark.scope for mark in taken}
        self.outcome.mismatched = sorted(reported | (set(differing) - set(again)))
        if again:
            self._mark, self._set_back = "", self._epoch  # what is pending here may be there all the same: it is asked about
        return bool(again)

    # Inside

    def _count(self, verdicts: list[protocol.Verdict]) -> None:
        for verdict in verdicts:
            match verdict.outcome:
                case Outcome.APPLIED | Outcome.MERGED | Outcome.DIFFERENT:
                    self.outcome.sent += 1
                case Outcome.REFUSED:
                    self.outcome.refused += 1
                case Outcome.HELD:
                    self.outcome.held += 1
            self.outcome.merged += verdict.outcome is Outcome.MERGED
            self.outcome.different += verdict.outcome is Outcome.DIFFERENT

    def _tell(self, phase: str, done: int, total: int, file: str = "", file_done: int = 0, file_size: int = 0) -> None:
        self.watch(Progress(phase, done, total, file, file_done, file_size, self.transport.sent, self.transport.received, self._rate))

    def _last_counter(self) -> int:
        with self.writer.notebook.reading() as session:
            return session.scalar(select(func.max(Intent.counter)).where(Intent.device == self.writer.device)) or 0

    def _write(self, work: Callable[[Unit], T], purpose: str, *, durable: bool = True) -> T:
        return self.writer.run(work, purpose=purpose, origin="sync", durable=durable)

    def _check(self) -> None:
        if self.cancelled():
            raise LineError("cancelled", "cancelled")
