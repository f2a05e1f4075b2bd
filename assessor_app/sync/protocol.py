"""The wire: one request and one reply of JSON lines, compressed as a whole; see ``docs/protocol.md``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from assessor_app.models.kinds import SPECS, Kind, Merge, Value, known
from assessor_app.sync.merge import Outcome, Splice, splice

VERSION = 1
MEDIA_TYPE = "application/vnd.asesor.sync+zstd"
CAPABILITIES = ("splice", "erasure", "epoch")
#: What one request or reply may grow to, uncompressed.
LARGEST = 64 << 20


class ProtocolError(ValueError):
    """What arrived is not of this protocol."""


@dataclass(frozen=True, slots=True)
class WireIntent:
    """An intent on its way; ``changes`` as in ``models/journal.py``, or with ``~`` for a text that travels as a splice."""

    device: str
    counter: int
    at: int
    purpose: str
    scope: str
    changes: list[Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What a device asks and tells."""

    device: str
    epoch: str
    cursors: dict[str, int]
    intents: list[WireIntent] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class State:
    """Fields of a record as they stand at the server: news, or the correction of what a device believed."""

    scope: str
    kind: str
    id: str
    fields: dict[str, Value]
    versions: dict[str, str]
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one intent. ``states`` correct what the device believes where it was not simply applied."""

    device: str
    counter: int
    outcome: Outcome
    reason: str = ""
    states: list[State] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ScopeMark:
    """How far a scope was sent; ``digest`` is of ids and versions, empty while more follows."""

    scope: str
    cursor: int
    digest: str
    more: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answers."""

    epoch: str
    time: int
    known: dict[str, int]  # device → the last counter that the server holds
    verdicts: list[Verdict] = field(default_factory=list)
    news: list[State] = field(default_factory=list)
    marks: list[ScopeMark] = field(default_factory=list)
    erased: list[tuple[str, str]] = field(default_factory=list)
    token: str = ""


def content_hash(intent: WireIntent) -> str:
    """Return the SHA-256 of an intent in whole form: what its id stands for, for ever."""
    canonical = json.dumps([intent.at, intent.purpose, intent.scope, intent.changes], ensure_ascii=False, sort_keys=True,
                           separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def text_hash(text: str) -> str:
    """Return the short digest by which a splice names its base."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_text(change: list[Any]) -> bool:
    """Tell whether a change sets a long text."""
    if change[0] != "=" or not isinstance(change[5], str):
        return False
    kind = known(change[1])
    spec = SPECS[kind].field(change[3]) if isinstance(kind, Kind) else None
    return spec is not None and spec.merge is Merge.TEXT


def as_splice(change: list[Any], base: Value) -> list[Any]:
    """Return a text change as a splice of its base where that is shorter, otherwise unchanged."""
    if not is_text(change) or not isinstance(base, str):
        return change
    cut = splice(base, change[5])
    if len(cut.inserted) + 40 >= len(change[5]):
        return change
    return ["~", *change[1:5], text_hash(base), cut.start, cut.removed, cut.inserted]


def as_whole(change: list[Any], base: Value) -> list[Any] | None:
    """Return a spliced change in whole form, or None where ``base`` is not the text that it was cut from."""
    if change[0] != "~":
        return change
    if not isinstance(base, str) or text_hash(base) != change[5]:
        return None
    return ["=", *change[1:5], Splice(int(change[6]), int(change[7]), str(change[8])).apply(base)]


# Requests and replies as bytes

def pack_request(request: Request) -> bytes:
    """Return the request as it travels."""
    devices = sorted({intent.device for intent in request.intents})
    scopes = sorted({intent.scope for intent in request.intents})
    lines: list[Any] = [{"v": VERSION, "cap": CAPABILITIES, "device": request.device, "epoch": request.epoch,
                         "cursors": request.cursors, "devices": devices, "scopes": scopes}]
    at = 0
    for intent in request.intents:
        lines.append([devices.index(intent.device), intent.counter, intent.at - at, intent.purpose, scopes.index(intent.scope),
                      intent.changes])
        at = intent.at
    return pack(lines)


def unpack_request(data: bytes) -> Request:
    """Read a request; raise ProtocolError."""
    lines = unpack(data)
    try:
        head = next(lines)
        if head["v"] > VERSION:
            raise ProtocolError("version")
        devices, scopes = head["devices"], head["scopes"]
        intents, at = [], 0
        for device, counter, ahead, purpose, scope, changes in lines:
            at += int(ahead)
            if not 0 < int(counter) < _MOST or not -_MOST < at < _MOST:
                raise ProtocolError("number")
            if not isinstance(changes, list) or not all(_well_formed(change) for change in changes):
                raise ProtocolError("changes")
            intents.append(WireIntent(str(devices[device]), int(counter), at, str(purpose)[:80], str(scopes[scope]), changes))
        return Request(str(head["device"]), str(head["epoch"]), {str(k): int(v) for k, v in head["cursors"].items()}, intents)
    except (KeyError, TypeError, ValueError, IndexError, StopIteration, AttributeError) as e:
        raise ProtocolError(type(e).__name__) from None


_MOST = 1 << 53
_LENGTHS = {"+": 4, "=": 6, "~": 9, "!": 3}


def _well_formed(change: Any) -> bool:
    if not isinstance(change, list) or not change or not isinstance(change[0], str) or len(change) != _LENGTHS.get(change[0]):
        return False
    if not all(isinstance(part, str) for part in change[1:3]):
        return False
    if change[0] == "+":
        return isinstance(change[3], dict)
    return change[0] == "!" or (isinstance(change[3], str) and isinstance(change[4], str))


def pack_reply(reply: Reply) -> bytes:
    """Return the reply as it travels; its last line is its receipt."""
    lines: list[Any] = [{"v": VERSION, "cap": CAPABILITIES, "epoch": reply.epoch, "time": reply.time, "known": reply.known,
                         "erased": reply.erased, "token": reply.token}]
    lines += [["v", v.device, v.counter, v.outcome, v.reason, [_state(s) for s in v.states]] for v in reply.verdicts]
    lines += [["n", *_state(s)] for s in reply.news]
    lines += [["c", m.scope, m.cursor, m.digest, m.more] for m in reply.marks]
    lines.append(["end", len(reply.verdicts), len(reply.news)])
    return pack(lines)


def unpack_reply(data: bytes) -> Reply:
    """Read a reply; raise ProtocolError for anything that is none or was cut off."""
    lines = unpack(data)
    try:
        head = next(lines)
        reply = Reply(str(head["epoch"]), int(head["time"]), dict(head["known"]), token=str(head["token"]),
                      erased=[(str(k), str(r)) for k, r in head["erased"]])
        ended = False
        for line in lines:
            match line[0]:
                case "v":
                    reply.verdicts.append(Verdict(line[1], line[2], Outcome(line[3]), line[4], [State(*s) for s in line[5]]))
                case "n":
                    reply.news.append(State(*line[1:]))
                case "c":
                    reply.marks.append(ScopeMark(*line[1:]))
                case "end":
                    ended = line[1:] == [len(reply.verdicts), len(reply.news)]
        if not ended:
            raise ProtocolError("cut off")
        return reply
    except (KeyError, TypeError, ValueError, IndexError, StopIteration, AttributeError) as e:
        raise ProtocolError(type(e).__name__) from None


def _state(s: State) -> list[Any]:
    return [s.scope, s.kind, s.id, s.fields, s.versions, s.by, s.at]


def pack(lines: Iterable[Any], level: int = 9) -> bytes:
    """Return JSON lines, compressed together."""
    import zstandard

    text = "\n".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines)
    return zstandard.ZstdCompressor(level=level).compress(text.encode())


def unpack(data: bytes) -> Iterator[Any]:
    """Read JSON lines; raise ProtocolError for what is not compressed, too large or no JSON."""
    import zstandard

    try:
        text = zstandard.ZstdDecompressor().decompress(data, max_output_size=LARGEST)
        yield from [json.loads(line) for line in text.decode().split("\n")]
    except (zstandard.ZstdError, ValueError, RecursionError) as e:
        raise ProtocolError(type(e).__name__) from None


def digest(records: Iterable[tuple[str, str, dict[str, str]]]) -> str:
    """Return the digest of a scope: of kinds, ids and versions, never of values; order plays no part."""
    total = 0
    for kind, record, versions in records:
        line = f"{kind}\n{record}\n" + "\n".join(f"{name}={versions[name]}" for name in sorted(versions))
        total = (total + int.from_bytes(hashlib.sha256(line.encode()).digest(), "big")) % (1 << 256)
    return f"{total:064x}"
