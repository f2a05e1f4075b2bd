"""What an erasure leaves behind on this machine: the media's bytes, and copies of the notebook made before it."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessor_app.models.attachments import Attachment
from assessor_app.models.books import Book
from assessor_app.models.kinds import Kind
from assessor_app.models.tables import Erasure
from assessor_app.workflow.accounts import Account


def clear_away(account: Account) -> int:
    """Drop the bytes of erased media and the copies older than the newest erasure; return how many blobs went.

    For after an erasure, and for when a notebook was opened: a device learns of an erasure by a sync as well.
    """
    with account.reading() as session:
        gone = erased_media(session) - named_media(session)
        newest = session.scalar(select(func.max(Erasure.at)))
    dropped = 0
    for digest in gone:
        if account.blobs.has(digest):
            account.blobs.drop(digest)
            dropped += 1
    if newest is not None:
        for copy in (account.folder / "backups").glob("*.db"):
            if copy.stat().st_mtime * 1000 < newest:
                copy.unlink()
    return dropped


def erased_media(session: Session) -> set[str]:
    """Return the digests of media whose person was erased."""
    return set(session.scalars(select(Attachment.sha256).join(Erasure, Erasure.record == Attachment.id)
                               .where(Erasure.kind == Kind.ATTACHMENT.value)))


def named_media(session: Session) -> set[str]:
    """Return the digests of media that were not erased, and of books."""
    return set(session.scalars(select(Book.sha256))) | set(session.scalars(select(Attachment.sha256).where(
        Attachment.id.not_in(select(Erasure.record).where(Erasure.kind == Kind.ATTACHMENT.value)))))
