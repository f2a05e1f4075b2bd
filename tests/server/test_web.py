"""The secretariat's pages by plain requests: who may open what, and what each form does to database, devices and log."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from assessor_app import clock, ids, paths
from assessor_app.models.guide import Guide
from assessor_app.models.kinds import Kind
from assessor_app.models.permissions import Action, Role
from assessor_server import accounts, authority, tls
from assessor_server import tables as tb
from assessor_server.blobs import Blobs
from assessor_server.store import Store, now
from assessor_server.throttle import Throttle
from assessor_server.web import site
from tests.server.scenes import PASSWORD, Desk, add

#: Every route and who may open it; a new route without a line here fails.
_BOTH, _SECRETARIAT = {Role.SECRETARIAT, Role.COORDINATOR}, {Role.SECRETARIAT}
ALLOWED: dict[tuple[str, str], set[Role]] = {
    ("GET", "/web/"): _SECRETARIAT, ("GET", "/web/ditolak"): _SECRETARIAT, ("GET", "/web/akses"): _SECRETARIAT,
    ("GET", "/web/akun"): _SECRETARIAT, ("POST", "/web/akun"): _SECRETARIAT, ("GET", "/web/akun/{account}"): _SECRETARIAT,
    ("POST", "/web/akun/{account}/peran"): _SECRETARIAT, ("POST", "/web/akun/{account}/sandi"): _SECRETARIAT,
    ("POST", "/web/akun/{account}/tutup"): _SECRETARIAT, ("POST", "/web/akun/{account}/buka"): _SECRETARIAT,
    ("POST", "/web/akun/{account}/tugas"): _SECRETARIAT, ("POST", "/web/akun/{account}/tugas/akhiri"): _SECRETARIAT,
    ("POST", "/web/akun/{account}/undangan"): _SECRETARIAT,
    ("GET", "/web/perangkat"): _SECRETARIAT, ("GET", "/web/perangkat/{device}"): _SECRETARIAT,
    ("GET", "/web/perangkat/{device}/cabut"): _SECRETARIAT, ("POST", "/web/perangkat/{device}/cabut"): _SECRETARIAT,
    ("POST", "/web/perangkat/{device}/kantor"): _SECRETARIAT, ("POST", "/web/perangkat/{device}/kantor/akhiri"): _SECRETARIAT,
    ("GET", "/web/instrumen"): _BOTH, ("POST", "/web/instrumen"): _SECRETARIAT, ("POST", "/web/instrumen/{record}/tarik"): _SECRETARIAT,
    ("GET", "/web/contoh"): _BOTH, ("POST", "/web/contoh"): _SECRETARIAT, ("POST", "/web/contoh/{record}/tarik"): _SECRETARIAT,
    ("GET", "/web/contoh/{record}/hapus-kontak"): _SECRETARIAT, ("POST", "/web/contoh/{record}/hapus-kontak"): _SECRETARIAT,
    ("GET", "/web/dokumen"): _SECRETARIAT, ("GET", "/web/dokumen/{document}"): _SECRETARIAT,
    ("POST", "/web/dokumen/{document}/berkas"): _SECRETARIAT, ("POST", "/web/dokumen/{document}/setujui"): _SECRETARIAT,
    ("POST", "/web/dokumen/{document}/kata"): _SECRETARIAT,
    ("POST", "/web/dokumen/{document}/kembalikan"): _SECRETARIAT,
    ("GET", "/web/kunjungan"): _BOTH, ("GET", "/web/kunjungan/{visit}"): _BOTH,
    ("POST", "/web/kunjungan/{visit}/catatan/{note}"): _SECRETARIAT, ("POST", "/web/kunjungan/{visit}/narasumber/{person}"): _SECRETARIAT,
    ("GET", "/web/hasil"): _SECRETARIAT, ("POST", "/web/alarm"): _SECRETARIAT,
    ("GET", "/web/titipan"): _BOTH, ("POST", "/web/titipan"): _BOTH,
}
#: What needs no session: signing in and out, the language, the style.
OPEN = {("GET", "/web/masuk"), ("POST", "/web/masuk"), ("POST", "/web/keluar"), ("GET", "/web/bahasa/{code}"), ("GET", "/web/style.css"),
        ("GET", "/web")}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    made.create()
    with made.transaction() as connection:
        authority.make(connection, "Asesor")
    add(made, "sri", "secretariat")
    yield made
    made.close()


@pytest.fixture
def desk(store: Store) -> Desk:
    made = Desk(store)
    made.sign_in("sri")
    return made


def record(store: Store, kind: Kind, scope: str, **fields: object) -> str:
    """Put a record into the store as a device would leave it; return its id."""
    made = ids.new_id()
    with store.transaction() as connection:
        connection.execute(insert(tb.record).values(kind=kind.value, id=made, scope=scope.format(id=made), seq=1, created=1, fields=fields,
                                                    versions={"": "dev00001.1.0"}, seqs={}, by="x", at=now()))
    return made


def device(store: Store, login: str, name: str = "laptop01", **values: object) -> str:
    with store.transaction() as connection:
        account = accounts.account_of(connection, login)
        assert account
        accounts.enrol(connection, account, name, ids.new_id())
        if values:
            connection.execute(tb.device.update().where(tb.device.c.id == name).values(**values))
    return name


def test_every_route_is_named_here_and_asks_for_an_action(store: Store) -> None:
    there = {(method, route.path) for route in site.router(store, Blobs(store), Throttle()).routes  # type: ignore[attr-defined]
             for method in route.methods}  # type: ignore[attr-defined]
    assert there == set(ALLOWED) | OPEN
    assert {(route.method, route.path) for route in site.all_routes()} == set(ALLOWED)
    assert all(route.action not in {Action.READ, Action.WRITE} for route in site.all_routes())


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_the_table_allows_and_no_more(store: Store, role: Role) -> None:
    add(store, "dewi", role.value, "93.02")
    desk = Desk(store)
    desk.get("/web/masuk")
    answer = desk.client.post("/web/masuk", data={"csrf": desk.csrf, "login": "dewi", "password": PASSWORD})
    if role is Role.ASSESSOR:
        assert answer.status_code == 403
        assert "Halaman ini untuk sekretariat" in answer.text
        assert "asesor_web" not in desk.client.cookies
    else:
        assert answer.status_code == 303
        desk.get(answer.headers["location"])
    for (method, path), roles in ALLOWED.items():
        answer = desk.client.request(method, re.sub(r"\{\w+\}", "none", path), data={"csrf": desk.csrf} if method == "POST" else None)
        if role is Role.ASSESSOR:
            assert (answer.status_code, answer.headers.get("location")) == (303, "/web/masuk"), path
        elif role in roles:
            assert answer.status_code in {200, 303, 404, 422}, (path, answer.status_code)
        else:
            assert answer.status_code == 403, (path, answer.status_code)
            assert "Peran Anda tidak mengizinkan" in answer.text


def test_a_coordinator_sees_visits_of_assigned_regions_alone_and_no_note_of_them(store: Store) -> None:
    add(store, "kiki", "coordinator", "93.02")
    near = record(store, Kind.VISIT, "visit:{id}", region="93.02", stage="evaluation", year=2024)
    far = record(store, Kind.VISIT, "visit:{id}", region="11.72", stage="evaluation", year=2024)
    record(store, Kind.INTERVIEW, f"visit:{near}", visit=near, title="Rahasia", body="kenari", held_at="2024-07-03T09:30")
    desk = Desk(store)
    assert desk.sign_in("kiki") == "/web/kunjungan"
    page = desk.get("/web/kunjungan")
    assert "Boven Digoel" in page
    assert "Sabang" not in page
    inside = desk.get(f"/web/kunjungan/{near}")
    assert "Catatan wawancara" not in inside
    desk.get(f"/web/kunjungan/{far}", 404)


def test_every_page_forbids_scripts_frames_and_keeping(desk: Desk) -> None:
    for path in ("/web/", "/web/akun", "/web/nowhere", "/web/masuk"):
        headers = desk.client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        if path != "/web/nowhere":
            assert "default-src 'none'" in headers["Content-Security-Policy"]
            assert "script" not in headers["Content-Security-Policy"]
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["Referrer-Policy"] == "no-referrer"
        assert "<script" not in desk.client.get(path).text


@pytest.mark.parametrize("base", ["http://127.0.0.1", "https://asesor.example"])
def test_the_cookie_is_for_these_pages_alone_and_secure_where_the_line_is(store: Store, base: str) -> None:
    desk = Desk(store, base)
    desk.get("/web/masuk")
    answer = desk.client.post("/web/masuk", data={"csrf": desk.csrf, "login": "sri", "password": PASSWORD})
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("asesor_web="))
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert ("Secure" in cookie) is base.startswith("https")
    with store.transaction() as connection:
        kept = connection.execute(select(tb.web_session.c.hash)).scalar_one()
    assert kept not in cookie  # whoever reads the database cannot be her


def test_a_form_without_its_mark_changes_nothing(store: Store, desk: Desk) -> None:
    for csrf in ("", "x" * 43):
        desk.csrf = csrf
        assert "kedaluwarsa" in desk.post("/web/akun", 400, login="b", name="B", role="assessor")
    with store.transaction() as connection:
        assert accounts.account_of(connection, "b") is None
    fresh = Desk(store)
    fresh.csrf = "x" * 43
    fresh.post("/web/masuk", 400, login="sri", password=PASSWORD)


def test_wrong_passwords_slow_down_and_say_no_more_of_who_exists(store: Store) -> None:
    desk = Desk(store)
    desk.get("/web/masuk")
    said = [desk.post("/web/masuk", 401, login=login, password="keliru sekali") for login in ("sri", "nobody")]
    assert len({re.sub(r'value="[^"]*"', "", page) for page in said}) == 1
    for _ in range(4):
        desk.post("/web/masuk", 401, login="sri", password="keliru sekali")
    assert "Tunggu" in desk.post("/web/masuk", 429, login="sri", password=PASSWORD)
    with store.transaction() as connection:
        assert connection.execute(select(tb.web_session)).first() is None


def test_a_session_ends_by_signing_out_by_idleness_and_with_the_account(store: Store, desk: Desk) -> None:
    secret = desk.client.cookies["asesor_web"]
    desk.post("/web/keluar")
    desk.client.cookies.set("asesor_web", secret, path="/web")
    assert desk.client.get("/web/akun").headers["location"] == "/web/masuk"
    for end in ("idle", "closed", "password"):
        desk.client.cookies.clear()
        desk.sign_in("sri")
        desk.get("/web/akun")
        with store.transaction() as connection:
            account = accounts.account_of(connection, "sri")
            assert account
            if end == "closed":
                accounts.set_active(connection, account, False)
                accounts.set_active(connection, account, True)
            elif end == "password":
                accounts.set_password(connection, account, PASSWORD)
        if end == "idle":
            later = clock.now() + timedelta(minutes=61)
            clock.set_source(lambda at=later: at)  # type: ignore[misc]
        assert desk.client.get("/web/akun").headers["location"] == "/web/masuk", end
        clock.set_source(None)


def test_an_account_is_added_assigned_invited_closed_and_opened(store: Store, desk: Desk, tmp_path: Path) -> None:
    tls.make(tmp_path, "localhost")
    desk.post("/web/akun", 422, login="maria", name="Maria Tefa", role="secretariat")  # signs in here, so it needs a password
    desk.post("/web/akun", 422, login="ma ria", name="Maria Tefa", role="assessor")
    desk.post("/web/akun", 422, login="sri", name="Maria Tefa", role="assessor")
    place = desk.post("/web/akun", login="maria", name="Maria Tefa", role="assessor")
    account = place.rpartition("/")[2]
    assert "Maria Tefa telah ditambahkan" in desk.get(place)
    assert "telah ditambahkan" not in desk.get(place)  # told once
    assert "Kab. Boven Digoel (93.02)" in desk.get(f"{place}?cari=digoel")
    desk.post(f"{place}/tugas", 422, region="99.99", year="2024")
    desk.post(f"{place}/tugas", 422, region="93.02", year="24")
    desk.post(f"{place}/tugas", region="93.02", year="2024")
    assert "Kab. Boven Digoel (93.02)" in desk.get(place)
    text = desk.post(f"{place}/undangan", 200, url="https://asesor.example:8470")
    invitation = json.loads(text)
    assert invitation["fingerprint"] == tls.fingerprint(tmp_path)
    with store.transaction() as connection:
        assert accounts.by_invitation(connection, invitation["secret"]) == account
    desk.post(f"{place}/tugas/akhiri", region="93.02", year="2024")
    second = json.loads(desk.post(f"{place}/undangan", 200, url="http://127.0.0.1:1"))
    desk.post(f"{place}/tutup")
    desk.post(f"{place}/undangan", 422, url="https://asesor.example:8470")
    with store.transaction() as connection:
        assert connection.execute(select(tb.assignment)).all() == []
        assert not connection.execute(select(tb.account.c.active).where(tb.account.c.id == account)).scalar_one()
        with pytest.raises(accounts.Denied):
            accounts.by_invitation(connection, second["secret"])
    desk.post(f"{place}/buka")
    desk.post(f"{place}/peran", role="coordinator")
    desk.post(f"{place}/sandi", 422, password="pendek")
    desk.post(f"{place}/sandi", password="kata sandi lain")
    with store.transaction() as connection:
        assert accounts.by_password(connection, "maria", "kata sandi lain") == account
        assert accounts.actor_of(connection, account).role is Role.COORDINATOR


def test_nobody_shuts_himself_out(store: Store, desk: Desk) -> None:
    with store.transaction() as connection:
        own = accounts.account_of(connection, "sri")
    for path, fields in (("tutup", {}), ("peran", {"role": "assessor"})):
        assert "mintalah rekan" in desk.post(f"/web/akun/{own}/{path}", 422, **fields)
    desk.get("/web/akun")


def test_a_device_shows_what_it_sent_and_what_it_did_not(store: Store, desk: Desk) -> None:
    add(store, "maria", region="93.02")
    visit = record(store, Kind.VISIT, "visit:{id}", region="93.02", year=2024)
    laptop = device(store, "maria")
    assert "belum ada keterangan" in desk.get("/web/perangkat")
    with store.transaction() as connection:
        accounts.note_waiting(connection, laptop, 3, 1_720_000_000_000, 2)
        for counter in (1, 2):
            connection.execute(insert(tb.intent).values(
                device=laptop, counter=counter, account="x", scope=f"visit:{visit}", at=1, received_at=now(), purpose="x", hash="x",
                outcome="applied" if counter == 1 else "refused", reason="" if counter == 1 else "permission",
                changes=[["=", "interview", "n", "body", "", "kenari rahasia"]], merged={}))
    page = desk.get("/web/perangkat")
    assert "3 perubahan, 2 foto, sejak 3 Juli 2024, 16.46 WIB" in page
    inside = desk.get(f"/web/perangkat/{laptop}")
    assert "Kab. Boven Digoel (93.02)" in inside
    refused = desk.get("/web/ditolak")
    assert "tidak ditugaskan kepadanya" in refused
    assert "Wawancara" in refused
    assert "kenari" not in refused + inside + page
    with store.transaction() as connection:
        accounts.note_waiting(connection, laptop, 0, None, 0)
    assert "tidak ada (baru saja)" in desk.get("/web/perangkat")


def test_silent_devices_and_waiting_documents_stand_on_the_first_page(store: Store, desk: Desk) -> None:
    add(store, "maria")
    device(store, "maria", "diam0001", seen_at=now() - 8 * 86_400_000)
    device(store, "maria", "baru0001")
    record(store, Kind.DOCUMENT, "visit:v", visit="v", type="minutes", state="signed")
    record(store, Kind.DIFFERENCE, "region:93.02", record_kind="programme", record="r", field="name", state="open", at_b=now())
    page = desk.get("/web/")
    assert "diam0001" in page
    assert "baru0001" not in page
    assert "diam0001" not in desk.get("/web/?hari=30")
    assert re.search(r"<strong>1</strong> <a href=\"/web/dokumen\">", page)
    assert "Kab. Boven Digoel (93.02)" in page


def test_a_note_and_a_respondent_open_by_a_click_that_is_written_down(store: Store, desk: Desk) -> None:
    visit = record(store, Kind.VISIT, "visit:{id}", region="93.02", stage="evaluation", year=2024)
    person = record(store, Kind.PERSON, f"visit:{visit}", visit=visit, role="respondent", label="N-03", name="Yohana Kambu", phone="0812")
    note = record(store, Kind.INTERVIEW, f"visit:{visit}", visit=visit, title="Air bersih", body="Sumur kering <b>", persons=[person])
    gone = record(store, Kind.INTERVIEW, f"visit:{visit}", visit=visit, title="", body="")
    with store.transaction() as connection:
        connection.execute(insert(tb.erasure).values(kind="interview", id=gone, scope=f"visit:{visit}", at=1))
    page = desk.get(f"/web/kunjungan/{visit}")
    assert "N-03" in page
    for secret in ("Yohana", "0812", "Sumur", "Air bersih"):
        assert secret not in page
    assert "Belum ada yang membuka" in desk.get("/web/akses")
    desk.client.get(f"/web/kunjungan/{visit}/catatan/{note}")  # an address alone opens nothing
    assert "Belum ada yang membuka" in desk.get("/web/akses")
    assert "Sumur kering &lt;b&gt;" in desk.post(f"/web/kunjungan/{visit}/catatan/{note}", 200)
    assert "Yohana Kambu" in desk.post(f"/web/kunjungan/{visit}/narasumber/{person}", 200)
    desk.post(f"/web/kunjungan/other/catatan/{note}", 404)
    desk.post(f"/web/kunjungan/{visit}/catatan/{gone}", 404)
    log = desk.get("/web/akses")
    assert "Catatan wawancara" in log
    assert "Narasumber" in log
    assert "127.0.0.1" in log
    with store.transaction() as connection:
        rows = connection.execute(select(tb.access)).all()
    assert {(row.kind, row.record, row.scope) for row in rows} == {
        ("interview", note, f"visit:{visit}"), ("respondent", person, f"visit:{visit}")}


def test_an_instrument_is_checked_published_once_and_withdrawn(store: Store, desk: Desk) -> None:
    def send(data: bytes, status: int) -> str:
        return desk.post("/web/instrumen", status, files={"workbook": ("x.xlsx", data)})

    book = (paths.resources() / "instruments/smart-city-2022-baru.xlsx").read_bytes()
    for data in (b"", b"not a workbook", b"PK\x03\x04 broken", (paths.resources() / "sample/kunjungan.json").read_bytes()):
        assert "Buku kerja" in send(data, 422) or "buku kerja" in send(data, 422) or "Berkas" in send(data, 422)
    with store.transaction() as connection:
        assert connection.execute(select(tb.record).where(tb.record.c.kind == "instrument")).first() is None
    send(book, 303)
    page = desk.get("/web/instrumen")
    assert "terbit" in page
    send(book, 422)
    with store.transaction() as connection:
        row = connection.execute(select(tb.record).where(tb.record.c.kind == "instrument")).one()
        intent = connection.execute(select(tb.intent)).one()
    assert row.scope == "catalogue"
    assert row.fields["content"]
    assert intent.device.startswith("pusat")
    desk.post(f"/web/instrumen/{row.id}/tarik")
    assert "ditarik" in desk.get("/web/instrumen")
    send(book, 303)  # the same content is there again
    with store.transaction() as connection:
        assert not connection.execute(select(tb.record.c.fields).where(tb.record.c.id == row.id)).scalar_one().get("deleted")


def test_an_interview_guide_is_published_on_the_same_page_and_says_what_it_is(store: Store, desk: Desk) -> None:
    book = (paths.resources() / "guides/bimtek-1.xlsx").read_bytes()
    desk.post("/web/instrumen", 303, files={"workbook": ("x.xlsx", book)})
    assert "panduan wawancara" in desk.get("/web/instrumen")
    desk.post("/web/instrumen", 422, files={"workbook": ("x.xlsx", book)})
    with store.transaction() as connection:
        row = connection.execute(select(tb.record).where(tb.record.c.kind == "instrument")).one()
    assert Guide.from_json(str(row.fields["content"])).sha256 == row.fields["sha256"]


def test_the_pages_speak_english_where_it_was_chosen_and_go_nowhere_else(desk: Desk) -> None:
    assert "Akun" in desk.get("/web/akun")
    answer = desk.client.get("/web/bahasa/en", params={"next": "/web/akun?x=1"})
    assert answer.headers["location"] == "/web/akun?x=1"
    page = desk.get("/web/akun")
    assert "Accounts" in page
    assert '<html lang="en">' in page
    for elsewhere in ("https://evil.example/", "//evil.example", "/web/../v1/hello", "/web//evil", "/web/\\evil", "/webx"):
        where = desk.client.get("/web/bahasa/id", params={"next": elsewhere}).headers["location"]
        assert where.startswith("/web/"), elsewhere
        assert "evil.example" not in where


def test_nobody_takes_the_name_of_the_centres_device(store: Store) -> None:
    account = add(store, "maria")
    with store.transaction() as connection:
        for name in ("pusat0123456789abcdef", "server00"):
            with pytest.raises(accounts.Denied):
                accounts.enrol(connection, account, name, ids.new_id())
            with pytest.raises(accounts.Denied):
                accounts.adopt(connection, accounts.Caller(account, "laptop01", accounts.actor_of(connection, account)), name)
