"""The part of the settings on spelling: on or off, which languages, what the system lacks, and the person's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.platform_spelling import name_of
from assessor_app.ui.widgets.basics import Field, FlowRow, label
from assessor_app.ui.widgets.editors import NoteEdit
from assessor_app.workflow.spelling import LANGUAGES, my_words, set_words

if TYPE_CHECKING:
    from assessor_app.settings import Settings


class SpellingPart(QWidget):
    """Shows and keeps how spelling is looked at."""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        settings = context.settings
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(t("Spelling"), "lead"))
        self.on = QCheckBox(t("Underline words that the dictionaries of this computer do not know"))
        self.on.setChecked(settings.spelling)
        self.languages = {code: QCheckBox(name_of(code)) for code in LANGUAGES}
        for code, box in self.languages.items():
            box.setChecked(_has(settings, code))
            box.toggled.connect(self._look)
        self.on.toggled.connect(self._look)
        column.addWidget(self.on)
        column.addWidget(FlowRow(context.theme, *self.languages.values()))
        self.missing = label("", "small")
        column.addWidget(self.missing)
        self.words = NoteEdit(context.theme, 2, 6)
        self._before: tuple[str, ...] | None = None  # not read yet
        column.addWidget(Field(context.theme, t("My words"), self.words,
                               t("One a line. They stay in this notebook on this device, and are never sent.")))
        context.tasks.read(my_words, done=self._load, owner=self)
        self._look()

    def _load(self, words: tuple[str, ...]) -> None:
        self._before = words
        self.words.setPlainText("\n".join(words))

    def _chosen(self) -> tuple[str, ...]:
        return tuple(code for code, box in self.languages.items() if box.isChecked())

    def _look(self) -> None:
        """Say what the system lacks for what is chosen."""
        for box in self.languages.values():
            box.setEnabled(self.on.isChecked())
        self.missing.hide()
        if self.on.isChecked() and self._chosen():
            self._context.spelling.missing(self._chosen(), self._say, owner=self)

    def _say(self, missing: str) -> None:
        self.missing.setText(missing)
        self.missing.setVisible(bool(missing) and self.on.isChecked())

    def keep(self) -> None:
        """Take over what is chosen; the settings' file is written by the dialog."""
        settings, spelling = self._context.settings, self._context.spelling
        before = spelling.languages
        settings.spelling = self.on.isChecked()
        settings.spelling_id, settings.spelling_en = (self.languages[code].isChecked() for code in LANGUAGES)
        if spelling.languages != before:
            spelling.begin_anew()
        words = tuple(self.words.toPlainText().split())
        if self._before is not None and words != self._before:
            self._context.tasks.write(set_words, words, purpose="setting", done=lambda _: spelling.read_own())


def _has(settings: Settings, code: str) -> bool:
    return {"id": settings.spelling_id, "en": settings.spelling_en}[code]
