"""``asesor sign``, ``cosign`` and ``find``: signatures without the window, by whatever key, and the document behind a printed code."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor_app import given, i18n
from assessor_app.cli.commands import opened, read_secret
from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.models.kinds import DocumentType

if TYPE_CHECKING:
    from assessor_app.identity.signers import Signer

_TYPES = {"minutes": DocumentType.MINUTES, "sheet": DocumentType.EVALUATION_SHEET, "report": DocumentType.PANEL_REPORT}


def add(commands: Any, here: argparse.ArgumentParser, as_json: argparse.ArgumentParser) -> None:
    """Add the commands."""
    key = argparse.ArgumentParser(add_help=False)
    key.add_argument("--key", default="device", metavar="KEY", help=t(
        "device (default), p12:FILE, token:DRIVER[#NAME] (PKCS#11), or service:USER@URL"))
    key.add_argument("--key-secret-file", type=Path, metavar="FILE",
                     help=t("file whose first line is the key's password or PIN (default: asked for)"))
    sign = commands.add_parser("sign", parents=[here, as_json, key], help=t("sign a visit's minutes, score sheet or panel report"))
    sign.add_argument("type", choices=sorted(_TYPES))
    sign.add_argument("visit", metavar=t("VISIT"))
    sign.add_argument("--paper", choices=("A4", "F4"), default="A4", help=t("paper (default: A4)"))
    sign.add_argument("--language", choices=i18n.LANGUAGES, default=None, help=t("language of the page (default: the program's)"))
    sign.set_defaults(run=make_signature)
    cosign = commands.add_parser("cosign", parents=[here, as_json, key], help=t("add the official's signature to the signed minutes"))
    cosign.add_argument("document", metavar=t("DOCUMENT"))
    cosign.set_defaults(run=make_cosignature)
    find = commands.add_parser("find", parents=[here, as_json], help=t("find a document by the code, id, digits or number on its print"))
    find.add_argument("code", metavar=t("CODE"), help=t("what was scanned or typed; - reads it from standard input"))
    find.set_defaults(run=find_code)


def make_signature(arguments: argparse.Namespace) -> int:
    """Sign a document; the PIN is asked for, whatever key signs."""
    from assessor_app.workflow import documents

    signer = signer_of(arguments)
    with opened(arguments, pin_signs=True) as account:
        wish = documents.wish(language=str(arguments.language or i18n.language()), paper=arguments.paper)
        prepared = documents.prepare(account, _TYPES[arguments.type], arguments.visit, wish)
        pin = read_secret(arguments.pin_file, "ASESOR_PIN")
        document = documents.sign(account, prepared, getpass.getpass(t("PIN: ")) if pin is None else pin, signer=signer)
    return _told(arguments, document)


def make_cosignature(arguments: argparse.Namespace) -> int:
    """Add the official's signature."""
    from assessor_app.workflow import documents

    signer = signer_of(arguments)
    if signer is None:
        raise BadInput(t("The official signs with a key of their own: name it with --key."), kept=t("Nothing was signed."))
    with opened(arguments) as account:
        documents.cosign(account, arguments.document, signer)
    return _told(arguments, arguments.document)


def find_code(arguments: argparse.Namespace) -> int:
    """Find a document by what is printed on it; exit status 0 only where it is here and its printed digits are not others."""
    from assessor_app.workflow import codes

    code = sys.stdin.readline() if arguments.code == "-" else arguments.code
    with opened(arguments) as account, account.reading() as session:
        hits = codes.find(session, code)
    if arguments.json:
        print(json.dumps([asdict(hit) for hit in hits], ensure_ascii=False))
    else:
        for hit in hits:
            print(" · ".join(part for part in (hit.document, hit.type, hit.number, hit.region, hit.state) if part))
            if hit.digits_match is False:
                print(t("The printed digits are NOT those on record: the print belongs to another document, or was changed."))
        if not hits:
            print(t("No document in this notebook has this code. Ask the centre: the printed address leads to its page."), file=sys.stderr)
    return 0 if hits and all(hit.digits_match is not False for hit in hits) else 1


def signer_of(arguments: argparse.Namespace) -> Signer | None:
    """Return the key that ``--key`` names, None for this device's. Raises BadInput, AppError."""
    from assessor_app.identity.remote import HttpService, Remote
    from assessor_app.identity.signers import PKCS11, PKCS12, name_of

    kind, _, where = str(arguments.key).partition(":")

    def secret() -> str:
        given = read_secret(arguments.key_secret_file, "ASESOR_KEY_SECRET")
        return getpass.getpass(t("Password or PIN of the key: ")) if given is None else given

    if kind == "device" and not where:
        return None
    if kind == "p12" and where:
        return PKCS12.load(given.read(Path(where), given.KEY), secret())
    if kind == "token" and where:
        driver, _, name = where.partition("#")
        found = [one for one in PKCS11.find(driver) if not name or name_of(one) == name]
        if len(found) != 1:
            raise BadInput(t("Name one certificate of the token after #."), tuple(name_of(one) for one in PKCS11.find(driver)))
        return found[0].with_pin(secret())
    if kind == "service" and "@" in where:
        user, _, url = where.partition("@")
        return Remote.connect(HttpService(url), user).with_secret(secret())
    raise BadInput(t("This key is not known: {0}").format(arguments.key),
                   hint=t("device (default), p12:FILE, token:DRIVER[#NAME] (PKCS#11), or service:USER@URL"))


def _told(arguments: argparse.Namespace, document: str) -> int:
    print(json.dumps({"document": document}) if arguments.json else t("Signed: {0}").format(document))
    return 0
