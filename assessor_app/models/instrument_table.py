"""The three sheets of an instrument as rows by column name, with what has no place there noted as faults."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from assessor_app.i18n import t
from assessor_app.models.workbooks import SheetRows, Unreadable

MAX_ROWS = 5000
SHEETS = ("settings", "survey", "choices")
#: A sheet that an instrument may have: what an index is called.
BANDS = "bands"
#: The languages that every text must have, as XLSForm names them.
LANGUAGES = {"id": "Bahasa Indonesia (id)", "en": "English (en)"}
_KNOWN = {
    "settings": ("form_title", "title_en", "form_id", "version", "default_language", "year", "cohort", "publisher",
                 "official"),
    "survey": ("type", "name", "weight", "dimension", "sub_dimension", "evidence"),
    "choices": ("list_name", "name"),
    BANDS: ("from",),
}
#: What a guide's settings may hold besides: the stage of the work that it is for.
GUIDE_SETTINGS = (*_KNOWN["settings"], "stage")
_NEEDED = {"settings": ("form_title", "form_id", "version"), "survey": ("type", "name"),
           "choices": ("list_name", "name"), BANDS: ("from",)}
_TRANSLATED: dict[str, tuple[str, ...]] = {"settings": (), "survey": ("label", "hint"), "choices": ("label",),
                                                BANDS: ("label",)}

#: Says a fault: sheet, row, reason.
Say = Callable[[str, int, str], None]


@dataclass
class Row:
    """One row of a sheet by its column names; a translated column is ``label:id``."""

    number: int
    cells: dict[str, str]

    def get(self, name: str) -> str:
        """Return a cell's text, empty where there is none."""
        return self.cells.get(name, "")


@dataclass
class Table:
    """One sheet's filled rows and the columns that it has."""

    rows: list[Row] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)


def clean(value: Any) -> str:
    """Return a cell as text in NFC; a number as a person would write it."""
    if value is None or isinstance(value, Unreadable):
        return ""
    if isinstance(value, float):
        return repr(float(value)) if "e" not in repr(float(value)) else f"{value:.15f}".rstrip("0")
    return unicodedata.normalize("NFC", str(value)).strip()


def read_table(name: str, sheet: SheetRows | None, say: Say, known: tuple[str, ...] = ()) -> Table:
    """Return the filled rows below the header; ``say`` hears of what has no place there (``known``: other columns than an instrument's)."""
    if sheet is None:
        say(name, 1, t("the sheet is missing"))
        return Table()
    header = next((n for n, row in enumerate(sheet.rows) if any(cell is not None for cell in row)), None)
    if header is None:
        say(name, 1, t("the sheet is empty"))
        return Table()
    if sheet.more:
        say(name, MAX_ROWS + 1, t("more rows than an instrument may have ({0})").format(MAX_ROWS))
    columns = _columns(name, header + 1, sheet.rows[header], say, known or _KNOWN[name])
    out = []
    for number, cells in enumerate(sheet.rows[header + 1:], start=header + 2):
        row = _row(name, number, cells, columns, say)
        if row.cells:
            out.append(row)
    return Table(out, {column for column in columns if not column.startswith("?")})


def _row(sheet: str, number: int, cells: list[Any], columns: list[str], say: Say) -> Row:
    values: dict[str, str] = {}
    for index, cell in enumerate(cells):
        if isinstance(cell, Unreadable):
            say(sheet, number, cell.reason)
        text = clean(cell)
        column = columns[index] if index < len(columns) else "?"
        if not text:
            continue
        if column == "?":
            say(sheet, number, t("a value stands outside of the columns that have a name"))
        elif column.startswith("?"):
            say(sheet, number, t("column “{0}” is not used in an instrument").format(column[1:]))
        else:
            values[column] = text
    return Row(number, values)


def _columns(sheet: str, number: int, cells: list[Any], say: Say, known: tuple[str, ...]) -> list[str]:
    """Return a name for each column: one of ours, ``label:id``, or ``?name`` for what is not used."""
    out: list[str] = []
    for cell in cells:
        text = clean(cell)
        name, _, language = (part.strip() for part in text.partition("::"))
        key = "_".join(name.casefold().split())
        column = f"?{text}"
        if key in _TRANSLATED[sheet] and language:
            code = re.search(r"\((\w+)\)\s*$", language)
            spoken = code.group(1).casefold() if code else language.casefold()
            if spoken in LANGUAGES:
                column = f"{key}:{spoken}"
        elif key in known and not language:
            column = key
        if column in out and column != "?":
            say(sheet, number, t("column “{0}” stands twice").format(text))
        out.append(column)
    for needed in _NEEDED[sheet]:
        if needed not in out:
            say(sheet, number, t("column “{0}” is missing").format(needed))
    for base in _TRANSLATED[sheet][:1]:
        for spoken, language in LANGUAGES.items():
            if f"{base}:{spoken}" not in out:
                say(sheet, number, t("column “{0}” is missing").format(f"{base}::{language}"))
    return out
