"""The first start, offline and in a minute: who you are, a PIN, the recovery code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.pages.start import StartPage
from assessor_app.ui.widgets.basics import Field, Steps, button, label
from assessor_app.ui.widgets.editors import LineEdit
from assessor_app.ui.widgets.secrets import NewPin, RecoveryCode, secret_line

if TYPE_CHECKING:
    from assessor_app.ui.tasks import Job
    from assessor_app.workflow.accounts import Account, Profile


class FirstStart(StartPage):
    """Makes an account in three steps.

    Signals:
        account_created(Account): the notebook is made and open.
        restore_requested(): the person has a backup instead.
        back_requested(): to the list of accounts.
    """

    account_created = Signal(object)
    restore_requested = Signal()
    back_requested = Signal()

    def __init__(self, context: AppContext, folder: Path | None = None, *, has_accounts: bool = False) -> None:
        super().__init__(context, width=34)
        self._folder = folder
        self._account: Account | None = None
        self._keyring = True
        self.step_label = label("", "small")
        self.card.add(self.step_label)
        self.steps = Steps()
        self.card.add(self.steps)
        self.steps.add(self._make_who(has_accounts))
        self.steps.add(self._make_lock())
        self._show(0)
        context.tasks.call(_has_keyring, done=self._on_keyring_known, owner=self)

    # -- step 1: who

    def _make_who(self, has_accounts: bool) -> QWidget:
        theme = self.context.theme
        page, column = self._page(t("Who are you?"), t("Printed under your signature, as written here. Everything can be changed later."))
        self.name, self.before, self.after = LineEdit(), LineEdit(), LineEdit()
        self.institution, self.nip, self.nidn, self.rank = LineEdit(), LineEdit(), LineEdit(), LineEdit()
        self.before.setPlaceholderText("Dr.")
        self.after.setPlaceholderText("M.Kom.")
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.em(0.6))
        self._name_field = Field(theme, t("Full name, without titles"), self.name)
        grid.addWidget(self._name_field, 0, 0, 1, 2)
        grid.addWidget(Field(theme, t("Titles before"), self.before), 1, 0)
        grid.addWidget(Field(theme, t("Titles after"), self.after), 1, 1)
        grid.addWidget(Field(theme, t("Institution"), self.institution), 2, 0, 1, 2)
        self._nip_field = Field(theme, t("NIP (optional)"), self.nip)
        self._nidn_field = Field(theme, t("NIDN (optional)"), self.nidn)
        grid.addWidget(self._nip_field, 3, 0)
        grid.addWidget(self._nidn_field, 3, 1)
        grid.addWidget(Field(theme, t("Rank (optional)"), self.rank), 4, 0, 1, 2)
        column.addLayout(grid)
        row = QHBoxLayout()
        if has_accounts:
            row.addWidget(button(theme, t("Back"), self.back_requested.emit, part="quiet"))
        row.addWidget(button(theme, t("I have a backup"), self.restore_requested.emit, icon="backup", part="quiet"))
        row.addStretch(1)
        self.next = button(theme, t("Next"), self._on_who_given, part="main")
        row.addWidget(self.next)
        column.addLayout(row)
        for line in (self.name, self.before, self.after, self.institution, self.nip, self.nidn, self.rank):
            line.returnPressed.connect(self._on_who_given)
        return page

    def _on_who_given(self) -> None:
        self._name_field.say("")
        if not self.name.text().strip():
            self._name_field.say(t("Your name is needed: documents are signed with it."), wrong=True)
            self.name.setFocus()
            return
        for field, line, lengths in ((self._nip_field, self.nip, (18,)), (self._nidn_field, self.nidn, (10, 16))):
            digits = sum(char.isdigit() for char in line.text())
            field.say("")
            if line.text().strip() and digits not in lengths:
                field.say(t("{0} digits were typed; it has {1}.").format(digits, lengths[0]), wrong=True)
                line.setFocus()
                return
        self._show(1)

    # -- step 2: lock

    def _make_lock(self) -> QWidget:
        theme = self.context.theme
        page, column = self._page(t("A PIN for this computer"), t("It opens the notebook here and is asked for at every signature."))
        self.pin = NewPin(theme, optional=True)
        column.addWidget(self.pin)
        self.without_pin = QCheckBox(t("Without a PIN (whoever uses this computer can read and sign)"))
        self.without_pin.toggled.connect(lambda on: self.pin.setDisabled(on))
        column.addWidget(self.without_pin)
        self.passphrase = secret_line(t("Passphrase"))
        self._passphrase_field = Field(
            theme, t("Passphrase (optional)"), self.passphrase,
            t("Several words. Opens the notebook and its backups on any computer."))
        column.addWidget(self._passphrase_field)
        row = QHBoxLayout()
        self._back = button(theme, t("Back"), lambda: self._show(0), part="quiet")
        row.addWidget(self._back)
        row.addStretch(1)
        self.make = button(theme, t("Make my notebook"), self._on_create, part="main")
        row.addWidget(self.make)
        column.addLayout(row)
        for line in (self.pin.first, self.pin.again, self.passphrase):
            line.returnPressed.connect(self._on_create)
        return page

    def _on_keyring_known(self, there: bool) -> None:
        self._keyring = there
        if not there:
            self._passphrase_field.caption.setText(t("Passphrase"))
            self._passphrase_field.say(t("This computer has no keyring, so the passphrase opens the notebook at each start."))

    def _on_create(self) -> None:
        if not self.make.isEnabled():
            return
        pin: str | None = ""
        if not self.without_pin.isChecked():
            pin = self.pin.check()
            if not pin:
                if pin == "":
                    self.pin._optional = False
                    self.pin.check()
                    self.pin._optional = True
                return
        passphrase = self.passphrase.text()
        if (passphrase or not self._keyring) and len(passphrase.strip()) < 8:
            self._passphrase_field.say(t("At least {0} characters; several words are good.").format(8), wrong=True)
            self.passphrase.setFocus()
            return
        from assessor_app.workflow.accounts import Profile

        profile = Profile(self.name.text().strip(), self.before.text().strip(), self.after.text().strip(),
                          self.institution.text().strip(), self.nip.text().strip(), self.nidn.text().strip(),
                          self.rank.text().strip())
        self._busy(True)
        folder = self._folder
        self.context.tasks.run(lambda job: _create(job, folder, profile, pin or "", passphrase), title=t("Making the notebook…"),
                               done=self._on_created, failed=self._on_failed, cancellable=False, owner=self)

    def _on_failed(self, error: Exception) -> None:
        self._busy(False)
        self.context.notify.error(error)

    def _busy(self, busy: bool) -> None:
        self.make.setEnabled(not busy)
        self._back.setEnabled(not busy)
        self.make.setText(t("One moment…") if busy else t("Make my notebook"))

    # -- step 3: the code

    def _on_created(self, made: tuple[Account, str]) -> None:
        self._account, code = made
        theme = self.context.theme
        locked = self._keyring and self._account.slots.needs_passphrase
        page, column = self._page(t("Your recovery code"), t(
            "The keyring of this computer is locked, so the passphrase opens the notebook at each start.") if locked else "")
        self.code = RecoveryCode(self.context, code, self.name.text())
        column.addWidget(self.code)
        row = QHBoxLayout()
        row.addWidget(button(theme, t("Check later"), self._finish, part="quiet"))
        row.addStretch(1)
        self.start = button(theme, t("Begin"), self._finish, part="main")
        self.start.setEnabled(False)
        self.code.confirmed.connect(self.start.setEnabled)
        self.code.typed.returnPressed.connect(lambda: self._finish() if self.code.right else None)
        row.addWidget(self.start)
        column.addLayout(row)
        self.steps.add(page)
        self.pin.first.clear()
        self.pin.again.clear()
        self.passphrase.clear()
        self._show(2)
        self.code.typed.setFocus()

    def _finish(self) -> None:
        if self._account is not None:
            account, self._account = self._account, None
            self.account_created.emit(account)

    # -- all steps

    def _page(self, title: str, text: str) -> tuple[QWidget, QVBoxLayout]:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.context.theme.em(0.5))
        column.addWidget(label(title, "title"))
        if text:
            column.addWidget(label(text, "muted"))
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
        return page, column

    def focus_first(self) -> None:
        """Begin with the name."""
        if self.steps.current == 0:
            self.name.setFocus()

    def _show(self, step: int) -> None:
        self.steps.show_step(step)
        self.step_label.setText(t("Step {0} of {1}").format(step + 1, 3))
        self.language.setEnabled(step < 2)
        if step == 1:
            self.pin.first.setFocus()


def _has_keyring() -> bool:
    from assessor_app.identity.keychain import system_keychain

    return system_keychain().available


def _create(job: Job, folder: Path | None, profile: Profile, pin: str, passphrase: str) -> tuple[Account, str]:
    from assessor_app.workflow import accounts
    from assessor_app.workflow.cards import new_folder
    from assessor_app.workflow.one_window import hold

    account, code = accounts.create_account(folder or new_folder(), profile, pin, passphrase=passphrase)
    hold(account)
    return account, code
