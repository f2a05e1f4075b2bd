"""Amounts of money in the programmes' table: what cannot be one is refused where it is entered, and nothing waits to be saved."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from assessor_app.ui.context import AppContext
from assessor_app.ui.pages.master_plan import MasterPlanPage
from tests.ui.conftest import settle
from tests.ui.test_programmes import editor_of, go, paste


@pytest.fixture
def page(plan_page: MasterPlanPage) -> MasterPlanPage:
    return plan_page


@pytest.mark.parametrize("field", ["budget", "budget:2024"])
def test_an_amount_beyond_all_measure_is_refused_where_it_is_typed(qtbot: QtBot, page: MasterPlanPage, context: AppContext,
                                                                  field: str) -> None:
    page.full.sets.set("budgets")
    page.full.sets.chosen.emit("budgets")
    go(page, 0, field)
    before = page.model.shown[0]
    qtbot.keyClicks(page.table, "9")
    editor = editor_of(page, QLineEdit)
    editor.setText("9" * 26)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    settle(qtbot, context)
    said = context.notify.last()
    assert said is not None
    assert "bukan jumlah uang" in said.title
    assert page.model.shown[0] == before
    assert not context.unsaved.any()
    go(page, 0, field)
    paste(qtbot, page, "9" * 26)
    settle(qtbot, context)
    said = context.notify.last()
    assert said is not None
    assert "bukan jumlah uang" in said.faults[0]
    assert page.model.shown[0] == before
    assert not context.unsaved.any()
