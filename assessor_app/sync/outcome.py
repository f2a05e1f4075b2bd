"""What a sync is asked to do, what it says while it runs, and what it did: in numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

from assessor_app.errors import AppError


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a person wants this sync: with photos or texts alone, and how many bytes it may cost (0: as many as needed).

    ``accepted`` names scopes whose sudden shrinkage the person has looked at and takes.
    """

    photos: bool = True
    budget: int = 0
    accepted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """A scope that lost suddenly much at the centre: it waits until a person has looked."""

    scope: str
    records: int  # that stand here
    lost: int  # of them deleted or emptied there


@dataclass(slots=True)
class SyncOutcome:
    """What a sync did, in numbers: intents unless said otherwise. ``complete`` only when nothing is missing."""

    complete: bool = False
    sent: int = 0
    merged: int = 0
    different: int = 0
    held: int = 0
    refused: int = 0
    kept_back: int = 0  # wait for a consent
    received: int = 0  # records
    photos_sent: int = 0
    photos_received: int = 0
    photos_missing: int = 0  # damaged here, or refused by the other end
    photos_waiting: int = 0  # put off by the person's wish or budget
    open_differences: int = 0
    shrinkages: list[Shrinkage] = field(default_factory=list)
    mismatched: list[str] = field(default_factory=list)  # scopes whose digest differs even after reading them anew
    bytes_up: int = 0
    bytes_down: int = 0
    server_time: int = 0
    revoked: int = 0  # grows with what the centre says of trust: its list of revoked certificates, its word beside that
    rolled_back: bool = False  # the notebook was set back: it must go on as a new device
    fault: AppError | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What is going on, for whoever watches: a phase (``records``, ``news``, ``photos_up``, ``photos_down``), how far it is, of
    which file, the bytes so far in both directions, and the line's speed in bytes a second (0: not known yet)."""

    phase: str
    done: int = 0
    total: int = 0
    file: str = ""
    file_done: int = 0
    file_size: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    rate: int = 0
