"""``asesor guide check`` and ``import``: an interview guide's workbook, without the window."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from assessor_app import i18n
from assessor_app.cli.commands import opened, read_file
from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.models.guide import Guide


def add(commands: Any, here: argparse.ArgumentParser, as_json: argparse.ArgumentParser) -> None:
    """Add the commands."""
    guide = commands.add_parser("guide", help=t("work with interview guides")).add_subparsers(required=True, metavar=t("COMMAND"))
    check = guide.add_parser("check", parents=[as_json], help=t("check a guide's workbook and name every fault"))
    check.add_argument("file", type=Path, metavar="FILE.xlsx")
    check.set_defaults(run=guide_check)
    take = guide.add_parser("import", parents=[here, as_json], help=t("take a guide's workbook into the notebook"))
    take.add_argument("file", type=Path, metavar="FILE.xlsx")
    take.set_defaults(run=guide_import)


def guide_check(arguments: argparse.Namespace) -> int:
    """Check a guide's workbook; all faults at once."""
    from assessor_app.workflow.guides import read_guide

    try:
        guide = read_guide(read_file(arguments.file))
    except BadInput as e:
        if not arguments.json:
            raise
        print(json.dumps({"ok": False, "faults": list(e.faults) or [str(e)]}, ensure_ascii=False))
        return 1
    _tell(arguments, guide, t("{0}, version {1}: {2} questions, no fault."))
    return 0


def guide_import(arguments: argparse.Namespace) -> int:
    """Take a workbook in; with any fault nothing is imported."""
    from assessor_app.workflow.guides import keep_guide, read_guide

    guide = read_guide(read_file(arguments.file))
    with opened(arguments) as account:
        account.writer.run(lambda unit: keep_guide(unit, guide), purpose="guide.keep")
    _tell(arguments, guide, t("{0}, version {1}, can be used now: {2} questions."))
    return 0


def _tell(arguments: argparse.Namespace, guide: Guide, words: str) -> None:
    if arguments.json:
        print(json.dumps({"ok": True, "ref": guide.ref, "stage": guide.stage, "questions": len(guide.questions), "sha256": guide.sha256}))
    else:
        print(words.format(guide.title.get(i18n.language()), guide.version, len(guide.questions)))
