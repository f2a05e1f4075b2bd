"""An older program's notebook with data: it upgrades, and what the older one could only keep is there afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from assessor_app.models.database import Notebook
from assessor_app.models.migrations import upgrade

KEY = bytes(range(32))


def older(folder: Path, revision: str, monkeypatch: pytest.MonkeyPatch) -> Notebook:
    """Make a notebook as the program of an older revision left it."""
    whole = command.upgrade
    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", lambda config, _: whole(config, revision))
        return Notebook.create(folder, KEY)


def put(notebook: Notebook, table: str, **values: Any) -> None:
    """Write one row; fields that are not named are empty text."""
    with notebook.writing_engine.begin() as connection:
        connection.info["journaling"] = True
        try:
            columns = connection.exec_driver_sql(f"PRAGMA table_info({table})").all()
            row = {c[1]: values.get(c[1], "" if c[2] == "VARCHAR" else None) for c in columns}
            connection.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(':' + name for name in row)})"), row)
        finally:
            connection.info.pop("journaling", None)


def rows(notebook: Notebook, statement: str) -> list[tuple[Any, ...]]:
    with notebook.writing_engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement).all()]


def record(id_: str, scope: str, versions: dict[str, str] | None = None, extra: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"id": id_, "scope": scope, "versions": json.dumps(versions or {"": "a.1.0"}), "extra": json.dumps(extra or {}), "deleted": 0,
            "changed_at": 5}


def test_an_old_notebook_upgrades_with_its_data_and_takes_up_what_it_could_only_keep(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = older(tmp_path / "n", "0006", monkeypatch)
    put(notebook, "programme", **record("p", "region:93.02", {"": "a.1.0", "benefit_months": "b.7.0", "tomorrow": "b.7.1"},
                                        {"benefit_months": 8, "tomorrow": "of a still newer program"}),
        region="93.02", plan="x", name="Loket keliling", quick_win=1)
    put(notebook, "programme", **record("q", "region:93.02"), region="93.02", plan="x", name="Lain", quick_win=0)
    put(notebook, "plan", **record("x", "region:93.02", extra={"gap": "Data belum bertemu", "path": ["gap=bimtek_2"]}), region="93.02",
        vision="Kota")
    held = {"fields": {"name": "Bank sampah", "region": "34.04", "year": 2023, "contact": "Bidang A", "later": 1},
            "versions": {"": "c.1.0"}}
    put(notebook, "held", kind="innovation", record="i", scope="catalogue", content=json.dumps(held))
    put(notebook, "held", kind="innovation", record="erased", scope="catalogue", content=json.dumps(held))
    put(notebook, "erasure", kind="innovation", record="erased", at=1)
    put(notebook, "held", kind="innovation", record="half", scope="catalogue", content=json.dumps(
        {"fields": {"name": "x"}, "versions": {"name": "c.9.0"}}))
    put(notebook, "held", kind="of_tomorrow", record="z", scope="catalogue", content=json.dumps(held))
    notebook.close()

    notebook = Notebook.open(tmp_path / "n", KEY)
    assert rows(notebook, "SELECT version_num FROM alembic_version") == [(upgrade.HEAD,)]
    assert rows(notebook, "SELECT id, name, benefit_months, is_infrastructure, origin, extra FROM programme ORDER BY id") == [
        ("p", "Loket keliling", 8, "", "", '{"tomorrow":"of a still newer program"}'), ("q", "Lain", None, "", "", "{}")]
    assert rows(notebook, "SELECT vision, gap, path, extra FROM plan") == [("Kota", "Data belum bertemu", '["gap=bimtek_2"]', "{}")]
    assert rows(notebook, "SELECT id, name, year, contact, agency, deleted, extra FROM innovation ORDER BY id") == [
        ("erased", "Bank sampah", 2023, "", "", 0, '{"later":1}'), ("i", "Bank sampah", 2023, "Bidang A", "", 0, '{"later":1}')]
    assert rows(notebook, "SELECT kind, record FROM held ORDER BY record") == [("of_tomorrow", "z")]
    assert set(rows(notebook, "SELECT kind, record FROM search_dirty")) >= {("programme", "p"), ("innovation", "i")}
    assert list((tmp_path / "n" / "backups").glob("before-*.db"))
    notebook.close()
