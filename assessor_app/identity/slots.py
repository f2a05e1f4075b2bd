"""Key slots: one random database key, wrapped once for each way of opening the notebook, in ``slots.json``.

The key itself never touches the disk. Changing a PIN or a passphrase rewraps it; the database stays as it is.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from assessor_app.errors import BadInput, NotebookError, WrongKey
from assessor_app.i18n import t
from assessor_app.identity.attempts import PinGuard
from assessor_app.identity.keychain import Keychain, KeychainError, KeychainOutcome
from assessor_app.identity.recovery import new_code, read_code
from assessor_app.identity.wrapping import KEY_BYTES, Stretching, derive, seal, stretch, unseal, write_durably
from assessor_app.refusals import why

VERSION: Final = 1
FILE: Final = "slots.json"
#: The same bytes a second time: without them nothing of the notebook could be read any more.
COPY: Final = "slots.copy.json"
SHORTEST_PASSPHRASE: Final = 8


class SlotKind(StrEnum):
    """A way of opening the notebook; there is at most one slot of each."""

    DEVICE = "device"  # secret in this machine's keyring, and the PIN
    PASSPHRASE = "passphrase"  # on any machine
    RECOVERY = "recovery"  # the printed code, on any machine
    SESSION = "session"  # typed at each start, where the machine has no keyring


@dataclass(frozen=True, slots=True)
class Slot:
    """One wrapped copy of the database key."""

    kind: SlotKind
    salt: bytes
    sealed: bytes
    stretching: Stretching | None = None
    keychain: str = ""  # the name of the secret in the system's keyring
    pin: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the wire form."""
        out: dict[str, Any] = {"kind": self.kind.value, "salt": _b64(self.salt), "sealed": _b64(self.sealed)}
        if self.stretching:
            out["stretching"] = self.stretching.to_json()
        if self.kind is SlotKind.DEVICE:
            out |= {"keychain": self.keychain, "pin": self.pin}
        return out

    @staticmethod
    def from_json(raw: Any) -> Slot:
        """Read the wire form. Raise ValueError, KeyError or TypeError."""
        stretching = Stretching.from_json(raw["stretching"]) if "stretching" in raw else None
        return Slot(SlotKind(raw["kind"]), _raw(raw["salt"]), _raw(raw["sealed"]), stretching,
                    str(raw.get("keychain", "")), bool(raw.get("pin", False)))


class KeySlots:
    """The slots of one data folder. Calls that stretch a typed secret take some 0.1 to 0.4 s: not on the window's thread."""

    def __init__(self, folder: Path, notebook: str, check: str, slots: dict[SlotKind, Slot]) -> None:
        self.folder = folder
        self.guard = PinGuard(folder)
        self._notebook = notebook
        self._check = check
        self._slots = slots

    # -- the file

    @staticmethod
    def create(folder: Path) -> tuple[KeySlots, bytes]:
        """Return fresh slots and the new 32-byte database key; nothing is written before the first slot is added.

        Raises:
            NotebookError: where the folder has a notebook already.
        """
        if (folder / FILE).exists() or (folder / COPY).exists():
            raise NotebookError(t("There is a notebook in this folder already."), kept=t("It was left as it is."))
        key = secrets.token_bytes(KEY_BYTES)
        return KeySlots(folder, secrets.token_hex(16), _check_of(key), {}), key

    @staticmethod
    def exists(folder: Path) -> bool:
        """Return whether the folder holds key slots."""
        return (folder / FILE).is_file() or (folder / COPY).is_file()

    @staticmethod
    def load(folder: Path) -> KeySlots:
        """Read the folder's slots, from the copy where the file is damaged, which is then mended.

        Raises:
            NotebookError: no file, both damaged, or written by a newer version.
        """
        fault: NotebookError | None = None
        for name in (FILE, COPY):
            try:
                data = (folder / name).read_bytes()
                slots = KeySlots._read(folder, data)
            except OSError:
                continue
            except NotebookError as error:
                fault = fault or error
                continue
            other = folder / (COPY if name == FILE else FILE)
            if not other.is_file() or other.read_bytes() != data:
                slots._mend(other, data)
            return slots
        raise fault or NotebookError(
            t("The key file of the notebook is missing."),
            t("{0} is not in the data folder.").format(FILE),
            t("Restore a backup, or put the file back."),
        )

    @staticmethod
    def from_bytes(folder: Path, data: bytes) -> KeySlots:
        """Read slots from a backup for a folder that has none yet, and write them there. Raise NotebookError."""
        slots = KeySlots._read(folder, data)
        slots._write()
        return slots

    def portable(self) -> bytes:
        """Return the file's bytes for a backup: only the slots that open on any machine.

        Raises:
            NotebookError: where there is none; such a backup could never be opened elsewhere.
        """
        kept: dict[SlotKind, Slot] = {kind: slot for kind, slot in self._slots.items() if kind is not SlotKind.DEVICE}
        if not kept:
            raise NotebookError(t("A backup needs a passphrase or a recovery code."), hint=t("Set one first."),
                                kept=t("Nothing is lost."))
        return self._to_bytes(kept)

    @staticmethod
    def _read(folder: Path, data: bytes) -> KeySlots:
        try:
            raw = json.loads(data)
            version = int(raw["version"])
            if version <= VERSION:
                slots = [Slot.from_json(item) for item in raw["slots"]]
                return KeySlots(folder, str(raw["notebook"]), str(raw["check"]), {slot.kind: slot for slot in slots})
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise NotebookError(
                t("The key file of the notebook is damaged."),
                t("{0} cannot be read.").format(FILE),
                t("Restore a backup, or put an undamaged copy of the file back."),
                t("The notebook itself was not touched."),
            ) from error
        raise NotebookError(t("This notebook was written by a newer version of the program."),
                            hint=t("Install the newer version."), kept=t("Nothing was changed."))

    def _to_bytes(self, slots: dict[SlotKind, Slot]) -> bytes:
        raw = {"version": VERSION, "notebook": self._notebook, "check": self._check,
               "slots": [slot.to_json() for slot in slots.values()]}
        return (json.dumps(raw, indent=1) + "\n").encode()

    def _write(self) -> None:
        data = self._to_bytes(self._slots)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name in (FILE, COPY):
                write_durably(self.folder / name, data)
        except OSError as error:
            raise NotebookError(t("The key file could not be written."), why(error),
                                t("Make room on the disk and try again."), t("The earlier keys still hold.")) from error

    @staticmethod
    def _mend(path: Path, data: bytes) -> None:
        try:
            write_durably(path, data)
        except OSError:
            return  # a folder that cannot be written to still opens

    # -- what there is

    @property
    def kinds(self) -> frozenset[SlotKind]:
        """Return the ways of opening that are set up."""
        return frozenset(self._slots)

    @property
    def asks_for_pin(self) -> bool:
        """Return whether the device slot was made with a PIN (an empty one means: PIN off)."""
        slot = self._slots.get(SlotKind.DEVICE)
        return bool(slot and slot.pin)

    @property
    def needs_passphrase(self) -> bool:
        """Return whether a passphrase is asked for at each start: no keyring of this machine opens the notebook."""
        return SlotKind.DEVICE not in self._slots

    # -- adding, each replacing the slot of its kind

    def add_device(self, db_key: bytes, pin: str, keychain: Keychain) -> None:
        """Let this machine open the notebook by PIN, with a secret in its keyring; an empty PIN is PIN off.

        Raises:
            KeychainError: no keyring, locked, full. The slots stay as they were.
        """
        self._require(db_key)
        old = self._slots.get(SlotKind.DEVICE)
        name = old.keychain if old else f"notebook-{self._notebook[:8]}-{secrets.token_hex(4)}"
        secret = keychain.get(name) if old else None
        if secret is None:
            secret = secrets.token_bytes(KEY_BYTES)
            keychain.put(name, secret)
        salt, how = secrets.token_bytes(16), Stretching()
        kek = _device_kek(secret, pin, salt, how)
        self._put(Slot(SlotKind.DEVICE, salt, seal(kek, db_key, self._bound(SlotKind.DEVICE)), how, name, bool(pin.strip())))

    def add_passphrase(self, db_key: bytes, passphrase: str, *, session: bool = False) -> None:
        """Let a passphrase open the notebook on any machine; ``session`` marks the one asked for at each start.

        Raises:
            BadInput: shorter than eight characters.
        """
        self._require(db_key)
        if len(passphrase.strip()) < SHORTEST_PASSPHRASE:
            raise BadInput(t("The passphrase is too short."),
                           hint=t("At least {0} characters; several words are good.").format(SHORTEST_PASSPHRASE))
        kind = SlotKind.SESSION if session else SlotKind.PASSPHRASE
        salt, how = secrets.token_bytes(16), Stretching()
        self._put(Slot(kind, salt, seal(stretch(passphrase, salt, how), db_key, self._bound(kind)), how))

    def add_recovery(self, db_key: bytes) -> str:
        """Return a new recovery code to print; it is kept nowhere, and the code before it opens nothing any more."""
        self._require(db_key)
        code = new_code()
        salt = secrets.token_bytes(16)
        kek = derive(read_code(code).encode(), "asesor recovery code", salt)
        self._put(Slot(SlotKind.RECOVERY, salt, seal(kek, db_key, self._bound(SlotKind.RECOVERY))))
        return code

    def remove(self, kind: SlotKind, keychain: Keychain | None = None) -> None:
        """Take away one way of opening, and this machine's secret with the device slot.

        Raises:
            NotebookError: it is the last one.
        """
        if kind not in self._slots:
            return
        if len(self._slots) == 1:
            raise NotebookError(t("This is the last way to open the notebook."), hint=t("Add another one first."),
                                kept=t("Nothing was changed."))
        slot = self._slots.pop(kind)
        self._write()
        if slot.keychain and keychain is not None:
            keychain.delete(slot.keychain)

    # -- opening

    def open_with_pin(self, pin: str, keychain: Keychain) -> bytes:
        """Return the database key for this machine's PIN (empty where it is off).

        Raises:
            TooManyAttempts: after five wrong PINs, with the seconds to wait.
            WrongKey: a wrong PIN, or this machine has no device slot.
            KeychainError: no keyring, locked, or the secret is gone (another machine, an emptied keyring).
        """
        slot = self._slot(SlotKind.DEVICE)
        secret = self.device_secret(keychain)
        self.guard.begin()
        key = unseal(_device_kek(secret, pin, slot.salt, slot.stretching or Stretching()), slot.sealed,
                     self._bound(SlotKind.DEVICE))
        if key is None:
            raise WrongKey(t("The PIN is wrong."), hint=t("Try again, or use the passphrase or the recovery code."),
                           kept=t("Nothing is lost."))
        self.guard.succeed()
        return key

    def open_with_passphrase(self, passphrase: str) -> bytes:
        """Return the database key for the passphrase, or for the session's one. Raise WrongKey."""
        slots = [self._slots[kind] for kind in (SlotKind.PASSPHRASE, SlotKind.SESSION) if kind in self._slots]
        for slot in slots:
            kek = stretch(passphrase, slot.salt, slot.stretching or Stretching())
            key = unseal(kek, slot.sealed, self._bound(slot.kind))
            if key is not None:
                return key
        raise WrongKey(t("The passphrase is wrong."), hint=t("Watch for capital letters, or use the recovery code."),
                       kept=t("Nothing is lost."))

    def open_with_code(self, code: str) -> bytes:
        """Return the database key for the printed recovery code. Raise MistypedCode or WrongKey."""
        data = read_code(code)
        slot = self._slot(SlotKind.RECOVERY)
        key = unseal(derive(data.encode(), "asesor recovery code", slot.salt), slot.sealed, self._bound(SlotKind.RECOVERY))
        if key is None:
            raise WrongKey(t("The recovery code belongs to another notebook, or a newer code replaced it."),
                           hint=t("Look for the latest printed page."), kept=t("Nothing is lost."))
        return key

    def change_pin(self, old: str, new: str, keychain: Keychain) -> None:
        """Rewrap the device slot under another PIN (empty: PIN off); the signing key is rewrapped by its owner."""
        self.add_device(self.open_with_pin(old, keychain), new, keychain)

    def device_secret(self, keychain: Keychain) -> bytes:
        """Return this machine's secret, which also protects its signing key. Raise WrongKey or KeychainError."""
        slot = self._slot(SlotKind.DEVICE)
        secret = keychain.get(slot.keychain)
        if secret is None:
            raise KeychainError(
                KeychainOutcome.FAILED,
                t("This computer's keyring does not hold the key of this notebook."),
                t("The notebook was made on another computer, or the keyring was emptied."),
                t("Open it with the passphrase or the recovery code, then choose a new PIN."),
                t("Nothing is lost."),
            )
        return secret

    # -- inside

    def _slot(self, kind: SlotKind) -> Slot:
        slot = self._slots.get(kind)
        if slot is None:
            raise WrongKey(t("This way of opening the notebook is not set up."), hint=t("Use another one."),
                           kept=t("Nothing is lost."))
        return slot

    def _put(self, slot: Slot) -> None:
        before = dict(self._slots)
        self._slots[slot.kind] = replace(slot)
        try:
            self._write()
        except NotebookError:
            self._slots = before
            raise

    def _require(self, db_key: bytes) -> None:
        if not secrets.compare_digest(_check_of(db_key), self._check):
            raise WrongKey(t("The key belongs to another notebook."), kept=t("Nothing was changed."))

    def _bound(self, kind: SlotKind) -> str:
        return f"asesor slot {VERSION} {self._notebook} {kind.value}"


def notebook_secret(db_key: bytes) -> bytes:
    """Return the secret that protects the signing key where the machine has no keyring."""
    return derive(db_key, "asesor notebook secret")


def _device_kek(secret: bytes, pin: str, salt: bytes, how: Stretching) -> bytes:
    return derive(secret + stretch(pin, salt, how), "asesor device slot", salt)


def _check_of(key: bytes) -> str:
    return derive(key, "asesor key check")[:16].hex()


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _raw(text: Any) -> bytes:
    return base64.b64decode(str(text), validate=True)
