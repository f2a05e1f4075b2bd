"""Bring an impact survey into a visit: propose what its columns mean, warn row by row, keep its figures and nobody's name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from assessor_app import isolate
from assessor_app.errors import BadInput
from assessor_app.i18n import nt, t
from assessor_app.models import survey
from assessor_app.models.evaluations import Answer, Sheet
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import DIMENSION_NAMES, Kind
from assessor_app.models.lifecycle import locked
from assessor_app.models.panels import Survey
from assessor_app.models.survey import Notice, Response, SurveyResult
from assessor_app.workflow.evaluating import answer
from assessor_app.workflow.plan_columns import plain
from assessor_app.workflow.survey_sheet import LABELS, sub_dimension

LARGEST = 20_000_000
_YES, _NO = {"ya", "y", "yes", "iya", "pernah", "1", "true", "benar"}, {"tidak", "no", "n", "t", "belum", "belum pernah", "0", "false"}


@dataclass(frozen=True, slots=True)
class SurveyColumn:
    """One column and what it is taken for."""

    letter: str
    heading: str
    field: str


@dataclass(frozen=True, slots=True)
class SurveyTable:
    """One sheet; ``sub_dimension`` and ``service`` hold where no column says so."""

    file: str
    name: str
    columns: tuple[SurveyColumn, ...]
    rows: tuple[dict[str, Any], ...]
    sub_dimension: str = ""
    service: str = ""
    used: bool = True

    @property
    def place(self) -> str:
        """Return how warnings name the sheet."""
        return self.name if self.file.rpartition(".")[0] == self.name else f"{self.file}, {self.name}"


@dataclass(frozen=True)
class SurveyProposal:
    """What an import would keep; with any fault nothing is kept."""

    files: tuple[tuple[str, str], ...]  # name and SHA-256
    sheets: tuple[SurveyTable, ...]
    skipped: tuple[str, ...]
    users: int | None = None
    results: tuple[SurveyResult, ...] = ()
    faults: tuple[str, ...] = ()

    def with_field(self, sheet: int, column: int, to: str) -> SurveyProposal:
        """Return the proposal with another meaning for one column."""
        table = self.sheets[sheet]
        once = to and not to.startswith("statement")
        columns = tuple(replace(c, field=to) if at == column else replace(c, field="") if once and c.field == to else c
                        for at, c in enumerate(table.columns))
        return self.with_sheet(sheet, columns=columns)

    def with_sheet(self, sheet: int, **values: Any) -> SurveyProposal:
        """Return the proposal with a sheet in or out, or with its sub-dimension or service."""
        table = replace(self.sheets[sheet], **values)
        return compiled(replace(self, sheets=(*self.sheets[:sheet], table, *self.sheets[sheet + 1:])))

    def with_users(self, users: int | None) -> SurveyProposal:
        """Return the proposal for a service that so many use."""
        return compiled(replace(self, users=users))


def field_label(field: str) -> str:
    """Return what a column can be in the person's language."""
    base, _, sub = field.partition(":")
    if not field:
        return t("(not imported)")
    return t("Statement: {0}").format(DIMENSION_NAMES[sub]) if sub else t(LABELS[base])


def notice_text(notice: Notice) -> str:
    """Return a warning in the person's language, with sheet and row."""
    words = {
        survey.REUSED: t("this respondent is used for another dimension too"), survey.TWICE: t("this respondent stands here twice"),
        survey.STRAIGHT: t("the same answer to every statement"), survey.ZERO: t("a 0: from somebody who never used it?"),
        survey.NOT_USER: t("does not use the service"), survey.SERVICE_EMPTY: t("the service is left empty"),
        survey.UNNAMED: t("no respondent is named: reuse cannot be noticed"), survey.NO_ANSWER: t("no answer"),
        survey.FEWER: t("Fewer than {0} respondents answered.").format(survey.EXPECTED),
        survey.MORE: t("More respondents than the service has users."),
    }.get(notice.code, notice.code)
    return t("Sheet “{0}”, row {1}: {2}").format(notice.sheet, notice.row, words) if notice.row else words


def propose(files: Sequence[tuple[str, bytes]]) -> SurveyProposal:
    """Read files (name and bytes) in processes of their own and propose an import. Raises BadInput for the first that is no survey.

    Respondents who are used in several files are noticed where the files come together.
    """
    sheets: list[SurveyTable] = []
    skipped: list[str] = []
    for name, data in files:
        if len(data) > LARGEST:
            raise BadInput(t("{0}: larger than 20 MB.").format(name), kept=t("Nothing was imported and nothing was changed."))
        try:
            read = isolate.call("assessor_app.workflow.survey_sheet:read_survey_sheets", data, name)
        except BadInput as fault:
            raise BadInput(f"{name}: {fault.title}", fault.faults, message=fault.message, hint=fault.hint, kept=fault.kept) from fault
        sheets += [SurveyTable(name, one["name"], tuple(SurveyColumn(**column) for column in one["columns"]), tuple(one["rows"]),
                               one["sub_dimension"]) for one in read["sheets"]]
        skipped += read["skipped"]
    digests = tuple((name, hashlib.sha256(data).hexdigest()) for name, data in files)
    return compiled(SurveyProposal(digests, tuple(sheets), tuple(skipped)))


def compiled(proposal: SurveyProposal) -> SurveyProposal:
    """Return the proposal with what its rows say now."""
    responses: list[Response] = []
    faults: list[str] = []
    for table in proposal.sheets:
        if table.used:
            made, wrong = _responses(table)
            responses += made
            faults += wrong
    if not responses and not faults:
        faults.append(t("There are no rows to import."))
    return replace(proposal, results=survey.assess(responses, proposal.users), faults=tuple(faults))


def _responses(table: SurveyTable) -> tuple[list[Response], list[str]]:
    """Return a sheet's responses, one a row and sub-dimension, and every fault with sheet and row."""
    def fault(row: int, column: int, words: str) -> None:
        faults.append(t("Sheet “{0}”, cell {1}{2}: {3}").format(table.place, table.columns[column].letter, row, words))

    faults: list[str] = []
    out: list[Response] = []
    at = {column.field: n for n, column in enumerate(table.columns) if column.field and not column.field.startswith("statement")}
    statements = [(n, column.field.partition(":")[2]) for n, column in enumerate(table.columns) if column.field.startswith("statement")]
    if not statements:
        return [], [t("Sheet “{0}”: no column is taken for a statement.").format(table.place)]
    if "sub_dimension" not in at and not table.sub_dimension and any(not sub for _, sub in statements):
        return [], [t("Sheet “{0}”: choose its sub-dimension.").format(table.place)]
    for line in table.rows:
        cells, row = line["cells"], line["row"]

        def text(field: str, cells: list[Any] = cells) -> str:
            n = at.get(field)
            value = cells[n] if n is not None and n < len(cells) else None
            return "" if value is None or isinstance(value, dict) else str(value).strip()

        own = table.sub_dimension
        if "sub_dimension" in at:
            named = text("sub_dimension")
            own = sub_dimension(named) if named else table.sub_dimension
            if not own and any(not sub for _, sub in statements):
                words = t("“{0}” is no sub-dimension").format(named) if named else t("the sub-dimension is missing")
                fault(row, at["sub_dimension"], words)
                continue
        given: dict[str, list[int | None]] = {}
        for n, sub in statements:
            value = cells[n] if n < len(cells) else None
            read, wrong = _answer(value)
            if wrong:
                fault(row, n, wrong)
            given.setdefault(sub or own, []).append(read)
        users, wrong = _count(text("users"))
        if wrong:
            fault(row, at["users"], wrong)
        who = plain(" ".join((text("respondent"), text("contact"))))
        said = plain(text("user"))
        uses = True if said in _YES else False if said in _NO else None
        out += [Response(table.place, row, sub, who, text("service") if "service" in at else table.service, tuple(answers), uses, users)
                for sub, answers in given.items()]
    return out, faults


def _answer(value: Any) -> tuple[int | None, str]:
    if value is None or value == "-":
        return None, ""
    if isinstance(value, dict):
        return None, str(value["fault"])
    whole = int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value) else None
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        whole = int(value)
    if whole is None or whole not in survey.SCALE:
        return None, t("“{0}” is no answer from 0 to {1}").format(str(value)[:40], survey.SCALE[-1])
    return whole, ""


def _count(text: str) -> tuple[int | None, str]:
    bare = text.replace(".", "").replace(" ", "")
    if not bare:
        return None, ""
    if bare.isascii() and bare.isdigit() and len(bare) < 10:
        return int(bare), ""
    return None, t("“{0}” is no number of users").format(text[:40])


def take_in(unit: Unit, visit: str, proposal: SurveyProposal) -> list[str]:
    """Keep the figures and warnings of a proposal, one record a sub-dimension; return their ids. Raises BadInput with its faults.

    What the same files gave before for a sub-dimension is replaced.
    """
    if proposal.faults:
        title = nt("The survey has {n} fault", "The survey has {n} faults", len(proposal.faults))
        raise BadInput(title, proposal.faults, kept=t("Nothing was imported and nothing was changed."))
    name = ", ".join(file for file, _ in proposal.files)
    digest = proposal.files[0][1] if len(proposal.files) == 1 else hashlib.sha256(
        " ".join(one for _, one in proposal.files).encode()).hexdigest()
    there = unit.session.scalars(select(Survey).where(Survey.visit == visit, Survey.sha256 == digest, Survey.deleted.is_(False))).all()
    out = []
    for result in proposal.results:
        for old in there:
            if old.sub_dimension == result.sub_dimension:
                old.deleted = True
        out.append(unit.add(Survey(visit=visit, name=name, sha256=digest, sub_dimension=result.sub_dimension, service=result.service,
                                   users=result.users, content=result.to_json())).id)
    return out


def link(unit: Unit, sheet: str, record: str, questions: Sequence[str]) -> tuple[int, int]:
    """Make a survey evidence of these questions of a sheet and of no other. No score changes. Raises BadInput.

    Returns of how many questions it is evidence now that it was not before, and the other way round.
    """
    of = unit.session.get(Sheet, sheet)
    if of is None or not of.instrument:
        raise BadInput(t("This visit has no score sheet of yours yet."), kept=t("Nothing was changed."))
    if locked(of.state):
        raise BadInput(t("This sheet is signed already."), kept=t("Nothing was changed."))
    ref = f"{Kind.SURVEY}:{record}"
    given = {a.question: list(a.evidence) for a in unit.session.scalars(select(Answer).where(Answer.sheet == sheet))}
    wanted = [question for question in questions if ref not in given.get(question, [])]
    for question in wanted:
        answer(unit, sheet, question, evidence=[*given.get(question, []), ref])
    over = [question for question, evidence in given.items() if ref in evidence and question not in questions]
    for question in over:
        answer(unit, sheet, question, evidence=[one for one in given[question] if one != ref])
    return len(wanted), len(over)
