"""This year's plan against last year's: budget, target and status side by side, and what became of each programme."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from assessor_app.models.kinds import ProgrammeStatus
from assessor_app.workflow.queries.master_plan import ProgrammeRow, YearRow

_NOTHING = YearRow()


class Turn(StrEnum):
    """What became of a programme from one year to the next, the most telling first."""

    DELAYED = "delayed"
    STOPPED = "stopped"
    GONE = "gone"  # it ran the year before, and this year's plan does not name it
    NEW = "new"
    CHANGED = "changed"  # another budget, target or status
    DONE = "done"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """A programme in a year and the year before."""

    id: str
    programme: ProgrammeRow
    year: int
    before: YearRow
    now: YearRow
    turn: Turn

    @property
    def status(self) -> str:
        """How far the programme is in this year; where no year says so, what the programme as a whole says."""
        return _status(self.programme, self.now)

    @property
    def difference(self) -> int:
        """This year's rupiah less last year's."""
        return (self.now.budget or 0) - (self.before.budget or 0)


@dataclass(frozen=True, slots=True)
class Progress:
    """The comparison of a year with the one before: its rows, how many took which turn, and the rupiah of both years."""

    year: int
    rows: tuple[ProgressRow, ...]
    turns: Counter[Turn]
    before: int
    now: int


def progress(programmes: Iterable[ProgrammeRow], year: int) -> Progress:
    """Compare a year with the year before; programmes that run in neither, or were done before, are left out."""
    rows = []
    for one in programmes:
        before, now = one.years.get(year - 1, _NOTHING), one.years.get(year, _NOTHING)
        turn = _turn(one, year, before, now)
        if turn is not None:
            rows.append(ProgressRow(one.id, one, year, before, now, turn))
    return Progress(year, tuple(rows), Counter(row.turn for row in rows), sum(row.before.budget or 0 for row in rows),
                    sum(row.now.budget or 0 for row in rows))


def _status(one: ProgrammeRow, now: YearRow) -> str:
    return now.status or ("" if any(year.status for year in one.years.values()) else one.status)


def _turn(one: ProgrammeRow, year: int, before: YearRow, now: YearRow) -> Turn | None:
    ran, runs = one.runs_in(year - 1), one.runs_in(year)
    if not runs:
        return Turn.GONE if ran and before.status not in (ProgrammeStatus.DONE, ProgrammeStatus.STOPPED) else None
    said = {ProgrammeStatus.DELAYED: Turn.DELAYED, ProgrammeStatus.STOPPED: Turn.STOPPED, ProgrammeStatus.DONE: Turn.DONE}
    status = _status(one, now)
    if status in said:
        return said[ProgrammeStatus(status)]
    if not ran:
        return Turn.NEW
    other = (before.budget or 0) != (now.budget or 0) or before.target != now.target
    return Turn.CHANGED if other or (before.status and now.status and before.status != now.status) else Turn.SAME
