"""Rencana Induk: the region's programmes in a table that is edited in place, and the books of its plan."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from assessor_app import formats
from assessor_app.i18n import nt, t
from assessor_app.models.kinds import DIMENSIONS, Kind, ProgrammeStatus
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.models.rows import Column, RowsModel
from assessor_app.ui.pages.page import Page
from assessor_app.ui.widgets.basics import Empty, Flow, button, label
from assessor_app.ui.widgets.book_desk import BookDesk
from assessor_app.ui.widgets.editors import Choice, LineEdit
from assessor_app.ui.widgets.plan_path import PlanPathDesk
from assessor_app.ui.widgets.roadmap import PlanPicture
from assessor_app.ui.widgets.row_warnings import RowWarnings, sentence
from assessor_app.ui.widgets.tables import Table
from assessor_app.workflow.editing import delete, edit
from assessor_app.workflow.plan_path import Remark
from assessor_app.workflow.planning import add_programme, ensure_plan
from assessor_app.workflow.queries.master_plan import PlanView, ProgrammeRow, plan_view
from assessor_app.workflow.queries.plan_figures import plan_figures
from assessor_app.workflow.queries.plan_path import PathView, path_view
from assessor_app.workflow.queries.visits import VisitRow

#: How the record begins that shows a stage of the workshops' path.
PATH = "path:"


class MasterPlanPage(Page):
    """The programmes of the visited region."""

    shows = frozenset({Kind.PLAN, Kind.PROGRAMME, Kind.PROGRAMME_YEAR, *BookDesk.shows})

    def __init__(self, context: AppContext, visit: VisitRow) -> None:
        super().__init__(context, visit)
        self._view: PlanView | None = None
        self._wanted = ""
        self._edit_wanted = ""
        self._warned: dict[str, tuple[tuple[str, Remark], ...]] = {}  # what the path says of each programme
        theme = self.theme
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.parts = QTabWidget()
        self.parts.setDocumentMode(True)
        self.parts.setAccessibleName(t("Parts of the master plan"))
        outer.addWidget(self.parts)
        self.stack = QStackedWidget()
        self.parts.addTab(self.stack, t("Programmes"))
        self.books = BookDesk(context, visit)
        self.parts.addTab(self.books, t("Books"))
        self.picture = PlanPicture(context)
        self.picture.programme_opened.connect(self.open_record)
        self.parts.addTab(self.picture, t("Road map and budget"))
        self.path = PlanPathDesk(context, visit.region, visit.stage)
        self.path.programme_opened.connect(self._open_field)
        self.path.programme_wanted.connect(self.add)
        self.path.books_wanted.connect(lambda: self.parts.setCurrentWidget(self.books))
        self.parts.addTab(self.path, t("Workshops"))
        self.parts.currentChanged.connect(self._on_part)
        self.stack.addWidget(QWidget())
        self.first_import = button(theme, t("Import an Excel sheet"), self.import_sheet, icon="import", part="main")
        self.empty = Empty(theme, "plan", t("No programmes yet"),
                           t("Import the region's Excel sheet as it is, or type the programmes."), self.first_import,
                           button(theme, t("Type the first programme"), self.add, icon="plus"))
        self.stack.addWidget(self.empty)
        full = QWidget()
        column = QVBoxLayout(full)
        pad = theme.em(0.7)
        column.setContentsMargins(pad, theme.em(0.5), pad, theme.em(0.5))
        column.setSpacing(theme.em(0.4))
        tools = QWidget()
        flow = Flow(theme.em(0.4))
        tools.setLayout(flow)
        policy = tools.sizePolicy()
        policy.setHeightForWidth(True)
        tools.setSizePolicy(policy)
        self.filter = Choice([("", t("All dimensions")), *((code, labels.dimension(code)) for code in DIMENSIONS),
                              ("quick_win", t("Quick wins"))])
        self.filter.setAccessibleName(t("Show the programmes of"))
        self.filter.setMinimumWidth(theme.em(10))
        self.filter.chosen.connect(lambda _: self._refilter())
        flow.addWidget(self.filter)
        self.finder = LineEdit()
        self.finder.setPlaceholderText(t("Find in the programmes"))
        self.finder.setAccessibleName(t("Find in the programmes"))
        self.finder.setFixedWidth(theme.em(11))
        self.finder.textChanged.connect(lambda _: self._refilter())
        flow.addWidget(self.finder)
        flow.addWidget(button(theme, t("Add a programme"), self.add, icon="plus"))
        flow.addWidget(button(theme, t("Import an Excel sheet"), self.import_sheet, icon="import"))
        flow.addWidget(button(theme, t("Delete"), lambda: self._delete(self.table.current_id()), icon="trash", part="quiet"))
        column.addWidget(tools)
        self.model = RowsModel[ProgrammeRow](self._columns(), lambda r: r.id, wrong=self._say_wrong, parent=self)
        self.table = Table(theme, self.model, t("Programmes of the plan"), accept=self._accept)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.table.setAlternatingRowColors(True)
        self.table.delete_requested.connect(self._delete)
        column.addWidget(self.table, 1)
        self.warnings = RowWarnings(theme)
        self.warnings.path_requested.connect(self._show_on_path)
        self.table.row_chosen.connect(self._say_warnings)
        column.addWidget(self.warnings)
        self.totals = label("", "muted")
        column.addWidget(self.totals)
        self.stack.addWidget(full)
        self.full = full
        self.focus_target = self.table

    def _columns(self) -> tuple[Column[ProgrammeRow], ...]:
        subs = tuple((sub, f"{labels.dimension(dim)} – {labels.dimension(sub)}") for dim, subs in DIMENSIONS.items() for sub in subs)
        statuses = (("", ""), *((code.value, labels.programme_status(code.value)) for code in ProgrammeStatus))

        def text(name: str) -> Any:
            return lambda row, typed: self._set(row.id, **{name: typed})

        return (
            Column(t("No."), lambda r: str(r.number or ""), sort=lambda r: r.number, edit=self._number("number"), number=True, width=3.6,
                   icon=self._mark, tip=lambda r: sentence(self._warned.get(r.id, ()))),
            Column(t("Dimension"), lambda r: labels.dimension(r.dimension), sort=lambda r: (r.order, r.number), width=8.2),
            Column(t("Sub-dimension"), lambda r: labels.dimension(r.sub_dimension), sort=lambda r: (r.order, r.number),
                   value=lambda r: r.sub_dimension, edit=self._set_sub, choices=subs, width=9.5),
            Column(t("Programme"), lambda r: r.name, edit=text("name"), width=19, tip=lambda r: r.description or r.name),
            Column(t("Agency"), lambda r: r.agency, edit=text("agency"), width=10),
            Column(t("PIC"), lambda r: r.pic, edit=text("pic"), width=7),
            Column(t("From"), lambda r: str(r.first_year or ""), edit=self._number("first_year"), number=True, width=3.4),
            Column(t("Until"), lambda r: str(r.last_year or ""), edit=self._number("last_year"), number=True, width=3.4),
            Column(t("Budget"), lambda r: formats.rupiah(r.budget), sort=lambda r: r.budget or 0, edit=self._money, number=True, width=9.5,
                   value=lambda r: "" if r.budget is None else formats.number(r.budget),
                   tip=lambda r: "" if r.budget_given or r.budget is None else t("The sum of the years")),
            Column(t("Funding"), lambda r: r.funding, edit=text("funding"), width=5),
            Column(t("Indicator"), lambda r: r.indicator, edit=text("indicator"), width=11, tip=lambda r: r.indicator),
            Column(t("Target"), lambda r: " ".join(x for x in (r.target, r.unit) if x), value=lambda r: r.target, edit=text("target"),
                   width=6),
            Column(t("Status"), lambda r: labels.programme_status(r.status), value=lambda r: r.status,
                   edit=lambda row, code: self._set(row.id, status=code), choices=statuses, width=6.5),
            Column(t("Quick win"), lambda r: t("yes") if r.quick_win else "", value=lambda r: "1" if r.quick_win else "",
                   edit=lambda row, code: self._set(row.id, quick_win=bool(code)), choices=(("", t("no")), ("1", t("yes"))), width=5),
        )

    # -- loading

    def main_control(self) -> QWidget | None:
        """Return the table, or the way to fill it; the book where that part is in front."""
        if self.parts.currentWidget() is self.books:
            return self.books.pages.area
        if self.parts.currentWidget() is self.picture:
            return self.picture.map
        if self.parts.currentWidget() is self.path:
            return self.path.list
        return self.first_import if self.stack.currentWidget() is self.empty else self.table

    def load(self) -> None:
        """Read the plan anew, and the books once somebody looks at them."""
        self.read(plan_view, self.visit.region, done=self._show)
        self.read(path_view, self.visit.region, done=self._show_path)
        self._on_part()

    def _on_part(self) -> None:
        if self.parts.currentWidget() is self.books:
            self.books.load()
        elif self.parts.currentWidget() is self.picture:
            self.read(plan_figures, self.visit.region, done=self.picture.show_figures)

    def open_record(self, record: str) -> None:
        """Show a programme, ``mark:ID`` in its book, ``book:ID:PAGE``, or ``path:STAGE``."""
        if record.startswith(PATH):
            self.parts.setCurrentWidget(self.path)
            self.path.open_stage(record.removeprefix(PATH))
            return
        if record.startswith(f"{Kind.BOOK}:"):
            _, book, page = record.split(":")
            self.parts.setCurrentWidget(self.books)
            self.books.open_page(book, int(page))
            return
        if record.startswith(f"{Kind.MARK}:"):
            self.parts.setCurrentWidget(self.books)
            self.books.open_mark(record.partition(":")[2])
            return
        self.parts.setCurrentWidget(self.stack)
        self._wanted = record
        self._choose_wanted()

    def _show(self, view: PlanView) -> None:
        self._view = view
        self.model.set_rows(view.programmes)
        focused = QApplication.focusWidget()
        first = bool(view.programmes) and self.stack.currentWidget() is self.empty and focused is not None \
            and self.empty.isAncestorOf(focused)
        self.stack.setCurrentWidget(self.full if view.programmes else self.empty)
        if first:  # what was pressed is gone: the keyboard goes to what came
            self.table.setFocus()
            self.table.selectRow(0)
        self._say_totals()
        self._choose_wanted()

    def _choose_wanted(self) -> None:
        if self._wanted and self.model.find(self._wanted).isValid():
            wanted, self._wanted = self._wanted, ""
            self.filter.set("")
            self.finder.clear()
            self._refilter()
            field, self._edit_wanted = self._edit_wanted, ""
            titles = [column.title for column in self.model.columns]
            self.table.choose(wanted, titles.index(field) if field in titles else 3)
            self.table.setFocus()
            if field:
                self.table.edit(self.table.currentIndex())

    def _show_path(self, view: PathView) -> None:
        self._warned = view.path.remarks()
        self.path.show_view(view)
        self.table.viewport().update()
        self._say_warnings(self.table.current_id())

    def _say_warnings(self, record: str) -> None:
        self.warnings.show_row(record, self._warned.get(record, ()))

    def _mark(self, row: ProgrammeRow) -> QIcon | None:
        return self.theme.icon("warn", self.theme.colours.warn) if row.id in self._warned else None

    def _show_on_path(self, record: str) -> None:
        self.parts.setCurrentWidget(self.path)
        self.path.open_programme(record)

    def _open_field(self, record: str, field: str) -> None:
        """Edit the cell of a programme where a warning is mended; without a programme show the table."""
        self.parts.setCurrentWidget(self.stack)
        if record:
            cells = {"agency": t("Agency"), "budget": t("Budget"), "target": t("Target"), "first_year": t("From")}
            self._edit_wanted = cells.get(field, "")
            self.open_record(record)
        else:
            self.focus_main()

    def _accept(self, row: ProgrammeRow) -> bool:
        code = self.filter.code()
        if code and not (row.quick_win if code == "quick_win" else row.dimension == code):
            return False
        words = self.finder.text().casefold().split()
        text = f"{row.name} {row.agency} {row.pic} {row.indicator}".casefold() if words else ""
        return all(word in text for word in words)

    def _refilter(self) -> None:
        self.table.refilter()
        self._say_totals()

    def _say_totals(self) -> None:
        shown = [row for row in self.model.rows if self._accept(row)]
        total = sum(row.budget or 0 for row in shown)
        self.totals.setText(" · ".join((
            nt("{n} programme", "{n} programmes", len(shown)), t("Budget together {0}").format(formats.rupiah(total)),
            nt("{n} quick win", "{n} quick wins", sum(row.quick_win for row in shown)))))

    # -- changing

    def _say_wrong(self, text: str) -> None:
        self.context.notify.warn(text)

    def _set(self, record: str, **values: Any) -> str:
        self.context.tasks.write(edit, Kind.PROGRAMME, record, purpose="programme.edit", owner=self, **values)
        return ""

    def _set_sub(self, row: ProgrammeRow, sub: str) -> str:
        dimension = next((dim for dim, subs in DIMENSIONS.items() if sub in subs), row.dimension)
        return self._set(row.id, sub_dimension=sub, dimension=dimension)

    def _number(self, name: str) -> Any:
        def take(row: ProgrammeRow, text: str) -> str:
            if text and not text.isdigit():
                return t("“{0}” is not a whole number.").format(text)
            return self._set(row.id, **{name: int(text) if text else None})

        return take

    def _money(self, row: ProgrammeRow, text: str) -> str:
        amount = read_rupiah(text)
        if text and amount is None:
            return t("“{0}” is not an amount in rupiah.").format(text)
        return self._set(row.id, budget=amount)

    def add(self, sub: str = "") -> None:
        """Add an empty programme and edit its name."""
        region, sub = self.visit.region, sub or DIMENSIONS.get(self.filter.code(), ("layanan_publik",))[0]
        self.parts.setCurrentWidget(self.stack)

        def write(unit: Any) -> str:
            return add_programme(unit, ensure_plan(unit, region), sub_dimension=sub)

        def made(record: str) -> None:
            self._wanted, self._edit_wanted = record, t("Programme")
            self.reload()

        self.context.tasks.write(write, purpose="programme.create", done=made, owner=self)

    def _delete(self, record: str) -> None:
        if record:
            self.context.tasks.write(delete, Kind.PROGRAMME, record, purpose="programme.delete", owner=self)
            self.context.notify.info(t("The programme was deleted."), t("Undo brings it back."))

    def import_sheet(self) -> None:
        """Ask for a workbook, show what it holds, import what is wanted."""
        from assessor_app.ui.dialogs.import_sheet import import_plan_sheet

        import_plan_sheet(self.context, self, self.visit.region)


def read_rupiah(text: str) -> int | None:
    """Return whole rupiah for ``1.500.000``, ``Rp 1.500.000,00``, ``1,5 juta``, ``2 M``; None for what is no amount."""
    bare = re.sub(r"(?i)rp\.?|\s", "", text)
    match = re.fullmatch(r"(?i)([\d.,]+)(ribu|rb|juta|jt|miliar|milyar|m|triliun|t)?", bare)
    if match is None:
        return None
    factor = {"ribu": 10**3, "rb": 10**3, "juta": 10**6, "jt": 10**6, "miliar": 10**9, "milyar": 10**9, "m": 10**9, "triliun": 10**12,
              "t": 10**12}.get((match[2] or "").lower(), 1)
    number = match[1]
    groups = re.fullmatch(r"\d{1,3}([.,])\d{3}(\1\d{3})*(?:(?!\1)[.,]\d{1,2})?", number)
    if groups:
        mark = groups[1]
        number = number.replace(mark, "").replace("," if mark == "." else ".", ".")
    else:
        number = number.replace(",", ".")
    try:
        return round(float(number) * factor)
    except ValueError:
        return None
