"""What a person noticed by hand in the dialogs: signing, consent, differences, verifying, Qt's own words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from assessor_app import clock, i18n, ids
from assessor_app.models.documents import Difference, Document
from assessor_app.models.journal import Unit
from assessor_app.models.visits import Person, Visit
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs import files, sign
from assessor_app.ui.dialogs.differences import DifferencesDialog
from assessor_app.ui.dialogs.keys import CosignDialog
from assessor_app.ui.dialogs.person import PersonDialog, edit_respondent
from assessor_app.ui.dialogs.verify import VerifyDialog
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.documents import DocumentsPage
from assessor_app.ui.translations import QtWords
from assessor_app.ui.visit_view import VisitView
from assessor_app.ui.widgets.preview import Preview
from assessor_app.workflow import documents, verifying
from assessor_app.workflow.accounts import Account
from assessor_app.workflow.queries.people import PersonRow, people_of
from tests.ui.conftest import settle


@pytest.fixture
def own_certificate(tmp_path: Path) -> Path:
    """An official's own P-256 certificate in a file with the password ``sandi``."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
    from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

    from assessor_app.identity import certificates

    key = ec.generate_private_key(ec.SECP256R1())
    certificate = certificates.load(certificates.self_signed(key, certificates.Subject("Yohanes Kaibur", "Bappeda", "x")))
    file = tmp_path / "pejabat.p12"
    file.write_bytes(serialize_key_and_certificates(b"a", key, certificate, None, BestAvailableEncryption(b"sandi")))
    return file


def officials(account: Account, visit: str) -> list[PersonRow]:
    with account.reading() as session:
        return [person for person in people_of(session, visit) if person.official]


def in_sight(label: QLabel) -> bool:
    """Tell whether a label lies wholly inside its window."""
    corner = label.mapTo(label.window(), QPoint(0, 0))
    return label.isVisible() and label.window().rect().contains(corner) and \
        label.window().rect().contains(corner + QPoint(label.width() - 1, label.height() - 1))


def test_what_is_missing_for_a_signature_is_said_in_sight(qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account,
                                                          own_certificate: Path) -> None:
    dialog = sign.SignOptions(context, "minutes", officials(sample_account, view.visit.id))
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.how.set("drawn")
    dialog._show()
    qtbot.mouseClick(dialog.pad, Qt.MouseButton.LeftButton)
    dialog._accept()
    assert "goresan" in dialog.wrong.text()
    qtbot.waitUntil(lambda: in_sight(dialog.wrong))
    qtbot.mousePress(dialog.pad, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    qtbot.mouseMove(dialog.pad, QPoint(200, 60))
    dialog.pad.mouseMoveEvent(_moved(QPoint(220, 60)))
    qtbot.mouseRelease(dialog.pad, Qt.MouseButton.LeftButton, pos=QPoint(220, 60))
    assert not dialog.pad.empty  # few points, but a stroke that anybody sees
    dialog.how.set("certificate")
    dialog._show()
    dialog._accept()
    assert "sertifikat" in dialog.own.file.field.hint.text()
    files.chosen.append(own_certificate)
    dialog.own.file.choose.click()
    assert dialog.own.file.chosen.text() == "pejabat.p12"
    dialog.own.file.password.setText("salah")
    dialog._accept()
    assert "salah" in dialog.own.file.field.hint.text()
    assert dialog.result() == 0
    dialog.own.file.password.setText("sandi")
    dialog._accept()
    said = context.notify.last()
    assert said is not None
    assert "Yohanes Kaibur" in said.title  # another name than the official's: asked first
    assert dialog.result() == 0
    context.notify.answers.append(True)
    dialog._accept()
    assert dialog.result() == 1
    assert dialog.certificate is not None
    assert dialog.wish()["official_signs"] == "certificate"


def _png() -> bytes:
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QImage

    image = QImage(90, 40, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.darkBlue)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _moved(to: QPoint) -> object:
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent

    return QMouseEvent(QEvent.Type.MouseMove, QPointF(to), QPointF(to), Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton,
                       Qt.KeyboardModifier.NoModifier)


@pytest.mark.parametrize("place", [True, False])
def test_the_official_co_signs_only_where_there_is_a_place(qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account,
                                                           own_certificate: Path, monkeypatch: pytest.MonkeyPatch, place: bool) -> None:
    from assessor_app.identity.certificates import fingerprint
    from assessor_app.identity.signers import PKCS12
    from assessor_app.reports.content import Ink

    own = PKCS12.load(own_certificate.read_bytes(), "sandi")
    how: dict[str, object] = {"official_signs": "certificate", "official_certificate": fingerprint(own.certificate)} if place else \
        {"official_signs": "ink", "official_ink": Ink(_png(), "drawn")}
    official = officials(sample_account, view.visit.id)[0]
    wanted = documents.wish(language="id", official=official.id, **how)
    document = documents.sign(sample_account, documents.prepare(sample_account, "minutes", view.visit.id, wanted), "2468")
    view.show_page("documents")
    settle(qtbot, context)
    page = view.page_widget("documents")
    assert isinstance(page, DocumentsPage)
    page.open_record(document)
    settle(qtbot, context)
    assert page.cosign.isVisible() == place
    if not place:
        return

    def choose(dialog: CosignDialog) -> int:
        dialog.key.file._data = own_certificate.read_bytes()
        dialog.key.file.password.setText("sandi")
        dialog._accept()
        return dialog.result()

    monkeypatch.setattr(CosignDialog, "exec", choose)
    page.cosign.click()
    settle(qtbot, context)
    qtbot.waitUntil(lambda: not page.cosign.isVisible(), timeout=20_000)
    with sample_account.reading() as session:
        assert session.scalar(select(Document.state)) == "cosigned"
        pdf = documents.document_bytes(session, document)
    result = verifying.verify_file(sample_account, pdf)
    for signature, trust in zip(result["signatures"], ("certified", "named"), strict=True):  # as on a device that joined a centre
        signature |= {"trust": trust, "trusted": trust == "certified"}
    checked = VerifyDialog(context, "x", result)
    qtbot.addWidget(checked)
    known = next(answer for answer in checked.answers if answer.startswith("Penanda tangan dipercaya"))
    assert "berita acara" in known
    assert "tidak ada pihak" not in known


def test_the_whole_document_is_read_beside_the_pin(qtbot: QtBot, context: AppContext) -> None:
    pages = 60
    dialog = sign.PinDialog(context, "Tanda tangani", "001", lambda pin: None, lambda result: None, pdf=_pdf(pages))
    qtbot.addWidget(dialog)
    dialog.show()
    settle(qtbot, context)
    preview = dialog.preview
    assert isinstance(preview, Preview)
    assert preview.page_count == pages
    assert dialog.focusWidget() is dialog.pin
    qtbot.waitUntil(lambda: not preview._sheets[0].pixmap().isNull(), timeout=10_000)
    assert preview._sheets[-1].pixmap().isNull()
    for _ in range(200):
        qtbot.keyClick(dialog.pin, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: not preview._sheets[-1].pixmap().isNull(), timeout=10_000)
    assert preview._sheets[0].pixmap().isNull()  # what is far away takes no memory


def _pdf(pages: int) -> bytes:
    import io

    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595, 842)
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


def test_consent_is_an_act(qtbot: QtBot, context: AppContext) -> None:
    dialog = PersonDialog(context, None, official=False)
    qtbot.addWidget(dialog)
    dialog.show()
    form = dialog.consent
    assert form is not None
    dialog.name_field.setText("Yosefina")
    form.state.set("given")
    form._show()
    assert form.chosen() == []
    assert not form.publication.isChecked()
    said = []
    def by_hand() -> None:
        form.form.set("paper")
        form.form.chosen.emit("paper")
        assert not dialog.wrong.isVisible()  # what was missing is there: it is no longer said

    for act in (lambda: None, by_hand, lambda: form.data["answers"].setChecked(True)):
        act()
        dialog._accept()
        said.append(dialog.wrong.text())
        assert in_sight(dialog.wrong) == bool(said[-1])
    assert ["cara" in said[0], "data" in said[1], said[2]] == [True, True, ""]


def test_a_difference_names_the_region_and_what_stands(qtbot: QtBot, context: AppContext, view: VisitView, sample_account: Account) -> None:
    def differ(unit: Unit) -> None:
        visit = unit.get(Visit, view.visit.id)
        for field, now in (("place", visit.place), ("objective", visit.objective)):
            unit.add(Difference(
                id=ids.natural_id("difference", visit.id, field), scope=visit.scope, record_kind="visit", record=visit.id, field=field,
                version_a="a.1.0", version_b="b.1.0", value_a=_json(now), value_b='"lain sama sekali"', by_a=unit.author, by_b="lain",
                at_a=1_720_000_000_000, at_b=1_720_000_100_000, state="open"))

    sample_account.writer.run(differ, purpose="sync.apply", origin="sync")
    dialog = DifferencesDialog(context)
    qtbot.addWidget(dialog)
    dialog.show()
    settle(qtbot, context)
    assert all("Boven Digoel" in dialog.list.item(at).text() for at in range(2))
    assert "berlaku" in dialog.a.who.text()
    assert "berlaku" not in dialog.b.who.text()
    dialog.take_a.setFocus()
    dialog.take_a.click()
    settle(qtbot, context)
    assert dialog.list.count() == 1
    assert dialog.focusWidget() is dialog.list


def _json(value: str) -> str:
    import json

    return json.dumps(value)


def test_an_erased_person_is_gone_from_the_page_with_the_photos(qtbot: QtBot, window: MainWindow, context: AppContext, view: VisitView,
                                                                sample_account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    from assessor_app.ui.dialogs.rights import ReceiptDialog
    from assessor_app.ui.pages.interviews import InterviewsPage
    from assessor_app.workflow.queries.interviews import interview_rows, interview_view

    with sample_account.reading() as session:
        views = [interview_view(session, row.id, sample_account.profile) for row in interview_rows(session, view.visit.id)]
    note = next(one for one in views if one is not None and one.attachments and len(one.persons) == 1 and not one.persons[0].official)
    person, digests = note.persons[0], [media.sha256 for media in note.attachments]
    view.show_page("interviews", note.id)
    settle(qtbot, context)
    page = view.page_widget("interviews")
    assert isinstance(page, InterviewsPage)
    assert page.photos._tiles
    receipts: list[str] = []
    monkeypatch.setattr(ReceiptDialog, "exec", lambda made: receipts.append(made.text.toPlainText()))
    context.notify.answers.append(True)
    page.form._erase(person)
    settle(qtbot, context)
    assert len(receipts) == 1
    assert person.name not in receipts[0]
    assert not page.photos._tiles
    assert not any(sample_account.blobs.has(digest) for digest in digests)
    words = [label.text() for label in page.people_box.findChildren(QLabel) if label.isVisible()]
    assert "Data dimusnahkan" in words
    assert not any(person.name in word for word in words)
    with sample_account.reading() as session:
        row = session.get(Person, person.id)
        assert row is not None
        assert row.name == ""


@pytest.fixture
def qt_words(qapp: QApplication) -> QtWords:
    return QtWords(qapp)


def test_qts_own_boxes_speak_the_persons_language(qtbot: QtBot, qapp: QApplication, qt_words: QtWords) -> None:
    qapp.installTranslator(qt_words)
    try:
        dialog = QFileDialog()
        qtbot.addWidget(dialog)
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.show()
        said = {label.text().replace("&", "") for label in dialog.findChildren(QLabel)}
        assert {"Cari di:", "Nama berkas:", "Jenis berkas:"} <= said
        assert QCoreApplication.translate("QLineEdit", "Select All") == "Pilih semua"
        assert QCoreApplication.translate("QLineEdit", "Insert Unicode control character") == "Insert Unicode control character"
        i18n.set_language("en")
        assert QCoreApplication.translate("QLineEdit", "Select All") == "Select All"
    finally:
        qapp.removeTranslator(qt_words)


def test_a_choice_of_file_begins_where_the_last_one_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, context: AppContext) -> None:
    began: list[str] = []

    def answer(parent: object, title: str, place: str, kinds: str) -> tuple[str, str]:
        began.append(place)
        return str(tmp_path / "undangan.json"), ""

    ask: Callable[..., Path | None] = files.open_file
    monkeypatch.setattr(files, "_places", [])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", answer)
    for _ in range(2):
        assert ask(None, "x", "*") == tmp_path / "undangan.json"
    assert began[0] != str(Path.cwd())
    assert began[1] == str(tmp_path)


def test_a_kind_of_data_that_the_form_does_not_know_is_kept(qtbot: QtBot, context: AppContext, view: VisitView,
                                                            sample_account: Account) -> None:
    with sample_account.reading() as session:
        person = next(person for person in people_of(session, view.visit.id) if "occupation" in person.consent_data)
    dialog = PersonDialog(context, person, official=False)
    qtbot.addWidget(dialog)
    assert dialog.consent is not None
    assert set(dialog.consent.chosen()) == set(person.consent_data)


def test_a_consent_is_proposed_for_the_regions_day(
        qtbot: QtBot, context: AppContext, view: VisitView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_source", lambda: datetime(2026, 11, 28, 16, 30, tzinfo=UTC))  # the 29th in Papua only
    assert view.visit.zone == "WIT"
    proposed: list[str] = []

    def look(dialog: PersonDialog) -> int:
        assert dialog.consent is not None
        proposed.append(dialog.consent.on.value())
        return 0

    monkeypatch.setattr(PersonDialog, "exec", look)
    edit_respondent(context, view, view.visit.id, "")
    settle(qtbot, context)
    assert proposed == ["2026-11-29"]


def test_an_empty_pin_is_asked_for_and_not_called_wrong(qtbot: QtBot, context: AppContext, sample_account: Account) -> None:
    tried: list[str] = []
    dialog = sign.PinDialog(context, "Tanda tangani", "001", tried.append, lambda result: None)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.keyClick(dialog.pin, Qt.Key.Key_Return)
    settle(qtbot, context)
    assert dialog.field.hint.text() == "PIN belum diisi: ketik PIN Anda."
    assert (tried, dialog.isVisible(), dialog.ok.isEnabled()) == ([], True, True)
