"""A later revision begins with the earlier one's bytes: an upload of it goes on from what is here already, and sends the rest alone."""

from __future__ import annotations

from sqlalchemy import Connection, select

from assessor_app.models.kinds import Kind, RevisionType
from assessor_server import tables as tb


def earlier(connection: Connection, digest: str) -> list[str]:
    """Return the digests of the revisions before the one with this digest, in the same document and scope, the nearest first."""
    fields = tb.record.c.fields
    row = connection.execute(select(tb.record.c.scope, fields).where(
        tb.record.c.kind == Kind.REVISION.value, fields["sha256"].as_string() == digest)).first()
    if row is None or row.fields.get("type") == RevisionType.WET_SCAN:
        return []
    number = int(row.fields.get("number") or 0)
    others = connection.execute(select(fields).where(
        tb.record.c.kind == Kind.REVISION.value, tb.record.c.scope == row.scope,
        fields["document"].as_string() == str(row.fields.get("document")))).scalars().all()
    before = [(int(one.get("number") or 0), str(one.get("sha256"))) for one in others if one.get("type") != RevisionType.WET_SCAN]
    return [sha for n, sha in sorted(before, reverse=True) if n < number and sha != digest]
