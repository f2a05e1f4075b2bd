"""Two assessors' devices and one real server process: what arrives, what merges, what never leaves."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from assessor_app.errors import LineError
from assessor_app.models.attachments import Attachment
from assessor_app.models.documents import Difference
from assessor_app.models.evaluations import Answer, Finding, Sheet
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import State
from assessor_app.models.kinds import Kind
from assessor_app.models.tables import Intent
from assessor_app.models.visits import Person, Visit
from assessor_app.sync import local_digests
from assessor_app.workflow import editing, evaluating, interviewing, syncing, visiting
from assessor_app.workflow.accounts import Account
from tests.factories import ServerProcess, make_account, make_note, make_visit, read, sync, write

_numbers = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    made = ServerProcess(tmp_path_factory.mktemp("server")).prepare().start()
    yield made
    made.stop()


@pytest.fixture
def pair(server: ServerProcess, tmp_path: Path) -> Iterator[tuple[Account, Account, str]]:
    """Two joined devices of two assessors, and a visit that both have."""
    number = next(_numbers)
    logins = [f"a{number}", f"b{number}"]
    for login in logins:
        server.add(login)
    a, b = (server.join(tmp_path / login, login) for login in logins)
    visit = make_visit(a)
    sync(a)
    sync(b)
    yield a, b, visit
    a.close()
    b.close()


def converge(*accounts: Account) -> None:
    """Synchronise until nobody has anything new, then compare every granted scope's digest."""
    for account in (*accounts, *accounts):
        sync(account)


def test_a_visit_and_its_notes_arrive_on_the_colleagues_device(pair) -> None:  # type: ignore[no-untyped-def]
    a, b, visit = pair
    note = make_note(a, visit, "Warga meminta air bersih.")
    converge(a, b)
    assert read(b, Interview, note, "body") == "Warga meminta air bersih."


def test_different_paragraphs_of_one_note_merge(pair) -> None:  # type: ignore[no-untyped-def]
    a, b, visit = pair
    note = make_note(a, visit, "Satu dua.\n\nTiga empat.")
    converge(a, b)
    write(a, Interview, note, body="Satu dua baru.\n\nTiga empat.")
    write(b, Interview, note, body="Satu dua.\n\nTiga empat lima.")
    converge(a, b)
    assert read(a, Interview, note, "body") == read(b, Interview, note, "body") == "Satu dua baru.\n\nTiga empat lima."


def test_one_field_edited_on_both_becomes_a_difference_that_a_person_settles(pair) -> None:  # type: ignore[no-untyped-def]
    a, b, visit = pair
    write(a, Visit, visit, place="Tanah Merah")
    write(b, Visit, visit, place="Mindiptana")
    converge(a, b)
    with a.reading() as session:
        (open_,) = syncing.open_differences(session)
    assert {open_.value_a, open_.value_b} == {"Tanah Merah", "Mindiptana"}
    b.writer.run(lambda u: syncing.settle(u, open_.id, "Mindiptana"), purpose="settle")
    converge(b, a)
    for device in (a, b):
        assert read(device, Visit, visit, "place") == "Mindiptana"
        with device.reading() as session:
            assert syncing.open_differences(session) == []


def test_another_assessors_unsigned_sheet_never_arrives(pair) -> None:  # type: ignore[no-untyped-def]
    a, b, visit = pair
    with a.reading() as session:
        instrument = evaluating.instrument_of(session, evaluating.instruments(session)[0].ref)
    sheet = a.writer.run(lambda u: evaluating.open_sheet(u, visit, instrument), purpose="x")
    question = instrument.questions()[0].id
    a.writer.run(lambda u: evaluating.answer(u, sheet, question, score="3", reason="KENARI-RAHASIA"), purpose="x")
    a.writer.run(lambda u: evaluating.add_finding(u, sheet, "strength", "KENARI-RAHASIA"), purpose="x")
    converge(a, b)
    with b.reading() as session:
        for entity in (Sheet, Answer, Finding):
            assert session.scalars(select(entity)).all() == []
        assert not [i for i in session.scalars(select(Intent)) if "KENARI" in str(i.changes)]


def test_a_note_without_consent_never_leaves_and_goes_once_it_is_given(pair, server: ServerProcess) -> None:  # type: ignore[no-untyped-def]
    a, b, visit = pair
    person = a.writer.run(
        lambda u: interviewing.add_respondent(u, visit, name="MERPATI-NAMA", occupation="kader"), purpose="x"
    )
    note = make_note(a, visit, "MERPATI-ISI", observation=False, persons=[person])
    photo = interviewing.Photo(b"MERPATI-FOTO" * 1000, 10, 10, "", None, None)
    interviewing.store_photo(a.blobs, photo)
    a.writer.run(lambda u: interviewing.attach_photo(u, visit, photo, interview=note), purpose="x")
    outcome = sync(a)
    sync(b)
    assert outcome.kept_back > 0
    assert read(b, Interview, note, "body") is None
    everything = b"".join(f.read_bytes() for f in server.folder.rglob("*") if f.is_file())
    assert b"MERPATI" not in everything
    a.writer.run(
        lambda u: interviewing.give_consent(
            u, person, form="spoken", purpose="evaluasi", data=["nama"], until="2099-01-01"
        ),
        purpose="x",
    )
    converge(a, b)
    assert read(b, Interview, note, "body") == "MERPATI-ISI"
    with b.reading() as session:
        digest = session.scalars(select(Attachment.sha256)).one()
    assert b.blobs.get(digest) == photo.data


def test_an_edit_beats_a_delete_until_someone_decides(pair) -> None:  # type: ignore[no-untyped-def]
    a, b, visit = pair
    note = make_note(a, visit, "lama")
    converge(a, b)
    for first, second in ((a, b), (b, a)):
        write(first, Interview, note, body=read(first, Interview, note, "body") + " baru")
        second.writer.run(lambda u: editing.delete(u, Kind.INTERVIEW, note), purpose="x")
        converge(a, b)
        assert read(a, Interview, note, "deleted") is False
        assert read(b, Interview, note, "deleted") is False
        with a.reading() as session:
            for open_ in syncing.open_differences(session):
                a.writer.run(lambda u, d=open_.id: syncing.settle(u, d, False), purpose="x")
        converge(a, b)
    with b.reading() as session:
        assert session.scalars(select(Difference).where(Difference.state == "open")).all() == []


def test_both_delete_is_no_difference(pair) -> None:  # type: ignore[no-untyped-def]
    a, b, visit = pair
    note = make_note(a, visit, "x")
    converge(a, b)
    for device in (a, b):
        device.writer.run(lambda u: editing.delete(u, Kind.INTERVIEW, note), purpose="x")
    converge(a, b)
    assert read(a, Interview, note, "deleted") is read(b, Interview, note, "deleted") is True
    with a.reading() as session:
        assert syncing.open_differences(session) == []


def test_erasure_reaches_the_server_and_the_other_device(pair, server: ServerProcess) -> None:  # type: ignore[no-untyped-def]
    a, b, visit = pair
    person = a.writer.run(
        lambda u: interviewing.add_respondent(u, visit, name="Hapus Saya", occupation="guru"), purpose="x"
    )
    a.writer.run(
        lambda u: interviewing.give_consent(u, person, form="spoken", purpose="p", data=["nama"], until="2099-01-01"),
        purpose="x",
    )
    note = make_note(a, visit, "Cerita Hapus Saya", observation=False, persons=[person])
    converge(a, b)
    write(b, Interview, note, body="Cerita Hapus Saya, ditambah")  # on its way while the erasure happens
    a.writer.run(lambda u: visiting.erase_person(u, person), purpose="erase")
    converge(a, b)
    for device in (a, b):
        assert read(device, Person, person, "name") == ""
        assert read(device, Interview, note, "body") == ""
        with device.reading() as session:
            assert not [i for i in session.scalars(select(Intent)) if "Hapus Saya" in str(i.changes)]
    import sqlite3

    dump = "\n".join(sqlite3.connect(server.folder / "server.db").iterdump())
    assert "Hapus Saya" not in dump


def test_a_reply_lost_after_the_commit_applies_once(pair, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    from assessor_app.sync.transport import Transport

    a, b, visit = pair
    make_note(a, visit, "sekali")
    honest = Transport.sync

    def lost(self, data):  # type: ignore[no-untyped-def]
        honest(self, data)
        raise LineError("offline", "gone")

    monkeypatch.setattr(Transport, "sync", lost)
    assert syncing.synchronise(a).fault is not None
    monkeypatch.setattr(Transport, "sync", honest)
    converge(a, b)
    with b.reading() as session:
        assert len(session.scalars(select(Interview).where(Interview.body == "sekali")).all()) == 1
    with a.reading() as session:
        assert {i.state for i in session.scalars(select(Intent))} == {State.STORED}


def test_a_copied_notebook_goes_on_without_being_taken_for_a_duplicate(pair, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    import shutil

    from assessor_app.identity.keychain import NoKeychain
    from assessor_app.workflow import accounts
    from tests.factories import PASSPHRASE

    a, b, visit = pair
    make_note(a, visit, "sebelum disalin")
    a.close()
    shutil.copytree(a.folder, tmp_path / "copy")
    a2 = accounts.open_account(a.folder, passphrase=PASSPHRASE, keychain=NoKeychain())
    copy = accounts.open_account(tmp_path / "copy", passphrase=PASSPHRASE, keychain=NoKeychain())
    try:
        assert copy.device != a2.device
        one, two = make_note(a2, visit, "dari asli"), make_note(copy, visit, "dari salinan")
        converge(a2, copy, b)
        for device in (a2, copy, b):
            assert read(device, Interview, one, "body") == "dari asli"
            assert read(device, Interview, two, "body") == "dari salinan"
            with device.reading() as session:
                assert len(session.scalars(select(Interview).where(Interview.body == "sebelum disalin")).all()) == 1
    finally:
        copy.close()
        a2.close()
        pair[0].close = lambda: None


def test_a_server_set_back_is_offered_again_what_it_lost(tmp_path: Path) -> None:
    import shutil
    import sqlite3

    server = ServerProcess(tmp_path / "server").prepare("a", "b").start()
    a, b = server.join(tmp_path / "a", "a"), server.join(tmp_path / "b", "b")
    try:
        visit = make_visit(a)
        converge(a, b)
        server.stop()
        shutil.copytree(server.folder, tmp_path / "older")
        server.start()
        note = make_note(a, visit, "nach der Sicherung")
        converge(a, b)
        server.stop()
        shutil.rmtree(server.folder)
        shutil.copytree(tmp_path / "older", server.folder)
        with sqlite3.connect(server.folder / "server.db") as connection:  # what a restore does: a new epoch
            connection.execute("UPDATE meta SET value = 'restored' WHERE name = 'epoch'")
        connection.close()
        server.start()
        converge(a, b, a)
        assert read(b, Interview, note, "body") == "nach der Sicherung"
        with a.reading() as session:
            assert local_digests.local_digest(session, f"visit:{visit}")
    finally:
        a.close()
        b.close()
        server.stop()


def test_wrong_password_server_down_and_portal_are_plain_sentences(server: ServerProcess, tmp_path: Path) -> None:
    import http.server
    import threading

    class Portal(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>Login</html>")

        do_POST = do_GET

        def log_message(self, *args: object) -> None:
            pass

    portal = http.server.HTTPServer(("127.0.0.1", 0), Portal)
    threading.Thread(target=portal.serve_forever, daemon=True).start()
    account = make_account(tmp_path / "x")
    server.add("katasandi")
    try:
        cases = [
            (syncing.Invitation(server.url, login="katasandi"), "salah sekali", "password"),
            (syncing.Invitation("http://127.0.0.1:9"), "x", "offline"),
            (syncing.Invitation(f"http://127.0.0.1:{portal.server_port}"), "x", "portal"),
            (syncing.Invitation("http://example.org"), "x", "address"),
        ]
        for invitation, password, code in cases:
            with pytest.raises(LineError) as caught:
                syncing.join(account, invitation, password=password)
            assert caught.value.code == code
            assert caught.value.title
            assert caught.value.kept
    finally:
        portal.shutdown()
        portal.server_close()
        account.close()


def test_a_pinned_certificate_lets_no_other_server_in(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "server").prepare("a")
    import re
    import subprocess
    import sys

    process = subprocess.Popen(
        [sys.executable, "-m", "assessor_server", "--data", str(server.folder), "serve", "--port", "0", "--tls"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    found = re.search(r"https://\S+", process.stdout.readline())
    assert found
    server.url = found.group()
    good = server.invitation("a")
    account = make_account(tmp_path / "x")
    try:
        assert good.fingerprint
        with pytest.raises(LineError) as caught:
            syncing.join(account, syncing.Invitation(good.url, "0" * 64, secret=good.secret))
        assert caught.value.code == "untrusted"
        with pytest.raises(LineError) as caught:  # the system's trust store does not know it either
            syncing.join(account, syncing.Invitation(good.url, "", secret=good.secret))
        assert caught.value.code == "untrusted"
        syncing.join(account, good)  # the invitation was not used up by the refused attempts
        assert syncing.synchronise(account).complete
    finally:
        account.close()
        process.terminate()
        process.wait()
        process.stdout.close()


def test_whoever_may_not_read_learns_nothing_from_a_refusal(pair, server: ServerProcess, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from assessor_app.sync import protocol
    from assessor_app.sync.intents import WireIntent
    from assessor_app.sync.protocol import Request

    a, b, visit = pair
    note = make_note(a, visit, "MERPATI-CATATAN")
    with a.reading() as session:
        instrument = evaluating.instrument_of(session, evaluating.instruments(session)[0].ref)
    sheet = a.writer.run(lambda u: evaluating.open_sheet(u, visit, instrument), purpose="x")
    question = instrument.questions()[0].id
    answer = a.writer.run(lambda u: evaluating.answer(u, sheet, question, score="3", reason="MERPATI-ALASAN"), purpose="x")
    sync(a)
    server.add("tamu", region="")
    stranger = server.join(tmp_path / "tamu", "tamu")
    targets = [("interview", note, "body", f"visit:{visit}"), ("answer", answer, "reason", f"sheet:{sheet}"),
               ("visit", visit, "place", f"visit:{visit}")]
    for device in (stranger, b):
        transport = syncing.transport_of(device)
        intents = [WireIntent(device.device, 900 + number, 1, "x", scope, [["=", kind, record, field, "", "X"]])
                   for number, (kind, record, field, scope) in enumerate(targets)]
        if device is b:
            intents = intents[1:2]  # a member of the visit, but not the sheet's author
        for _ in range(2):  # the stored verdict is as silent as the first
            reply = transport.sync(protocol.pack_request(Request(device.device, "", {}, intents)))
            assert [v.outcome for v in reply.verdicts] == ["refused"] * len(intents)
            assert [v.states for v in reply.verdicts] == [[]] * len(intents)
            assert not [n for n in reply.news if device is stranger and n.scope.startswith(("visit:", "sheet:", "region:"))]
        transport.close()
    stranger.close()


def test_the_centre_vouches_for_the_name_it_knows_and_slows_guessing(server: ServerProcess, tmp_path: Path) -> None:
    from assessor_app.identity import certificates
    from assessor_app.workflow.accounts import setting

    server.add("budi")
    account = make_account(tmp_path / "x", "Siti Palsu")
    try:
        syncing.join(account, server.invitation("budi"))
        with account.reading() as session:
            assert certificates.subject_of(str(setting(session, "certificate")).encode()).name == "Budi"
        for _ in range(5):
            with pytest.raises(LineError) as caught:
                syncing.join(account, syncing.Invitation(server.url, login="budi"), password="salah sekali")
        with pytest.raises(LineError) as caught:
            syncing.join(account, syncing.Invitation(server.url, login="budi"), password="rahasia sekali")
        assert caught.value.code == "throttled"
    finally:
        account.close()
