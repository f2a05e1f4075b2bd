"""Blocks of document numbers, reserved while there is a line: a signed page cannot be numbered later."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert

from assessor_app import ids
from assessor_app.clock import ZONES
from assessor_app.models.kinds import Kind, account_scope
from assessor_app.models.records import CREATED
from assessor_app.sync.digests import digest_line
from assessor_server import tables as tb
from assessor_server.store import get_meta, lock_scopes, now, put_meta, set_places

#: How many numbers a device reserves when it enrols.
BLOCK = 50


def reserve(connection: Connection, profile: str) -> None:
    """Give an account a block of document numbers of this year."""
    year = datetime.fromtimestamp(now() / 1000, ZONES["WIB"]).year
    scope = account_scope(profile)
    last_seq, digest = lock_scopes(connection, [scope])[scope]
    seq = last_seq + 1
    first = int(get_meta(connection, f"number-{year}") or "0") + 1
    last = first + BLOCK - 1
    put_meta(connection, f"number-{year}", str(last))
    record, versions = ids.natural_id(Kind.NUMBERS, profile, str(first), str(year)), {CREATED: f"server.{first}.0"}
    connection.execute(insert(tb.record).values(
        kind=Kind.NUMBERS.value, id=record, scope=scope, seq=seq, created=seq,
        fields={"account": profile, "pattern": "{0}/GMSC/{1}", "first": first, "last": last, "year": year}, seqs={}, by="", at=now(),
        versions=versions))
    set_places(connection, {scope: (seq, digest + digest_line(Kind.NUMBERS.value, record, versions))})
