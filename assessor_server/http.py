"""The server's HTTP interface."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from pydantic import BaseModel, Field
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assessor_app.errors import BadInput
from assessor_app.sync import codec, protocol
from assessor_server import accounts, authority, blob_routes, courier, numbers, public, syncing, timestamps, trust
from assessor_server import tables as tb
from assessor_server.accounts import Caller, Denied
from assessor_server.blob_store import BlobStore
from assessor_server.results import ProjectingBlobs
from assessor_server.store import Store, get_meta, now
from assessor_server.throttle import Pace, Throttle
from assessor_server.web import site

log = logging.getLogger(__name__)

#: From how many milliseconds on a device is told how long its answer took here.
_LONG_MS = 15

#: How many timestamps one asker may have in a minute.
STAMPS = 120

Authorization = Annotated[str, Header()]
_SYNC = {"requestBody": {"required": True, "content": {protocol.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}}


class Enrolment(BaseModel):
    """A device that joins: by login and password, or by an invitation's secret."""

    login: str = Field("", max_length=200)
    password: str = Field("", max_length=500)
    invitation: str = Field("", max_length=200)
    device: str = Field(min_length=8, max_length=40, pattern="^[a-z0-9]+$")
    profile: str = Field(min_length=36, max_length=36)
    request: str = Field(max_length=10_000)
    name: str = Field("", max_length=300)
    institution: str = Field("", max_length=300)


class Enrolled(BaseModel):
    """What the device keeps: its credential, a first token, its certificate and the root to trust."""

    account: str
    aliases: list[str]
    credential: str
    token: str
    certificate: str
    root: str


class TokenRequest(BaseModel):
    """A device that shows its credential for a new token."""

    device: str = Field(max_length=40)
    credential: str = Field(max_length=200)


class _Mark:
    """Marks every answer as this server's own: no portal says ``X-Asesor``. A fault is logged without its words."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def mark(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers["X-Asesor"] = str(protocol.VERSION)
                if scope["method"] in {"GET", "HEAD"}:  # no other answer is ever kept, and each byte counts
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self.app(scope, receive, mark)
        except ClientDisconnect:
            log.debug("a line was cut")
        except Exception as e:  # its words, which the server's log would print, may hold what people wrote
            last = traceback.extract_tb(e.__traceback__)[-1]
            log.error("fault %s at %s:%s", type(e).__name__, Path(last.filename).name, last.lineno)
            if not begun:
                await JSONResponse({"code": "fault"}, 500)(scope, receive, mark)


_STAMP = {"requestBody": {"required": True, "content": {timestamps.QUERY: {"schema": {"type": "string", "format": "binary"}}}}}


async def _read(request: Request, most: int = codec.LARGEST) -> bytes | None:
    """Return a request's body; None where it is larger than any that this server reads, which it then does not keep."""
    parts, length = [], 0
    if int(request.headers.get("Content-Length") or 0) > most:
        return None
    async for part in request.stream():
        length += len(part)
        if length > most:
            return None
        parts.append(part)
    return b"".join(parts)


def make_app(store: Store, keep: BlobStore | None = None, outside: timestamps.Outside | None = None) -> FastAPI:
    """Return the application over an open store; ``keep`` is where blobs lie (default: the store's folder).

    ``outside`` is another's timestamping authority, asked instead of the server's own.
    """
    app = FastAPI(title="Asesor", version=str(protocol.VERSION), docs_url=None, redoc_url=None)
    with store.transaction() as connection:
        courier.keys(connection)
        timestamps.ready(connection)
    blobs = ProjectingBlobs(store, keep)

    app.add_middleware(_Mark)

    @app.exception_handler(Denied)
    async def _denied(_: Request, error: Denied) -> Response:
        return JSONResponse({"code": error.code}, 403 if error.code in {"revoked", "account", "profile", "device"} else 401)

    @app.exception_handler(OperationalError)
    async def _busy(_: Request, error: OperationalError) -> Response:
        log.warning("database: %s", type(error.orig).__name__)
        return JSONResponse({"code": "busy"}, 503, {"Retry-After": "5"})

    def caller(authorization: str) -> tuple[Caller, str]:
        token = authorization.removeprefix("Bearer ").strip()
        with store.transaction() as connection:
            return accounts.caller_of(connection, token), token

    throttle = Throttle()

    def by_password(connection: Connection, body: Enrolment) -> str:
        throttle.check(body.login)
        try:
            account = accounts.by_password(connection, body.login, body.password)
        except Denied:
            throttle.failed(body.login)
            raise
        throttle.succeeded(body.login)
        return account

    @app.get("/v1/hello")
    def hello() -> dict[str, str | int]:
        with store.transaction() as connection:
            return {"server": "asesor", "v": protocol.VERSION, "epoch": get_meta(connection, "epoch") or "", "time": now()}

    @app.get("/v1/root.pem")
    def root() -> Response:
        with store.transaction() as connection:
            return PlainTextResponse(authority.root(connection), media_type="application/x-pem-file")

    @app.get("/v1/revoked.pem")
    def revoked() -> Response:
        with store.transaction() as connection:
            return PlainTextResponse(authority.revocations(connection), media_type="application/pkix-crl")

    @app.get("/v1/trust")
    def trusted(authorization: Authorization = "") -> JSONResponse:
        caller(authorization)
        with store.snapshot() as connection:
            return JSONResponse(trust.word(connection).to_json())

    pace = Pace(STAMPS)

    @app.post("/v1/timestamp", response_class=Response, openapi_extra=_STAMP, responses={
        200: {"description": "A token, or why not (RFC 3161)", "content": {
            timestamps.REPLY: {"schema": {"type": "string", "format": "binary"}}}},
        413: {"description": "`size`"}, 415: {"description": "`type`"}, 429: {"description": "`busy`, with `Retry-After`"},
        502: {"description": "`tsa`: the outside authority does not answer"}})
    async def timestamp(request: Request, authorization: Authorization = "") -> Response:
        if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != timestamps.QUERY:
            return JSONResponse({"code": "type"}, 415)
        query = await _read(request, timestamps.LONGEST_QUERY)
        if query is None:
            return JSONResponse({"code": "size"}, 413, {"Connection": "close"})

        def work() -> Response:
            # a digest tells nothing of its document, so anybody may ask; a device of ours is not slowed down by its neighbours
            asker = caller(authorization)[0].device if authorization else request.client.host if request.client else ""
            seconds = pace.wait(asker)
            if seconds:
                return JSONResponse({"code": "busy"}, 429, {"Retry-After": str(seconds)})
            if outside is not None:
                return Response(timestamps.relay(outside, query), media_type=timestamps.REPLY)
            with store.snapshot() as connection:
                return Response(timestamps.answer(connection, query), media_type=timestamps.REPLY)

        try:
            return await run_in_threadpool(work)
        except timestamps.Unreachable:
            return JSONResponse({"code": "tsa"}, 502)

    @app.post("/v1/enrol")
    def enrol(body: Enrolment) -> Enrolled:
        with store.transaction() as connection:
            if body.invitation:
                account = accounts.by_invitation(connection, body.invitation)
            else:
                account = by_password(connection, body)
            credential = accounts.enrol(connection, account, body.device, body.profile)
            name = str(connection.execute(select(tb.account.c.name).where(tb.account.c.id == account)).scalar_one())
            try:
                certificate = authority.certify(connection, body.request.encode(), account, body.device,
                                                accounts.certified_name(name, body.name), body.institution)
            except (BadInput, ValueError):
                raise Denied("request") from None
            aliases = sorted(accounts.actor_of(connection, account).ids)
            numbers.reserve(connection, body.profile)
            return Enrolled(account=account, aliases=aliases, credential=credential,
                            token=accounts.new_token(connection, body.device, credential),
                            certificate=certificate.decode(), root=authority.root(connection).decode())

    @app.post("/v1/token")
    def token(body: TokenRequest) -> dict[str, str]:
        with store.transaction() as connection:
            return {"token": accounts.new_token(connection, body.device, body.credential)}

    @app.post("/v1/sync", response_class=Response, openapi_extra=_SYNC, responses={
        200: {"description": "The reply, or several", "content": {
            media: {"schema": {"type": "string", "format": "binary"}} for media in (protocol.MEDIA_TYPE, protocol.PAGES_TYPE)}},
        400: {"description": "`protocol`"}, 401: {"description": "`token`"}, 403: {"description": "`revoked`, `account`"},
        503: {"description": "`busy`, with `Retry-After`"}})
    async def sync(request: Request, authorization: Authorization = "") -> Response:
        data = await _read(request)
        if data is None:
            return JSONResponse({"code": "size"}, 413, {"Connection": "close"})

        def packed(asked: protocol.Request) -> Iterator[bytes]:
            for reply in syncing.pages(store, blobs, lambda: caller(authorization), asked):
                yield protocol.pack_reply(reply, asked.capabilities, float(asked.rate))

        def work() -> Response:
            who = caller(authorization)
            asked = protocol.unpack_request(data)
            if asked.pages:
                pages = packed(asked)
                first = next(pages)  # what goes wrong with it is still answered as such
                return StreamingResponse((len(page).to_bytes(4, "big") + page for page in chain([first], pages)),
                                         media_type=protocol.PAGES_TYPE)
            reply = syncing.sync(store, blobs, who[0], asked, who[1])
            return Response(protocol.pack_reply(reply, asked.capabilities, float(asked.rate)), media_type=protocol.MEDIA_TYPE)

        began = time.monotonic()
        try:
            response = await run_in_threadpool(work)
            took = round(1000 * (time.monotonic() - began))  # not the line's: the device measures that
            if took > _LONG_MS:
                response.headers["Server-Timing"] = f"d;dur={took}"
            return response
        except protocol.ProtocolError:
            return JSONResponse({"code": "protocol"}, 400)

    blob_routes.install(app, blobs)
    app.include_router(public.router(store))
    app.include_router(site.router(store, blobs, throttle))
    return app
