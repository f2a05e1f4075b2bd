"""A server without HTTP, and two devices that joined it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assessor_app.workflow.accounts import Account
from tests.sync.loopback import Loopback, make_joined


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Loopback, Account, Account]]:
    """The server, and the accounts of the two."""
    server = Loopback(tmp_path / "server")
    a, b = make_joined(server, tmp_path / "a", "a"), make_joined(server, tmp_path / "b", "b")
    yield server, a, b
    a.close()
    b.close()
    server.close()
