"""The public tus-js-client uploads to our server; our client uploads to the public @tus/server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assessor_app.sync import blobs
from assessor_app.sync.transport import Server, Transport
from tests.factories import ServerProcess, make_account
from tests.server.site import Site, sha256
from tests.sync.cutting import cut_line
from tests.sync.loopback import cheap_secrets

pytestmark = pytest.mark.xdist_group("node")
_HERE = Path(__file__).parent / "js"
_BUILT = Path(__file__).parents[2] / "build" / "js"


@pytest.fixture(scope="module")
def node() -> str:
    """Return the program ``node``, with the exact packages of js/package.json installed."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        pytest.skip("node and npm are not installed: nothing to be interoperable with")
    wanted = (_HERE / "package.json").read_text()
    stamp = _BUILT / "installed.json"
    if not stamp.exists() or stamp.read_text() != wanted:
        _BUILT.mkdir(parents=True, exist_ok=True)
        (_BUILT / "package.json").write_text(wanted)
        done = subprocess.run([npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--prefer-offline"], cwd=_BUILT, check=False,
                              capture_output=True, text=True, timeout=170)
        if done.returncode:
            pytest.skip(f"npm could not install the public tus packages: {done.stderr.strip().splitlines()[-1:]}")
        stamp.write_text(wanted)
    for script in _HERE.glob("*.mjs"):  # node looks for packages beside the script
        shutil.copy(script, _BUILT / script.name)
    return program


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("interop")
    made = Site(ServerProcess(root / "server").prepare().start(), root)
    made.join("ani")
    yield made
    made.close()


def play(node: str, **job: Any) -> dict[str, Any]:
    done = subprocess.run([node, str(_BUILT / "upload.mjs"), json.dumps(job)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_the_public_client_uploads_is_stopped_and_goes_on_where_it_stopped(node: str, site: Site, tmp_path: Path) -> None:
    data = os.urandom(700_000)
    (tmp_path / "foto").write_bytes(data)
    job = {"endpoint": f"{site.server.url}/v1/blobs", "token": site.token("ani"), "file": str(tmp_path / "foto"),
           "sha256": site.name("ani", data)}
    said = play(node, **job, chunkSize=64_000, abortAfter=300_000)
    methods = [method for method, _, _ in said["seen"]]
    again = methods.index("HEAD")
    assert said["seen"][again] == ["HEAD", 200, "320000"]
    assert said["seen"][-1] == ["PATCH", 204, "700000"]
    assert methods.count("PATCH") == 11, "no byte went twice"
    assert site.ask("GET", f"/v1/blobs/{sha256(data)}", "ani").content == data


@pytest.mark.parametrize("with_upload", [True, False])
def test_the_public_client_needs_one_request_or_two(node: str, site: Site, tmp_path: Path, with_upload: bool) -> None:
    data = os.urandom(300_000)
    (tmp_path / "foto").write_bytes(data)
    said = play(node, endpoint=f"{site.server.url}/v1/blobs", token=site.token("ani"), file=str(tmp_path / "foto"),
                sha256=site.name("ani", data), withUpload=with_upload)
    assert [method for method, _, _ in said["seen"]] == (["POST"] if with_upload else ["POST", "PATCH"])
    assert site.ask("GET", f"/v1/blobs/{sha256(data)}", "ani").content == data


@pytest.fixture(scope="module")
def foreign(node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The public server: its address and the folder where it keeps what came."""
    folder = tmp_path_factory.mktemp("uploads")
    process = subprocess.Popen([node, str(_BUILT / "receive.mjs"), str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    yield f"http://127.0.0.1:{int(process.stdout.readline())}", folder
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("budgets", [(), (300_000, 120_000, 90_000)], ids=["straight", "cut three times"])
def test_our_client_uploads_to_the_public_server(foreign: tuple[str, Path], tmp_path: Path, budgets: tuple[int, ...]) -> None:
    url, folder = foreign
    data = os.urandom(700_000)
    with cheap_secrets():
        account = make_account(tmp_path / "a")
    with cut_line(url, *budgets) as line:
        transport = Transport(Server(line.url), device="x", token="x")
        blobs.send(transport, account.writer, blobs.Item(sha256(data), len(data), False), data, "", lambda: None)
        transport.close()
        assert line.connections == len(budgets) + 1
        if not budgets:
            assert line.carried < 701_000, "one request, with the photo in it"
    account.close()
    assert data in [f.read_bytes() for f in folder.iterdir()]
