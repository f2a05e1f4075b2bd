"""``asesor-server office``: say in which office a device stands that takes courier files in, list them, take it back."""

from __future__ import annotations

import argparse
from typing import Any

from assessor_server import accounts, offices
from assessor_server.store import Store


def add(commands: Any) -> None:
    """Add the commands."""
    words = commands.add_parser("office", help="offices that can open every courier file").add_subparsers(required=True, metavar="COMMAND")
    name = words.add_parser("add", help="say that a device stands in an office: from their next sync on all devices seal for it; "
                                        "again with another name renames it")
    name.add_argument("device", metavar="DEVICE", help="its id, as in “device list”")
    name.add_argument("name", metavar="NAME", help="name and place, such as “Diskominfo Boven Digoel, Tanah Merah”")
    name.set_defaults(run=_add)
    away = words.add_parser("remove", help="take it back: from their next sync on devices seal for it no more")
    away.add_argument("device", metavar="DEVICE")
    away.set_defaults(run=_remove)
    words.add_parser("list", help="list them").set_defaults(run=_list)
    for word in ("add", "remove"):
        words.choices[word].add_argument("--by", required=True, metavar="LOGIN", help="account of the secretariat that does it")


def _add(store: Store, arguments: argparse.Namespace) -> int:
    with store.transaction() as connection:
        office = offices.name(connection, accounts.account_named(connection, arguments.by), arguments.device, arguments.name)
    print(f"{arguments.device} stands in {office}: devices seal courier files for it from their next sync on.")
    return 0


def _remove(store: Store, arguments: argparse.Namespace) -> int:
    with store.transaction() as connection:
        offices.take_back(connection, accounts.account_named(connection, arguments.by), arguments.device)
    print(f"{arguments.device} is no receiving office any more: devices seal for it no more from their next sync on.")
    return 0


def _list(store: Store, arguments: argparse.Namespace) -> int:
    with store.transaction() as connection:
        rows = sorted(offices.listed(connection).items(), key=lambda one: (one[1], one[0]))
    for device, office in rows:
        print(f"{device}  {office}")
    return 0
