"""Document numbers from the blocks that were reserved before departure."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models.catalogue import Numbers
from assessor_app.models.documents import Document


def next_number(session: Session, year: int) -> str:
    """Return the next document number of the blocks reserved for the year, or nothing where none is left."""
    used = set(session.scalars(select(Document.number)))
    for block in session.scalars(select(Numbers).where(Numbers.year == year, Numbers.deleted.is_(False)).order_by(Numbers.first)):
        for number in range(block.first or 1, (block.last or 0) + 1):
            text = (block.pattern or "{0}").replace("{0}", f"{number:03d}").replace("{1}", str(year))
            if text not in used:
                return text
    return ""


def numbers_left(session: Session, year: int) -> int:
    """Return how many reserved numbers of the year are unused."""
    total = sum((b.last or 0) - (b.first or 1) + 1 for b in session.scalars(select(Numbers).where(Numbers.year == year)))
    used = session.scalars(select(Document.id).where(Document.number != "")).all()
    return max(0, total - len(used))
