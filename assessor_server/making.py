"""Intents that only make records which stand nowhere yet: most of what a device sends, taken in without a step for each.

The rules are those of ``sync/applying.py``; whatever is not plainly of this sort goes there, and is answered there. Both ways leave the
same rows, journal, digests and verdicts; a test compares them.
"""

from __future__ import annotations

from typing import Final

from assessor_app.models.kinds import SPECS, Kind, Value
from assessor_app.models.permissions import Actor
from assessor_app.models.records import CREATED
from assessor_app.sync.applying import PARENTS, Step
from assessor_app.sync.intents import WireIntent, content_of
from assessor_app.sync.merge import Outcome
from assessor_app.sync.rows import LONGEST, Row, unfitting
from assessor_server.history import ServerLedger

#: Kinds of which scope and author alone say who may make a record, with the field that names their scope.
_KINDS: Final[dict[str, tuple[Kind, str, str]]] = {
    kind.value: (kind, f"{SPECS[kind].scope}:", SPECS[kind].scope)
    for kind in (Kind.PLAN, Kind.PROGRAMME, Kind.PROGRAMME_YEAR, Kind.ACTION, Kind.INTERVIEW, Kind.ATTACHMENT, Kind.ANSWER, Kind.FINDING)}
_Shape = tuple[Kind, tuple[str, ...], tuple[type, ...]]


class Making:
    """Takes such intents into a ledger. What was once allowed or met holds until something else was applied: then ``forget``."""

    def __init__(self, ledger: ServerLedger) -> None:
        self._ledger = ledger
        self._shapes: dict[_Shape, tuple[str, ...]] = {}  # names and types that fit → the names of its lists
        self._allowed: dict[tuple[str, str, Kind], bool] = {}
        self._standing: set[tuple[Kind, str]] = set()  # parents that are not deleted

    def forget(self) -> None:
        """Ask everything anew: another intent was applied."""
        self._allowed.clear()
        self._standing.clear()

    def take(self, intent: WireIntent, account: str, actor: Actor, seq: int) -> bool:
        """Apply an intent as step ``seq`` of its scope; False where it must go the other way, and nothing was done."""
        if not all(change[0] == "+" for change in intent.changes):
            return False
        ledger, scope, erased = self._ledger, intent.scope, self._ledger.erased
        digest, changes = content_of(intent)
        rows: dict[tuple[Kind, str], Row] = {}
        before = f"{intent.device}.{intent.counter}."
        for index, (_, name, record, values) in enumerate(intent.changes):
            known = _KINDS.get(name)
            if known is None:
                return False
            kind, prefix, field = known
            key = (kind, record)
            if scope != f"{prefix}{values.get(field)}" or values.get("deleted") or key in rows or (erased and (name, record) in erased):
                return False
            if ledger.row(kind, record) is not None or not self._fits(kind, values, len(changes)):
                return False
            if not self._may(intent, account, actor, kind, record, values) or not self._stand(kind, scope, values, rows):
                return False
            rows[key] = Row(kind, record, scope, values, {CREATED: f"{before}{index}"}, {}, seq, account, intent.at, True, True)
        if not rows:
            return False
        for row in rows.values():
            ledger.put(row, seq)
        ledger.keep(intent, account, digest, Outcome.APPLIED, "", {}, seq, changes)
        return True

    def _fits(self, kind: Kind, values: dict[str, Value], size: int) -> bool:
        """Tell whether a record's values are what its fields hold: asked once for all records of one shape."""
        shape = (kind, tuple(values), tuple(map(type, values.values())))
        lists = self._shapes.get(shape)
        if lists is None:
            if unfitting(kind, values):
                return False
            self._shapes[shape] = tuple(name for name, value in values.items() if isinstance(value, list))
            return True
        return size <= LONGEST and (not lists or not unfitting(kind, {name: values[name] for name in lists}))

    def _may(self, intent: WireIntent, account: str, actor: Actor, kind: Kind, record: str, values: dict[str, Value]) -> bool:
        place = (account, intent.scope, kind)
        allowed = self._allowed.get(place)
        if allowed is None:
            allowed = self._allowed[place] = Step(self._ledger, intent, account, actor, 0).may_make(kind, record, values)
        return allowed

    def _stand(self, kind: Kind, scope: str, values: dict[str, Value], rows: dict[tuple[Kind, str], Row]) -> bool:
        """Tell whether no parent is deleted: otherwise the child revives it."""
        for name, parent in PARENTS.get(kind, ()):
            key = (parent, str(values.get(name) or ""))
            if not key[1] or key in rows or key in self._standing:
                continue
            row = self._ledger.row(*key)
            if row is not None and row.scope == scope and row.fields.get("deleted"):
                return False
            self._standing.add(key)
        return True

