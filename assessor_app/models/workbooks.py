"""Read the cells of a workbook that somebody else made: bounded in size, and never more than values.

Called in a process of its own (see ``isolate``); openpyxl is imported only there.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assessor_app.errors import BadInput
from assessor_app.i18n import t

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Limits: a plan of 10,000 rows unpacks to about 15 MB; a workbook beyond these is a mistake or a trap.
MAX_BYTES = 60 * 2**20
MAX_UNPACKED = 400 * 2**20
MAX_PARTS = 2000
MAX_TEXT = 32_767  # what a cell of Excel holds
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


class Percent(float):
    """A number that the sheet shows as a percentage."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell without a usable value: an error, or a formula whose result was never stored."""

    formula: bool

    @property
    def reason(self) -> str:
        """Say what is wrong with the cell and what to do."""
        if self.formula:
            return t("a formula without a stored result; open the workbook in Excel, save it and try again")
        return t("an error value such as #REF! or #N/A")


@dataclass(slots=True)
class SheetRows:
    """One sheet: its rows of values from the first one, and the areas that are merged (rows and columns from 0)."""

    name: str
    rows: list[list[Any]]
    hidden: bool = False
    more: bool = False  # there are rows beyond the limit
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)  # top, left, bottom, right


def column_letter(index: int) -> str:
    """Return the letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _column_index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def read_sheets(data: bytes, *, max_rows: int = 20_000, max_columns: int = 200) -> list[SheetRows]:
    """Return every sheet's rows, cut at the limits; raises BadInput where the bytes are no workbook.

    Text comes stripped, numbers as int or float (Percent where shown so), dates as datetime, faults as Unreadable.
    """
    _guard(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that play no part here
        try:
            return list(_sheets(data, max_rows, max_columns))
        except (BadInput, MemoryError):
            raise
        except Exception as fault:  # openpyxl lets through whatever its parsers raise on a damaged file
            raise _not_a_workbook() from fault


def _not_a_workbook() -> BadInput:
    return BadInput(t("This is not an Excel workbook (.xlsx)"),
                    message=t("The file could not be read as a workbook."),
                    hint=t("Open it in Excel or LibreOffice and save it as “Excel workbook (.xlsx)”."),
                    kept=t("Nothing was imported and nothing was changed."))


def _guard(data: bytes) -> None:
    """Refuse what is no zip of a workbook, or one that would unpack to more than a machine here can hold."""
    try:
        if len(data) > MAX_BYTES:
            raise _too_large()
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            entries = parts.infolist()
            if len(entries) > MAX_PARTS or sum(e.file_size for e in entries) > MAX_UNPACKED:
                raise _too_large()
            if "[Content_Types].xml" not in parts.namelist():
                raise _not_a_workbook()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as fault:
        raise _not_a_workbook() from fault


def _too_large() -> BadInput:
    return BadInput(t("This workbook is too large"), message=t("Unpacked it would fill the machine's memory."),
                    hint=t("Remove pictures and unused sheets, or split it, and try again."),
                    kept=t("Nothing was imported and nothing was changed."))


def _sheets(data: bytes, max_rows: int, max_columns: int) -> Iterator[SheetRows]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    formulas = None  # the same workbook once more, only where it has formulas
    shares: dict[int, bool] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for sheet in book.worksheets:
            part = str(getattr(sheet, "_worksheet_path", ""))
            raw = parts.read(part) if part in parts.namelist() else b""
            sheet.reset_dimensions()
            rows = [[_value(cell, shares) for cell in row]
                    for row in sheet.iter_rows(max_row=max_rows + 1, max_col=max_columns)]
            if b"<f>" in raw or b"<f " in raw or b":f>" in raw:
                if formulas is None:
                    formulas = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
                twin = formulas[sheet.title]
                twin.reset_dimensions()
                _mark_formulas(rows, twin.iter_rows(max_row=max_rows + 1, max_col=max_columns))
            for row in rows:
                while row and row[-1] is None:  # openpyxl fills each row up to the last column asked for
                    row.pop()
            while rows and not rows[-1]:
                rows.pop()
            merges = [(int(top) - 1, _column_index(left.decode()), int(bottom) - 1, _column_index(right.decode()))
                      for left, top, right, bottom in _MERGE.findall(raw)]
            yield SheetRows(sheet.title, rows[:max_rows], sheet.sheet_state != "visible", len(rows) > max_rows, merges)
    book.close()
    if formulas is not None:
        formulas.close()


def _value(cell: Any, shares: dict[int, bool]) -> Any:
    """Reduce a cell to its value: text without surrounding space, whole floats as int.

    ``shares`` remembers by style whether it shows a percentage.
    """
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "e":
        return Unreadable(formula=False)
    if isinstance(value, str):
        return value.strip()[:MAX_TEXT].replace("\r\n", "\n") or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        style = getattr(cell, "_style_id", -1)
        if style not in shares:
            shares[style] = "%" in str(cell.number_format)
        if shares[style]:
            return Percent(value)
        return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
    return value


def _mark_formulas(rows: list[list[Any]], twins: Iterator[Any]) -> None:
    """Put a mark where a formula stands but the workbook holds no result of it."""
    for row, twin in zip(rows, twins, strict=False):
        for index, cell in enumerate(twin):
            if index < len(row) and row[index] is None and cell.data_type == "f":
                row[index] = Unreadable(formula=True)
