"""Published examples: taken in by the secretariat, on every device after a sync, brought up to date, withdrawn, their contact erased."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import select, text, update

from assessor_app.models.catching_up import catch_up
from assessor_app.models.innovations import Innovation
from assessor_app.models.kinds import Kind, known
from assessor_app.models.plans import Programme
from assessor_app.models.search import index_some
from assessor_app.sync import apply, landing, pull
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.examples import copy_example
from assessor_app.workflow.queries.examples import Examples, examples
from assessor_server import authority
from assessor_server import tables as tb
from assessor_server.store import Store
from tests.factories import ServerProcess, read, sync
from tests.server.scenes import Desk, add

LIST = """Daerah;Tahun;Kode;Nama inovasi;Sub-dimensi;Masalah;OPD;Kontak kantor;Telepon;Nama PIC
34.04;2023;1;Bank sampah pasar;Sampah dan Limbah;Sampah menumpuk di pasar;DLH;Bidang Persampahan;(000) 000001;Budi Rekaan
65.03;2023;2;Posyandu tanpa sinyal;Prasarana Kesehatan;Data gizi terlambat;Dinkes;Bidang Kesmas;(000) 000002;Ani Rekaan
"""


def found(account: Account, words: str = "", dimension: str = "") -> Examples:
    with account.reading() as session:
        return examples(session, words, dimension)


@pytest.mark.parametrize("database", ["", "postgresql"])
def test_what_the_secretariat_publishes_reaches_every_device_and_follows_it(
        tmp_path: Path, request: pytest.FixtureRequest, database: str) -> None:
    url = request.getfixturevalue("postgres")() if database else ""
    server = ServerProcess(tmp_path / "server", database=url).prepare("maria").start()
    store = server.store()
    file = tmp_path / "daftar.csv"
    try:
        add(store, "sri", "secretariat")
        add(store, "budi", "assessor")
        device = server.join(tmp_path / "a", "maria")

        # Only the secretariat publishes; a list that a mentor would send changes nothing.
        file.write_text(LIST, encoding="utf-8")
        assert "Peran Anda" in server.command("example", "publish", str(file), "--by", "budi", check=False).stderr
        assert server.command("example", "publish", str(file), "--by", "sri").stdout.strip() == (
            "2 baru, 0 berubah, 0 tetap, 0 ada kembali. Kolom yang dilewati: Nama PIC.")
        sync(device)
        assert [row.name for row in found(device).rows] == ["Bank sampah pasar", "Posyandu tanpa sinyal"]
        one = found(device, "sampah menum").rows[0]
        assert (one.region, one.contact, one.phone) == ("Kab. Sleman (34.04)", "Bidang Persampahan", "(000) 000001")
        assert found(device, dimension="living").found == 1
        with store.transaction() as connection:
            assert "Rekaan" not in str(connection.execute(select(tb.record.c.fields)).all())

        # A mentor copies it: the copy names where it came from, and is never changed by what comes after.
        programme = device.writer.run(lambda unit: copy_example(unit, "93.02", one.id), purpose="programme.copy")

        # The newer list brings one up to date, leaves the other, and adds one.
        file.write_text(LIST.replace("Sampah menumpuk di pasar", "Sampah pasar dibuang ke sungai").replace("Bidang Kesmas", "Bidang Gizi")
                        + "11.72;2022;3;Perahu baca;Pendidikan;Anak jauh dari buku;Disdik;;;\n", encoding="utf-8")
        assert server.command("example", "publish", str(file), "--by", "sri").stdout.startswith("1 baru, 2 berubah, 0 tetap")
        assert server.command("example", "publish", str(file), "--by", "sri").stdout.startswith("0 baru, 0 berubah, 3 tetap")
        sync(device)
        assert found(device, "sungai").rows[0].id == one.id
        assert found(device, "menumpuk").found == 0
        assert read(device, Programme, programme, "description") == "Sampah menumpuk di pasar"
        assert read(device, Programme, programme, "origin") == "Kab. Sleman (34.04), “Bank sampah pasar”, 2023"

        # Withdrawn it is found no more; published again it is there again. The copy stays.
        server.command("example", "withdraw", one.id, "--by", "sri")
        sync(device)
        assert found(device).here == 2
        assert not read(device, Programme, programme, "deleted")
        assert "withdrawn  Bank sampah pasar" in server.command("example", "list").stdout
        assert "1 ada kembali" in server.command("example", "publish", str(file), "--by", "sri").stdout
        sync(device)
        assert found(device).here == 3

        # A contact is erased here, in the journal and on the device; a list does not bring it back.
        server.command("example", "erase-contact", one.id, "--by", "sri")
        server.command("example", "publish", str(file), "--by", "sri")
        sync(device)
        row = found(device, "sungai").rows[0]
        assert (row.contact, row.phone, row.agency) == ("", "", "DLH")
        with store.transaction() as connection:
            assert "Bidang Persampahan" not in str(connection.execute(select(tb.intent.c.changes)).all())
            assert "Bidang Persampahan" not in str(connection.execute(select(tb.innovation)).all())

        # A device that joins now begins with all of it.
        fresh = server.join(tmp_path / "b", "maria")
        sync(fresh)
        assert [one.name for one in found(fresh).rows] == [one.name for one in found(device).rows]
        fresh.close()
        device.close()
    finally:
        store.close()
        server.stop()


def test_the_typed_table_is_made_anew_from_the_records_and_a_hand_is_noticed(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "server").prepare()
    store = server.store()
    try:
        add(store, "sri", "secretariat")
        (tmp_path / "x.csv").write_text(LIST, encoding="utf-8")
        server.command("example", "publish", str(tmp_path / "x.csv"), "--by", "sri")
        with store.transaction() as connection:
            right = connection.execute(select(tb.innovation).order_by(tb.innovation.c.id)).mappings().all()
            assert {row["name"] for row in right} == {"Bank sampah pasar", "Posyandu tanpa sinyal"}
            assert {row["sub_dimension"] for row in right} == {"sampah", "kesehatan"}
        assert server.command("results", "check").returncode == 0
        with store.transaction() as connection:
            connection.execute(update(tb.innovation).values(name="diubah tangan"))
        checked = server.command("results", "check", check=False)
        assert checked.returncode == 1
        assert "innovation" in checked.stdout
        server.command("results", "rebuild")
        with store.transaction() as connection:
            assert connection.execute(select(tb.innovation).order_by(tb.innovation.c.id)).mappings().all() == right
    finally:
        store.close()


def test_a_device_that_could_only_keep_them_finds_them_after_its_upgrade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ServerProcess(tmp_path / "server").prepare("maria").start()
    store = server.store()
    try:
        add(store, "sri", "secretariat")
        (tmp_path / "x.csv").write_text(LIST, encoding="utf-8")
        server.command("example", "publish", str(tmp_path / "x.csv"), "--by", "sri")
        device = server.join(tmp_path / "a", "maria")
        with monkeypatch.context() as older:
            for module in (apply, landing, pull):
                older.setattr(module, "known", lambda name: None if name == Kind.INNOVATION else known(name))
            sync(device)
            assert found(device).here == 0
        catch_up(device.notebook.writing_engine)
        assert found(device, "sampah").rows[0].contact == "Bidang Persampahan"
        assert sync(device).mismatched == []
        server.command("example", "withdraw", found(device, "sampah").rows[0].id, "--by", "sri")
        assert sync(device).mismatched == []
        assert [row.name for row in found(device).rows] == ["Posyandu tanpa sinyal"]
        device.close()
    finally:
        store.close()
        server.stop()


def test_a_device_that_makes_one_itself_is_refused(tmp_path: Path) -> None:
    from assessor_app.errors import NotAllowed
    from tests.factories import make_account

    account = make_account(tmp_path / "a")
    with pytest.raises(NotAllowed):
        account.writer.run(lambda unit: unit.add(Innovation(region="93.02", year=2023, code="x", name="x")), purpose="x")
    account.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = Store(tmp_path)
    store.create()
    with store.transaction() as connection:
        authority.make(connection, "Asesor")
    add(store, "sri", "secretariat")
    add(store, "kor", "coordinator", "93.02")
    made = Desk(store)
    made.sign_in("sri")
    yield made
    store.close()


def test_the_page_takes_a_list_names_its_faults_and_narrows_by_dimension(desk: Desk) -> None:
    def send(data: bytes, status: int = 303) -> str:
        return desk.post("/web/contoh", status, files={"list": ("x.csv", data)})

    assert "Belum ada contoh yang terbit" in desk.get("/web/contoh")
    assert "Tidak ada yang diubah." in send(b"", 422)
    for data in (b"a;b\n1;2\n", b"\xff\xfe", b"PK\x03\x04rest"):
        assert "Tidak ada yang diimpor dan tidak ada yang berubah." in send(data, 422)
    refused = send(LIST.replace("34.04", "Antah").replace("(000) 000002", "19000101 200001 2 001").encode(), 422)
    assert "CSV, sel A2: “Antah” bukan kabupaten atau kota" in refused
    assert "sel I3: ini memuat nomor pribadi (NIK atau NIP)" in refused
    with desk.store.transaction() as connection:
        assert connection.execute(select(tb.innovation)).all() == []
    book = Workbook()
    sheet = book.worksheets[0]
    for line in LIST.splitlines():
        sheet.append(line.split(";"))
    out = io.BytesIO()
    book.save(out)
    send(out.getvalue())
    page = desk.get("/web/contoh")
    assert "2 baru, 0 berubah" in page
    assert "Kab. Nunukan (65.03)" in page
    assert "Posyandu" not in desk.get("/web/contoh?dimensi=environment")
    with desk.store.transaction() as connection:
        record = connection.execute(select(tb.innovation.c.id).where(tb.innovation.c.region == "34.04")).scalar_one()
    asked = desk.get(f"/web/contoh/{record}/hapus-kontak")
    assert "Bidang Persampahan · (000) 000001" in asked  # what would go is shown before it goes
    assert "Bidang Persampahan" in desk.get("/web/contoh")
    desk.post(f"/web/contoh/{record}/hapus-kontak")
    desk.get(f"/web/contoh/{record}/hapus-kontak", 404)
    assert "Bidang Persampahan" not in desk.get("/web/contoh")
    desk.post(f"/web/contoh/{record}/hapus-kontak", 422)
    desk.post(f"/web/contoh/{record}/tarik")
    assert "ditarik" in desk.get("/web/contoh")
    desk.sign_in("kor")
    page = desk.get("/web/contoh")
    assert "Posyandu tanpa sinyal" in page
    assert "Terbitkan daftar" not in page
    desk.post("/web/contoh", 403, files={"list": ("x.csv", LIST.encode())})


def test_search_finds_an_example_before_and_after_it_is_indexed(tmp_path: Path) -> None:
    from assessor_app.models import innovation_table
    from assessor_app.models.search import records_of, search
    from assessor_app.workflow import sample
    from tests.factories import make_account, make_note, make_visit

    account = make_account(tmp_path / "a")
    sample.load_examples(account)
    make_note(account, make_visit(account), "Banjir datang malam hari.")
    want = innovation_table.record_of({"region": "73.71", "year": 2023, "code": "7"})
    for _ in range(2):
        with account.reading() as session:
            assert records_of(session, "Banjír teru", Kind.INNOVATION) == set()
            assert records_of(session, "banjír terlalu", Kind.INNOVATION) == {want}
            assert want in records_of(session, "mengungsikan", Kind.INNOVATION)  # of one root with “mengungsi”
            assert {hit.kind for hit in search(session, "banjir")} == {Kind.INNOVATION, Kind.INTERVIEW}
        account.writer.run(lambda unit: index_some(unit.session, False), purpose="index")
    with account.reading() as session:
        assert session.execute(text("SELECT count(*) FROM search_dirty")).scalar() == 0
    account.close()
