"""A hit leads to where its words stand: a score's reason to its question, words of a plan to their stage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assessor_app.models.journal import mark_for_search, raw_writes
from assessor_app.models.kinds import Kind
from assessor_app.models.panels import PanelRemark
from assessor_app.models.plans import Plan
from assessor_app.workflow import evaluating
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.queries.finding import found
from tests.factories import make_account, make_visit
from tests.sync.loopback import cheap_secrets


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with cheap_secrets():
        made = make_account(tmp_path / "a")
    yield made
    made.close()


def test_words_of_plan_reasons_and_panel_lead_to_their_places(account: Account) -> None:
    visit = make_visit(account)
    question: list[str] = []

    def work(unit):  # type: ignore[no-untyped-def]
        instrument = evaluating.shipped(evaluating.shipped_files()[0])
        question.append(instrument.questions()[0].id)
        sheet = evaluating.open_sheet(unit, visit, instrument)
        evaluating.answer(unit, sheet, question[0], score="3", reason="Rintisan dermaga baru dimulai")
        unit.session.flush()
        with raw_writes(unit.session):  # as the one who leads a closed panel wrote it
            unit.session.add(PanelRemark(id="r", scope=f"visit:{visit}", visit=visit, question="q_2_2", body="Dermaga dinilai bersama"))
            mark_for_search(unit.session, Kind.PANEL_REMARK, "r")
            unit.session.flush()
        unit.add(Plan(region="93.02", title="Rencana Induk", vision="Dermaga cerdas di hulu"))

    account.writer.run(work, purpose="x")
    with account.reading() as session:
        places = {hit.kind: hit.record for hit in found(session, "dermaga", limit=10)}
        assert places == {Kind.ANSWER: question[0], Kind.PANEL_REMARK: "panel:q_2_2", Kind.PLAN: "path:bimtek_1"}
        assert [hit.kind for hit in found(session, "dermaga", limit=10, kinds=(Kind.PLAN, Kind.PROGRAMME))] == [Kind.PLAN]
