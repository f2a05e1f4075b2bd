"""The workload's records as the program's own kinds, and back again, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessor_app import ids
from assessor_app.models.attachments import Attachment
from assessor_app.models.evaluations import Answer, Sheet
from assessor_app.models.interviews import Interview
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import Kind
from assessor_app.models.plans import Plan, Programme
from assessor_app.models.visits import Visit
from assessor_app.workflow.accounts import Account

_STATUS = {"rencana": "planned", "berjalan": "running", "tertunda": "delayed", "selesai": "done"}
_RENCANA = {code: word for word, code in _STATUS.items()}
_PROGRAMME = ("number", "dimension", "sub_dimension", "name", "description", "indicator", "unit", "agency", "pic", "first_year",
              "last_year", "budget", "funding", "quick_win")
_SEP = " · "


def load(account: Account, records: list[dict[str, Any]], photo: Any) -> None:
    """Make the records as a person's work makes them: a plan in one step, notes, answers and photos one by one.

    ``photo`` stores a file's bytes and returns nothing.
    """
    visits: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        visits.setdefault(record.get("visit", record["id"]), []).append(record)
    for visit, group in visits.items():
        first = next(r for r in group if r["type"] == "visit")
        _write(account, lambda u, r=first: _visit(u, r), "visit.create")
        programmes = [r for r in group if r["type"] == "programme"]
        if programmes:
            _write(account, lambda u, visit=visit, rows=programmes, region=first["region"]: _plan(u, visit, region, rows), "plan.import")
        answers = [r for r in group if r["type"] == "answer"]
        if answers:
            _write(account, lambda u, visit=visit: u.add(Sheet(id=_sheet(visit, u.author), visit=visit, assessor=u.author)), "sheet.open")
        for record in group:
            if record["type"] == "interview":
                _write(account, lambda u, r=record: _interview(u, r), "interview.create")
            elif record["type"] == "answer":
                _write(account, lambda u, r=record: _answer(u, r), "answer.set")
            elif record["type"] == "photo":
                photo(record)
                _write(account, lambda u, r=record: _photo(u, r), "attachment.add")


def _write(account: Account, work: Any, purpose: str) -> None:
    account.writer.run(lambda u: work(u) and None, purpose=purpose, durable=False)


def _sheet(visit: str, assessor: str) -> str:
    return ids.natural_id(Kind.SHEET, visit, assessor)


def _visit(unit: Unit, r: dict[str, Any]) -> Any:
    return unit.add(Visit(id=r["id"], region=r["region"], stage=r["stage"], year=r["year"], lead=r["lead"], starts_on=r["start"],
                          summary=r["summary"]))


def _plan(unit: Unit, visit: str, region: str, rows: list[dict[str, Any]]) -> None:
    plan = unit.add(Plan(id=ids.natural_id(Kind.PLAN, visit), region=region, title=visit)).id
    for r in rows:
        unit.add(Programme(id=r["id"], region=region, plan=plan, status=_STATUS[r["status"]], target=str(r["target"]),
                           **{name: r[name] for name in _PROGRAMME}))


def _interview(unit: Unit, r: dict[str, Any]) -> Any:
    title = _SEP.join((r["respondent"], r["office"], r["agency"]))
    return unit.add(Interview(id=r["id"], visit=r["visit"], author=unit.author, title=title, place=r["place"], held_at=r["held_at"],
                              body=r["body"], basis="observation"))


def _answer(unit: Unit, r: dict[str, Any]) -> Any:
    sheet = _sheet(r["visit"], unit.author)
    return unit.add(Answer(id=ids.natural_id(Kind.ANSWER, sheet, r["question"]), sheet=sheet, question=r["question"], score=str(r["score"]),
                           reason=r["reason"], evidence=r["evidence"]))


def _photo(unit: Unit, r: dict[str, Any]) -> Any:
    return unit.add(Attachment(id=r["id"], visit=r["visit"], interview=r["interview"], type="file", name=r["file"], media_type="image/jpeg",
                               size=r["size"], sha256=r["sha256"], caption=r["caption"]))


def dump(session: Session) -> Iterator[dict[str, Any]]:
    """Return the records as the workload has them."""
    for v in session.scalars(select(Visit)):
        yield {"id": v.id, "type": "visit", "region": v.region, "stage": v.stage, "year": v.year, "lead": v.lead, "start": v.starts_on,
               "summary": v.summary}
    visit_of = {plan.id: plan.title for plan in session.scalars(select(Plan))}
    for p in session.scalars(select(Programme)):
        row = {name: getattr(p, name) for name in _PROGRAMME}
        yield {"id": p.id, "type": "programme", "visit": visit_of[p.plan], **row, "target": int(p.target), "status": _RENCANA[p.status]}
    for i in session.scalars(select(Interview)):
        respondent, office, agency = i.title.split(_SEP)
        yield {"id": i.id, "type": "interview", "visit": i.visit, "respondent": respondent, "office": office, "agency": agency,
               "place": i.place, "held_at": i.held_at, "body": i.body}
    sheets = {sheet.id: sheet.visit for sheet in session.scalars(select(Sheet))}
    for a in session.scalars(select(Answer)):
        visit = sheets[a.sheet]
        yield {"id": f"{visit}-{a.question}", "type": "answer", "visit": visit, "question": a.question, "score": int(a.score),
               "reason": a.reason, "evidence": a.evidence}
    for f in session.scalars(select(Attachment)):
        yield {"id": f.id, "type": "photo", "visit": f.visit, "file": f.name, "size": f.size, "sha256": f.sha256, "interview": f.interview,
               "caption": f.caption}
