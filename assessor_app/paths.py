"""Where things lie: the person's data (local, never roaming or in a cloud folder) and the program's resources."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs


def data_root() -> Path:
    """Return the folder that holds the accounts' folders; ``ASESOR_HOME`` overrides it (tests, sticks)."""
    override = os.environ.get("ASESOR_HOME")
    if override:
        return Path(override)
    return Path(platformdirs.user_data_dir("Asesor", appauthor=False, roaming=False))


def copies() -> Path:
    """Return the folder of copies that other programs read (a printer's): emptied at every start."""
    return data_root() / "copies"


def cloud_folder(path: Path) -> str | None:
    """Return the name of the cloud-sync service whose folder holds ``path``, or None."""
    names = {"onedrive": "OneDrive", "dropbox": "Dropbox", "google drive": "Google Drive", "googledrive": "Google Drive",
             "icloud": "iCloud", "nextcloud": "Nextcloud"}
    for part in path.resolve().parts:
        for word, name in names.items():
            if part.lower().startswith(word):
                return name
    return None


def resources() -> Path:
    """Return the folder of the program's read-only resources, bundled or in the source tree."""
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle:
        return Path(bundle) / "resources"
    return Path(__file__).resolve().parent.parent / "resources"
