"""Three assessors, a server, and everything that may go wrong between them; and what must hold when all is quiet again."""

from __future__ import annotations

import itertools
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select

from assessor_app import clock, ids
from assessor_app.errors import AppError
from assessor_app.models.evaluations import Answer
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import Kind
from assessor_app.models.plans import Programme, ProgrammeYear
from assessor_app.models.visits import Person, Visit
from assessor_app.workflow import courier_keys, editing, evaluating, interviewing, planning, syncing, visiting
from assessor_app.workflow.accounts import Account
from assessor_server import feed
from assessor_server import tables as tb
from assessor_server.store import put_meta
from tests.factories import make_note, make_visit
from tests.sync import holding
from tests.sync.loopback import Loopback, make_joined, open_cheaply
from tests.sync.sticks import Sticks

NAMES = ("a", "b", "c")
_START = datetime(2026, 7, 3, 1, 30, tzinfo=UTC)
Op = tuple[str, int, int, int]
_DATA = (tb.device, tb.scope, tb.record, tb.intent, tb.erasure)


@dataclass
class Seat:
    """A device: its account, and a copy of its folder that it may be set back to."""

    account: Account
    older: Path | None = None
    marked: int = 0


@dataclass
class World:
    """The whole of it. ``words`` are what people typed: word → (record, field); none may get lost, or be doubled."""

    root: Path
    template: dict[str, Any]
    url: str = ""
    seats: list[Seat] = field(default_factory=list)
    words: dict[str, tuple[Kind, str, str]] = field(default_factory=dict)
    by: dict[str, tuple[int, int]] = field(default_factory=dict)  # word → (seat, number)
    secret: set[str] = field(default_factory=set)
    erased: set[tuple[str, str]] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    skew: timedelta = timedelta()
    server_copy: Any = None
    set_back: bool = False
    went_back: bool = False

    def __post_init__(self) -> None:
        ticks = itertools.count()
        clock.set_source(lambda: _START + self.skew + timedelta(milliseconds=next(ticks)))
        self.server = Loopback(self.root / "server", self.url)
        self.server.joined = dict(self.template["joined"])
        if self.url:
            self._fill(tb.metadata.sorted_tables, self.template["rows"])
        self.sticks = Sticks(self)
        self._pages = feed.FIRST, feed.PAGE, feed.SLICE
        feed.FIRST, feed.PAGE, feed.SLICE = 500, 1500, 3
        self.seats = [Seat(open_cheaply(self.root / name, self.template["keys"][name])) for name in NAMES]
        self.visit: str = self.template["visit"]
        self.programme: str = self.template["programme"]
        self.question: list[str] = self.template["questions"]

    def close(self) -> None:
        for seat in self.seats:
            seat.account.close()
        self.server.close()
        feed.FIRST, feed.PAGE, feed.SLICE = self._pages
        clock.set_source(None)

    # What people do

    def word(self, d: int, kind: Kind, record: str, name: str) -> str:
        number = next(self.numbers)
        word = f"w{number:04d}x"
        self.words[word] = (kind, record, name)
        self.by[word] = (d, number)
        return word

    def run(self, d: int, work: Callable[[Unit], Any], *, purpose: str = "edit", token: str = "") -> Any:
        """Write; what is refused in a plain sentence (a signed sheet, a value changed since) is no fault."""
        try:
            return self.seats[d].account.writer.run(work, purpose=purpose, editing=token)
        except AppError:
            return None

    def pick(self, d: int, entity: Any, n: int, *, live: bool = True) -> Any:
        with self.seats[d].account.reading() as session:
            query = select(entity).where(entity.deleted.is_(False)) if live else select(entity)
            if entity is Interview:
                query = query.order_by(entity.id)
            rows = session.scalars(query.order_by(entity.id)).all()
        return rows[n % len(rows)] if rows else None

    def op_note(self, d: int, n: int, m: int) -> None:
        made = make_note(self.seats[d].account, self.visit, "", observation=m % 3 != 0)
        body = "\n".join(self.word(d, Kind.INTERVIEW, made, "body") for _ in range(3))
        self.run(d, lambda u: setattr(u.get(Interview, made), "body", body))

    def op_text(self, d: int, n: int, m: int) -> None:
        note = self.pick(d, Interview, n)
        if note is None or (Kind.INTERVIEW.value, note.id) in self.erased:
            return
        word = self.word(d, Kind.INTERVIEW, note.id, "body")
        at = random.Random(m)
        lines = note.body.split("\n")
        line = at.randrange(len(lines))
        words = lines[line].split(" ")
        if at.random() < 0.3:
            lines.insert(line, word)
        else:
            words.insert(at.randrange(len(words) + 1), word)
            lines[line] = " ".join(words)
        final = "\n".join(lines)
        token = f"{d}-{m}" if m % 2 else ""
        for part in ([final.replace(word, word[:3] + "~")] if token else []) + [final]:  # keystrokes of one session
            self.run(d, lambda u, part=part: editing.edit(u, Kind.INTERVIEW, note.id, body=part), token=token)  # type: ignore[misc]

    def op_scalar(self, d: int, n: int, m: int) -> None:
        note = self.pick(d, Interview, n)
        if m % 2 or note is None or (Kind.INTERVIEW.value, note.id) in self.erased:
            word = self.word(d, Kind.VISIT, self.visit, "place")
            self.run(d, lambda u: setattr(u.get(Visit, self.visit), "place", word))
            return
        word = self.word(d, Kind.INTERVIEW, note.id, "title")
        self.run(d, lambda u: editing.edit(u, Kind.INTERVIEW, note.id, title=word))

    def op_set(self, d: int, n: int, m: int) -> None:
        note = self.pick(d, Interview, n)
        if note is not None:
            tags = set(note.tags) ^ {f"t{m % 4}"}
            self.run(d, lambda u: setattr(u.get(Interview, note.id), "tags", sorted(tags)))

    def op_year(self, d: int, n: int, m: int) -> None:
        """Two devices may make the same record: nature gives its id."""
        def work(u: Unit) -> None:
            of, year = u.get(Programme, self.programme), 2024 + n % 2
            record = ids.natural_id(Kind.PROGRAMME_YEAR, of.id, str(year))
            row = u.session.get(ProgrammeYear, record)
            if row is None:
                row = u.add(ProgrammeYear(id=record, region=of.region, programme=of.id, year=year))
            row.budget, row.status = 1000 + m % 3, ("planned", "running")[m % 2]

        self.run(d, work)

    def op_score(self, d: int, n: int, m: int) -> None:
        with self.seats[d].account.reading() as session:
            instrument = evaluating.instrument_of(session, evaluating.instruments(session)[0].ref)

        def work(u: Unit) -> None:
            sheet = evaluating.open_sheet(u, self.visit, instrument)
            made = evaluating.answer(u, sheet, self.question[n % 4], score=str(m % 3))
            u.get(Answer, made).reason = word = self.word(d, Kind.ANSWER, made, "reason")
            assert word

        self.run(d, work)

    def op_delete(self, d: int, n: int, m: int) -> None:
        note = self.pick(d, Interview, n)
        if note is not None:
            self.run(d, lambda u: editing.delete(u, Kind.INTERVIEW, note.id))

    def op_undo(self, d: int, n: int, m: int) -> None:
        with self.seats[d].account.reading() as session:
            step = editing.last_undoable(session)
        if step is not None:
            self.run(d, lambda u: editing.undo(u, step.unit, force=m % 4 == 0), purpose="undo")

    def op_person(self, d: int, n: int, m: int) -> None:
        person = self.run(d, lambda u: interviewing.add_respondent(u, self.visit, name="", occupation="guru"))
        word = self.word(d, Kind.PERSON, person, "name")
        self.run(d, lambda u: setattr(u.get(Person, person), "name", word))
        note = self.pick(d, Interview, n)
        if note is not None:
            self.run(d, lambda u: setattr(u.get(Interview, note.id), "persons", sorted({*note.persons, person})))

    def op_consent(self, d: int, n: int, m: int) -> None:
        person = self.pick(d, Person, n)
        if person is None:
            return
        if m % 3:
            self.run(d, lambda u: interviewing.give_consent(u, person.id, form="spoken", purpose="p", data=["nama"], until="2099-01-01"))
        else:
            self.run(d, lambda u: interviewing.withdraw_consent(u, person.id))

    def op_erase(self, d: int, n: int, m: int) -> None:
        person = self.pick(d, Person, n)
        if person is None:
            return
        with self.seats[d].account.reading() as session:
            own = [note.id for note in session.scalars(select(Interview)) if note.persons == [person.id]]
        self.run(d, lambda u: visiting.erase_person(u, person.id), purpose="erase")
        self.erased |= {("person", person.id), *(("interview", note) for note in own)}

    def op_settle(self, d: int, n: int, m: int) -> None:
        with self.seats[d].account.reading() as session:
            open_ = syncing.open_differences(session)
        if open_:
            one = open_[n % len(open_)]
            if (one.kind.value, one.record) not in self.erased:
                self.run(d, lambda u: syncing.settle(u, one.id, one.value_b if m % 2 else one.value_a), purpose="settle")

    # What happens to them

    def op_sync(self, d: int, n: int, m: int) -> None:
        outcome = self.server.sync(self.seats[d].account)
        assert outcome.fault is None, outcome.fault
        assert not outcome.mismatched or self.set_back, outcome

    def op_lost(self, d: int, n: int, m: int) -> None:
        """The line goes with one of the first replies: between pages, too."""
        left = itertools.count()
        self.server.sync(self.seats[d].account, fault=lambda: next(left) >= m % 4)

    def op_reopen(self, d: int, n: int, m: int) -> None:
        account = self.seats[d].account
        account.close()
        self.seats[d].account = self._open(account.folder, account.notebook.key)

    def op_remember(self, d: int, n: int, m: int) -> None:
        """Copy the notebook, as a backup program does to whom nobody told better."""
        seat = self.seats[d]
        seat.older = self.root / f"older-{d}"
        shutil.rmtree(seat.older, ignore_errors=True)
        self.op_reopen(d, 0, 0)
        seat.account.close()
        shutil.copytree(seat.account.folder, seat.older)
        seat.account = self._open(seat.account.folder, seat.account.notebook.key)
        seat.marked = next(self.numbers)

    def op_back(self, d: int, n: int, m: int) -> None:
        """Set the notebook back to its copy, in place: what was typed since and never sent is gone with the disk."""
        seat = self.seats[d]
        if seat.older is None or self.set_back:
            return  # both disasters at once: what server and author lost cannot be offered again by anybody else
        self.went_back = True
        folder, key = seat.account.folder, seat.account.notebook.key
        seat.account.close()
        shutil.rmtree(folder)
        shutil.copytree(seat.older, folder)
        seat.account = self._open(folder, key)
        self.lost |= {word for word, (who, number) in self.by.items() if who == d and number > seat.marked}

    def op_copy(self, d: int, n: int, m: int) -> None:
        """The copy is opened elsewhere and goes on beside the first."""
        seat = self.seats[d]
        if seat.older is None or len(self.seats) > 4:
            return
        folder = self.root / f"copy-{len(self.seats)}"
        shutil.copytree(seat.older, folder)
        self.seats.append(Seat(self._open(folder, seat.account.notebook.key)))

    def op_clock(self, d: int, n: int, m: int) -> None:
        self.skew = (timedelta(), timedelta(days=1), timedelta(days=-1), timedelta(days=365), timedelta(days=-365))[m % 5]

    def op_server_copy(self, d: int, n: int, m: int) -> None:
        self.server_copy = rows_of(self.server, _DATA)

    def op_server_back(self, d: int, n: int, m: int) -> None:
        """The server is restored from an older copy, under a new epoch; its log of erasures survives, as its operation guide asks."""
        if self.server_copy is None or self.went_back:
            return
        self.set_back = True
        self._fill(_DATA, self.server_copy)
        with self.server.store.transaction() as connection:
            put_meta(connection, "epoch", f"epoch{next(self.numbers)}")

    def _fill(self, tables: Any, rows: dict[str, Any]) -> None:
        with self.server.store.transaction() as connection:
            for table in reversed(tables):
                connection.execute(delete(table))
            for table in tables:
                if rows[table.name]:
                    connection.execute(insert(table), rows[table.name])

    def _open(self, folder: Path, key: bytes) -> Account:
        account = open_cheaply(folder, key)
        return account

    def do(self, op: Op) -> None:
        name, d, n, m = op
        of = self if hasattr(self, f"op_{name}") else self.sticks
        getattr(of, f"op_{name}")(d % len(self.seats), n, m)

    def op_rest(self, d: int, n: int, m: int) -> None:
        """Everybody synchronises until all is quiet, and all must hold; then they go on."""
        self.settle_down()
        self.check()

    def check(self) -> None:
        holding.check(self)

    def settle_down(self) -> None:
        self.skew = timedelta()
        for _ in range(12):
            quiet = True
            for seat in self.seats:
                outcome = self.server.sync(seat.account)
                assert outcome.fault is None, outcome.fault
                quiet = quiet and not outcome.sent and not outcome.received
                # what a restored server lost comes back with its authors, so nobody is whole before all have been there
                assert outcome.complete or self.set_back, outcome
            if quiet:
                last = [self.server.sync(seat.account) for seat in self.seats]
                # what builds on something that a restored server lost waits as long as that keeps a consent from coming back
                assert all(one.complete or (self.set_back and one.held and not one.mismatched) for one in last), last
                return
        raise AssertionError("it never comes to rest")


def rows_of(server: Loopback, tables: Any) -> dict[str, Any]:
    """Return the rows of some of the server's tables."""
    with server.store.transaction() as connection:
        return {table.name: [dict(row._mapping) for row in connection.execute(select(table))] for table in tables}


def make_template(root: Path, url: str = "") -> dict[str, Any]:
    """Make three joined devices with a visit that all of them have, and close them."""
    server = Loopback(root / "server", url)
    accounts = {name: make_joined(server, root / name, name + root.parent.name) for name in NAMES}
    a = accounts["a"]
    visit = make_visit(a)
    for account in accounts.values():
        courier_keys.keys(account)
    a.writer.run(lambda u: setattr(u.get(Visit, visit), "team", sorted(one.profile for one in accounts.values())), purpose="x")
    plan = a.writer.run(lambda u: planning.ensure_plan(u, "93.02"), purpose="x")
    programme = a.writer.run(lambda u: planning.add_programme(u, plan), purpose="x")
    with a.reading() as session:
        instrument = evaluating.instrument_of(session, evaluating.instruments(session)[0].ref)
    for account in (*accounts.values(), *accounts.values()):
        assert server.sync(account).complete
    out = {"visit": visit, "programme": programme, "joined": server.joined, "questions": [q.id for q in instrument.questions()],
           "rows": rows_of(server, tb.metadata.sorted_tables), "keys": {name: account.notebook.key for name, account in accounts.items()}}
    for account in accounts.values():
        account.close()
    server.close()
    return out


