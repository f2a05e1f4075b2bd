"""Brings the window to the front when another one was started on its notebook."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt
from PySide6.QtWidgets import QApplication, QWidget

from assessor_app.workflow.one_window import CALL


class Front(QObject):
    """Watches the file by which a second window calls the first."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(lambda _: self._come())

    def watch(self, folder: Path | None) -> None:
        """Listen for a notebook's call, None for none."""
        if known := self._watcher.files():
            self._watcher.removePaths(known)
        if folder is not None and (folder / CALL).exists():
            self._watcher.addPath(str(folder / CALL))

    def _come(self) -> None:
        window = self._window
        window.setWindowState((window.windowState() & ~Qt.WindowState.WindowMinimized) | Qt.WindowState.WindowActive)
        window.raise_()
        window.activateWindow()
        QApplication.alert(window)  # where the system lets no window come by itself, its entry in the bar calls
