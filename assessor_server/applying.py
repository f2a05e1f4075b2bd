"""Apply intents: each once, whole or not at all, in the server's order under its scope's lock."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select, update

from assessor_app import ids
from assessor_app.models import lifecycle
from assessor_app.models.kinds import SPECS, Field, Kind, Merge, Value, known, scope_of
from assessor_app.models.permissions import Action, Actor, Facts, may, may_read
from assessor_app.models.records import (
    CREATED,
    default_for,
    personal_fields,
    seen_digest,
    wiped_change,
)
from assessor_app.sync.merge import Merged, Outcome, merge_field
from assessor_app.sync.protocol import (
    State,
    Verdict,
    WireIntent,
    as_whole,
    content_hash,
)
from assessor_server import tables as tb
from assessor_server.history import Row, arrived, unfitting, value_at, wipe_history
from assessor_server.store import add_if_absent, now

#: In which field a record names the record that it stands under: an edit of the child revives the parent.
_PARENTS: dict[Kind, tuple[tuple[str, Kind], ...]] = {
    Kind.PROGRAMME: (("plan", Kind.PLAN),), Kind.PROGRAMME_YEAR: (("programme", Kind.PROGRAMME),),
    Kind.INTERVIEW: (("visit", Kind.VISIT),), Kind.ATTACHMENT: (("visit", Kind.VISIT), ("interview", Kind.INTERVIEW)),
    Kind.ANSWER: (("sheet", Kind.SHEET),), Kind.FINDING: (("sheet", Kind.SHEET),), Kind.REVISION: (("document", Kind.DOCUMENT),),
}
log = logging.getLogger(__name__)
_RANK = (Outcome.APPLIED, Outcome.MERGED, Outcome.DIFFERENT)


class Stop(Exception):
    """The intent cannot be applied now, or ever."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


@dataclass(slots=True)
class Applier:
    """Applies the intents of one scope within one transaction that holds the scope's lock."""

    connection: Connection
    scope: str
    seq: int
    erased: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        rows = self.connection.execute(select(tb.erasure.c.kind, tb.erasure.c.id).where(tb.erasure.c.scope == self.scope))
        self.erased = {(row.kind, row.id) for row in rows}

    def apply(self, intent: WireIntent, account: str, actor: Actor) -> Verdict:
        """Apply one intent and return its verdict; what was applied before is answered again and changes nothing."""
        row = self.connection.execute(select(tb.intent).where(
            tb.intent.c.device == intent.device, tb.intent.c.counter == intent.counter)).first()
        step = _Step(self, intent, account, actor)
        if row is not None:
            whole = step.whole_form(row.changes)
            if whole is None or (row.hash != content_hash(whole) and not step.concerns_erased()):
                return Verdict(intent.device, intent.counter, Outcome.CONFLICT, "id")
            return Verdict(intent.device, intent.counter, Outcome(row.outcome), row.reason,
                           step.corrections() if row.outcome != Outcome.APPLIED else [])
        savepoint = self.connection.begin_nested()
        before = self.seq
        try:
            outcome = step.run()
            savepoint.commit()
            states = step.corrections() if outcome is not Outcome.APPLIED or step.stayed else []
            return Verdict(intent.device, intent.counter, outcome, "", states)
        except Stop as stop:
            savepoint.rollback()
            self.seq = before
            if stop.outcome is Outcome.REFUSED:
                step.keep(stop.outcome, stop.reason)
            return Verdict(intent.device, intent.counter, stop.outcome, stop.reason, step.corrections())
        except (ValueError, TypeError, LookupError, AttributeError) as e:
            # Content that this version cannot read must not stop the others; it stays with its device until a newer one can.
            savepoint.rollback()
            self.seq = before
            log.warning("intent held: %s", type(e).__name__)
            return Verdict(intent.device, intent.counter, Outcome.HELD, "unreadable")


class _Step:
    """The application of one intent."""

    def __init__(self, applier: Applier, intent: WireIntent, account: str, actor: Actor) -> None:
        self.applier = applier
        self.connection = applier.connection
        self.intent = intent
        self.account = account
        self.actor = actor
        self.rows: dict[tuple[Kind, str], Row | None] = {}
        self.merged: dict[str, Value] = {}
        self.outcome = Outcome.APPLIED
        self.stayed = False  # a field had the value already and kept its version: the device must hear which
        self.doubtful: set[tuple[Kind, str, str]] = set()

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

    def run(self) -> Outcome:
        """Apply all changes, then write rows and journal."""
        if not self.may_see():
            raise Stop(Outcome.REFUSED, "permission")
        if not self.intent.changes:
            raise Stop(Outcome.REFUSED, "empty")
        whole = self.whole_form(None)
        if whole is None:
            raise Stop(Outcome.WHOLE, "base")
        self.intent = WireIntent(whole.device, whole.counter, whole.at, whole.purpose, whole.scope, [
            self._without_erased(change) for change in whole.changes])
        self.applier.seq += 1
        for index, change in enumerate(self.intent.changes):
            self._change(index, change)
        for row in list(self.rows.values()):
            if row is not None and row.changed:
                self._write(row)
        self.keep(self.outcome, "", content_hash(whole))
        return self.outcome

    def whole_form(self, stored: list[Any] | None) -> WireIntent | None:
        """Return the intent with its texts whole; None where a base is not known. ``stored`` are its changes as applied."""
        changes = []
        for index, change in enumerate(self.intent.changes):
            if change[0] == "~":
                if stored is not None and index < len(stored) and stored[index][:4] == ["=", *change[1:4]]:
                    base: Value = value_at(self.connection, change[4], change[1], change[2], change[3])
                    whole = as_whole(change, base)
                    changes.append(whole if whole is not None else stored[index])
                    continue
                whole = as_whole(change, value_at(self.connection, change[4], change[1], change[2], change[3]))
                if whole is None:
                    return None
                change = whole
            changes.append(change)
        i = self.intent
        return WireIntent(i.device, i.counter, i.at, i.purpose, i.scope, changes)

    def concerns_erased(self) -> bool:
        """Tell whether the intent touches a record whose personal data were erased meanwhile."""
        return any((change[1], change[2]) in self.applier.erased for change in self.intent.changes)

    def keep(self, outcome: Outcome, reason: str, content: str = "") -> None:
        """Write the journal entry: the durable receipt of this intent."""
        i = self.intent
        self.connection.execute(insert(tb.intent).values(
            device=i.device, counter=i.counter, account=self.account, scope=i.scope, at=i.at, received_at=now(), purpose=i.purpose,
            hash=content or content_hash(i), outcome=outcome.value, reason=reason, changes=i.changes, merged=self.merged))

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
        self._allow(kind, record, present.fields if present else values)
        if present is None:
            seq = self.applier.seq
            self.rows[kind, record] = Row(kind, record, self.intent.scope, dict(values), {CREATED: version}, {}, seq,
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
        if name == "deleted" and value:
            self._delete(row, str(value), version)
            return
        self._check(kind, {name: value})
        self._allow(kind, record, row.fields)
        if kind is Kind.SHEET and name == "state" and not lifecycle.may_follow(str(row.fields.get("state") or ""), str(value)):
            raise Stop(Outcome.REFUSED, "state")
        if row.fields.get("deleted") and name != "deleted":
            self._revive(row)
        if base != row.version(name) and not arrived(self.connection, base):
            raise Stop(Outcome.HELD, "base")
        self._settle(row, name, value_at(self.connection, base, kind.value, record, name), base, value, version, index)
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
            self._put(row, name, value, version)
            return
        merged: Merged = merge_field(spec, base, present, value)
        if merged.outcome is Outcome.MERGED:
            self.merged[str(index) + name] = merged.value
            self._put(row, name, merged.value, f"{version}m")
        elif merged.outcome is Outcome.DIFFERENT:
            self._differ(row, name, value, version)
        else:
            self.stayed = True
        self.outcome = max(self.outcome, merged.outcome, key=_RANK.index)

    def _put(self, row: Row, name: str, value: Value, version: str) -> None:
        if value == default_for(row.kind, name):
            row.fields.pop(name, None)
        else:
            row.fields[name] = value
        row.versions[name] = version
        row.seqs[name] = self.applier.seq
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
            Kind.DIFFERENCE, record, row.scope, fields, {CREATED: f"{version}d"}, {}, self.applier.seq, self.account,
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
        for name, parent in _PARENTS.get(kind, ()):
            row = self._row(parent, str(values[name])) if values.get(name) else None
            if row is not None and row.scope == self.intent.scope and row.fields.get("deleted"):
                self._revive(row)

    def _erase(self, kind: Kind, record: str) -> None:
        row = self._row(kind, record)
        if row is None:
            # It never came here (no consent), or it is on its way by another carrier: the mark waits for it.
            self._allow(kind, record, {})
            add_if_absent(self.connection, tb.erasure, kind=kind.value, id=record, scope=self.intent.scope, at=now())
            self.applier.erased.add((kind.value, record))
            return
        if row.scope != self.intent.scope:
            raise Stop(Outcome.REFUSED, "scope")
        self._allow(kind, record, row.fields)
        empty = personal_fields(kind)
        add_if_absent(self.connection, tb.erasure, kind=kind.value, id=record, scope=row.scope, at=now())
        self.applier.erased.add((kind.value, record))
        for name in empty:
            row.fields.pop(name, None)
        row.changed = True
        wipe_history(self.connection, row.scope, kind, record, empty)

    # What the rules need

    def _allow(self, kind: Kind, record: str, values: dict[str, Value]) -> None:
        scope = self.intent.scope
        facts = Facts(values=values)
        if scope.startswith("sheet:"):
            sheet = self._row(Kind.SHEET, scope.partition(":")[2])
            owner = sheet.fields.get("assessor") if sheet else values.get("assessor") if kind is Kind.SHEET else ""
            if sheet is None and kind is not Kind.SHEET:
                raise Stop(Outcome.HELD, "missing")
            locked = lifecycle.locked(str(sheet.fields.get("state") or "")) if sheet and not sheet.fresh else False
            facts = Facts(owner=str(owner or ""), locked=locked, values=values)
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

    @staticmethod
    def _check(kind: Kind, values: dict[str, Value]) -> None:
        fault = unfitting(kind, values)
        if fault:
            raise Stop(Outcome.REFUSED, fault)

    def _without_erased(self, change: list[Any]) -> list[Any]:
        kind = known(change[1])
        if kind is not None and (change[1], change[2]) in self.applier.erased:
            return wiped_change(change, kind, change[2], personal_fields(kind))
        return change

    def _row(self, kind: Kind, record: str) -> Row | None:
        if (kind, record) not in self.rows:
            found = self.connection.execute(select(tb.record).where(tb.record.c.kind == kind.value, tb.record.c.id == record)).first()
            self.rows[kind, record] = None if found is None else Row(
                kind, record, found.scope, dict(found.fields), dict(found.versions), dict(found.seqs), found.created, found.by, found.at)
        return self.rows[kind, record]

    def _write(self, row: Row) -> None:
        values = {"scope": row.scope, "seq": self.applier.seq, "created": row.created, "fields": row.fields,
                  "versions": row.versions, "seqs": row.seqs, "by": row.by, "at": row.at}
        if row.fresh:
            self.connection.execute(insert(tb.record).values(kind=row.kind.value, id=row.id, **values))
        else:
            self.connection.execute(update(tb.record).where(tb.record.c.kind == row.kind.value, tb.record.c.id == row.id).values(**values))
