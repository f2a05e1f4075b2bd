"""Tags: whatever is drawn belongs to a node of the document's structure, or is marked as decoration.

ReportLab has no notion of structure. Here a flowable carries its node, which it shares with the parts that it is split into; the canvas
hands out the marks of each page; what is drawn in its order becomes the order of reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, Final

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, Paragraph
from reportlab.platypus.tables import TableRenderCB

#: Which styles are headings; everything else is a paragraph.
HEADINGS: Final = {"h1": "H1", "title": "H1", "h2": "H2", "h2_tight": "H2", "h3": "H3"}


@dataclass(eq=False, slots=True)
class Node:
    """One element of the structure.

    ``kids`` are nodes, or marks as (page from 0, number on the page). ``within`` is the node that it belongs to, where that is not the
    one which is open when it is first drawn. ``field`` names the signature field that a Form stands for.
    """

    tag: str
    within: Node | None = None
    alt: str = ""
    box: tuple[float, float, float, float] | None = None
    scope: str = ""
    field: str = ""
    kids: list[Node | tuple[int, int]] = default(default_factory=list)
    attached: bool = False

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, in the order of reading."""
        yield self
        for kid in self.kids:
            if isinstance(kid, Node):
                yield from kid.walk()


@dataclass(eq=False, slots=True)
class Tree:
    """The structure of one document; ``marks`` has for each page the nodes that its marks belong to, by number."""

    root: Node = default(default_factory=lambda: Node("Document", attached=True))
    marks: dict[int, list[Node]] = default(default_factory=dict)
    open: list[Node] = default(default_factory=list)
    hidden: int = 0  # how many decorations are open: nothing inside is content


class TaggedCanvas(Canvas):
    """A canvas that marks what is drawn on it."""

    def __init__(self, *args: Any, tree: Tree, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tree = tree

    def push(self, node: Node) -> None:
        """Open a node: what is drawn until ``pop`` belongs to it."""
        if not self.tree.hidden:
            self._attach(node)
        self.tree.open.append(node)

    def pop(self) -> None:
        """Close the node that was opened last."""
        self.tree.open.pop()

    def begin(self, node: Node) -> None:
        """Begin the drawing of a node's own marks; every ``begin`` has its ``end`` on the same page."""
        if self.tree.hidden:
            return
        self._attach(node)
        page = self.getPageNumber() - 1
        marks = self.tree.marks.setdefault(page, [])
        node.kids.append((page, len(marks)))
        self._code.append(f"/{node.tag} <</MCID {len(marks)}>> BDC")  # type: ignore[attr-defined]
        marks.append(node)

    def end(self) -> None:
        """End what was begun."""
        if not self.tree.hidden:
            self._code.append("EMC")  # type: ignore[attr-defined]

    def hide(self, kind: str = "") -> None:
        """Begin a decoration: ``kind`` is ``Header`` or ``Footer`` of the page, or empty."""
        if not self.tree.hidden:
            mark = f"/Artifact <</Type /Pagination /Subtype /{kind}>> BDC" if kind else "/Artifact BMC"
            self._code.append(mark)  # type: ignore[attr-defined]
        self.tree.hidden += 1

    def show(self) -> None:
        """End a decoration."""
        self.tree.hidden -= 1
        self.end()

    def _attach(self, node: Node) -> None:
        if node.attached:
            return
        node.attached = True
        parent = node.within or (self.tree.open[-1] if self.tree.open else self.tree.root)
        self._attach(parent)
        parent.kids.append(node)


class Words(Paragraph):
    """A paragraph with its node, and the label of a list's item before it."""

    def __init__(self, *args: Any, node: Node | None = None, label: str = "", label_node: Node | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.node = node or Node(HEADINGS.get(self.style.name, "P"))
        self.label, self.label_node = label, label_node
        self.row: int | None = None

    def split(self, availWidth: float, availHeight: float) -> list[Any]:
        """Split into two parts of one node."""
        parts: list[Any] = super().split(availWidth, availHeight)
        for n, part in enumerate(parts):
            if part is not self:
                part.node, part.row = self.node, self.row
                part.label, part.label_node = (self.label, self.label_node) if n == 0 else ("", None)
        return parts

    def draw(self) -> None:
        """Draw label and text, each with its mark."""
        canvas: Any = self.canv
        broken: Any = getattr(self, "blPara")  # noqa: B009
        if self.label and broken.lines:
            first = broken if broken.kind == 0 else broken.lines[0]
            canvas.begin(self.label_node)
            canvas.setFont(self.style.bulletFontName, self.style.fontSize)
            canvas.setFillColor(self.style.textColor)
            canvas.drawString(self.style.bulletIndent, self.height - getattr(first, "ascent", first.fontSize), self.label)
            canvas.end()
        if not self.frags or (len(self.frags) == 1 and not getattr(self.frags[0], "text", "x").strip()):
            return
        canvas.begin(self.node)
        super().draw()
        canvas.end()


class FactName(Words):
    """The name of a fact, with the colon that stands at the column's end for the eye alone."""

    def draw(self) -> None:
        """Draw the name, then the colon as decoration."""
        super().draw()
        canvas: Any = self.canv
        with decoration(canvas):
            canvas.setFont(self.style.fontName, self.style.fontSize)
            canvas.setFillColor(self.style.textColor)
            canvas.drawString(self.width, self.height - self.style.fontSize, ":")


class LayoutTags(TableRenderCB):
    """Marks backgrounds and lines of a table that only places things side by side; its cells are no table."""

    def startTable(self, table: Any) -> None:
        """Take note that the table begins."""

    def endTable(self, table: Any) -> None:
        """Take note that the table ends."""

    def startBG(self, table: Any) -> None:
        """Hide what is drawn behind the cells."""
        table.canv.hide()

    def endBG(self, table: Any) -> None:
        """Show what comes."""
        table.canv.show()

    def startRow(self, table: Any, row: int) -> None:
        """Take note that a row begins."""

    def endRow(self, table: Any) -> None:
        """Take note that a row ends."""

    def startCell(self, table: Any, row: int, column: int, *rest: Any) -> None:
        """Take note that a cell begins."""

    def endCell(self, table: Any) -> None:
        """Take note that a cell ends."""

    def startLines(self, table: Any) -> None:
        """Hide the lines."""
        table.canv.hide()

    def endLines(self, table: Any) -> None:
        """Show what comes."""
        table.canv.show()


class TableTags(LayoutTags):
    """Hands out the rows and cells of one table, over all the pages that it is split over; heads that repeat are decoration."""

    def __init__(self, *, heads: int = 1, row_heads: bool = False) -> None:
        self.node = Node("Table")
        self._heads, self._row_heads = heads, row_heads
        self._rows: dict[int, tuple[Node, list[Node]]] = {}
        self._row: tuple[Node, list[Node]] | None = None

    def startTable(self, table: Any) -> None:
        """Open the table's node."""
        table.canv.push(self.node)

    def endTable(self, table: Any) -> None:
        """Close it."""
        table.canv.pop()

    def startRow(self, table: Any, row: int) -> None:
        """Open the row's node, or hide a head that was drawn before."""
        self._start(table.canv, table._cellvalues[row])

    def endRow(self, table: Any) -> None:
        """Close the row."""
        if self._row is None:
            table.canv.show()
        else:
            table.canv.pop()

    def startCell(self, table: Any, row: int, column: int, *rest: Any) -> None:
        """Open the cell's node."""
        if self._row is not None:
            table.canv.push(self._row[1][column])

    def endCell(self, table: Any) -> None:
        """Close the cell."""
        if self._row is not None:
            table.canv.pop()

    def _start(self, canvas: Any, cells: Sequence[Any]) -> None:
        number = next((row for cell in cells for one in _flowables(cell) if (row := getattr(one, "row", None)) is not None), -1)
        known = self._rows.get(number)
        if known and number < self._heads:  # the head again, on a further page
            self._row = None
            canvas.hide()
            return
        if known is None:
            row = Node("TR", within=self.node)
            known = row, [self._cell(row, number, column) for column in range(len(cells))]
            self._rows[number] = known
        self._row = known
        canvas.push(known[0])
        for cell in known[1]:
            canvas._attach(cell)  # an empty cell is a cell too

    def _cell(self, row: Node, number: int, column: int) -> Node:
        if number < self._heads:
            return Node("TH", within=row, scope="Column")
        if self._row_heads and column == 0:
            return Node("TH", within=row, scope="Row")
        return Node("TD", within=row)


def of_row(cells: Sequence[Any], row: int) -> list[Any]:
    """Tell the flowables of a row's cells which row they are of, so that it stays one row when it is split."""
    for cell in cells:
        for one in _flowables(cell):
            one.row = row
    return list(cells)


def _flowables(cell: Any) -> Sequence[Any]:
    if isinstance(cell, Flowable):
        return (cell,)
    return cell if isinstance(cell, list | tuple) else ()


class Figure(Flowable):
    """A drawing with a text that says what it shows; a subclass draws it in ``paint``."""

    def __init__(self, alt: str) -> None:
        super().__init__()
        self.node = Node("Figure", alt=alt)

    def draw(self) -> None:
        """Draw it inside its mark."""
        with figure(self.canv, self.node, self.width, self.height):
            self.paint()

    def paint(self) -> None:
        """Draw on the canvas."""
        raise NotImplementedError


class Picture(Image):
    """A photo with a text that says what it shows."""

    def __init__(self, source: Any, width: float, height: float, alt: str) -> None:
        super().__init__(source, width, height, hAlign="LEFT")
        self.node = Node("Figure", alt=alt)

    def draw(self) -> None:
        """Draw it inside its mark."""
        with figure(self.canv, self.node, self.drawWidth, self.drawHeight):
            super().draw()


@contextmanager
def figure(canvas: Any, node: Node, width: float, height: float) -> Iterator[None]:
    """Mark as a figure what is drawn from the origin up to a width and height in points."""
    x, y = canvas.absolutePosition(0, 0)
    node.box = (round(x, 2), round(y, 2), round(x + width, 2), round(y + height, 2))
    canvas.begin(node)
    yield
    canvas.end()


@contextmanager
def decoration(canvas: Any, kind: str = "") -> Iterator[None]:
    """Mark as decoration what is drawn inside."""
    canvas.hide(kind)
    yield
    canvas.show()
