"""Asking for a file to open or a place to save one."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from assessor_app.oneline import file_name

#: Tests put the files here that a person would choose.
chosen: deque[Path] = deque()
#: Where the last file was chosen or saved: the next question begins there, the first one with the person's documents.
_places: list[str] = []


def place() -> str:
    """Return where a question for a file begins."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    wanted = (*_places, documents, str(Path.home()))  # a stick may be gone, and not every system has a folder for documents
    return next((place for place in wanted if Path(place).is_dir()), "")


def keep(name: str) -> Path:
    """Remember where a file was chosen."""
    _places[:] = [str(Path(name).parent)]
    return Path(name)


def open_file(parent: QWidget, title: str, kinds: str) -> Path | None:
    """Return the file that the person chose, or None."""
    if chosen:
        return chosen.popleft()
    name, _ = QFileDialog.getOpenFileName(parent, title, place(), kinds)
    return keep(name) if name else None


def open_files(parent: QWidget, title: str, kinds: str) -> list[Path]:
    """Return the files that the person chose."""
    if chosen:
        files = list(chosen)
        chosen.clear()
        return files
    names, _ = QFileDialog.getOpenFileNames(parent, title, place(), kinds)
    return [keep(name) for name in names]


def save_file(parent: QWidget, title: str, proposal: str, kinds: str) -> Path | None:
    """Return where to save, or None; the system asks before something is overwritten. Names in the proposal are as people gave them."""
    if chosen:
        return chosen.popleft()
    name, _ = QFileDialog.getSaveFileName(parent, title, str(Path(place()) / file_name(proposal)), kinds)
    return keep(name) if name else None
