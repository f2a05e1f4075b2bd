"""Documents signed with a revoked key that came after the revocation: they wait for the secretariat's word, and go on from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from assessor_app.models.kinds import Kind, RevisionType
from assessor_server import results, signed_files, trust
from assessor_server import tables as tb
from assessor_server.blobs import Blobs
from assessor_server.store import Store


@dataclass(frozen=True, slots=True)
class Late:
    """What the secretariat must know: whose key was revoked, what they claim, when it arrived (ms UTC), and the word given, if any."""

    signers: tuple[tuple[str, str], ...]  # name, claimed time (ISO)
    arrived: int | None
    accepted: bool | None = None
    remark: str = ""
    by: str = ""
    at: int = 0


def of(store: Store, blobs: Blobs, document: str) -> Late | None:
    """Return what waits, or waited, for a word at a document; None where no key was revoked in time. Raises BlobFault, OSError."""
    with store.transaction() as connection:
        if connection.execute(select(tb.certificate.c.serial).where(tb.certificate.c.revoked_at.is_not(None)).limit(1)).first() is None:
            return None
        digests = _digests(connection, document)
        said = connection.execute(select(tb.word, tb.account.c.name).join(
            tb.account, tb.account.c.id == tb.word.c.account).where(tb.word.c.sha256.in_(digests)).limit(1)).first()
        arrivals = [signed_files.arrival(connection, digest)[1] for digest in digests]
    here = next((digest for digest in reversed(digests) if blobs.size(digest) is not None), "")
    found = signed_files.look(store, blobs, [here]).get(here) if here else None
    lines = [line for line in (found.signatures if found else []) if line["trust"] in {"revoked", "vouched"}]
    if not lines:
        return None
    arrived = min((at for at in arrivals if at is not None), default=None)
    late = Late(tuple((str(line["signer"]), str(line["claimed_time"] or "")) for line in lines), arrived)
    return late if said is None else Late(late.signers, arrived, bool(said.accepted), said.remark, said.name, said.at)


def decide(store: Store, blobs: Blobs, account: str, document: str, *, accepted: bool, remark: str) -> None:
    """Give the secretariat's word on a late document; what is made of signed files is made anew. Raises AppError."""
    with store.transaction() as connection:
        digests = _digests(connection, document)
        for digest in digests:
            trust.decide(connection, account, document, digest, accepted=accepted, remark=remark)
    results.settle(store, blobs)


def _digests(connection: Connection, document: str) -> list[str]:
    fields: Any = tb.record.c.fields
    rows = connection.execute(select(fields).where(
        tb.record.c.kind == Kind.REVISION.value, fields["document"].as_string() == document,
        fields["type"].as_string() != RevisionType.WET_SCAN.value)).scalars().all()
    return [str(row.get("sha256")) for row in sorted(rows, key=lambda row: int(row.get("number") or 0))]
