"""From frozen content to pages: frames, running heads, page x of y, RAHASIA and CONTOH."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, PageTemplate
from reportlab.platypus import Frame as TextFrame

from assessor_app import i18n
from assessor_app.i18n import t
from assessor_app.reports import fonts, text
from assessor_app.reports.blocks import FieldBox, small_print
from assessor_app.reports.content import Content, MinutesContent, SheetContent, data_sha256
from assessor_app.reports.content_blank import BlankContent
from assessor_app.reports.content_notes import NotesContent
from assessor_app.reports.content_panel import PanelContent, SummaryContent
from assessor_app.reports.fonts import BOLD, REGULAR, SEMIBOLD, fitted
from assessor_app.reports.style import BOTTOM, GRID, LEFT, MUTED, PAPER, RIGHT, SECRET, TOP, WATERMARK
from assessor_app.reports.tagging import TaggedCanvas, Tree, decoration


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A document before it is finished: the PDF, its pages, where its signature fields belong, and the structure of its marks."""

    pdf: bytes
    pages: int
    fields: tuple[FieldBox, ...]
    title: str
    tree: Tree


def title_of(content: Content) -> str:
    """Return the document's title in its own language, as shown in a reader's title bar."""
    with i18n.speaking(content.language):
        name = content.title or _name(content)
        return text.joined((name, content.region.name, content.number), " · ")


def lay_out(content: Content) -> LaidOut:
    """Lay the content out; takes 0.1 to 1 s, on any thread. No network, no files but the fonts.

    A summary is cut until it has one page.
    """
    fonts.register()
    with i18n.speaking(content.language):
        made = _laid(content)
        if isinstance(content, SummaryContent):
            from assessor_app.reports.summary import SHORTER

            for shorter in range(1, len(SHORTER)):
                if made.pages == 1:
                    break
                made = _laid(content, shorter)
        return made


def _laid(content: Content, shorter: int = 0) -> LaidOut:
    size = PAPER.get(content.paper, PAPER["A4"])
    room = size[0] - LEFT - RIGHT
    digest = data_sha256(content)
    found: list[FieldBox] = []
    story = _story(content, digest, room, found, shorter)
    title = title_of(content)
    out = io.BytesIO()
    frame = TextFrame(LEFT, BOTTOM, room, size[1] - TOP - BOTTOM, 0, 0, 0, 0, id="page")
    doc = BaseDocTemplate(out, pagesize=size, title=title, lang=content.language, initialFontName=REGULAR, pageCompression=1,
                          allowSplitting=1)
    doc.addPageTemplates([PageTemplate(id="all", frames=[frame], pagesize=size)])
    pages: list[int] = []
    tree = Tree()

    def canvas(*args: Any, **kwargs: Any) -> Canvas:
        return _Pages(*args, content=content, digest=digest, pages=pages, tree=tree, **kwargs)

    doc.build(story, canvasmaker=canvas)
    return LaidOut(out.getvalue(), pages[0] if pages else 0, tuple(found), title, tree)


def _story(content: Content, digest: str, room: float, found: list[FieldBox], shorter: int) -> list[Any]:
    from assessor_app.reports import blank, minutes, notes, panel, sheet, summary

    match content:
        case MinutesContent():
            return minutes.story(content, digest, room, found)
        case SheetContent():
            return sheet.story(content, digest, room, found)
        case PanelContent():
            return panel.story(content, digest, room, found)
        case SummaryContent():
            return summary.story(content, digest, room, shorter)
        case BlankContent():
            return blank.story(content, room)
        case NotesContent():
            return notes.story(content, room)
        case _:
            raise TypeError(type(content).__name__)


class _Pages(TaggedCanvas):
    """Keeps the pages until their number is known, then draws head and foot on each."""

    def __init__(self, *args: Any, content: Content, digest: str, pages: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initialFontName": REGULAR}))
        self._content, self._digest, self._count = content, digest, pages
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:
        """Keep the page for later."""
        self._kept.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]

    def save(self) -> None:
        """Finish all pages."""
        kept, total = self._kept, len(self._kept)
        for n, state in enumerate(kept, 1):
            self.__dict__.update(state)
            self._furniture(n, total)
            super().showPage()
        self._count.append(total)
        super().save()

    def _furniture(self, n: int, total: int) -> None:
        content, (width, height) = self._content, self._pagesize  # type: ignore[attr-defined]
        right, foot = width - RIGHT, BOTTOM - 9 * mm
        self.saveState()
        with decoration(self, "Footer"):
            self.setStrokeColor(GRID)
            self.setLineWidth(0.5)
            self.line(LEFT, foot + 4 * mm, right, foot + 4 * mm)
            page = t("Page {0} of {1}").format(n, total)
            small_print(self, page, right, foot, right=True)
            room = right - LEFT - fonts.width(page, REGULAR, 8) - 6 * mm
            small_print(self, fitted(_foot(content, self._digest), REGULAR, 8, room), LEFT, foot)
        top = height - TOP + 7 * mm
        with decoration(self, "Header"):
            if n > 1:
                mark = 34 * mm if content.marked_secret else 0
                head = text.joined((_name(content), content.region.name, content.number), " · ")
                small_print(self, fitted(head, REGULAR, 8, right - LEFT - mark), LEFT, top)
            if content.marked_secret:
                self._boxed(t("SECRET"), right, top + 1.2 * mm)
        if content.sample:
            with decoration(self):
                self._watermark(t("SAMPLE"), width, height)
        self.restoreState()

    def _boxed(self, words: str, right: float, middle: float) -> None:
        wide = fonts.width(words, BOLD, 10) + 8 * mm
        self.setStrokeColor(SECRET)
        self.setFillColor(SECRET)
        self.setLineWidth(1.1)
        self.rect(right - wide, middle - 3 * mm, wide, 6 * mm)
        self.setFont(BOLD, 10)
        self.drawCentredString(right - wide / 2, middle - 3.4, words)

    def _watermark(self, words: str, width: float, height: float) -> None:
        self.saveState()
        self.translate(width / 2, height / 2)
        self.rotate(52)
        self.setFillColor(WATERMARK)
        self.setFont(BOLD, 118)
        self.drawCentredString(0, -42, words)
        self.restoreState()
        self.setFont(SEMIBOLD, 8)
        self.setFillColor(MUTED)
        self.drawCentredString(width / 2, BOTTOM - 13.5 * mm, t("Sample with invented data"))


def _foot(content: Content, digest: str) -> str:
    """Return what leads back to the file; for a blank sheet, to its instrument."""
    if isinstance(content, BlankContent):
        used = content.instrument
        return f"{used.form_id}@{used.version} · SHA-256 {used.sha256[:16]}…"
    if isinstance(content, NotesContent):
        return t("Nobody signed these pages")
    return f"{content.address} · SHA-256 {digest[:16]}…"


def _name(content: Content) -> str:
    return name_of(content.kind)


def name_of(kind: str) -> str:
    """Return the name of a kind of document, in the language spoken."""
    return {
        "minutes": t("Minutes of the visit"), "evaluation_sheet": t("Evaluation sheet"), "panel_report": t("Panel report"),
        "summary": t("Summary for the head of the region"), "blank_sheet": t("Blank sheet"), "notes": t("Notes of the visit"),
    }.get(kind, kind)
