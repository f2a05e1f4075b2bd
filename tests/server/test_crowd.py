"""Many devices at once on one server process: nothing is lost, doubled or passed over, also what committed late."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from assessor_app import ids
from assessor_app.models.kinds import Kind, region_scope
from assessor_app.sync.intents import WireIntent
from assessor_app.sync.merge import Outcome
from assessor_app.sync.protocol import Request
from assessor_server import accounts
from assessor_server import tables as tb
from assessor_server.applying import Applier
from benchmarks.crowd import Device, Told, people, run
from tests.factories import ServerProcess

pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path: Path, postgres: Callable[[], str]) -> Iterator[ServerProcess]:
    database = postgres() if request.param == "postgresql" else ""
    made = ServerProcess(tmp_path / "server", database=database).prepare().start()
    yield made
    made.stop()


def test_forty_devices_synchronise_at_once(server: ServerProcess) -> None:
    found = run(server, 40, 2, 0.0)
    assert found.told.faults == []
    assert set(found.told.statuses) <= {"200", "503"}
    assert sum(found.told.outcomes.values()) == 40 * (7 + 4), "each change has its verdict, and none was refused"
    assert set(found.told.outcomes) == {"applied"}
    assert (found.missing, found.doubled, found.unseen) == (0, 0, 0)


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_a_change_that_commits_late_is_not_passed_over(server: ServerProcess) -> None:
    """One writer holds its transaction open while others write and a reader reads on: nobody's step is skipped."""
    told = Told()
    slow, quick, reader = people(server, 3, told)
    scope = region_scope(slow.region)
    plan = ids.new_id()
    for device in (slow, quick, reader):
        device.sync(device.begin(plan))
    quick_done = threading.Event()

    def write(device: Device) -> None:
        device.sync(device.day(0))
        quick_done.set()

    late = WireIntent(slow.id, 900, 1, "x", scope, [["+", Kind.PROGRAMME.value, ids.new_id(), {"region": slow.region, "plan": plan}]])
    store = server.store()
    with store.transaction() as connection:
        account = connection.execute(select(tb.device.c.account).where(tb.device.c.id == slow.id)).scalar_one()
        applier = Applier(connection, [scope])
        verdict = applier.apply(late, accounts.author_of(connection, account), accounts.actor_of(connection, account))
        assert verdict.outcome is Outcome.APPLIED
        applier.finish()
        thread = threading.Thread(target=write, args=(quick,))
        thread.start()
        reader.sync([])
        elsewhere = reader._intent(f"account:{reader.person}", [["+", "letterhead", ids.new_id(), {"account": reader.person}]])
        reader.sync([elsewhere])  # other scopes go on meanwhile
        assert not quick_done.is_set(), "who writes in the same scope waits for his turn"
        assert late.changes[0][2] not in reader.seen
    thread.join()
    store.close()
    assert quick_done.is_set()
    reader.sync([])
    (after,) = (record for counter, record in quick.wrote if counter == quick.counter)
    assert {late.changes[0][2], after} <= reader.seen
    whole = reader._ask(Request(reader.id, reader.epoch, {}))
    there = {state.id for state in whole.news if state.scope == scope}
    assert there <= reader.seen | {record for _, record in reader.wrote}
    for device in (slow, quick, reader):
        device.close()
    assert told.faults == []
