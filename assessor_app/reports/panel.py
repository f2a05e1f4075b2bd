"""Laporan Panel: the scores of all, their mean and spread, the panel's words, charts, and what each assessor found, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether

from assessor_app import formats
from assessor_app.i18n import nt, t
from assessor_app.reports import blocks, text
from assessor_app.reports.charts import chart
from assessor_app.reports.charts_panel import GapBars, Spread
from assessor_app.reports.content import AxisValue, FindingLine
from assessor_app.reports.content_panel import AssessorFindings, PanelAspect, PanelContent, PanelRow
from assessor_app.reports.style import PALE, PRIMARY, bare, facts, figures, gap, grid, heading, listed, para, prose

_SCORE = 9.5 * mm


def story(content: PanelContent, digest: str, room: float, found: list[blocks.FieldBox]) -> list[Flowable]:
    """Return the flowables of the report; fields found while drawing are added to ``found``."""
    out = blocks.opening(content, t("PANEL REPORT"), content.title or content.instrument.title, room)
    out += [facts(_facts(content), room), gap(3), _figures(content, room)]
    for title, words in ((t("Introduction"), content.introduction), (t("Aims"), content.aims)):
        if words.strip():
            out += [*heading(title), *prose(words)]
    out += [*heading(t("Method")), *prose(content.method), para(_rules(content), "note", tag="Note"), gap(2), *_panel(content, room)]
    out += [*heading(t("Result"), with_mm=60), _result(content, room), gap(3), *_charts(content, room)]
    if content.dimensions:
        out.append(KeepTogether([gap(3), *heading(t("Six dimensions"))[1:], _dimensions(content, room)]))
    out += heading(t("Scores by aspect"), with_mm=52)
    for n, aspect in enumerate(content.aspects, 1):
        out += _aspect(content, aspect, n, room)
    kinds = ((t("Weaknesses"), [one.weaknesses for one in content.findings]), (t("Strengths"), [one.strengths for one in content.findings]),
             (t("Recommendations"), [one.recommendations for one in content.findings]))
    for title, lists in kinds:
        out += [*heading(title, with_mm=38), *_by_assessor(content.findings, lists)]
    if content.followed:
        out += [*heading(t("Follow-up of earlier visits"), with_mm=42), blocks.followed(content.followed, room)]
    if content.actions:
        out += [*heading(t("Agreed follow-up"), with_mm=42), blocks.actions(content.actions, room)]
    if content.conclusion.strip():
        out += [*heading(t("Conclusion")), *prose(content.conclusion)]
    out += [*heading(t("Sheets counted"), with_mm=42), para(t(
        "The figures of this report were computed from the data inside these signed sheets and from nothing else. Whoever holds a sheet "
        "can compare the SHA-256 of its data."), "note"), gap(1.5), _sheets(content, room)]
    closing = t("This report was made by the panel from what its members found each alone.")
    return out + blocks.signed(content, digest, closing, _signers(content), room, found)


def letter(n: int) -> str:
    """Return how an assessor is named in tables: ``A``, ``B`` and so on."""
    return chr(ord("A") + n) if n < 26 else str(n + 1)


def _facts(content: PanelContent) -> list[tuple[str, str]]:
    region, used = content.region, content.instrument
    origin = "" if used.official else t("not an official instrument")
    return [
        (t("Region"), t("{0} (code {1}), Province of {2}").format(region.name, region.code, region.province)),
        (t("Visit"), blocks.visit_line(content)),
        (t("Panel"), text.joined((nt("{n} assessor", "{n} assessors", len(content.sheets)),
                                  t("lead: {0}").format(content.assessor.full_name)))),
        (t("Instrument"), text.joined((used.title, t("version {0}").format(used.version), used.publisher, origin))),
    ]


def _figures(content: PanelContent, room: float) -> Flowable:
    apart = sum(row.apart for aspect in content.aspects for row in aspect.rows)
    asked = sum(len(aspect.rows) for aspect in content.aspects)
    cells = blocks.index_figures(content.index, content.previous_index, content.previous_year, content.top, content.provisional,
                                 content.instrument.band)
    cells.append((t("{0} of {1}").format(apart, asked), t("questions on which assessors stood 2 points or more apart")))
    return figures(cells, room)


def _rules(content: PanelContent) -> str:
    said = [t("Each assessor scored alone, up to {0}; 0 means that nothing was shown and counts in the mean. A dash stands for not "
              "assessed and counts nowhere. A question's score is the mean of the assessors who gave one, an aspect's the mean of "
              "its questions, by their weights where the instrument sets any; "
              "the index is the sum of weight × mean, divided by the sum of the weights. The spread is the highest score "
              "less the lowest. Rounded only for print.").format(formats.number(content.top))]
    if content.provisional:
        said.append(t("Not every question is scored yet: the index is provisional."))
    return " ".join(said)


def _panel(content: PanelContent, room: float) -> list[Flowable]:
    head = [("", "head_center"), (t("Assessor"), "head"), (t("Institution"), "head"), (t("Own index"), "head_right")]
    body = [[para(letter(n), "score"), para(line.assessor.full_name, "cell_bold"), para(line.assessor.institution, "cell"),
             para(text.mean(line.index), "cell_right")] for n, line in enumerate(content.sheets)]
    return [grid(head, body, [12 * mm, (room - 34 * mm) * 0.5, (room - 34 * mm) * 0.5, 22 * mm])]


def _result(content: PanelContent, room: float) -> Flowable:
    last = any(aspect.previous is not None for aspect in content.aspects) or content.previous_index is not None
    total = sum(aspect.weight for aspect in content.aspects) or 100.0
    head = [(t("Aspect"), "head"), (t("Weight"), "head_right"), (t("Lowest"), "head_right"), (t("Highest"), "head_right"),
            (t("Mean"), "head_right"), (t("Contribution"), "head_right")]
    if last:
        head += [(t("Year before"), "head_right"), (t("Change (±)"), "head_right")]
    body = []
    for aspect in content.aspects:
        given = [mean for mean in aspect.means if mean is not None]
        part = None if aspect.mean is None else aspect.weight * aspect.mean / total
        cells = [aspect.name, text.weight(aspect.weight), text.mean(min(given, default=None)), text.mean(max(given, default=None)),
                 text.mean(aspect.mean), text.mean(part)]
        if last:
            cells += [text.mean(aspect.previous), text.change(aspect.mean, aspect.previous)]
        body.append([para(words, "cell" if n == 0 else "cell_right") for n, words in enumerate(cells)])
    own = [line.index for line in content.sheets if line.index is not None]
    sums = [t("Index, provisional") if content.provisional else t("Index"), text.weight(total), text.mean(min(own, default=None)),
            text.mean(max(own, default=None)), "", text.mean(content.index)]
    if last:
        sums += [text.mean(content.previous_index), text.change(content.index, content.previous_index)]
    body.append([para(words, "cell_bold" if n == 0 else "cell_bold_right") for n, words in enumerate(sums)])
    narrow = 19 * mm if last else 23 * mm
    widths = [room - narrow * (len(head) - 1), *[narrow] * (len(head) - 1)]
    return grid(head, body, widths, [
        ("LEFTPADDING", (1, 0), (-1, -1), 0), ("BACKGROUND", (0, -1), (-1, -1), PALE), ("LINEABOVE", (0, -1), (-1, -1), 0.8, PRIMARY),
    ], row_heads=True)


def _charts(content: PanelContent, room: float) -> list[Flowable]:
    year, before = blocks.year_of(content, content.instrument), content.previous_year
    last = str(before) if before else t("The year before")
    aspects = [AxisValue(one.name, one.mean, one.previous) for one in content.aspects]
    half = (room - 6 * mm) / 2
    out: list[Flowable] = []
    shown = [(title, values) for title, values in ((t("Means by aspect"), aspects), (t("Means by dimension"), list(content.dimensions)))
             if values]
    cells = [[para(title, "h3"), chart(values, content.top, half, year=year, previous_year=before, title=title, height=60 * mm)]
             for title, values in shown]
    if len(cells) == 2:
        out.append(KeepTogether(bare([[cells[0], "", cells[1]]], [half, 6 * mm, half])))
    elif cells:
        out.append(KeepTogether(cells[0]))
    if aspects:
        title = t("What was reached, and the gap to the top")
        out.append(KeepTogether([gap(2), para(title, "h3"), GapBars(aspects, content.top, room, title=title, last=last)]))
    if len(content.sheets) > 1:
        title = t("How far the assessors stand apart")
        lanes = [(one.name, one.means, one.mean) for one in content.aspects]
        out.append(KeepTogether([gap(2), para(title, "h3"), Spread(lanes, content.top, room, title=title)]))
    return out


def _dimensions(content: PanelContent, room: float) -> Flowable:
    head = [(t("Dimension"), "head"), (t("Mean"), "head_right"), (t("Gap to the top"), "head_right"), (t("Year before"), "head_right"),
            (t("Change (±)"), "head_right")]
    body = []
    for axis in content.dimensions:
        left = None if axis.value is None else content.top - axis.value
        body.append([para(axis.name, "cell"), *(para(words, "cell_right") for words in (
            text.mean(axis.value), text.mean(left), text.mean(axis.previous), text.change(axis.value, axis.previous)))])
    return grid(head, body, [room - 100 * mm, *[25 * mm] * 4], row_heads=True)


def _aspect(content: PanelContent, aspect: PanelAspect, n: int, room: float) -> list[Flowable]:
    title = t("{0}. {1} – weight {2}, mean {3}").format(n, aspect.name, text.weight(aspect.weight), text.mean(aspect.mean))
    many = len(content.sheets)
    score = min(_SCORE, (room * 0.4) / max(many, 1))
    head = [(t("Code"), "head"), (t("Question"), "head"), *((letter(k), "head_center") for k in range(many)), (t("Mean"), "head_right"),
            (t("Spread"), "head_right")]
    tight = [("LEFTPADDING", (2, 0), (1 + many, -1), 0), ("RIGHTPADDING", (2, 0), (1 + many, -1), 0)] if many else []
    body = [[para(row.code, "cell"), _question(row), *(para(text.score(value), "cell_center") for value in row.scores),
             para(text.mean(row.mean), "cell_bold_right"), para(_spread(row), "cell_right")] for row in aspect.rows]
    rest = room - 15 * mm - score * many - 16 * mm - 18 * mm
    shade = [("BACKGROUND", (0, k), (-1, k), PALE) for k, row in enumerate(aspect.rows, 1) if row.apart]
    return [*heading(title, "h3", 40), grid(head, body, [15 * mm, rest, *[score] * many, 16 * mm, 18 * mm], [*tight, *shade]), gap(3)]


def _question(row: PanelRow) -> list[Flowable]:
    out = prose(row.label, "cell") or [para("", "cell")]
    if row.remark.strip():
        out += prose(t("The panel: {0}").format(row.remark.strip()), "note")
    elif row.apart:
        out.append(para(t("The panel has said nothing on this difference."), "note"))
    return out


def _spread(row: PanelRow) -> str:
    return "–" if row.spread is None else formats.number(row.spread, 0 if row.spread == int(row.spread) else 2)


def _by_assessor(found: Sequence[AssessorFindings], lists: Sequence[tuple[FindingLine, ...]]) -> list[Flowable]:
    out: list[Flowable] = []
    for one, lines in zip(found, lists, strict=True):
        if lines:
            out += [*heading(text.joined((one.name, one.institution), " – "), "h3", 22),
                    *listed(f"{line.dimension}: {line.body}" if line.dimension else line.body for line in lines)]
    return out or [para(t("None noted."), "body")]


def _sheets(content: PanelContent, room: float) -> Flowable:
    head = [("", "head_center"), (t("Number, date"), "head"), (t("SHA-256 of the data"), "head")]
    body = [[para(letter(n), "score"), [para(line.number or "–", "cell_bold"), para(formats.date(line.date) or line.date, "note")],
             para(text.groups(line.data_sha256, 8), "note")] for n, line in enumerate(content.sheets)]
    return grid(head, body, [12 * mm, 48 * mm, room - 60 * mm])


def _signers(content: PanelContent) -> list[tuple[blocks.Signatory | None, blocks.Signatory | None]]:
    """Return the signers two by two, the lead at the right of the first row."""
    lead = blocks.Signatory(replace(content.assessor, office=""), t("Lead of the panel,"), "assessor", above=blocks.place_and_date(content))
    others = [blocks.Signatory(replace(party, office=""), t("Member of the panel,"), f"member_{n}")
              for n, party in enumerate(content.members, 1)]
    rows: list[tuple[blocks.Signatory | None, blocks.Signatory | None]] = [(others[0] if others else None, lead)]
    for k in range(1, len(others), 2):
        rows.append((others[k], others[k + 1] if k + 1 < len(others) else None))
    return rows
