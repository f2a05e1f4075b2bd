"""Read a list of published innovations, Excel or CSV with any order of columns, into rows to publish; runs in a process of its own.

Taken are an innovation and the office to ask, never a person: a column of names is passed over, and a contact that holds a personal number
is refused. All faults are named at once, and then nothing is taken.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import islice
from typing import Any, Final

from assessor_app import ids
from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.models import regions
from assessor_app.models.csv_rows import rows_of, text_of
from assessor_app.models.kinds import DIMENSION_NAMES, DIMENSIONS, Kind, Value
from assessor_app.models.workbooks import Unreadable, column_letter, read_sheets
from assessor_app.oneline import one_line

MAX_ROWS: Final = 5_000
MAX_COLUMNS: Final = 60
_LOOK = 20  # rows among which the headings stand
_LONG, _SHORT = 4_000, 300
_TEXTS = ("problem", "description", "benefit")
#: The headings by which a column is known.
HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "region": ("daerah", "kode daerah", "kabupaten kota", "kab kota", "kabupaten", "pemerintah daerah", "region", "region code"),
    "year": ("tahun", "tahun publikasi", "year"),
    "code": ("kode", "kode inovasi", "nomor inovasi", "id", "code"),
    "name": ("nama inovasi", "judul", "judul inovasi", "inovasi", "nama", "title", "name"),
    "dimension": ("dimensi", "dimensi smart city", "dimension"),
    "sub_dimension": ("sub dimensi", "subdimensi", "sub dimension", "subdimension"),
    "problem": ("masalah", "permasalahan", "masalah yang dijawab", "latar belakang", "problem"),
    "description": ("uraian", "deskripsi", "penjelasan", "description"),
    "benefit": ("manfaat", "hasil", "dampak", "benefit"),
    "agency": ("opd", "perangkat daerah", "opd pelaksana", "instansi", "agency"),
    "contact": ("kontak kantor", "kontak", "bidang", "unit kerja", "office", "office contact", "contact"),
    "phone": ("telepon kantor", "telepon", "no telepon", "phone", "office phone"),
    "email": ("surel kantor", "surel", "email", "e mail", "office email"),
    "source": ("sumber", "tautan", "dipublikasikan di", "source", "link"),
}
_FIELDS: Final = {phrase: field for field, phrases in HEADINGS.items() for phrase in phrases}
#: A personal number (NIK has 16 digits, NIP 18), however it is grouped.
_PERSONAL = re.compile(r"(?<!\d)(?:\d[ .-]?){15}(?:\d[ .-]?){1,3}(?!\d)")


def read_innovations(data: bytes, filename: str) -> dict[str, Any]:
    """Return ``{"rows": [{field: value}], "passed_over": [headings]}``. Raises BadInput, with every fault."""
    name, rows = _read(data, filename)
    top, columns = _headings(rows)
    if not {"region", "year", "name"} <= set(columns.values()):
        raise BadInput(t("This is no list of innovations."), tuple(
            t("There is no column for the {0}.").format(said) for field, said in (
                ("region", t("region")), ("year", t("year")), ("name", t("name of the innovation"))) if field not in columns.values()),
            hint=t("The headings must be: {0}.").format(", ".join(phrases[0] for phrases in HEADINGS.values())), kept=_kept())
    faults: list[str] = []
    out: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(rows[top + 1:], top + 2):
        if all(cell is None or cell == "" for cell in cells):
            continue
        reader = _Row(name, number, {field: (at, cells[at] if at < len(cells) else None) for at, field in columns.items()}, faults)
        row = reader.read()
        record = record_of(row)
        if record in seen:
            faults.append(reader.at("name", t("the same innovation stands in row {0} too").format(seen[record])))
        seen[record] = number
        out.append(row)
    if not out:
        raise BadInput(t("There is no innovation in this file."), kept=_kept())
    if faults:
        raise BadInput(t("The list of innovations has faults."), tuple(faults), hint=t("Mend these cells, then take the file in again."),
                       kept=_kept())
    used = set(columns)
    return {"rows": out, "passed_over": [str(cell) for at, cell in enumerate(rows[top]) if at not in used and isinstance(cell, str)]}


def record_of(row: dict[str, Any]) -> str:
    """Return an innovation's id: it follows from region, year and code."""
    return ids.natural_id(Kind.INNOVATION, str(row["region"]), str(row["year"]), str(row["code"]))


def values_of(row: dict[str, Any]) -> dict[str, Value]:
    """Return the fields that are not at their default."""
    return {field: value for field, value in row.items() if value not in ("", None)}


def words_of(text: str) -> str:
    """Reduce a text to lower-case words, so that case, accents and marks do not matter."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


def _kept() -> str:
    return t("Nothing was imported and nothing was changed.")


def _read(data: bytes, filename: str) -> tuple[str, list[list[Any]]]:
    if data[:2] == b"PK":
        read = read_sheets(data, max_rows=MAX_ROWS + _LOOK, max_columns=MAX_COLUMNS)
        sheets = [sheet for sheet in read if not sheet.hidden and sheet.rows]
        best = max(sheets, key=lambda sheet: len(_headings(sheet.rows)[1]), default=None)
        if best is None:
            raise BadInput(t("There is no innovation in this file."), kept=_kept())
        name, rows, more = best.name, best.rows, best.more
    else:
        name, rows = filename, _csv(data)
        more = False
    if more or len(rows) > MAX_ROWS + _LOOK:
        raise BadInput(t("The list has more than {0} rows.").format(MAX_ROWS), hint=t("Split it, and take the parts in one by one."),
                       kept=_kept())
    return name, rows


def _csv(data: bytes) -> list[list[Any]]:
    text = text_of(data, _kept())
    head = "\n".join(text.split("\n", _LOOK)[:_LOOK])  # a title above the headings has no marks, or others
    mark = max(";,\t", key=head.count)
    return [[cell.strip() or None for cell in row[:MAX_COLUMNS]] for _, row in islice(rows_of(text, mark, _kept()), MAX_ROWS + _LOOK + 1)]


def _headings(rows: list[list[Any]]) -> tuple[int, dict[int, str]]:
    """Return the row that names most columns, and which column is which field."""
    best: tuple[int, dict[int, str]] = (0, {})
    for at, row in enumerate(rows[:_LOOK]):
        found: dict[int, str] = {}
        for column, cell in enumerate(row):
            field = _FIELDS.get(words_of(cell)) if isinstance(cell, str) else None
            if field is not None and field not in found.values():
                found[column] = field
        if len(found) > len(best[1]):
            best = (at, found)
    return best


class _Row:
    """Reads one row; what is wrong goes to ``faults`` with its cell."""

    def __init__(self, sheet: str, number: int, cells: dict[str, tuple[int, Any]], faults: list[str]) -> None:
        self._sheet, self._number, self._cells, self._faults = sheet, number, cells, faults

    def at(self, field: str, wrong: str) -> str:
        """Return a fault with its place."""
        column = self._cells.get(field, (0, None))[0]
        return t("{0}, cell {1}{2}: {3}").format(self._sheet, column_letter(column), self._number, wrong)

    def read(self) -> dict[str, Any]:
        row: dict[str, Any] = {field: self._text(field) for field in HEADINGS}
        row["region"], row["year"] = self._region(row["region"]), self._year(row["year"])
        if not row["name"]:
            self._wrong("name", t("the name of the innovation is missing"))
        row["code"] = row["code"] or words_of(row["name"])
        row["dimension"], row["sub_dimension"] = self._dimension(row["dimension"], row["sub_dimension"])
        for field in ("contact", "phone", "email", "agency"):
            if _PERSONAL.search(row[field]):
                self._wrong(field, t("this holds a personal number (NIK or NIP); only an office may be published"))
        if row["email"] and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", row["email"]):
            self._wrong("email", t("“{0}” is no e-mail address").format(row["email"]))
        if row["phone"] and not re.fullmatch(r"[\d\s()+./-]{5,40}(ext\.?\s?\d+)?", row["phone"]):
            self._wrong("phone", t("“{0}” is no telephone number of an office").format(row["phone"]))
        return row

    def _wrong(self, field: str, wrong: str) -> None:
        self._faults.append(self.at(field, wrong))

    def _text(self, field: str) -> str:
        value = self._cells.get(field, (0, None))[1]
        if isinstance(value, Unreadable):
            self._wrong(field, value.reason)
            return ""
        if field == "region" and isinstance(value, float):
            value = f"{value:.2f}"  # a spreadsheet takes the code 32.10 for a number, and drops its 0
        text = "" if value is None else unicodedata.normalize("NFC", str(value)).replace("\r\n", "\n").strip()
        text = text if field in _TEXTS else " ".join(one_line(text).split())
        longest = _LONG if field in _TEXTS else _SHORT
        if len(text) > longest:
            self._wrong(field, t("longer than {0} characters").format(longest))
        return text

    def _region(self, text: str) -> str:
        if not text:
            self._wrong("region", t("the region is missing"))
            return ""
        found = _regions().get(words_of(text), [])
        if len(found) == 1:
            return found[0]
        self._wrong("region", t("“{0}” is a kabupaten and a kota; write the type before the name, or the code").format(text) if found
                    else t("“{0}” is no kabupaten or kota, and no code of one such as 93.02").format(text))
        return ""

    def _year(self, text: str) -> int | None:
        if re.fullmatch(r"20\d\d", text):
            return int(text)
        self._wrong("year", t("“{0}” is no year such as 2024").format(text) if text else t("the year is missing"))
        return None

    def _dimension(self, dimension: str, sub: str) -> tuple[str, str]:
        found = {words_of(name): code for code, name in DIMENSION_NAMES.items()} | {words_of(code): code for code in DIMENSION_NAMES}
        homes = {code: home for home, subs in DIMENSIONS.items() for code in subs}
        home, inner = found.get(words_of(dimension), ""), found.get(words_of(sub), "")
        if sub and inner not in homes:
            self._wrong("sub_dimension", t("“{0}” is no sub-dimension").format(sub))
        elif sub:
            if dimension and home != homes[inner]:
                self._wrong("dimension", t("“{0}” does not belong to “{1}”").format(sub, dimension))
            return homes[inner], inner
        if home not in DIMENSIONS:
            self._wrong("dimension", t("“{0}” is no dimension").format(dimension) if dimension else t("the dimension is missing"))
        return home, ""


@cache
def _regions() -> dict[str, list[str]]:
    """Return codes by every way to write a region: its code, its name with its type, its name where no other has it."""
    out: dict[str, list[str]] = {}
    for one in regions.all_regions():
        for way in (one.code, one.title, one.full_title, one.name):
            codes = out.setdefault(words_of(way), [])
            if one.code not in codes:
                codes.append(one.code)
    return out
