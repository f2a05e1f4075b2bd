"""Backing up to a stick, and restoring a backup as an account of its own: nothing is ever overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from assessor_app import clock, formats, paths
from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import WorkDialog, cancel_button
from assessor_app.ui.dialogs.files import open_file, save_file
from assessor_app.ui.widgets.basics import Card, Field, button, label
from assessor_app.ui.widgets.secrets import RecoveryCode, secret_line

if TYPE_CHECKING:
    from assessor_app.ui.tasks import Job

SUFFIX = ".asesor-backup"


class BackupDialog(WorkDialog):
    """Writes a backup; where neither passphrase nor code would open it elsewhere, it asks for a passphrase first."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Back up"), parent, width=30)
        self._context = context
        theme = context.theme
        self.body.addWidget(label(t("One file with everything: notes, scores, photos, signed documents. It stays encrypted.")))
        self.body.addWidget(label(t("It opens on any computer with your passphrase or the printed recovery code. Keep it on a stick, "
                                    "apart from the laptop."), "muted"))
        card = Card(theme, t("Recovery code"))
        card.add(label(t("Lost the printed page? A new code replaces the old one at once."), "muted"))
        self.renew = button(theme, t("Make a new recovery code"), self._renew, icon="key")
        card.body.addWidget(self.renew, 0, Qt.AlignmentFlag.AlignLeft)
        self._card = card
        self.body.addWidget(card)
        self.footer(cancel_button(self))
        self.footer(button(theme, t("Choose where and back up"), self._back_up, icon="backup", part="main"))

    def _renew(self) -> None:
        account = self._context.account

        def done(code: str) -> None:
            self.renew.hide()
            self._card.add(RecoveryCode(self._context, code, ""))
            self.resize(self.sizeHint())

        self._context.tasks.call(lambda: account.slots.add_recovery(account.notebook.key), done=done, owner=self)

    def _back_up(self) -> None:
        name = f"asesor-{clock.today():%Y-%m-%d}{SUFFIX}"
        target = save_file(self, t("Back up"), name, f"{t('Backups')} (*{SUFFIX})")
        if target is None:
            return
        account = self._context.account
        self.set_busy(True)

        def work(job: Job) -> int:
            from assessor_app.workflow.backup import backup

            return backup(account, target)

        def done(size: int) -> None:
            self.set_busy(False)
            self.accept()
            self._context.notify.good(t("The backup is written."), f"{target} ({formats.size(size)})")

        def failed(error: Exception) -> None:
            self.set_busy(False)
            self._context.notify.error(error)

        self._context.tasks.run(work, title=t("Writing the backup…"), done=done, failed=failed, owner=self, cancellable=False)


class RestoreDialog(WorkDialog):
    """Lays a backup into a new account folder; ``folder`` is where, after it was accepted."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Restore a backup"), parent, width=28)
        self._context = context
        self.folder: Path | None = None
        self._source: Path | None = None
        theme = context.theme
        self.body.addWidget(label(t("The backup becomes an account of its own beside those that are here; nothing is overwritten.")))
        self.chosen = label(t("No file chosen yet"), "muted")
        self.body.addWidget(self.chosen)
        self.body.addWidget(button(theme, t("Choose the backup…"), self._choose, icon="backup"), 0, Qt.AlignmentFlag.AlignLeft)
        self.secret = secret_line(t("Passphrase or recovery code"))
        self.field = Field(theme, t("Passphrase or recovery code"), self.secret, t("To check at once that it opens; not kept."))
        self.body.addWidget(self.field)
        self.footer(cancel_button(self))
        self.ok = self.footer(button(theme, t("Restore"), self._restore, part="main"))
        self.ok.setEnabled(False)

    def _choose(self) -> None:
        file = open_file(self, t("Restore a backup"), f"{t('Backups')} (*{SUFFIX});;{t('All files')} (*)")
        if file is not None:
            self._source = file
            self.chosen.setText(str(file))
            self.ok.setEnabled(True)

    def _restore(self) -> None:
        source, secret = self._source, self.secret.text().strip()
        if source is None:
            return
        if not secret:
            self.field.say(t("Type the passphrase or the recovery code."), wrong=True)
            self.secret.setFocus()
            return
        self.set_busy(True)
        folder = paths.data_root() / "accounts" / f"restored-{clock.here():%Y%m%d-%H%M%S}"

        def work(job: Job) -> Path:
            from assessor_app.errors import WrongKey
            from assessor_app.workflow.accounts import open_account
            from assessor_app.workflow.backup import restore

            if not folder.exists():
                restore(source, folder)
            try:
                account = open_account(folder, code=secret)
            except WrongKey:
                account = open_account(folder, passphrase=secret)
            account.close()
            return folder

        def done(where: Path) -> None:
            self.set_busy(False)
            self.folder = where
            self.accept()

        def failed(error: Exception) -> None:
            import shutil

            shutil.rmtree(folder, ignore_errors=True)
            self.set_busy(False)
            self._context.notify.error(error)

        self._context.tasks.run(work, title=t("Restoring the backup…"), done=done, failed=failed, owner=self, cancellable=False)
