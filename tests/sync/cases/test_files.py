"""The files' cases that need a gateway or a dying server; the others are in ``tests/sync/test_blobs_cases.py``."""

from __future__ import annotations

import hashlib
import os

import pytest

from assessor_app.errors import LineError
from assessor_app.models.attachments import Attachment
from assessor_app.sync import blobs, transport
from assessor_app.workflow import interviewing, syncing
from assessor_app.workflow.accounts import Account
from tests.factories import make_note, read, sync
from tests.sync.cases.conftest import Town, bodies, through
from tests.sync.cases.gate import Answer, Fate, Lost, Meanwhile, gate

pytestmark = pytest.mark.xdist_group("cases-files")
Pair = tuple[Account, Account, str]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "_PAUSES", (0.0, 0.0))
    monkeypatch.setattr(transport, "pause", lambda seconds, check: None)


def attach(account: Account, visit: str, size: int = 300_000) -> tuple[bytes, str]:
    """Attach a photo to a visit; return its bytes and the record."""
    data = os.urandom(size)
    photo = interviewing.Photo(data, 1, 1, "", None, None)
    interviewing.store_photo(account.blobs, photo)
    return data, account.writer.run(lambda u: interviewing.attach_photo(u, visit, photo), purpose="x")


@pytest.mark.parametrize("fate", [
    Answer(), Answer(302, b"", {"Location": "http://localhost:1/"}), Answer(200, b"", {"X-Asesor": "1"}), Lost(),
    Answer(504, b"", {"X-Asesor": "1"}, after=True), Answer(503, b"", {"X-Asesor": "1", "Retry-After": "1"})])
def test_what_meets_a_photo_on_its_way_up_is_no_receipt(town: Town, pair: Pair, fate: Fate) -> None:
    a, b, visit = pair
    data, record = attach(a, visit)
    make_note(a, visit, "catatan di sebelah foto")
    with gate(town.server.url, fate, path="/v1/blobs") as line, through(a, line.url):
        outcome = syncing.synchronise(a)
        assert outcome.sent == 2, "the records went first"
        if outcome.fault is not None or outcome.photos_missing:
            assert not outcome.complete
            assert outcome.photos_sent == 0
            sync(a)
        else:
            assert outcome.photos_sent == 1
    sync(b)
    digest = read(b, Attachment, record, "sha256")
    assert b.blobs.get(digest) == data
    assert bodies(b, visit) == ["catatan di sebelah foto"]


@pytest.mark.parametrize("fate", [Answer(), Answer(200, b"<html>", {"X-Asesor": "1", "Content-Type": "text/html"}),
                                  Answer(404, b'{"code": "missing"}', {"X-Asesor": "1"})])
def test_a_portals_page_is_never_kept_as_a_photo(town: Town, pair: Pair, fate: Fate) -> None:
    a, b, visit = pair
    data, _ = attach(a, visit)
    sync(a)
    digest = hashlib.sha256(data).hexdigest()
    with gate(town.server.url, fate, path="/v1/blobs") as line, through(b, line.url):
        outcome = syncing.synchronise(b)
        assert not outcome.complete
        assert (outcome.photos_received, b.blobs.has(digest)) == (0, False)
        sync(b)
    assert b.blobs.get(digest) == data


def test_kill_9_of_the_server_while_a_photo_arrives(town: Town) -> None:
    a, b, visit = town.two()
    data, record = attach(a, visit, 900_000)

    def dies() -> None:
        town.server.stop(kill=True)
        raise ConnectionError

    with gate(town.server.url, Meanwhile(dies), path="/v1/blobs") as line, through(a, line.url):
        outcome = syncing.synchronise(a)
    assert isinstance(outcome.fault, LineError)
    assert not outcome.complete
    town.server.start()
    sync(a)
    sync(b)
    assert b.blobs.get(read(b, Attachment, record, "sha256")) == data
