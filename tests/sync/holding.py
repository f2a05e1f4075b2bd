"""What must hold once everybody has synchronised and is quiet: all agree, nothing typed is lost, nothing erased is anywhere."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from assessor_app.models.database import Notebook
from assessor_app.models.entities import ENTITIES
from assessor_app.models.evaluations import Sheet
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import PENDING
from assessor_app.models.kinds import SPECS, Kind, Merge, Value, fields_of
from assessor_app.models.records import personal_fields
from assessor_app.models.tables import Carried, Device, Intent, Pristine, Scope, Setting
from assessor_app.sync import envelope, local_digests
from assessor_app.sync.staging import STAGING, Staging
from assessor_server import feed
from assessor_server import tables as tb

if TYPE_CHECKING:
    from tests.sync.world import World


def check(world: World) -> None:
    server = _server_records(world)
    unsent = _unsent(world)
    refused = []
    for d, seat in enumerate(world.seats):
        assert seat.account.notebook.check() == []
        with seat.account.reading() as session:
            own = set(session.scalars(select(Device.id)))
            refused += [(i.reason, i.changes) for i in session.scalars(select(Intent).where(Intent.state == "refused"))
                        if i.device in own or i.reason != "conflict"]  # two copies used an id: whose it is goes on under another
            for scope in session.scalars(select(Scope).where(Scope.granted)):
                _same(world, d, session, scope.name, server, unsent)
    assert [reason for reason, _ in refused if reason not in {"state", "signed"}] == [], refused
    _all_kept(world, server)
    _none_doubled(world)
    _gone(world)
    _private(world)
    _nothing_forged(world, server)


def _server_records(world: World) -> dict[tuple[str, str], Any]:
    with world.server.store.transaction() as connection:
        return {(row.kind, row.id): row for row in connection.execute(select(tb.record))}


def _unsent(world: World) -> set[tuple[str, str, str]]:
    """Return the fields that wait on some device for a consent: (record, field), or the whole record."""
    out = set()
    for seat in world.seats:
        with seat.account.reading() as session:
            for intent in session.scalars(select(Intent).where(Intent.state.in_((*PENDING, "refused")))):
                out |= {(seat.account.device, c[2], c[3] if c[0] == "=" else "*") for c in intent.changes}
    return out


def _same(world: World, d: int, session: Any, scope: str, server: dict[tuple[str, str], Any], unsent: set[tuple[str, str, str]]) -> None:
    with world.server.store.transaction() as connection:
        expected = feed.scope_digest(connection, scope)
        assert feed.place(connection, scope)[1] == expected, scope
    assert local_digests.local_digest(session, scope) == expected, (d, scope)
    device = world.seats[d].account.device
    pending = {(record, name) for _, record, name in unsent}
    assert device
    for kind, entity in ENTITIES.items():
        rows = {row.id: row for row in session.scalars(select(entity).where(entity.scope == scope))}
        held = {record for record, name in pending if name == "*"}
        if kind is Kind.DIFFERENCE:  # settled here, and forgotten by a restored server: it is hidden, and its settlement in the journal
            gone = set(session.scalars(select(Pristine.record).where(Pristine.kind == kind.value, Pristine.field == "")))
            assert all(rows[record].deleted for record in gone & set(rows))
            rows = {record: row for record, row in rows.items() if record not in gone}
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


def _all_kept(world: World, server: dict[tuple[str, str], Any]) -> None:
    with world.server.store.transaction() as connection:
        history = [row.changes for row in connection.execute(select(tb.intent))]
        merged = [row.merged for row in connection.execute(select(tb.intent))]
    everything = json.dumps([history, merged, [row.fields for row in server.values()]])
    for seat in world.seats:
        with seat.account.reading() as session:
            everything += json.dumps([i.changes for i in session.scalars(select(Intent))])
    missing = [word for word, (kind, record, name) in world.words.items()
               if word not in everything and word not in world.lost and not _is_erased(world, kind, record, name)]
    assert not missing, missing
    _none_passed_over(world, server)


def _none_passed_over(world: World, server: dict[tuple[str, str], Any]) -> None:
    """Each value that the server ever stored is current, was knowingly built upon, or stands in a difference."""
    with world.server.store.transaction() as connection:
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
        if spec is None or name == "deleted" or kind == "difference" or spec.merge is not Merge.SCALAR or (kind, record) in world.erased:
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


def _is_erased(world: World, kind: Kind, record: str, name: str) -> bool:
    return (kind.value, record) in world.erased and name in personal_fields(kind)


def _none_doubled(world: World) -> None:
    for seat in world.seats:
        with seat.account.reading() as session:
            bodies = {note.id: note.body for note in session.scalars(select(Interview))}
        for record, body in bodies.items():
            for word, (_, of, name) in world.words.items():
                if word in body:
                    assert body.count(word) == 1, (word, body)
                    assert (of, name) == (record, "body")


def _gone(world: World) -> None:
    """What was erased is in no value of any notebook and nowhere at the server."""
    words = {word for word, (kind, record, name) in world.words.items() if _is_erased(world, kind, record, name)}
    if not words:
        return
    with world.server.store.transaction() as connection:
        rows = (row for table in tb.metadata.sorted_tables for row in connection.execute(select(table)))
        dumps = {"server": "\n".join(str(tuple(row)) for row in rows)}
    for d, seat in enumerate(world.seats):
        with seat.account.reading() as session:
            raw = session.connection().connection.dbapi_connection
            assert raw is not None
            names = raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_text%'")
            tables = [row[0] for row in names]
            dumps[str(d)] = _carried(session) + "\n".join(str(row) for table in tables for row in raw.execute(f"SELECT * FROM {table}"))
            hits = [word for word in words if raw.execute("SELECT 1 FROM search_text WHERE search_text MATCH ?", (word,)).fetchone()]
            assert not hits, (d, hits)
        dumps[f"staged {d}"] = _staged(seat.account.folder, seat.account.notebook)
    for place, dump in dumps.items():
        assert [word for word in words if word in dump] == [], place


def _carried(session: Any) -> str:
    """Return what is carried for others, as far as this device could read it."""
    return "".join(str(envelope.unpack(row.data).intents) for row in session.scalars(select(Carried))
                   if row.data and not envelope.is_sealed(row.data))


def _staged(folder: Path, notebook: Notebook) -> str:
    staging = Staging(notebook)
    try:
        if not (folder / STAGING).exists():
            return ""
        return "".join(str(page) for (scope,) in staging._run("SELECT DISTINCT scope FROM staged", ()) for page in staging.pages(scope))
    finally:
        staging.close()


def _private(world: World) -> None:
    for seat in world.seats:
        with seat.account.reading() as session:
            for sheet in session.scalars(select(Sheet)):
                assert sheet.assessor == seat.account.profile, "somebody else's unsigned sheet"


def _nothing_forged(world: World, server: dict[tuple[str, str], Any]) -> None:
    assert "palsu" not in str([row.fields for row in server.values()])
    for seat in world.seats:
        with seat.account.reading() as session:
            assert not [note for note in session.scalars(select(Interview)) if "palsu" in note.body + note.title]
            later = session.get(Setting, "courier_put_off")
            waiting = [] if later else session.scalars(select(Intent).where(Intent.reason == "carried")).all()
            assert [i.state for i in waiting] == [], "what came on a stick has its verdict, unless the server could not read it"
