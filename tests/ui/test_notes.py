"""Notes in the window: typed and kept, said to stay where a consent is missing, brought by a sync, with photos that are none."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from assessor_app import paths
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs import files
from assessor_app.ui.pages.interviews import InterviewsPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow.accounts import Account
from tests.ui.conftest import settle


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
