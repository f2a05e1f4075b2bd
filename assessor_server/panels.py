"""Which colleagues' sheets a closed panel opens to whom: signed ones alone, to members whose own signed sheet is here and verifies."""

from __future__ import annotations

from sqlalchemy import Connection, select

from assessor_app import ids
from assessor_app.models.kinds import Kind, PanelState
from assessor_app.models.lifecycle import locked
from assessor_server import tables as tb


def opened(connection: Connection, own: frozenset[str], visits: set[str]) -> frozenset[str]:
    """Return the sheets of others that closed panels of these visits open to whoever goes by the ids ``own``."""
    fields = tb.record.c.fields
    closed = connection.execute(select(fields).where(
        tb.record.c.kind == Kind.PANEL.value, fields["state"].as_string() == PanelState.CLOSED.value)).scalars().all() if visits else []
    out: set[str] = set()
    for panel in closed:
        visit, members = str(panel.get("visit") or ""), [str(one) for one in panel.get("members") or []]
        if visit in visits and not panel.get("deleted") and own.intersection(members):
            out |= _opened(connection, visit, members, own)
    return frozenset(out)


def _opened(connection: Connection, visit: str, members: list[str], own: frozenset[str]) -> set[str]:
    sheet_of = {ids.natural_id(Kind.SHEET, visit, member): member for member in members}
    rows = connection.execute(select(tb.record.c.id, tb.record.c.fields).where(
        tb.record.c.kind == Kind.SHEET.value, tb.record.c.id.in_(sheet_of))).all()
    signed = {row.id for row in rows if locked(str(row.fields.get("state") or "")) and not row.fields.get("deleted")
              and row.fields.get("assessor") == sheet_of[row.id] and row.fields.get("visit") == visit}
    mine = {sheet for sheet in signed if sheet_of[sheet] in own}
    # A state is what a device says; a verified file is what nobody without the key can make.
    proved = connection.execute(select(tb.result.c.sheet).where(
        tb.result.c.sheet.in_(mine), tb.result.c.visit == visit, tb.result.c.state == "verified")).scalars().first() if mine else None
    return signed - mine if proved else set()
