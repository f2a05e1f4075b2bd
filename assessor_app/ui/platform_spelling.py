"""The system's own dictionaries: through Enchant, and on Windows through its spell checker, which is the one part not run here.

Neither is bound to the thread it is opened on, but is to be used by one at a time. Nothing is ever written into them.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from assessor_app.i18n import mark, t

#: The dictionaries that serve a language, the likeliest first; any other of the language comes after them.
_TAGS: Final = {"id": ("id_ID",), "en": ("en_US", "en_GB")}
_PACKAGES: Final = {"id": "hunspell-id", "en": "hunspell-en-us"}
ON_WINDOWS: Final = sys.platform == "win32"
_NAMES: Final = {"id": mark("Indonesian"), "en": mark("English")}
#: The most suggestions that are offered of one language.
MOST = 5


class Dictionary(Protocol):
    """A dictionary of one language."""

    def knows(self, word: str) -> bool:
        """Tell whether the word is right."""

    def suggestions(self, word: str) -> list[str]:
        """Return words that may be meant, the likeliest first."""


def open_dictionary(language: str) -> Dictionary | None:
    """Return the system's dictionary of a language; None where it has none. Takes a while: not for the window's thread."""
    tags = _TAGS[language]
    return _of_windows((*(tag.replace("_", "-") for tag in tags), language)) if ON_WINDOWS else _of_enchant(tags, language)


def name_of(language: str) -> str:
    """Return a language's name in the language of the window."""
    return t(_NAMES[language])


def remedy(languages: list[str]) -> str:
    """Say in one sentence which dictionaries are missing and how one gets them."""
    names = " + ".join(name_of(language) for language in languages)
    if ON_WINDOWS:
        return t("Windows has no dictionary here for: {0}. Add the language with its typing features under Settings, Time & "
                 "language.").format(names)
    packages = ["libenchant-2-2"] if _enchant() is None else []
    packages += [_PACKAGES[language] for language in languages]
    return t("This computer has no dictionary for: {0}. On Debian or Ubuntu install {1}.").format(names, " ".join(packages))


# -- Enchant, which asks Hunspell, Nuspell or Aspell as the system is set up


class _Enchant:
    def __init__(self, found: Any, fault: type[Exception]) -> None:
        self._found, self._fault = found, fault

    def knows(self, word: str) -> bool:
        try:
            return bool(self._found.check(word))
        except self._fault:  # what a dictionary cannot look up is no fault of the text
            return True

    def suggestions(self, word: str) -> list[str]:
        return list(self._found.suggest(word))[:MOST]


def _enchant() -> Any:
    """Return the module, or None where the system's library is missing."""
    try:
        import enchant
    except (ImportError, OSError):  # it is not there, or does not load
        return None
    return enchant


def _of_enchant(tags: tuple[str, ...], language: str) -> Dictionary | None:
    enchant = _enchant()
    if enchant is None:
        return None
    broker = enchant.Broker()
    there = [str(tag) for tag in broker.list_languages()]
    for tag in (*tags, *sorted(tag for tag in there if tag.split("_")[0] == language)):
        if tag in there:
            return _Enchant(broker.request_dict(tag), enchant.errors.Error)
    return None


# -- Windows' ISpellChecker (spellcheck.h), called by its places in the interfaces' tables

_FACTORY_CLASS, _FACTORY = "{7AB36653-1796-484B-BDFA-E74F1DB7C1DC}", "{8E018A9D-2415-4677-BF08-794EA61F94BB}"
_RELEASE, _IS_SUPPORTED, _CREATE, _CHECK, _SUGGEST, _NEXT = 2, 4, 5, 4, 5, 3  # the first three of each are IUnknown's
_prototype = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)


def _call(it: ctypes.c_void_p, place: int, *given: Any) -> int:
    """Call a method of a COM object; return its HRESULT."""
    table = ctypes.cast(it, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p)))[0]
    method = _prototype(ctypes.c_int32, ctypes.c_void_p, *(type(one) for one in given))(table[place])
    return int(method(it, *given))


@contextmanager
def _made(it: ctypes.c_void_p, place: int, word: str) -> Iterator[ctypes.c_void_p]:
    """Give the object that a method makes of a word, a null pointer where it makes none, and release it."""
    out = ctypes.c_void_p()
    failed = _call(it, place, ctypes.c_wchar_p(word), ctypes.pointer(out)) < 0
    try:
        yield ctypes.c_void_p() if failed else out
    finally:
        if out:
            _call(out, _RELEASE)


class ComDictionary:
    """An ``ISpellChecker``; ``free`` gives a string back to the system."""

    def __init__(self, checker: ctypes.c_void_p, free: Callable[[ctypes.c_void_p], object]) -> None:
        self._checker, self._free = checker, free

    def knows(self, word: str) -> bool:
        """Tell whether the checker finds no error in the word."""
        with _made(self._checker, _CHECK, word) as errors:
            error = ctypes.c_void_p()
            if errors and _call(errors, _NEXT, ctypes.pointer(error)) == 0 and error:
                _call(error, _RELEASE)
                return False
        return True

    def suggestions(self, word: str) -> list[str]:
        """Return the checker's suggestions."""
        out: list[str] = []
        with _made(self._checker, _SUGGEST, word) as words:
            said = ctypes.c_void_p()
            while words and len(out) < MOST and _call(
                    words, _NEXT, ctypes.c_ulong(1), ctypes.pointer(said), ctypes.POINTER(ctypes.c_ulong)()) == 0 and said:
                out.append(ctypes.wstring_at(said.value or 0))
                self._free(said)
        return [one for one in out if one != word]


def com_dictionary(factory: ctypes.c_void_p, tags: tuple[str, ...], free: Callable[[ctypes.c_void_p], object]) -> Dictionary | None:
    """Return the dictionary of the first language tag that an ``ISpellCheckerFactory`` supports."""
    for tag in tags:
        supported, checker = ctypes.c_int(), ctypes.c_void_p()
        if _call(factory, _IS_SUPPORTED, ctypes.c_wchar_p(tag), ctypes.pointer(supported)) == 0 and supported and _call(
                factory, _CREATE, ctypes.c_wchar_p(tag), ctypes.pointer(checker)) == 0 and checker:
            return ComDictionary(checker, free)
    return None


def _of_windows(tags: tuple[str, ...]) -> Dictionary | None:
    """Open a dictionary of Windows. Not run on the machines that build and test this program."""
    if sys.platform != "win32":
        return None
    ole = ctypes.windll.ole32
    ole.CoInitializeEx(None, 0)  # the multi-threaded apartment: any of its threads may call
    class_id, wanted = (ctypes.c_byte * 16)(), (ctypes.c_byte * 16)()
    ole.CLSIDFromString(ctypes.c_wchar_p(_FACTORY_CLASS), ctypes.byref(class_id))
    ole.CLSIDFromString(ctypes.c_wchar_p(_FACTORY), ctypes.byref(wanted))
    factory = ctypes.c_void_p()
    in_this_process = 1
    if ole.CoCreateInstance(ctypes.byref(class_id), None, in_this_process, ctypes.byref(wanted), ctypes.byref(factory)) != 0:
        return None
    try:
        return com_dictionary(factory, tags, ole.CoTaskMemFree)
    finally:
        _call(factory, _RELEASE)
