"""Everything that stands on a printed page, frozen: the layout reads nothing else, and its JSON travels in the PDF."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar, Final

from assessor_app import formats

FORMAT: Final = "asesor-document/1"

#: How the region's official signs the minutes.
PAPER = "paper"  # by pen on the print; the field stays empty
INK = "ink"  # drawn or photographed before the assessor signs, who witnesses it
CERTIFICATE = "certificate"  # with a PKCS#12 of his own, after the assessor


@dataclass(frozen=True, slots=True)
class Party:
    """A person who acts in office: assessor, official or witness."""

    name: str
    title_before: str = ""
    title_after: str = ""
    office: str = ""
    institution: str = ""
    rank: str = ""
    nip: str = ""
    nidn: str = ""

    @property
    def full_name(self) -> str:
        """Return the name with academic titles before and after it."""
        return formats.full_name(self.name, self.title_before, self.title_after)

    @property
    def number(self) -> str:
        """Return ``NIP 19790412 200501 1 003``, ``NIDN …`` or nothing."""
        if self.nip:
            return f"NIP {formats.nip(self.nip)}".replace(" ", "\N{NO-BREAK SPACE}")
        return f"NIDN\N{NO-BREAK SPACE}{self.nidn}" if self.nidn else ""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The institution's head of the letter, from dated settings; there is no emblem."""

    lines: tuple[str, ...]
    address: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """A region as it must always be shown: with type and code."""

    code: str
    name: str  # with its type: ``Kabupaten Boven Digoel``
    province: str


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """The visit: stage and method are codes, dates ISO, zone ``WIB``, ``WITA`` or ``WIT``."""

    stage: str
    starts_on: str
    ends_on: str = ""
    place: str = ""
    method: str = "on_site"
    zone: str = "WIB"


@dataclass(frozen=True, slots=True)
class ActionLine:
    """What was agreed, by whom, by when (ISO date)."""

    body: str
    who: str = ""
    due: str = ""


@dataclass(frozen=True, slots=True)
class FollowedLine:
    """An action of an earlier visit and what became of it: ``status`` is a code (open, running, done, dropped)."""

    body: str
    who: str = ""
    due: str = ""
    status: str = ""
    became: str = ""


class Elsewhere(bytes):
    """Bytes that are not at hand: data that were read back know only their SHA-256 and size."""

    sha256: str
    length: int

    def __new__(cls, sha256: str, length: int) -> Elsewhere:
        """Make empty bytes that know whose they are not."""
        made = super().__new__(cls)
        made.sha256, made.length = sha256, length
        return made


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture, upright; it is made smaller and loses its metadata before it is printed."""

    data: bytes
    caption: str = ""
    taken_at: str = ""
    sha256: str = ""  # of the attachment as stored; of ``data`` where empty


@dataclass(frozen=True, slots=True)
class Ink:
    """A signature of the official as an image (PNG or JPEG), made before the assessor signs: ``drawn`` or ``photo``."""

    data: bytes
    how: str = "drawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every document has."""

    kind: ClassVar[str] = ""  # its type's permanent name, also in the data

    document: str  # the document's id
    address: str  # where a printed code leads: URL with the document's unguessable id
    number: str
    title: str = ""  # perihal; the document's own name where empty
    date: str  # ISO date of the document
    place: str = ""  # where it is signed
    language: str = "id"
    paper: str = "A4"
    sample: bool = False
    letterhead: Letterhead
    region: Region
    visit: VisitFacts
    supersedes: str = ""  # number of the document that this one replaces
    copies_to: tuple[str, ...] = ()  # tembusan

    @property
    def author(self) -> str:
        """Return who made the document; the institution where nobody signs it."""
        return self.letterhead.lines[0] if self.letterhead.lines else "Asesor"

    @property
    def expected(self) -> tuple[str, ...]:
        """Return the signature fields that must be filled before the document is complete."""
        return ()

    @property
    def marked_secret(self) -> bool:
        """Tell whether every page says that it is secret."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesContent(Frame):
    """Berita Acara Kunjungan: one or two pages, no scores."""

    kind: ClassVar[str] = "minutes"

    time: str = ""  # ``HH:MM`` of the closing meeting, in the region's zone
    assessors: tuple[Party, ...]
    officials: tuple[Party, ...]
    respondents: tuple[str, ...] = ()  # ``N-03, kader kesehatan``
    objective: str = ""
    seen: str = ""
    summary: str = ""
    followed: tuple[FollowedLine, ...] = ()
    actions: tuple[ActionLine, ...] = ()
    assessor: Party  # who signs
    official: Party | None = None  # who signs for the region
    witness: Party | None = None
    official_signs: str = PAPER
    official_ink: Ink | None = None
    official_certificate: str = ""  # SHA-256 of the certificate that the official will sign with, where he signs so
    copies: int = 2

    @property
    def author(self) -> str:
        """Return who made the document."""
        return self.assessor.full_name

    @property
    def expected(self) -> tuple[str, ...]:
        """Return the signature fields that must be filled before the document is complete."""
        return ("assessor", "official") if self.official and self.official_signs == CERTIFICATE else ("assessor",)


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question; ``score`` is ``"0"``…, ``"-"`` not assessed, None not yet scored."""

    code: str
    label: str
    score: str | None
    reason: str = ""
    evidence: tuple[str, ...] = ()  # names of EvidenceLine
    id: str = ""  # the question's identity in its instrument; codes are not unique
    evidence_missing: bool = False  # the instrument requires it for this score, and none is named


@dataclass(frozen=True, slots=True)
class AspectBlock:
    """One aspect with its questions; means unrounded."""

    name: str
    weight: float
    mean: float | None
    rows: tuple[QuestionRow, ...]
    previous: float | None = None
    code: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class AxisValue:
    """A dimension's mean this year and last."""

    name: str
    value: float | None
    previous: float | None = None


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A strength, weakness or recommendation; ``dimension`` is a name or empty."""

    body: str
    dimension: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """A piece of evidence: ``B-01``, what it is, its SHA-256."""

    name: str
    body: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class InstrumentFacts:
    """Which questionnaire was used."""

    title: str
    version: str
    year: int
    cohort: str = ""
    publisher: str = ""
    official: bool = False
    sha256: str = ""
    form_id: str = ""
    band: str = ""  # what the instrument calls the index


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetContent(Frame):
    """Lembar Evaluasi of one assessor, secret until the panel is closed."""

    kind: ClassVar[str] = "evaluation_sheet"

    assessor: Party
    sheet: str = ""  # the record's ids, for whoever reads the data back
    visit_id: str = ""
    assessor_id: str = ""
    instrument: InstrumentFacts
    introduction: str = ""
    method: str = ""
    aspects: tuple[AspectBlock, ...]
    index: float | None
    provisional: bool = False
    previous_index: float | None = None
    previous_year: int | None = None
    dimensions: tuple[AxisValue, ...] = ()
    top: float = 4.0  # the instrument's highest score
    strengths: tuple[FindingLine, ...] = ()
    weaknesses: tuple[FindingLine, ...] = ()
    recommendations: tuple[FindingLine, ...] = ()
    evidence: tuple[EvidenceLine, ...] = ()
    photos: tuple[Photo, ...] = ()
    secret: bool = True

    @property
    def author(self) -> str:
        """Return who made the document."""
        return self.assessor.full_name

    @property
    def expected(self) -> tuple[str, ...]:
        """Return the signature fields that must be filled before the document is complete."""
        return ("assessor",)

    @property
    def marked_secret(self) -> bool:
        """Tell whether every page says that it is secret."""
        return self.secret


Content = Frame


def to_json(content: Frame) -> bytes:
    """Return the canonical JSON that is embedded in the PDF: NFC, sorted keys, no spaces; pictures as digests.

    Numbers are as computed, not as rounded for print.
    """
    body = _plain(content)
    assert isinstance(body, dict)
    raw = {"format": FORMAT, "type": content.kind, "expected_signatures": list(content.expected), **body}
    return json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def code(content: Frame, digest: str) -> str:
    """Return what the printed code holds: address and the beginning of the data's SHA-256, no name, no score."""
    return f"{content.address}#{digest[:16]}"


def data_sha256(content: Frame) -> str:
    """Return the SHA-256 of the embedded JSON as 64 hex digits."""
    return hashlib.sha256(to_json(content)).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        out = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        if isinstance(value, Photo):
            out["sha256"] = value.sha256 or out["data"]["sha256"]
        return out
    if isinstance(value, Elsewhere):
        return {"sha256": value.sha256, "size": value.length}
    if isinstance(value, bytes):
        return {"sha256": hashlib.sha256(value).hexdigest(), "size": len(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.encode("utf-8", "replace").decode())
    return value
