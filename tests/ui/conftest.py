"""What the window's tests share: an open notebook with a fake keyring, the translations, and a watch on Qt's warnings."""

from __future__ import annotations

import gettext
import json
import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from assessor_app import i18n, paths
from assessor_app.settings import Settings
from assessor_app.ui.context import AppContext
from assessor_app.ui.notify import Notifier
from assessor_app.ui.tasks import Tasks
from assessor_app.ui.theme import Theme
from assessor_app.workflow import accounts


class FakeKeychain:
    """A keyring in memory."""

    available = True

    def __init__(self) -> None:
        self.secrets: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        return self.secrets.get(name)

    def put(self, name: str, secret: bytes) -> None:
        self.secrets[name] = secret

    def delete(self, name: str) -> None:
        self.secrets.pop(name, None)


class PartsTranslations(gettext.NullTranslations):
    """The Indonesian texts straight from their parts: no compiled catalogue is needed to test the window."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, str] = {}
        for part in sorted((paths.resources() / "i18n" / "parts").glob("*.json")):
            self.texts |= json.loads(part.read_text(encoding="utf-8"))

    def gettext(self, message: str) -> str:
        return self.texts.get(message, message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.texts.get(singular, singular)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASESOR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def translations(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(i18n._translations, "id", PartsTranslations())
    i18n.set_language("id")
    yield
    i18n.set_language("id")


@pytest.fixture(autouse=True)
def keychain(monkeypatch: pytest.MonkeyPatch) -> FakeKeychain:
    made = FakeKeychain()
    monkeypatch.setattr(accounts, "system_keychain", lambda: made)
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
