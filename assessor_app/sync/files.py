"""The files of a sync, after its records: what the server lacks goes up, what this device lacks comes down."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import select

from assessor_app.errors import AppError, LineError
from assessor_app.models.blobs import BlobStore
from assessor_app.models.tables import Transfer
from assessor_app.models.writer import Writer
from assessor_app.sync import blobs
from assessor_app.sync.outcome import SyncOutcome, Wishes
from assessor_app.sync.transport import Transport

#: From how many files on two are sent at a time.
_PAIR = 2


@dataclass(slots=True)
class Files:
    """Moves the files that the records name."""

    writer: Writer
    store: BlobStore
    transport: Transport
    outcome: SyncOutcome
    wishes: Wishes
    check: Callable[[], None]
    tell: Callable[[str, int, int, str, int, int], None]

    def move(self) -> None:
        """Send what the server lacks, then fetch what this device lacks; one that fails does not stop the others."""
        with self.writer.notebook.reading() as session:
            items = blobs.named(session)
            done = set(session.scalars(select(Transfer.sha256).where(Transfer.done)))
            here = {item.sha256 for item in items if blobs.has(session, self.store, item)}
        up = [item for item in items if item.sha256 in here and item.sha256 not in done]
        down = [item for item in items if item.sha256 not in here]
        if not self._upload(up, len(down)):
            return
        for number, item in enumerate(down):
            if not self._affords(item, len(down) - number):
                return
            told = self._teller("photos_down", number, len(down), item)
            self._one(lambda item=item, told=told: blobs.fetch(  # type: ignore[misc]
                self.transport, self.writer, self.store, item, self.check, told), "photos_received")

    def _upload(self, up: list[blobs.Item], left: int) -> bool:
        """Send files, two at a time: while one waits for the server's word, the line carries the next; False where some must wait.

        A fault of the line ends both.
        """
        todo = iter(enumerate(up))
        lock = threading.Lock()
        faults: list[AppError] = []
        afforded = [True]

        def work(transport: Transport) -> None:
            while not faults and afforded[0]:
                with lock:
                    number, item = next(todo, (-1, None))
                    if item is None:
                        return
                    if not self._affords(item, len(up) - number + left):
                        afforded[0] = False
                        return
                try:
                    self._send(transport, number, len(up), item)
                except AppError as fault:
                    faults.append(fault)

        if len(up) < _PAIR:
            work(self.transport)
        else:
            second = self.transport.twin()
            with ThreadPoolExecutor(2, "upload") as both:
                for done in [both.submit(work, self.transport), both.submit(work, second)]:
                    done.result()
            self.transport.join(second)
        if faults:
            raise faults[0]
        return afforded[0]

    def _send(self, transport: Transport, number: int, total: int, item: blobs.Item) -> None:
        self.check()
        with self.writer.notebook.reading() as session:
            data = blobs.bytes_of(session, self.store, item)
        if data is None:
            self.outcome.photos_missing += 1
            return
        told = self._teller("photos_up", number, total, item)
        self._one(lambda: blobs.send(transport, self.writer, item, data, "", self.check, told), "photos_sent")

    def _affords(self, item: blobs.Item, left: int) -> bool:
        """Tell whether the person wants this file in this sync; signed documents count as texts. Otherwise ``left`` files wait."""
        self.check()
        spent = self.transport.sent + self.transport.received
        if (self.wishes.photos or item.signed) and (not self.wishes.budget or spent + item.size <= self.wishes.budget):
            return True
        self.outcome.photos_waiting += left
        return False

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

    def _teller(self, phase: str, number: int, total: int, item: blobs.Item) -> Callable[[int], None]:
        return lambda done: self.tell(phase, number, total, item.sha256, done, item.size)
