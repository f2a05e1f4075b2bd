"""What an import would change in a plan that is here: new programmes, changed fields, and those that the sheet no longer names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models.plans import Plan, Programme, ProgrammeYear
from assessor_app.workflow.plan_import import differs, key_of, take
from assessor_app.workflow.plan_rows import ImportRow


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a programme, or of a year of it (``budget:2024``): before and after."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ProgrammeChange:
    """A programme that the sheet would change."""

    id: str
    name: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class PlanChanges:
    """``gone`` are programmes of the plan that the sheet does not name; an import leaves them alone."""

    new: tuple[str, ...] = ()
    changed: tuple[ProgrammeChange, ...] = ()
    gone: tuple[str, ...] = ()


def changes(session: Session, region: str, rows: Sequence[ImportRow]) -> PlanChanges:
    """Compare rows of a sheet with the region's plan as ``plan_import.apply_import`` would match them; nothing is written."""
    plan = session.scalar(select(Plan.id).where(Plan.region == region, Plan.deleted.is_(False)).order_by(Plan.first_year.desc()))
    every = session.scalars(select(Programme).where(Programme.plan == plan, Programme.deleted.is_(False)).order_by(
        Programme.number)).all() if plan else []
    there: dict[str, list[Programme]] = {}
    for one in every:
        there.setdefault(key_of(one.name), []).append(one)
    years = {(y.programme, y.year): y for y in session.scalars(select(ProgrammeYear).where(ProgrammeYear.region == region))}
    new, changed, met = [], [], set()
    for row in rows:
        known = take(there, key_of(row.name), row)
        if known is None:
            new.append(row.name)
            continue
        met.add(known.id)
        fields = [FieldChange(name, getattr(known, name), value) for name, value in row.values.items()
                  if differs(known, name, value, row)]
        for year, values in row.years.items():
            entity = years.get((known.id, year))
            fields += [FieldChange(f"{name}:{year}", getattr(entity, name, None), value) for name, value in values.items()
                       if getattr(entity, name, None) != value]
        if fields:
            changed.append(ProgrammeChange(known.id, known.name, tuple(fields)))
    return PlanChanges(tuple(new), tuple(changed), tuple(one.name for one in every if one.id not in met))
