"""Files that somebody gives us: looked at before they are read, so that a huge one does not take the machine's memory."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from assessor_app import formats
from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.refusals import why

#: What a file of its kind may weigh, in bytes.
WORKBOOK: Final = 60_000_000
DOCUMENT: Final = 200_000_000
COURIER: Final = 1_000_000_000
KEY: Final = 1 << 20


def read(path: Path, most: int = DOCUMENT) -> bytes:
    """Return a file's bytes. Raises BadInput where it cannot be read or is larger than ``most`` bytes."""
    try:
        size = path.stat().st_size
        if size > most:
            raise BadInput(t("{0} is too large: {1}.").format(path.name, formats.size(size)),
                           hint=t("At most {0} are read.").format(formats.size(most)), kept=t("Nothing was changed."))
        with path.open("rb") as file:
            data = file.read(most + 1)  # a device or a pipe tells no size
    except OSError as e:
        raise BadInput(t("The file cannot be read."), message=f"{path}: {why(e)}", kept=t("Nothing was changed.")) from e
    if len(data) > most:
        raise BadInput(t("{0} is too large: {1}.").format(path.name, f"> {formats.size(most)}"), kept=t("Nothing was changed."))
    return data
