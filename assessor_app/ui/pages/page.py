"""What the five pages of a visit share: they load when first seen, and again when a change is theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from assessor_app.models.changes import ChangeSet
from assessor_app.models.kinds import Kind
from assessor_app.ui.context import AppContext
from assessor_app.ui.pages.names import OVERVIEW
from assessor_app.workflow.following_up import from_recommendation
from assessor_app.workflow.queries.visits import VisitRow

T = TypeVar("T")
#: Changes that come close together are read once, after this many milliseconds.
GATHER_MS = 30


class Page(QWidget):
    """One page of a visit.

    Signals:
        page_requested(str, str): show another page, and a record on it.
        elsewhere_requested(str, str, str): show a record of another visit: its kind, id and scope.
    """

    page_requested = Signal(str, str)
    elsewhere_requested = Signal(str, str, str)
    #: The kinds whose changes this page shows.
    shows: frozenset[Kind] = frozenset()

    def __init__(self, context: AppContext, visit: VisitRow) -> None:
        super().__init__()
        self.focus_target: QWidget | None = None  # what the keyboard begins with
        self.setObjectName("page")
        self.context = context
        self.theme = context.theme
        self.visit = visit
        self._stale = True
        self._generation = 0
        self._focus_waits = False
        self._focus_was: QWidget | None = None
        self._timer = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._timer.timeout.connect(self._load_if_seen)

    def load(self) -> None:
        """Read the rows anew and show them."""
        raise NotImplementedError

    def main_control(self) -> QWidget | None:
        """Return what the keyboard begins with as the page stands now."""
        return self.focus_target

    def focus_main(self) -> None:
        """Give the keyboard to the main control, or as soon as the page's rows are there."""
        control = self.main_control()
        self._focus_waits = control is None or not control.isVisible() or not control.isEnabled()
        if control is not None and not self._focus_waits:
            control.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self._focus_was = self.window().focusWidget()  # also where another window has the keyboard just now

    def _focus_when_there(self) -> None:
        """Keep what ``focus_main`` promised, unless the person went somewhere else meanwhile."""
        if not self._focus_waits:
            return
        now = self.window().focusWidget()
        if now is not None and now is not self._focus_was:
            self._focus_waits = False
        else:
            self.focus_main()

    def open_record(self, record: str) -> None:
        """Show one record, where the page has several."""

    def take(self, changes: ChangeSet) -> None:
        """Load again where a change is this page's."""
        if any(changes.touches(kind) for kind in self.shows):
            self.reload()

    def read(self, query: Callable[..., T], *args: Any, done: Callable[[T], None]) -> None:
        """Read rows for this page; what was read before the newest change is dropped, for it may be older than the screen."""
        generation = self._generation

        def show(rows: T) -> None:
            if generation == self._generation:
                done(rows)
                self._focus_when_there()

        self.context.tasks.read(query, *args, owner=self, done=show)

    def reload(self) -> None:
        """Load again soon, or when the page is next seen."""
        self._stale = True
        self._generation += 1
        self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Load when seen (Qt)."""
        super().showEvent(event)
        self._load_if_seen()

    def _load_if_seen(self) -> None:
        if self._stale and self.isVisible():
            self._stale = False
            self._timer.stop()
            self.load()


def agree(page: Page, body: str) -> None:
    """Make an agreed action of a recommendation, and go where its owner and date are entered."""
    page.context.tasks.write(from_recommendation, page.visit.id, body, purpose="action.create", owner=page,
                             done=lambda record: page.page_requested.emit(OVERVIEW, record))
