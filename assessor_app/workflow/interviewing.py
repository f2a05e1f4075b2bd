"""Interview notes: who was heard, on what ground, with which photos and links."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessor_app import clock
from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.models import consent, regions
from assessor_app.models.attachments import Attachment
from assessor_app.models.blobs import BlobStore
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import AttachmentType, Basis, Consent, Role
from assessor_app.models.visits import Person, Visit

#: What a photo, recording or file may weigh, in bytes.
LARGEST = 100_000_000


def create_interview(unit: Unit, visit: str, *, title: str = "") -> str:
    """Begin a note; time, place and author fill themselves. Returns its id."""
    at = unit.get(Visit, visit)
    where = regions.region(at.region)
    now = clock.local(where.zone if where else "WIB").strftime("%Y-%m-%dT%H:%M")
    return unit.add(Interview(visit=visit, author=unit.author, title=title, held_at=now, place=at.place, basis=Basis.PERSONS)).id


def add_respondent(unit: Unit, visit: str, *, name: str, occupation: str = "", phone: str = "") -> str:
    """Add a respondent, who appears in documents as ``N-03, kader kesehatan``; return the person's id."""
    at = unit.get(Visit, visit)
    count = unit.session.scalar(select(func.count()).select_from(Person).where(Person.visit == visit)) or 0
    return unit.add(Person(role=Role.RESPONDENT, region=at.region, visit=visit, name=name, occupation=occupation, phone=phone,
                           label=f"N-{count + 1:02d}", consent=Consent.NONE)).id


def give_consent(unit: Unit, person: str, *, form: str, purpose: str, data: list[str], until: str, publication: bool = False,
                 on: str = "", proof: str = "") -> None:
    """Record a respondent's consent: how it was given (drawn, recorded, paper, spoken), for what, which data, how long."""
    if not purpose.strip() or not data:
        raise BadInput(t("Consent needs a purpose and the kinds of data."), kept=t("The note stays on this device until then."))
    row = unit.get(Person, person)
    row.consent, row.consent_form, row.consent_purpose = Consent.GIVEN, form, purpose
    row.consent_data, row.consent_until, row.consent_publication = data, until, publication
    row.consent_on = on or clock.today().isoformat()
    row.consent_proof = proof


def withdraw_consent(unit: Unit, person: str) -> None:
    """Stop on withdrawal: nothing more about this respondent leaves the device."""
    unit.get(Person, person).consent = Consent.WITHDRAWN


@dataclass(frozen=True, slots=True)
class Ground:
    """Whether a note may leave the device, and why not: the labels of those whose consent is missing."""

    may_leave: bool
    missing: tuple[str, ...] = ()


def ground_of(session: Session, interview: Interview) -> Ground:
    """Tell on what ground a note may leave."""
    without = consent.missing(session, interview)
    return Ground(without is None, tuple(without or ()))


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as it travels: upright, reduced JPEG bytes; time and place apart from the picture (local time; degrees).

    ``original`` is the file as it came, which stays on this device until it is let go.
    """

    data: bytes
    width: int
    height: int
    taken_at: str
    latitude: float | None
    longitude: float | None
    original: bytes = b""


def read_photo(data: bytes, *, reduce: bool = True) -> Photo:
    """Read somebody's photo in a process of its own, reduced as the settings say. Raises BadInput for what is none, empty, or a bomb."""
    from assessor_app import isolate
    from assessor_app.workflow.reducing import wanted

    if not data:
        raise BadInput(t("The photo is empty (0 bytes)."), hint=t("Copy it again from the camera."), kept=t("The note is untouched."))
    if len(data) > LARGEST:
        raise BadInput(t("The file is larger than 100 MB."), kept=t("The note is untouched."))
    edge, quality = wanted() if reduce else (0, 90)
    read = isolate.call("assessor_app.workflow.photo_reader:read", data, edge, quality, memory_mb=1536)
    return Photo(**read, original=data if reduce else b"")


def store_photo(blobs: BlobStore, photo: Photo) -> str:
    """Put the photo's bytes on the disk, before any row names them, and its original beside them; return their SHA-256."""
    digest = blobs.put(photo.data)
    if photo.original:
        blobs.keep_original(digest, photo.original)
    return digest


def attach_photo(unit: Unit, visit: str, photo: Photo, *, interview: str = "", name: str = "", caption: str = "") -> str:
    """Attach a stored photo to a note or a visit; return the attachment's id."""
    count = unit.session.scalar(select(func.count()).select_from(Attachment).where(Attachment.visit == visit)) or 0
    return unit.add(Attachment(
        visit=visit, interview=interview, type=AttachmentType.PHOTO, name=name or f"foto-{count + 1:02d}.jpg",
        media_type="image/jpeg", size=len(photo.data), sha256=hashlib.sha256(photo.data).hexdigest(), width=photo.width,
        height=photo.height, caption=caption, taken_at=photo.taken_at, latitude=photo.latitude, longitude=photo.longitude,
        number=count + 1)).id
