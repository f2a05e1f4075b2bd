"""Rows of the list of visits, and what waits to be sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessor_app.models import regions
from assessor_app.models.documents import Difference, Document
from assessor_app.models.evaluations import Sheet
from assessor_app.models.journal import PENDING
from assessor_app.models.kinds import DocumentType, SheetState, region_scope
from assessor_app.models.tables import Intent
from assessor_app.models.visits import Visit


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One visit as the list shows it; dates are ISO texts, ``waiting`` counts intents that the centre does not have."""

    id: str
    region: str
    title: str
    province: str
    stage: str
    year: int | None
    starts_on: str
    ends_on: str
    state: str
    waiting: int
    zone: str


@dataclass(frozen=True, slots=True)
class Outbox:
    """What the status bar shows of the line: intents that wait, differences that wait for a person."""

    waiting: int
    differences: int


def visit_rows(session: Session) -> tuple[VisitRow, ...]:
    """Return all visits, the latest first."""
    waiting = _waiting(session)
    sheets: dict[str, list[str]] = {}
    for of_visit, sheet in session.execute(select(Sheet.visit, Sheet.id)):
        sheets.setdefault(of_visit, []).append(sheet)
    states = _states(session)
    rows = []
    for visit in session.scalars(select(Visit).where(Visit.deleted.is_(False)).order_by(Visit.starts_on.desc(), Visit.id.desc())):
        scopes = {visit.scope, *(f"sheet:{sheet}" for sheet in sheets.get(visit.id, ()))}
        rows.append(_row(visit, states.get(visit.id, ""), sum(waiting[scope] for scope in scopes)))
    latest: set[str] = set()
    out = []
    for row in rows:  # the dossier's changes are counted once, at the region's latest visit
        extra = 0 if row.region in latest else waiting[region_scope(row.region)]
        latest.add(row.region)
        out.append(row if not extra else _with_waiting(row, row.waiting + extra))
    return tuple(out)


def visit_row(session: Session, visit: str) -> VisitRow | None:
    """Return one visit, or None where this notebook has none of that id."""
    found = session.get(Visit, visit)
    if found is None or found.deleted:
        return None
    return _row(found, _states(session).get(visit, ""), _waiting(session)[found.scope])


def outbox(session: Session) -> Outbox:
    """Return what waits, over all scopes."""
    differences = session.scalar(
        select(func.count()).select_from(Difference).where(Difference.state != "settled", Difference.deleted.is_(False))) or 0
    return Outbox(sum(_waiting(session).values()), differences)


def _waiting(session: Session) -> Counter[str]:
    counts: Counter[str] = Counter()
    for scope, count in session.execute(
            select(Intent.scope, func.count()).where(Intent.state.in_([state.value for state in PENDING])).group_by(Intent.scope)):
        counts[scope] = count
    return counts


def _states(session: Session) -> dict[str, str]:
    """Return a visit's state: that of its minutes, which close it."""
    return {visit: state or SheetState.DRAFT for visit, state in session.execute(
        select(Document.visit, Document.state).where(
            Document.type == DocumentType.MINUTES, Document.deleted.is_(False)).order_by(Document.id))}


def _row(visit: Visit, state: str, waiting: int) -> VisitRow:
    where = regions.region(visit.region)
    return VisitRow(visit.id, visit.region, where.title if where else visit.region, where.province if where else "", visit.stage,
                    visit.year, visit.starts_on, visit.ends_on, state or SheetState.DRAFT, waiting, where.zone if where else "WIB")


def zone_of(session: Session, visit: str) -> str:
    """Return the time zone of a visit's region, the western one where the region is not known."""
    row = session.get(Visit, visit)
    where = regions.region(row.region) if row is not None else None
    return where.zone if where is not None else "WIB"


def _with_waiting(row: VisitRow, waiting: int) -> VisitRow:
    return VisitRow(row.id, row.region, row.title, row.province, row.stage, row.year, row.starts_on, row.ends_on, row.state, waiting,
                    row.zone)


def visit_of(session: Session, scope: str) -> str:
    """Return the visit to show for a record of that scope: its own, its sheet's, or the region's latest; empty for none."""
    name, _, key = scope.partition(":")
    if name == "visit":
        return key
    if name == "sheet":
        return session.scalar(select(Sheet.visit).where(Sheet.id == key)) or ""
    if name == "region":
        return session.scalar(select(Visit.id).where(Visit.region == key, Visit.deleted.is_(False)).order_by(
            Visit.starts_on.desc()).limit(1)) or ""
    return ""
