"""A keystroke in an evaluation of 117 questions: the panel of five worked out anew, and the form up to its last painted pixel."""

from __future__ import annotations

import os
import statistics
import time
from fractions import Fraction
from typing import Any

from assessor_app import paths
from assessor_app.models import panel
from assessor_app.models.instrument import Instrument
from assessor_app.models.panel import Before, SheetData
from benchmarks.figure import Figure, notebook, p95
from benchmarks.window import close, settle

FRAME_MS = 16.0
_ASSESSORS = 5
_TIMES = 200


def _instrument() -> Instrument:
    file = paths.resources() / "instruments" / "smart-city-2023-wisata.json"
    found = Instrument.from_json(file.read_text(encoding="utf-8"))
    assert len(found.questions()) == 117
    return found


def _sheets(instrument: Instrument, step: int) -> list[SheetData]:
    return [SheetData(f"d{n}", f"s{n}", "v", "93.02", f"a{n}", f"Asesor {n}", "", instrument.ref, instrument.sha256, "", "2024-07-04",
                      {q.id: str((k * 7 + n * 3 + step) % 5) for k, q in enumerate(instrument.questions())}, {}, (), "", "")
            for n in range(_ASSESSORS)]


def _together(instrument: Instrument) -> Figure:
    questions = {q.id: Fraction(2) for q in instrument.questions()}
    before = Before(2023, Fraction(2), {}, {}, questions)
    remarks = dict.fromkeys(questions, "Panel membaca naskahnya bersama.")
    times = []
    for step in range(_TIMES):
        sheets = _sheets(instrument, step)
        began = time.perf_counter()
        found = panel.together(instrument, sheets, remarks, before)
        assert found.improvement is not None
        assert len(found.questions) == 117
        times.append((time.perf_counter() - began) * 1000)
    return _figure("panel of 5 × 117 worked out anew, p95", p95(times))


def _form(instrument: Instrument) -> Figure:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from assessor_app.app import make_application, make_window
    from assessor_app.settings import Settings
    from assessor_app.workflow import evaluating
    from assessor_app.workflow.visiting import create_visit

    application = make_application()
    with notebook() as account:
        visit = account.writer.run(lambda unit: create_visit(unit, "93.02"), purpose="visit.create")

        def fill(unit: Any) -> None:
            sheet = evaluating.open_sheet(unit, visit, instrument)
            for q in instrument.questions():
                evaluating.answer(unit, sheet, q.id, score="2", reason="Dilihat di tempat.")

        account.writer.run(fill, purpose="sheet.fill")
        window = make_window(application, Settings(), account.folder)
        window.context.notify.quiet = True
        window.resize(1366, 768)
        window.show()
        window.open_account(account)
        settle(window)
        view = window.workspace.view  # type: ignore[union-attr]
        assert view is not None
        view.show_page("scoring")
        settle(window)
        page: Any = view.page_widget("scoring")
        times = []
        for step in range(_TIMES):
            key = Qt.Key(Qt.Key.Key_0.value + step % 5)
            began = time.perf_counter()
            QTest.keyClick(page.tree, key)
            QApplication.sendPostedEvents()  # layout, and what is to be painted of it
            times.append((time.perf_counter() - began) * 1000)
            settle(window)
            page.tree.step(1 if step % 100 < 90 else -1)
            QApplication.processEvents()
        close(window)
    return _figure("score typed in a form of 117, to the last pixel", statistics.median(times))


def _figure(name: str, ms: float) -> Figure:
    return Figure(name, f"{ms:.1f} ms", f"{FRAME_MS:.0f} ms", ms / FRAME_MS, 1.0)


def measure() -> list[Figure]:
    instrument = _instrument()
    return [_together(instrument), _form(instrument)]
