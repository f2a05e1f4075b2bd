"""Before a newer sheet touches the plan one sees what is new, changed and gone: and just that happens."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select

from assessor_app.models.plans import Programme
from assessor_app.workflow import plan_import, sample
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.plan_changes import changes
from assessor_app.workflow.planning import ensure_plan
from tests.factories import make_account

BOOK = "rencana-induk-boven-digoel.xlsx"


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    made = make_account(tmp_path / "a", "Ratna Prameswari")
    sample.load_visit(made)
    yield made
    made.close()


def newer() -> bytes:
    """Return the sample's sheet with one programme renamed, one budget and one status changed, one row gone."""
    book = openpyxl.load_workbook(sample.folder() / BOOK)
    sheet = next(one for one in book.worksheets if one.max_row > 50)
    head = next(row for row in sheet.iter_rows() if any(cell.value == "Nama program" for cell in row))
    column = {str(cell.value): cell.column for cell in head}
    first = int(head[0].row or 0) + 1
    sheet.cell(first, column["Nama program"]).value = "Program baru sama sekali"
    sheet.cell(first + 1, column["Anggaran 2024 (Rp)"]).value = 77_000_000
    sheet.cell(first + 2, column["Status"]).value = "Berjalan"
    sheet.delete_rows(first + 3)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_an_empty_plan_would_get_everything_new(account: Account) -> None:
    proposal = plan_import.propose((sample.folder() / BOOK).read_bytes(), BOOK)
    with account.reading() as session:
        found = changes(session, "93.02", proposal.rows)
    assert (len(found.new), found.changed, found.gone) == (60, (), ())


def test_what_is_said_before_is_what_the_import_does(account: Account) -> None:
    sample.load_plan(account)
    same = plan_import.propose((sample.folder() / BOOK).read_bytes(), BOOK)
    with account.reading() as session:
        found = changes(session, "93.02", same.rows)
        assert (found.new, found.changed, found.gone) == ((), (), ())
    proposal = plan_import.propose(newer(), "baru.xlsx")
    with account.reading() as session:
        found = changes(session, "93.02", proposal.rows)
    assert found.new == ("Program baru sama sekali",)
    assert {(f.field, f.before, f.after) for one in found.changed for f in one.fields} == {
        ("budget:2024", 60_000_000, 77_000_000), ("budget", 325_000_000, 342_000_000), ("status", "planned", "running")}
    assert found.gone == ("Loket layanan kampung keliling lewat sungai", "Surat keterangan kampung secara luring")
    outcome = account.writer.run(lambda unit: plan_import.apply_import(unit, "93.02", ensure_plan(unit, "93.02"), proposal.rows),
                                 purpose="plan.import")
    assert (outcome.created, outcome.updated) == (len(found.new), len(found.changed))
    with account.reading() as session:
        names = set(session.scalars(select(Programme.name).where(Programme.deleted.is_(False))))
        assert set(found.gone) <= names  # left alone
        assert changes(session, "93.02", proposal.rows).changed == ()
