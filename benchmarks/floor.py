"""The floor of the sync benchmarks: the whole payload, zstd-19, in one POST; resumed at the byte where the line was cut."""

from __future__ import annotations

import http.client
import json
import os
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import orjson


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
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=15)
        try:
            if not known:
                connection.request("HEAD", "/")
                told = connection.getresponse()
                told.read()  # only then does the connection take another question
                offset = int(told.headers["Offset"])
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


def inserts(device: Path) -> float:
    """Return how many of a device's records a bare loop inserts a second: lines of JSON read, typed tables with their indexes written.

    The encryption, the schema and the way of committing are the notebook's own; there is nothing else in it: no line, no check of
    what stands there, no digest, no mark for the search.
    """
    os.environ["ASESOR_HOME"] = str(device)
    from assessor_app.models.database import connect
    from assessor_app.models.entities import ENTITIES
    from benchmarks.sync_device import account_of

    account = account_of(device)
    key, path = account.notebook.key, account.notebook.path
    account.close()
    source = connect(path, key, read_only=True)
    tables = {entity.__tablename__: source.execute(f"SELECT * FROM {entity.__tablename__}").fetchall() for entity in ENTITIES.values()}
    schema = [row[0] for name in tables for row in source.execute(
        "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL", (name,))]
    source.close()
    lines = {name: [json.dumps(row) for row in rows] for name, rows in tables.items() if rows}
    with tempfile.TemporaryDirectory() as folder:
        target = connect(Path(folder) / "bare.db", key)
        target.execute("PRAGMA synchronous=NORMAL")
        for statement in schema:
            target.execute(statement)
        began = time.monotonic()
        for name, texts in lines.items():
            marks = ", ".join("?" * len(tables[name][0]))
            for start in range(0, len(texts), 2000):
                target.execute("BEGIN IMMEDIATE")
                target.executemany(f"INSERT INTO {name} VALUES ({marks})", list(map(orjson.loads, texts[start:start + 2000])))
                target.execute("COMMIT")
        took = time.monotonic() - began
        target.close()
    return sum(map(len, lines.values())) / took
