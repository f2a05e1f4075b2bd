"""The programmes at the largest text on a small screen, with a message below: the table keeps rows to work in."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from assessor_app import i18n
from assessor_app.ui.context import AppContext
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.master_plan import MasterPlanPage
from assessor_app.ui.visit_view import VisitView
from tests.ui.conftest import built_anew, settle


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_two_rows_stand_over_a_message_and_a_warning(
        qtbot: QtBot, view: VisitView, context: AppContext, window: MainWindow, language: str) -> None:
    context.settings.text_scale, context.settings.language = 150, language
    page = built_anew(qtbot, window, context, "plan")
    assert isinstance(page, MasterPlanPage)
    context.notify.warn("“banyak” bukan jumlah rupiah yang dapat dibaca.", "Sel itu tetap seperti semula.")
    window.resize(1366, 768)
    settle(qtbot, context)
    assert (window.width(), window.height()) == (1366, 768)
    assert window.minimumSizeHint().height() <= 730  # other fonts are taller
    assert page.full.totals.isVisible()
    assert page.table.viewport().height() >= 2 * page.table.rowHeight(0)
    warned = next(row.id for row in page.model.shown if page.full._warnings_of(row))
    page.full.choose(warned)
    settle(qtbot, context)
    assert page.warnings.isVisible()
    assert page.table.viewport().height() >= 2 * page.table.rowHeight(0)
    assert page.filter.finder.isVisible()
    assert page.filter.height() < 2 * page.filter.dimension.height()  # one line
    assert page.filter.finder.y() < page.filter.dimension.height()  # beside the tools, on their line
