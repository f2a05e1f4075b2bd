"""Opening, making and closing an account's data folder: the notebook, its key, its writer and the device's identity."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assessor_app import clock, formats, ids, paths
from assessor_app.errors import BadInput, NotebookError, WrongKey
from assessor_app.i18n import t
from assessor_app.identity.keychain import Keychain, KeychainError, system_keychain
from assessor_app.identity.slots import KeySlots, SlotKind, notebook_secret
from assessor_app.models import search
from assessor_app.models.blobs import BlobStore
from assessor_app.models.catalogue import Assessor
from assessor_app.models.changes import ChangeSet
from assessor_app.models.database import NOTEBOOK, Notebook
from assessor_app.models.journal import Unit
from assessor_app.models.migrations.upgrade import NewerNotebook
from assessor_app.models.permissions import Actor
from assessor_app.models.tables import Device, Setting
from assessor_app.models.writer import Writer
from assessor_app.workflow.cards import CARD

if TYPE_CHECKING:
    from assessor_app.identity.signers import LocalKey


@dataclass(frozen=True, slots=True)
class Profile:
    """Who the person is, as documents print it."""

    name: str
    title_before: str = ""
    title_after: str = ""
    institution: str = ""
    nip: str = ""
    nidn: str = ""
    rank: str = ""

    @property
    def full_name(self) -> str:
        """The name with its titles."""
        return formats.full_name(self.name, self.title_before, self.title_after)


@dataclass
class Account:
    """An opened data folder. ``profile`` is the assessor's id; close it to lock."""

    folder: Path
    notebook: Notebook
    blobs: BlobStore
    writer: Writer
    slots: KeySlots
    profile: str
    device: str
    recovered: bool = False  # opened by passphrase or code: a new PIN and signing key are needed
    recordings: set[str] = field(default_factory=set)  # those that go on since it was opened
    asked_on: str = ""  # the day on which the person was last asked about agreed times that are over
    _keychain: Keychain | None = None
    _on_close: list[Callable[[], None]] = field(default_factory=list)

    @property
    def keychain(self) -> Keychain:
        """The system's store of secrets, looked for at first need: that takes a while."""
        if self._keychain is None:
            self._keychain = system_keychain()
        return self._keychain

    @property
    def actor(self) -> Actor:
        """The person as the rules of permissions see them."""
        return self.writer.actor

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a read-only session."""
        with self.notebook.reading() as session:
            yield session

    def signing_secret(self) -> bytes:
        """Return the secret that protects the signing key beside the PIN."""
        if SlotKind.DEVICE in self.slots.kinds:
            return self.slots.device_secret(self.keychain)
        return notebook_secret(self.notebook.key)

    def signer(self, pin: str) -> LocalKey:
        """Unlock the device's key for one signature; the PIN is asked each time. Raise WrongKey."""
        from assessor_app.identity.keys import unlock_key
        from assessor_app.identity.signers import LocalKey

        with self.reading() as session:
            blob = setting(session, "signing_key")
            certificate = str(setting(session, "certificate") or "")
            chain = tuple(str(pem).encode() for pem in setting(session, "chain") or [])
        if not blob:
            raise NotebookError(t("This device has no signing key yet."), hint=t("Make one under Settings, Signing key."),
                                kept=t("Nothing was signed."))
        key = unlock_key(base64.b64decode(blob), pin, self.signing_secret(), self.slots.guard)
        return LocalKey(key, certificate.encode(), chain)

    def on_changes(self, listener: Callable[[ChangeSet], None]) -> None:
        """Hear of each committed change (on the writer's thread)."""
        self.writer.on_written(listener)

    def close(self) -> None:
        """Finish what is queued, fold the WAL away and forget the key."""
        try:
            self.writer.close()
            self.blobs.close()
            self.notebook.close()
        finally:
            for act in self._on_close:
                act()

    def at_close(self, act: Callable[[], None]) -> None:
        """Do something once everything is closed, however that goes."""
        self._on_close.append(act)


def create_account(folder: Path, profile: Profile, pin: str, *, passphrase: str = "",
                   keychain: Keychain | None = None) -> tuple[Account, str]:
    """Make a data folder with its notebook and signing key; return the opened account and the recovery code to print.

    Without a keyring on the machine a ``passphrase`` is needed: it is asked for at each start, and also where the keyring is locked and
    one was given. Raises KeychainError where it is locked and none was, BadInput where
    name or passphrase are missing, or the folder lies in a cloud service's.
    """
    keychain = keychain or system_keychain()
    _check_profile(profile, passphrase, keychain)
    cloud = paths.cloud_folder(folder)
    if cloud:
        raise BadInput(t("The notebook may not lie in a folder of {0}.").format(cloud),
                       hint=t("Two machines would write it at once and damage it. Choose a local folder."))
    slots, key = KeySlots.create(folder)
    by_pin = keychain.available and not (passphrase and keychain.locked)  # who typed a passphrase is not asked for the keyring's
    if by_pin:  # first of all: where the person does not open the keyring, nothing is left behind
        try:
            slots.add_device(key, pin, keychain)
        except KeychainError:
            if not passphrase:
                raise
            by_pin = False
    if passphrase:
        slots.add_passphrase(key, passphrase, session=not by_pin)
    code = slots.add_recovery(key)
    notebook = Notebook.create(folder, key)
    person = ids.new_id()
    with notebook.writing_session() as session, session.begin():
        session.add(Setting(name="profile", value=person))
        session.add(Setting(name="installed_at", value=clock.now_ms()))
    account = _assemble(folder, notebook, slots, keychain)
    account.writer.run(lambda unit: unit.add(Assessor(
        id=person, name=profile.name, title_before=profile.title_before, title_after=profile.title_after,
        institution=profile.institution, nip=profile.nip, nidn=profile.nidn, rank=profile.rank)) and None, purpose="profile.create")
    make_signing_key(account, pin)
    write_card(account)
    return account, code


def _check_profile(profile: Profile, passphrase: str, keychain: Keychain) -> None:
    faults = []
    if not profile.name.strip():
        faults.append(t("Name: it is printed under every signature and cannot be empty."))
    digits = "".join(ch for ch in profile.nip if ch.isdigit())
    if profile.nip.strip() and len(digits) != 18:
        faults.append(t("NIP: it has 18 digits; {0} were given.").format(len(digits)))
    digits = "".join(ch for ch in profile.nidn if ch.isdigit())
    if profile.nidn.strip() and len(digits) not in (10, 16):
        faults.append(t("NIDN: it has 10 digits; {0} were given.").format(len(digits)))
    if not keychain.available and not passphrase:
        faults.append(t("Passphrase: this computer has no keyring, so a passphrase must open the notebook at each start."))
    if faults:
        raise BadInput(t("Some details are missing or wrong."), tuple(faults), kept=t("What you typed is still there."))


def open_account(folder: Path, *, pin: str | None = None, passphrase: str | None = None, code: str | None = None,
                 keychain: Keychain | None = None) -> Account:
    """Open a data folder by PIN (with the keyring), passphrase or recovery code.

    Raises WrongKey, KeychainError, NotebookError. A folder that was copied or restored goes on as a new device.
    """
    slots = KeySlots.load(folder)
    recovered = False
    if code is not None:
        key, recovered = slots.open_with_code(code), True
    elif passphrase is not None:
        key = slots.open_with_passphrase(passphrase)
        recovered = SlotKind.SESSION not in slots.kinds
    else:
        keychain = keychain or system_keychain()
        key = slots.open_with_pin(pin or "", keychain)
    try:
        notebook = Notebook.open(folder, key)
    except NewerNotebook:
        raise
    except NotebookError as e:
        copy = keep_damaged(folder)
        damaged = isinstance(e, WrongKey)  # the slots gave the right key: it is the file that is not what it was
        raise NotebookError(
            t("The notebook file is damaged.") if damaged else e.title, e.message,
            t("Restore the newest backup: Settings, Restore, or “asesor restore FILE”.") if damaged else e.hint,
            t("A copy was kept: {0}.").format(copy) if copy else e.kept) from e
    account = _assemble(folder, notebook, slots, keychain)
    account.recovered = recovered
    return account


def keep_damaged(folder: Path) -> Path | None:
    """Keep a copy of a notebook that does not open, once a day, before anybody tries to mend it; return where it lies."""
    import shutil

    source = folder / NOTEBOOK
    copy = folder / "backups" / f"damaged-{clock.today():%Y%m%d}-{NOTEBOOK}"
    if not source.exists() or copy.exists():
        return copy if copy.exists() else None
    try:
        copy.parent.mkdir(exist_ok=True)
        for suffix in ("-wal", ""):
            part = source.with_name(source.name + suffix)
            if part.exists():
                shutil.copy2(part, copy.with_name(copy.name + suffix))
    except OSError:  # the disk may be full: half a copy is none
        for suffix in ("-wal", ""):
            copy.with_name(copy.name + suffix).unlink(missing_ok=True)
        return None
    return copy


def _assemble(folder: Path, notebook: Notebook, slots: KeySlots, keychain: Keychain | None) -> Account:
    with notebook.writing_session() as session, session.begin():
        device = _device(session, notebook)
        profile = str(setting(session, "profile"))
        aliases = frozenset(setting(session, "aliases") or [])
    blobs = BlobStore(folder, notebook.key)
    actor = Actor(frozenset({profile}) | aliases, offline=True)
    writer = Writer(notebook, actor, profile, device)
    writer.on_idle(search.index_some)
    notebook.in_use()
    return Account(folder, notebook, blobs, writer, slots, profile, device, _keychain=keychain)


def _device(session: Session, notebook: Notebook) -> str:
    """Return this incarnation's id: a new one where the notebook lives in a new place."""
    place = notebook.place()
    current = session.scalar(select(Device).where(Device.current))
    if current is not None and current.place == place:
        return current.id
    session.execute(update(Device).values(current=False))
    fresh = Device(id=ids.token(60), created_at=clock.now_ms(), place=place, current=True)
    session.add(fresh)
    return fresh.id


def new_incarnation(account: Account) -> None:
    """Go on as a new device: the server knows later entries of this one than the notebook (it was rolled back)."""
    def work(unit: Unit) -> str:
        unit.session.execute(update(Device).values(current=False))
        fresh = Device(id=ids.token(60), created_at=clock.now_ms(), place=account.notebook.place(), current=True)
        unit.session.add(fresh)
        return fresh.id

    account.device = account.writer.device = account.writer.run(work, purpose="device.new")


def make_signing_key(account: Account, pin: str) -> None:
    """Make this device's signing key, with a certificate of its own until the server certifies it."""
    from assessor_app.identity import certificates, keys

    key = keys.new_key()
    blob = keys.lock_key(key, pin, account.signing_secret())
    profile = profile_of(account)
    subject = certificates.Subject(profile.full_name, profile.institution, account.profile)
    pem = certificates.self_signed(key, subject).decode()
    request = certificates.request(key, subject).decode()
    put_settings(account, signing_key=base64.b64encode(blob).decode(), certificate=pem, chain=[], certificate_request=request,
                 signing_device=account.device)


def change_pin(account: Account, old: str, new: str) -> None:
    """Change the PIN of notebook and signing key. Raise WrongKey."""
    from assessor_app.identity import keys

    with account.reading() as session:
        blob = setting(session, "signing_key")
    secret = account.signing_secret()
    fresh = keys.change_pin(base64.b64decode(blob), old, new, secret)
    if SlotKind.DEVICE in account.slots.kinds:
        account.slots.change_pin(old, new, account.keychain)
    put_settings(account, signing_key=base64.b64encode(fresh).decode())


def settle_here(account: Account, pin: str) -> None:
    """After opening by passphrase or code: let this machine open the notebook by PIN, with a signing key of its own."""
    with contextlib.suppress(KeychainError):
        if account.keychain.available:
            account.slots.add_device(account.notebook.key, pin, account.keychain)
    make_signing_key(account, pin)
    account.recovered = False


def has_signing_key(account: Account) -> bool:
    """Tell whether this incarnation of the notebook can sign."""
    with account.reading() as session:
        return bool(setting(session, "signing_key")) and setting(session, "signing_device") == account.device


def profile_of(account: Account) -> Profile:
    """Return the person's details."""
    with account.reading() as session:
        row = session.get(Assessor, account.profile)
    if row is None:
        return Profile("")
    return Profile(row.name, row.title_before, row.title_after, row.institution, row.nip, row.nidn, row.rank)


def edit_profile(account: Account, profile: Profile) -> None:
    """Change the person's details."""
    _check_profile(profile, "-", account.keychain)

    def work(unit: Unit) -> None:
        row = unit.get(Assessor, account.profile)
        for name in ("name", "title_before", "title_after", "institution", "nip", "nidn", "rank"):
            setattr(row, name, getattr(profile, name))

    account.writer.run(work, purpose="profile.edit")
    write_card(account)


def write_card(account: Account) -> None:
    """Write what the account chooser shows."""
    profile = profile_of(account)
    (account.folder / CARD).write_text(
        json.dumps({"name": profile.full_name, "institution": profile.institution}, ensure_ascii=False), encoding="utf-8")


def setting(session: Session, name: str) -> Any:
    """Return a setting of the account, or None."""
    return session.scalar(select(Setting.value).where(Setting.name == name))


def put_settings(account: Account, **values: Any) -> None:
    """Write settings of the account; they stay on this device."""
    account.writer.run(lambda unit: store_settings(unit, **values), purpose="setting")


def store_settings(unit: Unit, **values: Any) -> None:
    """Write settings within a larger transaction."""
    for name, value in values.items():
        unit.session.merge(Setting(name=name, value=value))
