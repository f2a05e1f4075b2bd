"""Importing a plan adds each programme once, brings changes up to date, and is one undo step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from assessor_app import paths
from assessor_app.models.database import Notebook
from assessor_app.models.permissions import Actor
from assessor_app.models.plans import Plan, Programme, ProgrammeYear
from assessor_app.models.tables import Device
from assessor_app.models.writer import Writer
from assessor_app.workflow import editing
from assessor_app.workflow.plan_import import ImportOutcome, apply_import, proposal_of
from assessor_app.workflow.plan_rows import ImportRow
from assessor_app.workflow.plan_sheet import read_plan_sheet
from assessor_app.workflow.planning import ensure_plan

REGION = "93.02"


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    notebook = Notebook.create(tmp_path / "data", bytes(32))
    with notebook.writing_session() as session, session.begin():
        session.add(Device(id="device", created_at=0, place="", current=True))
    writing = Writer(notebook, Actor(frozenset({"me"}), offline=True), "me", "device")
    yield writing
    writing.close()
    notebook.close()


def put(writer: Writer, *rows: ImportRow) -> ImportOutcome:
    return writer.run(lambda unit: apply_import(unit, REGION, ensure_plan(unit, REGION), rows), purpose="plan.import")


def row(name: str, number: int, **values: Any) -> ImportRow:
    return ImportRow("P", number + 1, name, {"name": name, "number": number, "dimension": "living", **values},
                     {2024: {"budget": 1000 * number}})


def programmes(writer: Writer) -> dict[str, Programme]:
    with writer.notebook.reading() as session:
        found = list(session.scalars(select(Programme).where(Programme.deleted.is_(False)).order_by(Programme.number)))
        session.expunge_all()
        return {programme.name: programme for programme in found}


def test_the_sample_plan_twice_adds_sixty_programmes_once(writer: Writer) -> None:
    name = "rencana-induk-boven-digoel.xlsx"
    rows = proposal_of(read_plan_sheet((paths.resources() / "sample" / name).read_bytes(), name)).rows
    first = put(writer, *rows)
    assert (first.created, first.updated, first.skipped) == (60, 0, 0)
    again = put(writer, *rows)
    assert (again.created, again.updated, again.skipped) == (0, 0, 60)
    assert again.programmes == first.programmes
    with writer.notebook.reading() as session:
        assert session.scalar(select(func.count()).select_from(ProgrammeYear)) == sum(len(r.years) for r in rows)
        plan = session.scalars(select(Plan)).one()
        assert (plan.region, plan.first_year, plan.last_year) == (REGION, 2023, 2027)


def test_a_changed_sheet_updates_and_leaves_alone_what_it_does_not_say(writer: Writer) -> None:
    put(writer, row("Rekam medis", 1, agency="Dinkes", target="20"), row("VSAT", 2))
    mine = programmes(writer)["Rekam medis"].id
    writer.run(lambda unit: setattr(unit.get(Programme, mine), "description", "ditulis sendiri"), purpose="test")
    outcome = put(writer, row("REKAM  MEDIS", 7, target="25"), row("Listrik surya", 2))
    assert (outcome.created, outcome.updated) == (1, 1)
    now = programmes(writer)
    assert now["REKAM  MEDIS"].id == mine
    assert (now["REKAM  MEDIS"].target, now["REKAM  MEDIS"].agency, now["REKAM  MEDIS"].number) == ("25", "Dinkes", 1)
    assert now["REKAM  MEDIS"].description == "ditulis sendiri"
    assert "VSAT" in now
    assert now["Listrik surya"].number == 3


def test_same_names_are_told_apart_by_their_number(writer: Writer) -> None:
    put(writer, row("Pelatihan", 1, agency="BKPSDM"), row("Pelatihan", 2, agency="Disnaker"))
    outcome = put(writer, row("Pelatihan", 2, agency="Disnaker"), row("Pelatihan", 1, agency="BKPSDM"))
    assert (outcome.created, outcome.updated, outcome.skipped) == (0, 0, 2)


def test_names_in_any_script_are_told_apart(writer: Writer) -> None:
    first = put(writer, row("مركز صحي", 1), row("مدرسة", 2), row("🌞", 3))
    assert first.created == 3
    assert put(writer, row("مركز صحي", 1), row("مدرسة", 2), row("🌞", 3)).skipped == 3


def test_a_deleted_programme_comes_back_with_an_import(writer: Writer) -> None:
    put(writer, row("VSAT", 1))
    mine = programmes(writer)["VSAT"].id
    writer.run(lambda unit: setattr(unit.get(Programme, mine), "deleted", True), purpose="test")
    assert put(writer, row("VSAT", 1)).created == 1
    assert programmes(writer)["VSAT"].id == mine


def test_two_devices_that_import_one_sheet_make_the_same_records(writer: Writer, tmp_path: Path) -> None:
    mine = put(writer, row("VSAT", 1), row("Dermaga", 2)).programmes
    other = Notebook.create(tmp_path / "other", bytes(32))
    second = Writer(other, Actor(frozenset({"you"}), offline=True), "you", "device-2")
    try:
        assert put(second, row("VSAT", 1), row("Dermaga", 2)).programmes == mine
    finally:
        second.close()
        other.close()


def test_an_import_is_one_undo_step(writer: Writer) -> None:
    writer.run(lambda unit: ensure_plan(unit, REGION), purpose="plan.create")
    put(writer, row("VSAT", 1), row("Dermaga", 2))
    with writer.notebook.reading() as session:
        step = editing.last_undoable(session)
    assert step is not None
    writer.run(lambda unit: editing.undo(unit, step.unit), purpose="undo")
    assert programmes(writer) == {}
