"""The books of a region's plan: one open at a time, with what leads into it, a search over all of them, and marks."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QTabWidget, QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from assessor_app.i18n import t
from assessor_app.isolated_file import HeldFile
from assessor_app.models.changes import ChangeSet
from assessor_app.models.kinds import BookType, Kind
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.book import add_books, edit_book
from assessor_app.ui.dialogs.evidence import choose_questions
from assessor_app.ui.tasks import Job
from assessor_app.ui.widgets.basics import Empty, button, icon_button, label, named
from assessor_app.ui.widgets.book_lists import Hits, Marks, Outline, Thumbnails
from assessor_app.ui.widgets.book_pages import BookPages, Boxes, HeldBook
from assessor_app.ui.widgets.editors import Choice, LineEdit, Number
from assessor_app.workflow import books
from assessor_app.workflow.queries.books import BookRow, MarkRow, PageHit, books_of, marks_of, search_pages
from assessor_app.workflow.queries.visits import VisitRow

#: How long after the last key the books are searched, in milliseconds.
_TYPED_MS = 150
_FOUND = 60
_CONTENTS, _SMALL, _MARKS, _HITS = range(4)


class BookDesk(QWidget):
    """Shows the books of the visited region.

    Signals:
        mark_opened(str): a mark was shown (its id), for who keeps the place.
    """

    mark_opened = Signal(str)
    #: The kinds whose changes it shows.
    shows = frozenset({Kind.BOOK, Kind.MARK})

    def __init__(self, context: AppContext, visit: VisitRow, *, narrow: bool = False) -> None:
        super().__init__()
        self._context, self._visit = context, visit
        self._rows: tuple[BookRow, ...] = ()
        self._open = ""  # the id of the book that is shown
        self._held: HeldFile | None = None
        self._book: HeldBook | None = None
        self._then: Callable[[], None] | None = None
        self._every: tuple[MarkRow, ...] = ()  # of all books
        self._selected: tuple[int, str, Boxes] | None = None
        self._new_mark = self._wanted_mark = ""
        self._wanted_page: tuple[str, int] | None = None
        self._indexing = self._index_again = False
        theme = context.theme
        column = QVBoxLayout(self)
        pad = 0 if narrow else theme.em(0.5)  # what lies around it has its own
        column.setContentsMargins(pad, pad, pad, pad)
        column.setSpacing(theme.em(0.4))
        self.empty = Empty(theme, "plan", t("No books yet"),
                           t("Add Buku 1 to 4 of the plan as PDF. They are kept encrypted, and searched."),
                           button(theme, t("Add books…"), self.add, icon="plus", part="main"))
        column.addWidget(self.empty)
        self._full = QWidget()
        full = QVBoxLayout(self._full)
        full.setContentsMargins(0, 0, 0, 0)
        full.setSpacing(theme.em(0.4))
        full.addLayout(self._tools(narrow))
        full.addWidget(self._passage_bar())
        self.split = QSplitter(Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(True)
        self.lists = QTabWidget()
        self.lists.setDocumentMode(True)
        self.lists.setUsesScrollButtons(False)  # in a narrow place each tab is elided, none is hidden behind an arrow
        self.lists.setElideMode(Qt.TextElideMode.ElideRight)
        self.lists.setAccessibleName(t("Ways into the book"))
        self.outline, self.small, self.marks, self.hits = Outline(), Thumbnails(context), Marks(context), Hits(theme)
        for widget, title in ((self.outline, t("Contents")), (self.small, t("Pages")), (self.marks, t("Marks")), (self.hits, t("Found"))):
            self.lists.setTabToolTip(self.lists.addTab(widget, title), title)
        self.pages = BookPages(context)
        parts = (self.pages, self.lists) if narrow else (self.lists, self.pages)
        for each in parts:
            self.split.addWidget(each)
            if narrow:
                each.setMinimumHeight(theme.em(3.5))  # large text leaves it little, and it can be made taller
        if narrow:
            self.lists.tabBar().setProperty("role", "narrow")
        self.split.setSizes([theme.em(22), theme.em(12)] if narrow else [theme.em(17), theme.em(48)])
        for part, share in enumerate((2, 1) if narrow else (0, 1)):
            self.split.setStretchFactor(part, share)
        full.addWidget(self.split, 1)
        column.addWidget(self._full, 1)
        self._full.hide()
        self.empty.hide()
        self._connect()

    # -- building

    def _tools(self, narrow: bool) -> QVBoxLayout:
        theme = self._context.theme
        rows = QVBoxLayout()
        row = looking = QHBoxLayout()
        rows.addLayout(row)
        if narrow:
            looking = QHBoxLayout()
            rows.addLayout(looking)
        self.chooser = Choice([])
        self.chooser.setAccessibleName(t("Book"))
        self.chooser.setMinimumWidth(theme.em(5 if narrow else 9))
        row.addWidget(self.chooser, 2)
        self.page = named(Number(theme, 1, 1, 1), t("Page"))
        self.page.setKeyboardTracking(False)
        self.page.setMaximumWidth(theme.em(4 if narrow else 5))
        looking.addWidget(self.page)
        self.of = label("", "muted", wrap=False)
        looking.addWidget(self.of)
        self.finder = LineEdit()
        self.finder.setPlaceholderText(t("Find in all books"))
        self.finder.setAccessibleName(t("Find in all books"))
        self.finder.setMinimumWidth(theme.em(4 if narrow else 7))
        looking.addWidget(self.finder, 2)
        looking.addWidget(icon_button(theme, "star", t("Mark the whole page (Ctrl+M)"), self.mark_page))
        row.addWidget(icon_button(theme, "plus", t("Add books…"), self.add))
        row.addWidget(icon_button(theme, "settings", t("About this book…"), self.about))
        shortcut = QShortcut(QKeySequence("Ctrl+M"), self, self.mark_page)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return rows

    def _passage_bar(self) -> QFrame:
        theme = self._context.theme
        self.passage = QFrame()
        self.passage.setProperty("role", "banner")
        row = QHBoxLayout(self.passage)
        row.setContentsMargins(theme.em(0.5), theme.em(0.2), theme.em(0.3), theme.em(0.2))
        self.quote = label()
        row.addWidget(self.quote, 1)
        self.mark = button(theme, t("Mark this passage"), self._mark_selected, icon="star", part="main")
        row.addWidget(self.mark)
        row.addWidget(icon_button(theme, "close", t("Take the selection back"), self._unselect))
        self.passage.hide()
        return self.passage

    def _connect(self) -> None:
        self.chooser.chosen.connect(lambda book: self.show_book(book))
        self.page.valueChanged.connect(lambda page: self.pages.go_to(page))
        self.pages.page_changed.connect(self._on_page)
        self.pages.passage_selected.connect(self._on_selected)
        self.outline.page_requested.connect(lambda page: self.pages.go_to(page))
        self.small.page_requested.connect(lambda page: self.pages.go_to(page))
        self.marks.mark_chosen.connect(self._show_mark)
        self.marks.evidence_requested.connect(self._as_evidence)
        self.hits.hit_chosen.connect(self._show_hit)
        self._typed = QTimer(self, singleShot=True, interval=_TYPED_MS)
        self._typed.timeout.connect(self._find)
        self.finder.textChanged.connect(lambda _: self._typed.start())
        self.finder.returnPressed.connect(lambda: self.hits.setCurrentRow(0) if self.hits.count() else None)
        self.lists.currentChanged.connect(lambda at: self.small._timer.start() if at == _SMALL else None)

    # -- loading

    def load(self) -> None:
        """Read the books and the marks anew."""
        has, visit = self._context.account.blobs.has, self._visit

        def query(session: Session) -> tuple[tuple[BookRow, ...], tuple[MarkRow, ...]]:
            return books_of(session, visit.region, has), marks_of(session, visit.id)

        self._context.tasks.read(query, done=lambda read: self._show(*read), owner=self, key=f"books-{id(self)}")

    def take(self, changes: ChangeSet) -> None:
        """Read anew where a change is ours."""
        if any(changes.touches(kind) for kind in self.shows):
            self.load()

    def _show(self, rows: tuple[BookRow, ...], marks: tuple[MarkRow, ...]) -> None:
        self._rows = rows
        self._every = marks
        self.empty.setVisible(not rows)
        self._full.setVisible(bool(rows))
        self.chooser.offer([(row.id, self._name(row)) for row in rows], self._open)
        wanted = next((mark for mark in marks if mark.id == self._wanted_mark), None)
        if wanted is not None:
            self._wanted_mark = ""
            self.open_mark(wanted.id)
        elif self._wanted_page is not None and self._wanted_page[0] in {row.id for row in rows}:
            (book, page), self._wanted_page = self._wanted_page, None
            self.open_page(book, page)
        elif rows and self._open not in {row.id for row in rows}:
            self.show_book(next((row.id for row in rows if row.here), rows[0].id))
        self._show_marks()
        self._index()

    def _name(self, row: BookRow) -> str:
        name = row.title or row.name
        return f"{labels.book(row.type)}: {name}" if row.type != BookType.OTHER else name

    def _show_marks(self) -> None:
        mine = tuple(mark for mark in self._every if mark.book == self._open)
        self.marks.show_marks(mine)
        self.lists.setTabText(_MARKS, t("Marks ({0})").format(len(mine)) if mine else t("Marks"))
        marked: dict[int, Boxes] = {}
        for mark in mine:
            marked[mark.page] = marked.get(mark.page, ()) + mark.boxes
        self.pages.show_marks(marked)
        if self._new_mark:
            new, self._new_mark = self._new_mark, ""
            self.lists.setCurrentIndex(_MARKS)
            self.marks.choose(new, write=True)

    def _index(self) -> None:
        """Index beside the work what is here and cannot be searched yet."""
        if self._indexing or not any(row.here for row in self._rows):
            self._index_again = self._indexing  # what came meanwhile is looked at afterwards
            return
        self._indexing, self._index_again = True, False
        account = self._context.account

        def work(job: Job) -> int:
            return books.index_books(account, job.check)

        def done(count: int) -> None:
            self._indexing = False
            if count and self.finder.text():
                self._find()
            if self._index_again:
                self._index()

        def failed(_: Exception) -> None:
            self._indexing = False

        self._context.tasks.run(work, title=t("Reading the books for the search…"), done=done, failed=failed, owner=self, awaited=False,
                                cancelled=lambda: setattr(self, "_indexing", False))

    # -- an open book

    def show_book(self, book: str, then: Callable[[], None] | None = None) -> None:
        """Open a book; ``then`` is called when its pages are known."""
        if book == self._open and self._book is not None:
            if then is not None:
                then()
            return
        row = next((row for row in self._rows if row.id == book), None)
        if row is None:
            return
        self._open, self._then = book, then
        self.chooser.set(book)
        self._unselect()
        self._close()
        self.pages.show_book(None, [])
        self.small.show_book(None, [])
        self.outline.show_entries([])
        self._show_marks()
        if not row.here:
            self.of.setText(t("not on this device yet"))
            return
        account = self._context.account

        def work() -> tuple[HeldFile, list[tuple[float, float]], list[list[object]]]:
            held = books.open_book(account, row.sha256)
            return held, HeldBook(held).sizes(), held.ask("outline")

        def show(opened: tuple[HeldFile, list[tuple[float, float]], list[list[object]]]) -> None:
            held, sizes, outline = opened
            if self._open != book:
                held.close()
                return
            self._held, self._book = held, HeldBook(held, sizes)
            self.destroyed.connect(held.release)
            self.page.setRange(1, max(len(sizes), 1))
            self.of.setText(t("of {0}").format(len(sizes)))
            self.pages.show_book(self._book, sizes)
            self.small.show_book(self._book, sizes)
            self.outline.show_entries(outline)
            self.lists.setTabVisible(_CONTENTS, bool(outline))
            self._show_marks()
            then, self._then = self._then, None
            if then is not None:
                then()

        self._context.tasks.call(work, done=show, owner=self, key=f"book-{id(self)}")

    def _close(self) -> None:
        held, self._held, self._book = self._held, None, None
        if held is not None:
            self._context.tasks.call(held.close)

    def _on_page(self, page: int) -> None:
        self.page.blockSignals(True)
        self.page.setValue(page)
        self.page.blockSignals(False)
        self.small.show_page(page)

    # -- searching

    def _find(self) -> None:
        query = self.finder.text()
        if not query.strip():
            self.hits.show_hits((), lambda _: "")
            self.lists.setTabText(_HITS, t("Found"))
            return
        self._context.tasks.read(search_pages, query, region=self._visit.region, limit=_FOUND, done=self._show_hits, owner=self,
                                 key=f"find-{id(self)}")

    def _show_hits(self, hits: tuple[PageHit, ...]) -> None:
        names = {row.id: labels.book(row.type) if row.type != BookType.OTHER else self._name(row) for row in self._rows}
        self.hits.show_hits(hits, lambda book: names.get(book, ""))
        more = "+" if len(hits) == _FOUND else ""
        self.lists.setTabText(_HITS, t("Found ({0})").format(f"{len(hits)}{more}"))
        self.lists.setCurrentIndex(_HITS)

    def _show_hit(self, hit: PageHit) -> None:
        found = hit.sentence[hit.marks[0][0]:hit.marks[0][0] + hit.marks[0][1]] if hit.marks else ""

        def go() -> None:
            book = self._book
            if book is None or not found:
                self.pages.go_to(hit.page)
                return
            self._context.tasks.call(lambda: book.held.ask("find", hit.page - 1, found), owner=self, key=f"hit-{id(self)}",
                                     done=lambda boxes: self.pages.go_to(hit.page, tuple(tuple(box) for box in boxes)))

        self.show_book(hit.book, go)

    def open_page(self, book: str, page: int) -> None:
        """Show a page (from 1) of a book, as soon as it is known here."""
        if book in {row.id for row in self._rows}:
            self.show_book(book, lambda: self.pages.go_to(page))
        else:
            self._wanted_page = (book, page)

    # -- marks

    def open_mark(self, record: str) -> None:
        """Show a mark in its book, as soon as it is here."""
        mark = next((mark for mark in self._every if mark.id == record), None)
        if mark is None:
            self._wanted_mark = record
            return
        self.show_book(mark.book, lambda: self._on_mark_ready(mark))

    def _on_mark_ready(self, mark: MarkRow) -> None:
        self.lists.setCurrentIndex(_MARKS)
        self.marks.choose(mark.id)
        self._show_mark(mark)

    def _show_mark(self, mark: MarkRow) -> None:
        self.pages.go_to(mark.page, mark.boxes)
        self.mark_opened.emit(mark.id)

    def _on_selected(self, page: int, quote: str, boxes: Boxes) -> None:
        self._selected = (page, quote, boxes) if quote else None
        self.passage.setVisible(bool(quote))
        short = quote if len(quote) < 90 else quote[:88].rstrip() + "…"
        self.quote.setText(f"“{short}”")

    def _unselect(self) -> None:
        self._selected = None
        self.passage.hide()
        self.pages.clear_selection()

    def _mark_selected(self) -> None:
        if self._selected is not None:
            self._mark(*self._selected)
            self._unselect()

    def mark_page(self) -> None:
        """Mark the selected passage, or else the page in view."""
        if self._selected is not None:
            self._mark_selected()
        elif self._book is not None and self.pages.page:
            self._mark(self.pages.page, "", ())

    def _mark(self, page: int, quote: str, boxes: Boxes) -> None:
        def made(record: str) -> None:
            self._new_mark = record
            self.load()

        self._context.tasks.write(books.add_mark, self._visit.id, self._open, page, quote, boxes, purpose="mark.create", done=made,
                                  owner=self)

    def _as_evidence(self, mark: MarkRow) -> None:
        choose_questions(self._context, self, self._visit.id, f"{Kind.MARK}:{mark.id}")

    # -- the books themselves

    def add(self) -> None:
        """Ask for PDFs and add them."""
        add_books(self._context, self, self._visit.region)

    def about(self) -> None:
        """Say what the open book is: its kind and title can be changed, and it can be taken out."""
        row = next((row for row in self._rows if row.id == self._open), None)
        if row is not None:
            edit_book(self._context, self, row)
