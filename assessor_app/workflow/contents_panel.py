"""From a panel's result to its report and summary, and from an instrument to a blank sheet: frozen content."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from assessor_app import clock
from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.models import scoring
from assessor_app.models.catalogue import Assessor
from assessor_app.models.instrument import Group, Instrument, Question
from assessor_app.models.kinds import DIMENSION_NAMES, FindingType
from assessor_app.models.visits import Visit
from assessor_app.reports import content as c
from assessor_app.reports import content_blank as b
from assessor_app.reports import content_panel as p
from assessor_app.workflow import contents, panel
from assessor_app.workflow.contents import Wish

if TYPE_CHECKING:
    from assessor_app.models.panel import PanelResult, SheetData
    from assessor_app.workflow.accounts import Account
    from assessor_app.workflow.panel import PanelFacts


def report_content(session: Session, account: Account, visit: str, wanted: Wish) -> p.PanelContent:
    """Return what the panel's report says now. Raises AppError while the panel is not closed."""
    facts = panel.report_facts(account, visit)
    return panel_report(session, facts, wanted, facts.closed_by or account.profile)


def missing_for_report(session: Session, account: Account, visit: str) -> list[str]:
    """Return what still keeps the panel's report from being signed, each as a sentence."""
    try:
        facts = panel.report_facts(account, visit)
    except AppError as e:
        return [e.title]
    out = panel.missing_for_report(facts)
    if facts.closed_by and facts.closed_by not in account.actor.ids:
        out.append(t("The lead of the panel signs its report first: {0}.").format(panel.name_of(session, facts.closed_by)))
    return out


def panel_report(session: Session, facts: PanelFacts, wish: Wish, lead: str) -> p.PanelContent:
    """Return the content of the Laporan Panel, from what the signed sheets say and from nothing else; ``lead`` signs first."""
    at = contents.visit_of(session, facts.visit)
    result, language = facts.result, wish.language
    before = result.before
    own = [_alone(result, sheet) for sheet in result.sheets]
    signer = next((sheet for sheet in result.sheets if sheet.assessor == lead), None)
    others = [sheet for sheet in result.sheets if sheet is not signer]
    said = {q.question: q for q in result.questions}
    aspects = []
    for n, (group, score) in enumerate(zip(result.instrument.aspects, result.evaluation.aspects, strict=True)):
        rows = []
        for q in group.questions():
            one = said[q.id]
            rows.append(p.PanelRow(q.id, q.code, q.label.get(language), one.scores, _float(one.mean), _float(one.spread), one.apart,
                                   one.remark))
        aspects.append(p.PanelAspect(group.id, group.code, group.label.get(language), float(score.weight), _float(score.score),
                                     tuple(_float(alone.aspects[n].score) for alone in own), tuple(rows),
                                     _float(before.aspects.get(group.id)) if before else None))
    return p.PanelContent(
        **contents.frame(session, at, wish, lead), visit_id=facts.visit,
        assessor=_party(session, signer) if signer else contents.assessor(session, lead), assessor_id=lead,
        members=tuple(_party(session, sheet) for sheet in others), member_ids=tuple(sheet.assessor for sheet in others),
        instrument=contents.instrument_facts(result.instrument, at, language, result.evaluation.index),
        introduction=facts.introduction, aims=at.objective,
        method=facts.method, conclusion=facts.conclusion,
        sheets=tuple(p.SheetLine(_party(session, sheet), sheet.number, sheet.date, sheet.document, sheet.data_sha256, sheet.file_sha256,
                                 _float(alone.index)) for sheet, alone in zip(result.sheets, own, strict=True)),
        aspects=tuple(aspects), index=_float(result.evaluation.index), provisional=result.evaluation.provisional,
        previous_index=_float(before.index) if before else None, previous_year=before.year if before else None,
        dimensions=tuple(c.AxisValue(DIMENSION_NAMES.get(code, code), _float(value),
                                     _float(before.dimensions.get(code)) if before else None)
                         for code, value in result.evaluation.dimensions.items()),
        top=float(result.instrument.max_score), findings=tuple(_findings(sheet) for sheet in result.sheets),
        followed=contents.followed(session, facts.visit),
        actions=tuple(c.ActionLine(a.body, a.agency, a.due) for a in facts.actions if a.body.strip()))


def summary(report: p.PanelContent, wish: Wish, address: str) -> p.SummaryContent:
    """Return the one page of a panel's report."""
    return p.SummaryContent(
        document=wish.document, address=address, number=wish.number, date=wish.date or report.date, place=report.place,
        language=wish.language, paper=wish.paper, sample=report.sample, letterhead=report.letterhead, region=report.region,
        visit=report.visit, report=report.number, instrument=report.instrument,
        assessors=tuple(line.assessor.full_name for line in report.sheets),
        aspects=tuple(c.AxisValue(one.name, one.mean, one.previous) for one in report.aspects), dimensions=report.dimensions,
        index=report.index, provisional=report.provisional, previous_index=report.previous_index, previous_year=report.previous_year,
        top=report.top, strengths=p.few(tuple(one.strengths for one in report.findings)),
        weaknesses=p.few(tuple(one.weaknesses for one in report.findings)), actions=report.actions)


def blank(instrument: Instrument, language: str, paper: str, *, session: Session | None = None, visit: str = "",
          assessor: str = "") -> b.BlankContent:
    """Return a sheet to be filled in by pen; region, visit and assessor are printed where a visit is named."""
    head, region = c.Letterhead(()), c.Region("", "", "")
    when, who, at = c.VisitFacts("", ""), "", Visit(year=None)
    day = clock.today().isoformat()
    if session is not None:
        head = contents.letterhead(session, day, assessor)
        who = contents.assessor(session, assessor).full_name if session.get(Assessor, assessor) else ""
        if visit:
            at = contents.visit_of(session, visit)
            region, when = contents.region(at), contents.visit_facts(at)
    lists = {q.list_name: tuple(b.BlankAnchor(one.score, one.label.get(language)) for one in q.choices) for q in instrument.questions()}
    groups: list[b.BlankGroup] = []
    for group in instrument.aspects:
        _ask(group, 1, language, groups)
    return b.BlankContent(
        document="", address="", number="", date=day, language=language, paper=paper, letterhead=head, region=region, visit=when,
        instrument=contents.instrument_facts(instrument, at, language), assessor=who, lists=tuple(lists.items()), groups=tuple(groups))


def _ask(group: Group, level: int, language: str, out: list[b.BlankGroup]) -> None:
    own = tuple(b.BlankQuestion(q.code, q.label.get(language), q.hint.get(language), q.list_name, q.evidence_required)
                for q in group.items if isinstance(q, Question))
    weight = float(group.weight) if group.weight is not None else None
    out.append(b.BlankGroup(group.code, group.label.get(language), own, weight, level))
    for item in group.items:
        if isinstance(item, Group):
            _ask(item, level + 1, language, out)


def _alone(result: PanelResult, sheet: SheetData) -> scoring.Evaluation:
    """Return what one assessor's sheet says by itself."""
    return scoring.evaluate(result.instrument, [
        scoring.Given(q.id, sheet.assessor, sheet.scores.get(q.id)) for q in result.instrument.questions()])


def _party(session: Session, sheet: SheetData) -> c.Party:
    """Return the assessor of a sheet, as the notebook knows them; by the sheet's own words where it does not."""
    row = session.get(Assessor, sheet.assessor)
    if row is None or not row.name:
        return c.Party(sheet.name, office=t("Assessor"), institution=sheet.institution)
    return contents.assessor(session, sheet.assessor)


def _findings(sheet: SheetData) -> p.AssessorFindings:
    def of(type: FindingType) -> tuple[c.FindingLine, ...]:
        return tuple(c.FindingLine(body, dimension) for kind, dimension, body in sheet.findings if kind == type and body.strip())

    return p.AssessorFindings(sheet.name, sheet.institution, of(FindingType.WEAKNESS), of(FindingType.STRENGTH),
                              of(FindingType.RECOMMENDATION))


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def instrument_named(session: Session | None, ref: str) -> Instrument:
    """Return an instrument by ``form_id@version``, or by its form alone where one version is there. Raises AppError."""
    from assessor_app.workflow import evaluating

    known: Sequence[str] = [card.ref for card in evaluating.instruments(session)] if session is not None else [
        evaluating.shipped(file).ref for file in evaluating.shipped_files()]
    found = [one for one in known if one == ref or one.partition("@")[0] == ref]
    if len(found) != 1:
        raise AppError(t("There is no instrument of this name: {0}").format(ref), hint=t("Known here: {0}").format(", ".join(known)))
    if session is not None:
        return evaluating.instrument_of(session, found[0])
    return next(made for file in evaluating.shipped_files() if (made := evaluating.shipped(file)).ref == found[0])
