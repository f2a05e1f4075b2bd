"""The rules by which an intent becomes part of a scope: whole or not at all, forward, merged or a difference. Pure.

The server applies with them under the scope's lock; a device applies with them what came by a courier file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from assessor_app import ids
from assessor_app.models import lifecycle
from assessor_app.models.kinds import SPECS, Field, Kind, Merge, PanelState, Value, known, scope_of
from assessor_app.models.permissions import Action, Actor, Facts, closers, may, may_read
from assessor_app.models.records import CREATED, default_for, personal_fields, seen_digest, wiped_change, wiped_choice
from assessor_app.sync.intents import WireIntent, as_whole
from assessor_app.sync.merge import Merged, Outcome, merge_field
from assessor_app.sync.rows import Ledger, Row, place_of, unfitting, value_at
from assessor_app.sync.states import State

#: In which field a record names the record that it stands under: an edit of the child revives the parent.
PARENTS: dict[Kind, tuple[tuple[str, Kind], ...]] = {
    Kind.PROGRAMME: (("plan", Kind.PLAN),), Kind.PROGRAMME_YEAR: (("programme", Kind.PROGRAMME),),
    Kind.INTERVIEW: (("visit", Kind.VISIT),), Kind.ATTACHMENT: (("visit", Kind.VISIT), ("interview", Kind.INTERVIEW)),
    Kind.ANSWER: (("sheet", Kind.SHEET),), Kind.FINDING: (("sheet", Kind.SHEET),), Kind.REVISION: (("document", Kind.DOCUMENT),),
    Kind.MARK: (("visit", Kind.VISIT),), Kind.REQUEST: (("visit", Kind.VISIT),),
}
_RANK = (Outcome.APPLIED, Outcome.MERGED, Outcome.DIFFERENT)


def _closed(row: Row) -> bool:
    """Tell whether a panel is closed: what was shown cannot be unseen, so it stays closed."""
    return row.fields.get("state") == PanelState.CLOSED


class Stop(Exception):
    """The intent cannot be applied now, or ever."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


@dataclass(slots=True)
class Effects:
    """What applying an intent would write: rows that changed, merged values, records to be emptied."""

    outcome: Outcome
    rows: list[Row]
    merged: dict[str, Value]
    erased: list[tuple[Kind, str]]
    stayed: bool  # a field had the value already and kept its version: the device must hear which
    whole: WireIntent  # as it came, texts whole: what its id stands for
    kept: WireIntent  # the same without the personal values of erased records: what the journal keeps


class Step:
    """The application of one intent: it reads a ledger, and writes nothing."""

    def __init__(self, ledger: Ledger, intent: WireIntent, account: str, actor: Actor, seq: int) -> None:
        self.ledger = ledger
        self.intent = intent
        self.account = account
        self.actor = actor
        self.seq = seq
        self.rows: dict[tuple[Kind, str], Row | None] = {}
        self.merged: dict[str, Value] = {}
        self.erased: list[tuple[Kind, str]] = []
        self.outcome = Outcome.APPLIED
        self.stayed = False
        self._reopened: set[str] = set()  # differences that two persons settled differently

    def may_see(self) -> bool:
        """Tell whether the caller may read the intent's scope at all; what nobody made yet hides nothing."""
        name, _, key = self.intent.scope.partition(":")
        if name == "sheet":
            sheet = self._row(Kind.SHEET, key)
            return sheet is None or may_read(self.actor, self.intent.scope, str(sheet.fields.get("assessor") or ""))
        if name == "visit":
            visit = self._row(Kind.VISIT, key)
            made = visit is not None and visit.by == self.account and visit.fields.get("region") in self.actor.regions
            return visit is None or made or may_read(self.actor, self.intent.scope)
        return may_read(self.actor, self.intent.scope)

    def may_make(self, kind: Kind, record: str, values: dict[str, Value]) -> bool:
        """Tell whether the caller may make such a record in the intent's scope, as it stands now."""
        try:
            if self.may_see():
                self._allow(kind, record, values, values)
                return True
        except Stop:
            pass
        return False

    def run(self) -> Effects:
        """Apply all changes and return what is to be written; raises Stop."""
        if not self.may_see():
            raise Stop(Outcome.REFUSED, "permission")
        if not self.intent.changes:
            raise Stop(Outcome.REFUSED, "empty")
        whole = self.whole_form(None)
        if whole is None:
            raise Stop(Outcome.WHOLE, "base")
        self.intent = whole
        if self.ledger.erased or any(change[1] == Kind.DIFFERENCE for change in whole.changes):
            self.intent = WireIntent(whole.device, whole.counter, whole.at, whole.purpose, whole.scope, [
                self._without_erased(change) for change in whole.changes])
        for index, change in enumerate(self.intent.changes):
            self._change(index, change)
        changed = [row for row in self.rows.values() if row is not None and row.changed]
        return Effects(self.outcome, changed, self.merged, self.erased, self.stayed, whole, self.intent)

    def whole_form(self, stored: list[Any] | None) -> WireIntent | None:
        """Return the intent with its texts whole; None where a base is not known. ``stored`` are its changes as applied."""
        i = self.intent
        if not any(change[0] == "~" for change in i.changes):
            return i
        changes = []
        for index, change in enumerate(i.changes):
            if change[0] == "~":
                whole = as_whole(change, value_at(self.ledger, change[4], change[1], change[2], change[3]))
                if whole is None and stored is not None and index < len(stored) and stored[index][:4] == ["=", *change[1:4]]:
                    whole = stored[index]
                if whole is None:
                    return None
                change = whole
            changes.append(change)
        return WireIntent(i.device, i.counter, i.at, i.purpose, i.scope, changes)

    def concerns_erased(self) -> bool:
        """Tell whether the intent touches a record whose personal data were erased meanwhile."""
        return any(self._about(change) in self.ledger.erased for change in self.intent.changes)

    def corrections(self) -> list[State]:
        """Return the present state of every field that the intent names, for a device that believed otherwise.

        Whoever may not read the scope is told nothing of it.
        """
        self.rows.clear()
        if not self.may_see():
            return []
        wanted: dict[tuple[Kind, str], set[str]] = {}
        for change in self.intent.changes:
            kind = known(change[1])
            if kind is None or change[0] == "!":
                continue
            names = wanted.setdefault((kind, change[2]), set())
            names.update(change[3] if change[0] == "+" else [change[3]])
            names.add("deleted")
        out = []
        for (kind, record), names in wanted.items():
            row = self._row(kind, record)
            if row is None or row.scope != self.intent.scope:
                continue
            versions = {name: row.versions[name] for name in (*sorted(names), CREATED) if name in row.versions}
            fields = {name: row.fields.get(name, default_for(kind, name)) for name in sorted(names)}
            out.append(State(row.scope, kind.value, record, fields, versions, row.by, row.at))
        return out

    # One change

    def _change(self, index: int, change: list[Any]) -> None:
        kind = known(change[1])
        if kind is None:
            raise Stop(Outcome.HELD, "kind")
        version = f"{self.intent.device}.{self.intent.counter}.{index}"
        if change[0] == "+":
            self._create(kind, change[2], change[3], version, index)
        elif change[0] == "=":
            self._set(kind, change[2], change[3], change[4], change[5], version, index)
        else:
            self._erase(kind, change[2])

    def _create(self, kind: Kind, record: str, values: dict[str, Value], version: str, index: int) -> None:
        if kind is Kind.DIFFERENCE:
            raise Stop(Outcome.REFUSED, "kind")
        if scope_of(kind, record, values) != self.intent.scope:
            raise Stop(Outcome.REFUSED, "scope")
        self._check(kind, values)
        present = self._row(kind, record)
        self._allow(kind, record, present.fields if present else values, values)
        if present is None:
            self.rows[kind, record] = Row(kind, record, self.intent.scope, dict(values), {CREATED: version}, {}, self.seq,
                                          self.account, self.intent.at, fresh=True, changed=True)
        else:
            if present.scope != self.intent.scope:
                raise Stop(Outcome.REFUSED, "scope")
            for name, value in values.items():
                spec = SPECS[kind].field(name)
                if spec is not None and spec.merge is Merge.NEVER and present.fields.get(name, default_for(kind, name)) != value:
                    raise Stop(Outcome.REFUSED, "exists")
                self._settle(present, name, default_for(kind, name), "", value, version, index)
        self._revive_parents(kind, values)

    def _set(self, kind: Kind, record: str, name: str, base: str, value: Value, version: str, index: int) -> None:
        row = self._row(kind, record)
        if row is None and kind is Kind.DIFFERENCE:
            return  # a restored server made it not again, or not yet: the settled value stands all the same
        if row is None:
            raise Stop(Outcome.HELD, "missing")
        if row.scope != self.intent.scope:
            raise Stop(Outcome.REFUSED, "scope")
        spec = SPECS[kind].field(name)
        if spec is not None and spec.merge is Merge.NEVER:
            raise Stop(Outcome.REFUSED, "never")
        if kind is Kind.PANEL and name in {"state", "deleted"} and value != row.fields.get(name) and _closed(row):
            raise Stop(Outcome.REFUSED, "state")
        if name == "deleted" and value:
            self._delete(row, str(value), version)
            return
        self._check(kind, {name: value})
        self._allow(kind, record, row.fields, {name: value})
        if kind is Kind.SHEET and name == "state" and not lifecycle.may_follow(str(row.fields.get("state") or ""), str(value)):
            raise Stop(Outcome.REFUSED, "state")
        if row.fields.get("deleted") and name != "deleted":
            self._revive(row)
        if base == row.version(name) and base:
            self._put(row, name, value, version)
        else:
            if base != row.version(name) and not self._arrived(kind, record, name, base):
                raise Stop(Outcome.HELD, "base")
            self._settle(row, name, value_at(self.ledger, base, kind.value, record, name), base, value, version, index)
        self._revive_parents(kind, row.fields)

    def _settle(self, row: Row, name: str, base: Value, base_version: str, value: Value, version: str, index: int) -> None:
        """Bring one field to its next value: forward, merged, or a difference."""
        spec = SPECS[row.kind].field(name) or Field(name)
        present = row.fields.get(name, default_for(row.kind, name))
        if (base_version == row.version(name) and base_version) or (not base_version and present == default_for(row.kind, name)
                                                                 and name not in row.versions):
            self._put(row, name, value, version)
            return
        if row.kind is Kind.DIFFERENCE:
            self._settle_again(row, name, present, value, version)
            return
        merged: Merged = merge_field(spec, base, present, value)
        if merged.outcome is Outcome.MERGED:
            self.merged[str(index) + name] = merged.value
            self._put(row, name, merged.value, f"{version}m")
        elif merged.outcome is Outcome.DIFFERENT:
            self._differ(row, name, value, version)
        else:
            self.stayed = True
            if name == "deleted":
                self._withdraw(row, base_version, version)
        self.outcome = max(self.outcome, merged.outcome, key=_RANK.index)

    def _settle_again(self, row: Row, name: str, present: Value, value: Value, version: str) -> None:
        """Take in a settlement of what somebody else settled meanwhile: where the two differ, it is open again."""
        if name == "chosen" and value != present:
            self._reopened.add(row.id)
        if name == "state" and row.id in self._reopened:
            self._put(row, name, "open", f"{version}r")
            self.outcome = Outcome.DIFFERENT
        else:
            self._put(row, name, value, version)

    def _withdraw(self, row: Row, deletion: str, version: str) -> None:
        """Settle the difference that a deletion made, where who deleted takes it back."""
        low, high = sorted((row.version("deleted"), deletion))
        difference = self._row(Kind.DIFFERENCE, ids.natural_id(Kind.DIFFERENCE, row.id, "deleted", low, high))
        if difference is not None and difference.fields.get("state") == "open":
            for name, value in (("chosen", "false"), ("settled", [low, high]), ("state", "settled")):
                self._put(difference, name, value, f"{version}r")

    def _put(self, row: Row, name: str, value: Value, version: str) -> None:
        if value == default_for(row.kind, name):
            row.fields.pop(name, None)
        else:
            row.fields[name] = value
        row.versions[name] = version
        row.seqs[name] = self.seq
        row.changed = True
        row.by, row.at = self.account, self.intent.at

    def _differ(self, row: Row, name: str, value: Value, version: str) -> None:
        """Keep both values: the present one stays, a difference names the two."""
        first = row.version(name)
        low, high = sorted((first, version))
        record = ids.natural_id(Kind.DIFFERENCE, row.id, name, low, high)
        if self._row(Kind.DIFFERENCE, record) is not None:
            return
        present = row.fields.get(name, default_for(row.kind, name))
        fields: dict[str, Value] = {
            "record_kind": row.kind.value, "record": row.id, "field": name, "version_a": first, "version_b": version,
            "value_a": json.dumps(present, ensure_ascii=False), "value_b": json.dumps(value, ensure_ascii=False), "by_a": row.by,
            "by_b": self.account, "at_a": row.at, "at_b": self.intent.at, "state": "open"}
        self.rows[Kind.DIFFERENCE, record] = Row(
            Kind.DIFFERENCE, record, row.scope, fields, {CREATED: f"{version}d"}, {}, self.seq, self.account,
            self.intent.at, fresh=True, changed=True)

    def _delete(self, row: Row, seen: str, version: str) -> None:
        """Delete a record, unless somebody changed it unseen by the one who deletes: an edit beats a delete."""
        self._allow(row.kind, row.id, row.fields)
        if row.fields.get("deleted"):
            return
        if seen == seen_digest(row.versions):
            self._put(row, "deleted", True, version)
            return
        self._differ(row, "deleted", True, version)
        self.outcome = Outcome.DIFFERENT

    def _revive(self, row: Row) -> None:
        self._differ(row, "deleted", False, f"{self.intent.device}.{self.intent.counter}.0")
        self._put(row, "deleted", False, f"{self.intent.device}.{self.intent.counter}.0r")
        self.outcome = Outcome.DIFFERENT

    def _revive_parents(self, kind: Kind, values: dict[str, Value]) -> None:
        for name, parent in PARENTS.get(kind, ()):
            row = self._row(parent, str(values[name])) if values.get(name) else None
            if row is not None and row.scope == self.intent.scope and row.fields.get("deleted"):
                self._revive(row)

    def _erase(self, kind: Kind, record: str) -> None:
        row = self._row(kind, record)
        if row is not None and row.scope != self.intent.scope:
            raise Stop(Outcome.REFUSED, "scope")
        self._allow(kind, record, row.fields if row else {})
        self.erased.append((kind, record))
        if row is None:
            return  # it never came here (no consent), or it is on its way by another carrier: the mark waits for it
        for name in personal_fields(kind):
            row.fields.pop(name, None)
        row.changed = True

    # What the rules need

    def _allow(self, kind: Kind, record: str, values: dict[str, Value], sets: dict[str, Value] | None = None) -> None:
        scope = self.intent.scope
        facts = Facts(values=values, sets=sets or {})
        if scope.startswith("sheet:"):
            sheet = self._row(Kind.SHEET, scope.partition(":")[2])
            owner = sheet.fields.get("assessor") if sheet else values.get("assessor") if kind is Kind.SHEET else ""
            if sheet is None and kind is not Kind.SHEET:
                raise Stop(Outcome.HELD, "missing")
            locked = lifecycle.locked(str(sheet.fields.get("state") or "")) if sheet and not sheet.fresh else False
            facts = Facts(str(owner or ""), locked, values, facts.sets)
        if kind is Kind.PANEL:
            facts = replace(facts, closers=self._closers(scope.partition(":")[2]))
        actor = self.actor
        if kind is Kind.VISIT and values.get("region") in actor.regions:
            actor = Actor(actor.ids, actor.role, actor.regions, actor.visits | {record})
        if scope.startswith("visit:") and self._row(Kind.VISIT, scope.partition(":")[2]) is None and kind is not Kind.VISIT:
            raise Stop(Outcome.HELD, "missing")
        if scope.startswith("visit:") and scope.partition(":")[2] not in actor.visits:
            visit = self._row(Kind.VISIT, scope.partition(":")[2])
            if visit is not None and visit.fields.get("region") in actor.regions and visit.by == self.account:
                actor = Actor(actor.ids, actor.role, actor.regions, actor.visits | {visit.id})
        if not may(actor, Action.WRITE, kind, scope, record, facts):
            raise Stop(Outcome.REFUSED, "signed" if facts.locked and facts.owner in actor.ids else "permission")

    def _closers(self, visit: str) -> frozenset[str]:
        at = self._row(Kind.VISIT, visit)
        team = at.fields.get("team") if at else None
        return closers(str(at.fields.get("lead") or "") if at else "", [str(one) for one in team] if isinstance(team, list) else [])

    @staticmethod
    def _check(kind: Kind, values: dict[str, Value]) -> None:
        fault = unfitting(kind, values)
        if fault:
            raise Stop(Outcome.REFUSED, fault)

    def _without_erased(self, change: list[Any]) -> list[Any]:
        kind = known(change[1])
        about = self._about(change)
        if kind is Kind.DIFFERENCE:  # of one that is not here nobody could tell later whose value was chosen
            row = self._row(kind, change[2])
            erased = about in self.ledger.erased and row is not None and row.fields.get("field") in personal_fields(Kind(about[0]))
            return wiped_choice(change) if row is None or erased else change
        if kind is not None and about in self.ledger.erased:
            return wiped_change(change, kind, change[2], personal_fields(kind))
        return change

    def _about(self, change: list[Any]) -> tuple[str, str]:
        """Return kind and id of the record whose values a change holds: of a difference that is here, the one that differs."""
        row = self._row(Kind.DIFFERENCE, change[2]) if change[1] == Kind.DIFFERENCE else None
        return (str(row.fields.get("record_kind")), str(row.fields.get("record"))) if row is not None else (change[1], change[2])

    def _arrived(self, kind: Kind, record: str, name: str, version: str) -> bool:
        place = place_of(version)
        return (not version or (place is not None and self.ledger.entry(place[0], place[1]) is not None)
                or self.ledger.remembered(kind.value, record, name, version) is not None)

    def _row(self, kind: Kind, record: str) -> Row | None:
        key = (kind, record)
        if key not in self.rows:
            row = self.ledger.row(kind, record)
            self.rows[key] = row.copy() if row is not None else None
        return self.rows[key]
