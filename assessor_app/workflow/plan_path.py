"""The way through the four workshops: what each one needs, what is there, and what a mentor should look at. It never forbids.

Rules without a database. Which workshop needs what, and the figures, are data (``resources/path/stages.json``); a plan may move a need
to another workshop, or set it aside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from assessor_app import paths
from assessor_app.models.kinds import DIMENSIONS, Stage

#: Where a need that a region does not ask for is put.
ASIDE: Final = "aside"
#: Needs that are texts of the plan, with the fields that hold them.
TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "council": ("council",), "team": ("team",), "forum": ("forum",), "structure": ("structure",), "infrastructure": ("infrastructure",),
    "suprastructure": ("suprastructure",), "gap": ("gap",), "swot": ("strengths", "weaknesses", "opportunities", "threats"),
    "vision": ("vision",), "goals": ("goals",)}
#: Needs that every programme, or every quick win, has to meet.
OF_PROGRAMMES: Final = ("agency", "budget", "target", "years")
OF_QUICK_WINS: Final = ("benefit", "not_infrastructure")
#: How a need for a book begins.
BOOK: Final = "book_"
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Order:
    """Which stage needs what, and the figures of a quick win: its number, and the months until its benefit shows."""

    stages: Mapping[str, tuple[str, ...]]
    least: int
    most: int
    months: int
    sounds: tuple[str, ...]  # words in a name that sound like infrastructure

    def codes(self) -> tuple[str, ...]:
        """Return all needs, in the order of the stages."""
        return tuple(code for codes in self.stages.values() for code in codes)


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """The plan as the rules see it: its texts by field, its years, the needs that it moved (``need=stage``)."""

    texts: Mapping[str, str] = field(default_factory=dict)
    first_year: int | None = None
    last_year: int | None = None
    moved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgrammeFacts:
    """A programme as the rules see it; ``budget`` in rupiah, of the programme or of its years together, ``stated`` of it as a whole.

    ``budgets`` are those of its years, in the years' order.
    """

    id: str
    name: str = ""
    number: int = 0
    sub_dimension: str = ""
    agency: str = ""
    target: str = ""
    budget: int | None = None
    first_year: int | None = None
    last_year: int | None = None
    quick_win: bool = False
    benefit: str = ""
    benefit_months: int | None = None
    is_infrastructure: str = ""  # yes, no, or not said
    stated: int | None = None
    budgets: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning: its stable code, the programme that it is about (or none), and what it names (a sub-dimension, a figure, a word)."""

    code: str
    programme: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a stage needs; ``lacks`` names the empty fields of a text in several parts."""

    code: str
    stage: str
    there: bool
    remarks: tuple[Remark, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a stage is: needs that are there, of how many, and warnings."""

    there: int
    needs: int
    warnings: int

    @property
    def done(self) -> bool:
        """Whether nothing is missing."""
        return self.there == self.needs and not self.warnings


@dataclass(frozen=True, slots=True)
class Path:
    """All needs of a plan, in the order of the stages; those set aside are last and count nowhere."""

    needs: tuple[Need, ...]

    def of(self, stage: str) -> tuple[Need, ...]:
        """Return the needs of a stage."""
        return tuple(need for need in self.needs if need.stage == stage)

    def tally(self, stage: str = "") -> Tally:
        """Return how far a stage is, or the whole path."""
        asked = [need for need in self.needs if need.stage != ASIDE and stage in ("", need.stage)]
        return Tally(sum(need.there for need in asked), len(asked), sum(len(need.remarks) for need in asked))

    def remarks(self) -> dict[str, tuple[tuple[str, Remark], ...]]:
        """Return the warnings of each programme that has any, each with the need that it belongs to."""
        out: dict[str, list[tuple[str, Remark]]] = {}
        for need in self.needs:
            for remark in need.remarks:
                if remark.programme and need.stage != ASIDE:
                    out.setdefault(remark.programme, []).append((need.code, remark))
        return {programme: tuple(found) for programme, found in out.items()}

    def first(self, stage: str) -> str:
        """Return the stage to open: that of the visit, otherwise the first one with something missing."""
        stages = list(dict.fromkeys(need.stage for need in self.needs if need.stage != ASIDE))
        if stage in stages:
            return stage
        return next((one for one in stages if not self.tally(one).done), stages[-1] if stages else "")


@cache
def default_order() -> Order:
    """Return the order that comes with the program."""
    said = json.loads((paths.resources() / "path" / "stages.json").read_text(encoding="utf-8"))
    quick = said["quick_wins"]
    return Order({stage: tuple(codes) for stage, codes in said["stages"].items()}, quick["least"], quick["most"], quick["months"],
                 tuple(said["sounds_like_infrastructure"]))


def walk(plan: PlanFacts, programmes: Iterable[ProgrammeFacts], books: Collection[str], order: Order | None = None) -> Path:
    """Return the whole path of a plan; ``books`` are the types of the books that are there."""
    order = order or default_order()
    programmes = tuple(programmes)
    homes = homes_of(plan.moved, order)
    needs = [_need(code, homes[code], plan, programmes, books, order) for code in order.codes()]
    places = {stage: at for at, stage in enumerate((*order.stages, ASIDE))}
    return Path(tuple(sorted(needs, key=lambda need: places[need.stage])))


def homes_of(moved: Iterable[str], order: Order | None = None) -> dict[str, str]:
    """Return at which stage each need is expected; where two devices moved one differently, the earlier stage holds."""
    order = order or default_order()
    places = [*order.stages, ASIDE]
    homes = {code: stage for stage, codes in order.stages.items() for code in codes}
    said: dict[str, str] = {}
    for entry in moved:
        code, _, stage = entry.partition("=")
        if code in homes and stage in places and (code not in said or places.index(stage) < places.index(said[code])):
            said[code] = stage
    return homes | said


def move(moved: Iterable[str], code: str, stage: str, order: Order | None = None) -> list[str]:
    """Return what a plan holds after a need was moved to a stage; where that is its default, nothing is held."""
    order = order or default_order()
    rest = [entry for entry in moved if entry.partition("=")[0] != code]
    return rest if code in order.stages.get(stage, ()) else [*rest, f"{code}={stage}"]


def stage_of_visit(stage: str) -> str:
    """Return the workshop that a visit is, nothing for another visit."""
    return stage if stage in {Stage.BIMTEK_1, Stage.BIMTEK_2, Stage.BIMTEK_3, Stage.BIMTEK_4} else ""


def sounds_like(name: str, order: Order | None = None) -> str:
    """Return the first word of a programme's name that sounds like infrastructure, or nothing; only a person's word decides."""
    order = order or default_order()
    words = " ".join(re.findall(r"\w+", name.casefold()))
    return next((word for word in order.sounds if f" {word} " in f" {words} "), "")


def _need(code: str, stage: str, plan: PlanFacts, programmes: tuple[ProgrammeFacts, ...], books: Collection[str], order: Order) -> Need:
    if code in TEXTS:
        lacks = tuple(name for name in TEXTS[code] if not plan.texts.get(name, "").strip())
        return Need(code, stage, not lacks, lacks=lacks if len(TEXTS[code]) > 1 else ())
    if code.startswith(BOOK):
        return Need(code, stage, code.removeprefix(BOOK) in books)
    if code == "span":
        first, last = plan.first_year, plan.last_year
        reversed_ = first is not None and last is not None and first > last
        return Need(code, stage, first is not None and last is not None and not reversed_,
                    (Remark("span_reversed"),) if reversed_ else ())
    if code == "coverage":
        there = {one.sub_dimension for one in programmes}
        empty = tuple(Remark("empty_sub", subject=sub) for subs in DIMENSIONS.values() for sub in subs if sub not in there)
        return Need(code, stage, not empty, empty if programmes else ())
    quick = tuple(one for one in programmes if one.quick_win)
    if code == "quick_wins":
        many = (Remark("quick_wins_many", subject=str(len(quick))),) if len(quick) > order.most else ()
        return Need(code, stage, order.least <= len(quick) <= order.most, many)
    asked = quick if code in OF_QUICK_WINS else programmes
    found = tuple(remark for one in asked for remark in _remarks(code, one, plan, order))
    return Need(code, stage, bool(asked) and not found, found)


def _remarks(code: str, one: ProgrammeFacts, plan: PlanFacts, order: Order) -> tuple[Remark, ...]:
    """Return what is to be said of one programme."""
    if code == "budget":
        return budget(one)
    found = _remark(code, one, plan, order)
    return (found,) if found is not None else ()


def budget(one: ProgrammeFacts) -> tuple[Remark, ...]:
    """Tell whether there is a budget, and whether the whole and its years agree; no figure is changed."""
    out, summed = [], sum(amount for _, amount in one.budgets)
    if not one.budget and not summed:
        return (Remark("no_budget", one.id),)
    if one.stated is not None and one.budgets and one.stated != summed:
        out.append(Remark("budget_differs", one.id, f"{one.stated}/{summed}"))
    first, last = one.first_year, one.last_year
    reversed_ = first is not None and last is not None and first > last  # the years themselves are warned of
    outside = [str(year) for year, amount in one.budgets
               if amount and not reversed_ and ((first is not None and year < first) or (last is not None and year > last))]
    return (*out, Remark("budget_outside", one.id, ", ".join(outside))) if outside else tuple(out)


def _remark(code: str, one: ProgrammeFacts, plan: PlanFacts, order: Order) -> Remark | None:
    """Return what is to be said of one programme, or None."""
    match code:
        case "agency":
            return None if one.agency.strip() else Remark("no_agency", one.id)
        case "target":
            return None if one.target.strip() else Remark("no_target", one.id)
        case "years":
            return _years(one, plan)
        case "benefit":
            if not one.benefit.strip():
                return Remark("no_benefit", one.id)
            if one.benefit_months is None:
                return Remark("no_months", one.id)
            return Remark("late_benefit", one.id, str(one.benefit_months)) if one.benefit_months > order.months else None
        case "not_infrastructure":
            if one.is_infrastructure == YES:
                return Remark("is_infrastructure", one.id)
            word = "" if one.is_infrastructure == NO else sounds_like(one.name, order)
            return Remark("sounds_like_infrastructure", one.id, word) if word else None
    raise LookupError(code)


def _years(one: ProgrammeFacts, plan: PlanFacts) -> Remark | None:
    first, last = one.first_year, one.last_year
    if first is None or last is None:
        return Remark("no_years", one.id)
    said = f"{first}–{last}"
    if first > last:
        return Remark("years_reversed", one.id, said)
    before = plan.first_year is not None and first < plan.first_year
    after = plan.last_year is not None and last > plan.last_year
    return Remark("years_outside", one.id, said) if before or after else None
