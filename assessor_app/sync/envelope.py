"""An envelope: one device's intents, signed by it, passed on byte for byte; and the courier file that holds envelopes. Pure."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from assessor_app.sync import codec
from assessor_app.sync.codec import CodecError, dumps
from assessor_app.sync.intents import WireIntent, fitting, well_formed

_MAGIC = b"ASE1"
_SIGNATURE = 64
_AGE = b"age-encryption.org/"
#: What an envelope holds at about the most, in bytes before compression.
ROOM = 500_000
#: What a courier file may grow to once opened: photos and all, in bytes.
LARGEST = 1 << 30


class EnvelopeError(ValueError):
    """What arrived is no envelope, or no courier file."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One device's intents; ``signed`` is what its signature is of."""

    device: str
    intents: list[WireIntent]
    signature: bytes
    signed: bytes


def digest_of(data: bytes) -> str:
    """Return the name of an envelope or a sealed file: the SHA-256 of its bytes."""
    return hashlib.sha256(data).hexdigest()


def is_sealed(data: bytes) -> bool:
    """Tell whether bytes are sealed by age."""
    return data.startswith(_AGE)


def pack(device: str, intents: Iterable[WireIntent], sign: Callable[[bytes], bytes]) -> bytes:
    """Return an envelope; the intents' texts are whole."""
    lines = [dumps({"v": 1, "device": device})]
    lines += [dumps([i.counter, i.at, i.purpose, i.scope, i.changes]) for i in intents]
    body = _MAGIC + codec.pack(lines, level=19)
    return sign(body) + body


def unpack(data: bytes) -> Envelope:
    """Read an envelope, its signature not yet checked; raise EnvelopeError."""
    signature, body = data[:_SIGNATURE], data[_SIGNATURE:]
    if not body.startswith(_MAGIC):
        raise EnvelopeError("magic")
    try:
        head, *lines = codec.unpack(body[len(_MAGIC):], 16 << 20)
        if head["v"] != 1:
            raise EnvelopeError("version")
        device = str(head["device"])
        intents = [WireIntent(device, int(line[0]), int(line[1]), str(line[2])[:80], str(line[3]), line[4]) for line in lines]
    except (CodecError, KeyError, TypeError, ValueError, IndexError) as e:
        raise EnvelopeError(type(e).__name__) from None
    if not all(well_formed(i.changes) and fitting(i) and all(c[0] != "~" for c in i.changes) for i in intents):
        raise EnvelopeError("intent")
    return Envelope(device, intents, signature, body)


@dataclass(slots=True)
class Parcel:
    """What a courier file holds once it is opened."""

    server: str = ""  # the recipient of the server that it is for
    by: str = ""  # the device that made it
    envelopes: list[bytes] = field(default_factory=list)
    sealed: list[bytes] = field(default_factory=list)  # for the server alone
    blobs: list[bytes] = field(default_factory=list)
    receipts: list[list[Any]] = field(default_factory=list)  # [device, counter, outcome, reason]
    receipt_signature: str = ""


def pack_parcel(parcel: Parcel) -> bytes:
    """Return a parcel as bytes: parts of a letter, a length and content."""
    head = {"asesor": "courier", "v": 1, "server": parcel.server, "by": parcel.by, "receipts": parcel.receipts,
            "signature": parcel.receipt_signature}
    parts = [(b"H", codec.pack([dumps(head)], level=9))]
    for letter, contents in ((b"E", parcel.envelopes), (b"S", parcel.sealed), (b"B", parcel.blobs)):
        parts += [(letter, one) for one in contents]
    return b"".join(letter + struct.pack(">Q", len(content)) + content for letter, content in parts)


def unpack_parcel(data: bytes) -> Parcel:
    """Read a parcel; raise EnvelopeError. Parts of a newer version are passed over."""
    parcel = Parcel()
    if len(data) > LARGEST:
        raise EnvelopeError("size")
    at = 0
    while at < len(data):
        letter, length = data[at:at + 1], int.from_bytes(data[at + 1:at + 9], "big")
        content = data[at + 9:at + 9 + length]
        if len(content) != length or at + 9 > len(data):
            raise EnvelopeError("cut")
        at += 9 + length
        match letter:
            case b"H":
                _head(parcel, content)
            case b"E":
                parcel.envelopes.append(content)
            case b"S":
                parcel.sealed.append(content)
            case b"B":
                parcel.blobs.append(content)
    if not parcel.by:
        raise EnvelopeError("head")
    return parcel


def _head(parcel: Parcel, content: bytes) -> None:
    try:
        head = codec.unpack(content, 16 << 20)[0]
        if head["asesor"] != "courier" or head["v"] != 1:
            raise EnvelopeError("version")
        parcel.server, parcel.by, parcel.receipt_signature = str(head["server"]), str(head["by"]), str(head["signature"])
        parcel.receipts = [[str(d), int(c), str(o), str(r)] for d, c, o, r in head["receipts"]]
    except (CodecError, KeyError, TypeError, ValueError, IndexError) as e:
        raise EnvelopeError(type(e).__name__) from None
