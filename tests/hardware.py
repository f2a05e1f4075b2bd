"""A token without hardware: SoftHSM, in a folder of the test's own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DRIVER = "/usr/lib/softhsm/libsofthsm2.so"
needs_softhsm = pytest.mark.skipif(not (shutil.which("softhsm2-util") and Path(DRIVER).exists()), reason="needs softhsm2")


def make_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make a token (PIN 1357) with an elliptic and an RSA key, each with its certificate; return its driver."""
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path / 'tokens'}\nobjectstore.backend = file\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))

    def run(*words: str) -> None:
        subprocess.run(["softhsm2-util", *words], check=True, capture_output=True)

    run("--init-token", "--free", "--label", "asesor", "--pin", "1357", "--so-pin", "999999")
    keys: list[tuple[str, Any]] = [("Maria Token", ec.generate_private_key(ec.SECP256R1())),
                                   ("Maria RSA", rsa.generate_private_key(65537, 2048))]
    for number, (name, key) in enumerate(keys, 1):
        file = tmp_path / f"{number}.pem"
        file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        run("--import", str(file), "--token", "asesor", "--label", name, "--id", f"0{number}", "--pin", "1357")
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        made = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(number)
                .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=90)).sign(key, SHA256()))
        (tmp_path / f"{number}.der").write_bytes(made.public_bytes(Encoding.DER))
    # the certificates, through a process of its own: a driver keeps its state for as long as its process lives

    subprocess.run([sys.executable, "-c", f"""
import pkcs11
from pkcs11 import Attribute, ObjectClass
with pkcs11.lib({DRIVER!r}).get_token(token_label="asesor").open(user_pin="1357", rw=True) as session:
    for n in (1, 2):
        session.create_object({{Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
            Attribute.TOKEN: True, Attribute.ID: bytes([n]), Attribute.LABEL: str(n), Attribute.SUBJECT: b"x",
            Attribute.VALUE: open({str(tmp_path)!r} + f"/{{n}}.der", "rb").read()}})
"""], check=True)
    return DRIVER
