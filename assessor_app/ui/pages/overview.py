"""Ikhtisar: what is there, what is missing, what to do next; the visit's facts, the officials met, the agreed actions."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QHeaderView, QLabel, QPushButton, QVBoxLayout, QWidget

from assessor_app import clock, formats
from assessor_app.i18n import nt, t
from assessor_app.models.kinds import Kind, SheetState
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.person import edit_official
from assessor_app.ui.models.rows import Column, RowsModel
from assessor_app.ui.pages.page import Page
from assessor_app.ui.tasks import only
from assessor_app.ui.widgets.basics import Card, Field, Scroller, button, clear, icon_button, label
from assessor_app.ui.widgets.columns import Columns
from assessor_app.ui.widgets.dates import DateField, read_date
from assessor_app.ui.widgets.editors import Autosave, Choice, LineEdit, NoteEdit
from assessor_app.ui.widgets.follow_up import FollowUp
from assessor_app.ui.widgets.tables import Table
from assessor_app.workflow import plan_path_words
from assessor_app.workflow.editing import delete, edit
from assessor_app.workflow.queries.overview import ActionRow, Departure, Overview, departure, overview
from assessor_app.workflow.queries.visits import VisitRow
from assessor_app.workflow.visiting import add_action

#: A backup older than this should be made again before departure, in days.
BACKUP_DAYS = 7
#: A clock that is wrong by more than this is said, in milliseconds.
SKEW_MS = 120_000


class OverviewPage(Page):
    """The first page of a visit."""

    shows = frozenset({Kind.VISIT, Kind.ACTION, Kind.PERSON, Kind.PLAN, Kind.PROGRAMME, Kind.PROGRAMME_YEAR, Kind.BOOK,
                       Kind.INTERVIEW, Kind.ATTACHMENT, Kind.SHEET, Kind.ANSWER, Kind.FINDING,
                       Kind.DOCUMENT, Kind.NUMBERS, Kind.LETTERHEAD, Kind.ASSESSOR})

    def __init__(self, context: AppContext, visit: VisitRow) -> None:
        super().__init__(context, visit)
        self._row: Overview | None = None
        self._wanted = ""
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroller = Scroller(self.theme, t("Overview"))
        outer.addWidget(scroller)
        self.follow_up = scroller.add(FollowUp(context, visit.id))
        columns = scroller.add(Columns(self.theme, stretch=(2, 3)))
        scroller.column.addStretch(1)
        self.steps = Card(self.theme, t("What to do next"))
        self._steps_body = QVBoxLayout()
        self._steps_body.setSpacing(self.theme.em(0.1))
        self.steps.body.addLayout(self._steps_body)
        columns.first.addWidget(self.steps)
        self.leave = Card(self.theme, t("Ready to leave?"))
        self._leave_body = QVBoxLayout()
        self._leave_body.setSpacing(self.theme.em(0.1))
        self.leave.body.addLayout(self._leave_body)
        columns.first.addWidget(self.leave)
        columns.first.addWidget(self._make_officials())
        columns.first.addStretch(1)
        columns.second.addWidget(self._make_facts())
        columns.second.addWidget(self._make_actions())
        columns.second.addStretch(1)
        self.focus_target = self.first

    # -- building

    def _make_facts(self) -> Card:
        card = Card(self.theme, t("The visit"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(self.theme.em(0.6))
        self.first = DateField(self.theme, t("First day"))
        self.last = DateField(self.theme, t("Last day"))
        self.first.changed.connect(self._on_first_day)
        self.last.changed.connect(lambda day: self._set(ends_on=day))
        grid.addWidget(Field(self.theme, t("First day"), self.first), 0, 0)
        grid.addWidget(Field(self.theme, t("Last day"), self.last), 0, 1)
        self.stage = Choice(labels.stages())
        self.stage.chosen.connect(lambda code: self._set(stage=code))
        self.method = Choice(labels.methods())
        self.method.chosen.connect(lambda code: self._set(method=code))
        grid.addWidget(Field(self.theme, t("Stage"), self.stage), 1, 0)
        grid.addWidget(Field(self.theme, t("Held"), self.method), 1, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        card.body.addLayout(grid)
        self._texts: dict[str, Autosave] = {}
        for name, title, rows, hint in (
            ("place", t("Place"), 0, ""), ("objective", t("Objective"), 2, ""),
            ("seen", t("What was seen"), 4, t("Printed in the visit minutes.")),
            ("summary", t("Summary"), 3, ""),
        ):
            widget = NoteEdit(self.theme, rows, 14) if rows else LineEdit()
            self._texts[name] = Autosave(self.context, widget, self._saver(name), slot=partial("{0}.{1}".format, self.visit.id, name))
            card.add(Field(self.theme, title, widget, hint))
        self.witness = Choice([("", t("Nobody"))])
        self.witness.chosen.connect(lambda code: self._set(witness=code))
        card.add(Field(self.theme, t("Witness"), self.witness))
        return card

    def _make_officials(self) -> Card:
        card = Card(self.theme, t("Officials met"))
        self._officials = QVBoxLayout()
        self._officials.setSpacing(self.theme.em(0.3))
        card.body.addLayout(self._officials)
        card.body.addWidget(button(self.theme, t("Add an official"), self._add_official, icon="plus"), 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _make_actions(self) -> Card:
        card = Card(self.theme, t("Agreed actions"))
        columns = (
            Column[ActionRow](t("What"), lambda r: r.body, edit=lambda r, text: self._edit_action(r.id, body=text), width=16,
                              tip=lambda r: r.body),
            Column[ActionRow](t("By whom"), lambda r: r.agency, edit=lambda r, text: self._edit_action(r.id, agency=text), width=7.5),
            Column[ActionRow](t("By when"), lambda r: formats.date(r.due), sort=lambda r: r.due, edit=self._edit_due, width=6.5),
            Column[ActionRow](t("Status"), lambda r: labels.action_status(r.status), value=lambda r: r.status,
                              edit=lambda r, code: self._edit_action(r.id, status=code), width=5.5,
                              choices=tuple((code, labels.action_status(code)) for code in ("open", "running", "done", "dropped"))),
        )
        self.action_rows = RowsModel[ActionRow](columns, lambda r: r.id, wrong=lambda text: self.context.notify.warn(text), parent=self)
        self.table = Table(self.theme, self.action_rows, t("Agreed actions"))
        self.table.setMinimumHeight(self.theme.em(8))
        self.table.horizontalHeader().setStretchLastSection(False)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.delete_requested.connect(self._delete_action)
        card.add(self.table)
        row = QHBoxLayout()
        row.addWidget(button(self.theme, t("Add an action"), self._add_action, icon="plus"))
        row.addWidget(button(self.theme, t("Delete"), lambda: self._delete_action(self.table.current_id()), icon="trash", part="quiet"))
        row.addStretch(1)
        card.body.addLayout(row)
        return card

    # -- loading

    def load(self) -> None:
        """Read the visit anew."""
        assessor = self.context.account.profile
        self.read(overview, self.visit.id, assessor, done=self._show)
        self.read(departure, self.visit.id, done=self._show_departure)

    def open_record(self, record: str) -> None:
        """Show one of the agreed actions, where its owner and date are entered."""
        self._wanted = record
        self.reload()

    def _show(self, row: Overview | None) -> None:
        if row is None:
            return
        unsaved = self.context.unsaved
        row = unsaved.over(row, self.visit.id)
        row = replace(row, actions=tuple(unsaved.over(action, action.id) for action in row.actions))
        self._row = row
        self.first.set(row.starts_on)
        self.last.set(row.ends_on)
        self.stage.set(row.stage)
        self.method.set(row.method)
        for name, saver in self._texts.items():
            saver.load(str(getattr(row, name)))
        self.witness.offer([("", t("Nobody")), *((p.id, p.full_name) for p in row.people)], row.witness)
        self.action_rows.set_rows(row.actions)
        self.follow_up.show_rows(row.earlier)
        wanted, self._wanted = self._wanted, ""
        if wanted:
            self.table.choose(wanted, 1)
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        clear(self._officials)
        if not row.officials:
            self._officials.addWidget(label(t("Nobody yet. Whoever is entered here appears in the visit minutes."), "muted"))
        for person in row.officials:
            self._officials.addWidget(self._person_line(person.id, person.full_name, person.detail))
        clear(self._steps_body)
        for done, text, detail, page in steps(row):
            self._steps_body.addWidget(self._step(done, text, detail, partial(self._go, page)))

    def _go(self, place: str) -> None:
        page, _, record = place.partition("/")
        self.page_requested.emit(page, record)

    def _show_departure(self, row: Departure) -> None:
        clear(self._leave_body)
        now = clock.now_ms()
        age = (now - row.backup_at) // 86_400_000 if row.backup_at else None
        skewed = row.clock_skew_ms is not None and abs(row.clock_skew_ms) > SKEW_MS
        shown = clock.now().astimezone(clock.ZONES[self.visit.zone])
        backup = (nt("Backed up {n} day ago", "Backed up {n} days ago", int(age)) if age else t("Backed up today")) if age is not None \
            else t("Never backed up")
        checks: tuple[tuple[bool, str, str, Callable[[], None] | None], ...] = (
            (row.signing_key, t("Signing key"), t("On this device") if row.signing_key else t("None yet: nothing can be signed"), None),
            (not skewed, t("Clock"), (t("The clock of this computer is wrong by {0} minutes").format(abs(row.clock_skew_ms or 0) // 60_000)
                                      if skewed else t("{0}, {1} in the region").format(
                                          formats.date(shown.date()), formats.time(shown, self.visit.zone))), None),
            (age is not None and age <= BACKUP_DAYS, t("Backup"), backup, self._back_up),
            (row.numbers_left > 0, t("Document numbers"), row.numbers_said, self._numbers),
            (bool(row.paper_at), t("Paper sheet"), t("Printed") if row.paper_at else t("For the day the battery is empty"), self._paper),
        )
        for good, text, detail, act in checks:
            self._leave_body.addWidget(self._step(good, text, detail, act))
        full = button(self.theme, t("The full check…"), self.context.ready_requested.emit, icon="check", tip="Ctrl+R")
        self._leave_body.addWidget(full, 0, Qt.AlignmentFlag.AlignLeft)

    def _step(self, done: bool, text: str, detail: str, act: Callable[[], None] | None) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, self.theme.em(0.15), 0, self.theme.em(0.15))
        row.setSpacing(self.theme.em(0.5))
        mark = QLabel()
        colour = self.theme.colours.good if done else self.theme.colours.warn
        mark.setPixmap(self.theme.pixmap("check" if done else "open", self.theme.em(1.1), colour))
        mark.setAccessibleName(t("Done") if done else t("Open"))
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        head = label(text)
        head.setFont(self.theme.font(bold=True))
        words.addWidget(head)
        if detail:
            words.addWidget(label(detail, "small"))
        row.addLayout(words, 1)
        if act is not None:
            go = icon_button(self.theme, "right", t("Go to: {0}").format(text), act)
            row.addWidget(go)
        line.setAccessibleName(f"{text}: {t('Done') if done else t('Open')}. {detail}")
        return line

    def _person_line(self, person: str, name: str, detail: str) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(name))
        if detail:
            words.addWidget(label(detail, "small"))
        row.addLayout(words, 1)
        change: QPushButton = icon_button(self.theme, "settings", t("Change {0}").format(name),
                                          lambda: edit_official(self.context, self, self.visit.id, person))
        row.addWidget(change)
        row.addWidget(icon_button(self.theme, "close", t("Not met: take {0} off the list").format(name),
                                  lambda: self._remove_official(person)))
        return line

    # -- changing

    def _set(self, **values: Any) -> None:
        self.context.tasks.write(edit, Kind.VISIT, self.visit.id, purpose="visit.edit", owner=self,
                                 slot=f"{self.visit.id}.{','.join(values)}", **values)

    def _saver(self, name: str) -> Callable[[str], Future[Any]]:
        def save(text: str) -> Future[Any]:
            return self.context.tasks.write(edit, Kind.VISIT, self.visit.id, purpose="visit.edit", editing=f"{self.visit.id}.{name}",
                                            owner=self, **only(name, text))

        return save

    def _on_first_day(self, day: str) -> None:
        last = self._row.ends_on if self._row is not None else ""
        year = {"year": int(day[:4])} if day else {}
        self._set(starts_on=day, ends_on=max(day, last), **year)

    def _edit_action(self, action: str, **values: Any) -> str:
        self.context.tasks.write(edit, Kind.ACTION, action, purpose="action.edit", owner=self,
                                 slot=f"{action}.{','.join(values)}", **values)
        return ""

    def _edit_due(self, row: ActionRow, text: str) -> str:
        day = read_date(text) if text else None
        if text and day is None:
            return t("Not a date. Write for example {0}.").format(formats.date("2026-07-03"))
        return self._edit_action(row.id, due=day.isoformat() if day else "")

    def _add_action(self) -> None:
        def made(action: str) -> None:
            self._after_load = action
            self.context.tasks.read(overview, self.visit.id, self.context.account.profile, done=choose, owner=self)

        def choose(row: Overview | None) -> None:
            self._show(row)
            self.table.choose(self._after_load)
            self.table.setFocus()
            self.table.edit(self.table.currentIndex())

        self.context.tasks.write(add_action, self.visit.id, purpose="action.create", done=made, owner=self)

    def _delete_action(self, action: str) -> None:
        if action:
            self.context.tasks.write(delete, Kind.ACTION, action, purpose="action.delete", owner=self)

    def _add_official(self) -> None:
        edit_official(self.context, self, self.visit.id, "")

    def _remove_official(self, person: str) -> None:
        if self._row is not None:
            self._set(officials=[official.id for official in self._row.officials if official.id != person])

    def _back_up(self) -> None:
        from assessor_app.ui.dialogs.backups import BackupDialog

        BackupDialog(self.context, self).exec()
        self.reload()

    def _numbers(self) -> None:
        from assessor_app.ui.dialogs.settings import SettingsDialog

        SettingsDialog(self.context, self, page="letterhead").exec()
        self.reload()

    def _paper(self) -> None:
        from assessor_app.ui.dialogs.paper import print_paper_sheet

        print_paper_sheet(self.context, self, self.visit, self.reload)


def steps(row: Overview) -> list[tuple[bool, str, str, str]]:
    """Return the way through a visit: done or not, what, how far, and the page (and a record on it) where it is done."""
    signed = SheetState.DRAFT, SheetState.READY, ""
    out = [
        (row.programmes > 0, t("Master plan"), nt("{n} programme", "{n} programmes", row.programmes) if row.programmes
         else t("Import the region's sheet or type the programmes"), "plan"),
        (row.path.done, labels.stage(row.workshop) if row.workshop else t("Workshops I to IV"), plan_path_words.tally(row.path),
         f"plan/path:{row.workshop}"),
        (row.interviews > 0 and not row.withheld, t("Interviews"), _interviews(row), "interviews"),
    ]
    if row.evaluates:
        if not row.instrument:
            out.append((False, t("Scores"), t("Choose the instrument"), "scoring"))
        else:
            out.append((row.open_questions == 0, t("Scores"),
                        t("{0} of {1} scored, {2} open").format(row.scored, row.questions, row.open_questions), "scoring"))
            out.append((row.findings > 0, t("Strengths, weaknesses, recommendations"),
                        nt("{n} note", "{n} notes", row.findings) if row.findings else t("None yet"), "scoring"))
    if row.earlier:
        answered = sum(one.answered for one in row.earlier)
        out.insert(0, (answered == len(row.earlier), t("Actions of earlier visits"),
                       t("{0} of {1} answered").format(answered, len(row.earlier)), "overview"))
    out.append((bool(row.officials and row.seen and row.actions), t("Officials, what was seen, actions"), _facts(row), "overview"))
    out.append((row.minutes not in signed, t("Visit minutes"), labels.state(row.minutes) if row.minutes else t("Not made yet"),
                "documents"))
    if row.evaluates:
        out.append((row.sheet_document not in signed, t("Evaluation sheet"),
                    labels.state(row.sheet_document) if row.sheet_document else t("Not made yet"), "documents"))
    return out


def _interviews(row: Overview) -> str:
    if not row.interviews:
        return t("None yet")
    text = ", ".join((nt("{n} note", "{n} notes", row.interviews), nt("{n} photo", "{n} photos", row.photos)))
    if row.withheld:
        text += " · " + nt("{n} without consent stays here", "{n} without consent stay here", row.withheld)
    return text


def _facts(row: Overview) -> str:
    missing = [word for there, word in (
        (row.officials, t("officials")), (row.seen, t("what was seen")), (row.actions, t("actions"))) if not there]
    return t("Missing: {0}").format(", ".join(missing)) if missing else t("Complete")
