"""Courier files at the centre: the server's own keys, envelopes from whoever carries them, and receipts to take back."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select

from assessor_app import ids
from assessor_app.identity.couriers import CourierKeys, seal, verified
from assessor_app.models.kinds import CATALOGUE, Kind
from assessor_app.models.records import CREATED
from assessor_app.sync import envelope
from assessor_app.sync.digests import digest_line
from assessor_app.sync.envelope import Envelope, EnvelopeError, Parcel
from assessor_app.sync.protocol import Verdict
from assessor_server import tables as tb
from assessor_server.store import lock_scopes, now, set_places

#: The device name under which the server's keys are published.
SERVER = "pusat"
_SECRET = "courier"


def keys(connection: Connection) -> CourierKeys:
    """Return the server's courier keys, made and published to all devices at the first need."""
    kept = connection.execute(select(tb.secret.c.value).where(tb.secret.c.name == _SECRET)).scalar()
    if kept is not None:
        told = json.loads(kept)
        return CourierKeys(told["seed"], told["identity"])
    made = CourierKeys.make()
    connection.execute(insert(tb.secret).values(name=_SECRET, value=json.dumps({"seed": made.seed, "identity": made.identity}).encode()))
    seq, digest = lock_scopes(connection, [CATALOGUE])[CATALOGUE]
    record, versions = ids.natural_id(Kind.KEY, "", SERVER), {CREATED: f"{SERVER}.{seq + 1}.0"}
    connection.execute(insert(tb.record).values(
        kind=Kind.KEY.value, id=record, scope=CATALOGUE, seq=seq + 1, created=seq + 1, versions=versions, seqs={}, by="", at=now(),
        fields={"device": SERVER, "signing": made.signing, "recipient": made.recipient}))
    set_places(connection, {CATALOGUE: (seq + 1, digest + digest_line(Kind.KEY.value, record, versions))})
    return made


@dataclass(slots=True)
class Opened:
    """What carried bytes hold: envelopes with their accounts (None: a device that was revoked, or whose account is closed), under
    the name of the bytes that they came in; and files."""

    envelopes: list[tuple[str, Envelope, str | None]] = field(default_factory=list)
    blobs: list[bytes] = field(default_factory=list)
    #: Names of carried bytes that cannot be read here, or whose device is not known yet.
    unread: set[str] = field(default_factory=set)


def open_all(connection: Connection, carried: list[bytes]) -> Opened:
    """Open what somebody carried. What is damaged, foreign or not signed by its device stays unread: the rest passes."""
    own = keys(connection)
    out = Opened()
    for data in carried:
        _open(connection, own, envelope.digest_of(data), data, out)
    return out


def _open(connection: Connection, own: CourierKeys, name: str, data: bytes, out: Opened) -> None:
    try:
        if envelope.is_sealed(data):
            inside = _unseal(own, data)
            if inside[64:68] == b"ASE1":
                _open(connection, own, name, inside, out)
                return
            parcel = envelope.unpack_parcel(inside)
            out.blobs += parcel.blobs
            for part in (*parcel.envelopes, *parcel.sealed):
                _open(connection, own, name, part, out)
            return
        read = envelope.unpack(data)
        account = _author(connection, read)
        if account == "":
            out.unread.add(name)
            return
        out.envelopes.append((name, read, account))
    except EnvelopeError:
        out.unread.add(name)


def _unseal(own: CourierKeys, data: bytes) -> bytes:
    import pyrage

    out = io.BytesIO()
    try:
        pyrage.decrypt_io(io.BytesIO(data), out, [pyrage.x25519.Identity.from_str(own.identity)])
    except (pyrage.DecryptError, OSError, ValueError):
        raise EnvelopeError("sealed") from None
    return out.getvalue()


def _author(connection: Connection, read: Envelope) -> str | None:
    """Return the account of an envelope's device; None where it was revoked, empty where nobody here knows it."""
    device = connection.execute(select(tb.device).where(tb.device.c.id == read.device)).first()
    if device is None:
        return ""
    profiles = set(connection.execute(select(tb.alias.c.profile).where(tb.alias.c.account == device.account)).scalars())
    of = tb.record.c.fields["device"].as_string()
    published = connection.execute(select(tb.record.c.fields).where(
        tb.record.c.kind == Kind.KEY.value, tb.record.c.scope == CATALOGUE, of == read.device)).scalars()
    if not any(verified(str(f.get("signing") or ""), read.signature, read.signed) for f in published if f.get("assessor") in profiles):
        return ""
    active = connection.execute(select(tb.account.c.active).where(tb.account.c.id == device.account)).scalar()
    return str(device.account) if active and not device.revoked_at else None


def reply(connection: Connection, verdicts: list[Verdict]) -> bytes:
    """Return a file of receipts, signed by the server and sealed for the devices that they are for."""
    own = keys(connection)
    receipts: list[list[Any]] = [[v.device, v.counter, v.outcome.value, v.reason] for v in verdicts]
    parcel = Parcel(server=own.recipient, by=SERVER, receipts=receipts, receipt_signature=own.sign(_bytes(receipts)).hex())
    devices = {v.device for v in verdicts}
    rows = connection.execute(select(tb.record.c.fields).where(
        tb.record.c.kind == Kind.KEY.value, tb.record.c.scope == CATALOGUE)).scalars()
    recipients = [str(f["recipient"]) for f in rows if f.get("device") in devices]
    return seal(envelope.pack_parcel(parcel), [*recipients, own.recipient])


def _bytes(receipts: list[list[Any]]) -> bytes:
    return json.dumps(receipts, separators=(",", ":"), sort_keys=True).encode()
