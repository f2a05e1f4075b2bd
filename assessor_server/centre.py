"""What the centre itself writes: intents of a device of its own, applied like everybody's, so that they travel as news."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select, update

from assessor_app import ids
from assessor_app.errors import AppError, NotAllowed
from assessor_app.i18n import t
from assessor_app.models import lifecycle
from assessor_app.models.guide import Guide
from assessor_app.models.instrument import Instrument
from assessor_app.models.kinds import CATALOGUE, Kind, SheetState
from assessor_app.models.records import seen_digest
from assessor_app.sync.intents import WireIntent
from assessor_app.sync.merge import Outcome
from assessor_app.sync.rows import Row
from assessor_server import accounts
from assessor_server import tables as tb
from assessor_server.applying import Applier
from assessor_server.history import load_row
from assessor_server.store import add_if_absent, get_meta, lock_scopes, now

_COUNTER = "centre-counter"
#: Makes the changes of an intent, given the beginning of their ids.
Changes = Callable[[str], list[list[Any]]]


def device_of(connection: Connection) -> str:
    """Return the centre's device: another one in each epoch, for a restored server counts anew."""
    return f"{accounts.CENTRE}{get_meta(connection, 'epoch') or ''}"


def write(connection: Connection, account: str, scope: str, purpose: str, changes: Changes) -> None:
    """Apply an intent of the centre in an account's name. Raises NotAllowed, or AppError where it was not simply applied."""
    device, counter = device_of(connection), _next(connection)
    intent = WireIntent(device, counter, now(), purpose, scope, changes(f"{device}.{counter}."))
    applier = Applier(connection, [scope])
    verdict = applier.apply(intent, accounts.author_of(connection, account), accounts.actor_of(connection, account))
    applier.finish()
    if verdict.reason == "permission":
        raise NotAllowed(t("Your role does not allow this."), kept=t("Nothing was changed."))
    if verdict.outcome is not Outcome.APPLIED:
        raise AppError(t("Somebody changed this at the same moment."), hint=t("Look at it again, then repeat."),
                       kept=t("Nothing was changed."))


def _next(connection: Connection) -> int:
    add_if_absent(connection, tb.meta, name=_COUNTER, value="0")
    query = select(tb.meta.c.value).where(tb.meta.c.name == _COUNTER)
    if connection.dialect.name == "postgresql":
        query = query.with_for_update()
    counter = int(connection.execute(query).scalar_one()) + 1
    connection.execute(update(tb.meta).where(tb.meta.c.name == _COUNTER).values(value=str(counter)))
    return counter


def publish(connection: Connection, account: str, instrument: Instrument | Guide) -> None:
    """Publish an instrument, or an interview guide, to all devices; one that was withdrawn is there again. Raises AppError, NotAllowed."""
    record = ids.natural_id(Kind.INSTRUMENT, instrument.form_id, instrument.version)
    lock_scopes(connection, [CATALOGUE])
    present = load_row(connection, Kind.INSTRUMENT, record)
    if present is not None and present.fields.get("sha256") != instrument.sha256:
        raise AppError(t("Version {0} of this instrument is published already, with other content.").format(instrument.version),
                       hint=t("A published version never changes: give the new one another version."),
                       kept=t("Nothing was changed."))
    if present is not None and not present.fields.get("deleted"):
        raise AppError(t("This instrument is published already, with the same content."), kept=t("Nothing was changed."))
    if present is not None:
        base = present.version("deleted")
        write(connection, account, CATALOGUE, "instrument.publish",
              lambda _: [["=", Kind.INSTRUMENT.value, record, "deleted", base, False]])
        return
    values = {"form_id": instrument.form_id, "version": instrument.version, "sha256": instrument.sha256,
              "title": instrument.title.get("id"), "year": instrument.year, "cohort": instrument.cohort,
              "publisher": instrument.publisher, "official": instrument.official, "content": instrument.to_json()}
    given = {name: value for name, value in values.items() if value not in ("", None, False)}
    write(connection, account, CATALOGUE, "instrument.publish", lambda _: [["+", Kind.INSTRUMENT.value, record, given]])


def withdraw(connection: Connection, account: str, record: str, kind: Kind = Kind.INSTRUMENT) -> None:
    """Withdraw what the centre published: it is marked and stays readable. Raises AppError, NotAllowed.

    Sheets that use an instrument stay on it, and plans into which an example was copied keep their copy.
    """
    lock_scopes(connection, [CATALOGUE])
    row = there(load_row(connection, kind, record))
    base, seen = row.version("deleted"), seen_digest(row.versions)
    write(connection, account, CATALOGUE, f"{kind.value}.withdraw", lambda _: [["=", kind.value, record, "deleted", base, seen]])


def decide(connection: Connection, account: str, document: str, state: SheetState, remark: str = "") -> None:
    """Approve a signed document, or return it with a remark; its score sheet follows. Raises AppError, NotAllowed."""
    scope = there(load_row(connection, Kind.DOCUMENT, document)).scope
    lock_scopes(connection, [scope])
    row = there(load_row(connection, Kind.DOCUMENT, document))
    rows = [row]
    if row.fields.get("sheet"):
        sheet = load_row(connection, Kind.SHEET, str(row.fields["sheet"]))
        if sheet is not None and str(sheet.fields.get("state") or "") == str(row.fields.get("state") or ""):
            rows.append(sheet)
    steps = [(one, lifecycle.way(str(one.fields.get("state") or ""), state)) for one in rows]
    if not lifecycle.locked(str(row.fields.get("state") or "")) or not all(way for _, way in steps):
        raise AppError(t("This document does not wait for a decision."), kept=t("Nothing was changed."))

    def changes(mark: str) -> list[list[Any]]:
        out: list[list[Any]] = []
        if remark:
            out.append(["=", Kind.DOCUMENT.value, document, "remark", row.version("remark"), remark])
        for one, way in steps:
            base = one.version("state")
            for step in way:
                out.append(["=", one.kind.value, one.id, "state", base, step.value])
                base = f"{mark}{len(out) - 1}"
        return out

    write(connection, account, scope, f"document.{state.value}", changes)


def there(row: Row | None) -> Row:
    """Return a record that must be here. Raises AppError."""
    if row is None:
        raise AppError(t("This is not here, or no longer."), kept=t("Nothing was changed."))
    return row
