"""Sambungan: what goes, what came, what waits and why; start, pause and stop, texts alone, and a budget."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent, Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QHeaderView, QProgressBar, QVBoxLayout, QWidget

from assessor_app import clock, formats
from assessor_app.i18n import nt, t
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.files import save_file
from assessor_app.ui.models.rows import Column, RowsModel
from assessor_app.ui.syncing import SyncControl
from assessor_app.ui.widgets import line_words as words
from assessor_app.ui.widgets.basics import Card, Field, Flow, Scroller, button, label
from assessor_app.ui.widgets.columns import Columns
from assessor_app.ui.widgets.editors import Number
from assessor_app.ui.widgets.tables import Table
from assessor_app.workflow.queries.outbox import FileRow, FileState, Line, RefusedRow, WaitingRow, export_refused, line, open_octets

if TYPE_CHECKING:
    from assessor_app.sync.outcome import Progress
    from assessor_app.ui.actions import Actions

#: Changes that come close together are read once, after this many milliseconds.
_GATHER_MS = 400
#: From when on the speed of this very sync says more than that of the last one, in seconds.
_TELLING_S = 4.0
#: What of an upload may wait in this machine's own buffers, in bytes.
_BUFFERED = 128 * 1024
#: Rows of a table before it scrolls.
_ROWS = 6


class SyncPage(QWidget):
    """The page of the line.

    Signals:
        closed(): the person goes back to the visit.
    """

    closed = Signal()

    def __init__(self, context: AppContext, control: SyncControl, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("page")
        self.context = context
        self.theme = context.theme
        self._control = control
        self._actions = actions
        self._line: Line | None = None
        self._moved: dict[str, int] = {}  # of each file, in this sync
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroller = Scroller(self.theme, t("Line"))
        outer.addWidget(scroller)
        head = QHBoxLayout()
        head.addWidget(label(t("What goes, what came, what waits"), "title"), 1)
        self.back = button(self.theme, t("Back to the visit"), self.closed.emit, icon="left", tip="Esc")
        head.addWidget(self.back)
        scroller.column.addLayout(head)
        scroller.add(self._make_state())
        columns = scroller.add(Columns(self.theme))
        columns.first.addWidget(self._make_waiting())
        columns.first.addWidget(self._make_refused())
        columns.first.addStretch(1)
        columns.second.addWidget(self._make_files())
        columns.second.addWidget(self._make_others())
        columns.second.addStretch(1)
        scroller.column.addStretch(1)
        self._timer = QTimer(self, singleShot=True, interval=_GATHER_MS)
        self._timer.timeout.connect(self._load)
        context.tasks.changed.connect(self._on_changed)
        control.begun.connect(self._on_begun)
        control.progressed.connect(self._on_progressed)
        control.ended.connect(self._on_ended)
        control.paused_changed.connect(self._on_ended)
        self._show_running()

    # -- building

    def _make_state(self) -> Card:
        card = Card(self.theme)
        self.state = card.add(label("", "lead"))
        self.came = card.add(label("", "muted"))
        self.came.hide()
        self.bar = QProgressBar()
        self.bar.setAccessibleName(t("Progress"))
        self.bar.setTextVisible(False)
        card.add(self.bar)
        self.phase = card.add(label("", "small"))
        acts = QWidget()
        flow = Flow(self.theme.em(0.5))
        acts.setLayout(flow)
        self.sync = button(self.theme, t("Synchronise now"), self._actions.sync, icon="sync", part="main", tip="F5")
        self.pause = button(self.theme, t("Pause"), self._actions.toggle_pause, icon="minus", tip="Shift+F5")
        self.stop = button(self.theme, t("Stop"), self._control.stop, icon="close")
        for one in (self.sync, self.pause, self.stop):
            flow.addWidget(one)
        card.add(acts)
        self.texts = QCheckBox(t("Texts only, photos later"))
        self.texts.setToolTip(t("Signed documents count as texts."))
        self.texts.setChecked(not self.context.settings.sync_photos)
        self.texts.toggled.connect(self._on_wished)
        card.add(self.texts)
        self.budget = Number(self.theme, 0, 9_999, self.context.settings.sync_budget_mb, " MB")
        self.budget.setSpecialValueText(t("as much as needed"))
        self.budget.setMaximumWidth(self.theme.em(12))
        self.budget.valueChanged.connect(self._on_wished)
        card.add(Field(self.theme, t("One sync may cost at most"), self.budget))
        return card

    def _make_waiting(self) -> Card:
        card = Card(self.theme, t("What waits here"))
        self.waiting_rows = RowsModel[WaitingRow]((
            Column[WaitingRow](t("Visit"), lambda r: r.place, tip=lambda r: r.place, width=10),
            Column[WaitingRow](t("Changes"), lambda r: formats.number(r.count), sort=lambda r: r.count, number=True, width=3),
            Column[WaitingRow](t("Since"), lambda r: words.moment(r.since), sort=lambda r: r.since, width=4),
            Column[WaitingRow](t("Why"), lambda r: words.why(r.why), tip=lambda r: words.why(r.why), width=8),
        ), lambda r: r.id, parent=self)
        self.waiting = self._table(self.waiting_rows, t("What waits here"))
        self.no_waiting = label(t("Nothing waits to be sent"), "muted")
        card.add(self.no_waiting)
        card.add(self.waiting)
        card.body.addStretch(1)
        return card

    def _make_files(self) -> Card:
        card = Card(self.theme, t("Photos and documents"))
        self.file_rows = RowsModel[FileRow]((
            Column[FileRow](t("Name"), lambda r: r.name, tip=lambda r: r.name, width=10),
            Column[FileRow](t("Size"), lambda r: formats.size(r.size), sort=lambda r: r.size, number=True, width=4.5),
            Column[FileRow](t("Status"), words.file_state, tip=words.file_state, width=7.5),
        ), lambda r: r.id, parent=self)
        self.files = self._table(self.file_rows, t("Photos and documents"))
        self.no_files = label(t("No photos and no documents yet."), "muted")
        card.add(self.no_files)
        card.add(self.files)
        return card

    def _make_refused(self) -> Card:
        self.refused_card = Card(self.theme, t("Refused by the centre"))
        self.refused_card.add(label(t("Kept on this device. Nothing of it is lost; the secretariat can say what to do."), "muted"))
        self.refused_rows = RowsModel[RefusedRow]((
            Column[RefusedRow](t("What"), lambda r: f"{words.of_purpose(r.purpose)}, {r.place}", tip=lambda r: r.place, width=9),
            Column[RefusedRow](t("Since"), lambda r: words.moment(r.at), sort=lambda r: r.at, width=6),
            Column[RefusedRow](t("Why"), lambda r: words.refused(r.reason), tip=lambda r: words.refused(r.reason), width=14),
        ), lambda r: r.id, parent=self)
        self.refused = self._table(self.refused_rows, t("Refused by the centre"))
        self.refused_card.add(self.refused)
        self.why_refused = self.refused_card.add(label("", "small"))
        self.refused.row_chosen.connect(self._on_refused_chosen)
        self.export = button(self.theme, t("Export the refused changes…"), self._export, icon="out")
        self.refused_card.body.addWidget(self.export, 0, Qt.AlignmentFlag.AlignLeft)
        self.refused_card.hide()
        return self.refused_card

    def _make_others(self) -> Card:
        card = Card(self.theme, t("Where there is no line"))
        card.add(label(t("A courier file carries everything to the centre on a stick, sealed for those who may read it."), "muted"))
        for text, act, icon in ((t("Courier file…"), self._actions.show_courier, "out"),
                                (t("Ready to leave?"), self._actions.show_ready, "check"),
                                (t("Differences…"), self._actions.show_differences, "difference")):
            card.body.addWidget(button(self.theme, text, act, icon=icon), 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _table(self, model: RowsModel[WaitingRow] | RowsModel[FileRow] | RowsModel[RefusedRow], name: str) -> Table:
        table = Table(self.theme, model, name)
        table.setMinimumHeight(self.theme.em(4))
        table.horizontalHeader().setStretchLastSection(False)
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        return table

    # -- loading

    def showEvent(self, event: QShowEvent) -> None:
        """Load when seen (Qt)."""
        super().showEvent(event)
        self._load()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back by Escape (Qt)."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _on_changed(self) -> None:
        self._timer.start()

    def _load(self) -> None:
        if self.isVisible() and self.context.unlocked:
            self.context.tasks.read(line, self.context.account.blobs, done=self._show, key="line", owner=self)

    def _show(self, row: Line) -> None:
        self._line = row
        self.waiting_rows.set_rows(row.waiting)
        self.file_rows.set_rows([self._with_progress(one) for one in row.files])
        self.refused_rows.set_rows(row.refused)
        for table, rows, none in ((self.waiting, row.waiting, self.no_waiting), (self.files, row.files, self.no_files)):
            table.setVisible(bool(rows))
            none.setVisible(not rows)
        self.refused_card.setVisible(bool(row.refused))
        for table, count in ((self.waiting, len(row.waiting)), (self.files, len(row.files)), (self.refused, len(row.refused))):
            table.setFixedHeight(self.theme.em(2.6) + self.theme.em(1.75) * min(max(count, 1), _ROWS))
        if not self._control.running:
            self._say_state()

    def _say_state(self) -> None:
        row = self._line
        if row is None:
            return
        self.state.setText(words.last(row.last) if row.joined else t("No server yet. The secretariat hands over an invitation file."))
        if self._control.paused and row.joined:
            self.state.setText(self.state.text() + " · " + t("Paused"))
        self.came.setVisible(bool(self._control.came))
        self.came.setText(t("What came: {0}").format(words.came(self._control.came)))

    # -- while it runs

    def _show_running(self) -> None:
        running = self._control.running
        self.bar.setVisible(running)
        self.phase.setVisible(running)
        self.stop.setEnabled(running)
        self.sync.setEnabled(not running)
        self.pause.setText(t("Go on by itself") if self._control.paused else t("Pause"))
        if running:
            self.state.setText(t("Synchronising…"))

    def _on_begun(self) -> None:
        self._moved = {}
        self.came.hide()
        self.phase.setText("")
        self.bar.setRange(0, 0)
        self._show_running()

    def _on_progressed(self, progress: Progress) -> None:
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        if progress.file:
            if progress.file not in self._moved:
                self._timer.start()  # another file begins: perhaps one before it has arrived
            self._moved[progress.file] = max(progress.file_done, self._moved.get(progress.file, 0))
            if self._line is not None:
                self.file_rows.set_rows([self._with_progress(one) for one in self._line.files])
        parts = [words.phase(progress.phase)]
        if progress.phase.startswith("photos"):
            parts.append(t("{0} of {1}").format(min(progress.done + 1, progress.total), progress.total))
        going = self._arrived()  # what is still on its way is not in the sums yet
        up, down = (max(octets, going if progress.phase == way else 0) for octets, way in (
            (progress.bytes_up, "photos_up"), (progress.bytes_down, "photos_down")))
        parts.append(t("{0} up, {1} down").format(formats.size(up), formats.size(down)))
        seconds = self._seconds_left(progress)
        if seconds is not None:
            parts.append(words.left(seconds))
        self.phase.setText(" · ".join(parts))

    def _seconds_left(self, progress: Progress) -> float | None:
        """Return about how long this sync still takes, None where nothing tells."""
        if self._line is None:
            return None
        files = open_octets(self._line.files) if self.context.settings.sync_photos else 0
        moved = max(progress.bytes_up + progress.bytes_down, self._arrived())
        elapsed = time.monotonic() - self._control.began
        rate = moved / elapsed if elapsed > _TELLING_S and moved else float(progress.rate or self._line.rate)
        texts = self._line.octets if progress.phase == "records" else 0
        budget = self.context.settings.sync_budget_mb * 1_000_000
        on_way = sum(done for file, done in self._in_flight() if done)
        rest = max(0, files - on_way) + texts
        if budget:
            rest = min(rest, max(0, budget - moved))
        return rest / rate if rate and rest else None

    def _with_progress(self, row: FileRow) -> FileRow:
        """Show how far a file is; only the notebook says that it has arrived whole."""
        done = self._moved.get(row.id, 0) if self._control.running else 0
        if not done or row.state in (FileState.SENT, FileState.HERE):
            return row
        return replace(row, state=FileState.PART, arrived=max(min(done, row.size - 1) - _BUFFERED, row.arrived))

    def _in_flight(self) -> list[tuple[str, int]]:
        """Return how many bytes of each file that has not arrived yet are on the line, without what waits in this machine."""
        over = {row.id for row in self._line.files if row.state in (FileState.SENT, FileState.HERE)} if self._line is not None else set()
        return [(file, max(0, done - _BUFFERED)) for file, done in self._moved.items() if file not in over]

    def _arrived(self) -> int:
        """Return how many bytes of files this sync has moved."""
        flying = dict(self._in_flight())
        return sum(flying.get(file, done) for file, done in self._moved.items())

    def _on_ended(self) -> None:
        self._show_running()
        self._load()

    # -- acts

    def _on_wished(self) -> None:
        settings = self.context.settings
        settings.sync_photos, settings.sync_budget_mb = not self.texts.isChecked(), self.budget.value()
        settings.save()

    def _on_refused_chosen(self, record: str) -> None:
        row = next((one for one in self.refused_rows.rows if one.id == record), None)
        self.why_refused.setText(words.refused(row.reason) if row is not None else "")

    def _export(self) -> None:
        target = save_file(self, t("Export the refused changes"), f"asesor-ditolak-{clock.today():%Y-%m-%d}.json", "JSON (*.json)")
        if target is not None:
            self.context.tasks.read(export_refused, target, owner=self, done=lambda count: self.context.notify.good(
                nt("{n} refused change is written.", "{n} refused changes are written.", count), str(target)))
