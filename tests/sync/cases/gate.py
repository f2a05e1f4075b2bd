"""A gateway on the way to a server that may answer for it, forget its answers, or keep silent: what networks do to a sync."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

#: Heads that belong to one connection and are not passed on.
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


@dataclass(frozen=True)
class Answer:
    """What the gateway answers by itself; with ``after`` the server is asked first, and its answer thrown away."""

    status: int = 200
    body: bytes = b"<html>Silakan masuk</html>"
    heads: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})
    after: bool = False


@dataclass(frozen=True)
class Silence:
    """A black hole: nothing comes back; with ``after`` the server has done its work all the same."""

    after: bool = False


@dataclass(frozen=True)
class Lost:
    """The server has answered, and the line goes before the answer arrives."""


@dataclass(frozen=True)
class Meanwhile:
    """Something else happens while the server's answer is on its way."""

    act: Callable[[], object]


@dataclass(frozen=True)
class Changed:
    """The server's answer arrives otherwise than it was sent: as another version would send it."""

    change: Callable[[bytes], bytes]


Fate = Answer | Silence | Lost | Meanwhile | Changed


class Gate(ThreadingHTTPServer):
    """Passes requests on; what meets a request on ``path`` is the next of ``fates`` (None: nothing)."""

    daemon_threads = True
    request_queue_size = 20

    def __init__(self, url: str, fates: list[Fate | None], path: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        where = urlsplit(url)
        self.target = (where.hostname or "", where.port or 80)
        self.fates = fates
        self.path = path
        self.asked: list[str] = []
        self.ended = threading.Event()
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def count(self, path: str) -> int:
        """Return how many requests came for a path."""
        return sum(one.startswith(path) for one in self.asked)

    def fate(self, path: str) -> Fate | None:
        """Return what meets the next request."""
        with self.lock:
            self.asked.append(path)
            return self.fates.pop(0) if path.startswith(self.path) and self.fates else None

    def close(self) -> None:
        """Let go of everybody who waits."""
        self.ended.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A line that was cut is no fault of the gateway."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gate

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fate = self.server.fate(self.path)
        match fate:
            case Silence(after=after):
                if after:
                    self._forward(body)
                self.server.ended.wait()
                self.close_connection = True
            case Lost():
                self._forward(body)
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
            case Answer():
                if fate.after:
                    self._forward(body)
                self._answer(fate.status, list(fate.heads.items()), fate.body)
            case _:
                status, heads, data = self._forward(body)
                if isinstance(fate, Meanwhile):
                    fate.act()
                elif isinstance(fate, Changed):
                    data = fate.change(data)
                self._answer(status, heads, data)

    do_GET = do_POST = do_PATCH = do_HEAD = _serve

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        line = http.client.HTTPConnection(*self.server.target, timeout=60)
        try:
            line.request(self.command, self.path, body, {n: v for n, v in self.headers.items() if n.lower() not in _HOP})
            reply = line.getresponse()
            return reply.status, reply.getheaders(), reply.read()
        finally:
            line.close()

    def _answer(self, status: int, heads: list[tuple[str, str]], data: bytes) -> None:
        self.send_response_only(status)
        for name, value in heads:
            if name.lower() not in _HOP:
                self.send_header(name, value)
        length = next((v for n, v in heads if n.lower() == "content-length"), str(len(data))) if self.command == "HEAD" else str(len(data))
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def gate(url: str, *fates: Fate | None, path: str = "/v1/sync") -> Iterator[Gate]:
    """Give a gateway to ``url``."""
    made = Gate(url, list(fates), path)
    try:
        yield made
    finally:
        made.close()
