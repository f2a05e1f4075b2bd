"""A programme's total beside the budgets of its years."""

from __future__ import annotations

import pytest

from assessor_app.workflow.plan_budget import doubts, undivided
from assessor_app.workflow.plan_cells import new_row
from assessor_app.workflow.queries.master_plan import ProgrammeRow


def row(**values: int | None) -> ProgrammeRow:
    return new_row("p", {name.replace("y", "budget:", 1) if name.startswith("y") else name: value for name, value in values.items()})


@pytest.mark.parametrize(("one", "said"), [
    (row(budget=900, y2024=400, y2025=500), ()),
    (row(budget=900), ()),
    (row(y2024=400), ()),
    (row(budget=990, y2024=400, y2025=500), ("the total is not the sum of its years: Rp 990 against Rp 900",)),
    (row(budget=800, y2024=900), ("the total is not the sum of its years: Rp 800 against Rp 900",)),
    (row(budget=900, y2023=400, y2026=500, first_year=2024, last_year=2025), ("a budget outside the programme's years: 2023, 2026",)),
    (row(y2024=400, y2025=0, first_year=2024, last_year=2024), ()),
    (row(y2024=400, first_year=2025, last_year=2023), ()),
    (row(budget=5, y2023=4, first_year=2024), ("the total is not the sum of its years: Rp 5 against Rp 4",
                                               "a budget outside the programme's years: 2023")),
])
def test_what_does_not_agree_is_said(one: ProgrammeRow, said: tuple[str, ...]) -> None:
    assert doubts(one) == said


def test_what_is_not_divided_over_years_is_counted_of_each_programme_alone() -> None:
    assert undivided([row(budget=1000, y2024=400), row(budget=300, y2024=900), row(budget=50), row(y2024=7), row()]) == 650
