"""What the path of the workshops says: names of its needs, what each is about, and its warnings as sentences."""

from __future__ import annotations

from assessor_app import formats
from assessor_app.i18n import mark, nt, t
from assessor_app.models.kinds import DIMENSION_NAMES
from assessor_app.workflow.plan_path import BOOK, OF_PROGRAMMES, OF_QUICK_WINS, Need, Remark, Tally, default_order

_TITLES = {
    "council": mark("Smart City council"), "team": mark("Delivery team"), "forum": mark("Smart City forum"),
    "structure": mark("Readiness: structure"), "infrastructure": mark("Readiness: infrastructure"),
    "suprastructure": mark("Readiness: suprastructure"), "gap": mark("Gap analysis"), "swot": mark("SWOT analysis"),
    "vision": mark("Vision"), "goals": mark("Goals"), "span": mark("Years of the plan"),
    "coverage": mark("A programme in every sub-dimension"), "agency": mark("Every programme has an agency"),
    "budget": mark("Every programme has a budget that adds up"), "target": mark("Every programme has a target"),
    "years": mark("Every programme runs within the plan's years"), "quick_wins": mark("Number of quick wins"),
    "benefit": mark("Quick wins show their benefit soon"), "not_infrastructure": mark("Quick wins are not infrastructure"),
    "book_strategic": mark("Book 1, Strategic Analysis"), "book_masterplan": mark("Book 2, Master Plan"),
    "book_summary": mark("Book 3, Executive Summary"), "book_quick_win": mark("Book 4, Quick Win"),
}
_ABOUT = {
    "council": mark("By which decree it was set up, who chairs it, when it last met."),
    "team": mark("By which decree it was set up, who leads it, which agencies are in it."),
    "forum": mark("Who of business, universities and communities is in it, and how it is heard."),
    "structure": mark("People, budget and governance: what the region has, and what it lacks."),
    "infrastructure": mark("Physical, digital and social infrastructure: what the region has, and what it lacks."),
    "suprastructure": mark("Policy, institutions and procedures: what the region has, and what it lacks."),
    "gap": mark("The distance between what is and what shall be, dimension by dimension."),
    "swot": mark("Strengths, weaknesses, opportunities and threats."),
    "vision": mark("Where the region wants to be at the end of the plan."),
    "goals": mark("What is reached by when, so that it can be measured."),
    "span": mark("A plan spans 5 or 10 years; the road map is measured against them."),
    "coverage": mark("Six dimensions of three sub-dimensions each: an empty one is chosen or forgotten; ask which."),
    "agency": mark("Without an agency nobody carries the programme out."),
    "budget": mark("Of the programme, or of any of its years; a total is the sum of its years, and none lies outside them."),
    "target": mark("A programme without a target cannot be followed up."),
    "years": mark("First and last year are there, in order, and not outside the plan."),
    "quick_wins": mark("One to six a plan: none shows no early benefit, too many are none."),
    "benefit": mark("What the benefit is, and within how many months of the beginning people notice it."),
    "not_infrastructure": mark("Your word decides. A name that sounds like infrastructure is only asked about."),
    "book_strategic": mark("As a PDF among the region's books."), "book_masterplan": mark("As a PDF among the region's books."),
    "book_summary": mark("As a PDF among the region's books."), "book_quick_win": mark("As a PDF among the region's books."),
}
_REMARKS = {
    "span_reversed": mark("The last year lies before the first"), "no_agency": mark("no agency"), "no_target": mark("no target"),
    "no_budget": mark("no budget"), "no_years": mark("no first or last year"), "no_benefit": mark("no benefit written"),
    "no_months": mark("not said within how many months"), "is_infrastructure": mark("is infrastructure"),
}
_PARTS = {"strengths": mark("Strengths"), "weaknesses": mark("Weaknesses"), "opportunities": mark("Opportunities"),
          "threats": mark("Threats")}


def title(code: str) -> str:
    """Return the name of a need."""
    return t(_TITLES[code])


def about(code: str) -> str:
    """Return what a need is about, in a sentence."""
    return t(_ABOUT[code])


def state(need: Need) -> str:
    """Return how a need stands, in a few words."""
    if need.there:
        return t("There")
    if need.lacks:
        return t("Missing: {0}").format(", ".join(t(_PARTS[name]) for name in need.lacks))
    if need.code == "coverage" and need.remarks:
        return nt("{n} sub-dimension without a programme", "{n} sub-dimensions without a programme", len(need.remarks))
    if need.remarks:
        return nt("{n} warning", "{n} warnings", len(need.remarks))
    if need.code in (*OF_PROGRAMMES, "coverage"):
        return t("No programmes yet")
    if need.code in (*OF_QUICK_WINS, "quick_wins"):
        return t("No quick win yet")
    return t("The book is not here") if need.code.startswith(BOOK) else t("Not there yet")


def said(remark: Remark) -> str:
    """Return a warning in words, without the programme's name."""
    if remark.code in _REMARKS:
        return t(_REMARKS[remark.code])
    match remark.code:
        case "empty_sub":
            return DIMENSION_NAMES.get(remark.subject, remark.subject)
        case "years_reversed":
            return t("the last year lies before the first: {0}").format(remark.subject)
        case "years_outside":
            return t("outside the plan's years: {0}").format(remark.subject)
        case "budget_differs":
            stated, _, summed = remark.subject.partition("/")
            return t("the total is not the sum of its years: {0} against {1}").format(
                formats.rupiah(int(stated)), formats.rupiah(int(summed)))
        case "budget_outside":
            return t("a budget outside the programme's years: {0}").format(remark.subject)
        case "late_benefit":
            return t("benefit only after {0} months, more than {1}").format(remark.subject, default_order().months)
        case "sounds_like_infrastructure":
            return t("sounds like infrastructure (“{0}”): say whether it is").format(remark.subject)
        case "quick_wins_many":
            return t("{0} quick wins, more than {1}").format(remark.subject, default_order().most)
    return remark.code


def tally(of: Tally) -> str:
    """Return how far a stage is: ``7 of 9 there, 3 warnings``."""
    there = t("{0} of {1} there").format(of.there, of.needs)
    return f"{there}, {nt('{n} warning', '{n} warnings', of.warnings)}" if of.warnings else there
