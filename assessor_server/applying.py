"""Apply intents: each once, in the server's order, a batch in one transaction that holds the locks of its scopes."""

from __future__ import annotations

import logging

from sqlalchemy import Connection

from assessor_app.models.permissions import Actor
from assessor_app.sync.applying import Effects, Step, Stop
from assessor_app.sync.intents import WireIntent, content_hash
from assessor_app.sync.merge import Outcome
from assessor_app.sync.protocol import Verdict
from assessor_app.sync.states import State
from assessor_server import results
from assessor_server.history import Journaled, ServerLedger
from assessor_server.making import Making
from assessor_server.store import lock_scopes, set_places

log = logging.getLogger(__name__)


class Applier:
    """Applies intents of some scopes: it takes their locks at once, and ``finish`` writes what became of them."""

    def __init__(self, connection: Connection, scopes: list[str]) -> None:
        self.connection = connection
        self._began = lock_scopes(connection, scopes)
        self._steps = {scope: seq for scope, (seq, _) in self._began.items()}
        self.ledger = ServerLedger(connection, scopes)
        self._making = Making(self.ledger)

    def expect(self, intents: list[WireIntent]) -> None:
        """Read ahead, in few queries, what these intents will ask for."""
        self.ledger.read_ahead(intents)

    def apply(self, intent: WireIntent, account: str, actor: Actor) -> Verdict:
        """Apply one intent and return its verdict; what was applied before is answered again and changes nothing."""
        known = self.ledger.journaled(intent.device, intent.counter)
        if known is None and self._making.take(intent, account, actor, self._steps[intent.scope] + 1):
            self._steps[intent.scope] += 1
            return Verdict(intent.device, intent.counter, Outcome.APPLIED)
        step = Step(self.ledger, intent, account, actor, self._steps[intent.scope] + 1)
        if known is not None:
            return self._again(step, intent, known)
        self._making.forget()
        try:
            effects = step.run()
        except Stop as stop:
            if stop.outcome is Outcome.REFUSED:
                self.ledger.keep(intent, account, content_hash(intent), stop.outcome, stop.reason, {})
            return Verdict(intent.device, intent.counter, stop.outcome, stop.reason, self._corrections(intent, account, actor))
        except (ValueError, TypeError, LookupError, AttributeError) as e:
            # Content that this version cannot read must not stop the others; it stays with its device until a newer one can.
            log.warning("intent held: %s", type(e).__name__)
            return Verdict(intent.device, intent.counter, Outcome.HELD, "unreadable")
        self._take(effects, account)
        states = self._corrections(intent, account, actor) if effects.outcome is not Outcome.APPLIED or effects.stayed else []
        return Verdict(intent.device, intent.counter, effects.outcome, "", states)

    def finish(self) -> None:
        """Write what was applied: rows, journal, marks of erasure, and what is to be projected of it."""
        self.ledger.write()
        set_places(self.connection, {scope: (seq, self._began[scope][1] + self.ledger.moved.get(scope, 0))
                                     for scope, seq in self._steps.items() if seq != self._began[scope][0]})
        results.expect(self.connection, self.ledger.written)

    def _take(self, effects: Effects, account: str) -> None:
        scope = effects.kept.scope
        self._steps[scope] += 1
        for row in effects.rows:
            self.ledger.put(row, self._steps[scope])
        self.ledger.keep(effects.kept, account, content_hash(effects.whole), effects.outcome, "", effects.merged,
                         self._steps[scope])
        for kind, record in effects.erased:
            self.ledger.erase(scope, kind, record)

    def _again(self, step: Step, intent: WireIntent, known: Journaled) -> Verdict:
        whole = step.whole_form(known.changes)
        if whole is None or (known.hash != content_hash(whole) and not step.concerns_erased()):
            return Verdict(intent.device, intent.counter, Outcome.CONFLICT, "id")
        return Verdict(intent.device, intent.counter, known.outcome, known.reason,
                       step.corrections() if known.outcome is not Outcome.APPLIED else [])

    def _corrections(self, intent: WireIntent, account: str, actor: Actor) -> list[State]:
        return Step(self.ledger, intent, account, actor, self._steps[intent.scope]).corrections()
