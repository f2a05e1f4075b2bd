"""What travels of a photo, what stays on the device, and who lets it go."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from assessor_app.cli.main import main
from assessor_app.models.attachments import Attachment
from assessor_app.models.kinds import Kind
from assessor_app.models.tables import Transfer
from assessor_app.settings import Settings
from assessor_app.workflow import backup, erasing, interviewing, reducing
from assessor_app.workflow.accounts import Account
from tests.factories import PASSPHRASE, make_account, make_visit, reopen
from tests.sync.loopback import cheap_secrets


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with cheap_secrets():
        made = make_account(tmp_path / "a")
    yield made
    made.close()


@cache
def camera(size: tuple[int, int] = (2400, 1800), word: str = "") -> bytes:
    """Return what a camera gives: large, sideways, with EXIF; ``word`` makes it another."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "RAHASIA-KAMERA"
    out = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(out, "JPEG", quality=92, exif=exif)
    return out.getvalue() + word.encode()


def attach(account: Account, visit: str, data: bytes) -> str:
    photo = interviewing.read_photo(data)
    digest = interviewing.store_photo(account.blobs, photo)
    account.writer.run(lambda u: interviewing.attach_photo(u, visit, photo), purpose="x")
    return digest


def sent(account: Account, *digests: str) -> None:
    """Say that photos are at the centre."""
    for digest in digests:
        account.writer.run(lambda u, d=digest: u.session.merge(  # type: ignore[misc]
            Transfer(sha256=d, direction="up", scope="", size=1, location="", done=True)) and None, purpose="transfer")


def test_a_photo_travels_small_upright_and_nameless_and_the_original_stays(account: Account) -> None:
    data = camera()
    digest = attach(account, make_visit(account), data)
    travels = account.blobs.get(digest)
    picture = Image.open(io.BytesIO(travels))
    assert picture.size == (1200, 1600)
    assert b"RAHASIA" not in travels
    assert not picture.getexif()
    assert len(travels) < len(data) / 2
    assert account.blobs.original(digest) == data
    with account.reading() as session:
        row = session.scalars(select(Attachment)).one()
        assert (row.sha256, row.size, row.width, row.height) == (digest, len(travels), 1200, 1600)


def test_edge_and_quality_are_a_setting(account: Account) -> None:
    data = camera()
    usual = interviewing.read_photo(data)
    Settings(photo_edge=800, photo_quality=40).save()
    small = interviewing.read_photo(data)
    assert (small.width, small.height) == (600, 800)
    assert len(small.data) < len(usual.data) / 4
    Settings(photo_edge=-5, photo_quality=900).save()
    assert reducing.wanted() == (320, 95), "nonsense is brought back to what makes sense"


def test_a_small_photo_is_not_blown_up(account: Account) -> None:
    photo = interviewing.read_photo(camera((640, 480)))
    assert (photo.width, photo.height) == (480, 640)


def test_a_scan_that_is_proof_keeps_its_size() -> None:
    photo = interviewing.read_photo(camera((3000, 2000)), reduce=False)
    assert (photo.width, photo.height, photo.original) == (2000, 3000, b"")


def test_originals_are_let_go_by_command_and_only_of_visits_whose_photos_are_at_the_centre(
        account: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    whole, half = make_visit(account), make_visit(account, "65.03")
    a, b = (attach(account, whole, camera((900, 600), word)) for word in "ab")
    c, d = (attach(account, half, camera((800, 600), word)) for word in "cd")
    sent(account, a, b, c)
    told = reducing.originals(account)
    assert (told.photos, told.ready) == (4, 2)
    assert 0 < told.ready_size < told.size
    folder, key = account.folder, account.notebook.key
    account.close()
    monkeypatch.setenv("ASESOR_PASSPHRASE", PASSPHRASE)
    assert main(["originals", "--data", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "photos": 4, "size": told.size, "ready": 2, "ready_size": told.ready_size, "let_go": False}
    assert main(["originals", "--data", str(folder), "--let-go"]) == 0
    said = capsys.readouterr().out
    assert "2" in said.splitlines()[0]
    assert len(said.splitlines()) == 2, "and it says that two stay"
    from tests.sync.loopback import open_cheaply

    again = open_cheaply(folder, key)
    assert [again.blobs.original(digest) is None for digest in (a, b, c, d)] == [True, True, False, False]
    assert all(again.blobs.has(digest) for digest in (a, b, c, d)), "the reduced photos stay"
    again.close()


def test_the_same_original_twice_is_kept_until_both_are_let_go(account: Account) -> None:
    data = camera((900, 600))
    Settings(photo_quality=50).save()
    first = attach(account, make_visit(account), data)
    Settings(photo_quality=90).save()
    second = attach(account, make_visit(account, "65.03"), data)
    assert first != second
    account.blobs.let_go(first)
    assert account.blobs.original(first) is None
    assert account.blobs.original(second) == data
    account.blobs.let_go(second)
    assert account.blobs.originals() == {}
    assert account.blobs.sweep({first, second}) == 0


def test_sweeping_keeps_originals_of_photos_that_are_named_and_erasing_takes_them_along(account: Account) -> None:
    data = camera((900, 600))
    digest = attach(account, make_visit(account), data)
    assert backup.sweep(account) == 0
    assert account.blobs.original(digest) == data
    with account.reading() as session:
        row = session.scalars(select(Attachment.id)).one()
    account.writer.run(lambda u: u.erase(Kind.ATTACHMENT, row), purpose="erase")
    assert erasing.clear_away(account) == 1
    assert account.blobs.original(digest) is None
    assert account.blobs.sweep(set()) == 0, "nothing is left of it"


def test_a_photo_stored_just_before_a_power_cut_leaves_neither_itself_nor_its_original(account: Account) -> None:
    interviewing.store_photo(account.blobs, interviewing.read_photo(camera((900, 600))))
    assert backup.sweep(account) == 0, "the row that names it may be on its way"
    again = reopen(account)
    assert backup.sweep(again) == 2
    assert again.blobs.originals() == {}
    again.close()
