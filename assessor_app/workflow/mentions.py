"""What a note's text names: ``#tag`` and ``@person``; the text stays plain, tags and persons stand in the note's fields beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

from assessor_app.i18n import t
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import Kind
from assessor_app.models.texts import normal_text
from assessor_app.workflow.queries.people import PersonRow

#: A tag begins a word and holds a letter: ``#3`` is a number, and ``# `` at the beginning of a line a heading.
_TAG = re.compile(r"(?<![\w#@&/])#(?=[\w-]*[^\W\d_])(\w[\w-]*)")

#: A respondent's label, as a mention types it.
_LABEL = re.compile(r"(?<![\w#@.])@(N-\d{2,})\b")


def tags_in(body: str) -> frozenset[str]:
    """Return the tags that a text names."""
    return frozenset(_TAG.findall(normal_text(body))) if "#" in body else frozenset()


def labels_in(body: str) -> frozenset[str]:
    """Return the labels of respondents that a text mentions."""
    return frozenset(_LABEL.findall(body)) if "@" in body else frozenset()


def known_tags(session: Session) -> tuple[str, ...]:
    """Return the tags of all notes, the commonest first."""
    import orjson

    counted: Counter[str] = Counter()
    for (tags,) in session.execute(text("SELECT tags FROM interview WHERE tags <> '[]' AND NOT deleted")):
        counted.update(orjson.loads(tags))
    return tuple(tag for tag, _ in sorted(counted.items(), key=lambda one: (-one[1], one[0].casefold())))


def retag(unit: Unit, interview: str, added: Collection[str], gone: Collection[str]) -> None:
    """Give a note the tags that its text names now, and take those whose last mention went; others stay."""
    from assessor_app.models.tables import Erasure

    if unit.session.get(Erasure, (Kind.INTERVIEW.value, interview)) is not None:
        return  # its text is erased: what an open editor still shows tags nothing
    row = unit.get(Interview, interview)
    row.tags = sorted((set(row.tags) - set(gone)) | set(added))


def mention(person: PersonRow) -> str:
    """Return how a text names a person: a respondent by the label, an official by the office.

    Never by name: a name stands in the person's own record alone, so that its erasure reaches it everywhere.
    """
    if person.official:
        return " ".join((person.office or person.agency or t("official")).split())
    return person.label or t("respondent")
