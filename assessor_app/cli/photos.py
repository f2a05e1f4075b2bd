"""``asesor originals``: what the originals of photos take on this device, and letting them go."""

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
    parser = commands.add_parser("originals", parents=[here, as_json],
                                 help=t("tell of the originals of photos on this device, or let them go"))
    parser.add_argument("--let-go", action="store_true", help=t("delete the originals of visits whose photos are all at the centre"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Tell, or let go."""
    from assessor_app.workflow import reducing

    with opened(arguments) as account:
        found = reducing.let_go(account) if arguments.let_go else reducing.originals(account)
    if arguments.json:
        print(json.dumps({**asdict(found), "let_go": arguments.let_go}))
        return 0
    if arguments.let_go:
        print(t("Let go of {0} originals ({1}). The reduced photos stay here and at the centre.").format(
            found.ready, formats.size(found.ready_size)))
    else:
        print(t("Originals on this device: {0} ({1}). At the centre in reduced form, and free to be let go: {2} ({3}).").format(
            found.photos, formats.size(found.size), found.ready, formats.size(found.ready_size)))
    waiting = found.photos - found.ready
    if waiting:
        print(t("{0} originals stay: of their visits some photos are not at the centre yet.").format(waiting))
    return 0
