"""The system's store of secrets: only encrypted ones are accepted, and each failure has its name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import SecretService
from keyring.errors import InitError, KeyringLocked

from assessor_app.identity.keychain import (
    KeychainError,
    KeychainOutcome,
    NoKeychain,
    SystemKeychain,
    accepted,
    system_keychain,
)


def _service() -> SystemKeychain:
    return SystemKeychain(SecretService.Keyring())  # type: ignore[no-untyped-call]


class PlainText(KeyringBackend):
    """Stands for keyrings.alt, which would be ``keyring``'s own choice."""

    priority = 99  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("a plain-text store was used")

    def delete_password(self, service: str, username: str) -> None:
        return None


def test_a_plain_text_store_is_never_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring

    plain = PlainText()  # type: ignore[no-untyped-call]
    monkeypatch.setattr(keyring.core, "_keyring_backend", plain)
    assert not accepted(plain)
    with pytest.raises(KeychainError) as error:
        SystemKeychain(plain)
    assert error.value.outcome is KeychainOutcome.NO_BACKEND
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    assert not system_keychain().available


@pytest.mark.parametrize(("fault", "outcome"), [
    (InitError("x"), KeychainOutcome.LOCKED),
    (KeyringLocked("x"), KeychainOutcome.LOCKED),
    (OSError("x"), KeychainOutcome.FAILED),
    (type("error", (Exception,), {"winerror": 1783})(), KeychainOutcome.OVERFLOW),
])
def test_each_fault_has_its_name(monkeypatch: pytest.MonkeyPatch, fault: Exception, outcome: KeychainOutcome) -> None:
    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(SecretService.Keyring, "get_password", fail)
    monkeypatch.setattr(SecretService.Keyring, "set_password", fail)
    keychain = _service()
    for call in (lambda: keychain.get("x"), lambda: keychain.put("x", b"y")):
        with pytest.raises(KeychainError) as error:
            call()
        assert error.value.outcome is outcome
        assert error.value.kept


def test_too_long_a_secret_is_refused_before_the_system_does() -> None:
    with pytest.raises(KeychainError) as error:
        _service().put("x", b"y" * 1000)
    assert error.value.outcome is KeychainOutcome.OVERFLOW


def test_no_keychain_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    assert isinstance(system_keychain(), NoKeychain)
    with pytest.raises(KeychainError):
        NoKeychain().get("x")


_REAL = """
from pathlib import Path
from assessor_app.identity.keychain import system_keychain
from assessor_app.identity.slots import KeySlots
import sys
keychain = system_keychain()
assert keychain.available, "no keyring"
keychain.put("name", b"secret \\x00\\xff")
assert keychain.get("name") == b"secret \\x00\\xff"
keychain.delete("name"); keychain.delete("name")
assert keychain.get("name") is None
slots, key = KeySlots.create(Path(sys.argv[1]))
slots.add_device(key, "1234", keychain)
assert KeySlots.load(Path(sys.argv[1])).open_with_pin("1234", system_keychain()) == key
print("held by", keychain.name)
"""


@pytest.mark.skipif(not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")),
                    reason="needs dbus-run-session and gnome-keyring-daemon (Debian: gnome-keyring)")
def test_a_real_keyring_holds_the_device_secret(tmp_path: Path) -> None:
    ran = _beside_a_keyring(tmp_path, _REAL, 'printf "login" | gnome-keyring-daemon --unlock --components=secrets >/dev/null')
    assert ran.returncode == 0, ran.stderr
    assert "SecretService" in ran.stdout


def _beside_a_keyring(folder: Path, script: str, daemon: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a desktop session of its own, beside a keyring that one shell command starts."""
    file, home = folder / "real.py", folder / "home"
    file.write_text(script)
    home.mkdir(exist_ok=True)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHON_KEYRING_BACKEND"} | {
        "HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_RUNTIME_DIR": str(home), "XDG_CONFIG_HOME": str(home),
        "XDG_CACHE_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", f'{daemon} && exec "$0" "$1" "$2"', sys.executable, str(file), str(folder / "notebook")],
        env=environment, capture_output=True, text=True, timeout=60, check=False)


_LOCKED = """
import sys
from pathlib import Path
from assessor_app.identity.keychain import system_keychain
from assessor_app.workflow import accounts
keychain = system_keychain()
assert keychain.available and keychain.locked
account, _ = accounts.create_account(Path(sys.argv[1]), accounts.Profile("Maria"), "1234", passphrase="sungai digoel mengalir")
account.close()
assert system_keychain().locked, "it was unlocked, or made"
accounts.open_account(Path(sys.argv[1]), passphrase="sungai digoel mengalir").close()
"""


@pytest.mark.skipif(not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")),
                    reason="needs dbus-run-session and gnome-keyring-daemon (Debian: gnome-keyring)")
def test_a_real_keyring_that_is_locked_is_left_alone_where_a_passphrase_is_given(tmp_path: Path) -> None:
    ran = _beside_a_keyring(tmp_path, _LOCKED, "gnome-keyring-daemon --start --components=secrets >/dev/null")
    assert ran.returncode == 0, ran.stderr
