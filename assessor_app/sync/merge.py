"""The merge: what becomes of a change whose base is no longer the present value. Pure, one for both ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from assessor_app.models.kinds import Field, Merge, Value

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class Outcome(StrEnum):
    """What became of one change, or of a whole intent (the worst of its changes)."""

    APPLIED = "applied"
    MERGED = "merged"
    DIFFERENT = "different"
    HELD = "held"  # builds on something that has not arrived
    WHOLE = "whole"  # the base of a difference is not known: send the text whole
    CONFLICT = "conflict"  # this id was used for other content
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Merged:
    """The value that stands afterwards, and how it came about."""

    outcome: Outcome
    value: Value


def merge_field(field: Field, base: Value, present: Value, incoming: Value) -> Merged:
    """Merge one field that both sides changed since ``base``.

    ``base`` is None where it is not known. Returns APPLIED where both already agree, MERGED with the union of both
    changes, or DIFFERENT with the present value: then a person decides.
    """
    if present == incoming:
        return Merged(Outcome.APPLIED, present)
    if field.merge is Merge.SET and isinstance(present, list) and isinstance(incoming, list):
        return Merged(Outcome.MERGED, merge_set(base if isinstance(base, list) else [], present, incoming))
    if field.merge is Merge.TEXT and isinstance(present, str) and isinstance(incoming, str) and isinstance(base, str):
        text = merge_text(base, present, incoming)
        if text is not None:
            return Merged(Outcome.MERGED, text)
    return Merged(Outcome.DIFFERENT, present)


def merge_set(base: list[str], one: list[str], two: list[str]) -> list[str]:
    """Return a sorted list in which additions and removals of both sides hold."""
    removed = (set(base) - set(one)) | (set(base) - set(two))
    return sorted((set(one) | set(two)) - removed)


def merge_text(base: str, one: str, two: str) -> str | None:
    """Merge two versions of a text by lines, and where lines collide by words; None where both changed the same words."""
    if one == two or two == base:
        return one
    if one == base:
        return two
    merged = _merge(base.splitlines(keepends=True), one.splitlines(keepends=True), two.splitlines(keepends=True), deeper=True)
    return None if merged is None else "".join(merged)


def _merge(base: Sequence[str], one: Sequence[str], two: Sequence[str], *, deeper: bool) -> list[str] | None:
    out: list[str] = []
    b = x = y = 0
    for bs, xs, ys, length in _common(base, one, two):
        piece = _between(base[b:bs], one[x:xs], two[y:ys], deeper=deeper)
        if piece is None:
            return None
        out += piece
        out += base[bs:bs + length]
        b, x, y = bs + length, xs + length, ys + length
    return out


def _between(base: Sequence[str], one: Sequence[str], two: Sequence[str], *, deeper: bool) -> Sequence[str] | None:
    """Merge one stretch between two places where all three agree."""
    if list(one) == list(two) or list(two) == list(base):
        return one
    if list(one) == list(base):
        return two
    if not deeper:
        return None
    return _merge(*(_WORDS.findall("".join(part)) for part in (base, one, two)), deeper=False)


def _common(base: Sequence[str], one: Sequence[str], two: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Return the stretches (base, one, two, length) on which all three agree, closed by an empty one at the ends."""
    found = []
    in_one = SequenceMatcher(None, base, one, autojunk=False).get_matching_blocks()
    in_two = SequenceMatcher(None, base, two, autojunk=False).get_matching_blocks()
    i = j = 0
    while i < len(in_one) and j < len(in_two):
        a, b = in_one[i], in_two[j]
        start, end = max(a.a, b.a), min(a.a + a.size, b.a + b.size)
        if start < end:
            found.append((start, a.b + start - a.a, b.b + start - b.a, end - start))
        if a.a + a.size < b.a + b.size:
            i += 1
        else:
            j += 1
    found.append((len(base), len(one), len(two), 0))
    return found


@dataclass(frozen=True, slots=True)
class Splice:
    """A difference between two texts as one replacement, in code points."""

    start: int
    removed: int
    inserted: str

    def apply(self, base: str) -> str:
        """Return the new text."""
        return base[:self.start] + self.inserted + base[self.start + self.removed:]


def splice(base: str, new: str) -> Splice:
    """Return the one replacement that turns ``base`` into ``new``."""
    start = _shared(base, new)
    end = _shared(base[start:][::-1], new[start:][::-1])
    return Splice(start, len(base) - start - end, new[start:len(new) - end])


def _shared(a: str, b: str) -> int:
    """Return the length of the common beginning, by halving (slices compare at the speed of memory)."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
