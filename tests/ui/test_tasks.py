"""Work beside the window: results come back, errors are said, slow work shows and stops."""

from __future__ import annotations

import inspect
import threading

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from assessor_app.errors import AppError
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import Kind, fields_of
from assessor_app.models.visits import Visit
from assessor_app.ui.context import AppContext
from assessor_app.ui.said import Tone
from assessor_app.ui.tasks import Job, Tasks
from assessor_app.ui.widgets.status import JobStrip
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.visiting import create_visit


def test_a_write_reaches_the_disk_and_tells_what_changed(qtbot: QtBot, context: AppContext, account: Account) -> None:
    changes, results = [], []
    context.tasks.changed.connect(changes.append)
    with qtbot.waitSignal(context.tasks.saved):
        context.tasks.write(create_visit, "93.02", purpose="visit.create", done=results.append)
    assert changes[0].touches(Kind.VISIT, results[0])
    assert context.tasks.pending_writes == 0


def test_a_failed_write_is_said_with_what_is_safe(qtbot: QtBot, context: AppContext, account: Account) -> None:
    context.tasks.write(create_visit, "00.00", purpose="visit.create")
    qtbot.waitUntil(lambda: context.notify.last() is not None)
    said = context.notify.last()
    assert said is not None
    assert said.tone is Tone.BAD
    assert "00.00" in said.title


def test_only_the_newest_answer_to_a_question_arrives(qtbot: QtBot, context: AppContext) -> None:
    gate, heard = threading.Event(), []
    context.tasks.call(lambda: gate.wait(5) and "old", done=heard.append, key="search")
    context.tasks.call(lambda: "new", done=heard.append, key="search")
    gate.set()
    qtbot.waitUntil(lambda: context.tasks.idle)
    assert heard == ["new"]


def test_a_large_write_shows_while_it_runs_and_the_window_goes_on(qtbot: QtBot, context: AppContext, account: Account) -> None:
    strip, gate = JobStrip(context), threading.Event()
    qtbot.addWidget(strip)

    def work(unit: Unit) -> str:
        gate.wait(20)
        return create_visit(unit, "93.02")

    made: list[str] = []
    context.tasks.write(work, purpose="visit.create", progress="Mengurungkan…", done=made.append)
    qtbot.waitUntil(lambda: not strip.isHidden(), timeout=5000)
    assert strip._title.text() == "Mengurungkan…"
    assert strip._cancel.isHidden()
    seen: list[int] = []
    context.tasks.read(lambda session: session.query(Visit).count(), done=seen.append)
    qtbot.waitUntil(lambda: bool(seen))  # reading goes on meanwhile
    gate.set()
    qtbot.waitUntil(lambda: strip.isHidden() and bool(made))


def test_slow_work_shows_and_can_be_cancelled(qtbot: QtBot, context: AppContext) -> None:
    strip = JobStrip(context)
    qtbot.addWidget(strip)
    stopped = []

    def work(job: Job) -> None:
        while True:
            job.report(1, 3, "1/3")
            threading.Event().wait(0.01)

    context.tasks.run(work, title="Membaca foto…", cancelled=lambda: stopped.append(True))
    qtbot.waitUntil(lambda: not strip.isHidden(), timeout=3000)
    assert "Membaca foto…" in strip._title.text()
    strip._cancel.click()
    qtbot.waitUntil(lambda: bool(stopped))
    assert strip.isHidden()


def test_without_an_open_notebook_nothing_is_written(context: AppContext) -> None:
    with pytest.raises(AppError, match="terkunci"):
        context.tasks.write(create_visit, "93.02", purpose="visit.create")


def test_an_unexpected_fault_is_said_without_its_words(context: AppContext) -> None:
    context.notify.error(ValueError("rahasia-narasumber"))
    said = context.notify.last()
    assert said is not None
    assert "rahasia" not in " ".join((said.title, said.text, said.hint, said.kept))


@pytest.mark.parametrize("way", ["call", "run"])
def test_what_was_not_begun_when_the_window_closes_is_no_error(qtbot: QtBot, qapp: QApplication, way: str) -> None:
    tasks, begun, gate = Tasks(), threading.Barrier(3, timeout=5), threading.Event()
    failures: list[Exception] = []
    told: list[str] = []
    tasks.failed.connect(failures.append)

    def busy(*_: object) -> None:
        begun.wait()
        gate.wait(5)

    for _ in range(2):  # as many as work at once
        tasks.call(busy) if way == "call" else tasks.run(busy, title="x")
    begun.wait()
    if way == "call":
        tasks.call(lambda: 1, done=lambda _: told.append("done"))
    else:
        tasks.run(lambda job: 1, title="y", done=lambda _: told.append("done"), cancelled=lambda: told.append("cancelled"))
    threading.Timer(0.1, gate.set).start()
    tasks.close()
    qtbot.waitUntil(lambda: tasks.idle)
    assert failures == []
    assert told == (["cancelled"] if way == "run" else [])


def test_no_word_of_a_write_is_the_name_of_a_field() -> None:
    """A write takes a record's fields by their names: one that it kept for itself would never be written."""
    words = set(inspect.signature(Tasks.write).parameters) - {"self", "args", "named"}
    assert not words & {f.name for kind in Kind for f in fields_of(kind)}
