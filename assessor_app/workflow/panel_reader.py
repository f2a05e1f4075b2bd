"""Verifies signed documents and reads their data, several in one go; runs in a process of its own."""

from __future__ import annotations

from typing import Any


def examine_all(files: list[tuple[bytes, list[bytes], dict[str, Any]]], root: bytes | None, crl: bytes | None) -> list[dict[str, Any]]:
    """Return what can be said of each file (its bytes, certificates that vouch for keys, the centre's word).

    Each is the JSON of ``reports.verification`` with ``data``, what the signed file holds. Raises BadInput for a bad root.
    """
    from assessor_app.reports.status import Word
    from assessor_app.reports.verification import verify

    out = []
    for pdf, known, word in files:
        status = verify(pdf, root, None, known=known, crl=crl, word=Word.from_json(word))
        out.append({**status.to_json(), "data": status.data})
    return out
