"""Taking a visit out of the notebook: its notes to read, its plan to work on, or all of it as an open folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from assessor_app import i18n
from assessor_app.i18n import nt, t
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.dialogs.files import save_file
from assessor_app.ui.dialogs.new_folder import new_folder
from assessor_app.ui.tasks import Job
from assessor_app.ui.widgets.basics import button, label
from assessor_app.workflow.queries.visits import VisitRow

PDF, WORD, EXCEL, FOLDER = "pdf", "docx", "xlsx", "folder"


class ExportDialog(Dialog):
    """Asks what is wanted, and says what leaving the notebook means."""

    def __init__(self, context: AppContext, visit: VisitRow, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Take out of the notebook"), parent, width=32)
        self.body.addWidget(label(visit.title, "lead"))
        self.group = QButtonGroup(self)
        self.choices: dict[str, QRadioButton] = {}
        for code, words, more in (
                (PDF, t("The notes as PDF"), t("To read and print.")),
                (WORD, t("The notes as a Word document"), t("To go on writing in.")),
                (EXCEL, t("The plan as an Excel sheet"), t("For the region's offices; imported again it changes nothing.")),
                (FOLDER, t("All of the visit as an open folder"),
                 t("Tables, texts, photos, signed documents, books: needs no program of ours."))):
            choice = QRadioButton(words)
            self.choices[code] = choice
            self.group.addButton(choice)
            self.body.addWidget(choice)
            note = label(more, "small")
            note.setContentsMargins(context.theme.em(1.6), 0, 0, 0)
            self.body.addWidget(note)
        self.choices[PDF].setChecked(True)
        self.body.addWidget(label(t(
            "What is written is not encrypted: whoever has the file can read it. Notes that need a consent which is not "
            "there stay in the notebook; respondents stand by their label."), "warn"))
        self.footer(cancel_button(self))
        self.footer(button(context.theme, t("Choose where…"), self.accept, icon="out", part="main"))

    def chosen(self) -> str:
        """Return what is wanted."""
        return next(code for code, choice in self.choices.items() if choice.isChecked())


def export_visit(context: AppContext, parent: QWidget, visit: VisitRow) -> None:
    """Ask what is to be taken out and where to, and write it beside the window."""
    dialog = ExportDialog(context, visit, parent)
    if not dialog.exec():
        return
    what = dialog.chosen()
    kinds = {PDF: "PDF (*.pdf)", WORD: "Word (*.docx)", EXCEL: "Excel (*.xlsx)"}.get(what, "")
    name = {PDF: t("Notes of the visit"), WORD: t("Notes of the visit"), EXCEL: t("Master plan"), FOLDER: t("Visit")}[what]
    ending = "" if what == FOLDER else f".{what}"
    proposal = f"{name} {visit.title} {visit.starts_on}{ending}"
    if what == FOLDER:
        target = new_folder(context.theme, parent, t("All of the visit as an open folder"), proposal)
    else:
        target = save_file(parent, t("Take out of the notebook"), proposal, kinds)
    if target is None:
        return
    if ending and target.suffix.lower() != ending:
        target = target.with_name(target.name + ending)
    if not context.flush_or_ask():
        return

    def done(count: int) -> None:
        context.notify.good(t("Taken out of the notebook."), f"{target} · " + nt("{n} file", "{n} files", count))

    context.tasks.run(_work(context, what, visit, target), title=t("Writing…"), owner=parent, done=done)


def _work(context: AppContext, what: str, visit: VisitRow, target: Path) -> Callable[[Job], int]:
    from assessor_app.workflow.exporting import folder, notes, plan
    from assessor_app.workflow.revisions import write_whole

    account, language = context.account, i18n.language()

    def work(job: Job) -> int:
        if what == FOLDER:
            return folder.write(account, visit.id, target, job.check, language)
        if what == EXCEL:
            with account.reading() as session:
                data = plan.as_excel(session, visit.region, visit.year)
        else:
            data = (notes.as_pdf if what == PDF else notes.as_word)(account, visit.id, language=language)
        write_whole(target, data)
        return 1

    return work
