"""PKCS#11 tokens (smart cards, USB keys): what is on them and signing with them, called in a process of its own.

A token's driver is a native library of its maker; whatever it does must not take the notebook down.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

#: Where drivers lie that are installed for all programs, by the system's own packages.
DRIVERS = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so", "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so",
           "C:/Windows/System32/eTPKCS11.dll", "C:/Windows/System32/opensc-pkcs11.dll", "/Library/OpenSC/lib/opensc-pkcs11.so")


def certificates(driver: str) -> dict[str, Any]:
    """Return ``{"found": [[token, id, certificate], …]}``, or ``{"fault": code}``; certificates are DER, ids those of their keys."""
    import pkcs11
    from pkcs11 import Attribute, ObjectClass

    found = []
    try:
        for slot in pkcs11.lib(driver).get_slots(token_present=True):
            with contextlib.suppress(pkcs11.PKCS11Error):  # an empty slot of a driver, or a token of another kind beside ours
                token = slot.get_token()
                with token.open() as session:
                    for one in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
                        found.append([str(token.label).strip(), bytes(one[Attribute.ID]), bytes(one[Attribute.VALUE])])
    except (pkcs11.PKCS11Error, RuntimeError, OSError, KeyError) as error:
        return {"fault": _code(error)}
    return {"found": found}


def sign(driver: str, token: str, key: bytes, pin: str, data: bytes) -> dict[str, Any]:
    """Sign SHA-256 of data with the key of that id; return ``{"signature": …}`` as CMS wants it, or ``{"fault": code}``."""
    import pkcs11
    from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
    from pkcs11.util.ec import encode_ecdsa_signature

    try:
        with _opened(driver, token, pin) as session:
            private = next(iter(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: key})), None)
            if private is None:
                return {"fault": "key"}
            if private.key_type is KeyType.EC:
                raw = private.sign(hashlib.sha256(data).digest(), mechanism=Mechanism.ECDSA)
                return {"signature": bytes(encode_ecdsa_signature(raw))}
            return {"signature": bytes(private.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS))}
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
        return {"fault": _code(error)}


@contextmanager
def _opened(driver: str, token: str, pin: str) -> Iterator[Any]:
    import pkcs11

    with pkcs11.lib(driver).get_token(token_label=token).open(user_pin=pin) as session:
        yield session


def _code(error: BaseException) -> str:
    import pkcs11

    if isinstance(error, (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange)):
        return "pin"
    if isinstance(error, (pkcs11.PinLocked, pkcs11.PinExpired)):
        return "locked"
    if isinstance(error, (pkcs11.NoSuchToken, pkcs11.TokenNotPresent, pkcs11.DeviceRemoved)):
        return "away"
    if isinstance(error, (pkcs11.PKCS11Error, KeyError)):
        return "token"
    return "driver"
