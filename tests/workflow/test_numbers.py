"""Document numbers: of which year they must be, how many are left, and what is said where those that came are of another year."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assessor_app import clock, ids
from assessor_app.models.catalogue import Numbers
from assessor_app.models.documents import Document
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import Kind
from assessor_app.models.visits import Visit
from assessor_app.workflow import numbers, ready
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.queries.overview import departure
from tests.factories import make_account, make_visit, write
from tests.sync.loopback import cheap_secrets


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with cheap_secrets():
        made = make_account(tmp_path / "account")
    yield made
    made.close()


def block(account: Account, year: int, first: int = 1, last: int = 50) -> None:
    def work(unit: Unit) -> None:
        unit.add(Numbers(id=ids.natural_id(Kind.NUMBERS, str(first), str(year)), account=unit.author, pattern="{0}/GMSC/{1}", first=first,
                         last=last, year=year))

    account.writer.run(work, purpose="x", origin="sync")


def said(account: Account, visit: str) -> tuple[ready.State, str]:
    with account.reading() as session:
        found = next(one for one in ready.checks(session, account, visit) if one.code == "numbers")
        assert departure(session, visit).numbers_said == found.said  # the visit's own page says the same
        return found.state, found.said


def test_a_visit_that_looks_at_an_earlier_year_takes_the_numbers_of_its_days(account: Account) -> None:
    """What is signed today is numbered today, whatever year the visit is about."""
    today = clock.today().year
    visit = make_visit(account)
    write(account, Visit, visit, year=today - 2, starts_on=f"{today - 2}-07-03", ends_on=f"{today - 2}-07-05")
    block(account, today)
    state, words = said(account, visit)
    assert state is ready.State.OK
    assert words.startswith("50 ")
    assert str(today) in words


def test_a_visit_of_next_year_needs_numbers_of_next_year_and_those_of_this_one_are_told(account: Account) -> None:
    today = clock.today().year
    visit = make_visit(account)
    write(account, Visit, visit, starts_on=f"{today}-12-30", ends_on=f"{today + 1}-01-02")
    block(account, today)
    state, words = said(account, visit)
    assert state is ready.State.MISSING
    assert str(today + 1) in words
    assert f"{today}:" in words
    block(account, today + 1)
    assert said(account, visit)[0] is ready.State.OK


def test_documents_of_other_years_use_up_nothing_of_this_one(account: Account) -> None:
    today = clock.today().year
    block(account, today, 1, 3)

    def work(unit: Unit) -> None:
        for number in (f"001/GMSC/{today - 1}", f"002/GMSC/{today - 1}", "B/12/2020", f"001/GMSC/{today}"):
            unit.add(Document(region="93.02", type="minutes", number=number, state="draft"))

    account.writer.run(work, purpose="x", origin="sync")
    with account.reading() as session:
        assert numbers.numbers_left(session, today) == 2
        assert numbers.next_number(session, today) == f"002/GMSC/{today}"
