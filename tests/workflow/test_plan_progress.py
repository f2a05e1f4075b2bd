"""A programme's status of a year with the note in which it was said, and a year's plan against the year before."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit
from assessor_app.models.plans import Programme, ProgrammeYear
from assessor_app.models.visits import Person, Visit
from assessor_app.workflow import plan_block, plan_cells, plan_import, planning
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.editing import delete
from assessor_app.workflow.exporting import plan as exported
from assessor_app.workflow.plan_block import Target
from assessor_app.workflow.plan_undo import step_back
from assessor_app.workflow.progressing import say_status, year_said
from assessor_app.workflow.queries.master_plan import ProgrammeRow, plan_view
from assessor_app.workflow.queries.plan_progress import Turn, progress
from tests.factories import ServerProcess, make_account, make_note, make_visit, read, sync

REGION = "93.02"
FIELDS = ("name", "first_year", "last_year", "status", "budget:2023", "budget:2024", "target:2023", "target:2024", "status:2023",
          "status:2024")


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return make_account(tmp_path / "a")


def fill(account: Account, *lines: str) -> dict[str, ProgrammeRow]:
    """Lay lines of ``FIELDS``, parted by bars, into the plan; return its programmes by name."""
    block = [[cell.strip() for cell in line.split("|")] for line in lines]
    laid = plan_block.lay(block, (), [Target(name, name) for name in FIELDS], defaults={}, number=1)
    assert not laid.faults
    account.writer.run(lambda unit: plan_cells.write_cells(unit, REGION, planning.ensure_plan(unit, REGION), laid.changes, laid.new),
                       purpose="programme.paste")
    return rows(account)


def rows(account: Account) -> dict[str, ProgrammeRow]:
    with account.reading() as session:
        return {row.name: row for row in plan_view(session, REGION).programmes}


def test_each_turn_that_a_programme_can_take(account: Account) -> None:
    there = fill(
        account,
        "Tetap       |2023|2025|         |100|100|5 titik|5 titik|berjalan|berjalan",
        "Berubah     |2023|2025|         |100|150|5 titik|9 titik|berjalan|berjalan",
        "Lain target |2023|2025|         |100|100|5 titik|6 titik|        |        ",
        "Baru        |2024|2025|         |   |200|       |       |        |        ",
        "Terlambat   |2023|2025|         |100|100|       |       |berjalan|tertunda",
        "Dihentikan  |2023|2025|         |100|   |       |       |berjalan|batal   ",
        "Selesai     |2023|2024|         |100| 50|       |       |berjalan|selesai ",
        "Hilang      |2023|2023|         |100|   |       |       |berjalan|        ",
        "Sudah dulu  |2023|2023|         |100|   |       |       |selesai |        ",
        "Bukan kini  |2027|2028|         |   |   |       |       |        |        ",
        "Menurut umum|2023|2025|tertunda |100|100|       |       |        |        ",
    )
    found = progress(there.values(), 2024)
    assert {row.programme.name: row.turn for row in found.rows} == {
        "Tetap": Turn.SAME, "Berubah": Turn.CHANGED, "Lain target": Turn.CHANGED, "Baru": Turn.NEW, "Terlambat": Turn.DELAYED,
        "Dihentikan": Turn.STOPPED, "Selesai": Turn.DONE, "Hilang": Turn.GONE, "Menurut umum": Turn.DELAYED}
    assert (found.before, found.now) == (800, 800)
    assert found.turns[Turn.DELAYED] == 2
    assert {row.programme.name: row.difference for row in found.rows}["Berubah"] == 50


def test_the_programme_s_status_follows_the_latest_year_that_has_one(account: Account) -> None:
    there = fill(account, "A|2023|2025||||||berjalan|tertunda", "B|2023|2025||||||berjalan|")
    assert (there["A"].status, there["B"].status) == ("delayed", "running")
    for name, year, status, whole in (("A", 2023, "done", "delayed"), ("A", 2024, "running", "running"), ("B", 2024, "stopped", "stopped")):
        def say(unit: Unit, of: str = there[name].id, year: int = year, status: str = status) -> None:
            say_status(unit, of, year, status)

        account.writer.run(say, purpose="programme.status")
        assert rows(account)[name].status == whole


def test_a_status_names_the_note_in_which_it_was_said_until_somebody_says_otherwise(account: Account) -> None:
    programme = fill(account, "Loket|2023|2025")["Loket"].id
    visit = make_visit(account)

    def official(unit):  # type: ignore[no-untyped-def]
        return unit.add(Person(region=REGION, role="official", name="Yohana Tefa")).id

    person = account.writer.run(official, purpose="person.create")
    note = make_note(account, visit, "Loket sudah berkeliling.", observation=False, persons=[person], title="Disdukcapil")
    account.writer.run(lambda unit: say_status(unit, programme, 2024, "running", note), purpose="programme.status")
    with account.reading() as session:
        said = year_said(session, programme, 2024)
        view = plan_view(session, REGION)
    assert said.year.status == "running"
    assert said.source is not None
    assert (said.source.who, said.source.title, said.source.visit) == ("Yohana Tefa", "Disdukcapil", visit)
    assert view.sources[note] == said.source
    assert read(account, Interview, note, "programmes") == [programme]
    # One undo takes back status, source and link together.
    assert account.writer.run(lambda unit: step_back(unit, REGION), purpose="undo")
    assert read(account, Interview, note, "programmes") == []
    account.writer.run(lambda unit: step_back(unit, REGION, again=True), purpose="undo")
    # What is typed into the table was not said there.
    account.writer.run(lambda unit: plan_cells.write_cells(
        unit, REGION, planning.ensure_plan(unit, REGION), {programme: {"status:2024": "done"}}), purpose="programme.edit")
    with account.reading() as session:
        assert year_said(session, programme, 2024).source is None


def test_a_note_that_is_gone_leaves_the_status(account: Account) -> None:
    programme = fill(account, "Loket|2023|2025")["Loket"].id
    note = make_note(account, make_visit(account), "Diamati.")
    account.writer.run(lambda unit: say_status(unit, programme, 2024, "running", note), purpose="programme.status")
    account.writer.run(lambda unit: delete(unit, Interview.kind, note), purpose="interview.delete")
    with account.reading() as session:
        said = year_said(session, programme, 2024)
    assert said.year.status == "running"
    assert said.source is not None
    assert (said.source.title, said.source.who, said.source.visit) == ("", "", "")


def test_a_status_reaches_another_device_without_the_note_that_may_not_leave(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "server").prepare("maria", "yosef").start()
    try:
        a, b = server.join(tmp_path / "a", "maria"), server.join(tmp_path / "b", "yosef")
        programme = fill(a, "Loket|2023|2025")["Loket"].id
        visit = make_visit(a)
        note = make_note(a, visit, "Rahasia seorang warga.", observation=False, title="Tanpa persetujuan")
        a.writer.run(lambda unit: say_status(unit, programme, 2024, "delayed", note), purpose="programme.status")
        sync(a)
        sync(b)
        with b.reading() as session:
            said = year_said(session, programme, 2024)
            assert session.get(Interview, note) is None
            assert session.get(Visit, visit) is not None
        assert (said.year.status, said.year.interview) == ("delayed", note)
        assert said.source is not None
        assert said.source.title == ""
        assert read(b, Programme, programme, "status") == "delayed"
        a.close()
        b.close()
    finally:
        server.stop()


def test_the_workbook_shows_the_comparison_and_still_comes_back_unchanged(account: Account) -> None:
    fill(account, "=Loket|2023|2025||100|150|||berjalan|tertunda", "Baru|2024|2025||||||", "Tetap|2023|2025||5|5|||berjalan|berjalan")
    visit = make_visit(account)
    note = make_note(account, visit, "Tanpa persetujuan.", observation=False, title="N")
    programme = rows(account)["Baru"].id
    account.writer.run(lambda unit: say_status(unit, programme, 2024, "delayed", note), purpose="programme.status")
    with account.reading() as session:
        data = exported.as_excel(session, REGION, 2024)
        before = plan_view(session, REGION)
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.worksheets[1]
    lines = list(sheet.iter_rows(values_only=True))
    assert [line[1] for line in lines[1:]] == ["=Loket", "Baru", "Tetap"]
    assert lines[1][3:7] == ("Terlambat", 100, 150, 50)
    assert lines[2][-1] in (None, "")  # who said it may not leave
    assert sheet.cell(2, 2).data_type == "s"
    proposal = plan_import.propose(data, "rencana.xlsx")
    assert [table.name for table in proposal.sheets] == [book.worksheets[0].title]
    outcome = account.writer.run(lambda unit: plan_import.apply_import(unit, REGION, before.id, proposal.rows), purpose="plan.import")
    assert (outcome.created, outcome.updated, outcome.skipped) == (0, 0, 3)
    with account.reading() as session:
        assert plan_view(session, REGION).programmes == before.programmes


def test_status_columns_of_years_are_imported(account: Account) -> None:
    assert [plan_import_field(text) for text in ("Status 2024", "Progres 2023", "Status")] == ["status:2024", "status:2023", "status"]
    book = openpyxl.Workbook()
    assert book.active is not None
    for line in (["Nama program", "OPD", "Status 2023", "Status 2024"], ["Loket", "Disdukcapil", "Selesai", "entah"]):
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    proposal = plan_import.propose(out.getvalue(), "a.xlsx")
    assert proposal.rows[0].years == {2023: {"status": "done"}}
    assert proposal.rows[0].values["status"] == "done"  # no column says it of the programme as a whole
    assert [fault.cell for fault in proposal.faults] == ["D2"]
    account.writer.run(lambda unit: plan_import.apply_import(unit, REGION, planning.ensure_plan(unit, REGION), proposal.rows), purpose="x")
    with account.reading() as session:
        assert [(y.year, y.status) for y in session.query(ProgrammeYear)] == [(2023, "done")]


def plan_import_field(heading: str) -> str:
    from assessor_app.workflow.plan_columns import assign

    return assign([heading])[0]
