"""Numbers, money, dates and times as Indonesia writes them, and as English readers expect them."""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from assessor_app import i18n

_MONTHS_ID = ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember")
_MONTHS_EN = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
              "December")
_DAYS_ID = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _separators(text: str) -> str:
    if i18n.language() == "id":
        return text.replace(",", "\0").replace(".", ",").replace("\0", ".")
    return text


def number(value: int | float | Fraction | Decimal, decimals: int = 0) -> str:
    """Return ``1.234,50`` (id) or ``1,234.50`` (en), rounded half up."""
    if isinstance(value, Fraction):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
    else:
        exact = Decimal(str(value))
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return _separators(f"{rounded:,.{decimals}f}")


def rupiah(amount: int | None) -> str:
    """Return ``Rp 1.500.000``; nothing for None."""
    return "" if amount is None else f"Rp {number(amount)}"


def rupiah_short(amount: int) -> str:
    """Return ``Rp 1,5 miliar``: rounded to what one reads at a glance; nothing is lost by it but the view of small change."""
    for size, id_, en in ((10**12, "triliun", "trillion"), (10**9, "miliar", "billion"), (10**6, "juta", "million")):
        if amount >= size:
            words = id_ if i18n.language() == "id" else en
            tenths = round(amount * 10 / size)
            return f"Rp {number(Fraction(tenths, 10), 1 if tenths % 10 else 0)} {words}"
    return rupiah(amount)


def parse_date(text: str | None) -> Date | None:
    """Return the date of an ISO text, or None where there is none or it is no date."""
    try:
        return Date.fromisoformat(text) if text else None
    except ValueError:
        return None


def date(value: Date | str | None) -> str:
    """Return ``3 Juli 2023``; an empty text for none."""
    day = parse_date(value) if isinstance(value, str) else value
    if day is None:
        return ""
    months = _MONTHS_ID if i18n.language() == "id" else _MONTHS_EN
    return f"{day.day} {months[day.month - 1]} {day.year}"


def weekday(value: Date) -> str:
    """Return the name of the day: ``Senin``."""
    return (_DAYS_ID if i18n.language() == "id" else _DAYS_EN)[value.weekday()]


def date_range(first: str | None, last: str | None) -> str:
    """Return ``3–5 Juli 2023`` or the shortest unmistakable form of two dates."""
    a, b = parse_date(first), parse_date(last)
    if a is None or b is None or a == b:
        return date(a or b)
    if (a.year, a.month) == (b.year, b.month):
        return f"{a.day}–{date(b)}"
    if a.year == b.year:
        return f"{date(a).rsplit(' ', 1)[0]} – {date(b)}"
    return f"{date(a)} – {date(b)}"


def time(value: datetime | str | None, zone: str = "") -> str:
    """Return ``09.30 WIT`` (id) or ``09:30 WIT`` (en)."""
    moment = _moment(value)
    if moment is None:
        return ""
    mark = "." if i18n.language() == "id" else ":"
    return f"{moment.hour:02d}{mark}{moment.minute:02d} {zone}".strip()


def date_time(value: datetime | str | None, zone: str = "") -> str:
    """Return ``3 Juli 2023, 09.30 WIT``."""
    moment = _moment(value)
    return f"{date(moment.date())}, {time(moment, zone)}" if moment else ""


def _moment(value: datetime | str | None) -> datetime | None:
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value) if value else None
        except ValueError:
            return None
    return value


def nip(digits: str) -> str:
    """Return a NIP in groups of 8-6-1-3 digits; anything that is no NIP comes back as it is."""
    bare = "".join(ch for ch in digits if ch.isdigit())
    if len(bare) != 18:
        return digits
    return f"{bare[:8]} {bare[8:14]} {bare[14]} {bare[15:]}"


def full_name(name: str, before: str = "", after: str = "") -> str:
    """Return a name with academic titles: ``Dr. Maria Tefa, M.Kom.``."""
    return f"{before} {name}".strip() + (f", {after}" if after else "")


def size(octets: int) -> str:
    """Return ``3,4 MB`` with the unit that suits."""
    value = float(octets)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{number(value, 0 if unit == 'B' else 1)} {unit}"
        value /= 1000
    raise AssertionError
