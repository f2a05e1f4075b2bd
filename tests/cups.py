"""A real CUPS of the tests' own: a scheduler on a socket in a folder, with a printer that writes PDFs and one that breaks off."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_PPD = "lsb/usr/cups-pdf/CUPS-PDF_opt.ppd"
_FILES = """ServerRoot {0}/root
RequestRoot {0}/spool
TempDir {0}/spool
CacheDir {0}/cache
StateDir {0}/run
ServerBin /usr/lib/cups
DataDir /usr/share/cups
AccessLog {0}/log/access
ErrorLog {0}/log/error
PageLog {0}/log/page
SystemGroup root
User lp
Group lp
"""
_DAEMON = """Listen {0}/run/sock
LogLevel warn
Browsing No
PreserveJobHistory Yes
DefaultAuthType None
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  JobPrivateAccess all
  JobPrivateValues none
  <Limit All>
    Order deny,allow
    Allow all
  </Limit>
</Policy>
"""


class Queue:
    """The scheduler and what its PDF printer wrote."""

    def __init__(self, socket_path: Path) -> None:
        self.socket = socket_path
        self._out = Path(pwd.getpwuid(os.getuid()).pw_dir) / "PDF"
        self._before = set(self._out.glob("*.pdf"))

    def printed(self) -> list[bytes]:
        """Return what has come out of the printer so far, in its order; taken away."""
        fresh = sorted(set(self._out.glob("*.pdf")) - self._before, key=lambda file: file.stat().st_mtime_ns)
        out = [file.read_bytes() for file in fresh]
        for file in fresh:
            file.unlink()
        return out

    def pages(self) -> list[str]:
        """Return the lines of the queue's log of pages."""
        return (self.socket.parent.parent / "log" / "page").read_text().splitlines()

    def command(self, *words: str) -> str:
        """Run one of CUPS's commands."""
        return subprocess.run(words, env={**os.environ, "CUPS_SERVER": str(self.socket), "LC_ALL": "C"}, check=True, timeout=60,
                              capture_output=True, text=True).stdout


def until(done: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for another process."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "the other process does not come to an end"
        threading.Event().wait(0.05)


@contextmanager
def running() -> Iterator[Queue]:
    """Run a scheduler with the default printer ``Uji``; skip where this machine has none."""
    if not (shutil.which("cupsd") and Path("/usr/lib/cups/backend/cups-pdf").exists()):
        pytest.skip("Debian's cups and printer-driver-cups-pdf are not installed: no printer to test on")
    if os.getuid() != 0:
        pytest.skip("a scheduler of one's own and its PDF printer need root")
    folder = Path(tempfile.mkdtemp(prefix="asesor-cups-"))  # its own: the scheduler, another user, must get there
    folder.chmod(0o711)
    for name in ("root", "spool", "cache", "run", "log"):
        (folder / name).mkdir()
        shutil.chown(folder / name, "lp", "lp")
    (folder / "files.conf").write_text(_FILES.format(folder))
    (folder / "cupsd.conf").write_text(_DAEMON.format(folder))
    daemon = subprocess.Popen(["cupsd", "-c", str(folder / "cupsd.conf"), "-s", str(folder / "files.conf"), "-f"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    queue = Queue(folder / "run" / "sock")
    try:
        until(queue.socket.exists)
        queue.command("lpadmin", "-p", "Uji", "-E", "-v", "cups-pdf:/", "-m", _PPD)
        queue.command("lpadmin", "-d", "Uji")
        yield queue
        queue.printed()
    finally:
        daemon.terminate()
        daemon.wait(20)
        shutil.rmtree(folder)


@contextmanager
def breaking(queue: Queue, name: str) -> Iterator[None]:
    """Add a printer behind a line that breaks off after the first kilobytes of a job."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            listener.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        queue.command("lpadmin", "-p", name, "-E", "-v", f"socket://127.0.0.1:{listener.getsockname()[1]}", "-m", _PPD)
        yield
        thread.join(30)
