"""The page behind a document's printed code: without login its id, state and dates, and whether a file is one of its revisions.

It tells no digest, name, region or score: who has a file learns whether it is the recorded one, who has none learns nothing to guess by.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy import Connection, select
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from assessor_app import i18n
from assessor_app.i18n import t
from assessor_app.models.kinds import Kind, RevisionType
from assessor_server import tables as tb
from assessor_server.store import Store
from assessor_server.throttle import Pace
from assessor_server.web import words
from assessor_server.web.page import FOLDER, HEADERS, address, moment, rendered

#: The largest file that is compared, in bytes; a browser that can computes the digest itself and sends no file.
LARGEST: Final = 60 << 20
#: How many questions one address may ask in a minute.
QUESTIONS: Final = 60
#: How many of the printed digits are enough to be asked about.
_DIGITS: Final = 8
_SCRIPT = {"Content-Security-Policy": HEADERS["Content-Security-Policy"] + "; script-src 'self'"}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a document by its printed code."""

    token: str
    state: str
    data_sha256: str
    revisions: tuple[dict[str, Any], ...]


def find(connection: Connection, token: str) -> Known | None:
    """Return the document whose address ends in ``token`` (at least 80 bits), or None where there is none."""
    if len(token) < 16 or not (token.isascii() and token.isalnum()):
        return None
    printed = tb.record.c.fields["address"].as_string()
    row = connection.execute(select(tb.record).where(
        tb.record.c.kind == Kind.DOCUMENT.value, printed.endswith(f"/d/{token}", autoescape=True))).first()
    if row is None:
        return None
    of = tb.record.c.fields["document"].as_string()
    revisions = connection.execute(select(tb.record.c.fields).where(
        tb.record.c.kind == Kind.REVISION.value, of == row.id)).scalars().all()
    ordered = sorted((r for r in revisions if r.get("type") != RevisionType.WET_SCAN), key=lambda r: int(r.get("number") or 0))
    return Known(token, str(row.fields.get("state") or ""), str(row.fields.get("data_sha256") or ""), tuple(ordered))


def compare(known: Known, sha256: str) -> tuple[bool, str]:
    """Return whether a file is a recorded revision, and a sentence."""
    digests = [str(r.get("sha256")) for r in known.revisions]
    if sha256 not in digests:
        return False, t("The file is NOT a recorded revision of this document.")
    number = digests.index(sha256) + 1
    if number == len(digests):
        return True, t("The file is the latest recorded revision of this document, byte for byte.")
    return True, t("The file is an earlier recorded revision of this document ({0} of {1}).").format(number, len(digests))


def digits(known: Known, printed: str) -> tuple[bool, str] | None:
    """Return whether the digits beside the printed code are those on record, and a sentence; None where too few were typed."""
    plain = re.sub(r"[^0-9a-f]", "", printed.lower())
    if len(plain) < _DIGITS:
        return None
    if known.data_sha256.startswith(plain):
        return True, t("The printed digits are those on record.")
    return False, t("The printed digits are NOT those on record: the print belongs to another document, or was changed.")


def router(store: Store) -> APIRouter:
    """Return the page's routes."""
    routes = APIRouter()
    pace = Pace(QUESTIONS)

    def show(request: Request, token: str, language: str, asked: dict[str, str] | None = None, fault: str = "") -> Response:
        with i18n.speaking(language):
            if pace.wait(address(request)):
                return _page(request, 429, token, language, fault=t("Too many questions from here. Wait a minute, then try again."))
            with store.transaction() as connection:
                known = find(connection, token)
            if known is None:
                missing = t("This document has not arrived at the centre yet, or its address is wrong.")
                return _page(request, 404, token, language, fault=missing)
            answers = []
            if asked is not None:
                answers = [answer for answer in (compare(known, asked["sha256"]) if asked["sha256"] else None,
                                                 digits(known, asked["digits"])) if answer is not None]
                if not answers and not fault:
                    fault = t("Choose the file, or type at least {0} of the printed digits.").format(_DIGITS)
            dates = [(words.revision(r.get("type")), moment(r.get("made_at"))) for r in known.revisions]
            return _page(request, 422 if fault else 200, token, language, state=words.state(known.state), dates=dates, answers=answers,
                         fault=fault)

    @routes.get("/d/{token}", response_class=Response, responses={200: {"content": {"text/html": {}}}})
    def page(request: Request, token: str, bahasa: str = "id") -> Response:
        return show(request, token, _language(bahasa))

    @routes.post("/d/{token}", include_in_schema=False)
    async def ask(request: Request, token: str, bahasa: str = "id") -> Response:
        language = _language(bahasa)
        asked, fault = await _read(request, language)
        return await run_in_threadpool(show, request, token, language, asked, fault)

    @routes.get("/web/compare.js", include_in_schema=False)
    async def script() -> Response:
        return FileResponse(FOLDER / "compare.js", media_type="text/javascript", headers={"Cache-Control": "max-age=3600"})

    return routes


async def _read(request: Request, language: str) -> tuple[dict[str, str], str]:
    """Return what a form asks: the file's SHA-256 and the printed digits; and what was wrong with the form. The file is kept nowhere."""
    nothing = {"sha256": "", "digits": ""}
    length = request.headers.get("Content-Length", "")
    with i18n.speaking(language):
        large, broken = t("The file is too large to be compared here."), t("The form could not be read.")
    if not (length.isascii() and length.isdigit()):
        return nothing, broken
    if int(length) > LARGEST:
        return nothing, large
    try:
        form = await request.form(max_files=1, max_fields=10)
    except (MultiPartException, HTTPException, ValueError, KeyError):
        return nothing, broken
    try:
        file, given = form.get("file"), str(form.get("sha256") or "").strip().lower()
        out = {"sha256": given if re.fullmatch("[0-9a-f]{64}", given) else "", "digits": str(form.get("digits") or "")[:100]}
        if not out["sha256"] and isinstance(file, UploadFile) and file.size:
            sum_ = hashlib.sha256()
            while piece := await file.read(1 << 20):
                sum_.update(piece)
            out["sha256"] = sum_.hexdigest()
        return out, ""
    finally:
        await form.close()


def _page(request: Request, status: int, token: str, language: str, **values: Any) -> Response:
    shown = {"state": None, "dates": [], "answers": [], "fault": ""} | values
    response = rendered(request, "public.html", status, token=token, other="en" if language == "id" else "id", **shown)
    response.headers.update(_SCRIPT)
    return response


def _language(wanted: str) -> str:
    return wanted if wanted in i18n.LANGUAGES else "id"
