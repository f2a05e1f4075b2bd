"""Results: what signed sheets say, as it was projected."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from sqlalchemy import Connection, select

from assessor_app import formats
from assessor_app.i18n import t
from assessor_app.models.kinds import Kind
from assessor_app.models.permissions import Action
from assessor_server import panel_results, watching
from assessor_server import tables as tb
from assessor_server.projecting import FAULTY, VERIFIED
from assessor_server.web import words
from assessor_server.web.page import PAGE, Badge, Cell, Code, Link, Page, Table
from assessor_server.web.queries import FIELDS
from assessor_server.web.routes import Routes

routes = Routes()


@routes.get("/hasil", Action.SEE_RESULTS)
def projected(page: Page) -> Response:
    """Show what panels and signed sheets say; each line is compared with its signed files before it is shown."""
    number = page.number("halaman", 1, 1, 10_000)
    with page.store.transaction() as connection:
        keys = list(connection.execute(_sheets(tb.result.c.document, number)).scalars())
        visits = list(connection.execute(_panels(tb.panel_result.c.visit, number)).scalars())
    watching.glance(page.store, page.site.blobs, keys, visits)
    with page.store.transaction() as connection:
        rows = connection.execute(_sheets(tb.result, number)).all()
        panels = connection.execute(_panels(tb.panel_result, number)).all()
        means = _means(connection, tb.result_aspect, "document", [row.document for row in rows])
        of_panels = _means(connection, tb.panel_aspect, "visit", [row.visit for row in panels])
        replaced = _replaced(connection, [row.document for row in rows])
    columns = (t("Region"), t("Year"), t("Instrument"), t("Signed by"), t("Means of the aspects"), t("Index"),
               t("SHA-256 of the sheet"), t("State"))
    lines = [_line(row, means.get(row.document, []), row.document in replaced) for row in rows[:PAGE]]
    panel_columns = (t("Region"), t("Year"), t("Instrument"), t("Sheets"), t("Means of the aspects"), t("Index"), t("State"))
    panel_lines = [_panel_line(row, of_panels.get(row.visit, [])) for row in panels[:PAGE]]
    return page.show("list.html", title=t("Results"), number=number, more=len(rows) > PAGE or len(panels) > PAGE, intro=[
        t("What closed panels and each assessor's signed sheet say, worked out from the signed files themselves."),
        t("A sheet's line is secret until the panel is closed.")],
        tables=[Table(t("Results of panels"), panel_columns, panel_lines, t("No panel was closed yet.")),
                Table(t("Results of signed sheets"), columns, lines, t("No signed sheet has arrived."))])


def _sheets(what: Any, number: int) -> Any:
    return select(what).order_by(tb.result.c.year.desc(), tb.result.c.region, tb.result.c.document).limit(PAGE + 1).offset(
        (number - 1) * PAGE)


def _panels(what: Any, number: int) -> Any:
    return select(what).order_by(tb.panel_result.c.year.desc(), tb.panel_result.c.region, tb.panel_result.c.visit).limit(PAGE + 1).offset(
        (number - 1) * PAGE)


def _panel_line(row: Any, means: list[str]) -> tuple[Cell, ...]:
    index = _figure(row._mapping["index"]) + (f" ({t('provisional')})" if row.provisional and row._mapping["index"] is not None else "")
    return (Link(words.region(row.region), f"/web/kunjungan/{row.visit}"), str(row.year or "–"),
            f"{row.instrument} {row.instrument_version}".strip() or "–", t("{0} of {1}").format(row.sheets, row.members),
            "; ".join(means) or "–", index, _state(row))


def _line(row: Any, means: list[str], replaced: bool) -> tuple[Cell, ...]:
    index = _figure(row._mapping["index"]) + (f" ({t('provisional')})" if row.provisional else "")
    return (Link(words.region(row.region), f"/web/dokumen/{row.document}"), str(row.year or "–"),
            f"{row.instrument} {row.instrument_version}".strip() or "–", row.signer or "–", "; ".join(means) or "–", index,
            Code(row.data_sha256[:16]), Badge(t("replaced by a newer sheet"), "warn") if replaced else _state(row))


def _state(row: Any) -> Badge:
    if row.state == FAULTY:
        return Badge(" ".join(words.fault(code) for code in row.faults.split()), "warn")
    if row.state == panel_results.PARTIAL:
        return Badge(t("not every sheet yet"), "warn")
    return Badge(t("verified"), "good") if row.state == VERIFIED else Badge(t("awaits its file"))


def _means(connection: Connection, table: Any, key: str, keys: list[str]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for one in connection.execute(select(table).where(table.c[key].in_(keys)).order_by(table.c.number)):
        out.setdefault(getattr(one, key), []).append(f"{one.name} {_figure(one.mean)}")
    return out


def _replaced(connection: Connection, documents: list[str]) -> set[str]:
    """Return which documents a newer one names as replaced."""
    old = FIELDS["supersedes"].as_string()
    return {str(one) for one in connection.execute(select(old).where(
        tb.record.c.kind == Kind.DOCUMENT.value, old.in_(documents))).scalars()}


def _figure(number: float | None) -> str:
    return formats.number(number, 2) if number is not None else "–"
