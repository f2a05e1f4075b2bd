"""The system's own store of secrets: accepted by class only, so that a plain-text store is never taken for one."""

from __future__ import annotations

import base64
import binascii
import importlib
import logging
import os
import sys
from contextlib import closing
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from assessor_app.errors import AppError
from assessor_app.i18n import t

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

log = logging.getLogger(__name__)

#: Back ends that keep secrets encrypted under the person's login, in order of preference. ``keyring`` itself would
#: also take whatever plug-in is installed (``keyrings.alt`` writes plain text), a configuration file or a chain of
#: all of them: so its own choice is never asked for.
ACCEPTED: Final = (
    ("keyring.backends.Windows", "WinVaultKeyring"),
    ("keyring.backends.macOS", "Keyring"),
    ("keyring.backends.SecretService", "Keyring"),
    ("keyring.backends.libsecret", "Keyring"),
    ("keyring.backends.kwallet", "DBusKeyring"),
    ("keyring.backends.kwallet", "DBusKeyringKWallet4"),
)

#: Back ends that live on one system only are not even imported elsewhere.
_HOME: Final = {"keyring.backends.Windows": "win32", "keyring.backends.macOS": "darwin"}

#: Windows holds 2,560 bytes of UTF-16: refuse earlier, everywhere alike.
LIMIT: Final = 1200
_SERVICE: Final = "Asesor"


class KeychainOutcome(StrEnum):
    """Why the system's store of secrets could not do what was asked."""

    NO_BACKEND = "no_backend"
    LOCKED = "locked"
    OVERFLOW = "overflow"
    FAILED = "failed"


class KeychainError(AppError):
    """The system's store of secrets could not be used; ``outcome`` is the stable reason."""

    def __init__(self, outcome: KeychainOutcome, title: str, message: str = "", hint: str = "", kept: str = "") -> None:
        super().__init__(title, message, hint, kept)
        self.outcome = outcome


class Keychain(Protocol):
    """A store of small secrets, by name. All calls may block while the system asks the person."""

    @property
    def available(self) -> bool:
        """Return whether there is a store at all (it may still be locked)."""

    @property
    def locked(self) -> bool:
        """Return whether the system would ask the person to unlock the store first; False where that cannot be told."""

    def get(self, name: str) -> bytes | None:
        """Return the secret of that name, or None. Raise KeychainError."""

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret of at most 900 bytes under that name. Raise KeychainError."""

    def delete(self, name: str) -> None:
        """Forget the secret of that name, if there is one. Raise KeychainError."""


class NoKeychain:
    """Stands where the system has no store of secrets: a passphrase is asked for each session instead."""

    available = False
    locked = False

    def get(self, name: str) -> bytes | None:
        """Refuse."""
        raise _no_backend()

    def put(self, name: str, secret: bytes) -> None:
        """Refuse."""
        raise _no_backend()

    def delete(self, name: str) -> None:
        """Do nothing: there is nothing to forget."""


class SystemKeychain:
    """The store of the person's desktop session, through one accepted ``keyring`` back end."""

    available = True

    def __init__(self, backend: KeyringBackend) -> None:
        if not accepted(backend):
            raise _no_backend()
        self._backend = backend

    @property
    def name(self) -> str:
        """Return the class of the store in use, for the diagnosis page."""
        kind = type(self._backend)
        return f"{kind.__module__}.{kind.__name__}"

    @property
    def locked(self) -> bool:
        """Return whether the desktop's store is locked, or was never made: using it would put a question on the screen."""
        if type(self._backend).__module__ != "keyring.backends.SecretService":
            return False
        try:
            service = importlib.import_module("secretstorage")
            with closing(service.dbus_init()) as bus:
                try:
                    return bool(service.Collection(bus).is_locked())
                except service.exceptions.ItemNotFoundException:
                    return True
        except Exception as fault:
            log.debug("keychain: %s", type(fault).__name__)
            return False

    def get(self, name: str) -> bytes | None:
        """Return the secret of that name, or None where there is none (or not one of ours)."""
        try:
            text = self._backend.get_password(f"{_SERVICE}/{name}", name)
        except Exception as fault:
            raise _converted(fault) from fault
        if text is None:
            return None
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return None

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret, and read it back: some stores accept a write and drop it."""
        text = base64.b64encode(secret).decode("ascii")
        if len(text) > LIMIT:
            raise _overflow()
        try:
            self._backend.set_password(f"{_SERVICE}/{name}", name, text)
        except Exception as fault:
            raise _converted(fault) from fault
        if self.get(name) != secret:
            raise _failed("dropped")

    def delete(self, name: str) -> None:
        """Forget the secret of that name, if there is one."""
        from keyring.errors import PasswordDeleteError

        try:
            self._backend.delete_password(f"{_SERVICE}/{name}", name)
        except PasswordDeleteError:
            return
        except Exception as fault:
            raise _converted(fault) from fault


def accepted(backend: object) -> bool:
    """Return whether a back end is one of the list, by its exact class (a subclass could do anything)."""
    return (type(backend).__module__, type(backend).__name__) in ACCEPTED


def system_keychain() -> Keychain:
    """Return the system's store of secrets, or NoKeychain where there is none that we accept.

    A person may forbid it as ``keyring`` documents: ``PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring``.
    """
    if os.environ.get("PYTHON_KEYRING_BACKEND", "") in {"keyring.backends.null.Keyring", "keyring.backends.fail.Keyring"}:
        return NoKeychain()
    for module, name in ACCEPTED:
        if _HOME.get(module, sys.platform) != sys.platform:
            continue
        try:
            kind = getattr(importlib.import_module(module), name)
            if kind.priority > 0:
                return SystemKeychain(kind())
        except Exception as fault:
            log.debug("keychain %s: %s", module, type(fault).__name__)
    return NoKeychain()


def _converted(fault: Exception) -> KeychainError:
    """Return our error for a back end's: ``keyring`` errors, D-Bus errors and Windows' own (1783, 8: too long)."""
    from keyring.errors import InitError, KeyringLocked, NoKeyringError

    if isinstance(fault, KeychainError):
        return fault
    if isinstance(fault, (InitError, KeyringLocked)) or type(fault).__name__ in {"LockedException", "PromptDismissedException"}:
        return KeychainError(
            KeychainOutcome.LOCKED,
            t("The system's keyring is locked."),
            hint=t("Unlock it and try again, or open the notebook with the passphrase or the recovery code."),
            kept=t("Nothing is lost."),
        )
    if isinstance(fault, NoKeyringError):
        return _no_backend()
    if getattr(fault, "winerror", None) in {8, 1783}:
        return _overflow()
    return _failed(type(fault).__name__)


def _no_backend() -> KeychainError:
    return KeychainError(
        KeychainOutcome.NO_BACKEND,
        t("This computer has no keyring that is safe to use."),
        hint=t("Choose a passphrase: the program asks for it each time it starts."),
        kept=t("Nothing is lost."),
    )


def _overflow() -> KeychainError:
    return KeychainError(
        KeychainOutcome.OVERFLOW, t("The secret is too long for the system's keyring."), kept=t("Nothing is lost.")
    )


def _failed(code: str) -> KeychainError:
    return KeychainError(
        KeychainOutcome.FAILED,
        t("The system's keyring does not answer."),
        message=code,
        hint=t("Open the notebook with the passphrase or the recovery code."),
        kept=t("Nothing is lost."),
    )
