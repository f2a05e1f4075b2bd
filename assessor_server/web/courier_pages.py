"""Courier files: what somebody brought to an office on a stick is taken in, and the receipts go back on the same stick."""

from __future__ import annotations

import base64

from fastapi import Response

from assessor_app.errors import BadInput
from assessor_app.i18n import mark, nt, t
from assessor_app.models.permissions import Action
from assessor_app.sync.merge import Outcome
from assessor_server import syncing
from assessor_server.web.page import Page
from assessor_server.web.routes import Routes

routes = Routes()
#: What a file may weigh here, in bytes; the command takes any.
_LARGEST = 200_000_000
_SAID = {
    Outcome.APPLIED: mark("Taken over"), Outcome.MERGED: mark("Merged with others' changes"),
    Outcome.DIFFERENT: mark("Kept as a difference"),
    Outcome.REFUSED: mark("Refused, see the list"), Outcome.HELD: mark("Waits for what has not arrived yet"),
    Outcome.WHOLE: mark("Waits for what has not arrived yet"),
}


@routes.get("/titipan", Action.TAKE_COURIER)
def ask(page: Page) -> Response:
    """Ask for a courier file."""
    return page.show("courier.html", facts=(), whole=True, reply="")


@routes.post("/titipan", Action.TAKE_COURIER, largest=_LARGEST)
def take(page: Page) -> Response:
    """Take a courier file in and offer the receipts."""
    if not page.file:
        raise BadInput(t("Choose a courier file (.titipan)."), kept=t("Nothing was changed."))
    brought = syncing.take_file(page.store, page.site.blobs, page.file)
    if brought is None:
        raise BadInput(t("Nothing in this file could be taken in."), message=t(
            "It is damaged, for another server, or from devices that have never synchronised here."),
            hint=t("Keep the file; let it be made anew on the device."), kept=t("Nothing was changed."))
    counts: dict[str, int] = {}
    for outcome, count in brought.outcomes.items():
        counts[t(_SAID[outcome])] = counts.get(t(_SAID[outcome]), 0) + count
    facts = [(said, nt("{n} change", "{n} changes", count)) for said, count in sorted(counts.items())]
    return page.show("courier.html", facts=facts, whole=brought.whole, reply=base64.b64encode(brought.reply).decode())
