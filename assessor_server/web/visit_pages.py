"""Visits: what was done where, by whom; a note or a respondent opens on an explicit, logged click."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from sqlalchemy import select

from assessor_app import formats
from assessor_app.i18n import t
from assessor_app.models import regions
from assessor_app.models.kinds import Kind, Role, visit_scope
from assessor_app.models.permissions import Action
from assessor_app.sync.rows import Row
from assessor_server import tables as tb
from assessor_server.history import load_row
from assessor_server.web import queries, words
from assessor_server.web.page import PAGE, Badge, Cell, Link, Missing, Page, Post, Table, ago, moment
from assessor_server.web.queries import value
from assessor_server.web.routes import Routes

routes = Routes()


@routes.get("/kunjungan", Action.SEE_VISITS)
def everything(page: Page) -> Response:
    """Show visits by region."""
    number, query = page.number("halaman", 1, 1, 10_000), page.asked("cari")
    found = regions.find(query, 1) if query else []
    with page.store.transaction() as connection:
        rows = [] if query and not found else queries.visit_rows(
            connection, page.session.actor, found[0].code if found else "", PAGE + 1, (number - 1) * PAGE)
        counts = queries.counts(connection, [row.id for row in rows[:PAGE]])
        who = {row.id: queries.assigned(connection, str(row.fields.get("region")), row.fields.get("year")) for row in rows[:PAGE]}
    columns = (t("Region"), t("Visit"), t("Assigned"), t("Notes"), t("Photos and files here"), t("Last activity"))
    lines = [(Link(words.region(row.fields.get("region")), f"/web/kunjungan/{row.id}"),
              f"{words.stage(row.fields.get('stage'))}, {_dates(row.fields)}", ", ".join(who[row.id]) or "–", str(counts[row.id]["notes"]),
              _files(page, counts[row.id]["files"]), ago(counts[row.id]["last"])) for row in rows[:PAGE]]
    table = Table(t("Visits by region"), columns, lines, t("No visit has arrived."))
    return page.show("visits.html", visits=table, query=query, number=number, more=len(rows) > PAGE)


@routes.get("/kunjungan/{visit}", Action.SEE_VISITS)
def one(page: Page) -> Response:
    """Show one visit: its notes and respondents by number alone."""
    with page.store.transaction() as connection:
        row = load_row(connection, Kind.VISIT, page.of("visit"))
        if row is None or not page.may(Action.SEE_VISITS, str(row.fields.get("region") or "")):
            raise Missing
        inside = connection.execute(select(tb.record).where(
            tb.record.c.scope == visit_scope(row.id), tb.record.c.kind.in_([Kind.INTERVIEW.value, Kind.PERSON.value])).order_by(
            tb.record.c.created, tb.record.c.id)).all()
        gone = queries.erased(connection, {one.id for one in inside})
        names = queries.names(connection)
        count = queries.counts(connection, [row.id])[row.id]
        assigned = queries.assigned(connection, str(row.fields.get("region")), row.fields.get("year"))
    facts: list[tuple[str, Cell]] = [
        (t("Visit"), words.stage(row.fields.get("stage"))), (t("Date"), _dates(row.fields)), (t("Assigned"), ", ".join(assigned) or "–"),
        (t("Made by"), names.get(row.by, "–")), (t("Notes"), str(count["notes"])),
        (t("Photos and files here"), _files(page, count["files"])), (t("Last activity"), moment(count["last"]) or "–")]
    there = [one for one in inside if not one.fields.get("deleted")]
    tables = [_notes(row.id, there, gone, names), _respondents(row.id, there, gone)] if page.may(Action.SEE_RESPONDENT) else []
    return page.show("visit.html", title=words.region(row.fields.get("region")), lines=facts, tables=tables)


def _dates(fields: dict[str, Any]) -> str:
    return formats.date_range(str(fields.get("starts_on") or ""), str(fields.get("ends_on") or "")) or "–"


def _files(page: Page, digests: list[str]) -> Cell:
    if not digests:
        return "–"
    here = sum(page.site.blobs.size(digest) is not None for digest in digests)
    return Badge(t("{0} of {1}").format(here, len(digests)), "good" if here == len(digests) else "warn")


def _labels(rows: list[Any]) -> dict[str, str]:
    return {one.id: str(one.fields.get("label") or "–") for one in rows if one.kind == Kind.PERSON}


def _notes(visit: str, rows: list[Any], gone: set[str], names: dict[str, str]) -> Table:
    labels = _labels(rows)
    lines: list[tuple[Cell, ...]] = []
    for one in rows:
        if one.kind == Kind.INTERVIEW:
            held = formats.date_time(str(one.fields.get("held_at") or "")) or "–"
            opens = Post(t("Open it"), f"/web/kunjungan/{visit}/catatan/{one.id}", {}, t("Open the note of {0}").format(held))
            present = ", ".join(labels.get(person, t("official in office")) for person in one.fields.get("persons") or [])
            author = names.get(str(one.fields.get("author")), "–")
            lines.append((held, present or t("observation"), author, t("erased") if one.id in gone else opens))
    return Table(t("Interview notes"), (t("Held at"), t("With"), t("Written by"), t("Open it")), lines, t("No note has arrived."))


def _respondents(visit: str, rows: list[Any], gone: set[str]) -> Table:
    labels = _labels(rows)
    lines: list[tuple[Cell, ...]] = []
    for one in rows:
        if one.kind == Kind.PERSON and one.fields.get("role") == Role.RESPONDENT:
            opens = Post(t("Open it"), f"/web/kunjungan/{visit}/narasumber/{one.id}", {}, t("Open respondent {0}").format(labels[one.id]))
            until = formats.date(str(one.fields.get("consent_until") or "")) or "–"
            lines.append((labels[one.id], until, t("erased") if one.id in gone else opens))
    return Table(t("Respondents"), (t("Label"), t("Consent until"), t("Open it")), lines, t("No respondent has arrived."))


def _private(page: Page, kind: Kind, record: str) -> Row | None:
    """Return a record of the visit's that still says something."""
    with page.store.transaction() as connection:
        row = load_row(connection, kind, record)
        if row is None or row.scope != visit_scope(page.of("visit")) or row.fields.get("deleted") or queries.erased(connection, {row.id}):
            return None
    return row


@routes.post("/kunjungan/{visit}/catatan/{note}", Action.SEE_RESPONDENT)
def note(page: Page) -> Response:
    """Show a note, and write down that somebody looked."""
    row = _private(page, Kind.INTERVIEW, page.of("note"))
    if row is None:
        raise Missing
    page.log_access("interview", row.id, row.scope)
    listed = row.fields.get("persons")
    with page.store.transaction() as connection:
        names = queries.names(connection)
        persons = queries.records(connection, Kind.PERSON, set(listed) if isinstance(listed, list) else set())
    facts = [(t("Held at"), formats.date_time(str(row.fields.get("held_at") or "")) or "–"),
             (t("Place"), str(row.fields.get("place") or "–")),
             (t("With"), ", ".join(str(one.get("label") or t("official in office")) for one in persons.values()) or t("observation")),
             (t("Written by"), names.get(str(row.fields.get("author")), "–"))]
    return page.show("private.html", title=str(row.fields.get("title") or t("Interview note")), lines=facts,
                     body=str(row.fields.get("body") or ""), back=f"/web/kunjungan/{page.of('visit')}")


@routes.post("/kunjungan/{visit}/narasumber/{person}", Action.SEE_RESPONDENT)
def respondent(page: Page) -> Response:
    """Show a respondent, and write down that somebody looked."""
    row = _private(page, Kind.PERSON, page.of("person"))
    if row is None:
        raise Missing
    page.log_access("respondent", row.id, row.scope)
    shown = (("name", t("Name")), ("occupation", t("Occupation")), ("phone", t("Telephone")), ("consent_form", t("Form of consent")),
             ("consent_on", t("Consent given")), ("consent_purpose", t("Purpose")), ("consent_until", t("Consent until")),
             ("remark", t("Remark")))
    facts = [(called, str(value(Kind.PERSON, row.fields, name) or "–")) for name, called in shown]
    return page.show("private.html", title=t("Respondent {0}").format(row.fields.get("label") or ""), lines=facts, body="",
                     back=f"/web/kunjungan/{page.of('visit')}")
