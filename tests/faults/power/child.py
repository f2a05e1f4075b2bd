"""What runs under the shim: a process that forks one worker a job, so that hundreds of deaths need one start.

Jobs come as JSON lines, answers go back the same way; what a worker acknowledged stands in its own file, outside the folder
that is watched.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from assessor_app import i18n
from assessor_app.errors import AppError
from assessor_app.models import search
from assessor_app.models.interviews import Interview
from assessor_app.sync.engine import Engine
from assessor_app.workflow import documents, interviewing
from tests.factories import PIN, make_account, make_note, write
from tests.sync.loopback import Loopback, cheap_secrets, open_cheaply

_power = ctypes.CDLL(None)


def arm(n: int) -> None:
    """Die at the n-th change from now on."""
    if hasattr(_power, "power_arm"):
        _power.power_arm(ctypes.c_long(n))


class Acknowledged:
    """Says durably enough (to the parent) what was promised."""

    def __init__(self, path: str) -> None:
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def __call__(self, *words: object) -> None:
        os.write(self.fd, (" ".join(map(str, words)) + "\n").encode())


def typed(n: int) -> str:
    """Return what stands in the note after the n-th save."""
    return " ".join(f"kata{k}" for k in range(40 * (n + 1)))


def type_(job: dict[str, Any], ack: Acknowledged) -> None:
    account = open_cheaply(Path(job["folder"]), bytes.fromhex(job["key"]))
    if job.get("off"):
        with account.notebook.writing_session() as session, session.begin():
            raw = session.connection().connection.dbapi_connection
        assert raw is not None
        raw.execute("PRAGMA synchronous=OFF")
    arm(job["kill_at"])
    for n in range(job.get("saves", 10)):
        write(account, Interview, job["note"], editing="session", body=typed(n))
        ack("body", n)
        if n % 3 == 1:
            ack("note", make_note(account, job["visit"], f"catatan {n}"))
        if n % 5 == 4:
            account.writer.run(lambda unit: search.index_some(unit.session), purpose="x")
    account.close()


def photo(job: dict[str, Any], ack: Acknowledged) -> None:
    account = open_cheaply(Path(job["folder"]), bytes.fromhex(job["key"]))
    arm(job["kill_at"])
    for n in range(4):
        picture = interviewing.Photo(bytes([n]) * 700_000, 1, 1, "", None, None)
        interviewing.store_photo(account.blobs, picture)
        ack("photo", account.writer.run(lambda u, p=picture: interviewing.attach_photo(u, job["visit"], p), purpose="photo"))  # type: ignore[misc]
    account.close()


def sign(job: dict[str, Any], ack: Acknowledged) -> None:
    account = open_cheaply(Path(job["folder"]), bytes.fromhex(job["key"]))
    prepared = documents.prepare(account, "evaluation_sheet", job["visit"], documents.wish())
    arm(job["kill_at"])
    ack("signed", documents.sign(account, prepared, PIN))
    account.close()


def sync(job: dict[str, Any], ack: Acknowledged) -> None:
    server = Loopback(Path(job["server"]))
    server.joined = {name: tuple(where) for name, where in job["joined"].items()}
    account = open_cheaply(Path(job["folder"]), bytes.fromhex(job["key"]))
    arm(job["kill_at"])
    for n in range(3):
        ack("note", make_note(account, job["visit"], f"sinkron {n}"))
        outcome = server.sync(account)
        if outcome.fault is None:
            ack("synced", n)
    account.close()
    server.close()


def full_typing(job: dict[str, Any], ack: Acknowledged) -> None:
    """Type on while the disk is full, then while it is not."""
    account = open_cheaply(Path(job["folder"]), bytes.fromhex(job["key"]))
    for n in range(9):
        if n == 3:
            Path(job["full"]).touch()
        elif n == 6:
            Path(job["full"]).unlink()
        try:
            write(account, Interview, job["note"], editing=f"s{n // 2}", body=typed(n))
            make_note(account, job["visit"], f"catatan {n}")
            ack("body", n)
        except AppError as e:
            ack("refused", n, e.title.replace(" ", "_"), e.kept.replace(" ", "_"))
    account.close()


def full_sync(job: dict[str, Any], ack: Acknowledged) -> None:
    """The disk fills up while a pull is taken in (the server's is another)."""
    server = Loopback(Path(job["server"]))
    server.joined = {name: tuple(where) for name, where in job["joined"].items()}
    account = open_cheaply(Path(job["folder"]), bytes.fromhex(job["key"]))
    line = server.line(account)
    honest = line.sync

    def fills(data: bytes) -> Any:
        reply = honest(data)
        Path(job["full"]).touch()
        return reply

    line.sync = fills  # type: ignore[method-assign]
    outcome = Engine(account.writer, account.blobs, line).run()  # type: ignore[arg-type]
    ack("full", outcome.complete, outcome.fault.title.replace(" ", "_") if outcome.fault else "")
    Path(job["full"]).unlink()
    again = server.sync(account)
    ack("again", again.complete, again.refused)
    account.close()
    server.close()


def create(job: dict[str, Any], ack: Acknowledged) -> None:
    arm(job["kill_at"])
    with cheap_secrets():
        account = make_account(Path(job["folder"]))
    ack("created", account.profile)
    os.kill(os.getpid(), signal.SIGKILL)


def plain(job: dict[str, Any], ack: Acknowledged) -> None:
    """Write one file the careless way and one the careful way."""
    folder = Path(job["folder"])
    (folder / "careless").write_bytes(b"x" * 10)
    with (folder / "careful").open("wb") as f:
        f.write(b"x" * 10)
        f.flush()
        os.fsync(f.fileno())
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
    with (folder / "careful").open("ab") as f:
        f.write(b"y" * 10)
    (folder / "older").unlink()
    os.replace(folder / "careless", folder / "renamed")
    ack("done")


_JOBS = {"type": type_, "photo": photo, "sign": sign, "sync": sync, "full_typing": full_typing, "full_sync": full_sync,
         "create": create, "plain": plain}


def _worker(job: dict[str, Any]) -> None:
    if hasattr(_power, "power_setup") and job.get("log"):
        _power.power_setup(job["watch"].encode(), job["log"].encode(), job.get("full", "").encode())
    if job.get("kill_after_ms"):
        def later() -> None:
            time.sleep(job["kill_after_ms"] / 1000)
            os.kill(os.getpid(), signal.SIGKILL)

        threading.Thread(target=later, daemon=True).start()
    _JOBS[job["do"]](job, Acknowledged(job["ack"]))
    if job.get("count"):
        Path(job["count"]).write_text(str(_power.power_changes()))


def main() -> None:
    from assessor_app.models.migrations import upgrade  # noqa: F401
    from assessor_app.reports import layout, signing  # noqa: F401  imported before the first fork

    i18n.set_language("en")
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                _worker(job)
            except BaseException:
                import traceback

                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps({"killed": os.WIFSIGNALED(status), "code": status}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
