"""What each command of ``asesor`` does."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_app import formats, given, i18n
from assessor_app.cli import targets
from assessor_app.errors import AppError, BadInput
from assessor_app.i18n import nt, t
from assessor_app.settings import Settings

if TYPE_CHECKING:
    from assessor_app.workflow.accounts import Account


def window(arguments: argparse.Namespace) -> int:
    """Open the window."""
    from assessor_app import app

    return app.run(arguments.data, sample=arguments.sample)


def demo(arguments: argparse.Namespace) -> int:
    """Play the main job without a screen; the bundle leaves the server out, and says so."""
    from importlib.util import find_spec

    if find_spec("assessor_server") is None:
        raise AppError(t("The demonstration needs the server, which is not part of this installation."),
                       hint=t("Run it from the source: make setup, then asesor demo."), kept=t("Nothing was changed."))
    from assessor_app.cli import demo as player

    return player.play(arguments.out)


def score(arguments: argparse.Namespace) -> int:
    """Compute means and index."""
    from assessor_app.models import scoring
    from assessor_app.models.answers import read_answers
    from assessor_app.workflow.evaluating import read_instrument

    instrument = read_instrument(read_file(arguments.instrument))
    result = scoring.evaluate(instrument, read_answers(read_file(arguments.answers), instrument, arguments.assessor))
    if arguments.json:
        print(json.dumps({
            "aspects": [{"id": a.id, "name": a.name.get(i18n.language()), "weight": float(a.weight),
                         "score": None if a.score is None else float(a.score)} for a in result.aspects],
            "index": None if result.index is None else float(result.index), "provisional": result.provisional,
            **({"band": instrument.band(result.index).get(i18n.language())} if instrument.bands else {})}, ensure_ascii=False))
        return 0
    for a in result.aspects:
        mean = formats.number(a.score, 2) if a.score is not None else "–"
        print(f"{formats.number(a.weight):>4} %  {mean:>6}  {a.name.get(i18n.language())}")
    note = "  " + t("(provisional: not everything is scored)") if result.provisional else ""
    band = instrument.band(result.index).get(i18n.language())
    said = f"  {band}" if band else ""
    print(f"{t('Index')}: {formats.number(result.index, 2) if result.index is not None else '–'}{said}{note}")
    return 0


def instrument_check(arguments: argparse.Namespace) -> int:
    """Check an instrument's workbook; all faults at once."""
    from assessor_app.workflow.evaluating import read_instrument

    try:
        instrument = read_instrument(read_file(arguments.file))
    except BadInput as e:
        if not arguments.json:
            raise
        print(json.dumps({"ok": False, "faults": list(e.faults) or [str(e)]}, ensure_ascii=False))
        return 1
    count = len(instrument.questions())
    if arguments.json:
        print(json.dumps({"ok": True, "form_id": instrument.form_id, "version": instrument.version, "questions": count,
                          "aspects": len(instrument.aspects), "sha256": instrument.sha256}))
    else:
        print(t("{0}, version {1}: {2} aspects, {3} questions, no fault.").format(
            instrument.title.get(i18n.language()), instrument.version, len(instrument.aspects), count))
    return 0


def verify(arguments: argparse.Namespace) -> int:
    """Verify a signed document; exit status 0 only when it is as signed."""
    from assessor_app.workflow.trusting import Anchors
    from assessor_app.workflow.verdicts import lines
    from assessor_app.workflow.verifying import beside_record, examine, read_file, verify_file

    pdf = read_file(arguments.file)
    if arguments.data is not None:
        with opened(arguments) as account:
            result = verify_file(account, pdf)
    else:
        word = {"stampers": read_file(arguments.tsa_root).decode("ascii", "replace")} if arguments.tsa_root else {}
        result = examine(pdf, Anchors(read_file(arguments.root) if arguments.root else None, word=word,
                                      crl=read_file(arguments.revoked) if arguments.revoked else None))
        if arguments.record:
            result = beside_record(result, tuple(one.strip().lower() for one in arguments.record.split(",")))
    if arguments.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        print("\n".join(lines(result)))
    return 0 if result["as_signed"] else 1


def sync(arguments: argparse.Namespace) -> int:
    """Synchronise; exit status 0 only when nothing is missing."""
    from assessor_app.workflow.syncing import synchronise

    with opened(arguments) as account:
        outcome = synchronise(account)
    if arguments.json:
        body = {**asdict(outcome), "fault": getattr(outcome.fault, "code", str(outcome.fault)) if outcome.fault else None}
        print(json.dumps(body, ensure_ascii=False))
    else:
        said = t("Sent {0}, received {1}, merged {2}, differences {3}, held {4}, refused {5}, photos {6} up and {7} down, {8} bytes.")
        print(said.format(
            outcome.sent, outcome.received, outcome.merged, outcome.different, outcome.held, outcome.refused, outcome.photos_sent,
            outcome.photos_received, outcome.bytes_up + outcome.bytes_down))
        if outcome.kept_back:
            print(t("Kept on this device for want of consent: {0}.").format(outcome.kept_back))
        if outcome.fault:
            print(str(outcome.fault), file=sys.stderr)
    return 0 if outcome.complete else 1


@contextmanager
def opened(arguments: argparse.Namespace, *, pin_signs: bool = False) -> Iterator[Account]:
    """Give the opened account of a command."""
    account = open_account(arguments, pin_signs=pin_signs)
    try:
        yield account
    finally:
        account.close()


def backup(arguments: argparse.Namespace) -> int:
    """Write a full backup."""
    from assessor_app.workflow.backup import backup as write

    targets.insist(arguments, arguments.file)
    with opened(arguments) as account:
        size = write(account, arguments.file)
    print(t("Wrote {0} ({1}). It opens by passphrase or recovery code.").format(arguments.file, formats.size(size)))
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """Lay a backup into a new folder."""
    from assessor_app.workflow.backup import restore as lay
    from assessor_app.workflow.cards import new_folder

    folder = arguments.data or new_folder()
    lay(arguments.file, folder)
    print(t("Restored into {0}. Open it with the passphrase or the recovery code.").format(folder))
    return 0


def check(arguments: argparse.Namespace) -> int:
    """Check the notebook's integrity."""
    from assessor_app.workflow.backup import check as examine

    with opened(arguments) as account:
        problems = examine(account)
    if arguments.json:
        print(json.dumps({"ok": not problems, "problems": problems}, ensure_ascii=False))
    else:
        print("\n".join(summary(problems)) if problems else t("The notebook is whole."))
    return 1 if problems else 0


def summary(problems: list[str], most: int = 5) -> list[str]:
    """Return how many problems there are, the first few, and how many more."""
    lines = [nt("The notebook is damaged: {n} problem.", "The notebook is damaged: {n} problems.", len(problems)), *problems[:most]]
    if len(problems) > most:
        lines.append(nt("and {n} more (all of them with --json)", "and {n} more (all of them with --json)", len(problems) - most))
    return [*lines, t("Make a copy of the folder as it is, then restore the newest backup.")]


def open_account(arguments: argparse.Namespace, *, pin_signs: bool = False) -> Account:
    """Open the account that the arguments name: by passphrase where one is given or no keyring is there, else by PIN.

    A file that is named goes before the environment, so that ``--pin-file`` is not passed over for a variable.
    ``pin_signs`` tells that the PIN is also asked for a signature.
    """
    from assessor_app.workflow import accounts
    from assessor_app.workflow.cards import card_of

    folder = arguments.data or (Path(Settings.load().last_account) if Settings.load().last_account else None)
    card = card_of(folder) if folder else None
    if folder is None or card is None:
        raise AppError(t("There is no notebook in this folder."), str(folder or ""), t("Name it with --data DIR."))
    by_pin = arguments.pin_file is not None and arguments.passphrase_file is None and not pin_signs
    passphrase = None
    if not by_pin or card.session_passphrase:
        passphrase = read_secret(arguments.passphrase_file, "ASESOR_PASSPHRASE")
    if passphrase is None and by_pin and card.session_passphrase:
        raise BadInput(t("A PIN does not open this notebook: on this computer its passphrase does."),
                       hint=t("Name a file that holds the passphrase with --passphrase-file."), kept=t("Nothing was changed."))
    if passphrase is None and card.session_passphrase:
        passphrase = getpass.getpass(t("Passphrase: "))
    if passphrase is not None:
        if arguments.pin_file is not None and not pin_signs:
            print(t("The PIN of --pin-file was not needed: the passphrase opened the notebook."), file=sys.stderr)
        return accounts.open_account(folder, passphrase=passphrase)
    pin = read_secret(arguments.pin_file, "ASESOR_PIN")
    if pin is None:
        pin = getpass.getpass(t("PIN: ")) if card.asks_for_pin else ""
    return _by_pin(folder, pin)


def _by_pin(folder: Path, pin: str) -> Account:
    """Open by PIN, which needs the desktop's keyring: say so where that would ask on a screen that nobody looks at, or is missing."""
    from assessor_app.identity.keychain import KeychainError, KeychainOutcome, system_keychain
    from assessor_app.workflow import accounts

    way = t("Or give the passphrase: in the variable ASESOR_PASSPHRASE, or in a file that --passphrase-file names.")
    if system_keychain().locked:
        if not sys.stdin.isatty():
            raise AppError(t("The computer's keyring is locked."), hint=" ".join((t("Unlock it on the desktop."), way)),
                           kept=t("Nothing was changed."))
        print(t("The computer's keyring is locked: it asks for its password on the desktop."), file=sys.stderr)
    try:
        return accounts.open_account(folder, pin=pin)
    except KeychainError as fault:
        if fault.outcome is not KeychainOutcome.NO_BACKEND:
            raise
        raise AppError(fault.title, hint=way, kept=fault.kept) from None


def read_secret(file: Path | None, variable: str) -> str | None:
    """Return the first line of a file, else a variable of the environment, else None."""
    if file is not None:
        return read_file(file).decode().splitlines()[0]
    return os.environ.get(variable)


def read_file(file: Path) -> bytes:
    """Return a file's bytes. Raises BadInput."""
    return given.read(file)

