"""The content of a visit's notes as pages: what was heard and seen, by whom told, with the pictures; nobody signs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from assessor_app.reports.content import Frame, Photo


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One note: ``held_at`` the region's wall clock; respondents stand in ``persons`` by label, never by name."""

    title: str
    held_at: str
    place: str
    author: str
    persons: tuple[str, ...]
    body: str
    programmes: tuple[str, ...] = ()
    photos: tuple[Photo, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesContent(Frame):
    """The notes of a visit, in the order in which they were taken; ``left_out`` counts those that stay on the device."""

    kind: ClassVar[str] = "notes"

    notes: tuple[NoteLine, ...]
    left_out: int = 0
