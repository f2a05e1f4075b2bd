"""From the start of the process to a usable window over 10,000 interviews, against a bare PySide6 window that imports the ORM.

The notebook is opened by a lightly stretched passphrase: how long Argon2id takes is chosen, not measured.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

from benchmarks.figure import Figure, fill, notebook

RUNS = 7
BARE = """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow, QTableWidget
from PySide6.QtCore import QTimer
import sqlalchemy.orm
app = QApplication(sys.argv)
window = QMainWindow(); window.setCentralWidget(QTableWidget(0, 5)); window.resize(1366, 768); window.show()
def painted():
    print("usable", flush=True); app.quit()
QTimer.singleShot(0, painted)
app.exec()
"""
ASKS = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from assessor_app import app
from assessor_app.settings import Settings
application = app.make_application()
window = app.make_window(application, Settings.load(), Path(sys.argv[1]))
def usable():
    print("usable", flush=True); application.quit()
window.ready.connect(lambda: QTimer.singleShot(0, usable))
window.begin()
window.show()
application.exec()
import os; os._exit(0)
"""
OURS = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from assessor_app import app
from assessor_app.settings import Settings
application = app.make_application()
folder = Path(sys.argv[1])
window = app.make_window(application, Settings.load(), folder)
def usable():
    print("usable", flush=True); application.quit()
window.show()
from assessor_app.workflow.accounts import open_account
window.open_account(open_account(folder, passphrase=sys.argv[2]))
window.ready.connect(lambda: QTimer.singleShot(0, usable))
QTimer.singleShot(20000, application.quit)
application.exec()
import os; os._exit(0)
"""


def measure() -> list[Figure]:
    environment = dict(os.environ, QT_QPA_PLATFORM=os.environ.get("QT_QPA_PLATFORM", "offscreen"))
    environment.pop(
        "PYTHONDONTWRITEBYTECODE", None
    )  # an installed program is compiled; the first run of each is not counted
    environment["QT_LOGGING_RULES"] = "*=false"
    with notebook() as account:
        fill(account, 10_000)
        folder = account.folder
        account.writer.close()
        account.notebook.close()
        environment["ASESOR_HOME"] = os.environ["ASESOR_HOME"]
        asks, ours, floor = [], [], []
        for run in range(RUNS + 1):
            bare = _time([sys.executable, "-c", BARE], environment)
            pin = _time([sys.executable, "-c", ASKS, str(folder)], environment)
            mine = _time([sys.executable, "-c", OURS, str(folder), "tolok ukur"], environment)
            if run:
                floor.append(bare)
                asks.append(pin)
                ours.append(mine)
        account.close = lambda: None  # type: ignore[method-assign]
    a, b, c = (statistics.median(values) for values in (ours, floor, asks))
    return [
        Figure("cold start to the window that asks the PIN", f"{c:.2f} s", f"{b:.2f} s", c / b, 1.5),
        Figure("the same, straight on to 10,000 interviews", f"{a:.2f} s", f"{b:.2f} s", a / b, 1.5),
    ]


def _time(command: list[str], environment: dict[str, str]) -> float:
    """Return the seconds until the process prints that its window can be used."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout
    line = process.stdout.readline()
    took = time.perf_counter() - began
    process.wait(30)
    process.stdout.close()
    if "usable" not in line:
        raise RuntimeError("the window did not come up")
    return took
