"""The settings of this installation: what must be known before any notebook is open."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from assessor_app import i18n, paths


@dataclass(slots=True)
class Settings:
    """Language (``id``/``en``), size of text in percent, look, minutes until the lock, the last folder, spelling, how to synchronise."""

    language: str = "id"
    text_scale: int = 100
    theme: str = "system"  # system | light | dark
    lock_minutes: int = 10
    last_account: str = ""
    backup_reminder_days: int = 7
    photo_edge: int = 1600  # pixels, the longer side of a photo as it travels
    photo_quality: int = 80  # JPEG
    spelling: bool = True  # unknown words are underlined
    spelling_id: bool = True
    spelling_en: bool = True
    sync_auto: bool = True
    sync_photos: bool = True
    sync_budget_mb: int = 0  # what one sync may cost; 0: as much as needed
    token_driver: str = ""  # PKCS#11 library last used
    sign_service: str = ""  # address of the signing service last used
    one_run: tuple[str, str] = ("", "")  # the language of this run alone, and the one that is kept; never written

    @classmethod
    def load(cls) -> Settings:
        """Read the settings; what is missing or damaged takes its default. ``ASESOR_LANGUAGE`` chooses the language of one run."""
        try:
            raw = json.loads(_file().read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raw = None
        raw = raw if isinstance(raw, dict) else {}
        known = {field.name: type(getattr(cls(), field.name)) for field in fields(cls)}
        found = cls(**{name: value for name, value in raw.items() if name in known and type(value) is known[name]})
        if found.language not in i18n.LANGUAGES:
            found.language = cls().language
        wanted = os.environ.get("ASESOR_LANGUAGE", "")
        if wanted in i18n.LANGUAGES and wanted != found.language:
            found.one_run, found.language = (wanted, found.language), wanted
        return found

    def save(self) -> None:
        """Write the settings whole or not at all."""
        file = _file()
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        raw = asdict(self)
        spoken, kept = raw.pop("one_run")
        if self.language == spoken:
            raw["language"] = kept
        fresh.write_text(json.dumps(raw, indent=1), encoding="utf-8")
        os.replace(fresh, file)


def _file() -> Path:
    return paths.data_root() / "settings.json"
