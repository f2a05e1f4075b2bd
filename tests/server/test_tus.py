"""Uploads by hand, as tus 1.0 words them, to a real server process: what is kept, what is taken back, what is refused."""

from __future__ import annotations

import base64
import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from assessor_app.models.attachments import Attachment
from assessor_app.workflow import syncing
from assessor_server import tables as tb
from tests.factories import ServerProcess
from tests.server.site import Site, meta, sha256


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("tus")
    made = Site(ServerProcess(root / "server").prepare().start(), root)
    made.join("ani")
    made.join("budi")
    yield made
    made.close()


@pytest.fixture
def photo() -> bytes:
    return os.urandom(300_000)


def test_the_server_says_what_it_can_without_being_told_who_asks(site: Site) -> None:
    for path in ("/v1/blobs", "/v1/blobs/uploads/x"):
        answer = site.ask("OPTIONS", path)
        assert answer.status_code == 204
        assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
        assert answer.headers["Tus-Extension"] == "creation,creation-with-upload,checksum,expiration,termination"
        assert answer.headers["Tus-Max-Size"] == "200000000"
        assert answer.headers["Tus-Checksum-Algorithm"] == "sha256,sha1"


def test_an_upload_begun_empty_grows_piece_by_piece_and_is_read_back(site: Site, photo: bytes) -> None:
    digest = site.name("ani", photo)
    begun = site.begin("ani", digest, len(photo))
    place = begun.headers["Location"]
    assert (begun.status_code, begun.headers["Upload-Offset"]) == (201, "0")
    assert "GMT" in begun.headers["Upload-Expires"]
    assert site.patch("ani", place, 0, photo[:100_001]).headers["Upload-Offset"] == "100001"
    asked = site.ask("HEAD", place, "ani")
    assert (asked.headers["Upload-Offset"], asked.headers["Upload-Length"]) == ("100001", "300000")
    assert asked.headers["Cache-Control"] == "no-store"
    assert site.ask("GET", f"/v1/blobs/{digest}", "ani").status_code == 404, "half a blob is none"
    done = site.patch("ani", place, 100_001, photo[100_001:])
    assert (done.status_code, done.headers["Upload-Offset"]) == (204, "300000")
    assert site.ask("GET", f"/v1/blobs/{digest}", "ani").content == photo
    assert site.offset("ani", place) == 300_000
    assert site.patch("ani", place, 300_000, b"").status_code == 204


def test_one_request_is_enough_and_what_the_server_holds_is_not_sent_again(site: Site, photo: bytes) -> None:
    digest = site.name("ani", photo)
    right = base64.b64encode(hashlib.sha256(photo).digest()).decode()
    once = site.begin("ani", digest, len(photo), photo, Upload_Checksum=f"sha256 {right}")
    assert (once.status_code, once.headers["Upload-Offset"]) == (201, "300000")
    for login in ("ani", "budi"):  # a colleague of the same visits, too
        again = site.begin(login, digest, len(photo))
        assert (again.status_code, again.headers["Upload-Offset"]) == (201, "300000")
        assert site.offset(login, again.headers["Location"]) == 300_000
    assert site.ask("GET", f"/v1/blobs/{digest}", "budi").content == photo


def test_an_empty_blob_is_whole_at_once(site: Site) -> None:
    digest = site.name("ani", b"")
    assert site.begin("ani", digest, 0).headers["Upload-Offset"] == "0"
    assert site.ask("GET", f"/v1/blobs/{digest}", "ani").status_code == 200


def test_two_devices_upload_the_same_photo_at_once(site: Site, photo: bytes) -> None:
    digest = site.name("ani", photo)
    places = [site.begin(login, digest, len(photo)).headers["Location"] for login in ("ani", "budi")]
    assert places[0] != places[1]
    site.patch("ani", places[0], 0, photo[:200_000])
    site.patch("budi", places[1], 0, photo[:90_000])
    assert site.patch("budi", places[1], 90_000, photo[90_000:]).status_code == 204
    assert site.offset("ani", places[0]) == 300_000
    assert site.ask("GET", f"/v1/blobs/{digest}", "ani").content == photo


def test_after_a_cut_the_server_names_the_byte_where_it_stopped(site: Site, photo: bytes) -> None:
    place = site.begin("ani", site.name("ani", photo), len(photo)).headers["Location"]
    site.half_sent("ani", place, 0, photo[:123_457], len(photo)).close()
    assert site.offset("ani", place) == 123_457
    assert site.patch("ani", place, 123_457, photo[123_457:]).status_code == 204


def test_who_comes_back_before_the_server_noticed_the_cut_goes_on(site: Site, photo: bytes) -> None:
    place = site.begin("ani", site.name("ani", photo), len(photo)).headers["Location"]
    dead = site.half_sent("ani", place, 0, photo[:50_000], len(photo))
    assert site.offset("ani", place) == 50_000
    assert site.patch("ani", place, 50_000, photo[50_000:120_000]).status_code == 204
    dead.sendall(b"what the dead line still holds comes too late")
    assert b"409" in dead.recv(1000)
    dead.close()
    assert site.patch("ani", place, 120_000, photo[120_000:]).status_code == 204


def test_an_upload_whose_reply_was_lost_is_found_again(site: Site, photo: bytes) -> None:
    digest = site.name("ani", photo)
    place = site.begin("ani", digest, len(photo)).headers["Location"]
    site.patch("ani", place, 0, photo[:77_777])
    again = site.begin("ani", digest, len(photo), photo)
    assert (again.headers["Location"], again.headers["Upload-Offset"]) == (place, "77777")


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_of_a_false_piece_nothing_is_kept(site: Site, photo: bytes, algorithm: str) -> None:
    place = site.begin("ani", site.name("ani", photo), len(photo)).headers["Location"]
    right = base64.b64encode(hashlib.new(algorithm, photo[1000:2000]).digest()).decode()
    site.patch("ani", place, 0, photo[:1000])
    false = site.patch("ani", place, 1000, photo[1001:2001], Upload_Checksum=f"{algorithm} {right}")
    assert (false.status_code, false.json()["code"]) == (460, "checksum")
    assert site.offset("ani", place) == 1000
    assert site.patch("ani", place, 1000, photo[1000:2000], Upload_Checksum=f"{algorithm} {right}").headers["Upload-Offset"] == "2000"


def test_a_blob_that_is_not_what_it_says_is_thrown_away_and_told(site: Site, photo: bytes) -> None:
    digest = site.name("ani", photo)
    false = site.begin("ani", digest, len(photo), photo[:-1] + bytes([photo[-1] ^ 1]))
    assert (false.status_code, false.json()["code"]) == (460, "checksum")
    assert site.ask("GET", f"/v1/blobs/{digest}", "ani").status_code == 404
    again = site.begin("ani", digest, len(photo))
    assert again.headers["Upload-Offset"] == "0"
    assert site.patch("ani", again.headers["Location"], 0, photo).status_code == 204


def test_what_is_not_of_the_protocol_is_refused_in_its_words(site: Site, photo: bytes) -> None:
    digest = site.name("ani", photo)
    place = site.begin("ani", digest, len(photo)).headers["Location"]
    old = site.patch("ani", place, 0, photo, Tus_Resumable="0.2.2")
    assert (old.status_code, old.headers["Tus-Version"]) == (412, "1.0.0")
    assert site.patch("ani", place, 0, photo, Content_Type="image/jpeg").status_code == 415
    assert site.patch("ani", place, 5, photo[5:]).status_code == 409
    assert site.patch("ani", place, -1, photo).status_code == 400
    assert site.patch("ani", place, 0, photo + b"x").status_code == 413
    assert site.patch("ani", place, 0, iter([photo, b"x"])).status_code == 413, "also where the length is not told before"
    assert site.patch("ani", place, 0, photo[:1], Upload_Checksum="md5 AAAA").status_code == 400
    assert site.begin("ani", digest, 200_000_001).status_code == 413
    assert site.ask("POST", "/v1/blobs", "ani", Upload_Metadata=meta(digest), Upload_Defer_Length="1").status_code == 400
    assert site.ask("POST", "/v1/blobs", "ani", Upload_Length="3", Upload_Metadata="sha256 %%%").status_code == 400
    assert site.ask("POST", "/v1/blobs", "ani", b"abc", Upload_Length="300000", Upload_Metadata=meta(digest)).status_code == 415
    assert site.ask("HEAD", "/v1/blobs/uploads/0", "ani").status_code == 404
    done = site.patch("ani", place, site.offset("ani", place), photo[site.offset("ani", place):])
    assert done.status_code == 204, "none of it did harm"


def test_where_a_network_lets_no_patch_through_a_post_does(site: Site, photo: bytes) -> None:
    place = site.begin("ani", site.name("ani", photo), len(photo)).headers["Location"]
    kind = {"Content_Type": "application/offset+octet-stream", "Upload_Offset": "0"}
    assert site.ask("POST", place, "ani", photo, X_HTTP_Method_Override="PATCH", **kind).headers["Upload-Offset"] == "300000"
    assert site.ask("POST", place, "ani", X_HTTP_Method_Override="DELETE").status_code == 204


def test_an_upload_that_is_given_up_is_gone_and_a_whole_blob_stays(site: Site, photo: bytes) -> None:
    digest = site.name("ani", photo)
    place = site.begin("ani", digest, len(photo)).headers["Location"]
    site.patch("ani", place, 0, photo[:1000])
    assert site.ask("DELETE", place, "ani").status_code == 204
    assert site.ask("HEAD", place, "ani").status_code == site.ask("DELETE", place, "ani").status_code == 404
    assert not (site.server.folder / "uploads" / place.rpartition("/")[2]).exists()
    whole = site.begin("ani", digest, len(photo), photo).headers["Location"]
    site.ask("DELETE", whole, "ani")
    assert site.ask("GET", f"/v1/blobs/{digest}", "ani").content == photo


def test_an_unfinished_upload_is_kept_for_a_while_only(site: Site, photo: bytes) -> None:
    digest = site.name("ani", photo)
    place = site.begin("ani", digest, len(photo)).headers["Location"]
    site.patch("ani", place, 0, photo[:1000])
    store = site.server.store()
    with store.transaction() as connection:
        connection.execute(update(tb.upload).where(tb.upload.c.id == place.rpartition("/")[2]).values(created_at=1))
    store.close()
    assert site.ask("HEAD", place, "ani").status_code == 404
    assert site.begin("ani", digest, len(photo)).headers["Upload-Offset"] == "0"


def test_a_download_begins_where_it_is_asked_to(site: Site, photo: bytes) -> None:
    digest = site.name("ani", photo)
    site.begin("ani", digest, len(photo), photo)
    path = f"/v1/blobs/{digest}"
    rest = site.ask("GET", path, "ani", Range="bytes=299990-")
    assert (rest.status_code, rest.content, rest.headers["Content-Range"]) == (206, photo[-10:], "bytes 299990-299999/300000")
    assert site.ask("GET", path, "ani", Range="bytes=5-9").content == photo[5:10]
    beyond = site.ask("GET", path, "ani", Range="bytes=300000-")
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, "bytes */300000")
    assert site.ask("GET", path, "ani", Range="pages=1-2").content == photo


def test_an_erased_photo_leaves_no_bytes_behind_neither_whole_nor_on_their_way(site: Site, photo: bytes) -> None:
    from assessor_app.models.kinds import Kind

    account = site.people["ani"]
    whole, half = photo[:200_000], photo[200_000:]
    site.begin("ani", site.name("ani", whole), len(whole), whole)
    place = site.begin("ani", site.name("ani", half), len(half)).headers["Location"]
    site.patch("ani", place, 0, half[:5000])
    with account.reading() as session:
        rows = session.scalars(select(Attachment.id).where(Attachment.sha256.in_([sha256(whole), sha256(half)]))).all()

    def erase(unit) -> None:  # type: ignore[no-untyped-def]
        for row in rows:
            unit.erase(Kind.ATTACHMENT, row)

    account.writer.run(erase, purpose="erase")
    assert syncing.synchronise(account).fault is None
    assert site.ask("GET", f"/v1/blobs/{sha256(whole)}", "ani").status_code in {404, 410}
    assert site.patch("ani", place, 5000, half[5000:]).status_code in {404, 410}
    kept = b"".join(f.read_bytes() for f in site.server.folder.rglob("*") if f.is_file() and f.parent.name != "server")
    assert whole[:1000] not in kept
    assert half[:1000] not in kept


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
def test_a_large_file_is_never_held_in_memory(site: Site) -> None:
    big = bytes(60_000_000)
    digest = site.name("ani", big)
    assert site.server.process

    def peak() -> int:
        status = Path(f"/proc/{site.server.process.pid}/status").read_text()  # type: ignore[union-attr]
        return int(status.partition("VmHWM:")[2].split()[0])

    before = peak()
    assert site.begin("ani", digest, len(big), big).status_code == 201
    assert site.ask("GET", f"/v1/blobs/{digest}", "ani").content == big
    assert peak() - before < 20_000, "kB"
