"""What the menu does: each opens its dialog or starts its work, and nothing of it is read before it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt

from assessor_app import clock, given
from assessor_app.errors import AppError, LineError
from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.pages.names import INTERVIEWS
from assessor_app.ui.retention import Retention
from assessor_app.ui.syncing import SyncControl
from assessor_app.ui.theme import SCALES
from assessor_app.ui.widgets.status import StatusBar
from assessor_app.ui.workspace import Workspace

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

    from assessor_app.workflow.editing import UndoStep


class Actions(QObject):
    """The acts of an open notebook."""

    def __init__(self, window: QMainWindow, workspace: Workspace, bar: StatusBar) -> None:
        super().__init__(workspace)
        self._window = window
        self.context: AppContext = workspace._context
        self.workspace = workspace
        self._bar = bar
        self._joined = False
        self.line = SyncControl(self.context, self)
        self.line.begun.connect(self._on_sync_begun)
        self.line.ended.connect(self._on_sync_ended)
        self.line.paused_changed.connect(self._say_line)
        self.line.differences_requested.connect(self.show_differences)
        bar.sync_requested.connect(self.sync)
        bar.line_requested.connect(self.show_line)
        bar.differences_requested.connect(self.show_differences)
        self.context.ready_requested.connect(self.show_ready)
        self.context.server_joined.connect(self._on_joined)
        self.retention = Retention(self.context, window, self)

    # -- opening

    def after_opening(self) -> None:
        """Do what can wait until the window is there: reminders, and a first try of the line where there is a server."""
        if not self.context.unlocked:
            return  # locked again within the second
        account = self.context.account
        if account.recovered:
            self._new_pin()

        def copy() -> None:
            from assessor_app.workflow.backup import daily_copy
            from assessor_app.workflow.erasing import clear_away

            clear_away(account)
            daily_copy(account)

        def recovered(notes: list[str]) -> None:
            if notes:
                self.context.notify.good(t("A recording that was cut off stands in its note."),
                                         t("It plays up to the last seconds before the program ended."))

        def cut_off() -> list[str]:
            from assessor_app.workflow.recording import recover

            return recover(account)

        self.context.tasks.call(cut_off, owner=self, done=recovered)
        self.context.tasks.call(copy, owner=self)
        self._remind_of_rights()
        self.retention.begin()
        self.context.tasks.read(_reminders, self.context.settings.backup_reminder_days, done=self._on_reminders, owner=self)

    def _on_reminders(self, said: tuple[bool, bool]) -> None:
        backup_due, has_server = said
        if backup_due:
            self.context.notify.info(
                t("Time for a backup."), t("Put a copy on a stick: a laptop can be lost on the river."),
                action=t("Back up…"), act=self.back_up)
        if has_server:
            self._joined = True
            self.line.start()
        else:
            self._bar.set_line(online=False, text=t("No server yet"))

    def _remind_of_rights(self) -> None:
        """Say which persons wait for an answer."""
        from assessor_app.ui.dialogs.rights import due, due_text

        def show(read: Any) -> None:
            said = due_text(read)
            if said:
                self.context.notify.warn(t("Rights of persons"), said)

        self.context.tasks.read(due, done=show, owner=self)

    def _new_pin(self) -> None:
        from assessor_app.ui.dialogs.settings import NewPinDialog

        NewPinDialog(self.context, self._window).exec()

    # -- file

    def back_up(self) -> None:
        """Write a backup."""
        from assessor_app.ui.dialogs.backups import BackupDialog

        if self.context.flush_or_ask():
            BackupDialog(self.context, self._window).exec()

    def restore(self) -> None:
        """Restore a backup beside this notebook: nothing of it is overwritten."""
        from assessor_app.ui.dialogs.backups import RestoreDialog

        dialog = RestoreDialog(self.context, self._window)
        if dialog.exec() and dialog.folder is not None:
            self.context.notify.good(t("The backup is restored as another account."),
                                     t("Lock this notebook and open the other one with its passphrase or recovery code."))

    def export_visit(self) -> None:
        """Take the open visit out of the notebook: as pages, a sheet, or an open folder."""
        from assessor_app.ui.dialogs.export import export_visit

        view = self.workspace.view
        if view is None:
            self.context.notify.info(t("Open a visit first."))
        else:
            export_visit(self.context, self._window, view.visit)

    def new_note(self) -> None:
        """Begin a note of the open visit, from whatever page."""
        from assessor_app.ui.pages.interviews import InterviewsPage

        view = self.workspace.view
        if view is None:
            self.context.notify.info(t("Open a visit first."))
            return
        view.show_page(INTERVIEWS)
        page = view.page_widget(INTERVIEWS)
        if isinstance(page, InterviewsPage):
            page.new_note()

    def import_invitation(self) -> None:
        """Take in an invitation to a server."""
        from assessor_app.ui.dialogs.invitation import import_invitation

        import_invitation(self.context, self._window, self.context.server_joined.emit)

    def _on_joined(self) -> None:
        self._joined = True
        self.line.sync()
        self.line.start()

    def import_instrument(self) -> None:
        """Take in an instrument's workbook."""
        from assessor_app.workflow.evaluating import keep_instrument, read_instrument

        self._import_workbook(t("Import an instrument"), t("Reading the instrument…"), read_instrument, keep_instrument, "instrument.keep",
                              t("The instrument {0} can be used now."))

    def import_guide(self) -> None:
        """Take in an interview guide's workbook."""
        from assessor_app.workflow.guides import keep_guide, read_guide

        self._import_workbook(t("Import an interview guide"), t("Reading the interview guide…"), read_guide, keep_guide, "guide.keep",
                              t("The guide {0} can be laid beside notes now."))

    def _import_workbook(self, title: str, reading: str, read: Callable[[bytes], Any], keep: Callable[..., str], purpose: str,
                         can_be_used: str) -> None:
        """Ask for a workbook, read it beside the window and keep it whole, or not at all."""
        from assessor_app.ui.dialogs.files import open_file

        file = open_file(self._window, title, t("Workbooks (*.xlsx)"))
        if file is None:
            return
        self.context.tasks.run(
            lambda job: read(given.read(file, given.WORKBOOK)), title=reading, owner=self,
            done=lambda made: self.context.tasks.write(
                keep, made, purpose=purpose, owner=self, done=lambda ref: self.context.notify.good(can_be_used.format(ref))))

    def open_settings(self) -> None:
        """Show the settings."""
        from assessor_app.ui.dialogs.settings import SettingsDialog

        SettingsDialog(self.context, self._window).exec()

    # -- edit and view

    def undo(self) -> None:
        """Take back the last change; where it was changed again since, ask."""
        from assessor_app.workflow.editing import last_undoable

        self.context.flush()
        self.context.tasks.read(last_undoable, done=self._undo, owner=self)

    def _undo(self, step: UndoStep | None, *, force: bool = False) -> None:
        from assessor_app.workflow.editing import undo

        if step is None:
            self.context.notify.info(t("There is nothing to undo."))
            return

        def failed(error: Exception) -> None:
            if isinstance(error, AppError) and not force and self.context.notify.ask(
                    error.title, error.message, yes=t("Take it back anyway"), no=t("Leave it")):
                self._undo(step, force=True)
            elif not isinstance(error, AppError):
                self.context.notify.error(error)

        self.context.tasks.write(undo, step.unit, force=force, purpose="undo", owner=self, failed=failed, progress=t("Taking it back…"),
                                 done=lambda _: self.context.notify.good(t("The last change was taken back.")))

    def show_page(self, code: str) -> None:
        """Bring a page of the open visit to the front."""
        if self.workspace.view is not None:
            self.workspace.stack.setCurrentWidget(self.workspace.view)
            self.workspace.view.show_page(code)

    def scale_text(self, by: int) -> None:
        """Make all text larger or smaller by one step."""
        settings = self.context.settings
        at = min(range(len(SCALES)), key=lambda i: abs(SCALES[i] - settings.text_scale)) + by
        wanted = SCALES[min(max(at, 0), len(SCALES) - 1)]
        if wanted != settings.text_scale:
            settings.text_scale = wanted
            settings.save()
            self.context.settings_changed.emit()

    # -- the line

    def sync(self) -> None:
        """Send and fetch now."""
        self.line.sync()

    def show_line(self) -> None:
        """Show the page of the line: what goes, what came, what waits and why."""
        from assessor_app.ui.pages.sync import SyncPage

        space = self.workspace
        if not isinstance(space.beside, SyncPage):
            page = SyncPage(self.context, self.line, self)
            page.closed.connect(space.show_visit)
            space.show_beside(page)
        else:
            space.show_beside(space.beside)
        if isinstance(space.beside, SyncPage):
            space.beside.sync.setFocus()

    def toggle_pause(self) -> None:
        """Let syncs begin by themselves, or not."""
        self.line.set_paused(not self.line.paused)

    def show_courier(self) -> None:
        """Write or take in a courier file."""
        from assessor_app.ui.dialogs.courier import CourierDialog

        if self.context.flush_or_ask():
            CourierDialog(self.context, self.workspace.view.visit if self.workspace.view is not None else None, self._window).exec()

    def show_ready(self) -> None:
        """Show the full check before a trip, of the visit that is open."""
        from assessor_app.ui.dialogs.ready import ReadyDialog

        visit = self.workspace.view.visit if self.workspace.view is not None else None
        ReadyDialog(self.context, self.line, visit, self._window, back_up=self.back_up, invite=self.import_invitation).exec()

    def _on_sync_begun(self) -> None:
        self._bar.sync.setEnabled(False)
        self._bar.set_line(online=True, text=t("Synchronising…"))

    def _on_sync_ended(self, outcome: object) -> None:
        self._bar.sync.setEnabled(True)
        self._say_line()
        self.workspace.reload()

    def _say_line(self) -> None:
        """Say in the status bar how the line is: what went wrong stands there, too, and in no box."""
        fault = self.line.fault
        if isinstance(fault, AppError) and not (isinstance(fault, LineError) and fault.code == "offline"):
            self._bar.set_line(online=False, text=fault.title, tip=str(fault))
        elif self.line.paused and self._joined:
            self._bar.set_line(online=False, text=t("Paused"))
        else:
            self._bar.set_line(online=fault is None)

    def show_differences(self) -> None:
        """Show the differences that wait for a person."""
        from assessor_app.ui.dialogs.differences import DifferencesDialog

        for open_ in self._window.findChildren(DifferencesDialog):
            open_.raise_()
            open_.activateWindow()
            return
        dialog = DifferencesDialog(self.context, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    # -- help

    def verify(self) -> None:
        """Verify any document."""
        from assessor_app.ui.dialogs.verify import verify_any

        verify_any(self.context, self._window)

    def find_code(self) -> None:
        """Find a document by its printed code."""
        from assessor_app.ui.dialogs.find_code import FindCodeDialog
        from assessor_app.ui.pages.names import DOCUMENTS

        if not self.context.unlocked:
            return
        dialog = FindCodeDialog(self.context, self._window)
        dialog.document_chosen.connect(lambda visit, document: self.workspace.open_visit(visit, DOCUMENTS, document))
        dialog.exec()

    def show_keys(self) -> None:
        """Show the keys."""
        from assessor_app.ui.dialogs.about import KeysDialog

        KeysDialog(self.context, self._window).exec()

    def show_about(self) -> None:
        """Show what this program is."""
        from assessor_app.ui.dialogs.about import AboutDialog

        AboutDialog(self.context, self._window).exec()


def _reminders(session: object, days: int) -> tuple[bool, bool]:
    """Return whether a backup is due, and whether there is a server to talk to."""
    from sqlalchemy.orm import Session

    from assessor_app.workflow.accounts import setting

    assert isinstance(session, Session)
    last = int(setting(session, "backed_up_at") or setting(session, "installed_at") or 0)
    due = days > 0 and clock.now_ms() - last > days * 86_400_000
    return due, bool(setting(session, "server_url"))


