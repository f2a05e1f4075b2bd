"""What leads into a book: its outline, small pages, the marks of the visit, and what a search found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.models.kinds import Kind
from assessor_app.ui.context import AppContext
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import button, icon_button, label, quiet_table
from assessor_app.ui.widgets.book_pages import HeldBook
from assessor_app.ui.widgets.editors import Autosave, NoteEdit
from assessor_app.ui.widgets.preview import image_of
from assessor_app.ui.widgets.whole_rows import WholeRows
from assessor_app.workflow.editing import delete, edit
from assessor_app.workflow.queries.books import MarkRow, PageHit

_ROW = Qt.ItemDataRole.UserRole
#: Small pages are so wide, in em, and drawn so many at a time.
_SMALL, _BATCH = 6, 6


class Outline(QTreeWidget):
    """The outline of a book.

    Signals:
        page_requested(int): a page (from 1).
    """

    page_requested = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderHidden(True)
        self.setAccessibleName(t("Contents of the book"))
        self.currentItemChanged.connect(lambda now, _: self.page_requested.emit(int(now.data(0, _ROW))) if now is not None else None)

    def show_entries(self, entries: Sequence[Sequence[Any]]) -> None:
        """Show entries: level, title and page (from 0)."""
        self.blockSignals(True)
        self.clear()
        path: list[QTreeWidgetItem] = []
        for level, title, at in entries:
            item = QTreeWidgetItem([str(title)])
            item.setData(0, _ROW, int(at) + 1)
            item.setToolTip(0, t("{0}, page {1}").format(title, int(at) + 1))
            del path[int(level):]
            if path:
                path[-1].addChild(item)
            else:
                self.addTopLevelItem(item)
            path.append(item)
        self.expandToDepth(0)
        self.blockSignals(False)


class Thumbnails(QListWidget):
    """Small pages, drawn as they come into view.

    Signals:
        page_requested(int): a page (from 1).
    """

    page_requested = Signal(int)

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self._book: HeldBook | None = None
        self._drawn: set[int] = set()
        self.setAccessibleName(t("Small pages"))
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setMovement(QListWidget.Movement.Static)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSpacing(context.theme.em(0.3))
        self._timer = QTimer(self, singleShot=True, interval=60)
        self._timer.timeout.connect(self._draw)
        self.verticalScrollBar().valueChanged.connect(lambda _: self._timer.start())
        self.currentRowChanged.connect(lambda row: self.page_requested.emit(row + 1) if row >= 0 else None)

    def show_book(self, book: HeldBook | None, sizes: list[tuple[float, float]]) -> None:
        """Show the pages of a book."""
        self._book, em = book, self._context.theme.em
        self._drawn.clear()
        self.blockSignals(True)
        self.clear()
        wide = em(_SMALL)
        tall = round(wide * max((height / max(width, 1) for width, height in sizes[:40]), default=1.4))
        self.setIconSize(QSize(wide, min(tall, wide * 2)))
        blank = QPixmap(wide, min(tall, wide * 2))
        blank.fill(Qt.GlobalColor.white)
        for number in range(1, len(sizes) + 1):
            item = QListWidgetItem(QIcon(blank), str(number))
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
            self.addItem(item)
        self.blockSignals(False)
        self._timer.start()

    def show_page(self, page: int) -> None:
        """Choose a page that came into view elsewhere."""
        self.blockSignals(True)
        self.setCurrentRow(page - 1)
        self.blockSignals(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw what came into view (Qt)."""
        super().resizeEvent(event)
        self._timer.start()

    def _draw(self) -> None:
        book = self._book
        if book is None or not self.isVisible():
            return
        view = self.viewport().rect()
        wanted = [at for at in range(self.count())
                  if at not in self._drawn and self.visualItemRect(self.item(at)).intersects(view)][:_BATCH]
        if not wanted:
            return
        width = round(self._context.theme.em(_SMALL) * self.devicePixelRatioF())

        def show(pages: list[Any]) -> None:
            if book is not self._book:
                return
            for at, page in zip(wanted, pages, strict=True):
                self.item(at).setIcon(QIcon(QPixmap.fromImage(image_of(page))))
                self._drawn.add(at)
            self._draw()

        self._context.tasks.call(lambda: book.draw(width, wanted), done=show, owner=self, key=f"small-{id(self)}", failed=lambda _: None)


class Marks(QWidget):
    """The visit's marks in a book, each with its note.

    Signals:
        mark_chosen(MarkRow): show it in the book.
        evidence_requested(MarkRow): use it as evidence.
    """

    mark_chosen = Signal(object)
    evidence_requested = Signal(object)

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self._rows: tuple[MarkRow, ...] = ()
        self._current = ""
        self._coming = ""
        theme = context.theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.em(0.3), 0, 0)
        self.list = QListWidget()
        self.list.setAccessibleName(t("Marks in the book"))
        WholeRows(self.list)
        quiet_table(self.list)
        self.list.currentRowChanged.connect(self._choose)
        column.addWidget(self.list, 1)
        self.none = label(t("Select a passage with the mouse, or mark the whole page."), "muted")
        column.addWidget(self.none)
        self._form = QWidget()
        form = QVBoxLayout(self._form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(theme.em(0.3))
        self.note = NoteEdit(theme, 3, 8)
        self.note.setAccessibleName(t("Note on the mark"))
        self.note.setPlaceholderText(t("What is to be said about this passage?"))
        self.saver = Autosave(context, self.note, self._save, slot=lambda: f"{self._current}note")
        form.addWidget(self.note)
        row = QHBoxLayout()
        row.addWidget(button(theme, t("As evidence…"), self._evidence, icon="link"))
        row.addStretch(1)
        row.addWidget(icon_button(theme, "trash", t("Delete this mark"), self._delete))
        form.addLayout(row)
        column.addWidget(self._form)
        self._form.hide()

    def show_marks(self, rows: tuple[MarkRow, ...]) -> None:
        """Show the marks of the open book; the chosen one stays chosen."""
        self._rows = rows
        self.list.blockSignals(True)
        self.list.clear()
        for row in rows:
            text = t("Page {0}").format(row.page) + (f" · {row.author}" if row.author else "")
            quote = row.quote if len(row.quote) <= 120 else row.quote[:118].rstrip() + "…"
            self.list.addItem("\n".join(part for part in (text, f"“{quote}”" if quote else "", row.note.split("\n")[0][:120]) if part))
        at = next((at for at, row in enumerate(rows) if row.id == self._current), -1)
        self.list.setCurrentRow(at)
        self.list.blockSignals(False)
        self.none.setVisible(not rows)
        self.list.setVisible(bool(rows))
        if at >= 0:
            self._coming = ""
        self._form.setVisible(at >= 0 or bool(self._coming))  # older rows do not take the note from under the keyboard
        if at >= 0:
            self.saver.load(rows[at].note)

    def choose(self, record: str, *, write: bool = False) -> None:
        """Choose a mark, also one that is still on its way here; ``write`` gives the keyboard to its note."""
        self._current = record
        at = next((at for at, row in enumerate(self._rows) if row.id == record), -1)
        if at >= 0:
            self.list.setCurrentRow(at)
        self._coming = record if write and at < 0 else ""
        if write:
            self._form.show()
            self.note.setFocus()

    def _row(self) -> MarkRow | None:
        return next((row for row in self._rows if row.id == self._current), None)

    def _choose(self, at: int) -> None:
        self.saver.flush()
        row = self._rows[at] if 0 <= at < len(self._rows) else None
        self._current, self._coming = row.id if row is not None else "", ""
        self._form.setVisible(row is not None)
        if row is not None:
            self.saver.reset(row.note)
            self.mark_chosen.emit(row)

    def _save(self, text: str) -> Future[Any] | None:
        if not self._current:
            return None
        return self._context.tasks.write(edit, Kind.MARK, self._current, note=text, purpose="mark.edit", owner=self,
                                         editing=f"{self._current}note")

    def _delete(self) -> None:
        if self._current:
            self._context.tasks.write(delete, Kind.MARK, self._current, purpose="mark.delete", owner=self)
            self._context.notify.info(t("The mark was deleted."), t("Undo brings it back."))

    def _evidence(self) -> None:
        row = self._row()
        if row is not None:
            self.evidence_requested.emit(row)


class Hits(QListWidget):
    """The pages that hold what was looked for, over all books of the region.

    Signals:
        hit_chosen(PageHit): show it.
    """

    hit_chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName(t("Pages found"))
        WholeRows(self)
        quiet_table(self)
        self._rows: tuple[PageHit, ...] = ()
        self.currentRowChanged.connect(lambda at: self.hit_chosen.emit(self._rows[at]) if 0 <= at < len(self._rows) else None)

    def show_hits(self, rows: tuple[PageHit, ...], title_of: Callable[[str], str]) -> None:
        """Show what was found."""
        self._rows = rows
        self.blockSignals(True)
        self.clear()
        for row in rows:
            self.addItem(t("{0}, page {1}").format(title_of(row.book), row.page) + f"\n{row.sentence}")
        self.blockSignals(False)
