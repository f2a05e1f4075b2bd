"""What every widget is given: account, work beside the window, speech, settings and look. Nobody imports a singleton."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.ui.notify import describe
from assessor_app.ui.spelling import Speller

if TYPE_CHECKING:
    from assessor_app.settings import Settings
    from assessor_app.ui.notify import Notifier
    from assessor_app.ui.tasks import Tasks
    from assessor_app.ui.theme import Theme
    from assessor_app.workflow.accounts import Account


class AppContext(QObject):
    """The services of the window.

    Signals:
        flush_requested(): write what is typed but not yet saved, now (lock, sleep, low battery, closing, signing).
        lock_requested(): close the notebook and ask for the PIN.
        server_joined(): this device has joined a server.
        sync_switched(bool): whether syncs begin by themselves.
        closing(): the notebook is about to be closed; what goes on in it (a recording) must end and be kept now.
        ready_requested(): show the full check before a trip.
        settings_changed(): language, size of text or look are other ones: the window is built anew.
    """

    flush_requested = Signal()
    lock_requested = Signal()
    closing = Signal()
    server_joined = Signal()
    sync_switched = Signal(bool)
    ready_requested = Signal()
    settings_changed = Signal()

    def __init__(self, settings: Settings, theme: Theme, tasks: Tasks, notify: Notifier) -> None:
        super().__init__()
        self.settings = settings
        self.theme = theme
        self.tasks = tasks
        self.notify = notify
        self.unsaved = tasks.unsaved  # what was entered and could not be written
        self.spelling = Speller(settings, tasks)
        self.occupied = False  # somebody is there though no key is pressed: a recording goes on
        tasks.failed.connect(notify.error)
        self.unsaved.due.connect(self.save_again)
        self.unsaved.failed.connect(self._say_unsaved)
        self.unsaved.recovered.connect(self._say_recovered)

    @property
    def account(self) -> Account:
        """The opened notebook's account; raises AppError where it is locked."""
        if self.tasks.account is None:
            raise AppError(t("The notebook is locked."), hint=t("Unlock it with your PIN and try again."))
        return self.tasks.account

    @property
    def unlocked(self) -> bool:
        """Whether an account is open."""
        return self.tasks.account is not None

    def set_account(self, account: Account | None) -> None:
        """Open or close the account for all widgets; what could not be written waits in memory for its notebook."""
        self.tasks.account = account
        self.unsaved.open(account.folder if account is not None else None)
        self.spelling.open(account)

    def flush(self, then: Callable[[], None] | None = None, *, timeout_ms: int = 5000) -> bool:
        """Save what is typed and wait for the disk; True when all of it is there."""
        self.save_again()
        settled = self.tasks.settle(timeout_ms) and not self.unsaved.any()
        if settled and then is not None:
            then()
        return settled

    def save_again(self, *, asked: bool = False) -> None:
        """Save what is typed, and try again what could not be written; ``asked`` by the person."""
        if self.unlocked:
            self.flush_requested.emit()  # editors that are open write what they show now
            self.unsaved.try_again(asked=asked)

    def flush_or_ask(self) -> bool:
        """Save what is typed before it is signed, printed or handed on; where that fails, ask whether to go on without it."""
        self.flush()
        return not (self.unsaved.any() or self.tasks.pending_writes) or self.notify.ask(
            t("Some of what you entered is not saved yet."),
            t("It would be missing in what you are about to make. It still stands on the screen, and is tried again by itself."),
            yes=t("Go on without it"), no=t("Wait"), danger=True)

    def _say_recovered(self) -> None:
        self.notify.good(t("What could not be saved before is saved now."))

    def _say_unsaved(self, error: BaseException) -> None:
        said = describe(error)
        self.notify.warn(
            t("What you entered is not saved yet."),
            " ".join(filter(None, (said.title, said.hint, t("It still stands on the screen, and is tried again by itself.")))),
            action=t("Save again"), act=lambda: self.save_again(asked=True))
