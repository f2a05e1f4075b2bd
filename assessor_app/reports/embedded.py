"""The evaluation's data inside a finished PDF: where it is and how to take it out again."""

from __future__ import annotations

import io
from typing import Any, Final

#: The file inside the PDF that holds what the page says.
DATA: Final = "data.json"


def embedded_data(pdf: bytes) -> bytes | None:
    """Return the JSON inside a document of ours, None where there is none. Raise PdfError for what is no PDF."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    return data_of(PdfFileReader(io.BytesIO(pdf), strict=False).root)


def data_of(root: Any) -> bytes | None:
    """Return the embedded JSON from a document catalogue, of the newest or of an earlier revision."""
    try:
        names = root["/Names"]["/EmbeddedFiles"]["/Names"]
    except (KeyError, TypeError):
        return None
    for i in range(0, len(names) - 1, 2):
        if str(names[i]) == DATA:
            data: bytes = names[i + 1]["/EF"]["/F"].data
            return data
    return None
