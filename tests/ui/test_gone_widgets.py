"""What a widget hears from what outlives it ends with the widget: signals of the context, the work, the line, the notifier."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

import assessor_app.ui
from assessor_app.models.visits import Visit
from assessor_app.ui.context import AppContext
from assessor_app.ui.dialogs.ready import ReadyDialog
from assessor_app.ui.main_window import MainWindow
from assessor_app.ui.pages.sync import SyncPage
from assessor_app.ui.visit_view import VisitView
from tests.factories import write
from tests.ui.conftest import settle

#: Names under which a widget is given what lives longer than itself.
_OUTLIVING = {"context", "_context", "tasks", "_tasks", "notify", "theme", "control", "_control", "line", "unsaved", "workspace",
              "spelling", "editor", "_editor", "app"}


def _opened(qtbot: QtBot, window: MainWindow, context: AppContext) -> list[SyncPage | ReadyDialog]:
    """Open the page of the line and the check before a trip; close the check again."""
    assert window.actions_ is not None
    assert window.workspace is not None
    window.actions_.show_line()
    settle(qtbot, context)
    page = window.workspace.stack.currentWidget()
    assert isinstance(page, SyncPage)
    dialog = ReadyDialog(context, window.actions_.line, None, window, back_up=lambda: None, invite=lambda: None)
    dialog.show()
    settle(qtbot, context)
    dialog.close()
    dialog.deleteLater()
    return [page, dialog]


@pytest.mark.parametrize("how", ["language", "lock"])
def test_editing_after_the_line_was_looked_at_and_the_window_built_anew(qtbot: QtBot, window: MainWindow, context: AppContext,
                                                                       view: VisitView, how: str) -> None:
    """pytest-qt fails the test where a slot raises, as the program shows its crash dialog."""
    visit = view.visit.id
    gone = _opened(qtbot, window, context)
    folder, key = context.account.folder, context.account.notebook.key
    if how == "language":
        window.rebuild()
    else:
        from tests.sync.loopback import open_cheaply

        window.lock()
        window.open_account(open_cheaply(folder, key))
    settle(qtbot, context)
    qtbot.waitUntil(lambda: not any(map(isValid, gone)))
    write(context.account, Visit, visit, place="Kouh")  # every page that is open hears of it
    settle(qtbot, context)
    assert context.notify.history == []


def test_no_closure_hears_what_outlives_its_widget() -> None:
    """A bound method of a widget ends with it; a lambda or an inner function does not."""
    found = []
    for file in sorted(Path(assessor_app.ui.__file__).parent.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        inner = {one.name for outer in ast.walk(tree) if isinstance(outer, ast.FunctionDef)
                 for one in ast.walk(outer) if one is not outer and isinstance(one, ast.FunctionDef)}
        for call in ast.walk(tree):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "connect" and call.args):
                continue
            slot, emitter = call.args[0], ast.unparse(call.func.value).split(".")[:-1]
            closure = isinstance(slot, ast.Lambda | ast.Call) or (isinstance(slot, ast.Name) and slot.id in inner)
            if closure and not _OUTLIVING.isdisjoint(emitter):
                found.append(f"{file.name}:{call.lineno} {ast.unparse(call)}")
    assert found == []
