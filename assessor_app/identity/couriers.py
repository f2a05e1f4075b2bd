"""A device's keys for courier files: it signs what it sends (Ed25519), and opens what is sealed for it (age)."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from assessor_app.errors import BadInput
from assessor_app.i18n import t

SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class CourierKeys:
    """The private halves: an Ed25519 seed (hex) and an age identity; both stay in the encrypted notebook."""

    seed: str
    identity: str

    @classmethod
    def make(cls) -> CourierKeys:
        """Return fresh keys."""
        import pyrage

        return cls(Ed25519PrivateKey.generate().private_bytes_raw().hex(), str(pyrage.x25519.Identity.generate()))

    @property
    def signing(self) -> str:
        """The public key by which others know this device's signature, hex."""
        return self._key().public_key().public_bytes_raw().hex()

    @property
    def recipient(self) -> str:
        """The age recipient for which others seal."""
        import pyrage

        return str(pyrage.x25519.Identity.from_str(self.identity).to_public())

    def sign(self, data: bytes) -> bytes:
        """Return the signature of bytes."""
        return self._key().sign(data)

    def open(self, sealed: bytes) -> bytes | None:
        """Return what is sealed; None where it is not for this device. Raises BadInput where it was cut short or altered."""
        import pyrage

        out = io.BytesIO()
        try:
            pyrage.decrypt_io(io.BytesIO(sealed), out, [pyrage.x25519.Identity.from_str(self.identity)])
        except pyrage.DecryptError as e:
            if "No matching keys" in str(e):
                return None
            raise _broken() from None
        except (OSError, ValueError):
            raise _broken() from None
        return out.getvalue()

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self.seed))


def _broken() -> BadInput:
    return BadInput(t("The courier file was cut short or altered."), hint=t("Copy it again from where it was made, or have it made anew."),
                    kept=t("Nothing of it was taken in; the file was left as it is."))


def seal(data: bytes, recipients: Iterable[str]) -> bytes:
    """Return bytes sealed for age recipients. Raises ValueError for one that is none."""
    import pyrage

    try:
        known = [pyrage.x25519.Recipient.from_str(one) for one in sorted(set(recipients))]
    except pyrage.RecipientError as e:
        raise ValueError(str(e)) from None
    return bytes(pyrage.encrypt(data, known))


def verified(signing: str, signature: bytes, data: bytes) -> bool:
    """Tell whether a signature is the named key's."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(signing)).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
