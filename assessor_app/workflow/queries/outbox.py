"""What the page of the line shows: what waits by visit and why, each photo, what was refused; and the refused as a file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessor_app import formats
from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.models import regions
from assessor_app.models.attachments import Attachment
from assessor_app.models.blobs import BlobStore
from assessor_app.models.consent import leaving
from assessor_app.models.documents import Document, Revision
from assessor_app.models.files import has
from assessor_app.models.journal import PENDING, State
from assessor_app.models.kinds import CATALOGUE
from assessor_app.models.tables import Intent, Transfer
from assessor_app.models.visits import Visit
from assessor_app.workflow.accounts import setting
from assessor_app.workflow.queries.visits import visit_of
from assessor_app.workflow.syncing import Numbers, last_numbers

#: What a change costs on the line, against its length here: the journal is compressed on its way.
_PACKED = 0.4
#: How many files that are done already are shown.
_DONE_SHOWN = 60


class Why(StrEnum):
    """Why something is not at the centre yet."""

    LINE = "line"  # it goes with the next line
    CONSENT = "consent"  # a consent is missing
    OTHERS = "others"  # the centre waits for what it builds on


class FileState(StrEnum):
    """How far a photo or a signed document is."""

    SENT = "sent"
    HERE = "here"  # came from the centre
    PART = "part"  # on its way
    WAITING = "waiting"  # to be sent
    WANTED = "wanted"  # to be fetched
    CONSENT = "consent"  # stays here without a consent


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Changes of one visit that wait for one reason; ``since`` is ms UTC."""

    id: str
    place: str
    count: int
    since: int
    why: Why


@dataclass(frozen=True, slots=True)
class FileRow:
    """One photo or signed document on its way; sizes in bytes."""

    id: str
    name: str
    size: int
    state: FileState
    arrived: int = 0


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A change that the centre refused, with the code of its reason."""

    id: str
    place: str
    purpose: str
    at: int
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """Everything that the page of the line shows; ``octets`` is about what a sync would move now, photos apart."""

    joined: bool
    last: Numbers | None
    waiting: tuple[WaitingRow, ...]
    files: tuple[FileRow, ...]
    refused: tuple[RefusedRow, ...]
    octets: int
    rate: int  # bytes a second, as last seen


def line(session: Session, store: BlobStore) -> Line:
    """Return what waits, what came, and what was refused."""
    length = session.scalar(select(func.sum(func.length(Intent.changes))).where(Intent.state.in_(PENDING))) or 0
    return Line(bool(setting(session, "server_url")), last_numbers(session), _waiting(session), _files(session, store), _refused(session),
                int(length * _PACKED), int(setting(session, "line_rate") or 0))


def _waiting(session: Session) -> tuple[WaitingRow, ...]:
    rows = session.execute(
        select(Intent.scope, Intent.hold, Intent.state, func.count(), func.min(Intent.at)).where(Intent.state.in_(PENDING))
        .group_by(Intent.scope, Intent.hold, Intent.state)).all()
    free = leaving(session, {hold for _, hold, *_ in rows})
    places = _Places(session)
    found: dict[tuple[str, Why], tuple[int, int]] = {}
    for scope, hold, state, count, since in rows:
        why = Why.OTHERS if state == State.HELD else Why.LINE if free[hold] else Why.CONSENT
        before, oldest = found.get((places.of(scope), why), (0, since))
        found[places.of(scope), why] = before + count, min(oldest, since)
    out = [WaitingRow(f"{place}/{why}", place, count, since, why) for (place, why), (count, since) in found.items()]
    return tuple(sorted(out, key=lambda row: (row.place, row.why)))


class _Places:
    """Names the visit that a scope belongs to, each once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, str] = {}

    def of(self, scope: str) -> str:
        """Return in words where a scope's changes belong."""
        if scope not in self._known:
            self._known[scope] = place_of(self._session, scope)
        return self._known[scope]


def place_of(session: Session, scope: str) -> str:
    """Return in words where records of a scope belong: their visit, else their region, else what everybody shares."""
    visit = session.get(Visit, visit_of(session, scope))
    if visit is not None:
        where = regions.region(visit.region)
        return f"{where.name if where is not None else visit.region}, {formats.date_range(visit.starts_on, visit.ends_on)}"
    name, _, key = scope.partition(":")
    if name == "region":
        region = regions.region(key)
        return region.name if region is not None else key
    return t("Catalogue") if scope == CATALOGUE else t("Your account") if name == "account" else t("A visit that is not here")


def _files(session: Session, store: BlobStore) -> tuple[FileRow, ...]:
    moved = {row.sha256: row for row in session.scalars(select(Transfer))}
    photos = session.scalars(select(Attachment).where(Attachment.deleted.is_(False), Attachment.sha256 != "")).all()
    free = leaving(session, {a.interview or a.person for a in photos})
    out: dict[str, FileRow] = {}
    for a in photos:
        here = store.has(a.sha256)
        if not free[a.interview or a.person]:
            out[a.sha256] = FileRow(a.sha256, a.name or t("Photo"), a.size or 0, FileState.CONSENT)
        else:
            out[a.sha256] = _row(a.sha256, a.name or t("Photo"), a.size or 0, moved.get(a.sha256), 0 if here else store.arrived(a.sha256),
                                 here=here)
    titles = {document.id: document.title for document in session.scalars(select(Document))}
    for r in session.scalars(select(Revision)):
        name = titles.get(r.document) or t("Signed document")
        out[r.sha256] = _row(r.sha256, name, r.size or 0, moved.get(r.sha256), 0, here=has(session, r.sha256))
    rows = sorted(out.values(), key=lambda row: (row.state in (FileState.SENT, FileState.HERE), row.size))
    open_ = sum(row.state not in (FileState.SENT, FileState.HERE) for row in rows)
    return tuple(rows[:open_ + _DONE_SHOWN])


def _row(sha256: str, name: str, size: int, moved: Transfer | None, arrived: int, *, here: bool) -> FileRow:
    if not here:
        return FileRow(sha256, name, size, FileState.PART if arrived else FileState.WANTED, arrived)
    if moved is not None and moved.done:
        return FileRow(sha256, name, size, FileState.SENT if moved.direction == "up" and moved.location else FileState.HERE)
    return FileRow(sha256, name, size, FileState.WAITING if moved is None else FileState.PART)


def _refused(session: Session) -> tuple[RefusedRow, ...]:
    places = _Places(session)
    found = session.scalars(select(Intent).where(Intent.state == State.REFUSED).order_by(Intent.at.desc()))
    return tuple(RefusedRow(f"{i.device}/{i.counter}", places.of(i.scope), i.purpose, i.at, i.reason) for i in found)


def open_octets(rows: Iterable[FileRow]) -> int:
    """Return how many bytes of files a sync would still move."""
    on_way = (FileState.PART, FileState.WAITING, FileState.WANTED)
    return sum(max(0, row.size - row.arrived) for row in rows if row.state in on_way)


def export_refused(session: Session, target: Path) -> int:
    """Write what was refused as a JSON file that a person can read or hand over; return how many changes. Raises AppError."""
    rows = [{"device": i.device, "counter": i.counter, "at": i.at, "purpose": i.purpose, "scope": i.scope, "reason": i.reason,
             "changes": i.changes} for i in session.scalars(select(Intent).where(Intent.state == State.REFUSED).order_by(Intent.at))]
    part = target.with_name(target.name + ".part")
    try:
        part.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(part, target)
    except OSError as e:
        part.unlink(missing_ok=True)
        raise AppError(t("The file could not be written."), str(target), t("Choose another place, or make room there."),
                       t("Nothing is lost; everything stays in the notebook.")) from e
    return len(rows)
