"""The programmes' table with its filter, its acts and its totals: what is typed or pasted is shown at once and then written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QVBoxLayout, QWidget

from assessor_app import formats, ids
from assessor_app.errors import AppError
from assessor_app.i18n import nt, t
from assessor_app.models.kinds import DIMENSIONS
from assessor_app.ui.context import AppContext
from assessor_app.ui.models.grid import GridModel
from assessor_app.ui.models.programmes import MAIN, SETS, columns
from assessor_app.ui.plan_entries import Batch, entries_of
from assessor_app.ui.widgets.basics import FlowRow, button, icon_button, label
from assessor_app.ui.widgets.editors import Choice
from assessor_app.ui.widgets.grid import Grid
from assessor_app.ui.widgets.plan_filter import FilterBar
from assessor_app.ui.widgets.row_warnings import RowWarnings, sentence
from assessor_app.workflow import plan_block, plan_budget, plan_cells
from assessor_app.workflow.plan_block import Laid, Target
from assessor_app.workflow.plan_cells import NewProgramme
from assessor_app.workflow.plan_filter import Filter, agencies
from assessor_app.workflow.plan_path import Remark
from assessor_app.workflow.plan_undo import step_back
from assessor_app.workflow.plan_values import home_of
from assessor_app.workflow.queries.master_plan import PlanPart, PlanView, ProgrammeRow, Source


class ProgrammeTable(QWidget):
    """The table of a region's plan.

    Signals:
        shown_changed(): other programmes are shown, or other values.
        import_requested(): bring in a sheet.
        reload_requested(): what is shown may not be what the notebook holds.
        source_requested(str, str): show the note in which something was said: its id, and its visit where it is here.
    """

    shown_changed = Signal()
    import_requested = Signal()
    reload_requested = Signal()
    source_requested = Signal(str, str)

    def __init__(self, context: AppContext, region: str, year: int) -> None:
        super().__init__()
        self._context, self._region, self._year = context, region, year
        self._view = PlanView("", "", None, None, "", "", ())
        self._years: tuple[int, ...] = ()
        self._entries = entries_of(context, region)
        theme = context.theme
        self._roomy = theme.scale <= 115
        column = QVBoxLayout(self)
        pad = theme.em(0.7)
        column.setContentsMargins(pad, theme.em(0.5), pad, theme.em(0.5))
        column.setSpacing(theme.em(0.4))
        tools = FlowRow(theme, gap=0.35)
        for icon, words, act in (("plus", t("Add a programme"), lambda: self.add()),
                                 ("import", t("Import an Excel sheet"), self.import_requested.emit)):
            tools.add(button(theme, words, act, icon=icon) if self._roomy else icon_button(theme, icon, words, act))
        self.sets = Choice([(code, t(words)) for code, words in SETS.items()], MAIN)
        self.sets.setAccessibleName(t("Columns of the table"))
        self.sets.setFixedWidth(theme.em(12.5 if self._roomy else 10.5))
        self.sets.chosen.connect(lambda _: self._show_columns())
        tools.add(self.sets)
        self._asked = Filter()
        self._warned: Mapping[str, Sequence[tuple[str, Remark]]] = {}  # what the path says of each programme
        self._origins: Mapping[str, str] = {}  # what copied ones were copied from
        self.model = GridModel[ProgrammeRow](columns(MAIN, (), {}), lambda row: row.id, parent=self)
        self.model.title_of = lambda row: f"{row.number or ''}. {row.name}".lstrip(". ")
        self.model.accept = lambda row: self._asked.accepts(row)
        self.table = Grid(theme, self.model, t("Programmes of the plan"))
        if self._roomy:  # with large text the rows need the room; keys and the menu of a cell do the same
            tools.add(icon_button(theme, "undo", t("Undo in the plan (Ctrl+Z)"), self.undo))
            tools.add(icon_button(theme, "redo", t("Redo in the plan (Ctrl+Y)"), self.redo))
        tools.add(icon_button(theme, "trash", t("Delete the chosen programmes (Ctrl+Delete)"),
                                   lambda: self.delete(self.table.chosen_ids())))
        column.addWidget(tools)
        self.filter = FilterBar(theme, None if self._roomy else tools)
        self.filter.changed.connect(self.refilter)
        column.addWidget(self.filter)
        self.model.typed.connect(self._on_typed)
        self.model.shown_changed.connect(self._say)
        self.table.pasted.connect(self._on_pasted)
        self.table.cleared.connect(self.empty)
        self.table.delete_requested.connect(self.delete)
        self.table.undo_requested.connect(self.undo)
        self.table.redo_requested.connect(self.redo)
        self.table.left.connect(self.filter.dimension.setFocus)
        self.table.refused.connect(context.notify.error)
        self.table.row_opened.connect(self._on_opened)
        column.addWidget(self.table, 1)
        self.warnings = RowWarnings(theme)
        self.table.row_chosen.connect(self._say_warnings)
        column.addWidget(self.warnings)
        self.totals = label("", "muted")
        column.addWidget(self.totals)

    # -- showing

    @property
    def busy(self) -> bool:
        """Whether what is shown is newer than the notebook, or something is being typed: what is read now may be older."""
        return self._entries.busy or self.table.editing

    def show_view(self, view: PlanView, *, in_order: bool = True) -> None:
        """Show a plan."""
        fresh = not self.model.rows
        self._view = view
        years = view.years or tuple(range(self._year, self._year + 5))
        self.filter.offer(agencies(view.programmes), years)
        if years != self._years:
            self._years = years
            self._show_columns()
        if in_order or fresh:
            self.model.set_rows(view.programmes)
            self.model.put(self._entries.rows())  # what is not in the notebook yet
        else:
            here = {row.id for row in view.programmes}
            self.model.put(view.programmes, [row.id for row in self.model.rows if row.id not in here])

    def show_part(self, part: PlanPart) -> None:
        """Show some programmes as the notebook has them now, each where it stands."""
        rows = {row.id: row for row in part.rows}
        sources = {**self._view.sources, **part.sources}
        new_sources = sources != self._view.sources
        self._view = PlanView(self._view.id, self._view.title, self._view.first_year, self._view.last_year, self._view.vision,
                              self._view.goals, self._view.programmes, sources, self._view.authors)
        if new_sources:
            self._show_columns()
        self.model.put(part.rows, [record for record in part.asked if record not in rows])

    def _show_columns(self) -> None:
        self.model.set_columns(columns(self.sets.code(), self._years, self._view.sources, mark=self._mark,
                                       tip=lambda row: sentence(self._warnings_of(row))))

    def warn(self, found: Mapping[str, Sequence[tuple[str, Remark]]], origins: Mapping[str, str]) -> None:
        """Mark the programmes of which the path warns; ``origins`` says what copied ones were copied from."""
        self._warned, self._origins = found, origins
        self.table.viewport().update()
        self._say_warnings(self.table.current_id())

    def _say_warnings(self, record: str) -> None:
        row = self.model.of(record)
        self.warnings.show_row(record, self._warnings_of(row) if row is not None else (), self._origins.get(record, ""))

    def _warnings_of(self, row: ProgrammeRow) -> tuple[tuple[str, Remark], ...]:
        return plan_budget.as_it_reads(row, self._warned.get(row.id, ()))

    def _mark(self, row: ProgrammeRow) -> QIcon | None:
        return self._context.theme.icon("warn", self._context.theme.colours.warn) if self._warnings_of(row) else None

    def refilter(self) -> None:
        """Show what the filter asks for, sorted as asked."""
        self._asked = self.filter.asked()
        self.model.arrange()
        self._say()

    def choose(self, record: str, field: str = "") -> None:
        """Show a programme, also where the filter hid it, or edit a field of it."""
        if not self.model.find(record).isValid():
            self.filter.reset()
        if field and self.model.column_of(field) < 0:
            self.sets.set(MAIN)
            self._show_columns()
        self.table.choose(record, max(self.model.column_of(field or "name"), 0))
        self.table.setFocus()
        if field:
            self.table.edit(self.table.currentIndex())

    def _say(self) -> None:
        shown = self.model.shown
        self.filter.say(len(shown), len(self.model.rows))
        by_year: dict[int, int] = {}
        for row in shown:
            for year, said in row.years.items():
                if said.budget:
                    by_year[year] = by_year.get(year, 0) + said.budget
        years = [f"{year}: {formats.rupiah_short(by_year[year])}" for year in sorted(by_year)]
        rest = plan_budget.undivided(shown)
        self.totals.setText(" · ".join((
            t("Budget together {0}").format(formats.rupiah(sum(row.budget or 0 for row in shown))), *(years if self._roomy else ()),
            *((t("not divided over years {0}").format(formats.rupiah_short(rest)),) if rest else ()),
            nt("{n} quick win", "{n} quick wins", sum(row.quick_win for row in shown)))))
        self.totals.setToolTip("\n".join(years))
        self._say_warnings(self.table.current_id())
        self.shown_changed.emit()

    @property
    def years(self) -> tuple[int, ...]:
        """The years of the plan."""
        return self._years

    @property
    def sources(self) -> Mapping[str, Source]:
        """The notes in which a status was said."""
        return self._view.sources

    def _on_opened(self, record: str) -> None:
        row, column = self.model.of(record), self.model.columns[self.table.currentIndex().column()]
        base, _, year = column.field.partition(":")
        if row is not None and base == "interview" and (said := row.years.get(int(year))) is not None and said.interview:
            self.open_source(said.interview)

    def open_source(self, interview: str) -> None:
        """Ask for the note in which a status was said."""
        source = self._view.sources.get(interview)
        self.source_requested.emit(interview, source.visit if source is not None else "")

    # -- changing

    def _on_typed(self, record: str, field: str, text: str) -> None:
        self.enter(record, field, text, self.model.columns[self.model.column_of(field)].title)

    def enter(self, record: str, field: str, text: str, title: str) -> None:
        """Take what was typed into a cell; ``title`` is its column's."""
        row = self.model.of(record)
        if row is None:
            return
        laid = plan_block.lay([[text]], [row], [Target(field, title)], defaults={}, number=0, typed=True)
        if laid.faults:
            self._context.notify.warn(laid.faults[0], t("The cell is as it was."))
        else:
            self._apply(laid, "programme.edit")

    def _on_pasted(self, block: list[list[str]], top: int, left: int) -> None:
        targets = [Target(one.field, one.title, one.editable) for one in self.model.columns[left:]]
        heading = self.lay_over(block, self.model.shown[top:], targets, grows=True)
        self.table.choose_block(top, left, len(block) - heading, max(map(len, block), default=1))

    def lay_over(self, block: list[list[str]], rows: list[ProgrammeRow], targets: list[Target], *, grows: bool = False) -> bool:
        """Lay pasted cells over programmes; return whether their first line was the headings."""
        number = max((row.number for row in self.model.rows), default=0) + 1
        laid = plan_block.lay(block, rows, targets, defaults=self._defaults(), number=number, grows=grows)
        self._apply(laid, "programme.paste")
        fault = plan_block.describe(laid, lambda n: nt("{n} cell could not be read", "{n} cells could not be read", n),
                                    lambda n: nt("{n} new programme has no name", "{n} new programmes have no name", n))
        if fault is not None:
            self._context.notify.error(fault)
        elif not laid.empty:
            said = [nt("{n} new programme", "{n} new programmes", len(laid.new)) if laid.new else "",
                    nt("{n} column beyond the last one was left out", "{n} columns beyond the last one were left out", laid.beyond)
                    if laid.beyond else "", t("the headings were passed over") if laid.heading else ""]
            self._context.notify.good(nt("{n} cell pasted", "{n} cells pasted", laid.cells), " · ".join(filter(None, said)))
        return laid.heading

    def _defaults(self) -> dict[str, Any]:
        """Return what a new programme is while the filter shows only such."""
        asked = self._asked
        out: dict[str, Any] = {}
        if asked.dimension:
            out["dimension"] = asked.dimension
        if asked.agency:
            out["agency"] = asked.agency
        if asked.quick_win:
            out["quick_win"] = True
        return out

    def empty(self, records: Sequence[str], fields: Sequence[str]) -> None:
        """Empty cells of programmes."""
        rows = [row for record in records if (row := self.model.of(record)) is not None]
        self._apply(plan_block.cleared(rows, fields), "programme.clear")

    def _apply(self, laid: Laid, purpose: str) -> None:
        if not laid.empty:
            self.model.put(laid.rows.values())
            self._entries.enter(Batch(laid.changes, laid.new, purpose, laid.rows))

    def add(self, sub: str = "") -> None:
        """Add an empty programme, of a sub-dimension where one is named, and type its name."""
        number = max((row.number for row in self.model.rows), default=0) + 1
        sub = sub or DIMENSIONS.get(self._asked.dimension, ("layanan_publik",))[0]
        values = {**self._defaults(), "number": number, "dimension": home_of(sub), "sub_dimension": sub,
                  "first_year": self._view.first_year, "last_year": self._view.last_year}
        made = NewProgramme(ids.new_id(), values)
        row = plan_cells.new_row(made.id, values)
        self.model.put([row])
        self._entries.enter(Batch({}, [made], "programme.create", {row.id: row}))
        self.shown_changed.emit()
        self.choose(made.id, "name")

    def delete(self, records: Sequence[str]) -> None:
        """Delete programmes; undo brings them back."""
        if not records:
            return
        self.model.put((), records)
        self._entries.write(plan_cells.delete_programmes, list(records), purpose="programme.delete", failed=self._on_refused)
        self._context.notify.info(nt("{n} programme was deleted.", "{n} programmes were deleted.", len(records)), t("Undo brings it back."),
                                  action=t("Undo"), act=self.undo)

    def _on_refused(self, error: Exception) -> None:
        self._context.notify.error(error)
        self.reload_requested.emit()

    # -- undo

    def undo(self) -> None:
        """Take the last step on the plan back."""
        self._back(again=False)

    def redo(self) -> None:
        """Do again what was undone last."""
        self._back(again=True)

    def _back(self, *, again: bool, force: bool = False) -> None:
        notify = self._context.notify

        def done(found: bool) -> None:
            if not found:
                notify.info(t("There is nothing to redo.") if again else t("There is nothing to undo."))

        def failed(error: Exception) -> None:
            if not isinstance(error, AppError):
                notify.error(error)
            elif not force and notify.ask(error.title, error.message, yes=t("Take it back anyway"), no=t("Leave it")):
                self._back(again=again, force=True)

        self._entries.write(step_back, self._region, again=again, force=force, purpose="undo", done=done, failed=failed,
                            progress=t("Doing it again…") if again else t("Taking it back…"))
