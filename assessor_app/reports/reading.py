"""Reading the data inside a document back, as the content that it was printed from; files from others only in a process of its own."""

from __future__ import annotations

import json
import types
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.reports.content import FORMAT, Elsewhere, Frame, MinutesContent, SheetContent
from assessor_app.reports.content_blank import BlankContent
from assessor_app.reports.content_notes import NotesContent
from assessor_app.reports.content_panel import PanelContent, SummaryContent

KINDS: Final[dict[str, type[Frame]]] = {
    one.kind: one for one in (MinutesContent, SheetContent, PanelContent, SummaryContent, BlankContent, NotesContent)}


def read_pdf(pdf: bytes) -> dict[str, Any]:
    """Return the data inside a document of ours, for ``isolate.call``. Raises BadInput for everything else."""
    from pyhanko.pdf_utils.misc import PdfError

    from assessor_app.reports.embedded import embedded_data

    try:
        data = embedded_data(pdf)
    except (PdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError, NotImplementedError) as fault:
        raise _foreign(t("The file is no PDF, or it is damaged.")) from fault
    if data is None:
        raise _foreign(t("The file holds no data of this program."))
    raw = _json(data)
    from_json(raw)  # what does not read back is refused here, not where it is shown
    return raw


def page_count(pdf: bytes) -> int:
    """Return how many pages a PDF has, for ``isolate.call``. Raises BadInput."""
    import pypdfium2  # type: ignore[import-untyped]

    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as fault:
        raise _foreign(t("The file is no PDF, or it is damaged.")) from fault
    count = len(document)
    document.close()
    return count


def from_data(data: bytes) -> Frame:
    """Return the content that canonical JSON was made from; pictures come back as their digests. Raises BadInput."""
    return from_json(_json(data))


def from_json(raw: Any) -> Frame:
    """Do the same from the parsed JSON. Fields that are missing take their defaults, unknown ones are passed over."""
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise _foreign(t("The file holds no data of this program."))
    kind = KINDS.get(str(raw.get("type")))
    if kind is None:
        raise _foreign(t("The file's data come from a newer version of the program."))
    try:
        made = _value(kind, raw)
    except (TypeError, ValueError, KeyError) as fault:
        raise _foreign(t("The data inside the file are not whole.")) from fault
    assert isinstance(made, Frame)
    return made


def _json(data: bytes) -> dict[str, Any]:
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as fault:
        raise _foreign(t("The data inside the file are not whole.")) from fault
    if not isinstance(raw, dict):
        raise _foreign(t("The data inside the file are not whole."))
    return raw


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(kind: Any, raw: Any) -> Any:
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        some = [one for one in get_args(kind) if one is not type(None)]
        return None if raw is None and len(some) < len(get_args(kind)) else _value(some[0], raw)
    if origin is tuple:
        inner = get_args(kind)
        if not isinstance(raw, list) or (inner[-1] is not Ellipsis and len(inner) != len(raw)):
            raise TypeError("not a list")
        return tuple(_value(inner[0] if inner[-1] is Ellipsis else inner[n], item) for n, item in enumerate(raw))
    if is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(raw, dict):
            raise TypeError("not an object")
        hints = _hints(kind)
        return kind(**{one.name: _value(hints[one.name], raw[one.name]) for one in fields(kind) if one.name in raw})
    if kind is bytes:
        return Elsewhere(str(raw["sha256"]), int(raw["size"]))
    if kind is float and isinstance(raw, int) and not isinstance(raw, bool):
        return float(raw)
    if not isinstance(raw, kind) or (kind in {int, float} and isinstance(raw, bool)):
        raise TypeError(kind.__name__)
    return raw


def _foreign(title: str) -> BadInput:
    return BadInput(title, kept=t("Nothing was changed."))
