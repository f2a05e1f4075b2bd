"""What the cases share: one real server process a module, two assessors who joined it, and a fresh visit for each test."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assessor_app.models import regions
from assessor_app.models.interviews import Interview
from assessor_app.models.tables import Intent, Scope
from assessor_app.sync import local_digests
from assessor_app.sync.engine import Engine
from assessor_app.sync.outcome import SyncOutcome, Wishes
from assessor_app.workflow import syncing
from assessor_app.workflow.accounts import Account, put_settings, setting
from assessor_server import feed
from assessor_server import tables as tb
from tests.factories import ServerProcess, make_visit, sync
from tests.sync.loopback import cheap_secrets, open_cheaply

_numbers = itertools.count()


@contextlib.contextmanager
def home(folder: Path) -> Iterator[None]:
    """Live on the machine whose home is ``folder``."""
    before = os.environ.get("ASESOR_HOME")
    os.environ["ASESOR_HOME"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["ASESOR_HOME"]
        else:
            os.environ["ASESOR_HOME"] = before


@dataclass
class Town:
    """A server process, and who joined it."""

    root: Path
    server: ServerProcess = field(init=False)
    people: list[Account] = field(default_factory=list)
    home: Path = Path()
    regions: list[str] = field(default_factory=lambda: [region.code for region in regions.all_regions()], repr=False)

    def __post_init__(self) -> None:
        self.home = self.home if self.home.is_absolute() else self.root / "home"
        self.root.mkdir(exist_ok=True)
        self.server = ServerProcess(self.root / "server").prepare().start()

    def join(self, login: str = "", *, region: str = "93.02", add: bool = True) -> Account:
        """Return a fresh device of a new account, or of the one of that login."""
        login = login or f"orang{next(_numbers)}"
        if add:
            self.server.add(login, region)
        with home(self.home), cheap_secrets():
            account = self.server.join(self.root / f"{login}-{next(_numbers)}", login)
        self.people.append(account)
        return account

    def two(self) -> tuple[Account, Account, str]:
        """Return devices of two more assessors, and a visit that both have, in a region where nothing else happened."""
        region = self.regions.pop()
        a, b = self.join(region=region), self.join(region=region)
        visit = make_visit(a, region)
        self.agree(a, b)
        return a, b, visit

    def open(self, folder: Path, key: bytes) -> Account:
        """Open a notebook on the machine where it was made."""
        with home(self.home):
            account = open_cheaply(folder, key)
        self.people.append(account)
        return account

    def rows(self, query: Any) -> list[Any]:
        """Ask the server's database."""
        store = self.server.store()
        with store.snapshot() as connection:
            found = list(connection.execute(query))
        store.close()
        return found

    def run(self, statement: Any) -> None:
        """Change the server's database behind its back."""
        store = self.server.store()
        with store.transaction() as connection:
            connection.execute(statement)
        store.close()

    def dump(self) -> str:
        """Return everything that the server's database says."""
        return "\n".join(str(tuple(row)) for table in tb.metadata.sorted_tables for row in self.rows(select(table)))

    def agree(self, *people: Account) -> None:
        """Synchronise all until nobody has anything new, then hold digests and notes of all against the server's."""
        for account in (*people, *people):
            sync(account)
        store = self.server.store()
        with store.snapshot() as connection:
            for account in people:
                with account.reading() as session:
                    for scope in session.scalars(select(Scope.name).where(Scope.granted)):
                        there = feed.scope_digest(connection, scope)
                        assert feed.place(connection, scope)[1] == there, scope
                        assert local_digests.local_digest(session, scope) == there, scope
        store.close()

    def close(self) -> None:
        """Close everything."""
        for account in self.people:
            account.close()
        self.server.stop()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town(tmp_path_factory.mktemp("town"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def couple(town: Town) -> tuple[Account, Account]:
    return town.join(), town.join()


@pytest.fixture
def pair(town: Town, couple: tuple[Account, Account]) -> Iterator[tuple[Account, Account, str]]:
    """Two assessors' devices, and a fresh visit that both have."""
    a, b = couple
    visit = make_visit(a)
    sync(a)
    sync(b)
    yield a, b, visit
    for account in couple:
        put_settings(account, server_url=town.server.url)


@contextlib.contextmanager
def through(account: Account, url: str) -> Iterator[None]:
    """Let a device reach its server by another way."""
    with account.reading() as session:
        straight = setting(session, "server_url")
    put_settings(account, server_url=url)
    try:
        yield
    finally:
        put_settings(account, server_url=straight)


def bodies(account: Account, visit: str) -> list[str]:
    """Return what the notes of a visit say, sorted."""
    with account.reading() as session:
        notes = session.scalars(select(Interview).where(Interview.visit == visit, Interview.deleted.is_(False)))
        return sorted(note.body for note in notes)


def states(account: Account, purpose: str = "") -> list[str]:
    """Return where a device's intents stand, oldest first."""
    with account.reading() as session:
        query = select(Intent.state).order_by(Intent.device, Intent.counter)
        return list(session.scalars(query.where(Intent.purpose == purpose) if purpose else query))


def wishing(account: Account, wishes: Wishes) -> SyncOutcome:
    """Synchronise as somebody wishes."""
    transport = syncing.transport_of(account)
    try:
        return Engine(account.writer, account.blobs, transport, wishes=wishes).run()
    finally:
        transport.close()
