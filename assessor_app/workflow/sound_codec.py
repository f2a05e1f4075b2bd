"""Opus in Ogg by libsndfile: sound becomes a stream whose every page plays by itself, and any sound file becomes samples.

Runs in a process of its own. The library comes in the wheel of ``soundfile``; only its functions are used, for that module needs NumPy.
"""

from __future__ import annotations

import ctypes
import importlib.util
import io
from pathlib import Path
from typing import Any

from assessor_app.errors import BadInput
from assessor_app.i18n import t

RATE = 24_000  # samples a second: what a voice needs, half the work of 48,000
BITS = 24_000  # a second: 10.8 MB an hour
_OGG_OPUS = 0x200000 | 0x0064
_READ, _WRITE = 0x10, 0x20
_LEVEL, _LATENCY, _CLIPPING = 0x1301, 0x1302, 0x10C0  # commands of libsndfile
_PAGE_MS = 500.0


class _Info(ctypes.Structure):
    _fields_ = (("frames", ctypes.c_int64), ("rate", ctypes.c_int), ("channels", ctypes.c_int), ("format", ctypes.c_int),
                ("sections", ctypes.c_int), ("seekable", ctypes.c_int))


_Tell = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)
_Seek = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int, ctypes.c_void_p)
_Move = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p)


class _File(ctypes.Structure):
    _fields_ = (("length", _Tell), ("seek", _Seek), ("read", _Move), ("write", _Move), ("tell", _Tell))


def _library() -> Any:
    found = importlib.util.find_spec("_soundfile_data")
    folder = Path(next(iter(found.submodule_search_locations or ()))) if found is not None else Path()
    file = next(folder.glob("libsndfile*"), None) if found is not None else None
    library = ctypes.CDLL(str(file) if file is not None else "libsndfile.so.1")
    pointer, count = ctypes.c_void_p, ctypes.c_int64
    for name, result, arguments in (
            ("sf_open_virtual", pointer, (pointer, ctypes.c_int, pointer, pointer)), ("sf_close", ctypes.c_int, (pointer,)),
            ("sf_writef_short", count, (pointer, ctypes.c_char_p, count)), ("sf_readf_short", count, (pointer, pointer, count)),
            ("sf_seek", count, (pointer, count, ctypes.c_int)),
            ("sf_command", ctypes.c_int, (pointer, ctypes.c_int, pointer, ctypes.c_int))):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class _Stream:
    """A file of the library over bytes in memory."""

    def __init__(self, data: io.BytesIO, mode: int, info: _Info) -> None:
        self.info = info
        self.library = _library()

        def length(_: Any) -> int:
            return data.getbuffer().nbytes

        def read(to: int, count: int, _: Any) -> int:
            part = data.read(count)
            ctypes.memmove(to, part, len(part))
            return len(part)

        def write(part: int, count: int, _: Any) -> int:
            return data.write(ctypes.string_at(part, count))

        self._file = _File(_Tell(length), _Seek(lambda to, whence, _: data.seek(to, whence)), _Move(read), _Move(write),
                           _Tell(lambda _: data.tell()))  # kept: the library calls it as long as the stream is open
        self.handle = self.library.sf_open_virtual(ctypes.byref(self._file), mode, ctypes.byref(info), None)

    def close(self) -> None:
        """Write what is left, and end."""
        if self.handle:
            self.library.sf_close(self.handle)
            self.handle = None


class Encoder:
    """Turns 16-bit samples (mono, ``RATE``) into Opus in Ogg."""

    def __init__(self) -> None:
        self._data = io.BytesIO()
        self._stream = _Stream(self._data, _WRITE, _Info(0, RATE, 1, _OGG_OPUS, 0, 0))
        if not self._stream.handle:
            raise RuntimeError("libsndfile has no Opus")
        level = ctypes.c_double(1 - (BITS / 1000 - 6) / 250)  # the library's scale from 256 down to 6 kbit/s a channel
        latency = ctypes.c_double(_PAGE_MS)
        for command, value in ((_LEVEL, level), (_LATENCY, latency)):
            self._stream.library.sf_command(self._stream.handle, command, ctypes.byref(value), ctypes.sizeof(value))

    def add(self, samples: bytes) -> bytes:
        """Take samples; return the pages that are whole now."""
        self._stream.library.sf_writef_short(self._stream.handle, samples, len(samples) // 2)
        return self._taken()

    def end(self) -> bytes:
        """Return the last pages."""
        self._stream.close()
        return self._taken()

    def _taken(self) -> bytes:
        out = self._data.getvalue()
        self._data.seek(0)
        self._data.truncate()
        return out


class Decoder:
    """Reads any sound file that the library knows as 16-bit samples. Raises BadInput for what it does not know."""

    def __init__(self, data: bytes) -> None:
        self._stream = _Stream(io.BytesIO(data), _READ, _Info())
        info = self._stream.info
        if not self._stream.handle or not 1 <= info.channels <= 32 or not 1 <= info.rate <= 768_000:
            raise BadInput(t("This sound cannot be played here."),
                           hint=t("Save a copy and play it with another program."), kept=t("The file itself is kept as it is."))
        on = 1
        self._stream.library.sf_command(self._stream.handle, _CLIPPING, None, on)
        self.rate, self.channels, self.frames = info.rate, info.channels, max(0, info.frames)

    def seconds(self) -> float:
        """Return how long it plays."""
        return float(self.frames / self.rate)

    def read(self, frames: int) -> bytes:
        """Return the next samples, interleaved; nothing at the end."""
        room = ctypes.create_string_buffer(2 * self.channels * frames)
        got = self._stream.library.sf_readf_short(self._stream.handle, room, frames)
        return room.raw[:max(0, got) * 2 * self.channels]

    def seek(self, seconds: float) -> None:
        """Go to a place."""
        self._stream.library.sf_seek(self._stream.handle, min(self.frames, max(0, round(seconds * self.rate))), 0)
