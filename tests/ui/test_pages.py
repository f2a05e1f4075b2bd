"""Every page and dialog on the sample visit: in both languages, with a name on every control, uncut, and by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from assessor_app import i18n
from assessor_app.ui.context import AppContext
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.interviews import InterviewsPage
from assessor_app.ui.pages.names import PAGES
from assessor_app.ui.pages.scoring import ScoringPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.basics import Scroller
from tests.ui.conftest import pressed, settle
from tests.ui.screenshots import dialogs

CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QTabWidget)


def nameless(root: QWidget) -> list[str]:
    """Return the controls that a screen reader could not name."""
    out = []
    for widget in root.findChildren(QWidget):
        if not isinstance(widget, CONTROLS) or not widget.isVisible() or widget.objectName().startswith("qt_"):
            continue
        if isinstance(widget.parent(), (QAbstractSpinBox, QComboBox)):
            continue
        interface = QAccessible.queryAccessibleInterface(widget)
        if interface is not None and not interface.text(QAccessible.Text.Name).strip():
            out.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    return out


def cut(root: QWidget) -> list[str]:
    """Return the scrolled columns whose contents are wider than what is seen."""
    return [area.accessibleName() for area in root.findChildren(Scroller)
            if area.isVisible() and area.widget().minimumSizeHint().width() > area.viewport().width()]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_page_in_every_language(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView, language: str) -> None:
    context.settings.language = language
    context.settings_changed.emit()
    settle(qtbot, context)
    assert window.workspace is not None
    assert window.workspace.view is not None
    assert nameless(window) == []
    for number, code in enumerate(PAGES, 1):
        qtbot.keyClick(window, Qt.Key(int(Qt.Key.Key_0) + number), Qt.KeyboardModifier.AltModifier)
        window.workspace.view.show_page(code)
        settle(qtbot, context)
        assert nameless(window) == []
    assert not [said for said in context.notify.history if said.tone == "bad"]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_nothing_is_cut_at_150_per_cent(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView, language: str) -> None:
    context.settings.language, context.settings.text_scale, context.settings.theme = language, 150, "light"
    context.settings_changed.emit()
    window.resize(1280, 720)
    settle(qtbot, context)
    assert window.workspace is not None
    assert window.workspace.view is not None
    for code in PAGES:
        window.workspace.view.show_page(code)
        settle(qtbot, context)
        assert window.minimumSizeHint().width() <= 1280, code
        assert window.minimumSizeHint().height() <= 720, code
        assert cut(window) == []
    for part in ("survey:", "panel:", "sheet:"):
        window.workspace.view.show_page("scoring", part)
        settle(qtbot, context)
        assert nameless(window) == [], part
        assert cut(window) == [], part
    scoring = window.workspace.view.page_widget("scoring")
    assert isinstance(scoring, ScoringPage)
    for change in (scoring.form.as_list.click, scoring.form.as_list.click, scoring._toggle_evidence):
        change()
        settle(qtbot, context)
        assert window.minimumSizeHint().width() <= 1280
        assert window.minimumSizeHint().height() <= 720
        assert nameless(window) == []
        assert cut(window) == []
    context.theme.apply("light", 100)


def test_every_dialog_has_names(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView) -> None:
    for name, dialog in dialogs(window).items():
        dialog.show()
        settle(qtbot, context)
        assert nameless(dialog) == [], name
        assert cut(dialog) == [], name
        dialog.close()


def test_alt_and_a_digit_give_the_page_the_keyboard(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView) -> None:
    for number, code in enumerate(PAGES, 1):
        focus = pressed(qtbot, context, window, number)
        page = view.page_widget(code)
        assert view.page == code
        assert focus is not None
        assert page.isAncestorOf(focus), code


def test_a_new_note_begins_in_its_title(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView) -> None:
    view.show_page("interviews")
    settle(qtbot, context)
    page = view.page_widget("interviews")
    assert isinstance(page, InterviewsPage)
    before = page.list.count()
    qtbot.mouseClick(page.new, Qt.MouseButton.LeftButton)
    settle(qtbot, context)
    qtbot.mouseClick(page.new, Qt.MouseButton.LeftButton)
    settle(qtbot, context)
    assert window.focusWidget() is page.title
    assert page.list.count() == before + 1  # a double click begins one
