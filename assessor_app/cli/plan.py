"""``asesor path``: how far a region's plan is on the way through the four workshops."""

from __future__ import annotations

import argparse
import json
from typing import Any

from assessor_app.cli.commands import opened
from assessor_app.errors import BadInput
from assessor_app.i18n import t


def add(commands: Any, here: argparse.ArgumentParser, as_json: argparse.ArgumentParser) -> None:
    """Add the command."""
    command = commands.add_parser("path", parents=[here, as_json],
                                  help=t("show what the four workshops need of a plan, and what is missing"))
    command.add_argument("visit", metavar=t("VISIT"), help=t("the visit's id, or the region's code"))
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the path; what is missing is no failure."""
    from assessor_app.models import regions
    from assessor_app.models.visits import Visit
    from assessor_app.ui import labels
    from assessor_app.workflow import plan_path_words as words
    from assessor_app.workflow.plan_path import default_order
    from assessor_app.workflow.queries.plan_path import path_view

    with opened(arguments) as account, account.reading() as session:
        at = session.get(Visit, arguments.visit)
        region = at.region if at is not None else arguments.visit
        if regions.region(region) is None:
            raise BadInput(t("There is no visit “{0}” in this notebook, and no region of that code.").format(arguments.visit))
        view = path_view(session, region)
    if arguments.json:
        print(json.dumps({stage: {
            "there": (tally := view.path.tally(stage)).there, "needs": tally.needs, "warnings": tally.warnings,
            "items": [{"need": need.code, "there": need.there, "lacks": need.lacks, "warnings": [
                {"code": one.code, "programme": one.programme, "subject": one.subject} for one in need.remarks]}
                for need in view.path.of(stage)]} for stage in default_order().stages}, ensure_ascii=False))
        return 0
    for stage in default_order().stages:
        print(f"{labels.stage(stage)}: {words.tally(view.path.tally(stage))}")
        for need in view.path.of(stage):
            print(f"  {'+' if need.there else '-'} {words.title(need.code)}: {words.state(need)}")
            for remark in need.remarks:
                programme = view.programmes.get(remark.programme)
                name = f"{programme.number}. {programme.name}: " if programme is not None else ""
                print(f"      {name}{words.said(remark)}")
    return 0
