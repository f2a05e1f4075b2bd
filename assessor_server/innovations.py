"""Published examples as a typed table, projected from their records; it can be made anew from these at any time."""

from __future__ import annotations

from sqlalchemy import Connection, select

from assessor_app.models.kinds import Kind
from assessor_app.sync.rows import Row
from assessor_server import tables as tb
from assessor_server.blobs import Blobs
from assessor_server.history import load_row
from assessor_server.projecting import VERIFIED, Projection, Rows
from assessor_server.store import Store

KIND = Kind.INNOVATION


def _concerns(row: Row) -> str:
    return row.id if row.kind is KIND else ""


def _keys(connection: Connection) -> list[str]:
    return list(connection.execute(select(tb.record.c.id).where(tb.record.c.kind == KIND.value)).scalars())


def _outline(connection: Connection, record: str) -> Rows | None:
    row = load_row(connection, KIND, record)
    if row is None:
        return None
    year = row.fields.get("year")
    texts = {name: str(row.fields.get(name) or "") for name in ("region", "name", "dimension", "sub_dimension", "agency")}
    texts["contact"] = " · ".join(str(row.fields[name]) for name in ("contact", "phone", "email") if row.fields.get(name))
    return {"innovation": [{"id": record, "state": VERIFIED, **texts, "year": year if isinstance(year, int) else None,
                            "withdrawn": bool(row.fields.get("deleted")), "at": row.at}]}


def _fill(store: Store, blobs: Blobs, outline: Rows) -> Rows:
    return outline


INNOVATIONS = Projection("innovations", (tb.innovation,), _concerns, _keys, _outline, _fill, grows=True)
