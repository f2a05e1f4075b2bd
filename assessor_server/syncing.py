"""One sync: apply what came, answer verdicts and news, all in one reply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from assessor_app.models.kinds import Kind
from assessor_app.sync import envelope
from assessor_app.sync.digests import mark_of
from assessor_app.sync.intents import WireIntent
from assessor_app.sync.merge import Outcome
from assessor_app.sync.protocol import HASH, Reply, Request, ScopeMark, Stored, Verdict
from assessor_server import accounts, courier, feed, results, trust
from assessor_server import tables as tb
from assessor_server.accounts import Caller, Denied
from assessor_server.applying import Applier
from assessor_server.blobs import Blobs
from assessor_server.store import Store, get_meta, now


def sync(store: Store, blobs: Blobs, caller: Caller, request: Request, token: str) -> Reply:
    """Serve one request of an authenticated device."""
    return _noted(store, caller, request, token, _served(store, blobs, caller, request))


def _served(store: Store, blobs: Blobs, caller: Caller, request: Request, *, brief: bool = False) -> Reply:
    verdicts = _apply(store, blobs, caller, request)
    if verdicts:
        results.settle(store, blobs)
    taken: list[str] = []
    unread: list[str] = []
    carried: list[Verdict] = []
    if request.envelopes:
        carried, taken, unread = take_carried(store, blobs, request.envelopes)
    reply = Reply("", now(), {}, verdicts, token="", more=request.more, taken=taken, unread=unread)
    with store.snapshot() as connection:
        reply = replace(reply, epoch=get_meta(connection, "epoch") or "")
        if carried or (verdicts and not request.more):  # what was applied may have brought grants
            caller = Caller(caller.account, caller.device, accounts.actor_of(connection, caller.account))
        if carried:  # who carried it learns what he may read
            scopes = set(feed.granted(connection, caller))
            verdicts += [replace(v, states=[state for state in v.states if state.scope in scopes]) for v in carried]
        if request.asked:
            reply = replace(reply, stored=_stored(connection, caller, request.asked))
        if not request.more:
            room = feed.page_for(request.rate) // (3 if brief else 1)  # the device has nothing to do until the first of many is there
            reply = _answer(connection, caller, request, _told(connection, caller, request, reply), feed.Own(request), room)
    return reply


def _noted(store: Store, caller: Caller, request: Request, token: str, reply: Reply) -> Reply:
    """Keep what the device tells of itself and where the reply leaves it; add a new token where the present one is old."""
    with store.transaction() as connection:
        renewed = accounts.refreshed(connection, caller, token)
        if request.waiting is not None:
            accounts.note_waiting(connection, caller.device, request.waiting.count, request.waiting.since, request.waiting.files)
        if reply.mark:
            accounts.note_mark(connection, caller.device, reply.mark, reply.cursors, reply.bases)
    return replace(reply, token=renewed)


def pages(store: Store, blobs: Blobs, asker: Callable[[], tuple[Caller, str]], request: Request) -> Iterator[Reply]:
    """Serve one request, and what the device would ask next, until it has everything or the pages are many.

    ``asker`` tells anew before each who asks, with which token: a device may be revoked meanwhile.
    """
    for number in range(1, PAGES + 1):
        try:
            caller, token = asker()
        except Denied:
            if number == 1:
                raise
            return  # the next request hears why
        reply = _served(store, blobs, caller, request, brief=number == 1)
        ends = (number == PAGES or reply.lost or not any(mark.more for mark in reply.marks)
                or (request.epoch and reply.epoch != request.epoch))
        yield _noted(store, caller, request, token, reply) if ends or number == 1 else reply  # one that is cut off goes on by its cursors
        if ends:
            return
        request = replace(request, epoch=reply.epoch, mark="", cursors=reply.cursors, bases=reply.bases, intents=[], envelopes=[],
                          waiting=None, asked=[])


def _stored(connection: Connection, caller: Caller, asked: list[tuple[str, int, int]]) -> list[Stored]:
    """Return which of the asked intents are here, of those scopes that the device may read."""
    c = tb.intent.c
    scopes = set(feed.granted(connection, caller))
    out = []
    for device, first, last in asked[:_ASKED]:
        out += [Stored(row.device, int(row.counter), row.hash[:HASH], Outcome(row.outcome), row.reason) for row in connection.execute(
            select(c.device, c.counter, c.hash, c.outcome, c.reason, c.scope).where(c.device == device, c.counter.between(first, last))
            .order_by(c.counter)) if row.scope in scopes]
    return out


#: About so many runs of intents one request may ask.
_ASKED = 1000
#: How many replies follow each other in one answer.
PAGES = 64


def _told(connection: Connection, caller: Caller, request: Request, reply: Reply) -> Reply:
    """Add what the server holds of the account's devices that the request names, and how many certificates are revoked."""
    mine = accounts.owners_of(connection, {caller.device} | {intent.device for intent in request.intents})
    devices = {device for device, account in mine.items() if account == caller.account}
    c = tb.intent.c
    known = {device: int(counter) for device, counter in connection.execute(
        select(c.device, func.max(c.counter)).where(c.device.in_(devices)).group_by(c.device))}
    return replace(reply, known=known, revoked=trust.number(connection))


@dataclass(frozen=True, slots=True)
class Brought:
    """What a courier file brought: how many intents got which verdict, whether it need not be kept, and the receipts to take back."""

    outcomes: Counter[Outcome]
    whole: bool
    reply: bytes


def take_file(store: Store, blobs: Blobs, data: bytes) -> Brought | None:
    """Apply a courier file; None where nothing in it could be read here: it is damaged, or for others."""
    verdicts, taken, _ = take_carried(store, blobs, [data])
    if not verdicts:
        return None
    with store.transaction() as connection:
        return Brought(Counter(verdict.outcome for verdict in verdicts), bool(taken), courier.reply(connection, verdicts))


def take_carried(store: Store, blobs: Blobs, carried: list[bytes]) -> tuple[list[Verdict], list[str], list[str]]:
    """Apply what somebody carried for others.

    Return the verdicts, the names of the bytes that need not be carried on, and of those that cannot be read here.
    """
    with store.transaction() as connection:
        opened = courier.open_all(connection, carried)
    items = [(intent, account) for _, read, account in opened.envelopes for intent in read.intents]
    verdicts = _apply_all(store, blobs, items)
    for data in opened.blobs:
        blobs.take(data)
    results.settle(store, blobs)
    waiting = {Outcome.HELD, Outcome.WHOLE}
    unread = opened.unread | {name for name, read, _ in opened.envelopes for intent in read.intents
                              if verdicts[intent.device, intent.counter].outcome in waiting}
    names = [envelope.digest_of(data) for data in carried]
    return list(verdicts.values()), [name for name in names if name not in unread], sorted(opened.unread)


def _answer(connection: Connection, caller: Caller, request: Request, reply: Reply, own: feed.Own, room: int) -> Reply:
    """Add what is new in the scopes that are granted, as far as one reply carries it."""
    scopes = feed.granted(connection, caller)
    cursors, bases = (request.cursors, request.bases) if request.epoch == reply.epoch else ({}, {})
    if request.mark and request.epoch == reply.epoch:
        marked = accounts.marked(connection, caller.device, request.mark)
        if marked is None:
            return replace(reply, lost=True)
        cursors, bases = marked
    places = feed.places(connection, scopes)
    after: dict[str, int] = {}
    begun: dict[str, int] = {}  # of scopes that go on in the next reply: where their reading began
    mine = own.steps(connection, cursors) if own else {}
    little, waiting = room // 5, False
    for scope in scopes:
        since = cursors.get(scope)
        after[scope] = since or 0
        last, digest = places[scope]
        if since == last:
            continue
        base = bases.get(scope, since or 0)
        if base == (since or 0) and mine.get(scope) == last - (since or 0):  # nobody else wrote here
            reply.marks.append(ScopeMark(scope, last, digest, False))
            after[scope] = last
            continue
        if room <= (little if base == (since or 0) and reply.news else 0):  # what is not begun had better come whole, in the next reply
            begun |= {scope: base} if base != (since or 0) else {}
            if not waiting:  # one tells the device that there is more
                reply.marks.append(ScopeMark(scope, since or 0, "", True))
            waiting = True
            continue
        found, size, mark = feed.news(connection, scope, since or 0, own, room, base, places[scope])
        room -= size + 100
        reply.news.extend(found)
        reply.marks.append(mark)
        after[scope] = mark.cursor
        if mark.more:
            begun[scope] = base
    gone = sorted(set(cursors) - set(scopes))
    name = mark_of(reply.epoch, after, begun)
    moved = [mark.scope for mark in reply.marks]
    return replace(reply, erased=feed.erased(connection, moved), gone=gone, mark=name if name != request.mark else "", cursors=after,
                   bases=begun)


def _apply(store: Store, blobs: Blobs, caller: Caller, request: Request) -> list[Verdict]:
    """Apply what a device sent, each intent whole, and return the verdicts in the order of the intents."""
    if not request.intents:
        return []
    with store.transaction() as connection:
        devices = {intent.device for intent in request.intents}
        owners = accounts.owners_of(connection, devices)
        for device in devices - set(owners):
            accounts.adopt(connection, caller, device)
            owners[device] = caller.account
    mine = [(intent, caller.account if owners[intent.device] == caller.account else None) for intent in request.intents]
    verdicts = _apply_all(store, blobs, mine)
    return [verdicts[intent.device, intent.counter] for intent in request.intents]


#: An intent, and the account that may answer for it; None where nobody may.
Item = tuple[WireIntent, str | None]


def _apply_all(store: Store, blobs: Blobs, items: list[Item]) -> dict[tuple[str, int], Verdict]:
    try:
        return _apply_items(store, blobs, items)
    except IntegrityError:  # at this very moment another scope got a record of the same id: now it is seen
        verdicts: dict[tuple[str, int], Verdict] = {}
        for item in items:
            verdicts |= _apply_items(store, blobs, [item])
        return verdicts


def _apply_items(store: Store, blobs: Blobs, items: list[Item]) -> dict[tuple[str, int], Verdict]:
    """Apply intents scope by scope in one transaction that holds all their locks, taken in one order by everybody."""
    by_scope: dict[str, list[Item]] = {}
    for item in items:
        by_scope.setdefault(item[0].scope, []).append(item)
    out: dict[tuple[str, int], Verdict] = {}
    digests: list[str] = []
    if not items:
        return out
    with store.transaction() as connection:
        applier = Applier(connection, list(by_scope))
        people = {account: (accounts.author_of(connection, account), accounts.actor_of(connection, account))
                  for account in {account for _, account in items if account is not None}}
        applier.expect([intent for intent, _ in items])
        for intent, account in (item for run in by_scope.values() for item in run):
            if account is None:
                verdict = Verdict(intent.device, intent.counter, Outcome.REFUSED, "device")
            else:
                verdict = applier.apply(intent, *people[account])
            out[intent.device, intent.counter] = verdict
        applier.finish()
        gone = [record for kind, record in applier.ledger.erased if kind == Kind.ATTACHMENT]
        if gone:
            digests += connection.execute(select(tb.record.c.fields["sha256"].as_string()).where(
                tb.record.c.kind == Kind.ATTACHMENT.value, tb.record.c.id.in_(gone))).scalars().all()
    for digest in digests:
        blobs.erase(str(digest))
    return out
