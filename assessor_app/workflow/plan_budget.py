"""Whether a programme's budget and those of its years agree: it is said, and no figure is changed."""

from __future__ import annotations

from collections.abc import Iterable

from assessor_app import formats
from assessor_app.i18n import t
from assessor_app.workflow.queries.master_plan import ProgrammeRow


def doubts(row: ProgrammeRow) -> tuple[str, ...]:
    """Return what is to be looked at in a programme's budget, in words."""
    out, summed = [], row.summed
    if row.given is not None and summed is not None and row.given != summed:
        out.append(t("the total is not the sum of its years: {0} against {1}").format(formats.rupiah(row.given), formats.rupiah(summed)))
    if outside := _outside(row):
        out.append(t("a budget outside the programme's years: {0}").format(", ".join(map(str, outside))))
    return tuple(out)


def undivided(rows: Iterable[ProgrammeRow]) -> int:
    """Return how many rupiah of the programmes' totals are not divided over years."""
    return sum(max(0, (row.budget or 0) - (row.summed or 0)) for row in rows)


def _outside(row: ProgrammeRow) -> list[int]:
    first, last = row.first_year, row.last_year
    if first is not None and last is not None and first > last:
        return []  # the path warns of that
    return [year for year, said in sorted(row.years.items())
            if said.budget and ((first is not None and year < first) or (last is not None and year > last))]
