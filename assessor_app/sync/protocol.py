"""The wire: one request and one reply of JSON lines, compressed as a whole; see ``docs/protocol.md``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from assessor_app.sync import codec
from assessor_app.sync.codec import CodecError, dumps
from assessor_app.sync.intents import WireIntent, named, well_formed
from assessor_app.sync.merge import Outcome
from assessor_app.sync.states import Made, State, Thread

VERSION = 1
MEDIA_TYPE = "application/x-asesor"
#: Replies one after another, each behind its length (4 bytes, big-endian).
PAGES_TYPE = "application/x-asesor-pages"
#: What this version can read; an end that does not name a capability is answered without it.
CAPABILITIES = ("base", "dense", "mark")


class ProtocolError(ValueError):
    """What arrived is not of this protocol."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a device still holds back, for the secretariat: intents, since when (ms UTC) the oldest waits, and files."""

    count: int = 0
    since: int = 0
    files: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """What a device asks and tells.

    ``mark`` names what the last reply left behind; where the device has none, ``cursors`` say it scope by scope, and ``bases`` of
    those scopes that are being read page by page where their reading began.
    ``rate`` is the line's speed as last measured, in bytes a second; ``envelopes`` are other devices' signed runs of intents;
    with ``more`` the device sends on at once, and wants verdicts but no news yet; ``own`` are runs of intents (device, first and
    last counter) that it sent just before: what they wrote is no news to it. With ``pages`` the replies to what it would ask next may
    follow in the same answer. ``asked`` are runs of pending intents that it does not offer, and that the server may hold.
    """

    device: str
    epoch: str
    cursors: dict[str, int] = field(default_factory=dict)
    intents: list[WireIntent] = field(default_factory=list)
    mark: str = ""
    rate: int = 0
    waiting: Waiting | None = None
    envelopes: list[bytes] = field(default_factory=list)
    more: bool = False
    own: list[tuple[str, int, int]] = field(default_factory=list)
    bases: dict[str, int] = field(default_factory=dict)
    pages: bool = False
    asked: list[tuple[str, int, int]] = field(default_factory=list)
    capabilities: tuple[str, ...] = CAPABILITIES


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one intent. ``states`` correct what the device believes where it was not simply applied."""

    device: str
    counter: int
    outcome: Outcome
    reason: str = ""
    states: list[State] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stored:
    """An intent that the server holds and that was asked about: the start of its content hash, and what became of it."""

    device: str
    counter: int
    hash: str
    outcome: Outcome
    reason: str = ""


#: So many hexadecimal digits of a content hash travel.
HASH = 32


@dataclass(frozen=True, slots=True)
class ScopeMark:
    """How far a scope was sent; ``digest`` is of ids and versions, empty while more follows."""

    scope: str
    cursor: int
    digest: str
    more: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answers.

    ``marks`` name the scopes that moved, ``gone`` those that are no longer granted; ``mark`` is the name of where the device
    then stands in all of them. ``lost`` tells a device whose mark is not known here to say its cursors.
    """

    epoch: str
    time: int
    known: dict[str, int]  # device → the last counter that the server holds
    verdicts: list[Verdict] = field(default_factory=list)
    news: list[State] = field(default_factory=list)
    marks: list[ScopeMark] = field(default_factory=list)
    erased: list[tuple[str, str]] = field(default_factory=list)
    token: str = ""
    mark: str = ""
    gone: list[str] = field(default_factory=list)
    lost: bool = False
    more: bool = False  # the device sends on before it wants news
    revoked: int = 0  # how many certificates the list of revoked ones holds
    taken: list[str] = field(default_factory=list)  # envelopes whose every intent has its verdict, by SHA-256
    unread: list[str] = field(default_factory=list)  # those that cannot be read here now: sealed for others, or by whom is not known
    stored: list[Stored] = field(default_factory=list)  # of the intents that were asked about
    cursors: dict[str, int] = field(default_factory=dict)  # where the device then stands; does not travel: ``mark`` names it
    bases: dict[str, int] = field(default_factory=dict)  # where the reading of unfinished scopes began; does not travel either
    packed: bytes = b""  # as it came over the line


# Requests

class RequestLines:
    """The lines of a request, gathered intent by intent from changes that are JSON already."""

    def __init__(self) -> None:
        self._devices: dict[str, int] = {}
        self._scopes: dict[str, int] = {}
        self._lines: list[bytes] = []
        self._at = 0
        self.size = 0

    @property
    def scopes(self) -> list[str]:
        """The scopes of its intents."""
        return list(self._scopes)

    def add(self, device: str, counter: int, at: int, purpose: str, scope: str, changes: bytes) -> None:
        """Add one intent."""
        device_at = self._devices.setdefault(device, len(self._devices))
        scope_at = self._scopes.setdefault(scope, len(self._scopes))
        line = b"[%d,%d,%d,%s,%d,%s]" % (device_at, counter, at - self._at, dumps(purpose), scope_at, changes)
        self._at = at
        self._lines.append(line)
        self.size += len(line)

    def pack(self, request: Request) -> bytes:
        """Return the request as it travels; its own ``intents`` are left out in favour of the gathered lines."""
        head: dict[str, Any] = {"v": VERSION, "cap": request.capabilities, "device": request.device, "epoch": request.epoch}
        if request.mark:
            head["mark"] = request.mark
        else:
            head["cursors"] = request.cursors
            if request.bases:
                head["bases"] = request.bases
        if request.more:
            head["more"] = True
        if request.pages:
            head["pages"] = True
        if request.own:
            head["own"] = request.own
        if request.asked:
            head["asked"] = request.asked
        if request.rate:
            head["rate"] = request.rate
        if request.waiting is not None:
            head["waiting"] = [request.waiting.count, request.waiting.since, request.waiting.files]
        if self._lines:
            head |= {"devices": list(self._devices), "scopes": list(self._scopes)}
        if request.envelopes:
            import base64

            head["envelopes"] = [base64.b64encode(one).decode() for one in request.envelopes]
        return codec.pack([dumps(head), *self._lines], rate=float(request.rate), more=request.more)


def pack_request(request: Request) -> bytes:
    """Return the request as it travels."""
    lines = RequestLines()
    for intent in request.intents:
        lines.add(intent.device, intent.counter, intent.at, intent.purpose, intent.scope, dumps(intent.changes))
    return lines.pack(request)


def unpack_request(data: bytes) -> Request:
    """Read a request; raise ProtocolError. What a newer version adds to head or lines is passed over."""
    try:
        head, *lines = codec.unpack(data)
        if not isinstance(head, dict) or head["v"] != VERSION:
            raise ProtocolError("version")
        intents, at = [], 0
        devices, scopes = head.get("devices", []), head.get("scopes", [])
        for line in lines:
            if not isinstance(line[0], int):
                continue
            device, counter, ahead, purpose, scope, changes = line[:6]
            at += int(ahead)
            if not 0 < int(counter) < _MOST or not -_MOST < at < _MOST or device < 0 or scope < 0:
                raise ProtocolError("number")
            if not well_formed(changes):
                raise ProtocolError("changes")
            intents.append(WireIntent(str(devices[device]), int(counter), at, str(purpose)[:80], str(scopes[scope]), named(changes)))
        return Request(str(head["device"]), str(head["epoch"]), {str(k): int(v) for k, v in head.get("cursors", {}).items()}, intents,
                       str(head.get("mark", "")), max(0, int(head.get("rate", 0))), _waiting(head.get("waiting")),
                       _envelopes(head.get("envelopes", [])), bool(head.get("more", False)),
                       _runs(head.get("own", [])), {str(k): int(v) for k, v in head.get("bases", {}).items()},
                       bool(head.get("pages", False)), _runs(head.get("asked", [])), tuple(str(one) for one in head.get("cap", [])))
    except (CodecError, KeyError, TypeError, ValueError, IndexError, AttributeError) as e:
        raise ProtocolError(type(e).__name__) from None


_MOST = 1 << 53


def _runs(told: Any) -> list[tuple[str, int, int]]:
    return [(str(device), max(0, int(first)), min(int(last), _MOST)) for device, first, last in told]


def _waiting(told: Any) -> Waiting | None:
    if told is None:
        return None
    return Waiting(*(min(max(0, int(one)), _MOST) for one in told[:3]))


def _envelopes(told: list[str]) -> list[bytes]:
    import base64

    return [base64.b64decode(one, validate=True) for one in told]


# Replies

def pack_reply(reply: Reply, capabilities: Iterable[str] = CAPABILITIES, rate: float = 0.0) -> bytes:
    """Return the reply as it travels; its last line is its receipt."""
    able = set(capabilities)
    head: dict[str, Any] = {"v": VERSION, "epoch": reply.epoch, "time": reply.time}
    told = {"known": reply.known, "erased": reply.erased, "token": reply.token, "mark": reply.mark, "gone": reply.gone, "lost": reply.lost,
            "taken": reply.taken, "unread": reply.unread, "revoked": reply.revoked}
    head |= {name: value for name, value in told.items() if value or "dense" not in able}
    lines = [dumps(head)]
    lines += [dumps(["h", one.device, one.counter, one.hash, one.outcome, one.reason]) for one in reply.stored]
    lines += (_dense if "dense" in able else _plain)(reply)
    lines.append(dumps(["end", len(reply.verdicts), len(reply.news)]))
    return codec.pack(lines, rate=rate, more=any(mark.more for mark in reply.marks))


def unpack_reply(data: bytes) -> Reply:
    """Read a reply; raise ProtocolError for anything that is none or was cut off. Lines of a newer version are passed over."""
    try:
        head, *lines = codec.unpack(data, trusted=True)  # the server took no NUL
        reply = Reply(str(head["epoch"]), int(head["time"]), dict(head.get("known", {})), token=str(head.get("token", "")),
                      erased=[(str(k), str(r)) for k, r in head.get("erased", [])], mark=str(head.get("mark", "")),
                      gone=[str(one) for one in head.get("gone", [])], lost=bool(head.get("lost", False)),
                      taken=[str(one) for one in head.get("taken", [])], unread=[str(one) for one in head.get("unread", [])],
                      revoked=int(head.get("revoked", 0)), packed=data)
        ended = False
        thread = Thread()
        for line in lines:
            match line[0]:
                case "d":
                    reply.news.append(thread.state(line))
                case "s":
                    thread.scope = line[1]
                case "n":
                    reply.news.append(State(*line[1:8]))
                case "v":
                    reply.verdicts.append(Verdict(line[1], line[2], Outcome(line[3]), line[4], [State(*s[:7]) for s in line[5]]))
                case "r":
                    reply.verdicts.extend(Verdict(line[1], counter, Outcome(line[4])) for counter in range(line[2], line[3] + 1))
                case "h":
                    reply.stored.append(Stored(line[1], line[2], line[3], Outcome(line[4]), line[5]))
                case "c":
                    reply.marks.append(ScopeMark(*line[1:5]))
                case "end":
                    ended = line[1:3] == [len(reply.verdicts), len(reply.news)]
        if not ended:
            raise ProtocolError("cut off")
        return reply
    except (CodecError, KeyError, TypeError, ValueError, IndexError, AttributeError) as e:
        raise ProtocolError(type(e).__name__) from None


def _plain(reply: Reply) -> Iterator[bytes]:
    for v in reply.verdicts:
        yield dumps(["v", v.device, v.counter, v.outcome, v.reason, [_state(s) for s in v.states]])
    for s in reply.news:
        yield dumps(["n", *_state(s)])
    for m in reply.marks:
        yield dumps(["c", m.scope, m.cursor, m.digest, m.more])


def _state(s: State) -> list[Any]:
    return [s.scope, s.kind, s.id, s.fields, s.versions, s.by, s.at]


def _dense(reply: Reply) -> Iterator[bytes]:
    run: list[Verdict] = []
    for v in reply.verdicts:
        if run and not (_simple(v) and v.device == run[-1].device and v.counter == run[-1].counter + 1):
            yield _run(run)
            run = []
        if _simple(v):
            run.append(v)
        else:
            yield dumps(["v", v.device, v.counter, v.outcome, v.reason, [_state(s) for s in v.states]])
    if run:
        yield _run(run)
    thread = Thread()
    for s in reply.news:
        if s.scope != thread.scope:
            yield dumps(["s", s.scope])
            thread.scope = s.scope
        yield thread.made(s) if isinstance(s, Made) else thread.line(s)
    for m in reply.marks:
        yield dumps(["c", m.scope, m.cursor, m.digest, m.more])


def _simple(v: Verdict) -> bool:
    return v.outcome is Outcome.APPLIED and not v.reason and not v.states


def _run(run: list[Verdict]) -> bytes:
    return dumps(["r", run[0].device, run[0].counter, run[-1].counter, Outcome.APPLIED])
