"""A consent taken back is known wherever the data are; what is said of the person afterwards stays."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import select

from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import Basis, Consent
from assessor_app.models.visits import Person
from assessor_app.sync import collect, local_digests
from assessor_app.workflow import interviewing
from assessor_app.workflow.accounts import Account
from assessor_server import feed
from assessor_server import tables as tb
from tests.factories import make_note, make_visit, read, write
from tests.sync.loopback import Loopback, open_cheaply


def _respondent(account: Account, visit: str) -> str:
    def work(unit: Any) -> str:
        person = interviewing.add_respondent(unit, visit, name="Ibu Yuliana", occupation="guru")
        interviewing.give_consent(unit, person, form="paper", purpose="evaluasi", data=["name"], until="2099-12-31")
        return person

    return account.writer.run(work, purpose="person.consent")


def _at_centre(server: Loopback, record: str) -> dict[str, Any] | None:
    with server.store.transaction() as connection:
        return connection.execute(select(tb.record.c.fields).where(tb.record.c.id == record)).scalar()


def test_a_consent_taken_back_reaches_centre_and_colleague_and_nothing_after_it(pair: tuple[Loopback, Account, Account]) -> None:
    server, a, b = pair
    visit = make_visit(a)
    person = _respondent(a, visit)
    for one in (a, b):
        assert server.sync(one).complete
    assert read(b, Person, person, "consent") == Consent.GIVEN
    a.writer.run(lambda u: interviewing.withdraw_consent(u, person), purpose="person.withdraw")
    write(a, Person, person, remark="Minta dihubungi lagi.")
    for one in (a, b):
        assert server.sync(one).complete
    fields = _at_centre(server, person)
    assert fields is not None
    assert fields["consent"] == Consent.WITHDRAWN
    assert "remark" not in fields
    assert read(b, Person, person, "consent") == Consent.WITHDRAWN


def test_a_consent_taken_back_before_anything_left_tells_nobody(pair: tuple[Loopback, Account, Account]) -> None:
    server, a, _ = pair
    visit = make_visit(a)
    server.sync(a)
    person = _respondent(a, visit)
    a.writer.run(lambda u: interviewing.withdraw_consent(u, person), purpose="person.withdraw")
    assert server.sync(a).complete
    assert _at_centre(server, person) is None
    with a.reading() as session:
        assert collect.waiting(session).held


def test_who_is_named_in_an_observation_counts(pair: tuple[Loopback, Account, Account]) -> None:
    server, a, _ = pair
    visit = make_visit(a)
    note = make_note(a, visit, "Dilihat di dermaga.")
    assert server.sync(a).complete
    person = a.writer.run(lambda u: interviewing.add_respondent(u, visit, name="Pak Yosep"), purpose="x")
    write(a, Interview, note, persons=[person], body="Dilihat di dermaga bersama Pak Yosep.", basis=Basis.OBSERVATION)
    assert server.sync(a).complete
    fields = _at_centre(server, note)
    assert fields is not None
    assert fields["body"] == "Dilihat di dermaga."
    write(a, Interview, note, persons=[])
    assert server.sync(a).complete
    fields = _at_centre(server, note)
    assert fields is not None
    assert fields["body"].endswith("Pak Yosep.")


def test_a_copy_that_keeps_back_what_the_first_notebook_sent_sees_no_difference(pair: tuple[Loopback, Account, Account],
                                                                                tmp_path: Path) -> None:
    server, a, _ = pair
    visit = make_visit(a)
    server.sync(a)
    person = _respondent(a, visit)
    note = make_note(a, visit, "Satu.", observation=False)
    write(a, Interview, note, persons=[person])
    write(a, Interview, note, title="Judul")
    shutil.copytree(a.folder, tmp_path / "copy")
    assert server.sync(a).complete
    copy = open_cheaply(tmp_path / "copy", a.notebook.key)
    copy.writer.run(lambda u: interviewing.withdraw_consent(u, person), purpose="person.withdraw")
    assert server.sync(copy).complete
    with copy.reading() as session, server.store.transaction() as connection:
        scope = f"visit:{visit}"
        assert local_digests.local_digest(session, scope) == feed.scope_digest(connection, scope)
    copy.close()
