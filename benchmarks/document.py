"""A signed and verified ten-page sheet with six photos against laying out the same content; what a signature adds to the file."""

from __future__ import annotations

import time
from dataclasses import replace

from sqlalchemy import select

from assessor_app.models.evaluations import Answer
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import DocumentType
from assessor_app.workflow import documents, sample
from benchmarks.figure import Figure, notebook

_TIMES = 2
_PHOTOS = 6
#: What a signature may add, in bytes: with a drawn stroke and a timestamp inside.
_MOST = 40_000
_STROKES = tuple(tuple((float(x), 30.0 + (x * 7 + n * 11) % 23) for x in range(0, 180, 3)) for n in range(3))


def _fuller(unit: Unit) -> None:
    """Give the sample's reasons the length at which the sheet has ten pages."""
    for answer in unit.session.scalars(select(Answer)):
        if answer.reason:
            answer.reason = " ".join([answer.reason] * _TIMES)


def _stamped(query: bytes) -> bytes:
    from assessor_app.identity import certificates
    from assessor_server import timestamps

    return timestamps._granted(_asked(query), *_AUTHORITY.setdefault("tsa", certificates.make_stamping(
        "Tolok Ukur", *_AUTHORITY.setdefault("root", certificates.make_root("Tolok Ukur")))))


_AUTHORITY: dict[str, tuple[bytes, bytes]] = {}


def _asked(query: bytes) -> object:
    from asn1crypto import tsp

    return tsp.TimeStampReq.load(query)


def measure() -> list[Figure]:
    from assessor_app.reports import layout, signing
    from assessor_app.reports.content import SheetContent
    from assessor_app.reports.stamps import Stamp
    from assessor_app.reports.timestamping import Asked
    from assessor_app.reports.verification import verify

    stamp = Stamp("Dr. Ir. Tolok Ukur, M.Kom.", "3 Juli 2025, 14.32 WIT", strokes=_STROKES)
    with notebook() as account:
        loaded = sample.load(account)
        account.writer.run(_fuller, purpose="x")
        wish = documents.wish(date="2024-07-04", number="1")
        prepared = documents.prepare(account, DocumentType.EVALUATION_SHEET, loaded.visit, wish)
        content = prepared.content
        assert isinstance(content, SheetContent)
        content = replace(content, photos=(*content.photos, *content.photos)[:_PHOTOS])
        signer = account.signer("")
        ours, floor = [], []
        for _ in range(9):
            began = time.perf_counter()
            laid = layout.lay_out(content)
            floor.append(time.perf_counter() - began)
            began = time.perf_counter()
            pdf = signing.make(content)
            signed = signing.sign(pdf, signer, "assessor", stamp)
            status = verify(signed, signer.certificate)
            ours.append(time.perf_counter() - began)
            assert status.signatures[0].intact
            assert status.covers_whole_file
        asked = Asked(_stamped)
        added = len(signing.sign(pdf, signer, "assessor", stamp, asked=asked)) - len(pdf)
        assert asked.time is not None
    a, b = min(ours), min(floor)  # the best of each: what else the machine does is no part of it
    name = f"laid out, tagged, signed, verified: {laid.pages} pages, {_PHOTOS} photos"
    return [Figure(name, f"{a:.2f} s", f"{b:.2f} s", a / b, 1.5),
            Figure("a signature with stroke and timestamp adds", f"{added:,} B", f"{_MOST:,} B", added / _MOST, 1)]
