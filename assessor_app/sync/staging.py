"""What a pull has brought of a scope that is not whole yet: kept in an encrypted file of its own, swapped in at the end."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

from assessor_app.errors import NotebookError
from assessor_app.models.database import Notebook, connect, faults
from assessor_app.models.kinds import Kind, Value, known
from assessor_app.models.records import DIFFERING, personal_fields
from assessor_app.sync.protocol import Reply, pack_reply, unpack_reply
from assessor_app.sync.states import State

STAGING = "staging.db"
#: How much of what was kept is also held in memory, in bytes as it was packed.
_MEMORY = 3_000_000
#: A disk is quicker than any line, in bytes a second: little is gained by packing well.
_DISK = 1e9
_TABLE = ("CREATE TABLE IF NOT EXISTS staged "
          "(scope TEXT, number INTEGER, cursor INTEGER, epoch TEXT, data BLOB, PRIMARY KEY (scope, number))")


class Staging:
    """The pages of unfinished scopes. A line that breaks, or a power cut, loses no page that was kept."""

    def __init__(self, notebook: Notebook) -> None:
        self._path: Path = notebook.folder / STAGING
        self._key = notebook.key
        self._connection: Any = None
        self._read: dict[tuple[str, int], list[State]] = {}  # pages that were kept just now, up to a size: they need not be unpacked again
        self._room = _MEMORY

    def cursors(self, epoch: str) -> dict[str, int]:
        """Return how far each unfinished scope was read in this epoch; pages of another one are thrown away."""
        if not self._path.exists():
            return {}
        if self._run("SELECT count(*) FROM staged WHERE epoch != ?", (epoch,))[0][0]:
            self._forget_read()
            self._run("DELETE FROM staged WHERE epoch != ?", (epoch,))
        return dict(self._run("SELECT scope, max(cursor) FROM staged GROUP BY scope", ()))

    def keep(self, scope: str, cursor: int, epoch: str, states: list[State], reply: bytes = b"") -> None:
        """Keep one page, durably: the ``reply`` as it came, where that holds nothing else."""
        data = reply if reply and states else _packed(scope, states)
        number = self._run("SELECT count(*) FROM staged WHERE scope = ?", (scope,))[0][0]
        self._run("INSERT INTO staged VALUES (?, ?, ?, ?, ?)", (scope, number, cursor, epoch, data))
        if len(data) <= self._room:
            self._room -= len(data)
            self._read[scope, number] = states

    def pages(self, scope: str) -> Iterator[list[State]]:
        """Return the pages of a scope in their order."""
        if not self._path.exists():
            return
        for (number,) in self._run("SELECT number FROM staged WHERE scope = ? ORDER BY number", (scope,)):
            if (scope, number) in self._read:
                yield self._read[scope, number]
                continue
            data = self._run("SELECT data FROM staged WHERE scope = ? AND number = ?", (scope, number))[0][0]
            yield _unpacked(scope, data)

    def forget(self, scope: str = "") -> None:
        """Throw away the pages of a scope, or of all."""
        self._forget_read()
        if self._path.exists():
            self._run("DELETE FROM staged WHERE scope = ? OR ? = ''", (scope, scope))

    def withdraw(self, erased: set[tuple[str, str]], differences: Collection[str] = ()) -> None:
        """Take the personal values of erased records out of the pages, and out of their ``differences``."""
        if not erased or not self._path.exists():
            return
        self._forget_read()
        for scope, number, data in self._run("SELECT scope, number, data FROM staged WHERE length(data) > 0", ()):
            states = _unpacked(scope, data)
            kept = [_without_personal(state, erased, differences) for state in states]
            if kept != states:
                self._run("UPDATE staged SET data = ? WHERE scope = ? AND number = ?", (_packed(scope, kept), scope, number))

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _forget_read(self) -> None:
        self._read.clear()
        self._room = _MEMORY

    def _run(self, statement: str, values: tuple[object, ...]) -> list[Any]:
        with faults(self._path):
            try:
                if self._connection is None:
                    self._connection = self._open()
                return list(self._connection.execute(statement, values))
            except sqlcipher.DatabaseError as e:
                if type(e) is sqlcipher.DatabaseError:  # damaged, and not merely locked or out of room
                    self._begin_anew()
                raise

    def _open(self) -> Any:
        try:
            connection = connect(self._path, self._key)
        except NotebookError as e:
            if type(e.__cause__) is not sqlcipher.DatabaseError:
                raise
            self._begin_anew()
            connection = connect(self._path, self._key)
        connection.execute("DROP TABLE IF EXISTS page")  # what an older version staged: the server has all of it
        connection.execute(_TABLE)
        return connection

    def _begin_anew(self) -> None:
        """Throw a damaged file away: the server has all of it."""
        self.close()
        self._forget_read()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def _packed(scope: str, states: list[State]) -> bytes:
    return pack_reply(Reply("", 0, {}, news=states), rate=_DISK) if states else b""


def _unpacked(scope: str, data: bytes) -> list[State]:
    return [state for state in unpack_reply(data).news if state.scope == scope] if data else []


def _without_personal(state: State, erased: set[tuple[str, str]], differences: Collection[str]) -> State:
    kind = known(state.kind)
    empty: dict[str, Value] = {}
    if kind is Kind.DIFFERENCE:
        of = known(str(state.fields.get("record_kind")))
        personal = of is not None and state.fields.get("field") in personal_fields(of)
        if state.id in differences or (personal and (of, state.fields.get("record")) in erased):
            empty = dict.fromkeys(DIFFERING, "")
    elif kind is not None and (state.kind, state.id) in erased:
        empty = personal_fields(kind)
    return replace(state, fields={name: empty.get(name, value) for name, value in state.fields.items()}) if empty else state
