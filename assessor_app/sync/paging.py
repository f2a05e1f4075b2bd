"""The pages after the first, fetched while those before them are taken in."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from queue import Full, Queue
from threading import Event

from assessor_app.sync.protocol import Reply, Request, RequestLines
from assessor_app.sync.transport import Transport

#: A request, its reply, and from where each scope was asked.
Page = tuple[Request, Reply, dict[str, int]]
Pages = Queue[Page | BaseException]


def fetch_on(transport: Transport, page: Page, epoch: str, mark: str, rate: int, own: list[tuple[str, int, int]], pages: Pages,
             ended: Event) -> None:
    """Fetch the pages after one, as long as the server has more of the same history; a few wait for who takes them in.

    The server may send several in one answer: what it would have been asked next. A fault is put behind what came before it.
    """
    epoch = epoch or page[1].epoch
    try:
        while not ended.is_set() and any(one.more for one in page[1].marks) and page[1].epoch == epoch:
            request, reply, cursors = page
            mark = reply.mark or mark
            begun = {} if mark else _begun(request, cursors, reply)
            cursors = cursors if mark else cursors | {one.scope: one.cursor for one in reply.marks}
            request = replace(request, epoch=epoch, more=False, envelopes=[], asked=[], mark=mark, rate=rate, own=own, bases=begun,
                              cursors={} if mark else cursors, pages=True)
            for reply in transport.pages(RequestLines().pack(request)):
                page = (request, reply, cursors)
                _put(pages, page, ended)
                if ended.is_set():
                    return
    except BaseException as fault:
        _put(pages, fault, ended)


def _begun(request: Request, cursors: dict[str, int], reply: Reply) -> dict[str, int]:
    """Return where the reading of the scopes began that go on after a reply."""
    met = {mark.scope: mark.more for mark in reply.marks}
    begun = {scope: request.bases.get(scope, cursors.get(scope, 0)) for scope, more in met.items() if more}
    return {scope: base for scope, base in request.bases.items() if scope not in met} | begun


def _put(pages: Pages, page: Page | BaseException, ended: Event) -> None:
    """Put a page into the queue as soon as there is room, unless nobody waits for it any more."""
    while not ended.is_set():
        with suppress(Full):
            pages.put(page, timeout=0.2)
            return
