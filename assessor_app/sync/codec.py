"""Lines of JSON as the bytes that travel: compressed together, at the level that suits the line."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Any

import orjson

#: What one request or reply may grow to, uncompressed, in bytes.
LARGEST = 64 << 20
#: Up to this size (bytes) ids are packed: above it, the line is quick and the search for ids is what costs.
_PACKED_UP_TO = 1 << 20
_PACKED = b"~"
_ID = re.compile(rb'"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"')
_SHORT = re.compile(rb'"~(?:~|([A-Za-z0-9_-]{22})")')
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
#: Levels of Zstandard with what they cost and give on notes and tables: bytes a second, and the part that is left.
_LEVELS = ((1, 250e6, 0.31), (3, 120e6, 0.27), (9, 30e6, 0.235), (15, 5e6, 0.225), (17, 4e6, 0.204))
#: The level at which the first of many pages is packed while nothing is known of the line: it costs little on any, and tells its speed.
_PROBING = 9
#: A line of which nothing is known is taken for a satellite's, in bytes a second.
SLOW = 16_000.0


class CodecError(ValueError):
    """What arrived is not compressed JSON lines, or too much of it."""


def level_for(size: int, rate: float) -> int:
    """Return the level at which ``size`` bytes are compressed and through a line of ``rate`` bytes a second soonest."""
    rate = rate or SLOW
    return min(_LEVELS, key=lambda one: size / one[1] + size * one[2] / rate)[0]


def dumps(value: Any) -> bytes:
    """Return a value as compact JSON."""
    return orjson.dumps(value)


def loads(data: bytes | str) -> Any:
    """Read JSON; raise CodecError."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        raise CodecError("json") from None


def pack(lines: Iterable[bytes], *, level: int = 9, rate: float | None = None, more: bool = False) -> bytes:
    """Return JSON lines compressed together; where ``rate`` is given, at the level that suits it, and whether ``more`` follows."""
    import zstandard

    text = b"\n".join(lines)
    if rate is not None:
        level = _PROBING if more and not rate else level_for(len(text), rate)
    if len(text) <= _PACKED_UP_TO:
        text = _PACKED + _ID.sub(_shorten, text.replace(b'"~', b'"~~'))
    packed: bytes = _compressor(zstandard, level, len(text)).compress(text)
    return packed


def _compressor(zstandard: Any, level: int, size: int) -> Any:
    """Return a compressor; the highest level searches less wide: within 0.5 % of level 19 on notes and tables, in a third of its time."""
    if level < _LEVELS[-1][0]:
        return zstandard.ZstdCompressor(level=level)
    return zstandard.ZstdCompressor(compression_params=zstandard.ZstdCompressionParameters.from_level(
        level, source_size=size, strategy=zstandard.STRATEGY_BTULTRA, search_log=5, min_match=5, target_length=64))


def unpack(data: bytes, largest: int = LARGEST, *, trusted: bool = False) -> list[Any]:
    """Read JSON lines; raise CodecError for what is not compressed, too large or no JSON, or holds a NUL unless ``trusted``."""
    import zstandard

    try:
        if zstandard.frame_content_size(data) > largest:
            raise CodecError("size")
        text = zstandard.ZstdDecompressor().decompress(data, max_output_size=largest)
        if text[:1] == _PACKED:
            text = _SHORT.sub(_lengthen, text[1:])
        if not trusted and b"\\u0000" in text and _NUL.search(text):  # PostgreSQL keeps none, and nobody typed it
            raise CodecError("nul")
        return [orjson.loads(line) for line in text.split(b"\n")]
    except (zstandard.ZstdError, ValueError, RecursionError) as e:
        raise CodecError(type(e).__name__) from None


def _shorten(found: re.Match[bytes]) -> bytes:
    raw = bytes.fromhex(found[1].replace(b"-", b"").decode())
    return b'"~' + base64.urlsafe_b64encode(raw)[:22] + b'"'


def _lengthen(found: re.Match[bytes]) -> bytes:
    if found[1] is None:
        return b'"~'
    h = base64.urlsafe_b64decode(found[1] + b"==").hex()
    return f'"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"'.encode()
