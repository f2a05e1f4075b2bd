"""Results: what signed sheets say, as it was projected."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from sqlalchemy import Connection, select

from assessor_app import formats
from assessor_app.i18n import t
from assessor_app.models.kinds import Kind
from assessor_app.models.permissions import Action
from assessor_server import tables as tb
from assessor_server.projecting import FAULTY, VERIFIED
from assessor_server.web import words
from assessor_server.web.page import PAGE, Badge, Cell, Code, Link, Page, Table
from assessor_server.web.queries import FIELDS
from assessor_server.web.routes import Routes

routes = Routes()


@routes.get("/hasil", Action.SEE_RESULTS)
def projected(page: Page) -> Response:
    """Show what signed sheets say."""
    number = page.number("halaman", 1, 1, 10_000)
    with page.store.transaction() as connection:
        rows = connection.execute(select(tb.result).order_by(
            tb.result.c.year.desc(), tb.result.c.region, tb.result.c.document).limit(PAGE + 1).offset((number - 1) * PAGE)).all()
        means = _means(connection, [row.document for row in rows])
        replaced = _replaced(connection, [row.document for row in rows])
    columns = (t("Region"), t("Year"), t("Instrument"), t("Signed by"), t("Means of the aspects"), t("Index"),
               t("SHA-256 of the sheet"), t("State"))
    lines = [_line(row, means.get(row.document, []), row.document in replaced) for row in rows[:PAGE]]
    return page.show("list.html", title=t("Results"), number=number, more=len(rows) > PAGE, intro=[
        t("What each assessor's signed sheet says, one line a sheet, read from the signed file itself."),
        t("Secret until the panel is closed.")],
        tables=[Table(t("Results of signed sheets"), columns, lines, t("No signed sheet has arrived."))])


def _line(row: Any, means: list[str], replaced: bool) -> tuple[Cell, ...]:
    index = _figure(row._mapping["index"]) + (f" ({t('provisional')})" if row.provisional else "")
    return (Link(words.region(row.region), f"/web/dokumen/{row.document}"), str(row.year or "–"),
            f"{row.instrument} {row.instrument_version}".strip() or "–", row.signer or "–", "; ".join(means) or "–", index,
            Code(row.data_sha256[:16]), Badge(t("replaced by a newer sheet"), "warn") if replaced else _state(row))


def _state(row: Any) -> Badge:
    if row.state == FAULTY:
        return Badge(" ".join(words.fault(code) for code in row.faults.split()), "warn")
    return Badge(t("verified"), "good") if row.state == VERIFIED else Badge(t("awaits its file"))


def _means(connection: Connection, documents: list[str]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    aspects = select(tb.result_aspect).where(tb.result_aspect.c.document.in_(documents)).order_by(tb.result_aspect.c.number)
    for one in connection.execute(aspects):
        out.setdefault(one.document, []).append(f"{one.name} {_figure(one.mean)}")
    return out


def _replaced(connection: Connection, documents: list[str]) -> set[str]:
    """Return which documents a newer one names as replaced."""
    old = FIELDS["supersedes"].as_string()
    return {str(one) for one in connection.execute(select(old).where(
        tb.record.c.kind == Kind.DOCUMENT.value, old.in_(documents))).scalars()}


def _figure(number: float | None) -> str:
    return formats.number(number, 2) if number is not None else "–"
