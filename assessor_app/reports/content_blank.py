"""What stands on a blank sheet: an instrument to be filled in by pen, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from assessor_app.reports.content import Frame, InstrumentFacts


@dataclass(frozen=True, slots=True)
class BlankAnchor:
    """A score and what earns it."""

    score: str
    label: str


@dataclass(frozen=True, slots=True)
class BlankQuestion:
    """A question with its boxes; ``list`` names the anchors."""

    code: str
    label: str
    hint: str = ""
    list: str = ""
    evidence: bool = False


@dataclass(frozen=True, slots=True)
class BlankGroup:
    """An aspect (with a weight) or a group in it, and what it asks; ``note`` is guidance."""

    code: str
    label: str
    questions: tuple[BlankQuestion, ...]
    weight: float | None = None
    level: int = 1  # 1 for an aspect


@dataclass(frozen=True, slots=True, kw_only=True)
class BlankContent(Frame):
    """Lembar isian: the questions of one instrument. Region, visit and assessor are printed where they are known."""

    kind: ClassVar[str] = "blank_sheet"

    instrument: InstrumentFacts
    assessor: str = ""
    lists: tuple[tuple[str, tuple[BlankAnchor, ...]], ...] = ()
    groups: tuple[BlankGroup, ...]

    @property
    def marked_secret(self) -> bool:
        """Tell whether every page says that it is secret: what is written on it will be."""
        return True
