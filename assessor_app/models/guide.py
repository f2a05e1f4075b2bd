"""An interview guide as versioned data: questions in groups, for a stage of the work. It travels as an instrument does."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any, Final

from assessor_app.models.instrument import Text

#: The types of question that a guide may hold, as XLSForm names them.
TYPES: Final = ("text", "integer", "decimal", "date", "select_one", "select_multiple")
#: What tells a guide's content from an instrument's.
_KIND: Final = "guide"


@dataclass(frozen=True, slots=True)
class GuideQuestion:
    """One question. ``id`` is its identity in the workbook; ``code`` is only its number on the screen."""

    id: str
    code: str
    label: Text
    hint: Text
    type: str
    choices: tuple[Text, ...]
    dimension: str
    sub_dimension: str
    group: Text


@dataclass(frozen=True, slots=True)
class Guide:
    """Questions for a stage (a code of ``kinds.Stage``; empty for any): ``form_id`` and ``version`` name them for ever."""

    form_id: str
    version: str
    title: Text
    stage: str
    year: int | None
    cohort: str
    publisher: str
    official: bool
    sha256: str
    questions: tuple[GuideQuestion, ...]

    @property
    def ref(self) -> str:
        """Return the name by which it is referred to."""
        return f"{self.form_id}@{self.version}"

    def sealed(self) -> Guide:
        """Return the same guide with the SHA-256 of its content."""
        return replace(self, sha256=_digest(self))

    def to_json(self) -> str:
        """Return the canonical content with its hash; ``from_json`` reads it back."""
        return _dump({**_content(self), "sha256": self.sha256})

    @staticmethod
    def from_json(text: str) -> Guide:
        """Read what ``to_json`` wrote; raises ValueError where it is another content, damaged, or not what was hashed."""
        try:
            data = json.loads(text)
            if data["kind"] != _KIND:
                raise ValueError("not the content of a guide")
            guide = Guide(data["form_id"], data["version"], _text(data["title"]), data["stage"], data["year"], data["cohort"],
                          data["publisher"], bool(data["official"]), data["sha256"], tuple(map(_question, data["questions"])))
        except (KeyError, TypeError, AttributeError, IndexError) as fault:
            raise ValueError("not the content of a guide") from fault
        if _digest(guide) != guide.sha256:
            raise ValueError("the content of the guide is not what was hashed")
        return guide


def is_guide(content: str) -> bool:
    """Tell whether a published content is a guide's; the rest of it is checked when it is read."""
    try:
        data = json.loads(content)
    except ValueError:
        return False
    return isinstance(data, dict) and data.get("kind") == _KIND


def _digest(guide: Guide) -> str:
    return hashlib.sha256(_dump(_content(guide)).encode()).hexdigest()


def _dump(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _content(guide: Guide) -> dict[str, Any]:
    return {"kind": _KIND, "form_id": guide.form_id, "version": guide.version, "title": _pair(guide.title), "stage": guide.stage,
            "year": guide.year, "cohort": guide.cohort, "publisher": guide.publisher, "official": guide.official,
            "questions": [_row(question) for question in guide.questions]}


def _row(question: GuideQuestion) -> dict[str, Any]:
    """Return one question; what is empty is left out, so that a later field doesn't change older hashes."""
    row: dict[str, Any] = {"id": question.id, "code": question.code, "label": _pair(question.label), "type": question.type}
    for name, value in (("hint", question.hint and _pair(question.hint)), ("group", question.group and _pair(question.group)),
                        ("choices", [_pair(choice) for choice in question.choices]), ("dimension", question.dimension),
                        ("sub_dimension", question.sub_dimension)):
        if value:
            row[name] = value
    return row


def _question(row: dict[str, Any]) -> GuideQuestion:
    return GuideQuestion(row["id"], row["code"], _text(row["label"]), _text(row.get("hint", ("", ""))), row["type"],
                         tuple(map(_text, row.get("choices", ()))), row.get("dimension", ""), row.get("sub_dimension", ""),
                         _text(row.get("group", ("", ""))))


def _pair(text: Text) -> list[str]:
    return [text.id, text.en]


def _text(value: Any) -> Text:
    return Text(str(value[0]), str(value[1]))
