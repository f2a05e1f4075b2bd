"""For whom a courier file is sealed: the visit's members, this person's own devices, and the offices that the secretariat named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.models.catalogue import DeviceKey
from assessor_app.models.visits import Visit
from assessor_app.sync import relay
from assessor_app.workflow.accounts import setting

if TYPE_CHECKING:
    from assessor_app.workflow.accounts import Account


@dataclass(frozen=True, slots=True)
class Reader:
    """A device that can open the file: whose it is, its age recipient, and the office where it stands, if it stands in one."""

    device: str
    assessor: str
    recipient: str
    office: str = ""


def offices(session: Session) -> list[Reader]:
    """Return the devices of receiving offices, by the offices' names."""
    keys = session.scalars(select(DeviceKey).where(DeviceKey.deleted.is_(False), DeviceKey.receiving_office != "")
                           .order_by(DeviceKey.receiving_office, DeviceKey.device))
    return [Reader(key.device, key.assessor, key.recipient, key.receiving_office) for key in keys]


def readers(session: Session, account: Account, visit: str) -> list[Reader]:
    """Return the devices of the visit's members (of all colleagues of the notebook's visits without one), those that were paired
    by code, and those of offices."""
    visits = [session.get(Visit, visit)] if visit else session.scalars(select(Visit).where(Visit.deleted.is_(False))).all()
    members = {account.profile} | {one for v in visits if v is not None for one in (v.lead, v.changed_by, *v.team) if one}
    found = [Reader(key.device, key.assessor, key.recipient) for key in session.scalars(
        select(DeviceKey).where(DeviceKey.deleted.is_(False), DeviceKey.device != relay.SERVER).order_by(DeviceKey.device))
        if key.assessor in members]
    paired = [Reader(device, str(pairs.get("assessor")), pairs["recipient"]) for device, pairs in (setting(session, "paired") or {}).items()
              if not relay.withdrawn(session, str(pairs.get("assessor")), device)]
    return [*found, *paired, *offices(session)]
