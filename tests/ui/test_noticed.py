"""What a person noticed by hand in the window: what moved, was cut, lost the keyboard or was left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from assessor_app import i18n
from assessor_app.ui import sample
from assessor_app.ui.context import AppContext
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.models.rows import RowRole
from assessor_app.ui.models.visits import fitting, third_lines
from assessor_app.ui.pages import overview
from assessor_app.ui.pages.interviews import InterviewsPage
from assessor_app.ui.pages.master_plan import MasterPlanPage
from assessor_app.ui.pages.scoring import ScoringPage
from assessor_app.ui.pages.unlock import Unlock
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow.accounts import Account
from tests.ui.conftest import settle


def test_a_message_does_not_move_the_page(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView) -> None:
    def places() -> list[QPoint]:
        return [part.mapTo(window, QPoint(0, 0)) for part in (view.tabs, view.chip, view.page_widget(view.page))]

    before = places()
    context.notify.warn("Sinkronisasi selesai, tetapi tidak semuanya diterima.", "4 perubahan ditolak. " * 12)
    assert window.workspace is not None
    qtbot.waitUntil(lambda: window.workspace is not None and window.workspace.banner.isVisible())
    settle(qtbot, context)
    assert places() == before
    assert window.workspace.banner.geometry().bottom() <= window.workspace.height()


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_what_is_not_sent_is_said_in_a_narrow_list(view: VisitView, window: MainWindow, context: AppContext, language: str) -> None:
    i18n.set_language(language)
    assert window.workspace is not None
    row = window.workspace.side.model.index(0).data(RowRole)
    metrics = QFontMetrics(context.theme.font(0.9))
    for state in ("draft", "signed", "cosigned", "stored"):
        for waiting in (1, 12, 1234):
            lines = third_lines(replace(row, state=state, waiting=waiting))
            for width in (context.theme.em(7), context.theme.em(13)):
                line = fitting(lines, metrics, width)
                assert str(waiting) in line
                assert metrics.horizontalAdvance(line) <= width


def test_the_arrow_of_the_order_stands_beside_the_title(qtbot: QtBot, context: AppContext, view: VisitView) -> None:
    view.show_page("plan")
    settle(qtbot, context)
    page = view.page_widget("plan")
    assert isinstance(page, MasterPlanPage)
    metrics = QFontMetrics(context.theme.font(bold=True))
    for at, column in enumerate(page.model.columns):
        assert page.table.columnWidth(at) >= metrics.horizontalAdvance(column.title) + context.theme.em(1), column.title
        alignment = page.model.headerData(at, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        assert alignment & Qt.AlignmentFlag.AlignLeft


def test_one_photo_is_one_photo() -> None:
    from types import SimpleNamespace

    i18n.set_language("en")
    assert overview._interviews(SimpleNamespace(interviews=1, photos=1, withheld=0)) == "1 note, 1 photo"  # type: ignore[arg-type]
    assert overview._interviews(SimpleNamespace(interviews=2, photos=0, withheld=0)) == "2 notes, 0 photos"  # type: ignore[arg-type]


def test_scoring_goes_on_from_a_score_to_the_next_question(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView) -> None:
    view.show_page("scoring")
    settle(qtbot, context)
    page = view.page_widget("scoring")
    assert isinstance(page, ScoringPage)
    instrument = page._instrument
    assert instrument is not None
    page.tree.choose(instrument.questions()[0].id)
    page.card.buttons[1].setFocus()
    for question in instrument.questions()[1:]:
        focused = window.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
        focused = window.focusWidget()  # before the event loop runs: a fast typist does not wait
        assert focused is not None
        qtbot.keyClick(focused, "2")
        QApplication.processEvents()
        assert page.tree.current() == question.id
        assert page._score(question.id) == "2"
        assert page.isAncestorOf(window.focusWidget())
    assert window.workspace is not None
    assert window.workspace.side.search.text() == ""


def test_why_a_note_stays_is_read_in_one_line_where_there_is_room(qtbot: QtBot, context: AppContext, view: VisitView) -> None:
    view.show_page("interviews")
    settle(qtbot, context)
    page = view.page_widget("interviews")
    assert isinstance(page, InterviewsPage)
    page.new_note()
    settle(qtbot, context)
    assert "Tetap di perangkat ini" in page.ground.text()
    assert page.ground.height() < 2 * page.ground.fontMetrics().height()


def test_a_locked_window_does_not_tell_the_region(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView,
                                                  sample_account: Account) -> None:
    assert "Boven Digoel" in window.windowTitle()
    window.lock()
    assert "Boven Digoel" not in window.windowTitle()
    page = window.stack.currentWidget()
    assert isinstance(page, Unlock)
    offered = []
    for _ in range(3):
        offered.append(page.other.text())
        page.other.click()
    assert offered == ["Buka dengan frasa sandi", "Buka dengan kode pemulihan", "Buka dengan PIN"]


def test_a_restored_account_is_told_from_the_other(qtbot: QtBot, context: AppContext, tmp_path: Path) -> None:
    from assessor_app.workflow.cards import AccountCard

    cards = [AccountCard(tmp_path / name, "Budi", "Politeknik", True, False) for name in ("abc", "restored-20261124-005800")]
    page = Unlock(context, cards)
    qtbot.addWidget(page)
    texts = [page.list.item(at).text() for at in range(2)]
    assert texts == ["Budi\nPoliteknik", "Budi\nPoliteknik · dipulihkan pada 24 November 2026"]


def test_samples_of_killed_programs_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for name in (f"asesor-sample-{gone.pid}-a", "asesor-sample-older", f"asesor-sample-{os.getpid()}-b", "asesor-else"):
        (tmp_path / name / "account").mkdir(parents=True)
    sample.sweep()
    assert sorted(place.name for place in tmp_path.iterdir()) == sorted([f"asesor-sample-{os.getpid()}-b", "asesor-else"])
