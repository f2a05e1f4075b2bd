"""What the plan's picture shows: rupiah a dimension and a year, and when each programme runs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models.kinds import DIMENSIONS
from assessor_app.models.plans import Programme, ProgrammeYear


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
    """Return the figures of a region's plan; a programme's rupiah without years are spread over nothing and counted as unfunded."""
    budgets: dict[str, dict[int, int]] = {}
    for one in session.scalars(select(ProgrammeYear).where(ProgrammeYear.region == region, ProgrammeYear.deleted.is_(False))):
        if one.year is not None and one.budget:
            budgets.setdefault(one.programme, {})[one.year] = one.budget
    totals: dict[tuple[str, int], int] = {}
    out: list[Stretch] = []
    undated = unfunded = 0
    order = {name: at for at, name in enumerate(DIMENSIONS)}
    rows = session.scalars(select(Programme).where(Programme.region == region, Programme.deleted.is_(False)).order_by(
        Programme.number, Programme.id))
    for row in sorted(rows, key=lambda p: order.get(p.dimension, len(order))):
        own = budgets.get(row.id, {})
        first, last = row.first_year or min(own, default=0), row.last_year or max(own, default=0)
        undated += not (first and last)
        unfunded += not own and not row.budget
        for year, value in own.items():
            totals[row.dimension, year] = totals.get((row.dimension, year), 0) + value
        if first and last and first <= last <= first + 30:
            out.append(Stretch(row.id, row.number or 0, row.name, row.dimension, first, last, row.status, row.quick_win,
                               tuple(sorted(own.items()))))
    spoken = {year for _, year in totals} | {year for one in out for year in (one.first, one.last)}
    years = tuple(range(min(spoken), max(spoken) + 1)) if spoken else ()
    there = {one.dimension for one in out} | {dimension for dimension, _ in totals}
    return PlanFigures(years, tuple(sorted(there, key=lambda name: order.get(name, len(order)))), totals, tuple(out), undated, unfunded)
