"""Autosave with journal against a bare SQLCipher commit of the same row, synchronous=FULL on both sides, in turns."""

from __future__ import annotations

import os
import random
import tempfile
import time
from pathlib import Path

from assessor_app.models.database import connect
from assessor_app.models.kinds import Kind
from assessor_app.workflow.editing import edit
from benchmarks.figure import Figure, notebook, p95, text

ROUNDS = 300


def measure() -> list[Figure]:
    return [_one(2_000, 3.0), _one(60_000, 8.0)]


def _one(size: int, limit: float) -> Figure:
    rng = random.Random(2)
    body = text(rng, size)
    with notebook() as account, tempfile.TemporaryDirectory() as folder:
        from assessor_app.workflow.interviewing import create_interview
        from assessor_app.workflow.visiting import create_visit

        visit = account.writer.run(lambda u: create_visit(u, "93.02"), purpose="x")
        note = account.writer.run(lambda u: create_interview(u, visit), purpose="x")
        bare = connect(Path(folder) / "bare.db", os.urandom(32))
        bare.execute("CREATE TABLE note (id TEXT PRIMARY KEY, body TEXT)")
        bare.execute("INSERT INTO note VALUES ('a', '')")
        ours, floor = [], []
        for number in range(ROUNDS):
            cut = rng.randrange(size)
            typed = body[:cut] + str(number) + body[cut:]

            def work(unit, typed=typed):  # type: ignore[no-untyped-def]
                edit(unit, Kind.INTERVIEW, note, body=typed)

            began = time.perf_counter()
            account.writer.write(work, purpose="interview.edit", editing=f"session{number // 50}").result()
            ours.append(time.perf_counter() - began)
            began = time.perf_counter()
            bare.execute("BEGIN IMMEDIATE")
            bare.execute("UPDATE note SET body = ? WHERE id = 'a'", (typed,))
            bare.execute("COMMIT")
            floor.append(time.perf_counter() - began)
        bare.close()
    a, b = p95(ours), p95(floor)
    return Figure(f"autosave p95, {size // 1000} kB", f"{a * 1000:.2f} ms", f"{b * 1000:.2f} ms", a / b, limit)
