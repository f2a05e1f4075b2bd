"""A draft stays on its version of the instrument until somebody moves it, and sees first what is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from assessor_app.errors import BadInput
from assessor_app.models.evaluations import Answer, Sheet
from assessor_app.models.instrument import Instrument
from assessor_app.models.instrument_workbook import read_workbook
from assessor_app.workflow import editing, evaluating, moving
from assessor_app.workflow.accounts import Account
from tests.factories import make_account, make_visit, read, write
from tests.models.test_instrument_workbook import ABOUT, GOOD, LISTS, Rows, book


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    made = make_account(tmp_path / "a")
    yield made
    made.close()


def version(number: str, survey: Rows = GOOD, choices: Rows = LISTS) -> Instrument:
    about = [[*ABOUT[0][:2], number, *ABOUT[0][3:]]]
    return read_workbook(book(survey, choices, about))


def keep(account: Account, instrument: Instrument) -> None:
    account.writer.run(lambda unit: evaluating.keep_instrument(unit, instrument), purpose="instrument.keep")


def begin(account: Account) -> str:
    visit = make_visit(account)
    sheet = account.writer.run(lambda unit: evaluating.open_sheet(unit, visit, version("2")), purpose="sheet.open")

    def fill(unit: object) -> None:
        for question, score, reason in (("law", "3", "Dilihat."), ("q_service", "5", "Tuntas daring."), ("q_free", "2", "")):
            evaluating.answer(unit, sheet, question, score=score, reason=reason)  # type: ignore[arg-type]

    account.writer.run(fill, purpose="answer.score")
    return sheet


#: Another wording of the first question, no free question any more, one that is new, and a list that ends at 4.
NEXT: Rows = [*GOOD[:2], ["select_one scale", "law", "Dasar hukum dan penetapannya", "Legal basis and its adoption"], *GOOD[3:7],
              ["select_one scale", "q_new", "Baru", "New"], *GOOD[9:]]
SHORT: Rows = [row for row in LISTS if row[:2] != ["levels", "5"]]


def test_a_draft_stays_and_a_later_version_is_offered_in_the_order_that_people_count(account: Account) -> None:
    sheet = begin(account)
    for made in (version("10"), version("3"), version("1")):
        keep(account, made)
    with account.reading() as session:
        assert read(account, Sheet, sheet, "instrument") == "example@2"
        assert [card.ref for card in moving.newer(session, "example@2")] == ["example@10", "example@3"]
        assert moving.newer(session, "example@10") == ()


def test_a_move_shows_what_is_lost_and_one_undo_takes_it_back(account: Account) -> None:
    sheet = begin(account)
    account.writer.run(lambda unit: evaluating.keep_instrument(unit, version("3", NEXT, SHORT)), purpose="instrument.keep")
    with account.reading() as session:
        change = moving.what_changes(session, sheet, "example@3")
    assert change.kept == 1
    assert [(one.question, one.code, one.score, one.reason, one.gone) for one in change.lost] == [
        ("q_service", "2.1.1", "5", "Tuntas daring.", False), ("q_free", "2.1.2", "2", "", True)]
    assert (change.new, change.reworded) == (("2.1.2",), ("1.1", "2.1.1"))
    assert read(account, Sheet, sheet, "instrument") == "example@2"  # looking changes nothing

    account.writer.run(lambda unit: moving.move(unit, sheet, "example@3"), purpose="sheet.move")
    with account.reading() as session:
        answers = {a.question: (a.score, a.reason) for a in session.scalars(select(Answer).where(Answer.sheet == sheet))}
        figures = evaluating.evaluation_of(session, sheet)
        step = editing.last_undoable(session)
    assert read(account, Sheet, sheet, "instrument") == "example@3"
    assert answers == {"law": ("3", "Dilihat."), "q_service": ("", "Tuntas daring."), "q_free": ("2", "")}
    assert figures.provisional
    assert step is not None
    account.writer.run(lambda unit: editing.undo(unit, step.unit), purpose="undo")
    assert read(account, Sheet, sheet, "instrument") == "example@2"
    with account.reading() as session:
        assert session.scalars(select(Answer.score).where(Answer.question == "q_service")).one() == "5"


def test_a_signed_sheet_and_another_instrument_are_refused(account: Account) -> None:
    sheet = begin(account)
    other = evaluating.shipped(evaluating.shipped_files()[0])
    with pytest.raises(BadInput, match="another instrument"):
        account.writer.run(lambda unit: moving.move(unit, sheet, other.ref), purpose="sheet.move")
    account.writer.run(lambda unit: evaluating.keep_instrument(unit, version("3")), purpose="instrument.keep")
    write(account, Sheet, sheet, state="signed")
    with pytest.raises(BadInput, match="signed"):
        account.writer.run(lambda unit: moving.move(unit, sheet, "example@3"), purpose="sheet.move")
    assert read(account, Sheet, sheet, "instrument") == "example@2"
