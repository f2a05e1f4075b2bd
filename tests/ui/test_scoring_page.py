"""Scoring in the window: by digits, only what is open, from the first question on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from assessor_app.models.evaluations import Answer
from assessor_app.ui.context import AppContext
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.scoring import ScoringPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.visiting import create_visit
from tests.ui.conftest import pressed, settle


def test_scoring_by_digits(qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account) -> None:
    view.show_page("scoring")
    settle(qtbot, context)
    page = view.page_widget("scoring")
    assert isinstance(page, ScoringPage)
    question = page.tree.current()
    assert page.card.question is not None
    assert page.card.question.id == question
    before = page.bar.index.text()
    qtbot.keyClick(page.tree, Qt.Key.Key_0)
    assert page.bar.index.text() != before
    settle(qtbot, context)
    with sample_account.reading() as session:
        assert session.scalar(select(Answer.score).where(Answer.question == question)) == "0"
    qtbot.keyClick(page.tree, Qt.Key.Key_Delete)
    settle(qtbot, context)
    assert page.bar.chip.text() == "Sementara"
    qtbot.keyClick(page.card, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert page.tree.current() != question
    qtbot.keyClick(page.card, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(page.tree, "-")
    page.card.reason.clear()
    qtbot.keyClicks(page.card.reason, "Tidak ada jaringan 4")
    page.card.flush()
    settle(qtbot, context)
    with sample_account.reading() as session:
        row = session.scalar(select(Answer).where(Answer.question == question))
        assert row is not None
        assert (row.score, row.reason) == ("-", "Tidak ada jaringan 4")


def test_only_what_is_open(qtbot: QtBot, context: AppContext, view: VisitView) -> None:
    view.show_page("scoring")
    settle(qtbot, context)
    page = view.page_widget("scoring")
    assert isinstance(page, ScoringPage)
    first = page.tree.current()
    page.tree.step(1)
    qtbot.keyClick(page.tree, Qt.Key.Key_Delete)
    opened = page.tree.current()
    page.only_open.setChecked(True)
    assert page.tree._is_hidden(first)
    assert not page.tree._is_hidden(opened)


def test_scoring_begins_at_the_first_question(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView,
                                              sample_account: Account) -> None:
    made = sample_account.writer.run(lambda unit: create_visit(unit, "93.01"), purpose="visit.create")
    assert window.workspace is not None
    space = window.workspace
    qtbot.waitUntil(lambda: made in space._rows, timeout=3000)
    window.workspace.open_visit(made)
    settle(qtbot, context)
    assert window.workspace.view is not None
    page = window.workspace.view.page_widget("scoring")
    assert isinstance(page, ScoringPage)
    assert pressed(qtbot, context, window, 4) is page.instrument_choice
    page.begin.click()
    settle(qtbot, context)
    assert window.focusWidget() is page.card.buttons[0]
    assert page._instrument is not None
    qtbot.keyClick(page.card.buttons[0], Qt.Key.Key_3)
    first = page._instrument.questions()[0].id
    assert page._score(first) == "3"
    marks = [score.text() for question, (_, score) in page.tree._items.items() if question == first]
    assert marks == ["3"]
    assert any(score.text() == "○" for _, score in page.tree._items.values())
