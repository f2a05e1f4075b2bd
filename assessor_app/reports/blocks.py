"""Parts that every document has: letterhead, signature block, verification note, photos."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable, KeepTogether

from assessor_app import formats
from assessor_app.i18n import t
from assessor_app.reports import text
from assessor_app.reports.content import ActionLine, FollowedLine, Frame, Ink, InstrumentFacts, Party, Photo, code
from assessor_app.reports.fonts import REGULAR
from assessor_app.reports.pictures import for_print, ink_for_print
from assessor_app.reports.style import GRID, INK, MUTED, PALE, PRIMARY, bare, gap, grid, listed, para, prose
from assessor_app.reports.tagging import Figure, Node, Picture, decoration, figure

SIGN_WIDTH: Final = 74 * mm
SIGN_HEIGHT: Final = 27 * mm
_LEVEL: Final = 9  # lines of a signature block down to the name, which stand level in both columns


@dataclass(frozen=True, slots=True)
class FieldBox:
    """Where a signature field stands: page from 0, rectangle in points."""

    name: str
    page: int
    box: tuple[float, float, float, float]


class SignatureArea(Flowable):
    """Free room of at least 40 × 25 mm for ink and stamp; it tells where a field's widget belongs."""

    def __init__(self, field: str, found: list[FieldBox], ink: Ink | None = None, signer: str = "") -> None:
        super().__init__()
        self._field, self._found = field, found
        self._ink = ink_for_print(ink.data) if ink else None
        self._node = Node("Figure", alt=t("Signature by hand: {0}").format(signer)) if self._ink else Node("Form", field=field)

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:
        """Return the size in points."""
        return SIGN_WIDTH, SIGN_HEIGHT

    def draw(self) -> None:
        """Draw the ink that is there, and remember the place of the field."""
        if self._ink:
            data, w, h = self._ink
            scale = min(60 * mm / w, (SIGN_HEIGHT - 4) / h)
            with figure(self.canv, self._node, w * scale, h * scale + 2):
                self.canv.drawImage(ImageReader(io.BytesIO(data)), 0, 2, w * scale, h * scale)
        elif self._field:
            x, y = self.canv.absolutePosition(0, 0)
            box = (round(x, 2), round(y, 2), round(x + SIGN_WIDTH, 2), round(y + SIGN_HEIGHT, 2))
            self._found.append(FieldBox(self._field, self.canv.getPageNumber() - 1, box))
            canvas: Any = self.canv
            canvas.push(self._node)
            canvas.pop()


class Code(Figure):
    """A QR code as vectors."""

    def __init__(self, words: str, side: float) -> None:
        super().__init__(t("Code that leads to {0}").format(words.partition("#")[0]))
        self._words, self._side = words, side
        self.width = self.height = side

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:
        """Return the size in points."""
        return self._side, self._side

    def paint(self) -> None:
        """Draw on the canvas."""
        draw_code(self.canv, self._words, 0, 0, self._side)


class Rule(Flowable):
    """The thick and the thin line under a letterhead."""

    def __init__(self, room: float) -> None:
        super().__init__()
        self._room = room

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:
        """Return the size in points."""
        return self._room, 3.6

    def draw(self) -> None:
        """Draw on the canvas."""
        with decoration(self.canv):
            self.canv.setStrokeColor(INK)
            self.canv.setLineWidth(1.8)
            self.canv.line(0, 2.6, self._room, 2.6)
            self.canv.setLineWidth(0.5)
            self.canv.line(0, 0, self._room, 0)


def draw_code(canvas: Any, words: str, x: float, y: float, side: float) -> None:
    """Draw a QR code (level M) of that side in points, quiet zone included; runs of modules are one rectangle."""
    import segno

    matrix = [list(row) for row in segno.make(words, error="m", micro=False).matrix_iter(border=2)]
    unit = side / len(matrix)
    canvas.saveState()
    canvas.setFillColor(INK)
    path = canvas.beginPath()
    for row, modules in enumerate(matrix):
        column = 0
        while column < len(modules):
            if not modules[column]:
                column += 1
                continue
            start = column
            while column < len(modules) and modules[column]:
                column += 1
            path.rect(x + start * unit, y + side - (row + 1) * unit, (column - start) * unit, unit)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()


def letterhead(content: Frame, room: float) -> list[Flowable]:
    """Return the head of the letter: the institution's lines, address, double rule."""
    lines = [line for line in content.letterhead.lines if line.strip()]
    out: list[Flowable] = [para(line, "letter" if i == 0 else "letter_minor") for i, line in enumerate(lines)]
    address = [line for line in content.letterhead.address if line.strip()]
    if address:
        out.append(gap(1))
        out += [para(line, "address") for line in address]
    return [*out, gap(2), Rule(room), gap(5)] if out else []


def opening(content: Frame, name: str, subtitle: str, room: float) -> list[Flowable]:
    """Return the head of a document: letterhead, name, number, subtitle, what it replaces."""
    out = [*letterhead(content, room), para(name, "h1"), para(t("Number: {0}").format(content.number or "–"), "number")]
    if subtitle.strip():
        out.append(para(subtitle, "subtitle"))
    if content.supersedes:
        out.append(para(t("Replaces number {0}").format(content.supersedes), "subtitle"))
    return [*out, gap(4)]


def year_of(content: Frame, instrument: InstrumentFacts) -> int | None:
    """Return the year that was judged: the visit's, or the instrument's where the visit has no date."""
    began = content.visit.starts_on[:4]
    return int(began) if began.isdigit() else instrument.year or None


def visit_line(content: Frame) -> str:
    """Return what the visit was for, when, how and where."""
    visit = content.visit
    return text.joined((text.stage(visit.stage), formats.date_range(visit.starts_on, visit.ends_on or visit.starts_on),
                        text.method(visit.method), visit.place))


def index_figures(index: float | None, previous: float | None, year: int | None, top: float, provisional: bool,
                  band: str = "") -> list[tuple[str, str]]:
    """Return the index, with what its instrument calls it, and its change, each with its explanation."""
    state = t("Index, provisional") if provisional else t("Index")
    state = f"{band} – {state}" if band else state
    out = [(text.mean(index), t("{0}, scale 0 to {1}").format(state, formats.number(top)))]
    if previous is not None and index is not None:
        out.append((text.change(index, previous), t("change from {0} ({1})").format(year or t("the year before"), text.mean(previous))))
    return out


def actions(lines: Sequence[ActionLine], room: float) -> Flowable:
    """Return the table of what was agreed, by whom, by when."""
    body = [[para(str(n), "cell_center"), prose(one.body, "cell") or [para("", "cell")], para(one.who, "cell"),
             para(formats.date(one.due) or one.due or "–", "cell")] for n, one in enumerate(lines, 1)]
    head = [(t("No."), "head_center"), (t("What"), "head"), (t("By whom"), "head"), (t("By when"), "head")]
    return grid(head, body, [10 * mm, room - 86 * mm, 46 * mm, 30 * mm])


def followed(lines: Sequence[FollowedLine], room: float) -> Flowable:
    """Return the table of what became of the actions of earlier visits."""
    body = [[para(str(n), "cell_center"), prose(one.body, "cell") or [para("", "cell")],
             para(text.joined((one.who, formats.date(one.due))), "cell"),
             [para(text.action_status(one.status), "cell_bold"), *prose(one.became, "cell")]] for n, one in enumerate(lines, 1)]
    head = [(t("No."), "head_center"), (t("What was agreed"), "head"), (t("By whom, by when"), "head"), (t("What became of it"), "head")]
    return grid(head, body, [10 * mm, (room - 52 * mm) / 2, 42 * mm, (room - 52 * mm) / 2])


@dataclass(frozen=True, slots=True)
class Signatory:
    """One column of a signature block: place and date above, role, who, and how it is or will be signed."""

    party: Party
    role: str
    field: str
    above: str = ""
    ink: Ink | None = None
    note: str = ""


def place_and_date(content: Frame) -> str:
    """Return ``Tanah Merah, 3 Juli 2025``."""
    return text.joined((content.place or content.letterhead.place, formats.date(content.date)))


def signed(content: Frame, digest: str, closing: str, signers: Sequence[tuple[Signatory | None, Signatory | None]], room: float,
           found: list[FieldBox]) -> list[Flowable]:
    """Return closing words, signature block, list of copies and verification.

    The first signatures stand with the closing words, and the last with what follows: neither is ever alone on a page.
    """
    rows = [[gap(6 if n else 5), pair(left, right, room, found)] for n, (left, right) in enumerate(signers)]
    rows[0] = [gap(3), para(closing), *rows[0]]
    rows[-1] += [*copies_to(content), *verification(content, digest, room)]
    return [KeepTogether(row) for row in rows]


def pair(left: Signatory | None, right: Signatory | None, room: float, found: list[FieldBox]) -> Flowable:
    """Return two columns of a signature block: their lines stand level, and each is read by itself.

    The free room lies between office and name.
    """
    columns = [_column(one, found) if one else [] for one in (left, right)]
    width = room / 2 - 5 * mm
    shown: list[list[Any]] = [[], []]
    for n in range(_LEVEL):
        cells = [column[n] if column else None for column in columns]
        heights = [cell.wrap(width, 10_000)[1] if cell is not None else 0.0 for cell in cells]
        for at, (cell, height) in enumerate(zip(cells, heights, strict=True)):
            if cell is not None:
                shown[at].append(cell)
            if max(heights) > height:
                shown[at].append(gap((max(heights) - height) / mm))
    for at, column in enumerate(columns):
        shown[at] += [line for line in column[_LEVEL:] if line is not None]
    return bare([shown], [room / 2, room / 2], [("RIGHTPADDING", (0, 0), (-1, -1), 5 * mm)])


def _column(one: Signatory, found: list[FieldBox]) -> list[Any]:
    """Return the lines of one signatory, None where there is nothing to say: always as many, level down to the name."""
    def line(words: str, style: str) -> Any:
        return para(words, style) if words.strip() else None

    office = "" if one.party.office == one.role.rstrip(",") else one.party.office
    return [line(one.above, "sign"), line(one.role, "sign"), line(office, "sign"), line(one.party.institution, "note"), gap(1.5),
            SignatureArea(one.field, found, one.ink, one.party.full_name), gap(1.5), line(one.note, "small_italic"),
            line(one.party.full_name, "sign_name"), line(one.party.rank, "sign"), line(one.party.number, "sign")]


def verification(content: Frame, digest: str, room: float, first: Flowable | None = None) -> list[Flowable]:
    """Return the note with the code that leads back to the file; ``first`` stands in place of its heading and advice."""
    side = 23 * mm
    words: list[Flowable] = [first] if first else [
        para(t("Checking the authenticity"), "cell_bold"),
        para(t("A print cannot be checked by itself. The code leads to the document's page at the centre: it compares the electronic "
               "file, or the digits below, with the record."), "note"),
    ]
    words += [para(content.address, "note"), para(t("SHA-256 of the data: {0} …").format(text.groups(digest[:16])), "note")]
    box = bare([[Code(code(content, digest), side), words]], [side + 3 * mm, room - side - 3 * mm], [
        ("BACKGROUND", (0, 0), (-1, -1), PALE), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("RIGHTPADDING", (1, 0), (1, 0), 3 * mm), ("TOPPADDING", (0, 0), (-1, -1), 1.2 * mm),
        ("LEFTPADDING", (0, 0), (0, 0), 1.5 * mm), ("BOTTOMPADDING", (0, 0), (-1, -1), 1.2 * mm),
        ("LINEBEFORE", (0, 0), (0, 0), 2, PRIMARY)])
    return [gap(5), box]


def photos(pictures: Sequence[Photo], room: float, zone: str) -> list[Flowable]:
    """Return the photos two a row, each with its number, caption and time; a broken one is named, not left out."""
    width, height = (room - 6 * mm) / 2, 62 * mm
    cells: list[list[Flowable]] = []
    for n, photo in enumerate(pictures, 1):
        made = for_print(photo.data)
        if made:
            data, w, h = made
            scale = min(width / w, height / h)
            shown: Flowable = Picture(io.BytesIO(data), w * scale, h * scale, text.joined((t("Photo {0}.").format(n), photo.caption), " "))
        else:
            shown = bare([[para(t("This photo cannot be read."), "note_center")]], [width], [
                ("BOX", (0, 0), (-1, -1), 0.5, GRID), ("TOPPADDING", (0, 0), (-1, -1), 20 * mm),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 20 * mm)])
        when = formats.date_time(photo.taken_at, zone) if photo.taken_at else ""
        caption = text.joined((photo.caption[:600], f"({when})" if when else ""), " ")
        label = t("Photo {0}.").format(n)
        cells.append([shown, gap(1), para(f"{label} {caption}", "note")])
    rows = [[*cells[i : i + 2], *([[]] if i + 1 == len(cells) else [])] for i in range(0, len(cells), 2)]
    return [KeepTogether([bare([[row[0], "", row[1]]], [width, 6 * mm, width], [
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4 * mm)])]) for row in rows]


def copies_to(content: Frame) -> list[Flowable]:
    """Return the list of who gets a copy (tembusan)."""
    if not content.copies_to:
        return []
    return [gap(4), para(t("Copies to:"), "cell_bold"), *listed(content.copies_to, "cell_item")]


def small_print(canvas: Any, words: str, x: float, y: float, *, right: bool = False) -> None:
    """Draw one line of the page's foot or running head."""
    canvas.setFont(REGULAR, 8)
    canvas.setFillColor(MUTED)
    (canvas.drawRightString if right else canvas.drawString)(x, y, words)
