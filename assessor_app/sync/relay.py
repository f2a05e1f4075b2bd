"""Other devices' intents that came on a stick: merged here as far as this person may see them, carried on to the server unread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assessor_app import clock, ids
from assessor_app.models.base import Record
from assessor_app.models.catalogue import DeviceKey
from assessor_app.models.documents import Difference
from assessor_app.models.entities import ENTITIES
from assessor_app.models.journal import PENDING, SEARCHED, State, Unit, mark_for_search, raw_writes
from assessor_app.models.kinds import CATALOGUE, SPECS, Kind, default_of, fields_of, known, region_scope, visit_scope
from assessor_app.models.permissions import Actor
from assessor_app.models.records import CREATED, default_for, personal_fields, wiped_change, wiped_choice
from assessor_app.models.tables import Carried, Device, Erasure, Intent, Pristine, Scope, Setting
from assessor_app.models.visits import Visit
from assessor_app.sync import envelope
from assessor_app.sync.applying import Effects, Step, Stop
from assessor_app.sync.envelope import Envelope, Parcel
from assessor_app.sync.intents import WireIntent
from assessor_app.sync.merge import Outcome
from assessor_app.sync.protocol import Verdict
from assessor_app.sync.rows import Entry, Row, place_of

#: The device name under which the server's own keys are published.
SERVER = "pusat"
_PUT_OFF = "courier_put_off"
_PATIENCE_MS = 24 * 3600 * 1000
#: What travels unread in one request, at most, in bytes: a file sealed for others, and a photo beside envelopes.
LARGEST_SEALED, LARGEST_FILE = 40_000_000, 4_000_000
Verify = Callable[[str, bytes, bytes], bool]


class LocalLedger:
    """Rows and journal as this notebook holds them, for the rules that the server applies too."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.erased = {(kind, record) for kind, record in session.execute(select(Erasure.kind, Erasure.record))}

    def row(self, kind: Kind, record: str) -> Row | None:
        """Return a record as it stands here."""
        entity = self._session.get(ENTITIES[kind], record)
        if entity is None:
            return None
        return Row(kind, record, entity.scope, {**entity.extra, **entity.values()}, dict(entity.versions), {}, 0,
                   entity.changed_by, entity.changed_at)

    def entry(self, device: str, counter: int) -> Entry | None:
        """Return what an intent did, where it was made here or came on a stick."""
        intent = self._session.get(Intent, (device, counter))
        return Entry(intent.changes, {}) if intent is not None and intent.state != State.REFUSED else None

    def remembered(self, kind: str, record: str, name: str, version: str) -> Entry | None:
        """Return what stood under an edit of this device that is not at the server yet."""
        under = self._session.get(Pristine, (kind, record, name))
        return Entry([], {name: under.value}) if under is not None and under.version == version else None


@dataclass(slots=True)
class Taken:
    """What a courier file brought, in intents: merged here, known already, waiting (for something that is not here, or for the
    server's word), carried unread, refused since their author did not sign them; and the devices whose signature nobody here knows."""

    merged: int = 0
    known: int = 0
    waiting: int = 0
    carried: int = 0
    strangers: int = 0
    forged: int = 0


def carry(unit: Unit, data: bytes, device: str) -> bool:
    """Keep bytes for the server, once; False where they were here already."""
    name = envelope.digest_of(data)
    if unit.session.get(Carried, name) is not None:
        return False
    unit.session.execute(delete(Setting).where(Setting.name == _PUT_OFF))  # what is new may be what the others waited for
    unit.session.add(Carried(sha256=name, device=device, at=unit.now_ms, data=data, arrived=False))
    unit.session.flush()
    return True


def withdraw(unit: Unit) -> None:
    """Take personal values of erased records out of what is carried for others.

    An envelope is its author's, byte for byte: it is sealed for the server, which empties it on arrival, so that nobody else can
    read it. Where the server's key is not known it is dropped: its author has it still. What was sealed for others cannot be looked into.
    """
    session = unit.session
    erased = {(kind, record) for kind, record in session.execute(select(Erasure.kind, Erasure.record))}
    if not erased:
        return
    server = key_of(session, SERVER)
    for row in session.scalars(select(Carried).where(Carried.arrived.is_(False), Carried.device != "")).all():
        if not _names(session, envelope.unpack(row.data), erased):
            continue
        if server is not None:
            _carry_closed(unit, row.data, row.data, server, unit.now_ms)
        row.arrived, row.data = True, b""


def _names(session: Session, read: Envelope, erased: set[tuple[str, str]]) -> bool:
    """Tell whether an envelope gives erased records values that are personal."""
    for change in (change for intent in read.intents for change in intent.changes):
        if change[1] == Kind.DIFFERENCE and wiped_choice(change) != change:
            of = session.get(Difference, change[2])
            if of is not None and (of.record_kind, of.record) in erased and of.field in personal_fields(Kind(of.record_kind)):
                return True
        if (change[1], change[2]) not in erased:
            continue
        kind = Kind(change[1])
        if wiped_change(change, kind, change[2], personal_fields(kind)) != change:
            return True
    return False


def outgoing(session: Session, room: int, offered: set[str]) -> list[bytes]:
    """Return what waits for the server and was not ``offered`` yet, about ``room`` bytes of it, oldest first."""
    out: list[bytes] = []
    put_off = session.get(Setting, _PUT_OFF)
    if put_off is not None and clock.now_ms() - put_off.value["at"] < _PATIENCE_MS:
        offered = offered | set(put_off.value["names"])
    for row in session.scalars(select(Carried).where(Carried.arrived.is_(False)).order_by(Carried.at, Carried.sha256)):
        if row.sha256 in offered:
            continue
        if out and sum(map(len, out)) + len(row.data) > room:
            break
        out.append(row.data)
    return out


def arrived_of(verdicts: list[Verdict], own: list[tuple[str, int]], envelopes: list[bytes], taken: list[str]) -> list[Verdict]:
    """Return the verdicts that count: of own intents, and of envelopes that need not be offered again.

    Whose verdicts an envelope is that is sealed for the server nobody here can tell: while one waits, none of the others' counts.
    """
    again = [data for data in envelopes if envelope.digest_of(data) not in taken]
    closed = any(envelope.is_sealed(data) for data in again)
    waiting = {(i.device, i.counter) for data in again if not envelope.is_sealed(data) for i in envelope.unpack(data).intents}
    mine = set(own)
    return [v for v in verdicts if (v.device, v.counter) in mine or v.outcome is Outcome.HELD
            or not (closed or (v.device, v.counter) in waiting)]


def put_off(unit: Unit, names: list[str]) -> None:
    """Offer what the server cannot read once a day, and not at each sync: it may never be able to."""
    kept = unit.session.get(Setting, _PUT_OFF)
    at, before = unit.now_ms, []
    if kept is not None and unit.now_ms - kept.value["at"] < _PATIENCE_MS:
        at, before = kept.value["at"], kept.value["names"]
    unit.session.merge(Setting(name=_PUT_OFF, value={"at": at, "names": sorted({*before, *names})}))


def arrived(unit: Unit, names: list[str]) -> None:
    """Note what the server has durably taken; its bytes need not be kept."""
    for name in names:
        row = unit.session.get(Carried, name)
        if row is not None:
            row.arrived, row.data = True, b""


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """A device's public keys, and whose it is."""

    assessor: str
    signing: str
    recipient: str


def withdrawn(session: Session, assessor: str, device: str) -> bool:
    """Tell whether a device's key was withdrawn, for the device was revoked; a pairing made before brings it not back."""
    row = session.get(DeviceKey, ids.natural_id(Kind.KEY, assessor, device))
    return row is not None and row.deleted


def key_of(session: Session, device: str) -> PublicKeys | None:
    """Return a device's public keys: as its assessor published them, or as he gave them by a pairing code."""
    row = session.scalars(select(DeviceKey).where(DeviceKey.device == device, DeviceKey.deleted.is_(False))).first()
    if row is not None:
        return PublicKeys(row.assessor, row.signing, row.recipient)
    paired = session.get(Setting, "paired")
    told = paired.value.get(device) if paired is not None else None
    if not told or withdrawn(session, str(told["assessor"]), device):
        return None
    return PublicKeys(told["assessor"], told["signing"], told["recipient"])


def take_in(unit: Unit, data: bytes, verify: Verify, told: Taken) -> None:
    """Take one envelope in: carry it, and merge what this person may see of it; twice is once."""
    read = envelope.unpack(data)
    if unit.session.get(Device, read.device) is not None:  # this notebook's own work, perhaps from before it was set back
        known = sum(unit.session.get(Intent, (i.device, i.counter)) is not None for i in read.intents)
        told.known += known
        if known < len(read.intents) and carry(unit, data, read.device):
            told.carried += len(read.intents) - known
        withdraw(unit)
        return
    key = key_of(unit.session, read.device)
    if key is None:
        told.strangers += 1
        if carry(unit, data, read.device):
            told.carried += len(read.intents)
            may_see = _for_this_person(unit, read)
            if not any(may_see(intent.scope) for intent in read.intents if intent.scope != CATALOGUE):
                _close_up(unit, data)
        withdraw(unit)
        return
    if not verify(key.signing, read.signature, read.signed):
        told.forged += len(read.intents)
        return
    carry(unit, data, read.device)
    if _merge(unit, read, key.assessor, told):
        _close_up(unit, data)
    withdraw(unit)


def merge_waiting(unit: Unit, verify: Verify) -> int:
    """Try again what could not be merged when it came: its gap may be filled now; return how many intents were."""
    told = Taken()
    for row in unit.session.scalars(select(Carried).where(Carried.arrived.is_(False), Carried.device != "").order_by(Carried.at)).all():
        read = envelope.unpack(row.data)
        key = key_of(unit.session, read.device) if unit.session.get(Device, read.device) is None else None
        if (key is not None and verify(key.signing, read.signature, read.signed)
                and _merge(unit, read, key.assessor, told)):
            _close_up(unit, row.data)
    return told.merged


def _close_up(unit: Unit, data: bytes) -> None:
    """Seal for the server an envelope in which something is not for this person: nobody reads it here, or on the next stick."""
    server = key_of(unit.session, SERVER)
    if server is not None:
        _carry_closed(unit, data, data, server, unit.now_ms)


def carry_file(unit: Unit, data: bytes) -> bool:
    """Carry a photo that no record here names, sealed for the server; False where it is too large, or the server is not known."""
    server = key_of(unit.session, SERVER)
    if server is None or len(data) > LARGEST_FILE:
        return False
    parcel = envelope.pack_parcel(Parcel(server=server.recipient, by=unit.device, blobs=[data]))
    _carry_closed(unit, data, parcel, server, unit.now_ms + 1)  # it goes after the envelope whose record names it
    return True


def _carry_closed(unit: Unit, came: bytes, data: bytes, server: PublicKeys, at: int) -> None:
    """Carry bytes sealed for the server alone; what came leaves its name, so that twice is once."""
    from assessor_app.identity import couriers

    carry(unit, came, "")
    row = unit.session.get_one(Carried, envelope.digest_of(came))
    if not row.arrived:
        row.arrived, row.data = True, b""
        sealed = couriers.seal(data, [server.recipient])
        unit.session.add(Carried(sha256=envelope.digest_of(sealed), device="", at=at, data=sealed, arrived=False))
        unit.session.flush()


def _for_this_person(unit: Unit, read: Envelope) -> Callable[[str], bool]:
    """Return which scopes of an envelope this person may see: granted ones, what is held here, and visits that name the person.

    What a paired device wrote is for this one by both persons' word; without a server there are no grants to ask.
    """
    session, me = unit.session, unit.actor.ids
    paired, server = session.get(Setting, "paired"), session.get(Setting, "server_url")
    if server is None or not server.value or (paired is not None and read.device in paired.value):
        return lambda scope: True
    granted = {row.name: row.granted for row in session.scalars(select(Scope))}
    held = {visit_scope(row.id): row.region for row in session.scalars(select(Visit))}
    for change in (change for intent in read.intents for change in intent.changes if change[1] == Kind.VISIT and change[0] != "!"):
        values = change[3] if change[0] == "+" else {change[3]: change[5]}
        if not me.isdisjoint([values.get("lead") or "", *(values.get("team") or [])]):
            held.setdefault(visit_scope(change[2]), str(values.get("region") or ""))
    seen = {scope for scope in held if granted.get(scope, True)}
    seen |= {region_scope(held[scope]) for scope in seen} | {CATALOGUE} | {scope for scope, yes in granted.items() if yes}
    return seen.__contains__


def _merge(unit: Unit, read: Envelope, author: str, told: Taken) -> bool:
    """Merge what can be merged now; return whether something is for others, and nothing of this person's waits in the envelope."""
    session = unit.session
    ledger = LocalLedger(session)
    actor = Actor(frozenset({author}), offline=True)
    may_see, before, waited = _for_this_person(unit, read), told.carried, told.waiting
    with raw_writes(session):
        for intent in read.intents:
            if session.get(Intent, (intent.device, intent.counter)) is not None:
                told.known += 1
                continue
            if intent.scope.startswith(("sheet:", "account:")) or not may_see(intent.scope):
                told.carried += 1  # another's unsigned sheet is for its author and the server alone; an office sees what its account may
                continue
            if _overtaken(ledger, intent):
                told.waiting += 1
                continue
            try:
                effects = Step(ledger, intent, author, actor, 0).run()
            except Stop:
                told.waiting += 1
                continue
            if effects.outcome not in {Outcome.APPLIED, Outcome.MERGED} or effects.erased:
                told.waiting += 1  # the server's word decides, and both sides will see it
                continue
            _write(unit, intent, effects, author)
            told.merged += 1
    return told.carried > before and told.waiting == waited


def _overtaken(ledger: LocalLedger, intent: WireIntent) -> bool:
    """Tell whether an intent deletes something that was deleted or revived otherwise since: the server knows whether it heard of it."""
    for change in intent.changes:
        kind = known(change[1]) if change[0] == "=" and change[3] == "deleted" else None
        row = ledger.row(kind, change[2]) if kind is not None else None
        if row is not None and row.version("deleted") != change[4]:
            return True
    return False


def _write(unit: Unit, intent: WireIntent, effects: Effects, author: str) -> None:
    session = unit.session
    own = f"{intent.device}.{intent.counter}."
    for row in effects.rows:
        versions = {name: version.rstrip("mdr") if version.startswith(own) else version for name, version in row.versions.items()}
        entity = session.get(ENTITIES[row.kind], row.id)
        if entity is None:
            known = {n: v for n, v in row.fields.items() if SPECS[row.kind].field(n)}
            entity = ENTITIES[row.kind](id=row.id, scope=row.scope, **known)
            entity.extra = {n: v for n, v in row.fields.items() if n not in known}
            session.add(entity)
        else:
            _bring(session, entity, row, versions)
        entity.versions = versions
        entity.changed_by, entity.changed_at = author, intent.at
        session.flush()
        unit.touched(row.kind, row.id)
        if row.kind in SEARCHED:
            mark_for_search(session, row.kind, row.id)
    session.add(Intent(device=intent.device, counter=intent.counter, unit=ids.new_id(), at=intent.at, purpose=intent.purpose,
                       scope=intent.scope, hold="", editing="", state=State.FROZEN, reason="carried", changes=effects.kept.changes))
    session.flush()


def _bring(session: Session, entity: Record, row: Row, versions: dict[str, str]) -> None:
    for field in fields_of(entity.kind):
        name = field.name
        if versions.get(name, versions.get(CREATED)) == entity.version_of(name):
            continue
        if not _pending(session, entity.version_of(name)) and session.get(Pristine, (entity.kind.value, entity.id, name)) is None:
            session.add(Pristine(kind=entity.kind.value, record=entity.id, field=name, value=getattr(entity, name),
                                 version=entity.version_of(name)))
        value = row.fields.get(name, default_for(entity.kind, name))
        setattr(entity, name, bool(value) if field.type == "bool" else value if value is not None else default_of(field))


def _pending(session: Session, version: str) -> bool:
    place = place_of(version)
    intent = session.get(Intent, place[:2]) if place else None
    return intent is not None and intent.state in PENDING
