"""The guided path in the window: what is missing is seen, filled in where it stands, and warned of in the table; nothing is forbidden."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from assessor_app import i18n
from assessor_app.models.plans import Plan, Programme, ProgrammeYear
from assessor_app.models.visits import Visit
from assessor_app.ui.context import AppContext
from assessor_app.ui.pages.master_plan import MasterPlanPage
from assessor_app.ui.pages.overview import OverviewPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.basics import Field
from assessor_app.ui.widgets.editors import NoteEdit
from tests.factories import read, write
from tests.ui.conftest import settle


def page_of(qtbot: QtBot, view: VisitView, context: AppContext, stage: str = "") -> MasterPlanPage:
    view.show_page("plan", f"path:{stage}")
    page = view.page_widget("plan")
    assert isinstance(page, MasterPlanPage)
    settle(qtbot, context)
    return page


def need(page: MasterPlanPage, title: str) -> str:
    """Choose a need by its title; return what its line says."""
    found = page.path.list.findItems(title, Qt.MatchFlag.MatchStartsWith)
    assert found, title
    page.path.list.setCurrentItem(found[0])
    return found[0].text()


def lines(page: MasterPlanPage) -> QListWidget:
    assert page.path.panel.lines is not None
    return page.path.panel.lines


def plan_of(context: AppContext) -> str:
    with context.account.reading() as session:
        return str(session.query(Plan.id).where(Plan.region == "93.02").one()[0])


def test_a_missing_part_is_typed_where_it_is_asked_for_by_keyboard(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    page = page_of(qtbot, view, context)
    assert page.path.stages.tabText(page.path.stages.currentIndex()) == "Bimtek I  8/10"  # the first one with something missing
    assert page.path.said.text() == "Bimtek I: 8 dari 10 ada"
    assert page.path.list.currentItem().text() == "Forum Smart City\nBelum ada"
    qtbot.keyClick(page.path.list, Qt.Key.Key_Return)
    editor = page.window().focusWidget()
    assert isinstance(editor, NoteEdit)
    qtbot.keyClicks(editor, "Forum bertemu di Kouh.")
    context.flush()
    settle(qtbot, context)
    assert read(context.account, Plan, plan_of(context), "forum") == "Forum bertemu di Kouh."
    assert page.path.said.text() == "Bimtek I: 9 dari 10 ada"
    assert page.window().focusWidget() is editor  # nothing jumped away from who types
    assert need(page, "Forum Smart City") == "Forum Smart City\nAda"


def test_the_stage_of_the_visit_is_opened_first(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    write(context.account, Visit, view.visit.id, stage="bimtek_3")
    settle(qtbot, context)
    page = page_of(qtbot, view, context)
    assert page.path.stages.tabText(page.path.stages.currentIndex()).startswith("Bimtek III")
    view.show_page("overview")
    overview = view.page_widget("overview")
    assert isinstance(overview, OverviewPage)
    settle(qtbot, context)
    said = [line.accessibleName() for line in overview.steps.findChildren(QWidget)]
    assert any(line.startswith("Bimtek III: ") and line.endswith("3 dari 4 ada, 3 peringatan") for line in said)
    page.path.stages.setCurrentIndex(0)
    go = next(one for one in overview.steps.findChildren(QPushButton) if one.accessibleName() == "Buka: Bimtek III")
    qtbot.mouseClick(go, Qt.MouseButton.LeftButton)
    settle(qtbot, context)
    assert view.page == "plan"
    assert page.parts.currentWidget() is page.path
    assert page.path.stages.tabText(page.path.stages.currentIndex()).startswith("Bimtek III")


def test_a_warning_is_seen_at_the_row_and_leads_to_the_path_and_back(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    page = page_of(qtbot, view, context)
    record = page.model.rows[4].id
    write(context.account, Programme, record, agency="", last_year=2031)
    settle(qtbot, context)
    page.open_record(record)
    settle(qtbot, context)
    assert page.model.data(page.model.index(4, 0), Qt.ItemDataRole.DecorationRole) is not None
    assert page.model.data(page.model.index(5, 0), Qt.ItemDataRole.DecorationRole) is None
    assert page.warnings.said.text() == "Peringatan: tanpa OPD, di luar tahun rencana: 2023–2031"
    qtbot.mouseClick(page.warnings.go, Qt.MouseButton.LeftButton)
    settle(qtbot, context)
    assert page.parts.currentWidget() is page.path
    assert page.path.list.currentItem().text() == "Setiap program punya OPD\n1 peringatan"
    assert lines(page).currentItem().text() == "5. Musrenbang terbuka dan rekam usulan\ntanpa OPD"
    qtbot.keyClick(lines(page), Qt.Key.Key_Return)  # to the very cell
    settle(qtbot, context)
    assert page.parts.currentWidget() is page.stack
    assert (page.table.current_id(), page.model.columns[page.table.currentIndex().column()].title) == (record, "OPD")
    page.table.choose(page.model.rows[5].id)
    assert not page.warnings.isVisible()


def test_a_quick_win_is_answered_on_the_path(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    page = page_of(qtbot, view, context, "bimtek_3")
    assert need(page, "Manfaat quick win segera terasa").endswith("3 peringatan")
    form = page.path.panel.form
    assert form is not None
    assert lines(page).currentItem().text() == "34. Rekam medis luring puskesmas\nmanfaat baru terasa setelah 18 bulan, lebih dari 12"
    form.months.setText("setahun")
    context.flush()
    field = form.months.parentWidget()
    assert isinstance(field, Field)
    assert field.hint.text() == "Tulis jumlah bulan berupa bilangan bulat."
    record = str(lines(page).currentItem().data(Qt.ItemDataRole.UserRole))
    assert read(context.account, Programme, record, "benefit_months") == 18  # what is no number is said, and nothing is lost
    form.months.setText("10")
    context.flush()
    settle(qtbot, context)
    assert read(context.account, Programme, record, "benefit_months") == 10
    assert lines(page).currentItem().text() == "34. Rekam medis luring puskesmas"
    assert need(page, "Manfaat quick win segera terasa").endswith("2 peringatan")
    form.infrastructure.setCurrentIndex(2)
    form.infrastructure.activated.emit(2)
    settle(qtbot, context)
    assert need(page, "Quick win bukan infrastruktur").endswith("1 peringatan")


def test_a_total_that_does_not_add_up_stands_on_the_path_and_beside_the_quick_wins_own_fields(
        qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    page = page_of(qtbot, view, context, "bimtek_2")
    with context.account.reading() as session:
        budgeted = set(session.scalars(select(ProgrammeYear.programme).where(ProgrammeYear.budget > 0)))
        record = next(p.id for p in session.query(Programme).filter_by(quick_win=True).order_by(Programme.number) if p.id in budgeted)
    write(context.account, Programme, record, budget=7)
    settle(qtbot, context)
    assert need(page, "Setiap program memiliki anggaran yang jumlahnya cocok").endswith("1 peringatan")
    assert "total bukan jumlah anggaran tahunannya: Rp 7 dibanding Rp" in lines(page).item(0).text()
    page = page_of(qtbot, view, context, "bimtek_3")
    need(page, "Manfaat quick win segera terasa")
    shown = lines(page)
    shown.setCurrentRow([shown.item(at).data(Qt.ItemDataRole.UserRole) for at in range(shown.count())].index(record))
    form = page.path.panel.form
    assert form is not None
    assert form.warnings.isVisible()
    assert form.warnings.text().startswith("Peringatan: total bukan jumlah anggaran tahunannya: Rp 7 dibanding Rp")


def test_an_empty_sub_dimension_leads_to_a_new_programme_there(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    page = page_of(qtbot, view, context, "bimtek_2")
    for row in page.model.rows:
        if row.sub_dimension == "energi":
            write(context.account, Programme, row.id, deleted=True)
    settle(qtbot, context)
    assert need(page, "Program di setiap subdimensi").endswith("1 subdimensi tanpa program")
    assert lines(page).item(0).text() == "Smart Environment – Energi"
    qtbot.keyClick(lines(page), Qt.Key.Key_Return)
    settle(qtbot, context)
    assert page.parts.currentWidget() is page.stack
    made = page.model.row(page.table.currentIndex())
    assert made is not None
    assert made.sub_dimension == "energi"


def test_a_need_is_expected_elsewhere_or_set_aside(qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    page = page_of(qtbot, view, context, "bimtek_4")
    assert need(page, "Buku 4") == "Buku 4, Quick Win\nBuku belum ada di sini"
    home = page.path.panel.home
    home.setCurrentIndex(4)
    home.activated.emit(4)
    settle(qtbot, context)
    assert read(context.account, Plan, plan_of(context), "path") == ["book_quick_win=aside"]
    assert page.path.said.text() == "Bimtek IV: 1 dari 3 ada"
    assert [page.path.stages.tabText(at) for at in range(5)][-1] == "Dikesampingkan"
    page.path.stages.setCurrentIndex(4)
    home.setCurrentIndex(3)
    home.activated.emit(3)
    settle(qtbot, context)
    assert read(context.account, Plan, plan_of(context), "path") == []
    assert page.path.stages.count() == 4


def test_what_changed_while_the_path_was_out_of_sight_is_there_when_it_is_seen(
        qtbot: QtBot, view: VisitView, context: AppContext) -> None:
    page = page_of(qtbot, view, context, "bimtek_2")
    page.parts.setCurrentWidget(page.stack)
    for row in page.model.rows[:3]:
        write(context.account, Programme, row.id, target="")
    settle(qtbot, context)
    page.parts.setCurrentWidget(page.path)
    settle(qtbot, context)
    assert page.path.said.text() == "Bimtek II: 4 dari 5 ada, 3 peringatan"
    assert need(page, "Setiap program punya target").endswith("3 peringatan")
    assert lines(page).count() == 3


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_need_opens_and_has_its_controls_named(
        qtbot: QtBot, view: VisitView, context: AppContext, language: str) -> None:
    i18n.set_language(language)
    page = page_of(qtbot, view, context)
    for stage in range(page.path.stages.count()):
        page.path.stages.setCurrentIndex(stage)
        for row in range(page.path.list.count()):
            page.path.list.setCurrentRow(row)
            assert page.path.panel.title.text() == page.path.list.item(row).text().split("\n")[0]
            for widget in page.path.panel.findChildren(NoteEdit) + page.path.panel.findChildren(QListWidget):
                assert widget.accessibleName()
