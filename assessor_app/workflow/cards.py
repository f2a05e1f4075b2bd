"""The accounts of this installation, as the chooser shows them: nothing of a notebook is loaded for it."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from assessor_app import paths
from assessor_app.errors import NotebookError
from assessor_app.identity.slots import KeySlots

CARD = "account.json"  # no secret, no note


@dataclass(frozen=True, slots=True)
class AccountCard:
    """What the account chooser shows of a data folder."""

    folder: Path
    name: str
    institution: str
    asks_for_pin: bool
    session_passphrase: bool  # no keyring: the passphrase opens it


def accounts(root: Path | None = None) -> list[AccountCard]:
    """Return the accounts of this installation, by name."""
    root = root or paths.data_root()
    cards = [card for folder in sorted(root.glob("accounts/*")) if (card := card_of(folder))]
    return sorted(cards, key=lambda card: card.name.lower())


def card_of(folder: Path) -> AccountCard | None:
    """Return what may be shown of a data folder before it is opened, or None where it is none."""
    if not KeySlots.exists(folder):
        return None
    try:
        raw = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raw = {}
    try:
        slots = KeySlots.load(folder)
    except NotebookError:  # it stands in the chooser all the same; opening it says what is wrong
        return AccountCard(folder, str(raw.get("name", folder.name)), str(raw.get("institution", "")), False, True)
    return AccountCard(folder, str(raw.get("name", folder.name)), str(raw.get("institution", "")), slots.asks_for_pin,
                       slots.needs_passphrase)


def new_folder() -> Path:
    """Return the folder for one more account of this installation."""
    return paths.data_root() / "accounts" / secrets.token_hex(6)
