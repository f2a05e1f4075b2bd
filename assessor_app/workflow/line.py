"""The server that this notebook joined: whether there is one, where it is, and a connection to it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.workflow.accounts import Account, setting

if TYPE_CHECKING:
    from assessor_app.sync.transport import Transport


def joined(session: Session) -> bool:
    """Tell whether this device has joined a server."""
    return bool(setting(session, "credential"))


def server_place(session: Session) -> tuple[str, int] | None:
    """Return the host and port of the joined server, None where there is none."""
    parts = urlsplit(str(setting(session, "server_url") or ""))
    return (parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)) if parts.hostname else None


def transport_of(account: Account) -> Transport:
    """Return a connection to the server that this device joined. Raises AppError where it joined none."""
    from assessor_app.sync.transport import Server, Transport

    with account.reading() as session:
        url = str(setting(session, "server_url") or "")
        if not url:
            raise AppError(t("This device has not joined a server yet."), hint=t("Import the invitation file under Settings, Server."),
                           kept=t("Everything is safe on this device."))
        return Transport(Server(url, str(setting(session, "fingerprint") or "")), device=str(setting(session, "joined_as")),
                         credential=str(setting(session, "credential")), token=str(setting(session, "token") or ""))
