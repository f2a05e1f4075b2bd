"""The one way to speak to the person: a line for what went well, a box for what did not, a question where it must be asked."""

from __future__ import annotations

import logging
import traceback
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from assessor_app.errors import AppError, BadInput
from assessor_app.i18n import t
from assessor_app.ui.said import Message, Tone

log = logging.getLogger(__name__)


class Notifier(QObject):
    """Speaks to the person; tests read ``history`` and put their answers into ``answers``.

    Signals:
        said(Message): something to show in the banner.
    """

    said = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.history: list[Message] = []
        self.answers: deque[bool] = deque()
        self.quiet = False
        self.window: QWidget | None = None

    def info(self, title: str, text: str = "", *, action: str = "", act: Callable[[], None] | None = None) -> None:
        """Say something in the banner, with an optional button."""
        self._say(Message(Tone.INFO, title, text, action=action, act=act))

    def good(self, title: str, text: str = "", *, action: str = "", act: Callable[[], None] | None = None) -> None:
        """Say that something went well."""
        self._say(Message(Tone.GOOD, title, text, action=action, act=act))

    def warn(self, title: str, text: str = "", *, action: str = "", act: Callable[[], None] | None = None) -> None:
        """Say that something needs attention soon."""
        self._say(Message(Tone.WARN, title, text, action=action, act=act))

    def error(self, error: BaseException) -> None:
        """Say what could not be done: in a box, with what was not lost."""
        message = describe(error)
        self.history.append(message)
        if self.quiet:
            return
        from assessor_app.ui.dialogs.message import MessageDialog

        MessageDialog(message, self._parent()).exec()

    def ask(self, title: str, text: str = "", *, yes: str = "", no: str = "", danger: bool = False) -> bool:
        """Ask a question with two answers; the safe one is the default."""
        self.history.append(Message(Tone.WARN if danger else Tone.INFO, title, text))
        if self.answers:
            return self.answers.popleft()
        if self.quiet:
            return False
        from assessor_app.ui.dialogs.message import QuestionDialog

        return QuestionDialog(title, text, yes or t("Yes"), no or t("Cancel"), danger, self._parent()).ask()

    def last(self) -> Message | None:
        """Return what was said last (tests)."""
        return self.history[-1] if self.history else None

    def _say(self, message: Message) -> None:
        self.history.append(message)
        self.said.emit(message)

    def _parent(self) -> QWidget | None:
        from PySide6.QtWidgets import QApplication

        return QApplication.activeModalWidget() or self.window


def describe(error: BaseException) -> Message:
    """Return what to say about an error; an unexpected one is described without its text, which may hold typed words."""
    if isinstance(error, BadInput):
        return Message(Tone.BAD, error.title, error.message, error.hint, error.kept, error.faults)
    if isinstance(error, AppError):
        return Message(Tone.BAD, error.title, error.message, error.hint, error.kept)
    places = traceback.extract_tb(error.__traceback__)
    place = f"{places[-1].name}:{places[-1].lineno}" if places else "?"
    log.error("unexpected %s at %s", type(error).__name__, place)
    return Message(
        Tone.BAD, t("Something went wrong that the program did not expect."),
        t("Fault: {0}").format(type(error).__name__),
        t("Try again. If it happens once more, make a backup and tell the people who look after the program."),
        t("Everything saved so far is in the notebook."),
    )
