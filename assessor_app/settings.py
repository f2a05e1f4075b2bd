"""The settings of this installation: what must be known before any notebook is open."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from assessor_app import paths


@dataclass(slots=True)
class Settings:
    """Language (``id``/``en``), size of text in percent, look, minutes until the lock, the folder last opened, how to synchronise."""

    language: str = "id"
    text_scale: int = 100
    theme: str = "system"  # system | light | dark
    lock_minutes: int = 10
    last_account: str = ""
    backup_reminder_days: int = 7
    photo_edge: int = 1600  # pixels, the longer side of a photo as it travels
    photo_quality: int = 80  # JPEG
    sync_auto: bool = True
    sync_photos: bool = True
    sync_budget_mb: int = 0  # what one sync may cost; 0: as much as needed
    token_driver: str = ""  # PKCS#11 library last used
    sign_service: str = ""  # address of the signing service last used

    @classmethod
    def load(cls) -> Settings:
        """Read the settings; what is missing or damaged takes its default."""
        try:
            raw = json.loads(_file().read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return cls()
        known = {field.name: type(getattr(cls(), field.name)) for field in fields(cls)}
        return cls(**{name: value for name, value in raw.items() if name in known and type(value) is known[name]})

    def save(self) -> None:
        """Write the settings whole or not at all."""
        file = _file()
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        os.replace(fresh, file)


def _file() -> Path:
    return paths.data_root() / "settings.json"
