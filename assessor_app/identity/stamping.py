"""Replies of timestamping authorities (RFC 3161, 2.4.2): a token, or a status alone."""

from __future__ import annotations

from typing import Any, ClassVar, Final

GRANTED: Final = frozenset({"granted", "granted_with_mods"})


def reply(der: bytes) -> tuple[str, Any]:
    """Return the status of a reply and its token (asn1crypto's ContentInfo), None where it was refused. Raises ValueError."""
    from asn1crypto import cms, core, tsp

    class Reply(core.Sequence):  # type: ignore[misc]
        _fields: ClassVar = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]

    try:
        read = Reply.load(der, strict=True)
        read.native  # noqa: B018 - reads every part of it
        token = read["time_stamp_token"]
        return str(read["status"]["status"].native), token if token.native is not None else None
    except (TypeError, KeyError, OverflowError, RecursionError) as error:
        raise ValueError("no timestamp reply") from error


def refusal(why: str) -> bytes:
    """Return a reply (DER) that refuses, by a code of asn1crypto's ``PKIFailureInfo``."""
    from asn1crypto import tsp

    status = tsp.PKIStatusInfo({"status": "rejection", "fail_info": {why}}).dump()
    return bytes([0x30, len(status)]) + bytes(status)
