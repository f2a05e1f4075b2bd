"""Wawancara: the notes of a visit at the left, the chosen one with its people, photos and links at the right."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QElapsedTimer, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from assessor_app import formats
from assessor_app.i18n import nt, t
from assessor_app.models.changes import ChangeSet
from assessor_app.models.kinds import Kind, visit_scope
from assessor_app.ui.context import AppContext
from assessor_app.ui.pages.note_form import NoteForm
from assessor_app.ui.pages.page import Page
from assessor_app.ui.widgets.basics import Empty, button, quiet_table
from assessor_app.ui.widgets.beside import BOOKS, GUIDE, PROGRAMMES, Beside
from assessor_app.ui.widgets.guide_desk import GuideDesk
from assessor_app.ui.widgets.record_bar import KEY as RECORD_KEY
from assessor_app.ui.widgets.whole_rows import WholeRows
from assessor_app.workflow.accounts import setting, store_settings
from assessor_app.workflow.editing import delete
from assessor_app.workflow.interviewing import create_interview
from assessor_app.workflow.queries.interviews import (
    InterviewRow,
    InterviewView,
    interview_rows,
    interview_view,
)
from assessor_app.workflow.queries.visits import VisitRow

_ID = Qt.ItemDataRole.UserRole


class InterviewsPage(Page):
    """The notes of a visit."""

    shows = frozenset({Kind.INTERVIEW, Kind.PERSON, Kind.ATTACHMENT, Kind.PROGRAMME, Kind.SHEET})

    def __init__(self, context: AppContext, visit: VisitRow) -> None:
        super().__init__(context, visit)
        self._current = self._wanted = self._begun = ""
        self._beginning = False
        self._since_new = QElapsedTimer()
        theme = self.theme
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.splitter = splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        outer.addWidget(splitter)
        left = QWidget()
        side = QVBoxLayout(left)
        side.setContentsMargins(theme.em(0.6), theme.em(0.6), theme.em(0.3), theme.em(0.4))
        self.new = button(theme, t("New note"), self.new_note, icon="plus", part="main", tip="Ctrl+Shift+N")
        side.addWidget(self.new)
        self.list = QListWidget()
        self.list.setAccessibleName(t("Interview notes"))
        WholeRows(self.list)
        quiet_table(self.list)
        self.list.setMinimumWidth(theme.em(7))
        self.list.currentItemChanged.connect(lambda now, _: self._choose(str(now.data(_ID)) if now is not None else ""))
        side.addWidget(self.list, 1)
        splitter.addWidget(left)
        self.right = QStackedWidget()
        self.right.addWidget(Empty(theme, "interview", t("No note yet"),
                                   t("One note for each conversation or place seen. It is saved while you type.")))
        self.form = form = NoteForm(context, visit)
        self.title, self.body, self.body_saver, self.photos = form.title, form.body, form.body_saver, form.photos
        self.passage, self.ground, self.people_box, self.questions = form.passage, form.ground, form.people_box, form.questions
        self.beside_choice = form.beside_choice
        form.delete_requested.connect(self._delete)
        form.beside_requested.connect(self.show_beside)
        self.right.addWidget(form)
        splitter.addWidget(self.right)
        self.beside = Beside(context, visit)
        self.beside.note = lambda: self._current
        self.beside.link_requested.connect(self._link_beside)
        self.beside.note_requested.connect(self._show_note)
        self.beside.question_chosen.connect(form.keys.put_heading)
        splitter.addWidget(self.beside)
        for part, share in enumerate((2, 5, 4)):
            splitter.setStretchFactor(part, share)
        splitter.setSizes([theme.em(15), theme.em(40), 0])
        self._moved = QTimer(self, singleShot=True, interval=800)
        self._moved.timeout.connect(self._keep_beside)
        splitter.splitterMoved.connect(lambda *_: self._moved.start())
        self._kept = False
        QShortcut(QKeySequence(RECORD_KEY), self, form.recorder.toggle, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        QShortcut(QKeySequence("Ctrl+J"), self, self._next_question, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        for key, what in (("Ctrl+Shift+B", BOOKS), ("Ctrl+Shift+P", PROGRAMMES), ("Ctrl+Shift+G", GUIDE)):
            QShortcut(QKeySequence(key), self, lambda what=what: self.show_beside("" if self.beside.what == what else what),
                      context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.focus_target = self.list

    # -- loading

    def main_control(self) -> QWidget | None:
        """Return the list of notes, or the way to begin the first."""
        return self.list if self.list.count() else self.new

    def load(self) -> None:
        """Read the list, and the open note."""
        self.read(interview_rows, self.visit.id, done=self._show_rows)
        if not self._kept:
            self.context.tasks.read(setting, f"beside:{self.visit.id}", done=self._show_kept, owner=self)
        if self._current:
            self.read(interview_view, self._current, self.context.account.profile, done=self._show)

    def open_record(self, record: str) -> None:
        """Show a note."""
        self._wanted = record
        self._select(record)

    def _show_note(self, record: str, visit: str) -> None:
        """Show a note of this visit here; one of another visit where it is."""
        if visit == self.visit.id:
            self.open_record(record)
        else:
            self.elsewhere_requested.emit(Kind.INTERVIEW, record, visit_scope(visit))

    def _show_rows(self, rows: tuple[InterviewRow, ...]) -> None:
        self.list.blockSignals(True)
        if [str(self.list.item(at).data(_ID)) for at in range(self.list.count())] != [row.id for row in rows]:
            self.list.clear()
            for row in rows:
                item = QListWidgetItem()
                item.setData(_ID, row.id)
                self.list.addItem(item)
        for at, row in enumerate(rows):
            item = self.list.item(at)
            marks = [nt("{n} photo", "{n} photos", row.photos)] if row.photos else []
            marks += [nt("{n} recording", "{n} recordings", row.recordings)] if row.recordings else []
            if not row.may_leave:
                marks.append(t("stays on this device"))
            lines = (row.title or t("(no title)"), formats.date_time(row.held_at, self.visit.zone), row.persons, " · ".join(marks))
            text = "\n".join(line for line in lines if line)
            if item.text() != text:
                item.setText(text)
                item.setIcon(self.theme.icon("lock" if not row.may_leave else "interview",
                                             self.theme.colours.warn if not row.may_leave else self.theme.colours.muted))
                item.setSizeHint(QSize())
        self.list.blockSignals(False)
        if not rows:
            self._current = ""
            self.right.setCurrentIndex(0)
            return
        self._select(self._wanted or self._current or rows[0].id)

    def _select(self, record: str) -> None:
        for at in range(self.list.count()):
            if self.list.item(at).data(_ID) == record:
                self._wanted = ""
                self.list.setCurrentRow(at)
                self._choose(record)
                return
        if self.list.count() and self.list.currentRow() < 0:
            self.list.setCurrentRow(0)

    def _choose(self, record: str) -> None:
        if record and record != self._current:
            self.form.forget()
            self._current = record
            self.read(interview_view, record, self.context.account.profile, done=self._show)

    def _show(self, view: InterviewView | None) -> None:
        if view is None or view.id != self._current:
            return
        self.form.show_note(view)
        self.right.setCurrentWidget(self.form)
        if self._begun == view.id:
            self._begun, self._beginning = "", False
            self.title.setFocus()

    # -- what lies beside the note

    def take(self, changes: ChangeSet) -> None:
        """Load again where a change is this page's, or what lies beside it."""
        super().take(changes)
        self.form.mentions.take(changes)
        self.beside.take(changes)

    def _show_kept(self, kept: dict[str, Any] | None) -> None:
        """Lay beside the note what lay there when this visit was open last."""
        self._kept = True
        if kept:
            self.beside_choice.set(str(kept.get("what", "")))
            self.beside.show_what(self.beside_choice.code())
            if kept.get("sizes"):
                self.splitter.setSizes([int(size) for size in kept["sizes"]])

    def show_beside(self, what: str) -> None:
        """Lay something beside the note; its place is remembered for this visit."""
        self.beside_choice.set(what)
        self.beside.show_what(what)
        sizes = self.splitter.sizes()
        if what and sizes[2] < self.theme.em(15):  # a third of the room, taken from the note
            self.splitter.setSizes([self.theme.em(width) for width in (13, 24, 24)])
        self._keep_beside()

    def _next_question(self) -> None:
        """Put the guide's next question into the note; the first time the guide is laid beside it."""
        part = self.beside.parts.get(GUIDE)
        if self.beside.what == GUIDE and isinstance(part, GuideDesk):
            part.put()
        else:
            self.show_beside(GUIDE)

    def _keep_beside(self) -> None:
        kept = {"what": self.beside.what, "sizes": self.splitter.sizes()}
        self.context.tasks.write(lambda unit: store_settings(unit, **{f"beside:{self.visit.id}": kept}), purpose="setting", owner=self)

    def _link_beside(self, what: str, record: str) -> None:
        view = self.form.view
        if view is None:
            return
        name = "programmes" if what == PROGRAMMES else "questions"
        there = [link.id for link in getattr(view, name)]
        if record not in there:
            self.form.set(**{name: [*there, record]})
        self.context.notify.good(t("The note is linked."))

    # -- changing

    def new_note(self) -> None:
        """Begin a note; a double click begins one."""
        if self._since_new.isValid() and self._since_new.elapsed() < QGuiApplication.styleHints().mouseDoubleClickInterval():
            if not self._beginning:  # what stands there is the new note, not the one before it
                self.title.setFocus()
            return
        self._beginning = True
        self._since_new.start()
        self.form.flush()

        def made(record: str) -> None:
            self._wanted = self._begun = record
            self.reload()

        self.context.tasks.write(create_interview, self.visit.id, purpose="interview.create", done=made, owner=self)

    def _delete(self) -> None:
        if self._current and self.context.notify.ask(
                t("Delete this note?"), t("It can be taken back with Undo."), yes=t("Delete"), danger=True):
            gone, self._current, self.form.view = self._current, "", None
            self.context.tasks.write(delete, Kind.INTERVIEW, gone, purpose="interview.delete", owner=self)
