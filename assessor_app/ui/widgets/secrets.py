"""Fields for secrets: a PIN twice, a passphrase, and the recovery code with its check."""

from __future__ import annotations

import html

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from assessor_app import clock, formats
from assessor_app.i18n import t
from assessor_app.ui import printing
from assessor_app.ui.context import AppContext
from assessor_app.ui.theme import Theme
from assessor_app.ui.widgets.basics import Field, Flow, button, label
from assessor_app.ui.widgets.editors import LineEdit

#: The shortest PIN that is taken.
SHORTEST_PIN = 4


def secret_line(name: str) -> LineEdit:
    """Return a line that shows dots."""
    line = LineEdit()
    line.setEchoMode(QLineEdit.EchoMode.Password)
    line.setAccessibleName(name)
    return line


class NewPin(QWidget):
    """A new PIN, typed twice; leaving both empty is allowed only where ``optional``."""

    def __init__(self, theme: Theme, *, optional: bool = False) -> None:
        super().__init__()
        self._optional = optional
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.first = secret_line(t("PIN"))
        self.again = secret_line(t("PIN again"))
        self._field = Field(theme, t("PIN (at least {0} digits)").format(SHORTEST_PIN), self.first)
        self._repeat = Field(theme, t("PIN again"), self.again)
        column.addWidget(self._field)
        column.addWidget(self._repeat)

    def check(self) -> str | None:
        """Return the PIN, or None after saying what is wrong with it."""
        pin, again = self.first.text().strip(), self.again.text().strip()
        self._field.say("")
        self._repeat.say("")
        if not pin and not again and self._optional:
            return ""
        if len(pin) < SHORTEST_PIN or not pin.isdigit():
            self._field.say(t("At least {0} digits, please.").format(SHORTEST_PIN), wrong=True)
            self.first.setFocus()
            return None
        if pin != again:
            self._repeat.say(t("The two are not the same."), wrong=True)
            self.again.setFocus()
            return None
        return pin


class RecoveryCode(QWidget):
    """Shows the recovery code, prints or copies it, and asks for one of its groups before it goes on.

    Signals:
        confirmed(bool): whether the typed group is right.
    """

    confirmed = Signal(bool)

    def __init__(self, context: AppContext, code: str, name: str) -> None:
        super().__init__()
        theme = context.theme
        self._context, self._code, self._name = context, code, name
        self._groups = code.split("-")
        self._asked = len(self._groups) // 2
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.em(0.5))
        column.addWidget(label(t("With this code the notebook opens on any machine, when PIN or computer are lost. "
                                 "It is shown once. Print it and keep it apart from the laptop.")))
        half = (len(self._groups) + 1) // 2
        shown = label("\n".join(" - ".join(part) for part in (self._groups[:half], self._groups[half:])), "code")
        shown.setAccessibleName(t("Recovery code {0}").format(" ".join(code)))
        shown.setTextInteractionFlags(shown.textInteractionFlags() | shown.textInteractionFlags().TextSelectableByKeyboard)
        self.shown = shown
        column.addWidget(shown)
        row = QWidget()
        flow = Flow(theme.em(0.4))
        row.setLayout(flow)
        flow.addWidget(button(theme, t("Print"), self._print, icon="print"))
        flow.addWidget(button(theme, t("Copy"), self._copy, icon="document"))
        column.addWidget(row)
        self.typed = LineEdit()
        self.typed.setMaximumWidth(theme.em(8))
        self._field = Field(theme, t("To check your copy: type group {0} of the code").format(self._asked + 1), self.typed)
        self.typed.textChanged.connect(self._on_typed)
        column.addWidget(self._field)

    @property
    def right(self) -> bool:
        """Whether the typed group is the asked one."""
        return self.typed.text().strip().upper().replace("O", "0") == self._groups[self._asked]

    def _on_typed(self, text: str) -> None:
        done = self.right
        self._field.say("" if not text or not done else t("Right. Keep the page safe."))
        if len(text.strip()) >= 4 and not done:
            self._field.say(t("That is not group {0}.").format(self._asked + 1), wrong=True)
        self.confirmed.emit(done)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._code)
        self._context.notify.good(t("The code is in the clipboard."))

    def _print(self) -> None:
        from assessor_app.ui.dialogs.print import print_document

        page = (f"<h1>{html.escape(t('Recovery code'))}</h1><p>Asesor · {html.escape(self._name)} · "
                f"{html.escape(formats.date(clock.today()))}</p>"
                f"<p style='font-size:20pt;font-family:monospace'>{html.escape(self._code)}</p>"
                f"<p>{html.escape(t('Whoever has this page and the laptop or a backup can read everything. Keep it locked away.'))}</p>")
        pdf = printing.text_as_pdf(page)
        print_document(self._context, self, pdf, t("Recovery code"))
