"""The keys with which this notebook's devices sign and open courier files: of the device that it is now, and of those that it was.

A device's keys never change. A notebook that was set back goes on as another device; what it wrote before still counts as the
first one's, and is signed by that one's key.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from assessor_app import ids
from assessor_app.identity.couriers import CourierKeys
from assessor_app.models.catalogue import DeviceKey
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import Kind
from assessor_app.workflow import accounts
from assessor_app.workflow.accounts import put_settings, setting

if TYPE_CHECKING:
    from assessor_app.workflow.accounts import Account

_KEPT = "courier_keys"


def keys(account: Account) -> CourierKeys:
    """Return this device's courier keys, made at the first need and published to the colleagues at the next sync."""
    kept = _kept(account)
    own = kept.get(account.device)
    with account.reading() as session:
        published = session.get(DeviceKey, _id(account, account.device))
    if own is not None and (published is None or published.signing == own.signing):
        return own
    if published is not None:  # by another copy of this notebook, which alone has them
        kept.pop(account.device, None)
        accounts.new_incarnation(account)
    made = CourierKeys.make()
    told = {device: [one.seed, one.identity] for device, one in kept.items()}
    put_settings(account, courier_keys={"device": account.device, "seed": made.seed, "identity": made.identity, "earlier": told})
    _publish(account, account.device, made)
    return made


def signers(account: Account, devices: Collection[str]) -> dict[str, CourierKeys]:
    """Return by whose keys what each of these devices wrote is signed; one whose keys are not here is left out.

    They are with the notebook that this one was copied from, or were made after the copy that this one was set back to.
    """
    keys(account)
    known = _kept(account)
    return {device: known[device] for device in devices if device in known}


def opened(account: Account, sealed: bytes) -> bytes | None:
    """Return what is sealed for this notebook's device, or for one that it was; None where it is for others. Raises BadInput."""
    keys(account)
    for one in _kept(account).values():
        inside = one.open(sealed)
        if inside is not None:
            return inside
    return None


def _kept(account: Account) -> dict[str, CourierKeys]:
    """Return the keys that are here by device, the newest first."""
    with account.reading() as session:
        kept = setting(session, _KEPT)
    if not kept:
        return {}
    earlier = {device: CourierKeys(seed, identity) for device, (seed, identity) in kept.get("earlier", {}).items()}
    return {kept["device"]: CourierKeys(kept["seed"], kept["identity"])} | earlier


def _id(account: Account, device: str) -> str:
    return ids.natural_id(Kind.KEY, account.profile, device)


def _publish(account: Account, device: str, made: CourierKeys) -> None:
    def publish(unit: Unit) -> None:
        unit.add(DeviceKey(id=_id(account, device), assessor=account.profile, device=device, signing=made.signing,
                           recipient=made.recipient))

    account.writer.run(publish, purpose="courier.keys")
