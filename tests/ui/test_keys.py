"""Which key signs: chosen in the window, from a file, a token or a service, and what is missing is said there."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from assessor_app.identity.signers import name_of
from assessor_app.settings import Settings
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs import files, keys, sign
from assessor_app.ui.visit_view import VisitView
from assessor_app.workflow import documents, verifying
from assessor_app.workflow.accounts import Account
from tests.hardware import needs_softhsm
from tests.ui.conftest import settle
from tests.ui.test_dialogs import officials, own_certificate

assert own_certificate


def chosen(dialog: keys.KeyChoice, kind: str) -> None:
    dialog.how.set(kind)
    dialog.show_chosen()


@needs_softhsm
def test_the_assessor_signs_with_a_token(qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account, token: str) -> None:
    dialog = sign.SignOptions(context, "minutes", officials(sample_account, view.visit.id))
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.official.set("")
    chosen(dialog.key, keys.TOKEN)
    way = dialog.key.token
    assert way.isVisible()
    assert not way.pin_field.isVisible()
    way.driver.setText("/tidak/ada.so")
    way.look.click()
    settle(qtbot, context)
    qtbot.waitUntil(lambda: way.driver_field.hint.property("role") == "bad")
    dialog._accept()
    assert dialog.result() == 0
    way.driver.setText(token)
    way.look.click()
    qtbot.waitUntil(lambda: way.pin_field.isVisible(), timeout=20_000)
    assert {way.which.itemText(at) for at in range(way.which.count())} == {"Maria Token (asesor)", "Maria RSA (asesor)"}
    dialog._accept()
    assert "PIN token" in way.pin_field.hint.text()
    way.pin.setText("1357")
    dialog._accept()
    assert dialog.result() == 1
    assert dialog.signer is not None
    assert Settings.load().token_driver == token  # next time it stands there
    prepared = documents.prepare(sample_account, "minutes", view.visit.id, documents.wish(**dialog.wish()))
    document = documents.sign(sample_account, prepared, "2468", signer=dialog.signer)
    with sample_account.reading() as session:
        pdf = documents.document_bytes(session, document)
    (line,) = verifying.verify_file(sample_account, pdf)["signatures"]
    assert (line["signer"], line["intact"], line["valid"]) == (name_of(dialog.signer), True, True)


def test_the_assessor_signs_with_a_file_of_their_own(qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account,
                                                     own_certificate: Path) -> None:
    dialog = sign.SignOptions(context, "evaluation_sheet", ())
    qtbot.addWidget(dialog)
    dialog.show()
    dialog._accept()
    assert dialog.signer is None  # this device's key needs nothing more
    assert dialog.result() == 1
    chosen(dialog.key, keys.FILE)
    files.chosen.append(own_certificate)
    dialog.key.file.choose.click()
    dialog.key.file.password.setText("sandi")
    dialog._accept()
    assert dialog.signer is not None
    assert name_of(dialog.signer) == "Yohanes Kaibur"


def test_a_service_that_is_away_is_said_under_its_address(qtbot: QtBot, context: AppContext) -> None:
    dialog = keys.CosignDialog(context)
    qtbot.addWidget(dialog)
    dialog.show()
    chosen(dialog.key, keys.SERVICE)
    way = dialog.key.service
    dialog._accept()
    assert dialog.result() == 0
    way.address.setText("http://127.0.0.1:9")
    way.user.setText("yohanes")
    way.search()
    qtbot.waitUntil(lambda: "tidak dapat dihubungi" in way.address_field.hint.text(), timeout=20_000)
    assert not way.secret_field.isVisible()


@pytest.mark.parametrize("kind", [keys.FILE, keys.TOKEN, keys.SERVICE])
def test_everything_about_a_key_has_a_name_and_a_way_by_the_keyboard(qtbot: QtBot, context: AppContext, kind: str) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton

    dialog = keys.CosignDialog(context)
    qtbot.addWidget(dialog)
    dialog.show()
    chosen(dialog.key, kind)
    for widget_type in (QComboBox, QLineEdit, QPushButton):
        for widget in dialog.findChildren(widget_type):
            if widget.isVisible():
                assert widget.accessibleName() or getattr(widget, "text", lambda: "")(), widget
                assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus, widget


def test_the_page_shows_that_a_timestamp_is_there_or_comes(qtbot: QtBot, context: AppContext, view: VisitView,
                                                           sample_account: Account) -> None:
    from assessor_app.models.documents import Document
    from assessor_app.models.journal import Unit
    from assessor_app.models.kinds import RevisionType
    from assessor_app.ui.pages.documents import DocumentsPage
    from assessor_app.workflow.revisions import record

    document = documents.sign(sample_account, documents.prepare(sample_account, "minutes", view.visit.id, documents.wish(language="id")),
                              "2468")
    view.show_page("documents")
    settle(qtbot, context)
    page = view.page_widget("documents")
    assert isinstance(page, DocumentsPage)
    page.open_record(document)
    settle(qtbot, context)
    qtbot.waitUntil(lambda: page.stamped.isVisible())
    assert page.stamped.text() == "Penanda waktu saat sinkronisasi"
    with sample_account.reading() as session:
        pdf = documents.document_bytes(session, document)

    def stamped(unit: Unit) -> None:
        record(unit, unit.get(Document, document), 2, pdf + b"\n", RevisionType.TIMESTAMPED, "Penanda Waktu Uji")

    sample_account.writer.run(stamped, purpose="document.timestamp")
    page.reload()
    settle(qtbot, context)
    qtbot.waitUntil(lambda: page.stamped.text() == "Berpenanda waktu")
    assert "Penanda Waktu Uji" in page.facts.text()
