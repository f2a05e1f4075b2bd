"""The first page: what waits for the secretariat. And the changes that were refused, and who looked at what."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from sqlalchemy import Connection, func, select

from assessor_app.i18n import nt, t
from assessor_app.models.kinds import Kind, SheetState
from assessor_app.models.permissions import Action
from assessor_app.sync.merge import Outcome
from assessor_server import tables as tb
from assessor_server import watching
from assessor_server.store import now
from assessor_server.web import queries, words
from assessor_server.web.page import PAGE, Badge, Cell, Code, Link, Page, Post, Table, ago, moment
from assessor_server.web.queries import FIELDS
from assessor_server.web.routes import Routes

routes = Routes()
_DAY = 86_400_000
#: States in which a document waits for the centre's word.
WAITING = (SheetState.SIGNED.value, SheetState.COSIGNED.value, SheetState.STORED.value)


@routes.get("/", Action.SEE_OVERVIEW)
def overview(page: Page) -> Response:
    """Show what waits: silent devices, open differences, refused changes, documents."""
    days = page.number("hari", 7, 1, 365)
    with page.store.transaction() as connection:
        silent = connection.execute(select(tb.device, tb.account.c.name).join(tb.account, tb.account.c.id == tb.device.c.account).where(
            tb.device.c.revoked_at.is_(None), tb.account.c.active, tb.device.c.credential != "",
            tb.device.c.seen_at < now() - days * _DAY).order_by(tb.device.c.seen_at)).all()
        differences = connection.execute(select(tb.record.c.scope, tb.record.c.fields).where(
            tb.record.c.kind == Kind.DIFFERENCE.value, FIELDS["state"].as_string() == "open").order_by(tb.record.c.at)).all()
        places = queries.scope_regions(connection, {row.scope for row in differences})
        refused = int(connection.execute(select(func.count()).where(tb.intent.c.outcome == Outcome.REFUSED.value)).scalar_one())
        waiting = waiting_documents(connection)
        raised = watching.alarms(connection)
    silent_table = Table(
        nt("Devices that were silent for {n} day or longer", "Devices that were silent for {n} days or longer", days),
        (t("Device"), t("Account"), t("Last seen"), t("Not sent yet")),
        [(Link(row.id, f"/web/perangkat/{row.id}"), row.name, ago(row.seen_at), unsent(row)) for row in silent[:PAGE]],
        t("Every device has synchronised in this time."))
    difference_table = Table(
        t("Open differences"), (t("Region"), t("Record"), t("Since")),
        [(words.region(places.get(row.scope)), words.kind(str(row.fields.get("record_kind"))), moment(row.fields.get("at_b")))
         for row in differences[:PAGE]],
        t("No two entries differ."))
    alarm_table = Table(
        t("Alarms: changed by hand in the database"), (t("What was changed"), t("Which"), t("Noticed"), t("Differs in"), t("Seen")),
        [(words.alarm(row.what), _place(row), moment(row.since), Code(row.detail), Post(
            t("I have seen it"), "/web/alarm", {"what": row.what, "key": row.key}, t("I have seen the alarm on {0}").format(row.key)))
         for row in raised[:PAGE]], "")
    return page.show("overview.html", days=days, silent=silent_table, differences=difference_table, alarms=alarm_table, counts=(
        *(((t("Alarms"), len(raised), "#alarm"),) if raised else ()),
        (t("Documents that wait for approval"), waiting, "/web/dokumen" if waiting else ""),
        (t("Silent devices"), len(silent), "#perangkat" if silent else ""),
        (t("Open differences"), len(differences), "#perbedaan" if differences else ""),
        (t("Refused changes"), refused, "/web/ditolak" if refused else "")))


@routes.post("/alarm", Action.SEE_RESULTS)
def alarm_seen(page: Page) -> Response:
    """Take an alarm off the list."""
    with page.store.transaction() as connection:
        watching.seen(connection, page.sent("what"), page.sent("key"))
    return page.go("/web/", t("The alarm is off the list. What still differs comes back within the hour."))


def _place(row: Any) -> Cell:
    """Return what an alarm is about, as a way to it where it has a page."""
    page = {"panel_result": "/web/kunjungan/", "result": "/web/dokumen/"}.get(row.what, "")
    return Link(row.key, page + row.key) if page else Code(row.key)


def waiting_documents(connection: Connection) -> int:
    """Return how many documents wait for the centre's word."""
    return int(connection.execute(select(func.count()).where(
        tb.record.c.kind == Kind.DOCUMENT.value, FIELDS["state"].as_string().in_(WAITING))).scalar_one())


def unsent(device: Any) -> Cell:
    """Return what a device said that it had not sent yet, since when, and when it said so."""
    told, count, photos = device.waiting_at, device.waiting_count or 0, device.waiting_photos or 0
    if told is None:
        return t("not told yet")
    if not count and not photos:
        return Badge(t("nothing ({0})").format(ago(told)), "good")
    parts = [nt("{n} change", "{n} changes", count)] if count else []
    if photos:
        parts.append(nt("{n} photo", "{n} photos", photos))
    since = moment(device.waiting_since)
    text = t("{0}, since {1}").format(", ".join(parts), since) if since else ", ".join(parts)
    return Badge(t("{0} (told {1})").format(text, ago(told)), "warn")


@routes.get("/ditolak", Action.SEE_REFUSED)
def refused(page: Page) -> Response:
    """Show which changes were refused and why, without what they say."""
    number = page.number("halaman", 1, 1, 10_000)
    with page.store.transaction() as connection:
        rows = connection.execute(select(tb.intent).where(tb.intent.c.outcome == Outcome.REFUSED.value).order_by(
            tb.intent.c.received_at.desc(), tb.intent.c.device, tb.intent.c.counter.desc()).limit(PAGE + 1).offset(
            (number - 1) * PAGE)).all()
        names = queries.names(connection)
        places = queries.scope_regions(connection, {row.scope for row in rows})
    table = Table(t("Refused changes, newest first"), (t("Arrived"), t("Who"), t("Device"), t("Record"), t("Region"), t("Why")), [
        (moment(row.received_at), names.get(row.account, "–"), Link(row.device, f"/web/perangkat/{row.device}"),
         ", ".join(sorted({words.kind(str(change[1])) for change in row.changes})) or "–", words.region(places.get(row.scope)),
         words.reason(row.reason)) for row in rows[:PAGE]], t("Nothing was refused."))
    return page.show("list.html", title=t("Refused changes"), tables=[table], number=number, more=len(rows) > PAGE, intro=[
        t("A refused change stays on its device, where its author sees it with the reason. Nothing of it is lost there.")])


@routes.get("/akses", Action.SEE_ACCESS)
def accesses(page: Page) -> Response:
    """Show who looked at a person's data."""
    number = page.number("halaman", 1, 1, 10_000)
    with page.store.transaction() as connection:
        rows = connection.execute(select(tb.access).order_by(tb.access.c.at.desc(), tb.access.c.id).limit(PAGE + 1).offset(
            (number - 1) * PAGE)).all()
        names = queries.names(connection)
        places = queries.scope_regions(connection, {row.scope for row in rows})
    columns = (t("When"), t("Who"), t("What was opened"), t("Region"), t("Record"), t("From where"))
    table = Table(t("Who looked at what, newest first"), columns, [
        (moment(row.at), names.get(row.account, "–"), words.access(row.kind), words.region(places.get(row.scope)), Code(row.record),
         row.address) for row in rows[:PAGE]], t("Nobody has looked at a note, a person or a signed document yet."))
    return page.show("list.html", title=t("Access"), tables=[table], number=number, more=len(rows) > PAGE, intro=[
        t("Whoever opens a note, a respondent or a signed document on these pages is written down here.")])
