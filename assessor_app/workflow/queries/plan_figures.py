"""What the plan's picture shows: rupiah a dimension and a year, and when each programme runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from assessor_app.models.kinds import DIMENSIONS
from assessor_app.workflow.queries.master_plan import ProgrammeRow, plan_view


@dataclass(frozen=True, slots=True)
class Stretch:
    """A programme on the road map: its first and last year, and the rupiah of each year that has any."""

    id: str
    number: int
    name: str
    dimension: str
    first: int
    last: int
    status: str
    quick_win: bool
    budgets: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """``totals`` has rupiah by (dimension, year); ``undated`` counts programmes without years, ``unfunded`` those without rupiah."""

    years: tuple[int, ...]
    dimensions: tuple[str, ...]
    totals: dict[tuple[str, int], int]
    stretches: tuple[Stretch, ...]
    undated: int
    unfunded: int

    def total(self, dimension: str = "", year: int | None = None) -> int:
        """Return the rupiah of a dimension, of a year, or of both; of everything where neither is named."""
        return sum(value for (named, at), value in self.totals.items() if dimension in ("", named) and year in (None, at))


def plan_figures(session: Session, region: str) -> PlanFigures:
    """Return the figures of a region's plan."""
    return figures_of(plan_view(session, region).programmes)


def figures_of(programmes: Iterable[ProgrammeRow]) -> PlanFigures:
    """Return the figures of some programmes; rupiah without years are spread over nothing and counted as unfunded."""
    totals: dict[tuple[str, int], int] = {}
    out: list[Stretch] = []
    undated = unfunded = 0
    order = {name: at for at, name in enumerate(DIMENSIONS)}
    for row in sorted(programmes, key=lambda p: (order.get(p.dimension, len(order)), p.number, p.id)):
        own = {year: said.budget for year, said in row.years.items() if said.budget}
        first, last = row.first_year or min(own, default=0), row.last_year or max(own, default=0)
        undated += not (first and last)
        unfunded += not own and not row.given
        for year, value in own.items():
            totals[row.dimension, year] = totals.get((row.dimension, year), 0) + value
        if first and last and first <= last <= first + 30:
            out.append(Stretch(row.id, row.number, row.name, row.dimension, first, last, row.status, row.quick_win,
                               tuple(sorted(own.items()))))
    spoken = {year for _, year in totals} | {year for one in out for year in (one.first, one.last)}
    years = tuple(range(min(spoken), max(spoken) + 1)) if spoken else ()
    there = {one.dimension for one in out} | {dimension for dimension, _ in totals}
    return PlanFigures(years, tuple(sorted(there, key=lambda name: order.get(name, len(order)))), totals, tuple(out), undated, unfunded)
