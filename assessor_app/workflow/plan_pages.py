"""Pages of a plan's book as evidence: each is kept as a file of its own, so that it stays what it was when the book changes."""

from __future__ import annotations

import re

from sqlalchemy import func, select

from assessor_app import isolate
from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.models.attachments import Attachment
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import AttachmentType
from assessor_app.workflow.accounts import Account

#: The largest book that is read, and how many of its pages are evidence at most.
LARGEST = 200_000_000
MOST_PAGES = 10


def read_range(text: str) -> tuple[int, int]:
    """Read ``37`` or ``37-39``. Raises BadInput."""
    found = re.fullmatch(r"\s*(\d{1,4})\s*(?:[-–]\s*(\d{1,4})\s*)?", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last:
        raise BadInput(t("Write a page such as 37, or pages such as 37-39."), kept=t("Nothing was attached."))
    if last - first >= MOST_PAGES:
        raise BadInput(t("At most {0} pages at a time.").format(MOST_PAGES), kept=t("Nothing was attached."))
    return first, last


def attach_pages(account: Account, visit: str, book: bytes, name: str, pages: str, title: str = "") -> str:
    """Attach pages of a book to a visit and return the attachment's id; takes about a second. Raises BadInput."""
    if len(book) > LARGEST:
        raise BadInput(t("The book is larger than 200 MB."), kept=t("Nothing was attached."))
    first, last = read_range(pages)
    made: bytes = isolate.call("assessor_app.workflow.plan_page_reader:extract", book, first, last, memory_mb=2048)
    digest = account.blobs.put(made)
    where = t("p. {0}").format(first) if first == last else t("pp. {0}–{1}").format(first, last)
    caption = f"{title.strip() or name.rpartition('.')[0] or name}, {where}"

    def work(unit: Unit) -> str:
        count = unit.session.scalar(select(func.count()).select_from(Attachment).where(Attachment.visit == visit)) or 0
        return unit.add(Attachment(visit=visit, type=AttachmentType.FILE, name=name, media_type="application/pdf", size=len(made),
                                   sha256=digest, caption=caption, number=count + 1)).id

    return account.writer.run(work, purpose="attachment.add")
