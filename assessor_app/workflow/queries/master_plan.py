"""Rows of the region's master plan."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models.kinds import DIMENSIONS
from assessor_app.models.plans import Plan, Programme, ProgrammeYear


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """One programme; ``budget`` in rupiah: that of the programme, else the sum of its years."""

    id: str
    number: int
    dimension: str
    sub_dimension: str
    name: str
    description: str
    agency: str
    pic: str
    first_year: int | None
    last_year: int | None
    budget: int | None
    budget_given: bool
    funding: str
    indicator: str
    unit: str
    target: str
    status: str
    quick_win: bool
    order: int


@dataclass(frozen=True, slots=True)
class PlanView:
    """A region's plan and its programmes; empty ``id`` where there is none yet."""

    id: str
    title: str
    first_year: int | None
    last_year: int | None
    vision: str
    goals: str
    programmes: tuple[ProgrammeRow, ...]


def plan_view(session: Session, region: str) -> PlanView:
    """Return the region's plan."""
    plan = session.scalar(select(Plan).where(Plan.region == region, Plan.deleted.is_(False)).order_by(Plan.first_year.desc()))
    if plan is None:
        return PlanView("", "", None, None, "", "", ())
    sums: dict[str, int] = {}
    for programme, budget in session.execute(select(ProgrammeYear.programme, ProgrammeYear.budget).where(
            ProgrammeYear.region == region, ProgrammeYear.deleted.is_(False), ProgrammeYear.budget.is_not(None))):
        sums[programme] = sums.get(programme, 0) + (budget or 0)
    order = {sub: at for at, sub in enumerate(sub for subs in DIMENSIONS.values() for sub in subs)}
    rows = tuple(
        ProgrammeRow(p.id, p.number or 0, p.dimension, p.sub_dimension, p.name, p.description, p.agency, p.pic, p.first_year, p.last_year,
                     p.budget if p.budget is not None else sums.get(p.id), p.budget is not None, p.funding, p.indicator, p.unit, p.target,
                     p.status, p.quick_win, order.get(p.sub_dimension, 99))
        for p in session.scalars(select(Programme).where(Programme.plan == plan.id, Programme.deleted.is_(False)).order_by(
            Programme.number, Programme.id)))
    return PlanView(plan.id, plan.title, plan.first_year, plan.last_year, plan.vision, plan.goals, rows)
