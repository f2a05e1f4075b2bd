"""Document numbers from the blocks that were reserved before departure."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app import clock
from assessor_app.i18n import nt, t
from assessor_app.models.catalogue import Numbers
from assessor_app.models.documents import Document
from assessor_app.models.visits import Visit


def next_number(session: Session, year: int) -> str:
    """Return the next document number of the blocks reserved for the year, or nothing where none is left."""
    return next(_unused(session, year), "")


def numbers_left(session: Session, year: int) -> int:
    """Return how many reserved numbers of the year are unused."""
    return sum(1 for _ in _unused(session, year))


def year_of(at: Visit | None) -> int:
    """Return the year of which a visit's documents take their numbers: that of their date, not the one that is looked at."""
    today = clock.today().year
    days = [str(day)[:4] for day in (at.ends_on, at.starts_on) if day] if at is not None else []
    return max([today, *(int(year) for year in days if year.isdigit())])


def in_words(session: Session, year: int) -> str:
    """Return how many numbers of a year are left, or that there are none, and of which years there are others."""
    left = numbers_left(session, year)
    if left:
        return nt("{n} number of {0} reserved", "{n} numbers of {0} reserved", left).format(year)
    years = sorted({other or 0 for other in session.scalars(select(Numbers.year).where(Numbers.deleted.is_(False)))} - {year})
    known = [str(other) for other in years if numbers_left(session, other)]
    if known:
        return t("None reserved of {0}, only of {1}: documents get no number").format(year, ", ".join(known))
    return t("None reserved of {0}: documents get no number").format(year)


def _unused(session: Session, year: int) -> Iterator[str]:
    used = set(session.scalars(select(Document.number)))
    for block in session.scalars(select(Numbers).where(Numbers.year == year, Numbers.deleted.is_(False)).order_by(Numbers.first)):
        for number in range(block.first or 1, (block.last or 0) + 1):
            text = (block.pattern or "{0}").replace("{0}", f"{number:03d}").replace("{1}", str(year))
            if text not in used:
                yield text
