"""The person's language, for every layer: gettext with English source strings; Bahasa Indonesia is complete and the default.

``t("… {0}").format(x)`` marks and translates a string; ``nt("{n} file", "{n} files", n)`` one that counts.
``make strings`` gathers them into ``resources/i18n/id/LC_MESSAGES/asesor.po``. Never pass an f-string.
"""

from __future__ import annotations

import gettext
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from assessor_app import paths

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES = ("id", "en")
_translations: dict[str, gettext.NullTranslations] = {}
_language = "id"
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)


def _load(language: str) -> gettext.NullTranslations:
    if language not in _translations:
        if language == "en":
            _translations[language] = gettext.NullTranslations()
        else:
            _translations[language] = gettext.translation("asesor", paths.resources() / "i18n", [language], fallback=True)
    return _translations[language]


def set_language(language: str) -> None:
    """Choose the language of everything said from now on: ``id`` or ``en``."""
    global _language
    if language not in LANGUAGES:
        raise ValueError(language)
    _language = language


def language() -> str:
    """Return the language in use."""
    return _spoken.get() or _language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak another language in this thread for a while: a document may be in another than the window."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def t(message: str) -> str:
    """Translate a literal."""
    return _load(language()).gettext(message)


def nt(singular: str, plural: str, n: int) -> str:
    """Translate a literal that counts; ``{n}`` stands for the number."""
    return _load(language()).ngettext(singular, plural, n).replace("{n}", str(n))


def mark(message: str) -> str:
    """Mark a literal for the catalogue without translating it yet (tables of labels)."""
    return message
