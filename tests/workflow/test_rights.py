"""A person's rights: everything is shown and handed over, erased with a receipt, within three days; agreed time runs out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from assessor_app import clock
from assessor_app.models import search
from assessor_app.models.attachments import Attachment
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import DocumentType, RequestType
from assessor_app.models.visits import Person
from assessor_app.workflow import documents, rights, sample, visiting
from assessor_app.workflow.accounts import Account
from tests.factories import PIN, make_account, make_note, make_visit, read, write
from tests.sync.loopback import Loopback, make_joined


@pytest.fixture
def loaded(tmp_path: Path) -> Iterator[tuple[Account, sample.Sample]]:
    account = make_account(tmp_path / "a", "Ratna Prameswari")
    yield account, sample.load(account)
    account.close()


def respondent(account: Account, label: str) -> str:
    with account.reading() as session:
        return next(p.id for p in session.query(Person).filter_by(label=label))


def test_one_action_shows_everything_about_a_person_and_hands_it_over(loaded: tuple[Account, sample.Sample]) -> None:
    account, visit = loaded
    person = respondent(account, "N-03")
    documents.sign(account, documents.prepare(account, DocumentType.MINUTES, visit.visit, documents.wish(number="7/BA/2024")), PIN)
    with account.reading() as session:
        found = rights.held(session, person)
        told = json.loads(rights.hand_over(session, person))
    assert found.person.full_name
    assert any("sagu" in note.title and note.alone for note in found.notes)
    assert len(found.files) >= 1
    assert found.documents == ("7/BA/2024",)
    assert told["Name"] == found.person.full_name
    assert told["Consent"]["Purpose"]
    assert any("tepung" in note["Text"] for note in told["Notes"])
    assert told["Signed documents"] == ["7/BA/2024"]


def test_erasing_leaves_nothing_but_a_receipt_that_names_what_was_not_reached(loaded: tuple[Account, sample.Sample]) -> None:
    account, visit = loaded
    person = respondent(account, "N-03")
    name = read(account, Person, person, "name")
    documents.sign(account, documents.prepare(account, DocumentType.MINUTES, visit.visit, documents.wish(number="7/BA/2024")), PIN)
    with account.reading() as session:
        note = next(n.id for n in rights.held(session, person).notes if n.alone)
        photo = session.query(Attachment).filter_by(interview=note).one().sha256
    assert account.blobs.has(photo)
    request = account.writer.run(lambda u: rights.ask(u, visit.visit, person, RequestType.ERASE), purpose="request")
    receipt = rights.erase(account, person)
    assert "N-03" in receipt
    assert name not in receipt
    assert "Not reached: courier files and backups" in receipt
    assert "7/BA/2024" in receipt
    assert not account.blobs.has(photo)
    assert read(account, Interview, note, "body") == ""
    with account.reading() as session:
        found = rights.held(session, person)
        assert found.erased
        assert (found.person.name, found.remark, [n.body for n in found.notes if n.alone]) == ("", "", [""])
        assert next(r for r in found.requests if r.id == request).done_at
        assert search.search(session, name) == []
        assert rights.receipt(session, person, found.documents).startswith("Receipt")


def test_the_clock_of_three_days_runs_from_the_request(loaded: tuple[Account, sample.Sample]) -> None:
    account, visit = loaded
    person = respondent(account, "N-01")
    now = clock.now()
    clock.set_source(lambda: now)
    request = account.writer.run(lambda u: rights.ask(u, visit.visit, person, RequestType.CORRECT), purpose="request")
    with account.reading() as session:
        (row,) = rights.requests(session, open_only=True)
    assert (row.who, row.due_at - row.received_at) == ("N-01", 72 * 3_600_000)
    account.writer.run(lambda u: rights.done(u, request), purpose="request")
    with account.reading() as session:
        assert rights.requests(session, open_only=True) == ()
        assert rights.requests(session, person)[0].done_at == row.received_at
    clock.set_source(None)


def test_agreed_time_runs_out_and_asks(loaded: tuple[Account, sample.Sample]) -> None:
    account, _ = loaded
    person = respondent(account, "N-01")
    with account.reading() as session:
        assert rights.expired(session) == ()
    write(account, Person, person, consent_until=(clock.today() - timedelta(days=1)).isoformat())
    with account.reading() as session:
        assert [(one.person.label, one.notes > 0) for one in rights.expired(session)] == [("N-01", True)]
    rights.erase(account, person)
    with account.reading() as session:
        assert rights.expired(session) == ()


def test_a_request_and_its_erasure_reach_the_colleague(tmp_path: Path) -> None:
    from assessor_app.workflow import interviewing

    server = Loopback(tmp_path / "server")
    ana, budi = make_joined(server, tmp_path / "a", "ana"), make_joined(server, tmp_path / "b", "budi")
    visit = make_visit(ana)
    note = make_note(ana, visit, "Rahasia kenari.", title="Percakapan")

    def consent(unit) -> str:  # type: ignore[no-untyped-def]
        person = interviewing.add_respondent(unit, visit, name="Mama Kenari", occupation="kader")
        interviewing.give_consent(unit, person, form="spoken", purpose="evaluasi", data=["answers"], until="2099-01-01")
        unit.get(Interview, note).persons = [person]
        unit.get(Interview, note).basis = "persons"
        return person

    person = ana.writer.run(consent, purpose="x")
    for one in (ana, budi):
        server.sync(one)
    assert read(budi, Person, person, "name") == "Mama Kenari"
    budi.writer.run(lambda u: rights.ask(u, visit, person, RequestType.ERASE), purpose="request")
    for one in (budi, ana):
        server.sync(one)
    with ana.reading() as session:
        assert [row.who for row in rights.requests(session, open_only=True)] == ["N-01"]
    rights.erase(ana, person)
    for one in (ana, budi):
        server.sync(one)
    assert read(budi, Person, person, "name") == ""
    assert read(budi, Interview, note, "body") == ""
    with budi.reading() as session:
        assert rights.requests(session, open_only=True) == ()
    for one in (ana, budi):
        one.close()
    server.close()


def test_after_the_agreed_day_nothing_of_the_person_leaves_but_the_erasure(tmp_path: Path) -> None:
    from assessor_app.workflow import interviewing
    from assessor_app.workflow.exporting import folder, notes

    server = Loopback(tmp_path / "server")
    ana, budi = make_joined(server, tmp_path / "a", "ana"), make_joined(server, tmp_path / "b", "budi")
    visit = make_visit(ana)
    note = make_note(ana, visit, "Sumur kering.", title="Percakapan", observation=False)

    def consent(unit) -> str:  # type: ignore[no-untyped-def]
        person = interviewing.add_respondent(unit, visit, name="Mama Kenari", occupation="kader")
        interviewing.give_consent(unit, person, form="spoken", purpose="evaluasi", data=["answers"],
                                  until=clock.today().isoformat())
        unit.get(Interview, note).persons = [person]
        return person

    person = ana.writer.run(consent, purpose="x")
    for one in (ana, budi):
        server.sync(one)
    assert read(budi, Interview, note, "body") == "Sumur kering."  # on the last day it may still leave
    tomorrow = clock.now() + timedelta(days=1)
    clock.set_source(lambda: tomorrow)
    write(ana, Interview, note, body="Sumur kering. Rahasia kenari.")
    write(ana, Person, person, occupation="kader posyandu")
    with ana.reading() as session:
        assert [one.person.label for one in rights.expired(session)] == ["N-01"]
        assert notes.content(session, ana, visit).left_out == 1
    folder.write(ana, visit, tmp_path / "out")
    told = b"".join(file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file())
    assert b"kenari" not in told
    assert b"kader" not in told
    for one in (ana, budi):
        server.sync(one)
    assert read(budi, Interview, note, "body") == "Sumur kering."
    assert read(budi, Person, person, "occupation") == "kader"
    receipt = rights.erase(ana, person)
    assert "until then it waits" in receipt
    for one in (ana, budi):
        server.sync(one)
    assert read(budi, Interview, note, "body") == ""
    assert read(budi, Person, person, "name") == ""
    with ana.reading() as session:
        assert "The centre: it has the erasure." in rights.receipt(session, person)
    for one in (ana, budi):
        one.close()
    server.close()


def test_an_entry_that_was_no_official_goes_whole_with_its_notes(loaded: tuple[Account, sample.Sample]) -> None:
    account, visit = loaded
    person = account.writer.run(lambda u: visiting.add_official(u, visit.visit, name="Bapak Kenari", office="Kepala kampung"), purpose="x")
    alone = make_note(account, visit.visit, "Ia menyimpan kenari.", title="Percakapan", observation=False, persons=[person])
    shared = make_note(account, visit.visit, "Berdua.", title="Bersama", observation=False, persons=[person, respondent(account, "N-01")])
    rights.erase(account, person)
    assert (read(account, Person, person, "name"), read(account, Interview, alone, "body")) == ("", "")
    assert read(account, Interview, shared, "body") == "Berdua."
