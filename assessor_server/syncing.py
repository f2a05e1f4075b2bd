"""One sync: apply what came, answer verdicts and news, all in one reply."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import func, select

from assessor_app.models.kinds import Kind
from assessor_app.sync.merge import Outcome
from assessor_app.sync.protocol import (
    Reply,
    Request,
    ScopeMark,
    State,
    Verdict,
    WireIntent,
)
from assessor_server import accounts, feed
from assessor_server import tables as tb
from assessor_server.accounts import Caller
from assessor_server.applying import Applier
from assessor_server.blobs import Blobs
from assessor_server.store import Store, get_meta, lock_scope, now, set_seq


def sync(store: Store, blobs: Blobs, caller: Caller, request: Request, token: str) -> Reply:
    """Serve one request of an authenticated device."""
    verdicts = _apply(store, blobs, caller, request)
    with store.transaction() as connection:
        renewed = accounts.refreshed(connection, caller, token)
    own = {(intent.device, intent.counter) for intent in request.intents}
    with store.snapshot() as connection:
        epoch = get_meta(connection, "epoch") or ""
        caller = Caller(caller.account, caller.device, accounts.actor_of(connection, caller.account))
        scopes = feed.granted(connection, caller)
        cursors = request.cursors if request.epoch == epoch else {}
        states: list[State] = []
        marks: list[ScopeMark] = []
        for scope in scopes:
            room = feed.PAGE - len(states)
            if room <= 0:
                marks.append(ScopeMark(scope, cursors.get(scope, 0), "", True))
                continue
            found, mark = feed.news(connection, scope, cursors.get(scope, 0), own, room)
            states += found
            marks.append(mark)
        moved = [mark.scope for mark in marks if mark.cursor != cursors.get(mark.scope)]
        devices = {caller.device} | {intent.device for intent in request.intents}
        known = connection.execute(select(tb.intent.c.device, func.max(tb.intent.c.counter)).where(
            tb.intent.c.device.in_(devices)).group_by(tb.intent.c.device)).all()
        return Reply(epoch, now(), {device: int(counter) for device, counter in known}, verdicts, states, marks,
                     feed.erased(connection, moved), renewed)


def _apply(store: Store, blobs: Blobs, caller: Caller, request: Request) -> list[Verdict]:
    verdicts: list[Verdict] = []
    if not request.intents:
        return verdicts
    with store.transaction() as connection:
        owners = accounts.owners_of(connection, {intent.device for intent in request.intents})
        for device in {intent.device for intent in request.intents} - set(owners):
            accounts.adopt(connection, caller, device)
            owners[device] = caller.account
    for scope, run in groupby(request.intents, key=lambda intent: intent.scope):
        verdicts += _apply_run(store, blobs, caller, scope, list(run), owners)
    return verdicts


def _apply_run(store: Store, blobs: Blobs, caller: Caller, scope: str, run: list[WireIntent], owners: dict[str, str]) -> list[Verdict]:
    """Apply consecutive intents of one scope under its lock, in one transaction."""
    out = []
    with store.transaction() as connection:
        seq = lock_scope(connection, scope)
        actor = accounts.actor_of(connection, caller.account)
        author = accounts.author_of(connection, caller.account)
        applier = Applier(connection, scope, seq)
        for intent in run:
            if owners[intent.device] != caller.account:
                out.append(Verdict(intent.device, intent.counter, Outcome.REFUSED, "device"))
            else:
                out.append(applier.apply(intent, author, actor))
        if applier.seq != seq:
            set_seq(connection, scope, applier.seq)
        gone = [record for kind, record in applier.erased if kind == Kind.ATTACHMENT]
        digests = connection.execute(select(tb.record.c.fields["sha256"].as_string()).where(
            tb.record.c.kind == Kind.ATTACHMENT.value, tb.record.c.id.in_(gone))).scalars().all() if gone else []
    for digest in digests:
        blobs.erase(str(digest))
    return out
