"""One page for the head of the region: the index large, radars, what is strong, what is weak, what was agreed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether

from assessor_app import formats
from assessor_app.i18n import t
from assessor_app.reports import blocks, text
from assessor_app.reports.charts import Bars, Radar
from assessor_app.reports.charts_panel import GapBars
from assessor_app.reports.content import ActionLine, AxisValue, FindingLine
from assessor_app.reports.content_panel import SummaryContent
from assessor_app.reports.style import GRID, PALE, PRIMARY, bare, gap, grid, listed, para

_DRAWN: Final = 54 * mm
#: Lengths that are tried until everything fits on one page: of a finding, of an action, and how many actions are shown.
SHORTER = ((420, 240, 8), (260, 160, 6), (170, 110, 5), (110, 80, 4), (70, 50, 3))


def story(content: SummaryContent, digest: str, room: float, shorter: int = 0) -> list[Flowable]:
    """Return the flowables of the page; ``shorter`` says how much its texts are cut: the report has them whole."""
    finding, agreed, most = SHORTER[min(shorter, len(SHORTER) - 1)]
    half = (room - 8 * mm) / 2
    last = str(content.previous_year) if content.previous_year else t("The year before")
    out = blocks.letterhead(replace(content, letterhead=replace(content.letterhead, address=())), room)
    out += [para(content.region.name, "title"), para(text.joined((
        t("Province of {0}").format(content.region.province) if content.region.province else "",
        t("code {0}").format(content.region.code) if content.region.code else "", content.instrument.title), " · "), "under_title"), gap(3)]
    out += [_index(content, room), gap(4)]
    drawn = content.dimensions or content.aspects
    title = t("Means by dimension") if content.dimensions else t("Means by aspect")
    left: list[Flowable] = [para(title, "h2_tight"), _radar(drawn, content, half, title, last)]
    right: list[Flowable] = [para(t("What was reached, and the gap to the top"), "h2_tight"), gap(2),
                             GapBars(content.aspects, content.top, half, title=t("Means by aspect"), last=last, height=_DRAWN)]
    out += [bare([[left, "", right]], [half, 8 * mm, half]), gap(3)]
    out += [bare([[_findings(t("Strengths"), content.strengths, finding), "", _findings(t("Weaknesses"), content.weaknesses, finding)]],
                 [half, 8 * mm, half]), gap(3)]
    if content.actions:
        out += [para(t("Agreed follow-up"), "h2_tight"), _actions(content.actions, room, agreed, most)]
    return [*out, KeepTogether(_foot(content, digest, room))]


def _index(content: SummaryContent, room: float) -> Flowable:
    cells = blocks.index_figures(content.index, content.previous_index, content.previous_year, content.top, content.provisional,
                                 content.instrument.band)
    big = [para(cells[0][0], "huge"), para(cells[0][1], "figure_note")]
    said = t("Judged by a panel: {0}").format("; ".join(content.assessors)) if content.assessors else ""
    about = [para(blocks.visit_line(content), "cell"), gap(1), para(said, "note")]
    row, widths = [big, about], [room * 0.36, room * 0.64]
    if len(cells) > 1:
        row, widths = [big, [para(cells[1][0], "figure"), para(cells[1][1], "figure_note")], about], [room * 0.3, room * 0.28, room * 0.42]
    return bare([row], widths, [
        ("BACKGROUND", (0, 0), (-1, -1), PALE), ("LEFTPADDING", (0, 0), (-1, -1), 5 * mm), ("RIGHTPADDING", (0, 0), (-1, -1), 3 * mm),
        ("TOPPADDING", (0, 0), (-1, -1), 3 * mm), ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5 * mm), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LINEBEFORE", (0, 0), (0, -1), 2.5, PRIMARY), ("LINEBEFORE", (1, 0), (-1, -1), 0.5, GRID)])


def _radar(axes: Sequence[AxisValue], content: SummaryContent, room: float, title: str, last: str) -> Flowable:
    if len(axes) < 3:
        return Bars(axes, content.top, room, title)
    year = blocks.year_of(content, content.instrument)
    return Radar(axes, content.top, room, _DRAWN, this=str(year) if year else t("This year"), last=last, title=title)


def _findings(title: str, found: Sequence[FindingLine], most: int) -> list[Flowable]:
    lines = [text.shortened(f"{one.dimension}: {one.body}" if one.dimension else one.body, most) for one in found]
    return [para(title, "h2_tight"), *(listed(lines, "summary_item") if lines else [para(t("None noted."), "cell")])]


def _actions(lines: Sequence[ActionLine], room: float, length: int, most: int) -> Flowable:
    body = [[para(text.shortened(one.body, length), "cell"), para(text.shortened(one.who, min(60, length)), "cell"),
             para(formats.date(one.due) or one.due or "–", "cell")] for one in lines[:most]]
    if len(lines) > most:
        body.append([para(t("and {0} more, in the report").format(len(lines) - most), "note"), para("", "cell"), para("", "cell")])
    head = [(t("What"), "head"), (t("By whom"), "head"), (t("By when"), "head")]
    return grid(head, body, [room - 76 * mm, 46 * mm, 30 * mm])


def _foot(content: SummaryContent, digest: str, room: float) -> list[Flowable]:
    number = t("The whole report has the number {0}.").format(content.report)
    whole = number if content.report else t("The report of the panel has it whole.")
    words = para(t("This page shortens the report of the panel and is no document by itself. {0}").format(whole), "note")
    return blocks.verification(content, digest, room, words)
