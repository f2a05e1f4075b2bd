"""Keys that are not this device's: a token (SoftHSM) and a service elsewhere, behind the one interface."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from assessor_app.errors import AppError, BadInput
from assessor_app.identity import certificates
from assessor_app.identity.remote import HttpService, Remote
from assessor_app.identity.signers import PKCS11, LocalKey, name_of
from assessor_app.reports import signing
from assessor_app.reports.status import Trust
from assessor_app.reports.verification import verify
from tests.hardware import needs_softhsm
from tests.reports import samples
from tests.reports.test_signing import Authority, stamp


@needs_softhsm
def test_a_token_signs_like_every_other_key(token: str) -> None:
    found = PKCS11.find(token)
    assert sorted(name_of(one) for one in found) == ["Maria RSA", "Maria Token"]
    for one in found:
        unsigned = signing.make(samples.minutes())
        signed = signing.sign(unsigned, one.with_pin("1357"), "assessor", stamp())
        assert signed.startswith(unsigned)
        (line,) = verify(signed, None).signatures
        assert (line.intact, line.valid, line.signer) == (True, True, name_of(one))
        assert "1357" not in repr(one.with_pin("1357"))


@needs_softhsm
def test_what_goes_wrong_with_a_token_is_said_and_nothing_is_signed(token: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    one = PKCS11.find(token)[0]
    unsigned = signing.make(samples.minutes())
    with pytest.raises(AppError, match="PIN of the token is wrong"):
        signing.sign(unsigned, one.with_pin("0000"), "assessor", stamp())
    with pytest.raises(AppError, match="no key"):
        signing.sign(unsigned, PKCS11(one.driver, one.token, b"\x77", one.certificate, (), "1357"), "assessor", stamp())
    with pytest.raises(AppError, match="driver"):
        PKCS11.find(str(tmp_path / "nothing.so"))
    (tmp_path / "empty").mkdir()
    (tmp_path / "other.conf").write_text(f"directories.tokendir = {tmp_path / 'empty'}\nobjectstore.backend = file\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "other.conf"))  # the token was pulled out
    with pytest.raises(AppError, match=r"not there|No certificate"):
        signing.sign(unsigned, one.with_pin("1357"), "assessor", stamp())
    with pytest.raises(AppError, match="No certificate"):
        PKCS11.find(token)


@needs_softhsm
def test_a_driver_that_dies_takes_nothing_with_it(tmp_path: Path) -> None:
    if not shutil.which("gcc"):
        pytest.skip("needs gcc")
    source = tmp_path / "bad.c"
    source.write_text("#include <stdlib.h>\nlong C_GetFunctionList(void **list) { abort(); }\n")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(tmp_path / "bad.so"), str(source)], check=True)
    with pytest.raises(AppError, match="driver"):
        PKCS11.find(str(tmp_path / "bad.so"))


@dataclass
class Place:
    """A signing service on loopback; ``sends`` is what it does with a document once it is signed."""

    signer: LocalKey
    url: str = ""
    sends: Callable[[bytes, bytes], bytes] = lambda sent, signed: signed
    asked: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place(Authority(*certificates.make_root("Penyelenggara Uji")).device("Dr. Ir. Maria Tefa, M.Kom."))

    class Handler(BaseHTTPRequestHandler):
        def answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            user = parse_qs(urlsplit(self.path).query)["user"][0]
            self.answer(*((200, made.signer.certificate + made.signer.chain[0]) if user == "maria" else (404, b"")))

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            made.asked.append(asked)
            if self.headers["Authorization"] != "Secret " + b"kata sandi".hex():
                self.answer(401)
                return
            self.answer(200, made.sends(sent, signing.sign(sent, made.signer, asked["field"], None, reason=asked.get("reason", ""))))

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_service_elsewhere_signs_the_document_it_is_sent(place: Place) -> None:
    person = Remote.connect(HttpService(place.url), "maria").with_secret("kata sandi")
    assert name_of(person) == "Dr. Ir. Maria Tefa, M.Kom."
    assert "kata sandi" not in repr(person)
    unsigned = signing.make(samples.minutes())
    signed = signing.sign(unsigned, person, "assessor", stamp(), reason="Berita acara", place="Tanah Merah")
    assert signed.startswith(unsigned)
    assert place.asked == [{"user": "maria", "field": "assessor", "reason": "Berita acara", "place": "Tanah Merah"}]
    status = verify(signed, place.signer.chain[0])
    assert status.as_signed
    assert status.signatures[0].trust is Trust.CERTIFIED


def _other(sent: bytes, signed: bytes) -> bytes:
    return signing.sign(signing.make(samples.minutes(number="9")), Authority(*certificates.make_root("X")).device("X"), "assessor", None)


def _impostor(sent: bytes, signed: bytes) -> bytes:
    return signing.sign(sent, Authority(*certificates.make_root("X")).device("Dr. Ir. Maria Tefa, M.Kom."), "assessor", None)


@pytest.mark.parametrize(("sends", "said"), [
    (lambda sent, signed: sent, "changed the document"), (lambda sent, signed: signed[:-9], "does not verify"),
    (lambda sent, signed: signed + b"\n%", "does not verify"), (lambda sent, signed: sent + b"more", "does not verify"),
    (lambda sent, signed: b"<html>Masuk</html>", "changed the document"), (_other, "changed the document"),
    (_impostor, "another certificate"),
    (lambda sent, signed: signed.replace(b"/Contents <30", b"/Contents <31", 1), "does not verify"),
], ids=["unsigned", "cut", "more", "garbage", "portal", "other document", "impostor", "broken"])
def test_what_comes_back_is_looked_at(place: Place, sends: Callable[[bytes, bytes], bytes], said: str) -> None:
    place.sends = sends
    person = Remote.connect(HttpService(place.url), "maria").with_secret("kata sandi")
    with pytest.raises(AppError, match=said) as fault:
        signing.sign(signing.make(samples.minutes()), person, "assessor", stamp())
    assert fault.value.kept


def test_a_service_that_refuses_or_is_away_is_told_as_such(place: Place) -> None:
    with pytest.raises(AppError, match="refused"):
        Remote.connect(HttpService(place.url), "budi")
    person = Remote.connect(HttpService(place.url), "maria").with_secret("salah")
    with pytest.raises(AppError, match="passphrase"):
        signing.sign(signing.make(samples.minutes()), person, "assessor", stamp())
    with pytest.raises(AppError, match="cannot be reached"):
        Remote.connect(HttpService("http://127.0.0.1:9"), "maria")
    for url in ("http://tanda-tangan.example.id", "ftp://127.0.0.1", "", "https://"):
        with pytest.raises(BadInput, match="https"):
            Remote.connect(HttpService(url), "maria")
    with pytest.raises(BadInput, match="Name the person"):
        Remote.connect(HttpService(place.url), " ")
