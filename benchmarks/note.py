"""Typing in a note of 60,000 characters in a notebook with 100,000 notes: from the key to the painted pixels, and what saving holds up."""

from __future__ import annotations

import os
import random
import time
from typing import Any

from benchmarks.figure import Figure, fill, notebook, p95, text
from benchmarks.window import close, settle

NOTES, VISITS, SIZE = 100_000, 500, 60_000
FRAME_MS = 16.0
_BURSTS, _KEYS, _IDLE_S = 40, 9, 20
_PICTURE = (7_752, 5_168)  # 40 megapixels


def measure() -> list[Figure]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from assessor_app.app import make_application, make_window
    from assessor_app.settings import Settings
    from assessor_app.workflow.interviewing import create_interview

    rng = random.Random(5)
    body = _with_faults(text(rng, SIZE))
    application = make_application()
    with notebook() as account:
        visit = fill(account, NOTES, characters=800, visits=VISITS)

        def long_note(unit: Any) -> str:
            from assessor_app.models.interviews import Interview

            note = create_interview(unit, visit, title="Panjang")
            row = unit.get(Interview, note)
            row.body, row.basis = body, "observation"
            return note

        note = account.writer.run(long_note, purpose="interview.create")
        window = make_window(application, Settings(), account.folder)
        window.context.notify.quiet = True
        window.resize(1366, 768)
        window.show()
        window.open_account(account)
        settle(window, 20)
        view = window.workspace.view  # type: ignore[union-attr]
        if view is None or view.visit.id != visit:
            window.workspace.open_visit(visit)  # type: ignore[union-attr]
            settle(window, 20)
            view = window.workspace.view  # type: ignore[union-attr]
        assert view is not None
        view.show_page("interviews", note)
        settle(window, 20)
        page: Any = view.page_widget("interviews")
        assert len(page.body.toPlainText()) == SIZE, len(page.body.toPlainText())
        figures = []
        for where in ("in the middle", "at the end"):
            keys, pauses, idle = _type(window, page, where)
            floor = max(2 * FRAME_MS, *idle)  # two frames are not seen; nor is what other work on the machine holds up anyway
            figures += [Figure(f"key to pixels, 60,000 characters, {where}, p95", f"{p95(keys):.1f} ms", f"{FRAME_MS:.0f} ms",
                               p95(keys) / FRAME_MS, 1),
                        Figure("the same: the longest the window waits for saving", f"{max(pauses):.1f} ms", f"{floor:.0f} ms",
                               max(pauses) / floor, 1)]
        figures.append(_picture(window, page))
        close(window)
    return figures


def _with_faults(body: str) -> str:
    """Return the text with two letters of each 25th word changed over, for the spelling to underline."""
    words = body.split(" ")
    for at in range(0, len(words), 25):
        word = words[at]
        words[at] = word[:1] + word[2:3] + word[1:2] + word[3:]
    return " ".join(words)


def _type(window: Any, page: Any, where: str) -> tuple[list[float], list[float], list[float]]:
    """Type as a person does, in bursts with pauses in which the note is saved.

    Return ms a key, ms that the window was not there meanwhile, and the same while nothing happens.
    """
    from PySide6.QtCore import QEvent, QObject, Qt
    from PySide6.QtGui import QTextCursor
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    class Painted(QObject):
        count = 0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                self.count += 1
            return False

    painted = Painted()
    page.body.viewport().installEventFilter(painted)
    window.activateWindow()
    page.body.setFocus()
    cursor = page.body.textCursor()
    cursor.setPosition(SIZE // 2 if where == "in the middle" else len(page.body.toPlainText()))
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
    page.body.setTextCursor(cursor)
    settle(window, 20)
    rng = random.Random(6)
    keys: list[float] = []
    pauses: list[float] = []
    idle: list[float] = []

    def rest(seconds: float, to: list[float]) -> None:
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            QApplication.processEvents()
            to.append((time.perf_counter() - began) * 1000)
            time.sleep(0.001)

    rest(_IDLE_S, idle)
    stored = 0
    page.form.body_saver.saved.connect(lambda _: stored_up())

    def stored_up() -> None:
        nonlocal stored
        stored += 1

    for burst in range(_BURSTS):
        for _ in range(_KEYS):
            before = painted.count
            key = rng.choice([Qt.Key.Key_A, Qt.Key.Key_N, Qt.Key.Key_Space, Qt.Key.Key_Period, Qt.Key.Key_Backspace])
            began = time.perf_counter()
            QTest.keyClick(page.body, Qt.Key.Key_Return if burst % 8 == 7 and rng.random() < 0.2 else key)
            while painted.count == before:  # the platform paints within 5 ms, together with what else changed
                QApplication.processEvents()
            keys.append((time.perf_counter() - began) * 1000)
            rest(rng.uniform(0.02, 0.09), pauses)
        rest(rng.uniform(0.38, 0.6), pauses)  # the next burst may meet the save
    settle(window, 20)
    assert stored >= _BURSTS // 2, stored
    page.body.viewport().removeEventFilter(painted)
    return keys, pauses, idle


def _picture(window: Any, page: Any) -> Figure:
    """Drop a picture of 40 megapixels; return the longest the window waits until its thumbnail stands there."""
    import io
    import tempfile
    from pathlib import Path

    from PIL import Image
    from PySide6.QtWidgets import QApplication

    out = io.BytesIO()
    Image.effect_noise((_PICTURE[0] // 8, _PICTURE[1] // 8), 60).resize(_PICTURE).convert("RGB").save(out, "JPEG", quality=90)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "besar.jpg"
        file.write_bytes(out.getvalue())
        page.photos.files_given.emit([file])
        worst = 0.0
        while not page.photos._tiles or not window.context.tasks.idle:
            began = time.perf_counter()
            QApplication.processEvents()
            worst = max(worst, (time.perf_counter() - began) * 1000)
            time.sleep(0.001)
        for _ in range(50):
            began = time.perf_counter()
            QApplication.processEvents()
            worst = max(worst, (time.perf_counter() - began) * 1000)
    return Figure("a picture of 40 megapixels dropped: the longest wait", f"{worst:.1f} ms", "50 ms", worst / 50, 1)
