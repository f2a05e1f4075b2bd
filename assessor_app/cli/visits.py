"""``asesor visits``: the visits of a notebook, with the ids that other commands ask for."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from assessor_app import formats
from assessor_app.cli.commands import opened
from assessor_app.i18n import t


def add(commands: Any, here: argparse.ArgumentParser, as_json: argparse.ArgumentParser) -> None:
    """Add the command."""
    command = commands.add_parser("visits", parents=[here, as_json], help=t("list the visits of the notebook with their ids"))
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the visits, the latest first; a notebook without any is no failure."""
    from assessor_app.ui import labels
    from assessor_app.workflow.queries.visits import visit_rows

    with opened(arguments) as account, account.reading() as session:
        rows = visit_rows(session)
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
        return 0
    if not rows:
        print(t("There is no visit in this notebook yet."))
        return 0
    table = [(t("Id"), t("Region"), t("Stage"), t("Dates"), t("State")), *(
        (row.id, f"{row.region} {row.title}", labels.stage(row.stage), formats.date_range(row.starts_on, row.ends_on) or "–",
         labels.state(row.state)) for row in rows)]
    widths = [max(len(line[at]) for line in table) for at in range(len(table[0]))]
    for line in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    return 0
