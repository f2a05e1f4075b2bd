"""An open visit: where and when, and its five pages as tabs, each made when it is first opened."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from assessor_app import formats
from assessor_app.i18n import t
from assessor_app.models.changes import ChangeSet
from assessor_app.models.kinds import Kind, SheetState
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.pages.names import DOCUMENTS, INTERVIEWS, OVERVIEW, PAGES, PLAN, SCORING, page_title
from assessor_app.ui.pages.page import Page
from assessor_app.ui.widgets.basics import icon_button, label, set_chip
from assessor_app.workflow.queries.visits import VisitRow, visit_row

_ICONS = {OVERVIEW: "overview", PLAN: "plan", INTERVIEWS: "interview", SCORING: "scoring", DOCUMENTS: "document"}


def _make(code: str) -> Callable[[AppContext, VisitRow], Page]:
    """Return the class of a page; its module is read only when somebody opens it."""
    if code == OVERVIEW:
        from assessor_app.ui.pages.overview import OverviewPage

        return OverviewPage
    if code == PLAN:
        from assessor_app.ui.pages.master_plan import MasterPlanPage

        return MasterPlanPage
    if code == INTERVIEWS:
        from assessor_app.ui.pages.interviews import InterviewsPage

        return InterviewsPage
    if code == SCORING:
        from assessor_app.ui.pages.scoring import ScoringPage

        return ScoringPage
    from assessor_app.ui.pages.documents import DocumentsPage

    return DocumentsPage


class VisitView(QWidget):
    """Shows one visit.

    Signals:
        side_toggled(): show or hide the visits at the left.
        elsewhere_requested(str, str, str): show a record of another visit: its kind, id and scope.
    """

    side_toggled = Signal()
    elsewhere_requested = Signal(str, str, str)

    def __init__(self, context: AppContext, visit: VisitRow, page: str = OVERVIEW) -> None:
        super().__init__()
        self._context = context
        self.visit = visit
        self._pages: dict[str, Page] = {}
        theme = context.theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QFrame()
        head.setProperty("role", "bar")
        row = QHBoxLayout(head)
        row.setContentsMargins(theme.em(0.5), theme.em(0.35), theme.em(0.9), theme.em(0.35))
        row.setSpacing(theme.em(0.5))
        row.addWidget(icon_button(theme, "menu", t("Show or hide the visits (Ctrl+B)"), self.side_toggled.emit))
        self.title = label("", "title", wrap=False)
        row.addWidget(self.title)
        self.facts = label("", "muted")
        row.addWidget(self.facts, 1)
        self.chip = label("", "chip")
        row.addWidget(self.chip)
        column.addWidget(head)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(t("Pages of the visit"))
        self.tabs.setDocumentMode(True)
        self.tabs.setIconSize(QSize(theme.em(0.95), theme.em(0.95)))
        self.tabs.tabBar().setExpanding(False)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setUsesScrollButtons(True)
        for number, code in enumerate(PAGES, 1):
            frame = QWidget()
            frame.setObjectName("page")
            box = QVBoxLayout(frame)
            box.setContentsMargins(0, 0, 0, 0)
            self.tabs.addTab(frame, theme.icon(_ICONS[code], theme.colours.muted), page_title(code))
            self.tabs.setTabToolTip(number - 1, f"Alt+{number}")
        column.addWidget(self.tabs, 1)
        self._show_facts(visit)
        self.tabs.setCurrentIndex(PAGES.index(page))
        self._on_tab_changed(PAGES.index(page))
        self.tabs.currentChanged.connect(self._on_tab_changed)

    @property
    def page(self) -> str:
        """The page in front."""
        return PAGES[self.tabs.currentIndex()]

    def page_widget(self, code: str) -> Page:
        """Return a page, made now where nobody opened it yet."""
        if code not in self._pages:
            made = _make(code)(self._context, self.visit)
            made.page_requested.connect(self.show_page)
            made.elsewhere_requested.connect(self.elsewhere_requested)
            self._pages[code] = made
            frame = self.tabs.widget(PAGES.index(code))
            layout = frame.layout() if frame is not None else None
            if layout is not None:
                layout.addWidget(made)
        return self._pages[code]

    def show_page(self, code: str, record: str = "") -> None:
        """Bring a page to the front, and a record on it."""
        self.tabs.setCurrentIndex(PAGES.index(code))
        page = self.page_widget(code)
        page.focus_main()
        if record:
            page.open_record(record)

    def take(self, changes: ChangeSet) -> None:
        """Pass a change on to the pages, and show the visit's facts anew where they changed."""
        for page in self._pages.values():
            page.take(changes)
        if changes.touches(Kind.VISIT, self.visit.id) or changes.touches(Kind.DOCUMENT):
            self._context.tasks.read(visit_row, self.visit.id, done=self._on_visit_read, owner=self, key=f"head-{self.visit.id}")

    def _on_tab_changed(self, at: int) -> None:
        self._context.flush_requested.emit()
        self.page_widget(PAGES[at])

    def _on_visit_read(self, row: VisitRow | None) -> None:
        if row is not None:
            self._show_facts(row)

    def _show_facts(self, row: VisitRow) -> None:
        self.visit = row
        self.title.setText(row.title)
        self.facts.setText(" · ".join(part for part in (
            row.region, row.province, labels.stage(row.stage), formats.date_range(row.starts_on, row.ends_on)) if part))
        tone = {SheetState.SIGNED: "good", SheetState.COSIGNED: "good", SheetState.STORED: "good", SheetState.APPROVED: "good",
                SheetState.RETURNED: "warn"}.get(SheetState(row.state or SheetState.DRAFT), "")
        set_chip(self.chip, labels.state(row.state), tone)
        self.setAccessibleName(f"{row.title} {row.region}")
