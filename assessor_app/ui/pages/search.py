"""What was found: newest first, each hit in its sentence with the words found marked."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAbstractTextDocumentLayout, QKeyEvent, QPainter, QPalette, QTextDocument, QTextOption
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from sqlalchemy.orm import Session

from assessor_app.i18n import nt, t
from assessor_app.models.kinds import Kind, region_scope
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.widgets.basics import label, quiet_table
from assessor_app.ui.widgets.editors import Choice

_HIT = Qt.ItemDataRole.UserRole
LIMIT = 50
#: What the hits can be narrowed to.
_FILTERS: dict[str, tuple[Kind, ...]] = {
    Kind.INTERVIEW: (Kind.INTERVIEW,), Kind.PLAN: (Kind.PLAN, Kind.PROGRAMME), Kind.BOOK: (Kind.BOOK, Kind.MARK),
    Kind.PERSON: (Kind.PERSON,), Kind.FINDING: (Kind.FINDING, Kind.ANSWER, Kind.PANEL_REMARK), Kind.ACTION: (Kind.ACTION,),
    Kind.INNOVATION: (Kind.INNOVATION,)}


@dataclass(frozen=True, slots=True)
class Found:
    """A hit: what it is, and its sentence with marks (start, length)."""

    kind: str
    record: str
    scope: str
    title: str
    sentence: str
    marks: tuple[tuple[int, int], ...]


class SearchPage(QWidget):
    """Shows what the line at the left looks for.

    Signals:
        hit_opened(str, str, str): kind, record and scope of what to show.
        closed(): Escape: back to the visit.
    """

    hit_opened = Signal(str, str, str)
    closed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.setObjectName("page")
        self._context = context
        self._text, self._hits = "", tuple[Found, ...]()
        theme = context.theme
        column = QVBoxLayout(self)
        pad = theme.em(0.9)
        column.setContentsMargins(pad, pad, pad, pad)
        head = QHBoxLayout()
        self.heading = label("", "title")
        head.addWidget(self.heading, 1)
        self.filter = Choice([("", t("Everything")), *((code, labels.kind(code)) for code in _FILTERS)])
        self.filter.setAccessibleName(t("Show only"))
        self.filter.chosen.connect(lambda _: self.look_for(self._text))
        head.addWidget(self.filter)
        column.addLayout(head)
        self.list = QListWidget()
        self.list.setAccessibleName(t("What was found"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._delegate = _HitDelegate(context)
        self.list.setItemDelegate(self._delegate)
        quiet_table(self.list)
        self.list.itemActivated.connect(self._on_activated)
        column.addWidget(self.list, 1)

    def look_for(self, text: str) -> None:
        """Search in the notebook, in what the filter lets through; the newest question wins."""
        self._text = text
        kinds = _FILTERS.get(self.filter.code(), ())

        def query(session: Session) -> tuple[Found, ...]:
            from assessor_app.workflow.queries.books import search_pages
            from assessor_app.workflow.queries.finding import found

            records = tuple(Found(hit.kind.value, hit.record, hit.scope, hit.title, hit.sentence, hit.marks)
                            for hit in found(session, text, limit=LIMIT, kinds=kinds))
            if kinds and Kind.BOOK not in kinds:
                return records
            pages = tuple(Found(Kind.BOOK.value, f"{Kind.BOOK}:{hit.book}:{hit.page}", region_scope(hit.region),
                                t("{0}, page {1}").format(hit.title, hit.page), hit.sentence, hit.marks)
                          for hit in search_pages(session, text, limit=LIMIT))
            return records + pages

        self._context.tasks.read(query, done=lambda hits: self._show(text, hits), key="search", owner=self)

    def _show(self, text: str, hits: tuple[Found, ...]) -> None:
        self._hits = hits
        self.list.clear()
        self.heading.setText(nt("{n} hit for “{0}”", "{n} hits for “{0}”", len(hits)).format(text) if hits
                             else t("Nothing found for “{0}”").format(text))
        for hit in hits:
            item = QListWidgetItem(f"{labels.kind(hit.kind)}: {hit.title}\n{hit.sentence}")
            item.setData(_HIT, hit)
            self.list.addItem(item)
        if hits:
            self.list.setCurrentRow(0)

    def _on_activated(self, item: QListWidgetItem) -> None:
        hit: Found = item.data(_HIT)
        self.hit_opened.emit(hit.kind, hit.record, hit.scope)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close by Escape (Qt)."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


class _HitDelegate(QStyledItemDelegate):
    """Draws a hit: what it is and its name, then the sentence with its words underlined and bold."""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._theme = context.theme

    def _document(self, hit: Found, width: int) -> QTextDocument:
        from html import escape

        document, wrap = QTextDocument(), QTextOption()
        wrap.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        document.setDefaultFont(self._theme.font())
        document.setDefaultTextOption(wrap)
        out, at = [], 0
        for start, length in hit.marks:
            out.append(escape(hit.sentence[at:start]))
            out.append(f"<b><u>{escape(hit.sentence[start : start + length])}</u></b>")
            at = start + length
        out.append(escape(hit.sentence[at:]))
        kind = escape(labels.kind(hit.kind))
        named = f"<b>{escape(hit.title)}</b> &nbsp;<small>{kind}</small>"
        head = f"<b>{kind}</b>" if hit.sentence.startswith(hit.title) else named  # its only text names it: once is enough
        document.setHtml(f"{head}<br>{''.join(out)}")
        document.setTextWidth(width)
        return document

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the height of the whole sentence (Qt)."""
        view = option.widget
        width = view.viewport().width() if isinstance(view, QListWidget) else 400
        return QSize(width, int(self._document(index.data(_HIT), width - self._theme.em(1)).size().height()) + self._theme.em(0.4))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Draw a hit (Qt)."""
        colours = self._theme.colours
        box = option.rect
        painter.save()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            from PySide6.QtGui import QColor

            painter.fillRect(box, QColor(colours.chosen))
        context = QAbstractTextDocumentLayout.PaintContext()
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Text, colours.on_chosen if chosen else colours.text)
        context.palette = palette
        painter.translate(box.left() + self._theme.em(0.5), box.top() + self._theme.em(0.2))
        document = self._document(index.data(_HIT), box.width() - self._theme.em(1))
        context.clip = QRectF(0, 0, box.width(), box.height())
        document.documentLayout().draw(painter, context)
        painter.restore()
