"""Processes that die at a chosen write: a parent that has imported everything forks one child a job, under the power shim.

Jobs come as JSON lines. ``serve`` serves a folder until it dies or is stopped, ``sync`` synchronises one notebook once.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_power = ctypes.CDLL(None)


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _arm(kill_at: int) -> None:
    _power.power_arm(ctypes.c_long(kill_at))


def serve(job: dict[str, Any]) -> None:
    """Serve until somebody stops it; once it is ready, the n-th write is the last."""
    import uvicorn

    from assessor_server.http import make_app
    from assessor_server.store import Store

    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    app = make_app(Store(Path(job["folder"])))
    ready = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            ready.set()

    server = Server(uvicorn.Config(app, host="127.0.0.1", port=job["port"], log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    ready.wait()
    _arm(job["kill_at"])
    _say("ready")
    signal.sigwait([signal.SIGTERM])
    changes = _power.power_changes()
    server.should_exit = True
    thread.join()
    _say(f"changes {changes}")


def sync(job: dict[str, Any]) -> None:
    """Synchronise once and tell whether everything is there."""
    from assessor_app.workflow import syncing
    from tests.sync.loopback import open_cheaply

    account = open_cheaply(Path(job["folder"]), bytes.fromhex(job["key"]))
    _arm(job["kill_at"])
    outcome = syncing.synchronise(account)
    _say(f"changes {_power.power_changes()} {outcome.complete}")
    account.close()


def main() -> None:
    """Fork a child for each line."""
    import uvicorn  # noqa: F401

    import assessor_app.sync.engine
    import assessor_app.workflow.syncing
    import assessor_server.http
    import tests.sync.loopback  # noqa: F401

    assert assessor_app.sync.engine
    assert assessor_server.http
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                _power.power_setup(job["folder"].encode(), job["log"].encode(), b"")
                {"serve": serve, "sync": sync}[job["do"]](job)
            except BaseException:
                import traceback

                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        _say(f"child {child}")
        _, status = os.waitpid(child, 0)
        _say(f"ended {'killed' if os.WIFSIGNALED(status) else status}")


@dataclass
class Mortal:
    """The parent, as a test holds it."""

    shim: Path
    home: Path
    process: subprocess.Popen[str] = field(init=False)
    child: int = 0

    def __post_init__(self) -> None:
        environment = {**os.environ, "LD_PRELOAD": str(self.shim), "ASESOR_HOME": str(self.home),
                       "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        self.process = subprocess.Popen([sys.executable, "-m", "tests.sync.cases.mortal"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=environment)

    def begin(self, do: str, **job: Any) -> None:
        """Begin a job; a server is ready when this returns."""
        log = self.shim.with_name("undo.log")
        log.unlink(missing_ok=True)
        shutil.rmtree(f"{log}.d", ignore_errors=True)
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"do": do, "kill_at": 0, "log": str(log), **job}) + "\n")
        self.process.stdin.flush()
        self.child = int(self._line().split()[1])
        if do == "serve":
            assert self._line() == "ready"

    def stop(self) -> list[str]:
        """Stop a server politely; return what it told."""
        os.kill(self.child, signal.SIGTERM)
        return self.end()

    def end(self) -> list[str]:
        """Wait until the job has ended; return what it told, last how it ended."""
        told = [self._line()]
        while not told[-1].startswith("ended"):
            told.append(self._line())
        return told

    def close(self) -> None:
        """Stop the parent."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def _line(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the parent is gone"
        return line.strip()


if __name__ == "__main__":
    main()
