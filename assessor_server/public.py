"""The page behind a document's printed code: without login it shows only what it is, its state and dates, and digests."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Any

from sqlalchemy import Connection, select

from assessor_app import formats
from assessor_app.models.kinds import Kind
from assessor_server import tables as tb

_STATES = {"signed": "Ditandatangani (terkunci)", "cosigned": "Ditandatangani bersama", "stored": "Tiba di pusat",
           "approved": "Disetujui", "returned": "Dikembalikan dengan catatan"}
_TYPES = {"minutes": "Berita Acara Kunjungan", "evaluation_sheet": "Lembar Evaluasi"}


def page(connection: Connection, token: str) -> str | None:
    """Return the page of the document whose address ends in ``token`` (at least 80 bits), or None where there is none."""
    if len(token) < 16 or not token.isalnum():
        return None
    address = tb.record.c.fields["address"].as_string()
    row = connection.execute(select(tb.record).where(
        tb.record.c.kind == Kind.DOCUMENT.value, address.endswith(f"/d/{token}", autoescape=True))).first()
    if row is None:
        return None
    of = tb.record.c.fields["document"].as_string()
    revisions = connection.execute(select(tb.record.c.fields).where(
        tb.record.c.kind == Kind.REVISION.value, of == row.id)).scalars().all()
    lines = "".join(_line(r) for r in sorted(revisions, key=lambda r: int(r.get("number") or 0)))
    kind, state = _TYPES.get(str(row.fields.get("type")), "Dokumen"), _STATES.get(str(row.fields.get("state")), "")
    return f"""<!doctype html><html lang="id"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(kind)}</title><style>body{{font:16px/1.5 sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}}
code{{word-break:break-all}}td,th{{text-align:left;padding:.3rem .8rem .3rem 0;vertical-align:top}}</style>
<h1>{escape(kind)}</h1><p>Keadaan: <strong>{escape(state)}</strong></p>
<p>SHA-256 data: <code>{escape(str(row.fields.get("data_sha256") or ""))}</code></p>
<table><tr><th>Revisi</th><th>Waktu perangkat</th><th>SHA-256 berkas</th></tr>{lines}</table>
<p>Bandingkan angka di atas dengan yang tercetak. Periksa berkasnya dengan: <code>asesor verify BERKAS.pdf</code></p></html>"""


def _line(revision: dict[str, Any]) -> str:
    cells = (str(int(revision.get("number") or 0)), _moment(revision.get("made_at")), str(revision.get("sha256")))
    return "<tr>" + "".join(f"<td><code>{escape(cell)}</code></td>" for cell in cells) + "</tr>"


def _moment(at: object) -> str:
    if not isinstance(at, int):
        return ""
    return formats.date_time(datetime.fromtimestamp(at / 1000, UTC), "UTC")
