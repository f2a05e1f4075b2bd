"""Photos travel reduced; their originals stay on this device until a person lets them go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from assessor_app.models.attachments import Attachment
from assessor_app.models.tables import Transfer
from assessor_app.settings import Settings
from assessor_app.workflow.accounts import Account

#: What makes sense: the longer side of a photo as it travels, in pixels, and its JPEG quality.
EDGES: Final = (320, 8000)
QUALITIES: Final = (30, 95)


def wanted() -> tuple[int, int]:
    """Return the longer side of a photo as it travels, in pixels, and its JPEG quality, within what makes sense."""
    settings = Settings.load()
    return (min(max(settings.photo_edge, EDGES[0]), EDGES[1]), min(max(settings.photo_quality, QUALITIES[0]), QUALITIES[1]))


@dataclass(frozen=True, slots=True)
class Originals:
    """The originals on this device: how many and how large (bytes), and how many of them may be let go."""

    photos: int = 0
    size: int = 0
    ready: int = 0
    ready_size: int = 0


def originals(account: Account) -> Originals:
    """Tell of the originals that are here."""
    here, ready = account.blobs.originals(), _ready(account)
    going = {digest: size for digest, size in here.items() if digest in ready}
    return Originals(len(here), sum(here.values()), len(going), sum(going.values()))


def let_go(account: Account) -> Originals:
    """Drop the originals of visits whose reduced photos are all at the centre; return what was there and what went.

    Never called by itself: only a person decides that the reduced photos are enough.
    """
    before = originals(account)
    for digest in _ready(account):
        account.blobs.let_go(digest)
    return before


def _ready(account: Account) -> set[str]:
    """Return the photos of visits of which no photo waits to be sent."""
    with account.reading() as session:
        done = set(session.scalars(select(Transfer.sha256).where(Transfer.done)))
        rows = session.execute(select(Attachment.visit, Attachment.sha256).where(
            Attachment.deleted.is_(False), Attachment.sha256 != "")).all()
    waiting = {visit for visit, digest in rows if digest not in done}
    return {digest for visit, digest in rows if visit not in waiting}
