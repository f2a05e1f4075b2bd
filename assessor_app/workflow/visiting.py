"""Making and keeping a visit: its facts, the officials met, the agreed actions."""

from __future__ import annotations

from sqlalchemy import func, select

from assessor_app import clock
from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.models import regions
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import AttachmentType, Kind, Method, Role, Stage
from assessor_app.models.plans import Action
from assessor_app.models.visits import Person, Visit


def create_visit(unit: Unit, region: str, stage: str = Stage.EVALUATION, *, starts_on: str = "", ends_on: str = "") -> str:
    """Make a visit to a region (its Kemendagri code) and return its id. Raises BadInput for an unknown region."""
    where = regions.region(region)
    if where is None:
        raise BadInput(t("There is no region with the code {0}.").format(region), hint=t("Type part of its name or code and choose it."))
    begins = starts_on or clock.today(where.zone).isoformat()
    visit = unit.add(Visit(region=region, stage=Stage(stage), year=int(begins[:4]), starts_on=begins, ends_on=ends_on or begins,
                           method=Method.ON_SITE, lead=unit.author, team=[unit.author], copies=2))
    return visit.id


def add_official(unit: Unit, visit: str, *, name: str, office: str = "", agency: str = "", nip: str = "", rank: str = "",
                 title_before: str = "", title_after: str = "", phone: str = "", met: bool = True) -> str:
    """Add an official of the visited region, met on this visit unless ``met`` is False; return the person's id."""
    at = unit.get(Visit, visit)
    person = unit.add(Person(role=Role.OFFICIAL, region=at.region, visit="", name=name, office=office, agency=agency, nip=nip,
                             rank=rank, title_before=title_before, title_after=title_after, phone=phone))
    if met:
        at.officials = [*at.officials, person.id]
    return person.id


def add_action(unit: Unit, visit: str, body: str = "", *, agency: str = "", due: str = "") -> str:
    """Add an agreed follow-up action of a visit; return its id."""
    at = unit.get(Visit, visit)
    count = unit.session.scalar(select(func.count()).select_from(Action).where(Action.visit == visit)) or 0
    return unit.add(Action(region=at.region, visit=visit, number=count + 1, body=body, agency=agency, due=due, status="open")).id


def erase_person(unit: Unit, person: str) -> None:
    """Erase everything personal about a person: the entry, notes that are theirs alone, and those notes' media.

    A note that several persons share keeps its text; the erased person's place in it stays empty. Its recordings go: a voice cannot be
    cut out of them. The window offers it for respondents alone: of an official in office nothing is erased at the person's wish; an entry
    that was none, a villager taken for an official, still goes whole, with its notes of all visits to the region.
    """
    from assessor_app.models.attachments import Attachment
    from assessor_app.models.interviews import Interview
    from assessor_app.sync import relay
    from assessor_app.workflow.editing import delete

    unit.erase(Kind.PERSON, person)
    media = set(unit.session.scalars(select(Attachment.id).where(Attachment.person == person)))
    visit = unit.get(Person, person).visit
    notes = select(Interview).where(Interview.visit == visit) if visit else select(Interview)  # an official belongs to no one visit
    for note in unit.session.scalars(notes).all():
        if note.persons == [person]:
            unit.erase(Kind.INTERVIEW, note.id)
            media |= set(unit.session.scalars(select(Attachment.id).where(Attachment.interview == note.id)))
        elif person in note.persons:
            media |= set(unit.session.scalars(select(Attachment.id).where(Attachment.interview == note.id,
                                                                          Attachment.type == AttachmentType.AUDIO)))
    for each in sorted(media):
        delete(unit, Kind.ATTACHMENT, each)  # no list shows it and no check misses its bytes
        unit.erase(Kind.ATTACHMENT, each)
    relay.withdraw(unit)  # nor does what colleagues' sticks brought for the centre tell of the person
