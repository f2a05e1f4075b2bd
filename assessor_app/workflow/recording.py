"""Sound of a note: written into the encrypted store every few seconds, so that a recording that was cut off stands there and plays."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessor_app import clock, ids
from assessor_app.errors import AppError, BadInput
from assessor_app.i18n import t
from assessor_app.models import regions
from assessor_app.models.attachments import Attachment
from assessor_app.models.consent import without_sound
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import AttachmentType, Kind
from assessor_app.models.tables import Erasure, Setting
from assessor_app.models.visits import Visit
from assessor_app.workflow import ogg
from assessor_app.workflow.accounts import Account, store_settings
from assessor_app.workflow.interviewing import LARGEST
from assessor_app.workflow.sound_codec import BITS

log = logging.getLogger(__name__)

#: The name under which a recording's parts lie in the store while it goes on, and of the setting that tells of it.
_UNDER_WAY: Final = "recording:"
#: How often what was recorded is written, in seconds: with a page of half a second, a cut loses less than five.
WRITE_S: Final = 4.0
#: What a recording takes on the disk, in bytes a second.
RATE: Final = BITS // 8
#: Where a recording ends by itself: what an attachment may weigh, less what its last seconds may take.
MOST: Final = LARGEST - 200_000


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A recording that has begun: its id, its note, and when it began (local time of the region)."""

    id: str
    visit: str
    interview: str
    began: str


def begin(account: Account, visit: str, interview: str) -> UnderWay:
    """Note that a recording begins, before its first byte: what is found of it later has its place. Raises NotAllowed."""
    record = ids.new_id()
    account.recordings.add(record)

    def work(unit: Unit) -> UnderWay:
        unit.get(Interview, interview)
        where = regions.region(unit.get(Visit, visit).region)
        made = UnderWay(record, visit, interview, clock.local(where.zone if where else "WIB").strftime("%Y-%m-%dT%H:%M"))
        store_settings(unit, **{_UNDER_WAY + made.id: {"visit": made.visit, "interview": made.interview, "began": made.began}})
        return made

    return account.writer.run(work, purpose="recording.begin")


class Tape:
    """What was recorded and is not on the disk yet; for one thread."""

    def __init__(self, account: Account, under_way: UnderWay) -> None:
        self._account = account
        self.under_way = under_way
        self.written = 0
        self._waiting = bytearray()

    @property
    def size(self) -> int:
        """How many bytes were recorded."""
        return self.written + len(self._waiting)

    def add(self, pages: bytes) -> None:
        """Take pages as they come."""
        self._waiting += pages

    def write(self) -> None:
        """Write what waits, durably. Raises NotebookError (a full disk); what waits then goes on waiting."""
        if self._waiting:
            self.written = self._account.blobs.append(_UNDER_WAY + self.under_way.id, self.written, bytes(self._waiting))
            self._waiting.clear()


def free_bytes(account: Account) -> int:
    """Return how much room the disk of the notebook has."""
    return shutil.disk_usage(account.folder).free


def keep(account: Account, under_way: UnderWay) -> str | None:
    """Make what was recorded an attachment of its note; return its id, or None where nothing was recorded or the note was erased.

    Doing it twice is doing it once, and each step may be the last: what is left is done at the next opening. Raises NotebookError.
    """
    name = _UNDER_WAY + under_way.id
    data = ogg.mended(account.blobs.begun(name))
    digest = account.blobs.put(data) if data else ""

    def work(unit: Unit) -> str | None:
        told = unit.session.get(Setting, name)
        if told is not None:
            unit.session.delete(told)
        erased = unit.session.get(Erasure, (Kind.INTERVIEW.value, under_way.interview)) is not None
        if not digest or erased:
            return None
        if unit.session.get(Attachment, under_way.id) is None:
            attach(unit, under_way.visit, under_way.interview, digest, len(data), "audio/ogg", record=under_way.id,
                   seconds=round(ogg.seconds(data) or 0), taken_at=under_way.began)
        return under_way.id

    made: str | None = account.writer.run(work, purpose="recording.attach")
    account.recordings.discard(under_way.id)
    account.blobs.drop(name)
    if made is None and digest:
        account.blobs.drop(digest)
    return made


def recover(account: Account) -> list[str]:
    """Keep the recordings that were cut off (a dead battery, a crash); return the notes in which they stand now."""
    with account.reading() as session:
        found = session.execute(select(Setting.name, Setting.value).where(Setting.name.startswith(_UNDER_WAY))).all()
    notes = []
    for name, told in found:
        if str(name).removeprefix(_UNDER_WAY) in account.recordings:
            continue
        one = UnderWay(str(name).removeprefix(_UNDER_WAY), str(told["visit"]), str(told["interview"]), str(told["began"]))
        try:
            if keep(account, one):
                notes.append(one.interview)
        except AppError:
            log.warning("a recording waits for the next opening")  # a full disk: nothing of it is lost
    known = {str(name) for name, _ in found} | {_UNDER_WAY + one for one in account.recordings}
    for name in account.blobs.unfinished(_UNDER_WAY) - known:
        account.blobs.drop(name)
    return notes


def attach(unit: Unit, visit: str, interview: str, sha256: str, size: int, media_type: str, *, record: str = "", name: str = "",
           seconds: int | None = None, taken_at: str = "") -> str:
    """Attach stored sound to a note; return the attachment's id."""
    count = unit.session.scalar(select(func.count()).select_from(Attachment).where(Attachment.visit == visit)) or 0
    return unit.add(Attachment(
        id=record, visit=visit, interview=interview, type=AttachmentType.AUDIO, name=name or f"rekaman-{count + 1:02d}.opus",
        media_type=media_type, size=size, sha256=sha256, seconds=seconds, taken_at=taken_at, number=count + 1)).id


def lacking(session: Session, interview: str) -> tuple[str, ...]:
    """Return the labels of the note's respondents whose consent does not cover recordings."""
    note = session.get(Interview, interview)
    return tuple(without_sound(session, note)) if note is not None else ()


#: What a sound file begins with; the content decides, not the name.
_BEGINNINGS: Final = (
    (0, b"OggS", "audio/ogg"), (0, b"fLaC", "audio/flac"), (8, b"WAVE", "audio/wav"), (0, b"ID3", "audio/mpeg"),
    (0, b"#!AMR", "audio/amr"), (8, b"AIFF", "audio/aiff"), (8, b"AIFC", "audio/aiff"), (4, b"ftypM4A", "audio/mp4"))
#: Beginnings that other files share: there the name decides.
_SHARED: Final = {".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".aac": "audio/aac", ".3gp": "audio/3gpp", ".3ga": "audio/3gpp",
                  ".opus": "audio/ogg", ".wma": "audio/x-ms-wma"}


def media_type_of(name: str, data: bytes) -> str:
    """Return the media type of a sound file, nothing where it is none."""
    for at, magic, media in _BEGINNINGS:
        if data[at:at + len(magic)] == magic:
            return media
    return _SHARED.get(name[name.rfind("."):].casefold(), "") if "." in name else ""


def read_sound(name: str, data: bytes) -> tuple[str, int | None]:
    """Return media type and length (seconds; None where it cannot be played here) of somebody's sound file. Raises BadInput."""
    from assessor_app.isolated_file import HeldFile

    if not data:
        raise BadInput(t("The recording is empty (0 bytes)."), hint=t("Copy it again."), kept=t("The note is untouched."))
    if len(data) > LARGEST:
        raise BadInput(t("The file is larger than 100 MB."), kept=t("The note is untouched."))
    try:
        with HeldFile("assessor_app.workflow.sound_codec:Decoder", data) as held:
            return media_type_of(name, data), round(held.ask("seconds"))
    except BadInput:
        return media_type_of(name, data), None  # kept all the same: another program may play it
