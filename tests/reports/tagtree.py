"""Reads the structure of a finished document as a screen reader would, and complains of what is not right."""

from __future__ import annotations

import io
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pikepdf

_SHOWS = {"Tj", "TJ", "'", '"', "Do", "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh"}


@dataclass
class Element:
    tag: str
    alt: str = ""
    scope: str = ""
    box: tuple[float, ...] = ()
    kids: list[Element] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    objects: int = 0

    def walk(self) -> list[Element]:
        return [self, *(one for kid in self.kids for one in kid.walk())]

    def find(self, tag: str) -> list[Element]:
        return [one for one in self.walk() if one.tag == tag]


def read(pdf_bytes: bytes) -> Element:
    """Return the root, having checked all that holds for every document of ours."""
    with pikepdf.open(io.BytesIO(pdf_bytes)) as pdf:
        pages = {page.objgen: n for n, page in enumerate(pdf.pages)}
        assert bool(pdf.Root.MarkInfo.Marked)
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        tree = pdf.Root.StructTreeRoot
        order: list[tuple[int, int]] = []
        owners: dict[tuple[int, int], Any] = {}
        root = _element(tree.K, pages, order, owners)
        _check_marks(pdf, order, owners, tree)
    _check_nesting(root)
    return root


def _element(node: Any, pages: dict[Any, int], order: list[tuple[int, int]], owners: dict[tuple[int, int], Any]) -> Element:
    out = Element(str(node.S).lstrip("/"), str(node.get("/Alt", "")))
    if "/A" in node:
        out.scope = str(node.A.get("/Scope", "")).lstrip("/")
        out.box = tuple(float(v) for v in node.A.get("/BBox", ()))
    kids = node.get("/K", [])
    assert out.tag != "Form" or isinstance(kids, pikepdf.Dictionary), "one dictionary, not an array"
    for kid in kids if isinstance(kids, pikepdf.Array | list) else [kids]:
        if isinstance(kid, pikepdf.Dictionary):
            if kid.get("/Type") == "/MCR":
                mark = (pages[kid.Pg.objgen], int(kid.MCID))
            elif kid.get("/Type") == "/OBJR":
                out.objects += 1
                assert kid.Obj.Subtype == "/Widget"
                assert str(kid.Obj.Contents)
                assert str(kid.Obj.TU)
                continue
            else:
                assert kid.P.objgen == node.objgen
                out.kids.append(_element(kid, pages, order, owners))
                continue
        else:
            mark = (pages[node.Pg.objgen], int(kid))
        assert mark not in owners, "a mark stands in the tree once"
        out.marks.append(mark)
        order.append(mark)
        owners[mark] = node.objgen
    return out


def _check_marks(pdf: pikepdf.Pdf, order: list[tuple[int, int]], owners: dict[tuple[int, int], Any], tree: Any) -> None:
    numbers = list(tree.ParentTree.Nums)
    parents = {int(numbers[i]): numbers[i + 1] for i in range(0, len(numbers), 2)}
    in_tree: dict[int, list[int]] = defaultdict(list)
    for at, mark in order:
        in_tree[at].append(mark)
    for n, page in enumerate(pdf.pages):
        assert page.obj.Tabs == "/S"
        seen: list[int] = []
        depth: list[str] = []
        for step in pikepdf.parse_content_stream(page):
            name = str(step.operator)
            if name in {"BDC", "BMC"}:
                assert not depth, "marks do not nest"
                if name == "BDC" and isinstance(step.operands[1], pikepdf.Dictionary) and "/MCID" in step.operands[1]:
                    seen.append(int(step.operands[1].MCID))
                depth.append(str(step.operands[0]))
            elif name == "EMC":
                depth.pop()
            elif name in _SHOWS:
                assert depth, f"page {n + 1}: {name} draws without a mark"
        assert seen == sorted(set(seen)), "marks are numbered as they are drawn"
        assert in_tree[n] == seen, f"page {n + 1}: read in the order in which it is drawn, and whole"
        assert [one.objgen for one in parents[int(page.obj.StructParents)]] == [owners[(n, mark)] for mark in seen]
        for widget in page.obj.get("/Annots", []):
            assert parents[int(widget.StructParent)].S == "/Form"


def _check_nesting(root: Element) -> None:
    assert root.tag == "Document"
    level = 0
    for one in root.walk():
        if re.fullmatch(r"H\d", one.tag):
            assert int(one.tag[1]) <= level + 1, "headings nest"
            level = int(one.tag[1])
        elif one.tag == "Table":
            assert one.kids
            assert {row.tag for row in one.kids} == {"TR"}
            assert len({len(row.kids) for row in one.kids}) == 1, "tables are regular"
            assert {cell.tag for row in one.kids for cell in row.kids} <= {"TH", "TD"}
            assert all(cell.scope for row in one.kids for cell in row.kids if cell.tag == "TH")
            assert any(cell.tag == "TH" for cell in one.kids[0].kids)
        elif one.tag == "L":
            assert all(item.tag == "LI" and [part.tag for part in item.kids] == ["Lbl", "LBody"] for item in one.kids)
        elif one.tag == "Figure":
            assert one.alt.strip()
            assert len(one.box) == 4
            assert one.box[2] > one.box[0]
            assert one.box[3] > one.box[1]
        elif one.tag == "Form":
            assert one.objects == 1


def spoken(pdf_bytes: bytes) -> str:
    """Return the text in the order of the structure, as pdfium decodes it, without white space: what a screen reader says."""
    import ctypes

    import pypdfium2
    import pypdfium2.raw as raw

    texts: dict[tuple[int, int], str] = defaultdict(str)
    pdf = pypdfium2.PdfDocument(pdf_bytes)
    try:
        for n in range(len(pdf)):
            page = pdf[n]
            textpage = page.get_textpage()
            for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=1):
                mark = raw.FPDFPageObj_GetMarkedContentID(item.raw)
                if mark < 0:
                    continue
                size = raw.FPDFTextObj_GetText(item.raw, textpage.raw, None, 0)
                buffer = ctypes.create_string_buffer(size)
                raw.FPDFTextObj_GetText(item.raw, textpage.raw, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
                texts[(n, mark)] += buffer.raw[: size - 2].decode("utf-16-le", "replace")
            textpage.close()
            page.close()
    finally:
        pdf.close()
    order: list[tuple[int, int]] = []
    with pikepdf.open(io.BytesIO(pdf_bytes)) as opened:
        pages = {page.objgen: n for n, page in enumerate(opened.pages)}
        _element(opened.Root.StructTreeRoot.K, pages, order, {})
    return squeezed("".join(texts[mark] for mark in order))


def squeezed(words: str) -> str:
    """Return text as it compares: composed, hyphens at a line's end as hyphens, without white space."""
    words = re.sub("[\ufffe\x02]", "-", words)
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", words))
