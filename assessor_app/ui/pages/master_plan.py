"""Rencana Induk: the region's programmes in a table that works as a spreadsheet, and the books of its plan."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from assessor_app import clock
from assessor_app.i18n import t
from assessor_app.models.changes import ChangeSet
from assessor_app.models.kinds import Kind, visit_scope
from assessor_app.ui.context import AppContext
from assessor_app.ui.pages.page import Page
from assessor_app.ui.widgets.basics import Empty, button
from assessor_app.ui.widgets.book_desk import BookDesk
from assessor_app.ui.widgets.examples import ExamplesDesk
from assessor_app.ui.widgets.plan_path import PlanPathDesk
from assessor_app.ui.widgets.plan_progress import PlanProgress
from assessor_app.ui.widgets.programmes import ProgrammeTable
from assessor_app.ui.widgets.roadmap import PlanPicture
from assessor_app.workflow.queries.master_plan import PlanPart, PlanView, plan_part, plan_view
from assessor_app.workflow.queries.plan_figures import figures_of
from assessor_app.workflow.queries.plan_path import PathView, path_view
from assessor_app.workflow.queries.visits import VisitRow

#: How the record begins that shows a stage of the workshops' path.
PATH = "path:"
#: From how many changed programmes on all are read anew.
_MANY = 2000


class MasterPlanPage(Page):
    """The programmes of the visited region."""

    shows = frozenset({Kind.PLAN, Kind.PROGRAMME, Kind.PROGRAMME_YEAR, Kind.INNOVATION, *BookDesk.shows})

    def __init__(self, context: AppContext, visit: VisitRow) -> None:
        super().__init__(context, visit)
        self._view: PlanView | None = None
        self._wanted = self._field = ""
        self._whole = True
        self._sort_anew = False
        self._programmes: set[str] = set()
        self._years: set[str] = set()
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
        self.progress = PlanProgress(context, visit.year or clock.today().year)
        self.parts.addTab(self.progress, t("Progress"))
        self.path = PlanPathDesk(context, visit.region, visit.stage)
        self.path.programme_opened.connect(self._open_field)
        self.path.programme_wanted.connect(self.add)
        self.path.books_wanted.connect(lambda: self.parts.setCurrentWidget(self.books))
        self.path.examples_wanted.connect(lambda sub: self._show_examples("", sub))
        self.parts.addTab(self.path, t("Workshops"))
        self.examples = ExamplesDesk(context, visit.region)
        self.examples.programme_made.connect(self.open_record)
        self.parts.addTab(self.examples, t("Examples"))
        self.parts.currentChanged.connect(self._on_part)
        self.stack.addWidget(QWidget())
        self.full = ProgrammeTable(context, visit.region, visit.year or clock.today().year)
        self.table, self.model, self.filter, self.warnings = self.full.table, self.full.model, self.full.filter, self.full.warnings
        self.full.import_requested.connect(self.import_sheet)
        self.full.reload_requested.connect(self._read_whole)
        self.full.shown_changed.connect(self._on_shown)
        self.full.source_requested.connect(self._show_source)
        self.progress.year_chosen.connect(self._on_shown)
        self.progress.typed.connect(lambda record, field, text: self.full.enter(
            record, field, text, self.progress.model.columns[self.progress.model.column_of(field)].title))
        self.progress.pasted.connect(self.full.lay_over)
        self.progress.cleared.connect(self.full.empty)
        self.progress.source_requested.connect(self.full.open_source)
        self.progress.table.delete_requested.connect(self.full.delete)
        self.progress.table.refused.connect(context.notify.error)
        self.progress.table.undo_requested.connect(self.full.undo)
        self.progress.table.redo_requested.connect(self.full.redo)
        self.progress.table.editor_closed.connect(self._on_editor_closed)
        self.full.warnings.path_requested.connect(self._show_on_path)
        self.table.editor_closed.connect(self._on_editor_closed)
        self.first_import = button(theme, t("Import an Excel sheet"), self.import_sheet, icon="import", part="main")
        self.empty = Empty(theme, "plan", t("No programmes yet"),
                           t("Import the region's Excel sheet as it is, paste its cells into the table, or type the programmes."),
                           self.first_import, button(theme, t("Type the first programme"), lambda: self.add(), icon="plus"),
                           button(theme, t("Paste cells from a spreadsheet"), self._paste_first, icon="copy"))
        self.empty.setMinimumHeight(theme.em(10))  # unseen, it asks for no more than the table does
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.full)
        self.focus_target = self.table

    # -- loading

    def main_control(self) -> QWidget | None:
        """Return the table, or the way to fill it; the book where that part is in front."""
        if self.parts.currentWidget() is self.books:
            return self.books.pages.area
        if self.parts.currentWidget() is self.picture:
            return self.picture.map
        if self.parts.currentWidget() is self.progress:
            return self.progress.table
        if self.parts.currentWidget() is self.path:
            return self.path.list
        if self.parts.currentWidget() is self.examples:
            return self.examples.finder
        return self.first_import if self.stack.currentWidget() is self.empty else self.table

    def take(self, changes: ChangeSet) -> None:
        """Note which programmes changed: only they are read anew."""
        self._programmes |= changes.kinds.get(Kind.PROGRAMME, frozenset())
        self._years |= changes.kinds.get(Kind.PROGRAMME_YEAR, frozenset())
        self._whole = self._whole or changes.touches(Kind.PLAN) or len(self._programmes) + len(self._years) > _MANY
        self._sort_anew = self._sort_anew or changes.origin != "edit"
        super().take(changes)

    def load(self) -> None:
        """Read what changed, and the books once somebody looks at them."""
        if self._whole or self._view is None:
            self.read(plan_view, self.visit.region, done=self._show)
        elif self._programmes or self._years:
            self.read(plan_part, frozenset(self._programmes), frozenset(self._years), done=self._show_part)
        self.read(path_view, self.visit.region, done=self._show_path)
        self._on_part()

    def _read_whole(self) -> None:
        self._whole = True
        self.reload()

    def _on_part(self) -> None:
        if self.parts.currentWidget() is self.books:
            self.books.load()
        elif self.parts.currentWidget() is self.examples:
            self.examples.load()
        else:
            self._on_shown()

    def _on_editor_closed(self) -> None:
        """Read what came from elsewhere while something was typed."""
        if self._whole or self._programmes or self._years:
            self.reload()

    def _on_shown(self) -> None:
        said = self.filter.count.text() if self.filter.asked() else ""
        if self.parts.currentWidget() is self.progress:
            self.progress.show_rows(self.model.shown, self.full.years, self.full.sources, said)
        if self.parts.currentWidget() is self.picture:
            self.picture.show_figures(figures_of(self.model.shown), said)
        if self.model.rows and self.stack.currentWidget() is self.empty:
            self.stack.setCurrentWidget(self.full)

    def open_record(self, record: str) -> None:
        """Show a programme, ``mark:ID`` in its book, ``book:ID:PAGE``, ``path:STAGE``, or ``innovation:ID``."""
        if record.startswith(f"{Kind.INNOVATION}:"):
            self._show_examples(record.partition(":")[2])
            return
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
        if self._busy and self.model.rows:
            return  # what is on its way reads anew when it is there
        self._view = view
        self._forget()
        focused = self.window().focusWidget()
        first = bool(view.programmes) and self.stack.currentWidget() is self.empty and focused is not None \
            and self.empty.isAncestorOf(focused)
        self.stack.setCurrentWidget(self.full if view.programmes else self.empty)
        self.full.show_view(view)
        if first:  # what was pressed is gone: the keyboard goes to what came
            self.table.setFocus()
            self.table.selectRow(0)
        self._choose_wanted()

    def _show_part(self, part: PlanPart) -> None:
        if self._busy:
            return
        self.full.show_part(part)
        if self._sort_anew:
            self.model.arrange()
        self._forget()
        if not self.model.rows:
            self.stack.setCurrentWidget(self.empty)
        self._choose_wanted()

    @property
    def _busy(self) -> bool:
        return self.full.busy or self.progress.table.editing

    def _forget(self) -> None:
        self._whole = self._sort_anew = False
        self._programmes.clear()
        self._years.clear()

    def _choose_wanted(self) -> None:
        if self._wanted and self.model.of(self._wanted) is not None:
            (wanted, field), self._wanted, self._field = (self._wanted, self._field), "", ""
            self.full.choose(wanted, field)

    def _show_path(self, view: PathView) -> None:
        self.path.show_view(view)
        self.full.warn(view.warned, view.origins)

    def _show_on_path(self, record: str) -> None:
        self.parts.setCurrentWidget(self.path)
        self.path.open_programme(record)

    def _show_examples(self, record: str, dimension: str = "") -> None:
        self.parts.setCurrentWidget(self.examples)
        self.examples.show_example(record, dimension)

    def _open_field(self, record: str, field: str) -> None:
        """Edit the cell of a programme where a warning is mended; without a programme show the table."""
        self.parts.setCurrentWidget(self.stack)
        if record:
            self._field = field if field in {"agency", "budget", "target", "first_year"} else ""
            self.open_record(record)
        else:
            self.focus_main()

    def add(self, sub: str = "") -> None:
        """Add an empty programme and type its name."""
        self.parts.setCurrentWidget(self.stack)
        self.full.add(sub)

    def _show_source(self, interview: str, visit: str) -> None:
        """Show the note in which a status was said, on whichever visit it lies."""
        if visit:
            self.elsewhere_requested.emit(Kind.INTERVIEW, interview, visit_scope(visit))
        else:
            self.context.notify.info(t("This note is not in the notebook."))

    def _paste_first(self) -> None:
        """Lay what is on the clipboard into the empty table."""
        self.table.paste()
        self.table.setFocus()

    def import_sheet(self) -> None:
        """Ask for a workbook, show what it holds, import what is wanted."""
        from assessor_app.ui.dialogs.import_sheet import import_plan_sheet

        import_plan_sheet(self.context, self, self.visit.region)
