"""The path of the workshops: what each rule says, in tables; and that it reads the notebook rightly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assessor_app.models.books import Book
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import DIMENSIONS
from assessor_app.models.plans import Plan, Programme, ProgrammeYear
from assessor_app.workflow import plan_path, plan_path_words
from assessor_app.workflow.plan_path import ASIDE, Need, PlanFacts, ProgrammeFacts, Remark, Tally, walk
from assessor_app.workflow.planning import add_programme, ensure_plan
from assessor_app.workflow.queries.plan_path import path_view
from tests.factories import make_account

SUBS = [sub for subs in DIMENSIONS.values() for sub in subs]
GOOD = ProgrammeFacts("p", "Loket keliling", 1, "layanan_publik", "Diskominfo", "60", 1_000_000, 2023, 2027)
PLAN = PlanFacts({name: "ada" for names in plan_path.TEXTS.values() for name in names}, 2023, 2027)
EVERYWHERE = [replace(GOOD, id=sub, sub_dimension=sub) for sub in SUBS]
QUICK = replace(EVERYWHERE[0], quick_win=True, benefit="Antrean lebih pendek", benefit_months=8)
BOOKS = {"strategic", "masterplan", "summary", "quick_win"}


def need(code: str, plan: PlanFacts = PLAN, programmes: list[ProgrammeFacts] | None = None, books: set[str] = BOOKS) -> Need:
    return next(one for one in walk(plan, EVERYWHERE if programmes is None else programmes, books).needs if one.code == code)


def test_a_whole_plan_has_nothing_missing_and_no_warning() -> None:
    path = walk(PLAN, [QUICK, *EVERYWHERE[1:]], BOOKS)
    assert [path.tally(stage) for stage in ("bimtek_1", "bimtek_2", "bimtek_3", "bimtek_4")] == [
        Tally(10, 10, 0), Tally(5, 5, 0), Tally(4, 4, 0), Tally(4, 4, 0)]
    assert path.tally().done
    assert path.remarks() == {}


def test_an_empty_plan_misses_everything_and_warns_of_nothing() -> None:
    path = walk(PlanFacts(), [], set())
    assert path.tally() == Tally(0, 23, 0)  # what is not there at all is missing, not one warning a sub-dimension


@pytest.mark.parametrize("name", ["council", "team", "forum", "structure", "infrastructure", "suprastructure", "gap", "vision", "goals"])
def test_an_empty_part_is_missing(name: str) -> None:
    assert need(name).there
    assert not need(name, replace(PLAN, texts={**PLAN.texts, name: " \n"})).there  # only blanks


def test_swot_names_the_parts_that_are_empty() -> None:
    found = need("swot", replace(PLAN, texts={**PLAN.texts, "threats": "", "strengths": ""}))
    assert (found.there, found.lacks) == (False, ("strengths", "threats"))


def test_each_sub_dimension_without_a_programme_is_named() -> None:
    found = need("coverage", programmes=[one for one in EVERYWHERE if one.sub_dimension not in ("energi", "bisnis")])
    assert found.remarks == (Remark("empty_sub", subject="bisnis"), Remark("empty_sub", subject="energi"))
    assert not found.there


@pytest.mark.parametrize(("code", "change", "remark"), [
    ("agency", {"agency": "  "}, Remark("no_agency", "p")),
    ("target", {"target": ""}, Remark("no_target", "p")),
    ("budget", {"budget": None}, Remark("no_budget", "p")),
    ("budget", {"budget": 0}, Remark("no_budget", "p")),
    ("years", {"first_year": None}, Remark("no_years", "p")),
    ("years", {"first_year": 2026, "last_year": 2025}, Remark("years_reversed", "p", "2026–2025")),
    ("years", {"first_year": 2022}, Remark("years_outside", "p", "2022–2027")),
    ("years", {"last_year": 2028}, Remark("years_outside", "p", "2023–2028")),
])
def test_a_programme_that_lacks_something_is_named(code: str, change: dict[str, object], remark: Remark) -> None:
    assert need(code, programmes=[GOOD]).remarks == ()
    found = need(code, programmes=[replace(GOOD, **change)])  # type: ignore[arg-type]
    assert (found.there, found.remarks) == (False, (remark,))


@pytest.mark.parametrize(("change", "said"), [
    ({"stated": 900, "budgets": ((2024, 400), (2025, 500))}, []),
    ({"stated": 900}, []),
    ({"stated": None, "budgets": ((2024, 400),)}, []),
    ({"stated": 990, "budgets": ((2024, 400), (2025, 500))}, ["the total is not the sum of its years: Rp 990 against Rp 900"]),
    ({"stated": 800, "budgets": ((2024, 900),)}, ["the total is not the sum of its years: Rp 800 against Rp 900"]),
    ({"budget": 0, "stated": 0, "budgets": ((2024, 900),)}, ["the total is not the sum of its years: Rp 0 against Rp 900"]),
    ({"stated": 900, "budgets": ((2023, 400), (2026, 500)), "first_year": 2024, "last_year": 2025},
     ["a budget outside the programme's years: 2023, 2026"]),
    ({"budgets": ((2024, 400), (2025, 0)), "first_year": 2024, "last_year": 2024}, []),
    ({"budgets": ((2024, 400),), "first_year": 2025, "last_year": 2023}, []),
    ({"stated": 5, "budgets": ((2023, 4),), "first_year": 2024},
     ["the total is not the sum of its years: Rp 5 against Rp 4", "a budget outside the programme's years: 2023"]),
])
def test_a_budget_that_does_not_add_up_is_said(change: dict[str, object], said: list[str]) -> None:
    found = need("budget", programmes=[replace(GOOD, **change)])  # type: ignore[arg-type]
    assert [plan_path_words.said(remark) for remark in found.remarks] == said
    assert found.there is not bool(said)


def test_years_are_not_outside_a_span_that_nobody_gave() -> None:
    assert need("years", PlanFacts(), [replace(GOOD, first_year=1990, last_year=2050)]).there
    assert not need("span", PlanFacts()).there
    assert need("span", PlanFacts(first_year=2027, last_year=2023)).remarks == (Remark("span_reversed"),)


@pytest.mark.parametrize(("count", "there", "warnings"), [(0, False, 0), (1, True, 0), (6, True, 0), (7, False, 1)])
def test_a_plan_has_one_to_six_quick_wins(count: int, there: bool, warnings: int) -> None:
    found = need("quick_wins", programmes=[replace(QUICK, id=str(n)) for n in range(count)])
    assert (found.there, len(found.remarks)) == (there, warnings)


@pytest.mark.parametrize(("change", "codes"), [
    ({"benefit": ""}, ["no_benefit"]),
    ({"benefit_months": None}, ["no_months"]),
    ({"benefit_months": 12}, []),
    ({"benefit_months": 13}, ["late_benefit"]),
    ({"quick_win": False, "benefit": ""}, []),  # another programme needs no early benefit
])
def test_a_quick_win_shows_its_benefit_within_twelve_months(change: dict[str, object], codes: list[str]) -> None:
    assert [remark.code for remark in need("benefit", programmes=[replace(QUICK, **change)]).remarks] == codes  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "said", "codes"), [
    ("Loket keliling", "", []),
    ("Loket keliling", "yes", ["is_infrastructure"]),  # a person's word counts, whatever the name sounds like
    ("Pembangunan gedung pelayanan", "", ["sounds_like_infrastructure"]),
    ("Pembangunan gedung pelayanan", "no", []),  # asked and answered
    ("Perjalanan dinas luring", "", []),  # “jalan” is no word of it
    ("Perluasan JARINGAN-INTERNET kampung", "", ["sounds_like_infrastructure"]),
])
def test_a_quick_win_is_no_infrastructure(name: str, said: str, codes: list[str]) -> None:
    found = need("not_infrastructure", programmes=[replace(QUICK, name=name, is_infrastructure=said)])
    assert [remark.code for remark in found.remarks] == codes


def test_a_missing_book_is_missing() -> None:
    assert not need("book_summary", books=BOOKS - {"summary"}).there
    assert need("book_masterplan", books={"masterplan"}).there


def test_a_region_moves_a_need_or_sets_it_aside() -> None:
    moved = plan_path.move((), "goals", "bimtek_2")
    moved = plan_path.move(moved, "book_quick_win", ASIDE)
    path = walk(replace(PLAN, texts={}, moved=tuple(moved)), [], set())
    assert "goals" not in {one.code for one in path.of("bimtek_1")}
    assert "goals" in {one.code for one in path.of("bimtek_2")}
    assert path.tally("bimtek_4") == Tally(0, 3, 0)
    assert path.tally().needs == 22
    assert plan_path.move(moved, "goals", "bimtek_1") == ["book_quick_win=aside"]  # back where it is by default


def test_two_devices_that_moved_one_need_agree_on_the_earlier_stage() -> None:
    for moved in (["vision=bimtek_3", "vision=bimtek_2"], ["vision=bimtek_2", "vision=bimtek_3"]):
        assert plan_path.homes_of(moved)["vision"] == "bimtek_2"
    assert plan_path.homes_of(["vision=nowhere", "unknown=bimtek_2"]) == plan_path.homes_of(())


def test_the_visits_stage_is_opened_otherwise_the_first_unfinished() -> None:
    path = walk(replace(PLAN, first_year=None), [QUICK, *EVERYWHERE[1:]], set())
    assert path.first("bimtek_4") == "bimtek_4"
    assert path.first("") == "bimtek_2"
    assert walk(PLAN, [QUICK, *EVERYWHERE[1:]], BOOKS).first("") == "bimtek_4"


def test_a_programmes_warnings_are_gathered_without_those_set_aside() -> None:
    bare = ProgrammeFacts("x", "Menara", sub_dimension="energi", quick_win=True)
    path = walk(replace(PLAN, moved=("target=aside",)), [bare], BOOKS)
    assert [(code, remark.code) for code, remark in path.remarks()["x"]] == [
        ("agency", "no_agency"), ("budget", "no_budget"), ("years", "no_years"), ("benefit", "no_benefit"),
        ("not_infrastructure", "sounds_like_infrastructure")]


def test_every_need_has_words() -> None:
    from assessor_app.workflow import plan_path_words as words

    for code in plan_path.default_order().codes():
        assert words.title(code)
        assert words.about(code)


def test_the_notebook_is_read_as_the_rules_want_it(tmp_path: Path) -> None:
    account = make_account(tmp_path / "a")

    def work(unit: Unit) -> str:
        plan = ensure_plan(unit, "93.02", first_year=2023, last_year=2027)
        home = unit.get(Plan, plan)
        home.vision, home.threats, home.path = "Kota di atas sungai", "Banjir", ["vision=bimtek_3"]
        paid = add_programme(unit, plan, name="Dibayar per tahun")
        unit.add(ProgrammeYear(region="93.02", programme=paid, year=2024, budget=5))
        gone = add_programme(unit, plan, name="Dihapus")
        unit.get(Programme, gone).deleted = True
        unit.add(Book(region="93.02", name="b.pdf", size=1, sha256="0" * 64, pages=3, type="masterplan"))
        return paid

    paid = account.writer.run(work, purpose="plan.edit")
    with account.reading() as session:
        view = path_view(session, "93.02")
        assert path_view(session, "11.72").path.tally() == Tally(0, 23, 0)
    assert list(view.programmes) == [paid]
    found = {one.code: one for one in view.path.needs}
    assert (found["vision"].there, found["vision"].stage) == (True, "bimtek_3")
    assert found["swot"].lacks == ("strengths", "weaknesses", "opportunities")
    assert found["budget"].there
    assert found["book_masterplan"].there
    assert len(found["coverage"].remarks) == 17
    account.close()
