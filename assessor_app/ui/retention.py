"""Asks by itself about respondents whose agreed time is over: at the opening, and once a day while the notebook is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from assessor_app import clock
from assessor_app.ui.context import AppContext

if TYPE_CHECKING:
    from assessor_app.workflow import rights

#: How often it is looked at whether another day has begun, in ms.
_LOOK_MS = 5 * 60_000


class Retention(QObject):
    """Looks at the opening, and once a day while the notebook is open."""

    def __init__(self, context: AppContext, window: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._window = context, window
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)

    def begin(self) -> None:
        """Ask now where that was not done today, and go on looking."""
        self._timer.start()
        self.look()

    def look(self) -> None:
        """Ask where another day has begun; a dialog that is open goes first, and it is asked at the next look."""
        from assessor_app.workflow import rights

        context = self._context
        if context.unlocked and context.account.asked_on != _today() and QApplication.activeModalWidget() is None:
            context.tasks.read(rights.expired, done=self._ask, owner=self)

    def _ask(self, over: tuple[rights.Over, ...]) -> None:
        if not self._context.unlocked or self._context.account.asked_on == _today() or QApplication.activeModalWidget() is not None:
            return
        self._context.account.asked_on = _today()
        if over:
            from assessor_app.ui.dialogs.retention import RetentionDialog

            dialog = RetentionDialog(self._context, over, self._window)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()


def _today() -> str:
    return clock.today().isoformat()
