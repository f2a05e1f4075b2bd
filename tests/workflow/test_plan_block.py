"""A block from a spreadsheet's clipboard: its cells, what they mean in the programmes' table, and what is written of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from assessor_app.errors import BadInput
from assessor_app.models.plans import Programme, ProgrammeYear
from assessor_app.workflow import plan_block, plan_cells, planning
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.plan_block import Laid, Target
from assessor_app.workflow.plan_filter import Filter, agencies
from assessor_app.workflow.plan_undo import plan_steps, step_back
from assessor_app.workflow.plan_values import Doubt
from assessor_app.workflow.queries.master_plan import ProgrammeRow, plan_part, plan_view
from tests.factories import make_account

REGION = "93.02"
NAMES = ("name", "agency", "budget", "status", "quick_win", "first_year", "budget:2024", "status:2024")
TARGETS = [Target(name, name.title()) for name in NAMES]


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return make_account(tmp_path / "a")


def put(account: Account, laid: Laid, purpose: str = "programme.paste") -> None:
    account.writer.run(lambda unit: plan_cells.write_cells(unit, REGION, planning.ensure_plan(unit, REGION), laid.changes, laid.new),
                       purpose=purpose)


def rows(account: Account) -> tuple[ProgrammeRow, ...]:
    with account.reading() as session:
        return plan_view(session, REGION).programmes


def lay(text: str, there: tuple[ProgrammeRow, ...] = (), columns: list[Target] | None = None, **named: object) -> Laid:
    return plan_block.lay(plan_block.cells_of(text), there, columns or TARGETS, **{"defaults": {}, "number": len(there) + 1, **named})


@pytest.mark.parametrize(("text", "cells"), [
    ("a\tb\r\nc\td\r\n", [["a", "b"], ["c", "d"]]),
    ("satu", [["satu"]]),
    ("a\t\n\tb", [["a", ""], ["", "b"]]),
    ('"dua\nbaris"\tb\n', [["dua\nbaris", "b"]]),  # a cell with a line end stands in quotes
    ('"kata ""kutip""\t"\tb', [['kata "kutip"\t', "b"]]),
    ('"Rumah Sagu"\tb', [['"Rumah Sagu"', "b"]]),  # these quotes are the person's own
    ('pipa 5"\tb', [['pipa 5"', "b"]]),
    ('"tak ditutup\tb', [['"tak ditutup', "b"]]),
    ("a\x00\n\nb", [["a"], [""], ["b"]]),
])
def test_cells_as_spreadsheets_put_them_on_the_clipboard(text: str, cells: list[list[str]]) -> None:
    assert plan_block.cells_of(text) == cells


@pytest.mark.parametrize("cell", ["a", "", "dua\nbaris", "tab\tdi dalam", '"kutip"', 'kata "kutip"\tdan tab', '5"'])
def test_what_is_copied_comes_back_the_same(cell: str) -> None:
    assert plan_block.cells_of(plan_block.text_of([[cell, "x"], ["y", cell]])) == [[cell, "x"], ["y", cell]]


def test_more_rows_than_an_import_takes_are_refused() -> None:
    with pytest.raises(BadInput, match="20000"):
        plan_block.cells_of("a\n" * (plan_block.MOST_ROWS + 1))


def test_a_block_fills_a_selection_that_is_a_multiple_of_it() -> None:
    assert plan_block.tiled([["a"]], 2, 3) == [["a", "a", "a"], ["a", "a", "a"]]
    assert plan_block.tiled([["a", "b"]], 2, 2) == [["a", "b"], ["a", "b"]]
    assert plan_block.tiled([["a", "b"]], 2, 3) == [["a", "b"]]


def test_a_block_past_the_last_row_makes_programmes_by_the_rules_of_the_import(account: Account) -> None:
    put(account, lay("Pos jaga sungai\tBPBD\tRp 1,5 M\tBerjalan\tYa\t1 Juli 2024\t250 juta\tdelayed\n"
                     "Radio desa\tDiskominfo\tRp 1.500.000,00\tPlanned\ttidak\t2025\t\tSelesai"))
    first, second = rows(account)
    assert (first.number, first.name, first.agency, first.budget, first.status, first.quick_win, first.first_year) == (
        1, "Pos jaga sungai", "BPBD", 1_500_000_000, "running", True, 2024)
    assert (first.years[2024].budget, first.years[2024].status) == (250_000_000, "delayed")
    assert (second.number, second.budget, second.status, second.quick_win) == (2, 1_500_000, "planned", False)
    assert (second.years[2024].budget, second.years[2024].status) == (None, "done")


def test_what_cannot_be_read_is_named_by_its_cell_and_the_rest_goes_in(account: Account) -> None:
    put(account, lay("A\tBappeda\t5\nB\tBappeda\t6"))
    laid = lay("A baru\tDinas X\tbanyak\tentah\nB\tDinas Y\t1,5 M\tselesai", rows(account))
    assert len(laid.faults) == 3
    assert all("A baru" in said for said in laid.faults[:2])
    assert "banyak" in laid.faults[0]
    assert "Budget" in laid.faults[0]
    assert "Status" in laid.faults[1]
    said = plan_block.describe(laid, lambda n: f"{n} cells", lambda n: f"{n} nameless")
    assert said is not None
    assert (said.title, len(said.faults)) == ("3 cells", 3)
    put(account, laid)
    a, b = rows(account)
    assert (a.name, a.agency, a.budget, a.status) == ("A baru", "Dinas X", 5, "planned")
    assert (b.agency, b.budget, b.status) == ("Dinas Y", 6, "done")


def test_a_fault_names_its_row_in_one_way_and_briefly(account: Account) -> None:
    long = "Jaringan " * 400
    put(account, lay(f"{long}\tBappeda\t5"))
    columns = [Target("budget", "Budget"), Target("name", "Name"), Target("status", "Status")]
    laid = lay(f"banyak\tNama baru\t{'entah ' * 500}\nsedikit\tLain\tentah", rows(account), columns)
    assert [said.partition(", ")[0] for said in laid.faults] == ["Row 1 “Nama baru”"] * 2 + ["Row 2 “Lain”"] * 2
    kept = lay("banyak", rows(account), columns)
    assert kept.faults[0].startswith("Row 1 “Jaringan Jaringan Jaringan Jaringan Jar…”, Budget: ")
    assert all(len(said) < 160 for said in (*laid.faults, *kept.faults))


def test_a_pasted_line_without_a_name_is_kept_and_named(account: Account) -> None:
    laid = lay("Smart Living\t\nSmart Economy\tPasar", columns=[Target("dimension", "Dimension"), Target("name", "Name")])
    assert [row.name for row in laid.rows.values()] == ["", "Pasar"]
    assert laid.nameless == ["Row 1: the new programme has no name"]
    said = plan_block.describe(laid, lambda n: f"{n} cells", lambda n: f"{n} nameless")
    assert said is not None
    assert (said.title, said.faults) == ("1 nameless", tuple(laid.nameless))
    put(account, laid)
    assert [(row.dimension, row.name) for row in rows(account)] == [("living", ""), ("economy", "Pasar")]


def test_a_line_that_makes_no_programme_is_named_by_its_place_in_the_paste() -> None:
    laid = lay("Smart Xyz\t\nSmart Abc\t\nSmart Living\tPasar", columns=[Target("dimension", "Dimension"), Target("name", "Name")])
    assert [said.partition(",")[0] for said in laid.faults] == ["Line 1 of the paste", "Line 2 of the paste"]
    assert [(row.number, row.name) for row in laid.rows.values()] == [(1, "Pasar")]


def test_headings_in_the_block_are_passed_over_and_columns_beyond_are_counted(account: Account) -> None:
    laid = lay("name\tagency\nA\tBappeda", columns=TARGETS[:2])
    assert (laid.heading, [new.values["name"] for new in laid.new]) == (True, ["A"])
    laid = lay("A\tBappeda\t1\t2", columns=TARGETS[:2])
    assert (laid.heading, laid.beyond) == (False, 2)


def test_empty_lines_make_no_programme_and_a_column_that_is_read_only_takes_nothing() -> None:
    laid = lay("A\tx\n\t\n \t\nB\ty", columns=[TARGETS[0], Target("agency", "Agency", editable=False)])
    assert [dict(new.values) for new in laid.new] == [{"number": 1, "name": "A"}, {"number": 2, "name": "B"}]


def test_a_sub_dimension_brings_its_dimension_and_a_dimension_empties_another_s_sub_dimension(account: Account) -> None:
    columns = [Target("name", "Name"), Target("dimension", "Dimension"), Target("sub_dimension", "Sub-dimension")]
    put(account, lay("A\tSmart Living\tPrasarana Kesehatan\nB\t\tEnergi\nC\tekonomi\t", columns=columns))
    a, b, c = rows(account)
    assert [(r.dimension, r.sub_dimension) for r in (a, b, c)] == [("living", "kesehatan"), ("environment", "energi"), ("economy", "")]
    put(account, lay("Smart Branding", (a,), columns[1:]))
    assert next((r.dimension, r.sub_dimension) for r in rows(account)) == ("branding", "")
    with pytest.raises(Doubt):
        plan_cells.value_of("dimension", "Smart Anything")
    with pytest.raises(Doubt):
        plan_cells.value_of("sub_dimension", "Antah berantah")


def test_a_total_that_was_the_sum_of_its_years_stays_their_sum(account: Account) -> None:
    years = [Target("budget", "Budget"), Target("budget:2023", "2023"), Target("budget:2024", "2024")]
    put(account, lay("A\t300\t100\t200\nB\t999\t100\t200", columns=[TARGETS[0], *years]))
    a, b = rows(account)
    put(account, lay("150", (a,), years[1:]))
    put(account, lay("150", (b,), years[1:]))
    assert [row.budget for row in rows(account)] == [350, 999]  # the second was stated otherwise than its years


def test_a_paste_is_one_step_and_comes_back_as_it_was(account: Account) -> None:
    put(account, lay("A\tBappeda\t5\tBerjalan\nB\tDiskominfo\t6"))
    before = rows(account)
    put(account, lay("A2\tX\t7\tselesai\tya\t2023\t10\tberjalan\nB2\tY\nC baru\tZ", before))
    after = rows(account)
    assert [row.name for row in after] == ["A2", "B2", "C baru"]
    assert account.writer.run(lambda unit: step_back(unit, REGION), purpose="undo")
    undone = {row.id: row for row in rows(account)}
    assert [undone[row.id].name for row in before] == ["A", "B"]
    assert [(r.agency, r.budget, r.status, r.quick_win, r.first_year) for r in undone.values()] == [
        ("Bappeda", 5, "running", False, None), ("Diskominfo", 6, "planned", False, None)]
    assert not any(year.budget or year.status for row in undone.values() for year in row.years.values())
    assert account.writer.run(lambda unit: step_back(unit, REGION, again=True), purpose="undo")
    again = rows(account)
    assert [(r.name, r.agency, r.budget, r.status) for r in again] == [(r.name, r.agency, r.budget, r.status) for r in after]
    assert again[0].years[2024].budget == 10
    for _ in range(2):
        assert account.writer.run(lambda unit: step_back(unit, REGION), purpose="undo")
    assert rows(account) == ()
    assert not account.writer.run(lambda unit: step_back(unit, REGION), purpose="undo")


def test_a_new_step_leaves_nothing_to_redo(account: Account) -> None:
    put(account, lay("A\tBappeda"))
    account.writer.run(lambda unit: step_back(unit, REGION), purpose="undo")
    with account.reading() as session:
        assert plan_steps(session, REGION).redo is not None
    put(account, lay("B\tBappeda"))
    with account.reading() as session:
        steps = plan_steps(session, REGION)
        assert steps.redo is None
        assert steps.undo is not None
        assert steps.undo.purpose == "programme.paste"


def test_programmes_are_deleted_as_one_step(account: Account) -> None:
    put(account, lay("A\nB\nC"))
    there = rows(account)
    account.writer.run(lambda unit: plan_cells.delete_programmes(unit, [row.id for row in there[:2]]), purpose="programme.delete")
    assert [row.name for row in rows(account)] == ["C"]
    account.writer.run(lambda unit: step_back(unit, REGION), purpose="undo")
    assert len(rows(account)) == 3


def test_cleared_cells_are_empty_and_what_was_empty_is_not_written(account: Account) -> None:
    put(account, lay("A\tBappeda\t5\tberjalan\tya\t2024\t7\tselesai\nB"))
    a, b = rows(account)
    laid = plan_block.cleared((a, b), ["agency", "budget:2024", "status:2024", "quick_win"])
    assert set(laid.changes) == {a.id}
    put(account, laid, "programme.clear")
    row = rows(account)[0]
    assert (row.agency, row.years[2024].budget, row.years[2024].status, row.quick_win, row.name) == ("", None, "", False, "A")


def test_every_column_reads_what_it_shows(account: Account) -> None:
    columns = [Target(name, name) for name in ("name", "number", "benefit_months", "is_infrastructure", "remark:2024", "description")]
    put(account, lay('A\t7\t9\tya\tTerlambat kapal\t"dua\nbaris"\nB\tx\t\tentah\t\t', columns=columns))
    a, b = sorted(rows(account), key=lambda row: row.name)
    assert (a.number, a.benefit_months, a.is_infrastructure) == (7, 9, "yes")
    assert (a.years[2024].remark, a.description) == ("Terlambat kapal", "dua\nbaris")
    assert (b.number, b.benefit_months, b.is_infrastructure) == (2, None, "")


def test_the_filter_narrows_by_all_that_is_asked(account: Account) -> None:
    put(account, lay("Loket\tBappeda\t5\tberjalan\tya\t2023\nSagu\tDinas Pertanian\t5\tselesai\ttidak\t2024\t9\ttertunda"))
    a, b = rows(account)
    assert not Filter()
    assert [row.name for row in (a, b) if Filter(agency="Bappeda").accepts(row)] == ["Loket"]
    assert [row.name for row in (a, b) if Filter(year=2024).accepts(row)] == ["Sagu"]
    assert [row.name for row in (a, b) if Filter(quick_win=True).accepts(row)] == ["Loket"]
    assert [row.name for row in (a, b) if Filter(status="done").accepts(row)] == ["Sagu"]
    assert [row.name for row in (a, b) if Filter(status="delayed", year=2024).accepts(row)] == ["Sagu"]
    assert [row.name for row in (a, b) if Filter(words="PERTANIAN sag").accepts(row)] == ["Sagu"]
    assert agencies((b, a)) == ("Bappeda", "Dinas Pertanian")


def test_only_what_changed_is_read_anew(account: Account) -> None:
    put(account, lay("A\tX\t\t\t\t\t9\nB\tX"))
    a, b = rows(account)
    with account.reading() as session:
        year = session.scalars(select(ProgrammeYear.id)).one()
        assert [row.id for row in plan_part(session, (), (year,)).rows] == [a.id]
        part = plan_part(session, (a.id, b.id, "fehlt"), ())
    assert part.asked == {a.id, b.id, "fehlt"}
    assert part.rows == (a, b)


def test_a_programme_that_is_not_here_stops_the_whole_block(account: Account) -> None:
    put(account, lay("A"))
    row = rows(account)[0]
    laid = Laid(changes={row.id: {"name": "A2"}, "anderswo": {"name": "B"}})
    with pytest.raises(Exception, match="not in the notebook"):
        put(account, laid)
    assert rows(account)[0].name == "A"
    with account.reading() as session:
        assert session.scalars(select(Programme.name)).all() == ["A"]


def test_a_sum_that_no_field_holds_is_shown_and_not_kept(account: Account) -> None:
    years = [Target(f"budget:{year}", str(year)) for year in range(2020, 2030)]
    put(account, lay("\t".join(["A", "100", *["10"] * 10]), columns=[TARGETS[0], Target("budget", "Budget"), *years]))
    (a,) = rows(account)
    most = "1.000.000.000.000.000"
    put(account, lay("\t".join([most] * 10), (a,), years))
    (a,) = rows(account)
    assert (a.given, a.budget) == (None, 10 * 10**15)
