"""Rows of the region's master plan: each programme with its years, read in as few statements as there are tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models.catalogue import Assessor
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import DIMENSIONS
from assessor_app.models.plans import Plan, Programme, ProgrammeYear
from assessor_app.models.visits import Person

_ORDER = {sub: at for at, sub in enumerate(sub for subs in DIMENSIONS.values() for sub in subs)}
_HOMES = {dimension: at * 3 + 2.5 for at, dimension in enumerate(DIMENSIONS)}
#: How many ids one statement may name.
_MOST = 900


class YearRow(NamedTuple):
    """One year of a programme (a tuple: a plan has tens of thousands). ``interview`` is the note in which its status was said."""

    budget: int | None = None
    target: str = ""
    status: str = ""
    remark: str = ""
    interview: str = ""
    by: str = ""  # who changed it last


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """One programme; ``given`` is its own budget in rupiah, ``budget`` that, else the sum of its years."""

    id: str
    number: int
    dimension: str
    sub_dimension: str
    name: str
    description: str
    agency: str
    pic: str
    pic_phone: str
    first_year: int | None
    last_year: int | None
    given: int | None
    funding: str
    indicator: str
    unit: str
    target: str
    status: str
    quick_win: bool
    benefit: str
    benefit_months: int | None = None
    is_infrastructure: str = ""  # yes, no, or not said
    years: Mapping[int, YearRow] = field(default_factory=dict)

    @property
    def budget(self) -> int | None:
        """The programme's rupiah over all years."""
        return self.given if self.given is not None else self.summed

    @property
    def summed(self) -> int | None:
        """The sum of its years, None where no year has an amount."""
        amounts = [year.budget for year in self.years.values() if year.budget is not None]
        return sum(amounts) if amounts else None

    @property
    def order(self) -> float:
        """Where its sub-dimension stands among all; without one, after those of its dimension."""
        return _ORDER.get(self.sub_dimension, _HOMES.get(self.dimension, 99))

    def runs_in(self, year: int) -> bool:
        """Tell whether the programme runs in a year: by its first and last, or because the year says something."""
        said = self.years.get(year)
        if said is not None and (said.budget or said.target or said.status):
            return True
        return bool(self.first_year and self.last_year and self.first_year <= year <= self.last_year)


@dataclass(frozen=True, slots=True)
class Source:
    """The note in which a status was said: whose words, when, and where it lies. Empty ``title`` and ``who`` where it is not here."""

    id: str
    visit: str
    title: str
    held_at: str
    who: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """A region's plan and its programmes; empty ``id`` where there is none yet. ``authors`` are names by assessor id."""

    id: str
    title: str
    first_year: int | None
    last_year: int | None
    vision: str
    goals: str
    programmes: tuple[ProgrammeRow, ...]
    sources: Mapping[str, Source] = field(default_factory=dict)
    authors: Mapping[str, str] = field(default_factory=dict)

    @property
    def years(self) -> tuple[int, ...]:
        """All years of which the plan speaks, without gaps."""
        spoken = {y for y in (self.first_year, self.last_year) if y}
        for row in self.programmes:
            spoken |= {y for y in (row.first_year, row.last_year) if y} | row.years.keys()
        return tuple(range(min(spoken), min(max(spoken), min(spoken) + 30) + 1)) if spoken else ()


def plan_view(session: Session, region: str) -> PlanView:
    """Return the region's plan."""
    plan = session.scalar(select(Plan).where(Plan.region == region, Plan.deleted.is_(False)).order_by(Plan.first_year.desc()))
    if plan is None:
        return PlanView("", "", None, None, "", "", ())
    years = _years(session, ProgrammeYear.region == region)
    rows = _programmes(session, years, Programme.plan == plan.id)
    return PlanView(plan.id, plan.title, plan.first_year, plan.last_year, plan.vision, plan.goals, rows, _sources(session, rows),
                    {one.id: one.name for one in session.execute(select(Assessor.id, Assessor.name))})


@dataclass(frozen=True, slots=True)
class PlanPart:
    """What became of some programmes: their rows as they are now; those that are not among them are deleted."""

    asked: frozenset[str]
    rows: tuple[ProgrammeRow, ...]
    sources: Mapping[str, Source]


def plan_part(session: Session, programmes: Collection[str], years: Collection[str]) -> PlanPart:
    """Return some programmes anew: those named, and those of the named years."""
    asked = set(programmes)
    for some in _runs(years):
        asked |= set(session.scalars(select(ProgrammeYear.programme).where(ProgrammeYear.id.in_(some))))
    rows: list[ProgrammeRow] = []
    for some in _runs(asked):
        rows += _programmes(session, _years(session, ProgrammeYear.programme.in_(some)), Programme.id.in_(some))
    return PlanPart(frozenset(asked), tuple(rows), _sources(session, rows))


def _runs(names: Collection[str]) -> list[list[str]]:
    every = list(names)
    return [every[at:at + _MOST] for at in range(0, len(every), _MOST)]


def _years(session: Session, where: Any) -> dict[str, dict[int, YearRow]]:
    out: dict[str, dict[int, YearRow]] = {}
    y = ProgrammeYear
    found: Any = session.execute(select(
            y.programme, y.year, y.budget, y.target, y.status, y.remark, y.interview, y.changed_by).where(
            where, y.deleted.is_(False), y.year.is_not(None)).order_by(y.year))
    for programme, year, *values in found:
        out.setdefault(programme, {})[year] = YearRow(*values)
    return out


def _programmes(session: Session, years: dict[str, dict[int, YearRow]], where: Any) -> tuple[ProgrammeRow, ...]:
    p = Programme
    found: Any = session.execute(select(
        p.id, p.number, p.dimension, p.sub_dimension, p.name, p.description, p.agency, p.pic, p.pic_phone, p.first_year, p.last_year,
        p.budget, p.funding, p.indicator, p.unit, p.target, p.status, p.quick_win, p.benefit,
        p.benefit_months, p.is_infrastructure).where(
        where, p.deleted.is_(False)).order_by(p.number, p.id))
    made: Callable[..., ProgrammeRow] = ProgrammeRow
    return tuple(made(record, number or 0, *values, years.get(record, {})) for record, number, *values in found)


def _sources(session: Session, rows: Collection[ProgrammeRow]) -> dict[str, Source]:
    """Return the notes that are named as where a status was said; one that is not in this notebook stays without words."""
    named = {year.interview for row in rows for year in row.years.values() if year.interview}
    out = {one: Source(one, "", "", "", "") for one in named}
    for some in _runs(named):
        notes = session.execute(select(Interview.id, Interview.visit, Interview.title, Interview.held_at, Interview.persons).where(
            Interview.id.in_(some), Interview.deleted.is_(False))).all()
        persons = {one for note in notes for one in note.persons}
        names = {p.id: _who(p) for p in session.scalars(select(Person).where(Person.id.in_(persons)))} if persons else {}
        for note in notes:
            who = "; ".join(filter(None, (names.get(one, "") for one in note.persons)))
            out[note.id] = Source(note.id, note.visit, note.title, note.held_at, who)
    return out


def _who(person: Person) -> str:
    """Return an official's name, or the label under which a respondent appears outside the notes."""
    if person.role == "official":
        return person.name
    return ", ".join(filter(None, (person.label, person.occupation)))
