"""The network's cases: lost replies, portals, faults of gateways, silence, and cuts at every kind of byte."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from assessor_app.errors import LineError
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import State
from assessor_app.sync import engine, transport
from assessor_app.workflow import syncing
from assessor_app.workflow.accounts import Account
from assessor_server import tables as tb
from tests.factories import make_note, read, sync, write
from tests.sync.cases.conftest import Town, bodies, states, through
from tests.sync.cases.gate import Answer, Gate, Lost, Meanwhile, Silence, gate
from tests.sync.cutting import cut_line

pytestmark = pytest.mark.xdist_group("cases-network")
Pair = tuple[Account, Account, str]
ROOT = Path(__file__).parents[3]


def failed(account: Account, code: str) -> LineError:
    """Synchronise and insist that it says what happened, and claims nothing."""
    outcome = syncing.synchronise(account)
    assert isinstance(outcome.fault, LineError), outcome
    assert outcome.fault.code == code, outcome.fault
    assert not outcome.complete
    assert outcome.sent == 0
    assert outcome.fault.title
    return outcome.fault


def stored(town: Town, account: Account) -> int:
    """Return how many intents of a device the server holds."""
    return int(town.rows(select(func.count()).select_from(tb.intent).where(tb.intent.c.device == account.device))[0][0])


def test_a_reply_lost_after_the_server_committed(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    before = stored(town, a)
    note = make_note(a, visit, "sekali")
    with gate(town.server.url, Lost()) as line, through(a, line.url):
        failed(a, "offline")
        assert stored(town, a) == before + 1, "the server has it"
        assert states(a)[-1] == State.FROZEN, "received is not enough"
        write(a, Interview, note, body="sekali lagi")
        sync(a)
    town.agree(a, b)
    assert stored(town, a) == before + 2
    assert bodies(b, visit) == ["sekali lagi"]


def _marked(body: bytes) -> Answer:
    return Answer(200, body, {"Content-Type": "application/x-asesor", "X-Asesor": "1"})


@pytest.mark.parametrize(("answer", "code"), [
    (Answer(), "portal"),
    (Answer(200, b'{"ok": true}', {"Content-Type": "application/json"}), "portal"),
    (Answer(511, b"", {}), "portal"),
    (_marked(b"<html>"), "cut"),
    (_marked(b""), "cut"),
    (Answer(200, b"<html>", {"Content-Type": "text/html", "X-Asesor": "1"}), "portal"),
])
def test_a_captive_portal_answers_200(town: Town, pair: Pair, answer: Answer, code: str) -> None:
    a, b, visit = pair
    make_note(a, visit, "belum terkirim")
    with gate(town.server.url, answer) as line, through(a, line.url):
        fault = failed(a, code)
        assert fault.kept
        assert states(a)[-1] == State.FROZEN
        sync(a)
    sync(b)
    assert bodies(b, visit) == ["belum terkirim"]


def test_a_redirect_to_another_host_is_not_followed(town: Town, pair: Pair) -> None:
    a, _, visit = pair
    asked: list[str] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)

        do_GET = do_POST

    other = HTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=other.serve_forever, args=(0.05,), daemon=True).start()
    make_note(a, visit, "rahasia")
    moved = Answer(307, b"", {"Location": f"http://localhost:{other.server_port}/login"})
    with gate(town.server.url, moved) as line, through(a, line.url):
        failed(a, "portal")
    other.shutdown()
    other.server_close()
    assert asked == []
    sync(a)


def test_a_504_after_success(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    before = stored(town, a)
    make_note(a, visit, "sekali saja")
    with gate(town.server.url, Answer(504, b"Gateway Time-out", {"X-Asesor": "1"}, after=True)) as line, through(a, line.url):
        failed(a, "server")
        sync(a)
    town.agree(a, b)
    assert stored(town, a) == before + 1
    assert bodies(b, visit) == ["sekali saja"]


@pytest.fixture
def in_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each request carry one intent."""
    monkeypatch.setattr(engine, "_FIRST", 1)
    monkeypatch.setattr(engine, "_ROOM", 1)


@pytest.mark.usefixtures("in_ten")
def test_5xx_at_item_3_of_10(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    for number in range(10):
        make_note(a, visit, f"butir {number}")
    with gate(town.server.url, None, None, Answer(500, b"", {"X-Asesor": "1"})) as line, through(a, line.url):
        outcome = syncing.synchronise(a)
        assert isinstance(outcome.fault, LineError)
        assert outcome.fault.code == "server"
        assert (outcome.sent, outcome.complete) == (2, False)
        assert states(a)[-10:-8] == [State.STORED] * 2
        assert State.STORED not in states(a)[-8:]
        again = sync(a)
        assert again.sent == 8, "what has its receipt is not sent again"
    town.agree(a, b)
    assert bodies(b, visit) == [f"butir {number}" for number in range(10)]


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Wait without waiting: what a device was asked to wait, in seconds."""
    seconds: list[float] = []
    monkeypatch.setattr(transport, "pause", lambda s, check: seconds.append(s))
    return seconds


def _busy(after: str) -> Answer:
    return Answer(503, b'{"code": "busy"}', {"X-Asesor": "1", "Retry-After": after})


def test_retry_after_is_honoured(town: Town, pair: Pair, waited: list[float]) -> None:
    a, b, visit = pair
    make_note(a, visit, "nanti")
    with gate(town.server.url, _busy("3600")) as line, through(a, line.url):
        fault = failed(a, "server")
        assert fault.retry_after == 3600, "whoever asks again learns when"
        assert waited == []
        assert line.count("/v1/sync") == 1
    town.agree(a, b)
    assert bodies(b, visit) == ["nanti"]


def test_the_failed_round_retries(town: Town, pair: Pair, waited: list[float]) -> None:
    a, b, visit = pair
    make_note(a, visit, "dicoba lagi")
    with gate(town.server.url, _busy("7")) as line, through(a, line.url):
        outcome = sync(a)
        assert waited == [7]
        assert outcome.sent == 1
        assert line.count("/v1/sync") == 2, "unprompted, once, after the time that was asked"
    sync(b)
    assert bodies(b, visit) == ["dicoba lagi"]


def test_started_offline_the_next_sync_goes_on(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    make_note(a, visit, "tanpa sinyal")
    nowhere = socket.create_server(("127.0.0.1", 0))
    port = nowhere.getsockname()[1]
    nowhere.close()
    with through(a, f"http://127.0.0.1:{port}"):
        failed(a, "offline")
        assert states(a)[-1] == State.FROZEN
    outcome = sync(a)
    assert outcome.sent == 1
    sync(b)
    assert bodies(b, visit) == ["tanpa sinyal"]


@pytest.mark.parametrize("after", [False, True], ids=["before the server heard", "after it has committed"])
def test_a_timeout_is_no_success(town: Town, pair: Pair, monkeypatch: pytest.MonkeyPatch, after: bool) -> None:
    a, b, visit = pair
    make_note(a, visit, "diam")
    monkeypatch.setattr(transport, "TIMEOUT", (5.0, 0.5))
    with gate(town.server.url, Silence(after)) as line, through(a, line.url):
        failed(a, "timeout")
        assert states(a)[-1] == State.FROZEN
    monkeypatch.undo()
    town.agree(a, b)
    assert bodies(b, visit) == ["diam"]


@pytest.mark.usefixtures("in_ten")
def test_a_token_that_expires_in_the_middle(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    for number in range(6):
        make_note(a, visit, f"butir {number}")
    expire = Meanwhile(lambda: town.run(delete(tb.token).where(tb.token.c.device == a.device)))
    with gate(town.server.url, None, None, expire, None, expire) as line, through(a, line.url):
        outcome = sync(a)
        assert outcome.sent == 6
        assert line.count("/v1/token") >= 2
    town.agree(a, b)
    assert bodies(b, visit) == [f"butir {number}" for number in range(6)]


def _positions(total: int) -> list[int]:
    """Return where to cut: within each head, at its edges, within each body, before the last byte."""
    return sorted({1, 7, 60, 200, 300, *(total * k // 12 for k in range(1, 12)), total - 1, total - 2, total - 20} - {0})


def test_a_line_cut_at_every_kind_of_byte(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    note = make_note(a, visit, "awal")
    town.agree(a, b)
    write(b, Interview, note, place="Tanah Merah " * 20)
    sync(b)
    write(a, Interview, note, body="awal yang lain")
    with cut_line(town.server.url) as line, through(a, line.url):
        sync(a)
        total = line.carried + line.brought
    cuts = 0
    for number, place in enumerate(_positions(total)):
        write(b, Interview, note, place=f"Tanah Merah {number} " * 20)
        sync(b)
        write(a, Interview, note, body=f"awal {number}")
        with cut_line(town.server.url, place) as line, through(a, line.url):
            outcome = syncing.synchronise(a)
            cuts += outcome.fault is not None
            assert outcome.complete is (outcome.fault is None)
        again = syncing.synchronise(a)
        assert again.complete, (place, again)
        assert read(a, Interview, note, "place") == f"Tanah Merah {number} " * 20
    town.agree(a, b)
    assert bodies(b, visit) == [f"awal {number}"]
    assert cuts >= 12
    with b.reading() as session:
        assert syncing.open_differences(session) == []


def _badlink(url: str, *words: str) -> tuple[subprocess.Popen[str], str]:
    """Start the bad line of the benchmarks before a server; return it and its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(ROOT / "benchmarks" / "badlink.py"), "--listen", f"127.0.0.1:{port}",
                                "--to", url.removeprefix("http://"), *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline().strip() == "badlink ready"
    return process, f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("mode", ["rst", "stall"])
def test_a_slow_line_that_breaks_again_and_again(town: Town, pair: Pair, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """A satellite's line in small, reset or fallen silent after 14 kB on the average: attempts go on where the last one stopped."""
    a, b, visit = pair
    monkeypatch.setattr(engine, "_FIRST", 4_000)
    monkeypatch.setattr(engine, "_ROOM", 4_000)
    monkeypatch.setattr(transport, "TIMEOUT", (5.0, 0.4))
    texts = [f"catatan {number}: " + " ".join(f"{number * 977 + k * 7919:x}" for k in range(250)) for number in range(24)]
    for text in texts:
        make_note(a, visit, text)
    process, url = _badlink(town.server.url, "--rate-kbps", "1500", "--rtt-ms", "30", "--cut-every-bytes", "14000", "--cut-mode", mode,
                            "--seed", "4")
    faults: list[Any] = []
    try:
        with through(a, url):
            for _ in range(60):
                outcome = syncing.synchronise(a)
                faults.append(outcome.fault)
                if outcome.fault is None:
                    break
                assert not outcome.complete
    finally:
        process.terminate()
        process.wait()
        assert process.stdout
        process.stdout.close()
    assert outcome.complete, faults
    assert len(faults) > 2, "the line was bad"
    assert {fault.code for fault in faults[:-1]} <= {"offline", "timeout", "cut"}
    monkeypatch.undo()
    town.agree(a, b)
    assert bodies(b, visit) == sorted(texts)


def test_gates_are_only_in_the_way(town: Town, pair: Pair) -> None:
    """The gateway of these tests passes on what it should: otherwise they would show nothing."""
    a, _, visit = pair
    make_note(a, visit, "lewat")
    with gate(town.server.url) as line, through(a, line.url):
        assert isinstance(line, Gate)
        assert sync(a).sent == 1
        assert line.count("/v1/sync") == 1
