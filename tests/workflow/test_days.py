"""A day is the day of the person's own wall clock: in Papua the morning is not yesterday."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor_app import clock
from assessor_app.models.visits import Person
from assessor_app.workflow import backup, interviewing, rights
from tests.factories import make_account, make_visit, read, write


@pytest.mark.usefixtures("papua")
def test_the_morning_in_papua_is_today(tmp_path: Path) -> None:
    assert clock.today().isoformat() == "2024-03-05"
    assert clock.today("WIB").isoformat() == "2024-03-05"
    account = make_account(tmp_path / "a")
    visit = make_visit(account)

    def consent(unit) -> str:  # type: ignore[no-untyped-def]
        person = interviewing.add_respondent(unit, visit, name="Mama Kenari")
        interviewing.give_consent(unit, person, form="spoken", purpose="evaluasi", data=["answers"], until="2024-03-04")
        return person

    person = account.writer.run(consent, purpose="x")
    assert read(account, Person, person, "consent_on") == "2024-03-05"
    with account.reading() as session:
        assert [one.person.label for one in rights.expired(session)] == ["N-01"]  # agreed until yesterday
    write(account, Person, person, consent_until="2024-03-05")
    with account.reading() as session:
        assert rights.expired(session) == ()
    copy = backup.daily_copy(account)
    assert copy is not None
    assert copy.name == "daily-20240305.db"
    account.close()
