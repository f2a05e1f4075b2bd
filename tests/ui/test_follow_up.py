"""Follow-up: recommendations become agreed actions, and the next visit opens with them and asks what became of each."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from assessor_app.models.kinds import DocumentType
from assessor_app.models.plans import Action
from assessor_app.models.visits import Visit
from assessor_app.ui.context import AppContext
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.overview import OverviewPage
from assessor_app.ui.pages.scoring import ScoringPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.follow_up import FollowUp
from assessor_app.workflow import documents, following_up, sample_panel, visiting
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.queries.overview import EarlierAction, overview
from tests.factories import make_account, make_visit, write
from tests.ui.conftest import settle
from tests.workflow.test_reporting import words


@pytest.fixture
def second_year(qtbot: QtBot, context: AppContext, sample_account: Account, window: MainWindow) -> tuple[VisitView, OverviewPage]:
    """Open this year's visit in a notebook that has last year's."""
    sample_panel.load(sample_account, "2468")
    window.folder = sample_account.folder
    window.open_account(sample_account)
    window.show()
    settle(qtbot, context)
    assert window.workspace is not None
    assert window.workspace.view is not None
    page = window.workspace.view.page_widget("overview")
    assert isinstance(page, OverviewPage)
    return window.workspace.view, page


def test_the_next_visit_opens_with_last_years_actions_and_keeps_the_answers(
        qtbot: QtBot, window: MainWindow, context: AppContext, second_year: tuple[VisitView, OverviewPage],
        sample_account: Account) -> None:
    view, page = second_year
    card = page.follow_up
    assert card.isVisible()
    assert card.y() < page.steps.y() + page.steps.height()
    assert card.chip.text() == "3 belum dijawab"
    rows = page._row.earlier if page._row is not None else ()
    assert [row.agency for row in rows] == ["Dinas Kominfo", "Bappeda", "Dinas Kesehatan"]
    line = card.line(rows[0].id)
    assert "lewat tenggat" in line.facts.text()
    line.status.setCurrentIndex(line.status.findData("done"))
    line.status.activated.emit(line.status.currentIndex())
    qtbot.keyClicks(line.remark, "Terbit Februari 2024.")
    qtbot.mouseClick(page.follow_up, Qt.MouseButton.LeftButton)
    context.flush()
    settle(qtbot, context)
    assert card.chip.text() == "2 belum dijawab"
    with sample_account.reading() as session:
        action = session.get(Action, rows[0].id)
        assert action is not None
        assert (action.status, action.remark, action.answered) == ("done", "Terbit Februari 2024.", view.visit.id)
    prepared = documents.prepare(sample_account, DocumentType.MINUTES, view.visit.id, documents.wish(language="id"))
    said = words(prepared.pdf)
    assert "Tindak lanjut kunjungan sebelumnya" in said
    assert "Selesai Terbit Februari 2024." in said
    assert "Memasang baterai cadangan VSAT" in said

    # What was answered can be taken back, and is asked again.
    assert window.actions_ is not None
    for _ in range(2):
        window.actions_.undo()
        settle(qtbot, context)
    assert card.chip.text() == "3 belum dijawab"
    assert line.remark.toPlainText() == ""


def test_a_recommendation_becomes_an_agreed_action_with_owner_and_date(
        qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView, sample_account: Account) -> None:
    view.show_page("scoring", "findings:")
    settle(qtbot, context)
    scoring = view.page_widget("scoring")
    assert isinstance(scoring, ScoringPage)
    with sample_account.reading() as session:
        before = len(session.scalars(select(Action)).all())
    button = next(one for one in scoring.findings.findChildren(QPushButton) if one.text() == "Sepakati…")
    button.click()
    settle(qtbot, context)
    assert view.page == "overview"
    page = view.page_widget("overview")
    assert isinstance(page, OverviewPage)
    record = page.table.current_id()
    with sample_account.reading() as session:
        made = session.get(Action, record)
        assert made is not None
        assert made.status == "open"
        assert len(session.scalars(select(Action)).all()) == before + 1
    index = page.table.proxy.mapFromSource(page.action_rows.find(record).siblingAtColumn(1))
    assert page.table.proxy.setData(index, "Bappeda")
    assert page.table.proxy.setData(index.siblingAtColumn(2), "31 Desember 2024")
    settle(qtbot, context)
    with sample_account.reading() as session:
        made = session.get(Action, record)
        assert made is not None
        assert (made.agency, made.due) == ("Bappeda", "2024-12-31")


def test_what_is_finished_or_of_another_region_is_not_asked_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    account = make_account(tmp_path_factory.mktemp("a") / "a")
    try:
        def visit(day: str, region: str = "93.02") -> str:
            made = make_visit(account, region)
            write(account, Visit, made, starts_on=day)
            return made

        def agree(at: str, body: str) -> str:
            return account.writer.run(lambda unit: visiting.add_action(unit, at, body), purpose="action.create")

        def asked(at: str) -> list[str]:
            with account.reading() as session:
                row = overview(session, at, account.profile)
            assert row is not None
            return [one.body for one in row.earlier]

        first, second, third = visit("2022-05-01"), visit("2023-05-01"), visit("2024-05-01")
        other = visit("2022-05-01", "11.72")
        old, gone, kept = agree(first, "Satu"), agree(first, "Dua"), agree(second, "Tiga")
        agree(other, "Daerah lain")
        assert asked(first) == []
        assert asked(second) == ["Satu", "Dua"]
        account.writer.run(lambda unit: following_up.answer_action(unit, second, old, status="done"), purpose="action.answer")
        account.writer.run(lambda unit: following_up.answer_action(unit, second, gone, status="running"), purpose="action.answer")
        assert asked(second) == ["Satu", "Dua"]  # answered here: printed in this visit's documents
        assert asked(third) == ["Dua", "Tiga"]
        assert kept
    finally:
        account.close()


@pytest.mark.usefixtures("papua")
@pytest.mark.parametrize(("due", "late"), [("2024-03-04", True), ("2024-03-05", False)])
def test_an_action_is_overdue_by_the_day_on_the_persons_own_clock(qtbot: QtBot, context: AppContext, due: str, late: bool) -> None:
    card = FollowUp(context, "v")
    qtbot.addWidget(card)
    card.show_rows([EarlierAction("a", "Memasang baterai", "Dinas Kominfo", due, "open", "", "", answered=False)])
    assert ("lewat tenggat" in card.line("a").facts.text()) is late
