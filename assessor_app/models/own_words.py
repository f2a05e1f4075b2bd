"""The words that a person has added to the dictionary: a setting of this device, which an erased person's name leaves too."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models.tables import Setting

OWN_WORDS = "spelling_words"


def own_words(session: Session) -> list[str]:
    """Return the words that the person has added."""
    return list(session.scalar(select(Setting.value).where(Setting.name == OWN_WORDS)) or [])


def forget(session: Session, name: str) -> None:
    """Take the parts of a person's name out of the words."""
    row = session.get(Setting, OWN_WORDS)
    if row is not None and name:
        parts = set(re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", name.replace("’", "'").casefold()))
        row.value = [word for word in row.value if word.casefold() not in parts]
