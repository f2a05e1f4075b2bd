"""The window: first start, unlocking and the open notebook, with the menu and the status bar around them."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QWindow
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QStackedWidget, QWidget

from assessor_app import clock, i18n
from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.front import Front
from assessor_app.ui.pages.names import OVERVIEW, PAGES, page_title

if TYPE_CHECKING:
    from assessor_app.identity.keychain import Keychain
    from assessor_app.ui.actions import Actions
    from assessor_app.ui.workspace import Workspace
    from assessor_app.workflow.accounts import Account

log = logging.getLogger(__name__)


def warm_up() -> None:
    """Load what an opened notebook needs while the person types the PIN."""
    def load() -> None:
        import assessor_app.ui.workspace
        import assessor_app.workflow.accounts  # noqa: F401

    threading.Thread(target=load, name="warm-up", daemon=True).start()


class MainWindow(QMainWindow):
    """Shows what can be done now: make an account, open one, or work in it.

    Signals:
        ready(): there is something to work with on the screen.
    """

    ready = Signal()

    def __init__(self, context: AppContext, folder: Path | None = None) -> None:
        super().__init__()
        self.context = context
        self.folder = folder  # the one data folder that this window was asked to open
        self.keychain: Keychain | None = None  # another keyring than the system's (the sample's)
        self.workspace: Workspace | None = None
        self.actions_: Actions | None = None
        self._visit, self._page = "", OVERVIEW
        self._touched_at = clock.now_ms()
        self.front = Front(self)
        context.notify.window = self
        self.setWindowTitle("Asesor")
        self.setWindowIcon(context.theme.icon("asesor"))
        self.stack = QStackedWidget()
        self.setCentralWidget(self.stack)
        self._idle = QTimer(self, interval=10_000)
        self._idle.timeout.connect(self._on_idle_checked)
        self._idle.start()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusWindowChanged.connect(self._on_focus_window_changed)
        context.settings_changed.connect(self.rebuild)
        context.lock_requested.connect(self.lock)
        self.fit_screen()

    def sizeHint(self) -> QSize:
        """Return the size that suits most of the machines in the field (Qt)."""
        return QSize(1200, 720)

    def fit_screen(self) -> None:
        """Take most of a large screen and all of a small one: with its frame the window is never larger than the screen."""
        area = self.screen().availableGeometry()
        self.resize(min(1280, area.width()), min(800, area.height()))
        if area.width() < 1300 or area.height() < 860:
            self.setWindowState(Qt.WindowState.WindowMaximized)

    # -- what is shown

    def begin(self) -> None:
        """Show the first page: first start, accounts, or the notebook at once where nothing is asked."""
        from assessor_app.workflow.cards import accounts, card_of

        if self.folder is not None:
            card = card_of(self.folder)
            cards = [card] if card is not None else []
        else:
            cards = accounts()
        if not cards:
            self.show_first_start(has_accounts=False)
        else:
            self.show_unlock(self._elsewhere())

    def _elsewhere(self) -> str:
        """Say at once that another window has the notebook, and call it to the front; empty where none has."""
        from assessor_app.workflow.one_window import call, elsewhere

        last = self.context.settings.last_account
        folder = self.folder or (Path(last) if last else None)
        held = elsewhere(folder) if folder is not None else None
        if folder is None or held is None:
            return ""
        call(folder)
        return str(held)

    def show_first_start(self, *, has_accounts: bool = True) -> None:
        """Show the making of an account."""
        from assessor_app.ui.pages.first_start import FirstStart

        page = FirstStart(self.context, self.folder, has_accounts=has_accounts)
        page.account_created.connect(self.open_account)
        page.back_requested.connect(self.show_unlock)
        page.restore_requested.connect(self._restore)
        self._show(page)
        self.ready.emit()

    def show_unlock(self, why: str = "") -> None:
        """Show the accounts and ask for the PIN."""
        from assessor_app.ui.pages.unlock import Unlock
        from assessor_app.workflow.cards import accounts, card_of

        one = card_of(self.folder) if self.folder is not None else None
        cards = [one] if one is not None else accounts()
        if not cards:
            self.show_first_start(has_accounts=False)
            return
        page = Unlock(self.context, cards, self.context.settings.last_account, why=why if isinstance(why, str) else "",
                      keychain=self.keychain)
        page.account_opened.connect(self.open_account)
        page.new_account_requested.connect(self.show_first_start)
        page.restore_requested.connect(self._restore)
        self._show(page)
        self.ready.emit()
        QTimer.singleShot(30, self, warm_up)

    def open_account(self, account: Account) -> None:
        """Show an opened notebook."""
        from assessor_app.ui.actions import Actions
        from assessor_app.ui.widgets.status import StatusBar
        from assessor_app.ui.workspace import Workspace

        self.context.set_account(account)
        self.context.tasks.listen(account)
        if self.folder is None and self.context.settings.last_account != str(account.folder):
            self.context.settings.last_account = str(account.folder)
            self.context.settings.save()
        self._touched_at = clock.now_ms()
        self.front.watch(account.folder)
        self.workspace = Workspace(self.context, self._visit, self._page)
        self.workspace.visit_opened.connect(self._on_visit_opened)
        self.workspace.ready.connect(self.ready)
        bar = StatusBar(self.context)
        self.setStatusBar(bar)
        self.workspace.outbox_changed.connect(bar.set_outbox)
        before = self.actions_
        self.actions_ = Actions(self, self.workspace, bar)
        if before is not None:  # built anew for another language or look: one sync at a time, and still paused if it was
            before.line.leave()
            self.actions_.line.set_paused(before.line.paused)
        self._make_menu(self.actions_)
        self._show(self.workspace)
        QTimer.singleShot(800, self.actions_, self.actions_.after_opening)

    def lock(self, why: str = "") -> None:
        """Save what is typed, forget the key, and ask for the PIN again."""
        if not self.context.unlocked:
            return
        self._remember_place()
        for dialog in self.findChildren(QWidget):
            if dialog.isWindow() and dialog is not self:
                dialog.close()
        self._leave()
        said = [why or t("The notebook is locked.")]
        if self.context.unsaved.any(everywhere=True):
            said.append(t("What could not be saved is not lost: unlock, and it is tried again. Leave the program open until then."))
        self.show_unlock(" ".join(said))

    def rebuild(self) -> None:
        """Build everything anew after a change of language, size of text or look."""
        settings = self.context.settings
        i18n.set_language(settings.language)
        self._remember_place()
        if self.context.unlocked:
            self.context.flush()
        self.context.theme.apply(settings.theme, settings.text_scale)
        if self.context.unlocked:
            self.open_account(self.context.account)
        else:
            self.begin()

    def _show(self, page: QWidget) -> None:
        while (old := self.stack.widget(0)) is not None:
            self.stack.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.stack.addWidget(page)
        self.stack.setCurrentWidget(page)
        locked = not self.context.unlocked
        self.menuBar().setVisible(not locked)
        if locked:
            self.setWindowTitle("Asesor")  # a locked window does not tell which region it was on
            self.statusBar().hide()
        else:
            self.statusBar().show()

    def _leave(self) -> None:
        """Close the notebook; everything typed is on the disk before, or waits in memory."""
        if not self.context.unlocked:
            return
        account = self.context.account
        self.context.closing.emit()
        self.context.tasks.cancel_all()
        if self.actions_ is not None:
            self.actions_.line.leave()
        self.context.flush()
        self.workspace = None
        self.actions_ = None
        self.context.set_account(None)
        self.front.watch(None)
        account.close()

    def _remember_place(self) -> None:
        if self.workspace is not None and self.workspace.view is not None:
            self._visit, self._page = self.workspace.view.visit.id, self.workspace.view.page

    def _on_visit_opened(self, visit: str) -> None:
        self._visit = visit
        view = self.workspace.view if self.workspace is not None else None
        self.setWindowTitle(f"{view.visit.title} – Asesor" if view is not None else "Asesor")

    def _restore(self) -> None:
        from assessor_app.ui.dialogs.backups import RestoreDialog

        dialog = RestoreDialog(self.context, self)
        if dialog.exec() and dialog.folder is not None:
            if self.folder is None:
                self.context.settings.last_account = str(dialog.folder)
            self.show_unlock(t("The backup is restored. Open it with its passphrase or recovery code."))

    # -- the menu

    def _make_menu(self, do: Actions) -> None:
        bar = self.menuBar()
        bar.clear()
        bar.setAccessibleName(t("Menu"))
        space = do.workspace
        file = bar.addMenu(t("&File"))
        self._add(file, t("New visit"), space.new_visit, "Ctrl+N", "plus")
        self._add(file, t("New note"), do.new_note, "Ctrl+Shift+N", "interview")
        file.addSeparator()
        self._add(file, t("Take the visit out…"), do.export_visit, "Ctrl+Shift+E", "out")
        self._add(file, t("Back up…"), do.back_up, "", "backup")
        self._add(file, t("Restore…"), do.restore, "")
        self._add(file, t("Import an invitation…"), do.import_invitation, "", "mail")
        self._add(file, t("Import an instrument…"), do.import_instrument, "", "import")
        self._add(file, t("Import an interview guide…"), do.import_guide, "", "import")
        file.addSeparator()
        self._add(file, t("Settings…"), do.open_settings, "Ctrl+,", "settings")
        self._add(file, t("Lock"), lambda: self.lock(), "Ctrl+L", "lock")
        self._add(file, t("Quit"), self.close, "Ctrl+Q")
        edit = bar.addMenu(t("&Edit"))
        self._add(edit, t("Undo the last change"), do.undo, "Ctrl+Shift+Z", "undo")
        self._add(edit, t("Find"), space.focus_search, "Ctrl+F", "search")
        view = bar.addMenu(t("&View"))
        for number, code in enumerate(PAGES, 1):
            self._add(view, page_title(code), lambda c=code: do.show_page(c), f"Alt+{number}")
        view.addSeparator()
        self._add(view, t("Show or hide the visits"), space.toggle_side, "Ctrl+B", "menu")
        self._add(view, t("Larger text"), lambda: do.scale_text(1), "Ctrl++")
        self._add(view, t("Smaller text"), lambda: do.scale_text(-1), "Ctrl+-")
        line = bar.addMenu(t("&Line"))
        self._add(line, t("Synchronise"), do.sync, "F5", "sync")
        self._add(line, t("What goes, what came, what waits"), do.show_line, "F6", "online")
        self._add(line, t("Pause, or go on"), do.toggle_pause, "Shift+F5")
        self._add(line, t("Courier file…"), do.show_courier, "Ctrl+T", "out")
        self._add(line, t("Ready to leave?"), do.show_ready, "Ctrl+R", "check")
        line.addSeparator()
        self._add(line, t("Differences…"), do.show_differences, "Ctrl+D", "difference")
        help_ = bar.addMenu(t("&Help"))
        self._add(help_, t("Verify a document…"), do.verify, "Ctrl+K", "verify")
        self._add(help_, t("Find by printed code…"), do.find_code, "Ctrl+Shift+K", "search")
        self._add(help_, t("Keyboard"), do.show_keys, "F1", "help")
        self._add(help_, t("About Asesor"), do.show_about, "")

    def _add(self, menu: QMenu, text: str, on: object, keys: str, icon: str = "") -> QAction:
        action = menu.addAction(text)
        if icon:
            action.setIcon(self.context.theme.icon(icon))
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda: on() if callable(on) else None)
        return action

    # -- the machine

    def on_power_going(self) -> None:
        """Write at once what is typed: the battery is low."""
        self.context.flush(timeout_ms=2000)

    def on_sleeping(self) -> None:
        """Save and lock: the machine goes to sleep or the session is locked."""
        self.lock(t("The notebook was locked when the computer went to sleep."))

    def _on_focus_window_changed(self, window: QWindow | None) -> None:
        """Watch the raw input of whatever window of ours is used, not every event of every widget."""
        if window is not None:
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note that somebody is there (Qt)."""
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.TouchBegin,
                            QEvent.Type.MouseMove):
            self._touched_at = clock.now_ms()
        return False

    def _on_idle_checked(self) -> None:
        limit = self.context.settings.lock_minutes * 60_000
        if self.context.occupied:
            self._touched_at = clock.now_ms()
        if self.context.unlocked and limit and clock.now_ms() - self._touched_at >= limit:
            self.lock(t("The notebook was locked because nobody used it for a while."))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Save everything, then go; where that fails, ask (Qt)."""
        kept = self.context.unsaved
        if (self.context.unlocked and not self.context.flush()) or kept.any(everywhere=True):
            if not kept.any(everywhere=True):
                stay = AppError(t("The last words are not on the disk yet."), hint=t("Wait a moment and close again."))
                self.context.notify.error(stay)
            elif self.context.notify.ask(t("Some of what you entered could not be saved."), t("If you close now, it is lost."),
                                         yes=t("Close and lose it"), no=t("Stay"), danger=True):
                self._leave()
                event.accept()
                return
            event.ignore()
            return
        self._leave()
        event.accept()
