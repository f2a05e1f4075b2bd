"""A block of cells as Excel and LibreOffice put it on the clipboard, and what it means laid over the programmes' table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from assessor_app import ids
from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.workflow.plan_cells import NewProgramme, followed, new_row, value_of, with_values
from assessor_app.workflow.plan_values import Doubt, shortened
from assessor_app.workflow.queries.master_plan import ProgrammeRow

#: The most rows of one paste, as of one import.
MOST_ROWS = 20_000
#: As much of a name, and of a cell, as a fault repeats.
_NAME, _TEXT = 40, 60
_CELL = re.compile(r'"((?:[^"]|"")*)"(?=\t|\n|$)|([^\t\n]*)')


def cells_of(text: str) -> list[list[str]]:
    """Return the cells of a tab-separated block, a list a row; a quoted cell may hold tabs and line ends.

    Raises BadInput where it has more rows than an import takes.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    if text.endswith("\n"):
        text = text[:-1]
    if '"' not in text:
        rows = [line.split("\t") for line in text.split("\n")]
    else:
        rows = _quoted(text)
    if len(rows) > MOST_ROWS:
        raise BadInput(t("The clipboard holds more than {0} rows").format(MOST_ROWS), hint=t("Copy fewer rows, or import the sheet."),
                       kept=t("Nothing was pasted and nothing was changed."))
    return rows


def _quoted(text: str) -> list[list[str]]:
    rows: list[list[str]] = [[]]
    at = 0
    while True:
        found = _CELL.match(text, at)
        assert found is not None
        quoted = found[1]
        # Quotes are only a spreadsheet's own where the cell could not stand without them.
        bare = quoted is not None and not ("\n" in quoted or "\t" in quoted or '""' in quoted)
        rows[-1].append(found[0] if bare or quoted is None else quoted.replace('""', '"'))
        at = found.end()
        if at >= len(text):
            return rows
        if text[at] == "\n":
            rows.append([])
        at += 1


def text_of(rows: Iterable[Sequence[str]]) -> str:
    """Return cells as a spreadsheet takes them from the clipboard: tabs between cells, quotes where a cell needs them."""
    return "\n".join("\t".join(_quote(cell) for cell in row) for row in rows)


def _quote(cell: str) -> str:
    if "\t" in cell or "\n" in cell or (cell.startswith('"') and cell.endswith('"') and len(cell) > 1):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def tiled(block: list[list[str]], rows: int, columns: int) -> list[list[str]]:
    """Return the block repeated over a selection that is a whole multiple of it; else as it is."""
    tall, wide = len(block), max((len(row) for row in block), default=0)
    if not (tall and wide) or rows % tall or columns % wide or (rows, columns) == (tall, wide):
        return block
    padded = [[*row, *[""] * (wide - len(row))] for row in block]
    return [padded[at % tall] * (columns // wide) for at in range(rows)]


@dataclass
class Laid:
    """What a block does: values by programme and field, new programmes, and how the rows read then.

    ``faults`` names each cell that could not be read, ``nameless`` each new programme without a name, ``beyond`` counts columns
    right of the last one.
    """

    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    new: list[NewProgramme] = field(default_factory=list)
    rows: dict[str, ProgrammeRow] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)
    cells: int = 0
    beyond: int = 0
    heading: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing would be written."""
        return not self.changes and not self.new


@dataclass(frozen=True, slots=True)
class Target:
    """One column of the table: its field, its heading, and whether it takes values."""

    field: str
    title: str
    editable: bool = True


def lay(block: list[list[str]], rows: Sequence[ProgrammeRow], columns: Sequence[Target], *, defaults: dict[str, Any],
        number: int, grows: bool = True, typed: bool = False) -> Laid:
    """Lay a block over rows and columns, both from the current cell on; what goes past the last row makes new programmes.

    ``defaults`` are values of new programmes, ``number`` the first free one. What cannot be read is left as it was, and named.
    """
    laid = Laid(beyond=max(0, max((len(line) for line in block), default=0) - len(columns)))
    if len(block) > 1 and _is_heading(block[0], columns):
        laid.heading = True
        block = block[1:]
    for at, line in enumerate(block):
        row = rows[at] if at < len(rows) else None
        if row is None and (not grows or not any(cell.strip() for cell in line)):
            continue
        base = row if row is not None else new_row(ids.new_id(), {"number": number, **defaults})
        values = _line(laid, line, columns, base, at, new=row is None, typed=typed)
        if row is not None:
            values = {name: value for name, value in values.items() if value != _now(row, name)}
            if values:
                laid.changes[row.id] = followed(row, values)
                laid.rows[row.id] = with_values(row, laid.changes[row.id])
        elif values := {name: value for name, value in values.items() if value not in (None, "")}:
            number += 1
            values = followed(base, values)
            laid.new.append(NewProgramme(base.id, {"number": base.number, **defaults, **values}))
            made = laid.rows[base.id] = with_values(base, values)
            if not made.name:
                laid.nameless.append(t("{0}: the new programme has no name").format(_called(made, at)))
    return laid


def _called(row: ProgrammeRow, at: int) -> str:
    """Return how a fault names a row: its number, else its place in the block, and what fits of its name."""
    return " ".join(filter(None, (t("Row {0}").format(row.number or at + 1), f"“{shortened(row.name, _NAME)}”" if row.name else "")))


def _line(laid: Laid, line: Sequence[str], columns: Sequence[Target], row: ProgrammeRow, at: int, *, new: bool,
          typed: bool) -> dict[str, Any]:
    values: dict[str, Any] = {}
    place, faults = row, []
    for text, column in zip(line, columns, strict=False):
        if not column.editable:
            continue
        try:
            found = value_of(column.field, text, place, typed=typed)
        except Doubt as doubt:
            faults.append((column.title, str(doubt).replace(text.strip(), shortened(text.strip(), _TEXT))))
            continue
        laid.cells += 1
        values |= found
        if found.get("dimension", place.dimension) != place.dimension:  # a sub-dimension is read within the dimension left of it
            place = with_values(place, found)
    if faults:  # named once the whole line is read: its name may stand right of the cell
        made = not new or any(value not in (None, "") for value in values.values())
        called = _called(with_values(row, values), at) if made else t("Line {0} of the paste").format(at + 1 + laid.heading)
        laid.faults += [f"{called}, {title}: {wrong}" for title, wrong in faults]
    return values


def _now(row: ProgrammeRow, name: str) -> Any:
    base, _, year = name.partition(":")
    if year:
        said = row.years.get(int(year))
        return getattr(said, base) if said is not None else (None if base == "budget" else "")
    if base == "budget":
        return row.given
    if base == "number":
        return row.number or None
    return getattr(row, base)


def _is_heading(line: Sequence[str], columns: Sequence[Target]) -> bool:
    """Tell whether the block begins with the headings of the columns under it."""
    said = [(text.strip().casefold(), column.title.casefold()) for text, column in zip(line, columns, strict=False) if text.strip()]
    return len(said) > 1 and all(text == title for text, title in said)


def cleared(rows: Iterable[ProgrammeRow], fields: Sequence[str]) -> Laid:
    """Return what emptying those cells does."""
    laid = Laid()
    for row in rows:
        values = {}
        for name in fields:
            for each, value in value_of(name, "", row).items():
                if value != _now(row, each):
                    values[each] = value
        if values:
            laid.changes[row.id] = followed(row, values)
            laid.rows[row.id] = with_values(row, laid.changes[row.id])
            laid.cells += len(fields)
    return laid


def describe(laid: Laid, wrong: Callable[[int], str], nameless: Callable[[int], str]) -> BadInput | None:
    """Return what to say of a paste in which cells could not be read or programmes have no name, or None.

    ``wrong`` and ``nameless`` word how many there are.
    """
    if not laid.faults and not laid.nameless:
        return None
    return BadInput(wrong(len(laid.faults)) if laid.faults else nameless(len(laid.nameless)), (*laid.faults, *laid.nameless),
                    hint=t("Correct them here, or in the sheet and paste again."),
                    kept=t("All other cells are in the table; Undo takes the whole paste back."))
