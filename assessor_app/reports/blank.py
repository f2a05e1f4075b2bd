"""A blank sheet for a day without power: boxes for the scores, the anchors beside, lines for the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether

from assessor_app.i18n import t
from assessor_app.reports import blocks, text
from assessor_app.reports.content_blank import BlankAnchor, BlankContent, BlankGroup, BlankQuestion
from assessor_app.reports.fonts import REGULAR, SEMIBOLD, printable
from assessor_app.reports.style import GRID, INK, MUTED, facts, gap, grid, heading, para, prose, styles
from assessor_app.reports.tagging import Figure, Node, Words

_BOX: Final = 7.2 * mm
_LINE: Final = 7 * mm  # between two lines to write on
_NOTES: Final = 5  # lines for each kind of finding


class Answer(Figure):
    """Boxes for the scores and for *not assessed*, and lines to write on."""

    def __init__(self, scores: Sequence[str], room: float, *, evidence: bool, least: float) -> None:
        told = (t("Boxes to tick: {0} and not assessed; lines for the reason and the evidence.") if evidence
                else t("Boxes to tick: {0} and not assessed; lines for the reason."))
        super().__init__(told.format(", ".join(scores)))
        self.width = room
        self._scores, self._evidence = [*scores, "–"], evidence
        lines = max(2, int((least - _BOX) / _LINE))
        self._lines = min(lines, 4)
        self.height = _BOX + self._lines * _LINE + 1 * mm

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:
        """Return the size in points."""
        return self.width, self.height

    def paint(self) -> None:
        """Draw on the canvas."""
        canvas: Any = self.canv
        top = self.height - _BOX
        step = min(_BOX + 1.6 * mm, (self.width - _BOX) / max(len(self._scores) - 1, 1))
        box = min(_BOX, step - 0.8 * mm)
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.8)
        for n, score in enumerate(self._scores):
            x = n * step
            canvas.rect(x, top, box, _BOX, stroke=1, fill=0)
            canvas.setFillColor(MUTED)
            canvas.setFont(SEMIBOLD, 7.5)
            canvas.drawString(x + 1 * mm, top + _BOX - 7, score)
        canvas.setStrokeColor(GRID)
        canvas.setLineWidth(0.5)
        for n in range(1, self._lines + 1):
            y = top - n * _LINE
            canvas.line(0, y, self.width, y)
        if self._evidence:
            canvas.setFillColor(MUTED)
            canvas.setFont(REGULAR, 7)
            canvas.drawString(0, top - self._lines * _LINE + 1.2 * mm, t("Evidence:"))


class Ruled(Figure):
    """Empty lines to write on."""

    def __init__(self, room: float, lines: int) -> None:
        super().__init__(t("Lines to write on"))
        self.width, self.height, self._lines = room, lines * 8 * mm, lines

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:
        """Return the size in points."""
        return self.width, self.height

    def paint(self) -> None:
        """Draw on the canvas."""
        self.canv.setStrokeColor(GRID)
        self.canv.setLineWidth(0.5)
        for n in range(self._lines):
            self.canv.line(0, n * 8 * mm, self.width, n * 8 * mm)


def story(content: BlankContent, room: float) -> list[Flowable]:
    """Return the flowables of the sheet."""
    out: list[Flowable] = [*blocks.letterhead(content, room), para(t("SHEET TO BE FILLED IN BY PEN"), "h1")]
    out += [para(content.instrument.title, "subtitle"), gap(3), facts(_facts(content), room, 30 * mm), gap(2)]
    out.append(para(t("Tick one box for each question; the dash stands for not assessed and needs a reason. 0 means that nothing was "
                      "shown, and counts. What is ticked here is typed in later and signed there: this sheet is no document by itself."),
                    "note", tag="Note"))
    anchors = dict(content.lists)
    for group in content.groups:
        out += _group(group, anchors, room)
    for title in (t("Strengths"), t("Weaknesses"), t("Recommendations")):
        out.append(KeepTogether([*heading(title)[1:], Ruled(room, _NOTES)]))
    return out


def _facts(content: BlankContent) -> list[tuple[str, str]]:
    region, used = content.region, content.instrument
    line = "." * 60
    where = t("{0} (code {1}), Province of {2}").format(region.name, region.code, region.province) if region.code else line
    return [
        (t("Region"), where), (t("Visit"), blocks.visit_line(content) if content.visit.starts_on else line),
        (t("Assessor"), content.assessor or line), (t("Date"), line),
        (t("Instrument"), text.joined((used.title, t("version {0}").format(used.version), used.publisher))),
    ]


def _group(group: BlankGroup, anchors: dict[str, tuple[BlankAnchor, ...]], room: float) -> list[Flowable]:
    title = f"{group.code}. {group.label}" if group.code else group.label
    if group.weight is not None:
        title = t("{0} – weight {1}").format(title, text.weight(group.weight))
    out: list[Flowable] = [*heading(title, "h2" if group.level == 1 else "h3", 50)]
    if not group.questions:
        return out
    code, write = 13 * mm, 66 * mm
    ask = room - code - write
    body = []
    for question in group.questions:
        asked = _question(question, anchors.get(question.list, ()))
        tall = sum(one.wrap(ask - 3.6 * mm, 10_000)[1] for one in asked)
        scores = [one.score for one in anchors.get(question.list, ())]
        body.append([para(question.code, "cell_bold"), asked, Answer(scores, write - 3.6 * mm, evidence=question.evidence, least=tall)])
    head = [(t("Code"), "head"), (t("Question and anchors"), "head"), (t("Score, reason"), "head")]
    made = grid(head, body, [code, ask, write], [("NOSPLIT", (0, n), (-1, n)) for n in range(1, len(body) + 1)])
    return [*out, made, gap(2)]


def _question(question: BlankQuestion, anchors: Sequence[BlankAnchor]) -> list[Flowable]:
    out = prose(question.label, "cell_bold") or [para("", "cell_bold")]
    if question.hint.strip():
        out.append(para(question.hint, "small_italic"))
    if anchors:
        chosen = styles()["anchor"]
        words = " ".join(f'<font name="{SEMIBOLD}">{escape(printable(one.score), quote=False)}</font>\N{NO-BREAK SPACE}'
                         f"{escape(printable(one.label), quote=False)}" for one in anchors)
        out.append(Words(words.replace("\n", " "), chosen, node=Node("P")))
    return out
