"""The settings before a notebook is open: the language of one run is not the one that is kept."""

from __future__ import annotations

import json

import pytest
from PySide6.QtWidgets import QApplication

from assessor_app import i18n, paths
from assessor_app.app import make_window
from assessor_app.settings import Settings


def stored() -> str:
    return str(json.loads((paths.data_root() / "settings.json").read_text())["language"])


def test_the_environment_chooses_the_windows_language_for_one_run(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    Settings().save()
    monkeypatch.setenv("ASESOR_LANGUAGE", "en")
    settings = Settings.load()
    window = make_window(qapp, settings, None)
    window.context.notify.quiet = True  # nobody answers a box here
    window.begin()
    try:
        assert i18n.language() == "en"
        settings.text_scale = 125
        settings.save()
        window.rebuild()
        assert i18n.language() == "en"  # another size of text does not change it
        assert stored() == "id"  # nor is it kept
    finally:
        window.close()
        window.context.tasks.close()
    monkeypatch.delenv("ASESOR_LANGUAGE")
    assert Settings.load().language == "id"
    settings.language = "id"  # chosen by the person
    settings.save()
    assert stored() == "id"


def test_a_language_that_there_is_not_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASESOR_LANGUAGE", "xx")
    assert Settings.load().language == "id"
    Settings(language="klingon").save()
    assert Settings.load().language == "id"
    (paths.data_root() / "settings.json").write_text("[]")
    assert Settings.load() == Settings()
