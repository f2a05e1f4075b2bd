"""Microphone and loudspeaker by miniaudio, the one place that knows which system it is. Runs in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from typing import Any

from assessor_app.errors import AppError
from assessor_app.i18n import t

#: The ways to the sound of each system, the usual one first; a machine without any has no sound, never a silent stand-in.
_WAYS = {"win32": ("WASAPI", "DSOUND", "WINMM"), "darwin": ("COREAUDIO",)}
_PERIOD_MS = 100


def _ways() -> list[Any]:
    import miniaudio

    return [miniaudio.Backend[name] for name in _WAYS.get(sys.platform, ("PULSEAUDIO", "ALSA"))]


def no_microphone() -> AppError:
    """Return what to say where nothing can be recorded."""
    return AppError(t("No microphone was found."), hint=t("Plug one in, or allow its use in the system's settings, then record again."),
                    kept=t("The note is untouched."))


def no_loudspeaker() -> AppError:
    """Return what to say where nothing can be played."""
    return AppError(t("There is no way to play sound on this computer."), hint=t("Plug in a headset or a loudspeaker, then play again."),
                    kept=t("The recording is whole."))


def capture(rate: int, take: Callable[[bytes], None], gone: Callable[[], None]) -> Any:
    """Begin to hand 16-bit samples (mono) to ``take``, on the device's own thread; return the device, to be closed. Raises AppError."""
    import miniaudio

    def taking() -> Generator[None, bytes, None]:
        while True:
            take(bytes((yield)))

    try:
        device = miniaudio.CaptureDevice(miniaudio.SampleFormat.SIGNED16, 1, rate, _PERIOD_MS, backends=_ways(), app_name="Asesor")
        device.stop_callback = gone
        samples = taking()
        next(samples)
        device.start(samples)
    except miniaudio.MiniaudioError:
        raise no_microphone() from None
    return device


def playback(rate: int, channels: int, give: Callable[[int], bytes]) -> Any:
    """Begin to play what ``give`` returns for a number of frames; return the device, to be closed. Raises AppError."""
    import miniaudio

    def giving() -> Generator[bytes, int, None]:
        frames = yield b""
        while True:
            frames = yield give(frames)

    try:
        device = miniaudio.PlaybackDevice(miniaudio.SampleFormat.SIGNED16, channels, rate, _PERIOD_MS, backends=_ways(), app_name="Asesor")
        samples = giving()
        next(samples)
        device.start(samples)
    except miniaudio.MiniaudioError:
        raise no_loudspeaker() from None
    return device
