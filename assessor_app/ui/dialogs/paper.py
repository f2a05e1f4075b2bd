"""The paper sheet for the day the battery is empty: the visit's questions with room for a score and a reason."""

from __future__ import annotations

import html
from collections.abc import Callable

from PySide6.QtWidgets import QWidget
from sqlalchemy.orm import Session

from assessor_app import clock, formats, i18n
from assessor_app.i18n import t
from assessor_app.ui import printing
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.print import print_document
from assessor_app.workflow.accounts import store_settings
from assessor_app.workflow.queries.scoring import SheetView, sheet_view
from assessor_app.workflow.queries.visits import VisitRow


def print_paper_sheet(context: AppContext, parent: QWidget, visit: VisitRow, then: Callable[[], None]) -> None:
    """Print the visit's questions, and note that it was done."""
    def show(view: SheetView) -> None:
        print_document(context, parent, printing.text_as_pdf(paper_html(visit, view)), t("Paper sheet"), sent)

    def sent() -> None:
        context.tasks.write(lambda unit: store_settings(unit, **{f"paper:{visit.id}": clock.now_ms()}), purpose="paper", owner=parent,
                            done=lambda _: then())

    def query(session: Session) -> SheetView:
        return sheet_view(session, visit.id, context.account.profile)

    context.tasks.read(query, done=show, owner=parent)


def paper_html(visit: VisitRow, view: SheetView) -> str:
    """Return the page as HTML; everything in it is escaped."""
    language = i18n.language()
    head = (f"<h2>{html.escape(t('Paper sheet'))}: {html.escape(visit.title)} ({visit.region})</h2>"
            f"<p>{html.escape(formats.date_range(visit.starts_on, visit.ends_on))} · "
            f"{html.escape(t('Met: ____________________  Seen: ____________________'))}</p>")
    if view.instrument is None:
        return head + "".join("<p>______________________________________________________________________________</p>" for _ in range(28))
    rows = []
    for aspect in view.instrument.aspects:
        rows.append(f"<tr><td colspan='4'><b>{html.escape(aspect.label.get(language))}</b></td></tr>")
        for question in aspect.questions():
            scores = " ".join(choice.score for choice in sorted(question.choices, key=lambda c: c.value))
            rows.append(f"<tr><td width='8%'>{question.code}</td><td width='52%'>{html.escape(question.label.get(language))}</td>"
                        f"<td width='14%'>{scores} –</td><td width='26%'>&nbsp;</td></tr>")
    look = "border='1' cellspacing='0' cellpadding='8' width='100%' style='border-collapse: collapse'"
    return head + f"<table {look}>{''.join(rows)}</table>"
