"""What signed files say, once they verify: read in a process of its own, remembered by the SHA-256 of their very bytes."""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from assessor_app import isolate
from assessor_app.errors import AppError
from assessor_app.identity import certificates
from assessor_app.models import panel
from assessor_app.models.kinds import Kind
from assessor_server import authority, trust
from assessor_server import tables as tb
from assessor_server.blobs import Blobs
from assessor_server.store import Store

log = logging.getLogger(__name__)
#: How many files' contents are remembered.
MOST = 800
_remembered: OrderedDict[str, dict[str, Any]] = OrderedDict()
_UNREADABLE: dict[str, Any] = {"problems": ["unreadable"], "signatures": [], "data": {}, "data_sha256": ""}


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is here: its problems (of ``reports.verification``), signatures, data and their SHA-256."""

    problems: tuple[str, ...]
    signatures: list[dict[str, Any]]
    data: dict[str, Any]
    data_sha256: str


def look(store: Store, blobs: Blobs, digests: Iterable[str], people: Iterable[str] = ()) -> dict[str, Found]:
    """Return, by recorded digest, what the files say that are here; devices of the accounts ``people`` too vouch for keys.

    What was read before takes a millisecond, others together about a second. Raises BlobFault, OSError.
    """
    there = {digest: b"".join(blobs.read(digest)) for digest in dict.fromkeys(digests) if blobs.size(digest) is not None}
    if not there:
        return {}
    fresh: dict[str, tuple[bytes, list[bytes], dict[str, Any]]] = {}
    keys: dict[str, str] = {}
    with store.transaction() as connection:
        root, revoked = authority.root(connection), authority.revocations(connection)
        serials = connection.execute(select(tb.certificate.c.serial).where(
            tb.certificate.c.revoked_at.is_not(None)).order_by(tb.certificate.c.serial)).scalars().all()
        base = trust.word(connection, {})
        for digest, pdf in there.items():
            account, arrived = arrival(connection, digest)
            known = [pem for one in sorted({account, *people} - {""}) for pem in authority.vouchers(connection, one)]
            # What came before a revocation stays what it was: a result does not change by it.
            word = replace(base, seen={digest: arrived} if arrived is not None else {}).to_json()
            anchors = hashlib.sha256(repr((root, known, serials, word)).encode()).hexdigest()
            keys[digest] = f"{hashlib.sha256(pdf).hexdigest()} {anchors}"
            if keys[digest] not in _remembered:
                fresh[keys[digest]] = (pdf, known, word)
    for key, said in zip(fresh, _read(list(fresh.values()), root, revoked), strict=True):
        _remembered[key] = said
    out = {}
    for digest, key in keys.items():
        said = _remembered[key]
        _remembered.move_to_end(key)
        right = key.startswith(f"{digest} ")
        out[digest] = Found((*said["problems"], *(() if right else ("not_as_recorded",))), said["signatures"], said["data"],
                            said["data_sha256"])
    while len(_remembered) > MOST:
        _remembered.popitem(last=False)
    return out


def forget() -> None:
    """Read every file anew when it is asked for next."""
    _remembered.clear()


def _read(files: list[tuple[bytes, list[bytes], dict[str, Any]]], root: bytes, revoked: bytes) -> list[dict[str, Any]]:
    if not files:
        return []
    try:
        found: list[dict[str, Any]] = isolate.call("assessor_app.workflow.panel_reader:examine_all", files, root, revoked,
                                                   timeout_s=30 + 5 * len(files), memory_mb=2048)
        return found
    except AppError:  # what broke its reader once would break it at every sync
        return [_UNREADABLE] if len(files) == 1 else [one for file in files for one in _read([file], root, revoked)]


def arrival(connection: Connection, digest: str) -> tuple[str, int | None]:
    """Return whose device brought the record of a signed file first, and when it arrived here (ms UTC)."""
    version: dict[str, str] = {}
    for kind in (Kind.REVISION, Kind.ATTACHMENT):
        version = version or connection.execute(select(tb.record.c.versions).where(
            tb.record.c.kind == kind.value, tb.record.c.fields["sha256"].as_string() == digest)).scalars().first() or {}
    device, _, rest = str(version.get("") or "").partition(".")
    counter = rest.partition(".")[0]
    at = connection.execute(select(tb.intent.c.received_at).where(
        tb.intent.c.device == device, tb.intent.c.counter == int(counter))).scalar() if counter.isdigit() else None
    account = connection.execute(select(tb.device.c.account).where(tb.device.c.id == device)).scalar()
    return str(account or ""), at


def account_of(connection: Connection, assessor: str) -> str:
    """Return the account of an assessor's id, or nothing."""
    return str(connection.execute(select(tb.alias.c.account).where(tb.alias.c.profile == assessor)).scalar() or "")


def signed_by(connection: Connection, found: Found, assessor: str) -> bool:
    """Tell whether the field ``assessor`` was signed with a key of that assessor's own account."""
    line = next((one for one in found.signatures if one["field"] == "assessor"), None)
    account = account_of(connection, assessor)
    if line is None or not account:
        return False
    if line["trust"] == "certified":
        return line["certificate_sha256"] in {certificates.fingerprint(pem) for pem in authority.vouchers(connection, account)}
    name = connection.execute(select(tb.account.c.name).where(tb.account.c.id == account)).scalar_one()
    return panel.same_person(str(line["signer"]), str(name))
