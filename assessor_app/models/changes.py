"""What a committed write touched, so that each page can ask whether it is its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from assessor_app.models.kinds import Kind

T = TypeVar("T")
Origin = Literal["edit", "undo", "sync"]


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """The ids of the records that a transaction changed, by kind, and where the change came from."""

    kinds: dict[Kind, frozenset[str]] = field(default_factory=dict)
    origin: Origin = "edit"

    def touches(self, kind: Kind, record: str | None = None) -> bool:
        """Tell whether a record of the kind, or that very record, changed."""
        ids = self.kinds.get(kind, frozenset())
        return bool(ids) if record is None else record in ids

    def __bool__(self) -> bool:
        return bool(self.kinds)


@dataclass(frozen=True, slots=True)
class Written(Generic[T]):
    """The outcome of one write: what the workflow function returned, and what it changed."""

    result: T
    changes: ChangeSet
    unit: str  # the id under which the intents of this write are undone
