"""The 514 kabupaten and kota: name, type, province, code and time zone, found by a part of the name or code."""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass
from functools import cache

from assessor_app import paths

KABUPATEN, KOTA = "kabupaten", "kota"
_TYPE_WORDS = {"kab": KABUPATEN, "kabupaten": KABUPATEN, "regency": KABUPATEN, "kota": KOTA, "city": KOTA}


@dataclass(frozen=True, slots=True)
class Region:
    """One kabupaten or kota; ``code`` is Kemendagri's, as in ``93.02``, ``zone`` is WIB, WITA or WIT."""

    code: str
    name: str
    type: str
    province_code: str
    province: str
    zone: str

    @property
    def title(self) -> str:
        """Return the name with its type, for 26 names are shared: ``Kab. Boven Digoel``, ``Kota Jayapura``."""
        return f"{'Kota' if self.type == KOTA else 'Kab.'} {self.name}"

    @property
    def full_title(self) -> str:
        """Return the name with its type written out, for documents: ``Kabupaten Boven Digoel``."""
        return f"{'Kota' if self.type == KOTA else 'Kabupaten'} {self.name}"


@cache
def _table() -> dict[str, Region]:
    with (paths.resources() / "regions" / "regencies.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return {code: Region(code, name, kind, province_code, province, zone)
                for code, name, kind, province_code, province, zone in rows}


def all_regions() -> tuple[Region, ...]:
    """Return all regions in the order of their codes."""
    return tuple(_table().values())


def region(code: str) -> Region | None:
    """Return the region of a code such as ``93.02``, or None."""
    return _table().get(code)


def _plain(text: str) -> str:
    """Reduce to lower-case ASCII words, so that accents, hyphens, full stops and case don't matter."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join("".join(c if c.isalnum() else " " for c in bare.casefold()).split())


@cache
def _keys() -> tuple[tuple[Region, str, str, str], ...]:
    return tuple((r, r.code.replace(".", ""), _plain(r.name), _plain(r.province)) for r in all_regions())


def find(text: str, limit: int = 20) -> list[Region]:
    """Return the regions that a typed text means, best first: exact code, name starts, word starts, contains, province.

    ``kab``, ``kabupaten`` and ``kota`` before or after a name choose the type. Case, accents and full stops don't matter.
    An empty text finds nothing.
    """
    query = _plain(text)
    if not query:
        return []
    digits = query.replace(" ", "")
    if digits.isdigit():
        coded = [(key != digits, r.code, r) for r, key, _, _ in _keys() if key.startswith(digits)]
        return [r for _, _, r in sorted(coded, key=lambda hit: hit[:2])[:limit]]
    words = query.split()
    wanted = [(query, "")]
    if len(words) > 1 and words[0] in _TYPE_WORDS:
        wanted.append((" ".join(words[1:]), _TYPE_WORDS[words[0]]))
    if len(words) > 1 and words[-1] in _TYPE_WORDS:
        wanted.append((" ".join(words[:-1]), _TYPE_WORDS[words[-1]]))
    hits: list[tuple[int, str, str, Region]] = []
    for r, _, name, province in _keys():
        ranks = [rank for part, kind in wanted if not kind or kind == r.type
                 if (rank := _rank(part, name, province)) is not None]
        if len(words) == 1 and _TYPE_WORDS.get(query) == r.type:
            ranks.append(4)
        if ranks:
            hits.append((min(ranks), name, r.code, r))
    return [hit[-1] for hit in sorted(hits, key=lambda hit: hit[:3])[:limit]]


def _rank(query: str, name: str, province: str) -> int | None:
    """Return how well a name answers a query (0 best), or None where it does not."""
    if name == query:
        return 0
    if name.startswith(query):
        return 1
    if f" {query}" in f" {name}":
        return 2
    if query in name or all(f" {word}" in f" {name}" for word in query.split()):
        return 3
    return 5 if f" {query}" in f" {province}" else None
