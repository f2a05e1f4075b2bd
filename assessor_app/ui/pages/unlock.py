"""Choosing the account and opening its notebook: by PIN, or by passphrase or recovery code where the PIN is of no use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem

from assessor_app import formats
from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.notify import describe
from assessor_app.ui.pages.start import StartPage
from assessor_app.ui.widgets.basics import Field, button, label, quiet_table
from assessor_app.ui.widgets.secrets import secret_line

if TYPE_CHECKING:
    from assessor_app.identity.keychain import Keychain
    from assessor_app.ui.tasks import Job
    from assessor_app.workflow.accounts import Account
    from assessor_app.workflow.cards import AccountCard

PIN, PASSPHRASE, CODE = "pin", "passphrase", "code"


def second_line(card: AccountCard) -> str:
    """Return the institution, and of a restored backup the day: the same person stands twice in the list."""
    found = re.fullmatch(r"restored-(\d{4})(\d\d)(\d\d)-\d{6}", card.folder.name)
    restored = t("restored on {0}").format(formats.date("-".join(found.groups()))) if found else ""
    return " · ".join(part for part in (card.institution, restored) if part)


class Unlock(StartPage):
    """Asks which account and how to open it.

    Signals:
        account_opened(Account): the notebook is open.
        new_account_requested(), restore_requested(): the other ways on.
    """

    account_opened = Signal(object)
    new_account_requested = Signal()
    restore_requested = Signal()

    def __init__(self, context: AppContext, cards: list[AccountCard], chosen: str = "", *, why: str = "",
                 keychain: Keychain | None = None) -> None:
        super().__init__(context)
        theme = context.theme
        self._cards = {str(card.folder): card for card in cards}
        self._way = PIN
        self._keychain = keychain  # the sample brings its own; else the system's
        self.card.add(label(t("Open your notebook"), "title"))
        if why:
            self.card.add(label(why, "muted"))
        self.list = QListWidget()
        self.list.setAccessibleName(t("Accounts on this computer"))
        quiet_table(self.list)
        for card in cards:
            item = QListWidgetItem(theme.icon("user"), f"{card.name}\n{second_line(card)}".strip())
            item.setData(Qt.ItemDataRole.UserRole, str(card.folder))
            self.list.addItem(item)
            if str(card.folder) == chosen:
                self.list.setCurrentItem(item)
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)
        self.list.setFixedHeight(min(len(cards), 4) * theme.em(2.6) + theme.em(0.4))
        self.list.currentItemChanged.connect(lambda *_: self._ask(PIN))
        self.card.add(self.list)
        self.secret = secret_line(t("PIN"))
        self.field = self.card.add(Field(theme, t("PIN"), self.secret))
        self.secret.returnPressed.connect(self._open)
        row = QHBoxLayout()
        self.other = button(theme, "", self._on_other, part="quiet")
        row.addWidget(self.other)
        row.addStretch(1)
        self.open = button(theme, t("Unlock"), self._open, icon="key", part="main")
        row.addWidget(self.open)
        self.card.body.addLayout(row)
        more = QHBoxLayout()
        more.addWidget(button(theme, t("Another account"), self.new_account_requested.emit, icon="plus", part="quiet"))
        more.addWidget(button(theme, t("Restore a backup"), self.restore_requested.emit, icon="backup", part="quiet"))
        more.addStretch(1)
        self.card.body.addLayout(more)
        self._ask(PIN)

    def focus_first(self) -> None:
        """Begin with the PIN."""
        (self.secret if self.field.isVisible() else self.open).setFocus()

    def _current(self) -> AccountCard:
        return self._cards[str(self.list.currentItem().data(Qt.ItemDataRole.UserRole))]

    def _ask(self, way: str) -> None:
        card = self._current()
        if way == PIN and card.session_passphrase:
            way = PASSPHRASE
        self._way = way
        following = self._following(way)
        self.other.setText({PIN: t("Open by PIN"), PASSPHRASE: t("Open by passphrase"), CODE: t("Open by recovery code")}[following])
        names = {PIN: t("PIN"), PASSPHRASE: t("Passphrase"), CODE: t("Recovery code")}
        hints = {PIN: "", PASSPHRASE: "", CODE: t("The seven groups of your printed page; dashes and capitals do not matter.")}
        self.field.caption.setText(names[way])
        self.secret.setAccessibleName(names[way])
        self.secret.setEchoMode(self.secret.EchoMode.Normal if way == CODE else self.secret.EchoMode.Password)
        self.field.say(hints[way])
        asks = way != PIN or card.asks_for_pin
        self.field.setVisible(asks)
        self.secret.clear()
        (self.secret if asks else self.open).setFocus()

    def _on_other(self) -> None:
        self._ask(self._following(self._way))

    def _following(self, way: str) -> str:
        """Return the way to open that the other button offers."""
        ways = [PASSPHRASE, CODE] if self._current().session_passphrase else [PIN, PASSPHRASE, CODE]
        return ways[(ways.index(way) + 1) % len(ways)]

    def _open(self) -> None:
        if not self.open.isEnabled():
            return
        if not self.secret.text() and (self._way != PIN or self._current().asks_for_pin):
            self.field.say({PIN: t("Type the PIN."), PASSPHRASE: t("Type the passphrase."), CODE: t("Type the recovery code.")}[self._way],
                           wrong=True)
            self.secret.setFocus()
            return
        self.open.setEnabled(False)
        folder, way, secret, keychain = self._current().folder, self._way, self.secret.text(), self._keychain

        def work(job: Job) -> Account:
            from assessor_app.workflow.one_window import open_for_window

            given: dict[str, str] = {way: secret}
            return open_for_window(folder, pin=given.get(PIN), passphrase=given.get(PASSPHRASE), code=given.get(CODE),
                                   keychain=keychain)

        self.context.tasks.run(work, title=t("Opening the notebook…"), done=self._on_opened, failed=self._on_failed,
                               cancellable=False, owner=self)

    def _on_opened(self, account: Account) -> None:
        self.secret.clear()
        self.account_opened.emit(account)

    def _on_failed(self, error: Exception) -> None:
        from assessor_app.errors import WrongKey
        from assessor_app.workflow.one_window import OpenElsewhere, call

        self.open.setEnabled(True)
        self.secret.selectAll()
        self.secret.setFocus()
        if isinstance(error, WrongKey):
            said = describe(error)
            self.field.setVisible(True)
            self.field.say(" ".join(part for part in (said.title, said.text, said.hint) if part), wrong=True)
        else:
            if isinstance(error, OpenElsewhere):
                call(self._current().folder)
            self.context.notify.error(error)


