"""Timestamps by themselves: with a line at once, without one after the next sync; a dead authority harms nothing."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assessor_app.errors import AppError
from assessor_app.models import files
from assessor_app.models.documents import Document, Revision
from assessor_app.workflow import documents, editing, syncing, timestamping, verifying
from assessor_app.workflow.accounts import Account, setting
from assessor_app.workflow.queries.documents import documents_view
from tests.factories import PIN, ServerProcess, make_account, make_visit, read, sync, write
from tests.peer import peer
from tests.sync.loopback import cheap_secrets


@pytest.fixture(autouse=True)
def _cheap() -> Iterator[None]:
    with cheap_secrets():
        yield


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    made = ServerProcess(tmp_path / "server").prepare("ani", "budi").start()
    yield made
    made.stop()


def signed_minutes(account: Account, visit: str, number: str = "1") -> str:
    from assessor_app.models.visits import Visit

    write(account, Visit, visit, seen="Dermaga")
    return documents.sign(account, documents.prepare(account, "minutes", visit, documents.wish(number=number)), PIN)


def revisions(account: Account, document: str) -> list[Any]:
    with account.reading() as session:
        rows = session.scalars(select(Revision).where(Revision.document == document).order_by(Revision.number)).all()
        return [(row.number, row.type, files.get(session, row.sha256)) for row in rows]


def test_signed_offline_and_timestamped_by_the_next_sync(server: ServerProcess, tmp_path: Path) -> None:
    ani = server.join(tmp_path / "ani", "ani")
    visit = make_visit(ani)
    sync(ani)
    server.stop()
    document = signed_minutes(ani, visit)
    ((_, type, first),) = revisions(ani, document)
    assert type == "signed"
    server.start()
    outcome = sync(ani)
    (_, _, again), (number, type, stamped) = revisions(ani, document)
    assert (again, number, type) == (first, 2, "timestamped")
    assert stamped.startswith(first)
    result = verifying.verify_file(ani, stamped)
    assert result["as_signed"], result
    assert result["revision"] == {"number": 2, "of": 2}
    assert result["timestamps"][0]["trusted"]
    assert result["signatures"][0]["timestamp_trusted"]
    earlier = verifying.verify_file(ani, first)
    assert earlier["as_signed"]
    assert earlier["revision"] == {"number": 1, "of": 2}
    assert earlier["remarks"] == ["earlier_revision"]
    # both revisions are at the centre with this one sync
    there = [file.stat().st_size for file in (server.folder / "blobs").rglob("*") if file.is_file()]
    assert sorted(there) == sorted([len(first), len(stamped)])
    assert outcome.photos_sent == 2
    # the later revision begins with the earlier one: only what is new goes over the line
    assert outcome.bytes_up < len(first) + (len(stamped) - len(first)) + 20_000
    # it is done once, it is nobody's last step, and the page says so
    quiet = sync(ani)
    assert (quiet.sent, quiet.photos_sent) == (0, 0)
    with ani.reading() as session:
        assert timestamping.pending(session) == []
        step = editing.last_undoable(session)
        assert step is None or not step.purpose.startswith("document.")
        (row,) = documents_view(session, visit, ani.profile).documents
        assert row.timestamped
        assert row.state == "signed"
    # a colleague who gets it later sees the same
    budi = server.join(tmp_path / "budi", "budi")
    came = sync(budi)
    assert len(stamped) < came.bytes_down < len(first) + len(stamped)  # the second goes on where the first ends
    assert [kind for _, kind, _ in revisions(budi, document)] == ["signed", "timestamped"]
    assert verifying.verify_file(budi, stamped)["as_signed"]
    with budi.reading() as session:
        assert timestamping.pending(session) == []  # who did not sign adds nothing
    for account in (ani, budi):
        account.close()


def test_with_a_line_the_signature_is_timestamped_at_once(server: ServerProcess, tmp_path: Path) -> None:
    ani = server.join(tmp_path / "ani", "ani")
    document = signed_minutes(ani, make_visit(ani))
    ((_, _, pdf),) = revisions(ani, document)
    result = verifying.verify_file(ani, pdf)
    assert result["as_signed"]
    assert result["signatures"][0]["timestamp_trusted"]
    assert result["timestamps"] == []
    sync(ani)
    assert [type for _, type, _ in revisions(ani, document)] == ["signed", "timestamped"]
    ani.close()


def test_what_was_signed_before_joining_is_vouched_for_later(server: ServerProcess, tmp_path: Path) -> None:
    ani = make_account(tmp_path / "ani", "Ani")
    visit = make_visit(ani)
    document = signed_minutes(ani, visit)
    ((_, _, first),) = revisions(ani, document)
    assert verifying.verify_file(ani, first)["signatures"][0]["trust"] == "unknown"
    syncing.join(ani, server.invitation("ani"))
    assert verifying.verify_file(ani, first)["signatures"][0]["trust"] == "certified_later"
    sync(ani)
    stamped = revisions(ani, document)[-1][2]
    # anybody with the centre's root alone sees it, for the certificate travels inside
    from assessor_app.workflow.trusting import Anchors

    with ani.reading() as session:
        root = str(setting(session, "root")).encode()
    assert verifying.examine(first, Anchors(root))["problems"] == ["not_trusted"]
    found = verifying.examine(stamped, Anchors(root))
    assert found["as_signed"]
    assert found["signatures"][0]["trust"] == "certified_later"
    assert found["signatures"][0]["signer"] == "Ani"
    ani.close()


def test_a_dead_authority_harms_nothing_and_is_tried_again(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "server").prepare("ani")
    with peer(tmp_path / "peer") as other:
        (tmp_path / "root.pem").write_bytes(other.pem("root"))
        url = other.url
    server.start("--tsa", url, "--tsa-root", str(tmp_path / "root.pem"))
    ani = server.join(tmp_path / "ani", "ani")
    document = signed_minutes(ani, make_visit(ani))
    outcome = sync(ani)  # whole and without a fault
    assert outcome.sent
    assert [type for _, type, _ in revisions(ani, document)] == ["signed"]
    with ani.reading() as session:
        assert setting(session, "timestamp_fault")
        assert timestamping.pending(session) == [document]
    server.stop()
    server.start()  # with its own authority again
    sync(ani)
    assert [type for _, type, _ in revisions(ani, document)] == ["signed", "timestamped"]
    with ani.reading() as session:
        assert not setting(session, "timestamp_fault")
    ani.close()
    server.stop()


def test_an_outside_authority_is_trusted_by_devices_once_the_server_says_so(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "server").prepare("ani")
    with peer(tmp_path / "peer") as other:
        (tmp_path / "root.pem").write_bytes(other.pem("root"))
        server.start("--tsa", other.url, "--tsa-root", str(tmp_path / "root.pem"))
        ani = server.join(tmp_path / "ani", "ani")
        document = signed_minutes(ani, make_visit(ani))
        sync(ani)
        stamped = revisions(ani, document)[-1]
        assert stamped[1] == "timestamped"
        result = verifying.verify_file(ani, stamped[2])
        assert result["as_signed"]
        assert result["timestamps"][0] | {"time": ""} == {"time": "", "authority": "Penanda Waktu Uji", "trusted": True}
        assert result["signatures"][0]["timestamp_trusted"]
        ani.close()
        server.stop()


def test_the_next_signature_comes_after_the_timestamp(server: ServerProcess, tmp_path: Path) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader

    from tests.reports.test_signing import _own_file

    ani = server.join(tmp_path / "ani", "ani")
    visit = make_visit(ani)
    own = _own_file("Yulianus Kambatop", None)
    from assessor_app.identity import certificates
    from assessor_app.models.visits import Visit
    from assessor_app.workflow.visiting import add_official

    write(ani, Visit, visit, seen="Dermaga")
    person = ani.writer.run(lambda unit: add_official(unit, visit, name="Yulianus Kambatop", office="Kepala Dinas"), purpose="person.add")
    wish = documents.wish(number="2", official=person, official_signs="certificate",
                          official_certificate=certificates.fingerprint(own.certificate))
    document = documents.sign(ani, documents.prepare(ani, "minutes", visit, wish), PIN)
    sync(ani)
    documents.cosign(ani, document, own)
    sync(ani)
    found = revisions(ani, document)
    assert [type for _, type, _ in found] == ["signed", "timestamped", "cosigned", "timestamped"]
    for (_, _, before), (_, _, after) in itertools.pairwise(found):
        assert after.startswith(before)
    assert read(ani, Document, document, "state") == "cosigned"
    assert verifying.verify_file(ani, found[-1][2])["as_signed"]
    assert PdfFileReader(io.BytesIO(found[-1][2])).root["/DSS"]
    ani.close()


def test_signing_needs_no_server_and_knocks_at_a_dead_line_for_a_moment_only(tmp_path: Path) -> None:
    ani = make_account(tmp_path / "ani", "Ani")
    assert timestamping.asked(ani) is None
    from assessor_app.workflow.accounts import put_settings

    put_settings(ani, server_url="http://127.0.0.1:9", credential="x", joined_as=ani.device)
    asked = timestamping.asked(ani)
    assert asked is not None
    with pytest.raises(AppError, match="no line"):
        asked.ask(b"")
    assert signed_minutes(ani, make_visit(ani))
    ani.close()


def test_a_wrong_beginning_is_found_by_the_sum_and_everything_is_sent(server: ServerProcess, tmp_path: Path) -> None:
    """A damaged file at the centre must not spoil what builds on it."""
    ani = server.join(tmp_path / "ani", "ani")
    visit = make_visit(ani)
    sync(ani)
    document = signed_minutes(ani, visit)
    sync(ani)
    found = revisions(ani, document)
    for file in (server.folder / "blobs").rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            file.unlink()
            if len(data) == len(found[0][2]):
                file.write_bytes(data[:1000] + b"?" + data[1001:])
    from assessor_app.models.tables import Transfer

    with ani.reading() as session:
        digest = session.scalars(select(Revision.sha256).where(Revision.number == 2)).one()

    def again(unit: Any) -> None:
        unit.session.delete(unit.session.get(Transfer, digest))

    ani.writer.run(again, purpose="x")
    assert sync(ani).photos_sent == 1
    whole = [file.read_bytes() for file in (server.folder / "blobs").rglob("*") if file.is_file()]
    assert found[1][2] in whole
    ani.close()
