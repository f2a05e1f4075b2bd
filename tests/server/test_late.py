"""A lost laptop: what the centre saw before stays trusted; what comes later waits for the secretariat's word, which reaches the devices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assessor_app.identity.keychain import NoKeychain
from assessor_app.models import files
from assessor_app.workflow import accounts, backup, syncing, verifying
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.revisions import latest
from assessor_server import accounts as server_accounts
from assessor_server import signed_files
from assessor_server import tables as tb
from assessor_server.store import Store
from tests.factories import PASSPHRASE, PIN, ServerProcess, sync
from tests.server import test_web_browser as web
from tests.server.scenes import PASSWORD, Desk, add, signed_sheet
from tests.sync.loopback import cheap_secrets

browser = web.browser


@pytest.fixture(autouse=True)
def _cheap() -> Iterator[None]:
    with cheap_secrets():
        yield


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    made = ServerProcess(tmp_path / "server").prepare("maria").start()
    yield made
    made.stop()
    signed_files.forget()


def _bytes(account: Account, document: str) -> bytes:
    with account.reading() as session:
        return files.get(session, latest(session, document).sha256)


def _revoke(store: Store, device: str) -> None:
    with store.transaction() as connection:
        assert server_accounts.revoke_device(connection, device)


def _result(store: Store, document: str) -> tuple[str, str]:
    with store.transaction() as connection:
        row = connection.execute(select(tb.result).where(tb.result.c.document == document)).one()
        return row.state, row.faults


def test_a_document_of_a_lost_laptop_that_comes_from_a_backup_waits_for_a_word(server: ServerProcess, tmp_path: Path) -> None:
    lost = server.join(tmp_path / "lost", "maria")
    _, early = signed_sheet(lost, "1")
    sync(lost)
    before = _bytes(lost, early)
    server.stop()
    _, late = signed_sheet(lost, "2")  # without a line, and on the stick alone
    after = _bytes(lost, late)
    backup.backup(lost, tmp_path / "stick.asesor")
    device = lost.device
    lost.close()
    server.start()
    store = server.store()
    _revoke(store, device)

    backup.restore(tmp_path / "stick.asesor", tmp_path / "new")
    new = accounts.open_account(tmp_path / "new", passphrase=PASSPHRASE, keychain=NoKeychain())
    accounts.settle_here(new, PIN)
    syncing.join(new, server.invitation("maria"))
    sync(new)

    # The centre had the first before; the second it saw only now, whatever time it claims.
    assert _result(store, early) == ("verified", "")
    assert _result(store, late) == ("faulty", "revoked")
    assert verifying.verify_file(new, before)["as_signed"]
    waits = verifying.verify_file(new, after)
    assert waits["problems"] == ["revoked"]
    assert waits["signatures"][0]["trust"] == "revoked"

    # The page says so and takes a word only with a reason.
    add(store, "sri", "secretariat")
    desk = Desk(store)
    desk.sign_in("sri")
    assert 'id="late"' not in desk.get(f"/web/dokumen/{early}")
    page = desk.get(f"/web/dokumen/{late}")
    assert "Ditandatangani dengan kunci yang dicabut" in page
    assert "Tuliskan alasannya" in desk.post(f"/web/dokumen/{late}/kata", 422, kata="terima", alasan=" ")
    assert _result(store, late) == ("faulty", "revoked")
    desk.get(f"/web/dokumen/{late}")
    desk.post(f"/web/dokumen/{late}/kata", kata="terima", alasan="Ibu Maria menandatangani di depan kami, 3 Juli.")
    page = desk.get(f"/web/dokumen/{late}")
    assert "Ibu Maria menandatangani di depan kami" in page
    assert "Sri" in page
    assert _result(store, late) == ("verified", "")

    # It reaches the device, and can be changed.
    sync(new)
    heard = verifying.verify_file(new, after)
    assert heard["as_signed"]
    assert heard["signatures"][0]["trust"] == "vouched"
    desk.post(f"/web/dokumen/{late}/kata", kata="tolak", alasan="Keliru.")
    assert _result(store, late) == ("faulty", "revoked")
    sync(new)
    assert verifying.verify_file(new, after)["problems"] == ["revoked"]
    new.close()
    store.close()


def test_nobody_but_the_secretariat_gives_the_word(server: ServerProcess, tmp_path: Path) -> None:
    device = server.join(tmp_path / "a", "maria")
    _, document = signed_sheet(device)
    sync(device)
    store = server.store()
    add(store, "koor", "coordinator", "93.02")
    desk = Desk(store)
    desk.sign_in("koor")
    desk.post(f"/web/dokumen/{document}/kata", 403, kata="terima", alasan="Saya tahu.")
    with store.transaction() as connection:
        assert connection.execute(select(tb.word)).first() is None
    device.close()
    store.close()


@web.pytestmark
def test_the_word_is_given_in_a_browser(server: ServerProcess, browser: Any, tmp_path: Path) -> None:
    device = server.join(tmp_path / "a", "maria")
    _, document = signed_sheet(device)
    store = server.store()
    # as after a restore from a backup: the key was revoked before anything of this arrived
    with store.transaction() as connection:
        connection.execute(tb.certificate.update().values(revoked_at=1_000_000_000_000))
    sync(device)
    add(store, "sri", "secretariat")
    page = web.Reader(browser, server.url)
    page.open("/web/")
    page.type("Nama pengguna", "sri")
    page.type("Kata sandi", PASSWORD)
    page.press("Masuk")
    page.open(f"/web/dokumen/{document}")
    assert "Ditandatangani dengan kunci yang dicabut" in page.text
    page.picture("dokumen-terlambat")
    page.type("Dari mana diketahui kapan dan oleh siapa dokumen ini ditandatangani?", "Disaksikan dua orang dari Diskominfo.")
    page.press("Terima dokumen ini")
    assert "Disaksikan dua orang dari Diskominfo." in page.text
    page.picture("dokumen-diterima")
    assert _result(store, document) == ("verified", "")
    device.close()
    store.close()
