"""What the program says when something cannot be done."""

from __future__ import annotations


class AppError(Exception):
    """An expected fault, worded for the person at the machine.

    All texts are already in the person's language. ``kept`` says what was *not* lost.
    A library's error is converted into one of these once, at the edge where it arises.
    """

    def __init__(self, title: str, message: str = "", hint: str = "", kept: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.message = message
        self.hint = hint
        self.kept = kept

    def __str__(self) -> str:
        """Join the parts into sentences; a message that is none (a path, a system's word) ends the title's."""
        said = _sentence(self.title)
        if self.message and _ends(self.message):
            said = f"{said} {self.message}"
        elif self.message:
            said = f"{self.title.rstrip('.')}: {self.message}."
        return " ".join((said, *(_sentence(part) for part in (self.hint, self.kept) if part)))


def _ends(text: str) -> bool:
    return text.rstrip("”’\")]").endswith((".", "!", "?", "…", ":"))


def _sentence(text: str) -> str:
    return text if _ends(text) else f"{text}."


class NotAllowed(AppError):
    """The rules of permissions forbid the act."""


class BadInput(AppError):
    """Something a person gave cannot be used; ``faults`` lists each one with its place."""

    def __init__(
        self, title: str, faults: tuple[str, ...] = (), *, message: str = "", hint: str = "", kept: str = ""
    ) -> None:
        super().__init__(title, message, hint, kept)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *self.faults])


class NotebookError(AppError):
    """The notebook cannot be opened, read or written."""


class WrongKey(NotebookError):
    """PIN, passphrase or recovery code do not open the notebook."""


class LineError(AppError):
    """The server cannot be reached or trusted just now; ``code`` is stable, for tests and logs.

    ``retry_after`` is how many seconds the server asked to be left alone.
    """

    def __init__(self, code: str, title: str, message: str = "", hint: str = "", kept: str = "", *, retry_after: int = 0) -> None:
        super().__init__(title, message, hint, kept)
        self.code = code
        self.retry_after = retry_after
