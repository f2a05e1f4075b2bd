"""Many records written at once stand exactly as entities would have written them: rows, journal, search marks, undo."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from assessor_app.errors import AppError, BadInput
from assessor_app.models import journal, making
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import State, Unit
from assessor_app.models.kinds import Kind, fields_of
from assessor_app.models.making import is_plain, make
from assessor_app.models.plans import Plan, Programme, ProgrammeYear
from assessor_app.models.tables import Intent, IntentBefore, Pristine, SearchDirty
from assessor_app.sync.rows import unfitting
from assessor_app.workflow import editing, planning
from assessor_app.workflow.accounts import Account
from tests.factories import make_account

REGION = "93.02"
ROWS: list[dict[str, Any]] = [
    {"id": "p1", "region": REGION, "plan": "", "name": "Loket\r\nkampung e\u0301", "budget": 5, "quick_win": True, "number": 1,
     "status": "planned"},
    {"id": "p2", "region": REGION, "plan": "", "name": "", "budget": 0, "quick_win": False, "first_year": 2023},
]
YEARS: list[dict[str, Any]] = [{"id": "y1", "region": REGION, "programme": "p1", "year": 2024, "budget": 7, "target": "5 titik"}]


def with_plan(plan: str) -> list[dict[str, Any]]:
    return [{**row, "plan": plan} for row in ROWS]


def one_by_one(unit: Unit) -> None:
    plan = planning.ensure_plan(unit, REGION)
    unit.session.flush()
    for row in with_plan(plan):
        unit.add(Programme(**row))
    unit.session.flush()
    for row in YEARS:
        unit.add(ProgrammeYear(**row))


def at_once(unit: Unit) -> None:
    make(unit, Programme, with_plan(planning.ensure_plan(unit, REGION)))
    make(unit, ProgrammeYear, YEARS)


def standing(account: Account) -> Any:
    with account.reading() as session:
        device = account.device
        rows = [{name: getattr(row, name) for name in ("id", "scope", "extra", "deleted", "changed_by", *row.values())}
                | {"versions": {k: v.replace(device, "D") for k, v in row.versions.items()}}
                for entity in (Plan, Programme, ProgrammeYear) for row in session.scalars(select(entity).order_by(entity.id))]
        intents = [(i.scope, i.purpose, i.state, i.changes) for i in session.scalars(
            select(Intent).where(Intent.purpose == "plan.import").order_by(Intent.counter))]
        of = (Intent.device == IntentBefore.device) & (Intent.counter == IntentBefore.counter)
        before = [b.values for b in session.scalars(select(IntentBefore).join(Intent, of).where(Intent.purpose == "plan.import"))]
        dirty = [(d.kind, d.record) for d in session.scalars(select(SearchDirty).where(SearchDirty.kind == "programme"))]
    return rows, intents, before, sorted(dirty)


def test_both_ways_leave_the_same(tmp_path: Path) -> None:
    a, b = make_account(tmp_path / "a"), make_account(tmp_path / "b")
    changes = [account.writer.write(work, purpose="plan.import").result().changes for account, work in ((a, one_by_one), (b, at_once))]
    first, second = standing(a), standing(b)
    assert [{**row, "changed_by": ""} for row in first[0]] == [{**row, "changed_by": ""} for row in second[0]]
    assert first[1:] == second[1:]
    assert changes[0].kinds == changes[1].kinds
    assert all(row["changed_by"] == b.profile for row in second[0])


def test_what_was_made_at_once_is_edited_and_undone(tmp_path: Path) -> None:
    account = make_account(tmp_path / "a")
    step = account.writer.write(at_once, purpose="plan.import").result().unit
    account.writer.run(lambda unit: editing.edit(unit, Programme.kind, "p1", agency="Bappeda"), purpose="programme.edit")
    with account.reading() as session:
        found = session.get(Programme, "p1")
        assert found is not None
        assert (found.name, found.agency, found.version_of("budget")) == ("Loket kampung é", "Bappeda", found.versions[""])
    account.writer.run(lambda unit: editing.undo(unit, step, force=True), purpose="undo")
    with account.reading() as session:
        assert session.scalars(select(Programme.id).where(Programme.deleted.is_(False))).all() == []


def sent(account: Account) -> None:
    """Let everything that was written be with the server already."""
    def store(unit: Unit) -> None:
        unit.session.execute(update(Intent).values(state=State.STORED))

    account.writer.run(store, purpose="x")


def stories(account: Account, stored: bool) -> Any:
    """Make, edit, take back, do again and take back once more; return everything that stands then."""
    def edit(unit: Unit) -> None:
        for name, value in (("budget", None), ("quick_win", False), ("agency", "Bappeda"), ("description", "a\nb")):
            editing.edit(unit, Programme.kind, "p1", **{name: value})
        editing.delete(unit, ProgrammeYear.kind, "y1")

    account.writer.write(at_once, purpose="plan.import").result()
    if stored:
        sent(account)
    edited = account.writer.write(edit, purpose="programme.edit").result().unit
    undone = account.writer.write(lambda unit: editing.undo(unit, edited), purpose="undo").result()
    if stored:
        sent(account)
    redone = account.writer.write(lambda unit: editing.redo(unit, undone.unit), purpose="redo").result()
    with account.reading() as session:
        imported = session.scalars(select(Intent.unit).where(Intent.purpose == "plan.import")).one()
    with pytest.raises(AppError, match="changed again"):
        account.writer.run(lambda unit: editing.undo(unit, imported), purpose="undo")
    forced = account.writer.write(lambda unit: editing.undo(unit, imported, force=True), purpose="undo").result()
    with account.reading() as session:
        device, plan = account.device, session.scalars(select(Plan.id)).one()
        of = (Intent.device == IntentBefore.device) & (Intent.counter == IntentBefore.counter)
        found = session.execute(select(Intent, IntentBefore.values).join(IntentBefore, of).where(
            Intent.scope == f"region:{REGION}").order_by(Intent.counter)).all()
        # where in its intent a change stands is of no matter, and entities have no order
        intents = [[one.purpose.split(":")[0], one.scope, sorted(
            (re.sub(rf"{device}\.(\d+)\.\d+", r"D.\1", str(change)).replace(plan, "P"), str(before))
            for change, before in zip(one.changes, values, strict=True))] for one, values in found]
        rows = [[(f.name, getattr(row, f.name)) for f in fields_of(entity.kind) if f.name != "plan"] + [sorted(row.versions)]
                for entity in (Programme, ProgrammeYear) for row in session.scalars(select(entity).order_by(entity.id))]
        pristine = sorted((p.kind, p.record, p.field, str(p.value)) for p in session.scalars(select(Pristine)))
    return intents, rows, pristine, [written.changes.kinds for written in (undone, redone, forced)], standing(account)[3]


@pytest.mark.parametrize("stored", [False, True])
def test_steps_are_taken_back_the_same_with_and_without_entities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stored: bool) -> None:
    for home in (journal, making):  # a digest of versions names the device, which is another in each notebook
        monkeypatch.setattr(home, "seen_digest", lambda versions: ",".join(
            f"{name}={version.split('.')[1]}" for name, version in sorted(versions.items()) if name != "deleted"))
    both = []
    for way in (is_plain, lambda kind: False):
        monkeypatch.setattr(editing, "is_plain", way)
        account = make_account(tmp_path / str(len(both)))
        both.append(stories(account, stored))
        account.close()
    for one, other in zip(*both, strict=True):
        assert one == other
    assert both[0][0]
    assert bool(both[0][2]) is stored


def test_kinds_with_rules_of_their_own_and_unknown_fields_are_refused(tmp_path: Path) -> None:
    account = make_account(tmp_path / "a")
    with pytest.raises(RuntimeError, match="entity"):
        account.writer.run(lambda unit: make(unit, Interview, [{"id": "n"}]), purpose="x")
    with pytest.raises(KeyError):
        account.writer.run(lambda unit: make(unit, Programme, [{"id": "p", "region": REGION, "colour": "red"}]), purpose="x")


@pytest.mark.parametrize("amount", [1 << 53, -(1 << 53), 10**26])
def test_no_way_writes_a_number_that_does_not_travel(tmp_path: Path, amount: int) -> None:
    account = make_account(tmp_path / "besar")

    def changed(unit: Unit) -> None:
        making.change(unit, Programme, making.load(unit.session, Programme, ["p1"]), {"p1": {"budget": amount}})

    account.writer.run(at_once, purpose="plan.import")
    ways: list[Callable[[Unit], object]] = [
        lambda unit: unit.add(Programme(id="p3", region=REGION, plan="", budget=amount)),
        lambda unit: setattr(unit.get(Programme, "p1"), "budget", amount),
        lambda unit: make(unit, Programme, [{"id": "p4", "region": REGION, "plan": "", "budget": amount}]), changed]
    for way in ways:
        with pytest.raises(BadInput):
            account.writer.run(way, purpose="programme.edit")
    assert unfitting(Kind.PROGRAMME, {"budget": amount}) == "type"
    assert unfitting(Kind.PROGRAMME, {"budget": (1 << 53) - 1}) == ""
    with account.reading() as session:
        assert sorted(amount or 0 for amount in session.scalars(select(Programme.budget))) == [0, 5]
    account.close()
