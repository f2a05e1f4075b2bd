"""The same promises on PostgreSQL: the devices' stories, the random ones, and many writers at once in one scope."""

from __future__ import annotations

import itertools
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assessor_app import ids
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import Kind, visit_scope
from assessor_app.sync.intents import WireIntent
from assessor_app.sync.merge import Outcome
from assessor_app.sync.protocol import Request
from assessor_server import feed
from assessor_server import tables as tb
from tests.factories import ServerProcess, make_note, make_visit, read
from tests.sync.loopback import Loopback, make_joined
from tests.sync.test_devices import (
    pair,
    test_a_note_without_consent_never_leaves_and_goes_once_it_is_given,
    test_a_reply_lost_after_the_commit_applies_once,
    test_a_visit_and_its_notes_arrive_on_the_colleagues_device,
    test_an_edit_beats_a_delete_until_someone_decides,
    test_another_assessors_unsigned_sheet_never_arrives,
    test_different_paragraphs_of_one_note_merge,
    test_one_field_edited_on_both_becomes_a_difference_that_a_person_settles,
)
from tests.sync.test_properties import plan
from tests.sync.world import World, make_template

__all__ = [
    "pair", "test_a_note_without_consent_never_leaves_and_goes_once_it_is_given", "test_a_reply_lost_after_the_commit_applies_once",
    "test_a_visit_and_its_notes_arrive_on_the_colleagues_device", "test_an_edit_beats_a_delete_until_someone_decides",
    "test_another_assessors_unsigned_sheet_never_arrives", "test_different_paragraphs_of_one_note_merge",
    "test_one_field_edited_on_both_becomes_a_difference_that_a_person_settles",
]
pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, postgres: Callable[[], str]) -> Iterator[ServerProcess]:
    """What the imported stories run on."""
    made = ServerProcess(tmp_path_factory.mktemp("server"), database=postgres()).prepare().start()
    yield made
    made.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, postgres: Callable[[], str]) -> str:
    return postgres() if request.param == "postgresql" else ""


def test_three_devices_agree_on_postgresql(tmp_path: Path, postgres: Callable[[], str]) -> None:
    url = postgres()
    root, kept = tmp_path / "live", tmp_path / "kept"
    template = make_template(root, url)
    shutil.copytree(root, kept)
    for seed in (1001, 1002):
        shutil.rmtree(root)
        shutil.copytree(kept, root)
        world = World(root, template, url)
        try:
            for op in plan(seed, 35):
                world.do(op)
            world.settle_down()
            world.check()
        finally:
            world.close()


def test_the_feed_never_skips_a_change_that_committed_late(tmp_path: Path, database: str) -> None:
    """Many devices write in one scope at once while another reads on from its cursor: it misses none and gets none twice."""
    server = Loopback(tmp_path / "server", database)
    a, b = (make_joined(server, tmp_path / name, name + ("p" if database else "s")) for name in "ab")
    visit = make_visit(a)
    server.sync(a)
    server.sync(b)
    account, device = server.joined[a.profile]
    reader_account, reader_device = server.joined[b.profile]
    stop = threading.Event()
    faults: list[BaseException] = []
    seen: list[str] = []
    epoch = server.serve(reader_account, reader_device, Request(reader_device, "", {})).epoch

    def writes(number: int) -> None:
        rng = random.Random(number)
        try:
            for counter in itertools.count(1):
                if counter > 12:
                    return
                note = ids.new_id()
                values = {"visit": visit, "author": a.profile, "basis": "observation", "title": f"{number}"}
                changes: list[Any] = [["+", "interview", note, values]]
                intents = [WireIntent(f"writer{number}", counter, 1, "x", visit_scope(visit), changes)]
                if rng.random() < 0.3:  # a record of another scope in the same request
                    intents.append(WireIntent(f"writer{number}", counter + 1000, 1, "x", f"account:{a.profile}", [
                        ["+", "letterhead", ids.new_id(), {"account": a.profile, "lines": "x"}]]))
                reply = server.serve(account, device, Request(device, epoch, {}, intents))
                assert {v.outcome for v in reply.verdicts} == {Outcome.APPLIED}, reply.verdicts
        except BaseException as e:
            faults.append(e)

    def reads() -> None:
        cursors: dict[str, int] = {}
        try:
            while True:
                last = stop.is_set()
                reply = server.serve(reader_account, reader_device, Request(reader_device, epoch, cursors))
                seen.extend(state.id for state in reply.news if state.kind == Kind.INTERVIEW.value)
                for mark in reply.marks:
                    assert mark.cursor >= cursors.get(mark.scope, 0)
                cursors |= {mark.scope: mark.cursor for mark in reply.marks}
                if last:
                    return
        except BaseException as e:
            faults.append(e)

    threads = [threading.Thread(target=writes, args=(n,)) for n in range(6)]
    reader = threading.Thread(target=reads)
    for thread in (*threads, reader):
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    reader.join()
    assert not faults, faults
    with server.store.transaction() as connection:
        there = set(connection.execute(select(tb.record.c.id).where(tb.record.c.kind == "interview")).scalars())
    assert len(there) == 72
    assert set(seen) == there
    assert len(seen) == len(there)
    for account_ in (a, b):
        account_.close()
    server.close()


def test_two_devices_write_the_same_field_at_the_same_moment(tmp_path: Path, database: str) -> None:
    server = Loopback(tmp_path / "server", database)
    a, b = (make_joined(server, tmp_path / name, name + ("p" if database else "s")) for name in "ab")
    visit = make_visit(a)
    note = make_note(a, visit, "")
    server.sync(a)
    server.sync(b)
    for number in range(6):
        for name, account in (("a", a), ("b", b)):
            account.writer.run(lambda u, t=f"{name}{number}": setattr(u.get(Interview, note), "title", t), purpose="x")  # type: ignore[misc]
        threads = [threading.Thread(target=server.sync, args=(account,)) for account in (a, b)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for account in (a, b, a, b):
        assert server.sync(account).complete
    assert read(a, Interview, note, "title") == read(b, Interview, note, "title")
    with server.store.transaction() as connection:
        intents = connection.execute(select(tb.intent.c.device, tb.intent.c.counter)).all()
        differences = connection.execute(select(tb.record.c.fields).where(tb.record.c.kind == "difference")).scalars().all()
        assert feed.scope_digest(connection, visit_scope(visit)) == feed.place(connection, visit_scope(visit))[1]
    assert len(intents) == len(set(intents))
    stands = read(a, Interview, note, "title")
    titles = {value for fields in differences for value in (fields["value_a"], fields["value_b"])} | {f'"{stands}"'}
    assert {f'"a{n}"' for n in range(6)} | {f'"b{n}"' for n in range(6)} >= titles
    for account in (a, b):
        account.close()
    server.close()
