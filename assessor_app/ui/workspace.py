"""The open notebook: visits at the left, the chosen visit at the right, what was found in its place while one searches."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.models.changes import ChangeSet
from assessor_app.models.kinds import CATALOGUE, Kind
from assessor_app.ui.context import AppContext
from assessor_app.ui.pages.names import DOCUMENTS, INTERVIEWS, OVERVIEW, PLAN, SCORING
from assessor_app.ui.pages.search import SearchPage
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.banner import Banner
from assessor_app.ui.widgets.basics import Empty, button
from assessor_app.ui.widgets.side import Side
from assessor_app.workflow.queries.visits import Outbox, VisitRow, outbox, visit_rows

#: How long after the last key of the search its hits are read, in milliseconds.
SEARCH_MS = 120
_PAGE_OF = {Kind.INTERVIEW: INTERVIEWS, Kind.PROGRAMME: PLAN, Kind.PERSON: OVERVIEW, Kind.FINDING: SCORING, Kind.ACTION: OVERVIEW,
            Kind.DOCUMENT: DOCUMENTS, Kind.ANSWER: SCORING, Kind.BOOK: PLAN, Kind.MARK: PLAN,
            Kind.INNOVATION: PLAN, Kind.PLAN: PLAN, Kind.PANEL_REMARK: SCORING}


class Workspace(QWidget):
    """What is shown of an open notebook.

    Signals:
        visit_opened(str): a visit came to the front.
        outbox_changed(Outbox): what waits to be sent and to be settled.
        ready(): the list of visits is on the screen.
    """

    visit_opened = Signal(str)
    outbox_changed = Signal(object)
    ready = Signal()

    def __init__(self, context: AppContext, visit: str = "", page: str = OVERVIEW) -> None:
        super().__init__()
        self._context = context
        self._wanted = visit
        self._wanted_page = page
        self._rows: dict[str, VisitRow] = {}
        self._loaded = False
        theme = context.theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(max(3, theme.em(0.25)))
        self.side = Side(context)
        self.splitter.addWidget(self.side)
        right = QWidget()
        inner = QVBoxLayout(right)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        self.banner = Banner(theme, context.notify)
        self.stack = QStackedWidget()
        self.empty = Empty(
            theme, "pin", t("No visit yet"),
            t("Begin one with the region and its stage; everything else can be filled in on the way, without a line."),
            button(theme, t("New visit"), self.new_visit, icon="plus", part="main"))
        self.stack.addWidget(self.empty)
        self.search = SearchPage(context)
        self.stack.addWidget(self.search)
        self.view: VisitView | None = None
        self.beside: QWidget | None = None  # a page that belongs to no visit
        inner.addWidget(self.stack, 1)
        inner.addWidget(self.banner)  # below: what the pointer or the eye is on does not move when it comes and goes
        self.splitter.addWidget(right)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([theme.em(14.5) if theme.scale <= 115 else theme.em(11.5), theme.em(60)])
        self.splitter.setCollapsible(1, False)
        column.addWidget(self.splitter)
        self.stack.hide()
        self._search_timer = QTimer(self, singleShot=True, interval=SEARCH_MS)
        self._search_timer.timeout.connect(self._search_now)
        self._reload_timer = QTimer(self, singleShot=True, interval=60)
        self._reload_timer.timeout.connect(self.reload)
        self.side.visit_selected.connect(self.open_visit)
        self.side.new_visit_requested.connect(self.new_visit)
        self.side.search_changed.connect(self._on_search_changed)
        self.side.search.left_down.connect(self.search.list.setFocus)
        self.side.search.returnPressed.connect(self.search.list.setFocus)
        self.search.hit_opened.connect(self._on_hit_opened)
        self.search.closed.connect(self.side.search.clear)
        context.tasks.changed.connect(self._on_changed)
        self.reload()

    def reload(self) -> None:
        """Read the visits anew."""
        self._context.tasks.read(visit_rows, done=self._on_rows, key="visits", owner=self)
        self._context.tasks.read(outbox, done=self._on_outbox, key="outbox", owner=self)

    def open_visit(self, visit: str, page: str = "", record: str = "") -> None:
        """Show a visit, where asked a page and a record on it."""
        row = self._rows.get(visit)
        if row is None:
            self._wanted, self._wanted_page = visit, page or OVERVIEW
            return
        if self.view is None or self.view.visit.id != visit:
            self._context.flush_requested.emit()
            keep = page or (self.view.page if self.view is not None else self._wanted_page)
            if self.view is not None:
                self.stack.removeWidget(self.view)
                self.view.deleteLater()
            self.view = VisitView(self._context, row, keep)
            self.view.side_toggled.connect(self.toggle_side)
            self.view.elsewhere_requested.connect(self._on_hit_opened)
            self.stack.addWidget(self.view)
            self.visit_opened.emit(visit)
        if page or record:
            self.view.show_page(page or self.view.page, record)
        self.stack.setCurrentWidget(self.view)
        self.side.choose(visit)

    def new_visit(self) -> None:
        """Ask for a region and begin a visit."""
        from assessor_app.ui.dialogs.new_visit import NewVisit
        from assessor_app.workflow.visiting import create_visit

        dialog = NewVisit(self._context, self)
        if dialog.exec():
            region, stage, first, last = dialog.values()
            self._context.tasks.write(create_visit, region, stage, starts_on=first, ends_on=last, purpose="visit.create",
                                      done=self._on_visit_made, owner=self)

    def toggle_side(self) -> None:
        """Show or hide the visits at the left."""
        self.side.setVisible(not self.side.isVisible())

    def show_beside(self, page: QWidget) -> None:
        """Show a page that belongs to no visit, in the visit's place."""
        if page is not self.beside:
            self.beside = page
            self.stack.addWidget(page)
        self.stack.show()
        self.stack.setCurrentWidget(page)

    def show_visit(self) -> None:
        """Go back to the open visit."""
        self.stack.setCurrentWidget(self.view if self.view is not None else self.empty)
        if self.view is not None:
            self.view.setFocus()

    def focus_search(self) -> None:
        """Go to the line to find things with."""
        self.side.show()
        self.side.search.setFocus()
        self.side.search.selectAll()

    def _on_visit_made(self, visit: str) -> None:
        self._wanted, self._wanted_page = visit, OVERVIEW
        self.reload()

    def _on_rows(self, rows: tuple[VisitRow, ...]) -> None:
        self._rows = {row.id: row for row in rows}
        self.side.set_rows(rows)
        if self._loaded:
            self._show_wanted(rows)
            return
        self._loaded = True
        self.ready.emit()
        QTimer.singleShot(0, self, lambda: self._show_first(rows))  # the list can be used already

    def _show_first(self, rows: tuple[VisitRow, ...]) -> None:
        self._show_wanted(rows)
        (self.side.list if rows else self.side.new).setFocus()

    def _show_wanted(self, rows: tuple[VisitRow, ...]) -> None:
        """Show the visit that was asked for, that was open, or the newest."""
        asked, shown = bool(self._wanted), self.stack.currentWidget()
        wanted, self._wanted = self._wanted, ""
        if wanted in self._rows:
            self.open_visit(wanted, self._wanted_page)
        elif self.view is None and rows:
            self.open_visit(rows[0].id)
        elif self.view is not None and self.view.visit.id not in self._rows:
            self.stack.removeWidget(self.view)
            self.view.deleteLater()
            self.view = None
            if rows:
                self.open_visit(rows[0].id)
        if self.view is None:
            self.stack.setCurrentWidget(self.empty)
        if shown is self.beside and shown is not None and not asked:  # the person looks at something else meanwhile
            self.stack.setCurrentWidget(shown)
        self.stack.show()

    def _on_outbox(self, waiting: Outbox) -> None:
        self.outbox_changed.emit(waiting)

    def _on_changed(self, changes: ChangeSet) -> None:
        if self.view is not None:
            self.view.take(changes)
        self._reload_timer.start()

    def _on_search_changed(self, text: str) -> None:
        if text.strip():
            self._search_timer.start()
        else:
            self._search_timer.stop()
            self.stack.setCurrentWidget(self.view if self.view is not None else self.empty)

    def _search_now(self) -> None:
        self.stack.setCurrentWidget(self.search)
        self.search.look_for(self.side.search.text())

    def _on_hit_opened(self, kind: str, record: str, scope: str) -> None:
        from assessor_app.workflow.queries.visits import visit_of

        page = _PAGE_OF.get(Kind(kind), OVERVIEW)

        def show(visit: str) -> None:
            self.side.search.clear()
            if visit:
                self.open_visit(visit, page, f"{kind}:{record}" if kind in (Kind.MARK, Kind.INNOVATION) else record)

        if scope == CATALOGUE:  # it belongs to no visit: it is shown in the one that is open
            show(self.view.visit.id if self.view is not None else "")
            return
        self._context.tasks.read(visit_of, scope, done=show, owner=self)
