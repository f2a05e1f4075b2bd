"""Who may do what: one table, used by the window, the journal and the server.

The table is written out for people in ``docs/permissions.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from assessor_app.models.kinds import CATALOGUE, Kind, Value


class Role(StrEnum):
    """What an account is at the centre."""

    ASSESSOR = "assessor"  # mentor in one season, assessor in another
    COORDINATOR = "coordinator"  # sees the dossiers of a province
    SECRETARIAT = "secretariat"


class Action(StrEnum):
    """What somebody wants to do with a record or a scope."""

    READ = "read"
    WRITE = "write"


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


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of a record beside its scope."""

    owner: str = ""  # the assessor of a score sheet
    locked: bool = False  # the sheet is signed
    values: Mapping[str, Value] = field(default_factory=dict)


def may(actor: Actor, action: Action, kind: Kind, scope: str, record: str, facts: Facts | None = None) -> bool:
    """Tell whether ``actor`` may do ``action`` to a record of ``kind`` in ``scope``."""
    facts = facts or Facts()
    if action is Action.READ:
        return may_read(actor, scope, facts.owner)
    if kind is Kind.INSTRUMENT:
        return actor.role is Role.SECRETARIAT
    if kind is Kind.ASSESSOR:
        return record in actor.ids
    if kind is Kind.NUMBERS:
        return actor.role is Role.SECRETARIAT or actor.offline
    name, _, key = scope.partition(":")
    if name == "account":
        return key in actor.ids
    if name == "sheet":
        if facts.owner not in actor.ids:
            return False
        return not facts.locked or kind in {Kind.SHEET, Kind.DOCUMENT, Kind.REVISION}
    if actor.role is Role.COORDINATOR:
        return False
    return may_read(actor, scope, facts.owner)


def may_read(actor: Actor, scope: str, owner: str = "") -> bool:
    """Tell whether a scope is granted: an unsigned sheet to its author and the secretariat alone."""
    name, _, key = scope.partition(":")
    if scope == CATALOGUE:
        return True
    if name == "account":
        return key in actor.ids
    if name == "sheet":
        return owner in actor.ids or actor.role is Role.SECRETARIAT
    if actor.offline or actor.role is Role.SECRETARIAT:
        return True
    if name == "region":
        return key in actor.regions
    if name == "visit":
        return key in actor.visits and actor.role is not Role.COORDINATOR
    return False
