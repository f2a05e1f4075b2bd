"""A public key infrastructure that is not ours: certomancer's authorities and its timestamping service over real HTTP on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, PKIArchitecture
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_CONFIG = """
external-url-prefix: "http://127.0.0.1"
keysets:
  own:
    path-prefix: "{keys}"
    keys:
{listed}
pki-architectures:
  peer:
    keyset: own
    entity-defaults: {{country-name: ID, organization-name: Otoritas Uji}}
    entities:
      root: {{common-name: Akar Uji}}
      interm: {{common-name: Perantara Uji}}
      tsa: {{common-name: Penanda Waktu Uji}}
      signer: {{common-name: "Dr. Ir. Maria Tefa, M.Kom."}}
      revoked: {{common-name: Dicabut}}
    certs:
      root:
        subject: root
        issuer: root
        validity: {{valid-from: "2020-01-01T00:00:00+0000", valid-to: "2100-01-01T00:00:00+0000"}}
        extensions: &ca
          - {{id: basic_constraints, critical: true, value: {{ca: true}}}}
          - {{id: key_usage, critical: true, smart-value: {{schema: key-usage, params: [digital_signature, key_cert_sign, crl_sign]}}}}
      interm:
        subject: interm
        issuer: root
        validity: {{valid-from: "2020-01-01T00:00:00+0000", valid-to: "2100-01-01T00:00:00+0000"}}
        extensions: *ca
      tsa:
        subject: tsa
        issuer: interm
        validity: {{valid-from: "2020-01-01T00:00:00+0000", valid-to: "2100-01-01T00:00:00+0000"}}
        extensions:
          - {{id: key_usage, critical: true, smart-value: {{schema: key-usage, params: [digital_signature]}}}}
          - {{id: extended_key_usage, critical: true, value: [time_stamping]}}
      signer:
        subject: signer
        issuer: interm
        validity: {{valid-from: "2020-01-01T00:00:00+0000", valid-to: "2100-01-01T00:00:00+0000"}}
        extensions:
          - {{id: key_usage, critical: true, smart-value: {{schema: key-usage, params: [digital_signature, non_repudiation]}}}}
    services:
      time-stamping:
        tsa: {{signing-cert: tsa, signing-key: tsa, certs-to-embed: [interm]}}
"""


@dataclass(frozen=True)
class Peer:
    """Where its timestamping service answers, and its certificates."""

    url: str
    architecture: PKIArchitecture

    def pem(self, label: str) -> bytes:
        """Return a certificate."""
        from cryptography import x509

        return x509.load_der_x509_certificate(self.architecture.get_cert(CertLabel(label)).dump()).public_bytes(Encoding.PEM)

    def pkcs12(self, label: str, password: str) -> bytes:
        """Return a certificate with its key and chain, as a person keeps it in a file."""
        return bytes(self.architecture.package_pkcs12(CertLabel(label), password=password.encode()))


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def peer(folder: Path) -> Iterator[Peer]:
    """Serve it while the context lasts."""
    keys = folder / "keys"
    keys.mkdir(parents=True)
    names = ("root", "interm", "tsa", "signer", "revoked")
    for name in names:
        key = rsa.generate_private_key(65537, 2048)
        (keys / f"{name}.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    listed = "\n".join(f"      {name}: {{path: {name}.pem}}" for name in names)
    file = folder / "certomancer.yml"
    file.write_text(_CONFIG.format(keys="keys", listed=listed))
    config = CertomancerConfig.from_file(str(file), key_search_dir=str(folder), config_search_dir=str(folder))
    architecture = config.get_pki_arch(ArchLabel("peer"))
    server = make_server("127.0.0.1", 0, Animator(AnimatorArchStore({ArchLabel("peer"): architecture})), handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Peer(f"http://127.0.0.1:{server.server_port}/peer/tsa/tsa", architecture)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
