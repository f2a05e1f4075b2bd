"""Backups: one file with notebook, blobs and the key slots that open anywhere; and the daily copy of the notebook."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tarfile
import tempfile
from pathlib import Path

from assessor_app import clock
from assessor_app.errors import BadInput, NotebookError
from assessor_app.i18n import t
from assessor_app.identity.slots import FILE as SLOTS
from assessor_app.identity.slots import KeySlots
from assessor_app.models.blobs import BLOBS
from assessor_app.models.database import NOTEBOOK
from assessor_app.models.journal import State, Unit
from assessor_app.models.tables import Intent
from assessor_app.refusals import why
from assessor_app.workflow import outside
from assessor_app.workflow.accounts import Account, put_settings
from assessor_app.workflow.cards import CARD

MANIFEST = "asesor-backup.json"
_KEPT = 3


def backup(account: Account, target: Path) -> int:
    """Write a full backup to ``target``, whole or not at all; return its size in bytes.

    It opens on any machine by passphrase or recovery code. Intents are frozen first, so that notebook and backup
    never give one id to two contents.
    """
    from sqlalchemy import update

    outside.insist(target)
    slots = account.slots.portable()

    def freeze(unit: Unit) -> None:
        unit.session.execute(update(Intent).where(Intent.state == State.OPEN).values(state=State.FROZEN))

    account.writer.run(freeze, purpose="backup")
    try:
        with tempfile.TemporaryDirectory(dir=account.folder) as work:
            parts = {SLOTS: Path(work) / SLOTS, NOTEBOOK: Path(work) / NOTEBOOK, BLOBS: Path(work) / BLOBS}
            parts[SLOTS].write_bytes(slots)
            account.notebook.copy_to(parts[NOTEBOOK])
            account.blobs.copy_to(parts[BLOBS], account.notebook.key)
            if (account.folder / CARD).exists():
                parts[CARD] = account.folder / CARD
            size = _pack(parts, target)
    except OSError as e:
        raise NotebookError(t("The backup could not be written."), why(e),
                            t("Check the stick and its free space, then try again."), t("The notebook is unharmed.")) from e
    put_settings(account, backed_up_at=clock.now_ms())
    return size


def _pack(parts: dict[str, Path], target: Path) -> int:
    manifest = {"asesor": "backup", "version": 1, "made_at": clock.now_ms(), "files": {n: _digest(p) for n, p in parts.items()}}
    fresh = target.with_name(target.name + ".part")
    try:
        with tarfile.open(fresh, "w") as tar:
            text = json.dumps(manifest).encode()
            info = tarfile.TarInfo(MANIFEST)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
            for name, path in parts.items():
                tar.add(path, arcname=name)
        with fresh.open("rb+") as f:
            os.fsync(f.fileno())
        size = fresh.stat().st_size
        os.replace(fresh, target)
    except OSError:
        fresh.unlink(missing_ok=True)  # a full stick is not left fuller
        raise
    return size


def restore(source: Path, folder: Path) -> None:
    """Lay a backup's files into a new, empty folder after checking each; open it then by passphrase or recovery code.

    Raises BadInput for what is no backup of ours, or incomplete; nothing is left behind then.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BadInput(t("The folder for the restored notebook is not empty."), message=str(folder), hint=t("Choose a new folder."),
                       kept=t("Nothing was overwritten."))
    folder.mkdir(parents=True, exist_ok=True)
    laid: list[Path] = []
    try:
        with tarfile.open(source, "r:") as tar:
            manifest = json.loads(tar.extractfile(MANIFEST).read())  # type: ignore[union-attr]
            if manifest["asesor"] != "backup":
                raise KeyError
            if manifest["version"] > 1:
                raise BadInput(t("This backup was written by a newer version of the program."), hint=t("Install the newer version."),
                               kept=t("The backup was not changed."))
            for name, digest in manifest["files"].items():
                if name not in (SLOTS, NOTEBOOK, BLOBS, CARD):
                    raise KeyError
                member = tar.extractfile(name)
                target = folder / name
                laid.append(target)
                with target.open("wb") as out:
                    while chunk := member.read(1 << 20):  # type: ignore[union-attr]
                        out.write(chunk)
                    out.flush()
                    os.fsync(out.fileno())
                if _digest(target) != digest:
                    raise ValueError
            if not {SLOTS, NOTEBOOK, BLOBS} <= manifest["files"].keys():
                raise KeyError
        KeySlots.load(folder)
    except (tarfile.TarError, ValueError, KeyError, AttributeError, OSError, EOFError) as e:
        _clear(folder, laid)
        raise BadInput(t("This is no whole backup of Asesor."), message=source.name, hint=t("Try an older backup, or copy the file again."),
                       kept=t("Nothing was changed.")) from e
    except (BadInput, NotebookError):
        _clear(folder, laid)
        raise


def _clear(folder: Path, laid: list[Path]) -> None:
    for path in laid:
        path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # somebody put something else there meanwhile
        folder.rmdir()


def daily_copy(account: Account) -> Path | None:
    """Keep a copy of the notebook of today beside it, the newest three; None where today's is there."""
    folder = account.folder / "backups"
    folder.mkdir(exist_ok=True)
    target = folder / f"daily-{clock.today():%Y%m%d}.db"
    if target.exists():
        return None
    sweep(account)
    fresh = target.with_suffix(".part")
    account.notebook.copy_to(fresh)
    os.replace(fresh, target)
    for old in sorted(folder.glob("daily-*.db"))[:-_KEPT]:
        old.unlink()
    return target


def sweep(account: Account) -> int:
    """Drop the blobs that no attachment names (a photo stored just before a power cut) or that were erased; return how many.

    What was stored since the notebook was opened stays: the row that names it may still be on its way.
    """
    from assessor_app.workflow.erasing import named_media

    with account.reading() as session:
        named = named_media(session)
    return account.blobs.sweep(named)


def check(account: Account) -> list[str]:
    """Return what is wrong with notebook and blobs, in words; nothing when both are whole."""
    from sqlalchemy import select

    from assessor_app.models.attachments import Attachment
    from assessor_app.models.documents import Revision
    from assessor_app.models.tables import StoredFile

    problems = [t("Notebook: {0}").format(problem) for problem in account.notebook.check()]
    problems += [t("Photos: {0}").format(problem) for problem in account.blobs.check()]
    with account.reading() as session:
        for attachment in session.scalars(select(Attachment).where(Attachment.deleted.is_(False))):
            if account.blobs.has(attachment.sha256):
                try:
                    account.blobs.get(attachment.sha256)
                except NotebookError:
                    problems.append(t("Photo {0} is damaged.").format(attachment.name))
        for digest, data in session.execute(select(StoredFile.sha256, StoredFile.data)):
            if hashlib.sha256(data).hexdigest() != digest:
                problems.append(t("A signed document is damaged ({0}).").format(digest[:12]))
        known = {digest for (digest,) in session.execute(select(StoredFile.sha256))}
        for revision in session.scalars(select(Revision)):
            if revision.sha256 not in known and revision.signer == account.profile:
                problems.append(t("A signed document is missing ({0}).").format(revision.sha256[:12]))
    return problems


def _digest(path: Path) -> str:
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
