"""Whom this notebook trusts: the centre's root, its own certificate, and what the centre said at the last sync."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from assessor_app.errors import LineError
from assessor_app.workflow.accounts import Account, put_settings, setting

if TYPE_CHECKING:
    from assessor_app.sync.transport import Transport


@dataclass(frozen=True, slots=True)
class Anchors:
    """Whom this device trusts: the centre's root, its own certificate, the list of revoked ones (PEM), and the centre's word (JSON)."""

    root: bytes | None
    known: tuple[bytes, ...] = ()
    crl: bytes | None = None
    word: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return what findings under these anchors are remembered by."""
        return hashlib.sha256(repr((self.root, self.known, self.crl, self.word)).encode()).hexdigest()


def anchors_of(session: Session) -> Anchors:
    """Return whom this notebook trusts."""
    def pem(name: str) -> bytes | None:
        return str(setting(session, name) or "").encode() or None

    certificate, word = pem("certificate"), setting(session, "trust_word")
    return Anchors(pem("root"), (certificate,) if certificate else (), pem("revoked"), word if isinstance(word, dict) else {})


def fetch(account: Account, transport: Transport, number: int) -> None:
    """Fetch the list of revoked certificates and the centre's word beside it, where the server says that either changed."""
    with account.reading() as session:
        known = int(setting(session, "revoked_count") or 0)
    if number == known:
        return
    try:
        pem = transport.revoked().decode()
        word = transport.trusted()
    except LineError:
        return
    put_settings(account, revoked=pem, trust_word=word, revoked_count=number)
