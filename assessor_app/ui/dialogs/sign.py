"""Signing: how the official signs, then the PIN, every time; and the co-signature with a certificate of one's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from assessor_app import given, i18n
from assessor_app.i18n import t
from assessor_app.models.kinds import DocumentType
from assessor_app.ui import labels
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.base import Dialog, cancel_button
from assessor_app.ui.dialogs.files import open_file
from assessor_app.ui.dialogs.keys import CosignDialog, KeyChoice
from assessor_app.ui.notify import describe
from assessor_app.ui.pages.start import LANGUAGES
from assessor_app.ui.widgets.basics import Field, Steps, button, label
from assessor_app.ui.widgets.editors import Choice
from assessor_app.ui.widgets.ink import InkPad
from assessor_app.ui.widgets.preview import Preview
from assessor_app.ui.widgets.secrets import secret_line
from assessor_app.workflow.queries.people import PersonRow

if TYPE_CHECKING:
    from assessor_app.identity.signers import Signer
    from assessor_app.ui.tasks import Job
    from assessor_app.workflow.documents import Prepared

PAPER, DRAWN, PHOTO, CERTIFICATE = "paper", "drawn", "photo", "certificate"


class SignOptions(Dialog):
    """Asks how a document is to be made: language, paper, and for the minutes which official signs and how."""

    def __init__(self, context: AppContext, type: str, officials: Sequence[PersonRow], parent: QWidget | None = None) -> None:
        super().__init__(context.theme, t("Sign: {0}").format(labels.document(type)), parent, width=32)
        theme = context.theme
        self._context = context
        self._officials = tuple(officials)
        self.photo = b""
        self.certificate: Signer | None = None
        self.signer: Signer | None = None
        row = QHBoxLayout()
        row.setSpacing(theme.em(0.6))
        self.language = Choice(LANGUAGES, i18n.language())
        self.paper = Choice([("A4", "A4"), ("F4", t("F4 (215 × 330 mm)"))], "A4")
        row.addWidget(Field(theme, t("Language"), self.language), 1)
        row.addWidget(Field(theme, t("Paper"), self.paper), 1)
        self.body.addLayout(row)
        self.key = KeyChoice(context, t("You sign with"), device=True)
        self.body.addWidget(self.key)
        self.minutes = type == DocumentType.MINUTES
        self.official = Choice([("", t("Nobody from the region")), *((p.id, p.full_name) for p in officials)],
                               officials[0].id if officials else "")
        self.how = Choice([(PAPER, t("By pen on the print")), (DRAWN, t("Draws here, now")), (PHOTO, t("Photo of the signature on paper")),
                           (CERTIFICATE, t("With a key of their own"))], PAPER)
        self.how.chosen.connect(lambda _: self._show())
        self.ways = Steps()
        self.ways.add(label(t("The field stays empty on the print; attach a scan afterwards."), "muted"))
        draw = QWidget()
        column = QVBoxLayout(draw)
        column.setContentsMargins(0, 0, 0, 0)
        self.pad = InkPad(theme)
        column.addWidget(self.pad)
        column.addWidget(button(theme, t("Clear"), self.pad.clear, part="quiet"), 0, Qt.AlignmentFlag.AlignLeft)
        self.ways.add(draw)
        photo = QWidget()
        column = QVBoxLayout(photo)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(button(theme, t("Choose a photo…"), self._choose_photo, icon="photo"), 0, Qt.AlignmentFlag.AlignLeft)
        self._photo_label = label(t("No photo chosen yet"), "muted")
        column.addWidget(self._photo_label)
        self._photo_shown = QLabel()
        self._photo_shown.setAccessibleName(t("Photo of the signature"))
        self._photo_shown.hide()
        column.addWidget(self._photo_shown)
        self.ways.add(photo)
        self.own = KeyChoice(context, t("The official's key"), device=False)
        self.ways.add(self.own)
        for key in (self.key, self.own):
            key.changed.connect(self.adjust)
        if self.minutes:
            self.body.addWidget(Field(theme, t("Official who signs"), self.official))
            self.body.addWidget(Field(theme, t("How they sign"), self.how))
            self.body.addWidget(self.ways)
        self.body.addStretch(1)
        self.footer(cancel_button(self))
        self.footer(button(theme, t("Preview and PIN"), self._accept, part="main"))
        self._show()

    def wish(self) -> dict[str, Any]:
        """Return what ``documents.wish`` is given."""
        out: dict[str, Any] = {"language": self.language.code(), "paper": self.paper.code()}
        if not self.minutes or not self.official.code():
            return out
        from assessor_app.identity.certificates import fingerprint
        from assessor_app.reports.content import Ink

        out["official"] = self.official.code()
        match self.how.code():
            case "drawn":
                out |= {"official_signs": "ink", "official_ink": Ink(self.pad.picture(), "drawn")}
            case "photo":
                out |= {"official_signs": "ink", "official_ink": Ink(self.photo, "photo")}
            case "certificate" if self.certificate is not None:
                out |= {"official_signs": "certificate", "official_certificate": fingerprint(self.certificate.certificate)}
        return out

    def _show(self) -> None:
        self.ways.show_step([PAPER, DRAWN, PHOTO, CERTIFICATE].index(self.how.code()))
        self.complain("")
        self.adjust()

    def _choose_photo(self) -> None:
        file = open_file(self, t("Photo of the signature"), f"{t('Photos')} (*.jpg *.jpeg *.png)")
        if file is None:
            return

        def read(job: Job) -> bytes:
            from assessor_app.workflow.interviewing import read_photo

            return read_photo(given.read(file)).data

        def done(data: bytes) -> None:
            self.photo = data
            self._photo_label.setText(file.name)
            side = self.theme.em(9)
            picture = QImage.fromData(data).scaled(2 * side, side, Qt.AspectRatioMode.KeepAspectRatio,
                                                   Qt.TransformationMode.SmoothTransformation)
            self._photo_shown.setPixmap(QPixmap.fromImage(picture))
            self._photo_shown.show()
            self.complain("")
            self.adjust()

        self._context.tasks.run(read, title=t("Reading the photo…"), done=done, owner=self)

    def _accept(self) -> None:
        wrong = ""
        self.certificate = None
        self.signer = None if self.key.is_device else self.key.load()
        if self.signer is None and not self.key.is_device:
            self.adjust()
            return
        if self.minutes and self.official.code():
            if self.how.code() == DRAWN and self.pad.empty:
                wrong = t("Nothing is drawn yet, or too little for a signature.")
            elif self.how.code() == PHOTO and not self.photo:
                wrong = t("Choose the photo first.")
            elif self.how.code() == CERTIFICATE:
                self.certificate = self.own.load()
                if self.certificate is None:
                    self.adjust()
                    return
                if not self._same_person():
                    return
        if not self.complain(wrong):
            self.accept()

    def _same_person(self) -> bool:
        """Ask where the certificate names somebody else than the official whose place it fills."""
        from assessor_app.identity.signers import name_of

        if self.certificate is None:
            return False
        named = name_of(self.certificate)
        official = next(person for person in self._officials if person.id == self.official.code())
        return official.name.casefold() in named.casefold() or self._context.notify.ask(
            t("The certificate names {0}.").format(named),
            t("The official who signs is {0}. Sign with this certificate all the same?").format(official.full_name), yes=t("Sign with it"))


class PinDialog(Dialog):
    """Asks for the PIN beside the whole document that is signed with it; stays open while the PIN is wrong."""

    def __init__(self, context: AppContext, title: str, text: str, work: Callable[[str], Any], done: Callable[[Any], None],
                 parent: QWidget | None = None, *, pdf: bytes = b"") -> None:
        super().__init__(context.theme, title, parent, width=46 if pdf else 24, height=40 if pdf else 0)
        self._context, self._work, self._done = context, work, done
        self.body.addWidget(label(title, "lead"))
        self.body.addWidget(label(text))
        self.preview: Preview | None = None
        if pdf:
            self.preview = Preview(context)
            self.preview.setMinimumHeight(context.theme.em(12))
            self.body.addWidget(self.preview, 1)
            self.preview.show_pdf(pdf)
        self.pin = secret_line(t("PIN"))
        self.field = Field(context.theme, t("PIN"), self.pin)
        self.body.addWidget(self.field)
        self.footer(cancel_button(self))
        self.ok = self.footer(button(context.theme, t("Sign now"), self._accept, icon="sign", part="main"))
        self.pin.returnPressed.connect(self._accept)
        self.pin.installEventFilter(self)
        self.pin.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Read the document by the page keys without leaving the PIN (Qt)."""
        if self.preview is not None and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress \
                and event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            bar = self.preview.area.verticalScrollBar()
            bar.setValue(bar.value() + (bar.pageStep() if event.key() == Qt.Key.Key_PageDown else -bar.pageStep()))
            return True
        return False

    def _accept(self) -> None:
        if not self.ok.isEnabled():
            return
        pin = self.pin.text()
        if not pin and self._context.account.slots.asks_for_pin:
            self.field.say(t("Type the PIN."), wrong=True)
            self.adjust()
            self.pin.setFocus()
            return
        self.ok.setEnabled(False)
        self._context.tasks.run(lambda job: self._work(pin), title=t("Signing…"), done=self._finish, failed=self._failed, owner=self,
                                cancellable=False)

    def _finish(self, result: Any) -> None:
        self.pin.clear()
        self.accept()
        self._done(result)

    def _failed(self, error: Exception) -> None:
        from assessor_app.errors import WrongKey
        from assessor_app.identity.attempts import TooManyAttempts

        self.ok.setEnabled(True)
        if isinstance(error, WrongKey):
            said = describe(error)
            waiting = isinstance(error, TooManyAttempts)  # another way to open the notebook does not sign
            self.field.say(f"{said.title} {said.text if waiting else said.hint}".strip(), wrong=True)
            self.adjust()
            self.pin.selectAll()
            self.pin.setFocus()
        else:
            self.reject()
            self._context.notify.error(error)


def sign_document(context: AppContext, parent: QWidget, type: str, visit: str, officials: Sequence[PersonRow],
                  show: Callable[[bytes], None], done: Callable[[str], None]) -> None:
    """Ask how, make the document, show it, ask for the PIN, sign; the official's certificate follows at once."""
    from assessor_app.identity.signers import name_of
    from assessor_app.workflow import documents

    options = SignOptions(context, type, officials, parent)
    if not options.exec():
        return
    wanted, certificate = documents.wish(**options.wish()), options.certificate if options.how.code() == CERTIFICATE else None
    signer = options.signer
    account = context.account

    def ask(prepared: Prepared) -> None:
        show(prepared.pdf)

        def work(pin: str) -> str:
            document = documents.sign(account, prepared, pin, signer=signer)
            if certificate is not None:
                documents.cosign(account, document, certificate)
            return document

        number = prepared.content.number or t("without a number")
        key = t("Electronic signature with this device's key, not certified.") if signer is None \
            else t("Electronic signature with the certificate of {0}.").format(name_of(signer))
        PinDialog(context, t("Sign: {0}").format(labels.document(type)), "\n".join((
            t("{0}. You sign exactly what the preview shows.").format(number),
            key)), work, done, parent, pdf=prepared.pdf).exec()

    context.tasks.run(lambda job: documents.prepare(account, type, visit, wanted), title=t("Making the document…"), done=ask, owner=parent)


def cosign_document(context: AppContext, parent: QWidget, document: str, done: Callable[[], None]) -> None:
    """Let the official add a signature with a certificate of their own."""
    from assessor_app.workflow import documents

    dialog = CosignDialog(context, parent)
    if not dialog.exec() or dialog.signer is None:
        return
    certificate = dialog.signer
    account = context.account

    def signed(_: None) -> None:
        context.notify.good(t("Co-signed."))
        done()

    context.tasks.run(lambda job: documents.cosign(account, document, certificate), title=t("Signing…"), done=signed, owner=parent,
                      cancellable=False)
