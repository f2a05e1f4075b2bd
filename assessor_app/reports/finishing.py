"""Finishing a laid-out document: the data, the structure, what it says of itself and all signature fields, before the first signature."""

from __future__ import annotations

import io
from typing import Any, Final

from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign import fields as sig_fields

from assessor_app import clock, i18n
from assessor_app.i18n import t
from assessor_app.reports import metadata, structure
from assessor_app.reports.content import Content, to_json
from assessor_app.reports.embedded import DATA
from assessor_app.reports.layout import LaidOut, lay_out

_VERSION: Final = (1, 7)


def make(content: Content) -> bytes:
    """Return the finished document, ready to be signed: ``finish(lay_out(content), content)``."""
    return finish(lay_out(content), content)


def finish(laid: LaidOut, content: Content, *, bare: bool = False) -> bytes:
    """Return a PDF 1.7 that is PDF/A-3a and PDF/UA-1: tagged, with the data inside and all signature fields, still empty.

    ``bare`` leaves out data and fields: the twin that a validator reads which knows neither.
    """
    writer: Any = copy_into_new_writer(PdfFileReader(io.BytesIO(laid.pdf)), {"stream_xrefs": True})
    now = clock.now()
    with i18n.speaking(content.language):
        metadata.describe(writer, title=laid.title, author=content.author, language=content.language, made=now)
        metadata.colours(writer)
        fields = {} if bare else _fields(writer, laid)
    if not bare:
        data = embed.EmbeddedFileObject.from_file_data(
            writer, to_json(content), mime_type="application/json",
            params=embed.EmbeddedFileParams(creation_date=now, modification_date=now))
        embed.embed_file(writer, embed.FileSpec(
            DATA, file_name=DATA, embedded_data=data, description="Asesor", af_relationship=pdf_name("/Data")))
    structure.write(writer, laid.tree, _pages(writer.root["/Pages"]), fields)
    writer.output_version = _VERSION
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _fields(writer: Any, laid: LaidOut) -> dict[str, Any]:
    """Make the signature fields; each says aloud whose it is."""
    for place in laid.fields:
        sig_fields.append_signature_field(writer, sig_fields.SigFieldSpec(
            place.name, on_page=place.page, box=_whole(place.box), readable_field_name=_named(place.name)))
    made = {}
    for name, _, reference in sig_fields.enumerate_sig_fields(writer):
        widget = reference.get_object()
        _pale(writer, widget)
        widget[pdf_name("/Contents")] = generic.TextStringObject(_named(name))
        made[name] = reference
    return made


def _pale(writer: Any, widget: Any) -> None:
    """Show the empty field as a pale area: it is seen on the screen, and a pen can write on its print."""
    x0, y0, x1, y1 = (float(v) for v in widget["/Rect"])
    drawn = f"q 0.965 0.973 0.98 rg 0 0 {x1 - x0:g} {y1 - y0:g} re f Q".encode()
    form = RawContent(drawn, box=BoxConstraints(width=x1 - x0, height=y1 - y0)).as_form_xobject()
    widget["/AP"][pdf_name("/N")] = writer.add_object(form)


def _whole(box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = (round(v) for v in box)
    return x0, y0, x1, y1


def _named(field: str) -> str:
    if field.startswith("member_"):
        return t("Signature of panel member {0}").format(field.removeprefix("member_"))
    return t("Signature of the assessor") if field == "assessor" else t("Signature of the official")


def _pages(node: Any) -> list[Any]:
    """Return the references of all pages, in order."""
    found: list[Any] = []
    for n in range(len(node["/Kids"])):
        kid = node["/Kids"].raw_get(n)
        found += _pages(kid.get_object()) if "/Kids" in kid.get_object() else [kid]
    return found
