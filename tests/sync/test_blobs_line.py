"""How a device behaves towards a server that is busy, answers early, or is another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from assessor_app.errors import LineError
from assessor_app.sync import transport as transports
from assessor_app.sync.lines import Body
from assessor_app.sync.transport import Server, Transport

Answer = tuple[int, dict[str, str], bytes]


class Stub:
    """A server that gives the answers it is told to, one a request, and counts what it was sent."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.early = False
        self.heard: list[tuple[str, str, dict[str, str]]] = []
        self.bytes = 0
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65_537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                stub.heard.append((self.command, self.path, dict(self.headers)))
                length = int(self.headers.get("Content-Length", "0"))
                if not stub.early:
                    stub.bytes += len(self.rfile.read(length))
                status, heads, body = stub.answers.pop(0)
                self.send_response_only(status)
                for name, value in {"X-Asesor": "1", "Content-Length": str(len(body)), **heads}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body if self.command != "HEAD" else b"")
                self.wfile.flush()
                if stub.early and length:
                    while data := self.rfile.read1(65_536):
                        stub.bytes += len(data)
                    self.close_connection = True

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def stub() -> Iterator[Stub]:
    made = Stub()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def line(stub: Stub) -> Iterator[Transport]:
    made = Transport(Server(stub.url), device="d", token="t")
    yield made
    made.close()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Do not wait, and note for how long it would have been."""
    noted: list[float] = []

    def pause(seconds: float, check: Callable[[], None]) -> None:
        check()
        noted.append(seconds)

    monkeypatch.setattr(transports, "pause", pause)
    return noted


BUSY = b'{"code": "busy"}'


def test_a_short_wait_that_the_server_asks_for_is_waited_once(stub: Stub, line: Transport, waits: list[float]) -> None:
    stub.answers = [(503, {"Retry-After": "7"}, BUSY), (200, {"Upload-Offset": "5"}, b"")]
    assert line.uploaded("/v1/blobs/uploads/x") == 5
    assert waits == [7]
    stub.answers = [(429, {"Retry-After": "2"}, b""), (503, {"Retry-After": "2"}, BUSY)]
    with pytest.raises(LineError) as caught:
        line.uploaded("/v1/blobs/uploads/x")
    assert (caught.value.code, caught.value.retry_after) == ("server", 2)
    assert waits == [7, 2]


def test_a_long_wait_is_told_and_not_waited(stub: Stub, line: Transport, waits: list[float]) -> None:
    for said, least in (("3600", 3600), (formatdate(4_102_444_800, usegmt=True), 1_000_000)):
        stub.answers = [(503, {"Retry-After": said}, BUSY)]
        with pytest.raises(LineError) as caught:
            line.uploaded("/v1/blobs/uploads/x")
        assert caught.value.retry_after >= least
    for nonsense in ("soon", "-5", "٣", ""):
        stub.answers = [(503, {"Retry-After": nonsense.encode("utf-8").decode("latin-1")}, BUSY)]
        with pytest.raises(LineError) as caught:
            line.uploaded("/v1/blobs/uploads/x")
        assert caught.value.retry_after == 0
    assert waits == []


def test_who_cancels_while_it_waits_is_heard(stub: Stub, line: Transport) -> None:
    def cancel() -> None:
        raise LineError("cancelled", "cancelled")

    line.check = cancel
    stub.answers = [(503, {"Retry-After": "9"}, BUSY)]
    with pytest.raises(LineError, match="cancelled"):
        line.uploaded("/v1/blobs/uploads/x")
    assert len(stub.heard) == 1


def test_a_refusal_is_heard_while_the_photo_is_still_being_sent(stub: Stub, line: Transport) -> None:
    stub.answers = [(200, {"Upload-Offset": "0"}, b""), (410, {}, b'{"code": "erased"}'), (200, {"Upload-Offset": "7"}, b"")]
    line.uploaded("/v1/blobs/uploads/x")
    stub.early = True
    seen = threading.Event()

    def slowly() -> None:
        seen.wait(0.01)

    with pytest.raises(LineError) as caught:
        line.upload("/v1/blobs/uploads/x", 0, Body(bytes(8_000_000), slowly))
    assert caught.value.code == "erased"
    assert line.sent < 4_000_000
    stub.early = False
    assert line.uploaded("/v1/blobs/uploads/x") == 7, "and the next request begins on a line of its own"


@pytest.mark.parametrize("place", ["http://192.0.2.1/v1/blobs/uploads/x", "//192.0.2.1/x", "", "uploads/x"])
def test_an_upload_is_not_taken_to_another_server(stub: Stub, line: Transport, place: str) -> None:
    stub.answers = [(201, {"Location": place, "Upload-Offset": "0"}, b"")]
    with pytest.raises(LineError) as caught:
        line.begin_upload("0" * 64, 3, Body(b"abc"))
    assert caught.value.code == "portal"


@pytest.mark.parametrize(("status", "heads"), [(200, {}), (204, {"Upload-Offset": "many"}), (302, {"Location": "http://192.0.2.1/"})])
def test_an_answer_that_says_no_offset_is_a_portal_s(stub: Stub, line: Transport, status: int, heads: dict[str, str]) -> None:
    stub.answers = [(status, heads, b"")]
    with pytest.raises(LineError) as caught:
        line.upload("/v1/blobs/uploads/x", 0, Body(b"abc"))
    assert caught.value.code == "portal"


def test_a_request_carries_no_head_that_nobody_needs(stub: Stub, line: Transport) -> None:
    stub.answers = [(200, {"Upload-Offset": "0"}, b""), (200, {}, b"x")]
    line.uploaded("/v1/blobs/uploads/x")
    got: list[Any] = []
    line.download("0" * 64, 0, got.append)
    assert [set(heads) for _, _, heads in stub.heard] == [{"Host", "Tus-Resumable", "Authorization"}, {"Host", "Authorization"}]
    assert got == [b"x"]
