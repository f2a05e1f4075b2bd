"""Bytes of 10,000 records as intents against the same records as plain JSON lines, both zstd-3."""

from __future__ import annotations

import json
import random

import zstandard
from sqlalchemy import select

from assessor_app.models.entities import ENTITIES
from assessor_app.models.kinds import Kind
from assessor_app.models.tables import Intent
from assessor_app.sync import protocol
from assessor_app.sync.intents import WireIntent
from benchmarks.figure import Figure, notebook, text


def measure() -> list[Figure]:
    rng = random.Random(4)
    with notebook() as account:
        _write_visits(account, rng)
        with account.reading() as session:
            intents = [
                WireIntent(i.device, i.counter, i.at, i.purpose, i.scope, i.changes)
                for i in session.scalars(select(Intent))
            ]
            records = []
            for change in (change for intent in intents for change in intent.changes):
                row = session.get(ENTITIES[Kind(change[1])], change[2])
                if row is not None and change[0] == "+":
                    records.append({"id": row.id, "type": change[1], **row.values()})
    request = protocol.Request(intents[0].device, "epoch", {}, intents)
    packed = protocol.pack_request(request)
    raw = zstandard.ZstdDecompressor().decompress(packed, max_output_size=1 << 30)
    ours = len(zstandard.ZstdCompressor(level=3).compress(raw))
    plain = "\n".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in records)
    floor = len(zstandard.ZstdCompressor(level=3).compress(plain.encode()))
    return [Figure(f"bytes of {len(records):,} records as intents", f"{ours:,}", f"{floor:,}", ours / floor, 1.1)]


def _write_visits(account, rng: random.Random) -> None:  # type: ignore[no-untyped-def]
    from assessor_app.models.interviews import Interview
    from assessor_app.models.plans import Programme
    from assessor_app.workflow.planning import ensure_plan
    from assessor_app.workflow.visiting import create_visit

    for _ in range(100):
        visit = account.writer.run(lambda u: create_visit(u, "93.02"), purpose="visit.create")

        def plan(unit) -> None:  # type: ignore[no-untyped-def]
            home = ensure_plan(unit, "93.02", first_year=2023, last_year=2027)
            for number in range(59):
                unit.add(
                    Programme(
                        region="93.02",
                        plan=home,
                        number=number + 1,
                        dimension="living",
                        sub_dimension="kesehatan",
                        name=text(rng, 60),
                        description=text(rng, 250),
                        agency="Dinas Kesehatan",
                        first_year=2023,
                        last_year=2027,
                        budget=rng.randint(1, 900) * 2_500_000,
                        funding="APBD",
                        indicator=text(rng, 60),
                        status="running",
                    )
                )

        account.writer.run(plan, purpose="plan.import")
        for _ in range(40):
            body = text(rng, rng.randint(1400, 2900))
            account.writer.run(
                lambda u, visit=visit, body=body: (
                    u.add(
                        Interview(
                            visit=visit,
                            author=u.author,
                            title=body[:40],
                            held_at="2024-07-02T09:30",
                            place="Kouh",
                            basis="observation",
                            body=body,
                        )
                    )
                    and None
                ),
                purpose="interview.create",
            )
