"""What the measures of the window share: waiting until it is still, and closing it."""

from __future__ import annotations

import time
from typing import Any


def settle(window: Any, still: int = 4) -> None:
    """Let the window work until nothing was under way for so many looks in a row."""
    from PySide6.QtWidgets import QApplication

    quiet = 0
    while quiet < still:
        QApplication.processEvents()
        quiet = quiet + 1 if window.context.tasks.idle else 0
        time.sleep(0.01)


def close(window: Any) -> None:
    """Close a window whose notebook somebody else closes."""
    from PySide6.QtWidgets import QApplication

    window.context.set_account(None)
    window.workspace = None
    window.close()
    window.deleteLater()
    QApplication.processEvents()
