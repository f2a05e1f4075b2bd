"""The sample visit to Kab. Boven Digoel: invented, marked as sample, loaded by the same functions that a person's work uses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from assessor_app import clock, paths
from assessor_app.models import innovation_table
from assessor_app.models.attachments import Attachment
from assessor_app.models.catalogue import Letterhead
from assessor_app.models.evaluations import Sheet
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import CATALOGUE, AttachmentType, Kind, Role
from assessor_app.models.plans import Action, Programme
from assessor_app.models.records import CREATED
from assessor_app.models.visits import Person, Visit
from assessor_app.sync import apply
from assessor_app.sync.states import State
from assessor_app.workflow import books, evaluating, interviewing, plan_import, planning, progressing, visiting
from assessor_app.workflow.accounts import Account, Profile, store_settings

PASSPHRASE = "contoh boven digoel"
PIN = "2468"


@dataclass(frozen=True, slots=True)
class Sample:
    """What was loaded: the visit, and the ids behind the sample's own keys."""

    visit: str
    persons: dict[str, str]
    interviews: dict[int, str]
    programmes: dict[int, str]
    sheet: str


def folder() -> Path:
    """Return where the sample's files lie."""
    return paths.resources() / "sample"


def profile() -> Profile:
    """Return the sample's assessor."""
    person = raw("penilaian.json")["assessor"]
    return Profile(**{name: person[name] for name in ("name", "title_before", "title_after", "institution", "nip", "nidn", "rank")})


def load(account: Account) -> Sample:
    """Load the whole sample into an account: visit, plan, people, interviews with photos, scores."""
    visit = load_visit(account)
    programmes = load_plan(account)
    load_examples(account)
    load_book(account, visit)
    persons = load_people(account, visit)
    interviews = load_interviews(account, visit, persons, programmes)
    load_progress(account, programmes, interviews)
    return Sample(visit, persons, interviews, programmes, load_scores(account, visit, interviews))


def load_visit(account: Account) -> str:
    """Make the visit and return its id; documents of this notebook are marked as samples from now on."""
    said = raw("kunjungan.json")

    def work(unit: Unit) -> str:
        store_settings(unit, sample=True)
        unit.add(Letterhead(
            account=account.profile, lines="Universitas Contoh Nusantara\nPusat Kajian Kota Cerdas", valid_from="2024-01-01",
            address="Jalan Contoh 1, Kota Contoh 00000\nTelepon (000) 000000 · pusat@contoh.example", place="Tanah Merah"))
        visit = visiting.create_visit(unit, said["region"], said["stage"], starts_on=said["starts_on"], ends_on=said["ends_on"])
        row = unit.get(Visit, visit)
        for name in ("place", "method", "objective", "seen", "summary", "copies"):
            setattr(row, name, said[name])
        return visit

    return account.writer.run(work, purpose="visit.create")


def load_plan(account: Account) -> dict[int, str]:
    """Import the plan's workbook; return the programmes' ids by number."""
    said = raw("kunjungan.json")
    proposal = plan_import.propose((folder() / said["plan"]).read_bytes(), said["plan"])

    def work(unit: Unit) -> None:
        plan = planning.ensure_plan(unit, said["region"], first_year=2023, last_year=2027)
        plan_import.apply_import(unit, said["region"], plan, proposal.rows)
        parts = raw("rencana.json")
        planning.edit_plan(unit, said["region"], **parts["plan"])
        for programme in unit.session.scalars(select(Programme).where(Programme.plan == plan)):
            for name, value in parts["quick_wins"].get(str(programme.number), {}).items():
                setattr(programme, name, value)

    account.writer.run(work, purpose="plan.import")
    with account.reading() as session:
        return {p.number or 0: p.id for p in session.scalars(select(Programme).where(Programme.region == said["region"]))}


def load_examples(account: Account) -> None:
    """Take in invented examples of other regions, as if the centre had published them."""
    name = "contoh-inovasi.csv"
    rows = innovation_table.read_innovations((folder() / name).read_bytes(), name)["rows"]
    states = [State(CATALOGUE, Kind.INNOVATION.value, innovation_table.record_of(row), innovation_table.values_of(row),
                    {CREATED: f"contoh.{number}.0"}, "", clock.now_ms()) for number, row in enumerate(rows, 1)]
    account.writer.run(lambda unit: apply.news(unit, states), purpose="sync.apply", origin="sync")


def load_book(account: Account, visit: str) -> str:
    """Add the plan's book, with a mark on one of its passages; return the book's id."""
    said = raw("kunjungan.json")
    new = books.read_book(account.blobs, (folder() / said["book"]).read_bytes(), said["book"])

    with books.open_book(account, new.sha256) as held:
        boxes = held.ask("find", said["mark"]["page"] - 1, said["mark"]["quote"])

    def work(unit: Unit) -> str:
        book = books.add_book(unit, said["region"], new)
        books.add_mark(unit, visit, book, said["mark"]["page"], said["mark"]["quote"], boxes, said["mark"]["note"])
        return book

    made: str = account.writer.run(work, purpose="book.create")
    books.index_books(account)
    return made


def load_people(account: Account, visit: str) -> dict[str, str]:
    """Add officials and respondents, and the agreed actions; return the persons' ids by the sample's keys."""
    said = raw("kunjungan.json")

    def work(unit: Unit) -> dict[str, str]:
        at = unit.get(Visit, visit)
        ids = {}
        for person in raw("orang.json"):
            values = {name: value for name, value in person.items() if name != "key"}
            if person["role"] == Role.RESPONDENT and values["consent_until"]:
                values["consent_until"] = clock.today().replace(year=clock.today().year + 2, day=1).isoformat()
            home = "" if person["role"] == Role.OFFICIAL else visit
            ids[person["key"]] = unit.add(Person(region=at.region, visit=home, **values)).id
        at.officials = [ids[key] for key in said["officials"]]
        at.witness = ids[said["witness"]]
        for action in said["actions"]:
            unit.add(Action(region=at.region, visit=visit, number=action["number"], body=action["body"], agency=action["agency"],
                            person=ids[action["person"]], due=action["due"], status="open"))
        return ids

    return account.writer.run(work, purpose="people.add")


def load_interviews(account: Account, visit: str, persons: dict[str, str], programmes: dict[int, str],
                    numbers: set[int] | None = None) -> dict[int, str]:
    """Write the interview notes (all, or those of ``numbers``) with their photos; return their ids by number."""
    ids = {}
    for note in raw("wawancara.json"):
        if numbers is not None and note["number"] not in numbers:
            continue
        photos = [(name, interviewing.read_photo((folder() / name).read_bytes())) for name in note["photos"]]
        for _, photo in photos:
            interviewing.store_photo(account.blobs, photo)

        def work(unit: Unit, note: dict[str, Any] = note, photos: list[tuple[str, interviewing.Photo]] = photos) -> str:
            row = unit.get(Interview, interviewing.create_interview(unit, visit, title=note["title"]))
            row.held_at, row.place, row.body, row.basis = note["held_at"], note["place"], note["body"], note["basis"]
            row.persons = [persons[key] for key in note["persons"]]
            row.programmes = [programmes[number] for number in note["programmes"] if number in programmes]
            row.questions, row.tags = note["questions"], note["tags"]
            for name, photo in photos:
                interviewing.attach_photo(unit, visit, photo, interview=row.id, name=name, caption=_caption(name))
            return row.id

        ids[note["number"]] = account.writer.run(work, purpose="interview.create")
    return ids


def load_progress(account: Account, programmes: dict[int, str], interviews: dict[int, str]) -> None:
    """Say how far some programmes are, this year in the notes and last year without."""
    def work(unit: Unit) -> None:
        for said in raw("kunjungan.json")["progress"]:
            note = interviews.get(said.get("note", 0), "")
            progressing.say_status(unit, programmes[said["programme"]], said["year"], said["status"], note)

    account.writer.run(work, purpose="programme.status")


def load_scores(account: Account, visit: str, interviews: dict[int, str]) -> str:
    """Score the whole instrument, with reasons, evidence and findings; return the sheet's id."""
    said = raw("penilaian.json")
    instrument = next(evaluating.shipped(file) for file in evaluating.shipped_files() if file.stem == said["instrument"])

    def work(unit: Unit) -> str:
        sheet = evaluating.open_sheet(unit, visit, instrument)
        row = unit.get(Sheet, sheet)
        row.introduction, row.method, row.previous_index = said["introduction"], said["method"], said["previous_index"]
        photos = list(unit.session.scalars(select(Attachment).where(Attachment.visit == visit, Attachment.type == AttachmentType.PHOTO)))
        for given in said["answers"]:
            evidence = [f"interview:{interviews[number]}" for number in given["evidence"] if number in interviews]
            evidence += [f"attachment:{p.id}" for p in photos if p.interview in {e.partition(":")[2] for e in evidence}][:1]
            evaluating.answer(unit, sheet, given["question"], score=given["score"], reason=given["reason"], evidence=evidence)
        for finding in said["findings"]:
            evaluating.add_finding(unit, sheet, finding["type"], finding["body"], dimension=finding["dimension"])
        return sheet

    return account.writer.run(work, purpose="sheet.fill")


def _caption(name: str) -> str:
    words = name.rpartition(".")[0].partition("-")[2].replace("-", " ")
    return words[:1].upper() + words[1:] + " (contoh)"


def raw(name: str) -> Any:
    """Return what one of the sample's files says."""
    return json.loads((folder() / name).read_text(encoding="utf-8"))
