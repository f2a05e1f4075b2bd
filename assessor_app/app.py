"""The composition root: settings, look, work beside the window, and the window itself."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from PySide6.QtCore import QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from assessor_app import i18n
from assessor_app.i18n import t
from assessor_app.settings import Settings
from assessor_app.ui.context import AppContext
from assessor_app.ui.crash import LastChance, crash_text
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.notify import Notifier
from assessor_app.ui.tasks import Tasks
from assessor_app.ui.theme import Theme
from assessor_app.ui.translations import QtWords


def make_application() -> QApplication:
    """Return the application object, named so that the desktop knows it."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    gc.disable()  # what is made until the window can be used stays: looking through it again and again is in vain
    application = QApplication(sys.argv[:1])
    application.setApplicationName("asesor")
    application.setApplicationDisplayName("Asesor")
    application.setDesktopFileName("asesor")
    application.setQuitOnLastWindowClosed(True)
    application.installTranslator(QtWords(application))
    return application


def make_window(application: QApplication, settings: Settings, folder: Path | None) -> MainWindow:
    """Put the window together from its parts."""
    i18n.set_language(settings.language)
    theme = Theme(application)
    theme.apply(settings.theme, settings.text_scale)
    window = MainWindow(AppContext(settings, theme, Tasks(application), Notifier(application)), folder)
    window.ready.connect(_collect)
    return window


def _collect() -> None:
    """Collect garbage from now on, without what the start has made."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def run(data: Path | None = None, sample: bool = False) -> int:
    """Open the window and stay until it is closed; return the exit status.

    ``data`` is one account's folder; ``sample`` opens the sample visit in a notebook that is thrown away at the end.
    """
    application = make_application()
    qInstallMessageHandler(_on_qt_message)
    settings = Settings.load()
    window = make_window(application, settings, data)
    LastChance(flush=lambda: _flush(window), offer_backup=lambda file: _after_crash(window, file)).install()
    if sample:
        from assessor_app.ui.sample import open_sample

        open_sample(window)
    else:
        window.begin()
    window.show()
    QTimer.singleShot(0, window, lambda: _watch_power(window))
    window.context.tasks.call(_sweep)
    status = application.exec()
    window.context.tasks.close()
    return status


def _sweep() -> None:
    from assessor_app.workflow.printing import sweep_copies

    sweep_copies()


def _watch_power(window: MainWindow) -> None:
    from assessor_app.ui.platform_power import Power

    power = Power(window)
    power.sleeping.connect(window.on_sleeping)
    power.battery_low.connect(window.on_power_going)
    power.watch()


def _flush(window: MainWindow) -> None:
    if window.context.unlocked:
        window.context.flush(timeout_ms=3000)


def _after_crash(window: MainWindow, report: Path | None) -> None:
    context = window.context
    if context.notify.ask(
            t("Something went wrong that the program did not expect."),
            " ".join((t("Everything saved so far is in the notebook."), crash_text(report),
                      t("Make a backup now, to be safe?"))), yes=t("Back up…"), no=t("Go on working")) and window.actions_ is not None:
        window.actions_.back_up()


def _on_qt_message(kind: QtMsgType, where: object, message: str) -> None:
    """Keep Qt's chatter off the terminal; what is critical is said by its kind alone."""
    if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
        sys.stderr.write(f"Qt: {kind.name}\n")
