"""Further authorities: an assessor's own certificate counts once the secretariat accepts who issued it, at the centre and on devices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assessor_app import clock
from assessor_app.identity import certificates
from assessor_app.identity.signers import PKCS12
from assessor_app.models import files
from assessor_app.models.kinds import DocumentType
from assessor_app.workflow import documents, verifying
from assessor_app.workflow.revisions import latest
from assessor_server import authority, cli, timestamps
from assessor_server import tables as tb
from assessor_server.store import Store
from tests.factories import PIN, ServerProcess, sync
from tests.peer import Peer, peer
from tests.server.scenes import signed_sheet
from tests.sync.loopback import cheap_secrets


@pytest.fixture(autouse=True)
def _cheap() -> Iterator[None]:
    with cheap_secrets():
        yield


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with peer(tmp_path_factory.mktemp("peer")) as made:
        yield made


def test_an_own_certificate_counts_once_its_authority_is_accepted(tmp_path: Path, other: Peer, monkeypatch: pytest.MonkeyPatch,
                                                                  capsys: pytest.CaptureFixture[str]) -> None:
    server = ServerProcess(tmp_path / "server").prepare("maria").start()
    store = server.store()
    try:
        with store.transaction() as connection:
            connection.execute(tb.account.update().values(name="Maria Tefa"))
        device = server.join(tmp_path / "a", "maria")
        own = PKCS12.load(other.pkcs12("signer", "x"), "x")
        real = documents.sign
        monkeypatch.setattr(documents, "sign", lambda account, prepared, pin, **more: real(account, prepared, pin, signer=own))
        _, document = signed_sheet(device)
        sync(device)

        def result() -> tuple[str, str]:
            with store.transaction() as connection:
                row = connection.execute(select(tb.result).where(tb.result.c.document == document)).one()
                return row.state, row.faults

        with device.reading() as session:
            pdf = files.get(session, latest(session, document).sha256)
        assert result() == ("faulty", "not_trusted")
        assert verifying.verify_file(device, pdf)["problems"] == ["not_trusted"]

        (tmp_path / "root.pem").write_bytes(other.pem("root"))

        def command(*words: str) -> int:
            return cli.main(["--data", str(server.folder), *words])

        assert command("trust", "add", "--for", "timestamps", str(tmp_path / "root.pem")) == 0
        sync(device)
        assert result() == ("faulty", "not_trusted")  # whose timestamps count is no signer for that
        assert command("trust", "add", "--for", "signers", str(tmp_path / "root.pem")) == 0
        assert "Accepted for signers: Akar Uji" in capsys.readouterr().out
        assert command("trust", "add", "--for", "signers", str(tmp_path / "root.pem")) == 0
        sync(device)
        heard = verifying.verify_file(device, pdf)
        assert heard["as_signed"], heard
        assert (heard["signatures"][0]["trust"], heard["signatures"][0]["issuer"]) == ("outside", "Perantara Uji")
        assert result() == ("verified", "")

        assert command("trust", "list") == 0
        listed = capsys.readouterr().out.splitlines()
        assert sum("Akar Uji" in line for line in listed) == 2
        fingerprint = certificates.fingerprint(other.pem("root"))
        assert command("trust", "remove", fingerprint) == 0
        assert command("trust", "remove", fingerprint) == 1
        sync(device)
        assert verifying.verify_file(device, pdf)["problems"] == ["not_trusted"]
        assert result() == ("faulty", "not_trusted")
        (tmp_path / "x.pem").write_text("no certificate")
        assert command("trust", "add", "--for", "signers", str(tmp_path / "x.pem")) == 1
        assert command("trust", "add", "--for", "signers", str(tmp_path / "nowhere.pem")) == 1
        device.close()
    finally:
        store.close()
        server.stop()


def test_the_stamp_names_who_certified_a_key_that_is_not_the_devices(tmp_path: Path, other: Peer) -> None:
    import pypdfium2

    from assessor_app.models.visits import Visit
    from tests.factories import make_account, make_visit, write

    account = make_account(tmp_path / "a")
    visit = make_visit(account)
    write(account, Visit, visit, seen="Dermaga.")
    for signer, said in ((PKCS12.load(other.pkcs12("signer", "x"), "x"), "sertifikat dari Perantara Uji"), (None, "tidak tersertifikasi")):
        prepared = documents.prepare(account, DocumentType.MINUTES, visit, documents.wish(number="1", language="id"))
        document = documents.sign(account, prepared, PIN, signer=signer)
        with account.reading() as session:
            opened = pypdfium2.PdfDocument(documents.document_bytes(session, document))
        opened.init_forms()
        text = ""
        for page in opened:
            pypdfium2.raw.FPDFPage_Flatten(page.raw, 0)
        import io

        flat = io.BytesIO()
        opened.save(flat)
        for page in pypdfium2.PdfDocument(flat.getvalue()):
            text += page.get_textpage().get_text_bounded()
        assert said in " ".join(text.split())
    account.close()


def test_the_timestamping_key_is_renewed_before_it_ends(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    store = Store(tmp_path / "s")
    store.create()
    start = datetime.now(UTC)

    def certificate(at: datetime) -> bytes:
        clock.set_source(lambda: at)
        with store.transaction() as connection:
            timestamps.ready(connection)
            return bytes(connection.execute(select(tb.secret.c.value).where(tb.secret.c.name == "tsa")).scalar_one())

    with store.transaction() as connection:
        authority.make(connection, "Uji")
    first = certificate(start)
    assert certificate(start + timedelta(days=3650)) == first
    second = certificate(start + timedelta(days=3660))
    assert second != first
    root_ends = start + timedelta(days=7305)
    assert certificates.load(second).not_valid_after_utc <= root_ends
    assert certificate(start + timedelta(days=7000)) == second  # as long as the root lasts, and no longer
    clock.set_source(None)
    store.close()
