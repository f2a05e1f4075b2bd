"""Dokumen: what a visit signs, and pages that nobody signs; previewed, signed, printed, verified, saved, with their scans."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QListWidgetItem, QSplitter, QVBoxLayout

from assessor_app import clock, formats
from assessor_app.i18n import nt, t
from assessor_app.models.kinds import DocumentType, Kind, RevisionType, SheetState
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.pages.document_entries import BLANK, NEW, UNSIGNED, EntryList, entries
from assessor_app.ui.pages.names import SCORING
from assessor_app.ui.pages.page import Page
from assessor_app.ui.widgets.basics import Card, FlowRow, Scroller, button, clear, label, quiet_table, set_chip
from assessor_app.ui.widgets.preview import Preview
from assessor_app.workflow.queries.cosigning import awaits_official
from assessor_app.workflow.queries.documents import DocumentRow, DocumentsView, documents_view
from assessor_app.workflow.queries.visits import VisitRow

if TYPE_CHECKING:
    from assessor_app.workflow.documents import Prepared

_ID = Qt.ItemDataRole.UserRole


class DocumentsPage(Page):
    """The documents of a visit."""

    shows = frozenset({Kind.DOCUMENT, Kind.REVISION, Kind.ATTACHMENT, Kind.SHEET, Kind.VISIT, Kind.PERSON, Kind.ACTION, Kind.ANSWER,
                       Kind.FINDING, Kind.PANEL, Kind.PANEL_REMARK})

    def __init__(self, context: AppContext, visit: VisitRow) -> None:
        super().__init__(context, visit)
        self._view: DocumentsView | None = None
        self._current = ""
        self._shown = ""
        self._page = b""
        theme = self.theme
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        outer.addWidget(splitter)
        side = Scroller(theme, t("Documents"), margin=0.6)
        side.setMinimumWidth(theme.em(13))
        self.list = EntryList(side)
        self.list.setAccessibleName(t("Documents of the visit"))
        quiet_table(self.list)
        self.list.currentItemChanged.connect(lambda now, _: self._choose(str(now.data(_ID)) if now is not None else ""))
        side.add(self.list)
        self.several = side.add(button(theme, t("Print several…"), self._print_several, icon="print"))
        self.several.hide()
        self.card = side.add(Card(theme))
        self.name = self.card.add(label("", "lead"))
        self.state = label("", "chip")
        chips = QHBoxLayout()
        chips.setSpacing(theme.em(0.4))
        self.stamped = label("", "chip")
        for chip in (self.state, self.stamped):
            chips.addWidget(chip)
        chips.addStretch(1)
        self.card.body.addLayout(chips)
        self.facts = self.card.add(label("", "muted"))
        self._points = QVBoxLayout()
        self.card.body.addLayout(self._points)
        self.sign = button(theme, t("Sign…"), self._sign, icon="sign", part="main")
        self.refresh = button(theme, t("Refresh the preview"), lambda: self._preview(force=True), icon="sync")
        self.print = button(theme, t("Print…"), self._print, icon="print")
        self.verify = button(theme, t("Verify"), self._verify, icon="verify")
        self.save = button(theme, t("Save a copy…"), self._save, icon="copy")
        self.scan = button(theme, t("Attach a scan…"), self._scan, icon="clip")
        self.cosign = button(theme, t("Official co-signs…"), self._cosign, icon="key")
        self.member = button(theme, t("Sign as a member…"), self._sign_as_member, icon="sign")
        self.again = button(theme, t("Begin the next version"), self._begin_again, icon="undo", part="main")
        self.card.add(FlowRow(theme, self.again, self.sign, self.refresh, self.print, self.verify, self.save, self.scan, self.cosign,
                              self.member))
        side.column.addStretch(1)
        splitter.addWidget(side)
        self.preview = Preview(context)
        splitter.addWidget(self.preview)
        splitter.setStretchFactor(0, 2)
        splitter.setStretchFactor(1, 3)
        splitter.setSizes([theme.em(20), theme.em(34)])
        self.focus_target = self.list

    # -- loading

    def load(self) -> None:
        """Read the documents anew."""
        self.read(documents_view, self.visit.id, self.context.account.profile, done=self._show)

    def open_record(self, record: str) -> None:
        """Show a document."""
        self._current = record
        self._select()
        if self._row() is not None or record.startswith(NEW):
            self._show_current()

    def _show(self, view: DocumentsView) -> None:
        self._view = view
        listed = entries(view)
        ids = [entry[0] for entry in listed]
        self.list.blockSignals(True)
        self.list.clear()
        for record, text, icon in listed:
            item = QListWidgetItem(self.theme.icon(icon, self.theme.colours.muted), text)
            item.setData(_ID, record)
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.list.fit()
        if self._current not in ids:
            self._current = ids[0] if ids else ""
        self.several.setVisible(sum(row.here for row in view.documents) > 1)
        self._select()
        self._show_current()

    def _select(self) -> None:
        for at in range(self.list.count()):
            if self.list.item(at).data(_ID) == self._current:
                self.list.setCurrentRow(at)

    def _choose(self, record: str) -> None:
        if record and record != self._current:
            self._current = record
            self._show_current()

    def _row(self) -> DocumentRow | None:
        rows = self._view.documents if self._view is not None else ()
        return next((row for row in rows if row.id == self._current), None)

    def _show_current(self) -> None:
        clear(self._points)
        row = self._row()
        draft = row is None
        unsigned = self._current.removeprefix(NEW) in UNSIGNED
        self._page = b""
        self.sign.setVisible(draft and not unsigned)
        self.refresh.setVisible(draft)
        for made in (self.print, self.verify, self.save, self.scan):
            made.setVisible(not draft)
        for made in (self.print, self.save) if unsigned else ():
            made.setVisible(True)
            made.setEnabled(False)  # until the page is made
        self.member.hide()
        self.again.setVisible(row is not None and row.state == SheetState.RETURNED and self._view is not None
                              and self._view.newest(row.type) is row)
        minutes = row is not None and row.type == DocumentType.MINUTES
        self.stamped.hide()
        self.cosign.hide()  # shown where the file has a place for it
        self.scan.setVisible(minutes)
        if row is None:
            self._show_draft()
            return
        self.name.setText(f"{labels.document(row.type)} {row.number}".strip())
        good = row.state not in (SheetState.RETURNED,)
        set_chip(self.state, labels.state(row.state), "good" if good else "warn")
        set_chip(self.stamped, labels.revision(RevisionType.TIMESTAMPED) if row.timestamped
                 else t("Timestamp at the next sync") if row.awaits_timestamp else "", "good" if row.timestamped else "")
        if row.state == SheetState.RETURNED and row.remark.strip():
            self._points.addWidget(label(t("The centre's remarks: {0}").format(row.remark), "warn"))
        lines = [t("Electronic signature, not certified")]
        for revision in row.revisions:
            lines.append(f"{revision.number}. {labels.revision(revision.type)}: {revision.signer}, {self._when(revision.made_at)}")
        if row.scans:
            lines.append(nt("{n} scan of the wet-signed print", "{n} scans of the wet-signed print", row.scans))
        if row.revisions:
            lines.append(f"SHA-256 {row.revisions[-1].sha256[:16]}…")
        self.facts.setText("\n".join(lines))
        for made in (self.print, self.verify, self.save, self.cosign):
            made.setEnabled(row.here)
        if minutes and row.here and row.state == SheetState.SIGNED:
            self.read(awaits_official, row.id, done=partial(self._show_cosign, row.id))
        if row.type == DocumentType.PANEL_REPORT and row.here:
            account = self.context.account
            from assessor_app.workflow.reporting import member_field

            self.read(member_field, account, row.id, done=partial(self._show_member, row.id))
        if row.here and self._shown != f"{row.id}{len(row.revisions)}":
            self._shown = f"{row.id}{len(row.revisions)}"
            self._with_bytes(self.preview.show_pdf)

    def _show_cosign(self, document: str, waits: bool) -> None:
        if self._current == document:
            self.cosign.setVisible(waits)

    def _show_member(self, document: str, field: str) -> None:
        if self._current == document:
            self.member.setVisible(bool(field))

    def _show_draft(self) -> None:
        if not self._current.startswith(NEW):
            return
        if self._current.removeprefix(NEW) in UNSIGNED:
            self._show_page()
            return
        type, visit, account = self._current.removeprefix(NEW), self.visit.id, self.context.account
        self.name.setText(labels.document(type))
        set_chip(self.state, labels.state(SheetState.DRAFT))
        secret = t("Secret: only you and the secretariat see it before the panel is closed.")
        plain = t("One or two pages without scores, for the closing meeting.")
        panel = t("What the signed sheets say together. The lead of the panel signs first, then its members.")
        self.facts.setText({DocumentType.EVALUATION_SHEET.value: secret, DocumentType.PANEL_REPORT.value: panel}.get(type, plain))

        def missing(session: object) -> list[str]:
            from assessor_app.workflow.documents import missing_for_signature

            return missing_for_signature(session, account, type, visit)  # type: ignore[arg-type]

        self.read(missing, done=self._show_missing)
        self._preview()

    def _show_page(self) -> None:
        """Make a page that is never signed, and show it."""
        from assessor_app import i18n
        from assessor_app.workflow import documents, reporting

        type, visit, account = self._current.removeprefix(NEW), self.visit.id, self.context.account
        key, language = self._current, i18n.language()
        self.name.setText(labels.document(type))
        set_chip(self.state, t("Not a document to sign"))
        self.facts.setText(t("For a day without power: filled in by pen, typed in later.") if type == BLANK
                           else t("One page for the head of the region, from the panel's report."))

        def make() -> bytes:
            if type == BLANK:
                return reporting.blank(account, visit, language=language)
            return reporting.summary(account, visit, documents.wish(language=language))

        def show(pdf: bytes) -> None:
            if self._current == key:
                self._page, self._shown = pdf, key
                self.print.setEnabled(True)
                self.save.setEnabled(True)
                self.preview.show_pdf(pdf)

        self.context.tasks.call(make, done=show, owner=self, key=f"prepare-{id(self)}",
                                failed=lambda error: self.facts.setText(str(error)))

    def _show_missing(self, points: list[str]) -> None:
        if self._row() is not None:
            return
        clear(self._points)
        for point in points:
            self._points.addWidget(label(f"• {point}", "warn"))
        set_chip(self.state, labels.state(SheetState.DRAFT if points else SheetState.READY), "" if points else "good")
        self.sign.setEnabled(not points)

    def _preview(self, *, force: bool = False) -> None:
        """Draw the document as it would be signed now."""
        from assessor_app import i18n
        from assessor_app.workflow import documents

        if self._current.removeprefix(NEW) in UNSIGNED:
            self._show_page()
            return
        type, visit, account = self._current.removeprefix(NEW), self.visit.id, self.context.account
        key = self._current
        if not force and self._shown == key:
            pass  # what changed since may change the page: it is drawn anew all the same, beside the window
        wanted = documents.wish(language=i18n.language())

        def show(made: Prepared) -> None:
            if self._current == key:
                self._shown = key
                self.preview.show_pdf(made.pdf)

        self.context.tasks.call(lambda: documents.prepare(account, type, visit, wanted), done=show, owner=self,
                                key=f"prepare-{id(self)}", failed=lambda error: self.facts.setText(str(error)))

    def _when(self, ms: int) -> str:
        moment = datetime.fromtimestamp(ms / 1000, UTC).astimezone(clock.ZONES[self.visit.zone])
        return formats.date_time(moment, self.visit.zone)

    # -- acting

    def _with_bytes(self, use: object) -> None:
        from assessor_app.workflow.documents import document_bytes

        row = self._row()
        if row is not None and callable(use):
            self.context.tasks.read(document_bytes, row.id, done=use, owner=self)

    def _sign(self) -> None:
        from assessor_app.ui.dialogs.sign import sign_document

        if not self.context.flush_or_ask():
            return
        officials = self._view.officials if self._view is not None else ()

        def signed(document: str) -> None:
            self._current = document
            self._shown = ""
            self.list.setFocus()  # the button that was pressed goes
            self.context.notify.good(t("Signed and locked."), t("It can be printed now; its bytes never change again."))
            self.reload()

        sign_document(self.context, self, self._current.removeprefix(NEW), self.visit.id, officials, self.preview.show_pdf, signed)

    def _cosign(self) -> None:
        from assessor_app.ui.dialogs.sign import cosign_document

        row = self._row()
        if row is not None:
            cosign_document(self.context, self, row.id, self._after_change)

    def _sign_as_member(self) -> None:
        from assessor_app.ui.dialogs.sign import PinDialog
        from assessor_app.workflow.reporting import sign_as_member

        row, account = self._row(), self.context.account
        if row is None:
            return

        def ask(pdf: bytes) -> None:
            PinDialog(self.context, t("Sign: {0}").format(labels.document(row.type)), "\n".join((
                t("{0}. You sign exactly what the preview shows.").format(row.number or t("without a number")),
                t("Electronic signature with this device's key, not certified."))),
                lambda pin: sign_as_member(account, row.id, pin), lambda _: self._after_change(), self, pdf=pdf).exec()

        self._with_bytes(ask)

    def _begin_again(self) -> None:
        """Begin the version that names the returned one: a score sheet is opened for correction, other documents are made anew."""
        from assessor_app.workflow.evaluating import begin_again, sheet_id

        row, view = self._row(), self._view
        if row is None or view is None:
            return
        if row.type == DocumentType.EVALUATION_SHEET and view.sheet_locked:
            self.context.tasks.write(begin_again, sheet_id(self.visit.id, self.context.account.profile), purpose="sheet.again", owner=self,
                                     done=lambda _: self.page_requested.emit(SCORING, "sheet:"))
        else:
            self.open_record(NEW + row.type)

    def _after_change(self) -> None:
        self._shown = ""
        self.reload()

    def _print(self) -> None:
        from assessor_app.ui.dialogs.print import print_document

        row = self._row()
        if self._page:
            print_document(self.context, self, self._page, self.name.text())
        elif row is not None:
            name = f"{labels.document(row.type)} {row.number}".strip()
            self._with_bytes(lambda pdf: print_document(self.context, self, pdf, name))

    def _print_several(self) -> None:
        from assessor_app.ui.dialogs.print import print_several
        from assessor_app.workflow.documents import document_bytes

        account = self.context.account

        def reader(document: str) -> Callable[[], bytes]:
            def read() -> bytes:
                with account.reading() as session:
                    return document_bytes(session, document)
            return read

        rows = self._view.documents if self._view is not None else ()
        print_several(self.context, self, [
            (f"{labels.document(row.type)} {row.number}".strip(), reader(row.id)) for row in rows if row.here])

    def _verify(self) -> None:
        from assessor_app.ui.dialogs.verify import verify_bytes

        row = self._row()
        if row is not None:
            self._with_bytes(lambda pdf: verify_bytes(self.context, self, pdf, labels.document(row.type)))

    def _save(self) -> None:
        from assessor_app.ui.pages.document_files import save_outside

        row = self._row()
        name = labels.document(row.type) if row is not None else self.name.text()
        save_outside(self.context, self, row.id if row is not None else "", self._page, f"{name} {self.visit.title}.pdf")

    def _scan(self) -> None:
        from assessor_app.ui.pages.document_files import add_scan

        row = self._row()
        if row is not None:
            add_scan(self.context, self, row.id, self._after_change)
