"""A server in this very process, and devices that reach it without HTTP: the same engine and the same server code between."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assessor_app import ids
from assessor_app.errors import LineError
from assessor_app.identity import wrapping
from assessor_app.identity.keychain import NoKeychain
from assessor_app.identity.slots import KeySlots
from assessor_app.models.database import Notebook
from assessor_app.models.permissions import Actor
from assessor_app.sync import protocol
from assessor_app.sync.engine import Engine
from assessor_app.sync.lines import Body
from assessor_app.sync.outcome import SyncOutcome
from assessor_app.workflow import accounts
from assessor_app.workflow.accounts import Account
from assessor_server import accounts as server_accounts
from assessor_server import courier
from assessor_server import syncing as server_syncing
from assessor_server import tables as tb
from assessor_server.accounts import Caller
from assessor_server.blobs import BlobFault, Blobs, Upload
from assessor_server.store import Store, add_if_absent, now
from tests.factories import PASSPHRASE, make_account


@contextlib.contextmanager
def cheap_secrets() -> Iterator[None]:
    """Stretch secrets little: tests make many accounts, and guess none."""
    defaults = wrapping.Stretching.__init__.__defaults__
    wrapping.Stretching.__init__.__defaults__ = (8192, 1, 1)
    try:
        yield
    finally:
        wrapping.Stretching.__init__.__defaults__ = defaults


def open_cheaply(folder: Path, key: bytes) -> Account:
    """Open a data folder whose key is known, as ``open_account`` does after it unwrapped the key."""
    return accounts._assemble(folder, Notebook.open(folder, key), KeySlots.load(folder), NoKeychain())


@dataclass
class Line:
    """What stands in for ``Transport``: the bytes are packed and unpacked as on the wire; ``fault`` breaks the next call."""

    server: Loopback
    account: str
    device: str
    token: str = "t"
    sent: int = 0
    received: int = 0
    rate: float = 5e6
    fault: Callable[[], bool] = lambda: False

    def twin(self) -> Line:
        return self

    def join(self, twin: Line) -> None:
        assert twin is self

    def sync(self, data: bytes) -> protocol.Reply:
        request = protocol.unpack_request(data)
        reply = self.server.serve(self.account, self.device, request)
        packed = protocol.pack_reply(reply, request.capabilities, float(request.rate))
        self.sent += len(data)
        self.received += len(packed)
        if self.fault():
            raise LineError("offline", "the reply was lost")
        return protocol.unpack_reply(packed)

    def pages(self, data: bytes) -> Iterator[protocol.Reply]:
        request = protocol.unpack_request(data)
        for reply in self.server.pages(self.account, self.device, request):
            packed = protocol.pack_reply(reply, request.capabilities, float(request.rate))
            self.sent, data = self.sent + len(data), b""
            self.received += len(packed)
            if self.fault():
                raise LineError("offline", "the reply was lost")
            yield protocol.unpack_reply(packed)

    def begin_upload(self, digest: str, size: int, data: Body) -> tuple[str, int]:
        with _line_faults():
            upload = self.server.blobs.begin(self.server.caller(self.account, self.device), digest, size)
            return upload.id, self._take(upload, data) if upload.here == 0 and len(data) else upload.here

    def upload(self, place: str, offset: int, data: Body) -> int:
        with _line_faults():
            return self._take(self.server.blobs.find(self.server.caller(self.account, self.device), place), data)

    def _take(self, upload: Upload, data: Body) -> int:
        piece = self.server.blobs.receive(upload, upload.here)
        for block in data:
            piece.write(block)
        return piece.finish()

    def uploaded(self, place: str) -> int:
        with _line_faults():
            return self.server.blobs.find(self.server.caller(self.account, self.device), place).here

    def download(self, digest: str, offset: int, keep: Callable[[bytes], None]) -> None:
        with _line_faults():
            self.server.blobs.allowed(self.server.caller(self.account, self.device), digest)
            if self.server.blobs.size(digest) is None:
                raise BlobFault(404, "missing")
            for chunk in self.server.blobs.read(digest, offset):
                keep(chunk)


@contextlib.contextmanager
def _line_faults() -> Iterator[None]:
    try:
        yield
    except BlobFault as e:
        raise LineError(e.reason, e.reason) from None


@dataclass
class Loopback:
    """The server: its store, and who joined."""

    folder: Path
    url: str = ""
    store: Store = field(init=False)
    blobs: Blobs = field(init=False)
    joined: dict[str, tuple[str, str]] = field(default_factory=dict)  # profile → (account, device)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.open()

    def open(self) -> None:
        self.store = Store(self.folder, self.url)
        self.store.create()
        with self.store.transaction() as connection:
            courier.keys(connection)
        self.blobs = Blobs(self.store)

    def close(self) -> None:
        self.store.close()

    def join(self, account: Account, login: str, region: str = "93.02") -> None:
        """Make a server account assigned to a region, and bind the device to it."""
        with self.store.transaction() as connection:
            made = ids.new_id()
            add_if_absent(connection, tb.account, id=made, login=login, name=login, role="assessor", password="", active=True,
                          created_at=now())
            add_if_absent(connection, tb.alias, profile=made, account=made)
            server_accounts.assign(connection, made, region, 0)
            server_accounts.enrol(connection, made, account.device, account.profile)
        self.joined[account.profile] = (made, account.device)
        accounts.put_settings(account, server_url="loopback", credential="x", joined_as=account.device, aliases=[made, account.profile])
        account.writer.actor = Actor(frozenset({account.profile, made}), offline=True)

    def caller(self, account: str, device: str) -> Caller:
        with self.store.transaction() as connection:
            return Caller(account, device, server_accounts.actor_of(connection, account))

    def serve(self, account: str, device: str, request: protocol.Request) -> protocol.Reply:
        return server_syncing.sync(self.store, self.blobs, self.caller(account, device), request, "t")

    def pages(self, account: str, device: str, request: protocol.Request) -> Iterator[protocol.Reply]:
        return server_syncing.pages(self.store, self.blobs, lambda: (self.caller(account, device), "t"), request)

    def line(self, account: Account) -> Line:
        return Line(self, *self.joined[account.profile])

    def sync(self, account: Account, **line: Any) -> SyncOutcome:
        """One sync, as ``workflow.syncing`` does it."""
        transport = self.line(account)
        for name, value in line.items():
            setattr(transport, name, value)
        outcome = Engine(account.writer, account.blobs, transport).run()  # type: ignore[arg-type]
        if outcome.rolled_back:
            accounts.new_incarnation(account)
        return outcome


def make_joined(server: Loopback, folder: Path, login: str) -> Account:
    """Return a fresh account that joined."""
    with cheap_secrets():
        account = make_account(folder, login.title())
    server.join(account, login)
    return account


__all__ = ["PASSPHRASE", "Line", "Loopback", "cheap_secrets", "make_joined", "open_cheaply"]
