"""Words for the page: what people typed is never markup, and numbers of copies are written out."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from assessor_app import formats, i18n
from assessor_app.i18n import mark, t
from assessor_app.reports.fonts import REGULAR, printable

_WORDS_ID = ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"]
_WORDS_EN = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]

STAGES = {
    "bimtek_1": mark("Workshop I"), "bimtek_2": mark("Workshop II"), "bimtek_3": mark("Workshop III"),
    "bimtek_4": mark("Workshop IV"), "evaluation": mark("Evaluation"), "other": mark("Visit"),
}
METHODS = {"on_site": mark("on site"), "online": mark("online"), "mixed": mark("on site and online")}


def markup(text: str, font: str = REGULAR) -> str:
    """Return text as ReportLab's paragraph markup that prints exactly these letters; line breaks stay."""
    return escape(printable(text, font).strip(), quote=False).replace("\n", "<br/>")


def paragraphs(text: str) -> list[str]:
    """Return the parts of a long text between blank lines, so that each can flow over pages by itself."""
    parts = [part.strip() for part in text.replace("\r\n", "\n").replace("\r", "\n").split("\n\n")]
    return [piece for part in parts if part for piece in _pieces(part)]


def _pieces(text: str, longest: int = 4000) -> Iterable[str]:
    """Yield pieces of at most some 4,000 characters, cut at a line or a space: long ones take quadratic time."""
    while len(text) > longest:
        cut = max(text.rfind("\n", 0, longest), text.rfind(" ", 0, longest))
        cut = cut if cut > 0 else longest
        yield text[:cut].strip()
        text = text[cut:].strip()
    if text:
        yield text


def counted(n: int) -> str:
    """Return ``2 (dua)``."""
    words = _WORDS_ID if i18n.language() == "id" else _WORDS_EN
    return f"{n} ({words[n]})" if 0 <= n < len(words) else str(n)


def stage(code: str) -> str:
    """Return the stage's name in the language spoken."""
    return t(STAGES[code]) if code in STAGES else code


def action_status(code: str) -> str:
    """Return how far an agreed action is, in the language spoken."""
    return {"done": t("Done"), "running": t("In progress"), "dropped": t("Dropped")}.get(code, t("Open"))


def method(code: str) -> str:
    """Return how the visit was held, in the language spoken."""
    return t(METHODS[code]) if code in METHODS else code


def score(value: str | None) -> str:
    """Return a score as printed: the number, a dash for *not assessed*, an ellipsis for *not yet scored*."""
    if value == "-":
        return "–"
    return value or "…"


def mean(value: float | None, decimals: int = 2) -> str:
    """Return a mean as printed, a dash where there is none."""
    return "–" if value is None else formats.number(value, decimals)


def weight(value: float) -> str:
    """Return a weight as printed: whole where it is."""
    return formats.number(value, 0 if value == int(value) else 2)


def change(now: float | None, before: float | None) -> str:
    """Return the difference of two figures with its sign, a dash where one is missing. Rounded after it is taken."""
    if now is None or before is None:
        return "–"
    words = formats.number(abs(now - before), 2)
    sign = "±" if not any(c in "123456789" for c in words) else "+" if now > before else "−"
    return f"{sign}{words}"


def shortened(words: str, most: int) -> str:
    """Return at most so many characters of a text on one line, cut at a word, with an ellipsis."""
    line = " ".join(printable(words).split())
    if len(line) <= most:
        return line
    cut = line.rfind(" ", most // 2, most)
    return line[: cut if cut > 0 else most].rstrip(" ,.;:") + " …"


def groups(digits: str, size: int = 4) -> str:
    """Return digits in groups that an eye can compare."""
    return " ".join(digits[i : i + size] for i in range(0, len(digits), size))


def joined(parts: Iterable[str], by: str = ", ") -> str:
    """Return the parts that are not empty, joined."""
    return by.join(part.strip() for part in parts if part.strip())
