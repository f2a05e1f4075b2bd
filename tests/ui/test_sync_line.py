"""The line in the window, with a real server and a second device: it wakes by itself, is stopped, asks, and says what it did."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from assessor_app.models.interviews import Interview
from assessor_app.models.journal import State
from assessor_app.models.kinds import Kind
from assessor_app.models.tables import Intent
from assessor_app.models.visits import Visit
from assessor_app.ui.autosync import Pace, Rhythm
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs import files
from assessor_app.ui.dialogs.courier import CourierDialog
from assessor_app.ui.dialogs.differences import DifferencesDialog, own_words
from assessor_app.ui.dialogs.ready import ReadyDialog
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.interviews import InterviewsPage
from assessor_app.ui.pages.sync import SyncPage
from assessor_app.ui.syncing import SyncControl
from assessor_app.workflow import editing, interviewing, syncing
from assessor_app.workflow.accounts import Account, put_settings, setting
from assessor_app.workflow.queries.outbox import FileState, Why
from tests.factories import ServerProcess, make_note, make_visit, read, sync, write
from tests.sync.loopback import cheap_secrets, open_cheaply
from tests.ui.conftest import settle
from tests.ui.test_pages import cut, nameless

LONG = "\n".join(f"Paragraf {n}: pasar buka pukul tujuh." for n in range(12))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    made = ServerProcess(tmp_path_factory.mktemp("pusat")).prepare().start()
    yield made
    made.stop()


class Pair:
    """The person at the window, and a colleague on another device, with a visit of this test."""

    def __init__(self, folders: dict[Path, bytes]) -> None:
        self.a, self.b = (open_cheaply(folder, key) for folder, key in folders.items())
        put_settings(self.a, signing_device=self.a.device)  # each test is an installation of its own
        self.visit = make_visit(self.a)
        self.note = make_note(self.a, self.visit, LONG)
        sync(self.a)
        sync(self.b)


@pytest.fixture(scope="module")
def folders(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> dict[Path, bytes]:
    """Join two devices once; each test opens them anew."""
    out = {}
    for login in ("maria", "yosep"):
        server.add(login)
        with cheap_secrets():
            account = server.join(tmp_path_factory.mktemp(login) / "account", login)
        out[account.folder] = account.notebook.key
        account.close()
    return out


@pytest.fixture
def pair(folders: dict[Path, bytes]) -> Iterator[Pair]:
    made = Pair(folders)
    yield made
    made.b.close()


@pytest.fixture
def seen(qtbot: QtBot, window: MainWindow, context: AppContext, pair: Pair) -> MainWindow:
    """The window on the first device; syncs begin only when a test asks."""
    context.settings.sync_auto = False
    window.folder = pair.a.folder
    window._visit = pair.visit
    window.open_account(pair.a)
    window.show()
    settle(qtbot, context)
    return window


def line_of(window: MainWindow) -> SyncControl:
    assert window.actions_ is not None
    return window.actions_.line


def sync_here(qtbot: QtBot, window: MainWindow, context: AppContext) -> None:
    with qtbot.waitSignal(line_of(window).ended, timeout=30_000):
        line_of(window).sync()
    settle(qtbot, context)


def page_of(qtbot: QtBot, window: MainWindow, context: AppContext) -> SyncPage:
    assert window.actions_ is not None
    window.actions_.show_line()
    settle(qtbot, context)
    assert window.workspace is not None
    page = window.workspace.stack.currentWidget()
    assert isinstance(page, SyncPage)
    return page


def photo(account: Account, visit: str, note: str, size: int) -> str:
    data = b"\xff\xd8" + bytes(range(256)) * (size // 256)
    return account.writer.run(lambda u: interviewing.attach_photo(
        u, visit, interviewing.Photo(account.blobs.put(data) and data, 1, 1, "", None, None), interview=note), purpose="photo")


def test_a_line_that_comes_back_wakes_the_sync(qtbot: QtBot, context: AppContext, server: ServerProcess, pair: Pair) -> None:
    context.set_account(pair.a)
    context.tasks.listen(pair.a)
    pace = Pace(probe=0.2, longest=0.4, quiet=0.1, busy=0.3, again=600)
    control = SyncControl(context, context, Rhythm(pace), tick_ms=20)
    with qtbot.waitSignal(control.ended, timeout=30_000):
        control.start()
    server.stop()
    with qtbot.waitSignal(control.ended, timeout=30_000):
        write(pair.a, Visit, pair.visit, place="Tanah Merah")
    assert not control.rhythm.online
    assert context.notify.history == []  # nobody is disturbed
    server.start()
    with qtbot.waitSignal(control.ended, timeout=30_000):
        pass
    sync(pair.b)
    assert read(pair.b, Visit, pair.visit, "place") == "Tanah Merah"
    control.set_paused(True)


def test_what_waits_and_why_is_told_by_visit_and_by_photo(qtbot: QtBot, context: AppContext, pair: Pair, seen: MainWindow) -> None:
    make_note(pair.a, pair.visit, "Tanpa persetujuan.", observation=False)
    write(pair.a, Visit, pair.visit, place="Kouh")
    photo(pair.a, pair.visit, pair.note, 40_000)
    page = page_of(qtbot, seen, context)
    assert {(row.why, row.place.split(",")[0]) for row in page.waiting_rows.rows} == {
        (Why.LINE, "Boven Digoel"), (Why.CONSENT, "Boven Digoel")}
    assert [row.state for row in page.file_rows.rows] == [FileState.WAITING]
    assert nameless(page) == []
    assert cut(page) == []
    page.texts.click()
    assert not context.settings.sync_photos
    sync_here(qtbot, seen, context)
    qtbot.waitUntil(lambda: [row.why for row in page.waiting_rows.rows] == [Why.CONSENT])
    assert [row.state for row in page.file_rows.rows] == [FileState.WAITING]
    assert "1 foto menunggu" in context.notify.history[-1].text
    page.texts.click()
    page.budget.setValue(1)
    sync_here(qtbot, seen, context)
    qtbot.waitUntil(lambda: [row.state for row in page.file_rows.rows] == [FileState.SENT])
    assert page.state.text().startswith("Terakhir")
    assert "1 foto" in page.state.text()
    write(pair.b, Visit, pair.visit, objective="Melihat pasar.")
    sync(pair.b)
    sync_here(qtbot, seen, context)
    assert page.came.isVisible()
    assert "Kunjungan: 1" in page.came.text()
    qtbot.keyClick(page.sync, Qt.Key.Key_Escape)
    assert seen.workspace is not None
    assert seen.workspace.stack.currentWidget() is seen.workspace.view


def test_stopped_in_the_middle_of_a_request_and_closed_at_once(qtbot: QtBot, context: AppContext, pair: Pair, seen: MainWindow) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pair.a.reading() as session:
            url = setting(session, "server_url")
        put_settings(pair.a, server_url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        control = line_of(seen)
        control.sync()
        accepted, _ = silent.accept()
        accepted.recv(1)
        assert context.flush()  # a sync holds up neither saving nor closing
        with qtbot.waitSignal(control.ended, timeout=10_000):
            control.stop()
        accepted.close()
        assert isinstance(control.fault, Exception)
        assert "Dihentikan" in str(control.fault)
        control.sync()
        accepted, _ = silent.accept()
        accepted.recv(1)
        seen.lock()  # the notebook is left in the middle of a request
        assert not context.unlocked
        accepted.close()
    again = open_cheaply(pair.a.folder, pair.a.notebook.key)
    put_settings(again, server_url=url)
    assert again.notebook.check() == []
    again.close()


def test_paused_by_key(qtbot: QtBot, context: AppContext, seen: MainWindow) -> None:
    page = page_of(qtbot, seen, context)
    assert page.pause.text() == "Lanjutkan otomatis"  # switched off in the settings
    page.pause.click()
    assert not line_of(seen).paused
    page.pause.click()
    assert line_of(seen).paused
    assert "Dijeda" in page.state.text()


def test_two_values_are_settled_and_the_other_sees_it(qtbot: QtBot, context: AppContext, pair: Pair, seen: MainWindow) -> None:
    write(pair.b, Visit, pair.visit, place="Tanah Merah di hilir")
    sync(pair.b)
    write(pair.a, Visit, pair.visit, place="Tanah Merah di hulu")
    sync_here(qtbot, seen, context)
    assert seen.actions_ is not None
    seen.actions_.show_differences()
    settle(qtbot, context)
    dialog = seen.findChild(DifferencesDialog)
    assert isinstance(dialog, DifferencesDialog)
    assert not dialog.isModal()  # nothing waits for it
    assert {dialog.a.text.toPlainText(), dialog.b.text.toPlainText()} == {"Tanah Merah di hulu", "Tanah Merah di hilir"}
    marked = QTextCursor(dialog.a.text.document())
    marked.setPosition(len(dialog.a.text.toPlainText()))
    assert marked.charFormat().fontUnderline()
    assert "Maria" in dialog.a.who.text() + dialog.b.who.text()
    qtbot.keyClicks(dialog.third, " ")
    dialog.third.setPlainText("Tanah Merah")
    dialog.take_third.click()
    settle(qtbot, context)
    assert dialog.list.count() == 0
    sync_here(qtbot, seen, context)
    sync(pair.b)
    assert read(pair.b, Visit, pair.visit, "place") == "Tanah Merah"
    with pair.b.reading() as session:
        assert syncing.open_differences(session) == []
    dialog.close()


def test_only_the_words_that_differ_are_marked() -> None:
    assert own_words("pasar baru\ndi hulu", "pasar lama\ndi hulu") == [(6, 10)]
    assert own_words("sama", "sama") == []
    assert own_words("di hulu sungai", "di sungai") == [(3, 7)]
    assert own_words("di sungai", "di hulu sungai") == []


def test_a_merge_into_the_note_that_is_typed_in(qtbot: QtBot, context: AppContext, pair: Pair, seen: MainWindow) -> None:
    assert seen.workspace is not None
    assert seen.workspace.view is not None
    seen.workspace.view.show_page("interviews")
    settle(qtbot, context)
    page = seen.workspace.view.page_widget("interviews")
    assert isinstance(page, InterviewsPage)
    page.open_record(pair.note)
    settle(qtbot, context)
    page.body.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(page.body, " Ditambah.")
    write(pair.b, Interview, pair.note, body="Dari rekan.\n" + LONG)
    sync(pair.b)
    sync_here(qtbot, seen, context)
    both = "Dari rekan.\n" + LONG + " Ditambah."
    qtbot.waitUntil(lambda: page.body.toPlainText() == both, timeout=5000)
    assert page.body.textCursor().position() == len(both)
    qtbot.keyClicks(page.body, "!")
    page.body.undo()
    assert page.body.toPlainText() in (both, both.removesuffix(" Ditambah."))
    page.body.redo()
    settle(qtbot, context)
    page.body_saver.flush()
    settle(qtbot, context)
    sync_here(qtbot, seen, context)
    sync(pair.b)
    assert read(pair.b, Interview, pair.note, "body") == both + "!"


def test_a_sudden_mass_deletion_stops_and_asks(qtbot: QtBot, context: AppContext, pair: Pair, seen: MainWindow) -> None:
    for number in range(28):
        make_note(pair.b, pair.visit, f"Catatan {number}.")
    sync(pair.b)
    sync_here(qtbot, seen, context)

    def notes(account: Account) -> list[str]:
        with account.reading() as session:
            return list(session.scalars(select(Interview.id).where(Interview.visit == pair.visit, Interview.deleted.is_(False))))

    assert len(notes(pair.a)) == 29
    for note in notes(pair.b)[:25]:
        pair.b.writer.run(lambda u, note=note: editing.delete(u, Kind.INTERVIEW, note), purpose="delete")  # type: ignore[misc]
    sync(pair.b)
    context.notify.answers.append(False)
    sync_here(qtbot, seen, context)
    asked = context.notify.history[-1]
    assert "Terima penghapusan 25 dari" in asked.title
    assert "Boven Digoel" in asked.text
    assert len(notes(pair.a)) == 29
    context.notify.answers.append(True)
    sync_here(qtbot, seen, context)
    qtbot.waitUntil(lambda: len(notes(pair.a)) == 4 and not line_of(seen).running, timeout=20_000)


def test_the_refused_are_told_in_words_and_exported(qtbot: QtBot, context: AppContext, pair: Pair, seen: MainWindow,
                                                    tmp_path: Path) -> None:
    write(pair.a, Visit, pair.visit, place="Ditolak")

    def refuse(unit: object) -> None:
        for intent in unit.session.scalars(select(Intent).where(Intent.state == State.OPEN)):  # type: ignore[attr-defined]
            intent.state, intent.reason = State.REFUSED, "permission"

    pair.a.writer.run(refuse, purpose="sync.verdicts", origin="sync")
    page = page_of(qtbot, seen, context)
    assert page.refused.isVisible()
    page.refused.selectRow(0)
    assert "daerah" in page.why_refused.text()
    files.chosen.append(tmp_path / "ditolak.json")
    page.export.click()
    settle(qtbot, context)
    rows = json.loads((tmp_path / "ditolak.json").read_text(encoding="utf-8"))
    assert {row["reason"] for row in rows} == {"permission"}
    assert "Ditolak" in json.dumps(rows)


def test_a_courier_file_out_and_in(qtbot: QtBot, context: AppContext, pair: Pair, seen: MainWindow, tmp_path: Path) -> None:
    from assessor_app.workflow import courier

    write(pair.a, Visit, pair.visit, team=[pair.b.profile])
    sync(pair.a)
    sync(pair.b)
    write(pair.a, Visit, pair.visit, place="Lewat flashdisk")
    assert seen.workspace is not None
    assert seen.workspace.view is not None
    dialog = CourierDialog(context, seen.workspace.view.visit, seen)
    dialog.show()
    settle(qtbot, context)
    assert nameless(dialog) == []
    file = tmp_path / "a.titipan"
    files.chosen.append(file)
    dialog.write.click()
    settle(qtbot, context)
    assert "1 perubahan" in dialog.told.text()
    assert "pusat · 1 rekan · perangkat Anda sendiri" in dialog.told.text()
    write(pair.b, Visit, pair.visit, objective="Dari rekan, lewat flashdisk")
    assert courier.take_in(pair.b, file).merged == 1
    back = tmp_path / "b.titipan"
    courier.pack(pair.b, back)
    files.chosen.append(back)
    dialog.take.click()
    settle(qtbot, context)
    assert "1 perubahan diterima" in dialog.told.text()
    assert read(pair.a, Visit, pair.visit, "objective") == "Dari rekan, lewat flashdisk"
    dialog.theirs.setText("bukan kode")
    dialog.pair.click()
    settle(qtbot, context)
    assert "kode pasangan" in context.notify.history[-1].title.lower() or "pasangan" in context.notify.history[-1].title.lower()
    dialog.theirs.setText(courier.pairing_code(pair.b))
    dialog.pair.click()
    settle(qtbot, context)
    assert "berpasangan" in dialog.told.text()
    dialog.close()


def test_what_is_missing_before_a_trip_is_fetched_by_one_click(qtbot: QtBot, context: AppContext, pair: Pair, seen: MainWindow) -> None:
    from assessor_app.workflow import planning

    plan = pair.b.writer.run(lambda u: planning.ensure_plan(u, "93.02"), purpose="x")
    pair.b.writer.run(lambda u: planning.add_programme(u, plan), purpose="x")
    sync(pair.b)
    assert seen.workspace is not None
    assert seen.workspace.view is not None
    dialog = ReadyDialog(context, line_of(seen), seen.workspace.view.visit, seen, back_up=lambda: None, invite=lambda: None)
    dialog.show()
    settle(qtbot, context)
    states = {check.code: check.state.value for check in dialog.checks}
    assert states["plan"] == "missing"
    with qtbot.waitSignal(line_of(seen).ended, timeout=30_000):
        dialog.get.click()
    settle(qtbot, context)
    states = {check.code: check.state.value for check in dialog.checks}
    assert (states["plan"], states["line"], states["key"], states["clock"], states["revoked"]) == ("ok",) * 5
    assert list((pair.a.folder / "backups").glob("daily-*.db"))
    assert any("1 program" in one.text() for one in dialog.findChildren(QLabel))
    assert nameless(dialog) == []
    dialog.close()
