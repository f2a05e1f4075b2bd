"""The panel in the window: alone until it is closed, closed from files that were handed over, then figures, spread and words."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from assessor_app.models.documents import Document
from assessor_app.models.kinds import DocumentType
from assessor_app.models.panels import Panel, PanelRemark
from assessor_app.models.visits import Visit
from assessor_app.reports import content as c
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs import files as ask_files
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.documents import DocumentsPage
from assessor_app.ui.pages.panel import PanelPage
from assessor_app.ui.pages.scoring import ScoringPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow import documents, panel, sample_panel
from assessor_app.workflow.accounts import Account
from tests.factories import write
from tests.ui.conftest import settle

PIN = "2468"


def words(widget: PanelPage) -> str:
    """Return everything that can be read on the page."""
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


@pytest.fixture
def handed_over(sample_account: Account, tmp_path: Path) -> tuple[str, list[Path]]:
    """Sign the person's own sheet of the sample visit; return two colleagues' signed sheets as files, and a second one of the first's."""
    account = sample_account
    with account.reading() as session:
        visit = session.scalars(select(Visit)).one().id
    centre = sample_panel.certify(account)
    prepared = documents.prepare(account, DocumentType.EVALUATION_SHEET, visit, documents.wish(number="LE-1", date="2024-07-04"))
    documents.sign(account, prepared, PIN)
    assert isinstance(prepared.content, c.SheetContent)
    out, team = [], [account.profile]
    for k, name in enumerate(("Suharto", "Ni Luh Ayu"), 2):
        def score(n: int, own: str | None, k: int = k) -> str | None:
            return own if own in (None, "-") or n % (k + 5) else str((int(own or 0) + 2) % 5)

        assessor, _, pdf = sample_panel.colleague_sheet(prepared.content, visit, name, f"Universitas {k}", f"LE-{k}", centre, score)
        team.append(assessor)
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(pdf)
        out.append(file)
    _, _, again = sample_panel.colleague_sheet(
        prepared.content, visit, "Suharto", "Universitas 2", "LE-9", centre, lambda n, own: own, team[1])
    out.append(tmp_path / "kedua.pdf")
    out[-1].write_bytes(again)
    write(account, Visit, visit, lead=account.profile, team=team)
    return visit, out


def open_panel(qtbot: QtBot, context: AppContext, view: VisitView) -> PanelPage:
    view.show_page("scoring", "panel:")
    settle(qtbot, context)
    page = view.page_widget("scoring")
    assert isinstance(page, ScoringPage)
    part = page.part("panel:")
    assert isinstance(part, PanelPage)
    return part


def test_before_one_has_signed_there_is_nothing_to_close(qtbot: QtBot, context: AppContext, view: VisitView) -> None:
    page = open_panel(qtbot, context, view)
    assert "Tandatangani dulu Lembar Evaluasi Anda" in words(page)
    assert page.members.close_here.isHidden()
    assert page.members.add_files.isHidden()
    assert page.figures.isHidden()


def test_a_panel_is_closed_from_files_and_its_words_are_written_in_place(
        qtbot: QtBot, window: MainWindow, context: AppContext, handed_over: tuple[str, list[Path]], view: VisitView,
        sample_account: Account, tmp_path: Path) -> None:
    visit, (*sheets, _) = handed_over
    page = open_panel(qtbot, context, view)
    assert "Suharto" not in words(page)  # nobody of that name is known here, and nothing of the sheet is told
    assert not page.members.close_here.isEnabled()
    foreign = tmp_path / "bukan-lembar.pdf"
    foreign.write_bytes(b"%PDF-1.4\nbukan")
    ask_files.chosen.extend([*sheets, foreign])
    page.members.add_files.click()
    settle(qtbot, context)
    said = words(page)
    assert "Suharto.pdf: lembar bertanda tangan dari Suharto" in said
    assert "bukan-lembar.pdf: " in said
    assert "indeks" not in said
    assert not page.members.close_here.isEnabled()
    page.members.file_left_out.emit("bukan-lembar.pdf")
    settle(qtbot, context)
    assert page.members.close_here.isEnabled()
    assert "\nSuharto\n" in words(page)  # the member goes by the name on the verified sheet
    page.members.close_here.click()  # the safe answer is the default
    settle(qtbot, context)
    with sample_account.reading() as session:
        assert session.get(Panel, panel.panel_id(visit)) is None
    context.notify.answers.append(True)
    page.members.close_here.click()
    settle(qtbot, context)

    result = panel.result(sample_account, visit)
    assert len(result.sheets) == 3
    assert page.figures.isVisible()
    assert page.figures.index.text() == f"{float(result.evaluation.index or 0):.2f}".replace(".", ",")
    assert "Smart Living" in page.figures.values.text()
    table = page.questions.table
    assert table is not None
    assert table.source.rowCount() == len(result.questions)
    assert page.questions.only_apart.isChecked()
    assert table.proxy.rowCount() == sum(q.apart for q in result.questions)
    owed = len(result.owed)
    assert owed
    assert page.questions.chip.text().startswith(str(owed))

    # The word is written where the scores stand; undo takes it back.
    first = page.questions._current
    assert first == result.owed[0]
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert page.questions.remark.hasFocus() or not window.isActiveWindow()
    qtbot.keyClicks(page.questions.remark, "Panel membaca naskahnya bersama.")
    qtbot.keyClick(page.questions.remark, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, context)
    assert page.questions._current != first
    assert page.questions.remark.toPlainText() == ""
    with sample_account.reading() as session:
        assert session.scalars(select(PanelRemark.body)).all() == ["Panel membaca naskahnya bersama."]
    assert page.questions.chip.text().startswith(str(owed - 1))
    assert window.actions_ is not None
    window.actions_.undo()
    settle(qtbot, context)
    assert page.questions.chip.text().startswith(str(owed))

    # What keeps the report from its signature is named; the button leads to its preview.
    assert "belum diberi catatan panel" in words(page)
    page.sign.click()
    settle(qtbot, context)
    documents_page = view.page_widget("documents")
    assert isinstance(documents_page, DocumentsPage)
    assert documents_page.name.text() == "Laporan Panel"
    assert documents_page.sign.isVisible()
    assert not documents_page.sign.isEnabled()
    with sample_account.reading() as session:
        assert session.scalars(select(Document.type)).all() == ["evaluation_sheet"]


def test_a_member_is_left_out_and_taken_in_later_and_what_is_not_counted_is_named(
        qtbot: QtBot, context: AppContext, handed_over: tuple[str, list[Path]], view: VisitView, sample_account: Account,
        tmp_path: Path) -> None:
    visit, (suharto, ayu, second) = handed_over
    page = open_panel(qtbot, context, view)
    ask_files.chosen.append(suharto)
    page.members.add_files.click()
    settle(qtbot, context)
    assert not page.members.close_here.isEnabled()  # one sheet is missing
    with sample_account.reading() as session:
        team = session.get(Visit, visit).team  # type: ignore[union-attr]
    page.members.boxes[team[2]].click()
    assert page.members.close_here.isEnabled()
    context.notify.answers.append(True)
    page.members.close_here.click()
    settle(qtbot, context)
    assert len(panel.result(sample_account, visit).sheets) == 2
    assert page.faults.isHidden()

    # Two of the same name from two sticks are two files.
    other = tmp_path / "stik" / suharto.name
    other.parent.mkdir()
    other.write_bytes(ayu.read_bytes())
    page._take_files([other, ayu])
    settle(qtbot, context)
    assert [(offer.source, offer.name) for offer in page._offers] == [("Suharto.pdf", "Ni Luh Ayu")]  # one document in two files
    page._take_files([suharto])
    settle(qtbot, context)
    assert "Suharto (2).pdf" in {offer.source for offer in page._offers}
    page._leave_out("Suharto (2).pdf")
    settle(qtbot, context)
    page._leave_out("Suharto.pdf")
    settle(qtbot, context)
    page.members.take.click()
    settle(qtbot, context)
    assert len(panel.result(sample_account, visit).sheets) == 3

    # A second sheet of the same assessor that replaces none: neither counts, and the page says why.
    page._take_files([second])
    settle(qtbot, context)
    page.members.take.click()
    settle(qtbot, context)
    assert len(panel.result(sample_account, visit).sheets) == 2
    assert page.faults.isVisible()
    assert "Ada dua lembar" in words(page)
