"""The face of the printed page: Source Sans 3, embedded; what it lacks is printed as a code, never as nothing."""

from __future__ import annotations

import threading
import unicodedata
from functools import cache
from typing import Any, Final

from assessor_app import paths

REGULAR: Final = "Sumber"
SEMIBOLD: Final = "Sumber-SemiBold"
BOLD: Final = "Sumber-Bold"
ITALIC: Final = "Sumber-Italic"
_FILES: Final = {REGULAR: "Regular", SEMIBOLD: "SemiBold", BOLD: "Bold", ITALIC: "Italic"}
_lock = threading.Lock()
_ready = False

#: Marks that only steer how neighbours are drawn; dropping them loses no letter.
_STEERING: Final = frozenset(map(chr, (*range(0xFE00, 0xFE10), 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD)))
_SPACES: Final = {"\t": "    ", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n"}


def register() -> None:
    """Make the face known to ReportLab and keep Helvetica and ASCII85 out of everything it makes."""
    global _ready
    with _lock:
        if _ready:
            return
        from reportlab import rl_config
        from reportlab.lib.fonts import addMapping
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.ttfonts import TTFont

        rl_config.useA85 = 0
        for name, weight in _FILES.items():
            pdfmetrics.registerFont(TTFont(name, str(paths.resources() / "fonts" / f"SourceSans3-{weight}.ttf")))
        rl_config.canvas_basefontname = REGULAR
        for bold in (0, 1):
            for italic in (0, 1):
                addMapping(REGULAR, bold, italic, ITALIC if italic else SEMIBOLD if bold else REGULAR)
        _ready = True


@cache
def _glyphs(font: str) -> Any:
    from reportlab.pdfbase import pdfmetrics

    register()
    face: Any = pdfmetrics.getFont(font)
    return face.face.charToGlyph


def printable(text: str, font: str = REGULAR) -> str:
    """Return NFC text that the face can print: ``\\n`` stays, control and steering marks go, the rest shows its code.

    An emoji becomes ``[U+1F600]``, a run of letters of a foreign script one bracket ``[U+0627 U+0644]``.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    glyphs = _glyphs(font)
    if all(ord(c) in glyphs for c in set(text) - {"\n"}) and text.isprintable():
        return text
    out: list[str] = []
    run: list[str] = []
    for c in text:
        if c in _SPACES:
            c = _SPACES[c]
        elif c in _STEERING or (c != "\n" and unicodedata.category(c) in {"Cc", "Cf"}):
            continue
        elif c != "\n" and ord(c) not in glyphs:
            run.append("U+FFFD" if unicodedata.category(c) == "Cs" else f"U+{ord(c):04X}")
            continue
        if run:
            out.append(f"[{' '.join(run)}]")
            run.clear()
        out.append(c)
    if run:
        out.append(f"[{' '.join(run)}]")
    return "".join(out)


def width(text: str, font: str, size: float) -> float:
    """Return the width of a line in points."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    register()
    return float(stringWidth(text, font, size))


def fitted(text: str, font: str, size: float, room: float) -> str:
    """Return one line that fits into ``room`` points, cut with an ellipsis where it must be."""
    line = " ".join(printable(text, font).split())
    if width(line, font, size) <= room:
        return line
    while line and width(line + "…", font, size) > room:
        line = line[: -max(1, len(line) // 40)]
    return line.rstrip() + "…"
