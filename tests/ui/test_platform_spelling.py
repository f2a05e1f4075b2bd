"""The system's dictionaries: the real ones through Enchant, and Windows' interfaces played by tables of functions as COM lays them out."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import pytest

from assessor_app.ui import platform_spelling
from tests.ui.test_spelling import needs_dictionaries


@needs_dictionaries
def test_indonesian_and_english_as_the_system_has_them() -> None:
    indonesian, english = platform_spelling.open_dictionary("id"), platform_spelling.open_dictionary("en")
    assert indonesian is not None
    assert english is not None
    assert all(map(indonesian.knows, ("kampung", "masyarakat", "Masyarakat", "perkampungan", "anak-anak")))
    assert not any(map(indonesian.knows, ("masyarkat", "kampng", "district")))
    assert indonesian.suggestions("masyarkat")[0] == "masyarakat"
    assert english.knows("district")
    assert not english.knows("kampung")
    assert "district" in english.suggestions("distrct")


class Com:
    """Objects laid out as COM does it: a pointer to a table of functions; counts how often each is held."""

    def __init__(self) -> None:
        self.held: dict[str, int] = {}
        self._kept: list[Any] = []

    def make(self, name: str, **methods: Any) -> int:
        """Return the address of an object whose methods stand at ``_3``, ``_4``, … of its table; 2 is Release."""
        self.held[name] = self.held.get(name, 0) + 1

        def release(this: int) -> int:
            self.held[name] -= 1
            return 0

        table = (ctypes.c_void_p * 8)()
        for place, (function, kinds) in {2: (release, ()), **{int(at[1:]): one for at, one in methods.items()}}.items():
            called = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, *kinds)(function)
            self._kept.append(called)
            table[place] = ctypes.cast(called, ctypes.c_void_p).value
        this = ctypes.c_void_p(ctypes.addressof(table))
        self._kept += [table, this]
        return ctypes.addressof(this)


TEXT, OUT = ctypes.c_wchar_p, ctypes.POINTER(ctypes.c_void_p)
S_OK, S_FALSE, E_INVALIDARG = 0, 1, -2147024809


@pytest.fixture
def com() -> Iterator[Com]:
    made = Com()
    yield made
    assert {name: count for name, count in made.held.items() if name != "factory"} == {
        name: 0 for name in made.held if name != "factory"}  # everything that was given out was released


def factory(com: Com, freed: list[str]) -> ctypes.c_void_p:
    """Return a factory of a checker that knows ``kampung`` and offers two words for another; nothing that is empty."""
    strings: list[Any] = []

    def check(this: int, word: str, out: Any) -> int:
        wrong = iter([] if word == "kampung" else [1])

        def following(this: int, out: Any) -> int:
            if next(wrong, None) is None:
                return S_FALSE
            out[0] = com.make("error")
            return S_OK

        if not word:
            return E_INVALIDARG
        out[0] = com.make("errors", _3=(following, (OUT,)))
        return S_OK

    def suggest(this: int, word: str, out: Any) -> int:
        words = iter(["kampung", "kampus"])

        def following(this: int, count: int, out: Any, fetched: Any) -> int:
            said = next(words, None)
            if said is None:
                return S_FALSE
            strings.append(ctypes.create_unicode_buffer(said))
            out[0] = ctypes.addressof(strings[-1])
            return S_OK

        out[0] = com.make("words", _3=(following, (ctypes.c_ulong, OUT, ctypes.c_void_p)))
        return S_OK

    def supported(this: int, tag: str, out: Any) -> int:
        out[0] = int(tag == "id")
        return S_OK

    def create(this: int, tag: str, out: Any) -> int:
        out[0] = com.make("checker", _4=(check, (TEXT, OUT)), _5=(suggest, (TEXT, OUT)))
        com.held["checker"] -= 1  # the dictionary holds it as long as the program runs
        return S_OK

    return ctypes.c_void_p(com.make("factory", _4=(supported, (TEXT, ctypes.POINTER(ctypes.c_int))), _5=(create, (TEXT, OUT))))


def test_windows_checker_is_asked_by_its_tables_and_everything_is_given_back(com: Com) -> None:
    freed: list[str] = []
    found = platform_spelling.com_dictionary(
        factory(com, freed), ("id-ID", "id"), lambda string: freed.append(ctypes.wstring_at(string.value or 0)))
    assert found is not None
    assert found.knows("kampung")
    assert not found.knows("kampng")
    assert found.suggestions("kampng") == ["kampung", "kampus"]
    assert freed == ["kampung", "kampus"]
    assert found.knows("")  # what the checker refuses is no fault of the text


def test_a_language_that_windows_lacks_has_no_dictionary(com: Com) -> None:
    assert platform_spelling.com_dictionary(factory(com, []), ("en-US", "en"), print) is None


def test_windows_is_told_where_its_languages_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_spelling, "ON_WINDOWS", True)
    assert platform_spelling.remedy(["id"]) == ("Windows di sini belum punya kamus untuk: Bahasa Indonesia. Tambahkan bahasa itu beserta "
                                                "fitur pengetikannya di Pengaturan, Waktu & bahasa.")
