"""Whether a document has a place left for the official's own certificate."""

from __future__ import annotations

import io

from sqlalchemy.orm import Session

from assessor_app.errors import AppError
from assessor_app.workflow.documents import document_bytes


def awaits_official(session: Session, document: str) -> bool:
    """Tell whether the newest revision holds an empty field for the official; False where its bytes are not here."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import enumerate_sig_fields

    try:
        reader = PdfFileReader(io.BytesIO(document_bytes(session, document)))
        return any(name == "official" for name, _, _ in enumerate_sig_fields(reader, filled_status=False))
    except (AppError, PdfError, ValueError, KeyError):
        return False
