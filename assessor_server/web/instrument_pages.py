"""Instruments: publish a workbook, see what is published, withdraw."""

from __future__ import annotations

from fastapi import Response
from sqlalchemy import select

from assessor_app import isolate
from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.models.guide import Guide, is_guide
from assessor_app.models.instrument import Instrument
from assessor_app.models.kinds import Kind
from assessor_app.models.permissions import Action
from assessor_server import centre
from assessor_server import tables as tb
from assessor_server.web.page import Badge, Cell, Code, Page, Post, Table, moment
from assessor_server.web.queries import FIELDS
from assessor_server.web.routes import Routes

routes = Routes()


@routes.get("/instrumen", Action.SEE_INSTRUMENTS)
def everything(page: Page) -> Response:
    """Show the published instruments."""
    with page.store.transaction() as connection:
        rows = connection.execute(select(tb.record).where(tb.record.c.kind == Kind.INSTRUMENT.value).order_by(
            FIELDS["form_id"].as_string(), FIELDS["version"].as_string())).all()
    publishes = page.may(Action.PUBLISH)
    columns = (t("Instrument"), t("Version"), t("Year"), t("Cohort"), "SHA-256", t("Published"), t("State"))
    lines: list[tuple[Cell, ...]] = []
    for row in rows:
        gone = bool(row.fields.get("deleted"))
        title = f"{row.fields.get('title') or ''} ({row.fields.get('form_id')})"
        cells: tuple[Cell, ...] = (
            f"{title} · {t('interview guide')}" if is_guide(str(row.fields.get("content") or "")) else title,
            str(row.fields.get("version") or ""),
            str(row.fields.get("year") or "–"), str(row.fields.get("cohort") or "–"), Code(str(row.fields.get("sha256") or "")[:16]),
            moment(row.at), Badge(t("withdrawn"), "warn") if gone else Badge(t("published"), "good"))
        if publishes:
            label = t("Withdraw {0}, version {1}").format(row.fields.get("title") or "", row.fields.get("version") or "")
            cells += ("–" if gone else Post(t("Withdraw"), f"/web/instrumen/{row.id}/tarik", {}, label),)
        lines.append(cells)
    table = Table(t("Published instruments"), (*columns, t("Withdraw")) if publishes else columns, lines,
                  t("No instrument is published. The program brings instruments of its own."))
    return page.show("instruments.html", published=table)


@routes.post("/instrumen", Action.PUBLISH)
def publish(page: Page) -> Response:
    """Publish a workbook; it is read in a process of its own."""
    if not page.file:
        raise AppError(t("Choose a workbook (.xlsx)."), kept=t("Nothing was changed."))
    read = isolate.call("assessor_app.models.guide_workbook:read_either_json", page.file, timeout_s=60, memory_mb=1024)
    instrument = Guide.from_json(read) if is_guide(read) else Instrument.from_json(read)
    with page.store.transaction() as connection:
        centre.publish(connection, page.session.account, instrument)
    return page.go("/web/instrumen", t("“{0}”, version {1}, is published: every device receives it at its next sync.").format(
        instrument.title.get("id"), instrument.version))


@routes.post("/instrumen/{record}/tarik", Action.PUBLISH)
def withdraw(page: Page) -> Response:
    """Withdraw an instrument."""
    with page.store.transaction() as connection:
        centre.withdraw(connection, page.session.account, page.of("record"))
    return page.go("/web/instrumen", t("The instrument is withdrawn. Sheets that use it stay on it."))
