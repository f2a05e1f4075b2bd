"""The routes of blobs: tus 1.0 for what comes in, ranges for what goes out."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import ClientDisconnect

from assessor_server import accounts
from assessor_server.accounts import Caller
from assessor_server.blobs import ALGORITHMS, LARGEST, BlobFault, Blobs, Upload

VERSION = "1.0.0"
BODY = "application/offset+octet-stream"
_TUS = {"Tus-Resumable": VERSION}
_ABILITIES = {
    **_TUS, "Tus-Version": VERSION, "Tus-Extension": "creation,creation-with-upload,checksum,expiration,termination",
    "Tus-Max-Size": str(LARGEST), "Tus-Checksum-Algorithm": ",".join(ALGORITHMS)}
#: How many pieces of a body, of at most 256 kB each, wait for the disk.
_AHEAD = 16
#: How much is sent at a time, in bytes: one record of TLS.
_RECORD = 4 * 1024
#: How long, in seconds, a request waits for an earlier one about the same upload, and for the next byte of a body.
_EARLIER_S = 0.3
_SILENCE_S = 120
_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)
_RANGE = re.compile(r"bytes=([0-9]{1,15})-([0-9]{1,15})?", re.ASCII)

Name = Annotated[str, Header()]
_BYTES: dict[str, Any] = {"requestBody": {"content": {BODY: {"schema": {"type": "string", "format": "binary"}}}}}
_SENT: dict[int | str, dict[str, Any]] = {
    204: {"description": "Taken; `Upload-Offset` says how far the upload is"}, 400: {"description": "`metadata`, `length`, `checksum`"},
    401: {"description": "`token`"}, 403: {"description": "`revoked`, `account`"}, 404: {"description": "`unknown`, `upload`"},
    408: {"description": "`silence`: no byte for two minutes"}, 409: {"description": "`offset`"},
    410: {"description": "`erased`"}, 412: {"description": "`tus`: another version of the protocol"},
    413: {"description": "`size`"}, 415: {"description": "`type`"}, 460: {"description": "`checksum`: nothing of the piece was kept"},
    503: {"description": "`busy`, `store`, with `Retry-After`"}}


def install(app: FastAPI, blobs: Blobs) -> None:
    """Add the routes to an application, and what it answers to a BlobFault."""

    @app.exception_handler(BlobFault)
    async def _fault(_: Request, error: BlobFault) -> Response:
        more = {"Tus-Version": VERSION} if error.status == 412 else {"Retry-After": "5"} if error.status == 503 else {}
        return JSONResponse({"code": error.reason}, error.status, {**_TUS, **more})

    app.include_router(_router(blobs))


def _router(blobs: Blobs) -> APIRouter:
    router = APIRouter(prefix="/v1/blobs", tags=["blobs"])
    turns = _Turns()

    def caller(authorization: str) -> Caller:
        with blobs.store.transaction() as connection:
            return accounts.caller_of(connection, authorization.removeprefix("Bearer ").strip())

    async def take(request: Request, chunks: AsyncIterator[bytes], upload: Upload, offset: int) -> int:
        """Stream a request's body to the disk; what came before a cut stays."""
        if _number(request.headers.get("Content-Length", "0"), "length") + offset > upload.size:
            raise BlobFault(413, "size")
        piece = await run_in_threadpool(blobs.receive, upload, offset, request.headers.get("Upload-Checksum", ""))
        try:
            async for data in chunks:
                await run_in_threadpool(piece.write, data)
            return await run_in_threadpool(piece.finish)
        finally:
            await run_in_threadpool(piece.close)

    async def append(request: Request, upload: str, upload_offset: str, tus_resumable: str, authorization: str) -> Response:
        _version(tus_resumable)
        if request.headers.get("Content-Type", "").partition(";")[0].strip() != BODY:
            raise BlobFault(415, "type")
        offset = _number(upload_offset, "offset")
        async with _arriving(request) as chunks, turns.of(upload):
            who = await run_in_threadpool(caller, authorization)
            found = await run_in_threadpool(blobs.find, who, upload)
            if offset == found.here == found.size:
                here = found.size
            else:
                here = await take(request, chunks, found, offset)
        return Response(status_code=204, headers={**_TUS, "Upload-Offset": str(here), **_expires(found, here)})

    def end(upload: str, tus_resumable: str, authorization: str) -> Response:
        _version(tus_resumable)
        blobs.end(caller(authorization), upload)
        return Response(status_code=204, headers=_TUS)

    @router.options("", status_code=204)
    def abilities() -> Response:
        return Response(status_code=204, headers=_ABILITIES)

    @router.options("/uploads/{upload}", status_code=204)
    def abilities_of(upload: str) -> Response:
        return abilities()

    @router.post("", status_code=201, response_class=Response, openapi_extra=_BYTES,
                 responses={**{code: said for code, said in _SENT.items() if code != 204},
                            201: {"description": "Begun or found again; `Location` and `Upload-Offset` say where and how far"}})
    async def begin(request: Request, upload_length: Name = "", upload_metadata: Name = "", tus_resumable: Name = "",
                    upload_checksum: Name = "", authorization: Name = "") -> Response:
        _version(tus_resumable)
        size = _number(upload_length, "length")
        digest = _metadata(upload_metadata).get("sha256", "")
        brings = request.headers.get("Content-Length", "0" if "Transfer-Encoding" not in request.headers else "") != "0"
        if brings and request.headers.get("Content-Type", "").partition(";")[0].strip() != BODY:
            raise BlobFault(415, "type")
        async with _arriving(request) as chunks, turns.of(authorization + upload_metadata):
            who = await run_in_threadpool(caller, authorization)
            found = await run_in_threadpool(blobs.begin, who, digest, size)
            here = found.here
            if here == 0 and (brings or size == 0):  # otherwise the device hears at once how much is here already
                here = await take(request, chunks, found, 0)
            elif here == 0:
                here = await run_in_threadpool(blobs.carry_over, found)
        return Response(status_code=201, headers={**_TUS, "Location": f"/v1/blobs/uploads/{found.id}", "Upload-Offset": str(here),
                                                  **_expires(found, here)})

    @router.head("/uploads/{upload}", response_class=Response, responses={404: _SENT[404], 412: _SENT[412]})
    async def offset(upload: str, tus_resumable: Name = "", authorization: Name = "") -> Response:
        _version(tus_resumable)
        async with turns.of(upload):
            found = await run_in_threadpool(lambda: blobs.find(caller(authorization), upload))
        return Response(headers={**_TUS, "Upload-Offset": str(found.here), "Upload-Length": str(found.size), **_expires(found, found.here)})

    @router.patch("/uploads/{upload}", status_code=204, openapi_extra=_BYTES, responses=_SENT)
    async def patch(request: Request, upload: str, upload_offset: Name = "", tus_resumable: Name = "", upload_checksum: Name = "",
                    authorization: Name = "") -> Response:
        return await append(request, upload, upload_offset, tus_resumable, authorization)

    @router.delete("/uploads/{upload}", status_code=204, responses={404: _SENT[404], 412: _SENT[412]})
    def delete(upload: str, tus_resumable: Name = "", authorization: Name = "") -> Response:
        return end(upload, tus_resumable, authorization)

    @router.post("/uploads/{upload}", status_code=204, openapi_extra=_BYTES, responses={**_SENT, 405: {"description": "no such method"}})
    async def override(request: Request, upload: str, x_http_method_override: Name = "", upload_offset: Name = "",
                       tus_resumable: Name = "", upload_checksum: Name = "", authorization: Name = "") -> Response:
        """Serve clients whose network lets neither PATCH nor DELETE through."""
        if x_http_method_override == "PATCH":
            return await append(request, upload, upload_offset, tus_resumable, authorization)
        if x_http_method_override == "DELETE":
            return await run_in_threadpool(end, upload, tus_resumable, authorization)
        raise BlobFault(405, "method")

    @router.get("/{digest}", response_class=Response, responses={
        200: {"description": "The blob", "content": {"application/octet-stream": {}}}, 206: {"description": "From `Range` on"},
        404: {"description": "`unknown`, `missing`"}, 410: _SENT[410], 416: {"description": "`range`"}})
    def read(digest: str, range: Name = "", authorization: Name = "") -> Response:
        blobs.allowed(caller(authorization), digest)
        size = blobs.size(digest)
        if size is None:
            raise BlobFault(404, "missing")
        asked = _RANGE.fullmatch(range)
        first, last = (int(asked[1]), min(int(asked[2] or size), size - 1)) if asked else (0, size - 1)
        if asked and first > last:
            return JSONResponse({"code": "range"}, 416, {"Content-Range": f"bytes */{size}"})
        headers = {"Content-Length": str(last - first + 1), "Accept-Ranges": "bytes"}
        if asked:
            headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        return StreamingResponse(_sliced(blobs.read(digest, first, last - first + 1)), 206 if asked else 200, headers,
                                 "application/octet-stream")

    return router


async def _sliced(blocks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Give bytes in short records: of a long one a cut loses all, however much of it had arrived."""
    async for block in iterate_in_threadpool(blocks):
        for start in range(0, len(block), _RECORD):
            yield block[start:start + _RECORD]


class _Turns:
    """Lets who asks again about an upload wait a moment for the request that was cut off: its last bytes are on their way to the disk."""

    def __init__(self) -> None:
        self._there: dict[str, list[asyncio.Event]] = {}

    @asynccontextmanager
    async def of(self, key: str) -> AsyncIterator[None]:
        """Wait for the earlier requests of ``key``, but not long: a dead line may be open for a while."""
        earlier, ended = self._there.get(key, []), asyncio.Event()
        self._there[key] = [ended]
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_EARLIER_S):
                    for event in earlier:
                        await event.wait()
            yield
        finally:
            ended.set()
            if self._there.get(key) == [ended]:
                del self._there[key]


async def _soon(queue: asyncio.Queue[bytes]) -> bytes:
    try:
        async with asyncio.timeout(_SILENCE_S):
            return await queue.get()
    except TimeoutError:
        raise BlobFault(408, "silence") from None


@asynccontextmanager
async def _arriving(request: Request) -> AsyncIterator[AsyncIterator[bytes]]:
    """Give a body's bytes as they come, all of them, then raise ClientDisconnect where the line was cut.

    They are read ahead of database and disk: what the line brought just before it broke would otherwise be dropped with it.
    """
    queue: asyncio.Queue[bytes] = asyncio.Queue(_AHEAD)
    cut: list[ClientDisconnect] = []

    async def pump() -> None:
        try:
            async for chunk in request.stream():
                if chunk:
                    await queue.put(chunk)
        except ClientDisconnect as e:
            cut.append(e)
        await queue.put(b"")

    async def chunks() -> AsyncIterator[bytes]:
        while data := await _soon(queue):
            more = []
            while not queue.empty():
                more.append(queue.get_nowait())
            yield b"".join([data, *more])
            if more and not more[-1]:
                break
        if cut:
            raise cut[0]

    reading = asyncio.create_task(pump())
    try:
        yield chunks()
    finally:
        reading.cancel()


def _version(said: str) -> None:
    if said != VERSION:
        raise BlobFault(412, "tus")


def _number(text: str, reason: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise BlobFault(400, reason)
    return int(text)


def _expires(upload: Upload, here: int) -> dict[str, str]:
    """Say until when an unfinished upload is kept."""
    if here == upload.size:
        return {}
    return {"Upload-Expires": format_datetime(datetime.fromtimestamp(upload.expires // 1000, UTC), usegmt=True)}


def _metadata(header: str) -> dict[str, str]:
    """Read tus metadata: ``key base64, key base64``. Raises BlobFault (400)."""
    out = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        name, _, value = pair.partition(" ")
        try:
            out[name] = base64.b64decode(value, validate=True).decode()
        except ValueError:
            raise BlobFault(400, "metadata") from None
    return out
