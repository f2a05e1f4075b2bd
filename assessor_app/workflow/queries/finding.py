"""What a search finds, each hit with what its page opens."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy.orm import Session

from assessor_app.models.evaluations import Answer
from assessor_app.models.kinds import Kind, Stage
from assessor_app.models.panels import PanelRemark
from assessor_app.models.search import Hit, search


def found(session: Session, query: str, *, limit: int, kinds: Collection[Kind] = ()) -> list[Hit]:
    """Return the newest hits: a reason of a score leads to its question, words of a plan to the stage that they belong to."""
    return [replace(hit, record=_place(session, hit)) for hit in search(session, query, limit=limit, kinds=kinds)]


def _place(session: Session, hit: Hit) -> str:
    match hit.kind:
        case Kind.ANSWER:
            answer = session.get(Answer, hit.record)
            return answer.question if answer is not None else ""
        case Kind.PANEL_REMARK:
            remark = session.get(PanelRemark, hit.record)
            return f"panel:{remark.question}" if remark is not None else ""
        case Kind.PLAN:
            return f"path:{Stage.BIMTEK_1}"
    return hit.record
