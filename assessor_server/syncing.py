"""One sync: apply what came, answer verdicts and news, all in one reply."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from assessor_app.models.kinds import Kind
from assessor_app.sync.intents import WireIntent
from assessor_app.sync.merge import Outcome
from assessor_app.sync.protocol import Reply, Request, ScopeMark, Verdict, mark_of
from assessor_server import accounts, feed, results
from assessor_server import tables as tb
from assessor_server.accounts import Caller
from assessor_server.applying import Applier
from assessor_server.blobs import Blobs
from assessor_server.store import Store, get_meta, now


def sync(store: Store, blobs: Blobs, caller: Caller, request: Request, token: str) -> Reply:
    """Serve one request of an authenticated device."""
    verdicts = _apply(store, blobs, caller, request)
    if verdicts:
        results.settle(store, blobs)
    own = feed.Own(request)
    devices = {caller.device} | {intent.device for intent in request.intents}
    with store.snapshot() as connection:
        epoch = get_meta(connection, "epoch") or ""
        caller = Caller(caller.account, caller.device, accounts.actor_of(connection, caller.account))
        known = {device: int(counter) for device, counter in connection.execute(
            select(tb.intent.c.device, func.max(tb.intent.c.counter)).where(tb.intent.c.device.in_(devices))
            .group_by(tb.intent.c.device))} if request.intents or request.cursors else {}
        reply = Reply(epoch, now(), known, verdicts, token="", more=request.more)
        if not request.more:
            reply = _answer(connection, caller, request, reply, own)
    with store.transaction() as connection:
        renewed = accounts.refreshed(connection, caller, token)
        if request.waiting is not None:
            accounts.note_waiting(connection, caller.device, request.waiting.count, request.waiting.since, request.waiting.files)
        if reply.mark:
            accounts.note_mark(connection, caller.device, reply.mark, reply.cursors)
    return replace(reply, token=renewed)


def _answer(connection: Connection, caller: Caller, request: Request, reply: Reply, own: feed.Own) -> Reply:
    """Add what is new in the scopes that are granted, as far as one reply carries it."""
    scopes = feed.granted(connection, caller)
    cursors = request.cursors if request.epoch == reply.epoch else {}
    if request.mark and request.epoch == reply.epoch:
        marked = accounts.marked(connection, caller.device, request.mark)
        if marked is None:
            return replace(reply, lost=True)
        cursors = marked
    steps = feed.last_steps(connection, scopes)
    after: dict[str, int] = {}
    mine = own.steps(connection, cursors) if own else {}
    room = feed.page_for(request.rate)
    for scope in scopes:
        since = cursors.get(scope)
        after[scope] = since or 0
        if since == steps.get(scope, 0):
            continue
        if room <= 0:
            reply.marks.append(ScopeMark(scope, since or 0, "", True))
            continue
        if mine.get(scope) == steps.get(scope, 0) - (since or 0):  # nobody else wrote here
            reply.marks.append(ScopeMark(scope, steps[scope], feed.place(connection, scope)[1], False))
            after[scope] = steps[scope]
            continue
        found, mark = feed.news(connection, scope, since or 0, own, room)
        room -= sum(map(feed.size, found)) + 100
        reply.news.extend(found)
        reply.marks.append(mark)
        after[scope] = mark.cursor
    gone = sorted(set(cursors) - set(scopes))
    name = mark_of(reply.epoch, after)
    moved = [mark.scope for mark in reply.marks]
    return replace(reply, erased=feed.erased(connection, moved), gone=gone, mark=name if name != request.mark else "", cursors=after)


def _apply(store: Store, blobs: Blobs, caller: Caller, request: Request) -> list[Verdict]:
    """Apply what a device sent, each intent whole, and return the verdicts in the order of the intents."""
    if not request.intents:
        return []
    by_scope: dict[str, list[WireIntent]] = {}
    for intent in request.intents:
        by_scope.setdefault(intent.scope, []).append(intent)
    try:
        verdicts = _apply_scopes(store, blobs, caller, by_scope)
    except IntegrityError:  # at this very moment another scope got a record of the same id: now it is seen
        verdicts = {}
        for intent in request.intents:
            verdicts |= _apply_scopes(store, blobs, caller, {intent.scope: [intent]})
    return [verdicts[intent.device, intent.counter] for intent in request.intents]


def _apply_scopes(store: Store, blobs: Blobs, caller: Caller, by_scope: dict[str, list[WireIntent]]) -> dict[tuple[str, int], Verdict]:
    """Apply intents scope by scope in one transaction that holds all their locks, taken in one order by everybody."""
    out: dict[tuple[str, int], Verdict] = {}
    digests: list[str] = []
    with store.transaction() as connection:
        devices = {intent.device for run in by_scope.values() for intent in run}
        owners = accounts.owners_of(connection, devices)
        for device in devices - set(owners):
            accounts.adopt(connection, caller, device)
            owners[device] = caller.account
        author = accounts.author_of(connection, caller.account)
        applier = Applier(connection, list(by_scope))
        actor = accounts.actor_of(connection, caller.account)
        applier.expect([intent for run in by_scope.values() for intent in run])
        for intent in (intent for run in by_scope.values() for intent in run):
            if owners[intent.device] != caller.account:
                verdict = Verdict(intent.device, intent.counter, Outcome.REFUSED, "device")
            else:
                verdict = applier.apply(intent, author, actor)
            out[intent.device, intent.counter] = verdict
        applier.finish()
        gone = [record for kind, record in applier.ledger.erased if kind == Kind.ATTACHMENT]
        if gone:
            digests += connection.execute(select(tb.record.c.fields["sha256"].as_string()).where(
                tb.record.c.kind == Kind.ATTACHMENT.value, tb.record.c.id.in_(gone))).scalars().all()
    for digest in digests:
        blobs.erase(str(digest))
    return out
