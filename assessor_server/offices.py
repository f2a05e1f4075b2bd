"""Receiving offices: devices for which every courier file is sealed too, as the secretariat says; and keys of revoked devices."""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import Connection, select

from assessor_app import ids
from assessor_app.errors import AppError, BadInput
from assessor_app.i18n import t
from assessor_app.identity.couriers import seal
from assessor_app.models.kinds import CATALOGUE, Kind
from assessor_app.models.records import seen_digest
from assessor_app.sync.rows import Row
from assessor_server import accounts, centre
from assessor_server import tables as tb
from assessor_server.history import load_row
from assessor_server.store import lock_scopes

#: The longest name of an office, in characters.
LONGEST = 120
_FIELD = "receiving_office"


def name(connection: Connection, account: str, device: str, said: str) -> str:
    """Say in which office a device stands, or rename it; return the name as it is kept. Raises AppError, NotAllowed."""
    office = _checked(said)
    lock_scopes(connection, [CATALOGUE])
    row = _usable(connection, device)
    if row.fields.get(_FIELD) != office:
        _write(connection, account, row, office)
    return office


def take_back(connection: Connection, account: str, device: str) -> None:
    """Say that a device stands in no office any more. Raises AppError, NotAllowed."""
    lock_scopes(connection, [CATALOGUE])
    rows = [row for row in _keys(connection, device) if row.fields.get(_FIELD)]
    if not rows:
        raise AppError(t("Device {0} stands in no receiving office.").format(device), kept=t("Nothing was changed."))
    for row in rows:
        _write(connection, account, row, "")


def listed(connection: Connection) -> dict[str, str]:
    """Return the offices for which courier files are sealed, by device."""
    fields = connection.execute(select(tb.record.c.fields).where(
        tb.record.c.kind == Kind.KEY.value, tb.record.c.scope == CATALOGUE)).scalars()
    return {str(one["device"]): str(one[_FIELD]) for one in fields if one.get(_FIELD) and not one.get("deleted")}


def revoke(connection: Connection, device: str) -> bool:
    """Revoke a device and withdraw its courier key, so that nobody seals for it from the next sync on; return whether it was in use.

    The key is its owner's: it is withdrawn in the owner's name, whoever revokes.
    """
    lock_scopes(connection, [CATALOGUE])
    done = accounts.revoke_device(connection, device)
    _withdraw(connection, device)
    return done


def settle(connection: Connection) -> None:
    """Withdraw the keys of devices that an older server revoked: it let others go on sealing for them."""
    revoked = connection.execute(select(tb.device.c.id).where(tb.device.c.revoked_at.is_not(None)).order_by(tb.device.c.id)).scalars().all()
    lock_scopes(connection, [CATALOGUE])
    for device in revoked:
        _withdraw(connection, device)


def _withdraw(connection: Connection, device: str) -> None:
    owner = accounts.owners_of(connection, {device}).get(device, "")
    for row in _keys(connection, device):
        change = ["=", Kind.KEY.value, row.id, "deleted", row.version("deleted"), seen_digest(row.versions)]
        centre.write(connection, owner, CATALOGUE, "key.withdraw", lambda _, change=change: [change])  # type: ignore[misc]


def _write(connection: Connection, account: str, row: Row, office: str) -> None:
    change: list[Any] = ["=", Kind.KEY.value, row.id, _FIELD, row.version(_FIELD), office]
    centre.write(connection, account, CATALOGUE, "key.office", lambda _: [change])


def _checked(said: str) -> str:
    office = unicodedata.normalize("NFC", said).strip()
    kept = t("Nothing was changed.")
    if not office:
        raise BadInput(t("The office has no name."), hint=t("Write its name and place, such as: Diskominfo Boven Digoel, Tanah Merah."),
                       kept=kept)
    if any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for one in office):
        raise BadInput(t("The office's name holds a line break or another character that nobody sees."),
                       hint=t("Write it anew, in one line."), kept=kept)
    if len(office) > LONGEST:
        raise BadInput(t("The office's name is too long: {0} characters.").format(len(office)),
                       hint=t("At most {0} characters.").format(LONGEST), kept=kept)
    return office


def _usable(connection: Connection, device: str) -> Row:
    """Return the key of a device that can receive courier files. Raises AppError."""
    kept = t("Nothing was changed.")
    found = connection.execute(select(tb.device.c.revoked_at, tb.account.c.active).join(
        tb.account, tb.account.c.id == tb.device.c.account).where(tb.device.c.id == device)).first()
    if found is None:
        raise AppError(t("There is no device {0}.").format(device), kept=kept)
    if found.revoked_at:
        raise AppError(t("Device {0} is revoked: nothing is sealed for it.").format(device),
                       hint=t("Name another device of the office."), kept=kept)
    if not found.active:
        raise AppError(t("The account of device {0} is closed.").format(device),
                       hint=t("Open the account again, or name another device of the office."), kept=kept)
    keys = [key for key in _keys(connection, device) if _seals(key)]
    if not keys:
        raise AppError(t("Device {0} has published no key for courier files yet.").format(device),
                       hint=t("Let it synchronise once with this server, then name the office again."), kept=kept)
    return keys[0]


def _seals(key: Row) -> bool:
    """Tell whether files can be sealed by a key: one that is none would stop everybody's."""
    try:
        seal(b"", [str(key.fields.get("recipient") or "")])
    except ValueError:
        return False
    return True


def _keys(connection: Connection, device: str) -> list[Row]:
    """Return the keys that a device's own account published for it; somebody else's record may name the device too."""
    owner = accounts.owners_of(connection, {device}).get(device, "")
    profiles = connection.execute(select(tb.alias.c.profile).where(tb.alias.c.account == owner).order_by(tb.alias.c.profile)).scalars()
    rows = [load_row(connection, Kind.KEY, ids.natural_id(Kind.KEY, profile, device)) for profile in profiles]
    return [row for row in rows if row is not None and not row.fields.get("deleted")]
