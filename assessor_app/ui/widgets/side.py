"""The left side: find, begin a visit, and the visits."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QListView, QSizePolicy, QVBoxLayout

from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.models.rows import IdRole
from assessor_app.ui.models.visits import VisitDelegate, VisitsModel
from assessor_app.ui.widgets.basics import button, label, quiet_table
from assessor_app.ui.widgets.editors import LineEdit
from assessor_app.workflow.queries.visits import VisitRow


class SearchLine(LineEdit):
    """The line to find things with; Escape clears it.

    Signals:
        left_down(): the arrow down goes to what was found.
    """

    left_down = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Clear by Escape, go down by the arrow (Qt)."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Down:
            self.left_down.emit()
        else:
            super().keyPressEvent(event)


class Side(QFrame):
    """Shows the visits.

    Signals:
        visit_selected(str): a visit was chosen.
        new_visit_requested(): begin one.
        search_changed(str): what is looked for now.
    """

    visit_selected = Signal(str)
    new_visit_requested = Signal()
    search_changed = Signal(str)

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        theme = context.theme
        self.setProperty("role", "side")
        column = QVBoxLayout(self)
        pad = theme.em(0.6)
        column.setContentsMargins(pad, pad, pad, 0)
        column.setSpacing(theme.em(0.5))
        self.search = SearchLine()
        self.search.setPlaceholderText(t("Find (Ctrl+F)"))
        self.search.setAccessibleName(t("Find in notes, programmes and people"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.search_changed)
        column.addWidget(self.search)
        self.new = button(theme, t("New visit"), self.new_visit_requested.emit, icon="plus", part="main", tip="Ctrl+N")
        self.new.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # the list can be narrower than its words
        column.addWidget(self.new)
        self.heading = label(t("Visits"), "field")
        column.addWidget(self.heading)
        self.model = VisitsModel()
        self.list = QListView()
        self.list.setProperty("role", "side")
        self.list.setAccessibleName(t("Visits"))
        self.list.setModel(self.model)
        self._delegate = VisitDelegate(theme)
        self.list.setItemDelegate(self._delegate)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        quiet_table(self.list)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        column.addWidget(self.list, 1)
        self.setMinimumWidth(theme.em(9.5 if theme.scale <= 115 else 6.5))  # with large text it gives way to what lies beside a note

    def set_rows(self, rows: Sequence[VisitRow]) -> None:
        """Show the visits, keeping the chosen one."""
        chosen = self.current()
        self.model.set_rows(rows)
        self.heading.setText(t("Visits ({0})").format(len(rows)) if rows else t("Visits"))
        if chosen:
            self.choose(chosen)

    def current(self) -> str:
        """Return the chosen visit, empty for none."""
        return str(self.list.currentIndex().data(IdRole) or "")

    def choose(self, visit: str) -> None:
        """Choose a visit."""
        index = self.model.find(visit)
        if index.isValid() and index != self.list.currentIndex():
            self.list.setCurrentIndex(index)

    def _on_current_changed(self, now: QModelIndex, before: QModelIndex) -> None:
        if now.isValid():
            self.visit_selected.emit(str(now.data(IdRole)))
