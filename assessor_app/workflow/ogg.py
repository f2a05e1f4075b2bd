"""Ogg streams as they are cut off: where the last whole page ends, and how long what is there plays. Pure.

Pages after RFC 3533, lengths of Opus after RFC 7845 (granule positions count at 48 kHz, less the pre-skip of the header).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_MAGIC = b"OggS"
_HEAD = struct.Struct("<4sBBqIIIB")  # magic, version, flags, granule, stream, number, checksum, segments
_RATE = 48_000  # of Opus' granule positions
_LAST = 0x04  # the flag of a stream's last page


def _table() -> tuple[int, ...]:
    out = []
    for number in range(256):
        value = number << 24
        for _ in range(8):
            value = (value << 1) ^ 0x04C11DB7 if value & 0x80000000 else value << 1
        out.append(value & 0xFFFFFFFF)
    return tuple(out)


_CRC = _table()


def checksum(page: bytes) -> int:
    """Return the checksum of a page whose checksum field is zero."""
    value = 0
    for byte in page:
        value = ((value << 8) & 0xFFFFFFFF) ^ _CRC[(value >> 24) ^ byte]
    return value


def pages(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield begin, end and granule position of each whole page from the beginning on; ends where something else stands."""
    at = 0
    while at + _HEAD.size <= len(data):
        magic, _, _, granule, _, _, _, segments = _HEAD.unpack_from(data, at)
        body = at + _HEAD.size + segments
        if magic != _MAGIC or body > len(data):
            return
        end = body + sum(data[at + _HEAD.size:body])
        if end > len(data):
            return
        yield at, end, granule
        at = end


def mended(data: bytes) -> bytes:
    """Return a stream up to its last whole page, which now says that it is the last; nothing where no sound is in it."""
    found = list(pages(data))
    if len(found) < 3:  # the first two are the headers of Opus
        return b""
    begin, end, _ = found[-1]
    page = bytearray(data[begin:end])
    page[5] |= _LAST
    page[22:26] = b"\0\0\0\0"
    page[22:26] = checksum(bytes(page)).to_bytes(4, "little")
    return data[:begin] + bytes(page)


def seconds(data: bytes) -> float | None:
    """Return how long an Opus stream plays; None where the data are none."""
    if data[:4] != _MAGIC or data[28:36] != b"OpusHead":
        return None
    skip = int.from_bytes(data[38:40], "little")
    last = max((granule for _, _, granule in pages(data)), default=0)
    return max(0, last - skip) / _RATE
