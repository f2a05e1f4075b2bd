"""This year's plan beside last year's: what is new, changed, delayed, stopped, done, in one table that is filled in where one stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assessor_app import formats
from assessor_app.i18n import mark, t
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.models.grid import GridColumn, GridModel
from assessor_app.ui.models.programmes import said_in, statuses
from assessor_app.ui.widgets.basics import label
from assessor_app.ui.widgets.editors import Choice
from assessor_app.ui.widgets.grid import Grid
from assessor_app.workflow.plan_block import Target
from assessor_app.workflow.queries.master_plan import ProgrammeRow, Source
from assessor_app.workflow.queries.plan_progress import Progress, ProgressRow, Turn, progress

Column = GridColumn[ProgressRow]
TURNS = {Turn.DELAYED: mark("Delayed"), Turn.STOPPED: mark("Stopped"), Turn.GONE: mark("Not in this year's plan"), Turn.NEW: mark("New"),
         Turn.CHANGED: mark("Changed"), Turn.DONE: mark("Done"), Turn.SAME: mark("As before")}
_ORDER = {turn: at for at, turn in enumerate(Turn)}


class PlanProgress(QWidget):
    """The comparison.

    Signals:
        typed(str, str, str): a person typed into a cell: the programme, the field, the text.
        pasted(list, list, list): cells laid over programmes (rows) and columns (targets).
        cleared(list, list): programmes and fields to empty.
        source_requested(str): show where the status of this programme's year was said: the note's id.
        year_chosen(): another year is asked for.
    """

    typed = Signal(str, str, str)
    pasted = Signal(list, list, list)
    cleared = Signal(list, list)
    source_requested = Signal(str)
    year_chosen = Signal()

    def __init__(self, context: AppContext, year: int) -> None:
        super().__init__()
        theme = context.theme
        self._sources: Mapping[str, Source] = {}
        self._progress: Progress | None = None
        self._year = year
        column = QVBoxLayout(self)
        pad = theme.em(0.7)
        column.setContentsMargins(pad, theme.em(0.5), pad, theme.em(0.5))
        column.setSpacing(theme.em(0.4))
        head = QHBoxLayout()
        head.setSpacing(theme.em(0.5))
        self.year = Choice([(str(year), t("{0} against {1}").format(year, year - 1))], str(year))
        self.year.setAccessibleName(t("Year to compare with the one before"))
        self.year.setFixedWidth(theme.em(10.5))
        self.year.chosen.connect(self._on_year)
        head.addWidget(self.year)
        self.turn = Choice([("", "")])
        self.turn.setAccessibleName(t("Show programmes that are"))
        self.turn.setFixedWidth(theme.em(14))
        head.addWidget(self.turn)
        self.money = label("", "muted")
        column.addLayout(head)
        if theme.scale <= 115:
            head.addWidget(self.money, 1)
        else:
            head.addStretch(1)
            column.addWidget(self.money)
        self.narrowed = label("", "warn")
        self.narrowed.hide()
        column.addWidget(self.narrowed)
        self.model = GridModel[ProgressRow](self._columns(), lambda row: row.id, parent=self)
        self.model.order = ("turn", False)
        self.model.title_of = lambda row: f"{row.programme.number or ''}. {row.programme.name}".lstrip(". ")
        self.turn.chosen.connect(lambda _: self.model.arrange())
        self.model.accept = lambda row: not self.turn.code() or row.turn == self.turn.code()
        self.model.typed.connect(self.typed)
        self.table = Grid(theme, self.model, t("The plan of the year beside the year before"))
        self.table.pasted.connect(self._on_pasted)
        self.table.cleared.connect(self.cleared)
        self.table.row_opened.connect(self._on_opened)
        self.table.left.connect(self.year.setFocus)
        column.addWidget(self.table, 1)

    def show_rows(self, rows: Iterable[ProgrammeRow], years: Sequence[int], sources: Mapping[str, Source], narrowed: str = "") -> None:
        """Show a plan's programmes; ``narrowed`` says of which, where a filter leaves some out."""
        offered = [year for year in years if year - 1 in years] or [self._year]
        if self._year not in offered:
            self._year = offered[-1]
        self.year.offer([(str(year), t("{0} against {1}").format(year, year - 1)) for year in reversed(offered)], str(self._year))
        self._sources = sources
        found = self._progress = progress(rows, self._year)
        self.turn.offer([("", t("All {0} programmes").format(len(found.rows))), *(
            (turn.value, f"{t(TURNS[turn])}: {found.turns[turn]}") for turn in Turn if found.turns[turn])], self.turn.code())
        if self.turn.currentIndex() < 0:
            self.turn.set("")
        change = f" ({(found.now - found.before) / found.before * 100:+.0f} %)" if found.before else ""
        counts = " · ".join(f"{t(TURNS[turn])}: {found.turns[turn]}" for turn in Turn if found.turns[turn])
        self.money.setText(t("Budget {0}: {1} → {2}: {3}").format(
            self._year - 1, formats.rupiah_short(found.before), self._year, formats.rupiah_short(found.now)) + change + "\n" + counts)
        self.narrowed.setText(t("Only what the filter of the table shows: {0}").format(narrowed) if narrowed else "")
        self.narrowed.setVisible(bool(narrowed))
        columns = self._columns()
        if [c.field for c in columns] != [c.field for c in self.model.columns]:
            self.model.set_columns(columns)
        self.model.set_rows(found.rows)

    def _on_year(self, code: str) -> None:
        self._year = int(code)
        self.year_chosen.emit()

    def _columns(self) -> tuple[Column, ...]:
        year = self._year

        def whole(field: str, title: str, amount: Callable[[ProgressRow], int | None], editable: bool = False) -> Column:
            return Column(field, title, lambda r: "" if amount(r) is None else formats.rupiah_short(amount(r) or 0), number=True, width=6.6,
                          sort=lambda r: amount(r) or 0, value=lambda r: "" if amount(r) is None else formats.number(amount(r) or 0),
                          copy=lambda r: "" if amount(r) is None else str(amount(r)), editable=editable,
                          tip=lambda r: formats.rupiah(amount(r)))

        read = partial(Column, editable=False)
        return (
            read("number", t("No."), lambda r: str(r.programme.number or ""), sort=lambda r: r.programme.number, number=True, width=2.6),
            read("name", t("Programme"), lambda r: r.programme.name, width=14.5, tip=lambda r: r.programme.name),
            read("turn", t("What became of it"), lambda r: t(TURNS[r.turn]), sort=lambda r: (_ORDER[r.turn], r.programme.number), width=7),
            read(f"status:{year - 1}", t("Status {0}").format(year - 1), lambda r: labels.programme_status(r.before.status), width=6),
            Column(f"status:{year}", t("Status {0}").format(year), _status, value=lambda r: r.now.status, choices=statuses(), width=6.6,
                   copy=lambda r: labels.programme_status(r.now.status), tip=self._tip),
            read(f"interview:{year}", t("Status {0} said by").format(year), self._said, width=9.5, tip=self._said),
            whole(f"budget:{year - 1}", t("Budget {0}").format(year - 1), lambda r: r.before.budget),
            whole(f"budget:{year}", t("Budget {0}").format(year), lambda r: r.now.budget, True),
            read("difference", t("Difference"), _difference, sort=lambda r: r.difference, number=True, width=5.5),
            read(f"target:{year - 1}", t("Target {0}").format(year - 1), lambda r: r.before.target, width=5),
            Column(f"target:{year}", t("Target {0}").format(year), lambda r: r.now.target, width=5),
            read("agency", t("Agency"), lambda r: r.programme.agency, width=9))

    def _said(self, row: ProgressRow) -> str:
        return said_in(self._sources.get(row.now.interview)) if row.now.interview else ""

    @staticmethod
    def _tip(row: ProgressRow) -> str:
        return "" if row.now.status or not row.status else t("The programme's status; nobody said one for this year.")

    def _on_pasted(self, block: list[list[str]], top: int, left: int) -> None:
        rows = [row.programme for row in self.model.shown[top:]]
        self.pasted.emit(block, rows, [Target(one.field, one.title, one.editable) for one in self.model.columns[left:]])

    def _on_opened(self, record: str) -> None:
        row = self.model.of(record)
        if row is not None and row.now.interview:
            self.source_requested.emit(row.now.interview)


def _status(row: ProgressRow) -> str:
    """Return the year's status; in brackets the programme's own where the year has none."""
    text = labels.programme_status(row.status)
    return text if row.now.status or not text else f"({text})"


def _difference(row: ProgressRow) -> str:
    if not row.difference:
        return ""
    return ("+" if row.difference > 0 else "−") + formats.rupiah_short(abs(row.difference)).removeprefix("Rp ")
