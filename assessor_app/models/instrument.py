"""An evaluation instrument as versioned data: aspects, nested groups, questions and their anchors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

#: What an answer may hold besides a score of the question's list.
NOT_ASSESSED = "-"


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages of the program."""

    id: str = ""
    en: str = ""

    def get(self, language: str) -> str:
        """Return the text in a language, or in the other one where it is empty."""
        return (self.en or self.id) if language == "en" else (self.id or self.en)

    def __bool__(self) -> bool:
        return bool(self.id or self.en)


@lru_cache(maxsize=256)
def _number(score: str) -> Fraction:
    """Read a score; a panel reads the same few of them hundreds of times at each change."""
    return Fraction(score)


@dataclass(frozen=True, slots=True)
class Choice:
    """One score of a list with its anchor: what earns this score."""

    score: str
    label: Text

    @property
    def value(self) -> Fraction:
        """Return the score as a number."""
        return _number(self.score)


@dataclass(frozen=True, slots=True)
class Question:
    """One scored question. ``id`` is its identity in the workbook; ``code`` is only its number on the page."""

    id: str
    code: str
    label: Text
    hint: Text
    choices: tuple[Choice, ...]
    list_name: str
    weight: Fraction
    dimension: str
    sub_dimension: str
    evidence_required: bool
    aspect: str

    def choice(self, score: str | None) -> Choice | None:
        """Return the anchor of a score, or None where the list has no such score."""
        return next((c for c in self.choices if c.score == score), None)


@dataclass(frozen=True, slots=True)
class Note:
    """Guidance shown with what follows it."""

    id: str
    label: Text
    hint: Text = Text()


@dataclass(frozen=True, slots=True)
class Group:
    """An aspect (top level, with a weight), an indicator or a sub-indicator (nested, without one)."""

    id: str
    code: str
    label: Text
    hint: Text
    weight: Fraction | None
    items: tuple[Group | Question | Note, ...]

    def questions(self) -> Iterator[Question]:
        """Yield the questions of this group and of those below it, in the order of the workbook."""
        for item in self.items:
            if isinstance(item, Question):
                yield item
            elif isinstance(item, Group):
                yield from item.questions()


@dataclass(frozen=True)
class Instrument:
    """A published set of questions: ``form_id`` and ``version`` name it for ever, ``sha256`` binds its content."""

    form_id: str
    version: str
    title: Text
    year: int | None
    cohort: str
    publisher: str
    official: bool
    sha256: str
    aspects: tuple[Group, ...]
    bands: tuple[tuple[Fraction, Text], ...] = ()  # from which index on the words hold, the highest first

    def band(self, index: Fraction | None) -> Text:
        """Return what an index is called by this instrument; empty words where it has no bands, or there is no index."""
        return next((words for start, words in self.bands if index is not None and index >= start), Text())

    @property
    def ref(self) -> str:
        """Return the name by which sheets and answers refer to it."""
        return f"{self.form_id}@{self.version}"

    def questions(self) -> tuple[Question, ...]:
        """Return all questions in the order of the workbook."""
        return tuple(self._by_id.values())

    def question(self, question_id: str) -> Question:
        """Return one question; raises KeyError where the instrument has no such question."""
        return self._by_id[question_id]

    def has(self, question_id: str) -> bool:
        """Tell whether the instrument asks this question."""
        return question_id in self._by_id

    def aspect(self, aspect_id: str) -> Group:
        """Return one aspect; raises KeyError where there is none of that id."""
        for group in self.aspects:
            if group.id == aspect_id:
                return group
        raise KeyError(aspect_id)

    def dimensions(self) -> tuple[str, ...]:
        """Return the dimensions that its questions name, in the order in which they first appear."""
        return tuple(dict.fromkeys(q.dimension for q in self.questions() if q.dimension))

    @cached_property
    def _by_id(self) -> dict[str, Question]:
        return {q.id: q for group in self.aspects for q in group.questions()}

    @cached_property
    def max_score(self) -> Fraction:
        """Return the highest score that any question can earn (4, or 5 for SPBE): the rim of a radar."""
        return max((c.value for q in self.questions() for c in q.choices), default=Fraction(0))

    def sealed(self) -> Instrument:
        """Return the same instrument with the SHA-256 of its content."""
        return replace(self, sha256=digest(self))

    def to_json(self) -> str:
        """Return the canonical content with its hash; ``from_json`` reads it back."""
        return _dump({**_content(self), "sha256": self.sha256})

    @staticmethod
    def from_json(text: str) -> Instrument:
        """Read what ``to_json`` wrote; raises ValueError where the content is damaged or not what was hashed."""
        try:
            data = json.loads(text)
            instrument = _read(data)
        except (KeyError, TypeError, AttributeError, IndexError, ZeroDivisionError) as fault:
            raise ValueError("not the content of an instrument") from fault
        if digest(instrument) != instrument.sha256:
            raise ValueError("the content of the instrument is not what was hashed")
        return instrument


def digest(instrument: Instrument) -> str:
    """Return the SHA-256 of the canonical content: how the workbook was saved or formatted plays no part."""
    return hashlib.sha256(_dump(_content(instrument)).encode()).hexdigest()


def _dump(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _pair(text: Text) -> list[str]:
    return [text.id, text.en]


def _content(instrument: Instrument) -> dict[str, Any]:
    """Return the content as plain data; a list of anchors stands once, however many questions use it."""
    lists = {q.list_name: [[c.score, *_pair(c.label)] for c in q.choices] for q in instrument.questions()}
    bands = {"bands": [[str(start), *_pair(words)] for start, words in instrument.bands]} if instrument.bands else {}
    return {
        **bands,
        "form_id": instrument.form_id, "version": instrument.version, "title": _pair(instrument.title),
        "year": instrument.year, "cohort": instrument.cohort, "publisher": instrument.publisher,
        "official": instrument.official, "lists": lists, "aspects": [_item(group) for group in instrument.aspects],
    }


def _item(item: Group | Question | Note) -> dict[str, Any]:
    """Return one row; what is empty is left out, so that a later field doesn't change older hashes."""
    out: dict[str, Any] = {"id": item.id, "label": _pair(item.label)}
    if item.hint:
        out["hint"] = _pair(item.hint)
    match item:
        case Note():
            out["type"] = "note"
        case Group():
            out["type"] = "group"
            out["items"] = [_item(child) for child in item.items]
            if item.weight is not None:
                out["weight"] = str(item.weight)
        case Question():
            out["type"] = "question"
            out["list"] = item.list_name
            for name, value in (("dimension", item.dimension), ("sub_dimension", item.sub_dimension),
                                ("evidence", item.evidence_required)):
                if value:
                    out[name] = value
            if item.weight != 1:
                out["weight"] = str(item.weight)
    return out


def _text(value: list[str]) -> Text:
    return Text(str(value[0]), str(value[1]))


def _read(data: dict[str, Any]) -> Instrument:
    lists = {name: tuple(Choice(str(row[0]), _text(row[1:])) for row in rows) for name, rows in data["lists"].items()}
    aspects = tuple(_read_item(row, lists, str(n), str(row["id"])) for n, row in enumerate(data["aspects"], start=1))
    return Instrument(
        data["form_id"], data["version"], _text(data["title"]), data["year"], data["cohort"], data["publisher"],
        bool(data["official"]), data["sha256"], tuple(group for group in aspects if isinstance(group, Group)),
        tuple((Fraction(row[0]), _text(row[1:])) for row in data.get("bands", ())))


def _read_item(row: dict[str, Any], lists: dict[str, tuple[Choice, ...]], code: str,
               aspect: str) -> Group | Question | Note:
    label, hint = _text(row["label"]), _text(row.get("hint", ["", ""]))
    if row["type"] == "note":
        return Note(row["id"], label, hint)
    if row["type"] == "question":
        return Question(
            row["id"], code, label, hint, lists[row["list"]], row["list"], Fraction(row.get("weight", "1")),
            row.get("dimension", ""), row.get("sub_dimension", ""), bool(row.get("evidence", False)), aspect)
    items = []
    number = 0
    for child in row["items"]:
        number += child["type"] != "note"
        items.append(_read_item(child, lists, f"{code}.{number}", aspect))
    weight = Fraction(row["weight"]) if "weight" in row else None
    return Group(row["id"], code, label, hint, weight, tuple(items))
