"""A plan of 5,000 programmes: its import, and a page scrolled, sorted, filtered, 500 rows pasted, each to the last painted pixel."""

from __future__ import annotations

import io
import os
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from assessor_app.models.kinds import DIMENSION_NAMES, DIMENSIONS
from benchmarks.figure import Figure, notebook
from benchmarks.window import close, settle

PROGRAMMES, PASTED, LIMIT_MS, TIMES = 5000, 500, 100.0, 15
_YEARS = range(2023, 2028)
_SUBS = [(dimension, sub) for dimension, subs in DIMENSIONS.items() for sub in subs]
_STATES = ("Berjalan", "Direncanakan", "Tertunda", "Selesai")


def _workbook() -> bytes:
    """Return a sheet as regions have them: 28 columns, a budget and a target for each of five years."""
    from openpyxl import Workbook

    rng = random.Random(5)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Program")
    sheet.append(["No", "Dimensi", "Sub-dimensi", "Nama program", "Deskripsi", "OPD pelaksana", "PIC", "Telepon PIC", "Tahun mulai",
                  "Tahun selesai", *(f"Anggaran {year} (Rp)" for year in _YEARS), *(f"Target {year}" for year in _YEARS),
                  "Total anggaran (Rp)", "Sumber dana", "Indikator", "Satuan", "Target", "Quick win", "Status", "Manfaat"])
    for n in range(1, PROGRAMMES + 1):
        dimension, sub = rng.choice(_SUBS)
        money = [rng.randrange(10, 900) * 1_000_000 for _ in _YEARS]
        sheet.append([n, DIMENSION_NAMES[dimension], DIMENSION_NAMES[sub], f"Program {n}: layanan warga kampung", f"Uraian program {n}",
                      f"Dinas {rng.randrange(40)}", f"Kepala Bidang {rng.randrange(99)}", "0812-0000-0000", 2023, 2027, *money,
                      *(f"{rng.randrange(40)} kampung" for _ in _YEARS), sum(money), "APBD", "Kampung yang dilayani", "kampung", "40",
                      "Ya" if n % 60 == 0 else "Tidak", rng.choice(_STATES), "Warga lebih dekat dengan layanan."])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _block() -> str:
    """Return 500 rows as a spreadsheet copies them, from the programme's number to its quick win."""
    rng = random.Random(7)
    lines = []
    for n in range(PASTED):
        dimension, sub = rng.choice(_SUBS)
        lines.append("\t".join([
            str(n + 1), DIMENSION_NAMES[dimension], DIMENSION_NAMES[sub], f"Tempelan {n} dari lembar kerja", f"OPD {rng.randrange(40)}",
            f"Kabid {n}", "2023", "1 Januari 2026", f"Rp {rng.randrange(1, 900)},5 juta", "APBD", "Indikator", str(n), "kampung",
            rng.choice(_STATES), "Ya" if n % 50 == 0 else "Tidak"]))
    return "\r\n".join(lines) + "\r\n"


def _read_by_openpyxl(data: bytes) -> float:
    from openpyxl import load_workbook

    began = time.perf_counter()
    book = load_workbook(io.BytesIO(data), read_only=True)
    rows = sum(1 for _ in book.worksheets[0].iter_rows(values_only=True))
    book.close()
    assert rows == PROGRAMMES + 1
    return time.perf_counter() - began


def _import(account: Any, data: bytes) -> Figure:
    from assessor_app.workflow import plan_import
    from assessor_app.workflow.planning import ensure_plan

    floor = min(_read_by_openpyxl(data) for _ in range(3))
    began = time.perf_counter()
    proposal = plan_import.propose(data, "rencana.xlsx")
    outcome = account.writer.run(
        lambda unit: plan_import.apply_import(unit, "93.02", ensure_plan(unit, "93.02"), proposal.rows), purpose="plan.import")
    ours = time.perf_counter() - began
    assert outcome.created == PROGRAMMES, outcome
    return Figure(f"import of a sheet of {PROGRAMMES:,} programmes", f"{ours:.2f} s", f"{floor:.2f} s", ours / floor, 3.0)


def _window(account: Any) -> list[Figure]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from assessor_app.app import make_application, make_window
    from assessor_app.settings import Settings
    from assessor_app.workflow.queries.master_plan import plan_view

    application = make_application()
    window = make_window(application, Settings(), account.folder)
    window.context.notify.quiet = True
    window.show()
    window.open_account(account)
    window.resize(1366, 768)
    settle(window)
    view = window.workspace.view  # type: ignore[union-attr]
    assert view is not None
    view.show_page("plan")
    settle(window)
    page: Any = view.page_widget("plan")
    table, model = page.table, page.model
    assert model.rowCount() == PROGRAMMES
    table.setFocus()
    table.go(model.index(0, 0))

    def timed(name: str, act: Callable[[int], None], times: int = TIMES, after: Callable[[], None] = lambda: None) -> Figure:
        taken = []
        for step in range(times):
            began = time.perf_counter()
            act(step)
            QApplication.sendPostedEvents()  # layout, and what is to be painted of it
            QApplication.processEvents()
            taken.append((time.perf_counter() - began) * 1000)
            after()
            settle(window)
        ms = statistics.median(taken)
        return Figure(f"{PROGRAMMES:,} programmes: {name}", f"{ms:.1f} ms", f"{LIMIT_MS:.0f} ms", ms / LIMIT_MS, 1.0)

    head = table.horizontalHeader()
    columns = [model.column_of(name) for name in ("name", "budget", "agency", "dimension")]
    figures = [
        timed("a page scrolled", lambda step: QTest.keyClick(table, Qt.Key.Key_PageDown)),
        timed("sorted", lambda step: head.sectionClicked.emit(columns[step % len(columns)])),
        timed("filtered while typing", lambda step: QTest.keyClicks(page.filter.finder, "program 123"[step]), 11),
    ]
    page.filter.reset()
    model.sort_by("number")
    table.go(model.index(0, 0))
    QApplication.clipboard().setText(_block())
    settle(window)
    table.go(model.index(0, 0))
    wrote: list[float] = []

    def written() -> None:
        began = time.perf_counter()
        settle(window)
        wrote.append(time.perf_counter() - began)

    figures.append(timed(f"{PASTED} rows pasted", lambda step: _paste(table, model, step), 5, written))
    with account.notebook.reading() as session:
        stored = {row.name for row in plan_view(session, "93.02").programmes}
    assert all(f"Tempelan {n} dari lembar kerja" in stored for n in range(PASTED))
    print(f"  {PASTED} rows pasted are on the disk after {statistics.median(wrote):.2f} s")
    close(window)
    return figures


def _paste(table: Any, model: Any, step: int) -> None:
    table.go(model.index(step * PASTED, 0))
    table.paste()


def measure() -> list[Figure]:
    from assessor_app.workflow.visiting import create_visit

    data = _workbook()
    with notebook() as account:
        account.writer.run(lambda unit: create_visit(unit, "93.02"), purpose="visit.create")
        return [_import(account, data), *_window(account)]
