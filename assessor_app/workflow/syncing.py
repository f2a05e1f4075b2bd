"""Joining a server, synchronising with it, and settling differences."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app import clock
from assessor_app.errors import AppError, BadInput, LineError, NotebookError
from assessor_app.i18n import t
from assessor_app.models.documents import Difference
from assessor_app.models.entities import ENTITIES
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import SPECS, Kind, Value
from assessor_app.models.permissions import Actor
from assessor_app.workflow import courier_keys, timestamping, trusting
from assessor_app.workflow.accounts import Account, new_incarnation, profile_of, put_settings, setting
from assessor_app.workflow.line import joined as joined
from assessor_app.workflow.line import server_place as server_place
from assessor_app.workflow.line import transport_of as transport_of

if TYPE_CHECKING:
    from assessor_app.sync.outcome import Progress, SyncOutcome, Wishes


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the secretariat hands over: where the server is, how to know it, and for whom."""

    url: str
    fingerprint: str = ""
    login: str = ""
    secret: str = ""
    name: str = ""


def read_invitation(path: Path) -> Invitation:
    """Read an invitation file. Raises BadInput."""
    try:
        if path.stat().st_size > 20_000:
            raise ValueError
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["asesor"] != "invitation":
            raise ValueError
        return Invitation(*(str(raw.get(name, "")) for name in ("url", "fingerprint", "login", "secret", "name")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(t("This is not an invitation file."), message=path.name,
                       hint=t("Ask the secretariat for the file that ends in .asesor-invite."), kept=t("Nothing was changed.")) from None


def join(account: Account, invitation: Invitation, *, login: str = "", password: str = "") -> None:
    """Join a server by invitation, or by login and password; the server certifies the device's signing key.

    Raises LineError: nothing typed is lost, and the notebook goes on offline.
    """
    from assessor_app.sync.transport import Server, Transport

    transport = Transport(Server(invitation.url, invitation.fingerprint), device=account.device)
    profile = profile_of(account)
    with account.reading() as session:
        request = str(setting(session, "certificate_request") or "")
    body = {"login": login or invitation.login, "password": password, "invitation": "" if password else invitation.secret,
            "device": account.device, "profile": account.profile, "request": request, "name": profile.full_name,
            "institution": profile.institution}
    try:
        transport.hello()
        answer = transport.enrol(body)
    finally:
        transport.close()
    put_settings(account, server_url=invitation.url, fingerprint=invitation.fingerprint, credential=answer["credential"],
                 token=answer["token"], certificate=answer["certificate"], chain=[answer["root"]], root=answer["root"],
                 aliases=answer["aliases"], server_account=answer["account"], joined_as=account.device)
    account.writer.actor = Actor(frozenset({account.profile, *answer["aliases"]}), offline=True)
    courier_keys.keys(account)


def synchronise(account: Account, *, wishes: Wishes | None = None, watch: Callable[[Progress], None] | None = None,
                cancelled: Callable[[], bool] | None = None, opened: Callable[[Callable[[], None]], None] | None = None) -> SyncOutcome:
    """Synchronise once and note the numbers; faults of the line stand in the outcome. Raises AppError where no server was joined.

    ``opened`` is told what cuts the line off at once, for a person who stops: a request under way ends then, too.
    """
    from assessor_app.sync.engine import Engine
    from assessor_app.sync.outcome import SyncOutcome

    transport = transport_of(account)
    courier_keys.keys(account)

    def made() -> Engine:
        engine = Engine(account.writer, account.blobs, transport, outcome=outcome)
        engine.wishes = wishes or engine.wishes
        engine.watch = watch or engine.watch
        engine.cancelled = cancelled or engine.cancelled
        return engine

    outcome = SyncOutcome()
    if opened:
        opened(transport.cut)
    try:
        outcome = made().run()
        if outcome.rolled_back:
            new_incarnation(account)
        if outcome.fault is None:
            trusting.fetch(account, transport, outcome.revoked)
            if timestamping.catch_up(account, transport, cancelled or (lambda: False)):
                outcome = made().run()  # what is timestamped now goes up at once: the line may be gone in a minute
    finally:
        transport.close()
    if outcome.fault is not None and cancelled is not None and cancelled():
        outcome.fault = LineError("cancelled", t("Stopped."), kept=t("Nothing is lost; it goes on where it stopped."))
    with contextlib.suppress(NotebookError):  # a full or locked disk stands in the outcome already
        put_settings(account, last_sync=asdict(numbers_of(outcome)))
    return outcome


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a sync did, as it is shown afterwards, also days later; bytes are of both directions, ``fault`` is a sentence."""

    at: int = 0  # ms UTC
    sent: int = 0
    received: int = 0
    merged: int = 0
    different: int = 0
    refused: int = 0
    photos_sent: int = 0
    photos_received: int = 0
    octets: int = 0
    complete: bool = False
    fault: str = ""
    code: str = ""  # of the fault


def numbers_of(outcome: SyncOutcome) -> Numbers:
    """Return the numbers of a sync that ended now."""
    fault = outcome.fault
    return Numbers(clock.now_ms(), outcome.sent, outcome.received, outcome.merged, outcome.different, outcome.refused,
                   outcome.photos_sent, outcome.photos_received, outcome.bytes_up + outcome.bytes_down, outcome.complete,
                   fault.title if fault is not None else "", getattr(fault, "code", ""))


def last_numbers(session: Session) -> Numbers | None:
    """Return the numbers of the last sync, None before the first; what another version noted more is left out."""
    kept = setting(session, "last_sync")
    if not isinstance(kept, dict):
        return None
    known = {field.name for field in fields(Numbers)}
    return Numbers(**{name: value for name, value in kept.items() if name in known})


@dataclass(frozen=True, slots=True)
class OpenDifference:
    """A difference as the person settles it; the values are decoded."""

    id: str
    kind: Kind
    record: str
    field: str
    value_a: Value
    value_b: Value
    by_a: str
    by_b: str
    at_a: int
    at_b: int


def open_differences(session: Session) -> list[OpenDifference]:
    """Return the differences that wait for a person, oldest first."""
    rows = session.scalars(select(Difference).where(Difference.state == "open", Difference.deleted.is_(False))
                           .order_by(Difference.changed_at))
    return [OpenDifference(d.id, Kind(d.record_kind), d.record, d.field, _value(d.value_a), _value(d.value_b), d.by_a, d.by_b,
                           d.at_a or 0, d.at_b or 0) for d in rows]


def _value(text: str) -> Value:
    try:
        value: Value = json.loads(text) if text else ""
    except ValueError:
        return text
    return value


def settle(unit: Unit, difference: str, value: Any) -> None:
    """Settle a difference with either value or a third; both authors see it settled after their next sync."""
    row = unit.get(Difference, difference)
    kind = Kind(row.record_kind)
    field = SPECS[kind].field(row.field)
    if field is None:
        raise AppError(t("This field belongs to a newer version of the program."), hint=t("Update the program, then settle it."))
    setattr(unit.get(ENTITIES[kind], row.record), row.field, value)
    row.chosen = json.dumps(value, ensure_ascii=False)
    row.settled = [row.version_a, row.version_b]
    row.state = "settled"
