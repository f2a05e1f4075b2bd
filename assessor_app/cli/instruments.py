"""``asesor instrument check``, ``import`` and ``template``: a secretariat's own workbook, without the window."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from assessor_app import formats, i18n
from assessor_app.cli import targets
from assessor_app.cli.commands import instrument_check, opened, read_file
from assessor_app.i18n import t


def add(commands: Any, here: argparse.ArgumentParser, as_json: argparse.ArgumentParser) -> None:
    """Add the commands."""
    instrument = commands.add_parser("instrument", help=t("work with instruments")).add_subparsers(required=True, metavar=t("COMMAND"))
    check = instrument.add_parser("check", parents=[as_json], help=t("check an instrument's workbook and name every fault"))
    check.add_argument("file", type=Path, metavar="FILE.xlsx")
    check.set_defaults(run=instrument_check)
    take = instrument.add_parser("import", parents=[here, as_json], help=t("take an instrument's workbook into the notebook"))
    take.add_argument("file", type=Path, metavar="FILE.xlsx")
    take.set_defaults(run=instrument_import)
    template = instrument.add_parser("template", help=t("write a workbook to begin an instrument with"))
    template.add_argument("--out", type=Path, required=True, metavar="FILE.xlsx")
    targets.add_force(template)
    template.set_defaults(run=instrument_template)


def instrument_import(arguments: argparse.Namespace) -> int:
    """Take a workbook in; with any fault nothing is imported."""
    from assessor_app.workflow.evaluating import keep_instrument, read_instrument

    instrument = read_instrument(read_file(arguments.file))
    with opened(arguments) as account:
        account.writer.run(lambda unit: keep_instrument(unit, instrument), purpose="instrument.keep")
    if arguments.json:
        print(json.dumps({"ok": True, "ref": instrument.ref, "questions": len(instrument.questions()), "sha256": instrument.sha256}))
    else:
        print(t("{0}, version {1}, can be used now.").format(instrument.title.get(i18n.language()), instrument.version))
    return 0


def instrument_template(arguments: argparse.Namespace) -> int:
    """Write a workbook to begin with."""
    from assessor_app.workflow.instrument_template import template
    from assessor_app.workflow.revisions import write_whole

    targets.insist(arguments, arguments.out)
    data = template()
    write_whole(arguments.out, data)
    print(t("Wrote {0} ({1}).").format(arguments.out, formats.size(len(data))))
    return 0
