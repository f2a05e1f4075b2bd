"""What the columns of a region's plan sheet mean: the fields that can be imported, and the headings they go by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from assessor_app.i18n import mark, t

#: A column for one year is ``budget:2024``, ``target:2024`` or ``status:2024``; an empty field is a column that is not imported.
YEAR_FIELDS = ("budget", "target", "status")
LABELS: dict[str, str] = {
    "number": mark("Number"), "dimension": mark("Dimension"), "sub_dimension": mark("Sub-dimension"),
    "name": mark("Programme name"), "description": mark("Description"), "agency": mark("Agency"),
    "pic": mark("Person in charge"), "pic_phone": mark("Telephone of the person in charge"),
    "first_year": mark("First year"), "last_year": mark("Last year"), "period": mark("Years (from–to)"),
    "budget": mark("Budget in all"), "funding": mark("Source of funds"), "indicator": mark("Indicator"),
    "unit": mark("Unit"), "target": mark("Target"), "quick_win": mark("Quick win"), "status": mark("Status"),
    "benefit": mark("Benefit"),
}

_PHRASES: dict[str, tuple[str, ...]] = {
    "number": ("no", "nomor", "no urut", "nomor urut", "number"),
    "sub_dimension": ("sub dimensi", "subdimensi", "sub pilar", "sub dimension"),
    "dimension": ("dimensi", "dimensi smart city", "pilar", "dimension"),
    "name": ("nama program", "program", "nama program kegiatan", "program kegiatan", "nama inisiatif", "inisiatif",
             "nama inovasi", "program smart city", "nama kegiatan", "kegiatan", "rencana aksi", "programme",
             "program name"),
    "description": ("deskripsi", "deskripsi program", "uraian", "penjelasan", "gambaran umum", "description",
                    "keterangan"),
    "pic_phone": ("telepon", "nomor telepon", "no hp", "nomor hp", "no telp", "telp", "kontak", "phone", "no wa",
                  "telepon pic"),
    "agency": ("opd pelaksana", "opd", "opd penanggung jawab", "opd pengampu", "skpd", "perangkat daerah", "dinas",
               "instansi", "pelaksana", "pengampu", "leading sector", "penanggung jawab opd", "agency"),
    "pic": ("pic", "penanggung jawab", "nama pic", "narahubung", "contact person", "person in charge"),
    "first_year": ("tahun mulai", "mulai", "tahun awal", "start year", "first year"),
    "last_year": ("tahun selesai", "selesai", "tahun akhir", "end year", "last year"),
    "period": ("periode", "tahun pelaksanaan", "waktu pelaksanaan", "jangka waktu", "tahun", "waktu", "years"),
    "funding": ("sumber dana", "sumber pendanaan", "sumber anggaran", "sumber pembiayaan", "pendanaan", "funding"),
    "budget": ("anggaran", "total anggaran", "jumlah anggaran", "pagu", "pagu anggaran", "biaya", "perkiraan biaya",
               "kebutuhan anggaran", "total biaya", "total", "jumlah", "budget"),
    "indicator": ("indikator", "indikator output", "indikator keluaran", "indikator kinerja", "tolok ukur", "output",
                  "keluaran", "indicator"),
    "unit": ("satuan", "unit"),
    "target": ("target", "target output", "target keluaran", "target kinerja"),
    "quick_win": ("quick win", "quickwin", "quick wins", "qw", "program unggulan"),
    "status": ("status", "status pelaksanaan", "progres", "progress", "capaian"),
    "benefit": ("manfaat", "benefit", "dampak", "outcome"),
}
_YEAR = re.compile(r"\b(20[0-9]{2})\b")
#: Words beside a year that make its column one of money, or of marks for the years in which a programme runs.
_BUDGET = re.compile(r"anggaran|pagu|biaya|budget|rupiah|dana|tahun|jadwal|pelaksanaan|^(rp|th|ta)$")
_STATUS = frozenset({"status", "status tahun", "status pelaksanaan", "progres", "progress"})
_MULTIPLIERS = ((re.compile(r"\b(juta|jutaan|jt)\b"), 10**6), (re.compile(r"\b(miliar|milyar|miliaran)\b"), 10**9),
                (re.compile(r"\b(ribu|ribuan|rp ?000|x ?1000|x ?1 000)\b"), 10**3))


@dataclass(frozen=True, slots=True)
class Guess:
    """What a heading seems to mean; ``strength`` 3 is the exact word, 1 a word somewhere in it."""

    field: str
    strength: int


def label(field: str) -> str:
    """Return a field's name in the person's language: ``Anggaran 2024`` for ``budget:2024``."""
    base, _, year = field.partition(":")
    if not field:
        return t("(not imported)")
    if year:
        return {"budget": t("Budget {0}"), "target": t("Target {0}"), "status": t("Status {0}")}[base].format(year)
    return t(LABELS[base])


@lru_cache(4096)  # the same words stand in row after row
def plain(text: str) -> str:
    """Reduce a heading to lower-case words."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


def guess(heading: str) -> Guess | None:
    """Return what one heading means, or None where no field goes by such a name."""
    words = plain(heading)
    if not words or len(words) > 80:
        return None
    if years := set(_YEAR.findall(words)):
        rest = plain(_YEAR.sub(" ", words))
        if len(years) == 1:
            year = years.pop()
            if "target" in rest:
                return Guess(f"target:{year}", 3)
            if rest in _STATUS:
                return Guess(f"status:{year}", 3)
            if "realisasi" not in rest and (not rest or _BUDGET.search(rest)):
                return Guess(f"budget:{year}", 3)
        return None if "realisasi" in rest else _by_phrase(rest, most=2)
    return _by_phrase(words, most=3)


def _by_phrase(words: str, most: int) -> Guess | None:
    best: tuple[int, int, str] | None = None
    for field, phrases in _PHRASES.items():
        for phrase in phrases:
            if words == phrase:
                strength = 3
            elif words.startswith(f"{phrase} "):
                strength = 2
            elif f" {phrase} " in f" {words} ":
                strength = 1
            else:
                continue
            rank = (strength, len(phrase), field)
            if best is None or rank[:2] > best[:2]:
                best = rank
    return Guess(best[2], min(best[0], most)) if best else None


def assign(headings: Sequence[str]) -> list[str]:
    """Return a field for each heading, each at most once: the strongest claim wins, then the leftmost."""
    claims = [(found.strength, -index, found.field) for index, text in enumerate(headings) if (found := guess(text))]
    out = [""] * len(headings)
    taken: set[str] = set()
    for _, place, field in sorted(claims, reverse=True):
        if field not in taken:
            taken.add(field)
            out[-place] = field
    return out


def multiplier(text: str) -> int:
    """Return by how much money under a heading such as ``Anggaran (juta rupiah)`` is to be multiplied."""
    words = plain(text)
    return next((factor for pattern, factor in _MULTIPLIERS if pattern.search(words)), 1)
