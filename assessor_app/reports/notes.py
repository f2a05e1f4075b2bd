"""The notes of a visit as pages to read: each with its time, place and people, headings and lists as they were typed."""

from __future__ import annotations

from reportlab.platypus import Flowable

from assessor_app import formats
from assessor_app.i18n import nt, t
from assessor_app.reports import blocks, text
from assessor_app.reports.content_notes import NoteLine, NotesContent
from assessor_app.reports.style import facts, gap, heading, listed, para, prose


def story(content: NotesContent, room: float) -> list[Flowable]:
    """Return the flowables of the notes."""
    out = [*blocks.letterhead(content, room), para(t("NOTES OF THE VISIT"), "h1"),
           para(text.joined((content.region.name, content.region.code), " · "), "number"),
           para(blocks.visit_line(content), "subtitle"), gap(3)]
    if content.left_out:
        out.append(para(nt("{n} note stays on the device for want of consent and does not stand here.",
                           "{n} notes stay on the device for want of consent and do not stand here.", content.left_out), "lead"))
    for number, note in enumerate(content.notes, 1):
        out += _note(content, number, note, room)
    return out


def _note(content: NotesContent, number: int, note: NoteLine, room: float) -> list[Flowable]:
    out: list[Flowable] = [gap(2), *heading(f"{number}. {note.title or t('(no title)')}", with_mm=40)]
    told = [(t("When, where"), text.joined((formats.date_time(note.held_at, content.visit.zone), note.place))),
            (t("People"), "; ".join(note.persons)), (t("Noted by"), note.author), (t("Programmes"), "; ".join(note.programmes))]
    out += [facts([(name, said) for name, said in told if said], room), gap(1)]
    for block in parts_of(note.body):
        out += heading(block[1], "h3", with_mm=16) if block[0] == "h" else listed(block[1].split("\n"), mark="–") if block[0] == "-" \
            else prose(block[1])
    return out + (blocks.photos(note.photos, room, content.visit.zone) if note.photos else [])


def parts_of(body: str) -> list[tuple[str, str]]:
    """Return the parts of a plain text: ``h`` for ``# …`` lines, ``-`` for lists, ``p`` for what is between them."""
    out: list[tuple[str, str]] = []
    for line in body.split("\n"):
        bare = line.strip()
        kind = "h" if bare.startswith("#") and bare.lstrip("#").startswith(" ") else "-" if bare[:2] in {"- ", "* ", "• "} else "p"
        words = bare.lstrip("#").strip() if kind == "h" else bare[2:] if kind == "-" else line
        if out and kind != "h" and out[-1][0] == kind:
            out[-1] = (kind, f"{out[-1][1]}\n{words}")
        else:
            out.append((kind, words))
    return [(kind, words) for kind, words in out if words.strip()]

