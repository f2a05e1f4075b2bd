"""Which words of a text are looked up in a dictionary, and the words that a person has added: those never leave the device."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from difflib import SequenceMatcher
from functools import cache
from typing import NamedTuple

from sqlalchemy.orm import Session

from assessor_app.models import regions
from assessor_app.models.journal import Unit
from assessor_app.models.own_words import OWN_WORDS, own_words
from assessor_app.workflow.accounts import store_settings

#: The languages that a note mixes, by the codes of the program's own.
LANGUAGES = ("id", "en")
#: A word that is longer is none, and would hold up a dictionary.
LONGEST = 40
#: How like, from 0 to 1, a suggestion is that may well be what was meant.
_NEAR = 0.7

_CHUNK = re.compile(r"\S+")
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ'’]{2,}")
#: What begins a chunk that is no prose, after brackets and quotes: a tag, a person, an address.
_LEFT_ALONE = re.compile(r"[(\[{\"'“‘«]*(?:[#@]\w|www\.|\w+://)|.*(?:\w@\w|://|\w\.\w|[\\_])")
#: What Indonesian hangs on to a word with a hyphen where the word is an abbreviation, a name or another language's.
_HUNG_ON = frozenset((
    "nya", "ku", "mu", "kau", "lah", "kah", "pun", "an", "i", "kan", "per", "di", "ke", "se", "ter", "ber", "me", "mem", "men", "meng",
    "pe", "pem", "pen", "peng", "non", "pra", "pasca", "antar", "sub", "e"))
#: What is written on to any noun or verb; a dictionary of stems does not list each.
_ENCLITICS = ("nya", "lah", "kah", "ku", "mu", "pun")
#: Words of the programme that no general dictionary has.
_OF_THE_FIELD = frozenset((
    "asesor", "asesmen", "bappeda", "bappenas", "bapenda", "bimtek", "diskominfo", "dukcapil", "disdukcapil", "gapoktan", "kabid",
    "kadis", "kominfo", "lakip", "musrenbang", "narasumber", "perbup", "perwali", "posyandu", "pustu", "renja", "renstra", "sakip",
    "sekda", "setda", "spbe", "subdimensi", "surel", "rp", "tk", "hlm", "dll", "dsb", "dst", "yg", "dgn"))


class Word(NamedTuple):
    """A word of a text, from ``start`` up to ``end`` in code points."""

    start: int
    end: int
    text: str


def words_in(text: str, mentions: Collection[str] = ()) -> Iterator[Word]:
    """Yield the words that a dictionary should know.

    Not those of tags, persons (``mentions`` are the texts that may follow an ``@``), addresses, numbers and abbreviations: two
    capitals make one.
    """
    for one in sorted(mentions, key=len, reverse=True) if "@" in text else ():
        text = text.replace(f"@{one}", " " * (len(one) + 1))
    for chunk in _CHUNK.finditer(text):
        at, body = chunk.start(), chunk[0]
        if _LEFT_ALONE.match(body):
            continue
        for found in _WORD.finditer(body):
            word = found[0]
            if not _LATIN.fullmatch(word) or len(word) > LONGEST or sum(map(str.isupper, word)) > 1:
                continue
            beside = body[max(found.start() - 1, 0) : found.start()] + body[found.end() : found.end() + 1]
            if "-" in beside and word.casefold() in _HUNG_ON:
                continue
            yield Word(at + found.start(), at + found.end(), word)


def plain(word: str) -> str:
    """Return a word as dictionaries write it."""
    return word.replace("’", "'")


def is_known(word: str, knows: Callable[[str], bool], own: Collection[str] = ()) -> bool:
    """Tell whether a word is right by ``knows``, the person's own words (casefolded), the regions' names or the programme's words."""
    word = plain(word)
    bare = word.casefold()
    if bare in own or bare in _OF_THE_FIELD or bare in region_words() or knows(word):
        return True
    if knows(f"{bare}-{bare}"):
        return True  # a half of masing-masing
    for hung in _ENCLITICS:
        stem = word[: -len(hung)]
        if bare.endswith(hung) and len(stem) > 2 and (stem.casefold() in own or stem.casefold() in _OF_THE_FIELD or knows(stem)):
            return True
    return False


def likest(word: str, offered: Collection[str]) -> list[str]:
    """Return the words that are offered, each once, by how like they are to the word; without the far ones where there are near ones."""
    bare = word.casefold()
    like = {one: SequenceMatcher(None, bare, one.casefold()).ratio() for one in offered}
    ranked = sorted(like, key=lambda one: -like[one])
    return [one for one in ranked if like[one] >= _NEAR] or ranked


@cache
def region_words() -> frozenset[str]:
    """Return the words that the names of regions and provinces are made of, casefolded."""
    return frozenset(word.casefold() for one in regions.all_regions() for word in re.findall(r"[^\W\d_]+", f"{one.name} {one.province}"))


def my_words(session: Session) -> tuple[str, ...]:
    """Return the words that the person has added, sorted."""
    return tuple(sorted(own_words(session), key=str.casefold))


def add_word(unit: Unit, word: str) -> None:
    """Add a word to the person's own."""
    set_words(unit, [*own_words(unit.session), word])


def set_words(unit: Unit, words: Collection[str]) -> None:
    """Keep these words as the person's own, each once."""
    kept = {plain(word.strip()).casefold(): plain(word.strip()) for word in words if word.strip()}
    store_settings(unit, **{OWN_WORDS: sorted(kept.values())})
