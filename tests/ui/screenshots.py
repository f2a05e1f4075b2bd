"""Pictures every screen of the window on the sample visit: ``python -m tests.ui.screenshots FOLDER [word …]``.

Both languages, both looks, 1366×768 at 100 % and 1280×720 at 150 % text; words choose some of them (``id``, ``dark``, ``150``).
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QWidget

from assessor_app import i18n
from assessor_app.app import make_application, make_window
from assessor_app.settings import Settings
from assessor_app.ui import labels
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.names import PAGES
from assessor_app.ui.sample import SAMPLE_PIN, make_sample

SIZES = {"100": (1366, 768), "150": (1280, 720)}


def pump(window: MainWindow, seconds: float = 0.15) -> None:
    """Let the window do what it has to do."""
    end = time.monotonic() + seconds
    while time.monotonic() < end or not window.context.tasks.idle:
        QApplication.processEvents()
        time.sleep(0.005)
        if time.monotonic() > end + 20:
            break
    QApplication.processEvents()


def picture(widget: QWidget, file: Path) -> None:
    """Keep what a widget shows."""
    widget.grab().save(str(file))


def dialogs(window: MainWindow) -> dict[str, QWidget]:
    """Return every dialog that can be shown without a person."""
    from assessor_app.errors import BadInput
    from assessor_app.ui.dialogs.about import AboutDialog, KeysDialog
    from assessor_app.ui.dialogs.backups import BackupDialog, RestoreDialog
    from assessor_app.ui.dialogs.courier import CourierDialog
    from assessor_app.ui.dialogs.differences import DifferencesDialog
    from assessor_app.ui.dialogs.export import ExportDialog
    from assessor_app.ui.dialogs.import_sheet import ImportDialog
    from assessor_app.ui.dialogs.import_survey import SurveyDialog
    from assessor_app.ui.dialogs.message import MessageDialog, QuestionDialog
    from assessor_app.ui.dialogs.move_sheet import MoveDialog
    from assessor_app.ui.dialogs.new_visit import NewVisit
    from assessor_app.ui.dialogs.person import PersonDialog
    from assessor_app.ui.dialogs.pick import Option, PickDialog
    from assessor_app.ui.dialogs.plan_page import PlanPageDialog
    from assessor_app.ui.dialogs.print import BatchDialog, PrintDialog
    from assessor_app.ui.dialogs.ready import ReadyDialog
    from assessor_app.ui.dialogs.rights import RightsDialog
    from assessor_app.ui.dialogs.settings import SettingsDialog
    from assessor_app.ui.dialogs.sign import PinDialog, SignOptions
    from assessor_app.ui.notify import describe
    from assessor_app.ui.printing import Target, Way
    from assessor_app.workflow import plan_import, reporting, sample, survey_import
    from assessor_app.workflow.moving import Lost, Move
    from assessor_app.workflow.queries.people import people_of

    context = window.context
    assert window.workspace is not None
    assert window.workspace.view is not None
    assert window.actions_ is not None
    visit = window.workspace.view.visit
    with context.account.reading() as session:
        people = people_of(session, visit.id)
    officials = [p for p in people if p.official]
    respondents = [p for p in people if not p.official]
    sheet = sample.folder() / "rencana-induk-boven-digoel.xlsx"
    asked = "nama,layanan,p1,p2,p3\n" + "".join(f"Warga {n % 9},{'PLTS' if n else ''},{n % 5},3,{n % 5}\n" for n in range(12))
    survey = survey_import.propose([("Energi.csv", asked.encode())]).with_sheet(0, sub_dimension="energi").with_users(9)
    lost = Lost("a", "1.1", "Apakah rencana ditetapkan?", "Is the plan adopted?", "4", "Naskah bernomor dilihat.", True)
    new = NewVisit(context, window)
    new.where.setText("jayapura")
    sign = SignOptions(context, "minutes", officials, window)
    sign.how.set("drawn")
    sign._show()
    blank, printers = reporting.blank(context.account, visit.id, language=i18n.language()), [Target("EPSON_L3210", Way.QUEUE)]
    minutes, report = labels.document("minutes"), labels.document("panel_report")
    fault = BadInput(i18n.t("Some files were not attached."), ("foto.jpg: 0 bytes",), kept=i18n.t("The note is untouched."))
    return {
        "new_visit": new, "settings": SettingsDialog(context, window), "numbers": SettingsDialog(context, window, page="letterhead"),
        "server": SettingsDialog(context, window, page="server"), "courier": CourierDialog(context, visit, window),
        "ready": ReadyDialog(context, window.actions_.line, visit, window, back_up=lambda: None, invite=lambda: None),
        "backup": BackupDialog(context, window), "restore": RestoreDialog(context, window), "keys": KeysDialog(context, window),
        "about": AboutDialog(context, window), "differences": DifferencesDialog(context, window),
        "official": PersonDialog(context, officials[0], official=True, parent=window),
        "consent": PersonDialog(context, respondents[0], official=False, parent=window),
        "rights": RightsDialog(context, visit.id, visit.zone, respondents[0].id, lambda person: None, window),
        "pick": PickDialog(context.theme, i18n.t("Choose people"), [Option(p.id, p.full_name, p.detail) for p in people],
                           [people[0].id], window),
        "sign": sign, "pin": PinDialog(context, i18n.t("Sign now"), "001/BA/2024", lambda pin: None, lambda result: None, window),
        "export": ExportDialog(context, visit, window),
        "print": PrintDialog(context, labels.document("blank_sheet"), blank, printers, window),
        "print_several": BatchDialog(context, [f"{minutes} 001/BA/2024", f"{report} 002/LP/2024"], printers, window),
        "import": ImportDialog(context, plan_import.propose(sheet.read_bytes(), sheet.name), window),
        "survey": SurveyDialog(context, survey, window), "plan_page": PlanPageDialog(context, sheet, window),
        "move": MoveDialog(context, Move("smart-city-2022-baru@2", 57, (lost,), ("1.2", "2.1"), ("3.9",)), window),
        "error": MessageDialog(describe(fault), window),
        "question": QuestionDialog(i18n.t("Delete this note?"), i18n.t("It can be taken back with Undo."), i18n.t("Delete"),
                                   i18n.t("Cancel"), True, window),
    }


def walk(window: MainWindow, folder: Path, *, with_dialogs: bool = True) -> None:
    """Picture the pages of the open visit and the dialogs."""
    space = window.workspace
    assert space is not None
    pump(window, 0.4)
    assert space.view is not None
    for code in PAGES:
        space.view.show_page(code)
        pump(window, 1.2 if code == "documents" else 0.5)
        picture(window, folder / f"page-{code}.png")
    plan = space.view.page_widget("plan")
    space.view.show_page("plan")
    for part in ("picture", "progress"):
        plan.parts.setCurrentWidget(getattr(plan, part))  # type: ignore[attr-defined]
        pump(window, 0.3)
        picture(window, folder / f"page-plan-{part}.png")
    plan.parts.setCurrentIndex(0)  # type: ignore[attr-defined]
    for columns in ("budgets", "states"):
        plan.full.sets.set(columns)  # type: ignore[attr-defined]
        plan.full.sets.chosen.emit(columns)  # type: ignore[attr-defined]
        pump(window, 0.2)
        picture(window, folder / f"page-plan-{columns}.png")
    for stage in ("bimtek_1", "bimtek_2", "bimtek_3", "bimtek_4"):
        space.view.show_page("plan", f"path:{stage}")
        pump(window, 0.4)
        picture(window, folder / f"page-plan-{stage}.png")
    plan.parts.setCurrentWidget(plan.examples)  # type: ignore[attr-defined]
    pump(window, 0.4)
    picture(window, folder / "page-plan-examples.png")
    notes = space.view.page_widget("interviews")
    space.view.show_page("interviews")
    notes.show_beside("guide")  # type: ignore[attr-defined]
    pump(window, 0.6)
    picture(window, folder / "page-interviews-guide.png")
    notes.show_beside("")  # type: ignore[attr-defined]
    notes.form.ensureWidgetVisible(notes.form.recorder)  # type: ignore[attr-defined]
    pump(window, 0.2)
    picture(window, folder / "page-interviews-sound.png")
    scoring = space.view.page_widget("scoring")
    scoring.open_record("findings:")
    space.view.show_page("scoring")
    pump(window, 0.3)
    picture(window, folder / "page-scoring-findings.png")
    for part in ("survey:", "panel:", "sheet:"):
        scoring.open_record(part)
        pump(window, 0.8)
        picture(window, folder / f"page-scoring-{part.rstrip(':')}.png")
    scoring.as_list.setChecked(True)  # type: ignore[attr-defined]
    pump(window, 0.3)
    picture(window, folder / "page-scoring-list.png")
    scoring.as_list.setChecked(False)  # type: ignore[attr-defined]
    space.side.search.setText("sagu")
    pump(window, 0.5)
    picture(window, folder / "search.png")
    space.side.search.clear()
    assert window.actions_ is not None
    window.actions_.show_line()
    pump(window, 0.5)
    picture(window, folder / "line.png")
    if with_dialogs:
        for name, dialog in dialogs(window).items():
            dialog.show()
            pump(window, 0.2)
            picture(dialog, folder / f"dialog-{name}.png")
            dialog.close()


def main(target: Path, words: list[str]) -> int:
    """Picture everything that the words choose."""
    os.environ["ASESOR_HOME"] = tempfile.mkdtemp(prefix="asesor-shots-")
    application = make_application()
    account = make_sample(Path(tempfile.mkdtemp(prefix="asesor-shots-")) / "account")
    window: MainWindow | None = None
    for language in ("id", "en"):
        for look in ("light", "dark"):
            for scale, (width, height) in SIZES.items():
                if words and not all(word in (language, look, scale) for word in words):
                    continue
                folder = target / f"{language}-{look}-{scale}"
                folder.mkdir(parents=True, exist_ok=True)
                settings = Settings(language=language, theme=look, text_scale=int(scale))
                window = make_window(application, settings, account.folder)
                window.context.notify.quiet = True
                window.resize(width, height)
                window.show()
                window.show_first_start(has_accounts=False)
                pump(window)
                picture(window, folder / "start-1.png")
                page = window.stack.currentWidget()
                page._show(1)  # type: ignore[union-attr]
                pump(window)
                picture(window, folder / "start-2.png")
                page._on_created((account, "7K2M-91QX-ADTR-50HW-ZC8N-3FBV-GE4P"))  # type: ignore[union-attr]
                pump(window)
                picture(window, folder / "start-3.png")
                window.show_unlock()
                pump(window)
                picture(window, folder / "unlock.png")
                window.open_account(account)
                window.resize(width, height)
                walk(window, folder)
                window.context.set_account(None)
                window.workspace = None
                window.close()
                window.deleteLater()
                QApplication.processEvents()
    account.close()
    return 0


if __name__ == "__main__":
    assert SAMPLE_PIN
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
