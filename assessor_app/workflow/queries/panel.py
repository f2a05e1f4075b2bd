"""What the window shows of a visit's panel: who belongs, who has signed, and once it is closed what the sheets say together."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.models import scoring
from assessor_app.models.catalogue import Assessor
from assessor_app.models.documents import Document
from assessor_app.models.evaluations import Sheet
from assessor_app.models.kinds import DocumentType
from assessor_app.models.lifecycle import locked
from assessor_app.models.panel import PanelResult
from assessor_app.models.panels import Panel
from assessor_app.models.permissions import closers
from assessor_app.models.visits import Visit
from assessor_app.workflow import evaluating, panel
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.syncing import joined

#: Where a member's sheet is: signed here, not signed yet, not known on this device, counted, or closed and still awaited.
SIGNED, UNSIGNED, ELSEWHERE, COUNTED, AWAITED = "signed", "unsigned", "elsewhere", "counted", "awaited"


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One assessor of the panel; ``index`` is of their sheet alone and only there once the panel is closed."""

    assessor: str
    name: str
    institution: str
    lead: bool
    own: bool
    state: str
    number: str = ""
    index: Fraction | None = None


@dataclass(frozen=True, slots=True)
class AspectRow:
    """One aspect of the closed panel: ``alone`` are the members' own means in the order of the panel's sheets."""

    id: str
    code: str
    name_id: str
    name_en: str
    weight: Fraction
    alone: tuple[Fraction | None, ...]
    mean: Fraction | None
    before: Fraction | None


@dataclass(frozen=True, slots=True)
class PanelView:
    """The panel of a visit; ``result`` is None while it is open, and where ``problem`` says why there is none."""

    closed: bool
    closed_by: str
    closed_at: int | None  # ms UTC
    may_close: bool
    joined: bool
    members: tuple[MemberRow, ...]
    result: PanelResult | None
    aspects: tuple[AspectRow, ...]
    problem: str
    missing: tuple[str, ...]  # what keeps the report from being signed
    introduction: str
    method: str
    conclusion: str
    previous_index: float | None  # typed by hand
    report: str  # the newest panel report of this visit, empty where there is none

    @property
    def own_signed(self) -> bool:
        """Tell whether the person has signed their own sheet."""
        return any(member.own and member.state != UNSIGNED for member in self.members)


def panel_view(account: Account, visit: str) -> PanelView:
    """Return the panel of a visit. Takes about a second where signed files are read for the first time."""
    facts, problem = None, ""
    with account.reading() as session:
        row = session.get(Panel, panel.panel_id(visit))
        closed = panel.is_closed(row)
    if closed:
        try:
            facts = panel.report_facts(account, visit)
        except AppError as e:
            problem = " ".join(filter(None, (e.title, e.hint)))
    with account.reading() as session:
        at, row = session.get(Visit, visit), session.get(Panel, panel.panel_id(visit))
        if at is None:
            raise AppError(t("This visit is not in the notebook."))
        result = facts.result if facts is not None and facts.result.sheets else None
        closer, moment = (panel.name_of(session, row.closed_by), row.closed_at) if row is not None and closed else ("", None)
        return PanelView(
            closed, closer, moment, bool(account.actor.ids & closers(at.lead, at.team)), joined(session),
            _closed_members(session, account, at, row, result) if row is not None and closed else _open_members(session, account, at),
            result, _aspects(result) if result is not None else (), problem,
            tuple(panel.missing_for_report(facts)) if facts is not None else (),
            row.introduction if row else "", row.method if row else "", row.conclusion if row else "",
            row.previous_index if row else None, _report(session, visit))


def _report(session: Session, visit: str) -> str:
    return session.scalars(select(Document.id).where(
        Document.visit == visit, Document.type == DocumentType.PANEL_REPORT, Document.deleted.is_(False)).order_by(
            Document.id.desc())).first() or ""


def _open_members(session: Session, account: Account, at: Visit) -> tuple[MemberRow, ...]:
    """Return the team; of others nothing is told but who they are."""
    own = session.get(Sheet, evaluating.sheet_id(at.id, account.profile))
    out = []
    for one in panel.team_of(at) or (account.profile,):
        mine = one in account.actor.ids
        state = ELSEWHERE if not mine else SIGNED if own is not None and locked(own.state) else UNSIGNED
        out.append(_row(session, one, at, mine, state))
    return tuple(out)


def _closed_members(session: Session, account: Account, at: Visit, row: Panel, result: PanelResult | None) -> tuple[MemberRow, ...]:
    """Return the panel's members, those whose sheets count first and in the order of the sheets."""
    sheets = result.sheets if result is not None else ()
    out = []
    for sheet in sheets:
        assert result is not None
        alone = scoring.evaluate(result.instrument, [scoring.Given(q, sheet.assessor, sheet.scores.get(q))
                                                     for q in (one.id for one in result.instrument.questions())])
        out.append(MemberRow(sheet.assessor, sheet.name, sheet.institution, sheet.assessor == at.lead,
                             sheet.assessor in account.actor.ids, COUNTED, sheet.number, alone.index))
    counted = {sheet.assessor for sheet in sheets}
    out += [_row(session, one, at, one in account.actor.ids, AWAITED) for one in row.members if one not in counted]
    return tuple(out)


def _row(session: Session, assessor: str, at: Visit, own: bool, state: str) -> MemberRow:
    known = session.get(Assessor, assessor)
    return MemberRow(assessor, panel.name_of(session, assessor), known.institution if known is not None else "", assessor == at.lead, own,
                     state)


def _aspects(result: PanelResult) -> tuple[AspectRow, ...]:
    own = [scoring.evaluate(result.instrument, [scoring.Given(q.id, sheet.assessor, sheet.scores.get(q.id))
                                                for q in result.instrument.questions()]) for sheet in result.sheets]
    before = result.before
    return tuple(
        AspectRow(group.id, group.code, group.label.get("id"), group.label.get("en"), score.weight,
                  tuple(alone.aspects[n].score for alone in own), score.score, before.aspects.get(group.id) if before else None)
        for n, (group, score) in enumerate(zip(result.instrument.aspects, result.evaluation.aspects, strict=True)))


def last_scores(session: Session, visit: str) -> dict[str, Fraction]:
    """Return last year's panel score of each question that it had, from last year's report that verifies. Takes up to a second."""
    from assessor_app.workflow.panel_sheets import anchors_of, last_year

    at = session.get(Visit, visit)
    found = last_year(session, at, None, anchors_of(session)) if at is not None else None
    return dict(found.questions) if found is not None else {}

