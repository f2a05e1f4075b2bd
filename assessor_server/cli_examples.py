"""``asesor-server example``: publish a list of regions' innovations, list what is published, withdraw one, erase a contact."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sqlalchemy import select

from assessor_app.errors import BadInput
from assessor_server import accounts, examples
from assessor_server import tables as tb
from assessor_server.store import Store


def add(commands: Any) -> None:
    """Add the commands."""
    words = commands.add_parser("example", help="published innovations of regions").add_subparsers(required=True, metavar="COMMAND")
    publish = words.add_parser("publish", help="publish a list (.xlsx or CSV); all devices receive it at their next sync")
    publish.add_argument("file", type=Path, metavar="FILE")
    publish.set_defaults(run=_publish)
    words.add_parser("list", help="list them").set_defaults(run=_list)
    for name, does, text in (("withdraw", examples.withdraw, "withdraw one; copies in plans stay"),
                             ("erase-contact", examples.erase_contact, "empty its contact here and on every device, for good")):
        one = words.add_parser(name, help=text)
        one.add_argument("id")
        one.set_defaults(run=_act, does=does)
    for word in ("publish", "withdraw", "erase-contact"):
        words.choices[word].add_argument("--by", required=True, metavar="LOGIN", help="account of the secretariat that does it")


def _publish(store: Store, arguments: argparse.Namespace) -> int:
    try:
        data = arguments.file.read_bytes()
    except OSError as error:
        raise BadInput(f"{arguments.file}: {error.strerror}") from error
    said = examples.read(data, arguments.file.name)
    with store.transaction() as connection:
        taken = examples.publish(connection, accounts.account_named(connection, arguments.by), said)
    print(examples.told(taken))
    return 0


def _list(store: Store, arguments: argparse.Namespace) -> int:
    with store.transaction() as connection:
        for row in connection.execute(select(tb.innovation).order_by(tb.innovation.c.region, tb.innovation.c.year, tb.innovation.c.name)):
            state = "withdrawn" if row.withdrawn else "published"
            print(f"{row.id}  {row.region}  {row.year}  {row.sub_dimension or row.dimension:16}  {state:9}  {row.name}")
    return 0


def _act(store: Store, arguments: argparse.Namespace) -> int:
    with store.transaction() as connection:
        arguments.does(connection, accounts.account_named(connection, arguments.by), arguments.id)
    print("Done: every device learns it at its next sync.")
    return 0
