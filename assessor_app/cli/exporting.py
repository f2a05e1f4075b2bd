"""``asesor export``: a visit's notes, a region's plan, or all of a visit, outside the notebook."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from assessor_app import i18n
from assessor_app.cli import targets
from assessor_app.cli.commands import opened
from assessor_app.errors import BadInput
from assessor_app.i18n import nt, t


def add(commands: Any, here: argparse.ArgumentParser) -> None:
    """Add the command."""
    command = commands.add_parser("export", parents=[here], help=t("take a visit out of the notebook, unencrypted"))
    command.add_argument("visit", metavar=t("VISIT"), help=t("the visit's id; for a plan the region's code will do"))
    command.add_argument("target", type=Path, metavar="FILE.pdf|FILE.docx|FILE.xlsx|DIR")
    targets.add_force(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write what the target's ending says: notes (.pdf, .docx), the plan (.xlsx), or a folder with everything."""
    from assessor_app.models.visits import Visit
    from assessor_app.workflow.exporting import folder, notes, plan
    from assessor_app.workflow.revisions import write_whole

    target, ending, count = arguments.target, arguments.target.suffix.lower(), 1
    if ending in {".xlsx", ".pdf", ".docx"}:
        targets.insist(arguments, target)
    elif ending:
        raise BadInput(t("A visit is written as .pdf, .docx, .xlsx, or into a folder."), kept=t("Nothing was written."))
    with opened(arguments) as account:
        if ending == ".xlsx":
            with account.reading() as session:
                at = session.get(Visit, arguments.visit)
                region = at.region if at is not None else arguments.visit
                if not plan.table(session, region)[1]:
                    raise BadInput(t("There is no plan of {0} in this notebook.").format(region), kept=t("Nothing was written."))
                write_whole(target, plan.as_excel(session, region, at.year if at is not None else None))
        elif ending == ".pdf":
            write_whole(target, notes.as_pdf(account, arguments.visit, language=i18n.language()))
        elif ending == ".docx":
            write_whole(target, notes.as_word(account, arguments.visit, language=i18n.language()))
        else:
            count = folder.write(account, arguments.visit, target, language=i18n.language())
    print(nt("Wrote {n} file: {0}", "Wrote {n} files: {0}", count).format(target))
    return 0
