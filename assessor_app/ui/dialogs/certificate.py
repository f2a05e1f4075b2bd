"""A person's own certificate: the file, then its password, typed by its owner and kept nowhere."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from assessor_app import given
from assessor_app.errors import AppError, BadInput, WrongKey
from assessor_app.i18n import t
from assessor_app.identity.signers import PKCS12, name_of
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.files import open_file
from assessor_app.ui.notify import describe
from assessor_app.ui.widgets.basics import Field, button, label
from assessor_app.ui.widgets.secrets import secret_line


class CertificateField(QWidget):
    """Asks for a PKCS#12 file and its password; what is wrong with either is said under the password."""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self._data = b""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(context.theme.em(0.4))
        self.choose = button(context.theme, t("Choose the certificate…"), self._choose, icon="key")
        column.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignLeft)
        self.chosen = label(t("No certificate chosen yet"), "muted")
        column.addWidget(self.chosen)
        self.password = secret_line(t("Password of the certificate"))
        self.field = Field(context.theme, t("Password of the certificate (typed by its owner)"), self.password)
        column.addWidget(self.field)

    def load(self) -> PKCS12 | None:
        """Open the certificate; None after saying why not."""
        if not self._data:
            self.field.say(t("Choose the certificate first."), wrong=True)
            self.choose.setFocus()
            return None
        try:
            opened = PKCS12.load(self._data, self.password.text())
        except AppError as fault:
            said = describe(fault)
            self.field.say(f"{said.title} {said.hint}".strip(), wrong=True)
            (self.password if isinstance(fault, WrongKey) else self.choose).setFocus()
            self.password.selectAll()
            return None
        self.field.say(t("Certificate of {0}").format(name_of(opened)))
        return opened

    def _choose(self) -> None:
        file = open_file(self, t("Certificate"), t("Certificates (*.p12 *.pfx)"))
        if file is None:
            return
        try:
            self._data = given.read(file, given.KEY)
        except BadInput as fault:
            self._context.notify.error(fault)
            return
        self.chosen.setText(file.name)
        self.field.say("")
        self.password.setFocus()
