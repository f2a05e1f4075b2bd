"""Builds what tests need: opened accounts, a real server process, notes and people."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assessor_app.identity.keychain import NoKeychain
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit
from assessor_app.models.visits import Visit
from assessor_app.workflow import accounts, interviewing, syncing, visiting
from assessor_app.workflow.accounts import Account, Profile
from assessor_server import accounts as server_accounts
from assessor_server import tls
from assessor_server.store import Store

PASSPHRASE = "sungai digoel mengalir"
PIN = "1234"


def make_account(folder: Path, name: str = "Maria Tefa", **profile: str) -> Account:
    """Return a fresh account whose notebook opens by passphrase."""
    account, _ = accounts.create_account(
        folder,
        Profile(name, institution="Universitas Contoh", **profile),
        PIN,
        passphrase=PASSPHRASE,
        keychain=NoKeychain(),
    )
    return account


def reopen(account: Account) -> Account:
    """Close an account and open its folder again."""
    account.close()
    return accounts.open_account(account.folder, passphrase=PASSPHRASE, keychain=NoKeychain())


def make_visit(account: Account, region: str = "93.02") -> str:
    """Return a new visit of the account."""
    return account.writer.run(lambda unit: visiting.create_visit(unit, region), purpose="visit.create")


def make_note(account: Account, visit: str, body: str = "", *, observation: bool = True, **values: Any) -> str:
    """Return a new note; an observation may leave the device, another needs its persons' consent."""

    def work(unit: Unit) -> str:
        note = unit.get(Interview, interviewing.create_interview(unit, visit))
        note.body = body
        note.basis = "observation" if observation else "persons"
        for name, value in values.items():
            setattr(note, name, value)
        return note.id

    return account.writer.run(work, purpose="interview.create")


def write(
    account: Account, entity: Any, record: str, *, editing: str = "", purpose: str = "edit", **values: Any
) -> str:
    """Set fields of a record; return the unit, by which it is undone."""

    def work(unit: Unit) -> None:
        row = unit.get(entity, record)
        for name, value in values.items():
            setattr(row, name, value)

    return account.writer.write(work, purpose=purpose, editing=editing).result().unit


def read(account: Account, entity: Any, record: str, name: str) -> Any:
    """Return one field as it stands in the notebook."""
    with account.reading() as session:
        row = session.get(entity, record)
        return None if row is None else getattr(row, name)


@dataclass
class ServerProcess:
    """A real server in a process of its own, on loopback."""

    folder: Path
    database: str = ""
    port: int = 0
    url: str = ""
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def command(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run ``asesor-server`` with words."""
        base = [sys.executable, "-m", "assessor_server", "--data", str(self.folder)]
        return subprocess.run(
            [*base, *(["--database", self.database] if self.database else []), *words],
            capture_output=True,
            text=True,
            check=check,
        )

    def prepare(self, *logins: str) -> ServerProcess:
        """Make the database and accounts assigned to Boven Digoel for every year."""
        self.command("init")
        for login in logins:
            self.add(login)
        return self

    def store(self) -> Store:
        """Open the server's database beside it, as its own commands do."""
        return Store(self.folder, self.database)

    def add(self, login: str, region: str = "93.02") -> None:
        """Add an account with the password ``rahasia sekali`` and assign it a region."""
        store = self.store()
        with store.transaction() as connection:
            account = server_accounts.add_account(connection, login, login.title(), "assessor", "rahasia sekali")
            if region:
                server_accounts.assign(connection, account, region, 0)
        store.close()

    def start(self, *options: str) -> ServerProcess:
        """Start serving, with further options; the port stays the same after a restart."""
        base = [sys.executable, "-m", "assessor_server", "--data", str(self.folder)]
        self.process = subprocess.Popen(
            [*base, *(["--database", self.database] if self.database else []), "serve", "--port", str(self.port), *options],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        found = re.search(r"https?://\S+:(\d+)", line)
        assert found, line
        self.url, self.port = found.group(), int(found.group(1))
        return self

    def stop(self, *, kill: bool = False) -> None:
        """Stop serving, politely or as a power cut does."""
        if self.process is not None:
            (self.process.kill if kill else self.process.terminate)()
            self.process.wait()
            assert self.process.stdout
            self.process.stdout.close()
            self.process = None

    def invitation(self, login: str) -> syncing.Invitation:
        """Return a fresh invitation."""
        store = self.store()
        with store.transaction() as connection:
            account = server_accounts.account_of(connection, login)
            assert account
            secret = server_accounts.invite(connection, account)
        store.close()
        pinned = tls.fingerprint(self.folder) if self.url.startswith("https") else ""
        return syncing.Invitation(self.url, pinned, login, secret)

    def join(self, folder: Path, login: str) -> Account:
        """Return a fresh account that joined by invitation."""
        account = make_account(folder, login.title())
        syncing.join(account, self.invitation(login))
        return account


def sync(account: Account) -> Any:
    """Synchronise and insist that nothing is missing."""
    outcome = syncing.synchronise(account)
    assert outcome.fault is None, outcome.fault
    assert outcome.complete, outcome
    return outcome


def title_of(account: Account, visit: str) -> str:
    """Return a visit's region code."""
    return str(read(account, Visit, visit, "region"))
