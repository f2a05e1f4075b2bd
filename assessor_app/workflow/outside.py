"""Where what leaves a notebook may be written: never among the files of a notebook."""

from __future__ import annotations

from pathlib import Path

from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.identity.slots import KeySlots


def insist(target: Path) -> None:
    """Raise BadInput where a file or folder to be written would lie in a notebook's own folder."""
    place = target.resolve()
    if any(KeySlots.exists(folder) for folder in (place, *place.parents)):
        raise BadInput(t("This place belongs to a notebook; what is written there could damage it."), message=str(target),
                       hint=t("Choose a place outside the notebook's folder."), kept=t("Nothing was written."))
