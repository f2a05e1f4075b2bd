"""Examples: publish a list of regions' innovations, see what is published, withdraw one, erase its contact."""

from __future__ import annotations

from fastapi import Response
from sqlalchemy import select

from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.models.kinds import DIMENSION_NAMES, DIMENSIONS
from assessor_app.models.permissions import Action
from assessor_server import examples
from assessor_server import tables as tb
from assessor_server.web import words
from assessor_server.web.page import PAGE, Badge, Cell, Link, Missing, Page, Post, Table
from assessor_server.web.routes import Routes

routes = Routes()


@routes.get("/contoh", Action.SEE_EXAMPLES)
def everything(page: Page) -> Response:
    """Show the published examples, of one dimension where that is asked for."""
    number = page.number("halaman", 1, 1, 10_000)
    dimension = page.asked("dimensi")
    of = tb.innovation.c
    query = select(tb.innovation).order_by(of.withdrawn, of.year.desc(), of.region, of.name, of.id)
    if dimension in DIMENSIONS:
        query = query.where(of.dimension == dimension)
    with page.store.transaction() as connection:
        rows = connection.execute(query.limit(PAGE + 1).offset((number - 1) * PAGE)).all()
    publishes = page.may(Action.PUBLISH)
    columns = (t("Innovation"), t("Region"), t("Year"), t("Dimension"), t("Agency"), t("Office to ask"), t("State"))
    lines: list[tuple[Cell, ...]] = []
    for row in rows[:PAGE]:
        cells: tuple[Cell, ...] = (
            row.name, words.region(row.region), str(row.year or "–"), DIMENSION_NAMES.get(row.sub_dimension or row.dimension, "–"),
            row.agency or "–", row.contact or "–",
            Badge(t("withdrawn"), "warn") if row.withdrawn else Badge(t("published"), "good"))
        if publishes:
            here = f"/web/contoh/{row.id}"
            away = Post(t("Withdraw"), f"{here}/tarik", {}, t("Withdraw “{0}”").format(row.name))
            erase = Link(t("Erase …"), f"{here}/hapus-kontak")
            cells += ("–" if row.withdrawn else away, erase if row.contact else "–")
        lines.append(cells)
    shown = (*columns, t("Withdraw"), t("Contact")) if publishes else columns
    choices = [("", t("All dimensions")), *((code, DIMENSION_NAMES[code]) for code in DIMENSIONS)]
    return page.show("examples.html", published=Table(t("Published examples"), shown, lines, t("No example is published yet.")),
                     number=number, more=len(rows) > PAGE, choices=choices, dimension=dimension if dimension in DIMENSIONS else "")


@routes.post("/contoh", Action.PUBLISH)
def publish(page: Page) -> Response:
    """Publish a list; it is read in a process of its own."""
    if not page.file:
        raise AppError(t("Choose a list (.xlsx or .csv)."), kept=t("Nothing was changed."))
    said = examples.read(page.file, "CSV")
    with page.store.transaction() as connection:
        taken = examples.publish(connection, page.session.account, said)
    return page.go("/web/contoh", t("{0} Every device receives them at its next sync.").format(examples.told(taken)))


@routes.post("/contoh/{record}/tarik", Action.PUBLISH)
def withdraw(page: Page) -> Response:
    """Withdraw an example."""
    with page.store.transaction() as connection:
        examples.withdraw(connection, page.session.account, page.of("record"))
    return page.go("/web/contoh", t("The example is withdrawn. Plans into which it was copied keep their copy."))


@routes.get("/contoh/{record}/hapus-kontak", Action.PUBLISH)
def ask(page: Page) -> Response:
    """Ask whether an example's contact is to be erased."""
    with page.store.transaction() as connection:
        row = connection.execute(select(tb.innovation).where(tb.innovation.c.id == page.of("record"))).first()
    if row is None or not row.contact:
        raise Missing
    return page.show("erase_contact.html", example=row, region=words.region(row.region))


@routes.post("/contoh/{record}/hapus-kontak", Action.PUBLISH)
def erase_contact(page: Page) -> Response:
    """Erase an example's contact for good."""
    with page.store.transaction() as connection:
        examples.erase_contact(connection, page.session.account, page.of("record"))
    return page.go("/web/contoh", t("The contact is erased here, and on every device at its next sync. It does not come back."))
