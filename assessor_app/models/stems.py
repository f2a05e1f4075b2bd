"""Words of one root in Indonesian: who looks for *pelayanan* also finds *melayani* and *dilayani*.

The roots come from the Snowball stemmer. It cannot know whether *menulis* is of *tulis* or *ulis*: where a beginning swallows the
first letter, every letter that it may have swallowed counts.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

#: Roots that are shorter stand for nothing.
_SHORTEST = 3
#: Words that are shorter are taken as they are: a beginning of one is no word yet.
SHORTEST_WORD = 4
_SWALLOWED = (("meng", "k"), ("peng", "k"), ("meny", "s"), ("peny", "s"), ("men", "t"), ("pen", "t"), ("mem", "p"), ("pem", "p"))
_ENDINGS = ("kannya", "annya", "inya", "kan", "nya", "lah", "kah", "pun", "an", "ku", "mu", "i")
_OTHERS = ("di", "ter", "ber", "be", "per", "pe", "ke", "se", "memper", "diper")
_VOWELS = "aeiou"


@lru_cache(1)
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("indonesian")


@lru_cache(20_000)
def roots(word: str) -> frozenset[str]:
    """Return what a word (lower case, no accents) may come from, itself among them."""
    found = {word, next((word.removesuffix(end) for end in _ENDINGS if word.endswith(end) and len(word) - len(end) > _SHORTEST), word)}
    stem = str(_stemmer().stemWord(word))
    if len(stem) >= _SHORTEST:
        found.add(stem)
        if stem[0] in _VOWELS:
            found |= {letter + stem for start, letter in _SWALLOWED if word.startswith(start)}
    return frozenset(found)


def kin(word: str, other: str) -> bool:
    """Tell whether two words may be of one root."""
    return not roots(word).isdisjoint(roots(other))


@lru_cache(1000)
def beginnings(word: str) -> tuple[str, ...]:
    """Return how words of one root with a word may begin: none for one that is too short. A word that begins so need not be kin."""
    if len(word) < SHORTEST_WORD:
        return ()
    out: set[str] = set()
    for root in roots(word):
        if len(root) >= _SHORTEST:
            out |= {root, *(start + root for start in _OTHERS), *_nasal(root)}
    return tuple(sorted(one for one in out if not any(one != other and one.startswith(other) for other in out)))


def _nasal(root: str) -> set[str]:
    first, rest = root[0], root[1:]
    if first in _VOWELS or first in "ghkx":
        ends = {"ng" + root} | ({"ng" + rest} if first == "k" else set())
    elif first == "s":
        ends = {"ny" + rest, "n" + root}
    elif first in "tdcjz":
        ends = {"n" + root} | ({"n" + rest} if first == "t" else set())
    elif first in "pbfv":
        ends = {"m" + root} | ({"m" + rest} if first == "p" else set())
    else:
        ends = {root}
    return {start + end for start in ("me", "pe") for end in ends} | {"menge" + root, "penge" + root}
