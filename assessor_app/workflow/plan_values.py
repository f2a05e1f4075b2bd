"""Read what people write into the cells of a plan: rupiah, years, yes and no, dimensions, states."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from assessor_app.i18n import t
from assessor_app.models.kinds import DIMENSION_NAMES, DIMENSIONS, MOST, ProgrammeStatus
from assessor_app.oneline import one_line
from assessor_app.workflow.plan_columns import plain

#: Fields that hold several lines.
LONG = frozenset({"description", "benefit", "remark"})
_NOTHING = {"", "-", "–", "—", "n/a", "na", "nihil", "tidak ada"}
_TICKS = {"v", "x", "√", "✓", "✔", "ya", "yes", "y", "*", "●", "•"}
_LONGEST = 60  # an amount written out with its unit is shorter
_MOST = 10**15  # a thousand trillion rupiah: more than any region's programme
_UNITS = {"ribu": 10**3, "rb": 10**3, "juta": 10**6, "jt": 10**6, "miliar": 10**9, "milyar": 10**9, "triliun": 10**12}
_LETTERS = {"m": "miliar", "t": "triliun"}
_STATES = {
    ProgrammeStatus.PLANNED: ("direncanakan", "belum", "belum dimulai", "belum berjalan", "rencana", "planned"),
    ProgrammeStatus.RUNNING: ("berjalan", "sedang berjalan", "proses", "dilaksanakan", "running", "on going",
                              "ongoing"),
    ProgrammeStatus.DELAYED: ("tertunda", "ditunda", "terlambat", "delayed", "late"),
    ProgrammeStatus.DONE: ("selesai", "sudah", "terlaksana", "tuntas", "done", "100"),
    ProgrammeStatus.STOPPED: ("dihentikan", "berhenti", "batal", "dibatalkan", "stopped"),
}
#: Words that regions use for a dimension or sub-dimension besides its name.
_OTHER_NAMES = {
    "governance": ("governance", "tata kelola pemerintahan"), "branding": ("branding",),
    "economy": ("economy", "ekonomi"), "living": ("living", "kehidupan"), "society": ("society", "masyarakat"),
    "environment": ("environment", "lingkungan"),
    "layanan_publik": ("pelayanan publik", "public service"), "kebijakan_publik": ("public policy",),
    "birokrasi": ("birokrasi", "bureaucracy"), "pariwisata": ("pariwisata", "tourism"),
    "bisnis": ("bisnis", "business"), "wajah_kota": ("wajah", "city appearance"),
    "industri": ("industri", "industry"), "kesejahteraan": ("kesejahteraan", "welfare"),
    "transaksi": ("transaksi", "transaction"),
    "tata_ruang": ("tata ruang", "harmonisasi"), "kesehatan": ("kesehatan", "health"),
    "mobilitas": ("transportasi", "mobilitas", "mobility", "telekomunikasi"), "komunitas": ("komunitas", "community"),
    "pendidikan": ("pendidikan", "edukasi", "education", "learning"), "keamanan": ("keamanan", "security"),
    "proteksi": ("proteksi", "protection"), "sampah": ("sampah", "limbah", "waste"), "energi": ("energi", "energy"),
}


class Doubt(ValueError):
    """A value that must not be guessed; its text says what is wrong, in the person's language."""


def text_of(value: Any) -> str:
    """Return a cell as text, numbers without a needless ``.0``."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value).strip()


def line_of(value: Any) -> str:
    """Return a cell as a text of one line, as the notebook keeps it."""
    return one_line(text_of(value)).strip()


def shortened(text: str, most: int) -> str:
    """Return a text of at most ``most`` characters, on one line, with dots where it is cut."""
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[:most - 1].rstrip()}…"


def is_nothing(value: Any) -> bool:
    """Tell whether a cell says nothing: empty, or a dash."""
    return text_of(value).casefold() in _NOTHING


def is_tick(value: Any) -> bool:
    """Tell whether a cell only marks a year, without an amount."""
    return value is True or text_of(value).casefold() in _TICKS


def rupiah(value: Any, factor: int = 1) -> int | None:
    """Return whole rupiah from a number or a text such as ``Rp 1.500.000,-`` or ``250 juta``; None for nothing.

    Raises Doubt where two readings are possible (``1,5 M`` may be milliard or million, ``1,500`` may be 1.5). Behind ``Rp``, with
    Indonesian digits, M is *miliar* and T *triliun*: nobody writes rupiah in English millions so.
    """
    if is_nothing(value):
        return None
    if isinstance(value, bool):
        raise Doubt(t("“{0}” is no amount of money").format(value))
    if isinstance(value, int | float):
        return money(value * factor, value)
    text = text_of(value)[:_LONGEST]
    words = re.sub(r"^(rp|idr)\.?\s*|,?\s*-+$", "", text.casefold()).strip()
    found = re.fullmatch(r"([0-9][0-9.,\s]*)\s*([a-z]*)\.?", words)
    if not found:
        raise Doubt(t("“{0}” is no amount of money").format(text))
    digits, unit = found[1].strip().replace(" ", ""), found[2]
    if unit in _LETTERS and text.casefold().startswith("rp") and "." not in digits:
        unit = _LETTERS[unit]
    if unit in ("m", "b", "t"):
        raise Doubt(t("“{0}” can be read in two ways; write the amount in full").format(text))
    if unit and unit not in _UNITS and unit != "rupiah":
        raise Doubt(t("“{0}” is no amount of money").format(text))
    amount = _digits(digits, text, bool(unit in _UNITS))
    return money(amount * (_UNITS.get(unit, factor)), text)


def _digits(digits: str, text: str, with_unit: bool) -> float | int:
    """Read digits with Indonesian separators, or with English ones where only they fit."""
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3})+(,[0-9]{1,2})?", digits) and not (with_unit and digits.count(".") == 1):
        return float(digits.replace(".", "").replace(",", ".")) if "," in digits else int(digits.replace(".", ""))
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3}){2,}(\.[0-9]{1,2})?", digits):
        return float(digits.replace(",", "")) if "." in digits else int(digits.replace(",", ""))
    if re.fullmatch(r"[0-9]+", digits):
        return int(digits)
    if re.fullmatch(r"[0-9]+[.,][0-9]{1,2}", digits):
        return float(digits.replace(",", "."))
    raise Doubt(t("“{0}” can be read in two ways; write the amount in full").format(text))


def money(amount: float | int, shown: Any) -> int:
    """Return whole rupiah; raises Doubt for what is more than any programme costs, or less than nothing."""
    if amount != amount or not 0 <= amount <= _MOST:
        raise Doubt(t("“{0}” is no amount of money").format(shown))
    return int(amount + 0.5)


def total(amounts: Iterable[int | None]) -> int | None:
    """Return the sum of the years, as the total is kept; None where there is none, or where it is more than a field holds."""
    said = [amount for amount in amounts if amount is not None]
    return sum(said) if said and sum(said) <= MOST else None


def year(value: Any) -> int | None:
    """Return a year between 2000 and 2100; raises Doubt for anything else that is not nothing."""
    if is_nothing(value):
        return None
    text = text_of(value)
    found = re.fullmatch(r"(20[0-9]{2})(\.0)?(-[0-9]{2}-[0-9]{2})?", text) or re.fullmatch(
        r"(?:[0-9]{1,2}[ ./-])?(?:[0-9]{1,2}[./-]|[A-Za-z]{3,9} )(20[0-9]{2})", text)  # 1/7/2024, 1 Juli 2024, Jul 2024
    if not found:
        raise Doubt(t("“{0}” is not a year").format(text))
    return int(found[1])


def period(value: Any) -> tuple[int, int] | None:
    """Return first and last year of ``2023``, ``2023-2027``, ``2023 s.d. 2025`` or ``2023, 2025``."""
    if is_nothing(value):
        return None
    years = [int(y) for y in re.findall(r"\b20[0-9]{2}\b", text_of(value))]
    if not years:
        raise Doubt(t("“{0}” is not a year").format(text_of(value)))
    return min(years), max(years)


def yes(value: Any) -> bool:
    """Return whether a cell says yes; raises Doubt where it says neither yes nor no."""
    text = plain(text_of(value))
    if value is True or is_tick(value) or text in ("1", "true", "quick win", "qw") or text.startswith("ya "):
        return True
    if value is False or is_nothing(value) or text in ("tidak", "no", "0", "false", "bukan"):
        return False
    raise Doubt(t("“{0}” is neither yes nor no").format(text_of(value)))


def status(value: Any) -> str:
    """Return the code of a programme's state; raises Doubt for a word that is none."""
    words = plain(text_of(value))
    for code, names in _STATES.items():
        if words == code.value or words in names:
            return code.value
    for code, names in _STATES.items():
        if any(f" {name} " in f" {words} " for name in names):
            return code.value
    raise Doubt(t("“{0}” is no known state of a programme").format(text_of(value)))


def dimension(value: Any) -> str:
    """Return the code of a dimension, or an empty text."""
    words = plain(text_of(value))
    return next((code for code in DIMENSIONS if any(f" {n} " in f" {words} " for n in _OTHER_NAMES[code])), "")


def sub_dimension(value: Any, within: str = "") -> str:
    """Return the code of a sub-dimension, of one dimension where it is known, or an empty text."""
    words = plain(text_of(value))
    codes = DIMENSIONS.get(within) or tuple(code for subs in DIMENSIONS.values() for code in subs)
    exact = (code for code in codes if words in (plain(DIMENSION_NAMES[code]), plain(code)))
    loose = (code for code in codes if any(f" {n} " in f" {words} " for n in (
        plain(DIMENSION_NAMES[code]), *_OTHER_NAMES[code])))
    return (next(exact, "") or next(loose, "")) if words else ""


def home_of(sub_dimension: str) -> str:
    """Return the dimension of a sub-dimension's code."""
    return next((d for d, subs in DIMENSIONS.items() if sub_dimension in subs), "")
