"""From the cells of a plan sheet to programmes: what each row says, and which cells are in doubt."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from assessor_app.i18n import t
from assessor_app.models.kinds import DIMENSION_NAMES, DIMENSIONS
from assessor_app.models.workbooks import column_letter
from assessor_app.oneline import one_line
from assessor_app.workflow import plan_values as read
from assessor_app.workflow.plan_columns import multiplier, plain

_TEXTS = ("description", "agency", "pic", "pic_phone", "indicator", "unit", "target", "benefit")
_SUMS = ("jumlah", "total", "sub total", "subtotal", "jumlah total", "grand total", "total anggaran")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet: its letter, its heading, and the field that it is read as (empty: not at all)."""

    letter: str
    heading: str
    field: str


@dataclass(frozen=True)
class Table:
    """One sheet's table as it was read; ``factor`` multiplies money where the sheet says "in millions"."""

    name: str
    columns: tuple[Column, ...]
    rows: list[dict[str, Any]]
    factor: int = 1
    used: bool = True
    more: bool = False

    def samples(self, column: int, most: int = 3) -> list[str]:
        """Return the first values of a column, to recognise it by."""
        values = (read.text_of(row["cells"][column]) for row in self.rows
                  if column < len(row["cells"]) and not isinstance(row["cells"][column], dict))
        return [value for value in values if value][:most]


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell (or row) that could not be taken as it stands, and why."""

    sheet: str
    cell: str
    reason: str

    def __str__(self) -> str:
        return t("Sheet “{0}”, cell {1}: {2}").format(self.sheet, self.cell, self.reason)


@dataclass(frozen=True)
class ImportRow:
    """One programme: ``values`` by field name (only what the sheet says), and what it says of each year."""

    sheet: str
    row: int
    name: str
    values: dict[str, Any]
    years: dict[int, dict[str, Any]] = field(default_factory=dict)


@dataclass
class _Place:
    """Where in the plan the present rows stand, for rows that leave it to those above."""

    dimension: str = ""
    sub_dimension: str = ""


def read_rows(tables: Sequence[Table]) -> tuple[list[ImportRow], list[Fault]]:
    """Return the programmes of all sheets in use, and every doubtful cell."""
    rows: list[ImportRow] = []
    faults: list[Fault] = []
    for table in tables:
        if table.used:
            _Reader(table, rows, faults).run()
    numbers = [row.values.get("number") for row in rows]
    if len(set(numbers)) < len(numbers) or None in numbers:  # each sheet counts from 1, or nobody counted
        for number, row in enumerate(rows, start=1):
            row.values["number"] = number
    return rows, faults


class _Reader:
    """Reads one sheet from top to bottom."""

    def __init__(self, table: Table, rows: list[ImportRow], faults: list[Fault]) -> None:
        self._table = table
        self._rows = rows
        self._faults = faults
        self._at = {column.field: index for index, column in enumerate(table.columns) if column.field}
        self._place = _Place(read.dimension(table.name))

    def run(self) -> None:
        if "name" not in self._at:
            self._faults.append(Fault(self._table.name, "1", t("no column is the name of the programme")))
            return
        if self._table.more:
            last = self._table.rows[-1]["row"]
            self._faults.append(Fault(self._table.name, str(last), t("the sheet goes on; rows below are not read")))
        for row in self._table.rows:
            self._row(row)

    def _cell(self, row: dict[str, Any], name: str) -> Any:
        index = self._at.get(name, -1)
        return row["cells"][index] if 0 <= index < len(row["cells"]) else None

    def _doubt(self, row: dict[str, Any], name: str, reason: str) -> None:
        self._faults.append(Fault(self._table.name, f"{column_letter(self._at[name])}{row['row']}", reason))

    def _take(self, row: dict[str, Any], name: str, convert: Callable[[Any], Any]) -> Any:
        """Return a converted cell, or None where it is empty or in doubt."""
        value = self._cell(row, name)
        if value is None:
            return None
        if isinstance(value, dict):
            self._doubt(row, name, value["fault"])
            return None
        try:
            return convert(value)
        except read.Doubt as doubt:
            self._doubt(row, name, str(doubt))
            return None

    def _row(self, row: dict[str, Any]) -> None:
        filled = [cell for cell in row["cells"] if cell is not None and not isinstance(cell, dict)]
        texts = [cell for cell in filled if isinstance(cell, str)]
        if len(filled) <= 2 and len(texts) == 1 and self._is_section(texts[0]):
            return
        if any(plain(text) in _SUMS for text in texts[:2]):
            return
        name = " ".join(one_line(str(self._take(row, "name", read.text_of) or "")).split())
        if plain(name) == plain(self._table.columns[self._at["name"]].heading):
            return  # the heading again, as on a second printed page
        self._locate(row)
        if self._at["name"] in row["joined"]:
            self._doubt(row, "name", t("this row is merged with the one above; only its first row is imported"))
            return
        if not name or name in ("-", "–"):
            if len(filled) - len(row["joined"]) > 1:  # more than what is merged from the row above
                self._doubt(row, "name", t("the name of the programme is empty; the row is left out"))
            return
        self._rows.append(ImportRow(self._table.name, row["row"], name, *self._values(row, name)))

    def _is_section(self, text: str) -> bool:
        """Take a line such as ``SMART LIVING`` within the table as the place of the rows below it."""
        words = plain(text)
        for code, name in DIMENSION_NAMES.items():
            if words.removeprefix("dimensi ").removeprefix("sub dimensi ") == plain(name):
                if code in DIMENSIONS:
                    self._place = _Place(code)
                else:
                    self._place = _Place(read.home_of(code), code)
                return True
        return False

    def _locate(self, row: dict[str, Any]) -> None:
        """Move to the row's dimension and sub-dimension; an empty cell stands for the one above it."""
        given, below = self._take(row, "dimension", read.text_of), self._take(row, "sub_dimension", read.text_of)
        if given and (code := read.dimension(given)) != self._place.dimension:
            self._place = _Place(code)
            if not code:
                self._doubt(row, "dimension", t("“{0}” is none of the six dimensions").format(given))
        if below:
            code = read.sub_dimension(below, self._place.dimension)
            if not code:
                self._doubt(row, "sub_dimension", t("“{0}” is no sub-dimension of “{1}”").format(
                    below, DIMENSION_NAMES.get(self._place.dimension, "–")))
            self._place = _Place(self._place.dimension or read.home_of(code), code)

    def _values(self, row: dict[str, Any], name: str) -> tuple[dict[str, Any], dict[int, dict[str, Any]]]:
        values: dict[str, Any] = {"name": name, "number": self._take(row, "number", _number),
                                  "dimension": self._place.dimension, "sub_dimension": self._place.sub_dimension}
        for field_name in _TEXTS:
            values[field_name] = self._take(row, field_name, read.text_of if field_name in read.LONG else read.line_of)
        values["funding"] = self._take(row, "funding", _funding)
        values["status"] = self._take(row, "status", lambda v: None if read.is_nothing(v) else read.status(v))
        values["quick_win"] = self._take(row, "quick_win", read.yes)
        years = self._years(row)
        span = self._take(row, "period", read.period) or (None, None)
        values["first_year"] = self._take(row, "first_year", read.year) or span[0] or min(years, default=None)
        values["last_year"] = self._take(row, "last_year", read.year) or span[1] or max(years, default=None)
        if values["first_year"] and values["last_year"] and values["first_year"] > values["last_year"]:
            self._doubt(row, "last_year" if "last_year" in self._at else "name", t("the last year is before the first"))
        said = [year for year, found in years.items() if found.get("status")]
        if values["status"] is None and said:  # a sheet that only says it by year
            values["status"] = years[max(said)]["status"]
        self._budget(row, values, years)
        return {key: value for key, value in values.items() if value not in (None, "")}, {
            year: found for year, found in years.items() if found}

    def _years(self, row: dict[str, Any]) -> dict[int, dict[str, Any]]:
        """Return what the year columns say; a year that is only ticked is there without an amount."""
        years: dict[int, dict[str, Any]] = {}
        for name in self._at:
            base, _, year = name.partition(":")
            if not year:
                continue
            if base == "budget" and read.is_tick(self._cell(row, name)):
                years.setdefault(int(year), {})
                continue
            if base == "budget":
                value = self._take(row, name, self._money(name))
                value = value or None  # 0 in a plan is a year without money
            elif base == "status":
                value = self._take(row, name, lambda v: None if read.is_nothing(v) else read.status(v))
            else:
                value = self._take(row, name, _said if base in read.LONG else _said_in_a_line)
            if value is not None:
                years.setdefault(int(year), {})[base] = value
        return years

    def _money(self, name: str) -> Callable[[Any], Any]:
        heading = self._table.columns[self._at[name]].heading
        factor = max(multiplier(heading), self._table.factor)
        return lambda value: read.rupiah(value, factor)

    def _budget(self, row: dict[str, Any], values: dict[str, Any], years: dict[int, dict[str, Any]]) -> None:
        """Set the budget over all years: as stated, else the sum of the years."""
        amounts = [found["budget"] for found in years.values() if "budget" in found]
        stated = self._take(row, "budget", self._money("budget")) if "budget" in self._at else None
        if stated and amounts and stated != sum(amounts):
            self._doubt(row, "budget", t("the total differs from the sum of the years ({0})").format(sum(amounts)))
        values["budget"] = stated or read.total(amounts)


def _number(value: Any) -> int | None:
    text = read.text_of(value).rstrip(".)")
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) and int(text) else None


def _funding(value: Any) -> str | None:
    """Return the source as written, in capitals where it is one of the usual short names."""
    text = read.text_of(value)
    if read.is_nothing(value):
        return None
    return text.upper() if text.upper() in ("APBD", "APBN", "CSR", "DAK", "DAU", "PAD") else text


def _said(value: Any) -> str | None:
    return None if read.is_nothing(value) else read.text_of(value)


def _said_in_a_line(value: Any) -> str | None:
    return None if read.is_nothing(value) else read.line_of(value)
