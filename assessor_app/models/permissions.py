"""Who may do what: one table, used by the window, the journal and the server.

The table is written out for people in ``docs/permissions.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from assessor_app.models.kinds import CATALOGUE, Kind, SheetState, Value


class Role(StrEnum):
    """What an account is at the centre."""

    ASSESSOR = "assessor"  # mentor in one season, assessor in another
    COORDINATOR = "coordinator"  # sees the dossiers of a province
    SECRETARIAT = "secretariat"


class Action(StrEnum):
    """What somebody wants to do with a record or a scope; after WRITE, at the centre's pages."""

    READ = "read"
    WRITE = "write"
    ENTER = "enter"
    SEE_OVERVIEW = "see_overview"
    MANAGE_ACCOUNTS = "manage_accounts"
    SEE_DEVICES = "see_devices"
    REVOKE = "revoke"
    NAME_OFFICE = "name_office"
    SEE_INSTRUMENTS = "see_instruments"
    SEE_EXAMPLES = "see_examples"
    PUBLISH = "publish"
    SEE_DOCUMENTS = "see_documents"
    APPROVE = "approve"
    SEE_REFUSED = "see_refused"
    SEE_VISITS = "see_visits"
    SEE_RESPONDENT = "see_respondent"
    SEE_RESULTS = "see_results"
    SEE_ACCESS = "see_access"
    TAKE_COURIER = "take_courier"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts: their ids (an assessor may have begun offline under another), role and grants.

    ``regions`` and ``visits`` are the codes and ids that were assigned; ``offline`` marks this device's own person, for whom
    the notebook itself is the proof that a visit or dossier was granted.
    """

    ids: frozenset[str]
    role: Role = Role.ASSESSOR
    regions: frozenset[str] = frozenset()
    visits: frozenset[str] = frozenset()
    offline: bool = False
    sheets: frozenset[str] = frozenset()  # colleagues' signed sheets, opened to this person by a closed panel


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of a record beside its scope."""

    owner: str = ""  # the assessor of a score sheet
    locked: bool = False  # the sheet is signed
    values: Mapping[str, Value] = field(default_factory=dict)
    sets: Mapping[str, Value] = field(default_factory=dict)  # the fields that the change sets
    closers: frozenset[str] | None = None  # who may close the visit's panel, where that is known


#: What a coordinator too may see and do on the centre's pages; the rest is the secretariat's alone.
_COORDINATOR = frozenset({Action.ENTER, Action.SEE_INSTRUMENTS, Action.SEE_EXAMPLES, Action.SEE_VISITS, Action.TAKE_COURIER})

#: The fields of a panel by which it is closed.
_CLOSING = frozenset({"state", "closed_by", "closed_at", "members"})

#: What the secretariat alone says of a device's key, and never whose key it is.
_OFFICE = frozenset({"receiving_office"})

#: States that are the centre's word on what was signed.
_WORDS = frozenset({SheetState.STORED.value, SheetState.APPROVED.value, SheetState.RETURNED.value})


def may_at_centre(actor: Actor, action: Action, region: str = "") -> bool:
    """Tell whether ``actor`` may do ``action`` on the centre's pages; a coordinator sees visits of assigned regions alone."""
    if action in {Action.READ, Action.WRITE}:
        return False
    if actor.role is Role.SECRETARIAT:
        return True
    granted = action is not Action.SEE_VISITS or not region or region in actor.regions
    return actor.role is Role.COORDINATOR and action in _COORDINATOR and granted


def may(actor: Actor, action: Action, kind: Kind, scope: str, record: str, facts: Facts | None = None) -> bool:
    """Tell whether ``actor`` may do ``action`` to a record of ``kind`` in ``scope``."""
    facts = facts or Facts()
    if action is Action.READ:
        return may_read(actor, scope, facts.owner)
    if kind in {Kind.INSTRUMENT, Kind.INNOVATION}:
        return actor.role is Role.SECRETARIAT
    if kind is Kind.ASSESSOR:
        return record in actor.ids
    if kind is Kind.KEY and _OFFICE & set(facts.sets):
        return set(facts.sets) == _OFFICE and may_at_centre(actor, Action.NAME_OFFICE)
    if kind is Kind.KEY:
        return actor.offline or facts.values.get("assessor") in actor.ids
    if kind is Kind.NUMBERS:
        return actor.role is Role.SECRETARIAT or actor.offline
    if kind in {Kind.SHEET, Kind.DOCUMENT} and facts.sets.get("state") in _WORDS:
        return may_at_centre(actor, Action.APPROVE)
    if kind is Kind.PANEL and facts.closers is not None and _CLOSING & set(facts.sets) and not actor.ids & facts.closers:
        return False
    name, _, key = scope.partition(":")
    if name == "account":
        return key in actor.ids
    if name == "sheet":
        if facts.owner not in actor.ids:
            remarks = kind is Kind.DOCUMENT and facts.locked and set(facts.sets) == {"remark"}
            return remarks and may_at_centre(actor, Action.APPROVE)
        return not facts.locked or kind in {Kind.SHEET, Kind.DOCUMENT, Kind.REVISION}
    if actor.role is Role.COORDINATOR:
        return False
    return may_read(actor, scope, facts.owner)


def closers(lead: str, team: Iterable[str]) -> frozenset[str]:
    """Return the ids of those who may close a visit's panel: its lead; where it has none, its team."""
    return frozenset({lead}) if lead else frozenset(team)


def may_read(actor: Actor, scope: str, owner: str = "") -> bool:
    """Tell whether a scope is granted: a sheet to its author and the secretariat, and to those to whom a closed panel opened it."""
    name, _, key = scope.partition(":")
    if scope == CATALOGUE:
        return True
    if name == "account":
        return key in actor.ids
    if name == "sheet":
        opened = key in actor.sheets and actor.role is not Role.COORDINATOR
        return owner in actor.ids or actor.role is Role.SECRETARIAT or opened
    if actor.offline or actor.role is Role.SECRETARIAT:
        return True
    if name == "region":
        return key in actor.regions
    if name == "visit":
        return key in actor.visits and actor.role is not Role.COORDINATOR
    return False
