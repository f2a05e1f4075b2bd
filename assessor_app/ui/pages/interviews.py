"""Wawancara: the notes of a visit at the left, the chosen one with its people, photos and links at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from PySide6.QtCore import QElapsedTimer, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QListWidget, QListWidgetItem, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from assessor_app import formats
from assessor_app.i18n import nt, t
from assessor_app.models.changes import ChangeSet
from assessor_app.models.kinds import Basis, Kind, visit_scope
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.person import edit_official, edit_respondent
from assessor_app.ui.dialogs.pick import Option, PickField
from assessor_app.ui.dialogs.rights import RightsDialog, erase_with_receipt
from assessor_app.ui.pages.page import Page
from assessor_app.ui.tasks import only
from assessor_app.ui.widgets.basics import Card, Empty, Field, Flow, Scroller, button, clear, icon_button, label, quiet_table, set_chip
from assessor_app.ui.widgets.beside import BOOKS, PROGRAMMES, Beside, choices
from assessor_app.ui.widgets.dates import DateField, TimeField
from assessor_app.ui.widgets.editors import Autosave, Choice, LineEdit, NoteEdit
from assessor_app.ui.widgets.passage import PassageBar
from assessor_app.ui.widgets.person_line import PersonLine
from assessor_app.ui.widgets.photos import Photos, attach_photos
from assessor_app.workflow.accounts import setting, store_settings
from assessor_app.workflow.editing import delete, edit
from assessor_app.workflow.interviewing import create_interview
from assessor_app.workflow.queries.interviews import (
    InterviewRow,
    InterviewView,
    Link,
    interview_rows,
    interview_view,
    programme_links,
    question_links,
)
from assessor_app.workflow.queries.people import PersonRow, people_of
from assessor_app.workflow.queries.visits import VisitRow

_ID = Qt.ItemDataRole.UserRole


class InterviewsPage(Page):
    """The notes of a visit."""

    shows = frozenset({Kind.INTERVIEW, Kind.PERSON, Kind.ATTACHMENT, Kind.PROGRAMME, Kind.SHEET})

    def __init__(self, context: AppContext, visit: VisitRow) -> None:
        super().__init__(context, visit)
        self._view: InterviewView | None = None
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
        self.new = button(theme, t("New note"), self.new_note, icon="plus", part="main")
        side.addWidget(self.new)
        self.list = QListWidget()
        self.list.setAccessibleName(t("Interview notes"))
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        quiet_table(self.list)
        self.list.setMinimumWidth(theme.em(9))
        self.list.currentItemChanged.connect(lambda now, _: self._choose(str(now.data(_ID)) if now is not None else ""))
        side.addWidget(self.list, 1)
        splitter.addWidget(left)
        self.right = QStackedWidget()
        self.right.addWidget(Empty(theme, "interview", t("No note yet"),
                                   t("One note for each conversation or place seen. It is saved while you type.")))
        self.form = self._make_form()
        self.right.addWidget(self.form)
        splitter.addWidget(self.right)
        self.beside = Beside(context, visit)
        self.beside.link_requested.connect(self._link_beside)
        self.beside.note_requested.connect(self._show_note)
        splitter.addWidget(self.beside)
        for part, share in enumerate((2, 5, 4)):
            splitter.setStretchFactor(part, share)
        splitter.setSizes([theme.em(15), theme.em(40), 0])
        self._moved = QTimer(self, singleShot=True, interval=800)
        self._moved.timeout.connect(self._keep_beside)
        splitter.splitterMoved.connect(lambda *_: self._moved.start())
        self._kept = False
        for key, what in (("Ctrl+Shift+B", BOOKS), ("Ctrl+Shift+P", PROGRAMMES)):
            QShortcut(QKeySequence(key), self, lambda what=what: self.show_beside("" if self.beside.what == what else what),
                      context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.focus_target = self.list

    # -- building

    def _make_form(self) -> Scroller:
        theme = self.theme
        form = Scroller(theme, t("Interview note"), margin=0.6)
        card = form.add(Card(theme))
        top = QHBoxLayout()
        self.ground = label("", "chip")
        top.addWidget(self.ground)
        self.author = label("", "small")
        top.addWidget(self.author, 2)
        self.beside_choice = Choice(choices())
        self.beside_choice.setAccessibleName(t("Beside the note"))
        self.beside_choice.setMinimumContentsLength(5)
        self.beside_choice.setToolTip(t("Ctrl+Shift+B: books, Ctrl+Shift+P: programmes"))
        self.beside_choice.chosen.connect(self.show_beside)
        top.addWidget(self.beside_choice, 1)
        self.remove = icon_button(theme, "trash", t("Delete this note"), self._delete)
        top.addWidget(self.remove)
        card.body.addLayout(top)
        self.title = LineEdit()
        self.title_saver = Autosave(self.context, self.title, self._saver("title"))
        card.add(Field(theme, t("Title"), self.title))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.em(0.6))
        self.day = DateField(theme, t("Date"))
        self.time = TimeField(theme, t("Time"))
        self.day.changed.connect(lambda _: self._set_time())
        self.time.changed.connect(lambda _: self._set_time())
        self.place = LineEdit()
        self.place_saver = Autosave(self.context, self.place, self._saver("place"))
        grid.addWidget(Field(theme, t("Date"), self.day), 0, 0)
        grid.addWidget(Field(theme, t("Time ({0})").format(self.visit.zone), self.time), 0, 1)
        grid.addWidget(Field(theme, t("Place"), self.place), 0, 2)
        for column, share in enumerate((3, 1, 4)):
            grid.setColumnStretch(column, share)
        card.body.addLayout(grid)
        self.basis = Choice([(Basis.PERSONS, t("People were heard")), (Basis.OBSERVATION, t("Observation only, nobody was heard"))])
        self.basis.chosen.connect(lambda code: self._set(basis=code))
        card.add(Field(theme, t("Ground"), self.basis))
        self.people_box = QWidget()
        people = QVBoxLayout(self.people_box)
        people.setContentsMargins(0, 0, 0, 0)
        self._people = QVBoxLayout()
        self._people.setSpacing(theme.em(0.2))
        people.addWidget(label(t("People"), "field"))
        people.addLayout(self._people)
        row = QWidget()
        flow = Flow(theme.em(0.4))
        row.setLayout(flow)
        self.pick = PickField(theme, t("People"), t("Choose people"), "", "users")
        self.pick._lines.hide()
        self.pick.options = self._people_options
        self.pick.changed.connect(lambda ids: self._set(persons=ids))
        flow.addWidget(self.pick)
        self.add_respondent = button(theme, t("New respondent"), lambda: edit_respondent(
            self.context, self, self.visit.id, "", self._add_person), icon="plus")
        flow.addWidget(self.add_respondent)
        flow.addWidget(button(theme, t("New official"), lambda: edit_official(
            self.context, self, self.visit.id, "", self._add_person), icon="plus"))
        people.addWidget(row)
        card.add(self.people_box)
        self.body = NoteEdit(theme, 9, 40)
        self.body_saver = Autosave(self.context, self.body, self._saver("body"))
        card.add(Field(theme, t("Note"), self.body))
        self.passage = card.add(PassageBar(self.context, self.visit.id, self.body, lambda: self._current))
        self.photos = Photos(self.context)
        self.photos.setAccessibleName(t("Photos"))
        self.photos.files_given.connect(self._attach)
        card.add(label(t("Photos"), "field"))
        card.add(self.photos)
        self.programmes = PickField(theme, t("Programmes"), t("Choose programmes"), t("Not linked to a programme"), "link")
        self.programmes.options = lambda use: self.context.tasks.read(
            programme_links, self.visit.id, done=lambda links: use(_options(links)), owner=self)
        self.programmes.changed.connect(lambda ids: self._set(programmes=ids))
        card.add(Field(theme, t("Programmes"), self.programmes))
        self.questions = PickField(theme, t("Questions"), t("Choose questions"), t("Not linked to a question"), "link")
        self.questions.options = lambda use: self.context.tasks.read(
            question_links, self.visit.id, self.context.account.profile, done=lambda links: use(_options(links)), owner=self)
        self.questions.changed.connect(lambda ids: self._set(questions=ids))
        card.add(Field(theme, t("Questions"), self.questions))
        form.column.addStretch(1)
        return form

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
            self._flush()
            self._current = record
            self._view = None
            self.read(interview_view, record, self.context.account.profile, done=self._show)

    def _show(self, view: InterviewView | None) -> None:
        if view is None or view.id != self._current:
            return
        fresh = self._view is None or self._view.id != view.id
        self._view = view
        for saver, text in ((self.title_saver, view.title), (self.place_saver, view.place), (self.body_saver, view.body)):
            saver.reset(text) if fresh else saver.load(text)
        if fresh:
            self.photos.clear()
            self.form.verticalScrollBar().setValue(0)
        self.day.set(view.held_at[:10])
        self.time.set(view.held_at[11:16])
        self.basis.set(view.basis)
        self.people_box.setVisible(view.basis != Basis.OBSERVATION)
        self.author.setText("" if view.mine else t("Noted by {0}").format(view.author))
        if view.may_leave:
            set_chip(self.ground, t("May be sent"), "good")
        else:
            missing = ", ".join(view.missing) or t("nobody is named")
            set_chip(self.ground, t("Stays on this device: {0}").format(missing), "warn", long=True)
        self.pick.show_options([Option(p.id, p.name) for p in view.persons])
        clear(self._people)
        for person in view.persons:
            line = PersonLine(self.theme, person)
            line.opened.connect(self._open_person)
            line.rights_requested.connect(self._show_rights)
            line.erase_requested.connect(self._erase)
            self._people.addWidget(line)
        self.photos.show_rows(view.attachments)
        self.programmes.show_options(_options(view.programmes))
        self.questions.show_options(_options(view.questions))
        self.right.setCurrentWidget(self.form)
        if self._begun == view.id:
            self._begun, self._beginning = "", False
            self.title.setFocus()

    def _open_person(self, person: PersonRow) -> None:
        edit_one = edit_official if person.official else edit_respondent
        edit_one(self.context, self, self.visit.id, person.id)

    # -- what lies beside the note

    def take(self, changes: ChangeSet) -> None:
        """Load again where a change is this page's, or what lies beside it."""
        super().take(changes)
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

    def _keep_beside(self) -> None:
        kept = {"what": self.beside.what, "sizes": self.splitter.sizes()}
        self.context.tasks.write(lambda unit: store_settings(unit, **{f"beside:{self.visit.id}": kept}), purpose="setting", owner=self)

    def _link_beside(self, what: str, record: str) -> None:
        if self._view is None:
            return
        name = "programmes" if what == PROGRAMMES else "questions"
        there = [link.id for link in getattr(self._view, name)]
        if record not in there:
            self._set(**{name: [*there, record]})
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
        self._flush()

        def made(record: str) -> None:
            self._wanted = self._begun = record
            self.reload()

        self.context.tasks.write(create_interview, self.visit.id, purpose="interview.create", done=made, owner=self)

    def _set(self, **values: Any) -> None:
        if self._current:
            self.context.tasks.write(edit, Kind.INTERVIEW, self._current, purpose="interview.edit", owner=self, **values)

    def _saver(self, name: str) -> Callable[[str], Future[Any] | None]:
        def save(text: str) -> Future[Any] | None:
            if self._view is None:
                return None
            return self.context.tasks.write(edit, Kind.INTERVIEW, self._view.id, purpose="interview.edit",
                                            editing=f"{self._view.id}.{name}", owner=self, **only(name, text))

        return save

    def _flush(self) -> None:
        for saver in (self.title_saver, self.place_saver, self.body_saver):
            saver.flush()

    def _set_time(self) -> None:
        day = self.day.value()
        if day:
            self._set(held_at=f"{day}T{self.time.value() or '00:00'}")

    def _people_options(self, use: Callable[[Sequence[Option]], None]) -> None:
        self.context.tasks.read(people_of, self.visit.id, owner=self,
                                done=lambda rows: use([Option(p.id, p.full_name, p.detail) for p in rows]))

    def _add_person(self, person: str) -> None:
        if self._view is not None:
            self._set(persons=[*(p.id for p in self._view.persons), person])

    def _attach(self, files: list[Path]) -> None:
        if self._current:
            attach_photos(self.context, self, self.visit.id, self._current, files)

    def _delete(self) -> None:
        if self._current and self.context.notify.ask(
                t("Delete this note?"), t("It can be taken back with Undo."), yes=t("Delete"), danger=True):
            gone, self._current, self._view = self._current, "", None
            self.context.tasks.write(delete, Kind.INTERVIEW, gone, purpose="interview.delete", owner=self)

    def _erase(self, person: PersonRow) -> None:
        erase_with_receipt(self.context, self, person.id, person.name)

    def _show_rights(self, person: PersonRow) -> None:
        RightsDialog(self.context, self.visit.id, self.visit.zone, person.id, self._open_person, self).exec()


def _options(links: Sequence[Link]) -> list[Option]:
    return [Option(link.id, link.text, link.detail) for link in links]
