"""Documents as files outside the notebook: a copy to save, a scan of the wet-signed print to attach."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from assessor_app import given
from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.files import open_file, save_file


def save_outside(context: AppContext, parent: QWidget, document: str, page: bytes, proposal: str) -> None:
    """Save a document's newest revision, or a page that nobody signs, where the person says."""
    from assessor_app.workflow.documents import save_copy
    from assessor_app.workflow.revisions import write_whole

    if (not document and not page) or not context.notify.ask(
            t("Save a copy outside the notebook?"), t("The copy is not encrypted: whoever has the file can read it."),
            yes=t("Save a copy…")):
        return
    target = save_file(parent, t("Save a copy"), proposal, "PDF (*.pdf)")
    if target is None:
        return
    if not target.parent.is_dir():
        context.notify.error(AppError(t("The copy could not be written."), str(target.parent), t("Choose another folder."),
                                      t("The document itself is safe.")))
        return

    def done(_: None) -> None:
        context.notify.good(t("The copy is saved."), str(target))

    if document:
        context.tasks.read(save_copy, document, target, owner=parent, done=done)
    else:
        context.tasks.call(lambda: write_whole(target, page), owner=parent, done=done)


def add_scan(context: AppContext, parent: QWidget, document: str, after: Callable[[], None]) -> None:
    """Attach a scan of the print that was signed by pen."""
    from assessor_app.workflow.documents import attach_scan

    account = context.account
    file = open_file(parent, t("Attach a scan"), f"{t('Scans')} (*.pdf *.jpg *.jpeg *.png *.tif);;{t('All files')} (*)")
    if file is None:
        return

    def done(_: str) -> None:
        context.notify.good(t("The scan is attached."), t("The document shows as wet-signed."))
        after()

    context.tasks.run(lambda job: attach_scan(account, document, given.read(file), file.name), title=t("Reading the scan…"), owner=parent,
                      done=done)
