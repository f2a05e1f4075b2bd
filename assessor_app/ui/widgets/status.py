"""The status bar: when the last words were saved, what waits to be sent, whether there is a line, and what runs beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QStatusBar

from assessor_app import clock, formats
from assessor_app.i18n import nt, t
from assessor_app.ui.context import AppContext
from assessor_app.ui.notify import describe
from assessor_app.ui.recordings import Recordings, span
from assessor_app.ui.tasks import Job
from assessor_app.ui.widgets.basics import button, label

if TYPE_CHECKING:
    from assessor_app.workflow.queries.visits import Outbox


class StatusBar(QStatusBar):
    """Says what the notebook and the line are doing.

    Signals:
        sync_requested(): send and fetch now.
        line_requested(): show what goes, what came and what waits.
        differences_requested(): show the differences to settle.
    """

    sync_requested = Signal()
    line_requested = Signal()
    differences_requested = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        theme = context.theme
        self.setSizeGripEnabled(False)
        self.setContentsMargins(theme.em(0.5), 0, theme.em(0.3), 0)
        self._said = t("Everything is saved")
        self.saved = label(self._said, wrap=False)
        self.addWidget(self.saved)
        self.again = button(theme, t("Save again"), lambda: context.save_again(asked=True), icon="warn", part="quiet")
        self.again.hide()
        self.addWidget(self.again)
        self.strip = JobStrip(context)
        self.addWidget(self.strip, 1)
        self._recordings = Recordings.of(context)
        self.recording = label("", "bad", wrap=False)
        self.recording.setToolTip(t("A recording goes on: Ctrl+Shift+R in the note ends it"))
        self.recording.hide()
        self.addPermanentWidget(self.recording)
        self._recordings.changed.connect(self._on_recording)
        self._recordings.heard.connect(self._on_recording)
        self.differences = button(theme, "", self.differences_requested.emit, icon="difference", part="quiet")
        self.differences.hide()
        self.addPermanentWidget(self.differences)
        self.waiting = label("", wrap=False)
        self.addPermanentWidget(self.waiting)
        self.line = button(theme, "", self.line_requested.emit, part="quiet")
        self.line.setIconSize(QSize(theme.em(1), theme.em(1)))
        self.addPermanentWidget(self.line)
        self.sync = button(theme, t("Synchronise"), self.sync_requested.emit, icon="sync", part="quiet", tip="F5")
        self.addPermanentWidget(self.sync)
        self.set_line(online=False)
        self.set_waiting(0)
        context.tasks.pending_changed.connect(self._on_pending_changed)
        context.tasks.saved.connect(self._on_saved)
        context.unsaved.changed.connect(self._on_unsaved_changed)
        context.unsaved.recovered.connect(self._on_saved)
        self._on_unsaved_changed()

    def set_outbox(self, box: Outbox) -> None:
        """Say what waits to be sent and to be settled."""
        self.set_waiting(box.waiting)
        self.set_differences(box.differences)

    def set_waiting(self, count: int) -> None:
        """Say how many changes are not at the centre yet."""
        self.waiting.setText(nt("{n} not sent yet", "{n} not sent yet", count) if count else t("Nothing waits to be sent"))

    def set_differences(self, count: int) -> None:
        """Say how many differences wait for a person."""
        self.differences.setText(nt("{n} difference", "{n} differences", count))
        self.differences.setVisible(count > 0)

    def set_line(self, *, online: bool, text: str = "", tip: str = "") -> None:
        """Say whether the server was reached the last time that somebody asked, or what is wrong with the line."""
        theme = self._context.theme
        self.line.setIcon(QIcon(theme.pixmap("online" if online else "offline", theme.em(1), theme.colours.muted)))
        words = text or (t("Online") if online else t("Offline"))
        self.line.setText(self.line.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, theme.em(17)))
        self.line.setAccessibleName(t("Line: {0}").format(words))
        self.line.setToolTip(f"{tip or words} (F6)")

    def _on_recording(self) -> None:
        going = self._recordings.going
        self.recording.setVisible(going is not None)
        self.recording.setText(f"● {span(going.ms)}" if going is not None else "")

    def _on_pending_changed(self, count: int) -> None:
        if count:
            self.saved.setText(t("Saving…"))
        else:
            self._on_unsaved_changed()

    def _on_unsaved_changed(self) -> None:
        unsaved = self._context.unsaved.any()
        self.again.setVisible(unsaved)
        if not unsaved:
            self.saved.setText(self._said)
            self.saved.setToolTip("")
            return
        cause = self._context.unsaved.cause()
        why = describe(cause).title.rstrip(".") if cause is not None else ""
        words = t("Not saved yet: {0}").format(why[:1].lower() + why[1:]) if why else t("Not saved yet")
        self.saved.setText(self.saved.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, self._context.theme.em(22)))
        self.saved.setToolTip(words)

    def _on_saved(self) -> None:
        now = clock.here()
        if not self._context.unsaved.any():
            self._said = t("Saved at {0}").format(formats.time(now) + f"{'.' if formats.time(now)[2] == '.' else ':'}{now:%S}")
        self._on_unsaved_changed()


class JobStrip(QFrame):
    """The slow work under way: what it is, how far it is, and a way to stop it."""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        theme = context.theme
        self._job: Job | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.em(0.5), 0, theme.em(0.5), 0)
        row.setSpacing(theme.em(0.4))
        self._title = label("", wrap=False)
        row.addWidget(self._title)
        self._bar = QProgressBar()
        self._bar.setAccessibleName(t("Progress"))
        self._bar.setMaximumWidth(theme.em(9))
        self._bar.setTextVisible(False)
        row.addWidget(self._bar)
        self._cancel = button(theme, t("Cancel"), self._stop, part="quiet")
        row.addWidget(self._cancel)
        row.addStretch(1)
        self.hide()
        context.tasks.job_started.connect(self._on_started)
        context.tasks.job_progressed.connect(self._on_progressed)
        context.tasks.job_finished.connect(self._on_finished)

    def _on_started(self, job: Job) -> None:
        self._job = job
        self._title.setText(job.title)
        self._bar.setRange(0, 0)
        self._cancel.setVisible(job.cancellable)
        self._cancel.setEnabled(True)
        self.show()

    def _on_progressed(self, job: Job, done: int, total: int, text: str) -> None:
        if job is self._job:
            self._bar.setRange(0, total)
            self._bar.setValue(done)
            self._title.setText(f"{job.title} {text}".strip())

    def _on_finished(self, job: Job) -> None:
        if job is self._job:
            self._job = None
            self.hide()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._cancel.setEnabled(False)
