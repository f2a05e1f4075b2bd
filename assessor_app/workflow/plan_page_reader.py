"""Takes pages out of a plan's book; runs in a process of its own."""

from __future__ import annotations

import io

from assessor_app.errors import BadInput
from assessor_app.i18n import t


def extract(data: bytes, first: int, last: int) -> bytes:
    """Return a PDF of the pages ``first`` to ``last`` (from 1). Raises BadInput."""
    import pypdfium2  # type: ignore[import-untyped]

    kept = t("Nothing was attached.")
    try:
        book = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as fault:
        raise BadInput(t("The file is no PDF, it is damaged, or it asks for a password."), kept=kept) from fault
    try:
        count = len(book)
        if not 1 <= first <= last <= count:
            raise BadInput(t("The book has pages 1 to {0}.").format(count), kept=kept)
        made = pypdfium2.PdfDocument.new()
        made.import_pages(book, list(range(first - 1, last)))
        out = io.BytesIO()
        made.save(out)
        made.close()
    finally:
        book.close()
    return out.getvalue()
