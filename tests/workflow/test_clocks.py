"""A clock to sign by: set back, ahead, a year off, set right again; and certificates that do not hold yet or any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assessor_app import clock
from assessor_app.errors import AppError
from assessor_app.identity.signers import PKCS12
from assessor_app.models.journal import Unit
from assessor_app.models.tables import Intent
from assessor_app.models.visits import Visit
from assessor_app.workflow import documents, syncing
from assessor_app.workflow.accounts import Account, put_settings
from assessor_app.workflow.clocks import check_clock
from tests.factories import PIN, ServerProcess, make_account, make_visit, sync, write
from tests.sync.loopback import cheap_secrets

YEAR = timedelta(days=365)


@pytest.fixture(autouse=True)
def _cheap() -> Iterator[None]:
    with cheap_secrets():
        yield


def show(off: timedelta) -> None:
    """Let the computer's clock stand that far from the right time."""
    clock.set_source(lambda: datetime.now(UTC) + off)


def refused(account: Account, match: str) -> AppError:
    with account.reading() as session, pytest.raises(AppError, match=match) as fault:
        check_clock(session)
    assert "Nothing was signed" in fault.value.kept
    assert "It shows" in fault.value.message
    return fault.value


def believed(account: Account) -> None:
    with account.reading() as session:
        check_clock(session)


def test_before_the_installation_and_before_the_last_entry(tmp_path: Path) -> None:
    account = make_account(tmp_path / "a")
    believed(account)
    show(-timedelta(minutes=1))
    believed(account)  # a minute is no fraud
    show(-timedelta(days=1))
    refused(account, "before the last entry")
    show(timedelta(days=3))
    make_visit(account)
    show(timedelta(days=2))
    refused(account, "before the last entry")
    show(timedelta(days=3))
    believed(account)
    account.close()


def test_a_colleagues_clock_proves_nothing(tmp_path: Path) -> None:
    account = make_account(tmp_path / "a")

    def foreign(unit: Unit) -> None:
        unit.session.add(Intent(device="lainlain", counter=1, at=clock.now_ms() + 10**11, unit="x", purpose="x", scope="catalogue", hold="",
                                editing="", state="frozen", reason="", changes=[]))

    account.writer.run(foreign, purpose="x")
    believed(account)
    account.close()


def test_a_year_off_is_known_from_the_centre_and_mended_by_the_next_sync(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "server").prepare("ani", "budi").start()
    try:
        for off, login in ((YEAR, "ani"), (-YEAR, "budi")):
            invitation = server.invitation(login)
            show(off)
            account = make_account(tmp_path / login, login.title())
            syncing.join(account, invitation)
            visit = make_visit(account)
            write(account, Visit, visit, seen="Dermaga.")
            sync(account)
            fault = refused(account, "365 days from the centre")
            assert "synchronise once" in fault.hint
            with pytest.raises(AppError, match="centre"):
                documents.sign(account, documents.prepare(account, "minutes", visit, documents.wish(number="1")), PIN)
            clock.set_source(None)  # set right
            if off > timedelta():
                refused(account, "before the last entry")  # without a line nobody can tell
            else:
                believed(account)
            sync(account)
            believed(account)  # the centre agrees: what was written under the wrong clock is over
            assert documents.sign(account, documents.prepare(account, "minutes", visit, documents.wish(number="1")), PIN)
            show(-timedelta(hours=3))
            refused(account, "before the last entry")  # and set back again it is caught as ever
            clock.set_source(None)
            account.close()
    finally:
        server.stop()


def test_a_clock_that_runs_with_the_centres_is_believed_after_months(tmp_path: Path) -> None:
    account = make_account(tmp_path / "a")
    put_settings(account, clock_skew_ms=1500, synced_at=clock.now_ms())
    show(timedelta(days=90))
    believed(account)
    account.close()


def _file(begins: timedelta, ends: timedelta) -> PKCS12:
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
    from cryptography.x509.oid import NameOID

    from assessor_app.identity.keys import new_key

    key, now = new_key(), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Yohanes Kaibur")])
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(3)
            .not_valid_before(now + begins).not_valid_after(now + ends).sign(key, SHA256()))
    return PKCS12.load(pkcs12.serialize_key_and_certificates(b"x", key, made, None, BestAvailableEncryption(b"x")), "x")


def test_an_expired_or_future_certificate_signs_nothing(tmp_path: Path) -> None:
    account = make_account(tmp_path / "a")
    visit = make_visit(account)
    write(account, Visit, visit, seen="Dermaga.")
    prepared = documents.prepare(account, "minutes", visit, documents.wish(number="1"))
    for own, said in ((_file(-2 * YEAR, -timedelta(days=1)), "expired"), (_file(timedelta(days=1), YEAR), "before the start")):
        with pytest.raises(AppError, match=said) as fault:
            documents.sign(account, prepared, PIN, signer=own)
        assert fault.value.hint
        assert fault.value.kept
    assert documents.sign(account, prepared, PIN, signer=_file(-YEAR, YEAR))
    account.close()
