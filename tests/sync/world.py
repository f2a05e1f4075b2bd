"""Three assessors, a server, and everything that may go wrong between them; and what must hold when all is quiet again."""

from __future__ import annotations

import itertools
import json
import random
import shutil
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select

from assessor_app import clock, ids
from assessor_app.errors import AppError
from assessor_app.models.entities import ENTITIES
from assessor_app.models.evaluations import Answer, Sheet
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import PENDING, Unit
from assessor_app.models.kinds import SPECS, Kind, Merge, Value, fields_of
from assessor_app.models.plans import Programme, ProgrammeYear
from assessor_app.models.records import personal_fields
from assessor_app.models.tables import Intent, Scope
from assessor_app.models.visits import Person, Visit
from assessor_app.sync import apply
from assessor_app.workflow import editing, evaluating, interviewing, planning, syncing, visiting
from assessor_app.workflow.accounts import Account
from assessor_server import feed
from assessor_server import tables as tb
from assessor_server.store import put_meta
from tests.factories import make_note, make_visit
from tests.sync.loopback import Loopback, make_joined, open_cheaply

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
        self.seats = [Seat(open_cheaply(self.root / name, self.template["keys"][name])) for name in NAMES]
        self.visit: str = self.template["visit"]
        self.programme: str = self.template["programme"]
        self.question: list[str] = self.template["questions"]

    def close(self) -> None:
        for seat in self.seats:
            seat.account.close()
        self.server.close()
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
        self.server.sync(self.seats[d].account, fault=lambda: True)

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
        getattr(self, f"op_{name}")(d % len(self.seats), n, m)

    # What must hold at the end

    def settle_down(self) -> None:
        self.skew = timedelta()
        for _ in range(8):
            quiet = True
            for seat in self.seats:
                outcome = self.server.sync(seat.account)
                assert outcome.fault is None, outcome.fault
                quiet = quiet and not outcome.sent and not outcome.received
                # what a restored server lost comes back with its authors, so nobody is whole before all have been there
                assert outcome.complete or self.set_back, outcome
            if quiet:
                assert all(self.server.sync(seat.account).complete for seat in self.seats)
                return
        raise AssertionError("it never comes to rest")

    def check(self) -> None:
        server = self._server_records()
        unsent = self._unsent()
        refused = []
        for d, seat in enumerate(self.seats):
            assert seat.account.notebook.check() == []
            with seat.account.reading() as session:
                refused += [(i.reason, i.changes) for i in session.scalars(select(Intent).where(Intent.state == "refused"))]
                for scope in session.scalars(select(Scope).where(Scope.granted)):
                    self._same(d, session, scope.name, server, unsent)
        assert [reason for reason, _ in refused if reason not in {"state", "signed"}] == [], refused
        self._all_kept(server)
        self._none_doubled()
        self._gone()
        self._private()

    def _server_records(self) -> dict[tuple[str, str], Any]:
        with self.server.store.transaction() as connection:
            return {(row.kind, row.id): row for row in connection.execute(select(tb.record))}

    def _unsent(self) -> set[tuple[str, str, str]]:
        """Return the fields that wait on some device for a consent: (record, field), or the whole record."""
        out = set()
        for seat in self.seats:
            with seat.account.reading() as session:
                for intent in session.scalars(select(Intent).where(Intent.state.in_((*PENDING, "refused")))):
                    out |= {(seat.account.device, c[2], c[3] if c[0] == "=" else "*") for c in intent.changes}
        return out

    def _same(self, d: int, session: Any, scope: str, server: dict[tuple[str, str], Any], unsent: set[tuple[str, str, str]]) -> None:
        with self.server.store.transaction() as connection:
            expected = feed.scope_digest(connection, scope)
            assert feed.place(connection, scope)[1] == expected, scope
        assert apply.local_digest(session, scope) == expected, (NAMES[d % 3], scope)
        device = self.seats[d].account.device
        pending = {(record, name) for _, record, name in unsent}
        assert device
        for kind, entity in ENTITIES.items():
            rows = {row.id: row for row in session.scalars(select(entity).where(entity.scope == scope))}
            held = {record for record, name in pending if name == "*"}
            there = {record for (k, record), row in server.items() if k == kind.value and row.scope == scope}
            assert there - held <= set(rows) - held, (d, kind)
            assert set(rows) - held == there - held, (d, kind)
            for record, row in rows.items():
                if record in held:
                    continue
                for f in fields_of(kind):
                    if (record, f.name) in pending:
                        continue
                    default: Value = False if f.type == "bool" else [] if f.type == "refs" else None if f.type in {"int", "float"} else ""
                    want = server[kind.value, record].fields.get(f.name, default)
                    assert getattr(row, f.name) == want, (d, kind, record, f.name, getattr(row, f.name), want)

    def _all_kept(self, server: dict[tuple[str, str], Any]) -> None:
        with self.server.store.transaction() as connection:
            history = [row.changes for row in connection.execute(select(tb.intent))]
            merged = [row.merged for row in connection.execute(select(tb.intent))]
        everything = json.dumps([history, merged, [row.fields for row in server.values()]])
        for seat in self.seats:
            with seat.account.reading() as session:
                everything += json.dumps([i.changes for i in session.scalars(select(Intent))])
        missing = [word for word, (kind, record, name) in self.words.items()
                   if word not in everything and word not in self.lost and not self._is_erased(kind, record, name)]
        assert not missing, missing
        self._none_passed_over(server)

    def _none_passed_over(self, server: dict[tuple[str, str], Any]) -> None:
        """Each value that the server ever stored is current, was knowingly built upon, or stands in a difference."""
        with self.server.store.transaction() as connection:
            intents = connection.execute(select(tb.intent).where(tb.intent.c.outcome != "refused")).all()
        bases: dict[tuple[str, str], set[str]] = defaultdict(set)
        given: list[tuple[str, str, str, str, Value]] = []
        for row in intents:
            for index, change in enumerate(row.changes):
                version = f"{row.device}.{row.counter}.{index}"
                if change[0] == "=":
                    bases[change[2], change[3]].add(change[4].rstrip("mdr"))
                    given.append((change[1], change[2], change[3], version, change[5]))
                elif change[0] == "+":
                    given += [(change[1], change[2], name, version, value) for name, value in change[3].items()]
        seen: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in server.values():
            if row.kind == "difference":
                seen[row.fields["record"], row.fields["field"]] |= {row.fields[side].rstrip("mdr") for side in ("version_a", "version_b")}
        for kind, record, name, version, value in given:
            spec = SPECS[Kind(kind)].field(name)
            if spec is None or name == "deleted" or kind == "difference" or spec.merge is not Merge.SCALAR or (kind, record) in self.erased:
                continue
            row = server[kind, record]
            current = (row.versions.get(name) or row.versions.get("")).rstrip("mdr")
            if version == current or version in bases[record, name] or version in seen[record, name]:
                continue
            if row.fields.get(name) == value:
                continue
            if any(v == value for k, r, n, ver, v in given if (r, n) == (record, name) and ver != version
                   and (ver == current or ver in bases[record, name] or ver in seen[record, name])):
                continue  # the same value came by another way
            raise AssertionError(f"passed over: {kind} {name} {version} {value!r}; stands: {current} {row.fields.get(name)!r}")

    def _is_erased(self, kind: Kind, record: str, name: str) -> bool:
        return (kind.value, record) in self.erased and name in personal_fields(kind)

    def _none_doubled(self) -> None:
        for seat in self.seats:
            with seat.account.reading() as session:
                bodies = {note.id: note.body for note in session.scalars(select(Interview))}
            for record, body in bodies.items():
                for word, (_, of, name) in self.words.items():
                    if word in body:
                        assert body.count(word) == 1, (word, body)
                        assert (of, name) == (record, "body")

    def _gone(self) -> None:
        """What was erased is in no value of any notebook and nowhere at the server."""
        words = {word for word, (kind, record, name) in self.words.items() if self._is_erased(kind, record, name)}
        if not words:
            return
        with self.server.store.transaction() as connection:
            rows = (row for table in tb.metadata.sorted_tables for row in connection.execute(select(table)))
            dumps = {"server": "\n".join(str(tuple(row)) for row in rows)}
        for d, seat in enumerate(self.seats):
            with seat.account.reading() as session:
                raw = session.connection().connection.dbapi_connection
                assert raw is not None
                names = raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_text%'")
                tables = [row[0] for row in names]
                dumps[str(d)] = "\n".join(str(row) for table in tables for row in raw.execute(f"SELECT * FROM {table}"))
                hits = [word for word in words if raw.execute("SELECT 1 FROM search_text WHERE search_text MATCH ?", (word,)).fetchone()]
                assert not hits, (d, hits)
        for place, dump in dumps.items():
            assert [word for word in words if word in dump] == [], place

    def _private(self) -> None:
        for seat in self.seats:
            with seat.account.reading() as session:
                for sheet in session.scalars(select(Sheet)):
                    assert sheet.assessor == seat.account.profile, "somebody else's unsigned sheet"


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


