"""Choosing some out of many: a list with boxes, searched by typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from assessor_app.i18n import nt, t
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import button, label, quiet_table
from assessor_app.ui.widgets.editors import LineEdit
from assessor_app.ui.widgets.whole_rows import WholeRows

_ID = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be chosen: its id, its words, and a second line."""

    id: str
    text: str
    detail: str = ""


class PickDialog(Dialog):
    """Shows options with boxes; typing filters them, Space ticks, Enter takes what is ticked."""

    def __init__(
        self, theme: Theme, title: str, options: Sequence[Option], chosen: Sequence[str], parent: QWidget | None = None,
        *, new: tuple[str, Callable[[], Option | None]] | None = None,
    ) -> None:
        super().__init__(theme, title, parent, width=34, height=26)
        self._chosen, self._before = list(chosen), bool(chosen)
        self._new = new
        self.search = LineEdit()
        self.search.setPlaceholderText(t("Type to find"))
        self.search.setAccessibleName(t("Find in the list"))
        self.search.textChanged.connect(self._filter)
        self.body.addWidget(self.search)
        self.list = QListWidget()
        self.list.setAccessibleName(title)
        WholeRows(self.list)
        quiet_table(self.list)
        self.list.itemChanged.connect(self._on_ticked)
        self.list.itemDoubleClicked.connect(self._toggle)
        self.body.addWidget(self.list, 1)
        self._count = label("", "small")
        self.body.addWidget(self._count)
        for option in options:
            self._add(option)
        if new is not None:
            self.footer(button(theme, new[0], self._make_new, icon="plus"), left=True)
        self.footer(cancel_button(self))
        self.footer(button(theme, t("Use these"), self.accept, part="main"))
        self._say()
        self.search.setFocus()

    def chosen(self) -> list[str]:
        """Return the ids that are ticked, those chosen before first."""
        return list(self._chosen)

    def accept(self) -> None:
        """Take what is ticked; nothing ticked where nothing was is no answer (Qt)."""
        if self._chosen or self._before:
            super().accept()
        else:
            self.complain(t("Nothing is ticked yet: tick with Space, or cancel."))

    def _add(self, option: Option) -> QListWidgetItem:
        item = QListWidgetItem(option.text + (f"\n{option.detail}" if option.detail else ""))
        item.setData(_ID, option.id)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if option.id in self._chosen else Qt.CheckState.Unchecked)
        self.list.addItem(item)
        return item

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for at in range(self.list.count()):
            item = self.list.item(at)
            item.setHidden(not all(word in item.text().casefold() for word in words))

    def _toggle(self, item: QListWidgetItem) -> None:
        checked = item.checkState() == Qt.CheckState.Checked
        item.setCheckState(Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked)

    def _on_ticked(self, item: QListWidgetItem) -> None:
        record = str(item.data(_ID))
        if item.checkState() == Qt.CheckState.Checked:
            if record not in self._chosen:
                self._chosen.append(record)
        elif record in self._chosen:
            self._chosen.remove(record)
        self._say()

    def _say(self) -> None:
        self._count.setText(nt("{n} chosen", "{n} chosen", len(self._chosen)))
        self.complain("")

    def _make_new(self) -> None:
        if self._new is not None and (option := self._new[1]()) is not None:
            self._chosen.append(option.id)
            self.list.scrollToItem(self._add(option))
            self._say()


class PickField(QWidget):
    """What is chosen, a line each, and a button to choose others.

    Signals:
        changed(list): the ids chosen now.
    """

    changed = Signal(list)

    def __init__(self, theme: Theme, name: str, verb: str, nothing: str, icon: str = "plus") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._theme, self._name, self._nothing = theme, name, nothing
        self._ids: list[str] = []
        self.options: Callable[[Callable[[Sequence[Option]], None]], None] = lambda use: use(())
        self.new: tuple[str, Callable[[], Option | None]] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.em(0.2))
        self._lines = label(nothing, "muted")
        self._column.addWidget(self._lines)
        self.button = button(theme, verb, self._open, icon=icon)
        self._column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self.setFocusProxy(self.button)

    def show_options(self, chosen: Sequence[Option]) -> None:
        """Show what is chosen."""
        self._ids = [option.id for option in chosen]
        self._lines.setText("\n".join(f"• {option.text}" for option in chosen) or self._nothing)
        self._lines.setProperty("role", "" if chosen else "muted")
        self._lines.style().unpolish(self._lines)
        self._lines.style().polish(self._lines)

    def _open(self) -> None:
        self.options(self._choose)

    def _choose(self, options: Sequence[Option]) -> None:
        known = {option.id for option in options}
        dialog = PickDialog(self._theme, self._name, options, [i for i in self._ids if i in known], self, new=self.new)
        if dialog.exec():
            hidden = [i for i in self._ids if i not in known]  # what has not arrived yet stays chosen
            chosen = hidden + dialog.chosen()
            if chosen != self._ids:
                self._ids = chosen
                self.changed.emit(chosen)
