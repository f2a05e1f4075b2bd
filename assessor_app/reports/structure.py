"""Writing the structure of a tagged document: its elements, and for each mark of a page and each field the element that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from assessor_app.reports.tagging import Node, Tree

_EACH = 32  # objects of a stream
_made: Any = generic  # its constructors carry no types


class _Written(generic.PdfObject):
    """An object that is written as it stands: elements are many, and nothing reads them before they are in the file."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def write_to_stream(self, stream: Any, handler: Any = None, container_ref: Any = None) -> None:
        """Write the bytes."""
        stream.write(self._data)


class _Shelf:
    """Puts objects into object streams of a few each: whoever reads one object reads the whole list of its stream's objects first."""

    def __init__(self, writer: Any) -> None:
        self._writer, self._stream, self._count = writer, None, 0

    def put(self, idnum: int, words: str) -> None:
        """Write an object whose number was allotted before."""
        if self._count % _EACH == 0:
            self._stream = self._writer.prepare_object_stream()
        self._count += 1
        self._writer.add_object(_Written(words.encode("latin-1")), obj_stream=self._stream, idnum=idnum)


def write(writer: Any, tree: Tree, pages: list[Any], fields: Mapping[str, Any]) -> None:
    """Put the structure into the document.

    Args:
        pages: the references of the document's pages.
        fields: the references of the signature fields' widgets, by name. Each is given its place here.
    """
    nodes = [node for node in tree.root.walk() if not node.field or node.field in fields]
    number = {id(node): writer.allocate_placeholder().idnum for node in nodes}
    root = writer.allocate_placeholder().idnum
    parents = writer.allocate_placeholder().idnum
    put = _Shelf(writer).put

    forms: list[int] = []
    notes: list[tuple[str, int]] = []
    above = {id(kid): number[id(node)] for node in nodes for kid in node.kids if id(kid) in number}
    for node in nodes:
        own = number[id(node)]
        kids: list[str] = []
        page = next((kid[0] for kid in node.kids if isinstance(kid, tuple)), None)
        for kid in node.kids:
            if isinstance(kid, Node):
                if id(kid) in number:
                    kids.append(f"{number[id(kid)]} 0 R")
            elif kid[0] == page:
                kids.append(str(kid[1]))
            else:
                kids.append(f"<</Type/MCR/Pg {pages[kid[0]].idnum} 0 R/MCID {kid[1]}>>")
        words = [f"<</Type/StructElem/S/{node.tag}/P {above.get(id(node), root)} 0 R"]
        if node.field:
            widget = fields[node.field]
            on = widget.get_object().raw_get("/P").idnum
            widget.get_object()[pdf_name("/StructParent")] = _made.NumberObject(len(pages) + len(forms))
            # one dictionary, not an array: with an array each later signature would seem to change the structure
            words.append(f"/Pg {on} 0 R/K<</Type/OBJR/Pg {on} 0 R/Obj {widget.idnum} 0 R>>")
            forms.append(own)
        elif kids:
            words.append(f"/K[{' '.join(kids)}]" if len(kids) > 1 else f"/K {kids[0]}")
        if page is not None:
            words.append(f"/Pg {pages[page].idnum} 0 R")
        if node.alt:
            words.append(f"/Alt {_text(node.alt)}")
        if node.tag == "Note":
            notes.append((f"note{len(notes):04d}", own))
            words.append(f"/ID({notes[-1][0]})")
        words.append(_attributes(node))
        put(own, "".join(words) + ">>")

    arrays = []
    for page in range(len(pages)):
        array = writer.allocate_placeholder().idnum
        put(array, "[" + " ".join(f"{number[id(node)]} 0 R" for node in tree.marks.get(page, ())) + "]")
        arrays.append(f"{page} {array} 0 R")
        page_dictionary = pages[page].get_object()
        page_dictionary[pdf_name("/StructParents")] = _made.NumberObject(page)
        page_dictionary[pdf_name("/Tabs")] = pdf_name("/S")
        page_dictionary.pop(pdf_name("/Trans"), None)  # ReportLab's empty transition
    arrays += [f"{len(pages) + n} {form} 0 R" for n, form in enumerate(forms)]
    put(parents, f"<</Nums[{' '.join(arrays)}]>>")
    ids = f"/IDTree<</Names[{' '.join(f'({name}) {own} 0 R' for name, own in notes)}]>>" if notes else ""
    put(root, f"<</Type/StructTreeRoot/K {number[id(tree.root)]} 0 R/ParentTree {parents} 0 R"
              f"/ParentTreeNextKey {len(pages) + len(forms)}{ids}>>")
    catalogue = writer.root
    catalogue[pdf_name("/StructTreeRoot")] = _made.IndirectObject(root, 0, writer)
    catalogue[pdf_name("/MarkInfo")] = _made.DictionaryObject({pdf_name("/Marked"): _made.BooleanObject(True)})


def _attributes(node: Node) -> str:
    if node.box is not None:
        return f"/A<</O/Layout/Placement/Block/BBox[{' '.join(f'{v:g}' for v in node.box)}]>>"
    if node.scope:
        return f"/A<</O/Table/Scope/{node.scope}>>"
    if node.tag == "L":
        return "/A<</O/List/ListNumbering/Decimal>>"
    return ""


def _text(words: str) -> str:
    return f"<FEFF{words.encode('utf-16-be', 'replace').hex().upper()}>"
