"""How the page of the line says what it shows: reasons, states, minutes left, what a sync did."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from assessor_app import clock, formats
from assessor_app.i18n import mark, nt, t
from assessor_app.models.kinds import Kind
from assessor_app.ui import labels
from assessor_app.workflow.queries.outbox import FileRow, FileState, Why
from assessor_app.workflow.syncing import Numbers

_WHY = {Why.LINE: mark("no line yet"), Why.CONSENT: mark("waits for a consent"),
        Why.OTHERS: mark("waits for what others have not sent yet")}
_FILE = {FileState.SENT: mark("sent"), FileState.HERE: mark("fetched"), FileState.PART: mark("on its way"),
         FileState.WAITING: mark("waits"), FileState.WANTED: mark("to be fetched"), FileState.CONSENT: mark("waits for a consent")}
_PHASE = {"records": mark("Sending texts"), "news": mark("Taking in what is new"), "photos_up": mark("Sending photos"),
          "photos_down": mark("Fetching photos")}
_REFUSED = {
    "permission": mark("The account may not write there: a region or visit that is not assigned to it, or another's sheet."),
    "signed": mark("The score sheet is signed: its content never changes again."),
    "scope": mark("The change named a record of another place."),
    "state": mark("The document or sheet has moved on; this step may not follow."),
    "never": mark("A value that is written once was to be written again."),
    "exists": mark("There is such a record already, with other content."),
    "type": mark("A value is not of the kind that its field takes."),
    "size": mark("A text is longer than a field takes."),
    "empty": mark("The change was empty."),
    "kind": mark("Nobody may make such a record."),
    "device": mark("The device belongs to another account.")}
_MINUTE = 60


def why(code: Why) -> str:
    """Return why changes wait."""
    return t(_WHY[code])


def phase(code: str) -> str:
    """Return what a sync is doing."""
    return t(_PHASE[code]) if code in _PHASE else t("Synchronising…")


def refused(code: str) -> str:
    """Return why a change was refused."""
    return t(_REFUSED[code]) if code in _REFUSED else code


def of_purpose(purpose: str) -> str:
    """Return what a change was about, from the word of its intent."""
    return labels.kind(purpose.partition(".")[0])


def file_state(row: FileRow) -> str:
    """Return how far a file is; of one on its way also how much of it, where that is known."""
    if row.state is FileState.PART and row.arrived and row.size:
        return f"{t(_FILE[row.state])}, {min(100, row.arrived * 100 // row.size)} %"
    return t(_FILE[row.state])


def moment(ms: int) -> str:
    """Return a time in words; the hour alone where it was today."""
    if not ms:
        return ""
    then = datetime.fromtimestamp(ms / 1000, UTC).astimezone()
    today = then.date() == clock.today()
    return formats.time(then) if today else formats.date_time(then)


def last(numbers: Numbers | None) -> str:
    """Return the line of the last sync."""
    if numbers is None:
        return t("Not synchronised yet.")
    when = moment(numbers.at)
    if numbers.fault and not (numbers.sent or numbers.received or numbers.photos_sent or numbers.photos_received):
        return t("Last {0}: {1}").format(when, numbers.fault)
    parts = [t("{0} sent").format(numbers.sent), t("{0} received").format(numbers.received), t("{0} merged").format(numbers.merged),
             t("{0} different").format(numbers.different)]
    if numbers.refused:
        parts.append(t("{0} refused").format(numbers.refused))
    if numbers.photos_sent or numbers.photos_received:
        parts.append(nt("{n} photo", "{n} photos", numbers.photos_sent + numbers.photos_received))
    parts.append(formats.size(numbers.octets))
    text = t("Last {0}: {1}").format(when, ", ".join(parts))
    return f"{text}. {numbers.fault}" if numbers.fault else text


def left(seconds: float) -> str:
    """Return about how long something still takes."""
    if seconds < _MINUTE:
        return t("less than a minute left")
    minutes = round(seconds / _MINUTE)
    return nt("about {n} minute left", "about {n} minutes left", minutes)


def came(counts: Counter[Kind]) -> str:
    """Return what a sync brought or changed here, by kind."""
    parts = [f"{labels.kind(kind.value)}: {count}" for kind, count in sorted(counts.items(), key=lambda pair: -pair[1]) if count]
    return ", ".join(parts) if parts else t("Nothing new came.")
