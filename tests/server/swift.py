"""OpenStack Swift with its S3 interface, as Debian packages it: a real object store on loopback, in a folder of the test's own."""

from __future__ import annotations

import getpass
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEY, SECRET = "test:tester", "testing"
_DEBIAN = "/usr/bin/python3"
#: Swift reads one file in /etc and nowhere else, unless it is told before.
_START = """
import sys
from swift.common import utils
utils.SWIFT_CONF_FILE = sys.argv[1]
from swift.common.wsgi import run_wsgi
sys.exit(run_wsgi(sys.argv[2], sys.argv[3]))
"""
_RINGS = """
import sys
from swift.common.ring import RingBuilder
folder, *words = sys.argv[1:]
for kind, port in zip(words[::2], words[1::2]):
    ring = RingBuilder(4, 1, 1)
    ring.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1, "ip": "127.0.0.1", "port": int(port), "device": "disk",
                  "replication_ip": "127.0.0.1", "replication_port": int(port)})
    ring.rebalance(seed=1)
    ring.get_ring().save(f"{folder}/{kind}.ring.gz")
"""
_PIPELINE = "catch_errors gatekeeper healthcheck cache listing_formats s3api tempauth copy slo dlo proxy-server"


def installed() -> bool:
    """Tell whether Debian's packages swift-proxy, -account, -container and -object are here."""
    return all(Path(f"/usr/bin/swift-{name}-server").exists() for name in ("proxy", "account", "container", "object"))


def _ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def _write(file: Path, **sections: dict[str, object]) -> Path:
    text = "".join(f"[{name.replace('__', ':')}]\n" + "".join(f"{key} = {value}\n" for key, value in values.items()) + "\n"
                   for name, values in sections.items())
    file.write_text(text)
    return file


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Start the store with one disk; give its address."""
    (folder / "srv" / "disk").mkdir(parents=True)
    (folder / "cache").mkdir()
    conf = _write(folder / "swift.conf", **{"swift-hash": {"swift_hash_path_prefix": "a", "swift_hash_path_suffix": "b"},
                                            "storage-policy__0": {"name": "gold", "default": "yes"}})
    proxy, *rest = _ports(4)
    common: dict[str, object] = {"bind_ip": "127.0.0.1", "swift_dir": folder, "user": getpass.getuser(), "workers": 0, "log_level": "ERROR"}
    running = []
    files = []
    kinds = ("account", "container", "object")
    rings = [word for kind, port in zip(kinds, rest, strict=True) for word in (kind, str(port))]
    subprocess.run([_DEBIAN, "-c", _RINGS, str(folder), *rings], check=True, capture_output=True, timeout=60)
    for kind, port in zip(kinds, rest, strict=True):
        here = {"devices": folder / "srv", "mount_check": "false", "recon_cache_path": folder / "cache"}
        files.append((kind, _write(folder / f"{kind}.conf", **{
            "DEFAULT": {**common, "bind_port": port, **here}, "pipeline__main": {"pipeline": f"{kind}-server"},
            f"app__{kind}-server": {"use": f"egg:swift#{kind}"}})))
    filters = {f"filter__{name}": {"use": f"egg:swift#{name}"} for name in _PIPELINE.split()[:-1] if name != "cache"}
    filters["filter__tempauth"] |= {"user_test_tester": f"{SECRET} .admin"}
    filters["filter__s3api"] |= {"location": "us-east-1"}
    filters["filter__cache"] = {"use": "egg:swift#memcache", "memcache_servers": "127.0.0.1:9"}
    files.append(("proxy", _write(folder / "proxy.conf", **{
        "DEFAULT": {**common, "bind_port": proxy}, "pipeline__main": {"pipeline": _PIPELINE}, **filters,
        "app__proxy-server": {"use": "egg:swift#proxy", "account_autocreate": "true"}})))
    log = (folder / "log").open("w")
    try:
        for kind, file in files:
            running.append(subprocess.Popen([_DEBIAN, "-c", _START, str(conf), str(file), f"{kind}-server"], stdout=log, stderr=log))
        for port in (proxy, *rest):
            _await(port, folder)
        yield f"http://127.0.0.1:{proxy}"
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()
        log.close()


def _await(port: int, folder: Path) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < end, (folder / "log").read_text()[-2000:]
            time.sleep(0.05)

