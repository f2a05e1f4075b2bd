"""What the menu does: each opens its dialog or starts its work, and nothing of it is read before it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from assessor_app import clock
from assessor_app.errors import AppError, LineError
from assessor_app.i18n import nt, t
from assessor_app.ui.context import AppContext
from assessor_app.ui.theme import SCALES
from assessor_app.ui.widgets.status import StatusBar
from assessor_app.ui.workspace import Workspace

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

    from assessor_app.sync.outcome import SyncOutcome
    from assessor_app.ui.tasks import Job
    from assessor_app.workflow.editing import UndoStep

#: After how long without anything to send the line is tried again by itself, in milliseconds.
TRY_AGAIN_MS = 5 * 60_000


class Actions(QObject):
    """The acts of an open notebook."""

    def __init__(self, window: QMainWindow, workspace: Workspace, bar: StatusBar) -> None:
        super().__init__(workspace)
        self._window = window
        self.context: AppContext = workspace._context
        self.workspace = workspace
        self._bar = bar
        self._syncing = False
        bar.sync_requested.connect(self.sync)
        bar.differences_requested.connect(self.show_differences)
        self._again = QTimer(self, interval=TRY_AGAIN_MS)
        self._again.timeout.connect(lambda: self.sync(quiet=True))

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

        self.context.tasks.call(copy, owner=self)
        self.context.tasks.read(_reminders, self.context.settings.backup_reminder_days, done=self._on_reminders, owner=self)

    def _on_reminders(self, said: tuple[bool, bool]) -> None:
        backup_due, has_server = said
        if backup_due:
            self.context.notify.info(
                t("Time for a backup."), t("Put a copy on a stick: a laptop can be lost on the river."),
                action=t("Back up…"), act=self.back_up)
        if has_server:
            self._again.start()
            self.sync(quiet=True)
        else:
            self._bar.set_line(online=False, text=t("No server yet"))

    def _new_pin(self) -> None:
        from assessor_app.ui.dialogs.settings import NewPinDialog

        NewPinDialog(self.context, self._window).exec()

    # -- file

    def back_up(self) -> None:
        """Write a backup."""
        from assessor_app.ui.dialogs.backups import BackupDialog

        self.context.flush()
        BackupDialog(self.context, self._window).exec()

    def restore(self) -> None:
        """Restore a backup beside this notebook: nothing of it is overwritten."""
        from assessor_app.ui.dialogs.backups import RestoreDialog

        dialog = RestoreDialog(self.context, self._window)
        if dialog.exec() and dialog.folder is not None:
            self.context.notify.good(t("The backup is restored as another account."),
                                     t("Lock this notebook and open the other one with its passphrase or recovery code."))

    def import_invitation(self) -> None:
        """Take in an invitation to a server."""
        from assessor_app.ui.dialogs.invitation import import_invitation

        import_invitation(self.context, self._window, self.sync)

    def import_instrument(self) -> None:
        """Take in an instrument's workbook."""
        from assessor_app.ui.dialogs.files import open_file
        from assessor_app.workflow.evaluating import keep_instrument, read_instrument

        file = open_file(self._window, t("Import an instrument"), t("Workbooks (*.xlsx)"))
        if file is None:
            return
        data = file.read_bytes()
        self.context.tasks.run(
            lambda job: read_instrument(data), title=t("Reading the instrument…"), owner=self,
            done=lambda read: self.context.tasks.write(
                keep_instrument, read, purpose="instrument.keep", owner=self,
                done=lambda ref: self.context.notify.good(t("The instrument {0} can be used now.").format(ref))))

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

        self.context.tasks.write(undo, step.unit, force=force, purpose="undo", owner=self, failed=failed,
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

    def sync(self, *, quiet: bool = False) -> None:
        """Send and fetch; ``quiet`` says nothing where there is no line."""
        if self._syncing or not self.context.unlocked:
            return
        self.context.flush_requested.emit()
        self._syncing = True
        self._bar.sync.setEnabled(False)
        self._bar.set_line(online=True, text=t("Synchronising…"))
        account = self.context.account

        def work(job: Job) -> SyncOutcome:
            from assessor_app.workflow.syncing import synchronise

            return synchronise(account, cancelled=lambda: job.cancelled,
                               watch=lambda progress: job.report(progress.done, progress.total) if not job.cancelled else None)

        def ended() -> None:
            self._syncing = False
            self._bar.sync.setEnabled(True)
            self.workspace.reload()

        def done(outcome: SyncOutcome) -> None:
            ended()
            self._on_synced(outcome, quiet)

        def failed(error: Exception) -> None:
            ended()
            self._bar.set_line(online=False)
            if not quiet:
                self.context.notify.error(error)

        self.context.tasks.run(work, title=t("Synchronising…"), done=done, failed=failed, cancelled=ended, owner=self)

    def _on_synced(self, outcome: SyncOutcome, quiet: bool) -> None:
        """Say what a sync did: what arrived, what stays here and why, what a person must settle."""
        fault = outcome.fault
        self._bar.set_line(online=fault is None)
        if isinstance(fault, LineError) and fault.code == "cancelled":
            return
        if fault is not None:
            if not quiet:
                self.context.notify.warn(fault.title, " ".join(p for p in (fault.message, fault.hint, fault.kept) if p))
            return
        parts = [nt("{n} change sent", "{n} changes sent", outcome.sent),
                 nt("{n} record received", "{n} records received", outcome.received)]
        if outcome.photos_sent or outcome.photos_received:
            parts.append(t("photos and documents: {0} sent, {1} received").format(outcome.photos_sent, outcome.photos_received))
        if outcome.kept_back:
            parts.append(nt("{n} waits for a consent and stays here", "{n} wait for a consent and stay here", outcome.kept_back))
        text = ", ".join(parts) + "."
        if outcome.refused or outcome.mismatched:
            self.context.notify.warn(t("Synchronised, but not everything was taken."), " ".join((
                text, nt("{n} change was refused.", "{n} changes were refused.", outcome.refused),
                t("It is kept on this device; ask the secretariat."))))
        elif outcome.open_differences:
            self.context.notify.info(
                nt("{n} difference waits for you.", "{n} differences wait for you.", outcome.open_differences), text,
                action=t("Settle…"), act=self.show_differences)
        elif not quiet or outcome.received:
            self.context.notify.good(t("Synchronised."), text)

    def show_differences(self) -> None:
        """Show the differences that wait for a person."""
        from assessor_app.ui.dialogs.differences import DifferencesDialog

        DifferencesDialog(self.context, self._window).exec()

    # -- help

    def verify(self) -> None:
        """Verify any document."""
        from assessor_app.ui.dialogs.verify import verify_any

        verify_any(self.context, self._window)

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


