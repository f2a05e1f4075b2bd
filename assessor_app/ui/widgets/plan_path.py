"""The guided path of the four workshops: what each needs, what is there, what is missing, and the place to fill it in."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QTabBar, QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.widgets.basics import label, quiet_table
from assessor_app.ui.widgets.plan_need import NeedPanel
from assessor_app.ui.widgets.whole_rows import WholeRows
from assessor_app.workflow import plan_path_words as words
from assessor_app.workflow.plan_path import ASIDE, Need, default_order, stage_of_visit
from assessor_app.workflow.queries.plan_path import PathView

_CODE = Qt.ItemDataRole.UserRole
_FIRST = "first"  # the stage to open where nobody names one


class PlanPathDesk(QWidget):
    """Shows the path of a region's plan, stage by stage.

    Signals:
        programme_opened(str, str): a programme's record, and the field to fill in.
        programme_wanted(str): make a programme in this sub-dimension.
        examples_wanted(str): show what other regions did in this sub-dimension.
        books_wanted(): show the region's books.
    """

    programme_opened = Signal(str, str)
    programme_wanted = Signal(str)
    examples_wanted = Signal(str)
    books_wanted = Signal()

    def __init__(self, context: AppContext, region: str, stage: str) -> None:
        super().__init__()
        self._context = context
        self._visit_stage = stage_of_visit(stage)
        self._view: PathView | None = None
        self._wanted = ("", "", "")  # stage, need and programme to show once the path is read
        self._begun = self._stale = False
        theme = context.theme
        column = QVBoxLayout(self)
        pad = theme.em(0.7)
        column.setContentsMargins(pad, theme.em(0.4), pad, theme.em(0.5))
        column.setSpacing(theme.em(0.4))
        self.stages = QTabBar()
        self.stages.setAccessibleName(t("Workshops"))
        self.stages.setExpanding(False)
        self.stages.setDrawBase(False)
        column.addWidget(self.stages)
        self.said = label("", "muted")
        column.addWidget(self.said)
        row = QHBoxLayout()
        row.setSpacing(theme.em(0.6))
        self.list = QListWidget()
        self.list.setAccessibleName(t("What this workshop needs"))
        WholeRows(self.list)
        quiet_table(self.list)
        row.addWidget(self.list)
        self.panel = NeedPanel(context, region)
        row.addWidget(self.panel, 1)
        column.addLayout(row, 1)
        self.stages.currentChanged.connect(lambda _: self._fill())
        self.list.currentItemChanged.connect(lambda *_: self._show_need())
        self.list.itemActivated.connect(lambda _: self.panel.focus_first())
        self.panel.programme_opened.connect(self.programme_opened)
        self.panel.programme_wanted.connect(self.programme_wanted)
        self.panel.examples_wanted.connect(self.examples_wanted)
        self.panel.books_wanted.connect(self.books_wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the most of a narrow window to what is filled in (Qt)."""
        super().resizeEvent(event)
        self.list.setFixedWidth(min(self._context.theme.em(19), self.width() * 2 // 5))

    def show_view(self, view: PathView) -> None:
        """Show the path as it stands, now or when it is next seen; the chosen need stays chosen."""
        self._view = view
        self._stale = True
        if self.isVisible():
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Show what changed meanwhile (Qt)."""
        super().showEvent(event)
        if self._stale:
            self._show()

    def _show(self) -> None:
        view, self._stale = self._view, False
        if view is None:
            return
        stages = [*default_order().stages, *([ASIDE] if view.path.of(ASIDE) else [])]
        kept = self._stage()
        self.stages.blockSignals(True)
        while self.stages.count() > len(stages):
            self.stages.removeTab(self.stages.count() - 1)
        for at, stage in enumerate(stages):
            if at >= self.stages.count():
                self.stages.addTab("")
            tally = view.path.tally(stage)
            name = t("Set aside") if stage == ASIDE else labels.stage(stage)
            self.stages.setTabText(at, name if stage == ASIDE else f"{name}  {tally.there}/{tally.needs}")
            self.stages.setTabData(at, stage)
            self.stages.setAccessibleTabName(at, name if stage == ASIDE else f"{name}: {words.tally(tally)}")
        kept = kept if self._begun else view.path.first(self._visit_stage)
        self._begun = True
        self.stages.setCurrentIndex(stages.index(kept) if kept in stages else 0)
        self.stages.blockSignals(False)
        self._fill()
        self._show_wanted()

    def open_stage(self, stage: str) -> None:
        """Bring a stage to the front, with the first need that is missing there."""
        self._wanted = (stage or _FIRST, "", "")
        self._show_wanted()

    def open_programme(self, programme: str) -> None:
        """Show the first warning about a programme."""
        found = self._view.warned.get(programme, ()) if self._view is not None else ()
        if found:
            code = found[0][0]
            stage = next(need.stage for need in self._view.path.needs if need.code == code) if self._view is not None else ""
            self._wanted = (stage, code, programme)
            self._show_wanted()

    def _show_wanted(self) -> None:
        stage, code, programme = self._wanted
        if not stage or self._view is None or self._stale:
            return
        self._wanted = ("", "", "")
        stage = self._view.path.first(self._visit_stage) if stage == _FIRST else stage
        places = [self.stages.tabData(at) for at in range(self.stages.count())]
        if stage in places:
            self.stages.setCurrentIndex(places.index(stage))
        needs = self._view.path.of(stage)
        code = code or next((need.code for need in needs if not need.there), "")
        for at in range(self.list.count()):
            if self.list.item(at).data(_CODE) == code:
                self.list.setCurrentRow(at)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        if programme:
            self.panel.choose_programme(programme)

    def _stage(self) -> str:
        return str(self.stages.tabData(self.stages.currentIndex()) or "")

    def _fill(self) -> None:
        view = self._view
        if view is None:
            return
        stage = self._stage()
        tally = view.path.tally(stage)
        self.said.setText(t("Not asked for in this region; counts nowhere.") if stage == ASIDE
                          else f"{labels.stage(stage)}: {words.tally(tally)}")
        needs = view.path.of(stage)
        chosen = self.list.currentItem().data(_CODE) if self.list.currentItem() is not None else ""
        self.list.blockSignals(True)
        self.list.clear()
        for need in needs:
            item = QListWidgetItem(self._icon(need), f"{words.title(need.code)}\n{words.state(need)}")
            item.setData(_CODE, need.code)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{words.title(need.code)}: {words.state(need)}")
            self.list.addItem(item)
        codes = [need.code for need in needs]
        missing = next((at for at, need in enumerate(needs) if not need.there), 0)
        self.list.setCurrentRow(codes.index(chosen) if chosen in codes else missing)
        self.list.blockSignals(False)
        self._show_need()

    def _show_need(self) -> None:
        item, view = self.list.currentItem(), self._view
        if view is None:
            return
        code = item.data(_CODE) if item is not None else ""
        need = next((one for one in view.path.needs if one.code == code), None)
        self.panel.show_need(view, need)

    def _icon(self, need: Need) -> QIcon:
        colours = self._context.theme.colours
        if need.there:
            return self._context.theme.icon("check", colours.good)
        return self._context.theme.icon("warn" if need.remarks else "open", colours.warn)
