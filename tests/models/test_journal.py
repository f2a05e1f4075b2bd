"""The journal: what an edit writes, what it never writes, and what undo takes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from assessor_app.errors import AppError, NotAllowed
from assessor_app.models.entities import ENTITIES
from assessor_app.models.evaluations import Answer, Sheet
from assessor_app.models.interviews import Interview
from assessor_app.models.kinds import SPECS, Kind, fields_of, scope_of
from assessor_app.models.tables import Intent
from assessor_app.models.visits import Visit
from assessor_app.workflow import editing, evaluating, interviewing, visiting
from tests.factories import make_account, make_note, make_visit, read, write


@pytest.fixture
def account(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = make_account(tmp_path / "a")
    yield made
    made.close()


def intents(account) -> list[Intent]:  # type: ignore[no-untyped-def]
    with account.reading() as session:
        return list(session.scalars(select(Intent).order_by(Intent.counter)))


def test_entities_have_exactly_the_fields_of_the_registry() -> None:
    for kind, entity in ENTITIES.items():
        columns = {c.key for c in entity.__table__.columns} - {"id", "scope", "versions", "extra", "changed_by", "changed_at"}
        assert columns == {f.name for f in fields_of(kind)}, kind


def test_only_unchanging_fields_decide_a_scope() -> None:
    for kind, spec in SPECS.items():
        values = {f.name: f"<{f.name}>" for f in fields_of(kind) if f.merge != "never"}
        if kind is not Kind.DIFFERENCE:
            assert "<" not in scope_of(kind, "id", values), kind  # type: ignore[arg-type]
        assert spec.kind is kind


def test_an_edit_and_its_intent_are_one_transaction(account) -> None:  # type: ignore[no-untyped-def]
    visit = make_visit(account)
    before = len(intents(account))

    def fails(unit) -> None:  # type: ignore[no-untyped-def]
        unit.get(Visit, visit).place = "Tanah Merah"
        unit.session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        account.writer.run(fails, purpose="x")
    assert read(account, Visit, visit, "place") == ""
    assert len(intents(account)) == before


def test_a_new_record_is_one_change_without_defaults(account) -> None:  # type: ignore[no-untyped-def]
    visit = make_visit(account)
    last = intents(account)[-1]
    assert [change[:3] for change in last.changes] == [["+", "visit", visit]]
    assert "summary" not in last.changes[0][3]


def test_keystrokes_of_one_editing_session_coalesce_into_one_change(account) -> None:  # type: ignore[no-untyped-def]
    note = make_note(account, make_visit(account))
    count = len(intents(account))
    for end in range(1, 6):
        write(account, Interview, note, editing="token", body="Rapat"[:end])
    assert len(intents(account)) == count + 1
    assert intents(account)[-1].changes[0][5] == "Rapat"


def test_scores_and_reasons_never_coalesce(account) -> None:  # type: ignore[no-untyped-def]
    visit = make_visit(account)
    with account.reading() as session:
        instrument = evaluating.instrument_of(session, evaluating.instruments(session)[0].ref)
    sheet = account.writer.run(lambda u: evaluating.open_sheet(u, visit, instrument), purpose="x")
    question = instrument.questions()[0].id
    account.writer.run(lambda u: evaluating.answer(u, sheet, question, score="1"), purpose="x")
    before = len(intents(account))
    for score in ("2", "3"):
        account.writer.write(lambda u, s=score: evaluating.answer(u, sheet, question, score=s), purpose="x", editing="e").result()
    assert len(intents(account)) == before + 2


def test_the_base_of_a_change_is_the_change_it_builds_on(account) -> None:  # type: ignore[no-untyped-def]
    visit = make_visit(account)
    write(account, Visit, visit, place="a")
    write(account, Visit, visit, place="b")
    first, second = intents(account)[-2:]
    assert second.changes[0][4] == f"{first.device}.{first.counter}.0"


def test_raw_and_bulk_writes_of_journaled_tables_raise(account) -> None:  # type: ignore[no-untyped-def]
    make_visit(account)
    for statement in (update(Visit).values(place="x"), update(Visit.__table__).values(place="x")):
        with pytest.raises(RuntimeError, match="Unit"):
            account.writer.run(lambda u, s=statement: u.session.execute(s) and None, purpose="x")
    with pytest.raises(RuntimeError, match="Unit"):
        account.writer.run(lambda u: u.session.connection().exec_driver_sql("DELETE FROM visit") and None, purpose="x")


def test_text_is_stored_whole_and_normal(account) -> None:  # type: ignore[no-untyped-def]
    nasty = "<b>& <img src=x> 😀 مرحبا " + "x" * 5000 + "\r\n" + "kata " * 12_000 + "e\u0301"
    note = make_note(account, make_visit(account), nasty)
    assert read(account, Interview, note, "body") == nasty.replace("\r\n", "\n").replace("e\u0301", "\u00e9")


def test_undo_appends_the_inverse_and_asks_where_the_value_moved_on(account) -> None:  # type: ignore[no-untyped-def]
    visit = make_visit(account)
    write(account, Visit, visit, place="a")
    step = write(account, Visit, visit, place="b")
    count = len(intents(account))
    account.writer.run(lambda u: editing.undo(u, step), purpose="undo")
    assert read(account, Visit, visit, "place") == "a"
    assert len(intents(account)) == count + 1
    step = write(account, Visit, visit, place="c")
    write(account, Visit, visit, place="d")
    with pytest.raises(AppError):
        account.writer.run(lambda u: editing.undo(u, step), purpose="undo")
    assert read(account, Visit, visit, "place") == "d"


def test_delete_then_undo_is_the_record_as_before(account) -> None:  # type: ignore[no-untyped-def]
    note = make_note(account, make_visit(account), "isi")
    step = account.writer.write(lambda u: editing.delete(u, Kind.INTERVIEW, note), purpose="x").result().unit
    assert read(account, Interview, note, "deleted") is True
    account.writer.run(lambda u: editing.undo(u, step), purpose="undo")
    assert read(account, Interview, note, "deleted") is False
    assert read(account, Interview, note, "body") == "isi"


def test_a_signed_sheet_takes_no_more_answers(account) -> None:  # type: ignore[no-untyped-def]
    visit = make_visit(account)
    with account.reading() as session:
        instrument = evaluating.instrument_of(session, evaluating.instruments(session)[0].ref)
    sheet = account.writer.run(lambda u: evaluating.open_sheet(u, visit, instrument), purpose="x")
    question = instrument.questions()[0].id
    account.writer.run(lambda u: evaluating.answer(u, sheet, question, score="1"), purpose="x")
    write(account, Sheet, sheet, state="signed")
    with pytest.raises(NotAllowed, match="signed"):
        account.writer.run(lambda u: evaluating.answer(u, sheet, question, score="4"), purpose="x")
    assert read(account, Answer, evaluating.answer_id(sheet, question), "score") == "1"


def test_one_transaction_over_two_scopes_writes_an_intent_for_each(account) -> None:  # type: ignore[no-untyped-def]
    visit = make_visit(account)
    account.writer.run(lambda u: visiting.add_official(u, visit, name="Yohanes", office="Kepala Dinas"), purpose="x")
    a, b = intents(account)[-2:]
    assert a.unit == b.unit
    assert {a.scope, b.scope} == {"region:93.02", f"visit:{visit}"}


def test_nothing_personal_is_typed_into_an_erased_record(account) -> None:  # type: ignore[no-untyped-def]
    visit = make_visit(account)
    person = account.writer.run(lambda u: interviewing.add_respondent(u, visit, name="Hapus", occupation="guru"), purpose="x")
    note = make_note(account, visit, "", observation=False, persons=[person])

    def type_(text: str) -> None:
        account.writer.write(lambda u: editing.edit(u, Kind.INTERVIEW, note, body=text), purpose="x", editing="open editor").result()

    type_("Kata")
    type_("Kata Hapus")
    account.writer.run(lambda u: visiting.erase_person(u, person), purpose="erase")
    with pytest.raises(NotAllowed, match="erased"):
        type_("Kata Hapus lagi")
    assert read(account, Interview, note, "body") == ""
    write(account, Interview, note, tags=["jalan"])  # what is not personal stays editable


def test_the_short_way_of_a_keystroke_leaves_the_same_rows_as_the_entities(account) -> None:  # type: ignore[no-untyped-def]
    """Type the same text through ``editing.edit`` (the short way) and through the entity: rows and journal agree."""
    visit = make_visit(account)
    short, long = make_note(account, visit), make_note(account, visit)
    for end in (2, 5, 9, 9, 4):
        text = "Rapat\r\nde"[:end]
        account.writer.write(lambda u, b=text: editing.edit(u, Kind.INTERVIEW, short, body=b), purpose="x", editing="s").result()
        write(account, Interview, long, editing="l", body=text, purpose="x")
    with account.reading() as session:
        one, two = session.get(Interview, short), session.get(Interview, long)
        assert one is not None
        assert two is not None
        assert (one.body, sorted(one.versions)) == (two.body, sorted(two.versions))

    def journal(note: str) -> list[list[object]]:
        return [[c[0], c[3], c[5]] for i in intents(account) for c in i.changes if c[2] == note and c[0] == "="]

    assert journal(short) == journal(long)
