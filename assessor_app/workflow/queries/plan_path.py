"""The path of the workshops as a region's plan stands in the notebook, with what its page edits."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models.books import Book
from assessor_app.models.plans import Plan, Programme, ProgrammeYear
from assessor_app.workflow import plan_path
from assessor_app.workflow.plan_path import Path, PlanFacts, ProgrammeFacts, Remark

#: The texts of a plan that its path asks for.
TEXTS = tuple(name for names in plan_path.TEXTS.values() for name in names)


@dataclass(frozen=True, slots=True)
class PathView:
    """The path of a plan: ``plan`` is its record (empty where there is none yet), ``programmes`` those of the plan by id.

    ``warned`` are the warnings of each programme, by the need that they belong to; ``origins`` says of copied programmes, in words, which
    example they were copied from.
    """

    plan: str
    facts: PlanFacts
    programmes: dict[str, ProgrammeFacts]
    path: Path
    warned: dict[str, tuple[tuple[str, Remark], ...]]
    origins: dict[str, str]


def path_view(session: Session, region: str) -> PathView:
    """Return the path of a region's plan; of an empty one where there is no plan."""
    plan = session.scalar(select(Plan).where(Plan.region == region, Plan.deleted.is_(False)).order_by(Plan.first_year.desc()))
    facts = PlanFacts() if plan is None else PlanFacts(
        {name: getattr(plan, name) for name in TEXTS}, plan.first_year, plan.last_year, tuple(plan.path))
    programmes = {one.id: one for one in _programmes(session, plan.id)} if plan is not None else {}
    books = set(session.scalars(select(Book.type).where(Book.region == region, Book.deleted.is_(False)).distinct()))
    origins = dict(session.execute(select(Programme.id, Programme.origin).where(
        Programme.plan == plan.id, Programme.deleted.is_(False), Programme.origin != "")).all()) if plan is not None else {}
    path = plan_path.walk(facts, programmes.values(), books)
    return PathView(plan.id if plan is not None else "", facts, programmes, path, path.remarks(), origins)


def _programmes(session: Session, plan: str) -> list[ProgrammeFacts]:
    years: dict[str, list[tuple[int, int]]] = {}
    for programme, year, budget in session.execute(select(ProgrammeYear.programme, ProgrammeYear.year, ProgrammeYear.budget).join(
            Programme, Programme.id == ProgrammeYear.programme).where(
            Programme.plan == plan, ProgrammeYear.deleted.is_(False), ProgrammeYear.budget.is_not(None)).order_by(ProgrammeYear.year)):
        years.setdefault(programme, []).append((year or 0, budget or 0))
    p = Programme
    rows = session.execute(select(
        p.id, p.name, p.number, p.sub_dimension, p.agency, p.target, p.budget, p.first_year, p.last_year, p.quick_win, p.benefit,
        p.benefit_months, p.is_infrastructure).where(p.plan == plan, p.deleted.is_(False)).order_by(p.number, p.id))
    return [ProgrammeFacts(id_, name, number or 0, sub, agency, target, budget if budget is not None else _sum(years.get(id_)),
                           first, last, quick, benefit, months, infrastructure, budget, tuple(years.get(id_, ())))
            for id_, name, number, sub, agency, target, budget, first, last, quick, benefit, months, infrastructure in rows]


def _sum(budgets: list[tuple[int, int]] | None) -> int | None:
    return sum(budget for _, budget in budgets) if budgets else None
