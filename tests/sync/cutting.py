"""A line that is cut: a relay on loopback that resets its connections once they have carried so many bytes."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit


class CutLine:
    """Relays to a server; ``budgets`` are the bytes after which each next connection is reset (none left: never).

    A block of 8 kB takes ``pace`` seconds. ``carried`` counts bytes to the server, ``brought`` bytes from it.
    """

    def __init__(self, url: str, budgets: list[int], pace: float = 0) -> None:
        where = urlsplit(url)
        self._target = (where.hostname, where.port)
        self._scheme = where.scheme
        self.budgets = budgets
        self._pace = pace
        self.carried = 0
        self.brought = 0
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lines: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        # a thread that waits in accept() keeps the listener open
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in self._lines:
            _reset(line)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 131_072)
            far = socket.create_connection(self._target)
            self.connections += 1
            left = [self.budgets.pop(0) if self.budgets else 1 << 60]
            self._lines += [near, far]
            for one, other, up in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._relay, args=(one, other, up, left), daemon=True).start()

    def _relay(self, one: socket.socket, other: socket.socket, up: bool, left: list[int]) -> None:
        try:
            while data := one.recv(8192):
                data = data[:left[0]]
                left[0] -= len(data)
                time.sleep(self._pace)
                other.sendall(data)
                self.carried, self.brought = self.carried + len(data) * up, self.brought + len(data) * (not up)
                if not left[0]:
                    break
            if left[0]:
                other.shutdown(socket.SHUT_WR)
                return
        except OSError:
            pass
        _reset(one if up else other)
        with contextlib.suppress(OSError):  # what was carried arrives
            (other if up else one).shutdown(socket.SHUT_RDWR)


def _reset(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.shutdown(socket.SHUT_RDWR)
    line.close()


@contextlib.contextmanager
def cut_line(url: str, *budgets: int, pace: float = 0) -> Iterator[CutLine]:
    """Give a line to ``url`` that is cut after each of ``budgets`` bytes in turn."""
    line = CutLine(url, list(budgets), pace)
    try:
        yield line
    finally:
        line.close()
