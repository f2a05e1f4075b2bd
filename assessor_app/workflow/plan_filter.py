"""Which programmes of a plan are shown, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assessor_app.workflow.queries.master_plan import ProgrammeRow


@dataclass(frozen=True, slots=True)
class Filter:
    """What a programme must be to be shown; an empty field asks for nothing.

    With a year, programmes that run in it are shown, and ``status`` is that of the year where it has one.
    """

    dimension: str = ""
    agency: str = ""
    year: int = 0
    status: str = ""
    quick_win: bool = False
    words: str = ""

    def __bool__(self) -> bool:
        return self != _NONE

    def accepts(self, row: ProgrammeRow) -> bool:
        """Tell whether a programme is shown."""
        if self.dimension and row.dimension != self.dimension:
            return False
        if self.agency and row.agency != self.agency:
            return False
        if self.quick_win and not row.quick_win:
            return False
        if self.year and not row.runs_in(self.year):
            return False
        if self.status:
            said = row.years.get(self.year) if self.year else None
            if ((said.status if said is not None else "") or row.status) != self.status:
                return False
        if self.words:
            text = f"{row.number} {row.name} {row.agency} {row.pic} {row.indicator} {row.description}".casefold()
            return all(word in text for word in self.words.casefold().split())
        return True


_NONE = Filter()


def agencies(rows: Iterable[ProgrammeRow]) -> tuple[str, ...]:
    """Return the agencies that lead programmes, by name."""
    return tuple(sorted({row.agency for row in rows if row.agency}, key=str.casefold))
