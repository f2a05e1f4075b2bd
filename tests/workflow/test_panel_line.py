"""A panel closed by the line: nothing of a colleague's sheet is on a device before, and all see the same result after."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from assessor_app.models.evaluations import Answer, Finding, Sheet
from assessor_app.models.journal import Unit
from assessor_app.models.visits import Visit
from assessor_app.workflow import evaluating, panel
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.queries.panel import AWAITED, COUNTED, ELSEWHERE, panel_view
from tests.factories import ServerProcess, make_visit, sync, write
from tests.server.test_watching import sign

SECRET = "Rawa Kangguru, kalimat rahasia penilai"


def traces(account: Account, other: Account, visit: str) -> int:
    """Count what a device holds of another's sheets."""
    with account.reading() as session:
        own = account.profile
        theirs = session.scalar(select(func.count()).select_from(Sheet).where(Sheet.assessor == other.profile)) or 0
        answers = session.scalar(select(func.count()).select_from(Answer).join(Sheet, Sheet.id == Answer.sheet).where(
            Sheet.assessor != own)) or 0
        findings = session.scalar(select(func.count()).select_from(Finding).where(
            Finding.sheet != evaluating.sheet_id(visit, own))) or 0
    return theirs + answers + findings


def test_the_line_opens_the_sheets_only_after_the_closing(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "server").prepare("maria", "yosep").start()
    maria, yosep = server.join(tmp_path / "a", "maria"), server.join(tmp_path / "b", "yosep")
    try:
        visit = make_visit(maria)
        write(maria, Visit, visit, lead=maria.profile, team=[maria.profile, yosep.profile])
        sync(maria)
        sync(yosep)

        def note(unit: Unit) -> None:
            evaluating.add_finding(unit, evaluating.sheet_id(visit, yosep.profile), "weakness", SECRET)

        instrument = evaluating.shipped(evaluating.shipped_files()[0])
        yosep.writer.run(lambda unit: evaluating.open_sheet(unit, visit, instrument), purpose="sheet.open")
        yosep.writer.run(note, purpose="finding.create")
        sign(yosep, visit, "LE-2", "2")
        sync(yosep)
        sync(maria)
        assert traces(maria, yosep, visit) == 0
        sign(maria, visit, "LE-1", "4")
        sync(maria)
        sync(yosep)
        assert traces(maria, yosep, visit) == 0
        assert traces(yosep, maria, visit) == 0
        before = panel_view(maria, visit)
        assert [(row.own, row.state) for row in before.members if not row.own] == [(False, ELSEWHERE)]
        assert before.may_close
        assert not panel_view(yosep, visit).may_close
        assert before.result is None
        assert all(row.index is None and not row.number for row in before.members)

        panel.close(maria, visit, by_line=True)
        assert [row.state for row in panel_view(maria, visit).members] == [COUNTED, AWAITED]
        for device in (maria, yosep, maria):
            sync(device)
        views = [panel_view(maria, visit), panel_view(yosep, visit)]
        for view in views:
            assert view.result is not None
            assert [row.state for row in view.members] == [COUNTED, COUNTED]
            assert [float(row.index or 0) for row in view.members] == [4.0, 2.0]
            assert view.result.evaluation.index == 3
            assert len(view.result.owed) == len(instrument.questions())
        assert views[0].closed_at == views[1].closed_at
    finally:
        maria.close()
        yosep.close()
        server.stop()
