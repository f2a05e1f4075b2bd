"""Berita Acara Kunjungan: who came, whom they met, what was seen, what was agreed, by whom, by when; no scores."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from assessor_app import formats
from assessor_app.i18n import t
from assessor_app.reports import blocks, text
from assessor_app.reports.content import CERTIFICATE, INK, MinutesContent, Party
from assessor_app.reports.style import facts, gap, grid, heading, para, prose


def story(content: MinutesContent, digest: str, room: float, found: list[blocks.FieldBox]) -> list[Flowable]:
    """Return the flowables of the minutes; fields found while drawing are added to ``found``."""
    out = blocks.opening(content, t("MINUTES OF THE VISIT"), content.title, room)
    out += [para(_opening(content), "lead"), facts(_facts(content), room), gap(1)]
    section = _Sections()
    out += [*heading(section(t("Present"))), _present(content, room)]
    if content.respondents:
        out += [gap(1.5), para(t("Also heard: {0}.").format("; ".join(content.respondents)), "body")]
    for title, words in ((t("Purpose"), content.objective), (t("What was seen"), content.seen),
                         (t("Summary of the talks"), content.summary)):
        if words.strip():
            out += [*heading(section(title)), *prose(words)]
    if content.followed:
        out += [*heading(section(t("Follow-up of earlier visits")), with_mm=42), blocks.followed(content.followed, room)]
    if content.actions:
        out += [*heading(section(t("Agreed follow-up")), with_mm=42), blocks.actions(content.actions, room)]
    return out + blocks.signed(content, digest, _closing(content), [_signers(content)], room, found)


class _Sections:
    """Counts the sections: ``1. Present``."""

    def __init__(self) -> None:
        self._n = 0

    def __call__(self, title: str) -> str:
        self._n += 1
        return f"{self._n}. {title}"


def _opening(content: MinutesContent) -> str:
    day = formats.parse_date(content.date)
    when = f"{formats.weekday(day)}, {formats.date(day)}" if day else "–"
    clock = formats.time(f"{content.date}T{content.time}", content.visit.zone) if content.time and day else ""
    place = text.joined((content.visit.place, content.region.name))
    if clock:
        opening = t("On {0} at {1}, at {2}, the visit to {3} (code {4}), Province of {5}, was closed with these minutes.")
        return opening.format(when, clock, place, content.region.name, content.region.code, content.region.province)
    opening = t("On {0}, at {1}, the visit to {2} (code {3}), Province of {4}, was closed with these minutes.")
    return opening.format(when, place, content.region.name, content.region.code, content.region.province)


def _facts(content: MinutesContent) -> list[tuple[str, str]]:
    visit = content.visit
    return [
        (t("Stage"), text.stage(visit.stage)),
        (t("Days of the visit"), formats.date_range(visit.starts_on, visit.ends_on or visit.starts_on)),
        (t("Held"), text.method(visit.method)),
    ]


def _present(content: MinutesContent, room: float) -> Flowable:
    people = [(t("Assessor"), p) for p in content.assessors] + [(t("Official"), p) for p in content.officials]
    if content.witness:
        people.append((t("Witness"), content.witness))
    body = [[para(str(n), "cell_center"), _person(p), para(text.joined((p.office, p.institution)), "cell"),
             para(role, "cell")] for n, (role, p) in enumerate(people, 1)]
    head = [(t("No."), "head_center"), (t("Name, rank, NIP"), "head"), (t("Office, institution"), "head"), (t("As"), "head")]
    return grid(head, body, [10 * mm, room * 0.42, room - 10 * mm - room * 0.42 - 24 * mm, 24 * mm])


def _person(party: Party) -> list[Flowable]:
    more = [line for line in (party.rank, party.number) if line.strip()]
    return [para(party.full_name, "cell_bold"), *(para(line, "note") for line in more)]


def _closing(content: MinutesContent) -> str:
    closing = t("These minutes were made truthfully in {0} copies, each of equal force, to be used as needed.")
    return closing.format(text.counted(content.copies))


def _signers(content: MinutesContent) -> tuple[blocks.Signatory | None, blocks.Signatory]:
    right = blocks.Signatory(content.assessor, t("Assessor,"), "assessor", above=blocks.place_and_date(content))
    if not content.official:
        return None, right
    ink = content.official_ink if content.official_signs == INK else None
    if ink:
        note = (t("Wet signature, from a photo of the paper, witnessed by the assessor.") if ink.how == "photo"
                else t("Signature drawn on the screen, witnessed by the assessor."))
    elif content.official_signs == CERTIFICATE:
        note = t("Signs electronically, with a certificate of their own.")
    else:
        note = t("Signs by pen on the print, witnessed by the assessor.")
    return blocks.Signatory(content.official, t("On behalf of the region,"), "official", ink=ink, note=note), right
