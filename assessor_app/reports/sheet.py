"""Lembar Evaluasi of one assessor: scores and reasons by aspect, means, index, radars, findings, evidence, photos."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether

from assessor_app import formats
from assessor_app.i18n import nt, t
from assessor_app.reports import blocks, text
from assessor_app.reports.charts import chart
from assessor_app.reports.content import AspectBlock, AxisValue, EvidenceLine, FindingLine, QuestionRow, SheetContent
from assessor_app.reports.style import PALE, PRIMARY, bare, facts, figures, gap, grid, heading, listed, para, prose


def story(content: SheetContent, digest: str, room: float, found: list[blocks.FieldBox]) -> list[Flowable]:
    """Return the flowables of the sheet; fields found while drawing are added to ``found``."""
    out = blocks.opening(content, t("EVALUATION SHEET"), content.title or content.instrument.title, room)
    out += [facts(_facts(content), room), gap(3), _figures(content, room)]
    if content.introduction.strip():
        out += [*heading(t("Introduction")), *prose(content.introduction)]
    out += [*heading(t("Method")), *prose(content.method), para(_rules(content), "note", tag="Note")]
    out += [*heading(t("Result")), _result(content, room), gap(2), *_charts(content, room)]
    out += heading(t("Scores by aspect"), with_mm=48)
    for n, aspect in enumerate(content.aspects, 1):
        out += _aspect(aspect, n, room)
    for title, findings in ((t("Strengths"), content.strengths), (t("Weaknesses"), content.weaknesses),
                            (t("Recommendations"), content.recommendations)):
        out += [*heading(title), *_findings(findings)]
    missing = [row.code for aspect in content.aspects for row in aspect.rows if row.evidence_missing]
    if content.evidence or missing:
        out += heading(t("Evidence"))
    if missing:
        out.append(para(t("Evidence that the instrument requires is missing at: {0}.").format(", ".join(missing)), "body"))
    if content.evidence:
        out.append(_evidence(content.evidence, room))
    if content.photos:
        out += [*heading(t("Photos"), with_mm=84), *blocks.photos(content.photos, room, content.visit.zone)]
    signer = blocks.Signatory(content.assessor, t("Assessor,"), "assessor", above=blocks.place_and_date(content))
    closing = t("I made this evaluation alone, from what I was shown and told during the visit, to the best of my knowledge.")
    return out + blocks.signed(content, digest, closing, [(None, signer)], room, found)


def _facts(content: SheetContent) -> list[tuple[str, str]]:
    region, used = content.region, content.instrument
    origin = "" if used.official else t("not an official instrument")
    return [
        (t("Region"), t("{0} (code {1}), Province of {2}").format(region.name, region.code, region.province)),
        (t("Visit"), blocks.visit_line(content)),
        (t("Assessor"), text.joined((content.assessor.full_name, content.assessor.institution), " – ")),
        (t("Instrument"), text.joined((used.title, t("version {0}").format(used.version), used.publisher, origin))),
    ]


def _figures(content: SheetContent, room: float) -> Flowable:
    """Return the index, its change and how much was judged, as three figures side by side."""
    rows = [row for aspect in content.aspects for row in aspect.rows]
    scored = sum(row.score not in (None, "", "-") for row in rows)
    unjudged = sum(row.score == "-" for row in rows)
    cells = blocks.index_figures(content.index, content.previous_index, content.previous_year, content.top, content.provisional,
                                 content.instrument.band)
    cells.append((t("{0} of {1}").format(scored, len(rows)),
                  t("questions scored; {0}").format(nt("{n} not assessed", "{n} not assessed", unjudged))))
    return figures(cells, room)


def _rules(content: SheetContent) -> str:
    rules = t("Each question is scored up to {0}; 0 means that nothing was shown and counts in the mean. A dash stands for "
              "not assessed, with a reason, and counts nowhere. An aspect's mean is that of its questions, by their weights where the "
              "instrument sets any; the index "
              "is the sum of weight × mean, divided by the sum of the weights. Rounded only for print.")
    said = [rules.format(formats.number(content.top))]
    if content.provisional:
        said.append(t("Not every question is scored yet: the index is provisional."))
    return " ".join(said)


def _result(content: SheetContent, room: float) -> Flowable:
    last = any(aspect.previous is not None for aspect in content.aspects)
    total = sum(aspect.weight for aspect in content.aspects) or 100.0
    head = [(t("Aspect"), "head"), (t("Weight"), "head_right"), (t("Questions"), "head_right"), (t("Mean"), "head_right"),
            (t("Contribution"), "head_right")]
    if last:
        head.append((t("Year before"), "head_right"))
    body = []
    for aspect in content.aspects:
        part = None if aspect.mean is None else aspect.weight * aspect.mean / total
        row = [para(aspect.name, "cell"), para(text.weight(aspect.weight), "cell_right"),
               para(str(len(aspect.rows)), "cell_right"), para(text.mean(aspect.mean), "cell_right"),
               para(text.mean(part), "cell_right")]
        body.append([*row, para(text.mean(aspect.previous), "cell_right")] if last else row)
    label = t("Index, provisional") if content.provisional else t("Index")
    sums = [para(label, "cell_bold"), para(text.weight(total), "cell_bold_right"),
            para(str(sum(len(aspect.rows) for aspect in content.aspects)), "cell_bold_right"), para("", "cell"),
            para(text.mean(content.index), "cell_bold_right")]
    body.append([*sums, para(text.mean(content.previous_index), "cell_bold_right")] if last else sums)
    narrow = 25 * mm
    widths = [room - narrow * (len(head) - 1), *[narrow] * (len(head) - 1)]
    return grid(head, body, widths, [("BACKGROUND", (0, -1), (-1, -1), PALE), ("LINEABOVE", (0, -1), (-1, -1), 0.8, PRIMARY)])


def _charts(content: SheetContent, room: float) -> list[Flowable]:
    year = blocks.year_of(content, content.instrument)
    axes = [AxisValue(aspect.name, aspect.mean, aspect.previous) for aspect in content.aspects]
    half = (room - 6 * mm) / 2
    drawn = [(t("Means by aspect"), axes), (t("Means by dimension"), list(content.dimensions))]
    shown = [(title, values) for title, values in drawn if values]
    cells = [[para(title, "h3"), chart(values, content.top, half, year=year, previous_year=content.previous_year, title=title)]
             for title, values in shown]
    if not cells:
        return []
    if len(cells) == 1:
        return [KeepTogether(bare([[cells[0]]], [room]))]
    return [KeepTogether(bare([[cells[0], "", cells[1]]], [half, 6 * mm, half]))]


def _aspect(aspect: AspectBlock, n: int, room: float) -> list[Flowable]:
    title = t("{0}. {1} – weight {2}, mean {3}").format(n, aspect.name, text.weight(aspect.weight), text.mean(aspect.mean))
    head = [(t("Code"), "head"), (t("Question"), "head"), (t("Score"), "head_center"), (t("Reason and evidence"), "head")]
    body = [[para(row.code, "cell"), prose(row.label, "cell"), para(text.score(row.score), "score"), _reason(row)]
            for row in aspect.rows]
    code, score = 16 * mm, 14 * mm
    question = (room - code - score) * 0.47
    made = grid(head, body, [code, question, score, room - code - score - question])
    return [*heading(title, "h3", 38), made, gap(2)]


def _reason(row: QuestionRow) -> list[Flowable]:
    out: list[Flowable] = []
    if row.score == "-":
        out.append(para(t("Not assessed."), "cell_bold"))
    elif not row.score:
        out.append(para(t("Not yet scored."), "cell_bold"))
    out += prose(row.reason, "cell")
    if row.evidence:
        out.append(para(t("Evidence: {0}").format(", ".join(row.evidence)), "note"))
    if row.evidence_missing:
        out.append(para(t("Required evidence is missing."), "cell_bold"))
    return out or [para("", "cell")]


def _findings(findings: tuple[FindingLine, ...]) -> list[Flowable]:
    if not findings:
        return [para(t("None noted."), "body")]
    return listed(f"{finding.dimension}: {finding.body}" if finding.dimension else finding.body for finding in findings)


def _evidence(lines: tuple[EvidenceLine, ...], room: float) -> Flowable:
    body = [[para(line.name, "cell"), prose(line.body, "cell"), para(f"{line.sha256[:16]}…" if line.sha256 else "–", "note")]
            for line in lines]
    head = [(t("No."), "head"), (t("What it is"), "head"), (t("SHA-256 (beginning)"), "head")]
    return grid(head, body, [18 * mm, room - 58 * mm, 40 * mm])
