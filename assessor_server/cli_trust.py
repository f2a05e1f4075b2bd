"""``asesor-server trust``: further authorities that are accepted for signers or for timestamps; and the outside one that ``serve`` asks."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assessor_app.errors import BadInput
from assessor_server import blob_store, results, timestamps, trust
from assessor_server.blobs import Blobs
from assessor_server.store import Store


def add(commands: Any) -> None:
    """Add the commands."""
    words = commands.add_parser("trust", help="further authorities").add_subparsers(required=True, metavar="COMMAND")
    one = words.add_parser("add", help="accept the authorities of a PEM file; devices learn it at their next sync")
    one.add_argument("file", type=Path, metavar="FILE.pem")
    one.add_argument("--for", dest="purpose", choices=[trust.SIGNERS, trust.TIMESTAMPS], required=True, help="what they are accepted for")
    one.set_defaults(run=_add)
    words.add_parser("list", help="list them").set_defaults(run=_list)
    gone = words.add_parser("remove", help="accept one no longer")
    gone.add_argument("fingerprint", help="SHA-256 of its certificate, as “trust list” shows it")
    gone.set_defaults(run=_remove)


def add_outside(serve: argparse.ArgumentParser) -> None:
    """Add the options of ``serve`` that name an outside timestamping authority."""
    serve.add_argument("--tsa", default="", metavar="URL", help="ask this timestamping authority (RFC 3161) instead of the server's own")
    serve.add_argument("--tsa-root", type=Path, metavar="FILE.pem", help="certificates that its timestamps lead to; needed with --tsa")


def outside(store: Store, arguments: argparse.Namespace) -> timestamps.Outside | None:
    """Return the outside authority that the options name, accepted for timestamps from now on. Raises BadInput."""
    if not arguments.tsa:
        return None
    parts = urlsplit(arguments.tsa)
    if parts.scheme not in {"http", "https"} or not parts.hostname or arguments.tsa_root is None:
        raise BadInput("--tsa needs an http or https address, and --tsa-root the certificates that its timestamps lead to.")
    roots = _read(arguments.tsa_root)
    with store.transaction() as connection:
        trust.accept(connection, roots, trust.TIMESTAMPS)
    return timestamps.Outside(arguments.tsa)


def _add(store: Store, arguments: argparse.Namespace) -> int:
    with store.transaction() as connection:
        fresh = trust.accept(connection, _read(arguments.file), arguments.purpose)
    _read_anew(store, arguments)
    print("\n".join(f"Accepted for {arguments.purpose}: {name}" for name in fresh) or "They were accepted before.")
    return 0


def _list(store: Store, arguments: argparse.Namespace) -> int:
    with store.transaction() as connection:
        for purpose, name, fingerprint in trust.accepted(connection):
            print(f"{purpose:10}  {fingerprint}  {name}")
    return 0


def _remove(store: Store, arguments: argparse.Namespace) -> int:
    with store.transaction() as connection:
        done = trust.drop(connection, arguments.fingerprint)
    _read_anew(store, arguments)
    print("It is accepted no longer." if done else "There is no such authority.", file=sys.stdout if done else sys.stderr)
    return 0 if done else 1


def _read_anew(store: Store, arguments: argparse.Namespace) -> None:
    """Have the results say at once whom is trusted now."""
    results.settle(store, Blobs(store, blob_store.open_store(arguments.blobs, arguments.s3_endpoint, store.folder / "blobs")))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error
