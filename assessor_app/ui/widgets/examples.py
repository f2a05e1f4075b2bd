"""Examples from other regions: found by words and dimension without a line, read with the office to ask, copied into the plan."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QVBoxLayout, QWidget

from assessor_app.i18n import nt, t
from assessor_app.models.kinds import DIMENSIONS
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.widgets.basics import Empty, Scroller, button, label, quiet_table
from assessor_app.ui.widgets.editors import Choice, LineEdit
from assessor_app.ui.widgets.whole_rows import WholeRows
from assessor_app.workflow.examples import copy_example
from assessor_app.workflow.queries.examples import ExampleRow, Examples, examples

_RECORD = Qt.ItemDataRole.UserRole


class ExamplesDesk(QWidget):
    """Shows the published examples.

    Signals:
        programme_made(str): the programme that was made of an example.
    """

    programme_made = Signal(str)

    def __init__(self, context: AppContext, region: str) -> None:
        super().__init__()
        self._context, self._region = context, region
        self._rows: dict[str, ExampleRow] = {}
        self._wanted = ""
        theme = context.theme
        column = QVBoxLayout(self)
        pad = theme.em(0.7)
        column.setContentsMargins(pad, theme.em(0.5), pad, theme.em(0.5))
        column.setSpacing(theme.em(0.4))
        tools = QHBoxLayout()
        self.finder = LineEdit()
        self.finder.setPlaceholderText(t("Problem, innovation or agency"))
        self.finder.setAccessibleName(t("Find in the examples"))
        self.finder.textChanged.connect(lambda _: self._ask())
        tools.addWidget(self.finder, 2)
        inner = [(sub, f"{labels.dimension(home)} – {labels.dimension(sub)}") for home, subs in DIMENSIONS.items() for sub in subs]
        self.dimension = Choice([("", t("All dimensions")), *((code, labels.dimension(code)) for code in DIMENSIONS), *inner])
        self.dimension.setAccessibleName(t("Show the examples of"))
        self.dimension.chosen.connect(lambda _: self._ask())
        tools.addWidget(self.dimension, 1)
        column.addLayout(tools)
        self.said = label("", "muted")
        column.addWidget(self.said)
        self.stack = QStackedWidget()
        self.empty = Empty(theme, "search", t("No examples yet"),
                           t("They come with a sync, from what regions published, and are found offline."))
        self.stack.addWidget(self.empty)
        full = QWidget()
        row = QHBoxLayout(full)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.em(0.6))
        self.list = QListWidget()
        self.list.setAccessibleName(t("Examples from other regions"))
        WholeRows(self.list)
        quiet_table(self.list)
        row.addWidget(self.list, 2)
        self.detail = _Detail(context)
        row.addWidget(self.detail, 3)
        self.stack.addWidget(full)
        self._full = full
        column.addWidget(self.stack, 1)
        self.list.currentItemChanged.connect(lambda *_: self._show_row())
        self.list.itemActivated.connect(lambda _: self.detail.copy.setFocus(Qt.FocusReason.ShortcutFocusReason))
        self.finder.returnPressed.connect(lambda: self.list.setFocus(Qt.FocusReason.ShortcutFocusReason))
        self.detail.copy.clicked.connect(self._copy)

    def load(self) -> None:
        """Read the examples anew."""
        self._ask()

    def show_example(self, record: str, dimension: str = "") -> None:
        """Show one example, or those of a dimension or sub-dimension; what was looked for before is put aside."""
        self._wanted = record
        for widget in (self.finder, self.dimension):
            widget.blockSignals(True)
        self.finder.clear()
        self.dimension.set(dimension)
        for widget in (self.finder, self.dimension):
            widget.blockSignals(False)
        self._ask()

    def _ask(self) -> None:
        self._context.tasks.read(examples, self.finder.text(), self.dimension.code(), self._wanted, done=self._show, key="examples",
                                 owner=self)

    def _show(self, found: Examples) -> None:
        self._rows = {row.id: row for row in found.rows}
        self.stack.setCurrentWidget(self._full if found.here else self.empty)
        self.said.setVisible(bool(found.here))
        text = nt("{n} example", "{n} examples", found.found)
        self.said.setText(f"{text} · {t('the newest {0} are shown').format(len(found.rows))}" if found.found > len(found.rows) else text)
        item = self.list.currentItem()
        chosen = self._wanted or (item.data(_RECORD) if item is not None else "")
        self._wanted = ""
        self.list.blockSignals(True)
        self.list.clear()
        for row in found.rows:
            made = QListWidgetItem(f"{row.name}\n{row.region} · {row.year or '–'}\n{labels.dimension(row.sub_dimension or row.dimension)}")
            made.setData(_RECORD, row.id)
            self.list.addItem(made)
        ids = list(self._rows)
        if ids:
            self.list.setCurrentRow(ids.index(chosen) if chosen in ids else 0)
            self.list.scrollToItem(self.list.currentItem())
        self.list.blockSignals(False)
        self._show_row()

    def _show_row(self) -> None:
        item = self.list.currentItem()
        self.detail.show_example(self._rows.get(item.data(_RECORD)) if item is not None else None)

    def _copy(self) -> None:
        row = self.detail.row
        if row is None:
            return

        def made(record: str) -> None:
            self._context.notify.good(t("A draft was made of “{0}”.").format(row.name),
                                      t("Give it an agency, a budget and a target; it says where it came from. Undo takes it back."))
            self.programme_made.emit(record)

        self._context.tasks.write(copy_example, self._region, row.id, purpose="programme.copy", done=made, owner=self)


class _Detail(Scroller):
    """One example, to be read."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context.theme, t("The example"), margin=0.2)
        theme = context.theme
        self.row: ExampleRow | None = None
        self.title = self.add(label("", "lead"))
        self.facts = self.add(label("", "muted"))
        self.copy = button(theme, t("Copy into this plan as a draft"), icon="copy", part="main")
        self.column.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignLeft)
        self.hint = self.add(label(t("The draft is a copy: what happens to the example later does not change it."), "small"))
        self._parts = {}
        for name, caption in (("problem", t("Problem")), ("description", t("What was done")), ("benefit", t("Benefit")),
                              ("agency", t("Agency")), ("office", t("Office to ask")), ("source", t("Source"))):
            pair = QVBoxLayout()
            pair.setSpacing(0)
            head, text = label(caption, "field"), label("")
            pair.addWidget(head)
            pair.addWidget(text)
            self.column.addLayout(pair)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
            text.setAccessibleName(caption)
            self._parts[name] = (head, text)
        self.column.addStretch(1)

    def show_example(self, row: ExampleRow | None) -> None:
        """Show an example, or nothing."""
        self.row = row
        self.setVisible(row is not None)
        if row is None:
            return
        self.title.setText(row.name)
        home = f"{labels.dimension(row.dimension)} – {labels.dimension(row.sub_dimension)}" if row.sub_dimension else labels.dimension(
            row.dimension)
        self.facts.setText(f"{row.region} · {row.year or '–'} · {home}")
        office = "\n".join(filter(None, (row.contact, row.phone, row.email)))
        for name, (head, text) in self._parts.items():
            said = office if name == "office" else str(getattr(row, name))
            text.setText(said)
            head.setVisible(bool(said))
            text.setVisible(bool(said))
        self.verticalScrollBar().setValue(0)
