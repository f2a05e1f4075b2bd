"""Take news in: staged until a scope is whole, looked at for sudden loss, then swapped in by short writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models.blobs import BlobStore
from assessor_app.models.changes import Written
from assessor_app.models.entities import ENTITIES
from assessor_app.models.erasing import differences_of
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import SPECS, Kind, Merge, known
from assessor_app.models.tables import Scope
from assessor_app.models.writer import Writer
from assessor_app.sync import anew, apply, relay
from assessor_app.sync.digests import digest_line
from assessor_app.sync.landing import present
from assessor_app.sync.outcome import Shrinkage, SyncOutcome, Wishes
from assessor_app.sync.protocol import Reply, ScopeMark
from assessor_app.sync.staging import Staging
from assessor_app.sync.states import State

#: Records in one write: while somebody types a write must be over before it is noticed, otherwise it may be a big one.
_BRIEF, _BIG = 25, 2000
#: A scope that loses at least so many of its records, and at least this part of them, at once, waits for a person.
_LOST, _PART = 20, 0.3
#: A text that shrinks from more than this to under a tenth of itself counts as lost.
_LONG = 200


@dataclass(slots=True)
class Pull:
    """Takes replies in, a scope at a time."""

    writer: Writer
    store: BlobStore
    outcome: SyncOutcome
    wishes: Wishes
    check: Callable[[], None]
    watch: Callable[[int, int], None] = lambda done, total: None
    #: Scopes of this notebook that are read from their beginning → the records that were met on the way.
    anew: dict[str, set[str]] = field(default_factory=dict)
    #: Scopes whose digest was right as they came: nothing of them stood here before.
    verified: set[str] = field(default_factory=set)
    staging: Staging = field(init=False)
    _erased: set[tuple[str, str]] = field(default_factory=set)  # marks that were heard in this sync
    _landing: list[State] = field(default_factory=list)  # of scopes that are whole and right: they wait to be written together
    _notes: list[Callable[[Unit], None]] = field(default_factory=list)  # how far that is: written with the last of it
    _writing: Future[Written[None]] | None = None  # at most one write is under way while the next is made ready
    _swapped: list[str] = field(default_factory=list)  # scopes that are in, of which pages are staged still
    _held: set[str] = field(init=False)  # scopes of which something stood here before this sync

    def __post_init__(self) -> None:
        self.staging = Staging(self.writer.notebook)
        with self.writer.notebook.reading() as session:
            self._held = set(session.scalars(select(Scope.name)))

    def take(self, reply: Reply, cursors: dict[str, int]) -> list[ScopeMark]:
        """Bring a reply's news into the notebook; return the marks of the scopes that were swapped in whole.

        ``cursors`` say from where each scope was asked. A scope that goes on is staged; an error leaves it as it was.
        """
        by_scope: dict[str, list[State]] = {}
        for state in reply.news:
            by_scope.setdefault(state.scope, []).append(state)
        taken: list[ScopeMark] = []
        done = 0
        for mark in reply.marks:
            states = by_scope.get(mark.scope, [])
            self._met(mark, states, cursors)
            if mark.scope in self._swapped:
                self.flush()
                self.settle()
            if mark.more:
                if states:
                    self.staging.keep(mark.scope, mark.cursor, reply.epoch, states, reply.packed if len(states) == len(reply.news) else b"")
                continue
            if self._swap_in(mark, states):
                taken.append(mark)
            done += len(states)
            self.watch(done, len(reply.news))
        for scope in reply.gone:
            self.staging.forget(scope)
        if reply.erased:
            self.flush()
            gone, differences = self.writer.run(lambda unit: _erase(unit, reply.erased), purpose="sync.erased", origin="sync")
            for digest in gone:
                self.store.drop(digest)
            self.staging.withdraw(set(reply.erased) - self._erased, differences)
            self._erased |= set(reply.erased)
        return taken

    def _swap_in(self, mark: ScopeMark, last: list[State]) -> bool:
        loss = None
        if mark.scope in self._held - self.wishes.accepted:
            self.flush()
            loss = self._shrinkage(mark.scope, last)
        if loss is not None:
            self.staging.forget(mark.scope)
            self.outcome.shrinkages.append(loss)
            return False
        fresh = mark.scope not in self._held
        total = 0
        staged = False
        for page in self.staging.pages(mark.scope):
            staged = True
            total += _digest(page) if fresh else 0
            self._land(page)
        total += _digest(last) if fresh else 0
        self._land(last)
        if fresh and f"{total % (1 << 128):032x}" == mark.digest:
            self.verified.add(mark.scope)
        there = self.anew.pop(mark.scope, None)
        if staged:
            self._swapped.append(mark.scope)
        if there is not None:
            self.flush()
            self.writer.run(lambda unit: anew.drop_stale(unit, mark.scope, there or set()), purpose="sync.stale", origin="sync")
        return True

    def note(self, work: Callable[[Unit], None]) -> None:
        """Write something with the last of what was taken in so far."""
        self._notes.append(work)

    def flush(self) -> None:
        """Write all that was taken in so far, and what was noted of it."""
        while self._landing or self._notes:
            self._write()
        self._written()

    def settle(self) -> None:
        """Forget the staged pages of what is in, once that is durable."""
        for scope in self._swapped:
            self.staging.forget(scope)
        self._swapped.clear()

    def _land(self, states: list[State]) -> None:
        """Write states, of one scope or of several small ones together; what is too little for a write waits."""
        self._landing += states
        while self._landing and (len(self._landing) >= _BIG or self.writer.typing()):
            self._write()

    def _write(self) -> None:
        self.check()
        size = _BRIEF if self.writer.typing() else _BIG
        part, self._landing = self._landing[:size], self._landing[size:]
        notes: list[Callable[[Unit], None]] = []
        if not self._landing:
            notes, self._notes = self._notes, notes
        self._written()

        def work(unit: Unit) -> None:
            apply.news(unit, part)
            for note in notes:
                note(unit)

        self._writing = self.writer.write(work, purpose="sync.news", origin="sync", durable=False)

    def _written(self) -> None:
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.result()

    def _met(self, mark: ScopeMark, states: list[State], cursors: dict[str, int]) -> None:
        """Note what a server read anew from the beginning names: that is all there is."""
        if not cursors.get(mark.scope) and mark.scope in self._held:
            self.anew.setdefault(mark.scope, set())
        if mark.scope in self.anew:
            self.anew[mark.scope] |= {s.id for s in states}

    def _shrinkage(self, scope: str, last: list[State]) -> Shrinkage | None:
        lost = 0
        with self.writer.notebook.reading() as session:
            for states in (*self.staging.pages(scope), last):
                lost += sum(_losses(session, kind, group) for kind, group in _by_kind(states))
            if lost < _LOST:
                return None
            records = sum(len(session.scalars(select(entity.id).where(entity.scope == scope, entity.deleted.is_(False))).all())
                          for entity in ENTITIES.values())
        return Shrinkage(scope, records, lost) if lost >= _PART * records else None


def _by_kind(states: list[State]) -> Iterator[tuple[Kind, dict[str, State]]]:
    """Return what may take something away: deletions and texts, by kind and id."""
    out: dict[Kind, dict[str, State]] = {}
    for state in states:
        kind = known(state.kind)
        if kind is not None and (state.fields.get("deleted") or any(True for _ in _texts(kind, state))):
            out.setdefault(kind, {})[state.id] = state
    yield from out.items()


def _losses(session: Session, kind: Kind, states: dict[str, State]) -> int:
    """Return how many records of a kind that stand here are deleted or emptied by what came."""
    entity = ENTITIES[kind]
    here = present(session.connection(), entity.__tablename__, "id", list(states), "")
    lost = 0
    for record in here:
        row, state = session.get(entity, record), states[record]
        if row is None or row.deleted:
            continue
        emptied = any(len(getattr(row, name)) > max(_LONG, 10 * length) for name, length in _texts(kind, state))
        lost += bool(state.fields.get("deleted")) or emptied
    return lost


def _erase(unit: Unit, items: list[tuple[str, str]]) -> tuple[list[str], set[str]]:
    """Erase; return the digests of blobs that must go, and the differences that held values of what was erased."""
    gone = apply.erasures(unit, items)
    relay.withdraw(unit)
    return gone, {one for name, record in items if (kind := known(name)) is not None for one in differences_of(unit.session, kind, record)}


def _digest(states: list[State]) -> int:
    return sum(digest_line(s.kind, s.id, s.versions) for s in states)


def _texts(kind: Kind, state: State) -> Iterator[tuple[str, int]]:
    for name, value in state.fields.items():
        spec = SPECS[kind].field(name)
        if spec is not None and spec.merge is Merge.TEXT and isinstance(value, str):
            yield name, len(value)


def cursors_of(writer: Writer, epoch: str, staging: Staging) -> dict[str, int]:
    """Return how far each scope was read: as swapped in, or further where its next pages are staged."""
    with writer.notebook.reading() as session:
        cursors = {scope.name: scope.cursor for scope in session.scalars(select(Scope)) if scope.granted}
    return cursors | staging.cursors(epoch)


def bases_of(writer: Writer, epoch: str, staging: Staging) -> dict[str, int]:
    """Return from where each scope is being read whose next pages are staged."""
    with writer.notebook.reading() as session:
        begun = {scope.name: scope.cursor for scope in session.scalars(select(Scope)) if scope.granted}
    return {scope: begun.get(scope, 0) for scope in staging.cursors(epoch)}
