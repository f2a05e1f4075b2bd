"""The first ten hits, newest first, over 100,000 notes, against a LIKE scan of the same notebook."""

from __future__ import annotations

import random
import time

from sqlalchemy import text as sql

from assessor_app.models import search
from benchmarks.figure import Figure, fill, notebook, p95

NOTES = 100_000


def measure() -> list[Figure]:
    rng = random.Random(3)
    with notebook() as account:
        fill(account, NOTES, characters=800)
        queries = [
            "a",
            "k",
            "desa",
            "desa war",
            "musyawarah",
            "keluhan ad",
            "sagu karet",
            "puskesmas bidan",
            "perahu der",
            "hambatan",
        ]
        ours, scans = [], []
        with account.reading() as session:
            for query in queries * 5:
                began = time.perf_counter()
                hits = search.search(session, query, limit=10)
                ours.append(time.perf_counter() - began)
                assert len(hits) == 10, query
            for query in rng.sample(queries, 3):
                began = time.perf_counter()
                session.execute(
                    sql("SELECT id FROM interview WHERE body LIKE :q ORDER BY held_at DESC LIMIT 10"),
                    {"q": f"%{query}%"},
                ).all()
                scans.append(time.perf_counter() - began)
    a, b = p95(ours), sorted(scans)[1]
    return [
        Figure(f"search p95, {NOTES:,} notes, first ten", f"{a * 1000:.1f} ms", f"{b * 1000:.0f} ms", a / b, 1 / 20)
    ]
