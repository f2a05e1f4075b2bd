"""What is said to the person, before anybody decides how to show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a message is meant; drawn with an icon and a word, never by colour alone."""

    INFO = "info"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Message:
    """What was said: a short title and, where there is more, its explanation, its hint and what is safe."""

    tone: Tone
    title: str
    text: str = ""
    hint: str = ""
    kept: str = ""
    faults: tuple[str, ...] = ()
    action: str = ""
    act: Callable[[], None] | None = None
