"""What makes a programme a quick win: its benefit, the months until it shows, and that it is not infrastructure."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.models.kinds import Kind
from assessor_app.ui.context import AppContext
from assessor_app.ui.tasks import only
from assessor_app.ui.widgets.basics import Field, Flow, label
from assessor_app.ui.widgets.editors import Autosave, Choice, LineEdit, NoteEdit
from assessor_app.ui.widgets.row_warnings import sentence
from assessor_app.workflow.editing import edit
from assessor_app.workflow.plan_path import NO, YES, ProgrammeFacts, Remark


class QuickWinForm(QWidget):
    """Edits one quick win; each field is saved by itself."""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self._record = ""
        theme = context.theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.em(0.4))
        self.warnings = label("", "warn")
        column.addWidget(self.warnings)
        self.benefit = NoteEdit(theme, 3, 8)
        column.addWidget(Field(theme, t("Benefit"), self.benefit))
        answers = QWidget()
        row = Flow(theme.em(0.8))
        answers.setLayout(row)
        self.months = LineEdit()
        self.months.setMaximumWidth(theme.em(8))
        self._months_field = Field(theme, t("Benefit within (months)"), self.months)
        self._months_field.setMinimumWidth(theme.em(11))
        row.addWidget(self._months_field)
        self.infrastructure = Choice([("", t("(not said)")), (NO, t("no")), (YES, t("yes"))])
        row.addWidget(Field(theme, t("Is it infrastructure?"), self.infrastructure))
        policy = answers.sizePolicy()
        policy.setHeightForWidth(True)
        answers.setSizePolicy(policy)
        column.addWidget(answers)
        self._savers = (Autosave(context, self.benefit, lambda text: self._save("benefit", text),
                                 slot=lambda: f"{self._record}.benefit"),
                        Autosave(context, self.months, lambda text: self._save("benefit_months", int(text) if text else None),
                                 check=self._wrong, slot=lambda: f"{self._record}.benefit_months"))
        self.infrastructure.chosen.connect(lambda code: self._save("is_infrastructure", code))

    def show_programme(self, programme: ProgrammeFacts | None, found: Sequence[tuple[str, Remark]] = ()) -> None:
        """Show a quick win with what the path warns of in it; what is typed into the same one stays."""
        self.warnings.setText(sentence(found))
        self.warnings.setVisible(bool(found))
        self.setVisible(programme is not None)
        if programme is None:
            return
        texts = (programme.benefit, "" if programme.benefit_months is None else str(programme.benefit_months))
        same = programme.id == self._record
        if not same:
            for saver in self._savers:
                saver.flush()
        self._record = programme.id
        for saver, text in zip(self._savers, texts, strict=True):
            saver.load(text) if same else saver.reset(text)
        self._wrong(self.months.text())
        self.infrastructure.set(programme.is_infrastructure)

    def focus_first(self) -> None:
        """Give the keyboard to the benefit."""
        self.benefit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _wrong(self, text: str) -> str:
        wrong = t("Write a whole number of months.") if text and not (text.isdigit() and len(text) < 4) else ""
        self._months_field.say(wrong, wrong=bool(wrong))
        return wrong

    def _save(self, name: str, value: Any) -> Future[Any]:
        return self._context.tasks.write(edit, Kind.PROGRAMME, self._record, purpose="programme.edit",
                                         editing=f"{self._record}.{name}", owner=self, **only(name, value))
