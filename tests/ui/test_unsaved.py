"""What cannot be written stands on the screen, is said once, is tried again by itself, and is never lost without a question."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from assessor_app.models.database import connect
from assessor_app.models.evaluations import Answer, Finding
from assessor_app.models.interviews import Interview
from assessor_app.models.visits import Visit
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.backups import BackupDialog
from assessor_app.ui.dialogs.person import PersonDialog
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.interviews import InterviewsPage
from assessor_app.ui.pages.master_plan import MasterPlanPage
from assessor_app.ui.pages.overview import OverviewPage
from assessor_app.ui.pages.page import Page
from assessor_app.ui.pages.scoring import ScoringPage
from assessor_app.ui.pages.unlock import Unlock
from assessor_app.ui.said import Message
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.status import StatusBar
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.queries.people import people_of
from tests.factories import make_visit, write
from tests.ui.conftest import settle

UNSAVED = "Yang Anda isi belum tersimpan."


class Disk:
    """The disk of a notebook, which can be full: its journal takes nothing then, and every write fails at its end."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def fill(self) -> None:
        """Let nothing more be written."""
        for act in ("INSERT", "UPDATE"):
            self._run(f"CREATE TEMP TRIGGER full_{act} BEFORE {act} ON main.intent "
                      "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END")

    def free(self) -> None:
        """Let everything be written again."""
        for act in ("INSERT", "UPDATE"):
            self._run(f"DROP TRIGGER full_{act}")

    def _run(self, statement: str) -> None:
        self.account.writer.run(lambda unit: unit.session.connection().exec_driver_sql(statement) and None, purpose="test")


@pytest.fixture
def disk(sample_account: Account) -> Disk:
    return Disk(sample_account)


def shown(qtbot: QtBot, context: AppContext, view: VisitView, name: str) -> Page:
    view.show_page(name)
    settle(qtbot, context)
    page = view.page_widget(name)
    assert isinstance(page, Page)
    return page


@pytest.fixture
def notes(qtbot: QtBot, context: AppContext, view: VisitView) -> InterviewsPage:
    page = shown(qtbot, context, view, "interviews")
    assert isinstance(page, InterviewsPage)
    return page


def said(context: AppContext) -> list[Message]:
    """Return how often, and how, it was said that something is not saved."""
    return [message for message in context.notify.history if message.title == UNSAVED]


def body(account: Account, note: str) -> str:
    with account.reading() as session:
        return str(session.get_one(Interview, note).body)


def bar(window: MainWindow) -> StatusBar:
    found = window.statusBar()
    assert isinstance(found, StatusBar)
    return found


def test_the_window_does_not_close_over_a_text_that_is_not_on_the_disk(
        qtbot: QtBot, window: MainWindow, context: AppContext, notes: InterviewsPage, disk: Disk) -> None:
    note = notes._current
    disk.fill()
    notes.body.setPlainText("Kata terakhir.")
    assert not context.flush()
    context.notify.answers.append(False)
    assert not window.close()
    asked = context.notify.last()
    assert asked is not None
    assert "tidak dapat disimpan" in asked.title
    assert context.unlocked
    assert notes.body.toPlainText() == "Kata terakhir."
    disk.free()
    assert context.flush()
    assert body(context.account, note) == "Kata terakhir."


def test_a_failed_write_is_said_once_and_made_good_by_itself(
        qtbot: QtBot, window: MainWindow, context: AppContext, notes: InterviewsPage, disk: Disk) -> None:
    note = notes._current
    disk.fill()
    for text in ("satu", "satu dua", "satu dua tiga"):
        notes.body.setPlainText(text)
        context.flush()
    notes.title.setText("Judul baru")
    context.flush()
    assert len(said(context)) == 1
    assert "Disk penuh" in said(context)[0].text
    assert said(context)[0].action == "Simpan lagi"
    assert bar(window).saved.text() == "Belum tersimpan: disk penuh"
    assert bar(window).again.isVisible()
    disk.free()
    context.unsaved.due.emit()  # the time to try again
    settle(qtbot, context)
    assert body(context.account, note) == "satu dua tiga"
    assert not context.unsaved.any()
    assert bar(window).saved.text().startswith("Tersimpan pukul ")
    assert not bar(window).again.isVisible()
    last = context.notify.last()
    assert last is not None
    assert "sudah tersimpan" in last.title


def test_who_asks_to_save_again_is_told_how_it_ended(
        qtbot: QtBot, window: MainWindow, context: AppContext, notes: InterviewsPage, disk: Disk) -> None:
    note = notes._current
    disk.fill()
    notes.body.setPlainText("Tetap ada")
    context.flush()
    bar(window).again.click()
    settle(qtbot, context)
    assert len(said(context)) == 2
    disk.free()
    bar(window).again.click()
    settle(qtbot, context)
    assert body(context.account, note) == "Tetap ada"


def test_a_failing_text_is_tried_again_without_anybody_doing_anything(
        qtbot: QtBot, context: AppContext, notes: InterviewsPage, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    note = notes._current
    context.unsaved._timer.setInterval(20)
    monkeypatch.setattr("assessor_app.ui.unsaved.RETRY_MS", 20)
    disk.fill()
    notes.body.setPlainText("Sendiri")
    context.flush()
    disk.free()
    qtbot.waitUntil(lambda: body(context.account, note) == "Sendiri", timeout=5000)


def test_another_note_does_not_take_the_place_of_unsaved_words(
        qtbot: QtBot, context: AppContext, notes: InterviewsPage, disk: Disk) -> None:
    notes.new_note()
    settle(qtbot, context)
    first = notes._current
    other = next(str(notes.list.item(at).data(256)) for at in range(notes.list.count()) if notes.list.item(at).data(256) != first)
    disk.fill()
    notes.body.setPlainText("Ditulis saat penuh.")
    notes.open_record(other)
    settle(qtbot, context)
    assert notes.body.toPlainText() != "Ditulis saat penuh."
    before = notes.body.toPlainText()
    notes.open_record(first)
    settle(qtbot, context)
    assert notes.body.toPlainText() == "Ditulis saat penuh."
    notes.open_record(other)
    settle(qtbot, context)
    disk.free()
    context.save_again()
    settle(qtbot, context)
    assert body(context.account, first) == "Ditulis saat penuh."
    assert body(context.account, other) == before


def test_another_visit_does_not_either(
        qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView, sample_account: Account, disk: Disk) -> None:
    page = shown(qtbot, context, view, "overview")
    assert isinstance(page, OverviewPage)
    other = make_visit(sample_account, "11.72")
    settle(qtbot, context)
    disk.fill()
    qtbot.keyClicks(page._texts["place"]._widget, "Balai desa ")
    typed = page._texts["place"]._widget.text_now()
    page.stage.chosen.emit("bimtek_2")
    assert window.workspace is not None
    window.workspace.open_visit(other)
    settle(qtbot, context)
    assert len(said(context)) == 1
    window.workspace.open_visit(view.visit.id)
    settle(qtbot, context)
    assert window.workspace.view is not None
    again = window.workspace.view.page_widget("overview")
    assert isinstance(again, OverviewPage)
    assert again._texts["place"]._widget.text_now() == typed
    assert again.stage.code() == "bimtek_2"
    disk.free()
    assert context.flush()
    with sample_account.reading() as session:
        found = session.get_one(Visit, view.visit.id)
        assert (found.place, found.stage) == (typed, "bimtek_2")


def test_what_comes_from_elsewhere_is_merged_into_unsaved_words(
        qtbot: QtBot, context: AppContext, notes: InterviewsPage, disk: Disk) -> None:
    note = notes._current
    write(context.account, Interview, note, body="baris satu\nbaris dua\n")
    settle(qtbot, context)
    disk.fill()
    notes.body.setPlainText("baris satu\nbaris dua\npunya saya")
    context.flush()
    disk.free()
    write(context.account, Interview, note, body="baris SATU\nbaris dua\n")
    settle(qtbot, context)
    assert notes.body.toPlainText() == "baris SATU\nbaris dua\npunya saya"
    assert context.flush()
    assert body(context.account, note) == "baris SATU\nbaris dua\npunya saya"


def test_a_lock_loses_nothing(
        qtbot: QtBot, window: MainWindow, context: AppContext, notes: InterviewsPage, disk: Disk) -> None:
    note = notes._current
    disk.fill()
    notes.body.setPlainText("Terkunci saat penuh.")
    window.lock()
    unlock = window.stack.currentWidget()
    assert isinstance(unlock, Unlock)
    assert any("tidak hilang" in child.text() for child in unlock.findChildren(QWidget) if hasattr(child, "text"))
    context.notify.answers.append(False)
    assert not window.close()  # neither does closing the locked window
    qtbot.keyClicks(unlock.secret, "2468")
    unlock.open.click()  # the notebook is opened anew: its disk has room again
    qtbot.waitUntil(lambda: context.unlocked, timeout=10_000)
    qtbot.waitUntil(lambda: not context.unsaved.any(), timeout=10_000)
    assert body(context.account, note) == "Terkunci saat penuh."


def test_scores_their_reasons_and_findings_stay_and_are_written(
        qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account, disk: Disk) -> None:
    page = shown(qtbot, context, view, "scoring")
    assert isinstance(page, ScoringPage)
    assert page.card.question is not None
    question = page.card.question.id
    finding = next(iter(page.findings._editors))
    disk.fill()
    page._on_score("1")
    page.card.reason.setPlainText("Karena rusak.")
    page.findings._editors[finding][1].setPlainText("Catatan baru.")
    assert not context.flush()
    page.reload()
    settle(qtbot, context)
    assert page._score(question) == "1"
    assert page.card.reason.toPlainText() == "Karena rusak."
    assert page.findings._editors[finding][1].toPlainText() == "Catatan baru."
    page.tree.step(1)
    settle(qtbot, context)
    page.tree.step(-1)
    settle(qtbot, context)
    assert page.card.reason.toPlainText() == "Karena rusak."
    assert len(said(context)) == 1
    disk.free()
    assert context.flush()
    with sample_account.reading() as session:
        row = session.scalars(select(Answer).where(Answer.question == question)).one()
        assert (row.score, row.reason) == ("1", "Karena rusak.")
        assert session.get_one(Finding, finding).body == "Catatan baru."


def test_what_is_older_never_comes_over_what_is_newer(
        qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account, disk: Disk) -> None:
    page = shown(qtbot, context, view, "overview")
    assert isinstance(page, OverviewPage)
    disk.fill()
    page._on_first_day("2024-07-10")  # the last day goes with it
    settle(qtbot, context)
    assert context.unsaved.any()
    disk.free()
    page._set(ends_on="2024-07-12")
    settle(qtbot, context)
    assert context.flush()
    with sample_account.reading() as session:
        found = session.get_one(Visit, view.visit.id)
        assert (found.starts_on, found.ends_on) == ("2024-07-10", "2024-07-12")


def test_a_person_entered_while_the_disk_is_full_is_added_later(
        qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account, disk: Disk,
        monkeypatch: pytest.MonkeyPatch) -> None:
    page = shown(qtbot, context, view, "overview")
    assert isinstance(page, OverviewPage)

    def fill(dialog: PersonDialog) -> int:
        dialog.lines["name"].setText("Yohana Kambu")
        return 1

    monkeypatch.setattr(PersonDialog, "exec", fill)
    disk.fill()
    page._add_official()
    settle(qtbot, context)
    assert len(said(context)) == 1
    disk.free()
    assert context.flush()
    with sample_account.reading() as session:
        assert [row.name for row in people_of(session, view.visit.id)].count("Yohana Kambu") == 1


def test_cells_of_the_plan_survive_a_lock_too(
        qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView, disk: Disk) -> None:
    page = shown(qtbot, context, view, "plan")
    assert isinstance(page, MasterPlanPage)
    record = page.model.shown[0].id
    disk.fill()
    page.full.enter(record, "name", "Program saat penuh", "Nama")
    context.flush()
    assert len(said(context)) == 1
    window.lock()
    unlock = window.stack.currentWidget()
    assert isinstance(unlock, Unlock)
    qtbot.keyClicks(unlock.secret, "2468")
    unlock.open.click()
    qtbot.waitUntil(lambda: context.unlocked and not context.unsaved.any(), timeout=10_000)
    settle(qtbot, context)
    assert window.workspace is not None
    assert window.workspace.view is not None
    window.workspace.view.show_page("plan")
    settle(qtbot, context)
    again = window.workspace.view.page_widget("plan")
    assert isinstance(again, MasterPlanPage)
    assert next(row.name for row in again.model.rows if row.id == record) == "Program saat penuh"


def test_a_notebook_in_use_elsewhere_is_no_loss_either(
        qtbot: QtBot, context: AppContext, notes: InterviewsPage, sample_account: Account) -> None:
    note = notes._current
    holder = connect(sample_account.notebook.path, sample_account.notebook.key)
    sample_account.writer.run(lambda unit: unit.session.connection().exec_driver_sql("PRAGMA busy_timeout=0") and None, purpose="test")
    holder.execute("BEGIN IMMEDIATE")
    notes.body.setPlainText("Dipegang program lain.")
    assert not context.flush()
    assert "sedang dipakai program lain" in said(context)[0].text
    holder.close()
    assert context.flush()
    assert body(sample_account, note) == "Dipegang program lain."


def test_a_backup_without_the_last_words_is_asked_about(
        qtbot: QtBot, window: MainWindow, context: AppContext, notes: InterviewsPage, disk: Disk,
        monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bool] = []
    monkeypatch.setattr(BackupDialog, "exec", lambda dialog: made.append(True))
    disk.fill()
    notes.body.setPlainText("Belum ada di cadangan.")
    assert window.actions_ is not None
    context.notify.answers.extend((False, True))
    window.actions_.back_up()
    assert made == []
    window.actions_.back_up()
    assert made == [True]
