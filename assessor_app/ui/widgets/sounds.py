"""The recordings of a note: played in place, with a caption each."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from assessor_app import formats
from assessor_app.i18n import t
from assessor_app.models.kinds import Kind
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.files import save_file
from assessor_app.ui.player import Player
from assessor_app.ui.recordings import span, taken_name
from assessor_app.ui.widgets.basics import icon_button, label
from assessor_app.ui.widgets.editors import Autosave, LineEdit
from assessor_app.workflow.editing import delete, edit
from assessor_app.workflow.queries.interviews import AttachmentRow

#: How far an arrow key goes on the line of a sound (ms).
_STEP, _PAGE = 5_000, 30_000


class Sounds(QWidget):
    """Shows and plays the recordings of a note."""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self.player = Player(context, self)
        self.lines: dict[str, SoundLine] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(context.theme.em(0.3))
        self.held = label("", "warn")
        self._column.addWidget(self.held)
        self.held.hide()

    def show_rows(self, rows: Sequence[AttachmentRow], without: Sequence[str]) -> None:
        """Show recordings; what plays goes on, and captions keep their editors."""
        there = {row.id for row in rows}
        for gone in [record for record in self.lines if record not in there]:
            if self.player.record == gone:
                self.player.stop()
            line = self.lines.pop(gone)
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        for row in rows:
            if row.id not in self.lines:
                self.lines[row.id] = SoundLine(self._context, row, self.player)
                self._column.addWidget(self.lines[row.id])
            self.lines[row.id].saver.load(row.caption)
        self.held.setVisible(bool(rows and without))
        self.held.setText(t("Recordings stay on this device: {0} has not agreed to recordings.").format(", ".join(without)))


class SoundLine(QWidget):
    """One recording: play, where it is, its caption, a copy outside, away with it."""

    def __init__(self, context: AppContext, row: AttachmentRow, player: Player) -> None:
        super().__init__()
        self._context, self.row, self._player = context, row, player
        theme = context.theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.em(0.1))
        line = QHBoxLayout()
        line.setSpacing(theme.em(0.3))
        self.play = icon_button(theme, "play", t("Play {0}").format(row.name), self.toggle)
        self.play.setIconSize(QSize(theme.em(1), theme.em(1)))
        line.addWidget(self.play)
        self.place = QSlider(Qt.Orientation.Horizontal)
        self.place.setAccessibleName(t("Place in {0}").format(row.name))
        self.place.setRange(0, (row.seconds or 0) * 1000)
        self.place.setSingleStep(_STEP)
        self.place.setPageStep(_PAGE)
        self.place.setEnabled(bool(row.seconds))
        self.place.valueChanged.connect(self._go)
        line.addWidget(self.place, 1)
        self.time = label("", "small", wrap=False)
        line.addWidget(self.time)
        line.addWidget(icon_button(theme, "out", t("Save a copy of {0}").format(row.name), self._save_copy))
        line.addWidget(icon_button(theme, "trash", t("Delete {0}").format(row.name), self._delete))
        column.addLayout(line)
        self.caption = LineEdit()
        self.caption.setPlaceholderText(t("What the recording is about"))
        self.caption.setAccessibleName(t("Caption of {0}").format(row.name))
        self.saver = Autosave(context, self.caption, self._save, text=row.caption, slot=lambda: f"{row.id}.caption")
        column.addWidget(self.caption)
        when = formats.date_time(row.taken_at) if row.taken_at else row.name
        column.addWidget(label(f"{when} · {formats.size(row.size)}", "small"))
        player.changed.connect(self.refresh)
        player.moved.connect(self.refresh)
        self.refresh()

    def toggle(self) -> None:
        """Play, pause, or go on."""
        if self._player.record == self.row.id:
            self._player.pause(not self._player.paused)
        elif not self._context.account.blobs.has(self.row.sha256):
            self._context.notify.info(t("The recording has not arrived yet."), t("It comes with the next sync that has time for it."))
        else:
            at = self.place.value()
            self._player.play(self.row.id, self.row.sha256, 0 if at >= self.place.maximum() - 500 else at)

    def refresh(self) -> None:
        """Show where it plays."""
        mine, theme = self._player.record == self.row.id, self._context.theme
        playing = mine and not self._player.paused
        self.play.setIcon(theme.icon("pause" if playing else "play"))
        words = t("Pause {0}") if playing else t("Play {0}")
        self.play.setAccessibleName(words.format(self.row.name))
        self.play.setToolTip(words.format(self.row.name))
        if mine:
            with QSignalBlocker(self.place):
                self.place.setRange(0, max(self._player.length, (self.row.seconds or 0) * 1000))
                self.place.setEnabled(True)
                if not self.place.isSliderDown():
                    self.place.setValue(self._player.ms)
        length = span(self.place.maximum()) if self.place.maximum() else t("length not known")
        self.time.setText(f"{span(self.place.value())} / {length}" if mine else length)

    def _go(self, ms: int) -> None:
        if self._player.record == self.row.id:
            self._player.seek(ms)
            self.refresh()

    def _save(self, text: str) -> Future[Any]:
        return self._context.tasks.write(edit, Kind.ATTACHMENT, self.row.id, caption=text, purpose="attachment.edit",
                                         editing=f"{self.row.id}.caption", owner=self)

    def _delete(self) -> None:
        self._context.tasks.write(delete, Kind.ATTACHMENT, self.row.id, purpose="attachment.delete", owner=self.parentWidget())

    def _save_copy(self) -> None:
        told = t("The copy is not encrypted: whoever has the file can hear it.")
        if not self._context.notify.ask(t("Save the recording outside the notebook?"), told, yes=t("Choose where…"), danger=True):
            return
        name = Path(self.row.name)
        proposal = f"{name.stem} {taken_name(self.row.taken_at)}{name.suffix}"
        target = save_file(self, t("Save a copy"), proposal, f"{name.suffix} (*{name.suffix})")
        if target is None:
            return
        blobs, digest = self._context.account.blobs, self.row.sha256

        def work() -> None:
            from assessor_app.workflow.revisions import write_whole

            write_whole(target, blobs.get(digest))

        self._context.tasks.call(work, owner=self, done=lambda _: self._context.notify.good(t("The copy is saved."), str(target)))
