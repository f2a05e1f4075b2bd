"""One type scale, one grid and few colours for every page; the paragraphs and tables built from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Spacer, Table, TableStyle

from assessor_app.reports import text
from assessor_app.reports.fonts import BOLD, ITALIC, REGULAR, SEMIBOLD, register
from assessor_app.reports.tagging import FactName, LayoutTags, Node, TableTags, Words, of_row

INK: Final = HexColor(0x16202B)
MUTED: Final = HexColor(0x55616D)
GRID: Final = HexColor(0xB6C0CA)
PALE: Final = HexColor(0xF1F4F8)
PRIMARY: Final = HexColor(0x17406D)
SECRET: Final = HexColor(0x9E1B1B)
WHITE: Final = white
WATERMARK: Final = Color(0.55, 0.6, 0.66, alpha=0.13)

PAPER: Final = {"A4": (210 * mm, 297 * mm), "F4": (215 * mm, 330 * mm)}
LEFT: Final = 25 * mm
RIGHT: Final = 20 * mm
TOP: Final = 20 * mm
BOTTOM: Final = 22 * mm
_TALL: Final = 110 * mm  # a row from this height on may break inside


@cache
def styles() -> dict[str, ParagraphStyle]:
    """Return the paragraph styles by name; all in the embedded face."""
    register()
    made: dict[str, ParagraphStyle] = {}

    def add(name: str, size: float, leading: float, font: str = REGULAR, **more: Any) -> None:
        options: dict[str, Any] = {"textColor": INK, "splitLongWords": 1, "bulletFontName": REGULAR} | more
        made[name] = ParagraphStyle(name, fontName=font, fontSize=size, leading=leading, **options)

    add("body", 10.5, 15, alignment=TA_JUSTIFY, spaceAfter=5)
    add("left", 10.5, 15, spaceAfter=5)
    add("lead", 10.5, 15, alignment=TA_JUSTIFY, spaceAfter=6)
    add("fact", 10, 13.6)
    add("fact_name", 10, 13.6, textColor=MUTED)
    add("item", 10.5, 15, alignment=TA_JUSTIFY, leftIndent=7 * mm, bulletIndent=0, spaceAfter=3.5)
    add("h1", 15, 19, BOLD, alignment=TA_CENTER, spaceAfter=1)
    add("number", 10.5, 14.5, alignment=TA_CENTER)
    add("subtitle", 10.5, 14.5, alignment=TA_CENTER, textColor=MUTED)
    add("h2", 11.5, 15, SEMIBOLD, textColor=PRIMARY, spaceBefore=10, spaceAfter=4)
    add("h3", 10.5, 14, SEMIBOLD, spaceBefore=6, spaceAfter=3)
    add("cell", 9, 12)
    add("cell_item", 9, 12, leftIndent=5 * mm)
    add("cell_center", 9, 12, alignment=TA_CENTER)
    add("cell_right", 9, 12, alignment=TA_RIGHT)
    add("cell_bold", 9, 12, SEMIBOLD)
    add("cell_bold_right", 9, 12, SEMIBOLD, alignment=TA_RIGHT)
    add("score", 10.5, 12, SEMIBOLD, alignment=TA_CENTER)
    add("head", 8.5, 11, SEMIBOLD, textColor=WHITE)
    add("head_center", 8.5, 11, SEMIBOLD, textColor=WHITE, alignment=TA_CENTER)
    add("head_right", 8.5, 11, SEMIBOLD, textColor=WHITE, alignment=TA_RIGHT)
    add("note", 8.5, 11.4, textColor=MUTED)
    add("note_center", 8.5, 11.4, textColor=MUTED, alignment=TA_CENTER)
    add("anchor", 8, 10.4)
    add("small_italic", 8.5, 11.4, ITALIC, textColor=MUTED)
    add("sign", 10.5, 14)
    add("sign_name", 10.5, 14, SEMIBOLD)
    add("letter", 12.5, 15.5, BOLD, alignment=TA_CENTER)
    add("letter_minor", 11, 14, SEMIBOLD, alignment=TA_CENTER)
    add("address", 8.5, 11, alignment=TA_CENTER, textColor=MUTED)
    add("h2_tight", 11.5, 15, SEMIBOLD, textColor=PRIMARY, spaceAfter=2)
    add("title", 20, 24, BOLD)
    add("under_title", 9.5, 13, textColor=MUTED)
    add("summary_item", 9.5, 12.6, leftIndent=5.5 * mm, spaceAfter=2.5)
    add("huge", 44, 50, BOLD, textColor=PRIMARY, spaceAfter=5)
    add("figure", 22, 25, BOLD, textColor=PRIMARY)
    add("figure_note", 8.5, 11, textColor=MUTED)
    return made


def para(words: str, style: str = "body", *, tag: str = "", **more: Any) -> Words:
    """Return a paragraph of a person's words: nothing in them is markup. ``tag`` where it is neither a heading nor a plain paragraph."""
    chosen = styles()[style]
    if tag:
        more["node"] = Node(tag)
    return Words(text.markup(words, chosen.fontName), chosen, **more)


def prose(words: str, style: str = "body") -> list[Flowable]:
    """Return a long text as paragraphs that flow over pages one by one."""
    return [para(part, style) for part in text.paragraphs(words)]


def listed(items: Iterable[str], style: str = "item", *, mark: str = "") -> list[Flowable]:
    """Return a list, numbered or with a mark before each item; an item's further paragraphs stand under its first."""
    out: list[Flowable] = []
    whole = Node("L")
    chosen = styles()[style]
    for n, words in enumerate(items, 1):
        item = Node("LI", within=whole)
        body = Node("LBody", within=item)
        for k, part in enumerate(text.paragraphs(words) or [""]):
            label = (mark or f"{n}.") if k == 0 else ""
            out.append(Words(text.markup(part, chosen.fontName), chosen, node=Node("P", within=body), label=label,
                             label_node=Node("Lbl", within=item) if label else None))
    return out


def heading(words: str, style: str = "h2", with_mm: float = 26) -> list[Flowable]:
    """Return a heading with at least ``with_mm`` of what follows on its page.

    ReportLab's keepWithNext would hold a whole table to its heading and leave the page before half empty.
    """
    return [CondPageBreak(with_mm * mm), para(words, style)]


def facts(rows: Sequence[tuple[str, str]], room: float, name_width: float = 38 * mm) -> Table:
    """Return name and value pairs, ``Nama : nilai``, aligned at the colon."""
    chosen = styles()["fact_name"]
    body = [of_row([FactName(text.markup(name), chosen), prose(value, "fact")], n)
            for n, (name, value) in enumerate((name, value) for name, value in rows if value.strip())]
    made = Table(body or [["", ""]], colWidths=[name_width + 3 * mm, room - name_width - 3 * mm], splitInRow=1, hAlign="LEFT",
                 renderCB=TableTags(heads=0, row_heads=True))
    made.setStyle(TableStyle([
        ("FONTNAME", (0, 0), (-1, -1), REGULAR), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (0, -1), 3 * mm), ("RIGHTPADDING", (1, 0), (1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0.6), ("BOTTOMPADDING", (0, 0), (-1, -1), 0.6),
    ]))
    return made


def grid(head: Sequence[tuple[str, str]], body: Sequence[Sequence[Any]], widths: Sequence[float],
         extra: Sequence[tuple[Any, ...]] = (), *, row_heads: bool = False) -> Table:
    """Return a table with a head repeated on each page; rows taller than a page break inside.

    ``head`` is (words, style) a column; with ``row_heads`` the first cell of each row is its head.
    """
    rows = [of_row(row, n) for n, row in enumerate([[para(words, style) for words, style in head], *body])]
    made = Grid(rows, colWidths=list(widths), repeatRows=1, splitByRow=1, splitInRow=1, hAlign="LEFT",
                renderCB=TableTags(row_heads=row_heads))
    made.setStyle(TableStyle([
        ("FONTNAME", (0, 0), (-1, -1), REGULAR),
        ("BACKGROUND", (0, 0), (-1, 0), PRIMARY),
        ("VALIGN", (0, 0), (-1, 0), "MIDDLE"), ("VALIGN", (0, 1), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, GRID), ("LINEABOVE", (0, 1), (-1, 1), 0.4, GRID),
        ("LEFTPADDING", (0, 0), (-1, -1), 1.8 * mm), ("RIGHTPADDING", (0, 0), (-1, -1), 1.8 * mm),
        ("TOPPADDING", (0, 0), (-1, -1), 2.6), ("BOTTOMPADDING", (0, 0), (-1, -1), 3.4),
        *extra,
    ]))
    return made


class Grid(Table):
    """A table whose rows stay whole on a page, but for those that are taller than half of one."""

    def split(self, availWidth: float, availHeight: float) -> list[Any]:
        """Split between rows where that can be, else inside one."""
        at: Any = self
        at._calc(availWidth, availHeight)
        used, height = 0.0, 0.0
        for height in at._rowHeights:
            if used + height > availHeight:
                break
            used += height
        inside, at.splitInRow = at.splitInRow, 0 if height < _TALL else at.splitInRow
        parts: list[Any] = super().split(availWidth, availHeight)
        for part in (self, *parts):
            part.splitInRow = inside
        return parts


def bare(rows: Sequence[Sequence[Any]], widths: Sequence[float], extra: Sequence[tuple[Any, ...]] = ()) -> Table:
    """Return a table without lines or padding, for placing things side by side: to a reader it is none."""
    made = Table([list(row) for row in rows], colWidths=list(widths), splitInRow=1, hAlign="LEFT", renderCB=LayoutTags())
    made.setStyle(TableStyle([
        ("FONTNAME", (0, 0), (-1, -1), REGULAR), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 0), *extra,
    ]))
    return made


def figures(cells: Sequence[tuple[str, str]], room: float) -> Table:
    """Return large figures side by side, each with its explanation."""
    shown = [[para(value, "figure"), para(words, "figure_note")] for value, words in cells]
    return bare([shown], [room / len(cells)] * len(cells), [
        ("BACKGROUND", (0, 0), (-1, -1), PALE), ("LEFTPADDING", (0, 0), (-1, -1), 5 * mm), ("RIGHTPADDING", (0, 0), (-1, -1), 3 * mm),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5 * mm), ("BOTTOMPADDING", (0, 0), (-1, -1), 3 * mm),
        ("LINEBEFORE", (0, 0), (0, -1), 2, PRIMARY), ("LINEBEFORE", (1, 0), (-1, -1), 0.5, GRID)])


def gap(height_mm: float) -> Spacer:
    """Return empty space."""
    return Spacer(1, height_mm * mm)
