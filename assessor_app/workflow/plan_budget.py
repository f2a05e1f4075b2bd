"""How much of the programmes' budgets is divided over years; whether the figures agree is a rule of the path (``plan_path``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assessor_app.workflow.plan_path import ProgrammeFacts, Remark, budget
from assessor_app.workflow.queries.master_plan import ProgrammeRow

_DOUBTS = frozenset({"budget_differs", "budget_outside"})


def as_it_reads(row: ProgrammeRow, found: Sequence[tuple[str, Remark]]) -> tuple[tuple[str, Remark], ...]:
    """Return what the path warned of in a programme, with what its figures say now: they may not be written yet."""
    budgets = tuple((year, said.budget) for year, said in sorted(row.years.items()) if said.budget is not None)
    facts = ProgrammeFacts(row.id, budget=row.budget, first_year=row.first_year, last_year=row.last_year, stated=row.given, budgets=budgets)
    return (*((need, remark) for need, remark in found if remark.code not in _DOUBTS),
            *(("budget", remark) for remark in budget(facts) if remark.code in _DOUBTS))


def undivided(rows: Iterable[ProgrammeRow]) -> int:
    """Return how many rupiah of the programmes' totals are not divided over years."""
    return sum(max(0, (row.budget or 0) - (row.summed or 0)) for row in rows)
