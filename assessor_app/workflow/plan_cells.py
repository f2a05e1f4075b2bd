"""Cells of the programmes' table: what a typed or pasted text means in a column, and many of them written as one step.

A column is named by its field, one of a year by field and year: ``budget:2024``. Pasted texts are read by the rules of the import.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from assessor_app import ids
from assessor_app.errors import NotAllowed
from assessor_app.i18n import t
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import DIMENSIONS, Kind, ProgrammeStatus
from assessor_app.models.plans import Plan, Programme, ProgrammeYear
from assessor_app.oneline import one_line
from assessor_app.workflow import plan_values as read
from assessor_app.workflow.plan_path import NO, YES
from assessor_app.workflow.queries.master_plan import ProgrammeRow, YearRow

_MOST = 900  # ids in one statement


@dataclass(frozen=True, slots=True)
class NewProgramme:
    """A programme that a paste makes: its id, chosen by whoever shows it already, and its values by field."""

    id: str
    values: Mapping[str, Any]


def value_of(field: str, text: str, row: ProgrammeRow | None = None, *, typed: bool = False) -> dict[str, Any]:
    """Return what a text sets, by field; ``typed`` reads money as one who sees the outcome at once.

    A sub-dimension sets its dimension, and a dimension empties a sub-dimension of another. Raises Doubt.
    """
    base = field.partition(":")[0]
    text = text.strip()
    if base == "budget":
        amount = typed_rupiah(text) if typed else None
        return {field: amount if amount is not None else read.rupiah(text)}
    if base in ("first_year", "last_year"):
        return {field: read.year(text)}
    if base in ("number", "benefit_months"):
        return {field: _number(text)}
    if base == "is_infrastructure":
        return {field: "" if read.is_nothing(text) else YES if read.yes(text) else NO}
    if base == "status":
        return {field: "" if read.is_nothing(text) else read.status(text)}
    if base == "quick_win":
        return {field: read.yes(text)}
    if base == "dimension":
        return _dimension(text, row)
    if base == "sub_dimension":
        return _sub_dimension(text, row)
    if base == "name":
        return {field: " ".join(one_line(text).split())}
    return {field: text if base in read.LONG else one_line(text)}


def _number(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,6}\.?", text):
        raise read.Doubt(t("“{0}” is not a whole number.").format(text))
    return int(text.rstrip("."))


def _dimension(text: str, row: ProgrammeRow | None) -> dict[str, Any]:
    code = text if text in DIMENSIONS else read.dimension(text)
    if text and not code:
        raise read.Doubt(t("“{0}” is none of the six dimensions").format(text))
    keep = row is not None and row.sub_dimension in DIMENSIONS.get(code, ())
    return {"dimension": code} if keep else {"dimension": code, "sub_dimension": ""}


def _sub_dimension(text: str, row: ProgrammeRow | None) -> dict[str, Any]:
    if not text:
        return {"sub_dimension": ""}
    code = text if read.home_of(text) else read.sub_dimension(text, row.dimension if row is not None else "") or read.sub_dimension(text)
    if not code:
        raise read.Doubt(t("“{0}” is none of the sub-dimensions").format(text))
    return {"sub_dimension": code, "dimension": read.home_of(code)}


def typed_rupiah(text: str) -> int | None:
    """Return whole rupiah for ``1.500.000``, ``Rp 1.500.000,00``, ``1,5 juta``, ``2 M``; None for what is no amount.

    Raises Doubt for one that is more than any programme costs.
    """
    bare = re.sub(r"(?i)rp\.?|\s", "", text)
    match = re.fullmatch(r"(?i)([\d.,]+)(ribu|rb|juta|jt|miliar|milyar|m|triliun|t)?", bare)
    if match is None:
        return None
    factor = {"ribu": 10**3, "rb": 10**3, "juta": 10**6, "jt": 10**6, "miliar": 10**9, "milyar": 10**9, "m": 10**9, "triliun": 10**12,
              "t": 10**12}.get((match[2] or "").lower(), 1)
    number = match[1]
    groups = re.fullmatch(r"\d{1,3}([.,])\d{3}(\1\d{3})*(?:(?!\1)[.,]\d{1,2})?", number)
    if groups:
        mark = groups[1]
        number = number.replace(mark, "").replace("," if mark == "." else ".", ".")
    else:
        number = number.replace(",", ".")
    try:
        amount = float(number) * factor
    except ValueError:
        return None
    return read.money(amount, text)


def with_values(row: ProgrammeRow, values: Mapping[str, Any]) -> ProgrammeRow:
    """Return a row as it will read once the values are written; a status that is set anew is no longer that interview's."""
    plain: dict[str, Any] = {("given" if name == "budget" else name): value for name, value in values.items() if ":" not in name}
    if "number" in plain:
        plain["number"] = plain["number"] or 0
    years: dict[int, YearRow] = {}
    for name, value in values.items():
        base, _, year = name.partition(":")
        if year:
            at = years.get(int(year)) or row.years.get(int(year)) or YearRow()
            said = {base: value}
            if base == "status" and value != at.status and f"interview:{year}" not in values:
                said["interview"] = ""
            years[int(year)] = at._replace(**said)
    return replace(row, **plain, years={**row.years, **years} if years else row.years)


def followed(row: ProgrammeRow, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with what follows from them.

    A total that was the sum of its years stays their sum; the status of the latest year that has one is the programme's.
    """
    out = dict(values)
    if not any(":" in name for name in values):
        return out
    after = with_values(row, values)
    if "budget" not in values and any(name.startswith("budget:") for name in values) and row.given is not None \
            and row.given == (row.summed or 0):
        out["budget"] = read.total([after.summed])
    said = [year for year, each in after.years.items() if each.status]
    if "status" not in values and said and values.get(f"status:{max(said)}"):
        out["status"] = values[f"status:{max(said)}"]
    return out


def new_row(record: str, values: Mapping[str, Any]) -> ProgrammeRow:
    """Return how a new programme reads."""
    empty = ProgrammeRow(record, 0, "", "", "", "", "", "", "", None, None, None, "", "", "", "", ProgrammeStatus.PLANNED, False, "")
    return with_values(empty, values)


def write_cells(unit: Unit, region: str, plan: str, changes: Mapping[str, Mapping[str, Any]], new: Sequence[NewProgramme] = ()) -> None:
    """Set values of programmes and of their years (by programme and field), and add new ones, as one step that undo takes back.

    Raises NotAllowed where a programme is not in this notebook; nothing of the step is written then.
    """
    home = unit.get(Plan, plan)
    with unit.session.no_autoflush:  # one flush for all
        rows = _load(unit, Programme, Programme.id, changes)
        if len(rows) < len(changes):
            raise NotAllowed(t("This record is not in the notebook."), kept=t("Nothing was changed."))
        years = {(y.programme, y.year): y for y in _load(unit, ProgrammeYear, ProgrammeYear.programme, {
            record: values for record, values in changes.items() if any(":" in name for name in values)}).values()}
        for record, values in changes.items():
            _set(unit, rows[record], values, years)
        for one in new:
            made = Programme(id=one.id, region=region, plan=home.id, status=ProgrammeStatus.PLANNED.value)
            _set(unit, made, one.values, years)
            unit.add(made)


def delete_programmes(unit: Unit, records: Sequence[str]) -> None:
    """Mark programmes deleted, as one step; undo brings them back."""
    with unit.session.no_autoflush:
        for row in _load(unit, Programme, Programme.id, records).values():
            row.deleted = True


def _load(unit: Unit, entity: Any, column: Any, named: Iterable[str]) -> dict[str, Any]:
    every, out = list(named), {}
    for at in range(0, len(every), _MOST):
        out.update({row.id: row for row in unit.session.scalars(select(entity).where(column.in_(every[at:at + _MOST])))})
    return out


def _set(unit: Unit, row: Programme, values: Mapping[str, Any], years: dict[tuple[str, int | None], ProgrammeYear]) -> None:
    for name, value in values.items():
        base, _, year = name.partition(":")
        if year:
            _set_year(unit, row, int(year), base, value, values, years)
        elif getattr(row, base) != value:
            setattr(row, base, value)


def _set_year(unit: Unit, row: Programme, year: int, base: str, value: Any, values: Mapping[str, Any],
              years: dict[tuple[str, int | None], ProgrammeYear]) -> None:
    entity = years.get((row.id, year))
    if entity is None:
        if value in (None, ""):
            return
        record = ids.natural_id(Kind.PROGRAMME_YEAR, row.id, str(year))
        entity = years[row.id, year] = unit.add(ProgrammeYear(id=record, region=row.region, programme=row.id, year=year))
    entity.deleted = False
    if getattr(entity, base) != value:
        setattr(entity, base, value)
        if base == "status" and f"interview:{year}" not in values and entity.interview:
            entity.interview = ""  # what is said anew was not said there
