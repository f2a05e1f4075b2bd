"""The region's plan and its programmes, edited by hand; the import of a sheet is ``plan_import``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from assessor_app import ids
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import DIMENSIONS, Kind, ProgrammeStatus
from assessor_app.models.plans import Plan, Programme
from assessor_app.workflow.editing import edit


def ensure_plan(unit: Unit, region: str, *, first_year: int | None = None, last_year: int | None = None, title: str = "") -> str:
    """Return the region's plan, made where there is none; every device that makes it makes the same one."""
    found = unit.session.scalar(select(Plan.id).where(Plan.region == region, Plan.deleted.is_(False)).order_by(Plan.first_year.desc()))
    if found:
        return found
    plan = ids.natural_id(Kind.PLAN, region)
    if unit.session.get(Plan, plan) is None:
        unit.add(Plan(id=plan, region=region, title=title, first_year=first_year, last_year=last_year))
    return plan


def add_programme(unit: Unit, plan: str, *, sub_dimension: str = "layanan_publik", name: str = "", **more: Any) -> str:
    """Add a programme to a plan, empty but for what is given; return its id."""
    home = unit.get(Plan, plan)
    dimension = next(d for d, subs in DIMENSIONS.items() if sub_dimension in subs)
    last = unit.session.scalar(select(func.max(Programme.number)).where(Programme.plan == plan)) or 0
    return unit.add(Programme(region=home.region, plan=plan, number=last + 1, dimension=dimension, sub_dimension=sub_dimension,
                              name=name, status=ProgrammeStatus.PLANNED, first_year=home.first_year, last_year=home.last_year, **more)).id


def edit_plan(unit: Unit, region: str, **values: Any) -> None:
    """Set fields of the region's plan, made where there is none."""
    edit(unit, Kind.PLAN, ensure_plan(unit, region), **values)
