"""Below the requests: a session with few heads that trusts one server, and uploads that listen while they speak."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary, WeakSet

if TYPE_CHECKING:
    import requests

#: What is sent at a time, in bytes: one record of TLS, which a cut loses as a whole.
BLOCK = 4 * 1024
#: How much of an upload may wait in this machine's own buffers, in bytes: what a cut loses, and a person who cancels.
BUFFER = 128 * 1024
#: The connections of each session.
_alive: WeakKeyDictionary[requests.Session, WeakSet[Any]] = WeakKeyDictionary()


class Body:
    """What is uploaded, read a block at a time: cancelled by ``check``, counted, and stopped where the server answers early.

    ``progress`` hears how many bytes of the blob went out, of which the server had ``before`` already.
    """

    def __init__(self, data: bytes | memoryview = b"", check: Callable[[], None] = lambda: None,
                 progress: Callable[[int], None] = lambda sent: None, before: int = 0) -> None:
        self.data = memoryview(data)
        self.position = 0
        self.answered: Callable[[], bool] = lambda: False
        self._check = check
        self._progress = progress
        self._before = before

    @property
    def whole(self) -> bool:
        """Tell whether every byte was read."""
        return self.position == len(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[bytes]:
        while block := self.read(BLOCK):
            yield block

    def read(self, length: int = -1) -> bytes:
        """Return the next bytes. Raises BrokenPipeError where the server has answered already."""
        self._check()
        if self.position and not self.whole and self.answered():
            raise BrokenPipeError
        block = bytes(self.data[self.position:self.position + (min(length, BLOCK) if length >= 0 else len(self))])
        self.position += len(block)
        self._progress(self._before + self.position)
        return block

    def rewind(self) -> None:
        """Begin anew."""
        self.position = 0

    def checksum(self) -> str:
        """Return the SHA-1 of the bytes as tus words it: enough against a faulty line, half as long as the blob's own SHA-256."""
        return "sha1 " + base64.b64encode(hashlib.sha1(self.data, usedforsecurity=False).digest()).decode()


def loopback(host: str) -> bool:
    """Tell whether a host is this machine by its address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def session(url: str, fingerprint: str) -> requests.Session:
    """Return a session that trusts the system's certificates, or the one pinned certificate alone."""
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from urllib3.util.wait import wait_for_read

    alive: WeakSet[Any] = WeakSet()

    class Attentive:
        """A connection that hears an answer while it still speaks."""

        answered = False
        sock: Any

        def connect(self) -> None:
            """Begin: until the first answer is read, TLS has words of its own to say."""
            self.answered = False
            alive.add(self)
            super().connect()  # type: ignore[misc]

        def request(self, method: str, url: str, body: Any = None, headers: Any = None, **more: Any) -> None:
            """Send a request; a body may ask whether the server has answered."""
            if isinstance(body, Body):
                body.answered = lambda: self.answered and self.sock is not None and wait_for_read(self.sock, timeout=0)
            super().request(method, url, body=body, headers=headers, **more)  # type: ignore[misc]

        def getresponse(self) -> Any:
            """Return the answer."""
            response = super().getresponse()  # type: ignore[misc]
            self.answered = True
            return response

    plain = type("Plain", (urllib3.HTTPConnectionPool,), {
        "ConnectionCls": type("PlainLine", (Attentive, urllib3.connection.HTTPConnection), {})})
    secure = type("Secure", (urllib3.HTTPSConnectionPool,), {
        "ConnectionCls": type("SecureLine", (Attentive, urllib3.connection.HTTPSConnection), {})})

    class Line(HTTPAdapter):
        """Connections that listen."""

        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            options = [*urllib3.connection.HTTPConnection.default_socket_options, (socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)]
            super().init_poolmanager(*args, **kwargs, socket_options=options)
            self.poolmanager.pool_classes_by_scheme = {"http": plain, "https": secure}

    class Pinned(Line):
        """Accepts exactly the certificate of the invitation."""

        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE  # the fingerprint below is stricter than any authority
            super().init_poolmanager(*args, **kwargs, ssl_context=context, assert_fingerprint=fingerprint, assert_hostname=False)

        def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
            conn.cert_reqs = "CERT_NONE"

    class System(Line):
        """Accepts what the operating system's trust store accepts."""

        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            import truststore

            super().init_poolmanager(*args, **kwargs, ssl_context=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT))

    made = requests.Session()
    _alive[made] = alive
    made.mount("https://", Pinned() if fingerprint else System())
    made.mount("http://", Line())
    made.headers.clear()
    # every head costs bytes on every request, and the server needs none of these
    made.headers.update({"User-Agent": urllib3.util.SKIP_HEADER, "Accept-Encoding": urllib3.util.SKIP_HEADER})
    if loopback(urlsplit(url).hostname or ""):
        made.trust_env = False
    return made


def cut(session: requests.Session) -> None:
    """Break off every connection of a session, from any thread; who waits on one gets an error at once."""
    for connection in tuple(_alive.get(session, ())):
        if connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)


def request(method: str, url: str, more: dict[str, Any]) -> requests.Request:
    """Return a request, not yet prepared."""
    import requests

    return requests.Request(method, url, headers=more.get("headers"), data=more.get("data"), json=more.get("json"))


def size_of_request(sent: requests.PreparedRequest, *, answered: bool) -> int:
    """Return how many bytes a request took: its line, its heads, and its body as far as it was read.

    Of an upload without an answer the body does not count: what lay in this machine's own buffers cannot be told from what left.
    """
    import urllib3

    host = urlsplit(str(sent.url)).netloc
    head = len(f"{sent.method} {sent.path_url} HTTP/1.1\r\nHost: {host}\r\n\r\n")
    head += sum(len(name) + len(value) + 4 for name, value in sent.headers.items() if value != urllib3.util.SKIP_HEADER)
    body = sent.body
    if isinstance(body, Body):
        return head + (body.position if answered else 0)
    return head + len(body or b"")


def size_of_reply(reply: requests.Response) -> int:
    """Return how many bytes a reply took so far: its status, its heads, and what of its body was read."""
    head = len(f"HTTP/1.1 {reply.status_code} {reply.reason}\r\n\r\n") + sum(len(n) + len(v) + 4 for n, v in reply.raw.headers.items())
    return head + int(reply.raw.tell())
