"""What was entered and could not be written: kept in memory until the notebook has it, also over a lock, and tried again by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from assessor_app.errors import AppError, NotebookError

R = TypeVar("R")
#: How long after a failure the writing is tried again, in milliseconds.
RETRY_MS = 10_000
#: The same once a notebook is opened for which something waits: its page is on the screen by then.
_OPENED_MS = 500


@dataclass
class Entry:
    """What was entered last into one field; ``text`` where it is typed text, ``values`` as they go to the notebook."""

    folder: Path
    slot: str
    again: Callable[[], object]
    values: Mapping[str, Any] = field(default_factory=dict)
    text: str | None = None
    turn: int = 0
    trying: bool = True
    failed: bool = False
    error: BaseException | None = None


class Unsaved(QObject):
    """Holds the last entry of each field from its first failed write to its first good one, for each notebook apart.

    Signals:
        failed(Exception): something is not saved since now, or still not though the person asked for it.
        recovered(): everything of the open notebook that could not be written is in it.
        changed(): what is held is other than before.
        due(): it is time to try again.
    """

    failed = Signal(object)
    recovered = Signal()
    changed = Signal()
    due = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: Path | None = None
        self._entries: dict[tuple[Path, str], Entry] = {}
        self._turns = 0
        self._told = False
        self._timer = QTimer(self, singleShot=True, interval=RETRY_MS)
        self._timer.timeout.connect(self.due)

    def open(self, folder: Path | None) -> None:
        """Take the entries of this notebook as the open one's; the others' wait in memory."""
        if folder == self._folder:
            return
        self._folder = folder
        self._told = False
        self._timer.stop()
        if self.any():
            self._timer.start(_OPENED_MS)
        self.changed.emit()

    # -- what is held

    def any(self, *, everywhere: bool = False) -> bool:
        """Whether something of the open notebook, or of whichever, could not be written."""
        return any(one.failed and (everywhere or one.folder == self._folder) for one in self._entries.values())

    def cause(self) -> BaseException | None:
        """Return why the first entry of the open notebook that is held could not be written."""
        return next((one.error for one in self._entries.values() if one.failed and one.folder == self._folder), None)

    def holds(self, slot: str) -> bool:
        """Whether the last entry of a field could not be written."""
        return (one := self._entry(slot)) is not None and one.failed

    def text(self, slot: str) -> str | None:
        """Return the typed text of a field that could not be written."""
        return one.text if (one := self._entry(slot)) is not None and one.failed else None

    def values(self, record: str) -> dict[str, Any]:
        """Return what was chosen for the fields of a record and could not be written; typed texts are not among it."""
        found: dict[str, Any] = {}
        for one in self._entries.values():
            if one.failed and one.text is None and one.folder == self._folder and one.slot.startswith(f"{record}."):
                found |= one.values
        return found

    def over(self, row: R, record: str) -> R:
        """Return a row as the person left it: with what could not be written over what was read."""
        if not is_dataclass(row) or isinstance(row, type):
            return row
        names = {one.name for one in fields(row)}
        kept = {name: value for name, value in self.values(record).items()
                if name in names and isinstance(value, type(getattr(row, name)))}
        return replace(row, **kept) if kept else row

    # -- what goes on

    def begin(self, folder: Path, slot: str, again: Callable[[], object], values: Mapping[str, Any]) -> tuple[Entry, int]:
        """Note that a field is being written; the older entry of that field is not tried again."""
        self._turns += 1
        entry = self._entries.setdefault((folder, slot), Entry(folder, slot, again))
        entry.again, entry.values, entry.turn, entry.trying, entry.text = again, values, self._turns, True, None
        return entry, self._turns

    def remember(self, slot: str, text: str) -> None:
        """Note the typed text of a write that has just begun."""
        if (one := self._entry(slot)) is not None:
            one.text = text

    def end(self, entry: Entry, turn: int, error: BaseException | None) -> bool:
        """Note how a write ended; True where a failed one is held here, and need not be said elsewhere.

        A rule that refuses a choice is not held: the choice would never be taken. A typed text is, whatever refuses it.
        """
        if turn != entry.turn:
            return True  # a newer entry of the field is on its way, and its outcome counts
        refused = isinstance(error, AppError) and not isinstance(error, NotebookError)
        if error is None or (refused and entry.text is None):
            self._drop(entry)
            return False
        self._fail(entry, error)
        return True

    def hold(self, folder: Path, slot: str, again: Callable[[], object], error: BaseException) -> None:
        """Hold something that its owner keeps and writes again."""
        self._fail(self._entries.setdefault((folder, slot), Entry(folder, slot, again)), error)

    def drop(self, folder: Path, slot: str) -> None:
        """Let go what its owner has written."""
        if (one := self._entries.get((folder, slot))) is not None:
            self._drop(one)

    def try_again(self, *, asked: bool = False) -> None:
        """Write everything of the open notebook that is not on its way; ``asked`` by the person, who is told how it ended."""
        if asked:
            self._told = False
        self._try(lambda one: True)

    def go_before(self, slot: str) -> None:
        """Write the other fields of the record first: what is older must not come over what is written now."""
        record = slot.rpartition(".")[0]
        self._try(lambda one: one.slot != slot and one.slot.rpartition(".")[0] == record)

    def _try(self, wanted: Callable[[Entry], bool]) -> None:
        for one in list(self._entries.values()):
            if one.failed and not one.trying and one.folder == self._folder and wanted(one):
                one.trying, text = True, one.text
                one.again()
                one.text = text

    def _entry(self, slot: str) -> Entry | None:
        return self._entries.get((self._folder, slot)) if self._folder is not None else None

    def _fail(self, entry: Entry, error: BaseException) -> None:
        entry.failed, entry.trying, entry.error = True, False, error
        if entry.folder == self._folder:
            self._timer.start(RETRY_MS)
            if not self._told:
                self._told = True
                self.failed.emit(error)
        self.changed.emit()

    def _drop(self, entry: Entry) -> None:
        self._entries.pop((entry.folder, entry.slot), None)
        if not entry.failed:
            return
        if entry.folder == self._folder and not self.any():
            self._timer.stop()
            self._told = False
            self.recovered.emit()
        self.changed.emit()
