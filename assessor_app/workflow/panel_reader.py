"""Verifies signed documents and reads their data, several in one go; runs in a process of its own."""

from __future__ import annotations

from typing import Any


def examine_all(pdfs: list[bytes], root: bytes | None, known: list[bytes], crl: bytes | None) -> list[dict[str, Any]]:
    """Return of each file its problems, the signer of the field ``assessor``, its data and their SHA-256.

    Raises BadInput for a bad root.
    """
    from assessor_app.reports.verification import verify

    out = []
    for pdf in pdfs:
        status = verify(pdf, root, None, known=known, crl=crl)
        signer = next((line.signer for line in status.signatures if line.field == "assessor"), "")
        out.append({"problems": [problem.value for problem in status.problems], "signer": signer, "data": status.data,
                    "data_sha256": status.data_sha256})
    return out
