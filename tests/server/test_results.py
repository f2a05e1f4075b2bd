"""Results are what signed sheets say: projected as the file arrives, made anew alike, and watched against the hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from assessor_app.errors import BadInput
from assessor_app.models import files
from assessor_app.models.documents import Document
from assessor_app.models.evaluations import Sheet
from assessor_app.workflow import evaluating
from assessor_server import authority, cli, results, signed_files, watching
from assessor_server import tables as tb
from assessor_server.blobs import Blobs
from tests.factories import ServerProcess, read, sync
from tests.server.scenes import Desk, add, signed_sheet
from tests.sync.loopback import Loopback, make_joined

pytestmark = pytest.mark.xdist_group("postgres")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_signed_sheet_becomes_a_result_and_its_return_reaches_the_device(
        tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str], database: str) -> None:
    url = request.getfixturevalue("postgres")() if database == "postgresql" else ""
    server = ServerProcess(tmp_path / "server", database=url).prepare("maria").start()
    store = server.store()
    try:
        device = server.join(tmp_path / "a", "maria")
        visit, document = signed_sheet(device)
        sync(device)

        # The figures are those of the signed file.
        with device.reading() as session:
            sheet = evaluating.sheet_id(visit, device.profile)
            figures = evaluating.evaluation_of(session, sheet)
        with store.transaction() as connection:
            row = connection.execute(select(tb.result)).mappings().one()
            aspects = connection.execute(select(tb.result_aspect).order_by(tb.result_aspect.c.number)).all()
        assert (row["document"], row["state"], row["region"], row["signer"]) == (document, "verified", "93.02", "Maria")
        assert row["index"] == float(figures.index)  # type: ignore[arg-type]
        assert row["data_sha256"] == read(device, Document, document, "data_sha256")
        assert [(a.name, a.weight, a.mean) for a in aspects] == [
            (a.name.get("id"), float(a.weight), float(a.score)) for a in figures.aspects]

        # Made anew they are the same; what a hand changed is told, and mended.
        def command(*words: str) -> int:
            return cli.main(["--data", str(server.folder), "--database", url, *words])

        assert command("results", "check") == 0
        assert "All results are as signed" in capsys.readouterr().out
        with store.transaction() as connection:
            connection.execute(update(tb.result_aspect).where(tb.result_aspect.c.number == 1).values(mean=4.0))
        assert command("results", "check") == 1
        assert document in capsys.readouterr().out
        assert command("results", "rebuild") == 0
        with store.transaction() as connection:
            assert dict(connection.execute(select(tb.result)).mappings().one()) == dict(row)

        # A device that is revoked later takes nothing back of what it signed before.
        with store.transaction() as connection:
            arrived = connection.execute(select(func.max(tb.intent.c.received_at))).scalar_one()
            connection.execute(update(tb.certificate).values(revoked_at=arrived + 1))
        assert watching.look(store, Blobs(store), mend=False) == []

        # The centre returns it with a remark, through its own journal.
        add(store, "sri", "secretariat")
        desk = Desk(store)
        desk.sign_in("sri")
        assert "Kab. Boven Digoel (93.02)" in desk.get("/web/hasil")
        assert "Menunggu persetujuan" in desk.get("/web/dokumen")
        assert "sesuai yang ditandatangani" in desk.get(f"/web/dokumen/{document}")
        pdf = desk.client.post(f"/web/dokumen/{document}/berkas", data={"csrf": desk.csrf})
        assert pdf.content.startswith(b"%PDF-")
        assert "Dokumen bertanda tangan" in desk.get("/web/akses")
        desk.get(f"/web/dokumen/{document}")
        assert "Tulis catatan" in desk.post(f"/web/dokumen/{document}/kembalikan", 422, remark="  ")
        desk.post(f"/web/dokumen/{document}/kembalikan", remark="Aspek Dampak: sebutkan buktinya.")
        desk.post(f"/web/dokumen/{document}/setujui", 422)  # what was returned is not approved afterwards
        sync(device)
        assert read(device, Document, document, "state") == "returned"
        assert read(device, Document, document, "remark") == "Aspek Dampak: sebutkan buktinya."
        assert read(device, Sheet, sheet, "state") == "returned"
        device.close()
    finally:
        store.close()
        server.stop()


def test_a_result_waits_for_its_file_and_a_false_file_is_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Loopback(tmp_path / "server")
    with server.store.transaction() as connection:
        authority.make(connection, "Asesor")
    device = make_joined(server, tmp_path / "a", "maria")
    signed_sheet(device)
    server.sync(device)
    with server.store.transaction() as connection:
        digest = connection.execute(select(tb.result.c.sha256)).scalar_one()
    blobs = Blobs(server.store)
    with device.reading() as session:
        pdf = files.get(session, digest)

    def state(bytes_: bytes | None) -> tuple[str, str]:
        blobs.keep.erase(digest)
        if bytes_ is not None:
            file = tmp_path / "x"
            file.write_bytes(bytes_)
            blobs.keep.put(digest, file)
        results.rebuild(server.store, blobs)
        with server.store.transaction() as connection:
            row = connection.execute(select(tb.result)).one()
            assert row._mapping["index"] is None
            assert connection.execute(select(tb.result_aspect)).all() == []
        return row.state, row.faults

    assert state(None) == ("awaiting", "")
    assert "not_as_recorded" in state(pdf[:-20])[1]
    assert "not_trusted" in state(pdf)[1]  # nobody certified the key: its owner never joined by a certificate

    def breaks(*_: object, **__: object) -> None:
        raise BadInput("the reader died")

    monkeypatch.setattr("assessor_app.isolate.call", breaks)
    signed_files.forget()
    assert state(pdf) == ("faulty", "unreadable")
    monkeypatch.undo()
    device.close()
    server.close()
