"""The line: one kept-alive connection to one known server, and every fault of it as one plain sentence."""

from __future__ import annotations

import base64
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assessor_app.errors import LineError
from assessor_app.i18n import t
from assessor_app.sync import codec, lines, protocol
from assessor_app.sync.lines import Body

if TYPE_CHECKING:
    import requests

#: Seconds to connect, and between two bytes of a reply, on a satellite line.
TIMEOUT = (20.0, 90.0)
CHUNK = 64 * 1024
#: Before each of several replies stands its length, in so many bytes.
_LENGTH = 4
#: The longest wait, in seconds, that a server may ask for within one sync.
PATIENCE = 10
#: From how many bytes on an exchange tells the line's speed.
_TELLING = 20_000


@dataclass(frozen=True, slots=True)
class Server:
    """A server as an invitation or the person names it: address, and the SHA-256 of its certificate where it is pinned."""

    url: str
    fingerprint: str = ""


def _kept() -> str:
    return t("Nothing is lost; it goes on by itself when the line is back.")


def check_address(url: str) -> None:
    """Refuse an address that would send secrets in the clear: plain http is for this machine alone. Raises LineError."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https" and host:
        return
    if parts.scheme == "http" and (host == "localhost" or lines.loopback(host)):
        return
    raise LineError("address", t("The server's address must begin with https://."), url,
                    t("Ask the secretariat for the invitation file."), t("Nothing was sent."))


def pause(seconds: float, check: Callable[[], None]) -> None:
    """Wait, unless ``check`` raises meanwhile."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        check()
        time.sleep(min(left, 0.1))


class Transport:
    """A connection to the server; ``token`` and ``credential`` come from the enrolment.

    ``sent`` and ``received`` count bytes as they travel, heads and bodies, without what TLS and TCP add; ``rate`` is the line's
    speed in bytes a second as last seen (0: not yet). ``check`` is asked while it waits or uploads: it raises to stop.
    """

    def __init__(self, server: Server, *, device: str = "", credential: str = "", token: str = "") -> None:
        check_address(server.url)
        self.server = server
        self.device = device
        self.credential = credential
        self.token = token
        self.sent = 0
        self.received = 0
        self.rate = 0.0
        self.timeout = TIMEOUT
        self.check: Callable[[], None] = lambda: None
        self._twins: list[Transport] = []
        self._session = lines.session(server.url, server.fingerprint)

    def twin(self) -> Transport:
        """Return another connection of the same device to the same server."""
        twin = Transport(self.server, device=self.device, credential=self.credential, token=self.token)
        twin.check = self.check
        self._twins.append(twin)
        return twin

    def join(self, twin: Transport) -> None:
        """Close a twin, and count what it carried."""
        twin.close()
        self._twins.remove(twin)
        self.sent, self.received = self.sent + twin.sent, self.received + twin.received

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def cut(self) -> None:
        """Break off whatever is under way, from any thread: the request ends with a LineError (``offline``)."""
        lines.cut(self._session)
        for twin in tuple(self._twins):
            twin.cut()

    def hello(self) -> dict[str, Any]:
        """Return what the server says of itself, without telling it anything."""
        return dict(self._json(self._call("GET", "/v1/hello")))

    def enrol(self, body: dict[str, str]) -> dict[str, Any]:
        """Join the server with login and password or an invitation. Raises LineError (``password``, ``invitation``, …)."""
        return dict(self._json(self._call("POST", "/v1/enrol", json=body)))

    def revoked(self) -> bytes:
        """Return the list of revoked certificates (PEM)."""
        return bytes(self._call("GET", "/v1/revoked.pem").content)

    def trusted(self) -> dict[str, Any]:
        """Return what the centre says of trust beside its list of revoked certificates."""
        return dict(self._json(self._authorized("GET", "/v1/trust", headers={})))

    def timestamp(self, query: bytes) -> bytes:
        """Ask the server's timestamping authority (RFC 3161); query and reply are DER."""
        response = self._authorized("POST", "/v1/timestamp", data=query, headers={"Content-Type": "application/timestamp-query"})
        if response.headers.get("Content-Type", "").partition(";")[0] != "application/timestamp-reply":
            raise _portal()
        return bytes(response.content)

    def sync(self, data: bytes) -> protocol.Reply:
        """Send one request and return its reply; a token that ran out is renewed once."""
        began, moved = time.monotonic(), self.sent + self.received
        response = self._authorized("POST", "/v1/sync", data=data, headers={"Content-Type": protocol.MEDIA_TYPE})
        moved = self.sent + self.received - moved
        if moved >= _TELLING:
            self.rate = moved / max(0.001, time.monotonic() - began - _took(response))
        if _type_of(response) != protocol.MEDIA_TYPE:
            raise _portal()
        return self._reply(response.content)

    def pages(self, data: bytes) -> Iterator[protocol.Reply]:
        """Send one request and return its replies as they come: one, or all that the server sends on at once."""
        with self._authorized("POST", "/v1/sync", data=data, headers={"Content-Type": protocol.MEDIA_TYPE}, stream=True) as response:
            if _type_of(response) == protocol.MEDIA_TYPE:
                yield self._reply(self._read(response, codec.LARGEST))
                return
            if _type_of(response) != protocol.PAGES_TYPE:
                raise _portal()
            while head := self._read(response, _LENGTH):
                self.check()
                yield self._reply(self._read(response, int.from_bytes(head, "big")))

    def _read(self, response: requests.Response, most: int) -> bytes:
        """Return the next bytes of a body: fewer than ``most`` only at its end."""
        with _faults(self.server.url):
            data = bytes(response.raw.read(most))
        self.received += len(data)
        return data

    def _reply(self, data: bytes) -> protocol.Reply:
        try:
            reply = protocol.unpack_reply(data)
        except protocol.ProtocolError:
            raise LineError("cut", t("The server's answer was cut off."), hint=t("It is tried again."), kept=_kept()) from None
        if reply.token:
            self.token = reply.token
        return reply

    def begin_upload(self, digest: str, size: int, data: Body) -> tuple[str, int]:
        """Begin or find an upload and send ``data`` with it; return its place and how many bytes are there (tus creation-with-upload)."""
        meta = "sha256 " + base64.b64encode(digest.encode()).decode()
        response = self._put("POST", "/v1/blobs", data, {"Upload-Length": str(size), "Upload-Metadata": meta})
        return self._place(response.headers.get("Location", "")), _offset(response, 0)

    def upload(self, place: str, offset: int, data: Body) -> int:
        """Send bytes at ``offset``; return the new offset."""
        return _offset(self._put("PATCH", place, data, {"Upload-Offset": str(offset)}))

    def uploaded(self, place: str) -> int:
        """Return how many bytes of an upload the server holds."""
        return _offset(self._authorized("HEAD", place, headers={"Tus-Resumable": "1.0.0"}))

    def download(self, digest: str, offset: int, keep: Callable[[bytes], None]) -> None:
        """Fetch a blob from ``offset`` on, as it comes; raises LineError (``offline``) where it was cut off."""
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        with self._authorized("GET", f"/v1/blobs/{digest}", headers=headers, stream=True) as response:
            if offset and response.status_code != 206:
                raise LineError("range", t("The server could not go on where the download stopped."), kept=_kept())
            left = int(response.headers.get("Content-Length", "0"))
            while left > 0:
                with _faults(self.server.url):
                    chunk = response.raw.read1(CHUNK)
                    if not chunk:
                        raise OSError
                left -= len(chunk)
                self.received += len(chunk)
                keep(chunk)

    # Inside

    def _put(self, method: str, path: str, data: Body, headers: dict[str, str]) -> requests.Response:
        headers = {"Tus-Resumable": "1.0.0", **headers}
        if len(data):
            headers |= {"Content-Type": "application/offset+octet-stream", "Upload-Checksum": data.checksum()}
        return self._authorized(method, path, headers=headers, data=data if len(data) else b"")

    def _place(self, location: str) -> str:
        """Return the path of an upload; one on another server is not followed."""
        root = self.server.url.rstrip("/")
        path = location.removeprefix(root)
        if not path.startswith("/") or path.startswith("//"):
            raise _portal()
        return path

    def _authorized(self, method: str, path: str, *, headers: dict[str, str], **more: Any) -> requests.Response:
        for attempt in (1, 2):
            if not self.token:
                shown = {"device": self.device, "credential": self.credential}
                self.token = str(self._json(self._call("POST", "/v1/token", json=shown))["token"])
            try:
                return self._call(method, path, headers={**headers, "Authorization": f"Bearer {self.token}"}, **more)
            except LineError as e:
                if e.code != "token" or attempt == 2:
                    raise
                self.token = ""
        raise AssertionError

    def _call(self, method: str, path: str, **more: Any) -> requests.Response:
        """Send one request; where the server asks for a short wait, wait and try once more."""
        try:
            return self._once(method, path, **more)
        except LineError as e:
            if not 0 < e.retry_after <= PATIENCE:
                raise
            pause(e.retry_after, self.check)
            return self._once(method, path, **more)

    def _once(self, method: str, path: str, **more: Any) -> requests.Response:
        body = more.get("data")
        if isinstance(body, Body):
            body.rewind()
        with _faults(self.server.url):
            request = self._session.prepare_request(lines.request(method, self.server.url.rstrip("/") + path, more))
            settings = self._session.merge_environment_settings(request.url, {}, more.get("stream", False), None, None)
            response: requests.Response | None = None
            try:
                response = self._session.send(request, timeout=self.timeout, allow_redirects=False, **settings)
            finally:
                self.sent += lines.size_of_request(request, answered=response is not None)
        self.received += lines.size_of_reply(response)
        if isinstance(body, Body) and not body.whole:
            self._session.close()  # the server answered early: what was begun on this connection cannot be ended
        marked = "X-Asesor" in response.headers
        if marked and response.ok:
            return response
        with response:  # what is left of its body is nobody's
            raise _refusal(response) if marked else _portal()

    @staticmethod
    def _json(response: requests.Response) -> Any:
        try:
            return response.json()
        except ValueError:
            raise _portal() from None


def _type_of(response: requests.Response) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0]


def _took(response: requests.Response) -> float:
    """Return how long the server worked on its answer, in seconds, as it says."""
    _, _, told = response.headers.get("Server-Timing", "").partition("dur=")
    return int(told) / 1000 if told.isdigit() else 0.0


class _faults:
    """Convert the library's errors of one call, once, at this edge."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        import requests
        import urllib3

        if isinstance(error, (requests.exceptions.SSLError, ssl.SSLError)):
            raise LineError("untrusted", t("The server is not the one of the invitation, or its certificate is not valid."), self.url,
                            t("Do not go on in this network. Compare the fingerprint with the secretariat."),
                            t("No password and no note was sent.")) from None
        if isinstance(error, requests.exceptions.Timeout):
            raise LineError("timeout", t("The line is too slow just now."), hint=t("It is tried again."), kept=_kept()) from None
        if isinstance(error, requests.exceptions.InvalidURL):
            raise LineError("address", t("The server's address is not valid."), self.url, kept=t("Nothing was sent.")) from None
        if isinstance(error, (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError)):
            raise LineError("offline", t("There is no line to the server."), hint=t("Work goes on offline."), kept=_kept()) from None


def _portal() -> LineError:
    return LineError("portal", t("Another page answered instead of the server: perhaps this network asks for a login."),
                     hint=t("Open a browser, log in to the network, then synchronise again."), kept=_kept())


def _refusal(response: requests.Response) -> LineError:
    try:
        code = str(response.json()["code"])
    except (ValueError, KeyError, TypeError):
        code = ""
    status = response.status_code
    if status in (301, 302, 303, 307, 308):
        return _portal()
    if status == 401 and code == "token":
        return LineError("token", "token")
    stays = t("Speak with the secretariat. Your work stays on this device and can be backed up.")
    known = {
        "password": (t("Login or password are wrong."), t("Type them again; after a change ask the secretariat.")),
        "throttled": (t("Too many wrong passwords for this account."), t("Wait a while, then type it again.")),
        "invitation": (t("The invitation was used already or has run out."), t("Ask the secretariat for a new one.")),
        "credential": (t("The server does not know this device any more."), t("Import a new invitation.")),
        "revoked": (t("The secretariat has revoked this device."), stays),
        "account": (t("This account is closed."), stays),
        "profile": (t("This notebook belongs to another account."), t("Use the invitation of the person whose notebook this is.")),
        "protocol": (t("The server does not understand this version of the program."), t("Update the program.")),
    }
    if code in known:
        title, hint = known[code]
        return LineError(code, title, hint=hint, kept=t("Nothing is lost."))
    if status >= 500 or status == 429:
        return LineError("server", t("The server is not well just now."), hint=t("It is tried again later."), kept=_kept(),
                         retry_after=_retry_after(response))
    return LineError(code or f"http{status}", t("The server refused the request ({0}).").format(code or status), kept=_kept())


def _offset(response: requests.Response, default: int = -1) -> int:
    """Return how far an upload is. Raises LineError where the answer does not say."""
    said = response.headers.get("Upload-Offset", "")
    if said.isascii() and said.isdigit():
        return int(said)
    if default < 0:
        raise _portal()
    return default


def _retry_after(response: requests.Response) -> int:
    """Return how many seconds the server asks to be left alone, 0 where it does not say."""
    said = response.headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return int(said[:6])
    try:
        return max(0, int(parsedate_to_datetime(said).timestamp() - time.time()))
    except (ValueError, TypeError, OverflowError):
        return 0
