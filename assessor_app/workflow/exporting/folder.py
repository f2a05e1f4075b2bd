"""All of a visit as one open folder that needs no program of ours: tables, the same as JSON, texts, photos, signed documents."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app import formats, i18n
from assessor_app.errors import AppError
from assessor_app.i18n import nt, t
from assessor_app.models import consent
from assessor_app.models.attachments import Attachment
from assessor_app.models.base import Record
from assessor_app.models.books import Book, Mark
from assessor_app.models.documents import Document
from assessor_app.models.evaluations import Answer, Finding, Sheet
from assessor_app.models.kinds import AttachmentType, fields_of
from assessor_app.models.plans import Action, Plan, Programme, ProgrammeYear
from assessor_app.models.visits import Person, Visit
from assessor_app.refusals import why
from assessor_app.reports.layout import name_of
from assessor_app.workflow import contents, evaluating, outside
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.documents import document_bytes
from assessor_app.workflow.exporting import notes, plan
from assessor_app.workflow.exporting.names import contents_of, named
from assessor_app.workflow.revisions import write_whole

#: A header, and rows of as many cells.
Table = tuple[list[str], list[list[Any]]]
#: What a spreadsheet would run as a formula.
_RUNS = ("=", "+", "-", "@", "\t", "\r")


def write(account: Account, visit: str, target: Path, check: Callable[[], None] = lambda: None, language: str = "id") -> int:
    """Write a visit into a new folder; return how many files. Raises AppError where the folder is there, or the disk is full.

    What may not leave the device (notes and photos without consent, others' sheets) is not in it. Nothing half is left.
    """
    outside.insist(target)
    if target.exists():
        raise AppError(t("This folder is there already."), str(target), t("Choose a new name."), t("Nothing was written."))
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True, mode=0o700)
        with account.reading() as session, i18n.speaking(language):
            count = _fill(account, session, visit, part, check)
        part.rename(target)
    except OSError as e:
        raise AppError(t("The folder could not be written."), f"{target}: {why(e)}",
                       t("Check the disk: is it full, or write-protected?"),
                       t("Nothing is lost; everything stays in the notebook.")) from e
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return count


def _fill(account: Account, session: Session, visit: str, folder: Path, check: Callable[[], None]) -> int:
    at = contents.visit_of(session, visit)
    tables, silent = _tables(session, account, at)
    files: dict[str, bytes] = {}
    for name, (header, rows) in tables.items():
        files[f"{name}.csv"] = _csv(header, rows)
    whole = {name: [dict(zip(header, row, strict=True)) for row in rows] for name, (header, rows) in tables.items()}
    files["data.json"] = json.dumps(whole, ensure_ascii=False, indent=1, default=str).encode()
    files[f"{named('workbook')}.xlsx"] = plan.as_excel(session, at.region, at.year)
    made = notes.content(session, account, visit)
    for number, note in enumerate(made.notes, 1):
        head = " · ".join(filter(None, (
            formats.date_time(note.held_at, made.visit.zone), note.place, "; ".join(note.persons), note.author)))
        files[f"{named('notes')}/{number:02d}-{_safe(note.title)}.txt"] = f"{note.title}\n{head}\n\n{note.body}\n".encode()
        for shot, photo in enumerate(note.photos, 1):
            files[f"{named('photos')}/{number:02d}-{shot:02d}.jpg"] = photo.data
    for sound in session.scalars(select(Attachment).where(
            Attachment.visit == visit, Attachment.type == AttachmentType.AUDIO, Attachment.deleted.is_(False)).order_by(Attachment.number)):
        hold = consent.media_hold(sound.type, sound.interview, sound.person)
        if account.blobs.has(sound.sha256) and consent.may_leave(session, hold):
            name, _, ending = sound.name.rpartition(".")
            files[f"{named('recordings')}/{sound.number or 0:02d}-{_safe(name)}.{_safe(ending)}"] = account.blobs.get(sound.sha256)
    for document in session.scalars(select(Document).where(Document.visit == visit, Document.deleted.is_(False))):
        try:
            title = _safe(f"{name_of(document.type)}-{document.number or document.id[:8]}")
            files[f"{named('documents')}/{title}.pdf"] = document_bytes(session, document.id)
        except AppError:
            continue  # it has not arrived yet
    for book in session.scalars(select(Book).where(Book.region == at.region, Book.deleted.is_(False))):
        if account.blobs.has(book.sha256):
            files[f"{named('books')}/{_safe(book.name.removesuffix('.pdf'))}.pdf"] = account.blobs.get(book.sha256)
    files[f"{named('readme')}.txt"] = _about(at, made.left_out, silent, sorted(files)).encode()
    for name, data in files.items():
        check()
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, data)
    return len(files)


def _tables(session: Session, account: Account, at: Visit) -> tuple[dict[str, Table], int]:
    """Return what stands in the tables, by their names, and how many respondents do not: nobody's consent covers them."""
    region, visit = at.region, at.id
    sheet = evaluating.sheet_id(visit, account.profile)

    def rows(entity: type[Record], *where: Any) -> Table:
        names = [f.name for f in fields_of(entity.kind) if f.name not in {"deleted", "sha256"}]
        found = session.scalars(select(entity).where(entity.deleted.is_(False), *where).order_by(entity.id))
        return ["id", *names], [[row.id, *(getattr(row, name) for name in names)] for row in found]

    made = notes.content(session, account, visit, photos=False)
    heard = session.scalars(select(Person).where(Person.visit == visit, Person.role == "respondent", Person.deleted.is_(False))).all()
    agreed = [p for p in heard if consent.consents(p)]
    tables = {
        "visit": rows(Visit, Visit.id == visit), "plan": rows(Plan, Plan.region == region),
        "programmes": rows(Programme, Programme.region == region), "programme_years": rows(ProgrammeYear, ProgrammeYear.region == region),
        "actions": rows(Action, Action.region == region),
        "officials": rows(Person, Person.region == region, Person.role == "official"),
        "respondents": (["id", "label", "occupation", "consent"], [[p.id, p.label, p.occupation, p.consent] for p in agreed]),
        "interviews": (["title", "held_at", "place", "author", "persons", "programmes", "tags", "body"], [
            [n.title, n.held_at, n.place, n.author, "; ".join(n.persons), "; ".join(n.programmes), "; ".join(n.tags), n.body]
            for n in made.notes]),
        "marks": rows(Mark, Mark.visit == visit), "sheet": rows(Sheet, Sheet.id == sheet),
        "scores": rows(Answer, Answer.sheet == sheet), "findings": rows(Finding, Finding.sheet == sheet),
        "files": rows(Attachment, Attachment.visit == visit, Attachment.interview == "", Attachment.person == "",
                      Attachment.type == AttachmentType.FILE),
    }
    return {named(code): table for code, table in tables.items()}, len(heard) - len(agreed)


def _csv(header: list[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """Return a table as CSV (UTF-8 with a mark, semicolons, as spreadsheets here expect); what would run as a formula is text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(str(one) for one in value)
    if isinstance(value, str) and value.startswith(_RUNS):
        return f"'{value}"
    return str(value)


def _safe(name: str) -> str:
    """Return a file's name that every system takes."""
    return re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-.")[:60] or named("untitled")


def _about(at: Visit, left_out: int, silent: int, names: list[str]) -> str:
    lines = [t("A visit, as it was in the notebook. Nothing here is encrypted: whoever has this folder can read it."), "",
             t("Tables are CSV (UTF-8, semicolons); data.json holds the same. Texts of notes, photos, recordings, signed documents and "
               "books lie in folders."),
             t("Names of files and folders are in the language of the export; columns bear the names of the fields."),
             t("Respondents stand by their label; their names are only in the notebook."),
             t("A cell that a spreadsheet would run as a formula begins with an apostrophe."), ""]
    if left_out:
        lines += [notes.left_out(left_out), ""]
    if silent:
        lines += [nt("{n} respondent without a valid consent does not stand here.",
                     "{n} respondents without a valid consent do not stand here.", silent), ""]
    lines += [t("What lies where:"), *(f"  {name} – {said}" for name, said in contents_of(names)), ""]
    return "\r\n".join([f"{at.region} · {formats.date_range(at.starts_on, at.ends_on)}", *lines, t("All files:"), *names, ""])
