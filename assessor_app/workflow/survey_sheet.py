"""Read respondents' sheets, Excel or CSV, of whatever order of columns, into rows and headings; runs in a process of its own."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from assessor_app.errors import BadInput
from assessor_app.i18n import mark, t
from assessor_app.models.csv_rows import rows_of, text_of
from assessor_app.models.kinds import DIMENSION_NAMES, DIMENSIONS
from assessor_app.models.workbooks import SheetRows, Unreadable, column_letter, read_sheets
from assessor_app.workflow.plan_columns import plain

MAX_ROWS = 5_000
MAX_COLUMNS = 120
_LOOK = 30
#: What a column can be; ``statement:CODE`` is a statement of one sub-dimension, an empty field is left out.
LABELS: dict[str, str] = {
    "respondent": mark("Respondent (to tell people apart)"), "contact": mark("Contact (to tell people apart)"),
    "service": mark("Service"), "sub_dimension": mark("Sub-dimension"), "users": mark("How many use the service"),
    "user": mark("Uses the service (yes/no)"), "statement": mark("Statement (0–4)"),
}
_PHRASES: dict[str, tuple[str, ...]] = {
    "respondent": ("nama responden", "responden", "nama", "respondent", "name", "inisial", "id responden", "kode responden",
                   "respondent id", "nama lengkap"),
    "contact": ("telepon", "no telepon", "nomor telepon", "no hp", "nomor hp", "hp", "wa", "no wa", "whatsapp", "nik", "email", "surel",
                "kontak", "alamat email", "email address", "phone"),
    "service": ("layanan", "nama layanan", "layanan yang digunakan", "jenis layanan", "aplikasi", "service", "nama program", "program"),
    "sub_dimension": ("sub dimensi", "subdimensi", "sub dimension", "subdimension"),
    "users": ("jumlah pengguna", "jumlah pengguna layanan", "total pengguna", "users", "number of users", "jumlah user"),
    "user": ("pengguna", "pengguna layanan", "pernah menggunakan", "menggunakan layanan", "apakah pengguna", "user",
             "apakah anda pengguna layanan", "uses the service"),
}
_STATEMENT = re.compile(r"^(p|q|s|pernyataan|pertanyaan|statement|butir|skor|nilai|soal)\s?\d{1,2}\b")
_NEVER = re.compile(r"^(no|nomor|umur|usia|age|jenis kelamin|gender|pendidikan|pekerjaan|timestamp|tanggal|waktu|date|desa|kampung|"
                    r"distrik|kecamatan|alamat|dimensi|dimension|rata rata|jumlah|total|mean)\b")


def read_survey_sheets(data: bytes, filename: str) -> dict[str, Any]:
    """Return the tables of a file as JSON can hold them; raises BadInput where there is none.

    ``{"sheets": [{"name", "columns": [{"letter", "heading", "field"}], "rows": [{"row", "cells"}], "sub_dimension"}],
    "skipped": [names]}``. ``row`` counts from 1 as the program that made it does; a cell that cannot be read is ``{"fault": why}``.
    """
    sheets = read_sheets(data, max_rows=MAX_ROWS, max_columns=MAX_COLUMNS) if data[:2] == b"PK" else [_csv(data, filename)]
    if any(sheet.more for sheet in sheets):
        raise BadInput(t("The survey has more than {0} rows.").format(MAX_ROWS), kept=t("Nothing was imported and nothing was changed."))
    tables = [_table(sheet) for sheet in sheets if not sheet.hidden]
    found = [table for table in tables if table is not None]
    if not found:
        raise BadInput(
            t("No respondents were found in this file"),
            tuple(t("Sheet “{0}”: no heading over columns of answers from 0 to 4").format(sheet.name) for sheet in sheets),
            hint=t("The first row must name the columns: respondent, service, and the statements with their answers."),
            kept=t("Nothing was imported and nothing was changed."))
    names = {table["name"] for table in found}
    return {"sheets": found, "skipped": [sheet.name for sheet in sheets if sheet.name not in names]}


def _csv(data: bytes, filename: str) -> SheetRows:
    kept = t("Nothing was imported and nothing was changed.")
    text = text_of(data, kept)
    head = text.partition("\n")[0]
    marks = sorted(";,\t", key=head.count, reverse=True)
    rows = [[_cell(cell) for cell in row[:MAX_COLUMNS]] for _, row in islice(rows_of(text, marks[0], kept), MAX_ROWS + 1)]
    return SheetRows(filename.rpartition(".")[0] or filename, rows[:MAX_ROWS], False, len(rows) > MAX_ROWS)


def _cell(text: str) -> Any:
    text = text.strip()
    return None if not text else int(text) if re.fullmatch(r"-?\d{1,12}", text) and not re.match(r"-?0\d", text) else text


def sub_dimension(text: str) -> str:
    """Return the sub-dimension that a text names, or nothing."""
    words = plain(text)
    codes = [code for subs in DIMENSIONS.values() for code in subs]
    exact = next((code for code in codes if words in (plain(DIMENSION_NAMES[code]), plain(code))), "")
    return exact or next((code for code in codes if f" {plain(DIMENSION_NAMES[code])} " in f" {words} "), "")


def _guess(heading: str) -> str:
    words = plain(heading)
    for field, phrases in _PHRASES.items():
        if words in phrases:
            return field
    found = sub_dimension(heading)
    if found:
        return f"statement:{found}"
    if _STATEMENT.match(words):
        return "statement"
    return next((field for field, phrases in _PHRASES.items() if any(words.startswith(f"{phrase} ") for phrase in phrases)), "")


def _table(sheet: SheetRows) -> dict[str, Any] | None:
    """Return the table under the row that looks most like a heading, or None."""
    best: tuple[int, int, list[str], list[str]] | None = None
    for top in range(min(_LOOK, len(sheet.rows))):
        headings = [" ".join(str(cell).split()) if isinstance(cell, str) else "" for cell in sheet.rows[top]]
        if sum(bool(text) for text in headings) < 2:
            continue
        fields = _fields(headings, sheet.rows[top + 1:])
        score = sum(bool(field) for field in fields)
        if any(field.startswith("statement") for field in fields) and (best is None or score > best[0]):
            best = (score, top, headings, fields)
    if best is None:
        return None
    _, top, headings, fields = best
    rows = [{"row": at + 1, "cells": [_plain(cell) for cell in cells[:len(headings)]]}
            for at, cells in enumerate(sheet.rows) if at > top and any(cell is not None for cell in cells)]
    columns = [{"letter": column_letter(at), "heading": heading, "field": field}
               for at, (heading, field) in enumerate(zip(headings, fields, strict=True))]
    return {"name": sheet.name, "columns": columns, "rows": rows, "sub_dimension": sub_dimension(sheet.name)} if rows else None


def _fields(headings: list[str], below: list[list[Any]]) -> list[str]:
    fields: list[str] = []
    for at, heading in enumerate(headings):
        field = _guess(heading) if heading else ""
        values = [row[at] for row in below[:200] if at < len(row) and row[at] is not None]
        answers = bool(values) and sum(type(value) is int and 0 <= value <= 4 for value in values) * 10 >= len(values) * 8
        if field.startswith("statement") and not answers and not any(isinstance(value, int | float) for value in values):
            field = ""
        if not field and heading and answers and not _NEVER.match(plain(heading)):
            field = "statement"
        if field and not field.startswith("statement") and field in fields:
            field = ""
        fields.append(field)
    return fields


def _plain(cell: Any) -> Any:
    if isinstance(cell, Unreadable):
        return {"fault": cell.reason}
    return cell if cell is None or isinstance(cell, int | float | str) else str(cell)
