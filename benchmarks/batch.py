"""The reports of 241 panels in one go: pages a second on two cores, the memory of all processes, and a window that stays live."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.figure import Figure, p95
from tests.reports import samples_panel

_REPORTS = 241
_ALONE = 6  # reports that the floor lays out
_TICK_MS = 10


def measure() -> list[Figure]:
    from assessor_app.reports import batch, layout

    content = samples_panel.report()
    pages = layout.lay_out(content).pages
    began = time.perf_counter()
    for number in range(_ALONE):
        layout.lay_out(replace(content, number=str(number)))
    floor = _ALONE * pages / (time.perf_counter() - began)
    memory: list[int] = []
    took: list[float] = []

    def work() -> None:
        start = time.perf_counter()
        for done, _ in enumerate(batch.run((str(n), replace(content, number=str(n))) for n in range(_REPORTS))):
            if done >= _REPORTS // 4 and done % 5 == 0:
                memory.append(sum(_resident(process) for process in _family(os.getpid())))
        took.append(time.perf_counter() - start)

    late = _live(work)
    ours = _REPORTS * pages / took[0]
    quarter = len(memory) // 4
    before, after = max(memory[:quarter]), max(memory[-quarter:])
    return [
        Figure(f"{_REPORTS} panel reports of {pages} pages: pages a second", f"{ours:.1f}", f"{floor:.1f}", floor / ours, 1),
        Figure("the same: MB of all processes, the last quarter", f"{after / 1e6:.0f}", f"{before / 1e6:.0f}", after / before, 1.1),
        Figure("the same: the window's p95 to an event", f"{p95(late) * 1000:.1f} ms", "16 ms", p95(late) / 0.016, 1),
    ]


def _live(work: object) -> list[float]:
    """Run work in a thread beside a window's event loop; return how late each of its ticks came, in seconds."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication, QWidget

    app = QApplication.instance() or QApplication([])  # kept: it lives as long as its name
    window = QWidget()
    window.show()
    late: list[float] = []
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        late.append(max(now - last - _TICK_MS / 1000, 0))
        last = now
        if not thread.is_alive():
            app.quit()

    thread = threading.Thread(target=work)  # type: ignore[arg-type]
    timer = QTimer(interval=_TICK_MS)
    timer.timeout.connect(tick)
    timer.start()
    thread.start()
    app.exec()
    thread.join()
    return late


def _family(process: int) -> Iterator[int]:
    yield process
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from _family(int(child))


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
