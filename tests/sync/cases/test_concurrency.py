"""Cases of two at once: one record from two sides, intents in the wrong order, skewed clocks, stale devices."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from assessor_app import clock, ids
from assessor_app.models.evaluations import Answer
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import Kind, visit_scope
from assessor_app.models.plans import Programme, ProgrammeYear
from assessor_app.models.tables import Scope, Setting
from assessor_app.models.visits import Visit
from assessor_app.sync.intents import WireIntent
from assessor_app.sync.protocol import Reply, Request, pack_request
from assessor_app.workflow import editing, evaluating, planning, syncing
from assessor_app.workflow.accounts import Account
from assessor_server import tables as tb
from tests.factories import make_note, make_visit, read, sync, write
from tests.sync.cases.conftest import Town, bodies

pytestmark = pytest.mark.xdist_group("cases-concurrency")
Pair = tuple[Account, Account, str]


def differences(account: Account, visit: str) -> list[syncing.OpenDifference]:
    """Return the open differences of a visit's own records."""
    with account.reading() as session:
        mine = set(session.scalars(select(Interview.id).where(Interview.visit == visit))) | {visit}
        return [one for one in syncing.open_differences(session) if one.record in mine]


def delete(account: Account, note: str) -> str:
    return account.writer.write(lambda u: editing.delete(u, Kind.INTERVIEW, note), purpose="interview.delete").result().unit


def test_disjoint_fields_of_one_record(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    note = make_note(a, visit, "isi")
    town.agree(a, b)
    write(a, Interview, note, title="dari a")
    write(b, Interview, note, place="dari b")
    town.agree(a, b)
    for account in (a, b):
        assert (read(account, Interview, note, "title"), read(account, Interview, note, "place")) == ("dari a", "dari b")
    assert differences(a, visit) == []


def test_the_same_field_with_the_same_value_is_no_difference(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    for account in (a, b):
        write(account, Visit, visit, place="Tanah Merah")
    town.agree(a, b)
    assert differences(a, visit) == differences(b, visit) == []


def test_the_same_field_makes_one_difference_on_all_devices(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    write(a, Visit, visit, place="Tanah Merah")
    write(b, Visit, visit, place="Mindiptana")
    town.agree(a, b)
    (one,), (two,) = differences(a, visit), differences(b, visit)
    assert one.id == two.id
    assert {one.value_a, one.value_b} == {"Tanah Merah", "Mindiptana"}
    assert {one.by_a, one.by_b} == {a.profile, b.profile}
    assert read(a, Visit, visit, "place") == read(b, Visit, visit, "place")


def test_two_settle_the_same_difference_differently(town: Town, pair: Pair) -> None:
    """Differing settlements open it again: nobody's word is thrown away."""
    a, b, visit = pair
    write(a, Visit, visit, place="Tanah Merah")
    write(b, Visit, visit, place="Mindiptana")
    town.agree(a, b)
    (one,) = differences(a, visit)
    a.writer.run(lambda u: syncing.settle(u, one.id, "Tanah Merah"), purpose="settle")
    b.writer.run(lambda u: syncing.settle(u, one.id, "Kouh"), purpose="settle")
    town.agree(a, b)
    again = differences(a, visit)
    assert [d.id for d in again] == [d.id for d in differences(b, visit)]
    values = {read(a, Visit, visit, "place")} | {value for d in again for value in (d.value_a, d.value_b)}
    assert values == {"Tanah Merah", "Mindiptana", "Kouh"}, "every word is there for a person to see"
    for one in again:
        a.writer.run(lambda u, d=one.id: syncing.settle(u, d, "Kouh"), purpose="settle")  # type: ignore[misc]
    town.agree(a, b)
    assert read(b, Visit, visit, "place") == "Kouh"
    assert differences(b, visit) == []


@pytest.mark.parametrize("edit_first", [True, False], ids=["the edit arrives first", "the delete arrives first"])
def test_an_edit_against_a_delete(town: Town, pair: Pair, edit_first: bool) -> None:
    a, b, visit = pair
    note = make_note(a, visit, "lama")
    town.agree(a, b)
    write(a, Interview, note, body="lama, baru")
    delete(b, note)
    for account in (a, b) if edit_first else (b, a):
        syncing.synchronise(account)
    town.agree(a, b)
    for account in (a, b):
        assert read(account, Interview, note, "deleted") is False
        assert read(account, Interview, note, "body") == "lama, baru"
    (one,) = differences(a, visit)
    a.writer.run(lambda u: syncing.settle(u, one.id, True), purpose="settle")
    town.agree(a, b)
    assert read(b, Interview, note, "deleted") is True
    assert differences(b, visit) == []


def test_a_delete_after_the_edit_was_seen_is_a_delete(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    note = make_note(a, visit, "lama")
    town.agree(a, b)
    write(a, Interview, note, body="baru")
    town.agree(a, b)
    delete(b, note)
    town.agree(a, b)
    assert read(a, Interview, note, "deleted") is True
    assert differences(a, visit) == []


@pytest.mark.parametrize("colleague", [False, True], ids=["alone", "while a colleague edits"])
def test_delete_then_undo_is_no_change(town: Town, pair: Pair, colleague: bool) -> None:
    a, b, visit = pair
    note = make_note(a, visit, "tetap")
    town.agree(a, b)
    step = delete(a, note)
    a.writer.run(lambda u: editing.undo(u, step), purpose="undo")
    if colleague:
        write(b, Interview, note, body="tetap ada")
        sync(b)
    town.agree(a, b)
    for account in (a, b):
        assert read(account, Interview, note, "deleted") is False
        assert read(account, Interview, note, "body") == ("tetap ada" if colleague else "tetap")
        assert differences(account, visit) == []


# Intents by hand, as any carrier may bring them

class Stranger:
    """A device of an account that sends what it likes, in the order it likes."""

    def __init__(self, account: Account, visit: str) -> None:
        self.account = account
        self.scope = visit_scope(visit)
        self.device = ids.token(60)

    def send(self, *intents: tuple[int, list[Any]]) -> Reply:
        """Send intents (counter, changes); return the reply."""
        wire = [WireIntent(self.device, counter, 1_700_000_000_000, "x", self.scope, changes) for counter, changes in intents]
        transport = syncing.transport_of(self.account)
        try:
            return transport.sync(pack_request(Request(self.account.device, "", {}, wire)))
        finally:
            transport.close()

    def outcomes(self, *intents: tuple[int, list[Any]]) -> list[tuple[str, str]]:
        """Send intents; return what became of each, and why."""
        return [(v.outcome.value, v.reason) for v in self.send(*intents).verdicts]


@pytest.fixture
def stranger(pair: Pair) -> Stranger:
    return Stranger(pair[0], pair[2])


def _made(note: str, visit: str, **values: Any) -> list[Any]:
    return [["+", "interview", note, {"visit": visit, "author": "x", "basis": "observation", **values}]]


def _set(note: str, base: str, value: str, field: str = "title") -> list[Any]:
    return [["=", "interview", note, field, base, value]]


def test_create_and_update_arrive_backwards(town: Town, pair: Pair, stranger: Stranger) -> None:
    a, b, visit = pair
    note = ids.new_id()
    update = (2, _set(note, f"{stranger.device}.1.0", "kedua"))
    assert stranger.outcomes(update) == [("held", "missing")]
    assert stranger.outcomes((1, _made(note, visit, title="pertama"))) == [("applied", "")]
    assert stranger.outcomes(update, update) == [("applied", "")] * 2, "offered again, and again"
    town.agree(b, a)
    assert read(b, Interview, note, "title") == "kedua"
    assert differences(b, visit) == []


def test_the_middle_one_is_missing(town: Town, pair: Pair, stranger: Stranger) -> None:
    _, b, visit = pair
    note, other = ids.new_id(), ids.new_id()
    first, second = f"{stranger.device}.1.0", f"{stranger.device}.2.0"
    told = stranger.outcomes((1, _made(note, visit)), (3, _set(note, second, "ketiga")), (4, _made(other, visit, title="lain")))
    assert told == [("applied", ""), ("held", "base"), ("applied", "")], "one that waits blocks no other"
    sync(b)
    assert read(b, Interview, note, "title") == ""
    assert read(b, Interview, other, "title") == "lain"
    assert stranger.outcomes((2, _set(note, first, "kedua")), (3, _set(note, second, "ketiga"))) == [("applied", "")] * 2
    sync(b)
    assert read(b, Interview, note, "title") == "ketiga"
    assert differences(b, visit) == []


def test_one_bad_intent_blocks_no_other(town: Town, pair: Pair, stranger: Stranger) -> None:
    _, b, visit = pair
    good, gone = ids.new_id(), ids.new_id()
    bad: list[list[Any]] = [
        [["=", "visit", visit, "region", "", "11.72"]],  # never changes
        _made(gone, "another-visit"),  # belongs to another scope
        [["+", "interview", gone, {"visit": visit, "author": "x", "title": 7}]],  # no text
        [["+", "difference", gone, {"scope": visit_scope(visit)}]],  # the server alone makes them
        [["+", "rumah_baru", gone, {"visit": visit}]],  # a kind of tomorrow
        [],
    ]
    sent = [(number, changes) for number, changes in enumerate(bad, 1)]
    told = stranger.outcomes(*sent, (90, _made(good, visit, title="baik")))
    assert [outcome for outcome, _ in told] == ["refused", "refused", "refused", "refused", "held", "refused", "applied"]
    sync(b)
    assert read(b, Interview, good, "title") == "baik"
    assert read(b, Interview, gone, "title") is None


def test_an_id_comes_back_with_other_content(town: Town, pair: Pair, stranger: Stranger) -> None:
    _, b, visit = pair
    note = ids.new_id()
    assert stranger.outcomes((1, _made(note, visit, title="yang pertama"))) == [("applied", "")]
    assert stranger.outcomes((1, _made(note, visit, title="lain"))) == [("conflict", "id")]
    assert stranger.outcomes((1, _made(note, visit, title="yang pertama"))) == [("applied", "")]
    sync(b)
    assert read(b, Interview, note, "title") == "yang pertama"


# One person in two places, two persons in one

def test_the_same_draft_in_two_windows(town: Town, pair: Pair) -> None:
    """Two windows on one notebook type into one note, and both synchronise at the same moment."""
    a, b, visit = pair
    note = make_note(a, visit, "Alinea satu.\n\nAlinea dua.")
    town.agree(a, b)
    other = town.open(a.folder, a.notebook.key)
    assert other.device == a.device
    for number in range(6):
        for window, account in (("kiri", a), ("kanan", other)):
            text = read(account, Interview, note, "body") + f"\n{window}{number}"
            account.writer.run(lambda u, t=text: editing.edit(u, Kind.INTERVIEW, note, body=t), purpose="edit", editing=window)  # type: ignore[misc]
    outcomes: list[Any] = []
    threads = [threading.Thread(target=lambda one=one: outcomes.append(syncing.synchronise(one))) for one in (a, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.fault for outcome in outcomes] == [None, None]
    town.agree(a, b)
    lines = read(b, Interview, note, "body").split("\n")
    assert sorted(lines[3:]) == sorted(f"{window}{n}" for window in ("kiri", "kanan") for n in range(6))
    assert read(a, Interview, note, "body") == read(b, Interview, note, "body")
    assert differences(a, visit) == []
    other.close()
    town.people.remove(other)


def test_two_devices_of_one_user(town: Town) -> None:
    first = town.join("dua-alat")
    second = town.join("dua-alat", add=False)
    visit = make_visit(first)
    with first.reading() as session:
        instrument = evaluating.instrument_of(session, evaluating.instruments(session)[0].ref)
    sheet = first.writer.run(lambda u: evaluating.open_sheet(u, visit, instrument), purpose="x")
    questions = [q.id for q in instrument.questions()[:2]]
    first.writer.run(lambda u: evaluating.answer(u, sheet, questions[0], score="3"), purpose="x")
    town.agree(first, second)
    second.writer.run(lambda u: evaluating.answer(u, sheet, questions[1], score="2", reason="dari alat kedua"), purpose="x")
    first.writer.run(lambda u: evaluating.answer(u, sheet, questions[1], score="4"), purpose="x")
    note = make_note(second, visit, "di alat kedua")
    town.agree(first, second)
    assert read(first, Interview, note, "body") == "di alat kedua"
    with first.reading() as one, second.reading() as two:
        answers = [sorted((row.question, row.score, row.reason) for row in s.scalars(select(Answer))) for s in (one, two)]
        ids_ = set(one.scalars(select(Answer.id)))
        open_ = [[d for d in syncing.open_differences(s) if d.record in ids_] for s in (one, two)]
    assert answers[0] == answers[1]
    assert len(answers[0]) == 2
    assert [{d.value_a, d.value_b} for d in open_[0]] == [{"2", "4"}], "a score is never chosen by the machine"
    assert [d.id for d in open_[0]] == [d.id for d in open_[1]]


def test_two_assessors_made_the_same_visit_offline(town: Town, couple: tuple[Account, Account]) -> None:
    """They stay two: joining them is a person's act. What nature makes one (a programme's year) becomes one."""
    a, b = couple
    visits = [make_visit(account) for account in couple]
    notes = [make_note(account, visit, f"oleh {account.profile}") for account, visit in zip(couple, visits, strict=True)]
    town.agree(a, b)
    for account in couple:
        for visit, note in zip(visits, notes, strict=True):
            assert read(account, Interview, note, "visit") == visit
    plan = a.writer.run(lambda u: planning.ensure_plan(u, "93.02"), purpose="x")
    programme = a.writer.run(lambda u: planning.add_programme(u, plan), purpose="x")
    town.agree(a, b)
    year = ids.natural_id(Kind.PROGRAMME_YEAR, programme, "2025")

    def make(unit: Unit, budget: int) -> None:
        of = unit.get(Programme, programme)
        unit.add(ProgrammeYear(id=year, region=of.region, programme=of.id, year=2025, budget=budget))

    a.writer.run(lambda u: make(u, 1000), purpose="x")
    b.writer.run(lambda u: make(u, 2000), purpose="x")
    town.agree(a, b)
    assert read(a, ProgrammeYear, year, "budget") == read(b, ProgrammeYear, year, "budget")
    with b.reading() as session:
        assert [{d.value_a, d.value_b} for d in syncing.open_differences(session) if d.record == year] == [{1000, 2000}]


# Clocks

@pytest.fixture
def skewed() -> Iterator[Any]:
    """Set this device's clock off by so many days."""
    yield lambda days: clock.set_source(lambda: datetime.now(UTC) + timedelta(days=days))
    clock.set_source(None)


@pytest.mark.parametrize("days", [1, -1, 365, -365])
def test_a_clock_that_is_off_decides_nothing_and_is_shown(town: Town, pair: Pair, skewed: Any, days: int) -> None:
    a, b, visit = pair
    note = make_note(a, visit, "x", title="awal")
    town.agree(a, b)
    skewed(days)
    write(a, Interview, note, title="jam salah")
    sync(a)
    with a.reading() as session:
        skew = session.get(Setting, "clock_skew_ms").value  # type: ignore[union-attr]
    assert abs(skew + days * 86_400_000) < 600_000, "measured, and shown"
    skewed(0)
    sync(b)
    assert read(b, Interview, note, "title") == "jam salah"
    write(b, Interview, note, title="yang kemudian")
    sync(b)
    skewed(days)
    town.agree(a)
    assert read(a, Interview, note, "title") == "yang kemudian", "who built on it comes after it, whatever the clocks say"
    assert differences(a, visit) == []


def test_a_clock_that_jumps_back_between_two_edits(town: Town, pair: Pair, skewed: Any) -> None:
    a, b, visit = pair
    note = make_note(a, visit, "x", title="awal")
    for number, days in enumerate((0, 365, -365, 1, -1)):
        skewed(days)
        write(a, Interview, note, title=f"ke-{number}")
    make_note(a, visit, "sesudah mundur")
    skewed(0)
    town.agree(a, b)
    assert read(b, Interview, note, "title") == "ke-4"
    assert bodies(b, visit) == ["sesudah mundur", "x"]
    assert differences(b, visit) == []


# Devices that were away

def test_a_stale_device_resurrects_nothing(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    notes = [make_note(a, visit, f"catatan {number}") for number in range(4)]
    c = town.join()
    town.agree(a, b, c)
    for note in notes[:2]:
        delete(a, note)
    town.agree(a, b)
    make_note(c, visit, "dari alat lama")  # it was away all the time, and has work of its own
    town.run(tb.device.update().where(tb.device.c.id == c.device).values(marks=None))  # the server has forgotten where it was
    town.agree(c, a, b)
    for account in (a, b, c):
        assert bodies(account, visit) == ["catatan 2", "catatan 3", "dari alat lama"]
        assert differences(account, visit) == []


def test_a_device_that_reads_everything_anew_resurrects_nothing(town: Town, pair: Pair) -> None:
    a, b, visit = pair
    note, kept = make_note(a, visit, "dihapus"), make_note(a, visit, "tetap")
    town.agree(a, b)
    delete(b, note)
    sync(b)
    a.writer.run(lambda u: u.session.execute(update(Scope).values(cursor=0)), purpose="x")
    a.writer.run(lambda u: u.session.delete(u.session.get(Setting, "mark")), purpose="x")
    town.agree(a, b)
    assert bodies(a, visit) == bodies(b, visit) == ["tetap"]
    assert read(a, Interview, kept, "deleted") is False
