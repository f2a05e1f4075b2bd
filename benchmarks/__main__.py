"""Run every benchmark, or those named, and print each figure beside its floor and its limit."""

from __future__ import annotations

import sys

from benchmarks import (
    autosave,
    batch,
    book,
    cold_start,
    document,
    note,
    panel,
    plan,
    search,
    sync,
    typing_while_syncing,
    wire,
)

ALL = {
    "cold_start": cold_start.measure,
    "autosave": autosave.measure,
    "note": note.measure,
    "search": search.measure,
    "book": book.measure,
    "document": document.measure,
    "batch": batch.measure,
    "panel": panel.measure,
    "plan": plan.measure,
    "wire": wire.measure,
    "sync": sync.measure,
    "typing": typing_while_syncing.measure,
}


def main() -> int:
    wanted = sys.argv[1:] or list(ALL)
    missed = 0
    print(f"{'figure':44} {'ours':>12} {'floor':>12} {'ratio':>8} {'limit':>8}")
    for name in wanted:
        for figure in ALL[name]():
            good = figure.ratio <= figure.limit
            missed += not good
            row = f"{figure.name:44} {figure.ours:>12} {figure.floor:>12} {figure.ratio:8.2f} {figure.limit:8.2f}"
            print(row if good else f"{row}  MISSED", flush=True)
    return 1 if missed else 0


sys.exit(main())
