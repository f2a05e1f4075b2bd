"""What several pages ask the database: names, visits and where things stand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from assessor_app.models.kinds import Kind, visit_scope
from assessor_app.models.permissions import Actor, Role
from assessor_app.models.records import CREATED, default_for
from assessor_server import tables as tb

FIELDS = tb.record.c.fields
_PART = 500


def names(connection: Connection) -> dict[str, str]:
    """Return the name behind every id that means a person: account or profile."""
    rows = connection.execute(select(tb.alias.c.profile, tb.account.c.name).join(tb.account, tb.account.c.id == tb.alias.c.account))
    return {row.profile: row.name for row in rows}


def records(connection: Connection, kind: Kind, ids: set[str]) -> dict[str, Any]:
    """Return the fields of records by their ids."""
    out: dict[str, Any] = {}
    wanted = sorted(ids - {""})
    for start in range(0, len(wanted), _PART):
        out.update((row.id, row.fields) for row in connection.execute(select(tb.record.c.id, tb.record.c.fields).where(
            tb.record.c.kind == kind.value, tb.record.c.id.in_(wanted[start:start + _PART]))))
    return out


def scope_regions(connection: Connection, scopes: set[str]) -> dict[str, str]:
    """Return the region that each scope belongs to, as far as it belongs to one."""
    out = {scope: scope.partition(":")[2] for scope in scopes if scope.startswith("region:")}
    sheets = records(connection, Kind.SHEET, {scope.partition(":")[2] for scope in scopes if scope.startswith("sheet:")})
    visit_of = {scope: str(sheets.get(scope.partition(":")[2], {}).get("visit") or "") for scope in scopes if scope.startswith("sheet:")}
    visit_of |= {scope: scope.partition(":")[2] for scope in scopes if scope.startswith("visit:")}
    visits = records(connection, Kind.VISIT, set(visit_of.values()))
    out.update((scope, str(visits[visit].get("region") or "")) for scope, visit in visit_of.items() if visit in visits)
    return out


def visit_rows(connection: Connection, actor: Actor, region: str, room: int, start: int) -> list[Any]:
    """Return visits that somebody may see at the centre, by region and then newest first."""
    query = select(tb.record).where(tb.record.c.kind == Kind.VISIT.value)
    if actor.role is not Role.SECRETARIAT:
        query = query.where(FIELDS["region"].as_string().in_(sorted(actor.regions)))
    if region:
        query = query.where(FIELDS["region"].as_string() == region)
    order = (FIELDS["region"].as_string(), func.coalesce(FIELDS["starts_on"].as_string(), "").desc(), tb.record.c.id)
    return list(connection.execute(query.order_by(*order).limit(room).offset(start)).all())


def counts(connection: Connection, visits: list[str]) -> dict[str, dict[str, Any]]:
    """Return of each visit its notes, the digests of its photos and files, and when something last arrived."""
    out: dict[str, dict[str, Any]] = {visit: {"notes": 0, "files": [], "last": None} for visit in visits}
    scopes = {visit_scope(visit): visit for visit in visits}
    if not scopes:
        return out
    rows = connection.execute(select(tb.record.c.scope, tb.record.c.kind, FIELDS["sha256"].as_string().label("sha256"), tb.record.c.fields)
                              .where(tb.record.c.scope.in_(list(scopes)), tb.record.c.kind.in_(["interview", "attachment"])))
    for row in rows:
        entry = out[scopes[row.scope]]
        if row.fields.get("deleted"):
            continue
        if row.kind == "interview":
            entry["notes"] += 1
        elif row.sha256:
            entry["files"].append(row.sha256)
    last = connection.execute(select(tb.intent.c.scope, func.max(tb.intent.c.received_at)).where(
        tb.intent.c.scope.in_(list(scopes))).group_by(tb.intent.c.scope))
    for scope, at in last:
        out[scopes[scope]]["last"] = at
    return out


def assigned(connection: Connection, region: str, year: object) -> list[str]:
    """Return the names of those who are assigned to a region in a year."""
    rows = connection.execute(select(tb.account.c.name).join(tb.assignment, tb.assignment.c.account == tb.account.c.id).where(
        tb.assignment.c.region == region, tb.assignment.c.year.in_([0, year if isinstance(year, int) else 0])).order_by(tb.account.c.name))
    return sorted(set(rows.scalars()))


def value(kind: Kind, fields: dict[str, Any], name: str) -> Any:
    """Return a field's value, or its default."""
    return fields.get(name, default_for(kind, name))


def maker(versions: dict[str, str]) -> str:
    """Return the device that made a record."""
    return versions.get(CREATED, "").partition(".")[0]


def erased(connection: Connection, records: set[str]) -> set[str]:
    """Return which of these records had their personal data erased."""
    return set(connection.execute(select(tb.erasure.c.id).where(tb.erasure.c.id.in_(sorted(records)))).scalars()) if records else set()
