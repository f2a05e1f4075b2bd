"""Autosave while a big pull comes in, against autosave while nothing else happens; p95, one run."""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path

from assessor_app.models.kinds import Kind
from assessor_app.workflow import editing, syncing
from benchmarks.figure import Figure, p95
from benchmarks.sync import device, server, workload


def _saves(account, note: str, stop: threading.Event | None, most: int) -> list[float]:  # type: ignore[no-untyped-def]
    """Type as a person does, saving every 0.2 s; return the seconds that each save took."""
    out: list[float] = []
    while len(out) < most and not (stop is not None and stop.is_set()):
        body = f"Catatan yang diketik {len(out)}. " * 60
        began = time.perf_counter()
        account.writer.run(lambda u, body=body: editing.edit(u, Kind.INTERVIEW, note, body=body), purpose="edit", editing="typing")
        out.append(time.perf_counter() - began)
        time.sleep(0.05)
    return out


def measure() -> list[Figure]:
    from benchmarks import sync_device
    from tests.factories import make_note, make_visit

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        data = workload(root / "many", "--seed", "7", "--records", "10000")
        with server(root / "server") as port:
            url = f"http://127.0.0.1:{port}"
            for name in ("a", "b"):
                device("join", data, root / name, url)
            device("load", data, root / "a", url)
            device("push", data, root / "a", url)
            account = sync_device.account_of(root / "b")
            try:
                note = make_note(account, make_visit(account), "x")
                idle = _saves(account, note, None, 80)
                stop = threading.Event()

                def pull() -> None:
                    assert syncing.synchronise(account).complete
                    stop.set()

                thread = threading.Thread(target=pull)
                thread.start()
                busy = _saves(account, note, stop, 400)
                thread.join()
            finally:
                account.close()
    a, b = p95(busy), p95(idle)
    return [Figure(f"autosave p95 while 10,000 records come ({len(busy)} saves)", f"{1000 * a:.1f} ms", f"{1000 * b:.1f} ms", a / b, 2.0)]
