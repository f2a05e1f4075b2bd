"""Importing a region's Excel sheet: what each column is taken for, beside its first rows; doubtful cells by their address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QWidget

from assessor_app import formats, given
from assessor_app.i18n import nt, t
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.dialogs.files import open_file
from assessor_app.ui.widgets.basics import button, label
from assessor_app.ui.widgets.column_choice import SAMPLES, ColumnChoice, SheetColumn
from assessor_app.workflow.plan_columns import LABELS
from assessor_app.workflow.plan_columns import label as column_words

if TYPE_CHECKING:
    from assessor_app.ui.tasks import Job
    from assessor_app.workflow.plan_changes import PlanChanges
    from assessor_app.workflow.plan_import import ImportOutcome, Proposal


def field_words() -> list[tuple[str, str]]:
    """Return what a column can be taken for."""
    return [("", column_words("")), *((code, column_words(code)) for code in LABELS)]


class ImportDialog(Dialog):
    """Shows a proposal and lets the person change what each column means."""

    def __init__(self, context: AppContext, proposal: Proposal, parent: QWidget | None = None, *, region: str = "") -> None:
        super().__init__(context.theme, t("Import an Excel sheet"), parent, width=52, height=32)
        self._context, self._region = context, region
        self.proposal = proposal
        theme = context.theme
        self.body.addWidget(label(proposal.filename, "lead"))
        self.body.addWidget(label(t("Check what each column is taken for. Nothing is written before you import."), "muted"))
        self.tables: list[ColumnChoice] = []
        for at, sheet in enumerate(proposal.sheets):
            used = QCheckBox(t("Sheet “{0}” ({1} rows)").format(sheet.name, len(sheet.rows)))
            used.setChecked(sheet.used)
            used.toggled.connect(lambda on, n=at: self._take(self.proposal.with_sheet(n, on)))
            self.body.addWidget(used)
            self.body.addWidget(self._make_table(at))
        if proposal.skipped:
            self.body.addWidget(label(t("Left out, no programmes found in: {0}").format(", ".join(proposal.skipped)), "small"))
        self.summary = label("", "lead")
        self.body.addWidget(self.summary)
        self.faults = QPlainTextEdit()
        self.faults.setReadOnly(True)
        self.faults.setTabChangesFocus(True)
        self.faults.setAccessibleName(t("Cells in doubt"))
        self.faults.setFixedHeight(theme.em(7))
        self.body.addWidget(self.faults)
        self.changes = QPlainTextEdit()
        self.changes.setReadOnly(True)
        self.changes.setTabChangesFocus(True)
        self.changes.setAccessibleName(t("What the import would change"))
        self.changes.setFixedHeight(theme.em(8))
        self.changes.hide()
        self.body.addWidget(self.changes)
        self.footer(cancel_button(self))
        self.ok = self.footer(button(theme, "", self.accept, icon="import", part="main"))
        self._show()

    def _make_table(self, at: int) -> ColumnChoice:
        sheet = self.proposal.sheets[at]
        columns = [SheetColumn(column.letter, column.heading, column.field, sheet.samples(line, SAMPLES), column_words(column.field))
                   for line, column in enumerate(sheet.columns)]
        table = ColumnChoice(self.theme, sheet.name, field_words(), columns, wide=(11, 10), most=9)
        table.field_chosen.connect(lambda column, field: self._take(self.proposal.with_field(at, column, field)))
        self.tables.append(table)
        return table

    def _take(self, proposal: Proposal) -> None:
        self.proposal = proposal
        for table, sheet in zip(self.tables, proposal.sheets, strict=True):
            table.show_fields([column.field for column in sheet.columns])
        self._show()

    def _show(self) -> None:
        rows, faults = len(self.proposal.rows), self.proposal.faults
        self.summary.setText(" · ".join((nt("{n} programme found", "{n} programmes found", rows),
                                         nt("{n} cell in doubt", "{n} cells in doubt", len(faults)))))
        self.faults.setPlainText("\n".join(str(fault) for fault in faults[:500]))
        self.faults.setVisible(bool(faults))
        self.ok.setText(nt("Import {n} programme", "Import {n} programmes", rows))
        self.ok.setEnabled(rows > 0)
        if self._region:
            from assessor_app.workflow.plan_changes import changes

            self._context.tasks.read(changes, self._region, self.proposal.rows, done=self._show_changes, owner=self, key=f"plan-{id(self)}")

    def _show_changes(self, found: PlanChanges) -> None:
        """Say what is new, changed and gone, where there is a plan already."""
        there = bool(found.changed or found.gone) or len(found.new) < len(self.proposal.rows)
        self.changes.setVisible(there)
        if not there:
            return
        lines = [t("New: {0} · changed: {1} · no longer in the sheet, left alone: {2}").format(
            len(found.new), len(found.changed), len(found.gone))]
        lines += [f"+ {name}" for name in found.new]
        for one in found.changed:
            fields = "; ".join(f"{column_words(f.field)}: {_said(f.field, f.before)} → {_said(f.field, f.after)}" for f in one.fields)
            lines.append(f"≠ {one.name} — {fields}")
        lines += [f"− {name}" for name in found.gone]
        self.changes.setPlainText("\n".join(lines))


def _said(field: str, value: object) -> str:
    """Return a value as it is read: rupiah, yes and no, the words of a code."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if field.startswith("budget") and isinstance(value, int):
        return formats.rupiah(value)
    if field.partition(":")[0] == "status":
        return labels.programme_status(str(value))
    return labels.dimension(str(value)) if field in {"dimension", "sub_dimension"} else str(value)


def import_plan_sheet(context: AppContext, parent: QWidget, region: str) -> None:
    """Ask for a workbook, propose, import as one intent that one undo takes back."""
    file = open_file(parent, t("Import an Excel sheet"), t("Workbooks (*.xlsx *.xlsm)") + f";;{t('All files')} (*)")
    if file is None:
        return

    def read(job: Job) -> Proposal:
        from assessor_app.workflow.plan_import import propose

        return propose(given.read(file, given.WORKBOOK), file.name)

    def ask(proposal: Proposal) -> None:
        dialog = ImportDialog(context, proposal, parent, region=region)
        if not dialog.exec():
            return
        rows = dialog.proposal.rows

        def write(unit: Any) -> ImportOutcome:
            from assessor_app.workflow.plan_import import apply_import
            from assessor_app.workflow.planning import ensure_plan

            return apply_import(unit, region, ensure_plan(unit, region), rows)

        context.tasks.write(write, purpose="plan.import", owner=parent, done=lambda outcome: context.notify.good(
            t("The sheet is imported."), t("{0} new, {1} changed, {2} as before.").format(
                outcome.created, outcome.updated, outcome.skipped)))

    context.tasks.run(read, title=t("Reading the sheet…"), done=ask, owner=parent)
