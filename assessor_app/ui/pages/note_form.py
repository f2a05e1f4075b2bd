"""One interview note as its form: its facts, people, text, media and links, each saved by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.models.kinds import AttachmentType, Basis, Kind
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.person import edit_official, edit_respondent
from assessor_app.ui.dialogs.pick import Option, PickField
from assessor_app.ui.dialogs.rights import RightsDialog, erase_with_receipt
from assessor_app.ui.tasks import only
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import Card, Field, Flow, FlowRow, Scroller, button, clear, icon_button, label, set_chip
from assessor_app.ui.widgets.beside import choices
from assessor_app.ui.widgets.dates import DateField, TimeField
from assessor_app.ui.widgets.editors import Autosave, Choice, LineEdit, NoteEdit
from assessor_app.ui.widgets.mentions import Mentions
from assessor_app.ui.widgets.note_keys import NoteKeys
from assessor_app.ui.widgets.passage import PassageBar
from assessor_app.ui.widgets.person_line import PersonLine
from assessor_app.ui.widgets.photos import Photos, attach_photos
from assessor_app.ui.widgets.record_bar import RecordBar
from assessor_app.ui.widgets.sounds import Sounds
from assessor_app.workflow.editing import edit
from assessor_app.workflow.queries.interviews import InterviewView, Link, programme_links, question_links
from assessor_app.workflow.queries.people import PersonRow, people_of
from assessor_app.workflow.queries.visits import VisitRow


class _When(QWidget):
    """Day, time and place in a row; the place on a row of its own where there is no room beside them."""

    def __init__(self, theme: Theme, day: QWidget, time: QWidget, place: QWidget) -> None:
        super().__init__()
        self._parts, self._room, self._wide = (day, time, place), theme.em(19), True
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.em(0.6))
        self._lay_out()

    def _lay_out(self) -> None:
        day, time, place = self._parts
        self._grid.addWidget(day, 0, 0)
        self._grid.addWidget(time, 0, 1)
        self._grid.addWidget(place, *((0, 2, 1, 1) if self._wide else (1, 0, 1, 2)))
        for column, share in enumerate((3, 1, 4 if self._wide else 0)):
            self._grid.setColumnStretch(column, share)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take one row or two (Qt)."""
        super().resizeEvent(event)
        wide = event.size().width() >= self._room
        if wide != self._wide:
            self._wide = wide
            self._lay_out()

    def minimumSizeHint(self) -> QSize:
        """Return the width of the narrow form (Qt)."""
        day, time, _ = self._parts
        width = day.minimumSizeHint().width() + time.minimumSizeHint().width() + self._grid.horizontalSpacing()
        return QSize(width, self._grid.minimumSize().height())


class NoteForm(Scroller):
    """Shows one note and saves what is changed in it.

    Signals:
        delete_requested(): the person wants this note gone.
        beside_requested(str): lay something beside the note.
    """

    delete_requested = Signal()
    beside_requested = Signal(str)

    def __init__(self, context: AppContext, visit: VisitRow) -> None:
        super().__init__(context.theme, t("Interview note"), margin=0.6)
        self.context, self.visit, self.theme = context, visit, context.theme
        self.view: InterviewView | None = None
        card = self.add(Card(self.theme))
        card.body.addLayout(self._top())
        self.title = LineEdit()
        self.title_saver = Autosave(context, self.title, self._saver("title"), slot=self._slot("title"))
        card.add(Field(self.theme, t("Title"), self.title))
        card.add(self._when())
        self.basis = Choice([(Basis.PERSONS, t("People were heard")), (Basis.OBSERVATION, t("Observation only, nobody was heard"))])
        self.basis.chosen.connect(lambda code: self.set(basis=code))
        card.add(Field(self.theme, t("Ground"), self.basis))
        self.people_box = card.add(self._people_part())
        self.body = NoteEdit(self.theme, 9, 40)
        self.body_saver = Autosave(context, self.body, self._saver("body"), slot=self._slot("body"))
        card.add(Field(self.theme, t("Note"), self.body))
        self.keys = NoteKeys(self.body)
        self.mentions = Mentions(context, self.body, self.body_saver, visit.id)
        self.mentions.person_mentioned.connect(self.add_person)
        card.add(self.mentions.line)
        self.passage = card.add(PassageBar(context, visit.id, self.body, lambda: self.view.id if self.view else ""))
        self.recorder = RecordBar(context, visit.id, lambda: (self.view.id, self.title.text()) if self.view else ("", ""))
        self.sounds = Sounds(context)
        card.add(label(t("Recordings"), "field"))
        card.add(self.recorder)
        card.add(self.sounds)
        self.photos = Photos(context)
        self.photos.setAccessibleName(t("Photos"))
        self.photos.files_given.connect(self._attach)
        card.add(label(t("Photos"), "field"))
        card.add(self.photos)
        self.programmes = PickField(self.theme, t("Programmes"), t("Choose programmes"), t("Not linked to a programme"), "link")
        self.programmes.options = lambda use: context.tasks.read(
            programme_links, visit.id, done=lambda links: use(_options(links)), owner=self)
        self.programmes.changed.connect(lambda ids: self.set(programmes=ids))
        card.add(Field(self.theme, t("Programmes"), self.programmes))
        self.questions = PickField(self.theme, t("Questions"), t("Choose questions"), t("Not linked to a question"), "link")
        self.questions.options = lambda use: context.tasks.read(
            question_links, visit.id, context.account.profile, done=lambda links: use(_options(links)), owner=self)
        self.questions.changed.connect(lambda ids: self.set(questions=ids))
        card.add(Field(self.theme, t("Questions"), self.questions))
        self.column.addStretch(1)

    # -- building

    def _top(self) -> QHBoxLayout:
        top = QHBoxLayout()
        self.ground = label("", "chip")
        self.author = label("", "small")
        self.beside_choice = Choice(choices())
        self.beside_choice.setAccessibleName(t("Beside the note"))
        self.beside_choice.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
        self.beside_choice.setMinimumWidth(self.theme.em(9))  # its words in full where there is room: it goes on below the rest
        self.beside_choice.setToolTip(t("Ctrl+Shift+B: books, Ctrl+Shift+P: programmes, Ctrl+Shift+G: guide"))
        self.beside_choice.chosen.connect(self.beside_requested)
        for words in (self.ground, self.author):
            words.setMinimumHeight(self.beside_choice.sizeHint().height())
        top.addWidget(FlowRow(self.theme, self.ground, self.author, self.beside_choice), 1)
        self.remove = icon_button(self.theme, "trash", t("Delete this note"), self.delete_requested.emit)
        top.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignTop)
        return top

    def _when(self) -> _When:
        self.day = DateField(self.theme, t("Date"))
        self.time = TimeField(self.theme, t("Time"))
        self.day.changed.connect(lambda _: self._set_time())
        self.time.changed.connect(lambda _: self._set_time())
        self.place = LineEdit()
        self.place_saver = Autosave(self.context, self.place, self._saver("place"), slot=self._slot("place"))
        return _When(self.theme, Field(self.theme, t("Date"), self.day),
                     Field(self.theme, t("Time ({0})").format(self.visit.zone), self.time), Field(self.theme, t("Place"), self.place))

    def _people_part(self) -> QWidget:
        theme, box = self.theme, QWidget()
        people = QVBoxLayout(box)
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
        self.pick.changed.connect(lambda ids: self.set(persons=ids))
        flow.addWidget(self.pick)
        self.add_respondent = button(theme, t("New respondent"), lambda: edit_respondent(
            self.context, self, self.visit.id, "", self.add_person), icon="plus")
        flow.addWidget(self.add_respondent)
        flow.addWidget(button(theme, t("New official"), lambda: edit_official(
            self.context, self, self.visit.id, "", self.add_person), icon="plus"))
        people.addWidget(row)
        return box

    # -- showing

    def show_note(self, view: InterviewView) -> None:
        """Show a note; in the one that is shown already only what differs."""
        view = self.context.unsaved.over(view, view.id)
        before, self.view = self.view, view
        fresh = before is None or before.id != view.id
        for saver, text in ((self.title_saver, view.title), (self.place_saver, view.place), (self.body_saver, view.body)):
            saver.reset(text) if fresh else saver.load(text)
        self.mentions.show_note(view.id, view.tags, fresh=fresh)
        if fresh:
            self.photos.clear()
            self.sounds.show_rows((), ())
            self.verticalScrollBar().setValue(0)
        self.day.set(view.held_at[:10])
        self.time.set(view.held_at[11:16])
        self.basis.set(view.basis)
        self.people_box.setVisible(view.basis != Basis.OBSERVATION or bool(view.persons))
        self.author.setText("" if view.mine else t("Noted by {0}").format(view.author))
        self.author.setVisible(not view.mine)
        if view.may_leave:
            set_chip(self.ground, t("May be sent"), "good")
        else:
            missing = ", ".join(view.missing) or t("nobody is named")
            set_chip(self.ground, t("Stays on this device: {0}").format(missing), "warn", long=True)
        if before is None or before.persons != view.persons:
            self._show_people(view.persons)
        sounds = [row for row in view.attachments if row.type == AttachmentType.AUDIO]
        self.sounds.show_rows(sounds, view.unrecorded)
        self.photos.show_rows([row for row in view.attachments if row.type != AttachmentType.AUDIO])
        self.recorder.refresh()
        self.programmes.show_options(_options(view.programmes))
        self.questions.show_options(_options(view.questions))

    def _show_people(self, persons: Sequence[PersonRow]) -> None:
        self.pick.show_options([Option(p.id, p.name) for p in persons])
        clear(self._people)
        for person in persons:
            line = PersonLine(self.theme, person)
            line.opened.connect(self._open_person)
            line.rights_requested.connect(self._show_rights)
            line.erase_requested.connect(self._erase)
            self._people.addWidget(line)

    def forget(self) -> None:
        """Save what is typed; nothing more is written to the note that was shown."""
        self.flush()
        self.view = None

    def flush(self) -> None:
        """Save now what is typed."""
        for saver in (self.title_saver, self.place_saver, self.body_saver):
            saver.flush()
        self.mentions.settle()

    # -- changing

    def set(self, **values: Any) -> None:
        """Set fields of the note by their wire names."""
        if self.view is not None:
            self.context.tasks.write(edit, Kind.INTERVIEW, self.view.id, purpose="interview.edit", owner=self,
                                     slot=f"{self.view.id}.{','.join(values)}", **values)

    def add_person(self, person: str) -> None:
        """Take a person among those of the note."""
        there = [p.id for p in self.view.persons] if self.view is not None else []
        if person not in there:
            self.set(persons=[*there, person])

    def _slot(self, name: str) -> Callable[[], str]:
        return lambda: f"{self.view.id}.{name}" if self.view is not None else ""

    def _saver(self, name: str) -> Callable[[str], Future[Any] | None]:
        def save(text: str) -> Future[Any] | None:
            if self.view is None:
                return None
            return self.context.tasks.write(edit, Kind.INTERVIEW, self.view.id, purpose="interview.edit",
                                            editing=f"{self.view.id}.{name}", owner=self, **only(name, text))

        return save

    def _set_time(self) -> None:
        day = self.day.value()
        if day:
            self.set(held_at=f"{day}T{self.time.value() or '00:00'}")

    def _people_options(self, use: Callable[[Sequence[Option]], None]) -> None:
        self.context.tasks.read(people_of, self.visit.id, owner=self,
                                done=lambda rows: use([Option(p.id, p.full_name, p.detail) for p in rows]))

    def _attach(self, files: list[Path]) -> None:
        if self.view is not None:
            attach_photos(self.context, self, self.visit.id, self.view.id, files)

    def _open_person(self, person: PersonRow) -> None:
        edit_one = edit_official if person.official else edit_respondent
        edit_one(self.context, self, self.visit.id, person.id)

    def _erase(self, person: PersonRow) -> None:
        erase_with_receipt(self.context, self, person.id, person.name)

    def _show_rights(self, person: PersonRow) -> None:
        RightsDialog(self.context, self.visit.id, self.visit.zone, person.id, self._open_person, self).exec()


def _options(links: Sequence[Link]) -> list[Option]:
    return [Option(link.id, link.text, link.detail) for link in links]
