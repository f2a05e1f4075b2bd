"""Names without blanks, as long as somebody may type or paste them: neither the window nor a dialog grows beyond the screen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from assessor_app.models import regions
from assessor_app.models.books import Book
from assessor_app.models.evaluations import Finding
from assessor_app.models.interviews import Interview
from assessor_app.models.plans import Action, Plan, Programme
from assessor_app.models.visits import Person, Visit
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.courier import CourierDialog
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.names import PAGES
from assessor_app.ui.theme import Theme
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.basics import button, label, set_chip
from assessor_app.ui.widgets.beside import BOOKS, PROGRAMMES
from assessor_app.workflow.accounts import Account
from tests.factories import write
from tests.ui.conftest import built_anew, settle

NAME = "W" * 300
FAMILY = "👩\u200d🏫é" * 20
_NAMED = {Person: ("name", "occupation", "office", "agency", "label", "title_after"), Visit: ("place",),
          Interview: ("title", "place"), Programme: ("name", "agency", "target"), Book: ("title",), Plan: ("title",),
          Finding: ("body",), Action: ("body", "agency")}


@pytest.fixture
def named(sample_account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give everything in the sample that bears a name a name without blanks, the region of the visit too."""
    found = regions.region

    def renamed(code: str) -> regions.Region | None:
        return replace(there, name=NAME, province=NAME) if (there := found(code)) is not None else None

    monkeypatch.setattr(regions, "region", renamed)
    for entity, fields in _NAMED.items():
        with sample_account.reading() as session:
            records = [row.id for row in session.query(entity)]  # type: ignore[attr-defined]
        for record in records[:12]:
            write(sample_account, entity, record, **dict.fromkeys(fields, NAME))


@pytest.mark.parametrize("scale", [100, 150])
def test_no_page_grows_beyond_the_screen(
        qtbot: QtBot, view: VisitView, context: AppContext, window: MainWindow, named: None, scale: int) -> None:
    context.settings.text_scale = scale
    built_anew(qtbot, window, context, "overview")
    window.resize(1366, 768)
    wide = {}
    for code in PAGES:
        assert window.workspace is not None
        assert window.workspace.view is not None
        window.workspace.view.show_page(code)
        settle(qtbot, context)
        page = window.workspace.view.page_widget(code)
        wide[code] = window.minimumSizeHint().width()
        for what in (BOOKS, PROGRAMMES) if code == "interviews" else ():
            page.show_beside(what)  # type: ignore[attr-defined]
            settle(qtbot, context)
            part = page.beside.parts[what]  # type: ignore[attr-defined]
            if what == PROGRAMMES:
                part.list.setCurrentRow(0)
                settle(qtbot, context)
            wide[f"{code} {what}"] = window.minimumSizeHint().width()
        parts = page.parts if code == "plan" else None  # type: ignore[attr-defined]
        for at in range(parts.count() if parts is not None else 0):
            parts.setCurrentIndex(at)
            settle(qtbot, context)
            wide[f"{code} {parts.tabText(at)}"] = window.minimumSizeHint().width()
    context.notify.warn(NAME, NAME)
    settle(qtbot, context)
    wide["message"] = window.minimumSizeHint().width()
    assert {what: width for what, width in wide.items() if width > 1366} == {}
    assert window.width() == 1366


def test_a_courier_file_for_an_office_with_a_long_name_keeps_its_buttons(qtbot: QtBot, context: AppContext, account: Account) -> None:
    dialog = CourierDialog(context, None)
    qtbot.addWidget(dialog)
    dialog.show()
    before = dialog.minimumSizeHint().width()
    dialog._say(f"Dapat dibuka oleh: Kantor {NAME}.")
    settle(qtbot, context)
    assert dialog.minimumSizeHint().width() == before
    assert dialog.told.sizeHint().width() < 1000
    assert dialog.told.height() > 3 * dialog.told.fontMetrics().height()  # the whole name stands there, over several lines


def test_a_broken_word_reads_and_copies_as_it_was_typed(qtbot: QtBot, theme: Theme) -> None:
    shown = label(f"Mama {NAME} {FAMILY} singkat")
    qtbot.addWidget(shown)
    shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByKeyboard | Qt.TextInteractionFlag.TextSelectableByMouse)
    shown.resize(200, 2000)
    shown.show()
    assert shown.minimumSizeHint().width() < 200
    assert shown.text() == f"Mama {NAME} {FAMILY} singkat"
    interface = QAccessible.queryAccessibleInterface(shown)
    assert interface is not None
    assert interface.text(QAccessible.Text.Name) == shown.text()
    shown.setFocus()
    qtbot.keyClick(shown, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(shown, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == shown.text()
    shown.setText("pendek")
    assert interface.text(QAccessible.Text.Name) == "pendek"


def test_one_line_a_chip_and_a_button_are_elided(qtbot: QtBot, theme: Theme) -> None:
    place = QWidget()
    qtbot.addWidget(place)
    column = QVBoxLayout(place)
    line, chip, act = label(NAME, "title", wrap=False), label("", "chip"), button(theme, NAME, icon="check")
    for one in (line, chip, act):
        column.addWidget(one)
    set_chip(chip, NAME)
    place.resize(700, 200)
    place.show()
    assert place.width() == 700
    assert place.minimumSizeHint().width() <= 700
    assert line.elided
    assert chip.elided
    assert act.elided
    assert act.toolTip() == line.toolTip() == chip.toolTip() == NAME
    line.setText("Kouh")
    assert (line.elided, line.toolTip()) == (False, "")
    line.setText(NAME)
    assert act.text() == line.text() == chip.text() == NAME
    short = button(theme, "Pakai nama ini", icon="check")
    column.addWidget(short, 0, Qt.AlignmentFlag.AlignLeft)
    qtbot.waitUntil(lambda: short.width() == short.sizeHint().width())
    assert (short.elided, short.toolTip()) == (False, "")
    place.grab()
