"""What the window's tests share: an open notebook with a fake keyring, the translations, and a watch on Qt's warnings."""

from __future__ import annotations

import gettext
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from babel.messages.pofile import read_po
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from assessor_app import i18n, paths
from assessor_app.identity import keychain as keychains
from assessor_app.settings import Settings
from assessor_app.ui.context import AppContext
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.notify import Notifier
from assessor_app.ui.pages.master_plan import MasterPlanPage
from assessor_app.ui.pages.names import PAGES
from assessor_app.ui.pages.page import Page
from assessor_app.ui.tasks import Tasks
from assessor_app.ui.theme import Theme
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow import accounts, sample


class FakeKeychain:
    """A keyring in memory."""

    available = True
    locked = False

    def __init__(self) -> None:
        self.secrets: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        return self.secrets.get(name)

    def put(self, name: str, secret: bytes) -> None:
        self.secrets[name] = secret

    def delete(self, name: str) -> None:
        self.secrets.pop(name, None)


class PartsTranslations(gettext.NullTranslations):
    """The Indonesian texts straight from their sources: no compiled catalogue is needed to test the window."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, str] = {}
        catalogue = paths.resources() / "i18n" / "id" / "LC_MESSAGES" / "asesor.po"
        if catalogue.exists():
            with catalogue.open("rb") as file:
                for message in read_po(file, locale="id"):
                    key = message.id[0] if isinstance(message.id, tuple) else message.id
                    text = message.string[0] if isinstance(message.string, tuple) else message.string
                    if key and text:
                        self.texts[str(key)] = str(text)
        for part in sorted((paths.resources() / "i18n" / "parts").glob("*.json")):
            self.texts |= json.loads(part.read_text(encoding="utf-8"))

    def gettext(self, message: str) -> str:
        return self.texts.get(message, message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.texts.get(singular, singular)


_TEXTS = PartsTranslations()


@pytest.fixture(autouse=True)
def _indonesian(_english: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Speak Indonesian, the default, as the person does."""
    monkeypatch.setitem(i18n._translations, "id", _TEXTS)
    i18n.set_language("id")


@pytest.fixture(autouse=True)
def keychain(monkeypatch: pytest.MonkeyPatch) -> FakeKeychain:
    made = FakeKeychain()
    for home in (accounts, keychains):
        monkeypatch.setattr(home, "system_keychain", lambda: made)
    return made


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    found = qapp.findChild(Theme)
    made = found if found is not None else Theme(qapp)
    made.apply("light", 100)
    return made


@pytest.fixture
def context(theme: Theme) -> Iterator[AppContext]:
    tasks, notify = Tasks(), Notifier()
    notify.quiet = True
    made = AppContext(Settings(), theme, tasks, notify)
    yield made
    tasks.settle(5000)
    if made.unlocked:
        account = made.account
        made.set_account(None)
        account.close()
    tasks.close()


@pytest.fixture
def account(context: AppContext, tmp_path: Path, keychain: FakeKeychain) -> accounts.Account:
    profile = accounts.Profile("Maria Tefa", "Dr.", "M.Kom.", "Universitas Contoh")
    made, _ = accounts.create_account(tmp_path / "account", profile, "2468", keychain=keychain)
    context.set_account(made)
    return made


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the sample notebook once; tests work on copies."""
    folder = tmp_path_factory.mktemp("sample") / "account"
    keychain = FakeKeychain()
    account, _ = accounts.create_account(folder, sample.profile(), "2468", keychain=keychain)
    sample.load(account)
    account.close()
    (folder / "secrets.test").write_text(json.dumps({name: secret.hex() for name, secret in keychain.secrets.items()}))
    return folder


@pytest.fixture
def sample_account(context: AppContext, sample_folder: Path, tmp_path: Path, keychain: FakeKeychain) -> accounts.Account:
    """Open a copy of the sample notebook."""
    folder = tmp_path / "account"
    shutil.copytree(sample_folder, folder)
    for name, secret in json.loads((folder / "secrets.test").read_text()).items():
        keychain.put(name, bytes.fromhex(secret))
    made = accounts.open_account(folder, pin="2468", keychain=keychain)
    context.set_account(made)
    return made


@pytest.fixture
def window(qtbot: QtBot, context: AppContext) -> Iterator[MainWindow]:
    """Return the window of the context, without an open notebook."""
    made = MainWindow(context)
    qtbot.addWidget(made)
    made.resize(1366, 768)
    yield made
    made.close()


@pytest.fixture
def view(qtbot: QtBot, window: MainWindow, context: AppContext, sample_account: accounts.Account) -> VisitView:
    window.folder = sample_account.folder
    window.open_account(sample_account)
    window.show()
    settle(qtbot, context)
    assert window.workspace is not None
    assert window.workspace.view is not None
    return window.workspace.view


@pytest.fixture
def plan_page(qtbot: QtBot, view: VisitView, context: AppContext) -> MasterPlanPage:
    """The master plan of the sample visit, the keyboard in its table."""
    view.show_page("plan")
    settle(qtbot, context)
    page = view.page_widget("plan")
    assert isinstance(page, MasterPlanPage)
    page.table.setFocus()
    return page


def built_anew(qtbot: QtBot, window: MainWindow, context: AppContext, page: str) -> Page:
    """Return a page of the visit after the window took changed settings."""
    context.settings_changed.emit()
    settle(qtbot, context)
    assert window.workspace is not None
    assert window.workspace.view is not None
    window.workspace.view.show_page(page)
    settle(qtbot, context)
    return window.workspace.view.page_widget(page)


def settle(qtbot: QtBot, context: AppContext) -> None:
    """Wait until nothing is under way and what was read is on the screen."""
    quiet = 0

    def still() -> bool:
        nonlocal quiet
        quiet = quiet + 1 if context.tasks.idle else 0
        return quiet > 8

    qtbot.waitUntil(still, timeout=20_000)


def pytest_configure(config: pytest.Config) -> None:
    """Let pass what the platform without a screen says of itself."""
    config.addinivalue_line("qt_log_ignore", "This plugin does not support")


def pressed(qtbot: QtBot, context: AppContext, window: MainWindow, number: int) -> QWidget | None:
    """Do what Alt and a digit do, with the focus in the search; return what has the focus afterwards."""
    assert window.workspace is not None
    assert window.actions_ is not None
    window.workspace.focus_search()
    window.actions_.show_page(PAGES[number - 1])
    settle(qtbot, context)
    return window.focusWidget()
