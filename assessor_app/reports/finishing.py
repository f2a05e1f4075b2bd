"""Finishing a laid-out document: the data goes inside, title, language and all signature fields stand before the first signature."""

from __future__ import annotations

import io
from typing import Final

from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.metadata import xmp_xml
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign import fields as sig_fields

from assessor_app import clock, i18n
from assessor_app.i18n import t
from assessor_app.reports.content import Content, to_json
from assessor_app.reports.embedded import DATA
from assessor_app.reports.layout import LaidOut, lay_out

_VERSION: Final = (1, 7)


def make(content: Content) -> bytes:
    """Return the finished document, ready to be signed: ``finish(lay_out(content), content)``."""
    return finish(lay_out(content), content)


def finish(laid: LaidOut, content: Content) -> bytes:
    """Return a PDF 1.7 with the data inside, title, language and all signature fields, still empty."""
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(laid.pdf)))
    now = clock.now()
    author = content.assessor.full_name
    meta = writer.document_meta
    meta.title, meta.author, meta.creator, meta.created = laid.title, author, "Asesor", now
    data = embed.EmbeddedFileObject.from_file_data(
        writer, to_json(content), mime_type="application/json",
        params=embed.EmbeddedFileParams(creation_date=now, modification_date=now))
    embed.embed_file(writer, embed.FileSpec(
        DATA, file_name=DATA, embedded_data=data, description="Asesor", af_relationship=pdf_name("/Data")))
    root = writer.root
    root["/Lang"] = generic.pdf_string(content.language)
    root["/ViewerPreferences"] = generic.DictionaryObject(  # type: ignore[no-untyped-call]
        {pdf_name("/DisplayDocTitle"): generic.BooleanObject(True)})  # type: ignore[no-untyped-call]
    root["/Metadata"] = writer.add_object(xmp_xml.MetadataStream.from_xmp(xmp_xml.update_xmp_with_meta(meta)))
    for place in laid.fields:
        x0, y0, x1, y1 = (round(v) for v in place.box)
        with i18n.speaking(content.language):
            readable = t("Signature of the assessor") if place.name == "assessor" else t("Signature of the official")
        sig_fields.append_signature_field(writer, sig_fields.SigFieldSpec(
            place.name, on_page=place.page, box=(x0, y0, x1, y1), empty_field_appearance=True, readable_field_name=readable))
    writer.output_version = _VERSION
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()
