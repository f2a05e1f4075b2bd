"""Read a panel's answers from CSV (``question,assessor,score``), or say everything that is wrong with it at once."""

from __future__ import annotations

import re
from collections.abc import Collection
from fractions import Fraction
from pathlib import Path

from assessor_app.errors import BadInput
from assessor_app.i18n import nt, t
from assessor_app.models.csv_rows import rows_of
from assessor_app.models.instrument import NOT_ASSESSED, Instrument, Question
from assessor_app.models.scoring import Given
from assessor_app.refusals import why

COLUMNS = ("question", "assessor", "score")
MAX_FAULTS = 200


def read_answers(source: Path | str | bytes, instrument: Instrument, assessors: Collection[str] = ()) -> list[Given]:
    """Return the rows of a CSV file (a path, or its bytes) in UTF-8 with a header, separated by ``,`` or ``;``.

    An empty score is *not yet scored*, ``-`` is *not assessed*; ``assessors`` are those of the panel, where they are known.
    Raises BadInput with row and reason of every fault.
    """
    try:
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as fault:
        raise BadInput(t("The file cannot be opened"), message=why(fault)) from fault
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise BadInput(t("The answers are not in UTF-8"),
                       hint=t("Save the file as “CSV UTF-8” and try again.")) from fault
    header = text.partition("\n")[0]
    mark = ";" if ";" in header and "," not in header else ","
    kept = t("Nothing was changed.")
    rows = [(number, row) for number, row in rows_of(text, mark, kept) if any(cell.strip() for cell in row)]
    return _read(rows, instrument, assessors)


def _read(rows: list[tuple[int, list[str]]], instrument: Instrument, assessors: Collection[str]) -> list[Given]:
    names = [cell.strip().casefold() for cell in rows[0][1]] if rows else []
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadInput(t("The answers lack a column"),
                       tuple(t("Row 1: column “{0}” is missing").format(name) for name in missing),
                       hint=t("The first row must be: question,assessor,score"))
    place = [names.index(name) for name in COLUMNS]
    faults: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    out: list[Given] = []
    for number, row in rows[1:]:
        if len(row) != len(names):
            faults.append(t("Row {0}: {1} cells where the header has {2}").format(number, len(row), len(names)))
            continue
        question, assessor, entered = (row[index].strip() for index in place)
        score: str | None = None
        if not instrument.has(question):
            faults.append(t("Row {0}: the instrument has no question “{1}”").format(number, question))
        else:
            score = _score(instrument.question(question), entered)
            if entered and score is None:
                choices = ", ".join(choice.score for choice in instrument.question(question).choices)
                faults.append(t("Row {0}: “{1}” is no score of question “{2}” (it has {3})").format(
                    number, entered, question, choices))
        if not assessor:
            faults.append(t("Row {0}: the assessor is missing").format(number))
        elif assessors and assessor not in assessors:
            faults.append(t("Row {0}: the panel has no assessor “{1}” (it has {2})").format(number, assessor, ", ".join(assessors)))
        elif (question, assessor) in seen:
            faults.append(t("Row {0}: question “{1}” of assessor “{2}” stands already in row {3}").format(
                number, question, assessor, seen[question, assessor]))
        seen.setdefault((question, assessor), number)
        out.append(Given(question, assessor, score))
    if faults:
        title = nt("The answers have {n} fault", "The answers have {n} faults", len(faults))
        if len(faults) > MAX_FAULTS:
            faults[MAX_FAULTS:] = [nt("… and {n} more fault", "… and {n} more faults", len(faults) - MAX_FAULTS)]
        raise BadInput(title, tuple(faults))
    return out


def _score(question: Question, entered: str) -> str | None:
    """Return the list's own spelling of a score (``3`` for ``3.0``), ``-``, or None where it is empty or unknown."""
    if entered == NOT_ASSESSED:
        return NOT_ASSESSED
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,20})?", entered):
        return None
    value = Fraction(entered)
    return next((choice.score for choice in question.choices if choice.value == value), None)
