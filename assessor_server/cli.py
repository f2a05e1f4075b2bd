"""``asesor-server``: prepare a server, its accounts and invitations, and serve."""

from __future__ import annotations

import argparse
import gc
import getpass
import ipaddress
import logging
import os
import secrets
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError, OperationalError

from assessor_app.errors import AppError
from assessor_app.models import regions
from assessor_app.models.permissions import Role
from assessor_server import accounts, authority, blob_store, cli_examples, cli_offices, cli_trust, offices, results, tls, watching
from assessor_server.blobs import Blobs
from assessor_server.store import Store, put_meta


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit status is 0 only on success."""
    os.umask(0o077)  # database, keys and invitations are for this account of the machine alone
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    store = Store(arguments.data, arguments.database)
    try:
        return int(arguments.run(store, arguments))
    except AppError as e:
        print(str(e), file=sys.stderr)
        return 1
    except OperationalError as e:
        print(f"The database cannot be used: {type(e.orig).__name__}. Run “asesor-server init” first, or check --database.",
              file=sys.stderr)
        return 1
    finally:
        store.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="asesor-server", description="The central server of Asesor.")
    parser.add_argument("--data", type=Path, default=Path("asesor-server"),
                        help="folder of database, blobs and keys (default: %(default)s)")
    parser.add_argument("--database", default=os.environ.get("ASESOR_DATABASE", ""), metavar="URL",
                        help="postgresql://… instead of the SQLite file in the folder (also ASESOR_DATABASE)")
    parser.add_argument("--blobs", default=os.environ.get("ASESOR_BLOBS", ""), metavar="s3://BUCKET/PREFIX",
                        help="keep photos and signed files in an S3-compatible store instead of the folder (also ASESOR_BLOBS); its key "
                             "comes from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    parser.add_argument("--s3-endpoint", default=os.environ.get("ASESOR_S3_ENDPOINT", ""), metavar="URL",
                        help="address of that store (also ASESOR_S3_ENDPOINT)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    init = commands.add_parser("init", help="make database, certificate authority and TLS certificate")
    init.add_argument("--name", default="Asesor", help="name of the institution, in the authority's certificate")
    init.add_argument("--host", default="localhost", help="host name or address that devices use, for the TLS certificate")
    init.set_defaults(run=_init)

    user = commands.add_parser("user", help="accounts").add_subparsers(required=True, metavar="COMMAND")
    add = user.add_parser("add", help="add an account; the password is asked for, or read from --password-file")
    add.add_argument("login")
    add.add_argument("--name", required=True, help="full name")
    add.add_argument("--role", choices=[role.value for role in Role], default=Role.ASSESSOR.value)
    add.add_argument("--password-file", type=Path, help="file whose first line is the password (- for standard input)")
    add.set_defaults(run=_user_add)
    password = user.add_parser("password", help="give an account a new password; it is asked for, or read from --password-file")
    password.add_argument("login")
    password.add_argument("--password-file", type=Path, help="file whose first line is the password (- for standard input)")
    password.set_defaults(run=_user_password)
    for word, words in (("close", "close an account: it and its devices are answered nothing from now on"),
                        ("open", "open a closed account again")):
        one = user.add_parser(word, help=words)
        one.add_argument("login")
        one.set_defaults(run=_user_active, active=word == "open")
    role = user.add_parser("role", help="give an account another role")
    role.add_argument("login")
    role.add_argument("role", choices=[role.value for role in Role])
    role.set_defaults(run=_user_role)

    assign = commands.add_parser("assign", help="assign a region to an account for a year")
    assign.add_argument("login")
    assign.add_argument("region", help="Kemendagri code, such as 93.02")
    assign.add_argument("--year", type=int, default=datetime.now(UTC).year, help="year of the visits (default: this year; 0: every year)")
    assign.set_defaults(run=_assign)
    unassign = commands.add_parser("unassign", help="take an assignment back; what devices hold already stays there")
    unassign.add_argument("login")
    unassign.add_argument("region", help="Kemendagri code, such as 93.02")
    unassign.add_argument("--year", type=int, default=datetime.now(UTC).year, help="year of the assignment (default: this year)")
    unassign.set_defaults(run=_unassign)

    device = commands.add_parser("device", help="devices").add_subparsers(required=True, metavar="COMMAND")
    listed = device.add_parser("list", help="list devices: account, last seen, what was not sent yet at the last sync, state")
    listed.add_argument("--login", help="of this account alone")
    listed.set_defaults(run=_device_list)
    revoke = device.add_parser("revoke", help="revoke a lost device: its tokens end, its certificate is revoked; this cannot be undone")
    revoke.add_argument("id")
    revoke.set_defaults(run=_device_revoke)

    epoch = commands.add_parser("epoch", help="the name of this server's history").add_subparsers(required=True, metavar="COMMAND")
    new = epoch.add_parser("new", help="after a restore from an older copy, before serving: devices then offer again what the copy lacks")
    new.set_defaults(run=_epoch_new)

    cli_trust.add(commands)
    cli_examples.add(commands)
    cli_offices.add(commands)

    projected = commands.add_parser("results", help="tables projected from signed sheets").add_subparsers(required=True, metavar="COMMAND")
    rebuild = projected.add_parser("rebuild", help="put back what the journal says, and make the results anew from signed files")
    rebuild.set_defaults(run=_results_rebuild)
    check = projected.add_parser("check", help="tell which rows differ from journal and signed files, and raise an alarm for each; "
                                               "status 1 where any does")
    check.set_defaults(run=_results_check)

    carried = commands.add_parser("courier", help="courier files").add_subparsers(required=True, metavar="COMMAND")
    take = carried.add_parser("take", help="take a courier file in, and write the receipts to take back")
    take.add_argument("file", type=Path)
    take.add_argument("--reply", type=Path, help="file for the receipts (default: FILE.balasan.titipan)")
    take.set_defaults(run=_courier_take)

    invite = commands.add_parser("invite", help="write an invitation file for an account")
    invite.add_argument("login")
    invite.add_argument("--url", required=True, help="the server's address as devices reach it")
    invite.add_argument("--out", type=Path, help="file to write (default: LOGIN.asesor-invite)")
    invite.set_defaults(run=_invite)

    serve = commands.add_parser("serve", help="serve; plain http on loopback only")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8470, help="0 chooses a free one (default: %(default)s)")
    serve.add_argument("--tls", action="store_true", help="https also on loopback")
    cli_trust.add_outside(serve)
    serve.set_defaults(run=_serve)
    return parser


def _init(store: Store, arguments: argparse.Namespace) -> int:
    store.folder.mkdir(parents=True, exist_ok=True)
    store.create()
    with store.transaction() as connection:
        authority.make(connection, arguments.name)
    tls.make(store.folder, arguments.host)
    print(f"Ready in {store.folder}. TLS certificate {tls.fingerprint(store.folder)}")
    return 0


def _user_add(store: Store, arguments: argparse.Namespace) -> int:
    password = _password(arguments.password_file)
    if password is None:
        return 1
    try:
        with store.transaction() as connection:
            accounts.add_account(connection, arguments.login, arguments.name, arguments.role, password)
    except IntegrityError:
        print(f"There is an account {arguments.login} already.", file=sys.stderr)
        return 1
    print(f"Added {arguments.login}.")
    return 0


def _password(file: Path | None) -> str | None:
    if file is None:
        password = getpass.getpass("Password: ")
    elif str(file) == "-":
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = next(iter(file.read_text().splitlines()), "")
    if len(password) < accounts.PASSWORD:
        print(f"The password needs at least {accounts.PASSWORD} characters.", file=sys.stderr)
        return None
    return password


def _user_password(store: Store, arguments: argparse.Namespace) -> int:
    account = _account(store, arguments.login)
    password = _password(arguments.password_file) if account is not None else None
    if account is None or password is None:
        return 1
    with store.transaction() as connection:
        accounts.set_password(connection, account, password)
    print(f"{arguments.login} has a new password. Devices that joined go on as before.")
    return 0


def _user_active(store: Store, arguments: argparse.Namespace) -> int:
    account = _account(store, arguments.login)
    if account is None:
        return 1
    with store.transaction() as connection:
        accounts.set_active(connection, account, arguments.active)
    print(f"{arguments.login} is {'open' if arguments.active else 'closed'}.")
    return 0


def _user_role(store: Store, arguments: argparse.Namespace) -> int:
    account = _account(store, arguments.login)
    if account is None:
        return 1
    with store.transaction() as connection:
        accounts.set_role(connection, account, Role(arguments.role))
    print(f"{arguments.login}: {arguments.role}.")
    return 0


def _account(store: Store, login: str) -> str | None:
    with store.transaction() as connection:
        account = accounts.account_of(connection, login)
    if account is None:
        print(f"There is no account {login}.", file=sys.stderr)
    return account


def _assign(store: Store, arguments: argparse.Namespace) -> int:
    account = _account(store, arguments.login)
    region = regions.region(arguments.region)
    if account is None:
        return 1
    if region is None:
        print(f"There is no region with the code {arguments.region}.", file=sys.stderr)
        return 1
    with store.transaction() as connection:
        accounts.assign(connection, account, region.code, arguments.year)
    print(f"{arguments.login}: {region.title}, {arguments.year or 'every year'}.")
    return 0


def _unassign(store: Store, arguments: argparse.Namespace) -> int:
    account = _account(store, arguments.login)
    if account is None:
        return 1
    with store.transaction() as connection:
        done = accounts.unassign(connection, account, arguments.region, arguments.year)
    year = arguments.year or "every year"
    print(f"{arguments.login}: {arguments.region}, {year}, {'is no longer assigned' if done else 'was not assigned'}.",
          file=sys.stdout if done else sys.stderr)
    return 0 if done else 1


def _courier_take(store: Store, arguments: argparse.Namespace) -> int:
    from assessor_server import syncing

    store.create()
    try:
        data = arguments.file.read_bytes()
    except OSError as e:
        print(f"The file cannot be read: {e.strerror}. Nothing was changed.", file=sys.stderr)
        return 1
    brought = syncing.take_file(store, _blobs(store, arguments), data)
    if brought is None:
        print("Nothing could be taken in: the file is damaged, for another server, or from devices that never synchronised here. "
              "Nothing was changed; keep the file.", file=sys.stderr)
        return 1
    reply = arguments.reply or arguments.file.with_suffix(".balasan.titipan")
    reply.write_bytes(brought.reply)
    told = ", ".join(f"{count} {outcome.value}" for outcome, count in sorted(brought.outcomes.items()))
    print(f"{told}. {'' if brought.whole else 'Some wait for what has not arrived: keep the file. '}Wrote {reply}.")
    return 0


def _device_list(store: Store, arguments: argparse.Namespace) -> int:
    with store.transaction() as connection:
        rows = accounts.devices(connection, arguments.login)
    for row in rows:
        state = "revoked" if row.revoked_at else "in use" if row.active else "account closed"
        told = f"{row.waiting_count or 0} changes, {row.waiting_photos or 0} photos"
        waiting = "unsent: " + ("not told" if row.waiting_at is None else told)
        since = f" since {_moment(row.waiting_since)}" if row.waiting_since else ""
        print(f"{row.id}  {row.login}  seen {_moment(row.seen_at)}  {waiting}{since}  {state}")
    return 0


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _device_revoke(store: Store, arguments: argparse.Namespace) -> int:
    with store.transaction() as connection:
        done = offices.revoke(connection, arguments.id)
    print(f"{arguments.id} is revoked." if done else f"There is no device {arguments.id} in use.", file=sys.stdout if done else sys.stderr)
    return 0 if done else 1


def _epoch_new(store: Store, arguments: argparse.Namespace) -> int:
    with store.transaction() as connection:
        put_meta(connection, "epoch", secrets.token_hex(8))
    print("The server's history has a new name: at its next sync every device reads anew and offers again what is missing here.")
    return 0


def _results_rebuild(store: Store, arguments: argparse.Namespace) -> int:
    mended = watching.restore(store)
    print(f"{results.rebuild(store, _blobs(store, arguments))} results and examples, {mended} records put back as the journal says.")
    return 0


def _results_check(store: Store, arguments: argparse.Namespace) -> int:
    differing = watching.look(store, _blobs(store, arguments), mend=False)
    for one in differing:
        against = "the journal" if one.what in {watching.RECORD, watching.PLACE} else "its signed files"
        print(f"differs from {against}: {one.what} {one.key} ({one.detail})")
    print("The secretariat's page shows an alarm for each. “asesor-server results rebuild” puts back what journal and files say."
          if differing else "All results are as signed, all records as the journal says.")
    return 1 if differing else 0


def _blobs(store: Store, arguments: argparse.Namespace) -> Blobs:
    return Blobs(store, blob_store.open_store(arguments.blobs, arguments.s3_endpoint, store.folder / "blobs"))


def _invite(store: Store, arguments: argparse.Namespace) -> int:
    account = _account(store, arguments.login)
    if account is None:
        return 1
    with store.transaction() as connection:
        text = accounts.invitation_file(connection, store.folder, account, arguments.url)
    out = arguments.out or Path(f"{arguments.login}.asesor-invite")
    out.write_text(text, encoding="utf-8")
    print(f"Wrote {out}. It can be used once, within 30 days; hand it over in person.")
    return 0


def _serve(store: Store, arguments: argparse.Namespace) -> int:
    import uvicorn

    from assessor_server.http import make_app

    loopback = arguments.host == "localhost" or ipaddress.ip_address(arguments.host).is_loopback
    secure = arguments.tls or not loopback
    files = {"ssl_certfile": str(tls.certificate_file(store.folder)), "ssl_keyfile": str(tls.key_file(store.folder))} if secure else {}
    if not store.made():
        print("There is no database yet. Run “asesor-server init” first.", file=sys.stderr)
        return 1
    store.create()  # what an older server lacks is added
    with store.transaction() as connection:
        offices.settle(connection)
    outside = cli_trust.outside(store, arguments)
    keep = blob_store.open_store(arguments.blobs, arguments.s3_endpoint, store.folder / "blobs")
    results.settle(store, Blobs(store, keep))
    watching.Watch(store, Blobs(store, keep)).start()
    app = make_app(store, keep, outside)
    config = uvicorn.Config(app, host=arguments.host, port=arguments.port, log_level="warning", access_log=False,
                            timeout_keep_alive=120, server_header=False, date_header=False, **files)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    sock = config.bind_socket()
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio sets it only where the protocol is named: 40 ms an answer
    sock.listen(config.backlog)  # from the moment the address is printed nobody is turned away
    scheme = "https" if secure else "http"
    gc.collect()
    gc.set_threshold(50_000, *gc.get_threshold()[1:])
    gc.freeze()  # what the program itself is made of is never garbage: nobody need look through it in the midst of a sync
    print(f"Serving on {scheme}://{arguments.host}:{sock.getsockname()[1]}", flush=True)
    server.run(sockets=[sock])
    return 0
