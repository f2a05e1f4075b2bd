"""Bring a region's plan sheet into the notebook: propose what its columns mean, then import it as one intent."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from assessor_app import ids, isolate
from assessor_app.i18n import t
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import Kind, ProgrammeStatus
from assessor_app.models.making import make
from assessor_app.models.plans import Plan, Programme, ProgrammeYear
from assessor_app.oneline import one_line
from assessor_app.workflow.plan_rows import Column, Fault, ImportRow, Table, read_rows


@dataclass(frozen=True)
class Proposal:
    """What an import would do: the sheets with their columns, the rows that follow from them, and what is doubtful.

    A row with a doubtful cell is imported without that cell; ``faults`` names each with its sheet and address.
    """

    filename: str
    sheets: tuple[Table, ...]
    skipped: tuple[str, ...]
    rows: tuple[ImportRow, ...] = ()
    faults: tuple[Fault, ...] = ()

    def with_field(self, sheet: int, column: int, to: str) -> Proposal:
        """Return the proposal with another meaning for one column; an empty field leaves the column out."""
        table = self.sheets[sheet]
        columns = tuple(replace(c, field=to) if index == column else replace(c, field="") if to and c.field == to else c
                        for index, c in enumerate(table.columns))
        return self._with(sheet, replace(table, columns=columns))

    def with_sheet(self, sheet: int, used: bool) -> Proposal:
        """Return the proposal with a whole sheet in or out."""
        return self._with(sheet, replace(self.sheets[sheet], used=used))

    def _with(self, sheet: int, table: Table) -> Proposal:
        return _compiled(replace(self, sheets=(*self.sheets[:sheet], table, *self.sheets[sheet + 1:])))


@dataclass
class ImportOutcome:
    """What an import did, in numbers of programmes: new, changed, and already there as the sheet has them."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    programmes: list[str] = field(default_factory=list)  # ids, in the order of the rows


def propose(data: bytes, filename: str) -> Proposal:
    """Read a workbook in a process of its own and propose an import; raises BadInput where it holds no plan."""
    return proposal_of(isolate.call("assessor_app.workflow.plan_sheet:read_plan_sheet", data, filename))


def proposal_of(read: dict[str, Any]) -> Proposal:
    """Return the proposal for what ``plan_sheet.read_plan_sheet`` returned."""
    sheets = tuple(
        Table(each["name"], tuple(Column(c["letter"], c["heading"], c["field"]) for c in each["columns"]), each["rows"],
              each["factor"], not each["hidden"], each["more"]) for each in read["sheets"])
    return _compiled(Proposal(read["filename"], sheets, tuple(read["skipped"])))


def _compiled(proposal: Proposal) -> Proposal:
    rows, faults = read_rows(proposal.sheets)
    return replace(proposal, rows=tuple(rows), faults=tuple(faults))


def apply_import(unit: Unit, region: str, plan_id: str, rows: Sequence[ImportRow]) -> ImportOutcome:
    """Write the rows into a plan: a programme that is there already is brought up to the sheet, a new one is added.

    The same programme has the same name (and number, where a name stands several times), so importing twice adds
    nothing. What the sheet leaves empty stays as it is, and programmes that the sheet lacks are left alone.
    """
    plan = unit.get(Plan, plan_id)
    there: dict[str, list[Programme]] = {}
    every = {p.id: p for p in unit.session.scalars(
        select(Programme).where(Programme.plan == plan_id).order_by(Programme.number))}
    for programme in every.values():
        if not programme.deleted:
            there.setdefault(key_of(programme.name), []).append(programme)
    of_plan = select(ProgrammeYear).join(Programme, Programme.id == ProgrammeYear.programme)
    years = {(y.programme, y.year): y for y in unit.session.scalars(of_plan.where(Programme.plan == plan_id))}
    numbers: set[int] = {p.number for same in there.values() for p in same if p.number is not None}
    outcome = ImportOutcome()
    seen: dict[str, int] = {}
    new = _New(plan, region, numbers, every, highest=max(numbers, default=0))
    with unit.session.no_autoflush:  # one flush at the end instead of one for every row
        for row in rows:
            key = key_of(row.name)
            seen[key] = seen.get(key, 0) + 1
            known = take(there, key, row)
            record = known.id if known is not None else new.programme(row, seen[key])
            changed = known is not None and _update(known, row)
            changed = _set_years(new, record, row, years) or changed
            outcome.created += known is None
            outcome.updated += known is not None and changed
            outcome.skipped += known is not None and not changed
            outcome.programmes.append(record)
    _span(plan, rows)
    make(unit, Programme, new.programmes)
    make(unit, ProgrammeYear, list(new.years.values()))
    return outcome


@dataclass
class _New:
    """The programmes and years that an import makes, gathered to be written at once."""

    plan: Plan
    region: str
    numbers: set[int]
    every: dict[str, Programme]
    programmes: list[dict[str, Any]] = field(default_factory=list)
    years: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    highest: int = 0

    def programme(self, row: ImportRow, occurrence: int) -> str:
        """Take a programme in; its id follows from plan and name, so two devices that import one sheet make the same record."""
        values = dict(row.values)
        if values.get("number") in self.numbers or not values.get("number"):
            values["number"] = self.highest + 1
        self.numbers.add(values["number"])
        self.highest = max(self.highest, values["number"])
        values.setdefault("status", ProgrammeStatus.PLANNED.value)
        record = ids.natural_id(Kind.PROGRAMME, self.plan.id, key_of(row.name), str(occurrence))
        existing = self.every.get(record)
        if existing is not None and existing.deleted:
            existing.deleted = False
            for name, value in values.items():
                setattr(existing, name, value)
            return record
        if existing is not None:  # renamed by hand since: this is another programme now
            record = ids.new_id()
        self.programmes.append({"id": record, "region": self.region, "plan": self.plan.id, **values})
        return record


def key_of(name: str) -> str:
    """Return a name as it is compared: case, width of letters and spaces play no part, in any script."""
    return " ".join(unicodedata.normalize("NFKC", one_line(name)).casefold().split())


def take(there: dict[str, list[Programme]], key: str, row: ImportRow) -> Programme | None:
    """Take the programme that a row means out of those that are there: same name, and same number where several are."""
    same = there.get(key, [])
    if not same:
        return None
    found = next((p for p in same if p.number == row.values.get("number")), same[0])
    same.remove(found)
    return found


def _update(programme: Programme, row: ImportRow) -> bool:
    changed = False
    for name, value in row.values.items():
        if differs(programme, name, value, row):
            setattr(programme, name, value)
            changed = True
    return changed


def differs(programme: Programme, name: str, value: Any, row: ImportRow) -> bool:
    """Tell whether a row says something else of a programme than what stands there.

    A number only orders the table: one that was given here is kept, so that notes that cite it stay right. A total that the
    sheet adds up from its years is none that it states.
    """
    if name == "number":
        return False
    if name == "budget" and programme.budget is None:
        return bool(value != sum(found.get("budget") or 0 for found in row.years.values()))
    return bool(getattr(programme, name) != value)


def _set_years(new: _New, programme: str, row: ImportRow, years: dict[tuple[str, int | None], ProgrammeYear]) -> bool:
    changed = False
    for year, values in row.years.items():
        entity = years.get((programme, year))
        if entity is None:
            fresh = {"id": ids.natural_id(Kind.PROGRAMME_YEAR, programme, str(year)), "region": new.region, "programme": programme,
                     "year": year}
            new.years.setdefault((programme, year), fresh).update(values)
            changed = True
            continue
        for name, value in values.items():
            if getattr(entity, name) != value:
                setattr(entity, name, value)
                changed = True
    return changed


def _span(plan: Plan, rows: Sequence[ImportRow]) -> None:
    """Give a plan without years those of its programmes."""
    first = [row.values["first_year"] for row in rows if row.values.get("first_year")]
    last = [row.values["last_year"] for row in rows if row.values.get("last_year")]
    if plan.first_year is None and first:
        plan.first_year = min(first)
    if plan.last_year is None and last:
        plan.last_year = max(last)


def summary(proposal: Proposal) -> str:
    """Say in one line what was found."""
    return t("{0} programmes found, {1} cells in doubt").format(len(proposal.rows), len(proposal.faults))
