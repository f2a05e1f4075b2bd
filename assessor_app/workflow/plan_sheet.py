"""Read a region's plan sheet, of whatever shape, into rows and headings; runs in a process of its own."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.models.workbooks import Percent, SheetRows, Unreadable, column_letter, read_sheets
from assessor_app.workflow import plan_columns

MAX_ROWS = 20_000
_LOOK = 60  # a heading stands within the first rows of a sheet
_MOST_HEADING = 80


def read_plan_sheet(data: bytes, filename: str) -> dict[str, Any]:
    """Return the tables of a workbook as JSON can hold them; raises BadInput where there is none.

    ``{"filename", "sheets": [{"name", "hidden", "more", "factor", "columns": [{"letter", "heading", "field"}], "rows":
    [{"row", "cells", "joined"}]}], "skipped": [sheet names]}``. ``row`` counts from 1 as Excel does, ``joined``
    lists the columns whose cell is merged with the row above, a cell that cannot be read is ``{"fault": reason}``.
    """
    sheets = read_sheets(data, max_rows=MAX_ROWS, max_columns=120)
    tables = [_table(sheet) for sheet in sheets]
    found = [table for table in tables if table is not None]
    if not found:
        raise BadInput(
            t("No table of programmes was found in this workbook"), tuple(_why_not(sheet) for sheet in sheets),
            hint=t("The table needs headings: at least “Nama program” and one more, such as “OPD” or “Anggaran”."),
            kept=t("Nothing was imported and nothing was changed."))
    skipped = [sheet.name for sheet, table in zip(sheets, tables, strict=True) if table is None]
    return {"filename": filename, "sheets": found, "skipped": skipped}


def _table(sheet: SheetRows) -> dict[str, Any] | None:
    """Return the sheet's table, or None where it has no heading for programmes or nothing below it."""
    place = _find_heading(sheet)
    if place is None:
        return None
    top, bottom, headings = place
    fields = plan_columns.assign(headings)
    above = " ".join(str(cell) for row in sheet.rows[:top] for cell in row if isinstance(cell, str))
    joined: dict[int, list[int]] = {}
    values = _unmerged(sheet, bottom, joined)
    rows: list[dict[str, Any]] = [
        {"row": index + 1, "cells": [_plain(cell) for cell in cells[:len(headings)]],
         "joined": [column for column in joined.get(index, []) if column < len(headings)]}
        for index, cells in enumerate(values) if index > bottom and _says_something(cells)]
    if rows and _is_counting(rows[0]["cells"]):
        rows = rows[1:]
    if not rows:
        return None
    columns = [{"letter": column_letter(index), "heading": heading, "field": field}
               for index, (heading, field) in enumerate(zip(headings, fields, strict=True))]
    return {"name": sheet.name, "hidden": sheet.hidden, "more": sheet.more, "factor": plan_columns.multiplier(above),
            "columns": columns, "rows": rows}


def _find_heading(sheet: SheetRows) -> tuple[int, int, list[str]] | None:
    """Return the first and last row of the heading (from 0) and its texts; a heading may have two or three rows."""
    best: tuple[int, int, int, list[str]] | None = None
    for top in range(min(_LOOK, len(sheet.rows))):
        for height in (1, 2, 3):
            if top + height > len(sheet.rows) or (height > 1 and not _continues(sheet, top, top + height - 1)):
                break
            headings = _headings(sheet, top, top + height - 1)
            fields = plan_columns.assign(headings)
            found = [field for field in fields if field]
            if "name" in fields and len(found) >= 2 and (best is None or len(found) > best[0]):
                best = (len(found), top, top + height - 1, headings)
    return (best[1], best[2], best[3]) if best else None


def _continues(sheet: SheetRows, top: int, row: int) -> bool:
    """Tell whether a row belongs to the heading above it: only short words or years, none where the name stands."""
    cells = sheet.rows[row]
    name = next((i for i, f in enumerate(plan_columns.assign(_headings(sheet, top, row - 1))) if f == "name"), None)
    filled = [(index, cell) for index, cell in enumerate(cells) if cell is not None]
    under_name = name is not None and name < len(cells) and cells[name] is not None
    return bool(filled) and not under_name and all(
        plan_columns.guess(str(cell)) is not None or (isinstance(cell, str) and len(cell) < 30) for _, cell in filled)


def _headings(sheet: SheetRows, top: int, bottom: int) -> list[str]:
    """Return a text for each column: all its heading rows joined; a merged heading holds for all its columns."""
    width = max((len(row) for row in sheet.rows[top:bottom + 1]), default=0)
    out = [""] * width
    for index in range(top, bottom + 1):
        cells = [*sheet.rows[index], *[None] * (width - len(sheet.rows[index]))]
        for first, left, _, right in sheet.merges:
            if first == index and left < width:
                for column in range(left, min(right + 1, width)):
                    cells[column] = cells[left]
        for column, cell in enumerate(cells):
            text = "" if cell is None or isinstance(cell, Unreadable) else " ".join(str(_plain(cell)).split())
            if text and len(text) <= _MOST_HEADING:
                out[column] = f"{out[column]} {text}".strip()
    return out


def _unmerged(sheet: SheetRows, bottom: int, joined: dict[int, list[int]]) -> list[list[Any]]:
    """Return the rows with each merged cell's value in all its rows; ``joined`` receives where that was done."""
    rows = sheet.rows
    for top, left, end, right in sheet.merges:
        if top <= bottom or end == top or right != left:
            continue
        for index in range(top + 1, min(end + 1, len(rows))):
            if left < len(rows[top]):
                row = rows[index]
                row.extend([None] * (left + 1 - len(row)))
                row[left] = rows[top][left]
                joined.setdefault(index, []).append(left)
    return rows


def _says_something(cells: list[Any]) -> bool:
    return any(cell is not None for cell in cells)


def _is_counting(cells: list[Any]) -> bool:
    """Tell the row of column numbers, (1) (2) (3), that forms have below their heading."""
    numbers = [str(cell).strip("() ") for cell in cells if cell is not None]
    return len(numbers) > 2 and numbers == [str(n) for n in range(1, len(numbers) + 1)]


def _plain(cell: Any) -> Any:
    """Return a cell as JSON can hold it."""
    match cell:
        case Unreadable():
            return {"fault": cell.reason}
        case Percent():
            return f"{float(cell) * 100:.6g}%".replace(".", ",")
        case datetime():
            return cell.date().isoformat()
        case date() | time():
            return cell.isoformat()
        case None | bool() | int() | str():
            return cell
        case float():
            return cell if cell == cell and abs(cell) != float("inf") else None
        case _:
            return str(cell)


def _why_not(sheet: SheetRows) -> str:
    headings = [heading for index in range(min(_LOOK, len(sheet.rows))) for heading in _headings(sheet, index, index)]
    if not any(headings) and not any(_says_something(row) for row in sheet.rows):
        return t("Sheet “{0}”: it is empty").format(sheet.name)
    guesses = [found for heading in headings if (found := plan_columns.guess(heading))]
    if any(found.field == "name" and found.strength == 3 for found in guesses):
        return t("Sheet “{0}”: there are no other headings, or no rows below them").format(sheet.name)
    return t("Sheet “{0}”: no heading for the name of the programme").format(sheet.name)
