"""The columns of the programmes' table: those of the programme, and three for each year of the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtGui import QIcon

from assessor_app import formats
from assessor_app.i18n import mark, t
from assessor_app.models.kinds import DIMENSIONS, ProgrammeStatus
from assessor_app.ui import labels
from assessor_app.ui.models.grid import GridColumn
from assessor_app.workflow.plan_path import NO, YES
from assessor_app.workflow.queries.master_plan import ProgrammeRow, Source, YearRow

MAIN, BUDGETS, STATES, ALL = "main", "budgets", "states", "all"
SETS = {MAIN: mark("Columns: the programme"), BUDGETS: mark("Columns: budget by year"), STATES: mark("Columns: status by year"),
        ALL: mark("Columns: all")}
_ONLY_ALL = frozenset({"description", "pic_phone", "benefit", "benefit_months", "is_infrastructure"})
_HEAD = frozenset({"number", "name", "agency"})
Column = GridColumn[ProgrammeRow]
_NOTHING = YearRow()


def statuses() -> tuple[tuple[str, str], ...]:
    """Return how far a programme can be, with an empty choice first."""
    return ("", ""), *((code.value, labels.programme_status(code.value)) for code in ProgrammeStatus)


def said_in(source: Source | None, zone: str = "") -> str:
    """Return who said it, and when, in a line."""
    if source is None:
        return ""
    return " · ".join(filter(None, (source.who, source.title, formats.date(source.held_at[:10])))) or t("a note that is not here")


def columns(chosen: str, years: Sequence[int], sources: Mapping[str, Source], *, mark: Callable[[ProgrammeRow], QIcon | None] | None = None,
            tip: Callable[[ProgrammeRow], str] | None = None) -> tuple[Column, ...]:
    """Return the columns of one set; ``mark`` and ``tip`` stand beside a programme's number."""
    plain = (replace(_whole("number", t("No."), 3.6), icon=mark, tip=tip), *_plain())
    by_year = [each for year in years for each in _of_year(chosen, year, sources)]
    if chosen in (BUDGETS, STATES):
        keep = _HEAD | ({"budget"} if chosen == BUDGETS else {"status"})
        narrow = {"name": 15.0, "agency": 7.0, "budget": 8.5}  # the years need the room
        return (*(replace(one, width=narrow.get(one.field, one.width)) for one in plain if one.field in keep), *by_year)
    return (*(one for one in plain if chosen == ALL or one.field not in _ONLY_ALL), *by_year)


def _text(field: str, title: str, width: float, *, long: bool = False) -> Column:
    def show(row: ProgrammeRow) -> str:
        return str(getattr(row, field))

    return Column(field, title, show, long=long, width=width, tip=show if width > 6 else None)


def _whole(field: str, title: str, width: float) -> Column:
    def show(row: ProgrammeRow) -> str:
        return str(getattr(row, field) or "")

    return Column(field, title, show, sort=lambda row: getattr(row, field) or 0, number=True, width=width)


def _plain() -> tuple[Column, ...]:
    answers = {"": "", YES: t("yes"), NO: t("no")}
    dimensions = tuple((code, labels.dimension(code)) for code in ("", *DIMENSIONS))
    subs = (("", ""), *((sub, f"{labels.dimension(dim)} – {labels.dimension(sub)}") for dim, subs in DIMENSIONS.items() for sub in subs))
    return (
        Column("dimension", t("Dimension"), lambda r: labels.dimension(r.dimension), sort=lambda r: (r.order, r.number),
               value=lambda r: r.dimension, choices=dimensions, width=8.2),
        Column("sub_dimension", t("Sub-dimension"), lambda r: labels.dimension(r.sub_dimension), sort=lambda r: (r.order, r.number),
               value=lambda r: r.sub_dimension, choices=subs, width=9.5),
        Column("name", t("Programme"), lambda r: r.name, width=19, tip=lambda r: r.description or r.name),
        _text("description", t("Description"), 16, long=True),
        _text("agency", t("Agency"), 10), _text("pic", t("PIC"), 7), _text("pic_phone", t("Telephone"), 7),
        _whole("first_year", t("From"), 3.4), _whole("last_year", t("Until"), 3.4),
        Column("budget", t("Budget"), lambda r: formats.rupiah(r.budget), sort=lambda r: r.budget or 0, number=True, width=9.5,
               value=lambda r: "" if r.budget is None else formats.number(r.budget),
               copy=lambda r: "" if r.budget is None else str(r.budget),
               tip=lambda r: "" if r.given is not None or r.budget is None else t("The sum of the years")),
        _text("funding", t("Funding"), 5), _text("indicator", t("Indicator"), 11), _text("target", t("Target"), 4.5),
        _text("unit", t("Unit"), 5.5),
        _status("status", t("Status"), lambda r: r.status),
        Column("quick_win", t("Quick win"), lambda r: t("yes") if r.quick_win else "", value=lambda r: "1" if r.quick_win else "",
               copy=lambda r: t("yes") if r.quick_win else t("no"), choices=(("", t("no")), ("1", t("yes"))), width=5),
        _text("benefit", t("Benefit"), 14, long=True),
        _whole("benefit_months", t("Months until the benefit"), 6),
        Column("is_infrastructure", t("Is it infrastructure?"), lambda r: answers[r.is_infrastructure], value=lambda r: r.is_infrastructure,
               choices=tuple(answers.items()), width=6),
    )


def _status(field: str, title: str, code: Callable[[ProgrammeRow], str], tip: Callable[[ProgrammeRow], str] | None = None) -> Column:
    return Column(field, title, lambda r: labels.programme_status(code(r)), value=code, choices=statuses(), width=6.5, tip=tip)


def _of_year(chosen: str, year: int, sources: Mapping[str, Source]) -> tuple[Column, ...]:
    def at(row: ProgrammeRow) -> YearRow:
        return row.years.get(year, _NOTHING)

    def source(row: ProgrammeRow) -> str:
        interview = at(row).interview
        return said_in(sources.get(interview)) if interview else ""

    budget = Column(f"budget:{year}", t("Budget {0}").format(year), lambda r: formats.rupiah(at(r).budget), number=True, width=8.5,
                    sort=lambda r: at(r).budget or 0, value=lambda r: "" if at(r).budget is None else formats.number(at(r).budget or 0),
                    copy=lambda r: "" if at(r).budget is None else str(at(r).budget))
    target = Column(f"target:{year}", t("Target {0}").format(year), lambda r: at(r).target, width=7)
    status = _status(f"status:{year}", t("Status {0}").format(year), lambda r: at(r).status, source)
    said = Column(f"interview:{year}", t("Status {0} said by").format(year), source, editable=False, width=11, tip=source)
    remark = Column(f"remark:{year}", t("Remark {0}").format(year), lambda r: at(r).remark, long=True, width=10, tip=lambda r: at(r).remark)
    states = (target, status, said, remark)
    every: dict[str, Any] = {MAIN: (), BUDGETS: (budget,), STATES: states, ALL: (budget, *states)}
    chosen_columns: tuple[Column, ...] = every[chosen]
    return chosen_columns
