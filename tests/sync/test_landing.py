"""The short way of new records leaves what the long way leaves; pages, brakes and capabilities of a pull."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from assessor_app.models.entities import ENTITIES
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import raw_writes
from assessor_app.models.kinds import SPECS, Field, Kind
from assessor_app.models.tables import Intent
from assessor_app.models.visits import Visit
from assessor_app.sync import anew, apply, codec, collect, local_digests, protocol
from assessor_app.sync.engine import Engine
from assessor_app.sync.landing import land
from assessor_app.sync.outcome import Wishes
from assessor_app.sync.states import State
from assessor_app.workflow import editing
from assessor_app.workflow.accounts import Account
from assessor_server import feed, syncing
from assessor_server.accounts import Caller, Denied
from tests.factories import make_note, make_visit, read, write
from tests.sync.loopback import Loopback


def _value(f: Field, n: int) -> Any:
    match f.type:
        case "bool":
            return n % 2 == 0
        case "int":
            return n
        case "float":
            return n / 4
        case "refs":
            return [f"x{n}", f"y{n}"]
    return f"{f.name} ñ {n}"


def _states() -> list[State]:
    out = []
    for n, (kind, spec) in enumerate(SPECS.items()):
        fields: dict[str, Any] = {f.name: _value(f, n) for i, f in enumerate(spec.fields) if i % 3 != n % 3} | {"futur": [1, {"a": "b"}]}
        versions = {"": f"dev.{n + 1}.0"} | ({next(iter(fields)): f"dev.{n + 9}.1"} if n % 2 else {})
        out.append(State("visit:v", kind.value, f"r{n}", fields, versions, "by", 100 + n))
    return out


def _rows(account: Account) -> dict[str, list[tuple[Any, ...]]]:
    with account.reading() as session:
        raw = session.connection()
        return {kind.value: sorted(tuple(row) for row in raw.exec_driver_sql(
            f"SELECT * FROM {entity.__tablename__} WHERE scope = 'visit:v'")) for kind, entity in ENTITIES.items()}


def test_the_short_way_and_the_long_leave_the_same(pair: tuple[Loopback, Account, Account]) -> None:
    _, a, b = pair

    def short(unit: Any) -> None:
        with raw_writes(unit.session):
            assert land(unit, _states()) == []

    def long(unit: Any) -> None:
        with raw_writes(unit.session):
            for state in _states():
                apply.take(unit, state)
            unit.session.flush()

    a.writer.run(short, purpose="x", origin="sync")
    b.writer.run(long, purpose="x", origin="sync")
    rows = _rows(a)
    assert rows == _rows(b)
    assert all(rows[kind.value] for kind in Kind)


def test_many_small_pages_bring_everything_once(pair: tuple[Loopback, Account, Account], monkeypatch: pytest.MonkeyPatch) -> None:
    server, a, b = pair
    visit = make_visit(a)
    notes = [make_note(a, visit, f"Catatan {n}. " * 20) for n in range(40)]
    server.sync(a)
    for name in ("FIRST", "PAGE"):
        monkeypatch.setattr(feed, name, 2000)
    monkeypatch.setattr(feed, "SLICE", 3)
    cuts = iter([False, False, True, False, False, False, True])
    outcome = server.sync(b, fault=lambda: next(cuts, False))
    while not outcome.complete:
        outcome = server.sync(b, fault=lambda: next(cuts, False))
    with b.reading() as session:
        assert set(session.scalars(select(Interview.id))) == set(notes)
    server.sync(a)
    make_note(b, visit, "Satu lagi.")
    assert server.sync(b).complete
    assert server.sync(a).received == 1


def test_a_line_that_breaks_while_a_scope_comes_leaves_it_as_it_was(
        pair: tuple[Loopback, Account, Account], monkeypatch: pytest.MonkeyPatch) -> None:
    server, a, b = pair
    visit = make_visit(a)
    for n in range(20):
        make_note(a, visit, f"Catatan {n}. " * 20)
    server.sync(a)
    for name in ("FIRST", "PAGE"):
        monkeypatch.setattr(feed, name, 1500)
    monkeypatch.setattr(feed, "SLICE", 3)
    cuts = iter([False, False, False, True])
    assert server.sync(b, fault=lambda: next(cuts, False)).fault is not None
    with b.reading() as session:
        assert session.scalars(select(Interview)).all() == [], "half a scope is not shown"
    fresh = server.line(b)
    assert Engine(b.writer, b.blobs, fresh).run().complete  # type: ignore[arg-type]
    with b.reading() as session:
        assert len(session.scalars(select(Interview)).all()) == 20


def test_a_damaged_scope_is_repaired_though_others_come_after_it(pair: tuple[Loopback, Account, Account],
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    """Its digest differs on the first of many pages: what those after it say of the place reached does not hide that."""
    server, a, b = pair
    visits = sorted(make_visit(a) for _ in range(3))
    notes = [make_note(a, visit, f"Catatan {n}. " * 20) for visit in visits for n in range(6)]
    for one in (a, b):
        server.sync(one)

    def damage(unit: Any) -> None:
        with raw_writes(unit.session):
            unit.session.connection().exec_driver_sql("UPDATE interview SET versions = ?, body = 'rusak' WHERE id = ?",
                                                      (codec.dumps({"": "x.1.0"}).decode(), notes[0]))

    b.writer.run(damage, purpose="x", origin="sync")
    later = [make_note(a, visit, f"Lagi {n}. " * 20) for visit in visits for n in range(6)]
    server.sync(a)
    for name in ("FIRST", "PAGE"):
        monkeypatch.setattr(feed, name, 1500)
    assert server.sync(b).complete
    assert read(b, Interview, notes[0], "body") == read(a, Interview, notes[0], "body")
    with b.reading() as session:
        assert set(session.scalars(select(Interview.id))) == {*notes, *later}


def test_typing_into_a_note_while_it_is_sent_is_no_mismatch(pair: tuple[Loopback, Account, Account]) -> None:
    """What is typed on a note that is on its way stands on no pristine value yet; the server has the note as it was made."""
    server, a, b = pair
    visit = make_visit(a)
    other = make_note(a, visit, "Catatan lain.")
    server.sync(a)
    write(a, Interview, other, body="Catatan lain lagi.")
    note = make_note(a, visit, "Kata pertama.")
    typed = iter(range(100))

    def types() -> bool:
        write(a, Interview, note, body=f"Kata {next(typed)}.", editing="mengetik")
        return False

    outcome = server.sync(a, fault=types)
    assert outcome.complete
    assert next(typed) <= 2, "nothing was read anew"
    assert server.sync(a).complete
    assert server.sync(b).complete
    assert read(b, Interview, note, "body") == read(a, Interview, note, "body")


def test_a_sudden_mass_deletion_stops_and_asks(pair: tuple[Loopback, Account, Account]) -> None:
    server, a, b = pair
    visit = make_visit(a)
    notes = [make_note(a, visit, f"Catatan {n}.") for n in range(30)]
    for one in (a, b):
        server.sync(one)
    for note in notes:
        a.writer.run(lambda u, note=note: editing.delete(u, Kind.INTERVIEW, note), purpose="interview.delete")  # type: ignore[misc]
    server.sync(a)
    outcome = server.sync(b)
    assert not outcome.complete
    assert [(s.scope, s.lost) for s in outcome.shrinkages] == [(f"visit:{visit}", 30)]
    assert read(b, Interview, notes[0], "deleted") is False
    assert server.sync(b).shrinkages, "it asks again until somebody has looked"
    agreed = Engine(b.writer, b.blobs, server.line(b), wishes=Wishes(accepted=frozenset({f"visit:{visit}"}))).run()  # type: ignore[arg-type]
    assert agreed.complete
    assert read(b, Interview, notes[0], "deleted") is True


def test_texts_that_shrink_to_nothing_stop_too(pair: tuple[Loopback, Account, Account]) -> None:
    server, a, b = pair
    visit = make_visit(a)
    notes = [make_note(a, visit, "Catatan yang panjang. " * 40) for _ in range(25)]
    for one in (a, b):
        server.sync(one)
    for note in notes:
        write(a, Interview, note, body="")
    server.sync(a)
    assert server.sync(b).shrinkages[0].lost == 25
    assert read(b, Interview, notes[0], "body")


@pytest.mark.parametrize("able", [(), ("base",), (*protocol.CAPABILITIES, "dari masa depan")])
def test_an_older_and_a_newer_end_understand_each_other(pair: tuple[Loopback, Account, Account], able: tuple[str, ...],
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    server, a, b = pair
    real = protocol.pack_reply

    def newer(reply: protocol.Reply, capabilities: Any = able, rate: float = 0.0) -> bytes:
        first, *rest = codec.unpack(real(reply, able, rate))
        return codec.pack([codec.dumps({**first, "baru": [1, 2]}), *(codec.dumps([*line, "lebih"]) for line in rest[:-1]),
                           codec.dumps(["?", {"sesuatu": 1}]), codec.dumps(rest[-1])])

    monkeypatch.setattr(protocol, "pack_reply", newer)
    visit = make_visit(a)
    note = make_note(a, visit, "Satu.")
    for one in (a, b, a, b):
        assert server.sync(one).complete
    write(a, Interview, note, body="Satu. Dua.")
    write(b, Visit, visit, place="Tanah Merah")
    for one in (a, b, a, b):
        assert server.sync(one).complete
    assert read(b, Interview, note, "body") == "Satu. Dua."
    assert read(a, Visit, visit, "place") == "Tanah Merah"


def test_text_that_looks_like_a_packed_id_comes_through() -> None:
    lines = ['"~abcdefghijklmnopqrstuv"', "~~", '0195f0a0-1111-7222-8333-444455556666', 'he said "0195f0a0-1111-7222-8333-444455556666"',
             '\\"~x', "~", '"~~~"', "0195F0A0-1111-7222-8333-444455556666"]
    assert codec.unpack(codec.pack([codec.dumps(lines), codec.dumps({"id": lines[2]})])) == [lines, {"id": lines[2]}]


def _many_pages(pair: tuple[Loopback, Account, Account], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let ``a`` send notes of three visits, more than fit into several pages; return their ids."""
    server, a, _ = pair
    notes = [make_note(a, visit, f"Catatan {n}. " * 20) for visit in [make_visit(a) for _ in range(3)] for n in range(10)]
    server.sync(a)
    for name in ("FIRST", "PAGE"):
        monkeypatch.setattr(feed, name, 1500)
    monkeypatch.setattr(feed, "SLICE", 3)
    return notes


def _notes(account: Account) -> set[str]:
    with account.reading() as session:
        return set(session.scalars(select(Interview.id)))


def test_pages_follow_each_other_in_one_answer_and_go_on_in_the_next(pair: tuple[Loopback, Account, Account],
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    notes = _many_pages(pair, monkeypatch)
    server, _, b = pair
    monkeypatch.setattr(syncing, "PAGES", 4)
    line, asked = server.line(b), []
    pages = line.pages

    def ask(data: bytes) -> Iterator[protocol.Reply]:
        asked.append(data)
        return pages(data)

    monkeypatch.setattr(line, "pages", ask)
    assert Engine(b.writer, b.blobs, line).run().complete  # type: ignore[arg-type]
    assert _notes(b) == set(notes)
    assert 1 < len(asked) < 10


def test_a_server_that_answers_page_by_page_is_understood(pair: tuple[Loopback, Account, Account], monkeypatch: pytest.MonkeyPatch) -> None:
    notes = _many_pages(pair, monkeypatch)
    server, _, b = pair
    line = server.line(b)
    monkeypatch.setattr(line, "pages", lambda data: iter([line.sync(data)]))
    assert Engine(b.writer, b.blobs, line).run().complete  # type: ignore[arg-type]
    assert _notes(b) == set(notes)


def test_what_came_before_an_answer_was_cut_stays(pair: tuple[Loopback, Account, Account], monkeypatch: pytest.MonkeyPatch) -> None:
    notes = _many_pages(pair, monkeypatch)
    server, _, b = pair
    left = iter([False] * 8 + [True])
    assert server.sync(b, fault=lambda: next(left, False)).fault is not None
    here = _notes(b)
    assert here, "whole visits that came are here"
    assert here < set(notes)
    again = server.sync(b)
    assert again.complete
    assert _notes(b) == set(notes)
    assert again.received < len(notes), "what is here does not come again"


def test_a_device_revoked_while_pages_come_gets_no_more(pair: tuple[Loopback, Account, Account], monkeypatch: pytest.MonkeyPatch) -> None:
    _many_pages(pair, monkeypatch)
    server, _, b = pair
    account, device = server.joined[b.profile]
    asked = 0

    def asker() -> tuple[Caller, str]:
        nonlocal asked
        asked += 1
        if asked > 2:
            raise Denied("revoked")
        return server.caller(account, device), "t"

    request = protocol.Request(device, "", pages=True)
    assert len(list(syncing.pages(server.store, server.blobs, asker, request))) == 2
    with pytest.raises(Denied):
        next(syncing.pages(server.store, server.blobs, asker, request))


def test_what_is_offered_again_and_was_overtaken_is_no_mismatch(pair: tuple[Loopback, Account, Account]) -> None:
    """After a restore of the server all is offered again; what a note's consent keeps back meanwhile stands there as others left it."""
    server, a, b = pair
    visit = make_visit(a)
    note = make_note(a, visit, "Satu.")
    write(a, Interview, note, title="Judul")
    write(a, Interview, note, body="Satu. Dua.")
    for one in (a, b):
        server.sync(one)
    write(b, Interview, note, body="Satu. Dua. Tiga.", title="Judul baru")
    for one in (b, a):
        server.sync(one)

    def restored(unit: Any) -> None:
        anew.offer_again(unit.session)
        for intent in unit.session.scalars(select(Intent)):
            if intent.changes[0][0] == "+":  # what made a record is proved by the first news of it
                intent.state = "stored"

    a.writer.run(restored, purpose="x", origin="sync")
    with a.reading() as session, server.store.transaction() as connection:
        scope = f"visit:{visit}"
        assert local_digests.local_digest(session, scope) == feed.scope_digest(connection, scope)


def test_what_builds_on_something_sent_after_it_arrives_in_the_same_sync(pair: tuple[Loopback, Account, Account],
                                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    """What it builds on is free only at the second look, and comes after it then."""
    server, a, b = pair
    visit = make_visit(a)
    server.sync(a)
    note = make_note(a, visit, "Satu.")
    write(a, Interview, note, title="Judul")

    def swap(unit: Any) -> None:
        """Let the change of the title be numbered before the note itself."""
        connection = unit.session.connection()
        made, edited = connection.exec_driver_sql("SELECT max(counter) - 1, max(counter) FROM intent").one()
        for old, new in ((made, 9000), (edited, made), (9000, edited)):
            connection.exec_driver_sql("UPDATE intent_before SET counter = ? WHERE counter = ?", (new, old))
            connection.exec_driver_sql("UPDATE intent SET counter = ? WHERE counter = ?", (new, old))
        swapped = {f".{made}.": f".{edited}.", f".{edited}.": f".{made}."}
        for table, column, key in (("interview", "versions", "id"), ("intent", "changes", "counter"), ("pristine", "version", "record")):
            for row, text in connection.exec_driver_sql(f"SELECT {key}, {column} FROM {table}").all():
                for old in (f".{made}.", f".{edited}."):
                    text = text.replace(a.device + old, a.device + swapped[old].replace(".", "~"))
                connection.exec_driver_sql(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (text.replace("~", "."), row))

    def work(unit: Any) -> None:
        unit.session.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        with raw_writes(unit.session):
            swap(unit)
            unit.session.connection().exec_driver_sql("UPDATE intent SET hold = '' WHERE counter = (SELECT max(counter) - 1 FROM intent)")

    a.writer.run(work, purpose="x", origin="sync")
    looks = iter([False])
    monkeypatch.setattr(collect, "leaving", lambda session, holds: dict.fromkeys(holds, next(looks, True)) | {"": True})
    outcome = server.sync(a)
    assert outcome.complete, outcome
    server.sync(b)
    assert read(b, Interview, note, "title") == "Judul"


@pytest.mark.parametrize("version", ["lain.3.0r", "lain.3.0"])
def test_a_deletion_that_a_restored_server_does_not_know_is_gone_with_the_next_reading(pair: tuple[Loopback, Account, Account],
                                                                                       version: str) -> None:
    server, a, _ = pair
    visit = make_visit(a)
    note = make_note(a, visit, "Satu.")
    server.sync(a)

    def revived(unit: Any) -> None:
        with raw_writes(unit.session):
            row = unit.session.get(Interview, note)
            row.versions = {**row.versions, "deleted": version}
            row.deleted = not version.endswith("r")
            unit.session.flush()
            anew.rewind(unit.session, f"visit:{visit}")

    a.writer.run(revived, purpose="x", origin="sync")
    assert server.sync(a).complete
    with a.reading() as session, server.store.transaction() as connection:
        assert local_digests.local_digest(session, f"visit:{visit}") == feed.scope_digest(connection, f"visit:{visit}")
        row = session.get(Interview, note)
        assert row is not None
        assert not row.deleted
