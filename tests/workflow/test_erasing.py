"""Erasing a person with a photo: gone from lists, stores and copies, here and on the other device."""

from __future__ import annotations

import os
from pathlib import Path

from assessor_app import clock
from assessor_app.models.attachments import Attachment
from assessor_app.workflow import backup, erasing, interviewing, sample, visiting
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.queries.interviews import interview_rows, interview_view
from tests.factories import make_account, make_note, make_visit
from tests.sync.loopback import Loopback, make_joined

PHOTO = sample.folder() / "01-dermaga-tanah-merah.jpg"


def _photos(account: Account, visit: str, note: str) -> tuple[int, int]:
    """Return how many photos the list and the note show."""
    with account.reading() as session:
        view = interview_view(session, note, account.profile)
        return sum(row.photos for row in interview_rows(session, visit)), len(view.attachments) if view else -1


def test_the_photo_of_an_erased_person_goes_everywhere(tmp_path: Path) -> None:
    server = Loopback(tmp_path / "server")
    a, b = (make_joined(server, tmp_path / name, name) for name in "ab")
    visit = make_visit(a)
    person = a.writer.run(lambda u: interviewing.add_respondent(u, visit, name="Hapus Saya"), purpose="x")
    a.writer.run(lambda u: interviewing.give_consent(
        u, person, form="spoken", purpose="p", data=["photo"], until="2099-01-01"), purpose="x")
    note = make_note(a, visit, "isi", observation=False, persons=[person])
    photo = interviewing.read_photo(PHOTO.read_bytes())
    interviewing.store_photo(a.blobs, photo)
    record = a.writer.run(lambda u: interviewing.attach_photo(u, visit, photo, interview=note, name="a.jpg"), purpose="x")
    server.sync(a)
    server.sync(b)
    with a.reading() as session:
        row = session.get(Attachment, record)
        assert row is not None
        digest = row.sha256
    assert b.blobs.has(digest)
    copies = []
    for account in (a, b):
        copy = backup.daily_copy(account)
        assert copy is not None
        yesterday = clock.now_ms() / 1000 - 86_400
        os.utime(copy, (yesterday, yesterday))
        copies.append(copy)
    a.writer.run(lambda u: visiting.erase_person(u, person), purpose="erase")
    for account in (a, b, a):
        assert server.sync(account).complete
    for account, copy in zip((a, b), copies, strict=True):
        erasing.clear_away(account)
        assert _photos(account, visit, note) == (0, 0)
        assert not account.blobs.has(digest)
        assert not copy.exists()
        assert backup.check(account) == []
        account.close()
    server.close()


def test_the_same_photo_of_another_note_stays(tmp_path: Path) -> None:
    account = make_account(tmp_path / "a")
    visit = make_visit(account)
    person = account.writer.run(lambda u: interviewing.add_respondent(u, visit, name="Hapus Saya"), purpose="x")
    notes = [make_note(account, visit, "isi", observation=False, persons=[person]), make_note(account, visit, "lain")]
    photo = interviewing.read_photo(PHOTO.read_bytes())
    interviewing.store_photo(account.blobs, photo)
    for note in notes:
        account.writer.run(lambda u, n=note: interviewing.attach_photo(  # type: ignore[misc]
            u, visit, photo, interview=n, name="a.jpg"), purpose="x")
    account.writer.run(lambda u: visiting.erase_person(u, person), purpose="erase")
    assert erasing.clear_away(account) == 0
    assert _photos(account, visit, notes[1]) == (1, 1)
    assert backup.check(account) == []
    account.close()
