"""How much of the programmes' totals is divided over years."""

from __future__ import annotations

from assessor_app.workflow.plan_budget import undivided
from assessor_app.workflow.plan_cells import new_row
from assessor_app.workflow.queries.master_plan import ProgrammeRow


def row(**values: int | None) -> ProgrammeRow:
    return new_row("p", {name.replace("y", "budget:", 1) if name.startswith("y") else name: value for name, value in values.items()})


def test_what_is_not_divided_over_years_is_counted_of_each_programme_alone() -> None:
    assert undivided([row(budget=1000, y2024=400), row(budget=300, y2024=900), row(budget=50), row(y2024=7), row()]) == 650
