"""Published examples of other regions, found by dimension and by words."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models import regions
from assessor_app.models.innovations import Innovation
from assessor_app.models.kinds import Kind
from assessor_app.models.search import records_of

#: How many are shown at once.
LIMIT = 200


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """An example; ``region`` with its type and code, for names are shared."""

    id: str
    region: str
    year: int | None
    name: str
    dimension: str
    sub_dimension: str
    problem: str
    description: str
    benefit: str
    agency: str
    contact: str
    phone: str
    email: str
    source: str


@dataclass(frozen=True, slots=True)
class Examples:
    """Those found, the newest first, at most ``LIMIT``; how many there are of them, and how many examples in all."""

    rows: tuple[ExampleRow, ...]
    found: int
    here: int


def examples(session: Session, words: str = "", dimension: str = "", also: str = "") -> Examples:
    """Return the examples of a dimension or sub-dimension that hold all words; ``also`` is one that is shown in any case."""
    every = session.execute(select(Innovation.id, Innovation.dimension, Innovation.sub_dimension).where(
        Innovation.deleted.is_(False)).order_by(Innovation.year.desc(), Innovation.name, Innovation.id)).all()
    matching = records_of(session, words, Kind.INNOVATION) if words.strip() else None
    wanted = [record for record, home, sub in every if record == also or (
        dimension in ("", home, sub) and (matching is None or record in matching))]
    shown = [also] * (also in wanted) + [record for record in wanted if record != also]
    shown = shown[:LIMIT]
    rows = {row.id: row for row in session.scalars(select(Innovation).where(Innovation.id.in_(shown)))}
    return Examples(tuple(_row(rows[record]) for record in shown), len(wanted), len(every))


def title_of(code: str) -> str:
    """Return a region with its type and code."""
    found = regions.region(code)
    return f"{found.title} ({found.code})" if found is not None else code


def _row(row: Innovation) -> ExampleRow:
    return ExampleRow(row.id, title_of(row.region), row.year, row.name, row.dimension, row.sub_dimension, row.problem, row.description,
                      row.benefit, row.agency, row.contact, row.phone, row.email, row.source)
