"""Impact surveys in the window: proposed, warned of by sheet and row, kept, linked as evidence, taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from assessor_app.models.evaluations import Answer
from assessor_app.models.panels import Survey
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs import files as ask_files
from assessor_app.ui.dialogs.import_survey import SurveyDialog
from assessor_app.ui.dialogs.pick import PickDialog
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.scoring import ScoringPage
from assessor_app.ui.pages.surveys import SurveysPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow.accounts import Account
from tests.ui.conftest import settle


def test_a_survey_comes_in_with_its_warnings_and_goes_out_by_undo(
        qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView, sample_account: Account, tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch) -> None:
    view.show_page("scoring", "survey:")
    settle(qtbot, context)
    scoring = view.page_widget("scoring")
    assert isinstance(scoring, ScoringPage)
    page = scoring.part("survey:")
    assert isinstance(page, SurveysPage)
    assert page.detail.isHidden()
    file = tmp_path / "survei.csv"
    file.write_text("nama,layanan,p1,p2,p3\nWarga 1,PLTS,4,4,4\nWarga 2,,0,3,2\n", encoding="utf-8")
    shown: list[SurveyDialog] = []

    def answer(dialog: SurveyDialog) -> int:
        shown.append(dialog)
        assert "pilih subdimensinya" in dialog.said.toPlainText()
        assert not dialog.ok.isEnabled()
        dialog._take(dialog.proposal.with_sheet(0, sub_dimension="energi"))
        dialog.users.setText("1")
        dialog._take_users()
        assert dialog.ok.isEnabled()
        assert "baris 3: ada nilai 0" in dialog.said.toPlainText()
        return 1

    monkeypatch.setattr(SurveyDialog, "exec", answer)
    ask_files.chosen.append(file)
    page.add.click()
    settle(qtbot, context)
    assert shown
    (row,) = page.rows.rows
    assert (row.respondents, row.users) == (2, 1)
    warnings = page.warnings.toPlainText()
    for said in ("Kurang dari 50 responden", "lebih banyak daripada pengguna", "baris 2: jawaban sama untuk semua pernyataan",
                 "baris 3: layanan tidak diisi"):
        assert said in warnings
    with sample_account.reading() as session:
        scores = {a.question: a.score for a in session.scalars(select(Answer))}

    # Linked as evidence: no score changes; both steps can be taken back.
    question = next(iter(scores))
    monkeypatch.setattr(PickDialog, "exec", lambda self: 1)
    monkeypatch.setattr(PickDialog, "chosen", lambda self: [question])
    page.link.click()
    settle(qtbot, context)
    with sample_account.reading() as session:
        linked = session.scalars(select(Answer).where(Answer.question == question)).one()
        assert f"survey:{row.id}" in linked.evidence
        assert {a.question: a.score for a in session.scalars(select(Answer))} == scores
    assert context.notify.last().title == "Survei kini menjadi bukti dukung 1 pertanyaan lagi."
    page.link.click()
    settle(qtbot, context)
    assert context.notify.last().title == "Tidak ada yang diubah: survei sudah menjadi bukti dukung pertanyaan ini."
    assert window.actions_ is not None
    for _ in range(2):
        window.actions_.undo()
        settle(qtbot, context)
    assert page.rows.rows == ()
    with sample_account.reading() as session:
        assert [one.deleted for one in session.scalars(select(Survey))] == [True]


def test_a_file_that_is_no_survey_is_refused_with_its_reason(
        qtbot: QtBot, context: AppContext, view: VisitView, tmp_path: Path) -> None:
    view.show_page("scoring", "survey:")
    settle(qtbot, context)
    scoring = view.page_widget("scoring")
    assert isinstance(scoring, ScoringPage)
    page = scoring.part("survey:")
    assert isinstance(page, SurveysPage)
    file = tmp_path / "foto.xlsx"
    file.write_bytes(b"\xff\xd8\xff\xe0")
    ask_files.chosen.append(file)
    page.add.click()
    settle(qtbot, context)
    last = context.notify.last()
    assert last is not None
    assert last.title.startswith("foto.xlsx: ")
    assert "Tidak ada yang diimpor" in last.kept
