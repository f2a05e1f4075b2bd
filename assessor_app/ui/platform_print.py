"""Printing by the program that opens PDFs on Windows; the one place of it, since only Windows can run it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from assessor_app.errors import AppError
from assessor_app.i18n import t

HAS_HANDLER: Final = sys.platform == "win32"


def hand_over(copy: Path) -> None:
    """Ask Windows to print a copy with the program that it opens PDFs with, on the default printer.

    That program reads the copy after this returns: it goes with the next start. Raises AppError where there is no such program.
    """
    try:
        os.startfile(copy, "print")  # type: ignore[attr-defined,unused-ignore]
    except OSError as e:
        copy.unlink(missing_ok=True)
        raise AppError(t("This computer has no program that prints PDFs."), hint=t("Choose a printer by its name instead."),
                       kept=t("The document itself is safe in the notebook.")) from e
