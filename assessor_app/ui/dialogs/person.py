"""A person: an official in office, or a respondent with the consent that lets a note leave the device."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget
from sqlalchemy.orm import Session

from assessor_app import clock, formats, ids
from assessor_app.i18n import t
from assessor_app.models.kinds import Consent, Kind
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.widgets.basics import Field, button, label, rule
from assessor_app.ui.widgets.dates import DateField
from assessor_app.ui.widgets.editors import Choice, LineEdit, NoteEdit
from assessor_app.workflow.editing import edit
from assessor_app.workflow.queries.people import PersonRow, person_of
from assessor_app.workflow.queries.visits import zone_of

if TYPE_CHECKING:
    from assessor_app.models.journal import Unit

#: How long a respondent's data are kept where nothing else is agreed, in days.
KEPT_DAYS = 5 * 365


def consent_forms() -> list[tuple[str, str]]:
    """Return how a consent can be given."""
    return [("paper", t("Signed on paper")), ("recorded", t("Recorded")), ("drawn", t("Signed on this screen")),
            ("spoken", t("Spoken, noted by the assessor"))]


def data_kinds() -> list[tuple[str, str]]:
    """Return the kinds of data a consent can cover."""
    return [("name", t("Name and contact")), ("answers", t("What was said")), ("photo", t("Photos")), ("audio", t("Recordings"))]


class PersonDialog(Dialog):
    """Edits a person's details; for a respondent also the consent."""

    def __init__(self, context: AppContext, person: PersonRow | None, *, official: bool, parent: QWidget | None = None,
                 called: str = "", renew: bool = False, today: str = "") -> None:
        title = (t("Official") if official else t("Respondent")) if person is not None else \
            (t("New official") if official else t("New respondent"))
        super().__init__(context.theme, title, parent, width=34)
        self._official = official
        theme = context.theme
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.em(0.6))
        names = (("name", t("Name"), 0, 2), ("title_before", t("Titles before"), 0, 1), ("title_after", t("Titles after"), 1, 1),
                 ("office", t("Office"), 0, 2), ("agency", t("Agency"), 0, 2), ("nip", t("NIP"), 0, 1), ("rank", t("Rank"), 1, 1),
                 ("phone", t("Telephone"), 0, 2)) if official else \
                (("name", t("Name"), 0, 2), ("occupation", t("Occupation"), 0, 1), ("phone", t("Telephone"), 1, 1))
        self.lines: dict[str, LineEdit] = {}
        at = -1
        for name, text, column, span in names:
            at += column == 0
            line = LineEdit()
            if person is not None:
                line.setText(str(getattr(person, name)))
            self.lines[name] = line
            grid.addWidget(Field(theme, text, line), at, column, 1, span)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        self.name_field = self.lines["name"]
        if person is None:
            self.name_field.setText(called)
        self.consent: ConsentForm | None = None
        if not official:
            self.body.addWidget(rule())
            self.consent = ConsentForm(context, person, renew=renew, today=today)
            self.consent.changed.connect(self._look_again)
            self.body.addWidget(self.consent)
        self.name_field.textChanged.connect(self._look_again)
        self.footer(cancel_button(self))
        self.footer(button(theme, t("Keep"), self._accept, part="main"))
        self.name_field.setFocus()

    def values(self) -> dict[str, str]:
        """Return the typed fields by their wire names."""
        return {name: line.text().strip() for name, line in self.lines.items()}

    def _wrong(self) -> str:
        if not self.name_field.text().strip():
            return t("A name is needed; one word is enough.")
        return self.consent.wrong() if self.consent is not None else ""

    def _look_again(self) -> None:
        """Take back what was said to be missing and is there now."""
        if self.wrong.text() and self._wrong() != self.wrong.text():
            self.complain("")

    def _accept(self) -> None:
        if not self.complain(self._wrong()):
            self.accept()


class ConsentForm(QWidget):
    """Asks for what the law asks: how consent was given, for what, which data, how long; publication is asked apart.

    Signals:
        changed(): something in the form is other than before.
    """

    changed = Signal()

    def __init__(self, context: AppContext, person: PersonRow | None, *, renew: bool = False, today: str = "") -> None:
        super().__init__()
        self._today = formats.parse_date(today) or clock.today()  # the region's day, where it is known
        self._until_before = person.consent_until if person and not renew else ""
        theme = context.theme
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.em(0.6))
        grid.addWidget(label(t("Consent"), "lead"), 0, 0, 1, 2)
        grid.addWidget(label(t("Without consent the note and its photos stay on this device."), "muted"), 1, 0, 1, 2)
        self.state = Choice([(code.value, labels.consent(code.value)) for code in Consent], person.consent if person else Consent.NONE)
        self.state.chosen.connect(lambda _: self._show())
        grid.addWidget(Field(theme, t("State"), self.state), 2, 0)
        given = person.consent_form if person and not renew else ""  # a new consent is a new act
        self.form = Choice(consent_forms() if given else [("", t("Choose…")), *consent_forms()], given)
        self._parts: list[QWidget] = [Field(theme, t("How it was given"), self.form)]
        grid.addWidget(self._parts[0], 2, 1)
        self.on = DateField(theme, t("Given on"), person.consent_on if person and person.consent_on and not renew
                            else self._today.isoformat())
        until = self._until_before or (self._today + timedelta(days=KEPT_DAYS)).isoformat()
        self.until = DateField(theme, t("Kept until"), until)
        for column, (text, control) in enumerate(((t("Given on"), self.on), (t("Kept until"), self.until))):
            self._parts.append(Field(theme, text, control))
            grid.addWidget(self._parts[-1], 3, column)
        self.purpose = NoteEdit(theme, 2)
        self.purpose.setPlainText(person.consent_purpose if person and person.consent_purpose
                                  else t("Evaluation of the region's smart city programmes"))
        self._parts.append(Field(theme, t("Purpose"), self.purpose))
        grid.addWidget(self._parts[-1], 4, 0, 1, 2)
        self.data: dict[str, QCheckBox] = {}
        chosen = person.consent_data if person and not renew else ()  # consent is an act: nothing is ticked for anybody
        kinds = data_kinds()
        self._kept = [code for code in chosen if code not in dict(kinds)]  # what another program asked for stays
        for at, (code, text) in enumerate(kinds):
            box = QCheckBox(text)
            box.setChecked(code in chosen)
            self.data[code] = box
            self._parts.append(box)
            grid.addWidget(box, 5 + at // 2, at % 2)
        self.publication = QCheckBox(t("May also be published"))
        self.publication.setChecked(bool(person and person.consent_publication and not renew))
        self._parts.append(self.publication)
        grid.addWidget(self.publication, 7, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self._show()
        for signal in (self.state.chosen, self.form.chosen, self.on.changed, self.until.changed, self.purpose.textChanged,
                       *(box.toggled for box in self.data.values())):
            signal.connect(lambda *_: self.changed.emit())

    def _show(self) -> None:
        for part in self._parts:
            part.setEnabled(self.state.code() == Consent.GIVEN)

    def wrong(self) -> str:
        """Return what is missing, empty where nothing is."""
        if self.state.code() != Consent.GIVEN:
            return ""
        if not self.form.code():
            return t("Choose how the consent was given.")
        if not self.purpose.toPlainText().strip():
            return t("Consent needs a purpose.")
        if self.until.value() != self._until_before and self.until.value() < self._today.isoformat():
            return t("“Kept until” is a day that is over: choose a later one.")
        return "" if self.chosen() else t("Choose at least one kind of data.")

    def chosen(self) -> list[str]:
        """Return the kinds of data."""
        return [code for code, box in self.data.items() if box.isChecked()] + self._kept

    def snapshot(self) -> Callable[[Unit, str], None]:
        """Return a write of what the form holds now, for the writer's thread."""
        state, form, purpose = self.state.code(), self.form.code(), self.purpose.toPlainText().strip()
        data, until, on, publication = self.chosen(), self.until.value(), self.on.value(), self.publication.isChecked()

        def write(unit: Unit, person: str) -> None:
            from assessor_app.models.visits import Person
            from assessor_app.workflow.interviewing import give_consent, withdraw_consent

            if state == Consent.GIVEN:
                give_consent(unit, person, form=form, purpose=purpose, data=data, until=until, publication=publication, on=on)
            elif state == Consent.WITHDRAWN:
                withdraw_consent(unit, person)
            elif unit.get(Person, person).consent != Consent.NONE:
                edit(unit, Kind.PERSON, person, consent=Consent.NONE)

        return write


def edit_official(context: AppContext, parent: QWidget, visit: str, person: str,
                  done: Callable[[str], None] | None = None, *, name: str = "") -> None:
    """Ask for an official's details and keep them; an empty ``person`` adds one who was met on this visit."""
    def ask(row: PersonRow | None) -> None:
        dialog = PersonDialog(context, row, official=True, parent=parent, called=name)
        if not dialog.exec():
            return
        values: dict[str, Any] = dict(dialog.values())

        def write(unit: Unit) -> str:
            if row is not None:
                edit(unit, Kind.PERSON, row.id, **values)
                return row.id
            from assessor_app.workflow.visiting import add_official

            return add_official(unit, visit, **values)

        context.tasks.write(write, purpose="person.edit" if row is not None else "person.create", owner=parent, done=done,
                            slot=f"{person or ids.new_id()}.person")

    if person:
        context.tasks.read(person_of, person, done=ask, owner=parent)
    else:
        ask(None)


def edit_respondent(context: AppContext, parent: QWidget, visit: str, person: str,
                    done: Callable[[str], None] | None = None, *, name: str = "", renew: bool = False) -> None:
    """Ask for a respondent's details and consent and keep them; an empty ``person`` adds one, ``renew`` asks for a new consent."""
    def query(session: Session) -> tuple[PersonRow | None, str]:
        return person_of(session, person) if person else None, clock.today(zone_of(session, visit)).isoformat()

    def ask(read: tuple[PersonRow | None, str]) -> None:
        row, today = read
        dialog = PersonDialog(context, row, official=False, parent=parent, called=name, renew=renew, today=today)
        if not dialog.exec() or dialog.consent is None:
            return
        values, consent = dialog.values(), dialog.consent.snapshot()

        def write(unit: Unit) -> str:
            from assessor_app.workflow.interviewing import add_respondent

            if row is not None:
                edit(unit, Kind.PERSON, row.id, **values)
            record = row.id if row is not None else add_respondent(unit, visit, **values)
            consent(unit, record)
            return record

        context.tasks.write(write, purpose="person.edit" if row is not None else "person.create", owner=parent, done=done,
                            slot=f"{person or ids.new_id()}.person")

    context.tasks.read(query, done=ask, owner=parent)
