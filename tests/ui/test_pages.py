"""Every page and dialog on the sample visit: in both languages, with a name on every control, uncut, and by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QTextCursor
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
from sqlalchemy import select

from assessor_app import i18n, ids, paths
from assessor_app.identity.attempts import TooManyAttempts
from assessor_app.models.documents import Difference, Document, Revision
from assessor_app.models.evaluations import Answer
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit
from assessor_app.models.plans import Programme
from assessor_app.models.visits import Visit
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs import files
from assessor_app.ui.dialogs.differences import DifferencesDialog
from assessor_app.ui.dialogs.import_sheet import ImportDialog
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.models.rows import RowRole
from assessor_app.ui.pages.documents import DocumentsPage
from assessor_app.ui.pages.interviews import InterviewsPage
from assessor_app.ui.pages.master_plan import MasterPlanPage
from assessor_app.ui.pages.names import PAGES
from assessor_app.ui.pages.scoring import ScoringPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.basics import Scroller
from assessor_app.ui.widgets.editors import Choice
from assessor_app.workflow import plan_import
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.queries.documents import DocumentRow
from assessor_app.workflow.visiting import create_visit
from tests.ui.conftest import settle
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


def test_a_programme_is_edited_in_place(qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account) -> None:
    view.show_page("plan")
    settle(qtbot, context)
    page = view.page_widget("plan")
    assert isinstance(page, MasterPlanPage)
    assert page.model.rowCount() == 60
    record = page.model.rows[0].id
    index = page.model.find(record).siblingAtColumn(8)
    assert page.model.setData(index, "1,5 juta")
    settle(qtbot, context)
    with sample_account.reading() as session:
        row = session.get(Programme, record)
        assert row is not None
        assert row.budget == 1_500_000
    assert page.model.data(page.model.find(record).siblingAtColumn(8)) == "Rp 1.500.000"
    page.model.setData(index, "banyak")
    said = context.notify.last()
    assert said is not None
    assert "banyak" in said.title
    page.filter.dimension.set("living")
    page.full.refilter()
    assert page.model.rowCount() == sum(row.dimension == "living" for row in page.model.rows)


def test_a_note_is_typed_and_kept(qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account) -> None:
    view.show_page("interviews")
    settle(qtbot, context)
    page = view.page_widget("interviews")
    assert isinstance(page, InterviewsPage)
    count = page.list.count()
    page.new.click()
    settle(qtbot, context)
    assert page.list.count() == count + 1
    qtbot.keyClicks(page.title, "Kepala kampung")
    nasty = "<b>tebal</b> & <img src=x> 😀 عربي"
    page.body.setPlainText(nasty)
    settle(qtbot, context)
    qtbot.waitUntil(lambda: not page.body_saver.dirty and context.tasks.idle, timeout=2000)
    settle(qtbot, context)
    with sample_account.reading() as session:
        row = session.get(Interview, page._current)
        assert row is not None
        assert (row.title, row.body) == ("Kepala kampung", nasty)
    assert any("Kepala kampung" in page.list.item(at).text() for at in range(page.list.count()))


def test_a_note_without_consent_says_that_it_stays(qtbot: QtBot, context: AppContext, view: VisitView) -> None:
    view.show_page("interviews")
    settle(qtbot, context)
    page = view.page_widget("interviews")
    assert isinstance(page, InterviewsPage)
    assert "Tetap di perangkat ini" in page.ground.text()


def test_minutes_are_signed_with_the_pin(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView,
                                         sample_account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    from assessor_app.ui.dialogs import sign

    view.show_page("documents")
    settle(qtbot, context)
    page = view.page_widget("documents")
    assert isinstance(page, DocumentsPage)
    qtbot.waitUntil(lambda: page.preview.page_count > 0, timeout=20_000)
    pins = iter(["1111", "2468"])

    def typed(dialog: sign.PinDialog) -> int:
        dialog.show()
        for pin in pins:
            dialog.pin.setText(pin)
            dialog._accept()
            settle(qtbot, context)
            if pin == "1111":
                assert "PIN" in dialog.field.hint.text()
                dialog._failed(TooManyAttempts(30))
                assert "30" in dialog.field.hint.text()
                assert "pemulihan" not in dialog.field.hint.text()
                qtbot.waitUntil(lambda: dialog.field.hint.height() >= dialog.field.hint.heightForWidth(dialog.field.hint.width()))
                qtbot.waitUntil(lambda: not dialog.scroller.verticalScrollBar().isVisible())
        return dialog.result()

    monkeypatch.setattr(sign.SignOptions, "exec", lambda self: 1)
    monkeypatch.setattr(sign.PinDialog, "exec", typed)
    page.sign.click()
    settle(qtbot, context)
    qtbot.waitUntil(lambda: page._row() is not None, timeout=20_000)
    with sample_account.reading() as session:
        document = session.scalar(select(Document))
        assert document is not None
        assert document.state == "signed"
        assert session.scalar(select(Revision.type)) == "signed"
    assert "Ditandatangani" in page.state.text()
    assert "Ditandatangani" in view.chip.text()
    assert window.workspace is not None
    assert window.workspace.side.model.index(0).data(RowRole).state == "signed"
    assert not page.sign.isVisible()


def test_search_leads_to_the_note(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView) -> None:
    assert window.workspace is not None
    window.workspace.focus_search()
    qtbot.keyClicks(window.workspace.side.search, "sagu")
    found = window.workspace.search
    qtbot.waitUntil(lambda: found.list.count() > 0, timeout=3000)
    found._on_activated(found.list.item(0))
    settle(qtbot, context)
    assert window.workspace.view is not None
    assert window.workspace.view.page in PAGES
    assert window.workspace.side.search.text() == ""


def test_the_last_change_is_taken_back(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView,
                                       sample_account: Account) -> None:
    from assessor_app.models.kinds import Kind
    from assessor_app.workflow.editing import edit

    context.tasks.write(edit, Kind.VISIT, view.visit.id, place="Salah", purpose="visit.edit")
    settle(qtbot, context)
    assert window.actions_ is not None
    window.actions_.undo()
    settle(qtbot, context)
    with sample_account.reading() as session:
        row = session.get(Visit, view.visit.id)
        assert row is not None
        assert row.place == "Tanah Merah dan Kouh"


def test_what_a_sync_brings_reaches_the_open_note(qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account) -> None:
    view.show_page("interviews")
    settle(qtbot, context)
    page = view.page_widget("interviews")
    assert isinstance(page, InterviewsPage)
    page.body.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(page.body, " Ditambah di sini.")
    note, before = page._current, page.body.toPlainText()
    page.body_saver.flush()
    settle(qtbot, context)

    def arrive(unit: Unit) -> None:
        unit.get(Interview, note).body = "Dari rekan.\n" + before

    sample_account.writer.run(arrive, purpose="sync.apply", origin="sync")
    qtbot.waitUntil(lambda: page.body.toPlainText() == "Dari rekan.\n" + before, timeout=3000)
    assert page.body.textCursor().position() == len("Dari rekan.\n" + before)


def test_a_difference_is_settled_with_a_third_value(qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account) -> None:
    def differ(unit: Unit) -> str:
        visit = unit.get(Visit, view.visit.id)
        return unit.add(Difference(
            id=ids.natural_id("difference", visit.id, "place"), scope=visit.scope, record_kind="visit", record=visit.id, field="place",
            version_a="a.1.0", version_b="b.1.0", value_a='"Tanah Merah di hulu"', value_b='"Tanah Merah di hilir"', by_a=unit.author,
            by_b="lain", at_a=1_720_000_000_000, at_b=1_720_000_100_000, state="open")).id

    record = sample_account.writer.run(differ, purpose="sync.apply", origin="sync")
    dialog = DifferencesDialog(context)
    qtbot.addWidget(dialog)
    dialog.show()
    settle(qtbot, context)
    assert dialog.list.count() == 1
    assert "hulu" in dialog.a.text.toPlainText()
    assert "hilir" in dialog.b.text.toPlainText()
    dialog.third.setPlainText("Tanah Merah")
    dialog.take_third.click()
    settle(qtbot, context)
    with sample_account.reading() as session:
        difference, visit = session.get(Difference, record), session.get(Visit, view.visit.id)
        assert difference is not None
        assert visit is not None
        assert (difference.state, visit.place) == ("settled", "Tanah Merah")
    assert dialog.list.count() == 0


def test_a_photo_that_is_none_is_said_and_the_note_lives(qtbot: QtBot, context: AppContext, view: VisitView, tmp_path: Path) -> None:
    view.show_page("interviews")
    settle(qtbot, context)
    page = view.page_widget("interviews")
    assert isinstance(page, InterviewsPage)
    good = next((paths.resources() / "sample").glob("01-*.jpg"))
    bad = tmp_path / "bukan.jpg"
    bad.write_bytes(b"bukan foto")
    files.chosen.extend([good, bad])
    page.photos.add.click()
    settle(qtbot, context)
    settle(qtbot, context)
    assert len(page.photos._tiles) == 1
    said = context.notify.last()
    assert said is not None
    assert "bukan.jpg" in said.faults[0]


def test_the_dialog_shows_what_a_sheet_is_taken_for(qtbot: QtBot, context: AppContext, view: VisitView) -> None:
    sheet = paths.resources() / "sample" / "rencana-induk-boven-digoel.xlsx"
    dialog = ImportDialog(context, plan_import.propose(sheet.read_bytes(), sheet.name))
    qtbot.addWidget(dialog)
    assert len(dialog.proposal.rows) == 60
    at = next(n for n, c in enumerate(dialog.proposal.sheets[0].columns) if c.field == "name")
    choice = dialog.tables[0].cellWidget(at, 1)
    assert isinstance(choice, Choice)
    choice.set("")
    choice.chosen.emit("")
    assert len(dialog.proposal.rows) == 0
    assert not dialog.ok.isEnabled()


def pressed(qtbot: QtBot, context: AppContext, window: MainWindow, number: int) -> QWidget | None:
    """Do what Alt and a digit do, with the focus in the search; return what has the focus afterwards."""
    assert window.workspace is not None
    assert window.actions_ is not None
    window.workspace.focus_search()
    window.actions_.show_page(PAGES[number - 1])
    settle(qtbot, context)
    return window.focusWidget()


def test_alt_and_a_digit_give_the_page_the_keyboard(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView) -> None:
    for number, code in enumerate(PAGES, 1):
        focus = pressed(qtbot, context, window, number)
        page = view.page_widget(code)
        assert view.page == code
        assert focus is not None
        assert page.isAncestorOf(focus), code


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


def test_a_copy_into_a_folder_that_is_gone_is_said(qtbot: QtBot, context: AppContext, view: VisitView, tmp_path: Path,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    view.show_page("documents")
    settle(qtbot, context)
    page = view.page_widget("documents")
    assert isinstance(page, DocumentsPage)
    row = DocumentRow("d", "minutes", "", "", "signed", "id", 0, True, 0, ())
    monkeypatch.setattr(page, "_row", lambda: row)
    context.notify.answers.append(True)
    files.chosen.append(tmp_path / "tidak ada" / "salinan.pdf")
    page._save()
    settle(qtbot, context)
    said = context.notify.last()
    assert said is not None
    assert "Salinan" in said.title
    assert said.kept
