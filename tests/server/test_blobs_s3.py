"""Blobs in an S3-compatible store: OpenStack Swift, a real one, behind a real server process and two devices."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from assessor_app.errors import AppError
from assessor_app.models.attachments import Attachment
from assessor_app.models.kinds import Kind
from assessor_app.workflow import interviewing, syncing
from assessor_server import blob_store
from assessor_server.blob_store import S3Store, StoreFault, open_store
from assessor_server.blobs import BlobFault, Blobs
from assessor_server.store import Store
from tests.factories import ServerProcess, sync
from tests.server import swift
from tests.server.site import Site, sha256

pytestmark = pytest.mark.xdist_group("swift")
KEYS = {"AWS_ACCESS_KEY_ID": swift.KEY, "AWS_SECRET_ACCESS_KEY": swift.SECRET}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not swift.installed():
        pytest.skip("Debian's swift-proxy, swift-account, swift-container and swift-object are not installed: no S3 store to test on")
    with swift.serving(tmp_path_factory.mktemp("swift") / "s") as url:
        yield url


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, endpoint: str) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("s3")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**KEYS, "ASESOR_BLOBS": "s3://asesor/foto", "ASESOR_S3_ENDPOINT": endpoint}.items():
            patch.setenv(name, value)
        keep = open_store("s3://asesor/foto", endpoint, root)
        assert isinstance(keep, S3Store)
        keep.client.make_bucket("asesor")
        made = Site(ServerProcess(root / "server").prepare().start(), root)
    made.join("ani")
    made.join("budi")
    yield made
    made.close()


@pytest.fixture
def keep(endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, site: Site) -> S3Store:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    made = open_store("s3://asesor/foto", endpoint, tmp_path)
    assert isinstance(made, S3Store)
    return made


def test_a_photo_goes_to_the_store_and_from_there_to_the_colleague(site: Site, keep: S3Store) -> None:
    ani, budi = site.people["ani"], site.people["budi"]
    photo = interviewing.Photo(os.urandom(700_000), 1, 1, "", None, None)
    digest = interviewing.store_photo(ani.blobs, photo)
    ani.writer.run(lambda u: interviewing.attach_photo(u, site.visits["ani"], photo, interview=site.notes["ani"]), purpose="x")
    assert sync(ani).photos_sent == 1
    assert sync(budi).photos_received == 1
    assert budi.blobs.get(digest) == photo.data
    assert keep.size(digest) == 700_000
    here = [f for f in site.server.folder.rglob("*") if f.is_file() and f.stat().st_size == 700_000]
    assert here == [], "nothing of it stays on the server's disk"


def test_a_part_is_read_from_the_store_as_from_the_disk(site: Site) -> None:
    data = os.urandom(600_000)
    digest = site.name("ani", data)
    place = site.begin("ani", digest, len(data)).headers["Location"]
    site.patch("ani", place, 0, data[:250_000])
    assert site.offset("ani", place) == 250_000
    site.patch("ani", place, 250_000, data[250_000:])
    rest = site.ask("GET", f"/v1/blobs/{digest}", "ani", Range="bytes=599990-")
    assert (rest.status_code, rest.content) == (206, data[-10:])
    assert site.begin("budi", digest, len(data)).headers["Upload-Offset"] == "600000"


def test_a_large_blob_goes_in_parts(keep: S3Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blob_store, "PART", 5 * 1024 * 1024)
    data = os.urandom(12_000_000)
    (tmp_path / "file").write_bytes(data)
    keep.put(sha256(data), tmp_path / "file")
    assert not (tmp_path / "file").exists()
    assert b"".join(keep.read(sha256(data), 0, len(data))) == data
    assert b"".join(keep.read(sha256(data), 7_000_000, 5)) == data[7_000_000:7_000_005]
    keep.erase(sha256(data))
    assert keep.size(sha256(data)) is None
    keep.erase(sha256(data))  # and again: no fault


def test_an_erased_photo_is_gone_from_the_store(site: Site, keep: S3Store) -> None:
    data = os.urandom(50_000)
    digest = site.name("ani", data)
    site.begin("ani", digest, len(data), data)
    assert keep.size(digest) == 50_000
    ani = site.people["ani"]
    with ani.reading() as session:
        row = session.scalars(select(Attachment.id).where(Attachment.sha256 == digest)).one()
    ani.writer.run(lambda u: u.erase(Kind.ATTACHMENT, row), purpose="erase")
    assert syncing.synchronise(ani).fault is None
    assert keep.size(digest) is None


def test_a_store_that_is_away_is_a_fault_that_passes_and_the_whole_upload_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(blob_store, "TRIES", 0)
    away = open_store("s3://asesor", "http://127.0.0.1:9", tmp_path)
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(StoreFault):
        away.put("0" * 64, tmp_path / "file")
    assert (tmp_path / "file").exists(), "what came stays until it has arrived there"
    store = Store(tmp_path)
    with pytest.raises(BlobFault) as caught:
        Blobs(store, away).size("0" * 64)
    assert (caught.value.status, caught.value.reason) == (503, "store")
    store.close()


@pytest.mark.parametrize(("place", "endpoint", "keys", "said"), [
    ("gs://asesor", "", KEYS, "not understood"), ("s3://", "", KEYS, "not understood"), ("s3://asesor", "ftp://x", KEYS, "address"),
    ("s3://asesor", "", dict.fromkeys(KEYS, ""), "AWS_ACCESS_KEY_ID")])
def test_what_is_wrong_with_the_option_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, endpoint: str,
                                               keys: dict[str, str], said: str) -> None:
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(AppError) as caught:
        open_store(place, endpoint, tmp_path)
    assert said in str(caught.value)


def test_a_wrong_option_is_said_before_anything_is_served(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "assessor_server", "--data", str(tmp_path)]
    subprocess.run([*words, "init"], check=True, capture_output=True, timeout=60)
    words += ["--blobs", "gs://asesor", "serve", "--port", "0"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "s3://BUCKET" in done.stderr


def test_the_disk_is_the_default(tmp_path: Path) -> None:
    assert isinstance(open_store("", "", tmp_path), blob_store.DiskStore)
    with pytest.raises(AppError, match="not understood"):
        open_store("s3:asesor", "", tmp_path)
