"""Receiving offices at the centre: who is named one, what is refused with which word, and the commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from assessor_app.errors import AppError, BadInput, NotAllowed
from assessor_app.models.kinds import Kind
from assessor_app.workflow import courier_keys
from assessor_server import accounts, authority, cli, offices
from assessor_server import tables as tb
from tests.server.scenes import Desk, add
from tests.sync.loopback import Loopback, make_joined


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Loopback]:
    made = Loopback(tmp_path / "server")
    with made.store.transaction() as connection:
        authority.make(connection, "Asesor")
    add(made.store, "sri", "secretariat")
    yield made
    made.close()


def joined(server: Loopback, folder: Path, *, keys: bool = True) -> str:
    """Return a device that joined, with or without a published key."""
    account = make_joined(server, folder, folder.name)
    if keys:
        courier_keys.keys(account)
        server.sync(account)
    account.close()
    return account.device


def name(server: Loopback, device: str, said: str = "Diskominfo, Tanah Merah", by: str = "sri") -> str:
    with server.store.transaction() as connection:
        return offices.name(connection, accounts.account_named(connection, by), device, said)


def listed(server: Loopback) -> dict[str, str]:
    with server.store.transaction() as connection:
        return offices.listed(connection)


def test_an_office_is_named_renamed_and_taken_back(server: Loopback, tmp_path: Path) -> None:
    device = joined(server, tmp_path / "a")
    assert name(server, device, "  Diskominfo Boven Digoel, Tanah Merah ") == "Diskominfo Boven Digoel, Tanah Merah"
    assert listed(server) == {device: "Diskominfo Boven Digoel, Tanah Merah"}
    name(server, device, "e\u0301 Bappeda")
    assert listed(server) == {device: "\u00e9 Bappeda"}, "one form of each letter"
    with server.store.transaction() as connection:
        before = connection.execute(select(tb.scope.c.seq).where(tb.scope.c.name == "catalogue")).scalar_one()
    name(server, device, "\u00e9 Bappeda")
    with server.store.transaction() as connection:
        assert connection.execute(select(tb.scope.c.seq).where(tb.scope.c.name == "catalogue")).scalar_one() == before, "nothing travels"
        offices.take_back(connection, accounts.account_named(connection, "sri"), device)
    assert listed(server) == {}
    with server.store.transaction() as connection, pytest.raises(AppError, match="stands in no receiving office"):
        offices.take_back(connection, accounts.account_named(connection, "sri"), device)


@pytest.mark.parametrize(("said", "why"), [
    ("", "no name"), ("   ", "no name"), ("x" * 121, "too long: 121"), ("Dinas\nKominfo", "nobody sees"), ("Dinas\x00", "nobody sees"),
    ("Dinas\u202eofnimoK", "nobody sees"), ("Dinas\u2028Kominfo", "nobody sees"), ("\u200b", "nobody sees")])
def test_a_name_that_cannot_be_read_is_refused_with_its_reason(server: Loopback, tmp_path: Path, said: str, why: str) -> None:
    device = joined(server, tmp_path / "a")
    with pytest.raises(BadInput, match=why) as told:
        name(server, device, said)
    assert told.value.hint
    assert told.value.kept
    assert listed(server) == {}


def test_a_device_that_cannot_receive_is_refused_with_what_to_do(server: Loopback, tmp_path: Path) -> None:
    with pytest.raises(AppError, match="no device nowhere"):
        name(server, "nowhere")
    keyless = joined(server, tmp_path / "a", keys=False)
    with pytest.raises(AppError, match="published no key") as told:
        name(server, keyless)
    assert "synchronise once" in told.value.hint
    device, lost = joined(server, tmp_path / "b"), joined(server, tmp_path / "c")
    with server.store.transaction() as connection:
        offices.revoke(connection, lost)
        accounts.set_active(connection, accounts.account_named(connection, "b"), False)
    with pytest.raises(AppError, match="is revoked") as told:
        name(server, lost)
    assert "another device" in told.value.hint
    with pytest.raises(AppError, match="is closed"):
        name(server, device)
    assert listed(server) == {}


def test_a_key_by_which_nothing_can_be_sealed_is_none(server: Loopback, tmp_path: Path) -> None:
    """One bad recipient would stop everybody's courier files."""
    device = joined(server, tmp_path / "a")
    with server.store.transaction() as connection:
        row = connection.execute(select(tb.record).where(tb.record.c.kind == Kind.KEY.value, tb.record.c.by != "")).one()
        connection.execute(tb.record.update().where(tb.record.c.id == row.id).values(fields={**row.fields, "recipient": "age1bukan"}))
    with pytest.raises(AppError, match="published no key"):
        name(server, device)


@pytest.mark.parametrize("role", ["assessor", "coordinator"])
def test_nobody_but_the_secretariat_names_an_office(server: Loopback, tmp_path: Path, role: str) -> None:
    device = joined(server, tmp_path / "a")
    add(server.store, "dewi", role, "93.02")
    with pytest.raises(NotAllowed):
        name(server, device, by="dewi")
    with pytest.raises(NotAllowed):
        name(server, device, by="a")
    assert listed(server) == {}


def test_a_key_that_somebody_published_in_anothers_name_is_not_the_office(server: Loopback, tmp_path: Path) -> None:
    """Records of kind key name their device themselves; only that of the device's own account is written to."""
    device = joined(server, tmp_path / "a")
    with server.store.transaction() as connection:
        own = connection.execute(select(tb.record).where(tb.record.c.kind == Kind.KEY.value, tb.record.c.by != "")).one()
        connection.execute(tb.record.insert().values({**own._mapping, "id": "00000000-0000-5000-8000-000000000000", "by": "x",
                                                      "fields": {**own.fields, "assessor": "x"}}))
    name(server, device)
    with server.store.transaction() as connection:
        named = connection.execute(select(tb.record.c.id).where(tb.record.c.fields["receiving_office"].as_string() != "")).scalars().all()
    assert named == [own.id]


def test_by_command(server: Loopback, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    device = joined(server, tmp_path / "a")

    def run(*words: str) -> int:
        return cli.main(["--data", str(tmp_path / "server"), "office", *words])

    assert run("add", device, "Diskominfo, Tanah Merah", "--by", "sri") == 0
    assert "stands in Diskominfo, Tanah Merah" in capsys.readouterr().out
    assert run("list") == 0
    assert capsys.readouterr().out == f"{device}  Diskominfo, Tanah Merah\n"
    for words, why in ((("add", device, "", "--by", "sri"), "no name"), (("add", "zz", "Dinas", "--by", "sri"), "no device zz"),
                       (("add", device, "Dinas", "--by", "a"), "does not allow"),
                       (("remove", device, "--by", "nobody"), "no account nobody")):
        assert run(*words) == 1
        assert why in capsys.readouterr().err
    assert run("remove", device, "--by", "sri") == 0
    assert run("list") == 0
    assert capsys.readouterr().out.endswith("from their next sync on.\n")


def test_on_the_page(server: Loopback, tmp_path: Path) -> None:
    device = joined(server, tmp_path / "a")
    desk = Desk(server.store)
    desk.sign_in("sri")
    desk.client.get("/web/bahasa/en")
    here = f"/web/perangkat/{device}"
    assert "Name it a receiving office" in desk.get(here)
    for said in ("", "x" * 121, "a\u202eb"):
        assert "Nothing was changed." in desk.post(f"{here}/kantor", 422, office=said)
    desk.post("/web/perangkat/none/kantor", 422, office="Dinas")
    assert desk.post(f"{here}/kantor", office="<b>Dinas</b> & Kominfo") == here
    page = desk.get(here)
    assert "&lt;b&gt;Dinas&lt;/b&gt; &amp; Kominfo" in page
    assert "<b>Dinas</b>" not in page
    assert "&lt;b&gt;Dinas&lt;/b&gt; &amp; Kominfo" in desk.get("/web/perangkat")
    desk.get(here)
    assert desk.post(f"{here}/kantor/akhiri") == here
    assert "Name it a receiving office" in desk.get(here)
    desk.post(f"{here}/kantor/akhiri", 422)
    desk.get(f"{here}/cabut")
    desk.post(f"{here}/cabut")
    assert "receiving office" not in desk.get(here)
    assert "is revoked" in desk.post(f"{here}/kantor", 422, office="Dinas")
