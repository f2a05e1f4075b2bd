"""Which key signs: this device's, a certificate file, a token, or a service elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assessor_app.i18n import t
from assessor_app.identity.signers import PKCS11, name_of
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.dialogs.certificate import CertificateField
from assessor_app.ui.dialogs.files import open_file
from assessor_app.ui.notify import describe
from assessor_app.ui.widgets.basics import Field, Steps, button, label
from assessor_app.ui.widgets.editors import Choice, LineEdit
from assessor_app.ui.widgets.secrets import secret_line

if TYPE_CHECKING:
    from assessor_app.identity.remote import Remote
    from assessor_app.identity.signers import Signer

DEVICE, FILE, TOKEN, SERVICE = "device", "file", "token", "service"


class _Way(QWidget):
    """One kind of key.

    Signals:
        grown(): there is more to see.
    """

    grown = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(context.theme.em(0.4))

    def _search(self, work: Callable[[], object], done: Callable[[object], None], field: Field) -> None:
        """Ask beside the window; what is wrong is said under the field."""
        field.say(t("Looking…"))

        def failed(error: Exception) -> None:
            said = describe(error)
            field.say(" ".join(part for part in (said.title, said.hint) if part), wrong=True)
            self.grown.emit()

        self.context.tasks.call(work, done=done, failed=failed, owner=self)


class TokenField(_Way):
    """Asks for a token's driver, the certificate on it, and its PIN."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        from assessor_app.identity.tokens import DRIVERS

        self.found: list[PKCS11] = []
        known = context.settings.token_driver or next((driver for driver in DRIVERS if Path(driver).exists()), "")
        self.driver = LineEdit(known)
        self.driver_field = Field(context.theme, t("Driver of the token (PKCS#11 library)"), self.driver,
                                  t("It comes with the token: a .so, .dll or .dylib file."))
        self.column.addWidget(self.driver_field)
        row = QHBoxLayout()
        row.addWidget(button(context.theme, t("Choose the driver…"), self._choose, part="quiet"))
        self.look = button(context.theme, t("Look for certificates"), self.search, icon="search")
        row.addWidget(self.look)
        row.addStretch(1)
        self.column.addLayout(row)
        self.which = Choice([], "")
        self.which_field = Field(context.theme, t("Certificate on the token"), self.which)
        self.column.addWidget(self.which_field)
        self.pin = secret_line(t("PIN of the token"))
        self.pin_field = Field(context.theme, t("PIN of the token (typed by its owner)"), self.pin)
        self.column.addWidget(self.pin_field)
        for made in (self.which_field, self.pin_field):
            made.hide()

    def search(self) -> None:
        """Look what is on the tokens of the driver."""
        driver = self.driver.text().strip()
        if not driver:
            self.driver_field.say(t("Choose the driver first."), wrong=True)
            return
        self._search(lambda: PKCS11.find(driver), self._show, self.driver_field)

    def load(self) -> Signer | None:
        """Return the key; None after saying what is missing."""
        if not self.found:
            self.driver_field.say(t("Look for certificates first."), wrong=True)
            return None
        if not self.pin.text():
            self.pin_field.say(t("Type the PIN of the token."), wrong=True)
            self.pin.setFocus()
            return None
        return self.found[int(self.which.code())].with_pin(self.pin.text())

    def _choose(self) -> None:
        file = open_file(self, t("Driver of the token"), f"{t('Drivers')} (*.so *.dll *.dylib);;{t('All files')} (*)")
        if file is not None:
            self.driver.setText(str(file))

    def _show(self, found: object) -> None:
        assert isinstance(found, list)
        self.found = found
        self.context.settings.token_driver = self.driver.text().strip()
        self.context.settings.save()
        self.which.offer([(str(at), f"{name_of(one)} ({one.token})") for at, one in enumerate(found)], "0")
        self.driver_field.say("")
        for made in (self.which_field, self.pin_field):
            made.show()
        self.pin.setFocus()
        self.grown.emit()


class ServiceField(_Way):
    """Asks for a signing service, who signs there, and the passphrase."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.person: Remote | None = None
        self.column.addWidget(label(t("The document is sent there and comes back signed. It needs a line."), "muted"))
        self.address = LineEdit(context.settings.sign_service)
        self.address_field = Field(context.theme, t("Address of the signing service"), self.address)
        self.user = LineEdit()
        self.column.addWidget(self.address_field)
        self.column.addWidget(Field(context.theme, t("Name or number of the person there"), self.user))
        self.column.addWidget(button(context.theme, t("Connect"), self.search, icon="search"), 0, Qt.AlignmentFlag.AlignLeft)
        self.secret = secret_line(t("Passphrase of the service"))
        self.secret_field = Field(context.theme, t("Passphrase of the service (typed by its owner)"), self.secret)
        self.column.addWidget(self.secret_field)
        self.secret_field.hide()

    def search(self) -> None:
        """Ask the service who the person is."""
        from assessor_app.identity.remote import HttpService, Remote

        url, user = self.address.text().strip(), self.user.text().strip()
        self._search(lambda: Remote.connect(HttpService(url), user), self._show, self.address_field)

    def load(self) -> Signer | None:
        """Return the key; None after saying what is missing."""
        if self.person is None:
            self.address_field.say(t("Connect first."), wrong=True)
            return None
        if not self.secret.text():
            self.secret_field.say(t("Type the passphrase."), wrong=True)
            self.secret.setFocus()
            return None
        return self.person.with_secret(self.secret.text())

    def _show(self, person: object) -> None:
        from assessor_app.identity.remote import Remote

        assert isinstance(person, Remote)
        self.person = person
        self.context.settings.sign_service = self.address.text().strip()
        self.context.settings.save()
        self.address_field.say(t("Certificate of {0}").format(name_of(person)))
        self.secret_field.show()
        self.secret.setFocus()
        self.grown.emit()


class KeyChoice(QWidget):
    """Asks which key signs; ``device`` offers this device's own, which needs nothing more.

    Signals:
        changed(): another kind was chosen, or there is more to see.
    """

    changed = Signal()

    def __init__(self, context: AppContext, title: str, *, device: bool) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(context.theme.em(0.4))
        kinds = [(DEVICE, t("This device's key"))] if device else []
        kinds += [(FILE, t("A certificate file (.p12)")), (TOKEN, t("A token (smart card, USB key)")), (SERVICE, t("A signing service"))]
        self.how = Choice(kinds, kinds[0][0])
        column.addWidget(Field(context.theme, title, self.how))
        self.file, self.token, self.service = CertificateField(context), TokenField(context), ServiceField(context)
        self._ways = Steps()
        self._order = [code for code, _ in kinds]
        nothing = QWidget()
        nothing.setMaximumHeight(0)
        for code, page in ((DEVICE, nothing), (FILE, self.file), (TOKEN, self.token), (SERVICE, self.service)):
            if code in self._order:
                self._ways.add(page)
        column.addWidget(self._ways)
        self.how.chosen.connect(lambda _: self.show_chosen())
        for way in (self.token, self.service):
            way.grown.connect(self.changed)

    @property
    def is_device(self) -> bool:
        """Whether this device's own key signs."""
        return self.how.code() == DEVICE

    def show_chosen(self) -> None:
        """Show what the chosen kind asks for."""
        self._ways.show_step(self._order.index(self.how.code()))
        self.changed.emit()

    def load(self) -> Signer | None:
        """Return the key; None after saying what is missing, and for this device's own."""
        match self.how.code():
            case "file":
                return self.file.load()
            case "token":
                return self.token.load()
            case "service":
                return self.service.load()
        return None


class CosignDialog(Dialog):
    """Asks for the official's key; ``signer`` is it after the dialog was accepted."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Official co-signs"), parent, width=30)
        self.signer: Signer | None = None
        self.body.addWidget(label(t("The official types the password of their own key; it is kept nowhere.")))
        self.key = KeyChoice(context, t("The official signs with"), device=False)
        self.key.changed.connect(self.adjust)
        self.body.addWidget(self.key)
        self.body.addStretch(1)
        self.footer(cancel_button(self))
        self.footer(button(context.theme, t("Co-sign now"), self._accept, icon="sign", part="main"))

    def _accept(self) -> None:
        self.signer = self.key.load()
        if self.signer is not None:
            self.accept()
        else:
            self.adjust()
