"""A real server, assessors who joined it, and requests by hand."""

from __future__ import annotations

import base64
import hashlib
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from assessor_app.workflow import interviewing, syncing
from assessor_app.workflow.accounts import Account, setting
from tests.factories import ServerProcess, make_note, make_visit
from tests.sync.loopback import cheap_secrets


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def meta(digest: str) -> str:
    return "sha256 " + base64.b64encode(digest.encode()).decode()


@dataclass
class Site:
    """A server process and who joined it, each with a visit and a note of their own."""

    server: ServerProcess
    root: Path
    people: dict[str, Account] = field(default_factory=dict)
    visits: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def join(self, login: str, region: str = "93.02") -> Account:
        self.server.add(login, region)
        with cheap_secrets():
            account = self.server.join(self.root / login, login)
        self.people[login] = account
        self.visits[login] = make_visit(account, region)
        self.notes[login] = make_note(account, self.visits[login], "Catatan.")
        syncing.synchronise(account)
        return account

    def close(self) -> None:
        for account in self.people.values():
            account.close()
        self.server.stop()

    def token(self, login: str) -> str:
        with self.people[login].reading() as session:
            return str(setting(session, "token"))

    def name(self, login: str, data: bytes, size: int | None = None) -> str:
        """Let a record of the login's visit name a blob that is not on the device; return its digest."""
        account = self.people[login]
        photo = interviewing.Photo(data, 1, 1, "", None, None)
        account.writer.run(lambda u: interviewing.attach_photo(u, self.visits[login], photo, interview=self.notes[login]), purpose="x")
        outcome = syncing.synchronise(account)
        assert outcome.fault is None, outcome.fault
        return sha256(data)

    def ask(self, method: str, path: str, login: str = "", data: Any = None, **heads: str) -> requests.Response:
        """Send one request as somebody; heads are written with ``_`` for ``-``."""
        sent = {"Tus-Resumable": "1.0.0", **{name.replace("_", "-"): value for name, value in heads.items()}}
        if login:
            sent["Authorization"] = f"Bearer {self.token(login)}"
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, self.server.url + path, data=data, headers=sent, timeout=30, allow_redirects=False)

    def begin(self, login: str, digest: str, size: int, data: bytes = b"", **heads: str) -> requests.Response:
        kind = {"Content_Type": "application/offset+octet-stream"} if data else {}
        return self.ask("POST", "/v1/blobs", login, data, Upload_Length=str(size), Upload_Metadata=meta(digest), **kind, **heads)

    def patch(self, login: str, place: str, offset: int, data: Any, **heads: str) -> requests.Response:
        kind = {"Content_Type": "application/offset+octet-stream", **heads}
        return self.ask("PATCH", place, login, data, Upload_Offset=str(offset), **kind)

    def offset(self, login: str, place: str) -> int:
        answer = self.ask("HEAD", place, login)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["Upload-Offset"])

    def half_sent(self, login: str, place: str, offset: int, data: bytes, length: int) -> socket.socket:
        """Begin a PATCH that promises ``length`` bytes and sends ``data``; return once they are on the server's disk."""
        where = urlsplit(self.server.url)
        line = socket.create_connection((where.hostname, where.port), timeout=30)
        heads = ["Host: x", "Tus-Resumable: 1.0.0", f"Upload-Offset: {offset}", f"Content-Length: {length}",
                 "Content-Type: application/offset+octet-stream", f"Authorization: Bearer {self.token(login)}", "", ""]
        line.sendall("\r\n".join([f"PATCH {place} HTTP/1.1", *heads]).encode() + data)
        file = self.server.folder / "uploads" / place.rpartition("/")[2]
        until(lambda: file.exists() and file.stat().st_size >= offset + len(data))
        return line


def until(true: Callable[[], bool]) -> None:
    """Wait until something outside this process has happened."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)
