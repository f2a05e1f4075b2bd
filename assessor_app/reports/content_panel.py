"""What stands in the panel's report and in its one-page summary, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from assessor_app.reports.content import ActionLine, AxisValue, FindingLine, FollowedLine, Frame, InstrumentFacts, Party


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One assessor's signed sheet that the panel counted: who, which, and the SHA-256 of its data and of its file."""

    assessor: Party
    number: str
    date: str
    document: str
    data_sha256: str
    file_sha256: str = ""
    index: float | None = None


@dataclass(frozen=True, slots=True)
class PanelRow:
    """One question: each assessor's score in the order of the sheets, mean and spread unrounded, the panel's word."""

    id: str
    code: str
    label: str
    scores: tuple[str | None, ...]
    mean: float | None
    spread: float | None = None
    apart: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class PanelAspect:
    """One aspect; ``means`` are the assessors' own, in the order of the sheets; all unrounded."""

    id: str
    code: str
    name: str
    weight: float
    mean: float | None
    means: tuple[float | None, ...]
    rows: tuple[PanelRow, ...]
    previous: float | None = None


@dataclass(frozen=True, slots=True)
class AssessorFindings:
    """What one assessor found, by name and affiliation."""

    name: str
    institution: str
    weaknesses: tuple[FindingLine, ...] = ()
    strengths: tuple[FindingLine, ...] = ()
    recommendations: tuple[FindingLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelContent(Frame):
    """Laporan Panel: what the signed sheets say together. The lead signs first, then each member."""

    kind: ClassVar[str] = "panel_report"

    visit_id: str = ""
    assessor: Party  # the lead
    assessor_id: str = ""
    members: tuple[Party, ...] = ()  # the others who sign
    member_ids: tuple[str, ...] = ()  # in the same order
    instrument: InstrumentFacts
    introduction: str = ""
    aims: str = ""
    method: str = ""
    conclusion: str = ""
    sheets: tuple[SheetLine, ...]
    aspects: tuple[PanelAspect, ...]
    index: float | None
    provisional: bool = False
    previous_index: float | None = None
    previous_year: int | None = None
    dimensions: tuple[AxisValue, ...] = ()
    top: float = 4.0
    findings: tuple[AssessorFindings, ...] = ()
    followed: tuple[FollowedLine, ...] = ()
    actions: tuple[ActionLine, ...] = ()

    @property
    def author(self) -> str:
        """Return who made the document."""
        return self.assessor.full_name

    @property
    def expected(self) -> tuple[str, ...]:
        """Return the signature fields that must be filled before the document is complete."""
        return ("assessor", *(f"member_{n}" for n in range(1, len(self.members) + 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryContent(Frame):
    """One page for the head of the region: the index large, a radar, three strengths, three weaknesses, what was agreed."""

    kind: ClassVar[str] = "summary"

    report: str = ""  # number of the panel's report
    instrument: InstrumentFacts
    assessors: tuple[str, ...] = ()
    aspects: tuple[AxisValue, ...]
    dimensions: tuple[AxisValue, ...] = ()
    index: float | None
    provisional: bool = False
    previous_index: float | None = None
    previous_year: int | None = None
    top: float = 4.0
    strengths: tuple[FindingLine, ...] = ()
    weaknesses: tuple[FindingLine, ...] = ()
    actions: tuple[ActionLine, ...] = ()


#: How many strengths and weaknesses the summary shows.
FEW = 3


def few(findings: tuple[tuple[FindingLine, ...], ...], most: int = FEW) -> tuple[FindingLine, ...]:
    """Return the first findings, one of each assessor in turn, none twice; those on a dimension not shown yet go before others."""
    out: dict[str, FindingLine] = {}
    for n in range(max(map(len, findings), default=0)):
        for own in findings:
            if n < len(own):
                out.setdefault(own[n].body.strip(), own[n])
    first: list[FindingLine] = []
    for one in out.values():
        if not one.dimension or one.dimension not in {other.dimension for other in first}:
            first.append(one)
    return tuple([*first, *(one for one in out.values() if one not in first)][:most])
