"""The rows of a CSV file that somebody gives, and in our words what is wrong with one: which line, and what to do."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from assessor_app import formats
from assessor_app.errors import BadInput
from assessor_app.i18n import t


def text_of(data: bytes, kept: str) -> str:
    """Return the text of a CSV file; raises BadInput where it is not in UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise BadInput(t("This is neither an Excel workbook nor a CSV file in UTF-8."),
                       hint=t("Save the file as “CSV UTF-8” or as an Excel workbook and try again."), kept=kept) from fault


def rows_of(text: str, mark: str, kept: str) -> Iterator[tuple[int, list[str]]]:
    """Return each row with the number of its last line; ``mark`` stands between cells. Raises BadInput with the line at fault."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    before = 0
    try:
        for row in reader:
            yield reader.line_num, row
            before = reader.line_num
    except csv.Error as fault:
        why = _why(str(fault), before + 1, reader.line_num)
        raise BadInput(t("This is no CSV file that can be read."), (why,),
                       hint=t("Open the file in a spreadsheet program, correct that line, and save it as “CSV UTF-8”."),
                       kept=kept) from fault


def _why(said: str, first: int, last: int) -> str:
    """Say what the module's English words mean; a row may go over several lines."""
    if "unexpected end" in said:
        return t("Line {0}: a quotation mark that opens in this row is closed nowhere").format(first)
    if "expected after" in said:
        return t("Line {0}: text stands behind a closing quotation mark; one within a text is written twice (\"\")").format(last)
    if "field limit" in said:
        return t("Line {0}: a cell is longer than {1} characters").format(first, formats.number(csv.field_size_limit()))
    return t("Line {0}: it cannot be read as a row of cells").format(last)
