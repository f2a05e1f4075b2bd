"""``asesor print``: documents to a printer of the system's queue."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from assessor_app import given
from assessor_app.errors import AppError, BadInput
from assessor_app.i18n import t
from assessor_app.refusals import why
from assessor_app.workflow import printing


def add(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("print", help=t("print PDF files on a printer of this computer"))
    command.add_argument("files", type=Path, nargs="+", metavar="FILE.pdf")
    command.add_argument("--printer", default="", metavar="NAME", help=t("the printer (default: the computer's)"))
    command.add_argument("--pages", default="", metavar="1-3,5", help=t("pages (default: all)"))
    command.add_argument("--copies", type=int, default=1, metavar="N", help=t("copies (default: 1)"))
    command.add_argument("--paper", choices=tuple(printing.PAPERS), default="", help=t("paper (default: the document's)"))
    command.add_argument("--grey", action="store_true", help=t("print in shades of grey"))
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Send each file; what one of them says does not keep the others from the printer."""
    if not 1 <= arguments.copies <= printing.MOST_COPIES:
        raise BadInput(t("Between 1 and {0} copies can be printed.").format(printing.MOST_COPIES), kept=t("Nothing was printed."))
    known = printing.queues()
    if not known or (arguments.printer and arguments.printer not in known):
        title = t("There is no printer {0}.").format(arguments.printer) if known else t("No printer is set up on this computer.")
        raise AppError(title, hint=t("The printers are: {0}").format(", ".join(known)) if known else "",
                       kept=t("Nothing was printed."))
    queue = arguments.printer or known[0]
    wish = printing.PrintWish(arguments.pages, arguments.copies, arguments.paper, arguments.grey)
    failed = 0
    for file in arguments.files:
        try:
            pdf = given.read(file)
            pages = printing.pages_of(wish.pages, _count(pdf)) if wish.pages else None
            job = printing.send(pdf, file.stem, queue, wish, pages)
            print(f"{file.name}: {job.queue}-{job.id}")
        except (AppError, OSError) as e:
            failed += 1
            print(f"{file.name}: {why(e) if isinstance(e, OSError) else e}", file=sys.stderr)
    return 1 if failed else 0


def _count(pdf: bytes) -> int:
    from assessor_app import isolate

    return int(isolate.call("assessor_app.reports.reading:page_count", pdf, timeout_s=30, memory_mb=1024))
