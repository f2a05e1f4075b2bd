"""What the list of documents offers: those that are to be signed, those that are, and pages that nobody signs."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QListWidget, QScrollArea

from assessor_app.i18n import t
from assessor_app.models.kinds import DocumentType
from assessor_app.ui import labels
from assessor_app.ui.widgets.whole_rows import WholeRows
from assessor_app.workflow.queries.documents import DocumentsView

#: Entries of the list for documents that are not signed yet.
NEW = "new:"
#: Pages that are printed or saved and never signed: to be filled in by pen, and for the head of the region.
BLANK = "blank_sheet"
UNSIGNED = (BLANK, DocumentType.SUMMARY)


#: What part of the column the list takes at most: what is chosen in it stands below.
_SHARE = 0.45


class EntryList(QListWidget):
    """A list as high as its entries, at most so high that what stands below it stays in sight."""

    def __init__(self, around: QScrollArea) -> None:
        super().__init__()
        self._around = around
        WholeRows(self)

    def fit(self) -> None:
        """Take the height that the entries need at this width."""
        self.doItemsLayout()
        rows = sum(self.visualItemRect(self.item(at)).height() for at in range(self.count()))
        most = int(self._around.viewport().height() * _SHARE)
        wanted = min(rows, max(most, self.visualItemRect(self.item(0)).height() if self.count() else 0)) + 2 * self.frameWidth() + 2
        if wanted != self.height():
            self.setFixedHeight(wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words take other lines at another width (Qt)."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()


def entries(view: DocumentsView) -> list[tuple[str, str, str]]:
    """Return each entry's record (or ``NEW`` and a type), its words and its icon."""
    out: list[tuple[str, str, str]] = []
    offered = {DocumentType.MINUTES: True, DocumentType.EVALUATION_SHEET: view.has_sheet, DocumentType.PANEL_REPORT: view.panel_closed}
    for type, there in offered.items():
        if there and view.may_begin(type):
            state = t("Draft, not signed") if view.newest(type) is None else t("Next version, not signed")
            out.append((NEW + type, f"{labels.document(type)}\n{state}", "document"))
    for row in view.documents:
        out.append((row.id, f"{labels.document(row.type)} {row.number}".strip() + f"\n{labels.state(row.state)}", "verify"))
    reported = view.panel_closed or view.newest(DocumentType.PANEL_REPORT) is not None
    for page, there in ((BLANK, view.has_sheet), (DocumentType.SUMMARY, reported)):
        if there:
            out.append((NEW + page, f"{labels.document(page)}\n{t('To print or save')}", "print"))
    return out
