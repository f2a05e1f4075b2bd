"""Finding a document by what is printed on it: the scanned code, its address, the unguessable id, the digits beside it, or its number."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models import regions
from assessor_app.models.documents import Document
from assessor_app.models.visits import Visit
from assessor_app.workflow.revisions import newest_here

#: How much of an id or of the digits must be typed at least.
_LEAST = 8
#: Letters that the ids do not have, as the one that they were read from.
_MISREAD = str.maketrans("1l", "ii")


@dataclass(frozen=True, slots=True)
class CodeHit:
    """A document that a code leads to; ``digits_match`` tells whether the printed digits are those on record, None without digits."""

    document: str
    visit: str
    region: str
    type: str
    number: str
    state: str
    here: bool
    digits_match: bool | None = None


def find(session: Session, text: str) -> list[CodeHit]:
    """Return the documents that a scanned or typed text leads to, the newest first; most texts lead to one or none."""
    text = "".join(text.split())
    if not text:
        return []
    address, _, digits = text.partition("#")
    printed = re.search(r"/d/([0-9A-Za-z]+)$", address)
    token = (printed.group(1) if printed else address).lower()
    every = session.scalars(select(Document).where(Document.deleted.is_(False)).order_by(Document.id.desc())).all()
    found = [one for one in every if _is(one, token, printed is not None)]
    if not found and not digits and re.fullmatch(rf"[0-9a-fA-F]{{{_LEAST},64}}", text):
        return [_hit(session, one, True) for one in every if one.data_sha256.startswith(text.lower())]
    if not found and not printed:
        number = text.casefold()
        found = [one for one in every if one.number and "".join(one.number.split()).casefold() == number]
    matches = {one.id: one.data_sha256.startswith(digits.lower()) if len(digits) >= _LEAST else None for one in found}
    return [_hit(session, one, matches[one.id]) for one in found]


def _is(document: Document, token: str, whole: bool) -> bool:
    own = document.address.rpartition("/d/")[2].lower()
    if len(token) < _LEAST or not own:
        return False
    return own == token or (not whole and own.startswith(token)) or own == token.translate(_MISREAD)


def _hit(session: Session, document: Document, match: bool | None) -> CodeHit:
    visit = session.get(Visit, document.visit)
    where = regions.region((visit.region if visit is not None else "") or document.region)
    return CodeHit(document.id, document.visit, f"{where.title} ({where.code})" if where else "", document.type, document.number,
                   document.state, bool(newest_here(session, document.id)), match)
