"""Penilaian, the panel: who belongs and has signed, closing it, and what the signed sheets say together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from assessor_app import formats
from assessor_app.errors import BadInput
from assessor_app.i18n import t
from assessor_app.models.kinds import DocumentType, FindingType, Kind
from assessor_app.refusals import why
from assessor_app.ui.context import AppContext
from assessor_app.ui.pages.names import DOCUMENTS
from assessor_app.ui.pages.page import Page, agree
from assessor_app.ui.tasks import only
from assessor_app.ui.widgets.basics import Card, Field, Scroller, button, clear, label
from assessor_app.ui.widgets.columns import Columns
from assessor_app.ui.widgets.editors import Autosave, LineEdit, NoteEdit
from assessor_app.ui.widgets.panel_members import PanelMembers
from assessor_app.ui.widgets.panel_questions import PanelQuestions
from assessor_app.ui.widgets.panel_result import PanelFigures
from assessor_app.workflow import panel
from assessor_app.workflow.panel import Offer
from assessor_app.workflow.queries.panel import PanelView, panel_view
from assessor_app.workflow.queries.visits import VisitRow

#: A signed sheet with photos is below 10 MB; what is far larger is something else.
MOST_BYTES = 60_000_000


class PanelPage(Page):
    """The panel of a visit."""

    shows = frozenset({Kind.PANEL, Kind.PANEL_REMARK, Kind.SHEET, Kind.DOCUMENT, Kind.REVISION, Kind.ATTACHMENT, Kind.VISIT, Kind.ACTION})

    def __init__(self, context: AppContext, visit: VisitRow) -> None:
        super().__init__(context, visit)
        self._view: PanelView | None = None
        self._given: dict[str, bytes] = {}
        self._offers: tuple[Offer, ...] = ()
        theme = self.theme
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroller = Scroller(theme, t("Panel"))
        outer.addWidget(scroller)
        columns = scroller.add(Columns(theme, stretch=(2, 3)))
        scroller.column.addStretch(1)
        self.members = PanelMembers(theme)
        self.members.files_wanted.connect(self._choose_files)
        self.members.files_dropped.connect(self._take_files)
        self.members.file_left_out.connect(self._leave_out)
        self.members.close_wanted.connect(self._close)
        self.members.take_wanted.connect(self._take_in)
        columns.first.addWidget(self.members)
        self.faults = Card(theme, t("Not counted"))
        self._fault_lines = QVBoxLayout()
        self.faults.body.addLayout(self._fault_lines)
        columns.first.addWidget(self.faults)
        self.recommended = Card(theme, t("Recommendations"))
        self._recommended = QVBoxLayout()
        self.recommended.body.addLayout(self._recommended)
        columns.first.addWidget(self._make_report())
        columns.first.addWidget(self.recommended)
        columns.first.addWidget(self._make_texts())
        columns.first.addStretch(1)
        self.problem = label("", "bad")
        columns.second.addWidget(self.problem)
        self.figures = PanelFigures(theme)
        columns.second.addWidget(self.figures)
        self.questions = PanelQuestions(context)
        self.questions.save_remark = self._save_remark
        self.questions.remark_slot = lambda question: f"{visit.id}.{question}"
        columns.second.addWidget(self.questions)
        columns.second.addStretch(1)
        for part in (self.faults, self.report, self.recommended, self.texts, self.problem, self.figures, self.questions):
            part.hide()

    # -- building

    def _make_report(self) -> Card:
        self.report = Card(self.theme, t("Panel report"))
        self._missing = QVBoxLayout()
        self._missing.setSpacing(self.theme.em(0.2))
        self.report.body.addLayout(self._missing)
        self.sign = button(self.theme, t("Preview and sign…"), self._open_report, icon="sign", part="main")
        self.report.body.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignLeft)
        return self.report

    def _make_texts(self) -> Card:
        self.texts = Card(self.theme, t("Texts of the report"))
        self._texts: dict[str, Autosave] = {}
        for name, title in (("introduction", t("Introduction")), ("method", t("Method")), ("conclusion", t("Conclusion"))):
            widget = NoteEdit(self.theme, 2, 12)
            self._texts[name] = Autosave(
                self.context, widget, self._saver(name), slot=partial("{0}.{1}".format, panel.panel_id(self.visit.id), name))
            self.texts.add(Field(self.theme, title, widget))
        self.previous = LineEdit()
        self._previous = Autosave(self.context, self.previous, self._save_previous, check=self._check_previous,
                                  slot=lambda: f"{panel.panel_id(self.visit.id)}.previous_index")
        self._previous_field = Field(self.theme, t("Last year's index, where its report is not here"), self.previous)
        self.texts.add(self._previous_field)
        return self.texts

    # -- loading

    def main_control(self) -> QWidget | None:
        """Return the questions of a closed panel, otherwise what brings it nearer to its closing."""
        if self.questions.isVisible() and self.questions.table is not None:
            return self.questions.table
        return self.members.add_files if self.members.add_files.isVisible() else None

    def load(self) -> None:
        """Read the panel anew."""
        account, visit, generation = self.context.account, self.visit.id, self._generation

        def show(view: PanelView) -> None:
            if generation == self._generation:
                self._show(view)
                self._focus_when_there()

        self.context.tasks.call(lambda: panel_view(account, visit), done=show, owner=self, key=f"panel-{id(self)}")

    def _show(self, view: PanelView) -> None:
        if self.context.tasks.pending_writes:
            self.reload()
            return
        self._view = view
        self.members.show_view(view, self._offers)
        self.problem.setText(view.problem)
        self.problem.setVisible(bool(view.problem))
        result = view.result
        self.figures.setVisible(result is not None)
        self.questions.setVisible(result is not None)
        self.report.setVisible(view.closed)
        self.texts.setVisible(view.closed)
        faults = result.faults if result is not None else ()
        self.faults.setVisible(bool(faults))
        clear(self._fault_lines)
        for fault in faults:
            self._fault_lines.addWidget(label(panel.faults_text(fault), "warn"))
        for name, saver in self._texts.items():
            saver.load(str(getattr(view, name)))
        self._previous.load("" if view.previous_index is None else formats.number(view.previous_index, 2))
        if result is not None:
            self.figures.show_result(view, result)
            self.questions.show_result(result)
        self._show_recommended()
        clear(self._missing)
        for point in view.missing:
            self._missing.addWidget(label(f"• {point}", "warn"))
        if view.report:
            self._missing.addWidget(label(t("The report is signed."), "good"))
        self.sign.setText(t("Open the report") if view.report else t("Preview and sign…") if not view.missing else t("Preview…"))

    def _show_recommended(self) -> None:
        """Show each assessor's recommendations; one becomes an agreed action by a click."""
        clear(self._recommended)
        result = self._view.result if self._view is not None else None
        said = [(sheet.name, body) for sheet in (result.sheets if result is not None else ())
                for kind, _, body in sheet.findings if kind == FindingType.RECOMMENDATION and body.strip()]
        self.recommended.setVisible(bool(said))
        for name, body in dict.fromkeys(said):
            self._recommended.addWidget(label(f"{body} ({name})"))
            made = button(self.theme, t("Agree on it…"), partial(agree, self, body), icon="check", part="quiet",
                          tip=t("Make an agreed action of it, with an owner and a date"))
            made.setAccessibleName(t("Make an agreed action of {0}").format(body))
            self._recommended.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)

    # -- files that are handed over

    def _choose_files(self) -> None:
        from assessor_app.ui.dialogs.files import open_files

        self._take_files(open_files(self, t("Add signed sheets"), f"PDF (*.pdf);;{t('All files')} (*)"))

    def _take_files(self, paths: list[Path]) -> None:
        read: dict[str, bytes] = {}
        faults = []
        for path in paths:
            try:
                if path.stat().st_size > MOST_BYTES:
                    faults.append(t("{0}: too large for a signed sheet.").format(path.name))
                    continue
                data = path.read_bytes()
                name = next(name for name in _names(path) if {**self._given, **read}.get(name, data) == data)
                read[name] = data
            except OSError as e:
                faults.append(f"{path.name}: {why(e)}")
        if faults:
            self.context.notify.error(BadInput(t("Some files cannot be read."), tuple(faults), kept=t("Nothing was taken in.")))
        if read:
            self._offer({**self._given, **read})

    def _leave_out(self, name: str) -> None:
        self._offer({key: data for key, data in self._given.items() if key != name})

    def _offer(self, given: dict[str, bytes]) -> None:
        """Say whose sheets these are; nothing of them is kept or told."""
        self._given = given
        account, visit = self.context.account, self.visit.id

        def show(offers: tuple[Offer, ...]) -> None:
            self._offers = offers
            if self._view is not None:
                self.members.show_view(self._view, offers)

        if not given:
            show(())
            return
        def failed(error: Exception) -> None:
            self._given = {}
            show(())
            self.context.notify.error(error)

        self.context.tasks.call(lambda: panel.offers(account, visit, list(given.items())), done=show, failed=failed, owner=self,
                                key=f"offers-{id(self)}")

    # -- acting

    def _close(self, by_line: bool) -> None:
        account, visit, given = self.context.account, self.visit.id, list(self._given.items())
        without = frozenset() if by_line else self.members.without()
        text = (t("At the next sync the centre opens the signed sheets to all members.") if by_line
                else t("All scores can be seen from then on."))
        if not self.context.notify.ask(t("Close the panel?"), t("{0} This cannot be taken back.").format(text), yes=t("Close the panel")):
            return
        self._work(lambda: panel.close(account, visit, given, by_line=by_line, without=without), t("Closing the panel…"),
                   t("The panel is closed."))

    def _take_in(self) -> None:
        account, visit, given = self.context.account, self.visit.id, list(self._given.items())
        self._work(lambda: panel.take_in(account, visit, given), t("Taking in the sheets…"), t("The sheets are taken in."))

    def _work(self, work: Callable[[], None], title: str, said: str) -> None:
        def done(_: None) -> None:
            self._given, self._offers = {}, ()
            self.context.notify.good(said)
            self.reload()

        self.context.tasks.run(lambda job: work(), title=title, done=done, owner=self, cancellable=False)

    def _open_report(self) -> None:
        if not self.context.flush_or_ask():
            return
        report = self._view.report if self._view is not None else ""
        self.page_requested.emit(DOCUMENTS, report or f"new:{DocumentType.PANEL_REPORT}")

    def _saver(self, name: str) -> Callable[[str], Future[Any]]:
        return lambda text: self.context.tasks.write(
            panel.set_texts, self.visit.id, purpose="panel.edit", editing=f"{panel.panel_id(self.visit.id)}.{name}", owner=self,
            **only(name, text))

    def _check_previous(self, text: str) -> str:
        wrong = "" if not text.strip() or _figure(text) is not None else t("Not a figure. Write for example {0}.").format("2,35")
        self._previous_field.say(wrong, wrong=bool(wrong))
        return wrong

    def _save_previous(self, text: str) -> Future[Any]:
        return self.context.tasks.write(
            partial(panel.set_texts, previous_index=_figure(text)), self.visit.id, purpose="panel.edit", owner=self,
            slot=f"{panel.panel_id(self.visit.id)}.previous_index")

    def _save_remark(self, question: str, text: str) -> Future[Any]:
        return self.context.tasks.write(
            panel.remark, self.visit.id, question, text, purpose="panel.remark", editing=f"{self.visit.id}.{question}", owner=self)


def _names(path: Path) -> Iterator[str]:
    """Yield a file's name, then others: files of the same name may come from several sticks."""
    yield path.name
    for number in count(2):
        yield f"{path.stem} ({number}){path.suffix}"


def _figure(text: str) -> float | None:
    """Return an index as somebody types it, with a comma or a point, from 0 to 10; None for anything else."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return value if 0 <= value <= 10 else None
