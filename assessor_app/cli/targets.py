"""Files that a command writes: what is there already stays, unless ``--force`` says otherwise."""

from __future__ import annotations

import argparse
from pathlib import Path

from assessor_app.errors import BadInput
from assessor_app.i18n import t


def add_force(command: argparse.ArgumentParser) -> None:
    """Add the option."""
    command.add_argument("--force", action="store_true", help=t("write over a file that is there"))


def insist(arguments: argparse.Namespace, target: Path) -> None:
    """Raise BadInput, before anything is asked for or done, where a file cannot or may not be written."""
    from assessor_app.workflow import outside

    kept = t("Nothing was written.")
    outside.insist(target)
    if target.is_dir():
        raise BadInput(t("This is a folder."), message=str(target), hint=t("Name a file in it."), kept=kept)
    if not target.parent.is_dir():
        raise BadInput(t("There is no such folder."), message=str(target.parent), hint=t("Make it first, or choose another."), kept=kept)
    if target.exists() and not arguments.force:
        raise BadInput(t("There is a file of this name already."), message=str(target),
                       hint=t("Choose another name, or add --force to write over it."), kept=kept)
