"""The floor of the sync benchmarks: the whole payload, zstd-19, in one POST; resumed at the byte where the line was cut."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Sink(ThreadingHTTPServer):
    """Takes what is sent, keeps each byte that arrives, and gives ``payload`` to whoever asks."""

    daemon_threads = True

    def __init__(self, payload: bytes = b"") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.payload = payload
        self.kept = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """A line that was cut is no error here."""

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Sink

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        """Tell how much arrived."""
        self._answer(b"", {"Offset": str(self.server.kept)})

    def do_GET(self) -> None:
        """Give the payload."""
        self._answer(self.server.payload, {})

    def do_POST(self) -> None:
        """Keep what comes."""
        left = int(self.headers["Content-Length"])
        self.server.kept = int(self.headers.get("Offset", "0"))
        while left:
            chunk = self.rfile.read1(min(left, 65536))
            if not chunk:
                return
            left -= len(chunk)
            self.server.kept += len(chunk)
        self._answer(b"", {})

    def _answer(self, body: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(200)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def send(url: str, payload: bytes, limit: float = 600) -> float:
    """Send a payload, going on at the byte after each cut; return the seconds it took."""
    began = time.monotonic()
    place = urlsplit(url)
    offset, known = 0, True
    while time.monotonic() - began < limit:
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=60)
        try:
            if not known:
                connection.request("HEAD", "/")
                offset = int(connection.getresponse().headers["Offset"])
            known = False
            connection.request("POST", "/", payload[offset:], {"Offset": str(offset)})
            connection.getresponse().read()
            return time.monotonic() - began
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        finally:
            connection.close()
    return float("inf")


def fetch(url: str) -> float:
    """Fetch the payload; return the seconds it took."""
    began = time.monotonic()
    place = urlsplit(url)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=120)
    connection.request("GET", "/")
    connection.getresponse().read()
    connection.close()
    return time.monotonic() - began


Floor = Callable[[str], float]
