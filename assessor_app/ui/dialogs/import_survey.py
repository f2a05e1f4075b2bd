"""Importing an impact survey: what each column is taken for, of which sub-dimension a sheet is, and every warning by sheet and row."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QPlainTextEdit,
    QWidget,
)

from assessor_app import formats, given
from assessor_app.i18n import nt, t
from assessor_app.models.kinds import DIMENSION_NAMES, DIMENSIONS
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.dialogs.files import open_files
from assessor_app.ui.widgets.basics import Field, button, label
from assessor_app.ui.widgets.column_choice import SAMPLES, ColumnChoice, SheetColumn
from assessor_app.ui.widgets.editors import Choice, LineEdit
from assessor_app.workflow.survey_import import SurveyProposal, field_label, notice_text
from assessor_app.workflow.survey_sheet import LABELS

if TYPE_CHECKING:
    from assessor_app.ui.tasks import Job

_SUBS = [code for subs in DIMENSIONS.values() for code in subs]


def field_words() -> list[tuple[str, str]]:
    """Return what a column can be taken for."""
    return [("", field_label("")), *((code, field_label(code)) for code in LABELS),
            *((f"statement:{code}", field_label(f"statement:{code}")) for code in _SUBS)]


class SurveyDialog(Dialog):
    """Shows a proposal and lets the person change what it is taken for."""

    def __init__(self, context: AppContext, proposal: SurveyProposal, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Import an impact survey"), parent, width=54, height=34)
        self.proposal = proposal
        theme = context.theme
        self.body.addWidget(label(", ".join(name for name, _ in proposal.files), "lead"))
        promise = t("Figures and warnings are kept, names of respondents are not. The mean is evidence, never a score by itself.")
        self.body.addWidget(label(promise, "muted"))
        self._tables: list[ColumnChoice] = []
        for at in range(len(proposal.sheets)):
            self._add_sheet(at)
        self.users = LineEdit()
        self.users.setPlaceholderText("1200")
        self._users_field = Field(theme, t("How many use the service, where no column says so"), self.users)
        self.body.addWidget(self._users_field)
        self._later = QTimer(self, singleShot=True, interval=250)
        self._later.timeout.connect(self._take_users)
        self.users.textChanged.connect(lambda _: self._later.start())
        self.summary = label("", "lead")
        self.body.addWidget(self.summary)
        self.said = QPlainTextEdit()
        self.said.setReadOnly(True)
        self.said.setTabChangesFocus(True)
        self.said.setAccessibleName(t("Faults and warnings"))
        self.said.setFixedHeight(theme.em(9))
        self.body.addWidget(self.said)
        self.footer(cancel_button(self))
        self.ok = self.footer(button(theme, t("Import"), self.accept, icon="import", part="main"))
        self._show()

    def _add_sheet(self, at: int) -> None:
        sheet, theme = self.proposal.sheets[at], self.theme
        used = QCheckBox(t("Sheet “{0}” ({1} rows)").format(sheet.place, len(sheet.rows)))
        used.setChecked(sheet.used)
        used.toggled.connect(lambda on: self._take(self.proposal.with_sheet(at, used=on)))
        self.body.addWidget(used)
        row = QHBoxLayout()
        sub = Choice([("", t("(as a column says)")), *((code, DIMENSION_NAMES[code]) for code in _SUBS)], sheet.sub_dimension)
        sub.chosen.connect(lambda code: self._take(self.proposal.with_sheet(at, sub_dimension=code)))
        row.addWidget(Field(theme, t("Sub-dimension"), sub))
        service = LineEdit()
        service.setText(sheet.service)
        service.editingFinished.connect(lambda: self._take(self.proposal.with_sheet(at, service=service.text().strip())))
        row.addWidget(Field(theme, t("Service, where no column names it"), service), 1)
        self.body.addLayout(row)
        columns = [SheetColumn(column.letter, column.heading, column.field,
                               [_shown(row["cells"], line) for row in sheet.rows[:SAMPLES]]) for line, column in enumerate(sheet.columns)]
        table = ColumnChoice(theme, sheet.place, field_words(), columns, wide=(13, 14), most=7)
        table.field_chosen.connect(partial(self._take_field, at))
        self._tables.append(table)
        self.body.addWidget(table)

    def _take_field(self, sheet: int, column: int, code: str) -> None:
        self._take(self.proposal.with_field(sheet, column, code))

    def _take_users(self) -> None:
        bare = self.users.text().strip().replace(".", "")
        good = not bare or (bare.isascii() and bare.isdigit())
        self._users_field.say("" if good else t("Not a number of users."), wrong=not good)
        if good:
            self._take(self.proposal.with_users(int(bare) if bare else None))

    def _take(self, proposal: SurveyProposal) -> None:
        self.proposal = proposal
        for table, sheet in zip(self._tables, proposal.sheets, strict=True):
            table.show_fields([column.field for column in sheet.columns])
        self._show()

    def _show(self) -> None:
        proposal = self.proposal
        lines = []
        if proposal.faults:
            count = len(proposal.faults)
            self.summary.setText(nt("{n} fault: nothing can be imported", "{n} faults: nothing can be imported", count))
            lines = list(proposal.faults)
        else:
            warned = sum(len(result.notices) for result in proposal.results)
            self.summary.setText(" · ".join((nt("{n} survey", "{n} surveys", len(proposal.results)),
                                             nt("{n} warning", "{n} warnings", warned))))
            for result in proposal.results:
                mean = "–" if result.mean is None else formats.number(result.mean, 2)
                lines.append(t("{0}: {1} respondents, mean {2}").format(labels.dimension(result.sub_dimension), result.respondents, mean))
                lines += [f"   {notice_text(notice)}" for notice in result.notices]
        self.said.setPlainText("\n".join(lines[:2000]))
        self.ok.setEnabled(not proposal.faults and bool(proposal.results))


def import_survey(context: AppContext, parent: QWidget, visit: str) -> None:
    """Ask for respondents' sheets, propose, import as one step that one undo takes back."""
    files = open_files(parent, t("Import an impact survey"), t("Workbooks and CSV (*.xlsx *.xlsm *.csv)") + f";;{t('All files')} (*)")
    if not files:
        return

    def read(job: Job) -> SurveyProposal:
        from assessor_app.workflow.survey_import import propose

        return propose([(file.name, given.read(file, given.WORKBOOK)) for file in files])

    def ask(proposal: SurveyProposal) -> None:
        dialog = SurveyDialog(context, proposal, parent)
        if not dialog.exec():
            return
        kept = dialog.proposal

        def write(unit: Any) -> list[str]:
            from assessor_app.workflow.survey_import import take_in

            return take_in(unit, visit, kept)

        context.tasks.write(write, purpose="survey.import", owner=parent, done=lambda made: context.notify.good(
            t("The survey is imported."), t("Its mean is evidence: link it to the questions that it speaks of.")))

    context.tasks.run(read, title=t("Reading the survey…"), done=ask, owner=parent)


def _shown(cells: list[Any], at: int) -> str:
    value = cells[at] if at < len(cells) else None
    return "" if value is None else "?" if isinstance(value, dict) else str(value)
