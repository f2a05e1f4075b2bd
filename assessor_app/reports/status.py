"""What can be said of a signed file: its answers, each by itself, as they cross from the process that reads it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any


class Trust(StrEnum):
    """Who vouches for a signer."""

    CERTIFIED = "certified"  # the certificate chains to the pinned root
    OUTSIDE = "outside"  # it chains to another authority that the centre accepts for signers
    LATER = "certified_later"  # the same key was certified after this signature's certificate was made
    NAMED = "named"  # its fingerprint stands in data that a certified signature covers
    VOUCHED = "vouched"  # the key was revoked before anybody saw the signature; the secretariat looked into it and accepts it
    REVOKED = "revoked"
    EXPIRED = "expired"  # the certificate does not hold at the moment of the signature
    UNKNOWN = "unknown"


#: Those whose word stands for a signer by itself.
TRUSTED = frozenset({Trust.CERTIFIED, Trust.OUTSIDE, Trust.LATER, Trust.VOUCHED})


class Problem(StrEnum):
    """Why a document is not as signed; stable codes, worded by ``workflow``."""

    NOT_A_PDF = "not_a_pdf"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    ENCRYPTED = "encrypted"
    NO_SIGNATURE = "no_signature"
    NOT_OURS = "not_ours"
    MISSING_SIGNATURE = "missing_signature"
    CHANGED = "changed"
    NOT_TRUSTED = "not_trusted"
    REVOKED = "revoked"
    MORE_AFTER = "more_after"
    TITLE_CHANGED = "title_changed"
    PADDING = "padding"
    NOT_AS_RECORDED = "not_as_recorded"


class Remark(StrEnum):
    """What a person should know of a document that may be as signed all the same."""

    EARLIER_REVISION = "earlier_revision"  # recorded, and there are later ones
    CLOCK = "clock"  # the device claims a later time than a timestamp or the centre saw it
    TIMESTAMP_UNKNOWN = "timestamp_unknown"  # a timestamp by an authority that nobody here trusts


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature. ``claimed_time`` is the signing device's own claim; ``timestamp`` is another's word, or None; ``seen`` is when
    the centre had it, or None."""

    field: str
    signer: str
    intact: bool
    valid: bool
    trusted: bool
    trust: Trust
    claimed_time: datetime | None
    timestamp: datetime | None
    fingerprint: str  # SHA-256 of the certificate
    self_signed: bool
    issuer: str = ""  # who certified the signer
    timestamp_trusted: bool = False
    seen: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the wire form."""
        return {
            "field": self.field, "signer": self.signer, "intact": self.intact, "valid": self.valid,
            "trusted": self.trusted, "trust": self.trust.value, "claimed_time": _iso(self.claimed_time),
            "timestamp": _iso(self.timestamp), "certificate_sha256": self.fingerprint, "self_signed": self.self_signed,
            "issuer": self.issuer, "timestamp_trusted": self.timestamp_trusted, "seen": _iso(self.seen),
        }

    @staticmethod
    def from_json(raw: dict[str, Any]) -> SignatureLine:
        """Read the wire form."""
        return SignatureLine(
            raw["field"], raw["signer"], raw["intact"], raw["valid"], raw["trusted"], Trust(raw["trust"]), _moment(raw["claimed_time"]),
            _moment(raw["timestamp"]), raw["certificate_sha256"], raw["self_signed"], raw["issuer"], raw["timestamp_trusted"],
            _moment(raw["seen"]))


@dataclass(frozen=True, slots=True)
class TimestampLine:
    """One timestamp over the whole document until there: when, by which authority, and whether that one is trusted here."""

    time: datetime
    authority: str
    trusted: bool

    def to_json(self) -> dict[str, Any]:
        """Return the wire form."""
        return {"time": _iso(self.time), "authority": self.authority, "trusted": self.trusted}


@dataclass(frozen=True, slots=True)
class SignatureStatus:
    """What was found; ``as_recorded`` is None where the program holds no record of the file.

    ``revision`` is (its number, how many are recorded) where the file is a recorded revision.
    """

    sha256: str
    signatures: tuple[SignatureLine, ...] = ()
    covers_whole_file: bool = False
    as_recorded: bool | None = None
    as_signed: bool = False
    problems: tuple[Problem, ...] = ()
    expected: tuple[str, ...] = ()
    data_sha256: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    timestamps: tuple[TimestampLine, ...] = ()
    remarks: tuple[Remark, ...] = ()
    revision: tuple[int, int] | None = None

    def recorded(self, revisions: tuple[str, ...]) -> SignatureStatus:
        """Return the same beside a record: the SHA-256 of the document's revisions, in order; nothing changes where there are none."""
        if not revisions:
            return self
        if self.sha256 not in revisions:
            problems = tuple(dict.fromkeys((*self.problems, Problem.NOT_AS_RECORDED)))
            return replace(self, as_recorded=False, as_signed=False, problems=problems)
        number = revisions.index(self.sha256) + 1
        remarks = self.remarks if number == len(revisions) else (*self.remarks, Remark.EARLIER_REVISION)
        return replace(self, as_recorded=True, revision=(number, len(revisions)), remarks=tuple(dict.fromkeys(remarks)))

    def to_json(self) -> dict[str, Any]:
        """Return what ``asesor verify --json`` prints."""
        return {
            "signatures": [line.to_json() for line in self.signatures],
            "covers_whole_file": self.covers_whole_file, "as_recorded": self.as_recorded, "as_signed": self.as_signed,
            "problems": [problem.value for problem in self.problems], "expected_signatures": list(self.expected),
            "sha256": self.sha256, "data_sha256": self.data_sha256,
            "timestamps": [line.to_json() for line in self.timestamps], "remarks": [remark.value for remark in self.remarks],
            "revision": {"number": self.revision[0], "of": self.revision[1]} if self.revision else None,
        }

    @staticmethod
    def from_json(raw: dict[str, Any]) -> SignatureStatus:
        """Read the wire form, as it comes back from a process of its own."""
        stamps = tuple(TimestampLine(datetime.fromisoformat(one["time"]), one["authority"], one["trusted"]) for one in raw["timestamps"])
        return SignatureStatus(
            raw["sha256"], tuple(map(SignatureLine.from_json, raw["signatures"])), raw["covers_whole_file"], raw["as_recorded"],
            raw["as_signed"], tuple(Problem(code) for code in raw["problems"]), tuple(raw["expected_signatures"]), raw["data_sha256"],
            timestamps=stamps, remarks=tuple(Remark(code) for code in raw["remarks"]),
            revision=(raw["revision"]["number"], raw["revision"]["of"]) if raw["revision"] else None)


@dataclass(frozen=True, slots=True)
class Word:
    """What the centre says beside its list of revoked certificates; all of it may be empty.

    Attributes:
        authorities: certificates (PEM) of further authorities that are accepted for signers.
        stampers: certificates (PEM) of further authorities that are accepted for timestamps.
        seen: when the centre had a revision, by its SHA-256 (ms UTC).
        accepted: SHA-256 of revisions whose late signature by a revoked key the secretariat accepted.
    """

    authorities: bytes = b""
    stampers: bytes = b""
    seen: dict[str, int] = field(default_factory=dict)
    accepted: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the wire form."""
        return {"authorities": self.authorities.decode(), "stampers": self.stampers.decode(), "seen": self.seen,
                "accepted": list(self.accepted)}

    @staticmethod
    def from_json(raw: Any) -> Word:
        """Read the wire form; what is missing or of another kind is empty."""
        raw = raw if isinstance(raw, dict) else {}
        seen = raw.get("seen")
        accepted = raw.get("accepted")
        return Word(
            str(raw.get("authorities") or "").encode(), str(raw.get("stampers") or "").encode(),
            {str(one): int(at) for one, at in seen.items() if isinstance(at, int)} if isinstance(seen, dict) else {},
            tuple(map(str, accepted)) if isinstance(accepted, list) else ())


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
