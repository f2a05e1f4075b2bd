"""What pyHanko does not look at: the end of a file, the zeros after a signature, and what a document says of itself."""

from __future__ import annotations

import re
from typing import Any, Final

_DATES: Final = re.compile(rb"<(xmp:ModifyDate|xmp:MetadataDate|pdf:Producer)[^>]*>.*?</\1>", re.DOTALL)


def described(reader: Any, revision: int) -> tuple[Any, ...]:
    """Return what the reader's title bar and properties show, without the dates that honest signers also change."""
    from pyhanko.pdf_utils.generic import Reference

    root = reader.get_historical_root(revision)
    resolver = reader.get_historical_resolver(revision)
    try:
        info = resolver.trailer_view["/Info"]
    except KeyError:
        info = {}
    shown = tuple(str(info.get(key, "")) for key in ("/Title", "/Author", "/Subject", "/Keywords", "/Creator", "/CreationDate"))
    try:
        place = root.raw_get("/Metadata")  # read past the resolver, which cannot hold pyHanko's parsed XMP
        xmp = _DATES.sub(b"", reader.get_object(Reference(place.idnum, place.generation, reader), revision=revision).data)
    except KeyError:
        xmp = b""
    return (*shown, xmp, str(root.get("/Lang", "")))


def covers(pdf: bytes, byte_range: Any) -> bool:
    """Return whether a byte range is the whole file but the signature's own place."""
    start, before, after, rest = (int(n) for n in byte_range)
    return start == 0 and after + rest == len(pdf) and pdf[before : before + 1] == b"<" and pdf[after - 1 : after] == b">"


def padded(pdf: bytes, byte_range: Any) -> bool:
    """Return whether the signature's place holds one DER structure in lower-case hex, then only zeros."""
    before, after = int(byte_range[1]), int(byte_range[2])
    inside = pdf[before + 1 : after - 1]
    if not re.fullmatch(rb"(?:[0-9a-f]*|[0-9A-F]*)", inside) or len(inside) % 2:
        return False
    der = bytes.fromhex(inside.decode("ascii"))
    if len(der) < 2 or der[0] != 0x30:
        return False
    if der[1] < 0x80:
        length = 2 + der[1]
    else:
        count = der[1] & 0x7F
        length = 2 + count + int.from_bytes(der[2 : 2 + count], "big")
    return length <= len(der) and not der[length:].strip(b"\0")
