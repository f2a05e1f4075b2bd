"""The short way of intents that only make records leaves what the long way leaves, whatever comes, in whatever batches."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assessor_app import ids
from assessor_app.models.kinds import Kind
from assessor_app.models.records import seen_digest
from assessor_app.sync.intents import WireIntent
from assessor_app.sync.protocol import Request, Verdict
from assessor_server import feed
from assessor_server import tables as tb
from assessor_server.accounts import Caller
from assessor_server.history import load_row
from assessor_server.making import Making
from tests.sync.loopback import Loopback, make_joined

VISITS, SHEETS, PLANS = [f"v{n}" for n in range(3)], [f"s{n}" for n in range(3)], ["p0", "p1"]
RECORDS = [f"r{n}" for n in range(40)]


@pytest.fixture
def places(tmp_path: Path) -> Iterator[tuple[Loopback, Loopback, Caller]]:
    """Two servers that differ in nothing, and who writes to both."""
    servers = Loopback(tmp_path / "short"), Loopback(tmp_path / "long")
    account = make_joined(servers[0], tmp_path / "a", "ani")
    with servers[0].store.transaction() as there, servers[1].store.transaction() as here:
        for table in (tb.account, tb.alias, tb.device, tb.assignment):
            rows = [dict(row) for row in there.execute(select(table)).mappings()]
            here.execute(table.insert(), rows)
    yield (*servers, servers[0].caller(*servers[0].joined[account.profile]))
    account.close()
    for server in servers:
        server.close()


class Story:
    """Random intents: most of them only make records, as most do; the rest are all that may be wrong or in the way."""

    def __init__(self, seed: int, caller: Caller, server: Loopback) -> None:
        self.server = server
        self.rng = random.Random(seed)
        self.caller = caller
        self.person = sorted(caller.actor.ids)[0]
        self.counter = 0
        self.sent: list[WireIntent] = []

    def batch(self) -> list[WireIntent]:
        out = [self._again() if self.sent and self.rng.random() < 0.1 else self._intent() for _ in range(self.rng.randint(1, 12))]
        if self.rng.random() < 0.4:
            out += self._turn()
        self.sent += out
        return list({(i.device, i.counter): i for i in out}.values())

    def _again(self) -> WireIntent:
        """Something that was sent before, or other content under its id."""
        old = self.rng.choice(self.sent)
        return old if self.rng.random() < 0.7 else WireIntent(old.device, old.counter, old.at + 1, old.purpose, old.scope, old.changes)

    def _turn(self) -> list[WireIntent]:
        """Something that changes, between two of a kind, what the second one finds: a sheet signed, a parent deleted, a record erased."""
        scope = self.rng.choice([f"sheet:{self.rng.choice(SHEETS)}", "region:93.02", f"visit:{self.rng.choice(VISITS)}"])
        name, _, key = scope.partition(":")
        kind, record = {"sheet": (Kind.SHEET, key), "region": (Kind.PLAN, "p0"), "visit": (Kind.INTERVIEW, self.rng.choice(RECORDS))}[name]
        with self.server.store.transaction() as connection:
            row = load_row(connection, kind, record)
        versions = row.versions if row else {}
        between: list[Any] = ["=", kind.value, record, "deleted", "", seen_digest(versions)]
        made = {"sheet": ["+", "answer", ids.new_id(), {"sheet": key, "question": "q2"}],
                "region": ["+", "programme", ids.new_id(), {"region": key, "plan": record}],
                "visit": ["+", "attachment", ids.new_id(), {"visit": key, "interview": record}]}[name]
        if name == "sheet":
            between = ["=", kind.value, record, "state", versions.get("state", ""), self.rng.choice(["ready", "signed"])]
        elif name == "visit" and self.rng.random() < 0.7:
            between, made = ["!", kind.value, record], ["+", kind.value, record, {"visit": key, "body": "rahasia", "title": "T"}]
        elif name == "visit":
            gone = ids.new_id()
            made = ["+", "attachment", ids.new_id(), {"visit": key, "interview": gone}]
            return [self._of(scope, [["+", kind.value, gone, {"visit": key, "deleted": True}], made])]
        return [self._of(scope, [[*made[:2], ids.new_id(), made[3]]]), self._of(scope, [between]), self._of(scope, [made])]

    def _of(self, scope: str, changes: list[Any]) -> WireIntent:
        self.counter += 1
        return WireIntent(self.caller.device, self.counter, 1000 + self.counter, "x.y", scope, changes)

    def _intent(self) -> WireIntent:
        scope = self.rng.choice([*(f"visit:{v}" for v in VISITS), *(f"sheet:{s}" for s in SHEETS), *["region:93.02"] * 2, "region:65.03"])
        changes = [self._change(scope) for _ in range(self.rng.choice([0, 1, 1, 1, 2, 5]))]
        return self._of(scope, changes)

    def _change(self, scope: str) -> list[Any]:
        rng = self.rng
        name, _, key = scope.partition(":")
        roll = rng.random()
        if roll < 0.12:  # what the others stand under
            kind = {"visit": Kind.VISIT, "sheet": Kind.SHEET, "region": Kind.PLAN}[name]
            record = rng.choice(PLANS) if kind is Kind.PLAN else key
            values: dict[str, dict[str, Any]] = {"visit": {"region": "93.02", "year": 2026}, "region": {"region": key, "title": "Rencana"},
                                                 "sheet": {"visit": "v0", "assessor": self.person}}
            return ["+", kind.value, record, values[name]]
        if roll < 0.20:
            kind_, record, field = rng.choice([(Kind.VISIT, key, "deleted"), (Kind.SHEET, key, "state"), (Kind.PLAN, "p0", "deleted"),
                                               (Kind.INTERVIEW, rng.choice(RECORDS), "body")])
            value: Any = {"deleted": rng.choice(["0" * 16, False]), "state": rng.choice(["ready", "signed"]), "body": "lain"}[field]
            return ["=", kind_.value, record, field, rng.choice(["", f"{self.caller.device}.1.0"]), value]
        if roll < 0.22:
            return ["!", Kind.INTERVIEW.value, rng.choice(RECORDS)]
        return self._made(name, key)

    def _made(self, name: str, key: str) -> list[Any]:
        rng = self.rng
        choices: dict[str, list[tuple[Kind, dict[str, Any]]]] = {
            "visit": [(Kind.INTERVIEW, {"visit": key, "title": "T", "body": "ñ\n" * rng.randint(0, 9), "tags": ["a", "b"]}),
                      (Kind.ATTACHMENT, {"visit": key, "interview": rng.choice(["", *RECORDS]), "size": 3, "latitude": 1.5})],
            "sheet": [(Kind.ANSWER, {"sheet": key, "question": "q1", "score": "3", "evidence": ["x"]}),
                      (Kind.FINDING, {"sheet": key, "body": "B", "number": 1})],
            "region": [(Kind.PROGRAMME, {"region": key, "plan": rng.choice([*PLANS, ""]), "budget": 5, "quick_win": True}),
                       (Kind.ACTION, {"region": key, "body": "B"}), (Kind.PERSON, {"region": key, "role": "official", "name": "N"})]}
        kind, own = rng.choice(choices[name])
        wrong: dict[str, Any] = rng.choice([{}] * 12 + [
            {"body": 5}, {"budget": "lima"}, {"budget": True}, {"tags": ["a", 3]}, {"tags": "a"}, {"deleted": True}, {"size": None},
            {"futur": {"a": 1}}, {"visit": "v9"}, {"region": ""}, {"quick_win": 1}, {"latitude": 2}])
        record = ids.natural_id(kind.value, str(rng.random())) if rng.random() < 0.6 else rng.choice(RECORDS)
        return ["+", rng.choice([kind.value] * 30 + ["difference", "unheard"]), record, {**own, **wrong}]


def _everything(server: Loopback) -> dict[str, list[Any]]:
    with server.store.transaction() as connection:
        out: dict[str, list[Any]] = {}
        for table in (tb.record, tb.intent, tb.scope, tb.erasure):
            columns = [c for c in table.columns if c.name != "received_at" and not (table is tb.erasure and c.name == "at")]
            place = table.c.name if table is tb.scope else table.c.scope
            out[table.name] = [tuple(row) for row in connection.execute(select(*columns).where(
                place != "catalogue").order_by(*table.primary_key.columns))]  # there each server keeps a key of its own
        for scope, _, digest in out["scope"]:
            assert feed.scope_digest(connection, scope) == (digest or "0" * 32)
    return out


@pytest.mark.parametrize("seed", range(12))
def test_both_ways_leave_the_same(places: tuple[Loopback, Loopback, Caller], seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    short, long, caller = places
    story, take = Story(seed, caller, short), Making.take
    taken: list[bool] = []

    def watched(*a: Any) -> bool:
        taken.append(take(*a))
        return taken[-1]

    for _ in range(25):
        batch = story.batch()
        told: list[list[Verdict]] = []
        for server, way in ((short, watched), (long, lambda *a: False)):
            monkeypatch.setattr(Making, "take", way)
            copies = [WireIntent(i.device, i.counter, i.at, i.purpose, i.scope, [[*c[:3], dict(c[3])] if c[0] == "+" else list(c)
                                                                                 for c in i.changes]) for i in batch]
            told.append(server.serve(caller.account, caller.device, Request(caller.device, "", intents=copies, more=True)).verdicts)
        assert told[0] == told[1]
    one, two = _everything(short), _everything(long)
    for name in one:
        assert [pair for pair in zip(one[name], two[name], strict=True) if pair[0] != pair[1]] == []
    assert min(taken.count(True), taken.count(False)) > 10
