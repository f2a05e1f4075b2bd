"""Photos and files of a note as thumbnails: added by dropping or by a button, with a caption each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QImageReader, QPixmap
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from assessor_app import formats, given
from assessor_app.i18n import t
from assessor_app.models.kinds import Kind
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.files import open_files
from assessor_app.ui.widgets.basics import Flow, button, icon_button, label
from assessor_app.ui.widgets.editors import Autosave, LineEdit
from assessor_app.workflow.editing import delete, edit
from assessor_app.workflow.queries.interviews import AttachmentRow

#: What the box asks for; the content decides, not the name.
PHOTOS = "*.jpg *.jpeg *.png *.webp *.tif *.tiff *.bmp *.gif"


class Photos(QFrame):
    """Shows the photos of a note.

    Signals:
        files_given(list): paths of files to attach.
    """

    files_given = Signal(list)

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self._tiles: dict[str, _Tile] = {}
        theme = context.theme
        self.setProperty("role", "drop")
        self.setAcceptDrops(True)
        column = QVBoxLayout(self)
        column.setSpacing(theme.em(0.4))
        box = QWidget()
        self._flow = Flow(theme.em(0.5))
        box.setLayout(self._flow)
        policy = box.sizePolicy()
        policy.setHeightForWidth(True)
        box.setSizePolicy(policy)
        column.addWidget(box)
        row = QHBoxLayout()
        self.add = button(theme, t("Add photos"), self._choose, icon="photo")
        row.addWidget(self.add)
        row.addWidget(label(t("or drop them here"), "small"), 1)
        column.addLayout(row)

    def show_rows(self, rows: Sequence[AttachmentRow]) -> None:
        """Show the attachments; tiles that stay keep their captions' editors."""
        there = {row.id for row in rows}
        for gone in [record for record in self._tiles if record not in there]:
            tile = self._tiles.pop(gone)
            self._flow.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        for row in rows:
            if row.id not in self._tiles:
                self._tiles[row.id] = _Tile(self._context, row)
                self._flow.addWidget(self._tiles[row.id])
            self._tiles[row.id].load(row)
        self._flow.invalidate()
        self.updateGeometry()

    def clear(self) -> None:
        """Show nothing."""
        self.show_rows(())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files (Qt)."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Attach what was dropped (Qt)."""
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            self.files_given.emit(files)

    def _choose(self) -> None:
        files = open_files(self, t("Add photos"), f"{t('Photos')} ({PHOTOS});;{t('All files')} (*)")
        if files:
            self.files_given.emit(files)


class _Tile(QWidget):
    """One photo with its caption."""

    def __init__(self, context: AppContext, row: AttachmentRow) -> None:
        super().__init__()
        self._context = context
        self.row = row
        theme = context.theme
        self.setFixedWidth(theme.em(9))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.em(0.15))
        self.picture = QPushButton()
        self.picture.setAccessibleName(t("Show photo {0}").format(row.name))
        self.picture.setToolTip(f"{row.name} · {formats.size(row.size)}")
        self.picture.setFixedSize(theme.em(9), theme.em(6.8))
        self.picture.setIconSize(QSize(theme.em(8.4), theme.em(6.2)))
        self.picture.setIcon(theme.icon("photo" if row.type == "photo" else "clip"))
        self.picture.clicked.connect(self._enlarge)
        column.addWidget(self.picture)
        line = QHBoxLayout()
        line.setSpacing(theme.em(0.1))
        self.caption = LineEdit()
        self.caption.setPlaceholderText(t("Caption"))
        self.caption.setAccessibleName(t("Caption of {0}").format(row.name))
        self.saver = Autosave(context, self.caption, self._save, text=row.caption, slot=lambda: f"{row.id}.caption")
        line.addWidget(self.caption, 1)
        line.addWidget(icon_button(theme, "trash", t("Delete photo {0}").format(row.name), self._delete))
        column.addLayout(line)
        context.tasks.call(lambda: thumbnail(context, row.sha256, theme.em(8.4)), done=self._show, owner=self,
                           failed=lambda _: self.picture.setToolTip(t("The photo has not arrived yet.")))

    def load(self, row: AttachmentRow) -> None:
        """Show the caption as it is now."""
        self.saver.load(row.caption)

    def _save(self, text: str) -> Future[Any]:
        return self._context.tasks.write(edit, Kind.ATTACHMENT, self.row.id, caption=text, purpose="attachment.edit",
                                         editing=f"{self.row.id}.caption", owner=self)

    def _delete(self) -> None:
        self._context.tasks.write(delete, Kind.ATTACHMENT, self.row.id, purpose="attachment.delete", owner=self.parentWidget())

    def _show(self, image: QImage | None) -> None:
        if image is not None:
            self.picture.setIcon(QPixmap.fromImage(image))

    def _enlarge(self) -> None:
        self._context.tasks.call(lambda: thumbnail(self._context, self.row.sha256, 1600), done=self._show_large, owner=self)

    def _show_large(self, image: QImage | None) -> None:
        if image is None:
            return
        dialog = QDialog(self)
        dialog.setWindowTitle(self.row.caption or self.row.name)
        column = QVBoxLayout(dialog)
        area = QScrollArea()
        area.setAccessibleName(self.row.caption or self.row.name)
        picture = QLabel()
        picture.setPixmap(QPixmap.fromImage(image))
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        area.setWidget(picture)
        column.addWidget(area)
        column.addWidget(button(self._context.theme, t("Close"), dialog.accept, part="main"), 0, Qt.AlignmentFlag.AlignRight)
        screen = self.screen().availableGeometry()
        dialog.resize(min(image.width() + 60, int(screen.width() * 0.9)), min(image.height() + 110, int(screen.height() * 0.9)))
        dialog.exec()


def thumbnail(context: AppContext, sha256: str, width: int) -> QImage | None:
    """Return a stored photo scaled to a width; None for what is no picture. Runs beside the window.

    Photos were read and written anew by a process of their own when they were attached, so these bytes are ours.
    """
    data = QByteArray(context.account.blobs.get(sha256))
    buffer = QBuffer(data)
    reader = QImageReader(buffer)
    reader.setScaledSize(reader.size().scaled(width, width, Qt.AspectRatioMode.KeepAspectRatio))  # a JPEG is decoded smaller, and sooner
    image = reader.read()
    return None if image.isNull() else image


def attach_photos(context: AppContext, owner: QWidget, visit: str, interview: str, files: Sequence[Path],
                  done: Callable[[], None] | None = None) -> None:
    """Read photos and sounds beside the window, one process each, and attach them; say which are neither."""
    from assessor_app.ui.tasks import Job

    account = context.account

    def work(job: Job) -> tuple[int, list[str]]:
        from assessor_app.errors import AppError
        from assessor_app.workflow import recording
        from assessor_app.workflow.interviewing import attach_photo, read_photo, store_photo

        good, faults = 0, []
        for at, file in enumerate(files):
            job.report(at, len(files))
            try:
                data = given.read(file)
                if interview and recording.media_type_of(file.name, data[:64]):
                    good += _attach_sound(context, visit, interview, file.name, data)
                    continue
                photo = read_photo(data)
            except OSError:
                faults.append(t("{0}: the file cannot be read.").format(file.name))
                continue
            except AppError as fault:
                faults.append(f"{file.name}: {fault.title} {fault.hint}".strip())
                continue
            store_photo(account.blobs, photo)
            context.tasks.write_later(attach_photo, visit, photo, interview=interview, name=file.name, purpose="photo.attach")
            good += 1
        return good, faults

    def ended(result: tuple[int, list[str]]) -> None:
        from assessor_app.errors import BadInput

        _, faults = result
        if faults:
            context.notify.error(BadInput(t("Some files were not attached."), tuple(faults), kept=t("The note is untouched.")))
        if done is not None:
            done()

    context.tasks.run(work, title=t("Reading photos…"), done=ended, owner=owner)


def _attach_sound(context: AppContext, visit: str, interview: str, name: str, data: bytes) -> int:
    from assessor_app.workflow import recording

    media, seconds = recording.read_sound(name, data)
    digest = context.account.blobs.put(data)
    context.tasks.write_later(recording.attach, visit, interview, digest, len(data), media, name=name, seconds=seconds,
                              purpose="recording.attach")
    return 1
