"""Everything held about a person, in one place: to show, to correct, to hand over, to erase; and what the person asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from assessor_app import clock, formats
from assessor_app.i18n import nt, t
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import RequestType
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog
from assessor_app.ui.dialogs.files import save_file
from assessor_app.ui.dialogs.person import consent_forms, data_kinds
from assessor_app.ui.widgets.basics import Card, FlowRow, button, clear, label
from assessor_app.ui.widgets.editors import Choice
from assessor_app.workflow import rights
from assessor_app.workflow.queries.people import PersonRow
from assessor_app.workflow.revisions import write_whole


def request_types() -> list[tuple[str, str]]:
    """Return what a person can ask for, in words."""
    return [(RequestType.ACCESS, t("to see the data")), (RequestType.CORRECT, t("to correct the data")),
            (RequestType.STOP, t("to stop using the data")), (RequestType.ERASE, t("to erase the data"))]


class RightsDialog(Dialog):
    """Shows what is held about a person.

    ``correct`` opens the person's details.
    """

    def __init__(self, context: AppContext, visit: str, zone: str, person: str, correct: Callable[[PersonRow], None],
                 parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Everything held about a person"), parent, width=40, height=34)
        self._context, self._visit, self._zone, self._person, self._correct_by = context, visit, zone, person, correct
        self._held: rights.Held | None = None
        theme = context.theme
        self.who = label("", "lead")
        self.body.addWidget(self.who)
        self.facts = label("", "muted")
        self.body.addWidget(self.facts)
        self.stays = label(t(
            "Nothing of this is erased at the official's wish: who acts in office stands in the papers of a visit on the ground of "
            "public duty (UU 27/2022, Art. 20), without a consent. Name, office, NIP and rank stay, the notes of what was said in office, "
            "their recordings, and signed documents. What is wrong is corrected within three days, with Correct…; what is held can be "
            "handed over."),
            "warn")
        self.stays.hide()
        self.body.addWidget(self.stays)
        asked = Card(theme, t("Requests"))
        self.requests = label("")
        asked.add(self.requests)
        self.type = Choice(request_types(), RequestType.ACCESS)
        self.type.setAccessibleName(t("What the person asks for"))
        self.ask = button(theme, t("The person asks this now"), self._ask, icon="clock")
        self.all_done = button(theme, t("All requests are done"), self._done, icon="check")
        asked.add(FlowRow(theme, self.type, self.ask, self.all_done))
        self.body.addWidget(asked)
        self.cards = {name: Card(theme, title) for name, title in (
            ("notes", t("Notes")), ("files", t("Photos, recordings, scans")), ("documents", t("Signed documents")))}
        self._lines: dict[str, QVBoxLayout] = {}
        for name, card in self.cards.items():
            self._lines[name] = QVBoxLayout()
            card.body.addLayout(self._lines[name])
            self.body.addWidget(card)
        self.body.addStretch(1)
        self.erase = self.footer(button(theme, t("Erase everything…"), self._erase, icon="trash", part="danger"), left=True)
        self.correct = self.footer(button(theme, t("Correct…"), self._correct, icon="settings"))
        self.export = self.footer(button(theme, t("Hand over…"), self._hand_over, icon="out"))
        self.footer(button(theme, t("Close"), self.accept, part="main"))
        self.load()

    def load(self) -> None:
        """Read it anew."""
        self._context.tasks.read(rights.held, self._person, done=self._show, owner=self)

    def _show(self, held: rights.Held) -> None:
        self._held = held
        person = held.person
        self.who.setText(person.full_name or t("Data erased"))
        self.facts.setText("\n".join(filter(None, (person.detail, person.phone, self._consent(person), held.remark))))
        self._say_requests(held)
        alone, shared = ((t("stays"),) * 2 if person.official else
                         (t("goes with the person"), t("others stand in it too: the text stays")))
        self._fill("notes", [" · ".join(filter(None, (n.title or t("(no title)"), formats.date_time(n.held_at, self._zone),
                                                       alone if n.alone else shared))) for n in held.notes])
        self._fill("files", [" · ".join(filter(None, (f.name, f.caption, formats.size(f.size)))) for f in held.files])
        self._fill("documents", list(held.documents))
        self.erase.setVisible(not person.official)
        self.stays.setVisible(person.official)
        for made in (self.erase, self.correct):
            made.setEnabled(not held.erased)
        self.adjust()

    def _consent(self, person: PersonRow) -> str:
        if person.official:
            return t("An official in office: public duty is the ground.")
        if not person.consent_on:
            return t("No valid consent")
        forms, kinds = dict(consent_forms()), {**dict(data_kinds()), "occupation": t("Occupation")}
        return t("Consent of {0}, {1}, for {2}; {3}; until {4}; {5}").format(
            formats.date(person.consent_on), forms.get(person.consent_form, person.consent_form), person.consent_purpose,
            ", ".join(kinds.get(kind, kind) for kind in person.consent_data), formats.date(person.consent_until),
            t("may be published") if person.consent_publication else t("not to be published"))

    def _say_requests(self, held: rights.Held) -> None:
        words, lines = dict(request_types()), []
        for row in held.requests:
            asked = t("Asked {0}, {1}").format(words.get(row.type, row.type), _moment(row.received_at))
            lines.append(f"{asked}: " + (t("done {0}").format(_moment(row.done_at)) if row.done_at
                                         else t("to be done until {0}").format(_moment(row.due_at))))
        self.requests.setText("\n".join(lines) or t("Nothing was asked for."))
        self.all_done.setVisible(any(not row.done_at for row in held.requests))

    def _fill(self, name: str, lines: list[str]) -> None:
        clear(self._lines[name])
        for line in lines:
            self._lines[name].addWidget(label(f"• {line}"))
        if not lines:
            self._lines[name].addWidget(label(t("nothing"), "muted"))

    def _ask(self) -> None:
        self._context.tasks.write(rights.ask, self._visit, self._person, self.type.code(), purpose="request", owner=self,
                                  done=lambda _: self.load())

    def _done(self) -> None:
        waiting = [row.id for row in self._held.requests if not row.done_at] if self._held is not None else []

        def work(unit: Unit) -> None:
            for request in waiting:
                rights.done(unit, request)

        self._context.tasks.write(work, purpose="request", owner=self, done=lambda _: self.load())

    def _correct(self) -> None:
        if self._held is not None:
            self._correct_by(self._held.person)
            self.load()

    def _hand_over(self) -> None:
        warning = t("The file is not encrypted: hand it to the person alone, then delete it.")
        if not self._context.notify.ask(t("Write the person's data outside the notebook?"), warning, yes=t("Choose where…")):
            return
        target = save_file(self, t("Hand over"), f"{t('data of a person')}.json", "JSON (*.json)")
        if target is not None:
            def take(data: bytes) -> None:
                self._context.tasks.call(lambda: write_whole(target, data), owner=self,
                                         done=lambda _: self._context.notify.good(t("Taken out of the notebook."), str(target)))

            self._context.tasks.read(rights.hand_over, self._person, done=take, owner=self)

    def _erase(self) -> None:
        erase_with_receipt(self._context, self, self._person, self._held.person.name if self._held is not None else "", self.load)


class ReceiptDialog(Dialog):
    """Shows the receipt of an erasure, to be copied for the person."""

    def __init__(self, context: AppContext, text: str, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Receipt of the erasure"), parent, width=34)
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setAccessibleName(t("Receipt of the erasure"))
        self.text.setMinimumHeight(context.theme.em(12))
        self.body.addWidget(self.text)
        self.footer(button(context.theme, t("Copy"), self._copy, icon="copy"))
        self.footer(button(context.theme, t("Close"), self.accept, part="main"))

    def _copy(self) -> None:
        self.text.selectAll()
        self.text.copy()


def erase_with_receipt(context: AppContext, parent: QWidget, person: str, name: str, then: Callable[[], None] = lambda: None) -> None:
    """Ask, erase everything about a person, and show the receipt."""
    if not context.notify.ask(
            t("Erase everything about {0}?").format(name),
            t("Name, consent and the notes and photos with this person alone are erased here and at the centre. "
              "This cannot be taken back."),
            yes=t("Erase"), danger=True):
        return
    account = context.account

    def show(receipt: str) -> None:
        ReceiptDialog(context, receipt, parent).exec()
        then()

    context.tasks.run(lambda job: rights.erase(account, person), title=t("Erasing…"), done=show, owner=parent, cancellable=False)


def due(session: Session) -> tuple[rights.RequestRow, ...]:
    """Return the requests that wait."""
    return rights.requests(session, open_only=True)


def due_text(waiting: tuple[rights.RequestRow, ...]) -> str:
    """Return what is due in a sentence; empty where nothing is."""
    if not waiting:
        return ""
    first = min(row.due_at for row in waiting)
    return nt("{n} request of a person waits, the first to be done until {0}.",
              "{n} requests of persons wait, the first to be done until {0}.", len(waiting)).format(_moment(first))


def _moment(ms: int) -> str:
    local = datetime.fromtimestamp(ms / 1000, UTC).astimezone(clock.ZONES["WIB"]).replace(tzinfo=None)
    return formats.date_time(local, "WIB")
