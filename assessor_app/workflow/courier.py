"""Berkas titipan: what is not yet at the centre, on a stick; and what colleagues put on theirs."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app import formats, given
from assessor_app.errors import AppError, BadInput
from assessor_app.i18n import nt, t
from assessor_app.identity.couriers import seal, verified
from assessor_app.models.attachments import Attachment
from assessor_app.models.consent import leaving, media_hold
from assessor_app.models.journal import PENDING, State, Unit
from assessor_app.models.kinds import visit_scope
from assessor_app.models.tables import Carried, Device, Intent, Transfer
from assessor_app.models.visits import Visit
from assessor_app.sync import apply, envelope, relay
from assessor_app.sync.envelope import EnvelopeError, Parcel
from assessor_app.sync.intents import WireIntent
from assessor_app.sync.merge import Outcome
from assessor_app.sync.protocol import Verdict
from assessor_app.workflow import outside, recipients
from assessor_app.workflow.accounts import put_settings, setting
from assessor_app.workflow.courier_keys import keys, opened, signers
from assessor_app.workflow.erasing import named_media

if TYPE_CHECKING:
    from assessor_app.workflow.accounts import Account

#: The device name under which the server's own keys are published.
SERVER = "pusat"
SUFFIX = ".titipan"
_PAIRING = "ASESOR-PASANGAN:"


@dataclass(slots=True)
class Packed:
    """What was put on the stick."""

    intents: int = 0
    envelopes: int = 0
    photos: int = 0
    recipients: list[str] = field(default_factory=list)  # devices that can read it, the server first
    colleagues: int = 0  # persons beside this one that can read it as members of the visit, or paired by code
    offices: list[str] = field(default_factory=list)  # receiving offices that can, by name
    size: int = 0  # bytes
    left: int = 0  # changes of a device whose keys only another copy of the notebook has: they wait for a line

    def readers(self) -> str:
        """Return in words who can open the file: the centre, colleagues, offices by name, and this person."""
        colleagues = nt("{n} colleague", "{n} colleagues", self.colleagues) if self.colleagues else ""
        words = [t("the centre") if SERVER in self.recipients else "", colleagues, *self.offices, t("your own devices")]
        return " · ".join(word for word in words if word)


@dataclass(slots=True)
class Unpacked:
    """What a stick brought. ``sealed`` tells that the file is for others and is carried unread."""

    merged: int = 0
    known: int = 0
    waiting: int = 0
    carried: int = 0
    photos: int = 0
    receipts: int = 0
    forged: int = 0  # changes that their author did not sign: refused, the rest is taken in
    left: int = 0  # files too large to be carried on for others: the centre takes them from the stick itself
    sealed: bool = False

    def stays(self) -> str:
        """Return in words what stays on the stick."""
        return nt("{n} file is too large to be carried on: keep the stick, and bring it to the centre.",
                  "{n} files are too large to be carried on: keep the stick, and bring it to the centre.", self.left)


def pairing_code(account: Account) -> str:
    """Return this device's public keys as one line, for a colleague who has no line either."""
    own = keys(account)
    told = {"assessor": account.profile, "device": account.device, "signing": own.signing, "recipient": own.recipient}
    return _PAIRING + base64.urlsafe_b64encode(json.dumps(told).encode()).decode()


def pair(account: Account, code: str) -> str:
    """Take a colleague's pairing code; return the device's name. Raises BadInput."""
    try:
        told = json.loads(base64.urlsafe_b64decode(code.strip().removeprefix(_PAIRING)))
        pairs = {name: str(told[name]) for name in ("assessor", "device", "signing", "recipient")}
        seal(b"", [pairs["recipient"]])
    except (ValueError, KeyError, TypeError):
        raise BadInput(t("This is not a pairing code."), hint=t("Copy the whole line from the colleague's screen."),
                       kept=t("Nothing was changed.")) from None
    with account.reading() as session:
        known = dict(setting(session, "paired") or {})
    put_settings(account, paired={**known, pairs["device"]: pairs})
    return pairs["device"]


def pack(account: Account, path: Path, *, visit: str = "", photos: bool = True) -> Packed:
    """Write what is not yet at the centre, or with ``visit`` all of that visit's own work, as one file sealed for the server,
    the receiving offices, the visit's members and this person's own devices.

    Raises AppError where nobody is known who could open it, or nothing is to be carried.
    """
    outside.insist(path)
    keys(account)
    told = Packed()
    with account.reading() as session:
        server = relay.key_of(session, SERVER)
        readers = recipients.readers(session, account, visit)
    if server is None and {one.device for one in readers} <= {account.device}:
        raise AppError(t("Nobody is known yet who could open this file."),
                       hint=t("Synchronise once before the trip, or pair with a colleague by code."), kept=t("Nothing was written."))
    runs = account.writer.run(lambda u: _freeze(u, visit), purpose="courier.freeze")
    by = signers(account, {i.device for i in runs})
    parcel = Parcel(server=server.recipient if server else "", by=account.device)
    for private in (False, True):
        intents = [i for i in runs if i.scope.startswith(("sheet:", "account:")) is private]
        for part in _parts(intents):
            if part[0].device not in by:
                told.left += len(part)
                continue
            made = envelope.pack(part[0].device, part, by[part[0].device].sign)
            if private and server is not None:
                parcel.sealed.append(seal(made, [server.recipient]))
            elif private:
                continue  # an unsigned sheet is for the server alone: without its key it stays here
            else:
                parcel.envelopes.append(made)
            told.intents += len(part)
            told.envelopes += 1
    with account.reading() as session:
        for row in session.scalars(select(Carried).where(Carried.arrived.is_(False))):
            (parcel.sealed if envelope.is_sealed(row.data) else parcel.envelopes).append(row.data)
            told.envelopes += 1
        if photos:
            parcel.blobs = _photos(session, account, visit)
    told.photos = len(parcel.blobs)
    if not parcel.envelopes and not parcel.sealed:
        raise AppError(t("There is nothing to carry: everything is at the centre."), kept=t("Nothing was written."))
    told.recipients = ([SERVER] if server else []) + sorted({one.device for one in readers})
    told.colleagues = len({one.assessor for one in readers if not one.office} - account.actor.ids - {account.profile})
    told.offices = sorted({one.office for one in readers if one.office})
    data = seal(envelope.pack_parcel(parcel), [*(one.recipient for one in readers), *([server.recipient] if server else [])])
    told.size = len(data)
    _write(path, data)
    return told


def take_in(account: Account, path: Path) -> Unpacked:
    """Take a courier file or a reply in. Twice, in any order, it brings the same. Raises BadInput; the stick is never written."""
    data = given.read(path, given.COURIER)
    told = Unpacked()
    if not envelope.is_sealed(data):
        raise BadInput(t("This is not a courier file."), message=path.name, hint=t("Choose the file that ends in {0}.").format(SUFFIX),
                       kept=t("Nothing was changed."))
    inside = opened(account, data)
    if inside is None:
        if len(data) > relay.LARGEST_SEALED:
            raise BadInput(t("This courier file is for others, and too large to be carried on: {0}.").format(formats.size(len(data))),
                           hint=t("Bring the stick to the centre, or have the file made anew without photos."),
                           kept=t("Nothing was changed."))
        told.sealed = True
        told.carried = int(account.writer.run(lambda u: relay.carry(u, data, ""), purpose="courier.carry", origin="sync"))
        return told
    try:
        parcel = envelope.unpack_parcel(inside)
        account.writer.run(lambda u: _take(u, parcel, told), purpose="courier.take", origin="sync")
    except EnvelopeError:
        raise BadInput(t("The courier file is damaged, or somebody changed it."), message=path.name,
                       hint=t("Have it made anew."), kept=t("Nothing of it was taken in; the file was left as it is.")) from None
    told.photos, others = _keep_photos(account, parcel.blobs)
    account.writer.run(lambda u: _carry_photos(u, others, told), purpose="courier.carry", origin="sync")
    return told


def _take(unit: Unit, parcel: Parcel, told: Unpacked) -> None:
    brought = relay.Taken()
    for one in parcel.envelopes:
        relay.take_in(unit, one, verified, brought)
    if parcel.envelopes and brought.forged == sum(len(envelope.unpack(one).intents) for one in parcel.envelopes) and not parcel.sealed:
        raise EnvelopeError("signature")  # there is nothing else in it
    told.forged = brought.forged
    for one in parcel.sealed:
        brought.carried += relay.carry(unit, one, "")
    brought.merged += relay.merge_waiting(unit, verified)
    told.merged, told.known, told.waiting, told.carried = brought.merged, brought.known, brought.waiting, brought.carried
    told.receipts = _receipts(unit, parcel)


def _receipts(unit: Unit, parcel: Parcel) -> int:
    """Believe the server's receipts for this notebook's own intents, where its signature is right."""
    if not parcel.receipts:
        return 0
    server = relay.key_of(unit.session, SERVER)
    signed = receipt_bytes(parcel.receipts)
    if server is None or not verified(server.signing, bytes.fromhex(parcel.receipt_signature), signed):
        raise EnvelopeError("receipt")
    own = {device for (device,) in unit.session.execute(select(Device.id))}
    mine = [Verdict(device, counter, Outcome(outcome), reason) for device, counter, outcome, reason in parcel.receipts if device in own]
    durable = {Outcome.APPLIED, Outcome.MERGED, Outcome.DIFFERENT, Outcome.REFUSED}
    apply.verdicts(unit, [verdict for verdict in mine if verdict.outcome in durable])
    return len(mine)


def receipt_bytes(receipts: list[list[Any]]) -> bytes:
    """Return what the server's signature under receipts is of."""
    return json.dumps(receipts, separators=(",", ":"), sort_keys=True).encode()


def _freeze(unit: Unit, visit: str) -> list[WireIntent]:
    """Freeze what may leave and return it whole: all that waits, or everything this notebook wrote of one visit."""
    session = unit.session
    query = select(Intent).join(Device, Device.id == Intent.device).order_by(Device.created_at, Intent.counter)
    if visit:
        found = session.get(Visit, visit)
        scopes = [visit_scope(visit), f"region:{found.region if found else ''}", "catalogue"]
        rows = [i for i in session.scalars(query.where(Intent.state != State.REFUSED)) if i.scope in scopes or i.scope.startswith("sheet:")]
    else:
        rows = list(session.scalars(query.where(Intent.state.in_(PENDING))))
    free = leaving(session, {i.hold for i in rows})
    out = []
    for i in rows:
        if not free[i.hold]:
            continue
        if i.state == State.OPEN:
            i.state = State.FROZEN
        out.append(WireIntent(i.device, i.counter, i.at, i.purpose, i.scope, list(i.changes)))
    return out


def _parts(intents: list[WireIntent]) -> Iterable[list[WireIntent]]:
    """Cut intents into envelopes: one device's, and not too big."""
    part: list[WireIntent] = []
    size = 0
    for intent in intents:
        if part and (part[0].device != intent.device or size > envelope.ROOM):
            yield part
            part, size = [], 0
        part.append(intent)
        size += sum(len(str(change)) for change in intent.changes)
    if part:
        yield part


def _photos(session: Session, account: Account, visit: str) -> list[bytes]:
    done = set(session.scalars(select(Transfer.sha256).where(Transfer.done)))
    out = []
    for a in session.scalars(select(Attachment).where(Attachment.deleted.is_(False))):
        if not a.sha256 or (a.visit != visit if visit else a.sha256 in done):
            continue
        hold = media_hold(a.type, a.interview, a.person)
        if leaving(session, {hold})[hold] and account.blobs.has(a.sha256):
            out.append(account.blobs.get(a.sha256))
    return out


def _keep_photos(account: Account, photos: list[bytes]) -> tuple[int, list[bytes]]:
    """Keep the files that a record here names; return how many are new, and the files of which none tells."""
    count, others = 0, []
    with account.reading() as session:
        named = named_media(session)
    for data in photos:
        digest = envelope.digest_of(data)
        if digest not in named:
            others.append(data)
        elif not account.blobs.has(digest):
            account.blobs.put(data)
            count += 1
    return count, others


def _carry_photos(unit: Unit, photos: list[bytes], told: Unpacked) -> None:
    for data in photos:
        if relay.carry_file(unit, data):
            told.carried += 1
        else:
            told.left += 1


def _write(path: Path, data: bytes) -> None:
    """Write the file whole or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        os.replace(part, path)
    except OSError as e:
        part.unlink(missing_ok=True)
        raise AppError(t("The courier file could not be written."), str(path), t("Check the stick: is it full, or write-protected?"),
                       t("Nothing is lost; everything stays in the notebook.")) from e
