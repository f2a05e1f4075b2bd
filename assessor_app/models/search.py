"""Search over notes, programmes, people and findings: newest first, the hit shown in its sentence.

The index is FTS5 without content of its own; the row number of an entry grows with each indexing, so the index's own
order is newest first and the first hits need no sort. Records changed since are read directly.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from assessor_app.models.base import Record
from assessor_app.models.entities import ENTITIES
from assessor_app.models.kinds import Kind
from assessor_app.models.stems import beginnings, kin

#: The fields that are searched; the first names the hit.
FIELDS: dict[Kind, tuple[str, ...]] = {
    Kind.INTERVIEW: ("title", "body", "place"),
    Kind.PROGRAMME: ("name", "description", "agency", "pic", "indicator", "benefit"),
    Kind.PERSON: ("name", "office", "agency", "occupation", "label", "remark"),
    Kind.FINDING: ("body",),
    Kind.ANSWER: ("reason",),
    Kind.PANEL_REMARK: ("body",),
    Kind.PLAN: ("title", "vision", "goals", "strengths", "weaknesses", "opportunities", "threats", "structure", "infrastructure",
                "suprastructure"),
    Kind.ACTION: ("body", "agency", "remark"),
    Kind.MARK: ("quote", "note"),
    Kind.INNOVATION: ("name", "problem", "description", "benefit", "agency"),
}
#: How many records one slice indexes: while somebody types, and otherwise.
_BRIEF, _SLICE = 25, 2500
#: A name that is longer is none: the sentence stands for it.
_TITLE = 120
#: How many words that begin alike are looked through, and how long beginnings are that have an index of their own.
_WORDS, _INDEXED = 60, 3
_WORD = re.compile(r"\w+")
_ENDS = re.compile(r"[.!?\n]")


@dataclass(frozen=True, slots=True)
class Hit:
    """One found record: its name, and the sentence with the places (start, length) of the words found in it."""

    kind: Kind
    record: str
    scope: str
    title: str
    sentence: str
    marks: tuple[tuple[int, int], ...]


def words_of(query: str) -> list[str]:
    """Return the query's words without accents, in lower case."""
    return _WORD.findall(_plain(query))


def matching(session: Session, words: list[str], vocabulary: str = "search_word") -> str:
    """Return what FTS5 is asked for: every word, or another of its root that the index holds; the last one as a beginning too.

    A beginning of up to three letters has an index of its own; a longer one is spelt out, since FTS5 would otherwise gather all places of
    all its words before it gives the first.
    """
    connection = session.connection()
    groups = []
    for number, word in enumerate(words, 1):
        asked = {f'"{other}"' for start in beginnings(word) for other in _terms(connection, vocabulary, start) or () if kin(word, other)}
        begun = _terms(connection, vocabulary, word) if len(word) > _INDEXED else None
        if number < len(words):
            asked.add(f'"{word}"')
        elif begun is None:
            asked.add(f'"{word}"*')
        else:
            asked |= {f'"{other}"' for other in (*begun, word)}
        groups.append(f"({' OR '.join(sorted(asked))})")
    return " AND ".join(groups)


def _terms(connection: Connection, vocabulary: str, start: str) -> list[str] | None:
    """Return the words of an index that begin so; None where they are many."""
    found: list[str] = []
    after, end = start, start[:-1] + chr(ord(start[-1]) + 1)
    while len(found) < _WORDS:
        term = connection.exec_driver_sql(f"SELECT term FROM {vocabulary} WHERE term >= ? AND term < ? LIMIT 1", (after, end)).scalar()
        if term is None:
            return found
        found.append(str(term))
        after = f"{term}\x01"  # a word has no such sign: this is before all that begin with it
    return None


def search(session: Session, query: str, *, limit: int = 10, scopes: Callable[[str], bool] | None = None,
           kinds: Collection[Kind] = ()) -> list[Hit]:
    """Return up to ``limit`` hits that hold every word of ``query`` or one of its root (the last one as a beginning), newest first.

    Only those of some ``kinds`` where these are given; ``scopes`` tells which scopes who asks may read.
    """
    words = words_of(query)
    if not words:
        return []

    def hit_of(kind: str, record: str) -> Hit | None:
        if kinds and kind not in kinds:
            return None
        entity = session.get(ENTITIES[Kind(kind)], record)
        if entity is None or entity.deleted or not (scopes is None or scopes(entity.scope)):
            return None
        return _hit(entity, words)

    hits: list[Hit] = []
    dirty = [(kind, record) for kind, record in session.execute(text("SELECT kind, record FROM search_dirty ORDER BY rowid DESC"))]
    for kind, record in dirty:
        if len(hits) >= limit:
            return hits
        entity = session.get(ENTITIES[Kind(kind)], record)
        if entity is not None and _matches(_text_of(entity), words) and (hit := hit_of(kind, record)):
            hits.append(hit)
    known = {record for _, record in dirty}
    match = matching(session, words)
    of_kinds = f"AND e.kind IN ({', '.join(repr(kind.value) for kind in kinds)}) " if kinds else ""
    below, page = 1 << 62, limit + len(known) + 20
    while len(hits) < limit:  # what is deleted, not granted or newer takes places on a page: read on
        rows = session.execute(
            text("SELECT f.rowid, e.kind, e.record FROM search_text f CROSS JOIN search_entry e ON e.number = f.rowid "
                 f"WHERE f.search_text MATCH :q AND f.rowid < :below {of_kinds}ORDER BY f.rowid DESC LIMIT :page"),
            {"q": match, "below": below, "page": page}).all()
        for _, kind, record in rows:
            if len(hits) < limit and record not in known and (hit := hit_of(kind, record)):
                hits.append(hit)
        if len(rows) < page:
            break
        below = rows[-1][0]
    return hits


def records_of(session: Session, query: str, kind: Kind) -> set[str]:
    """Return every record, of a kind of which there are few, that ``search`` would find."""
    words = words_of(query)
    if not words:
        return set()
    found = {record for (record,) in session.execute(
        text("SELECT e.record FROM search_text f JOIN search_entry e ON e.number = f.rowid WHERE search_text MATCH :q AND e.kind = :kind"),
        {"q": matching(session, words), "kind": kind.value})}
    for (record,) in session.execute(text("SELECT record FROM search_dirty WHERE kind = :kind"), {"kind": kind.value}).all():
        entity = session.get(ENTITIES[kind], record)
        (found.add if entity is not None and _matches(_text_of(entity), words) else found.discard)(record)
    return found


def index_some(session: Session, brief: bool = True) -> bool:
    """Index a slice of what changed, a ``brief`` one while somebody types; True while there is more.

    Called by the writer in quiet moments.
    """
    connection = session.connection()
    size = _BRIEF if brief else _SLICE
    rows = connection.exec_driver_sql("SELECT kind, record, rowid FROM search_dirty ORDER BY rowid LIMIT ?", (size,)).all()
    if not rows:
        return False
    dirty, end = [(kind, record) for kind, record, _ in rows], rows[-1][2]
    records = [record for _, record in dirty]
    marks = ", ".join("?" * len(records))
    old = connection.exec_driver_sql(f"SELECT number FROM search_entry WHERE record IN ({marks})", tuple(records)).all()
    if old:
        connection.exec_driver_sql("DELETE FROM search_text WHERE rowid = ?", [(number,) for (number,) in old])
        connection.exec_driver_sql("DELETE FROM search_entry WHERE number = ?", [(number,) for (number,) in old])
    texts: dict[tuple[str, str], str] = {}
    for kind in {kind for kind, _ in dirty}:
        names = FIELDS[Kind(kind)]
        found = connection.exec_driver_sql(
            f"SELECT id, {', '.join(names)} FROM {ENTITIES[Kind(kind)].__tablename__} WHERE id IN ({marks}) AND NOT deleted",
            tuple(records))
        texts |= {(kind, row[0]): "\n".join(row[1:]) for row in found}
    last = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'search_entry'").scalar() or 0
    here = [(last + n, kind, record) for n, (kind, record) in enumerate((mark for mark in dirty if mark in texts), 1)]
    if here:
        connection.exec_driver_sql("INSERT INTO search_entry (number, kind, record) VALUES (?, ?, ?)", here)
        connection.exec_driver_sql("INSERT INTO search_text (rowid, body) VALUES (?, ?)",
                                   [(number, texts[kind, record]) for number, kind, record in here])
    connection.exec_driver_sql("DELETE FROM search_dirty WHERE rowid <= ?", (end,))
    return len(dirty) == size


def sentence_of(value: str, words: list[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return the sentence of a text around the first of the words, and the places (start, length) of the words in it."""
    marks = _marks(value, words)
    return _sentence(value, marks) if marks else (value[:160].replace("\n", " "), ())


def _text_of(entity: Record) -> str:
    return "\n".join(str(getattr(entity, name)) for name in FIELDS[entity.kind])


def _plain(value: str) -> str:
    decomposed = unicodedata.normalize("NFD", value)
    return "".join(ch for ch in decomposed if not unicodedata.combining(ch)).lower()


def _matches(value: str, words: list[str]) -> bool:
    tokens = set(_WORD.findall(_plain(value)))
    return all(any(_fits(token, words, number) for token in tokens) for number in range(len(words)))


def _fits(token: str, words: list[str], number: int) -> bool:
    """Tell whether a word of a text is the one asked for, or, of the last one, begins so, or is of its root."""
    word, last = words[number], number == len(words) - 1
    return token == word or (last and token.startswith(word)) or (token.startswith(beginnings(word)) and kin(word, token))


def _marks(value: str, words: list[str]) -> list[tuple[int, int]]:
    """Return where words of the query begin in ``value``, in its own code points."""
    found = []
    lengths: dict[str, int] = {}  # most words of a long text come again and again
    for token in _WORD.finditer(value):
        said = token.group()
        if said not in lengths:
            lengths[said] = _marked(said, words)
        if lengths[said]:
            found.append((token.start(), lengths[said]))
    return found


def _marked(said: str, words: list[str]) -> int:
    """Return how many letters of a word are what was asked for: those that were typed, of one that only begins so."""
    plain = _plain(said)
    if not any(_fits(plain, words, number) for number in range(len(words))):
        return 0
    begun = plain not in words and plain.startswith(words[-1]) and not kin(words[-1], plain)
    return min(len(words[-1]), len(said)) if begun else len(said)


def _hit(entity: Record, words: list[str]) -> Hit:
    title = str(getattr(entity, FIELDS[entity.kind][0]))
    best: tuple[int, str, tuple[tuple[int, int], ...]] = (0, "", ())
    for name in FIELDS[entity.kind]:
        value = str(getattr(entity, name))
        marks = _marks(value, words)
        if len(marks) > best[0] or (marks and not best[0]):
            sentence, shown = _sentence(value, marks)
            best = (len(marks), sentence, shown)
    sentence = best[1] or str(getattr(entity, FIELDS[entity.kind][-1]))[:160]
    return Hit(entity.kind, entity.id, entity.scope, title if 0 < len(title) <= _TITLE else sentence[:60], sentence, best[2])


def _sentence(value: str, marks: list[tuple[int, int]], width: int = 200) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return the sentence around the first mark, shortened to ``width`` characters, and the marks inside it."""
    first = marks[0][0]
    ends = [m.end() for m in _ENDS.finditer(value, max(0, first - 400), first)]
    start = ends[-1] if ends else max(0, first - 400)
    stop_match = _ENDS.search(value, first)
    stop = stop_match.end() if stop_match else len(value)
    if stop - start > width:
        start = max(start, first - width // 3)
        stop = min(stop, start + width)
    while start < first and value[start].isspace():
        start += 1
    shown = value[start:stop].rstrip().replace("\n", " ")
    inside = tuple((place - start, length) for place, length in marks if start <= place < start + len(shown))
    return shown, inside
