"""The commands of ``asesor`` and their arguments; without a command the window opens."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from assessor_app import __version__, i18n
from assessor_app.errors import AppError
from assessor_app.i18n import mark, t
from assessor_app.refusals import why
from assessor_app.settings import Settings

# argparse says these itself, through gettext of the system; here they are marked for our catalogue.
_ARGPARSE = (
    mark("usage: "), mark("options"), mark("positional arguments"), mark("show this help message and exit"),
    mark("%(prog)s: error: %(message)s\n"), mark("argument %(argument_name)s: %(message)s"),
    mark("the following arguments are required: %s"), mark("unrecognized arguments: %s"), mark("expected one argument"),
    mark("not allowed with argument %s"), mark("ignored explicit argument %r"),
    mark("ambiguous option: %(option)s could match %(matches)s"), mark("invalid choice: %(value)r (choose from %(choices)s)"),
    mark("invalid %(type)s value: %(value)r"),
)


def main(argv: list[str] | None = None) -> int:
    """Run ``asesor``; the exit status is 0 only on success."""
    os.umask(0o077)  # what we write is for this person alone
    i18n.set_language(Settings.load().language)
    vars(argparse)["_"] = t
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        return int(arguments.run(arguments))
    except AppError as e:
        print(str(e), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except EOFError:
        print(t("A secret was asked for, and there is no terminal to type it in: name a file with --passphrase-file or --pin-file."),
              file=sys.stderr)
        return 1
    except OSError as e:
        print(f"{e.filename}: {why(e)}" if e.filename else why(e), file=sys.stderr)
        return 1


def _option(parser: argparse.ArgumentParser, name: str) -> str:
    return next(str(action.help) for action in parser._actions if name in action.option_strings)


def _parser() -> argparse.ArgumentParser:
    from assessor_app.cli import (
        commands,
        courier,
        exporting,
        guides,
        instruments,
        photos,
        plan,
        printing,
        reports,
        signing,
        targets,
        visits,
    )

    account = argparse.ArgumentParser(add_help=False)
    account.add_argument("--data", type=Path, metavar="DIR", help=t("the account's folder (default: the account last opened)"))
    account.add_argument("--pin-file", type=Path, metavar="FILE", help=t("file whose first line is the PIN (default: asked for)"))
    account.add_argument("--passphrase-file", type=Path, metavar="FILE", help=t("file whose first line is the passphrase"))
    here = argparse.ArgumentParser(add_help=False)  # the same options after a command; before it they hold as well
    for option in ("--data", "--pin-file", "--passphrase-file"):
        here.add_argument(option, type=Path, metavar="DIR" if option == "--data" else "FILE", default=argparse.SUPPRESS,
                          help=_option(account, option))
    as_json = argparse.ArgumentParser(add_help=False)
    as_json.add_argument("--json", action="store_true", help=t("print the result as JSON"))

    parser = argparse.ArgumentParser(prog="asesor", parents=[account], description=t(
        "Field assessment for Gerakan Menuju Smart City. Without a command the window opens."))
    parser.add_argument("--version", action="version", version=f"asesor {__version__}", help=t("show program's version number and exit"))
    parser.add_argument("--sample", action="store_true", help=t("open the window on a sample visit"))
    parser.set_defaults(run=commands.window)
    sub = parser.add_subparsers(metavar=t("COMMAND"))

    demo = sub.add_parser("demo", help=t("play a whole visit without a screen and leave the signed documents"))
    demo.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR", help=t("folder for the results (default: demo)"))
    demo.set_defaults(run=commands.demo)

    score = sub.add_parser("score", parents=[as_json], help=t("compute means and index from an instrument and answers"))
    score.add_argument("--instrument", type=Path, required=True, metavar="FILE.xlsx")
    score.add_argument("--answers", type=Path, required=True, metavar="FILE.csv")
    score.add_argument("--assessor", action="append", default=[], metavar=t("NAME"),
                       help=t("an assessor of the panel, as the answers name them; may be repeated (default: whoever the answers name)"))
    score.set_defaults(run=commands.score)

    instruments.add(sub, here, as_json)
    guides.add(sub, here, as_json)

    verify = sub.add_parser("verify", parents=[here, as_json], help=t("verify a signed document"))
    verify.add_argument("file", type=Path, metavar="FILE.pdf")
    verify.add_argument("--root", type=Path, metavar="ROOT.pem", help=t("certificate of the authority to trust"))
    verify.add_argument("--tsa-root", type=Path, metavar="ROOT.pem", help=t("certificate of a further authority to trust for timestamps"))
    verify.add_argument("--revoked", type=Path, metavar="LIST.pem", help=t("the authority's list of revoked certificates"))
    verify.add_argument("--record", metavar="SHA256[,…]", help=t("SHA-256 of the revisions on record, in order"))
    verify.set_defaults(run=commands.verify)

    sync = sub.add_parser("sync", parents=[here, as_json], help=t("synchronise with the server"))
    sync.set_defaults(run=commands.sync)

    courier.add(sub, here, as_json)
    photos.add(sub, here, as_json)
    reports.add(sub, here, as_json)
    signing.add(sub, here, as_json)
    printing.add(sub)
    exporting.add(sub, here)
    plan.add(sub, here, as_json)
    visits.add(sub, here, as_json)

    backup = sub.add_parser("backup", parents=[here], help=t("write a full backup"))
    backup.add_argument("file", type=Path, metavar="FILE")
    targets.add_force(backup)
    backup.set_defaults(run=commands.backup)

    restore = sub.add_parser("restore", help=t("lay a backup into a new folder"))
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--data", type=Path, metavar="DIR", default=argparse.SUPPRESS,
                         help=t("the new folder (default: a new account of this installation)"))
    restore.set_defaults(run=commands.restore)

    integrity = sub.add_parser("check", parents=[here, as_json], help=t("check the notebook's integrity"))
    integrity.set_defaults(run=commands.check)
    return parser
