"""Signing at another's place: the whole document goes there and comes back with a signature added. A BSrE connection fills this in.

``Service`` is all that such a connection must do; ``HttpService`` is the plain one: ``GET URL/certificate?user=…`` answers the signer's
certificate and those above it (PEM), ``POST URL/sign`` takes the PDF and answers it with one signature more.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from assessor_app.errors import AppError, BadInput, LineError
from assessor_app.i18n import t

#: Seconds to connect, and until the service has signed.
PATIENCE: Final = (15.0, 120.0)
_LARGEST: Final = 100 << 20


class Service(Protocol):
    """A place where a person's key is kept and signs."""

    def certificates(self, user: str) -> list[bytes]:
        """Return the person's certificate and those above it (PEM). Raises AppError."""

    def sign(self, pdf: bytes, field: str, user: str, secret: str, *, reason: str, place: str) -> bytes:
        """Return the document with that field signed. Raises AppError."""


@dataclass(frozen=True, slots=True)
class HttpService:
    """A service behind a plain HTTP interface; https, or this machine."""

    url: str

    def certificates(self, user: str) -> list[bytes]:
        """Return the person's certificate and those above it (PEM). Raises AppError."""
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding

        answer = self._ask("GET", "/certificate", params={"user": user})
        try:
            found = x509.load_pem_x509_certificates(answer)
        except ValueError as error:
            raise _strange() from error
        return [one.public_bytes(Encoding.PEM) for one in found]

    def sign(self, pdf: bytes, field: str, user: str, secret: str, *, reason: str, place: str) -> bytes:
        """Return the document with that field signed. Raises AppError."""
        return self._ask("POST", "/sign", params={"user": user, "field": field, "reason": reason, "place": place}, data=pdf,
                         headers={"Content-Type": "application/pdf", "Authorization": "Secret " + secret.encode().hex()})

    def _ask(self, method: str, path: str, **more: Any) -> bytes:
        import requests

        _check(self.url)
        try:
            with requests.request(method, self.url.rstrip("/") + path, timeout=PATIENCE, allow_redirects=False, stream=True,
                                  **more) as answer:
                if answer.status_code in (401, 403):
                    raise AppError(t("The signing service does not accept this passphrase."), t("Nothing was signed."), t("Try again."),
                                   t("The document is as it was."))
                if answer.status_code != 200:
                    raise AppError(t("The signing service refused ({0}).").format(answer.status_code), t("Nothing was signed."),
                                   t("Try again later, or sign with another key."), t("The document is as it was."))
                body = answer.raw.read(_LARGEST + 1, decode_content=True)
        except (requests.RequestException, OSError) as error:
            raise LineError("offline", t("The signing service cannot be reached."), t("Nothing was signed."),
                            t("It needs a line; offline the device's own key signs."), t("The document is as it was.")) from error
        if len(body) > _LARGEST:
            raise _strange()
        return bytes(body)


@dataclass(frozen=True, slots=True)
class Remote:
    """A person whose key signs at a service."""

    service: Service
    user: str
    certificate: bytes
    chain: tuple[bytes, ...] = ()
    secret: str = field(default="", repr=False)

    @staticmethod
    def connect(service: Service, user: str) -> Remote:
        """Ask the service who the person is; the passphrase is given with ``with_secret``. Raises AppError."""
        if not user.strip():
            raise BadInput(t("Name the person as the signing service knows them."))
        found = service.certificates(user.strip())
        if not found:
            raise AppError(t("The signing service does not know this person."), kept=t("Nothing was signed."))
        return Remote(service, user.strip(), found[0], tuple(found[1:]))

    def with_secret(self, secret: str) -> Remote:
        """Return the same with the passphrase for one signature."""
        return Remote(self.service, self.user, self.certificate, self.chain, secret)

    def sign_pdf(self, pdf: bytes, field: str, *, reason: str, place: str) -> bytes:
        """Return the document as the service sends it back, with the field signed; what it sent must still be checked. Raises AppError."""
        signed = self.service.sign(pdf, field, self.user, self.secret, reason=reason, place=place)
        if not signed.startswith(pdf) or len(signed) == len(pdf):
            raise AppError(t("The signing service changed the document instead of adding to it."), t("Nothing was signed."),
                           kept=t("The document is as it was."))
        return signed

    def pyhanko_signer(self) -> Any:
        """Refuse: the key never leaves its service."""
        raise AppError(t("The signing service signs whole documents only."), kept=t("The document is as it was."))


def _check(url: str) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https" and host:
        return
    try:
        here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = False
    if parts.scheme != "http" or not here:
        raise BadInput(t("The signing service's address must begin with https://."), message=url, kept=t("Nothing was sent."))


def _strange() -> AppError:
    return AppError(t("The signing service answered nothing that could be read."), t("Nothing was signed."),
                    kept=t("The document is as it was."))
