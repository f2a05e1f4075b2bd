"""What one keeps open beside the note: a book of the plan, its programmes, the questions, a guide, or what was agreed before."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QSizePolicy, QSplitter, QStackedWidget, QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from assessor_app import clock, formats
from assessor_app.i18n import t
from assessor_app.models.changes import ChangeSet
from assessor_app.models.kinds import Kind
from assessor_app.ui.context import AppContext
from assessor_app.ui.widgets.basics import Scroller, button, label, quiet_table
from assessor_app.ui.widgets.book_desk import BookDesk
from assessor_app.ui.widgets.editors import LineEdit
from assessor_app.ui.widgets.guide_desk import GuideDesk
from assessor_app.ui.widgets.said_status import SaidStatus
from assessor_app.ui.widgets.whole_rows import WholeRows
from assessor_app.workflow.queries import beside
from assessor_app.workflow.queries.beside import LookRow, SaidRow
from assessor_app.workflow.queries.visits import VisitRow

NOTHING, BOOKS, PROGRAMMES, QUESTIONS, ACTIONS, GUIDE = "", "books", "programmes", "questions", "actions", "guide"
_SHOWS = {PROGRAMMES: {Kind.PROGRAMME, Kind.PROGRAMME_YEAR, Kind.INTERVIEW}, QUESTIONS: {Kind.SHEET, Kind.INTERVIEW},
          ACTIONS: {Kind.ACTION}, GUIDE: {Kind.INSTRUMENT}}


def choices() -> list[tuple[str, str]]:
    """Return what can lie beside a note, in words."""
    return [(NOTHING, t("Nothing beside")), (BOOKS, t("Beside: books")), (PROGRAMMES, t("Beside: programmes")),
            (QUESTIONS, t("Beside: questions")), (ACTIONS, t("Beside: agreed actions")), (GUIDE, t("Beside: guide"))]


class LookList(QWidget):
    """A list to look things up in, with what the chosen one says, and what was said about it.

    Signals:
        link_requested(str): link the note to this one.
        note_requested(str, str): show a note, of a visit.
    """

    link_requested = Signal(str)
    note_requested = Signal(str, str)

    def __init__(self, context: AppContext, name: str, link: str = "") -> None:
        super().__init__()
        self._context = context
        self._rows: tuple[LookRow, ...] = ()
        self._shown: list[LookRow] = []
        self._current = ""
        self.said: Callable[[str], None] = lambda record: None
        theme = context.theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.em(0.4))
        self.finder = LineEdit()
        self.finder.setPlaceholderText(t("Type to find"))
        self.finder.setAccessibleName(t("Find: {0}").format(name))
        self.finder.textChanged.connect(lambda _: self._filter())
        column.addWidget(self.finder)
        split = QSplitter(Qt.Orientation.Vertical)
        self.list = QListWidget()
        self.list.setAccessibleName(name)
        WholeRows(self.list)
        quiet_table(self.list)
        self.list.currentRowChanged.connect(self._choose)
        split.addWidget(self.list)
        self._detail = Scroller(theme, t("Details"), margin=0.3)
        self.facts = self._detail.add(label("", "muted"))
        self.body = self._detail.add(label())
        self.body.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.link = self._detail.add(button(theme, link, lambda: self.link_requested.emit(self._current), icon="link"))
        self.link.setVisible(bool(link))
        self.link.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._heading = self._detail.add(label(t("What was said about it"), "lead"))
        self._links = QVBoxLayout()
        self._detail.column.addLayout(self._links)
        self._detail.column.addStretch(1)
        split.addWidget(self._detail)
        split.setSizes([theme.em(14), theme.em(12)])
        column.addWidget(split, 1)
        self._detail.hide()

    def add_above(self, widget: QWidget) -> None:
        """Put a control above the facts of the chosen one."""
        self._detail.column.insertWidget(0, widget)

    def show_rows(self, rows: tuple[LookRow, ...]) -> None:
        """Show rows; the chosen one stays chosen."""
        self._rows = rows
        self._filter()

    def show_said(self, record: str, rows: tuple[SaidRow, ...], zone: str) -> None:
        """Show the notes in which something was said about the chosen one."""
        from assessor_app.ui.widgets.basics import clear

        if record != self._current:
            return
        clear(self._links)
        self._heading.setVisible(bool(rows))
        for row in rows:
            text = " · ".join(filter(None, (row.title or t("(no title)"), formats.date_time(row.held_at, zone))))
            made = button(self._context.theme, text, lambda row=row: self.note_requested.emit(row.id, row.visit), part="link",  # type: ignore[misc]
                          tip=f"{text}\n{row.beginning}")
            made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a long title makes the column no wider
            self._links.addWidget(made)

    def _filter(self) -> None:
        words = self.finder.text().casefold().split()
        self._shown = [row for row in self._rows if all(word in f"{row.title} {row.facts} {row.body}".casefold() for word in words)]
        self.list.blockSignals(True)
        self.list.clear()
        for row in self._shown:
            self.list.addItem(row.title + (f"\n{row.facts}" if row.facts else ""))
        at = next((at for at, row in enumerate(self._shown) if row.id == self._current), -1)
        self.list.setCurrentRow(at)
        self.list.blockSignals(False)
        self._show(at)

    def _choose(self, at: int) -> None:
        self._current = self._shown[at].id if 0 <= at < len(self._shown) else ""
        self._show(at)

    def _show(self, at: int) -> None:
        self._detail.setVisible(at >= 0)
        if at < 0:
            return
        row = self._shown[at]
        self.facts.setText(row.facts)
        self.facts.setVisible(bool(row.facts))
        self.body.setText(row.body)
        self.body.setVisible(bool(row.body))
        self._heading.hide()
        self.said(row.id)


class Beside(QWidget):
    """One of them at a time, made when it is first wanted.

    Signals:
        link_requested(str, str): link the note to a programme or a question: which of them, and its id.
        note_requested(str, str): show a note, of a visit.
        question_chosen(str): put a guide's question into the note.
    """

    link_requested = Signal(str, str)
    note_requested = Signal(str, str)
    question_chosen = Signal(str)

    def __init__(self, context: AppContext, visit: VisitRow) -> None:
        super().__init__()
        self._context, self._visit = context, visit
        self.what = NOTHING
        self.note: Callable[[], str] = lambda: ""  # the note that is being written
        self.parts: dict[str, QWidget] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(context.theme.em(0.3), context.theme.em(0.6), context.theme.em(0.5), context.theme.em(0.4))
        self.stack = QStackedWidget()
        column.addWidget(self.stack)
        self.hide()

    def minimumSizeHint(self) -> QSize:
        """Be wide enough to be read, and for the tools of what is shown (Qt)."""
        return super().minimumSizeHint().expandedTo(QSize(self._context.theme.em(12), 0))

    def show_what(self, what: str) -> None:
        """Show another of them, or nothing."""
        self.what = what
        self.setVisible(bool(what))
        if what:
            if what not in self.parts:
                self.parts[what] = self._make(what)
                self.stack.addWidget(self.parts[what])
            self.stack.setCurrentWidget(self.parts[what])
            self.load()

    def load(self) -> None:
        """Read anew what is shown."""
        part = self.parts.get(self.what)
        if isinstance(part, BookDesk | GuideDesk):
            part.load()
        elif isinstance(part, LookList):
            visit, account, what = self._visit, self._context.account, self.what

            def query(session: Session) -> tuple[LookRow, ...]:
                if what == PROGRAMMES:
                    return beside.programmes(session, visit.region)
                if what == QUESTIONS:
                    return beside.questions(session, visit.id, account.profile)
                return beside.actions(session, visit.region, visit.id)

            self._context.tasks.read(query, done=part.show_rows, owner=part, key=f"beside-{id(part)}")

    def take(self, changes: ChangeSet) -> None:
        """Read anew where a change is shown here."""
        if self.what and any(changes.touches(kind) for kind in _SHOWS.get(self.what, BookDesk.shows)):
            self.load()

    def _make(self, what: str) -> QWidget:
        context, visit = self._context, self._visit
        if what == BOOKS:
            return BookDesk(context, visit, narrow=True)
        if what == GUIDE:
            desk = GuideDesk(context, visit)
            desk.question_chosen.connect(self.question_chosen)
            return desk
        names = {PROGRAMMES: (t("Programmes"), t("Link the note to this programme")),
                 QUESTIONS: (t("Questions"), t("Link the note to this question")), ACTIONS: (t("Agreed actions"), "")}
        part = LookList(context, *names[what])
        part.link_requested.connect(lambda record: self.link_requested.emit(what, record))
        part.note_requested.connect(self.note_requested)
        if what in (PROGRAMMES, QUESTIONS):
            def said(record: str) -> None:
                programme, question = (record, "") if what == PROGRAMMES else ("", record)
                context.tasks.read(beside.said_about, visit.region, programme=programme, question=question, owner=part,
                                   done=lambda rows: part.show_said(record, rows, visit.zone), key=f"said-{id(part)}")

            part.said = said
        if what == PROGRAMMES:
            status = SaidStatus(context, visit.year or clock.today().year, lambda: self.note())
            part.add_above(status)

            def chosen(record: str) -> None:
                said(record)
                status.show_programme(record)

            part.said = chosen
        return part
