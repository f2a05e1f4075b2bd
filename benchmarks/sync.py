"""Our sync beside its floor, over a bad line, in one run; on a second body of text too.

Run as a whole in a network of its own with small buffers where that is allowed: ``benchmarks/netns_run.sh``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

from benchmarks.figure import Figure
from benchmarks.floor import Sink, fetch, inserts, send

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Line:
    """A measured way through the proxy: seconds, and bytes in both directions."""

    seconds: float
    size: int


class Port(int):
    """A server's port, and which process listens there."""

    process: int = 0


@contextmanager
def server(folder: Path) -> Iterator[Port]:
    """Give the port of a real server process."""
    process = subprocess.Popen([sys.executable, str(HERE / "sync_server.py"), "--port", "0", "--data", str(folder)],
                               stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        found = re.search(r":(\d+)", process.stdout.readline())
        assert found
        port = Port(found[1])
        port.process = process.pid
        yield port
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@contextmanager
def line(port: int, *words: str) -> Iterator[tuple[str, Path]]:
    """Give the address of a bad line to a port, and the file of its counts."""
    with tempfile.TemporaryDirectory() as folder:
        stats = Path(folder) / "stats.json"
        own = _free_port()
        process = subprocess.Popen([sys.executable, str(HERE / "badlink.py"), "--listen", f"127.0.0.1:{own}", "--to", f"127.0.0.1:{port}",
                                    "--stats", str(stats), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _await(own)
            yield f"http://127.0.0.1:{own}", stats
        finally:
            process.terminate()
            process.wait()


def _free_port() -> int:
    import socket

    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _await(port: int) -> None:
    import socket

    for _ in range(100):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the line does not come up")


def _counted(stats: Path) -> int:
    time.sleep(1.2)  # the counts are written once a second
    told = json.loads(stats.read_text())
    return int(told["bytes_up"]) + int(told["bytes_down"])


def device(op: str, data: Path, dev: Path, url: str, limit: float = 900) -> dict[str, Any]:
    """Run one operation of a device in a process of its own."""
    done = subprocess.run([sys.executable, str(HERE / "sync_device.py"), op, "--data", str(data), "--dev", str(dev), "--url", url,
                           "--timelimit", str(limit)], capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        raise RuntimeError(done.stderr[-2000:])
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def through(port: int, profile: list[str], op: str, data: Path, dev: Path) -> tuple[Line, dict[str, Any]]:
    """Run an operation over a bad line."""
    with line(port, *profile) as (url, stats):
        before = _counted(stats)
        told = device(op, data, dev, url)
        size = _counted(stats) - before
    if not told["ok"]:
        told["elapsed"] = float("inf")
    return Line(told["elapsed"], size), told


def floor_up(payload: bytes, profile: list[str]) -> Line:
    """Send the payload over the same line."""
    sink = Sink()
    with line(sink.port, *profile) as (url, stats):
        seconds = send(url, payload)
        size = _counted(stats)
    sink.shutdown()
    return Line(seconds, size)


def floor_down(payload: bytes, profile: list[str]) -> Line:
    """Fetch the payload over the same line."""
    sink = Sink(payload)
    with line(sink.port, *profile) as (url, stats):
        seconds = fetch(url)
        size = _counted(stats)
    sink.shutdown()
    return Line(seconds, size)


#: Letters changed for others of their sort: words that no vocabulary knows, as long and as frequent as those that they were.
_OTHER = str.maketrans("abdeghijklmnoprstuwy", "ikgotprejmlsnudbhawy")
_PROSE = ("summary", "description", "name", "indicator", "body", "reason")


def workload(folder: Path, *words: str, other: bool = False) -> Path:
    """Write a workload, in another body of text where ``other`` is set."""
    subprocess.run([sys.executable, str(HERE / "workload.py"), "--out", str(folder), *words], check=True, stdout=subprocess.DEVNULL)
    for file in folder.glob("*.jsonl") if other else ():
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        rows = [row | {name: row[name].translate(_OTHER) for name in _PROSE if name in row} for row in rows]
        file.write_text("".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows))
    return folder


def _packed(*files: Path) -> bytes:
    return zstandard.ZstdCompressor(level=19).compress(b"".join(f.read_bytes() for f in files))


def _pair(name: str, ours: Line, floor: Line, time_limit: float, size_limit: float) -> list[Figure]:
    return [Figure(f"{name}: time", f"{ours.seconds:.2f} s", f"{floor.seconds:.2f} s", ours.seconds / floor.seconds, time_limit),
            Figure(f"{name}: bytes", f"{ours.size:,}", f"{floor.size:,}", ours.size / floor.size, size_limit)]


def texts(folder: Path, seed: str, *, other: bool = False) -> list[Figure]:
    """119 records over a satellite: up, down to a fresh device, five per cent edited; and nothing to do."""
    data = workload(folder / "texts", "--seed", seed, other=other)
    vsat = ["--profile", "vsat"]
    out: list[Figure] = []
    with server(folder / "server") as port:
        direct = f"http://127.0.0.1:{port}"
        for name in ("a", "b"):
            device("join", data, folder / name, direct)
        device("push", data, folder / "b", direct)
        device("load", data, folder / "a", direct)
        ours, _ = through(port, vsat, "push", data, folder / "a")
        out += _pair("119 records up", ours, floor_up(_packed(data / "base.jsonl"), vsat), 1.1, 1.05)
        ours, _ = through(port, vsat, "pull", data, folder / "b")
        out += _pair("119 records, fresh down", ours, floor_down(_packed(data / "base.jsonl"), vsat), 1.1, 1.05)
        device("edit", data, folder / "a", direct)
        ours, _ = through(port, vsat, "push", data, folder / "a")
        out += _pair("5 % edits up", ours, floor_up(_packed(data / "edits.jsonl"), vsat), 1.05, 0.5)
        ours, _ = through(port, vsat, "push", data, folder / "a")
        out.append(Figure("nothing to do: bytes, both ways", f"{ours.size:,}", "800", ours.size / 800, 1.0))
        device("pull", data, folder / "b", direct)
        device("dump", data, folder / "b", direct)
        assert (folder / "b" / "dump.jsonl").read_bytes() == (data / "final.jsonl").read_bytes(), "the devices differ"
    return out


def quiet(folder: Path, visits: int = 241) -> list[Figure]:
    """Nothing to do on a device to which many visits are granted: one request, and its bytes each way."""
    data = workload(folder / "quiet", "--seed", "7")
    row = next(json.loads(line) for line in (data / "base.jsonl").read_text().splitlines() if '"type":"visit"' in line)
    (data / "base.jsonl").write_text("".join(json.dumps(row | {"id": str(uuid.UUID(int=n + 1, version=4))}) + "\n" for n in range(visits)))
    with server(folder / "server-q") as port:
        url = f"http://127.0.0.1:{port}"
        for op in ("join", "load", "push", "push"):
            device(op, data, folder / "q", url)
        with line(port, "--profile", "vsat") as (far, stats):
            device("push", data, folder / "q", far)
            _counted(stats)
            told = json.loads(stats.read_text())
    name = f"nothing to do, {visits} visits"
    sizes = {way: int(told[f"bytes_{way}"]) for way in ("up", "down")}
    return [*(Figure(f"{name}: bytes {way}", f"{size:,}", "400", size / 400, 1.0) for way, size in sizes.items()),
            Figure(f"{name}: requests", f"{told['turns']}", "1", told["turns"], 1.0)]


def photos(folder: Path) -> list[Figure]:
    """A visit of 3 MB over a weak line, whole and cut every 200 kB; and when its records are at the centre over a satellite."""
    data = workload(folder / "photos", "--seed", "7", "--photos", "10")
    payload = _packed(data / "base.jsonl") + b"".join(f.read_bytes() for f in sorted((data / "photos").iterdir()))
    out: list[Figure] = []
    for name, words, time_limit, size_limit in (("3 MB visit, 4g-weak", [], 1.02, 1.1),
                                                ("3 MB visit, cut every 200 kB", ["--cut-every-bytes", "200000", "--seed", "1"], 1.2, 1.1)):
        profile = ["--profile", "4g-weak", *words]
        with server(folder / f"server-{len(words)}") as port:
            dev = folder / f"p-{len(words)}"
            device("join", data, dev, f"http://127.0.0.1:{port}")
            device("load", data, dev, f"http://127.0.0.1:{port}")
            ours, _ = through(port, profile, "push", data, dev)
        out += _pair(name, ours, floor_up(payload, profile), time_limit, size_limit)
    with server(folder / "server-v") as port:
        device("join", data, folder / "v", f"http://127.0.0.1:{port}")
        device("load", data, folder / "v", f"http://127.0.0.1:{port}")
        with line(port, "--profile", "vsat") as (url, _):
            told = device("push", data, folder / "v", url, limit=12)
    done = told["records_done"] or float("inf")
    out.append(Figure("3 MB visit, vsat: records at the centre", f"{done:.2f} s", "6 s", done / 6, 1.0))
    return out


@dataclass(frozen=True)
class Many:
    """What many records took: records a second, and the memory of each end in MB."""

    up: float
    down: float
    searchable: float
    server_mb: int
    up_mb: int
    down_mb: int


def run_many(folder: Path, records: int) -> Many:
    """Send many records up from one device and down to a fresh one, on a local network."""
    data = workload(folder / "many", "--seed", "7", "--records", str(records))
    with server(folder / "server-m") as port:
        url = f"http://127.0.0.1:{port}"
        for name in ("ma", "mb"):
            device("join", data, folder / name, url)
        device("load", data, folder / "ma", url)
        up = device("push", data, folder / "ma", url)
        down = device("pull", data, folder / "mb", url)
        index = device("index", data, folder / "mb", url)
        status = Path(f"/proc/{port.process}/status").read_text()
        device("dump", data, folder / "mb", url)
        assert (folder / "mb" / "dump.jsonl").read_bytes() == (data / "base.jsonl").read_bytes(), "the devices differ"
    return Many(records / up["elapsed"], records / down["elapsed"], records / (down["elapsed"] + index["elapsed"]),
                int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) // 1024, up["peak_mb"], down["peak_mb"])


def many(folder: Path) -> list[Figure]:
    """10,000 records, and 100,000: the rate must not fall, nor memory grow."""
    small, large = run_many(folder / "10", 10_000), run_many(folder / "100", 100_000)
    bare = inserts(folder / "10" / "mb")
    out = [Figure(name, f"{rate:,.0f}", f"{wanted:,}", wanted / rate, 1.0) for name, rate, wanted in (
        ("10,000 records up, a second", small.up, 12_000), ("down, readable", small.down, 35_000),
        ("down, searchable", small.searchable, 12_000), ("bare inserts of the same rows, a second", bare, 35_000))]
    out += [Figure(f"100,000 records {name}, a second", f"{rate:,.0f}", f"{before:,.0f}", before / rate, 1.1) for name, rate, before in (
        ("up", large.up, small.up), ("down", large.down, small.down), ("searchable", large.searchable, small.searchable))]
    return out + [Figure(f"{end}, MB, of {count} records", f"{mb}", "250", mb / 250, 1.0)
                  for count, ran in (("10,000", small), ("100,000", large))
                  for end, mb in (("server", ran.server_mb), ("client up", ran.up_mb), ("client down", ran.down_mb))]


def measure() -> list[Figure]:
    """Measure all."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        return [*texts(root / "one", "7"), *texts(root / "two", "4711", other=True), *quiet(root), *photos(root), *many(root)]


if __name__ == "__main__":
    wanted = {"texts": lambda f: texts(f, "7"), "other": lambda f: texts(f, "4711", other=True), "quiet": quiet, "photos": photos,
              "many": many}
    with tempfile.TemporaryDirectory() as folder:
        for word in sys.argv[1:]:
            for figure in wanted[word](Path(folder) / word):
                print(f"{figure.name:44} {figure.ours:>12} {figure.floor:>12} {figure.ratio:8.3f} {figure.limit:8.2f}", flush=True)
