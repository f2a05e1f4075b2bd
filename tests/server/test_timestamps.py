"""The server's timestamping authority: what OpenSSL says of its tokens, what it refuses, how often it answers; and an outside one."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from asn1crypto import tsp
from cryptography import x509

from assessor_app.identity import stamping
from assessor_server import http
from tests.factories import ServerProcess
from tests.peer import peer

HEAD = {"Content-Type": "application/timestamp-query"}


def query(algorithm: str = "sha256", digest: bytes = b"", **more: object) -> bytes:
    """Return a question."""
    return bytes(tsp.TimeStampReq({
        "version": 1, "message_imprint": {"hash_algorithm": {"algorithm": algorithm},
                                          "hashed_message": digest or hashlib.new(algorithm, b"x").digest()}, **more}).dump())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    made = ServerProcess(tmp_path_factory.mktemp("server")).prepare("ani").start()
    yield made
    made.stop()


def send(server: ServerProcess, data: bytes) -> bytes:
    answer = requests.post(f"{server.url}/v1/timestamp", data=data, headers=HEAD, timeout=30)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/timestamp-reply"
    return answer.content


def ask(server: ServerProcess, data: bytes) -> Any:
    status, token = stamping.reply(send(server, data))
    assert status == "granted"
    return token["content"]


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
def test_openssl_believes_a_token_and_reads_what_is_in_it(server: ServerProcess, tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(requests.get(f"{server.url}/v1/root.pem", timeout=30).content)
    (tmp_path / "data").write_bytes(b"Dermaga Tanah Merah")

    def openssl(*words: str) -> str:
        return subprocess.run(["openssl", "ts", *words], cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    for digest in ("-sha256", "-sha384", "-sha512"):
        openssl("-query", "-data", "data", digest, "-cert", "-out", "q")
        (tmp_path / "r").write_bytes(requests.post(f"{server.url}/v1/timestamp", data=(tmp_path / "q").read_bytes(), headers=HEAD,
                                                   timeout=30).content)
        assert "Verification: OK" in openssl("-verify", "-in", "r", "-queryfile", "q", "-CAfile", "root.pem")
    told = openssl("-reply", "-in", "r", "-text")
    assert "Accuracy: 0x01 seconds" in told
    assert "Policy OID: 2.25." in told
    (tmp_path / "data").write_bytes(b"something else")
    openssl("-query", "-data", "data", "-sha512", "-cert", "-out", "q")
    other = subprocess.run(["openssl", "ts", "-verify", "-in", "r", "-queryfile", "q", "-CAfile", "root.pem"], cwd=tmp_path,
                           capture_output=True, text=True, check=False)
    assert "Verification: OK" not in other.stdout


def test_a_token_says_nonce_and_a_number_of_its_own_and_its_certificate_is_good_for_nothing_else(server: ServerProcess) -> None:
    numbers = set()
    for _ in range(3):
        nonce = secrets.randbits(63)
        token = ask(server, query(nonce=nonce, cert_req=True))
        info = token["encap_content_info"]["content"].parsed
        assert info["nonce"].native == nonce
        numbers.add(info["serial_number"].native)
    assert len(numbers) == 3
    (inside,) = token["certificates"]
    certificate = x509.load_der_x509_certificate(inside.chosen.dump())
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert usage.critical
    assert [one.dotted_string for one in usage.value] == ["1.3.6.1.5.5.7.3.8"]
    root = x509.load_pem_x509_certificate(requests.get(f"{server.url}/v1/root.pem", timeout=30).content)
    certificate.verify_directly_issued_by(root)
    bare = ask(server, query())  # certReq unset: none may be in it
    assert not bare["certificates"].native
    assert bare["encap_content_info"]["content"].parsed["nonce"].native is None


@pytest.mark.parametrize(("data", "why"), [
    (b"", "bad_data_format"), (b"\x30\x03abc", "bad_data_format"), (b"x" * 4000, "bad_data_format"),
    (query("sha1"), "bad_alg"), (query("sha256", b"short"), "bad_data_format"), (query(req_policy="1.2.3.4"), "unaccepted_policy"),
    (query(extensions=[{"extn_id": "1.2.3.4", "critical": True, "extn_value": b"x"}]), "unaccepted_extensions"),
], ids=["empty", "cut", "letters", "sha1", "short", "policy", "extension"])
def test_what_it_cannot_vouch_for_is_refused_in_its_own_format(server: ServerProcess, data: bytes, why: str) -> None:
    answer = send(server, data)
    assert answer == stamping.refusal(why)
    assert stamping.reply(answer) == ("rejection", None)


def test_other_bodies_are_turned_away(server: ServerProcess) -> None:
    assert requests.post(f"{server.url}/v1/timestamp", data=query(), timeout=30).status_code == 415
    assert requests.post(f"{server.url}/v1/timestamp", data=b"x" * 5000, headers=HEAD, timeout=30).status_code == 413


def test_who_asks_too_often_waits_and_a_device_of_ours_does_not_wait_for_a_stranger(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "server").prepare("ani").start()
    try:
        account = server.join(tmp_path / "ani", "ani")
        from assessor_app.workflow.line import transport_of

        def often() -> set[int]:
            return {requests.post(f"{server.url}/v1/timestamp", data=query(), headers=HEAD, timeout=30).status_code
                    for _ in range(http.STAMPS + 1)}

        found = often() | often()  # a minute may end in between
        assert found == {200, 429}
        late = requests.post(f"{server.url}/v1/timestamp", data=query(), headers=HEAD, timeout=30)
        if late.status_code == 429:
            assert 1 <= int(late.headers["Retry-After"]) <= 60
        line = transport_of(account)
        assert stamping.reply(line.timestamp(query()))[0] == "granted"
        line.close()
        account.close()
    finally:
        server.stop()


def test_an_operator_names_another_authority_by_one_option(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "server").prepare("ani")
    with peer(tmp_path / "peer") as other:
        (tmp_path / "root.pem").write_bytes(other.pem("root"))
        refused = server.command("serve", "--tsa", other.url, check=False)
        assert refused.returncode == 1
        assert "--tsa-root" in refused.stderr
        server.start("--tsa", other.url, "--tsa-root", str(tmp_path / "root.pem"))
        try:
            token = ask(server, query(cert_req=True))
            names = {one.chosen.subject.native["common_name"] for one in token["certificates"]}
            assert "Penanda Waktu Uji" in names
            assert "Akar Uji" in server.command("trust", "list").stdout
        finally:
            server.stop()
    server.start("--tsa", other.url, "--tsa-root", str(tmp_path / "root.pem"))  # and now nobody is there
    try:
        dead = requests.post(f"{server.url}/v1/timestamp", data=query(), headers=HEAD, timeout=30)
        assert (dead.status_code, dead.json()["code"]) == (502, "tsa")
    finally:
        server.stop()
