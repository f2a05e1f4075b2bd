"""After a notebook or the server was set back: what is pending here is asked about, what the server lost makes no false alarm, and
what was erased stays erased."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select

from assessor_app.models.documents import Difference
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import Kind
from assessor_app.models.tables import Intent
from assessor_app.models.visits import Person, Visit
from assessor_app.sync import doubts, protocol
from assessor_app.sync.staging import Staging
from assessor_app.sync.states import State
from assessor_app.workflow import courier, courier_keys, editing, interviewing, syncing, visiting
from assessor_app.workflow.accounts import Account
from assessor_server import tables as tb
from assessor_server.store import put_meta
from tests.factories import make_note, make_visit, read, write
from tests.sync.loopback import Loopback, open_cheaply

Pair = tuple[Loopback, Account, Account]
_DATA = (tb.device, tb.scope, tb.record, tb.intent, tb.erasure)


def _copy(server: Loopback) -> dict[str, list[dict[str, Any]]]:
    with server.store.transaction() as connection:
        return {table.name: [dict(row._mapping) for row in connection.execute(select(table))] for table in _DATA}


def _restore(server: Loopback, rows: dict[str, list[dict[str, Any]]]) -> None:
    with server.store.transaction() as connection:
        for table in reversed(_DATA):
            connection.execute(delete(table))
        for table in _DATA:
            if rows[table.name]:
                connection.execute(insert(table), rows[table.name])
        put_meta(connection, "epoch", "restored")


def _heard(account: Account, visit: str, name: str) -> tuple[str, str]:
    """Return a respondent who agreed, and a note of what they said."""
    person = account.writer.run(lambda u: interviewing.add_respondent(u, visit, name=name, occupation="guru"), purpose="x")
    _agree(account, person)
    note = make_note(account, visit, observation=False)
    account.writer.run(lambda u: setattr(u.get(Interview, note), "persons", [person]), purpose="x")
    return person, note


def _agree(account: Account, person: str) -> None:
    account.writer.run(lambda u: interviewing.give_consent(u, person, form="spoken", purpose="p", data=["nama"], until="2099-01-01"),
                       purpose="x")


def _withdraw(account: Account, person: str) -> None:
    account.writer.run(lambda u: interviewing.withdraw_consent(u, person), purpose="x")


def _together(server: Loopback, a: Account, b: Account) -> str:
    """Return a visit of two people who know each other's keys for sticks."""
    visit = make_visit(a)
    for one in (a, b):
        courier_keys.keys(one)
    a.writer.run(lambda u: setattr(u.get(Visit, visit), "team", sorted((a.profile, b.profile))), purpose="x")
    _both(server, a, b)
    return visit


def _both(server: Loopback, *accounts: Account) -> None:
    for one in accounts * 3:
        server.sync(one)
    for one in accounts:
        outcome = server.sync(one)
        assert (outcome.complete, outcome.sent, outcome.received) == (True, 0, 0), outcome


def test_a_copy_that_keeps_back_what_its_first_notebook_sent_learns_that_it_is_there(pair: Pair, tmp_path: Path) -> None:
    server, a, _ = pair
    visit = make_visit(a)
    server.sync(a)
    person = a.writer.run(lambda u: interviewing.add_respondent(u, visit, name="", occupation="guru"), purpose="x")
    note = make_note(a, visit, observation=False)

    def said(u: Any) -> None:  # one step of several changes, as a form makes them
        row = u.get(Interview, note)
        row.persons, row.title, row.body = [person], "Kelas", "Atap bocor."

    a.writer.run(said, purpose="x")
    folder, key = a.folder, a.notebook.key
    a.notebook.fold()
    shutil.copytree(folder, tmp_path / "copy")
    _agree(a, person)
    _both(server, a)
    copy = open_cheaply(tmp_path / "copy", key)
    try:
        assert server.sync(copy).mismatched == []
        outcome = server.sync(copy)
        assert outcome.mismatched == [], outcome
        assert (outcome.complete, outcome.kept_back) == (True, 0)
        assert read(copy, Interview, note, "body") == "Atap bocor."
    finally:
        copy.close()


def test_what_grew_in_the_copy_goes_on_under_another_id(pair: Pair, tmp_path: Path) -> None:
    server, a, b = pair
    visit = make_visit(a)
    server.sync(a)
    person, note = _heard(a, visit, "Yohana")
    _withdraw(a, person)
    a.writer.run(lambda u: editing.edit(u, Kind.INTERVIEW, note, body="Satu."), purpose="x", editing="tok")
    key = a.notebook.key
    a.notebook.fold()
    shutil.copytree(a.folder, tmp_path / "copy")
    _agree(a, person)
    _both(server, a)
    copy = open_cheaply(tmp_path / "copy", key)
    try:
        with copy.reading() as session:
            last = session.scalars(select(Intent).where(Intent.state == "open").order_by(Intent.counter.desc())).first()
            assert last is not None
        copy.writer.run(lambda u: editing.edit(u, Kind.INTERVIEW, note, body="Satu. Dua."), purpose="x", editing="tok")
        for _ in range(2):
            server.sync(copy)
        _agree(copy, person)
        for _ in range(3):
            assert server.sync(copy).mismatched == []
        _both(server, b)
        assert "Dua." in read(b, Interview, note, "body") or _differs(b, note)
    finally:
        copy.close()


def _differs(account: Account, record: str) -> bool:
    with account.reading() as session:
        return session.scalars(select(Difference).where(Difference.record == record)).first() is not None


def test_what_a_restored_server_lost_and_a_withdrawn_consent_keeps_back_is_no_mismatch(pair: Pair) -> None:
    server, a, b = pair
    visit = make_visit(a)
    person, note = _heard(a, visit, "Yohana")
    _both(server, a, b)
    older = _copy(server)
    write(a, Interview, note, title="Pasar")
    other, second = _heard(a, visit, "Markus")
    _both(server, a, b)
    assert read(b, Interview, note, "title") == "Pasar"
    _withdraw(a, person)
    _withdraw(a, other)
    _restore(server, older)
    for one in (a, b, a, b):
        assert server.sync(one).mismatched == []
    assert server.sync(b).complete
    outcome = server.sync(a)
    assert (outcome.mismatched, outcome.held) == ([], 1), "the centre has no such person: of a withdrawal it is said that it waits"
    assert read(a, Interview, note, "title") == "Pasar", "the author has it"
    assert read(b, Interview, second, "id") == second, "a record that the server lost is not taken from a colleague's notebook"
    _agree(a, person)
    _agree(a, other)
    _both(server, a, b)
    assert read(b, Interview, note, "title") == "Pasar"


def test_typing_on_what_is_offered_again_is_not_overwritten_by_a_colleagues_news(pair: Pair, tmp_path: Path) -> None:
    """What the server lost reaches it by a colleague's stick, while its author's consent is withdrawn and they go on typing on it."""
    server, a, b = pair
    visit = _together(server, a, b)
    person, note = _heard(a, visit, "Yohana")
    write(a, Interview, note, body="Satu.\nDua.\nTiga.")
    _both(server, a, b)
    older = _copy(server)
    write(a, Interview, note, body="SATU.\nDua.\nTiga.")
    courier.pack(a, tmp_path / "a.titipan")
    _both(server, a, b)
    _restore(server, older)
    left = iter([False])
    server.sync(a, fault=lambda: next(left, True))  # it heard of the restore, and the line went
    _withdraw(a, person)
    write(a, Interview, note, body="SATU.\nDua.\nTIGA.")
    courier.take_in(b, tmp_path / "a.titipan")
    for one in (b, a):
        server.sync(one)
    write(b, Interview, note, body="SATU.\nDUA.\nTiga.")
    for one in (b, a):
        server.sync(one)
    assert read(a, Interview, note, "body") == "SATU.\nDUA.\nTIGA."
    _agree(a, person)
    _both(server, a, b)
    assert read(b, Interview, note, "body") == "SATU.\nDUA.\nTIGA."


def test_what_waits_here_stays_on_the_screen_when_the_colleagues_words_beside_it_arrive_at_the_centre(pair: Pair, tmp_path: Path) -> None:
    server, a, b = pair
    visit = _together(server, a, b)
    person, note = _heard(a, visit, "Yohana")
    write(a, Interview, note, body="Satu.\nDua.\nTiga.")
    _both(server, a, b)
    _withdraw(b, person)  # here the consent is withdrawn, and the centre does not know yet
    write(b, Interview, note, body="SATU.\nDua.\nTiga.")
    write(a, Interview, note, body="Satu.\nDua.\nTIGA.")
    courier.pack(a, tmp_path / "a.titipan")
    assert courier.take_in(b, tmp_path / "a.titipan").merged
    assert read(b, Interview, note, "body") == "SATU.\nDua.\nTIGA."
    server.sync(a)
    for _ in range(3):
        outcome = server.sync(b)
    assert outcome.mismatched == []
    assert read(b, Interview, note, "body") == "SATU.\nDua.\nTIGA."
    write(a, Interview, note, title="Pasar")
    write(a, Interview, note, body="Satu.\nDUA.\nTIGA.")
    server.sync(a)
    server.sync(b)
    assert read(b, Interview, note, "body") == "SATU.\nDUA.\nTIGA."


def test_the_value_by_which_a_difference_was_settled_is_erased_too(pair: Pair) -> None:
    server, a, b = pair
    visit = make_visit(a)
    person, note = _heard(a, visit, "Yohana")
    _both(server, a, b)
    write(a, Interview, note, title="rahasiasatu")
    write(b, Interview, note, title="rahasiadua")
    for one in (a, b, a):
        server.sync(one)
    with a.reading() as session:
        (open_,) = syncing.open_differences(session)
    a.writer.run(lambda u: syncing.settle(u, open_.id, json.loads(json.dumps("rahasiadua"))), purpose="settle")
    _both(server, a, b)
    b.writer.run(lambda u: visiting.erase_person(u, person), purpose="erase")
    _both(server, b, a)
    with server.store.transaction() as connection:
        assert "rahasia" not in "".join(str(tuple(row)) for table in tb.metadata.sorted_tables for row in connection.execute(select(table)))
    for one in (a, b):
        assert "rahasia" not in _everything(one)


def test_a_settlement_that_comes_after_the_erasure_brings_no_words_back(pair: Pair) -> None:
    server, a, b = pair
    visit = make_visit(a)
    person, note = _heard(a, visit, "Yohana")
    _both(server, a, b)
    write(a, Interview, note, title="rahasiasatu")
    write(b, Interview, note, title="rahasiadua")
    for one in (a, b, a):
        server.sync(one)
    with a.reading() as session:
        (open_,) = syncing.open_differences(session)
    a.writer.run(lambda u: syncing.settle(u, open_.id, "rahasiatiga"), purpose="settle")
    b.writer.run(lambda u: visiting.erase_person(u, person), purpose="erase")
    server.sync(b)
    _both(server, a, b)
    with server.store.transaction() as connection:
        assert "rahasia" not in "".join(str(tuple(row)) for table in tb.metadata.sorted_tables for row in connection.execute(select(table)))
    for one in (a, b):
        assert "rahasia" not in _everything(one)


def _everything(account: Account) -> str:
    with account.reading() as session:
        raw = session.connection().connection.dbapi_connection
        assert raw is not None
        tables = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_text%'")]
        return "\n".join(str(row) for table in tables for row in raw.execute(f"SELECT * FROM {table}"))


def test_nobody_hears_of_intents_in_scopes_that_he_may_not_read(pair: Pair) -> None:
    server, a, b = pair
    visit = make_visit(a)
    note = make_note(a, visit, "Satu.")
    a.writer.run(lambda u: interviewing.add_respondent(u, visit, name="", occupation="guru"), purpose="x")
    _both(server, a, b)
    with a.reading() as session:
        scopes = {(i.device, i.counter): i.scope for i in session.scalars(select(Intent).where(Intent.state == "stored"))}
    last = max(counter for _, counter in scopes)
    asked = [(a.device, 1, last)]
    reply = server.line(b).sync(protocol.pack_request(protocol.Request(b.device, "x", more=True, asked=asked)))
    told = {(one.device, one.counter) for one in reply.stored}
    assert told == {key for key, scope in scopes.items() if not scope.startswith(("account:", "sheet:"))}
    assert told
    assert read(b, Interview, note, "body") == "Satu."
    with a.reading() as session:
        assert doubts.doubtful(session) == [], "nothing is asked where nothing is doubtful"
        assert session.scalars(select(Person)).first() is not None


def test_pages_that_wait_lose_the_words_of_differences_whose_record_is_erased(pair: Pair) -> None:
    _, a, _ = pair
    note, scope = "019f0000-0000-7000-8000-000000000001", "visit:v"

    def difference(record: str, field: str, word: str) -> State:
        fields: dict[str, Any] = {"record_kind": "interview", "record": record, "field": field, "value_a": word, "value_b": ""}
        return State(scope, "difference", f"{record[-2:]}{field}", fields, {"": "x.1.0d"}, "", 1)

    later = State(scope, "difference", "known", {"chosen": "rahasia"}, {"chosen": "x.2.0"}, "", 1)
    staging = Staging(a.notebook)
    try:
        staging.keep(scope, 1, "e", [difference(note, "title", "rahasia"), difference(note, "deleted", "true"),
                                     difference(note[:-1] + "2", "title", "lain"), later])
        staging.withdraw({("interview", note)}, {"known"})
        (page,) = staging.pages(scope)
        assert [state.fields.get("value_a") for state in page] == ["", "true", "lain", None]
        assert page[3].fields == {"chosen": ""}
    finally:
        staging.close()
