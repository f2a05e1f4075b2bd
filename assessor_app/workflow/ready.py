"""Siap berangkat: everything that a trip needs, looked at before the line is gone; what is missing is fetched at once."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessor_app import clock, formats
from assessor_app.i18n import nt, t
from assessor_app.models.catalogue import Assessor, DeviceKey
from assessor_app.models.documents import Document
from assessor_app.models.evaluations import Sheet
from assessor_app.models.kinds import Role, SheetState, Stage
from assessor_app.models.lifecycle import locked
from assessor_app.models.plans import Action, Plan, Programme
from assessor_app.models.visits import Person, Visit
from assessor_app.sync import relay
from assessor_app.workflow import recipients
from assessor_app.workflow.accounts import Account, setting
from assessor_app.workflow.courier import SERVER
from assessor_app.workflow.evaluating import instruments, sheet_id
from assessor_app.workflow.numbers import in_words, numbers_left, year_of
from assessor_app.workflow.syncing import last_numbers

#: A backup or a sync older than this should be made again before departure, in days.
BACKUP_DAYS, SYNC_DAYS = 7, 1
#: A clock that is wrong by more than this is said, in milliseconds.
SKEW_MS = 120_000
#: Free room on the disk, in bytes: less is too little for photos, or for working at all.
ROOM, NO_ROOM = 2_000_000_000, 300_000_000
#: Battery in percent.
CHARGED = 80
#: Document numbers for a visit: minutes, sheet, and a correction of each.
NUMBERS = 4
_DAY_MS = 86_400_000


class State(StrEnum):
    """How one thing stands."""

    OK = "ok"
    WARN = "warn"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Remedy(StrEnum):
    """What one click does about it."""

    NONE = ""
    SYNC = "sync"
    BACKUP = "backup"
    NUMBERS = "numbers"
    INVITATION = "invitation"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: its stable code, how it stands, its name, a sentence, and what can be done."""

    code: str
    state: State
    title: str
    said: str
    remedy: Remedy = Remedy.NONE


def checks(session: Session, account: Account, visit: str, *, battery: int | None = None) -> list[Check]:
    """Return all checks for a visit, or those of the machine alone without one; ``battery`` is in percent, None where none tells."""
    at = session.get(Visit, visit) if visit else None
    joined = bool(setting(session, "server_url"))
    out = [_joined(session, joined=joined)]
    if at is not None:
        fetch = Remedy.SYNC if joined else Remedy.NONE
        out += [_plan(session, at, fetch), _instrument(session, at, account, fetch), _report(session, at, fetch), _actions(session, at),
                _contacts(session, at, fetch), _recipients(session, at, account, fetch)]
    return [*out, _numbers(session, year_of(at)), _key(session, account), _revoked(session, joined=joined), _clock(session, joined=joined),
            _disk(account), _battery(battery), _backup(session)]


def fetch_here(account: Account) -> None:
    """Do what needs no line: the day's copy of the notebook."""
    from assessor_app.workflow.backup import daily_copy

    daily_copy(account)


def _joined(session: Session, *, joined: bool) -> Check:
    title = t("Line to the centre")
    last = last_numbers(session)
    if not joined:
        return Check("line", State.MISSING, title, t("No server yet. The secretariat hands over an invitation file."), Remedy.INVITATION)
    if last is None or not last.complete:
        return Check("line", State.WARN, title, t("Not everything is here and there yet.") if last else t("Not synchronised yet."),
                     Remedy.SYNC)
    days = (clock.now_ms() - last.at) // _DAY_MS
    said = nt("Complete {n} day ago", "Complete {n} days ago", days) if days else t("Complete today")
    return Check("line", State.OK if days < SYNC_DAYS else State.WARN, title, said, Remedy.SYNC)


def _plan(session: Session, at: Visit, fetch: Remedy) -> Check:
    programmes = _count(session, Programme.id, Programme.region == at.region, Programme.deleted.is_(False))
    plan = _count(session, Plan.id, Plan.region == at.region, Plan.deleted.is_(False))
    title = t("Master plan")
    if programmes and plan:
        return Check("plan", State.OK, title, nt("{n} programme", "{n} programmes", programmes))
    return Check("plan", State.MISSING, title, t("Nothing of the region's plan is here. Synchronise, or import its sheet."), fetch)


def _instrument(session: Session, at: Visit, account: Account, fetch: Remedy) -> Check:
    title = t("Instrument")
    sheet = session.get(Sheet, sheet_id(at.id, account.profile))
    if sheet is not None and sheet.instrument:
        return Check("instrument", State.OK, title, sheet.instrument)
    found = instruments(session)
    if found:
        return Check("instrument", State.OK, title, nt("{n} to choose from", "{n} to choose from", len(found)))
    return Check("instrument", State.MISSING if at.stage == Stage.EVALUATION else State.WARN, title, t("None is here."), fetch)


def _report(session: Session, at: Visit, fetch: Remedy) -> Check:
    title = t("Report of the year before")
    earlier = session.execute(
        select(Visit.year, Document.state).join(Document, Document.visit == Visit.id)
        .where(Visit.region == at.region, Visit.id != at.id, Document.deleted.is_(False)).order_by(Visit.year.desc())).all()
    before = [(year, state) for year, state in earlier if year and at.year and year < at.year]
    for year, state in before:
        if state == SheetState.APPROVED:
            return Check("report", State.OK, title, t("Approved, {0}").format(year))
    if any(locked(state or "") for _, state in before):
        return Check("report", State.WARN, title, t("Signed, but not approved yet"), fetch)
    return Check("report", State.UNKNOWN, title, t("None is here: it may be the first year, or not released for you."), fetch)


def _actions(session: Session, at: Visit) -> Check:
    found = session.execute(select(Action.id).where(Action.region == at.region, Action.visit != at.id, Action.deleted.is_(False),
                                                    Action.status.not_in(("done", "dropped")))).all()
    none = t("None is open from earlier visits.")
    said = nt("{n} open from earlier visits", "{n} open from earlier visits", len(found)) if found else none
    return Check("actions", State.OK, t("Agreed actions"), said)


def _contacts(session: Session, at: Visit, fetch: Remedy) -> Check:
    title = t("Contacts in office")
    people = session.scalars(select(Person).where(
        Person.region == at.region, Person.role == Role.OFFICIAL, Person.deleted.is_(False))).all()
    if not people:
        return Check("contacts", State.MISSING, title, t("Nobody of the region's offices is here."), fetch)
    phones = sum(bool(person.phone) for person in people)
    said = t("{0} officials, {1} with a telephone number").format(len(people), phones)
    return Check("contacts", State.OK if phones else State.WARN, title, said)


def _recipients(session: Session, at: Visit, account: Account, fetch: Remedy) -> Check:
    title = t("Recipients of a courier file")
    keys = {key.assessor for key in session.scalars(select(DeviceKey).where(DeviceKey.deleted.is_(False)))}
    keys |= {str(pairs.get("assessor")) for pairs in (setting(session, "paired") or {}).values()}
    members = [one for one in dict.fromkeys((at.lead, *at.team)) if one and one not in account.actor.ids]
    without = [person.name if (person := session.get(Assessor, one)) is not None else t("another device")
               for one in members if one not in keys]
    if relay.key_of(session, SERVER) is None:
        return Check("recipients", State.MISSING, title, t("The centre's key is not here yet."), fetch)
    places = len({one.office for one in recipients.offices(session)})
    if without:
        lacks = t("No key yet of {0}: they must synchronise once, or pair by code.").format(", ".join(without))
        can = nt("{n} receiving office can open it.", "{n} receiving offices can open it.", places) if places else ""
        return Check("recipients", State.WARN, title, f"{lacks} {can}".rstrip(), fetch)
    said = nt("The centre and {n} colleague", "The centre and {n} colleagues", len(members)) if members else t("The centre")
    offices = nt("{n} receiving office", "{n} receiving offices", places) if places else t("no receiving office is named")
    return Check("recipients", State.OK, title, f"{said}; {offices}")


def _numbers(session: Session, year: int) -> Check:
    left = numbers_left(session, year)
    state = State.OK if left >= NUMBERS else State.WARN if left else State.MISSING
    return Check("numbers", state, t("Document numbers"), in_words(session, year), Remedy.NONE if state is State.OK else Remedy.NUMBERS)


def _key(session: Session, account: Account) -> Check:
    title = t("Signing key")
    if not setting(session, "signing_key") or setting(session, "signing_device") != account.device:
        return Check("key", State.MISSING, title, t("None yet: nothing can be signed"), Remedy.NONE)
    if not setting(session, "chain"):
        return Check("key", State.WARN, title, t("On this device, but the centre has not certified it."), Remedy.INVITATION)
    from cryptography import x509

    ends = x509.load_pem_x509_certificate(str(setting(session, "certificate")).encode()).not_valid_after_utc
    said = t("Certified until {0}").format(formats.date(ends.astimezone().date()))
    return Check("key", State.OK if ends > clock.now() else State.MISSING, title, said,
                 Remedy.NONE if ends > clock.now() else Remedy.INVITATION)


def _revoked(session: Session, *, joined: bool) -> Check:
    title = t("List of revoked certificates")
    if not joined:
        return Check("revoked", State.UNKNOWN, title, t("It comes with the first sync."))
    known = last_numbers(session)
    fresh = known is not None and not known.fault
    if fresh:
        return Check("revoked", State.OK, title, t("As of the last sync"))
    return Check("revoked", State.WARN, title, t("It comes with the next sync."), Remedy.SYNC)


def _clock(session: Session, *, joined: bool) -> Check:
    title = t("Clock")
    skew = setting(session, "clock_skew_ms")
    if not isinstance(skew, (int, float)):
        return Check("clock", State.UNKNOWN, title, t("A sync compares it with the centre's."), Remedy.SYNC if joined else Remedy.NONE)
    if abs(skew) > SKEW_MS:
        said = t("The clock of this computer is wrong by {0} minutes").format(round(abs(skew) / 60_000))
        return Check("clock", State.WARN, title, said, Remedy.SYNC if joined else Remedy.NONE)
    return Check("clock", State.OK, title, t("As the centre's"))


def _disk(account: Account) -> Check:
    free = shutil.disk_usage(account.folder).free
    said = t("{0} free").format(formats.size(free))
    return Check("disk", State.OK if free >= ROOM else State.WARN if free >= NO_ROOM else State.MISSING, t("Room on the disk"), said)


def _battery(level: int | None) -> Check:
    title = t("Battery")
    if level is None:
        return Check("battery", State.UNKNOWN, title, t("This computer does not tell."))
    return Check("battery", State.OK if level >= CHARGED else State.WARN, title, f"{level} %")


def _backup(session: Session) -> Check:
    at = int(setting(session, "backed_up_at") or 0)
    if not at:
        return Check("backup", State.MISSING, t("Backup"), t("Never backed up"), Remedy.BACKUP)
    days = (clock.now_ms() - at) // _DAY_MS
    said = nt("Backed up {n} day ago", "Backed up {n} days ago", days) if days else t("Backed up today")
    return Check("backup", State.OK if days <= BACKUP_DAYS else State.WARN, t("Backup"), said,
                 Remedy.NONE if days <= BACKUP_DAYS else Remedy.BACKUP)


def _count(session: Session, column: object, *where: object) -> int:
    return session.scalar(select(func.count(column)).where(*where)) or 0  # type: ignore[arg-type]
