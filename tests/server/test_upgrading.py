"""A server of an older version goes on: tables and columns are added, and devices notice nothing."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, select

from assessor_app.models.interviews import Interview
from assessor_server import authority, feed
from assessor_server import tables as tb
from assessor_server.upgrading import upgrade
from tests.factories import make_note, make_visit, read
from tests.server.scenes import Desk, add
from tests.sync.loopback import Loopback, make_joined

#: What this version has and the first one had not.
NEW_TABLES = ("web_session", "access", "result", "result_aspect")
NEW_COLUMNS = {"device": ("waiting_count", "waiting_since", "waiting_photos", "waiting_at", "marks"), "scope": ("digest",)}


def test_an_older_database_gets_what_it_lacks_and_devices_go_on(tmp_path: Path) -> None:
    server = Loopback(tmp_path / "server")
    a, b = (make_joined(server, tmp_path / name, name) for name in "ab")
    visit = make_visit(a)
    note = make_note(a, visit, "Sebelum pembaruan.")
    assert server.sync(a).complete
    with server.store.engine.begin() as connection:
        for table in NEW_TABLES:
            connection.exec_driver_sql(f"DROP TABLE {table}")
        for table, columns in NEW_COLUMNS.items():
            for column in columns:
                connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
    server.close()
    server.open()  # as “serve” does
    with server.store.transaction() as connection:
        authority.make(connection, "Asesor")  # as “init” did long ago
    there = inspect(server.store.engine)
    for made in tb.metadata.sorted_tables:
        assert {column["name"] for column in there.get_columns(made.name)} >= {column.name for column in made.columns}, made.name
    assert upgrade(server.store.engine) == []
    with server.store.transaction() as connection:
        for scope, digest in connection.execute(select(tb.scope.c.name, tb.scope.c.digest)).all():
            assert digest == feed.scope_digest(connection, scope)
    for device in (b, a, b):
        assert server.sync(device).complete
    assert read(b, Interview, note, "body") == "Sebelum pembaruan."
    add(server.store, "sri", "secretariat")
    desk = Desk(server.store)
    desk.sign_in("sri")
    assert "Boven Digoel" in desk.get("/web/kunjungan")
    a.close()
    b.close()
    server.close()
