"""What all tests share: a home of their own, English texts, no keyring of this machine, no socket beyond loopback."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assessor_app import clock, i18n


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASESOR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    before = i18n.language()
    i18n.set_language("en")
    yield
    i18n.set_language(before)
    clock.set_source(None)


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = address[0]
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"a test reached for {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def papua(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Sit in Papua at six in the morning of 5 March 2024, while it is still the fourth in UTC."""
    monkeypatch.setenv("TZ", "Asia/Jayapura")
    time.tzset()
    clock.set_source(lambda: datetime(2024, 3, 4, 21, tzinfo=UTC))
    yield
    clock.set_source(None)
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the driver of a token (PIN 1357) with two keys."""
    from tests.hardware import make_token

    return make_token(tmp_path, monkeypatch)
