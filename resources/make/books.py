"""Write workbooks that are the same bytes every time, and pleasant to read in a spreadsheet program."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

HEADER = PatternFill("solid", fgColor="1F4E5F")
_MOMENT = b"2024-01-01T00:00:00Z"


def style(sheet: Worksheet, widths: list[int], header: int = 1) -> None:
    """Give a sheet wide columns, wrapped text and a header that stays in view."""
    for index, width in enumerate(widths):
        sheet.column_dimensions[chr(65 + index)].width = width
    for row in sheet.iter_rows(min_row=header):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[header]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = HEADER
    sheet.freeze_panes = f"A{header + 1}"


def save(book: Workbook, path: Path) -> None:
    """Save with fixed times inside, so that the same content gives the same file."""
    book.properties.creator = "Asesor"
    raw = io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as parts, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(parts.namelist()):
            body = parts.read(name)
            if name == "docProps/core.xml":
                body = re.sub(rb"(<dcterms:(created|modified)[^>]*>)[^<]*", rb"\g<1>" + _MOMENT, body)
            entry = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            out.writestr(entry, body)


def fill(sheet: Worksheet, rows: list[list[Any]]) -> None:
    """Append rows."""
    for row in rows:
        sheet.append(row)
