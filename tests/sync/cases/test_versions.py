"""Ends of another version, and requests that no program of ours sends."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest
from sqlalchemy import insert, select

from assessor_app.errors import LineError
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import State
from assessor_app.models.kinds import visit_scope
from assessor_app.models.tables import Held, Intent, Setting
from assessor_app.sync import codec, protocol
from assessor_app.sync.digests import digest_line
from assessor_app.sync.intents import WireIntent
from assessor_app.sync.merge import Outcome
from assessor_app.sync.protocol import Request
from assessor_app.workflow import syncing
from assessor_app.workflow.accounts import Account
from assessor_server import tables as tb
from assessor_server.store import lock_scopes, set_places
from tests.factories import make_note, sync, write
from tests.sync.cases.conftest import Town, bodies, states, through
from tests.sync.cases.gate import Changed, gate

pytestmark = pytest.mark.xdist_group("cases-life")

pytestmark = pytest.mark.xdist_group("cases-life")
Pair = tuple[Account, Account, str]
SOAK = int(os.environ.get("SOAK", "0") or 0)


def _asked(account: Account, head: dict[str, Any], *lines: Any) -> protocol.Reply:
    """Send a request whose lines are as given; return the reply."""
    made = {"v": protocol.VERSION, "cap": list(protocol.CAPABILITIES), "device": account.device, "epoch": "", "cursors": {}, **head}
    transport = syncing.transport_of(account)
    try:
        return transport.sync(codec.pack([codec.dumps(made), *map(codec.dumps, lines)]))
    finally:
        transport.close()


def test_a_client_one_version_older(town: Town, pair: Pair) -> None:
    """It knows neither marks nor dense lines: it is answered in the words that it knows, and told the same."""
    a, b, visit = pair
    make_note(a, visit, "isi")
    sync(a)
    today, before = _asked(b, {}), _asked(b, {"cap": ["splice", "erasure", "epoch"]})
    assert today.news == before.news
    assert [(m.scope, m.digest) for m in today.marks] == [(m.scope, m.digest) for m in before.marks]
    assert any(state.fields.get("body") == "isi" for state in before.news)
    transport = syncing.transport_of(b)
    response = transport._authorized("POST", "/v1/sync", data=protocol.pack_request(Request(b.device, "", {}, capabilities=())), headers={})
    transport.close()
    kinds = {line[0] for line in codec.unpack(response.content)[1:]}
    assert kinds <= {"v", "n", "c", "end"}, "no line that an older program cannot read"


def test_a_client_one_version_newer(town: Town, pair: Pair) -> None:
    """What it says beyond our words is passed over; a field of tomorrow is kept and forwarded, a kind of tomorrow waits."""
    a, b, visit = pair
    note = make_note(a, visit, "isi")
    town.agree(a, b)
    with a.reading() as session:
        version = session.get(Interview, note).versions[""]  # type: ignore[union-attr]
    head = {"cap": [*protocol.CAPABILITIES, "hologram"], "mood": "good", "devices": ["masadepan1"], "scopes": [visit_scope(visit)]}
    reply = _asked(a, head,
                   [0, 1, 5, "x", 0, [["=", "interview", note, "cuaca", version, "hujan"]], "a column of tomorrow"],
                   ["blob", "a line of tomorrow"],
                   [0, 2, 5, "x", 0, [["+", "hologram", "h1", {"visit": visit}]]])
    assert [(v.outcome, v.reason) for v in reply.verdicts] == [(Outcome.APPLIED, ""), (Outcome.HELD, "kind")]
    town.agree(b, a)
    with b.reading() as session:
        assert session.get(Interview, note).extra == {"cuaca": "hujan"}  # type: ignore[union-attr]
    write(b, Interview, note, body="isi, ditambah")
    town.agree(b, a)
    with a.reading() as session:
        assert session.get(Interview, note).extra == {"cuaca": "hujan"}  # type: ignore[union-attr]
    with pytest.raises(LineError) as told:
        _asked(a, {"v": 2})
    assert told.value.code == "protocol"
    assert "Update" in (told.value.hint or "")


def test_a_server_one_version_newer(town: Town, pair: Pair) -> None:
    """Head keys and lines of tomorrow are passed over; a record of a kind of tomorrow is held, and counts in the digest."""
    a, b, visit = pair
    make_note(a, visit, "isi")
    sync(a)
    scope = visit_scope(visit)
    store = town.server.store()
    with store.transaction() as connection:
        seq, digest = lock_scopes(connection, [scope])[scope]
        versions = {"": "masadepan2.1.0"}
        connection.execute(insert(tb.record).values(kind="hologram", id="h2", scope=scope, seq=seq + 1, created=seq + 1, versions=versions,
                                                    fields={"warna": "biru"}, seqs={}, by="", at=1))
        set_places(connection, {scope: (seq + 1, digest + digest_line("hologram", "h2", versions))})
    store.close()

    def tomorrow(data: bytes) -> bytes:
        head, *lines = codec.unpack(data)
        return codec.pack(map(codec.dumps, [{**head, "advice": ["update"], "cap": ["hologram"]}, ["w", "a line of tomorrow"], *lines]))

    with gate(town.server.url, Changed(tomorrow), Changed(tomorrow)) as line, through(b, line.url):
        sync(b)
    with b.reading() as session:
        assert session.get(Held, ("hologram", "h2")).content["fields"] == {"warna": "biru"}  # type: ignore[union-attr]
    assert bodies(b, visit) == ["isi"]
    town.agree(a, b)


def test_a_server_one_version_older(town: Town, pair: Pair) -> None:
    """It knows no marks: its reply names none, and the device says its cursors, scope by scope."""
    a, b, visit = pair

    def yesterday(data: bytes) -> bytes:
        head, *lines = codec.unpack(data)
        return codec.pack(map(codec.dumps, [{k: v for k, v in head.items() if k not in {"mark", "gone", "taken"}}, *lines]))

    b.writer.run(lambda u: u.session.merge(Setting(name="mark", value="")) and None, purpose="x")
    with gate(town.server.url, *[Changed(yesterday)] * 9) as line, through(b, line.url):
        for number in range(3):
            make_note(a, visit, f"isi {number}")
            make_note(b, visit, f"lain {number}")
            sync(a)
            outcome = sync(b)
            assert outcome.received < 5, "only what is new"
    town.agree(a, b)
    assert len(bodies(a, visit)) == 6


# Much at once

def test_a_batch_of_100_mb(town: Town) -> None:
    """A device sends any amount in batches; one request of 100 MB is refused, packed small or large, and the server lives on."""
    a, b, visit = town.two()
    text = " ".join(f"{number * 7919:x}" for number in range(220_000))
    count = 60 if SOAK else 4
    for number in range(count):
        make_note(a, visit, f"{number} {text}")
    with gate(town.server.url) as line, through(a, line.url):
        outcome = sync(a)
        assert outcome.sent == count
        assert line.count("/v1/sync") >= count * len(text) // 2_500_000
    sync(b)
    assert len(bodies(b, visit)) == count
    transport = syncing.transport_of(a)
    bomb = codec.pack([b'{"v":1}', b"0" * 100_000_000], level=1)
    for body, codes in ((bomb, {"protocol"}), (bytes(100_000_000), {"size", "offline"})):
        with pytest.raises(LineError) as told:
            transport._authorized("POST", "/v1/sync", data=body, headers={"Content-Type": protocol.MEDIA_TYPE})
        assert told.value.code in codes
    transport.close()
    assert town.server.process is not None
    assert town.server.process.poll() is None
    make_note(a, visit, "sesudahnya")
    town.agree(a, b)


def test_an_id_that_another_copy_of_the_notebook_used(town: Town) -> None:
    """A folder set back in place numbers anew: the server tells the two apart, loudly, and both stay."""
    a, b, visit = town.two()
    a.close()
    kept = town.root / "set-back"
    shutil.copytree(a.folder, kept)
    first = town.open(a.folder, a.notebook.key)
    make_note(first, visit, "yang pertama")
    sync(first)
    first.close()
    shutil.rmtree(a.folder)
    shutil.copytree(kept, a.folder)
    again = town.open(a.folder, a.notebook.key)
    assert again.device == a.device
    make_note(again, visit, "nomor yang sama")
    with again.reading() as session:
        ((device, counter),) = session.execute(select(Intent.device, Intent.counter).where(Intent.state == State.OPEN))
    held = town.rows(select(tb.intent.c.hash).where(tb.intent.c.device == device, tb.intent.c.counter == counter))
    town.agree(again, b)
    for account in (again, b):
        assert bodies(account, visit) == ["nomor yang sama", "yang pertama"]
    assert held == town.rows(select(tb.intent.c.hash).where(tb.intent.c.device == device, tb.intent.c.counter == counter))
    assert set(states(again)) == {State.STORED}


def test_a_forged_number_in_an_intent_is_no_fault_of_the_server(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    for counter in (1 << 62, 1 << 70, -1, 0):
        transport = syncing.transport_of(a)
        with pytest.raises(LineError) as told:
            transport.sync(protocol.pack_request(Request(a.device, "", {}, [
                WireIntent("nomor-besar", counter % (1 << 63), 1, "x", visit_scope(visit), [])])))
        assert told.value.code == "protocol"
        transport.close()
    sync(b)
