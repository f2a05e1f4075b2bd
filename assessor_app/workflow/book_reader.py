"""A book of the plan, read in a process of its own: pages as pictures, outline, text, and where words stand on a page."""

from __future__ import annotations

import math
import struct
import unicodedata
from typing import Any

from assessor_app.errors import BadInput
from assessor_app.i18n import t

#: The most pixels of one drawn page: a page of hostile size is drawn smaller.
_MOST_PIXELS = 24_000_000
_MOST_OUTLINE = 2000
_HEAD = struct.Struct(">III")
Box = tuple[float, float, float, float]


class BookReader:
    """Answers questions about one PDF; places are in points from the page's top left corner. Pages count from 0."""

    def __init__(self, data: bytes) -> None:
        import pypdfium2  # type: ignore[import-untyped]

        kept = t("Nothing in the notebook changed.")
        if b"%PDF-" not in data[:1024]:
            raise BadInput(t("This file is not a PDF."), hint=t("Choose the book as a PDF."), kept=kept)
        try:
            self._document = pypdfium2.PdfDocument(data)
            self._document.init_forms()
            count = len(self._document)
        except pypdfium2.PdfiumError as fault:
            if "assword" in str(fault):
                raise BadInput(t("The PDF is locked with a password."), hint=t("Save it without a password, then add it again."),
                               kept=kept) from None
            raise BadInput(t("The PDF is damaged."), hint=t("Get the file anew, then add it again."), kept=kept) from None
        if not count:
            raise BadInput(t("The PDF has no pages."), kept=kept)

    def sizes(self) -> list[list[float]]:
        """Return width and height of each page."""
        return [list(self._document.get_page_size(at)) for at in range(len(self._document))]

    def title(self) -> str:
        """Return the title that the file gives itself."""
        return _plain(self._document.get_metadata_dict().get("Title", ""))[:200]

    def draw(self, at: int, width: int) -> bytes:
        """Return a page drawn ``width`` pixels wide: width, height and bytes a line (big-endian), then 32-bit pixels."""
        page = self._document[at]
        wide, high = page.get_width() or 1, page.get_height() or 1
        scale = min(width / wide, math.sqrt(_MOST_PIXELS / (wide * high)))
        picture = page.render(scale=scale, may_draw_forms=True, prefer_bgrx=True)
        page.close()
        return _HEAD.pack(picture.width, picture.height, picture.stride) + bytes(picture.buffer)

    def outline(self) -> list[list[Any]]:
        """Return the outline: level, title and page of each entry that leads to a page."""
        out: list[list[Any]] = []
        for entry in self._document.get_toc(max_depth=6):
            place = entry.get_dest()
            at = place.get_index() if place is not None else None
            if at is not None and 0 <= at < len(self._document):
                out.append([entry.level, _plain(entry.get_title())[:200], at])
            if len(out) >= _MOST_OUTLINE:
                break
        return out

    def texts(self, first: int, count: int) -> list[str]:
        """Return the text of some pages; a page that cannot be read gives none."""
        import pypdfium2

        out = []
        for at in range(first, min(first + count, len(self._document))):
            try:
                page = self._document[at]
                out.append(_plain(page.get_textpage().get_text_range()))
                page.close()
            except pypdfium2.PdfiumError:
                out.append("")
        return out

    def find(self, at: int, words: str) -> list[Box]:
        """Return where ``words`` stand on a page, in any case, at most 200 times."""
        page = self._document[at]
        text = page.get_textpage()
        out: list[Box] = []
        search = text.search(words, match_case=False)
        while (found := search.get_next()) is not None and len(out) < 200:
            out += self._boxes(page, text, *found)
        return out

    def select(self, at: int, x0: float, y0: float, x1: float, y1: float) -> dict[str, Any]:
        """Return the text between two places of a page in reading order, and the boxes of its lines."""
        page = self._document[at]
        text = page.get_textpage()
        high = page.get_height()
        first, last = (self._near(text, x, high - y) for x, y in ((x0, y0), (x1, y1)))
        if first is None or last is None:
            return {"quote": "", "boxes": []}
        first, last = min(first, last), max(first, last)
        quote = " ".join(_plain(text.get_text_range(first, last - first + 1)).split())
        return {"quote": quote[:4000], "boxes": self._boxes(page, text, first, last - first + 1)}

    @staticmethod
    def _near(text: Any, x: float, y: float) -> int | None:
        """Return the character at or beside a place."""
        for reach in (2, 8, 24, 80):
            found = text.get_index(x, y, reach, reach)
            if found is not None:
                return int(found)
        return None

    @staticmethod
    def _boxes(page: Any, text: Any, first: int, count: int) -> list[Box]:
        high = page.get_height()
        out = []
        for number in range(min(text.count_rects(first, count), 400)):
            left, bottom, right, top = text.get_rect(number)
            out.append((round(left, 1), round(high - top, 1), round(right, 1), round(high - bottom, 1)))
        return out


def _plain(text: str) -> str:
    """Return text without what no screen shows: soft hyphens at line ends are closed up, control characters go."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufffe\n", "").replace("\ufffe", ""))
    return "".join(ch if ch == "\n" or unicodedata.category(ch)[0] != "C" else " " for ch in text)


def unpack_page(data: bytes) -> tuple[int, int, int, bytes]:
    """Return width, height, bytes a line and the pixels of what ``draw`` answered."""
    return (*_HEAD.unpack(data[:_HEAD.size]), data[_HEAD.size:])
