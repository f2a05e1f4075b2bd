"""``asesor courier``: the courier file without a window."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from assessor_app.cli import targets
from assessor_app.cli.commands import opened
from assessor_app.i18n import t


def add(commands: argparse._SubParsersAction, here: argparse.ArgumentParser, as_json: argparse.ArgumentParser) -> None:  # type: ignore[type-arg]
    """Add the commands."""
    parser = commands.add_parser("courier", help=t("carry work to the centre on a stick"))
    sub = parser.add_subparsers(required=True, metavar=t("COMMAND"))
    pack = sub.add_parser("pack", parents=[here, as_json], help=t("write what is not at the centre yet as one sealed file"))
    pack.add_argument("file", type=Path, metavar="FILE.titipan")
    pack.add_argument("--visit", default="", metavar="ID", help=t("all of one visit, not only what is unsent"))
    targets.add_force(pack)
    pack.set_defaults(run=_pack)
    take = sub.add_parser("take", parents=[here, as_json], help=t("take a courier file or a reply in"))
    take.add_argument("file", type=Path, metavar="FILE.titipan")
    take.set_defaults(run=_take)
    code = sub.add_parser("code", parents=[here], help=t("print this device's pairing code"))
    code.set_defaults(run=_code)
    pair = sub.add_parser("pair", parents=[here], help=t("take a colleague's pairing code"))
    pair.add_argument("code", metavar="CODE")
    pair.set_defaults(run=_pair)


def _pack(arguments: argparse.Namespace) -> int:
    from assessor_app.workflow import courier

    targets.insist(arguments, arguments.file)
    with opened(arguments) as account:
        told = courier.pack(account, arguments.file, visit=arguments.visit)
    if arguments.json:
        print(json.dumps(asdict(told)))
    else:
        print(t("{0}: {1} changes and {2} files.").format(arguments.file.name, told.intents, told.photos),
              t("It can be opened by: {0}.").format(told.readers()))
    return 0


def _take(arguments: argparse.Namespace) -> int:
    from assessor_app.workflow import courier

    with opened(arguments) as account:
        told = courier.take_in(account, arguments.file)
    if arguments.json:
        print(json.dumps(asdict(told)))
    elif told.sealed:
        print(t("The file is sealed for others; it is carried to the centre unread."))
    else:
        print(t("{0} changes merged, {1} known already, {2} wait, {3} carried on, {4} files, {5} receipts.").format(
            told.merged, told.known, told.waiting, told.carried, told.photos, told.receipts))
        if told.left:
            print(told.stays())
        if told.forged:
            print(t("{0} changes were refused: their author did not sign them.").format(told.forged))
    return 0


def _code(arguments: argparse.Namespace) -> int:
    from assessor_app.workflow import courier

    with opened(arguments) as account:
        print(courier.pairing_code(account))
    return 0


def _pair(arguments: argparse.Namespace) -> int:
    from assessor_app.workflow import courier

    with opened(arguments) as account:
        print(t("Paired with device {0}.").format(courier.pair(account, arguments.code)))
    return 0
