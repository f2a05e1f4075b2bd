"""How far the programme beside a note is this year, said in that very note."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.models.programmes import said_in, statuses
from assessor_app.ui.widgets.basics import Field, label
from assessor_app.ui.widgets.editors import Choice
from assessor_app.workflow.progressing import YearSaid, say_status, year_said


class SaidStatus(QWidget):
    """A choice of the status of a programme's year; choosing makes the open note its source."""

    def __init__(self, context: AppContext, year: int, note: Callable[[], str]) -> None:
        super().__init__()
        self._context, self._year, self._note = context, year, note
        self._programme = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(context.theme.em(0.2))
        self.status = Choice([(code, words or t("(not said)")) for code, words in statuses()])
        self.status.setMinimumContentsLength(6)
        self.status.chosen.connect(self._choose)
        column.addWidget(Field(context.theme, t("Status {0}, said in this note").format(year), self.status))
        self.source = label("", "small")
        column.addWidget(self.source)

    def show_programme(self, programme: str) -> None:
        """Show what is known of a programme's year."""
        self._programme = programme
        self._context.tasks.read(year_said, programme, self._year, done=self._show, owner=self, key=f"year-{id(self)}")

    def _show(self, said: YearSaid) -> None:
        self.status.set(said.year.status)
        words = said_in(said.source)
        here = said.year.interview and said.year.interview == self._note()
        self.source.setText(t("Said in this note") if here else t("Said by: {0}").format(words) if words else "")
        self.source.setVisible(bool(self.source.text()))

    def _choose(self, status: str) -> None:
        programme, note = self._programme, self._note()
        self._context.tasks.write(
            say_status, programme, self._year, status, note, purpose="programme.status", owner=self,
            done=lambda _: self._context.notify.good(
                t("Status {0}: {1}").format(self._year, labels.programme_status(status) or t("(not said)")),
                t("This note is its source, and is linked to the programme.") if note and status else ""))
