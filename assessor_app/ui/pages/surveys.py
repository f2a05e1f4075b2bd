"""Penilaian, the impact surveys: their means as evidence, and what cannot be trusted in them by sheet and row."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QPlainTextEdit, QVBoxLayout, QWidget

from assessor_app import formats, i18n
from assessor_app.i18n import nt, t
from assessor_app.models.kinds import Kind
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.pick import Option, PickDialog
from assessor_app.ui.models.rows import Column, RowsModel
from assessor_app.ui.pages.page import Page
from assessor_app.ui.widgets.basics import Card, Scroller, button, label
from assessor_app.ui.widgets.tables import Table
from assessor_app.workflow.editing import delete
from assessor_app.workflow.queries.surveys import LinkChoice, SurveyRow, SurveysView, link_choices, surveys_view
from assessor_app.workflow.queries.visits import VisitRow
from assessor_app.workflow.survey_import import link, notice_text


class SurveysPage(Page):
    """The impact surveys of a visit."""

    shows = frozenset({Kind.SURVEY, Kind.SHEET, Kind.ANSWER})

    def __init__(self, context: AppContext, visit: VisitRow) -> None:
        super().__init__(context, visit)
        self._view: SurveysView | None = None
        theme = self.theme
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroller = Scroller(theme, t("Impact surveys"))
        outer.addWidget(scroller)
        card = scroller.add(Card(theme, t("Impact surveys")))
        card.add(label(t("Three statements on each sub-dimension, put to 50 people who use the service. The mean is evidence for a score, "
                         "never a score by itself; names of respondents are not kept."), "muted"))
        columns = (
            Column[SurveyRow](t("Sub-dimension"), lambda r: labels.dimension(r.sub_dimension), width=9),
            Column[SurveyRow](t("Service"), lambda r: r.service, width=10, tip=lambda r: r.service),
            Column[SurveyRow](t("Survey respondents"), lambda r: formats.number(r.respondents), sort=lambda r: r.respondents, number=True,
                              width=6),
            Column[SurveyRow](t("Users"), lambda r: "–" if r.users is None else formats.number(r.users), sort=lambda r: r.users or -1,
                              number=True, width=5),
            Column[SurveyRow](t("Mean"), lambda r: "–" if r.mean is None else formats.number(r.mean, 2), sort=lambda r: r.mean or -1.0,
                              number=True, width=4),
            Column[SurveyRow](t("Warnings"), lambda r: str(len(r.notices) or "–"), sort=lambda r: len(r.notices), number=True, width=5.5),
            Column[SurveyRow](t("File"), lambda r: r.file, width=9, tip=lambda r: r.file),
        )
        self.rows = RowsModel[SurveyRow](columns, lambda r: r.id, parent=self)
        self.table = Table(theme, self.rows, t("Impact surveys"))
        self.table.setMinimumHeight(theme.em(11))
        self.table.horizontalHeader().setStretchLastSection(False)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.row_chosen.connect(lambda _: self._show_current())
        self.table.delete_requested.connect(self._delete)
        card.add(self.table)
        row = QHBoxLayout()
        self.add = button(theme, t("Import a survey…"), self._import, icon="import", part="main")
        self.link = button(theme, t("Link as evidence…"), self._link, icon="link")
        self.remove = button(theme, t("Delete"), lambda: self._delete(self.table.current_id()), icon="trash", part="quiet")
        for made in (self.add, self.link, self.remove):
            row.addWidget(made)
        row.addStretch(1)
        card.body.addLayout(row)
        self.detail = scroller.add(Card(theme, t("Warnings")))
        self.facts = self.detail.add(label("", ""))
        self.warnings = QPlainTextEdit()
        self.warnings.setReadOnly(True)
        self.warnings.setTabChangesFocus(True)
        self.warnings.setAccessibleName(t("Warnings by sheet and row"))
        self.warnings.setFixedHeight(theme.em(13))
        self.detail.add(self.warnings)
        scroller.column.addStretch(1)
        self.focus_target = self.table

    def main_control(self) -> QWidget | None:
        """Return the list, or the button that begins it."""
        return self.table if self.rows.rowCount() else self.add

    def load(self) -> None:
        """Read the surveys anew."""
        self.read(surveys_view, self.visit.id, self.context.account.profile, done=self._show)

    def open_record(self, record: str) -> None:
        """Show one survey."""
        self.table.choose(record)

    def _show(self, view: SurveysView) -> None:
        self._view = view
        self.rows.set_rows(view.rows)
        if view.rows and not self.table.current_id():
            self.table.choose(view.rows[0].id)
        self._show_current()

    def _row(self) -> SurveyRow | None:
        return next((row for row in self.rows.rows if row.id == self.table.current_id()), None)

    def _show_current(self) -> None:
        row = self._row()
        self.detail.setVisible(row is not None)
        self.link.setEnabled(row is not None and bool(self._view and self._view.sheet))
        self.remove.setEnabled(row is not None)
        if row is None:
            return
        means = ", ".join("–" if one is None else formats.number(one, 2) for one in row.statements)
        self.detail.title.setText(nt("{n} warning", "{n} warnings", len(row.notices)) if row.notices else t("No warning"))
        self.facts.setText(" · ".join(filter(None, (
            labels.dimension(row.sub_dimension), row.service, t("means of the statements: {0}").format(means) if means else ""))))
        self.warnings.setPlainText("\n".join(notice_text(one) for one in row.notices))
        self.warnings.setVisible(bool(row.notices))

    def _import(self) -> None:
        from assessor_app.ui.dialogs.import_survey import import_survey

        import_survey(self.context, self, self.visit.id)

    def _link(self) -> None:
        row, sheet = self._row(), self._view.sheet if self._view is not None else ""
        if row is not None and sheet:
            self.read(link_choices, sheet, row.id, done=partial(self._ask_link, sheet, row.id))

    def _ask_link(self, sheet: str, record: str, choices: tuple[LinkChoice, ...]) -> None:
        english = i18n.language() == "en"
        options = [Option(one.id, f"{one.code}  {one.text_en if english else one.text_id}") for one in choices]
        ticked = [one.id for one in choices if one.fits or one.linked]
        dialog = PickDialog(self.theme, t("Evidence of which questions?"), options, ticked, self)
        if not dialog.exec():
            return

        def linked(counts: tuple[int, int]) -> None:
            new, gone = counts
            more = nt("The survey is now evidence of {n} question more.", "The survey is now evidence of {n} questions more.", new)
            fewer = nt("It is evidence of {n} question no longer.", "It is evidence of {n} questions no longer.", gone)
            if new or gone:
                said = " ".join(words for words, count in ((more, new), (fewer, gone)) if count)
                self.context.notify.good(said, t("No score was changed."))
            else:
                self.context.notify.info(t("Nothing was changed: the survey is evidence of these questions already.") if dialog.chosen()
                                         else t("Nothing was linked: no question is ticked."))

        self.context.tasks.write(link, sheet, record, dialog.chosen(), purpose="answer.evidence", owner=self, done=linked)

    def _delete(self, record: str) -> None:
        if record:
            self.context.tasks.write(delete, Kind.SURVEY, record, purpose="survey.delete", owner=self)
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
