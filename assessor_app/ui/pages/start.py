"""The frame of everything before the notebook is open: the mark, the language, one card in the middle."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assessor_app import i18n
from assessor_app.i18n import t
from assessor_app.ui.context import AppContext
from assessor_app.ui.widgets.basics import Card, Scroller, label
from assessor_app.ui.widgets.editors import Choice

#: The languages in their own words, for they must be readable before one is chosen.
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]


class StartPage(QWidget):
    """A scrolled page with one card; the language is chosen at its top."""

    def __init__(self, context: AppContext, *, width: float = 30) -> None:
        super().__init__()
        self.setObjectName("page")
        self.context = context
        theme = context.theme
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.scroller = Scroller(theme, "Asesor", margin=1.2)
        outer.addWidget(self.scroller)
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        mark = QLabel()
        mark.setPixmap(theme.pixmap("asesor", theme.em(2.4)))
        row.addWidget(mark)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label("Asesor", "title"))
        words.addWidget(label(t("Field assessment of smart cities"), "muted"))
        row.addLayout(words, 1)
        self.language = Choice(LANGUAGES, i18n.language())
        self.language.setAccessibleName("Bahasa / Language")
        self.language.setMinimumWidth(theme.em(8.5))
        self.language.chosen.connect(self._on_language_chosen)
        row.addWidget(self.language)
        self.card = Card(theme)
        column = QWidget()
        column.setMaximumWidth(theme.em(width))
        self.middle = QVBoxLayout(column)
        self.middle.setContentsMargins(0, 0, 0, 0)
        self.middle.setSpacing(theme.em(1.5))
        self.middle.addWidget(head)
        self.middle.addWidget(self.card)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(column, 100)
        across.addStretch(1)
        self.card.body.setContentsMargins(theme.em(1.4), theme.em(1.2), theme.em(1.4), theme.em(1.2))
        self.card.body.setSpacing(theme.em(0.6))
        self.scroller.column.addStretch(1)
        self.scroller.column.addLayout(across)
        self.scroller.column.addStretch(2)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin in the first field, not in the choice of language (Qt)."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self.focus_first)

    def focus_first(self) -> None:
        """Give the focus to what is asked first."""

    def _on_language_chosen(self, code: str) -> None:
        self.context.settings.language = code
        self.context.settings.save()
        i18n.set_language(code)
        self.context.settings_changed.emit()
