"""A signed ten-page sheet with six photos against laying out the same content with ReportLab alone."""

from __future__ import annotations

import statistics
import time

from sqlalchemy import select

from assessor_app.models.evaluations import Answer
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import DocumentType
from assessor_app.workflow import documents, sample
from benchmarks.figure import Figure, notebook

_TIMES = 2


def _fuller(unit: Unit) -> None:
    """Give the sample's reasons the length at which the sheet has ten pages."""
    for answer in unit.session.scalars(select(Answer)):
        if answer.reason:
            answer.reason = " ".join([answer.reason] * _TIMES)


def measure() -> list[Figure]:
    from assessor_app.reports import layout, signing

    with notebook() as account:
        loaded = sample.load(account)
        account.writer.run(_fuller, purpose="x")
        wish = documents.wish(date="2024-07-04", number="1")
        prepared = documents.prepare(account, DocumentType.EVALUATION_SHEET, loaded.visit, wish)
        signer = account.signer("")
        ours, floor = [], []
        for _ in range(5):
            began = time.perf_counter()
            laid = layout.lay_out(prepared.content)
            floor.append(time.perf_counter() - began)
            began = time.perf_counter()
            pdf = signing.make(prepared.content)
            signing.sign(pdf, signer, "assessor", None)
            ours.append(time.perf_counter() - began)
    a, b = statistics.median(ours), statistics.median(floor)
    return [Figure(f"signed document, {laid.pages} pages with photos", f"{a:.2f} s", f"{b:.2f} s", a / b, 1.5)]
