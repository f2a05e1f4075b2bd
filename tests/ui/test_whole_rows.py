"""Rows of lists stand whole: no last word cut off, and what has no blanks is broken anywhere; also where room is short."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QTextLayout
from PySide6.QtWidgets import QListWidget, QStyle, QStyleOptionComboBox, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from assessor_app.models.plans import Programme
from assessor_app.ui.context import AppContext
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.documents import DocumentsPage
from assessor_app.ui.pages.interviews import InterviewsPage
from assessor_app.ui.pages.master_plan import MasterPlanPage
from assessor_app.ui.pages.search import SearchPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.beside import LookList
from assessor_app.ui.widgets.book_desk import BookDesk
from assessor_app.ui.widgets.whole_rows import WholeRows
from assessor_app.workflow.accounts import Account
from tests.factories import write
from tests.ui.conftest import built_anew, settle
from tests.ui.test_find_code import other_digits

ADDRESS = "https://contoh.go.id/" + "data/layanan-publik/" * 15
NAME = "ProgramPercepatanPenyediaanLayananAdministrasiKependudukanBerbasisKampung"
WORDS = "Program Percepatan Penyediaan Layanan Administrasi Kependudukan Berbasis Kampung di Seluruh Distrik Terpencil 👩\u200d🏫 akhir"


def assert_whole(shown: QListWidget) -> None:
    """Look at each row as the style gets it to paint: no line is wider than its place, none is missing, none stands below the row."""
    rows = shown.itemDelegate()
    assert isinstance(rows, WholeRows)
    assert shown.count()
    assert shown.horizontalScrollBar().maximum() == 0
    for at in range(shown.count()):
        item, option = shown.item(at), QStyleOptionViewItem()
        shown.initViewItemOption(option)
        option.rect = shown.visualItemRect(item)
        rows.initStyleOption(option, shown.indexFromItem(item))
        room = shown.style().subElementRect(QStyle.SubElement.SE_ItemViewItemText, option, shown)
        inside = room.width() - 2 * (shown.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, option, shown) + 1)
        lines = option.text.split("\u2028")
        assert "".join(option.text.split()) == "".join(item.text().split())
        assert all(width_of(line, option) <= inside for line in lines), item.text()
        needed = option.fontMetrics.boundingRect(QRect(0, 0, inside, 10_000), 0, "\n".join(lines))
        assert needed.height() <= room.height() < needed.height() + option.fontMetrics.lineSpacing()


def width_of(line: str, option: QStyleOptionViewItem) -> float:
    layout = QTextLayout(line, option.font)
    layout.beginLayout()
    made = layout.createLine()
    layout.endLayout()
    return made.naturalTextWidth() if made.isValid() else 0


@pytest.mark.parametrize("width", [180, 320, 700])
def test_what_has_no_blanks_is_broken_anywhere(qtbot: QtBot, context: AppContext, width: int) -> None:
    shown = QListWidget()
    qtbot.addWidget(shown)
    WholeRows(shown)
    shown.addItems([ADDRESS, f"{NAME}\n{WORDS}", "pendek", f"{WORDS} {ADDRESS}"])
    shown.setFixedSize(width, 900)
    shown.show()
    qtbot.waitUntil(lambda: shown.visualItemRect(shown.item(0)).width() == shown.viewport().width())
    assert_whole(shown)


@pytest.mark.parametrize("scale", [100, 150])
def test_examples_path_and_documents_stand_whole(qtbot: QtBot, view: VisitView, context: AppContext, window: MainWindow,
                                                 sample_account: Account, scale: int) -> None:
    with sample_account.reading() as session:
        first, second, *_ = [row.id for row in session.query(Programme).filter_by(quick_win=True)]
    for record, name in ((first, NAME), (second, WORDS)):
        write(sample_account, Programme, record, name=name)
    context.settings.text_scale = scale
    plan = built_anew(qtbot, window, context, "plan")
    assert isinstance(plan, MasterPlanPage)
    plan.parts.setCurrentWidget(plan.examples)
    settle(qtbot, context)
    plan.examples.list.item(1).setText(ADDRESS)
    assert_whole(plan.examples.list)
    assert window.workspace is not None
    assert window.workspace.view is not None
    window.workspace.view.show_page("plan", "path:bimtek_3")
    settle(qtbot, context)
    path = plan.path
    assert_whole(path.list)
    path.list.setCurrentRow([path.list.item(at).text().split("\n")[0] for at in range(path.list.count())].index("Jumlah quick win"))
    settle(qtbot, context)
    assert path.panel.lines is not None
    assert_whole(path.panel.lines)
    window.workspace.view.show_page("documents")
    settle(qtbot, context)
    page = window.workspace.view.page_widget("documents")
    assert isinstance(page, DocumentsPage)
    assert_whole(page.list)


def test_the_warning_of_other_digits_stands_whole(qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account) -> None:
    dialog = other_digits(qtbot, context, view, sample_account)
    settle(qtbot, context)
    assert_whole(dialog.list)
    assert not dialog.list.verticalScrollBar().isVisible()


def test_a_found_address_is_broken_inside_the_list(qtbot: QtBot, context: AppContext, view: VisitView) -> None:
    from assessor_app.ui.pages.search import Found

    page = SearchPage(context)
    qtbot.addWidget(page)
    page.resize(500, 400)
    page.show()
    page._show("data", (Found("interview", "n", "visit:v", NAME, ADDRESS.replace(".", "-"), ()),))
    hit = page.list.item(0)
    document = page._delegate._document(page._hits[0], page.list.viewport().width() - context.theme.em(1))
    assert document.idealWidth() <= page.list.viewport().width()
    assert document.size().height() <= page.list.visualItemRect(hit).height()


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_book_beside_a_note_fits_a_small_screen_at_large_text(
        qtbot: QtBot, view: VisitView, context: AppContext, window: MainWindow, language: str) -> None:
    from assessor_app import i18n

    i18n.set_language(language)
    context.settings.text_scale, context.settings.language = 150, language
    page = built_anew(qtbot, window, context, "interviews")
    assert isinstance(page, InterviewsPage)
    window.resize(1366, 768)
    for what in ("books", "programmes", "questions", "actions", "guide"):
        page.show_beside(what)
        settle(qtbot, context)
        part = page.beside.parts[what]
        if isinstance(part, LookList):
            part.list.setCurrentRow(0)
        if isinstance(part, BookDesk):
            part.passage.show()  # as while words are selected in the book
        settle(qtbot, context)
        assert page.beside.isVisible()
        assert window.workspace is not None
        assert window.workspace.side.isVisible()
        assert (window.width(), window.height()) == (1366, 768), what
        assert window.minimumSizeHint().width() <= 1300, what  # other fonts are wider
        if isinstance(part, BookDesk):
            bar = part.lists.tabBar()
            for at in range(bar.count()):  # each way into the book stands there whole
                assert bar.rect().contains(bar.tabRect(at)), bar.tabText(at)
                assert bar.fontMetrics().horizontalAdvance(bar.tabText(at)) < bar.tabRect(at).width(), bar.tabText(at)
        form = page.form.widget()
        assert form is not None
        assert form.minimumSizeHint().width() <= page.form.viewport().width(), what  # nothing of the note is cut
        choice, option = page.beside_choice, QStyleOptionComboBox()
        choice.initStyleOption(option)
        room = choice.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, choice)
        assert choice.fontMetrics().horizontalAdvance(choice.currentText()) <= room.width(), what
