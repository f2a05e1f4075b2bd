"""The time, from one place, so that tests can set it and a wrong clock can be noticed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

_source: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731

#: The three zones of Indonesia, by their abbreviation.
ZONES = {"WIB": timezone(timedelta(hours=7), "WIB"), "WITA": timezone(timedelta(hours=8), "WITA"),
         "WIT": timezone(timedelta(hours=9), "WIT")}


def now() -> datetime:
    """Return the device's time, aware, in UTC."""
    return _source()


def now_ms() -> int:
    """Return the device's time in milliseconds since 1970-01-01 UTC."""
    return int(now().timestamp() * 1000)


def local(zone: str) -> datetime:
    """Return the wall-clock time in a region's zone: ``WIB``, ``WITA`` or ``WIT``."""
    return now().astimezone(ZONES[zone])


def here() -> datetime:
    """Return the wall-clock time of this device, as its own clock in the corner of the screen shows it."""
    return now().astimezone()


def today(zone: str = "") -> date:
    """Return the day that it is where the person is: by this device's wall clock, or in a region's zone.

    Every day that is shown, proposed or compared with a day comes from here; the day of ``now`` is yesterday's in Papua until nine.
    """
    return (local(zone) if zone else here()).date()


def set_source(source: Callable[[], datetime] | None) -> None:
    """Let a test, or the sample visit, decide what time it is; None restores the real clock."""
    global _source
    _source = source or (lambda: datetime.now(UTC))
