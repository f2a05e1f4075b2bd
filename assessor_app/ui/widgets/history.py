"""What became of one answer: who changed it when, from what to what, and why."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from assessor_app import clock, formats
from assessor_app.i18n import nt, t
from assessor_app.models.instrument import NOT_ASSESSED
from assessor_app.ui.context import AppContext
from assessor_app.ui.widgets.basics import button, clear, label
from assessor_app.workflow.queries.history import Change, answer_history


def score_words(score: str) -> str:
    """Return a score as the history tells it."""
    return {"": t("not yet scored"), NOT_ASSESSED: t("not assessed")}.get(score, score)


class History(QWidget):
    """Shows the history of the question in front, when somebody asks for it."""

    def __init__(self, context: AppContext, zone: str) -> None:
        super().__init__()
        self._context, self._zone = context, zone
        self._of = ("", "")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(context.theme.em(0.2))
        self.toggle = button(context.theme, t("History"), icon="clock", part="quiet")
        self.toggle.setCheckable(True)
        column.addWidget(self.toggle, 0, Qt.AlignmentFlag.AlignLeft)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(context.theme.em(0.2))
        column.addLayout(self._lines)
        self.toggle.toggled.connect(self._on_toggled)

    def _on_toggled(self, on: bool) -> None:
        if on:
            self.load()
        else:
            clear(self._lines)

    def show_of(self, sheet: str, question: str) -> None:
        """Tell the history of another question from now on."""
        self._of = (sheet, question)
        self.load()

    def load(self) -> None:
        """Read it anew where it is shown."""
        if self.toggle.isChecked() and all(self._of):
            wanted = self._of
            self._context.tasks.read(answer_history, *wanted, done=lambda rows: self._show(rows) if wanted == self._of else None,
                                     owner=self, key=f"history-{id(self)}")

    def texts(self) -> list[str]:
        """Return the lines that are shown."""
        out = []
        for at in range(self._lines.count()):
            item = self._lines.itemAt(at)
            widget = item.widget() if item is not None else None
            if widget is not None:
                out.append(widget.property("text"))
        return out

    def _show(self, rows: tuple[Change, ...]) -> None:
        clear(self._lines)
        for row in rows:
            self._lines.addWidget(label(self._line(row), "small"))
        if not rows:
            self._lines.addWidget(label(t("Nothing was entered yet."), "small"))

    def _line(self, row: Change) -> str:
        when = formats.date_time(datetime.fromtimestamp(row.at / 1000, UTC).astimezone(clock.ZONES[self._zone]), self._zone)
        if row.field == "score":
            what = t("score {0} → {1}").format(score_words(row.before), score_words(row.after))
            if row.elsewhere:
                what = t("score {0}, from another device").format(score_words(row.after))
        elif row.field == "reason":
            what = t("reason “{0}” → “{1}”").format(_short(row.before), _short(row.after))
            if row.elsewhere:
                what = t("reason “{0}”, from another device").format(_short(row.after))
        else:
            what = nt("{n} piece of evidence linked", "{n} pieces of evidence linked", int(row.after or 0))
        why = f"\n{t('Reason: {0}').format(_short(row.why))}" if row.why and row.field == "score" else ""
        return f"{when} · {row.who}: {what}" + (f" ({t('taken back')})" if row.undone else "") + why


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 120 else flat[:119] + "…"
