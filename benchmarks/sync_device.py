"""One device of the sync benchmarks: the program's own engine and store, an operation a call.

    sync_device.py OP --data DIR --dev DEVDIR [--url URL] [--timelimit S]

``join`` makes the device and joins it to the server (the others do so where it was not done) · ``load`` takes DIR/base.jsonl and
DIR/photos/* as unsent work · ``edit`` applies DIR/edits.jsonl · ``push`` and ``pull`` synchronise until done; their last line is
``{"ok": true, "elapsed": s, …}``, the exit status 2 where something is missing · ``index`` finishes the search index · ``dump`` writes
DEVDIR/dump.jsonl and DEVDIR/photos.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

ACCOUNT, PASSWORD, PASSPHRASE = "tolok", "tolok ukur ujian", "tolok ukur"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("op", choices=["join", "load", "edit", "push", "pull", "index", "dump"])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--url", default="")
    parser.add_argument("--timelimit", type=float, default=600)
    asked = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ["ASESOR_HOME"] = str(asked.dev)
    account = account_of(asked.dev)
    try:
        answer = _OPS[asked.op](account, asked)
    finally:
        account.close()
    answer["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(answer))
    return 0 if answer["ok"] else 2


def account_of(folder: Path) -> Any:
    """Return the opened account of a device."""
    from assessor_app.identity.keychain import NoKeychain
    from assessor_app.workflow import accounts
    from assessor_app.workflow.accounts import Profile
    from benchmarks.figure import light

    with light():
        if (folder / "account").exists():
            return accounts.open_account(folder / "account", passphrase=PASSPHRASE, keychain=NoKeychain())
        return accounts.create_account(folder / "account", Profile("Tolok Ukur"), "", passphrase=PASSPHRASE, keychain=NoKeychain())[0]


def _join(account: Any, asked: argparse.Namespace) -> dict[str, Any]:
    from assessor_app.workflow import syncing
    from assessor_app.workflow.accounts import put_settings

    with account.reading() as session:
        joined = syncing.joined(session)
    if not joined:
        syncing.join(account, syncing.Invitation(asked.url), login=ACCOUNT, password=PASSWORD)
    else:
        put_settings(account, server_url=asked.url)
    return {"ok": True}


def _load(account: Any, asked: argparse.Namespace) -> dict[str, Any]:
    from benchmarks import records

    rows = [json.loads(line) for line in (asked.data / "base.jsonl").read_text().splitlines()]

    def photo(record: dict[str, Any]) -> None:
        assert account.blobs.put((asked.data / "photos" / record["file"]).read_bytes()) == record["sha256"]

    records.load(account, rows, photo)
    return {"ok": True, "records": len(rows)}


def _edit(account: Any, asked: argparse.Namespace) -> dict[str, Any]:
    from assessor_app.models.kinds import Kind
    from assessor_app.workflow import editing

    rows = [json.loads(line) for line in (asked.data / "edits.jsonl").read_text().splitlines()]
    for row in rows:
        account.writer.run(lambda u, row=row: editing.edit(u, Kind.INTERVIEW, row["id"], body=row["body"]), purpose="interview.edit")
    return {"ok": True, "records": len(rows)}


def _sync(account: Any, asked: argparse.Namespace) -> dict[str, Any]:
    """Synchronise, again and again where the line breaks, until nothing is missing or the time is over."""
    from assessor_app.workflow import syncing

    _join(account, asked)
    import assessor_app.sync.engine  # noqa: F401 - what is imported at the first use belongs to no sync

    syncing.transport_of(account).close()
    began = time.monotonic()
    told: dict[str, float] = {}

    def watch(progress: Any) -> None:
        told.setdefault(progress.phase, time.monotonic() - began)

    up = down = faults = 0
    while True:
        outcome = syncing.synchronise(account, watch=watch, cancelled=lambda: time.monotonic() - began > asked.timelimit)
        up, down, faults = up + outcome.bytes_up, down + outcome.bytes_down, faults + (outcome.fault is not None)
        elapsed = time.monotonic() - began
        if outcome.complete or elapsed > asked.timelimit:
            break
    photos = told.get("photos_up", told.get("photos_down"))
    return {"ok": outcome.complete, "elapsed": round(elapsed, 3), "records_done": photos and round(photos, 3), "up": up, "down": down,
            "faults": faults, "sent": outcome.sent, "received": outcome.received}


def _index(account: Any, asked: argparse.Namespace) -> dict[str, Any]:
    from assessor_app.models import search

    began = time.monotonic()
    while account.writer.run(lambda u: search.index_some(u.session, brief=False), purpose="index", origin="sync", durable=False):
        pass
    return {"ok": True, "elapsed": round(time.monotonic() - began, 3)}


def _dump(account: Any, asked: argparse.Namespace) -> dict[str, Any]:
    from benchmarks import records

    with account.reading() as session:
        rows = {row["id"]: row for row in records.dump(session)}
    final = asked.data / "final.jsonl"
    order = [json.loads(line) for line in final.read_text().splitlines()] if final.exists() else []
    ordered = [{name: row[name] for name in like if name in row} for like in order if (row := rows.pop(like["id"], None))]
    ordered += rows.values()
    with (asked.dev / "dump.jsonl").open("w", encoding="utf-8") as f:
        for row in ordered:
            f.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    photos = {}
    for row in ordered:
        if row["type"] == "photo" and account.blobs.has(row["sha256"]):
            photos[row["file"]] = hashlib.sha256(account.blobs.get(row["sha256"])).hexdigest()
    (asked.dev / "photos.json").write_text(json.dumps(photos, indent=1, sort_keys=True))
    return {"ok": True, "records": len(ordered), "photos": len(photos)}


_OPS = {"join": _join, "load": _load, "edit": _edit, "push": _sync, "pull": _sync, "index": _index, "dump": _dump}

if __name__ == "__main__":
    sys.exit(main())
