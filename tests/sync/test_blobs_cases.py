"""What happened to others' photos on bad lines and bad disks, each told once to two devices and a real server process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assessor_app.models.attachments import Attachment
from assessor_app.models.interviews import Interview
from assessor_app.models.tables import Transfer
from assessor_app.sync import blobs
from assessor_app.workflow import interviewing, syncing
from assessor_app.workflow.accounts import Account, put_settings
from tests.factories import ServerProcess, make_note, read, sync
from tests.server.site import Site, sha256
from tests.sync.cutting import cut_line


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("cases")
    made = Site(ServerProcess(root / "server").prepare().start(), root)
    made.join("ani")
    made.join("budi")
    sync(made.people["ani"])
    yield made
    made.close()


@pytest.fixture
def ani(site: Site) -> Iterator[Account]:
    yield site.people["ani"]
    put_settings(site.people["ani"], server_url=site.server.url)


@pytest.fixture
def budi(site: Site) -> Iterator[Account]:
    yield site.people["budi"]
    put_settings(site.people["budi"], server_url=site.server.url)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "_PAUSES", (0.0, 0.0))


def attach(site: Site, data: bytes) -> str:
    """Attach a photo to Ani's note; return its digest."""
    account = site.people["ani"]
    photo = interviewing.Photo(data, 1, 1, "", None, None)
    interviewing.store_photo(account.blobs, photo)
    account.writer.run(lambda u: interviewing.attach_photo(u, site.visits["ani"], photo, interview=site.notes["ani"]), purpose="x")
    return sha256(data)


def forget(account: Account, digest: str) -> None:
    """Let a photo be no more, for the next test."""
    def work(unit: Any) -> None:
        for row in unit.session.scalars(select(Attachment).where(Attachment.sha256 == digest)):
            row.deleted = True

    account.writer.run(work, purpose="x")


def at_the_centre(site: Site, digest: str) -> bytes | None:
    answer = site.ask("GET", f"/v1/blobs/{digest}", "ani")
    return answer.content if answer.status_code == 200 else None


def test_a_file_zeroed_by_a_power_cut_is_not_uploaded(site: Site, ani: Account) -> None:
    digest = attach(site, os.urandom(300_000))
    zeroed = "UPDATE chunk SET data = zeroblob(length(data)) WHERE sha256 IN (SELECT chunk FROM part WHERE blob = ?)"
    with ani.blobs._transaction() as connection:
        connection.execute(zeroed, (digest,))
    outcome = syncing.synchronise(ani)
    assert (outcome.photos_sent, outcome.photos_missing, outcome.complete) == (0, 1, False)
    assert at_the_centre(site, digest) is None
    assert not list((site.server.folder / "uploads").iterdir())
    forget(ani, digest)


def test_a_chunk_was_stuck_and_the_file_arrived_mangled(site: Site, ani: Account) -> None:
    data = os.urandom(300_000)
    digest = attach(site, data)
    assert syncing.synchronise(ani, cancelled=_after(1)).fault is not None  # the record is there, the photo not yet
    place = site.begin("ani", digest, len(data)).headers["Location"]
    stuck = site.half_sent("ani", place, 0, bytes(100_000), len(data))
    outcome = sync(ani)
    stuck.close()
    assert outcome.photos_sent == 1
    assert at_the_centre(site, digest) == data


def _after(count: int) -> Any:
    """Return what cancels a sync once it has asked so often."""
    left = [count]

    def cancelled() -> bool:
        left[0] -= 1
        return left[0] < 0

    return cancelled


@pytest.mark.usefixtures("impatient")
def test_a_record_is_accepted_and_its_attachment_fails(site: Site, ani: Account, budi: Account) -> None:
    data = os.urandom(300_000)
    digest = attach(site, data)
    with cut_line(site.server.url, 60_000, 0, 0, 0, 0, 0) as line:
        put_settings(ani, server_url=line.url)
        outcome = syncing.synchronise(ani)
    assert outcome.sent == 1
    assert (outcome.photos_sent, outcome.complete) == (0, False)
    assert outcome.fault is not None
    there = syncing.synchronise(budi)
    assert (there.photos_missing, there.complete, there.fault) == (1, False, None), "it never says done with a photo missing"
    with budi.reading() as session:
        assert session.scalar(select(Attachment.sha256).where(Attachment.sha256 == digest)) == digest
    put_settings(ani, server_url=site.server.url)
    again = sync(ani)
    assert again.photos_sent == 1
    assert again.bytes_up < 250_000, "it went on at the byte"
    sync(budi)
    assert budi.blobs.get(digest) == data


def test_a_4_mb_photo_on_a_slow_line_blocks_nothing(site: Site, ani: Account, budi: Account) -> None:
    large, small = attach(site, os.urandom(4_000_000)), attach(site, os.urandom(20_000))
    note = make_note(ani, site.visits["ani"], "Lebih penting daripada foto.")
    seen: list[Any] = []
    outcome = syncing.synchronise(ani, watch=seen.append, cancelled=lambda: bool(seen) and seen[-1].file_done > 300_000)
    assert outcome.fault is not None
    assert outcome.photos_sent == 1
    phases = [progress.phase for progress in seen]
    assert phases.index("photos_up") > phases.index("records")
    assert at_the_centre(site, small) is not None
    assert at_the_centre(site, large) is None
    syncing.synchronise(budi)
    assert read(budi, Interview, note, "body") == "Lebih penting daripada foto."
    note = make_note(ani, site.visits["ani"], "Diketik selama foto berjalan.")
    seen.clear()
    syncing.synchronise(ani, watch=seen.append, cancelled=lambda: bool(seen) and seen[-1].file_done > 1_000_000)
    assert min(p.file_done for p in seen if p.phase == "photos_up") > 0, "it goes on where it stopped"
    syncing.synchronise(budi)
    assert read(budi, Interview, note, "body") == "Diketik selama foto berjalan."
    assert sync(ani).photos_sent == 1
    sync(budi)


@pytest.mark.usefixtures("impatient")
def test_a_line_that_is_cut_again_and_again_costs_little_more_than_the_photo(site: Site, ani: Account, budi: Account) -> None:
    data = os.urandom(900_000)
    digest = attach(site, data)
    with cut_line(site.server.url, *[90_000] * 20) as line:
        put_settings(ani, server_url=line.url)
        assert sync(ani).photos_sent == 1
        assert line.connections > 9
        assert line.carried < 1.1 * len(data)
    with cut_line(site.server.url, *[90_000] * 20) as line:
        put_settings(budi, server_url=line.url)
        assert sync(budi).photos_received == 1
        assert line.connections > 9
        assert line.brought < 1.1 * len(data)
    assert budi.blobs.get(digest) == data
    assert ani.blobs.check() == budi.blobs.check() == []


def test_the_bytes_that_a_sync_tells_are_those_that_travelled(site: Site, ani: Account, budi: Account) -> None:
    attach(site, os.urandom(200_000))
    for account in (ani, budi):
        with cut_line(site.server.url) as line:
            put_settings(account, server_url=line.url)
            outcome = sync(account)
            assert (outcome.bytes_up, outcome.bytes_down) == (line.carried, line.brought)


def test_what_the_server_holds_already_is_not_sent_again(site: Site, ani: Account) -> None:
    digest = attach(site, os.urandom(3_000_000))
    sync(ani)
    ani.writer.run(lambda unit: unit.session.delete(unit.session.get(Transfer, digest)), purpose="transfer")
    with cut_line(site.server.url, pace=0.005) as line:
        put_settings(ani, server_url=line.url)
        outcome = sync(ani)
    assert outcome.photos_sent == 1
    assert outcome.bytes_up < 2_500_000, "the server's answer was heard while the photo was still being sent"


def test_a_photo_is_sent_in_one_request(site: Site, ani: Account, tmp_path: Path) -> None:
    attach(site, os.urandom(1_500_000))
    with cut_line(site.server.url) as line:
        put_settings(ani, server_url=line.url)
        outcome = sync(ani)
        assert line.connections == 1
    assert outcome.bytes_up < 1_502_000
