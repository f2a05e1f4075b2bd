"""The device's signing key: made here, kept only wrapped, unwrapped for one signature at a time."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
from typing import TYPE_CHECKING, Final

from assessor_app.errors import NotebookError, WrongKey
from assessor_app.i18n import t
from assessor_app.identity.wrapping import Stretching, derive, seal, stretch, unseal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

    from assessor_app.identity.attempts import PinGuard

VERSION: Final = 1


def new_key() -> EllipticCurvePrivateKey:
    """Return a fresh P-256 key: the curve that every PDF reader knows (poppler does not read Ed25519)."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def lock_key(key: EllipticCurvePrivateKey, pin: str, secret: bytes) -> bytes:
    """Return the key wrapped under this device's secret and the PIN, to be stored in the notebook.

    ``secret`` is ``KeySlots.device_secret`` or, without a keyring, ``slots.notebook_secret(db_key)``. PKCS#8's own
    encryption is not used: it stretches with too few rounds.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    salt, how = secrets.token_bytes(16), Stretching()
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    owner = key_id(key.public_key())
    sealed = seal(_kek(secret, pin, salt, how), plain, _bound(owner))
    return json.dumps({
        "version": VERSION, "key": owner, "salt": base64.b64encode(salt).decode(), "stretching": how.to_json(),
        "sealed": base64.b64encode(sealed).decode(),
    }).encode()


def unlock_key(blob: bytes, pin: str, secret: bytes, guard: PinGuard | None = None) -> EllipticCurvePrivateKey:
    """Return the key for the PIN (empty where it is off); takes 0.1 to 0.4 s.

    Args:
        guard: counts wrong PINs, shared with the opening of the notebook.

    Raises:
        TooManyAttempts: the guard asks to wait.
        WrongKey: wrong PIN, or another device's key.
        NotebookError: the stored bytes are damaged.
    """
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        raw = json.loads(blob)
        salt, sealed = base64.b64decode(raw["salt"]), base64.b64decode(raw["sealed"])
        how, owner = Stretching.from_json(raw["stretching"]), str(raw["key"])
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise NotebookError(
            t("The signing key of this device is damaged."),
            hint=t("Restore a backup, or let this device make a new signing key."),
            kept=t("Notes and signed documents are not touched."),
        ) from error
    if guard:
        guard.begin()
    plain = unseal(_kek(secret, pin, salt, how), sealed, _bound(owner))
    if plain is None:
        raise WrongKey(t("The PIN is wrong."), t("Nothing was signed."), t("Try again."), t("Nothing is lost."))
    if guard:
        guard.succeed()
    key = load_der_private_key(plain, None)
    assert isinstance(key, EllipticCurvePrivateKey)
    return key


def change_pin(blob: bytes, old: str, new: str, secret: bytes, new_secret: bytes | None = None) -> bytes:
    """Return the key wrapped under another PIN (and device secret). Raise WrongKey."""
    return lock_key(unlock_key(blob, old, secret), new, new_secret or secret)


def key_id(public: EllipticCurvePublicKey) -> str:
    """Return the SHA-256 of the public key (DER SubjectPublicKeyInfo) as hex: the key's name for ever."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _kek(secret: bytes, pin: str, salt: bytes, how: Stretching) -> bytes:
    return derive(secret + stretch(pin, salt, how), "asesor signing key", salt)


def _bound(owner: str) -> str:
    return f"asesor signing key {VERSION} {owner}"
