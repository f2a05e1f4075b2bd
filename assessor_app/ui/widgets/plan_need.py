"""One need of the path: what it is about, what is to be said of it, and the controls that fill it in."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.models.kinds import DIMENSION_NAMES, DIMENSIONS
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.tasks import only
from assessor_app.ui.widgets.basics import Field, Scroller, button, clear, label, quiet_table
from assessor_app.ui.widgets.editors import Autosave, Choice, LineEdit, NoteEdit
from assessor_app.ui.widgets.quick_win import QuickWinForm
from assessor_app.ui.widgets.whole_rows import WholeRows
from assessor_app.workflow import plan_path, plan_path_words
from assessor_app.workflow.plan_path import ASIDE, BOOK, OF_QUICK_WINS, TEXTS, Need, ProgrammeFacts, default_order
from assessor_app.workflow.planning import edit_plan
from assessor_app.workflow.queries.plan_path import PathView

_RECORD = Qt.ItemDataRole.UserRole
#: Which field of a programme a need's warning is mended in.
_FIELD = {"agency": "agency", "budget": "budget", "target": "target", "years": "first_year"}


class NeedPanel(Scroller):
    """Shows one need; editors of the need that is shown stay when the notebook changes.

    Signals: as those of ``PlanPathDesk``.
    """

    programme_opened = Signal(str, str)
    programme_wanted = Signal(str)
    examples_wanted = Signal(str)
    books_wanted = Signal()

    def __init__(self, context: AppContext, region: str) -> None:
        super().__init__(context.theme, t("What is missing, and where to fill it in"), margin=0.2)
        self._context, self._region = context, region
        self._view: PathView | None = None
        self._need: Need | None = None
        self._savers: dict[str, Autosave] = {}
        self.lines: QListWidget | None = None  # the programmes or sub-dimensions that are named
        self.form: QuickWinForm | None = None
        theme = context.theme
        self.title = self.add(label("", "lead"))
        self.about = self.add(label("", "muted"))
        holder = QWidget()
        self._body = QVBoxLayout(holder)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(theme.em(0.5))
        self.add(holder, 1)
        foot = QHBoxLayout()
        self.home = Choice([(stage, labels.stage(stage)) for stage in default_order().stages] + [(ASIDE, t("Not asked for here"))])
        self.home.chosen.connect(self._move)
        caption = label(t("Expected at"), "field", wrap=False)
        caption.setBuddy(self.home)
        self.home.setAccessibleName(t("At which workshop this is expected"))
        foot.addWidget(caption)
        foot.addWidget(self.home)
        foot.addStretch(1)
        self.column.addLayout(foot)

    def show_need(self, view: PathView, need: Need | None) -> None:
        """Show a need of a path."""
        same = need is not None and self._need is not None and need.code == self._need.code
        self._view, self._need = view, need
        if not same:
            for saver in self._savers.values():
                saver.flush()
            self._savers = {}
            self.lines = self.form = None
            clear(self._body)
        self.setVisible(need is not None)
        if need is None:
            return
        self.title.setText(plan_path_words.title(need.code))
        self.about.setText(plan_path_words.about(need.code))
        self.home.set(need.stage)
        if not same:
            self._build(need)
        self._load(need)

    def focus_first(self) -> None:
        """Give the keyboard to the first control that fills the need in."""
        if self.lines is not None and self.lines.count():
            self.lines.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        for at in range(self._body.count()):
            item = self._body.itemAt(at)
            widget = item.widget() if item is not None else None
            target = widget.control if isinstance(widget, Field) else widget
            if target is not None and target.focusPolicy() != Qt.FocusPolicy.NoFocus:
                target.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    def choose_programme(self, programme: str) -> None:
        """Make the line of a programme the current one."""
        lines = self.lines
        for at in range(lines.count() if lines is not None else 0):
            if lines is not None and lines.item(at).data(_RECORD) == programme:
                lines.setCurrentRow(at)
                lines.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- building

    def _build(self, need: Need) -> None:
        if need.code in TEXTS:
            names = TEXTS[need.code]
            for name in names:
                widget = NoteEdit(self._context.theme, 3 if len(names) > 1 else 9, 18)
                field = self._edit(name, widget, labels.field(name))
                field.caption.setVisible(len(names) > 1)  # a single one is named by the heading
            self._body.addStretch(1)
        elif need.code == "span":
            for name in ("first_year", "last_year"):
                line = LineEdit()
                line.setMaximumWidth(self._context.theme.em(8))
                self._edit(name, line, labels.field(name), number=True)
            self._body.addStretch(1)
        elif need.code.startswith(BOOK):
            self._put(button(self._context.theme, t("Open the region's books"), self.books_wanted.emit, icon="document"))
            self._body.addStretch(1)
        else:
            self._build_lines(need)

    def _build_lines(self, need: Need) -> None:
        lines = self.lines = QListWidget()
        lines.setAccessibleName(plan_path_words.title(need.code))
        few = need.code in (*OF_QUICK_WINS, "quick_wins")
        lines.setUniformItemSizes(not few)  # thousands of programmes may lack the same
        lines.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if few:
            WholeRows(lines)
        lines.setMinimumHeight(self._context.theme.em(7))
        quiet_table(lines)
        self._body.addWidget(lines, 1)
        self.nothing = label("", "muted")
        self._body.addWidget(self.nothing)
        self.to_table = button(self._context.theme, t("Go to the programmes"), lambda: self.programme_opened.emit("", ""), icon="right")
        self._put(self.to_table)
        lines.itemActivated.connect(self._open)
        theme = self._context.theme
        if need.code in OF_QUICK_WINS:
            self.form = QuickWinForm(self._context)
            self._body.addWidget(self.form)
            lines.currentItemChanged.connect(lambda *_: self._show_quick_win())
        elif need.code == "coverage":
            row = QHBoxLayout()
            row.addWidget(button(theme, t("Add a programme here"), partial(self._of_sub, self.programme_wanted), icon="plus"))
            row.addWidget(button(theme, t("What other regions did"), partial(self._of_sub, self.examples_wanted), icon="search"))
            row.addStretch(1)
            self._body.addLayout(row)
        if need.code != "coverage":
            lines.itemClicked.connect(self._open_by_click)

    def _put(self, widget: QWidget) -> None:
        self._body.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)

    def _edit(self, name: str, widget: NoteEdit | LineEdit, caption: str, *, number: bool = False) -> Field:
        field = Field(self._context.theme, caption, widget)

        def check(text: str) -> str:
            wrong = t("Write a year, such as 2027.") if number and text and not (text.isdigit() and len(text) == 4) else ""
            field.say(wrong, wrong=bool(wrong))
            return wrong

        self._savers[name] = Autosave(self._context, widget, self._saver(name, number), check=check,
                                       slot=lambda: f"plan.{self._region}.{name}")
        self._body.addWidget(field)
        return field

    def _saver(self, name: str, number: bool) -> Callable[[str], Future[Any]]:
        def save(text: str) -> Future[Any]:
            value = (int(text) if text else None) if number else text
            return self._context.tasks.write(edit_plan, self._region, purpose="plan.edit", owner=self,
                                             editing=f"plan.{self._region}.{name}", **only(name, value))

        return save

    # -- showing

    def _load(self, need: Need) -> None:
        view = self._view
        if view is None:
            return
        for name, saver in self._savers.items():
            value = getattr(view.facts, name) if name in ("first_year", "last_year") else view.facts.texts.get(name, "")
            saver.load("" if value is None else str(value))
        if self.lines is None:
            return
        rows = self._rows(view, need)
        chosen = self.lines.currentItem().data(_RECORD) if self.lines.currentItem() is not None else ""
        self.lines.blockSignals(True)
        self.lines.clear()
        for record, text, wrong in rows:
            item = QListWidgetItem(text)
            item.setToolTip(text)
            item.setData(_RECORD, record)
            if wrong:
                item.setIcon(self._context.theme.icon("warn", self._context.theme.colours.warn))
            self.lines.addItem(item)
        records = [record for record, _, _ in rows]
        if rows:
            first = next((at for at, (_, _, wrong) in enumerate(rows) if wrong), 0)
            self.lines.setCurrentRow(records.index(chosen) if chosen in records else first)
        self.lines.blockSignals(False)
        self.lines.setVisible(bool(rows))
        self.nothing.setText(t("Nothing is missing here.") if need.there else plan_path_words.state(need))
        self.nothing.setVisible(not rows)
        self.to_table.setVisible(not rows and not need.there)
        self._show_quick_win()

    def _rows(self, view: PathView, need: Need) -> list[tuple[str, str, bool]]:
        """Return the lines of a need: record or sub-dimension, words, and whether it is a warning."""
        said: dict[str, list[str]] = {}
        for remark in need.remarks:
            said.setdefault(remark.programme, []).append(plan_path_words.said(remark))
        if need.code == "coverage":
            homes = {sub: dimension for dimension, subs in DIMENSIONS.items() for sub in subs}
            return [(one.subject, f"{DIMENSION_NAMES[homes[one.subject]]} – {DIMENSION_NAMES[one.subject]}", True) for one in need.remarks]
        if need.code in (*OF_QUICK_WINS, "quick_wins"):
            asked = [one for one in view.programmes.values() if one.quick_win]
        else:
            asked = [view.programmes[record] for record in said if record in view.programmes]
        return [(one.id, "\n".join(filter(None, (_name(one), ", ".join(said.get(one.id, ()))))), one.id in said) for one in asked]

    def _show_quick_win(self) -> None:
        if self.form is None or self.lines is None or self._view is None:
            return
        item = self.lines.currentItem()
        record = item.data(_RECORD) if item is not None else ""
        here = self._need.code if self._need is not None else ""  # what is warned of here stands in its line
        others = [found for found in self._view.warned.get(record, ()) if found[0] != here]
        self.form.show_programme(self._view.programmes.get(record), others)

    # -- acting

    def _open_by_click(self, item: QListWidgetItem) -> None:
        if self.form is None:
            self._open(item)

    def _open(self, item: QListWidgetItem) -> None:
        record = str(item.data(_RECORD))
        if self.form is not None:
            self.form.focus_first()
        elif self._need is not None and self._need.code == "coverage":
            self.programme_wanted.emit(record)
        elif self._need is not None:
            self.programme_opened.emit(record, _FIELD.get(self._need.code, "name"))

    def _of_sub(self, signal: Any) -> None:
        item = self.lines.currentItem() if self.lines is not None else None
        if item is not None:
            signal.emit(str(item.data(_RECORD)))

    def _move(self, stage: str) -> None:
        if self._need is not None and self._view is not None:
            moved = plan_path.move(self._view.facts.moved, self._need.code, stage)
            self._context.tasks.write(edit_plan, self._region, purpose="plan.edit", owner=self, path=moved,
                                      slot=f"plan.{self._region}.path")


def _name(one: ProgrammeFacts) -> str:
    return f"{one.number}. {one.name}" if one.number else one.name
