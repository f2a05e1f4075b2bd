"""The evidence of a score: what is linked, each piece to be opened beside the question, pages of the plan among them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.isolated_file import HeldFile
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.pick import Option, PickField
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import Scroller, button, clear, icon_button, label
from assessor_app.ui.widgets.book_pages import BookPages, HeldBook
from assessor_app.workflow.books import READER
from assessor_app.workflow.queries.evidence import EvidenceView, evidence_view

_PDF = "application/pdf"


class EvidenceField(PickField):
    """Shows what is linked as links, and lets one choose more.

    Signals:
        opened(str): show a piece of evidence, by its ref.
        page_wanted(): take a page of the plan's book as evidence.
    """

    opened = Signal(str)
    page_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, t("Evidence"), t("Choose evidence"), t("No evidence yet"), "clip")
        self._shown: tuple[Option, ...] = ()
        self._links = QVBoxLayout()
        self._links.setSpacing(0)
        self._column.insertLayout(0, self._links)
        self._column.removeWidget(self.button)
        row = QHBoxLayout()
        row.addWidget(self.button)
        self.page = button(theme, t("Page of the plan…"), self.page_wanted.emit, icon="document")
        row.addWidget(self.page)
        row.addStretch(1)
        self._column.addLayout(row)

    def show_options(self, chosen: Sequence[Option]) -> None:
        """Show what is chosen, each as a link."""
        if tuple(chosen) == self._shown:
            return
        self._shown = tuple(chosen)
        super().show_options(chosen)
        self._lines.setVisible(not chosen)
        clear(self._links)
        for option in chosen:
            text = option.text if len(option.text) <= 70 else option.text[:69] + "…"
            link = button(self._theme, text, lambda ref=option.id: self.opened.emit(ref), part="link")  # type: ignore[misc]
            link.setToolTip(option.text)
            link.setAccessibleName(t("Open beside: {0}").format(option.text))
            self._links.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)

    def first(self) -> str:
        """Return the ref of what is linked first."""
        return self._ids[0] if self._ids else ""


class _Picture(QLabel):
    """A picture as wide as there is room."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = QPixmap()
        self.setMinimumWidth(1)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)

    def show_image(self, image: QImage) -> None:
        """Show another picture."""
        self._whole = QPixmap.fromImage(image)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit it anew (Qt)."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        if not self._whole.isNull():
            width = min(self.width(), self._whole.width())
            self.setPixmap(self._whole.scaledToWidth(max(width, 1), Qt.TransformationMode.SmoothTransformation))


class EvidencePane(QWidget):
    """Shows one piece of evidence beside the question.

    Signals:
        closed(): the pane was closed.
        record_requested(str): show the record on its own page, by its ref.
    """

    closed = Signal()
    record_requested = Signal(str)

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self.ref = ""
        theme = context.theme
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.em(0.3), theme.em(0.5), theme.em(0.6), theme.em(0.4))
        head = QHBoxLayout()
        self.title = label("", "lead", wrap=False)  # one line, so that the text below has the room
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head.addWidget(self.title, 1)
        self.open_page = icon_button(theme, "out", t("Show it on its own page"), lambda: self.record_requested.emit(self.ref))
        head.addWidget(self.open_page, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(icon_button(theme, "close", t("Close the evidence (Ctrl+E)"), self.closed.emit), 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        self.stack = QStackedWidget()
        column.addWidget(self.stack, 1)
        self._text = Scroller(theme, t("Evidence"), margin=0.2)
        self.facts = self._text.add(label("", "muted"))
        self.body = self._text.add(label())
        self.body.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.picture = self._text.add(_Picture())
        self._text.column.addStretch(1)
        self.stack.addWidget(self._text)
        self.pages: BookPages | None = None
        self._held: HeldFile | None = None
        self.setMinimumWidth(theme.em(11))

    def show_ref(self, ref: str) -> None:
        """Show a piece of evidence."""
        self.ref = ref
        account = self._context.account

        def show(view: EvidenceView | None) -> None:
            if self.ref != ref:
                return
            self.title.setText(view.title if view is not None else t("(not on this device yet)"))
            self.title.setToolTip(self.title.text())
            self.facts.setText("\n".join((view.title, *view.facts)) if view is not None else "")
            self.facts.setVisible(bool(self.facts.text()))
            self._say(view.body if view is not None else "")
            self.picture.clear()
            self.picture.hide()
            self.stack.setCurrentWidget(self._text)
            self._text.verticalScrollBar().setValue(0)
            self.open_page.setVisible(view is not None and ref.startswith(("interview:", "programme:", "survey:", "mark:")))
            if view is not None and view.sha256:
                self._context.tasks.call(
                    lambda: account.blobs.get(view.sha256) if account.blobs.has(view.sha256) else b"",
                    done=lambda data: self._show_file(ref, view, data), owner=self, key=f"evidence-file-{id(self)}")

        self._context.tasks.read(evidence_view, ref, done=show, owner=self, key=f"evidence-view-{id(self)}")

    def _show_file(self, ref: str, view: EvidenceView, data: bytes) -> None:
        if self.ref != ref:
            return
        if not data:
            self._say(t("The file is not on this device yet: it comes with a sync."))
        elif view.media_type == _PDF:
            self._open(ref, view, data)
        elif view.media_type.startswith("image/"):
            self.picture.show()
            self.picture.setAccessibleName(view.title)
            self.picture.show_image(QImage.fromData(data))
        else:
            self._say(t("This kind of file cannot be shown here."))

    def _open(self, ref: str, view: EvidenceView, data: bytes) -> None:
        """Show somebody's PDF, held by a process of its own."""
        def work() -> HeldBook:
            book = HeldBook(HeldFile(READER, data))
            book.sizes()
            return book

        def show(book: HeldBook) -> None:
            if self._held is not None:
                self._held.close()
            self._held = book.held
            self.destroyed.connect(book.held.release)
            if self.ref != ref:
                return
            if self.pages is None:
                self.pages = BookPages(self._context)
                self.stack.addWidget(self.pages)
            self.stack.setCurrentWidget(self.pages)
            self.pages.show_book(book, book.sizes())
            if view.page:
                self.pages.go_to(view.page, view.boxes)

        self._context.tasks.call(work, done=show, owner=self, key=f"evidence-pages-{id(self)}", failed=lambda e: self._say(str(e)))

    def _say(self, text: str) -> None:
        self.body.setText(text)
        self.body.setVisible(bool(text))
